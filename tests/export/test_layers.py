"""The Keras layers: the terms of Python, illegal arguments, and damaged ``.keras`` files."""

import copy
import functools
import json
import math
import operator
import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf
from newswires import hostile_documents, string_tensor
from numpy.testing import assert_array_equal

from sklearn_textnn import MultiHotVectorizer, layers
from sklearn_textnn.layers import MultiHotIntegers, MultiHotText, TermWeights


@pytest.mark.parametrize("lowercase", [True, False])
@pytest.mark.parametrize(
    ("analyzer", "ngram_range"),
    [("keras", (1, 1)), ("word", (1, 2)), ("char", (1, 2)), ("char_wb", (4, 6))],
)
def test_terms_of_hostile_text_are_those_of_python(
    analyzer, ngram_range, lowercase, global_random_seed
):
    settings = dict(analyzer=analyzer, ngram_range=ngram_range, lowercase=lowercase)
    analyze = MultiHotVectorizer(**settings).build_analyzer()
    documents = hostile_documents(1_000, global_random_seed)
    terms = MultiHotText(["x"], **settings).terms(string_tensor(documents))
    for document, got in zip(documents, terms.to_list(), strict=True):
        assert {term.decode() for term in got} == set(analyze(document)), ascii(document)


def test_every_character_is_lower_cased_and_split_at_as_in_python():
    # Noncharacters are left out: TensorFlow 2.18 reads them as U+FFFD.
    codes = [*range(0xD800), *range(0xE000, 0xFDD0), *range(0xFDF0, 0xFFFE)]
    codes += [*range(0x10000, 0x1FFFE), *range(0xE0000, 0xE0200)]
    documents = [
        "".join(f"a{chr(c)}b {chr(c)}Σ Σ{chr(c)} AΣ{chr(c)}B " for c in codes[i : i + 512])
        for i in range(0, len(codes), 512)
    ]
    analyze = MultiHotVectorizer().build_analyzer()
    terms = MultiHotText(["x"]).terms(string_tensor(documents)).to_list()
    for document, got in zip(documents, terms, strict=True):
        assert b" ".join(got).decode() == " ".join(analyze(document))


def test_terms_that_share_a_bucket_are_told_apart(monkeypatch):
    monkeypatch.setattr(layers, "_MIN_BUCKETS", 2)
    vocabulary = [f"w{i}" for i in range(8)]
    encode = MultiHotText(vocabulary)(string_tensor([*vocabulary, "w8 w9 w10 w11 w12"])).numpy()
    assert_array_equal(encode, np.eye(9, 8))


def test_terms_that_always_share_a_bucket_are_refused(monkeypatch):
    monkeypatch.setattr(layers, "_MIN_BUCKETS", 1)
    monkeypatch.setattr(layers, "_MAX_TRIES", 1)
    with pytest.raises(ValueError, match="vocabulary holds different terms with the same hash"):
        MultiHotText(["a", "b"])
    with pytest.raises(ValueError, match="stop_words holds different terms with the same hash"):
        MultiHotText(["a"], stop_words=["a", "b"])


def test_layer_is_made_again_from_its_config():
    text = MultiHotText(
        np.array(["a b", "\ud800", "c"]),
        analyzer="word",
        lowercase=np.False_,
        ngram_range=(np.int64(1), np.int8(2)),
        stop_words=("d", "e"),
        unknown_column=np.int64(2),
        name="t",
        dtype="float64",
    )
    integers = MultiHotIntegers(np.int64(9), skip_top=np.int8(2), unknown_column=3, name="i")
    weights = TermWeights(
        norm=None, use_weights=np.False_, sublinear_tf=np.True_, name="w", dtype="float64"
    )
    for layer in (text, integers, weights, TermWeights(norm="l1", name="x")):
        config = layer.get_config()
        again = type(layer).from_config(json.loads(json.dumps(config)))
        assert again.get_config() == config
        assert again.name == layer.name


