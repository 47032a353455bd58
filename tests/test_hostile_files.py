"""Changed files and states: refused when they are loaded, or the same answers afterwards.

Some changes cannot be noticed without a signature, and are left out: other finite weights, terms,
labels or seeds of the same type and shape, and other legal parameters.
"""

import copy
import io
import itertools
import json
import math

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression
from skops_files import members, packed

from sklearn_textnn import (
    TRUSTED_TYPES,
    KerasBinaryReviewClassifier,
    KerasTopicClassifier,
    LogCountRatioTransformer,
    MultiHotVectorizer,
)

skops_io = pytest.importorskip("skops.io")

WIRES = ["wheat crop up", "oil price up", "bank rate up", "wheat price", "oil rate", "bank"] * 2
TOPICS = [[1, 0, 1], [0, 1, 1], [0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 1]] * 2
VECTORS = np.eye(12, 7, dtype=np.float32)
SETTINGS = dict(epochs=2, batch_size=6, validation_fraction=0.25, random_state=0)

HOSTILE = [
    *(None, True, 0, -1, 0.5, 2**31, 2**70, math.nan, math.inf, "", "nonsense", b"bytes"),
    *([], [None, None], {}, {"a": 1}, (3, "a"), np.exp, int),
    *(np.array([1.0, np.nan]), np.array([["a"], ["b"]]), np.array([None, "a"], dtype=object)),
    *(LogisticRegression(), KerasTopicClassifier()),
]


ESTIMATORS = {
    "text": lambda: MultiHotVectorizer(ngram_range=(1, 2), stop_words=["up"]).fit(WIRES),
    "integers": lambda: MultiHotVectorizer(9, skip_top=1).fit([[1, 8], [2], [3, 3]]),
    "weights": lambda: LogCountRatioTransformer(sublinear_tf=True).fit(VECTORS, TOPICS),
    "topics": lambda: KerasTopicClassifier(
        4, optimizer="adam", dropout=0.2, stages="all", **SETTINGS
    ).fit(VECTORS, TOPICS),
    "classes": lambda: KerasBinaryReviewClassifier((3, 2), l2=0.01, **SETTINGS).fit(
        VECTORS, ["bad", "good"] * 6
    ),
}


@pytest.fixture(scope="module", params=ESTIMATORS)
def estimator(request):
    return ESTIMATORS[request.param]()


def _answers(estimator):
    """Return all that an estimator predicts, or the matrix and the names of its columns."""
    if isinstance(estimator, LogCountRatioTransformer):
        matrix = estimator.transform(VECTORS + np.arange(7, dtype=np.float32))
        return [matrix.toarray(), estimator.get_feature_names_out()]
    if isinstance(estimator, MultiHotVectorizer):
        text = estimator.input_kind_ == "text"
        matrix = sp.csr_matrix(estimator.transform(WIRES if text else [[0, 1, 8], [9, 2**40], []]))
        names = estimator.get_feature_names_out() if text else ()
        return [matrix.data, matrix.indices, matrix.indptr, matrix.shape, names]
    staged = estimator.staged_predict_proba(VECTORS) if hasattr(estimator, "stages_") else ()
    return [estimator.predict_proba(VECTORS), estimator.predict(VECTORS), *staged]


def _is_plausible(path, value):
    """Return whether a value is another legal one, which changes the answers as it should."""
    name, *inside = path
    if name == "stop_words":
        return isinstance(value, str) if inside else repr(value) in ("None", "[]")
    return (
        (name == "analyzer" and callable(value))
        or (name == "handle_unknown" and repr(value) in ("0", "True"))
        or (name in ("lowercase", "sparse_output", "ngram_range") and isinstance(value, bool))
        or (name in ("stages", "norm") and value is None)
        or (name == "skip_top" and repr(value) in ("0", "True"))
        or (name == "_n_features_out" and repr(value) == str(2**31))
    )


