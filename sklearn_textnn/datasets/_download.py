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

_logger = logging.getLogger(__name__)

MAX_BYTES = 2**25  # the largest file, the archive of Reuters-21578, has 21 MB
TIME_LIMIT = 20 * 60  # seconds for one try: 20 MB at 17 kB a second
_STALL_LIMIT = 10  # seconds without a byte
_RETRY_DELAYS = (1, 2, 4)
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
    outcome, given_up = queue.SimpleQueue(), threading.Event()
    arguments = (url, outcome, given_up)
    threading.Thread(target=_report_read, args=arguments, daemon=True).start()
    try:
        content, error = _result(outcome)
    except queue.Empty:
        raise DownloadError(
            f"{url} cannot be downloaded (it took longer than {TIME_LIMIT} seconds)"
        ) from None
    finally:
        given_up.set()
    if isinstance(error, (OSError, http.client.HTTPException)):
        kind = DownloadError if _is_lasting(error) else PassingError
        raise kind(f"{url} cannot be downloaded ({type(error).__name__}: {error})") from error
    if error is not None:
        raise error
    return content


def _result(outcome):
    """Wait for the outcome, a second at a time: Windows handles Ctrl-C between two waits."""
    end = time.monotonic() + TIME_LIMIT
    while (left := end - time.monotonic()) > 1:
        try:
            return outcome.get(timeout=1)
        except queue.Empty:
            pass
    return outcome.get(timeout=max(left, 0))


def _report_read(url, outcome, given_up):
    try:
        outcome.put((_read(url, given_up), None))
    except BaseException as error:  # raised in the thread that waits
        outcome.put((None, error))


def _read(url, given_up):
    content = bytearray()
    with urllib.request.urlopen(url, timeout=_STALL_LIMIT) as response:
        while not given_up.is_set() and (chunk := response.read(_CHUNK)):
            content += chunk
            if len(content) > MAX_BYTES:
                raise DownloadError(
                    f"{url} has more than {MAX_BYTES} bytes, which is more than the data set has"
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
