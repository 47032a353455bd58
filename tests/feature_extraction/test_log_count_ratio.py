"""LogCountRatioTransformer: the formula written slowly, naive Bayes, forms of input, bad input."""

import copy
import math
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp
import sklearn
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from planted import planted_classes, planted_topics
from sklearn.base import clone
from sklearn.exceptions import DataConversionWarning, NotFittedError
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import normalize

from sklearn_textnn import LogCountRatioTransformer, MultiHotVectorizer

COUNTS = np.array(
    [[1, 0, 2, 0, 0], [0, 3, 1, 0, 1], [4, 0, 0, 2, 1], [0, 1, 0, 0, 0], [0, 0, 0, 0, 0]],
    dtype=float,
)
LABELS = ["good", "bad", "good", "bad", "bad"]


def counts(seed, n_classes=3, dtype=np.float64):
    """Return a CSR matrix of counts from 0 to 9, with a row of zeros, and classes."""
    X, y = planted_classes(40, n_classes, seed, n_noise=12)
    X.data[:] = np.random.RandomState(seed).randint(1, 10, X.nnz)
    X = sp.vstack([X, sp.csr_matrix((1, X.shape[1]))], format="csr").astype(dtype)
    return X, np.r_[y, 0]


def slow_ratios(X, classes, alpha=1.0):
    """Return the weights as the docstring has them; `classes` are masks of the rows of each."""
    weights = []
    n_features = X.shape[1]
    for j in range(n_features):
        best = 0.0
        for mask in classes:
            if all(mask) or not any(mask):
                continue
            p, q = [alpha] * n_features, [alpha] * n_features
            for row, inside in zip(X, mask, strict=True):
                for k, value in enumerate(row):
                    if value != 0:
                        (p if inside else q)[k] += 1
            best = max(best, math.log((p[j] / sum(p)) / (q[j] / sum(q))))
        weights.append(best)
    return weights


def slow_rows(X, weights, norm=None, sublinear_tf=False):
    """Return the weighted rows as the docstring has them."""
    rows = []
    for row in X:
        if sublinear_tf:
            row = [1 + math.log(value) if value else 0.0 for value in row]
        row = [value * weight for value, weight in zip(row, weights, strict=True)]
        length = 1.0
        if norm == "l1":
            length = sum(map(abs, row))
        elif norm == "l2":
            length = math.sqrt(sum(value * value for value in row))
        rows.append([value / (length or 1.0) for value in row])
    return rows


def masks_of_labels(y):
    return [[label == one for label in y] for one in sorted(set(y))]


def masks_of_topics(Y):
    return [*(Y.T != 0).tolist(), (Y.sum(axis=1) == 0).tolist()]


# The weights


def test_weights_of_a_case_done_by_hand():
    X = [[1, 1, 0], [1, 0, 1], [1, 0, 1]]
    # p: 2, 2, 1 of 5 in the first class. q: 3, 1, 3 of 7 in the second.
    expected = np.abs(np.log([(2 / 5) / (3 / 7), (2 / 5) / (1 / 7), (1 / 5) / (3 / 7)]))
    assert_allclose(LogCountRatioTransformer().fit(X, [0, 1, 1]).ratio_, expected)


@pytest.mark.parametrize("alpha", [1.0, 0.01, 7])
@pytest.mark.parametrize("n_classes", [2, 3, 5])
def test_weights_are_those_of_the_formula(n_classes, alpha, global_random_seed):
    X, y = counts(global_random_seed, n_classes)
    transformer = LogCountRatioTransformer(alpha=alpha).fit(X, y)
    expected = slow_ratios(X.toarray(), masks_of_labels(y), alpha)
    assert_allclose(transformer.ratio_, expected, rtol=1e-10, atol=1e-12)
    assert transformer.ratio_.dtype == np.float64
    assert transformer.ratio_.min() >= 0
    assert transformer.ratio_[:n_classes].min() > transformer.ratio_[n_classes:].max()