def _fits(value, like, finite=True):
    """Return whether a value has the types, names, words and shapes of another one."""
    if isinstance(like, dict):
        return (
            isinstance(value, dict)
            and value.keys() == like.keys()
            and all(_fits(value[key], like[key], finite) for key in like)
        )
    if isinstance(like, (list, tuple)):
        return (
            type(value) is type(like)
            and len(value) == len(like)
            and all(map(_fits, value, like, itertools.repeat(finite)))
        )
    if isinstance(like, np.ndarray):
        return (
            isinstance(value, np.ndarray)
            and (value.dtype.name, value.shape) == (like.dtype.name, like.shape)
            and (value.dtype.kind != "f" or bool(np.isfinite(value).all()))
        )
    if isinstance(like, int):
        return isinstance(value, int)
    if isinstance(like, float):
        return isinstance(value, (int, float)) and (not finite or math.isfinite(value))
    return type(value) is type(like) and value == like


def _is_plain(value):
    if isinstance(value, dict):
        return all(type(key) is str and _is_plain(part) for key, part in value.items())
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    return isinstance(value, (str, int, float, type(None)))


def _describes_optimizer(value, like):
    """Return whether this is plain data, of which a name is looked up only when it is needed."""
    if like is None:
        return value is None
    return (
        isinstance(value, dict)
        and value.keys() == like.keys()
        and all(isinstance(value[key], (str, type(None))) for key in like.keys() - {"config"})
        and isinstance(value["config"], dict)
        and _is_plain(value["config"])
    )


def _is_history(value, like):
    """Return whether a history has no other names than another one, and as many numbers."""
    if like is None:
        return value is None
    return (
        isinstance(value, dict)
        and value.keys() <= like.keys()
        and all(_fits(value[name], like[name], finite=False) for name in value)
    )


def _are_slots(value, like):
    """Return whether these are arrays of numbers, and no larger than those of the optimizer."""
    if value is None or like is None:  # fresh ones do as well
        return value is None
    largest = max(array.size for array in like)
    return isinstance(value, list) and all(
        isinstance(array, (np.ndarray, np.generic))
        and array.dtype.kind in "fiu"
        and array.size <= largest
        for array in value
    )


def _learned(estimator):
    """Return what was learned: most of it, history, optimizer and the arrays of the optimizer."""
    names = vars(estimator).keys() - estimator.get_params().keys() - {"best_epoch_", "_model"}
    learned = {name: getattr(estimator, name) for name in names}
    training = dict(learned.pop("_training_state", {}))
    history, optimizer = learned.pop("history_", None), training.pop("optimizer", None)
    slots = training.pop("slots", None)
    return learned | {"training": training}, history, optimizer, slots


def _same(array, expected):
    array, expected = np.asarray(array), np.asarray(expected)
    return array.dtype.kind in "biufUO" and np.array_equal(array, expected)


def _problem(load, estimator, answers):
    """Return what is wrong with what was loaded, or None if it was refused or is the same."""
    try:
        loaded = load()
    except Exception:  # neither a crash of the process nor a call of a foreign function
        return None
    try:
        got = _answers(loaded)
        loaded._validate_params()
        learned = _learned(loaded)
    except Exception as error:
        return f"was loaded, and then {type(error).__name__}: {error}"[:200]
    if not (len(got) == len(answers) and all(map(_same, got, answers))):
        return "gives other answers"
    checks = (_fits, _is_history, _describes_optimizer, _are_slots)
    fits = all(
        check(value, like)
        for check, value, like in zip(checks, learned, _learned(estimator), strict=True)
    )
    return None if fits else "has learned attributes of another form"


# States, as pickle and joblib have them


def _paths(value, path=()):
    """Yield the path to each value in nested dicts, lists and tuples, the whole left out."""
    items = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, (list, tuple)):
        items = enumerate(value)
    for key, part in items:
        yield (*path, key), part
        yield from _paths(part, (*path, key))


def _replaced(whole, path, value):
    """Return a copy in which the part at the end of the path is another value."""
    if not path:
        return value
    first, *rest = path
    parts = dict(whole) if isinstance(whole, dict) else dict(enumerate(whole))
    parts[first] = _replaced(parts[first], rest, value)
    return parts if isinstance(whole, dict) else type(whole)(parts.values())


