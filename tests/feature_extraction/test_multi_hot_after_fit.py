"""MultiHotVectorizer when parameters or learned attributes were changed after fit or in a file."""

import copy
import gc
import pickle
import re
import weakref

import numpy as np
import pytest
import sklearn
import skops.io
from sklearn.base import clone
from skops_files import members, packed

from sklearn_textnn import TRUSTED_TYPES, MultiHotVectorizer

DOCUMENTS = ["a film", "the story"]
NEW = ["zzz a film", "zzz"]
SEQUENCES = [[1, 4], [2, 2]]


def load(vectorizer, **attributes):
    """Save the vectorizer, change what was saved, and load that."""
    saved = pickle.loads(pickle.dumps(vectorizer.__getstate__())) | attributes
    new = MultiHotVectorizer.__new__(MultiHotVectorizer)
    new.__setstate__(saved)
    return new


# Parameters

ILLEGAL = [
    {"handle_unknown": -1},
    {"handle_unknown": -(2**40)},
    {"handle_unknown": 1.0},
    {"handle_unknown": None},
    {"handle_unknown": "warn"},
    {"skip_top": -1},
    {"num_words": 0},
    {"num_words": 2, "skip_top": 2},
    {"analyzer": "words"},
    {"lowercase": "no"},
    {"ngram_range": (0, 1)},
    {"ngram_range": (2, 1)},
    {"ngram_range": [1, 1]},
    {"stop_words": "german"},
    {"stop_words": ["a", 1]},
    {"stop_words": ["a", ["b"]]},
    {"min_df": -1},
    {"vocabulary": 5},
    {"dtype": str},
    {"dtype": object},
    {"dtype": "words"},
    {"sparse_output": 2},
]


@pytest.mark.parametrize("parameters", ILLEGAL)
def test_transform_refuses_the_parameters_that_fit_refuses(parameters):
    with pytest.raises((ValueError, TypeError)) as in_fit:
        MultiHotVectorizer(**parameters).fit(DOCUMENTS)
    vectorizer = MultiHotVectorizer().fit(DOCUMENTS)
    vectorizer.transform(NEW)  # legal values may be remembered
    vectorizer.set_params(**parameters)
    for method in (vectorizer.transform, lambda X: vectorizer.build_analyzer()):
        with pytest.raises(type(in_fit.value), match=f"^{re.escape(str(in_fit.value))}$"):
            method(NEW)


@pytest.mark.parametrize("column", [4, 10**6, 2**31, 2**63, 2**70])
def test_transform_refuses_a_column_for_unknown_terms_that_is_not_there(column):
    vectorizer = MultiHotVectorizer().fit(DOCUMENTS).set_params(handle_unknown=column)
    with pytest.raises(ValueError, match=f"{column} must be one of the 4 columns, 0 to 3"):
        vectorizer.transform(NEW)
    vectorizer = MultiHotVectorizer(5).fit(SEQUENCES).set_params(handle_unknown=column + 1)
    with pytest.raises(ValueError, match=f"{column + 1} must be one of the 5 columns, 0 to 4"):
        vectorizer.transform([[7]])


@pytest.mark.parametrize("column", [-1, -(2**40), 2**40])
def test_no_matrix_is_made_of_illegal_columns_where_parameters_are_not_validated(column):
    vectorizer = MultiHotVectorizer(handle_unknown=column)
    with (
        sklearn.config_context(skip_parameter_validation=True),
        pytest.raises(ValueError, match="must be one of the 4 columns"),
    ):
        vectorizer.fit(DOCUMENTS)


def test_values_that_are_equal_to_legal_ones_are_not_taken_for_them():
    vectorizer = MultiHotVectorizer(handle_unknown=1).fit(DOCUMENTS)
    vectorizer.transform(NEW)
    with pytest.raises(ValueError, match=r"'handle_unknown' .* Got 1\.0"):
        vectorizer.set_params(handle_unknown=1.0).transform(NEW)
    vectorizer.set_params(handle_unknown=1, lowercase=True).transform(NEW)
    with pytest.raises(ValueError, match=r"'lowercase' .* Got 1"):
        vectorizer.set_params(lowercase=1).transform(NEW)


