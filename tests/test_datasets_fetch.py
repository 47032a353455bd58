"""fetch_imdb and fetch_reuters: Keras's content, the cache, and what may go wrong with either."""

import contextlib
import functools
import hashlib
import io
import json
import operator
import os
import pickle
import random
import signal
import subprocess
import sys
import textwrap
import threading
import zipfile

import numpy as np
import pytest
from file_server import FileServer

from sklearn_textnn.datasets import _cache, _fetch, fetch_imdb, fetch_reuters

WORDS = ["the", "and", "a", "it's", "é", "well\x85", *(f"word{i}" for i in range(24))]
FETCHERS = {"imdb": fetch_imdb, "reuters": fetch_reuters}
N_CLASSES = {"imdb": 2, "reuters": 46}


def _documents(rng, n):
    documents = np.empty(n, dtype=object)
    for i in range(n):
        ranks = len(WORDS) * rng.random(rng.integers(1, 12)) ** 2
        documents[i] = (1 + ranks.astype(int)).tolist()
    return documents


def _npz(arrays):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


@functools.cache
def _keras_files():
    """Small files in the format of Keras's: pickled lists of ranks, a JSON of ranks by word."""
    rng = np.random.default_rng(0)
    arrays = {"imdb": {}, "reuters": {}}
    for split, n in ("train", 25), ("test", 24):
        arrays["imdb"][f"x_{split}"] = _documents(rng, n)
        arrays["imdb"][f"y_{split}"] = rng.integers(0, 2, n)
    arrays["reuters"]["x"] = _documents(rng, 53)
    arrays["reuters"]["y"] = rng.integers(0, 46, 53)
    files = {}
    for name in arrays:
        files[f"{name}.npz"] = _npz(arrays[name])
        shuffled = rng.permutation(len(WORDS)).tolist()
        index = {WORDS[i]: i + 1 for i in shuffled}
        files[f"{name}_word_index.json"] = json.dumps(index).encode()
    return files


def _checksums(files):
    return {
        file: ("sha256", hashlib.sha256(content).hexdigest()) for file, content in files.items()
    }


@pytest.fixture
def server(monkeypatch):
    """Keras's files, small, on this machine."""
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(_fetch, "_CHECKSUMS", _checksums(_keras_files()))
    monkeypatch.setattr(_cache, "_RETRY_DELAYS", (0, 0))
    with FileServer(_keras_files()) as server:
        monkeypatch.setattr(_fetch, "_ORIGIN", server.url)
        yield server


@pytest.fixture
def offline(monkeypatch):
    """A host that conftest makes unreachable; given by number, so that no name is looked up."""
    monkeypatch.setattr(_fetch, "_ORIGIN", "http://192.0.2.1/")
    monkeypatch.setattr(_cache, "_RETRY_DELAYS", (0, 0))
    monkeypatch.setenv("no_proxy", "*")


def _cached(data_home, name):
    return data_home / "sklearn_textnn" / f"{name}.npz"


def _leftovers(data_home, name):
    return [path.name for path in _cached(data_home, name).parent.glob("*") if "part" in path.name]


def _content(bunch):
    return bunch.data.tolist(), bunch.target.tolist(), bunch.vocabulary


# Content