def _other_arrays(array):
    """Return arrays that no check should take for this one."""
    others = [array[:0], array[:-1], np.concatenate([array, array]), array[None], array.tolist()]
    others += [np.array(0), np.array([None] * len(array), dtype=object)]
    if array.dtype.kind in "fiu":
        others += [array.astype(complex), array.astype(bool)]
    if array.dtype.kind in "fu":  # integers as text would be other legal labels
        others.append(array.astype(str))
    if array.dtype.kind == "f":
        others += [array * np.nan, array + np.inf, array.astype(np.float64), array.astype(object)]
    return others


def _load_state(estimator, state):
    loaded = type(estimator).__new__(type(estimator))
    loaded.__setstate__(state)
    return loaded


def test_unchanged_state_and_file_give_the_same_answers(estimator):
    answers = _answers(estimator)
    state, contents = estimator.__getstate__(), _contents(estimator)
    for load in (lambda: _load_state(estimator, state), lambda: _load_file(contents)):
        assert load().get_params().keys() == estimator.get_params().keys()
        assert _problem(load, estimator, answers) is None


@pytest.mark.parametrize("value", HOSTILE, ids=repr)
def test_state_with_another_value_is_refused_or_gives_the_same(estimator, value):
    state, answers = estimator.__getstate__(), _answers(estimator)
    problems = {}
    for path, _ in _paths(state):
        if not _is_plausible(path, value):
            changed = _replaced(state, path, copy.deepcopy(value))
            problem = _problem(lambda: _load_state(estimator, changed), estimator, answers)  # noqa: B023
            if problem:
                problems[path] = problem
    assert not problems


def test_state_with_another_array_is_refused_or_gives_the_same(estimator):
    state, answers = estimator.__getstate__(), _answers(estimator)
    problems = {}
    for path, array in _paths(state):
        if isinstance(array, np.ndarray) and array.ndim:
            for i, other in enumerate(_other_arrays(array)):
                changed = _replaced(state, path, other)
                problem = _problem(lambda: _load_state(estimator, changed), estimator, answers)  # noqa: B023
                if problem:
                    problems[path, i] = problem
    assert not problems


def test_state_with_more_or_fewer_entries_is_refused_or_gives_the_same(estimator):
    state, answers = estimator.__getstate__(), _answers(estimator)
    problems = {}
    for path, part in [((), state), *_paths(state)]:
        changes = []
        if isinstance(part, dict):
            changes = [part | {"_parameter_constraints": {}}, part | {"more": 1}, part | {5: None}]
            changes += [{k: v for k, v in part.items() if k != left_out} for left_out in part]
        elif isinstance(part, (list, tuple)):
            changes = [part[:-1], part[1:], part + part, part[::-1]]
        for i, change in enumerate(changes):
            if path[:1] == ("stop_words",):  # other stop words are legal
                continue
            changed = _replaced(state, path, change)
            problem = _problem(lambda: _load_state(estimator, changed), estimator, answers)  # noqa: B023
            if problem:
                problems[path, i] = problem
    assert not problems


# Files of skops


def _contents(value):
    """Return the files in a skops file by name, with schema.json parsed and no node shared."""
    contents = members(skops_io.dumps(value))
    for number, (_, node) in enumerate(_nodes(contents["schema.json"]), 1):
        node["__id__"] = number
    return contents


def _load_file(contents):
    return skops_io.loads(packed(contents), trusted=TRUSTED_TYPES)


def _nodes(node, path=()):
    """Yield each node of a schema, with the path of attributes, keys and positions to it."""
    yield path, node
    content = node.get("content")
    parts = {"shape": node.get("shape"), "key types": node.get("key_types")}
    if isinstance(content, dict) and "__loader__" in content:  # the attributes of an object
        yield from _nodes(content, path)
    elif isinstance(content, dict):
        parts |= content
    elif isinstance(content, list):
        parts |= dict(enumerate(content))
    for key, part in parts.items():
        if isinstance(part, dict):
            yield from _nodes(part, (*path, key))


def _node_of(number, value):
    """Return a node and files to put into another skops file."""
    contents = _contents(value)
    node = contents.pop("schema.json")
    for _, part in _nodes(node):
        part["__id__"] += 10_000
        if "file" in part:
            part["file"] = f"{number} {part['file']}"
    return node, {f"{number} {name}": content for name, content in contents.items()}


OTHER_NODES = [(value, *_node_of(number, value)) for number, value in enumerate(HOSTILE)]