@pytest.mark.parametrize("alpha", [1.0, 0.5])
def test_weights_of_two_classes_are_those_of_naive_bayes(alpha, global_random_seed):
    X, y = counts(global_random_seed, 2)
    transformer = LogCountRatioTransformer(alpha=alpha).fit(X, y)
    bayes = MultinomialNB(alpha=alpha).fit(X != 0, y)
    difference = bayes.feature_log_prob_[1] - bayes.feature_log_prob_[0]
    assert_allclose(transformer.ratio_, abs(difference), rtol=1e-10, atol=1e-12)
    assert difference.min() < 0 < difference.max()


def test_larger_alpha_gives_smaller_weights():
    X, y = counts(0)
    weights = [LogCountRatioTransformer(alpha=a).fit(X, y).ratio_.max() for a in (0.1, 1, 10, 1e9)]
    assert sorted(weights, reverse=True) == weights
    assert weights[-1] < 1e-6


@pytest.mark.parametrize("alpha", [5e-324, 1e-300, 1e300])
def test_weights_are_finite_for_any_alpha(alpha):
    with np.errstate(all="raise", under="ignore"):
        transformer = LogCountRatioTransformer(alpha=alpha)
        if alpha > 1:
            with pytest.warns(UserWarning, match="all weights are 0"):
                transformer.fit(COUNTS, LABELS)
        else:
            transformer.fit(COUNTS, LABELS)
    assert np.isfinite(transformer.ratio_).all()
    assert bool(transformer.ratio_.any()) == (alpha < 1)


def test_counts_matter_to_the_weights_only_as_zero_or_not():
    X, y = counts(0)
    expected = LogCountRatioTransformer().fit(X, y).ratio_
    assert_array_equal(LogCountRatioTransformer().fit(X != 0, y).ratio_, expected)
    assert_array_equal(LogCountRatioTransformer().fit(X * 0.1, y).ratio_, expected)


def test_column_that_is_in_no_row_or_in_all_rows_of_equal_classes_has_weight_zero():
    X = [[1, 0, 1], [1, 0, 0], [1, 1, 0], [1, 0, 0]]
    assert LogCountRatioTransformer().fit(X, [0, 0, 1, 1]).ratio_[0] == 0
    X = [[1, 0, 0], [0, 1, 0]]
    assert LogCountRatioTransformer().fit(X, [0, 1]).ratio_[2] == 0


@given(st.data())
def test_order_of_rows_columns_and_labels_does_not_matter(data):
    n_rows, n_columns = data.draw(st.integers(2, 8)), data.draw(st.integers(2, 6))
    values = st.lists(st.sampled_from([0, 0, 1, 2.5]), min_size=n_columns, max_size=n_columns)
    X = np.array(data.draw(st.lists(values, min_size=n_rows, max_size=n_rows)))
    y = np.array([0, 1, *data.draw(st.lists(st.integers(0, 3), max_size=6))])[:n_rows]
    y = np.r_[y, np.zeros(n_rows - len(y), int)]
    X[0, 0], X[1, 0], X[0, 1] = 1, 0, 0  # or else all weights may be 0
    X[1, 1] = 1
    transformer = LogCountRatioTransformer().fit(X, y)
    expected = slow_ratios(X, masks_of_labels(y))
    assert_allclose(transformer.ratio_, expected, rtol=1e-10, atol=1e-12)
    weighted = transformer.transform(X).toarray()
    assert_allclose(weighted, slow_rows(X, transformer.ratio_), atol=1e-12)

    rows = np.array(data.draw(st.permutations(range(n_rows))))
    columns = np.array(data.draw(st.permutations(range(n_columns))))
    names = np.array(data.draw(st.permutations(["a", "b", "c", "d"])))
    other = LogCountRatioTransformer().fit(sp.csc_array(X[rows][:, columns]), names[y][rows])
    assert_array_equal(other.ratio_, transformer.ratio_[columns])
    other = other.transform(sp.csc_array(X[rows][:, columns])).toarray()
    assert_allclose(other, weighted[rows][:, columns], atol=1e-15)


# The rows


