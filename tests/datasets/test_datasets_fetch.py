"""fetch_imdb and fetch_reuters: Keras's content, the arguments and the cache.

Downloads are in test_datasets_download.py, damaged caches in test_datasets_damage.py, and disks,
processes and signals in test_datasets_storing.py.
"""

import functools
import operator
import os
import pickle
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from keras_mirror import WORDS, cache_of, content_of, serving

from sklearn_textnn.datasets import _keras_files, fetch_imdb, fetch_reuters

FETCHERS = {"imdb": fetch_imdb, "reuters": fetch_reuters}
N_CLASSES = {"imdb": 2, "reuters": 46}


@pytest.fixture
def server(monkeypatch):
    with serving(monkeypatch) as server:
        yield server


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
    descr = " ".join(fetch_reuters(data_home=tmp_path).DESCR.split())
    assert "Lewis (1997)" in descr
    assert "990 have no body" in descr


def test_calls_share_nothing_that_can_be_changed(server, tmp_path):
    first = fetch_imdb(data_home=tmp_path)
    expected = content_of(fetch_imdb(data_home=tmp_path))
    first.data[0].append(7)
    first.target[:] = 1
    first.vocabulary.clear()
    first.target_names.clear()
    again = fetch_imdb(data_home=tmp_path)
    assert content_of(again) == expected
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
    assert content_of(copy) == content_of(bunch)
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
        {"num_words": 2**63},
        {"skip_top": 2**63},
        {"start_char": 2**63},
        {"oov_char": 2**63},
        {"index_from": 2**31},
        {"data_home": 3},
        {"download_if_missing": "no"},
        {"return_X_y": 2},
    ],
)
@pytest.mark.parametrize("fetch", [fetch_imdb, fetch_reuters])
def test_bad_argument_is_named_before_any_work(fetch, kwargs, server, tmp_path):
    (name,) = kwargs
    with pytest.raises(ValueError, match=f"The '{name}' parameter of {fetch.__name__}"):
        fetch(**{"data_home": tmp_path, **kwargs})
    assert server.requests == []


@pytest.mark.parametrize("num_words", [None, 20, sys.maxsize])
def test_largest_integers_that_are_allowed_work(num_words, server, tmp_path):
    largest = 2**63 - 1
    bunch = fetch_imdb(
        num_words=num_words,
        start_char=largest,
        oov_char=largest,
        index_from=2**31 - 1,
        data_home=tmp_path,
    )
    assert {document[0] for document in bunch.data} == {largest}
    assert bunch.decode(bunch.data[0][:1]) == "?"
    skipped = fetch_imdb(skip_top=largest, oov_char=None, data_home=tmp_path)
    assert skipped.data.tolist() == [[]] * 25


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64])
def test_integers_of_numpy_give_the_same_as_those_of_python(dtype, server, tmp_path):
    arguments = {"skip_top": 101, "start_char": 102, "oov_char": 103, "index_from": 100}
    for num_words in (None, 120):
        expected = fetch_imdb(num_words=num_words, data_home=tmp_path, **arguments)
        found = fetch_imdb(
            num_words=num_words if num_words is None else dtype(num_words),
            data_home=tmp_path,
            **{name: dtype(value) for name, value in arguments.items()},
        )
        assert content_of(found) == content_of(expected)
        assert {type(code) for document in found.data for code in document} == {int}


def test_data_home_comes_from_the_environment(server, tmp_path, monkeypatch):
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path))
    fetch_imdb()
    assert cache_of(tmp_path, "imdb").exists()


# The cache


@pytest.mark.parametrize("name", ["imdb", "reuters"])
def test_second_fetch_downloads_nothing(name, server, tmp_path):
    first = FETCHERS[name](data_home=tmp_path)
    assert sorted(server.requests) == [f"{name}.npz", f"{name}_word_index.json"]
    second = FETCHERS[name](data_home=tmp_path, download_if_missing=False)
    assert len(server.requests) == 2
    assert content_of(first) == content_of(second)


@pytest.mark.parametrize("name", ["imdb", "reuters"])
def test_cache_has_the_documented_format_and_nothing_else_is_left(name, server, tmp_path):
    FETCHERS[name](data_home=tmp_path)
    assert os.listdir(tmp_path / "sklearn_textnn") == [f"{name}.npz"]
    with np.load(cache_of(tmp_path, name), allow_pickle=False) as arrays:
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
    assert cache_of(tmp_path, "imdb").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_checksums_and_addresses_are_those_of_keras():
    pytest.importorskip("keras")
    for name in ("imdb", "reuters"):
        with open(sys.modules[f"keras.src.datasets.{name}"].__file__, encoding="utf-8") as file:
            source = file.read()
        assert _keras_files._ORIGIN in source
        for file in (f"{name}.npz", f"{name}_word_index.json"):
            assert file in source
            assert _keras_files._CHECKSUMS[file][1] in source


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


def test_real_imdb_is_that_of_the_keras_tutorial():
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


def test_real_reuters_is_that_of_the_keras_tutorial():
    fetch = _real("reuters")
    train, test = fetch(), fetch(subset="test")
    assert (len(train.data), len(test.data)) == (8_982, 2_246)
    assert len(train.target_names) == 46
    assert np.unique(train.target).tolist() == list(range(46))
    assert train.target_names[np.bincount(train.target).argmax()] == "earn"
    assert max(map(max, train.data)) == 9_999