# What a node says of itself. None of this is a value, so each change must be refused.
SELVES = [
    {"__class__": "system", "__module__": "os"},
    {"__class__": "system", "__module__": "os", "__loader__": "FunctionNode"},
    {"__class__": "system", "__module__": "os", "__loader__": "ObjectNode"},
    {"__class__": "KerasTopicClassifier", "__module__": TRUSTED_TYPES[1].rpartition(".")[0]},
    {"__loader__": "NoNode"},
    {"__loader__": None},
]


@pytest.fixture
def never_called(monkeypatch):
    called = []
    monkeypatch.setattr("os.system", called.append)
    yield
    assert not called


def _changed_files(contents, changes_of):
    """Yield each changed file with the path of what was changed, and the change."""
    text = json.dumps(contents["schema.json"])
    for position, (path, node) in enumerate(_nodes(contents["schema.json"])):
        for change, files in changes_of(position, path, node):
            schema = json.loads(text)
            part = next(itertools.islice(_nodes(schema), position, None))[1]
            if "__loader__" in change and "__id__" in change:
                part.clear()
            part.update(change)
            yield path, change, contents | files | {"schema.json": schema}


@pytest.mark.usefixtures("never_called")
def test_file_with_another_value_is_refused_or_gives_the_same(estimator):
    answers = _answers(estimator)

    def others(position, path, node):
        """Return three of the other values, so that each value comes to every third leaf or so."""
        picked = [OTHER_NODES[(3 * position + i) % len(OTHER_NODES)] for i in range(3)]
        return [
            (other, files)
            for value, other, files in picked
            if path and not _is_plausible(path, value) and path[-1] != "_sklearn_textnn_version"
        ]

    problems = {}
    for path, change, contents in _changed_files(_contents(estimator), others):
        problem = _problem(lambda: _load_file(contents), estimator, answers)  # noqa: B023
        if problem:
            problems[path, str(change.get("content", change["__class__"]))] = problem
    assert not problems


@pytest.mark.usefixtures("never_called")
def test_file_with_another_kind_of_node_is_refused_or_gives_the_same(estimator):
    answers = _answers(estimator)

    def selves(position, path, node):
        return [(SELVES[position % len(SELVES)], {})]

    problems = {}
    for path, change, contents in _changed_files(_contents(estimator), selves):
        problem = _problem(lambda: _load_file(contents), estimator, answers)  # noqa: B023
        if problem:
            problems[path, str(change)] = problem
    assert not problems


def _npy(array, **settings):
    buffer = io.BytesIO()
    np.save(buffer, array, **settings)
    return buffer.getvalue()


def test_file_with_another_array_is_refused_or_gives_the_same(estimator):
    contents, answers = _contents(estimator), _answers(estimator)
    arrays = [name for name in contents if name.endswith(".npy")]
    assert bool(arrays) != isinstance(estimator, MultiHotVectorizer)
    problems = {}
    for name in arrays:
        array = np.atleast_1d(np.load(io.BytesIO(contents[name])))
        others = [other for other in _other_arrays(array) if isinstance(other, np.ndarray)]
        others = [_npy(other) for other in others if other.dtype != object]
        others += [contents[name][:-1], b"", _npy(array.astype(object), allow_pickle=True)]
        for i, other in enumerate(others):
            changed = contents | {name: other}
            problem = _problem(lambda: _load_file(changed), estimator, answers)  # noqa: B023
            if problem:
                problems[name, i] = problem
    assert not problems


def test_optimizer_that_names_a_function_is_refused_when_it_is_needed(estimator, monkeypatch):
    if not hasattr(estimator, "coefs_"):
        pytest.skip("only a classifier has an optimizer")
    called = []
    monkeypatch.setattr("os.abort", lambda *args, **kwargs: called.append("os.abort"))
    contents = _contents(estimator)
    nodes = dict(_nodes(contents["schema.json"]))
    for name, value in (("module", "os"), ("class_name", "abort")):
        nodes["_training_state", "optimizer", name]["content"] = json.dumps(value)
    with pytest.raises(ValueError, match="optimizer"):
        _load_file(contents).model_  # noqa: B018
    assert not called