def test_checked_parameters_do_not_keep_an_analyzer_alive():
    def analyzer(document):
        return document.split()

    reference = weakref.ref(analyzer)
    vectorizer = MultiHotVectorizer(analyzer=analyzer).fit(DOCUMENTS)
    assert vectorizer.transform(NEW).nnz == 2
    del analyzer, vectorizer
    gc.collect()
    assert reference() is None


# What was learned


@pytest.mark.parametrize("handle_unknown", ["ignore", "error", 0])
@pytest.mark.parametrize("times", [1, 300_000])
@pytest.mark.parametrize("column", [4, 5, -2, 2**31 - 1, -(2**31), 2**70, "x", None, [0]])
def test_no_matrix_is_made_of_columns_changed_by_hand(column, times, handle_unknown):
    vectorizer = MultiHotVectorizer(handle_unknown=handle_unknown).fit(DOCUMENTS)
    vectorizer.vocabulary_["film"] = column
    with pytest.raises(ValueError, match=r"vocabulary_ was changed after fit: .*; fit again"):
        vectorizer.transform(["a film", "film " * times])


@pytest.mark.parametrize("column", [4, -1, 2**70, "x", None, 1.5, "1"])
def test_columns_changed_by_hand_have_no_names(column):
    vectorizer = MultiHotVectorizer().fit(DOCUMENTS)
    vectorizer.vocabulary_["film"] = column
    with pytest.raises((ValueError, TypeError), match="vocabulary_"):
        vectorizer.get_feature_names_out()


def test_term_deleted_by_hand_is_unknown():
    vectorizer = MultiHotVectorizer().fit(DOCUMENTS)
    del vectorizer.vocabulary_["a"]
    X = vectorizer.transform(["a film", "story"])
    assert X.toarray().tolist() == [[0, 1, 0, 0], [0, 0, 0, 1]]


@pytest.mark.parametrize(
    ("attributes", "match"),
    [
        ({"vocabulary_": None}, "do not fit together"),
        ({"vocabulary_": ["a", "film"]}, "vocabulary_ was changed"),
        ({"input_kind_": "integers"}, "do not fit together"),
        ({"input_kind_": "speech"}, "no kind of documents 'speech'"),
        ({"_n_features_out": 0}, "0 is not a number of columns"),
        ({"_n_features_out": 4.0}, r"4\.0 is not a number of columns"),
        ({"_n_features_out": 2}, "vocabulary_ was changed"),
    ],
)
def test_attributes_changed_by_hand_are_refused(attributes, match):
    vectorizer = MultiHotVectorizer().fit(DOCUMENTS)
    vars(vectorizer).update(attributes)
    with pytest.raises(ValueError, match=match):
        vectorizer.transform(DOCUMENTS)


@pytest.mark.parametrize(
    ("kind", "indices"), [("csr", "indices"), ("csc", "indices"), ("coo", "row"), ("coo", "col")]
)
def test_inverse_transform_refuses_a_matrix_with_columns_out_of_range(kind, indices):
    vectorizer = MultiHotVectorizer().fit(DOCUMENTS)
    X = vectorizer.transform(DOCUMENTS).asformat(kind)
    getattr(X, indices)[0] = 10**6
    with pytest.raises(ValueError, match="X is a damaged sparse matrix"):
        vectorizer.inverse_transform(X)


# Loading


@pytest.mark.parametrize("parameters", ILLEGAL)
def test_fitted_vectorizer_with_illegal_parameters_is_not_loaded(parameters):
    vectorizer = MultiHotVectorizer().fit(DOCUMENTS)
    with pytest.raises(ValueError, match=r"MultiHotVectorizer cannot be loaded"):
        load(vectorizer, **parameters)


@pytest.mark.parametrize("parameters", ILLEGAL)
def test_vectorizer_that_is_not_fitted_is_copied_with_any_parameters(parameters):
    """An error in fit says more than one where a process loads what another has sent to it."""
    vectorizer = MultiHotVectorizer(**parameters)
    for copied in (clone(vectorizer), copy.deepcopy(vectorizer), load(vectorizer)):
        with pytest.raises((ValueError, TypeError)):
            copied.fit(DOCUMENTS)