@pytest.mark.parametrize("name", ["imdb", "reuters"])
def test_content_is_that_of_keras(name, server, tmp_path, monkeypatch):
    keras = pytest.importorskip("keras")
    module = sys.modules[f"keras.src.datasets.{name}"]
    for file in (f"{name}.npz", f"{name}_word_index.json"):
        (tmp_path / file).write_bytes(server.files[file])
    monkeypatch.setattr(
        module, "get_file", lambda fname=None, *args, **kwargs: str(tmp_path / fname)
    )
    fetch = FETCHERS[name]
    arguments = [
        {},
        {"num_words": None},
        {"num_words": 10},
        {"num_words": 10, "oov_char": None},
        {"num_words": 10, "skip_top": 5},
        {"num_words": 10, "skip_top": 5, "oov_char": None},
        {"num_words": 1},
        {"num_words": 20, "start_char": None},
        {"num_words": 20, "start_char": None, "index_from": 0},
        {"num_words": None, "start_char": 99, "index_from": 7, "oov_char": 98},
        {"num_words": None, "start_char": None, "oov_char": None, "index_from": 0},
    ]
    for kwargs in arguments:
        expected = getattr(keras.datasets, name).load_data(**{"num_words": 10_000, **kwargs})
        for subset, (data, target) in zip(["train", "test"], expected, strict=True):
            bunch = fetch(subset=subset, data_home=tmp_path, **kwargs)
            assert bunch.data.tolist() == [list(document) for document in data]
            np.testing.assert_array_equal(bunch.target, target)
        both = fetch(subset="all", data_home=tmp_path, **kwargs)
        assert len(both.data) == len(expected[0][0]) + len(expected[1][0])
        assert both.data[-1] == list(expected[1][0][-1])
    word_index = getattr(keras.datasets, name).get_word_index()
    assert {word: rank for rank, word in enumerate(both.vocabulary, start=1)} == word_index


def test_topic_names_are_in_the_order_of_keras(server, tmp_path):
    keras = pytest.importorskip("keras")
    topics = list(keras.datasets.reuters.get_label_names())
    assert fetch_reuters(data_home=tmp_path).target_names == topics


def test_sequences_are_lists_of_int_in_a_one_dimensional_array(server, tmp_path):
    bunch = fetch_imdb(data_home=tmp_path)
    assert bunch.data.shape == (25,)
    assert bunch.data.dtype == object
    assert {type(document) for document in bunch.data} == {list}
    assert {type(code) for document in bunch.data for code in document} == {int}
    assert bunch.target.dtype == np.int64
    assert bunch.target_names == ["negative", "positive"]


def test_documents_of_one_length_stay_a_one_dimensional_array(server, tmp_path):
    # num_words=1 without oov_char leaves nothing, so every sequence has length 0.
    data = fetch_imdb(num_words=1, oov_char=None, data_home=tmp_path).data
    assert data.shape == (25,)
    assert data.tolist() == [[]] * 25


def test_all_is_train_followed_by_test(server, tmp_path):
    for name, fetch in FETCHERS.items():
        train, test, both = (
            fetch(subset=subset, data_home=tmp_path) for subset in ("train", "test", "all")
        )
        assert both.data.tolist() == train.data.tolist() + test.data.tolist(), name
        assert both.target.tolist() == train.target.tolist() + test.target.tolist(), name


def test_return_x_y_gives_data_and_target(server, tmp_path):
    bunch = fetch_reuters(data_home=tmp_path)
    data, target = fetch_reuters(data_home=tmp_path, return_X_y=True)
    assert data.tolist() == bunch.data.tolist()
    assert target.tolist() == bunch.target.tolist()


def test_description_says_how_to_cite_and_what_is_wrong(server, tmp_path):
    assert "Maas" in fetch_imdb(data_home=tmp_path).DESCR
    descr = fetch_reuters(data_home=tmp_path).DESCR
    assert "Lewis (1997)" in descr
    assert "990 have no body" in descr


def test_calls_share_nothing_that_can_be_changed(server, tmp_path):
    first = fetch_imdb(data_home=tmp_path)
    expected = _content(fetch_imdb(data_home=tmp_path))
    first.data[0].append(7)
    first.target[:] = 1
    first.vocabulary.clear()
    first.target_names.clear()
    again = fetch_imdb(data_home=tmp_path)
    assert _content(again) == expected
    assert again.target_names == ["negative", "positive"]


# decode