@pytest.mark.parametrize("norm", ["l1", "l2", None])
@pytest.mark.parametrize("sublinear_tf", [False, True])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_rows_are_those_of_the_formula(dtype, sublinear_tf, norm, global_random_seed):
    X, y = counts(global_random_seed, dtype=dtype)
    transformer = LogCountRatioTransformer(norm=norm, sublinear_tf=sublinear_tf)
    weighted = transformer.fit_transform(X, y)
    expected = slow_rows(X.toarray().tolist(), transformer.ratio_, norm, sublinear_tf)
    assert weighted.dtype == dtype
    assert_allclose(weighted.toarray(), expected, rtol=1e-4 if dtype == np.float32 else 1e-10)
    assert weighted.format == "csr"
    assert weighted.has_canonical_format
    assert weighted.data.all()
    assert weighted[-1].nnz == 0


def test_rows_are_those_of_tfidf_transformer_with_the_same_weights(global_random_seed):
    X, y = counts(global_random_seed)
    ours = LogCountRatioTransformer(sublinear_tf=True, norm="l1").fit(X, y)
    theirs = TfidfTransformer(sublinear_tf=True, norm="l1").fit(X)
    theirs.idf_ = ours.ratio_
    assert_allclose(ours.transform(X).toarray(), theirs.transform(X).toarray())


def test_parameters_set_after_fit_have_their_effect():
    transformer = LogCountRatioTransformer().fit(COUNTS, LABELS)
    transformer.set_params(norm=None)
    assert_allclose(transformer.transform(COUNTS).toarray(), COUNTS * transformer.ratio_)
    transformer.set_params(norm="l1")
    expected = normalize(COUNTS * transformer.ratio_, "l1")
    assert_allclose(transformer.transform(COUNTS).toarray(), expected)


def test_planted_words_count_more_than_noise_for_a_classifier(global_random_seed):
    X, y = planted_classes(60, 2, global_random_seed, n_noise=200)
    X_test, y_test = planted_classes(200, 2, global_random_seed + 100, n_noise=200)
    model = LogisticRegression(C=0.1)
    plain = model.fit(X, y).score(X_test, y_test)
    weighted = make_pipeline(LogCountRatioTransformer(norm=None, alpha=0.1), model)
    assert weighted.fit(X, y).score(X_test, y_test) >= max(plain, 0.9)


# Indicators


@pytest.mark.parametrize(
    "form",
    [
        np.asarray,
        lambda Y: Y.astype(bool),
        lambda Y: Y.astype(float),
        np.ndarray.tolist,
        sp.csr_matrix,
        sp.csc_array,
        sp.coo_array,
        sp.lil_matrix,
        pd.DataFrame,
        lambda Y: pd.DataFrame(Y, columns=["a", "b", "c"]).astype("Int64"),
        lambda Y: pl.DataFrame(Y, schema=["a", "b", "c"]),
        lambda Y: sp.csr_array(
            (np.r_[Y.ravel()], np.tile(range(3), len(Y)), range(0, Y.size + 1, 3))
        ),
    ],
)
def test_topics_are_classes_and_no_topic_is_one_more(form, global_random_seed):
    X, Y = planted_topics(40, 3, global_random_seed)
    expected = slow_ratios(X.toarray(), masks_of_topics(Y))
    given = form(Y)
    before = copy.deepcopy(given)
    transformer = LogCountRatioTransformer().fit(X, given)
    assert_allclose(transformer.ratio_, expected, rtol=1e-10, atol=1e-12)
    if sp.issparse(given):
        assert_array_equal(given.toarray(), before.toarray())
        assert given.nnz == before.nnz


def test_indicators_with_one_topic_a_row_are_labels(global_random_seed):
    X, y = counts(global_random_seed)
    expected = LogCountRatioTransformer().fit(X, y).ratio_
    assert_array_equal(LogCountRatioTransformer().fit(X, np.eye(3, dtype=int)[y]).ratio_, expected)


def test_topic_of_all_rows_or_of_none_is_left_out():
    Y = np.array([[1, 0, 1], [0, 0, 1], [1, 0, 1], [0, 0, 1], [0, 0, 1]])
    weights = LogCountRatioTransformer().fit(COUNTS, Y).ratio_
    assert_allclose(weights, slow_ratios(COUNTS, masks_of_topics(Y)))
    # Without the topic of all rows, the rows without a topic are the other class.
    weights = LogCountRatioTransformer().fit(COUNTS, Y[:, :2]).ratio_
    assert_array_equal(weights, LogCountRatioTransformer().fit(COUNTS, LABELS).ratio_)


