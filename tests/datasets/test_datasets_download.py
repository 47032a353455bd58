"""The download of Keras's files: failures, retries, checksums and limits."""

import io
import re
from contextlib import redirect_stdout

import numpy as np
import pytest
from keras_mirror import Trap, cache_of, npz, serving

from sklearn_textnn.datasets import _download, _keras_files, fetch_imdb, fetch_reuters

FETCHERS = {"imdb": fetch_imdb, "reuters": fetch_reuters}


@pytest.fixture
def server(monkeypatch):
    with serving(monkeypatch) as server:
        yield server


@pytest.fixture
def offline(monkeypatch):
    """A host that conftest makes unreachable; given by number, so that no name is looked up."""
    monkeypatch.setattr(_keras_files, "_ORIGIN", "http://192.0.2.1/")
    monkeypatch.setattr(_download, "_RETRY_DELAYS", (0, 0))
    monkeypatch.setenv("no_proxy", "*")


def _leftovers(data_home, name):
    return [path.name for path in cache_of(data_home, name).parent.glob("*") if "part" in path.name]


def test_missing_cache_without_download_says_what_to_do(tmp_path):
    with pytest.raises(OSError, match="does not exist, and download_if_missing is False") as info:
        fetch_imdb(data_home=tmp_path, download_if_missing=False)
    for hint in ("data_home=", "SCIKIT_LEARN_DATA", "imdb.npz", "load_movie_reviews()"):
        assert hint in str(info.value)
    with pytest.raises(OSError, match=r"reuters\.npz.*load_bbc_news\(\)"):
        fetch_reuters(data_home=tmp_path, download_if_missing=False)


@pytest.mark.parametrize("name", ["imdb", "reuters"])
def test_no_network_says_what_to_do(name, offline, tmp_path, caplog):
    with pytest.raises(OSError, match="cannot be downloaded") as info:
        FETCHERS[name](data_home=tmp_path)
    for hint in ("data_home=", "SCIKIT_LEARN_DATA", f"{name}.npz", "which needs no download"):
        assert hint in str(info.value)
    assert not [record for record in caplog.records if "trying again" in record.message]
    assert _leftovers(tmp_path, name) == []
    assert not cache_of(tmp_path, name).exists()


def test_no_network_and_a_damaged_cache_says_both(offline, tmp_path):
    path = cache_of(tmp_path, "imdb")
    path.parent.mkdir()
    path.write_bytes(b"not a zip")
    with pytest.raises(OSError, match=r"is damaged .*cannot be downloaded"):
        fetch_imdb(data_home=tmp_path)
    assert path.read_bytes() == b"not a zip"


@pytest.mark.parametrize("answers", [[503], [503, 500], ["truncated"], ["truncated", 429]])
def test_passing_trouble_is_tried_again(answers, server, tmp_path):
    server.answers = list(answers)
    assert fetch_imdb(data_home=tmp_path).data.shape == (25,)
    assert len(server.requests) == 2 + len(answers)


def test_truncated_download_says_how_many_bytes_came(server, tmp_path):
    server.answers = ["truncated"] * 9
    half = len(server.files["imdb_word_index.json"]) // 2
    with pytest.raises(OSError, match=f"has the sha256 checksum .*, in {half} bytes"):
        fetch_imdb(data_home=tmp_path)


@pytest.mark.parametrize(("code", "n_requests"), [(404, 1), (403, 1), (503, 3)])
def test_lasting_trouble_is_an_error(code, n_requests, server, tmp_path):
    server.answers = [code] * 9
    with pytest.raises(OSError, match=f"HTTP Error {code}"):
        fetch_imdb(data_home=tmp_path)
    assert len(server.requests) == n_requests
    assert _leftovers(tmp_path, "imdb") == []


@pytest.mark.parametrize("answer", ["slow headers", "slow content"])
def test_server_that_sends_byte_by_byte_is_given_up(answer, server, tmp_path, monkeypatch):
    monkeypatch.setattr(_download, "TIME_LIMIT", 0.2)
    server.answers = [answer]
    with pytest.raises(OSError, match=r"it took longer than 0\.2 seconds"):
        fetch_imdb(data_home=tmp_path)
    assert len(server.requests) == 1
    assert _leftovers(tmp_path, "imdb") == []


def test_server_that_stalls_is_tried_again(server, tmp_path, monkeypatch):
    monkeypatch.setattr(_download, "_STALL_LIMIT", 1)
    server.answers = ["stalled"] * 2
    assert fetch_imdb(data_home=tmp_path).data.shape == (25,)
    assert len(server.requests) >= 4  # a busy machine may be too slow once more


def test_long_download_has_a_progress_bar_in_a_terminal(server, tmp_path, monkeypatch):
    rich = pytest.importorskip("rich")
    monkeypatch.setattr(_download, "_BAR_AFTER", 0.75)
    monkeypatch.setattr(_download, "_STALL_LIMIT", 2.5)
    monkeypatch.setattr(_download, "_CHUNK", 1)
    monkeypatch.setenv("TERM", "xterm")
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    rich.reconfigure(width=200)
    server.answers = ["stalled"]
    try:
        with redirect_stdout(terminal):
            fetch_imdb(data_home=tmp_path)
    finally:
        rich.reconfigure()
    assert re.search(r"download imdb_word_index\.json .* 50% .* 0\.0 MB", terminal.getvalue())
    assert "100%" not in terminal.getvalue()


def test_server_that_sends_too_much_is_given_up(server, tmp_path):
    server.answers = ["endless"]
    with pytest.raises(OSError, match="has more than 33554432 bytes"):
        fetch_imdb(data_home=tmp_path)
    assert len(server.requests) == 1
    assert _leftovers(tmp_path, "imdb") == []


def test_nothing_is_unpickled_unless_its_checksum_matched(server, tmp_path):
    trap = np.array([Trap()], dtype=object)
    server.files["imdb.npz"] = npz({"x_train": trap, "y_train": trap})
    with pytest.raises(OSError, match=r"imdb\.npz has the sha256 checksum .* instead of"):
        fetch_imdb(data_home=tmp_path)
    assert not Trap.sprung
    assert not cache_of(tmp_path, "imdb").exists()
    assert _leftovers(tmp_path, "imdb") == []


def test_word_index_with_another_checksum_is_refused(server, tmp_path):
    server.files["imdb_word_index.json"] = b"{}"
    with pytest.raises(OSError, match=r"imdb_word_index\.json has the sha256 checksum"):
        fetch_imdb(data_home=tmp_path)
