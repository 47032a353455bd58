"""Downloads: limited in size and time, tried again, and compared with a checksum."""

import hashlib
import http.client
import logging
import queue
import socket
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress

from .._progress_bar import progress_bar

_logger = logging.getLogger(__name__)

MAX_BYTES = 2**25  # the largest file, the archive of Reuters-21578, has 21 MB
TIME_LIMIT = 20 * 60  # seconds for one try: 20 MB at 17 kB a second
_STALL_LIMIT = 10  # seconds without a byte
_RETRY_DELAYS = (1, 2, 4)
_BAR_AFTER = 3  # seconds without the end of a try, after which its progress is drawn
_CHUNK = 2**12  # a try that was given up ends after the chunk that it is reading


class DownloadError(Exception):
    """The file was not downloaded, and another try would not help."""


class PassingError(DownloadError):
    """The file was not downloaded, and another try may help."""


def download(url, algorithm, expected):
    """Return the bytes at `url`, which have the expected checksum.

    They stay in memory, so a download that is killed leaves no file behind.
    """
    return with_retries(lambda: verified(_get(url), url, algorithm, expected))


def with_retries(attempt):
    """Return `attempt()`, called again after a PassingError."""
    for delay in _RETRY_DELAYS:
        try:
            return attempt()
        except PassingError as error:
            _logger.info("%s; trying again", error)
            time.sleep(delay)
    return attempt()


def verified(content, source, algorithm, expected):
    """Return `content` if it has the expected checksum."""
    found = checksum(content, algorithm)
    if found != expected:
        raise PassingError(
            f"{source} has the {algorithm} checksum {found} instead of {expected}, in "
            f"{len(content)} bytes"
        )
    return content


def checksum(content, algorithm):
    """Return the checksum of some bytes in hexadecimal digits."""
    return hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()


def _get(url):
    """Return the bytes at `url`, or raise a DownloadError within the time limit.

    A server can delay its headers as well as its content, byte by byte, and a timeout of a socket
    starts anew with each byte. So the download runs in a thread that can be given up.
    """
    outcome, transfer = queue.SimpleQueue(), _Transfer(url)
    threading.Thread(target=_report_read, args=(transfer, outcome), daemon=True).start()
    try:
        return _result(outcome, transfer)
    except queue.Empty:
        raise DownloadError(
            f"{url} cannot be downloaded (it took longer than {TIME_LIMIT} seconds)"
        ) from None
    except (OSError, http.client.HTTPException) as error:
        kind = DownloadError if _is_lasting(error) else PassingError
        raise kind(f"{url} cannot be downloaded ({type(error).__name__}: {error})") from error
    finally:
        transfer.given_up.set()


class _Transfer:
    """What the thread that waits and the thread that reads know of each other."""

    def __init__(self, url):
        self.url = url
        self.given_up = threading.Event()
        self.size = 0
        self.total = None


def _result(outcome, transfer):
    """Return what was read, or raise the error of reading. A wait that is long has a bar."""
    with suppress(queue.Empty):
        return _wait(outcome, min(_BAR_AFTER, TIME_LIMIT))
    with progress_bar(f"download {transfer.url.rpartition('/')[2]}", None) as bar:

        def draw():
            if bar is not None:
                bar.update(transfer.size, f"{transfer.size / 1e6:.1f} MB", transfer.total)

        return _wait(outcome, TIME_LIMIT - _BAR_AFTER, draw)


def _wait(outcome, seconds, draw=lambda: None):
    """Wait for the outcome, a second at a time: Windows handles Ctrl-C between two waits."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        draw()
        with suppress(queue.Empty):
            content, error = outcome.get(timeout=min(left, 1))
            break
    else:
        raise queue.Empty
    if error is not None:
        raise error
    return content


def _report_read(transfer, outcome):
    try:
        outcome.put((_read(transfer), None))
    except BaseException as error:  # raised in the thread that waits
        outcome.put((None, error))


def _read(transfer):
    content = bytearray()
    with urllib.request.urlopen(transfer.url, timeout=_STALL_LIMIT) as response:
        transfer.total = response.length
        while not transfer.given_up.is_set() and (chunk := response.read(_CHUNK)):
            content += chunk
            transfer.size = len(content)
            if len(content) > MAX_BYTES:
                raise DownloadError(
                    f"{transfer.url} has more than {MAX_BYTES} bytes, which is more than the data "
                    "set has"
                )
    return bytes(content)


def _is_lasting(error):
    """Tell whether a failure would happen again a second later."""
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        return is_refusal(error.code)
    # No network, or no server at this address.
    return isinstance(getattr(error, "reason", None), (socket.gaierror, ConnectionError))


def is_refusal(status):
    """Tell whether an HTTP status stays the same in another try."""
    return status < 500 and status not in (408, 429)