def test_word_of_rows_without_a_topic_has_a_weight():
    X = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1]]
    weights = LogCountRatioTransformer().fit(X, [[1, 0], [0, 1], [0, 0], [0, 0]]).ratio_
    assert weights.min() > 0.5


# Forms of X and y


@pytest.mark.parametrize(
    "form",
    [
        np.asarray,
        np.ndarray.tolist,
        lambda X: X.astype(int),
        lambda X: X.astype(np.float16),
        np.asfortranarray,
        sp.csr_matrix,
        sp.csr_array,
        sp.csc_matrix,
        sp.coo_array,
        sp.dok_array,
        sp.bsr_matrix,
        lambda X: sp.csr_array(X.astype(np.int8)),
        pd.DataFrame,
        lambda X: pd.DataFrame(X).astype(pd.SparseDtype(float, 0)),
        lambda X: pl.DataFrame(X),
    ],
)
def test_form_of_X_does_not_matter_and_X_stays(form):
    expected = LogCountRatioTransformer(sublinear_tf=True).fit(COUNTS, LABELS)
    X = form(COUNTS)
    before = copy.deepcopy(X)
    transformer = LogCountRatioTransformer(sublinear_tf=True).fit(X, LABELS)
    assert_array_equal(transformer.ratio_, expected.ratio_)
    weighted = transformer.transform(X)
    assert_array_equal(weighted.toarray(), expected.transform(COUNTS).toarray())
    assert weighted.dtype == np.float64
    assert_array_equal(weighted.indices, expected.transform(COUNTS).indices)
    dense, dense_before = (M.toarray() if sp.issparse(M) else M for M in (X, before))
    assert_array_equal(dense, dense_before)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32])
@pytest.mark.parametrize("container", [sp.csr_matrix, sp.csr_array])
def test_entries_that_are_unsorted_stored_twice_or_zero_do_not_matter_and_stay(container, dtype):
    parts = [1, 1, 2, 0, 3, 4, 1, 2, 0]
    columns, ends = [2, 0, 2, 1, 1, 3, 4, 3, 0], [0, 4, 5, 9]
    messy = container((np.array(parts, dtype), columns, ends), shape=(3, 5))
    before = messy.copy()
    arrays = [array.copy() for array in (messy.data, messy.indices, messy.indptr)]
    y = [0, 1, 0]
    transformer = LogCountRatioTransformer(sublinear_tf=True).fit(messy, y)
    expected = LogCountRatioTransformer(sublinear_tf=True).fit(before.toarray(), y)
    assert_array_equal(transformer.ratio_, expected.ratio_)
    weighted = transformer.transform(messy).toarray()
    assert_allclose(weighted, expected.transform(before.toarray()).toarray(), rtol=1e-6)
    for now, then in zip((messy.data, messy.indices, messy.indptr), arrays, strict=True):
        assert_array_equal(now, then)


def test_read_only_arrays_are_enough():
    X = sp.csr_matrix(COUNTS)
    for array in (X.data, X.indices, X.indptr):
        array.flags.writeable = False
    assert LogCountRatioTransformer().fit(X, LABELS).transform(X).nnz == 9


@pytest.mark.parametrize(
    "form",
    [
        np.array,
        lambda y: np.array(y, dtype=object),
        pd.Series,
        lambda y: pd.Series(y, dtype="category"),
        lambda y: pd.Series(y, dtype="string"),
        lambda y: pd.Series([label == "good" for label in y], dtype="boolean"),
        lambda y: [label == "good" for label in y],
        lambda y: [3.0 if label == "good" else -1.0 for label in y],
        pl.Series,
        tuple,
    ],
)
def test_form_of_labels_does_not_matter(form):
    expected = LogCountRatioTransformer().fit(COUNTS, LABELS).ratio_
    assert_array_equal(LogCountRatioTransformer().fit(COUNTS, form(LABELS)).ratio_, expected)


