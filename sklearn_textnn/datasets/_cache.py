"""Files in the data home: downloaded once, checked, and complete or absent."""

import contextlib
import logging
import os
import stat
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from sklearn.datasets import get_data_home

from ._download import DownloadError

_logger = logging.getLogger(__name__)

_MAX_BYTES = 2**26  # the largest file, IMDB without compression, has 48 MB
_STALE_AFTER = 24 * 3600


class DamagedFileError(OSError):
    """The file exists, and its content is not what was stored."""


@dataclass(frozen=True)
class CachedFile:
    """A file under `sklearn_textnn` in the data home.

    `get` is what a user can run elsewhere to get the file. `instead` is the data set to use when
    the file is not available. Both are for messages.
    """

    name: str
    get: str
    instead: str

    def read_or_fetch(self, read, write, *, data_home, download_if_missing):
        """Return `read(stream)` of the file, after `write(stream)` if it is missing or damaged.

        `read` raises DamagedFileError if the file has to be written again. `write` downloads what
        it writes.
        """
        path = self._path(data_home)
        before = _identity(path)
        try:
            return _read(path, read)
        except (FileNotFoundError, NotADirectoryError):
            why = f"{path} does not exist"
        except DamagedFileError as error:
            why = str(error)
        except OSError as error:
            raise OSError(f"{path} cannot be read ({error}). {self._way_out(path)}") from error
        if not download_if_missing:
            raise OSError(f"{why}, and download_if_missing is False. {self._way_out(path)}")
        _logger.info("%s: fetching it", why)
        self._fill(path, write, why, before)
        return _read(path, read)

    def _path(self, data_home):
        try:
            return Path(get_data_home(data_home)) / "sklearn_textnn" / self.name
        except OSError as error:
            raise OSError(
                f"The data home cannot be used ({error}). Point data_home= or the environment "
                f"variable SCIKIT_LEARN_DATA at another folder, or use {self.instead}, which needs "
                f"neither a data home nor a download."
            ) from error

    def _way_out(self, path):
        return (
            f"Run {self.get} where there is a network and copy its {self.name} to {path}; or "
            f"point data_home= or the environment variable SCIKIT_LEARN_DATA at a folder that "
            f"holds sklearn_textnn/{self.name}; or use {self.instead}, which needs no download."
        )

    def _fill(self, path, write, why, before):
        """Put what `write` writes at `path`, all or nothing.

        The new file is opened before the download, so a folder that cannot be written is an error
        at once. Its name is unique and there is no lock: processes that fetch at the same time all
        finish, and the file of the last one stays.
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
            stored = _rename(part, path, before)
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


def _read(path, read):
    """Return `read(stream)` of a regular file.

    The kind of the file is checked first: opening a named pipe waits for a writer, and a device
    may have no end.
    """
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise OSError("it is not a regular file")
    try:
        if found.st_size > _MAX_BYTES:
            raise DamagedFileError(f"it has {found.st_size} bytes, more than the data set")
        with open(path, "rb") as stream:
            return read(stream)
    except DamagedFileError as error:
        raise DamagedFileError(f"{path} is damaged ({error})") from error


def _identity(path):
    """Return what differs between a file and one that replaced it, None if there is no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _rename(part, path, before):
    """Rename a file, and return False if another process has stored its own in the meantime.

    Windows does not replace a file while a process reads it.
    """
    try:
        os.replace(part, path)
    except PermissionError:
        if _identity(path) in (None, before):
            raise
        return False
    return True


def _remove_stale(path):
    """Remove unfinished files of processes that were killed."""
    for part in path.parent.glob(f"{path.name}.*.part"):
        with contextlib.suppress(OSError):
            if time.time() - part.stat().st_mtime > _STALE_AFTER:
                part.unlink()