@pytest.mark.parametrize("norm", ["l1", "l2", None])
@pytest.mark.parametrize("sublinear_tf", [False, True])
def test_gradient_of_weighted_vectors_is_finite_where_a_row_or_a_value_is_zero(norm, sublinear_tf):
    x = tf.constant([[0.0, 2.0], [0.0, 0.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = TermWeights(norm=norm, sublinear_tf=sublinear_tf)(x)
    assert np.isfinite(tape.gradient(y, x)).all()


# Illegal arguments


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (dict(vocabulary="abc"), "vocabulary must be a list of str; got a str"),
        (dict(vocabulary={"a": 1, "b": 0}), "vocabulary must be a list of str; got a dict"),
        (dict(vocabulary=[]), "vocabulary is empty"),
        (dict(vocabulary=["a", 1]), "vocabulary must hold only str; it holds 1"),
        (dict(vocabulary=["a", b"b"]), "vocabulary must hold only str; it holds b'b'"),
        (dict(vocabulary=["a", "b", "a"]), "vocabulary holds 'a' more than once"),
        (dict(analyzer="words"), "analyzer must be one of"),
        (dict(analyzer=str.split), "analyzer must be one of"),
        (dict(analyzer=["word"]), "analyzer must be one of"),
        (dict(lowercase="no"), "lowercase must be True or False"),
        (dict(lowercase=None), "lowercase must be True or False"),
        (dict(ngram_range=2), "ngram_range must be"),
        (dict(ngram_range=(1, 2, 3)), "ngram_range must be"),
        (dict(ngram_range="12"), "ngram_range must be"),
        (dict(ngram_range=(0, 1)), "min_n of ngram_range must be an int from 1 to 1"),
        (dict(ngram_range=(2, 1)), "min_n of ngram_range must be an int from 1 to 1"),
        (dict(ngram_range=(-1, -1)), "max_n of ngram_range must be an int from 1 to 100"),
        (dict(ngram_range=(1, 101)), "max_n of ngram_range must be an int from 1 to 100"),
        (dict(ngram_range=(1, 2**70)), "max_n of ngram_range must be an int from 1 to 100"),
        (dict(ngram_range=(1, 2.0)), "max_n of ngram_range must be an int from 1 to 100"),
        (dict(ngram_range=(True, True)), "max_n of ngram_range must be an int from 1 to 100"),
        (dict(stop_words="the"), "stop_words must be a list of str; got a str"),
        (dict(stop_words=None), "stop_words must be a list of str; got a NoneType"),
        (dict(stop_words=["the", None]), "stop_words must hold only str; it holds None"),
        (dict(stop_words=["the", "the"]), "stop_words holds 'the' more than once"),
        (dict(unknown_column=2), "unknown_column must be an int from 0 to 1; got 2"),
        (dict(unknown_column=-1), "unknown_column must be an int from 0 to 1; got -1"),
        (dict(unknown_column=2**70), "unknown_column must be an int from 0 to 1"),
        (dict(unknown_column=0.0), "unknown_column must be an int from 0 to 1"),
        (dict(unknown_column=True), "unknown_column must be an int from 0 to 1"),
    ],
    ids=str,
)
def test_illegal_arguments_of_the_layer_of_text_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        MultiHotText(**dict(vocabulary=["a", "b"]) | arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        *((dict(num_columns=n), "num_columns must be") for n in (0, -1, 2**31, 2**70, 4.0, "4")),
        *((dict(num_columns=n), "num_columns must be") for n in (True, None, [4])),
        *((dict(skip_top=n), "skip_top must be an int from 0 to 4") for n in (-1, 5, 2**63, 0.5)),
        *((dict(skip_top=n), "skip_top must be an int from 0 to 4") for n in (None, False, "0")),
        *((dict(unknown_column=n), "unknown_column must be") for n in (-1, 4, 2**63, 1.0, "1")),
    ],
    ids=str,
)
def test_illegal_arguments_of_the_layer_of_integers_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        MultiHotIntegers(**dict(num_columns=4) | arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        *((dict(norm=norm), "norm must be one of") for norm in ("max", "", 2, False, ["l1"])),
        *(
            (dict(use_weights=value), "use_weights must be True or False")
            for value in (1, None, "no")
        ),
        *((dict(sublinear_tf=value), "sublinear_tf must be True or") for value in (0, None, [])),
    ],
    ids=str,
)
def test_illegal_arguments_of_the_layer_of_term_weights_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        TermWeights(**arguments)