@pytest.mark.parametrize(
    "attributes",
    [
        {"handle_unknown": 4},
        {"vocabulary_": {"a": 0, "film": 1, "the": 2}},
        {"vocabulary_": {"a": 0, "film": 1, "the": 2, "story": 4}},
        {"vocabulary_": {"a": 0, "film": 1, "the": 2, "story": -1}},
        {"vocabulary_": {"a": 0, "film": 1, "the": 2, "story": 2}},
        {"vocabulary_": {"a": 0, "film": 1, "the": 2, "story": 3.0}},
        {"vocabulary_": {"a": 0, "film": True, "the": 2, "story": 3}},
        {"vocabulary_": {"a": 0, "film": 1, "the": 2, "story": "3"}},
        {"vocabulary_": {"a": 0, "film": 1, "the": 2, "story": np.int64(3)}},
        {"vocabulary_": {"a": 0, "film": 1, "the": 2, 7: 3}},
        {"vocabulary_": [("a", 0), ("film", 1), ("the", 2), ("story", 3)]},
        {"vocabulary_": None},
        {"input_kind_": "integers"},
        {"input_kind_": "speech"},
        {"input_kind_": ["text"]},
        {"input_kind_": None},
        {"_n_features_out": 3},
        {"_n_features_out": 5},
        {"_n_features_out": 4.0},
        {"_n_features_out": True},
        {"_n_features_out": "4"},
        {"_parameter_constraints": {}},
        {"transform": None},
        {"_sklearn_auto_wrap_output_keys": set()},
    ],
)
def test_damaged_attributes_are_not_loaded(attributes):
    vectorizer = MultiHotVectorizer().fit(DOCUMENTS)
    assert load(vectorizer).transform(NEW).nnz == 2
    with pytest.raises(ValueError, match="MultiHotVectorizer cannot be loaded"):
        load(vectorizer, **attributes)


@pytest.mark.parametrize("attributes", [{"_n_features_out": 0}, {"_n_features_out": -5}])
def test_damaged_number_of_integers_is_not_loaded(attributes):
    vectorizer = MultiHotVectorizer(5).fit(SEQUENCES)
    assert load(vectorizer).transform([[4, 5]]).indices.tolist() == [4]
    with pytest.raises(ValueError, match=r"'_n_features_out' .* must be an int in the range"):
        load(vectorizer, **attributes)


def test_skops_file_with_an_illegal_column_is_not_loaded():
    vectorizer = MultiHotVectorizer().fit(DOCUMENTS)
    vectorizer.set_params(handle_unknown=3)
    contents = members(skops.io.dumps(vectorizer))
    unknown = contents["schema.json"]["content"]["content"]["handle_unknown"]
    for column in ("-1", "4"):
        unknown["content"] = column
        with pytest.raises(ValueError, match="MultiHotVectorizer cannot be loaded"):
            skops.io.loads(packed(contents), trusted=TRUSTED_TYPES)
    with pytest.raises(ValueError, match="cannot be saved or copied"):
        skops.io.dumps(vectorizer.set_params(handle_unknown=-1))
    vectorizer.set_params(handle_unknown="ignore")
    vectorizer.vocabulary_["film"] = 4
    with pytest.raises(ValueError, match="MultiHotVectorizer cannot be loaded"):
        skops.io.loads(skops.io.dumps(vectorizer), trusted=TRUSTED_TYPES)


def hashable_terms(document):
    return [tuple(document.split())]


@pytest.mark.parametrize(
    "vectorizer",
    [
        MultiHotVectorizer(vocabulary={"film": np.int64(1), "a": False}),
        MultiHotVectorizer(vocabulary=np.array(["a", "film"])),
        MultiHotVectorizer(np.int64(3), handle_unknown=np.int8(2), sparse_output=np.bool_(True)),
        MultiHotVectorizer(analyzer=hashable_terms),
        MultiHotVectorizer(stop_words=["the"], ngram_range=(1, 2), dtype="float64"),
    ],
)
def test_whatever_fit_learns_can_be_loaded(vectorizer):
    vectorizer = clone(vectorizer).fit(DOCUMENTS)
    X = pickle.loads(pickle.dumps(vectorizer)).transform(NEW)
    assert (vectorizer.transform(NEW) != X).nnz == 0