def test_decode_is_the_inverse_with_question_marks(server, tmp_path):
    plain = fetch_imdb(
        num_words=None, start_char=None, oov_char=None, index_from=0, data_home=tmp_path
    )
    bunch = fetch_imdb(data_home=tmp_path)
    i = int(np.argmax([len(document) for document in plain.data]))
    words = [bunch.vocabulary[code - 1] for code in plain.data[i]]
    assert bunch.decode(bunch.data[i]) == "? " + " ".join(words)
    assert plain.decode(plain.data[i]) == " ".join(words)
    assert bunch.decode(np.array(bunch.data[i])) == bunch.decode(bunch.data[i])


@pytest.mark.parametrize("index_from", [0, 3, 40])
def test_decode_honours_the_arguments_of_fetch(server, tmp_path, index_from):
    decode = fetch_imdb(
        num_words=None, start_char=5, oov_char=9, index_from=index_from, data_home=tmp_path
    ).decode
    the = index_from + 1
    assert decode([5, the, the + 1, 9]) == "? the and ?"
    # start_char is a mark in the first place only; elsewhere it may be a word.
    assert decode([the, 5]).split()[1] == (WORDS[4 - index_from] if index_from < 5 else "?")
    assert decode([0, index_from, -1, index_from + len(WORDS) + 1, 10**12]) == "? ? ? ? ?"
    assert decode([]) == ""


def test_decode_refuses_what_is_no_sequence_of_integers(server, tmp_path):
    decode = fetch_imdb(data_home=tmp_path).decode
    with pytest.raises(TypeError):
        decode("this film")
    with pytest.raises(TypeError):
        decode([1.5])


def test_bunch_survives_pickle(server, tmp_path):
    bunch = fetch_imdb(data_home=tmp_path)
    copy = pickle.loads(pickle.dumps(bunch))
    assert _content(copy) == _content(bunch)
    assert copy.decode(copy.data[0]) == bunch.decode(bunch.data[0])


# Arguments


@pytest.mark.parametrize(
    "kwargs",
    [
        {"num_words": 0},
        {"num_words": 10.5},
        {"num_words": "many"},
        {"subset": "validation"},
        {"skip_top": -1},
        {"start_char": -1},
        {"oov_char": "?"},
        {"index_from": None},
        {"data_home": 3},
        {"download_if_missing": "no"},
        {"return_X_y": 2},
    ],
)
@pytest.mark.parametrize("fetch", [fetch_imdb, fetch_reuters])
def test_bad_argument_is_named(fetch, kwargs):
    (name,) = kwargs
    with pytest.raises(ValueError, match=f"The '{name}' parameter of {fetch.__name__}"):
        fetch(**kwargs)


def test_data_home_comes_from_the_environment(server, tmp_path, monkeypatch):
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path))
    fetch_imdb()
    assert _cached(tmp_path, "imdb").exists()


# The cache


@pytest.mark.parametrize("name", ["imdb", "reuters"])
def test_second_fetch_downloads_nothing(name, server, tmp_path):
    first = FETCHERS[name](data_home=tmp_path)
    assert sorted(server.requests) == [f"{name}.npz", f"{name}_word_index.json"]
    second = FETCHERS[name](data_home=tmp_path, download_if_missing=False)
    assert len(server.requests) == 2
    assert _content(first) == _content(second)


@pytest.mark.parametrize("name", ["imdb", "reuters"])
def test_cache_has_the_documented_format_and_nothing_else_is_left(name, server, tmp_path):
    FETCHERS[name](data_home=tmp_path)
    assert os.listdir(tmp_path / "sklearn_textnn") == [f"{name}.npz"]
    with np.load(_cached(tmp_path, name), allow_pickle=False) as arrays:
        dtypes = {key: str(arrays[key].dtype) for key in arrays.files}
        assert arrays["vocabulary"].tobytes().decode().split("\n") == WORDS
        assert arrays["train_tokens"].min() >= 1
    assert dtypes == {
        "vocabulary": "uint8",
        **{f"{split}_tokens": "int32" for split in ("train", "test")},
        **{f"{split}_offsets": "int64" for split in ("train", "test")},
        **{f"{split}_target": "uint8" for split in ("train", "test")},
    }