def test_inputs_of_another_type_or_shape_are_refused():
    for inputs in (tf.constant([1]), tf.constant([["a"]]), tf.constant("a")):
        with pytest.raises(ValueError, match=r"takes a tensor of str of shape \(n_samples,\)"):
            MultiHotText(["a"])(inputs)
    for inputs in (tf.constant([[1.0]]), tf.constant([1]), tf.constant([["a"]])):
        with pytest.raises(ValueError, match="takes a tensor of integers of shape"):
            MultiHotIntegers(4)(inputs)
    with pytest.raises(ValueError, match="takes a tensor of numbers"):
        TermWeights()(tf.constant([["a"]]))
    with pytest.raises(ValueError, match="takes a dense tensor"):
        TermWeights()(tf.sparse.eye(3))
    with pytest.raises(ValueError, match="needs the number of columns"):
        TermWeights()(keras.Input((None,)))
    for inputs in (tf.constant([1.0]), tf.constant([[[1.0]]])):
        with pytest.raises(ValueError, match="expected ndim=2"):
            TermWeights()(inputs)
    layer = TermWeights()
    layer(tf.constant([[1, 2, 3]]))
    with pytest.raises(ValueError, match="to have value 3"):
        layer(tf.constant([[1, 2]]))


def test_integers_out_of_range_never_reach_the_matrix():
    extremes = [2**63 - 1, -(2**63), 2**32, 2**31, -(2**31), 4, -1, 3]
    for unknown_column, expected in ((None, [0, 0, 0, 1]), (1, [0, 1, 0, 1])):
        layer = MultiHotIntegers(4, skip_top=1, unknown_column=unknown_column)
        got = layer(tf.constant([extremes, [-1] * 8], tf.int64)).numpy()
        assert_array_equal(got, [expected, [0, 0, 0, 0]])
        layer.unknown_column = 10**12  # not even what is set behind the checks
        assert_array_equal(layer(tf.constant([[7, 3]])).numpy(), [[0, 0, 0, 1]])


# Damaged files

_HOSTILE_VALUES = [
    *(None, True, -1, 2**31, 2**63, 2**70, -(2**70), 0.5, math.nan, math.inf),
    *("", "nonsense", "a" * 10_000, "\0", [], {}, [[]], [None], {"a": 1}),
    {"class_name": "__tuple__", "items": [1, 1]},
    {"class_name": "function", "config": "system", "module": "os", "registered_name": "system"},
    {"class_name": "system", "config": {"command": "false"}, "module": "os"},
]
_LAYERS = {
    "text": lambda: MultiHotText(
        ["wheat", "oil", "bank", "oil bank"],
        ngram_range=(1, 2),
        stop_words=["the"],
        unknown_column=2,
    ),
    "integers": lambda: MultiHotIntegers(5, skip_top=1, unknown_column=2),
    "weights": lambda: TermWeights(norm="l2", sublinear_tf=True),
}
_INPUTS = {
    "text": tf.constant(["the wheat oil bank", "", "wheat? oil!"]),
    "integers": tf.constant([[0, 1, 7], [4, -1, -1]]),
    "weights": tf.constant([[1.0, 3.0, 0.0], [0.0, 0.0, 0.0]]),
}


