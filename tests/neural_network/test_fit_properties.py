"""Both classifiers on random matrices: every format gives the same model, no input is changed.

Hypothesis draws the examples: the same ones each time in the suite, new and many more in
`make fuzz`. The networks have few shapes, because TensorFlow traces each shape anew.
"""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from same_network import assert_close_networks
from sklearn.base import clone

from sklearn_textnn import KerasBinaryReviewClassifier, KerasTopicClassifier

N_FEATURES = 6
N_CLASSES = {KerasBinaryReviewClassifier: 2, KerasTopicClassifier: 3}
FORMATS = ["csr", "csc", "coo", "lil", "dok", "bsr", "dia"]
DENSE = [np.ascontiguousarray, np.asfortranarray, pd.DataFrame, np.ndarray.tolist]
VALUES = st.sampled_from([0.0, 1.0, 2.0, 4.0])

LABELS = (
    st.integers(-(2**63), 2**63 - 1),
    st.integers(-(2**20), 2**20).map(float),
    st.text(st.characters(exclude_characters="\x00"), max_size=4),  # NumPy strips NUL
)


def as_series(labels):
    # pandas's own strings hold no lone surrogates, and scikit-learn takes no numbers as objects.
    return pd.Series(labels, dtype=object if isinstance(labels[0], str) else None)


@st.composite
def problems(draw):
    """Return an estimator, dense rows, labels and arguments of `fit`."""
    estimator_class = draw(st.sampled_from(list(N_CLASSES)))
    n_classes = N_CLASSES[estimator_class]
    n_rows = draw(st.integers(n_classes, 10))
    dense = draw(arrays(np.float64, (n_rows, N_FEATURES), elements=VALUES))
    dense[draw(st.lists(st.integers(0, n_rows - 1), max_size=2))] = 0
    dense[:, draw(st.lists(st.integers(0, N_FEATURES - 1), max_size=2))] = 0
    kinds = [st.lists(kind, min_size=n_classes, max_size=n_classes, unique=True) for kind in LABELS]
    labels = draw(st.one_of(kinds) if n_classes > 2 else st.one_of(*kinds, st.just([True, False])))
    rest = st.lists(st.sampled_from(labels), min_size=n_rows - n_classes, max_size=n_rows)
    y = draw(st.permutations([*labels, *draw(rest)][:n_rows]))
    y = draw(st.sampled_from([list, np.array, as_series]))(y)
    arguments = {}
    if draw(st.booleans()):
        weights = st.sampled_from([1.0, 0.5, 3.0])
        arguments["sample_weight"] = draw(st.lists(weights, min_size=n_rows, max_size=n_rows))
    if draw(st.booleans()):
        arguments["y_val"] = y
    estimator = estimator_class(
        (4,), epochs=2, batch_size=draw(st.sampled_from([1, 3, 512])), random_state=draw(SEEDS)
    )
    return estimator, dense, y, arguments


SEEDS = st.integers(0, 99)
# The types that the network takes as they are come more often: `fit` might change those arrays.
TYPES = st.sampled_from(["float64", "float32"]) | st.sampled_from(
    ["longdouble", "int8", "uint16", "int64"]
)
FORMS = st.sampled_from(["disturbed csr", "disturbed coo"]) | st.sampled_from([*DENSE, *FORMATS])


@st.composite
def forms(draw):
    """Return a function from a dense matrix to the same one in another form."""
    dtype, seed = draw(TYPES), draw(SEEDS)
    form = draw(FORMS)
    kind, large, read_only = draw(st.sampled_from(["matrix", "array"])), *draw(FLAGS)

    def convert(dense):
        dense = dense.astype(dtype)
        if callable(form):
            return form(dense)
        if not form.startswith("disturbed"):
            return getattr(sp, f"{form}_{kind}")(dense)
        X = disturbed(dense, np.random.RandomState(seed))
        X = getattr(sp, f"{form[-3:]}_{kind}")(X)
        names = ["data", *(["indices", "indptr"] if form.endswith("csr") else [])]
        if large:
            for name in names[1:]:
                setattr(X, name, getattr(X, name).astype(np.int64))
        if read_only:
            for name in names:
                getattr(X, name).setflags(write=False)
        return X

    return convert


FLAGS = st.tuples(st.booleans(), st.booleans())


def disturbed(dense, rng):
    """Return COO with explicit zeros, values in two halves, and entries in any order."""
    rows, columns = np.nonzero(dense)
    values = dense[rows, columns]
    halved = (values % 2 == 0) & (rng.random_sample(values.size) < 0.5)
    zeros = tuple(rng.randint(n, size=3) for n in dense.shape)
    rows = np.concatenate([rows, rows[halved], zeros[0]])
    columns = np.concatenate([columns, columns[halved], zeros[1]])
    half = dense.dtype.type(2)
    values = np.where(halved, values // half, values)
    values = np.concatenate([values, values[halved], np.zeros(3, dense.dtype)])
    order = rng.permutation(rows.size)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(dense)))])
    order = order[np.argsort(rows[order], kind="stable")]
    return sp.csr_matrix((values[order], columns[order], indptr), shape=dense.shape)


def content(X):
    """Return everything that a caller can see of a matrix."""
    if not sp.issparse(X):
        return [np.array(X), np.asarray(X).dtype, type(X)]
    names = ("data", "indices", "indptr", "row", "col", "offsets", "rows")
    parts = [np.array(getattr(X, name)) for name in names if hasattr(X, name)]
    return [*parts, X.toarray(), X.dtype, type(X)]


def assert_unchanged(before, after):
    for part, other in zip(before, after, strict=True):
        assert_array_equal(part, other)


@settings(max_examples=settings().max_examples // 4)
@given(problems(), forms())
def test_every_format_of_the_rows_gives_the_same_model(problem, form):
    estimator, dense, y, arguments = problem
    X = form(dense)
    network_dtype = np.float64 if getattr(X, "dtype", None) == np.float64 else np.float32
    dense = dense.astype(network_dtype)
    before, labels = content(X), list(y)

    def fit(rows):
        held_out = {"X_val": rows} if "y_val" in arguments else {}
        return clone(estimator).fit(rows, y, **arguments, **held_out)

    expected, found = fit(dense), fit(X)
    assert_close_networks(found, expected, atol=1e-5)
    assert expected.history_.keys() == found.history_.keys()
    for name, values in expected.history_.items():
        assert_allclose(values, found.history_[name], atol=1e-5)

    classes = sorted(set(labels))
    assert found.classes_.tolist() == classes
    probabilities = found.predict_proba(X)
    assert probabilities.shape == (len(dense), len(classes))
    assert_allclose(probabilities, expected.predict_proba(dense), atol=1e-5)
    assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    assert (probabilities >= 0).all()
    assert_allclose(found.decision_function(X), expected.decision_function(dense), atol=1e-4)
    assert found.predict(X).tolist() == [classes[i] for i in probabilities.argmax(axis=1)]

    assert_close_networks(found.partial_fit(X, y), expected.partial_fit(dense, y), atol=1e-5)
    assert_unchanged(before, content(X))
    assert list(y) == labels


@pytest.mark.parametrize("estimator_class", N_CLASSES)
def test_np_matrix_is_refused_as_by_scikit_learn(estimator_class):
    X = np.eye(4).view(np.matrix)
    with pytest.raises(TypeError, match=r"np.matrix is not supported. Please convert to a numpy"):
        estimator_class().fit(X, np.arange(4) % N_CLASSES[estimator_class])