def test_cache_is_as_readable_as_other_files(server, tmp_path):
    fetch_imdb(data_home=tmp_path)
    (tmp_path / "other").write_text("")
    assert _cached(tmp_path, "imdb").stat().st_mode == (tmp_path / "other").stat().st_mode


def _rewritten(content, **changes):
    """The cache with some arrays replaced, or removed where the change is None."""
    with np.load(io.BytesIO(content)) as archive:
        arrays = {**archive, **changes}
    return _npz({name: array for name, array in arrays.items() if array is not None})


def _other_compression(content):
    """The cache with a byte of the compression method of every member overwritten."""
    at, content = 0, bytearray(content)
    while (at := content.find(b"PK\x01\x02", at)) >= 0:
        content[at + 10] = 99
        at += 4
    return bytes(content)


class _Trap:
    """Unpickled, it leaves a trace."""

    sprung = False

    def __reduce__(self):
        return _spring, ()


def _spring():
    _Trap.sprung = True


DAMAGES = {
    "empty": lambda content: b"",
    "not a zip": lambda content: b"<html>Please log in to this network</html>",
    "truncated": lambda content: content[: len(content) // 2],
    "tail missing": lambda content: content[:-1],
    "head missing": lambda content: content[100:],
    "a zip of something else": lambda content: _npz({"x": np.arange(3)}),
    "unknown compression": _other_compression,
    "array missing": lambda content: _rewritten(content, train_offsets=None),
    "vocabulary missing": lambda content: _rewritten(content, vocabulary=None),
    "vocabulary not UTF-8": lambda content: _rewritten(content, vocabulary=np.uint8([255, 254])),
    "vocabulary too short": lambda content: _rewritten(content, vocabulary=np.uint8([97])),
    "tokens as float": lambda content: _rewritten(content, train_tokens=np.ones(9)),
    "tokens as int64": lambda content: _rewritten(content, train_tokens=np.ones(9, np.int64)),
    "tokens in 2-D": lambda content: _rewritten(content, train_tokens=np.ones((3, 3), np.int32)),
    "tokens big-endian": lambda content: _rewritten(content, train_tokens=np.ones(9, ">i4")),
    "tokens negative": lambda content: _rewritten(content, train_tokens=-np.ones(9, np.int32)),
    "tokens too few": lambda content: _rewritten(content, train_tokens=np.ones(2, np.int32)),
    "offsets empty": lambda content: _rewritten(content, train_offsets=np.empty(0, np.int64)),
    "offsets too few": lambda content: _rewritten(content, train_offsets=np.int64([0, 2])),
    "offsets all zero": lambda content: _rewritten(content, train_offsets=np.zeros(26, np.int64)),
    "target too long": lambda content: _rewritten(content, train_target=np.zeros(99, np.uint8)),
    "target no class": lambda content: _rewritten(content, train_target=np.full(25, 46, np.uint8)),
    "pickled objects": lambda content: _rewritten(
        content, train_tokens=np.array([_Trap()], dtype=object)
    ),
    "a pickle": lambda content: pickle.dumps(_Trap()),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_cache_is_named_and_fetched_again(damage, server, tmp_path):
    expected = _content(fetch_imdb(data_home=tmp_path))
    path = _cached(tmp_path, "imdb")
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    with pytest.raises(OSError, match=r"imdb\.npz is damaged .*Run fetch_imdb\(\)"):
        fetch_imdb(data_home=tmp_path, download_if_missing=False)
    assert _content(fetch_imdb(data_home=tmp_path)) == expected
    assert len(server.requests) == 4
    assert not _Trap.sprung
    assert _content(fetch_imdb(data_home=tmp_path, download_if_missing=False)) == expected


def test_offsets_that_go_back_are_damage(server, tmp_path):
    fetch_imdb(data_home=tmp_path)
    path = _cached(tmp_path, "imdb")
    with np.load(path) as archive:
        offsets = archive["train_offsets"].copy()
    offsets[3], offsets[4] = offsets[4] + 1, offsets[3]
    path.write_bytes(_rewritten(path.read_bytes(), train_offsets=offsets))
    with pytest.raises(OSError, match="train_offsets does not cut up train_tokens"):
        fetch_imdb(data_home=tmp_path, download_if_missing=False)


def test_header_that_claims_a_huge_array_is_damage(server, tmp_path):
    fetch_imdb(data_home=tmp_path)
    path = _cached(tmp_path, "imdb")
    member = io.BytesIO()
    header = {"descr": "<i4", "fortran_order": False, "shape": (10**13,)}
    np.lib.format.write_array_header_1_0(member, header)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, member.getvalue() if name == "train_tokens.npy" else content)
    with pytest.raises(OSError, match="is damaged"):
        fetch_imdb(data_home=tmp_path, download_if_missing=False)


def test_random_damage_never_gives_other_data(server, tmp_path):
    expected = _content(fetch_imdb(subset="all", data_home=tmp_path))
    path = _cached(tmp_path, "imdb")
    good = path.read_bytes()
    rng = random.Random(0)
    messages = []
    for _ in range(300):
        bad = bytearray(good)
        for _ in range(rng.choice([1, 1, 5])):
            bad[rng.randrange(len(bad))] = rng.randrange(256)
        if rng.random() < 0.2:
            del bad[rng.randrange(len(bad)) :]
        path.write_bytes(bad)
        try:
            found = fetch_imdb(subset="all", data_home=tmp_path, download_if_missing=False)
        except OSError as error:
            messages.append(str(error))
        else:
            assert _content(found) == expected
    assert len(messages) > 100
    assert all("imdb.npz is damaged" in message for message in messages)


# The download


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
    assert not _cached(tmp_path, name).exists()


def test_no_network_and_a_damaged_cache_says_both(offline, tmp_path):
    path = _cached(tmp_path, "imdb")
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


@pytest.mark.parametrize(("code", "n_requests"), [(404, 1), (403, 1), (503, 3)])
def test_lasting_trouble_is_an_error(code, n_requests, server, tmp_path):
    server.answers = [code] * 9
    with pytest.raises(OSError, match=f"HTTP Error {code}"):
        fetch_imdb(data_home=tmp_path)
    assert len(server.requests) == n_requests
    assert _leftovers(tmp_path, "imdb") == []


def test_nothing_is_unpickled_unless_its_checksum_matched(server, tmp_path):
    trap = np.array([_Trap()], dtype=object)
    server.files["imdb.npz"] = _npz({"x_train": trap, "y_train": trap})
    with pytest.raises(OSError, match=r"imdb\.npz has the sha256 checksum .* instead of"):
        fetch_imdb(data_home=tmp_path)
    assert not _Trap.sprung
    assert not _cached(tmp_path, "imdb").exists()
    assert _leftovers(tmp_path, "imdb") == []


def test_word_index_with_another_checksum_is_refused(server, tmp_path):
    server.files["imdb_word_index.json"] = b"{}"
    with pytest.raises(OSError, match=r"imdb_word_index\.json has the sha256 checksum"):
        fetch_imdb(data_home=tmp_path)


def test_checksums_and_addresses_are_those_of_keras():
    pytest.importorskip("keras")
    for name in ("imdb", "reuters"):
        with open(sys.modules[f"keras.src.datasets.{name}"].__file__, encoding="utf-8") as file:
            source = file.read()
        assert _fetch._ORIGIN in source
        for file in (f"{name}.npz", f"{name}_word_index.json"):
            assert file in source
            assert _fetch._CHECKSUMS[file][1] in source


# Storing it


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
    expected = _content(fetch_imdb(data_home=tmp_path))
    with _read_only(tmp_path / "sklearn_textnn"), _read_only(tmp_path):
        assert _content(fetch_imdb(data_home=tmp_path)) == expected


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


def test_full_disk_leaves_nothing_and_the_old_file(server, tmp_path, monkeypatch):
    def fail(stream, **arrays):
        stream.write(b"PK half an archive")
        raise OSError(28, "No space left on device")

    path = _cached(tmp_path, "imdb")
    path.parent.mkdir()
    path.write_bytes(b"damaged")
    with monkeypatch.context() as full:
        full.setattr(np, "savez_compressed", fail)
        with pytest.raises(OSError, match=r"cannot be stored there .*No space left"):
            fetch_imdb(data_home=tmp_path)
    assert os.listdir(path.parent) == ["imdb.npz"]
    assert path.read_bytes() == b"damaged"
    assert fetch_imdb(data_home=tmp_path).data.shape == (25,)


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


def _fetch_in_another_process(server, data_home, before=""):
    script = f"""
        import os, signal, sys
        from sklearn_textnn.datasets import _fetch, fetch_imdb
        _fetch._ORIGIN = {server.url!r}
        _fetch._CHECKSUMS = {_checksums(_keras_files())!r}
        {before}
        print("ready", flush=True)
        sys.stdin.readline()
        print(len(fetch_imdb(data_home={str(data_home)!r}).data))
    """
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


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
    assert [_content(bunch) for bunch in found] == [_content(found[0])] * 8
    assert os.listdir(tmp_path / "sklearn_textnn") == ["imdb.npz"]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
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
    _cached(tmp_path, "imdb").unlink()
    os.utime(left, (0, 0))
    fetch_imdb(data_home=tmp_path)
    assert os.listdir(tmp_path / "sklearn_textnn") == ["imdb.npz"]


def test_neither_keras_nor_pickled_data_is_imported_to_read_the_cache(server, tmp_path):
    fetch_imdb(data_home=tmp_path)
    script = f"""
        import sys
        from sklearn_textnn.datasets import fetch_imdb
        fetch_imdb(data_home={str(tmp_path)!r})
        print([name for name in ("keras", "tensorflow", "scikeras") if name in sys.modules])
    """
    run = [sys.executable, "-c", textwrap.dedent(script)]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout == "[]\n"


# The real data


def _real(name):
    home = os.environ.get("SCIKIT_LEARN_DATA", "")
    if not home or not os.path.exists(os.path.join(home, "sklearn_textnn", f"{name}.npz")):
        pytest.skip(f"SCIKIT_LEARN_DATA does not point at the real {name}.npz")
    return functools.partial(FETCHERS[name], download_if_missing=False)


def test_real_imdb_is_that_of_the_documents():
    fetch = _real("imdb")
    train, test = fetch(), fetch(subset="test")
    assert (len(train.data), len(test.data)) == (25_000, 25_000)
    assert len(train.vocabulary) == 88_584
    for bunch in (train, test):
        assert np.bincount(bunch.target).tolist() == [12_500, 12_500]
        assert max(map(max, bunch.data)) == 9_999
        assert set(map(operator.itemgetter(0), bunch.data)) == {1}
    begins = [1, 14, 22, 16, 43, 530, 973, 1622, 1385, 65]
    (i,) = (i for i, document in enumerate(train.data) if document[:10] == begins)
    text = "? this film was just brilliant casting location scenery story"
    assert train.decode(train.data[i]).startswith(text)
    assert train.target[i] == 1


def test_real_reuters_is_that_of_the_documents():
    fetch = _real("reuters")
    train, test = fetch(), fetch(subset="test")
    assert (len(train.data), len(test.data)) == (8_982, 2_246)
    assert len(train.target_names) == 46
    assert np.unique(train.target).tolist() == list(range(46))
    assert train.target_names[np.bincount(train.target).argmax()] == "earn"
    assert max(map(max, train.data)) == 9_999