def _paths(config, path=()):
    """Yield the path to each value in nested dicts and lists, except the whole."""
    items = config.items() if isinstance(config, dict) else enumerate(config)
    for key, value in items:
        yield (*path, key)
        if isinstance(value, (dict, list)):
            yield from _paths(value, (*path, key))


def _replaced(config, path, value):
    config = copy.deepcopy(config)
    *parents, last = path
    functools.reduce(operator.getitem, parents, config)[last] = value
    return config


def _is_legal(path, value):
    """Return whether a value gives another legal layer, which no check can tell from the first."""
    argument, *inside = path
    return (
        (argument in ("vocabulary", "stop_words") and inside and isinstance(value, str))
        or (argument == "stop_words" and value == [])
        or (argument in ("unknown_column", "norm") and value is None)
    )


@pytest.mark.parametrize("kind", _LAYERS)
def test_changed_config_is_refused_or_of_no_consequence(kind, monkeypatch):
    called = []
    monkeypatch.setattr("os.system", called.append)
    layer, inputs = _LAYERS[kind](), _INPUTS[kind]
    saved = json.loads(json.dumps(keras.saving.serialize_keras_object(layer)))
    expected = layer(inputs).numpy()
    ours = saved["config"].keys() - {"name", "trainable", "dtype"}  # Keras checks these
    refused, wrong_errors = set(), []
    for path in _paths(saved["config"]):
        for value in _HOSTILE_VALUES:
            if _is_legal(path, value):
                continue
            changed = saved | {"config": _replaced(saved["config"], path, value)}
            changed = json.loads(json.dumps(changed))
            try:
                got = keras.saving.deserialize_keras_object(changed)(inputs).numpy()
            except Exception as error:
                refused.add(path[0])
                if not isinstance(error, ValueError) and path[0] in ours:
                    wrong_errors.append((path, value, error))
            else:
                assert_array_equal(got, expected, err_msg=f"{path}: {value!r}")
    assert refused >= ours
    assert not wrong_errors
    assert not called


@pytest.mark.parametrize(
    ("kind", "required"),
    [("text", ["vocabulary"]), ("integers", ["num_columns"]), ("weights", [])],
)
def test_config_without_an_argument_or_with_another_is_refused(kind, required):
    layer = _LAYERS[kind]()
    config = layer.get_config()
    without = [{k: v for k, v in config.items() if k != argument} for argument in required]
    for changed in (config | {"more": 1}, *without):
        with pytest.raises(ValueError, match=rf"{type(layer).__name__} cannot be made|more"):
            type(layer).from_config(changed)


@pytest.mark.parametrize(
    ("kind", "argument", "value"),
    [
        ("text", "ngram_range", [1, 2**40]),
        ("text", "vocabulary", ["wheat"] * 4),
        ("text", "unknown_column", 4),
        ("integers", "num_columns", 2**40),
        ("integers", "skip_top", -1),
        ("integers", "unknown_column", 2**40),
        ("weights", "norm", "l3"),
        ("weights", "use_weights", 2),
        ("weights", "sublinear_tf", "no"),
    ],
)
def test_changed_file_is_refused(kind, argument, value, tmp_path):
    batch, layer = _INPUTS[kind], _LAYERS[kind]()
    inputs = keras.Input(batch.shape[1:], dtype=batch.dtype.name)
    keras.Model(inputs, layer(inputs)).save(tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as file:
        contents = {name: file.read(name) for name in file.namelist()}
    config = json.loads(contents["config.json"])
    name = type(layer).__name__
    (ours,) = (part for part in config["config"]["layers"] if part["class_name"] == name)
    ours["config"][argument] = value
    contents["config.json"] = json.dumps(config)
    with zipfile.ZipFile(tmp_path / "changed.keras", "w") as file:
        for name, content in contents.items():
            file.writestr(name, content)
    with pytest.raises(ValueError, match=argument):
        keras.saving.load_model(tmp_path / "changed.keras")
