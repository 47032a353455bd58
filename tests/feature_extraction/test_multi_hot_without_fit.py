"""MultiHotVectorizer with a given vocabulary, used without fit as CountVectorizer is."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.utils.validation import check_is_fitted

from sklearn_textnn import MultiHotVectorizer

VOCABULARY = ["film", "bad", "story"]
DOCUMENTS = ["A bad film, bad story", "", "story", "zzz"]
TOKENS = [["a", "bad", "film"], [], ["story"], ["zzz"]]
EXPECTED = [[1, 1, 1], [0, 0, 0], [0, 0, 1], [0, 0, 0]]


@pytest.mark.parametrize(
    "vocabulary", [VOCABULARY, {"film": 0, "story": 2, "bad": 1}, np.array(VOCABULARY)]
)
def test_transform_is_that_of_count_vectorizer(vocabulary):
    X = MultiHotVectorizer(vocabulary=vocabulary).transform(DOCUMENTS)
    oracle = CountVectorizer(vocabulary=vocabulary, binary=True).transform(DOCUMENTS)
    assert X.toarray().tolist() == oracle.toarray().tolist() == EXPECTED


def test_names_and_inverse_are_those_of_count_vectorizer():
    for given in (VOCABULARY, iter(VOCABULARY)):
        vectorizer = MultiHotVectorizer(vocabulary=given)
        assert [row.tolist() for row in vectorizer.inverse_transform(EXPECTED)] == [
            row.tolist()
            for row in CountVectorizer(vocabulary=VOCABULARY).inverse_transform(EXPECTED)
        ]
        assert vectorizer.get_feature_names_out().tolist() == VOCABULARY
        assert vectorizer.vocabulary_ == {"film": 0, "bad": 1, "story": 2}
    assert MultiHotVectorizer(vocabulary=VOCABULARY).get_feature_names_out().tolist() == VOCABULARY


def test_kind_is_found_from_the_documents_each_time():
    vectorizer = MultiHotVectorizer(vocabulary=VOCABULARY)
    assert vectorizer.transform([]).shape == (0, 3)
    assert vectorizer.transform(TOKENS).toarray().tolist() == [[1, 1, 0], *EXPECTED[1:]]
    assert vectorizer.transform(DOCUMENTS).toarray().tolist() == EXPECTED
    with pytest.raises(ValueError, match="vocabulary is for text and tokens"):
        vectorizer.transform([[1, 2]])
    assert not hasattr(vectorizer, "input_kind_")


def test_parameters_have_their_effects():
    vectorizer = MultiHotVectorizer(vocabulary=VOCABULARY, handle_unknown=1, sparse_output=False)
    assert vectorizer.transform(["zzz"]).tolist() == [[0, 1, 0]]
    with pytest.raises(ValueError, match="Row 1 has the term 'zzz'"):
        vectorizer.set_params(handle_unknown="error").transform(["film", "zzz"])


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"vocabulary": []}, "empty vocabulary"),
        ({"vocabulary": 5}, "'vocabulary' parameter"),
        ({"vocabulary": {"a": 0, "b": 0}}, "no term has column 1"),
        ({"vocabulary": ["a", "a"]}, "twice"),
        ({"vocabulary": ["a"], "handle_unknown": 1}, "must be one of the 1 columns"),
        ({"vocabulary": ["a"], "handle_unknown": -1}, "handle_unknown"),
        ({"vocabulary": ["a"], "ngram_range": (0, 1)}, "ngram_range"),
    ],
)
def test_bad_parameters_are_refused_as_by_fit(parameters, match):
    for method in ("fit", "transform"):
        with pytest.raises((ValueError, TypeError), match=match):
            getattr(MultiHotVectorizer(**parameters), method)(DOCUMENTS)


def test_it_is_not_fitted_and_fit_starts_anew():
    vectorizer = MultiHotVectorizer(vocabulary=VOCABULARY)
    vectorizer.transform(DOCUMENTS)
    with pytest.raises(NotFittedError):
        check_is_fitted(vectorizer)
    vectorizer.set_params(vocabulary=["zzz"]).fit(DOCUMENTS)
    check_is_fitted(vectorizer)
    assert vectorizer.transform(DOCUMENTS).toarray().tolist() == [[0], [0], [0], [1]]


@pytest.mark.parametrize("used", [False, True])
def test_it_can_be_copied_and_saved(used):
    vectorizer = MultiHotVectorizer(vocabulary=VOCABULARY)
    if used:
        vectorizer.transform(DOCUMENTS)
    for new in (pickle.loads(pickle.dumps(vectorizer)), copy.copy(vectorizer), clone(vectorizer)):
        assert new.transform(DOCUMENTS).toarray().tolist() == EXPECTED


def test_threads_may_use_it_at_the_same_time():
    for _ in range(20):
        vectorizer = MultiHotVectorizer(vocabulary=VOCABULARY)
        with ThreadPoolExecutor(8) as threads:
            for X in threads.map(vectorizer.transform, [DOCUMENTS] * 16):
                assert X.toarray().tolist() == EXPECTED


def test_without_a_vocabulary_it_must_be_fitted():
    vectorizer = MultiHotVectorizer()
    for method in (vectorizer.transform, vectorizer.inverse_transform):
        with pytest.raises(NotFittedError):
            method(DOCUMENTS)