def test_column_of_labels_warns():
    expected = LogCountRatioTransformer().fit(COUNTS, LABELS).ratio_
    for column in (np.array(LABELS)[:, None], pd.DataFrame({"label": LABELS})):
        with pytest.warns(DataConversionWarning, match="column-vector y"):
            transformer = LogCountRatioTransformer().fit(COUNTS, column)
        assert_array_equal(transformer.ratio_, expected)


# In scikit-learn


def test_names_of_columns_are_kept():
    transformer = LogCountRatioTransformer().fit(COUNTS, LABELS)
    assert transformer.get_feature_names_out().tolist() == ["x0", "x1", "x2", "x3", "x4"]
    assert transformer.get_feature_names_out([*"abcde"]).tolist() == [*"abcde"]
    transformer.fit(pd.DataFrame(COUNTS, columns=[*"vwxyz"]), LABELS)
    assert transformer.feature_names_in_.tolist() == [*"vwxyz"]
    assert transformer.get_feature_names_out().tolist() == [*"vwxyz"]
    with pytest.raises(ValueError, match="feature names should match"):
        transformer.transform(pd.DataFrame(COUNTS, columns=[*"vwxza"]))
    transformer.fit(COUNTS, LABELS)
    assert not hasattr(transformer, "feature_names_in_")


@pytest.mark.parametrize("container", ["pandas", "polars"])
@pytest.mark.parametrize("sparse_output", [True, False])
def test_output_stays_sparse_where_frames_are_asked_for_globally(sparse_output, container):
    documents = ["a fine film", "a dull film", "fine acting", "dull acting"]
    pipeline = make_pipeline(
        MultiHotVectorizer(sparse_output=sparse_output),
        LogCountRatioTransformer(),
        LogisticRegression(),
    )
    with sklearn.config_context(transform_output=container):
        pipeline.fit(documents, [1, 0, 1, 0])
        assert sp.issparse(pipeline[:-1].transform(documents))
        assert pipeline.predict(documents).tolist() == [1, 0, 1, 0]
    names = pipeline[:-1].get_feature_names_out()
    assert names.tolist() == pipeline[0].get_feature_names_out().tolist()


def test_set_output_is_not_there_as_in_tfidf_transformer():
    for transformer in (TfidfTransformer(), LogCountRatioTransformer()):
        assert not hasattr(transformer, "set_output")


@pytest.mark.skipif("sparse_interface" not in sklearn.get_config(), reason="scikit-learn < 1.9")
@pytest.mark.parametrize("norm", ["l2", None])
@pytest.mark.parametrize("container", [np.asarray, sp.csr_array, sp.csr_matrix, sp.csc_array])
def test_sparse_interface_of_the_configuration(container, norm):
    X, transformer = container(COUNTS), LogCountRatioTransformer(norm=norm)
    assert isinstance(transformer.fit_transform(X, LABELS), sp.csr_matrix)
    with sklearn.config_context(sparse_interface="sparray"):
        assert isinstance(transformer.transform(X), sp.csr_array)


def test_clone_and_copies_are_the_same():
    transformer = LogCountRatioTransformer(norm="l1", sublinear_tf=True, alpha=0.5)
    assert clone(transformer).get_params() == transformer.get_params()
    transformer.fit(COUNTS, LABELS)
    expected = transformer.transform(COUNTS).toarray()
    for other in (copy.copy, copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))):
        assert_array_equal(other(transformer).transform(COUNTS).toarray(), expected)


# Bad input


def _with(X, value):
    X = X.copy()
    X[1, 1] = value
    return X


def _damaged(part, value):
    X = sp.csr_array(COUNTS)
    getattr(X, part)[2] = value
    return X


