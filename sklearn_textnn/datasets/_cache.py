"""Files in the data home: downloaded once, checked, and complete or absent."""

import contextlib
import hashlib
import http.client
import logging
import os
import socket
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass
from pathlib import Path

from sklearn.datasets import get_data_home

_logger = logging.getLogger(__name__)

_TIMEOUT = 10  # seconds without a byte
_RETRY_DELAYS = (1, 2, 4)
_STALE_AFTER = 24 * 3600


class DamagedFileError(OSError):
    """The file is there and its content is not what was stored."""


class DownloadError(Exception):
    """The bytes could not be had, or were not the ones expected."""


@dataclass(frozen=True)
class CachedFile:
    """A file under `sklearn_textnn` in the data home.

    `get` is what a user can run elsewhere to get the file, `instead` the data set to use when it
    cannot be had; both are for messages.
    """

    name: str
    get: str
    instead: str

    def read_or_fetch(self, read, write, *, data_home, download_if_missing):
        """Return `read(path)`, after `write(stream)` where the file is missing.

        `read` raises DamagedFileError for a file that has to be written again; `write` downloads
        what it writes.
        """
        try:
            path = Path(get_data_home(data_home)) / "sklearn_textnn" / self.name
        except OSError as error:
            raise OSError(
                f"The data home cannot be used ({error}). Point data_home= or the environment "
                f"variable SCIKIT_LEARN_DATA at another folder, or use {self.instead}, which needs "
                f"neither a data home nor a download."
            ) from error
        try:
            return read(path)
        except (FileNotFoundError, NotADirectoryError):
            why = f"{path} does not exist"
        except DamagedFileError as error:
            why = str(error)
        except OSError as error:
            raise OSError(f"{path} cannot be read ({error}). {self._way_out(path)}") from error
        if not download_if_missing:
            raise OSError(f"{why}, and download_if_missing is False. {self._way_out(path)}")
        _logger.info("%s: fetching it", why)
        self._fill(path, write, why)
        return read(path)

    def _way_out(self, path):
        return (
            f"Run {self.get} where there is a network and copy its {self.name} to {path}; or "
            f"point data_home= or the environment variable SCIKIT_LEARN_DATA at a folder that "
            f"holds sklearn_textnn/{self.name}; or use {self.instead}, which needs no download."
        )

    def _fill(self, path, write, why):
        """Put what `write` writes at `path`, all or nothing.

        The new file is opened first, so a folder that cannot be written is known before the
        download. The name is unique and unlocked: processes that fetch at once each finish, the
        last one stays.
        """
        part = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
        stored = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _remove_stale(path)
            with open(part, "xb") as stream:
                write(stream)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(part, path)
            stored = True
        except DownloadError as error:
            raise OSError(f"{why}, and {error}. {self._way_out(path)}") from error
        except OSError as error:
            raise OSError(
                f"{why}, and it cannot be stored there ({error}). Point data_home= or the "
                f"environment variable SCIKIT_LEARN_DATA at a folder with room that can be "
                f"written, or use {self.instead}, which needs no data home."
            ) from error
        finally:
            if not stored:
                with contextlib.suppress(OSError):
                    part.unlink()


def _remove_stale(path):
    """Remove what processes killed while writing left behind."""
    for part in path.parent.glob(f"{path.name}.*.part"):
        with contextlib.suppress(OSError):
            if time.time() - part.stat().st_mtime > _STALE_AFTER:
                part.unlink()


def download(url, algorithm, expected):
    """Return the bytes at `url`, whose checksum is right.

    They stay in memory (21 MB at most), so a download that is killed leaves nothing behind.
    """
    for delay in (*_RETRY_DELAYS, None):
        try:
            with urllib.request.urlopen(url, timeout=_TIMEOUT) as response:
                content = response.read()
            found = hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()
            if found == expected:
                return content
            failure = f"{url} has the {algorithm} checksum {found} instead of {expected}"
        except (OSError, http.client.HTTPException) as error:
            failure = f"{url} cannot be downloaded ({type(error).__name__}: {error})"
            if isinstance(error, urllib.error.HTTPError):
                error.close()
                if error.code < 500 and error.code not in (408, 429):
                    break
            elif isinstance(getattr(error, "reason", None), (socket.gaierror, ConnectionError)):
                break  # no network, or nobody there: waiting a second would not bring them
        if delay is not None:
            _logger.info("%s; trying again", failure)
            time.sleep(delay)
    raise DownloadError(failure)