BAD = {
    "negative": (_with(COUNTS, -1), LABELS, "Negative values .* LogCountRatioTransformer"),
    "negative sparse": (sp.csr_array(_with(COUNTS, -1)), LABELS, "Negative values"),
    "NaN": (_with(COUNTS, np.nan), LABELS, "Input X contains NaN"),
    "infinity": (_with(COUNTS, np.inf), LABELS, "Input X contains infinity"),
    "complex": (COUNTS * 1j, LABELS, "Complex data not supported"),
    "str": ([["a"], ["b"]], [0, 1], "could not convert string"),
    "one dimension": (COUNTS[0], LABELS, "Expected 2D array"),
    # SciPy 1.11 makes a row of it.
    "one sparse dimension": (sp.coo_array(COUNTS[0]), LABELS, "Expected 2D input|inconsistent"),
    "no rows": (COUNTS[:0], [], r"0 sample\(s\)"),
    "no columns": (COUNTS[:, :0], LABELS, r"0 feature\(s\)"),
    "column out of range": (_damaged("indices", 5), LABELS, "X is a damaged sparse matrix"),
    "negative column": (_damaged("indices", -1), LABELS, "X is a damaged sparse matrix"),
    "rows that overlap": (_damaged("indptr", 99), LABELS, "X is a damaged sparse matrix"),
    "mixed names": (pd.DataFrame(COUNTS, columns=[*"abcd", 5]), LABELS, "all input features have"),
    "no y": (COUNTS, None, "requires y to be passed"),
    "short y": (COUNTS, LABELS[:-1], r"inconsistent numbers of samples: \[5, 4\]"),
    "one class": (COUNTS, ["good"] * 5, "needs at least 2 classes; .* only one class, good"),
    "continuous": (COUNTS, [0.1, 0.2, 0.3, 0.4, 0.5], "Unknown label type: continuous"),
    "y with NaN": (COUNTS, [0, 1, 0, 1, np.nan], "contains NaN"),
    "y with None": (COUNTS, [*LABELS[:-1], None], "all be strings or all be numbers"),
    "y of mixed types": (COUNTS, np.array([*LABELS[:-1], 3], object), "all be strings or all"),
    "y of other objects": (COUNTS, np.array([3, *LABELS[1:]], object), "Unknown label type"),
    "Series of lists": (COUNTS, pd.Series([["a"], ["b"], [], ["b"], []]), "MultiLabelBinarizer"),
    "collections": (COUNTS, [["a"], ["a", "b"], [], ["b"], ["a"]], "MultiLabelBinarizer"),
    "sets of one size": (COUNTS, [{"a"}, {"b"}, {"a"}, {"b"}, {"a"}], "MultiLabelBinarizer"),
    "labels in columns": (COUNTS, [[0, 1], [1, 2], [2, 0], [0, 0], [1, 1]], "2 columns and 2 in"),
    "ones and twos": (COUNTS, [[2, 1], [1, 2], [1, 2], [1, 1], [1, 1]], "2 columns and 2 in it"),
    "words in columns": (COUNTS, [["a", "b"]] * 5, "2 columns and the dtype <U1 in it"),
    "sparse twos": (COUNTS, sp.csr_array(np.eye(5) * 2), "5 columns and 2.0 in it"),
    "summed to two": (
        COUNTS,
        sp.csr_array((np.ones(3, int), [0, 0, 1], [0, 2, 3, 3, 3, 3]), shape=(5, 2)),
        "2 columns and 2 in it",
    ),
    "sparse column": (COUNTS, sp.csr_array(np.ones((5, 1))), "a single topic is a problem of two"),
    "damaged y": (COUNTS, _damaged("indices", 7), "y is a damaged sparse matrix"),
    "all topics": (COUNTS, np.ones((5, 2), int), "every topic in y is in all rows or in none"),
    "no topics": (COUNTS, np.zeros((5, 2), int), "every topic in y is in all rows or in none"),
    "three dimensions": (COUNTS, np.ones((5, 2, 2)), "dim 3"),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning:sklearn")
def test_bad_input_is_refused_and_the_fitted_state_stays(case):
    X, y, message = BAD[case]
    given = copy.deepcopy((X, y))
    for transformer in (
        LogCountRatioTransformer(),
        LogCountRatioTransformer().fit(pd.DataFrame(np.eye(2), columns=["a", "b"]), [0, 1]),
    ):
        before = copy.deepcopy(vars(transformer))
        with pytest.raises((ValueError, TypeError), match=message):
            transformer.fit(X, y)
        assert vars(transformer).keys() == before.keys()
        for name, value in vars(transformer).items():
            assert_array_equal(value, before[name])
    for now, then in zip((X, y), given, strict=True):
        if sp.issparse(now):
            assert_array_equal(now.data, then.data)
        elif not isinstance(now, pd.DataFrame):
            assert repr(now) == repr(then)


@pytest.mark.parametrize(
    "case",
    ["negative", "negative sparse", "NaN", "column out of range", "one dimension", "no rows"],
)
def test_bad_vectors_are_not_transformed(case):
    X, _, message = BAD[case]
    with pytest.raises(ValueError, match=message):
        LogCountRatioTransformer().fit(COUNTS, LABELS).transform(X)


def test_other_number_of_columns_is_refused():
    transformer = LogCountRatioTransformer().fit(COUNTS, LABELS)
    with pytest.raises(
        ValueError, match="X has 4 features, but LogCountRatioTransformer is expect"
    ):
        transformer.transform(COUNTS[:, 1:])


def test_transform_without_fit_is_refused():
    with pytest.raises(NotFittedError, match="LogCountRatioTransformer"):
        LogCountRatioTransformer().transform(COUNTS)


@pytest.mark.filterwarnings("ignore:.*bytes:FutureWarning")
def test_labels_of_bytes_are_treated_as_by_scikit_learn():
    def error(estimator):
        try:
            estimator.fit(COUNTS, np.array([b"a", b"b", b"a", b"b", b"a"]))
        except TypeError as found:
            return str(found)

    assert error(LogCountRatioTransformer()) == error(LogisticRegression())


def test_fit_without_labels_says_so():
    with pytest.raises(TypeError, match="'y'"):
        LogCountRatioTransformer().fit_transform(COUNTS)


@pytest.mark.parametrize(
    "parameters",
    [
        *({"norm": norm} for norm in ("max", "L2", 2, False)),
        *({"sublinear_tf": value} for value in ("no", None, 2)),
        *({"alpha": alpha} for alpha in (0, -1, np.nan, np.inf, "1", None)),
    ],
    ids=str,
)
def test_illegal_parameter_is_refused_and_the_fitted_state_stays(parameters):
    transformer = LogCountRatioTransformer().fit(COUNTS, LABELS)
    weights = transformer.ratio_
    (name,) = parameters
    with pytest.raises(ValueError, match=f"'{name}' parameter of LogCountRatioTransformer must be"):
        transformer.set_params(**parameters).fit(COUNTS[:, 1:], LABELS)
    assert transformer.ratio_ is weights
    assert transformer.n_features_in_ == 5


@pytest.mark.parametrize("X", [np.zeros((4, 3)), np.ones((4, 3)), np.eye(4, 1)])
def test_weights_that_are_all_zero_warn(X):
    with pytest.warns(UserWarning, match="all weights are 0") as caught:
        transformer = LogCountRatioTransformer().fit(X, [0, 1, 1, 1])
    assert caught[0].filename == __file__
    assert not transformer.ratio_.any()
    assert transformer.transform(X).nnz == 0


# Saved states


@pytest.mark.parametrize(
    "attributes",
    [
        {"ratio_": np.ones(4)},
        {"ratio_": np.ones((5, 1))},
        {"ratio_": np.ones(5, np.float32)},
        {"ratio_": [1.0] * 5},
        {"ratio_": np.array([1, 2, 3, 4, -1.0])},
        {"ratio_": np.array([1, 2, 3, 4, np.inf])},
        {"ratio_": np.array([1, 2, 3, 4, np.nan])},
        {"ratio_": None},
        {"n_features_in_": 4},
        {"n_features_in_": None},
        {"norm": "max"},
        {"alpha": -1.0},
        {"transform": None},
        {"idf_": np.ones(5)},
    ],
)
def test_damaged_attributes_are_not_loaded(attributes):
    state = LogCountRatioTransformer().fit(COUNTS, LABELS).__getstate__()
    loaded = LogCountRatioTransformer.__new__(LogCountRatioTransformer)
    with pytest.raises(ValueError, match="LogCountRatioTransformer cannot be loaded"):
        loaded.__setstate__(state | attributes)
    assert not vars(loaded)
    for name in ("ratio_", "n_features_in_", "alpha"):
        part = {key: value for key, value in state.items() if key != name}
        with pytest.raises(ValueError, match="LogCountRatioTransformer cannot be loaded"):
            loaded.__setstate__(part)
