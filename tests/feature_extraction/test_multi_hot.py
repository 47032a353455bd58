"""MultiHotVectorizer on good input: matrix, columns, parameters, and scikit-learn around it.

Bad input is in test_multi_hot_input.py, IMDB in test_multi_hot_real_data.py.
"""

import pickle
import subprocess
import sys
from collections import Counter
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import sklearn
from peak_memory import peak_of
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import SkipTestWarning
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import FeatureUnion, make_pipeline, make_union
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import (
    check_do_not_raise_errors_in_init_or_set_params,
    check_estimator,
    check_estimator_cloneable,
    check_estimator_repr,
    check_estimator_tags_renamed,
    check_get_params_invariance,
    check_mixin_order,
    check_no_attributes_set_in_init,
    check_param_validation,
    check_parameters_default_constructible,
    check_set_params,
    check_valid_tag_types,
)

from sklearn_textnn import MultiHotVectorizer
from sklearn_textnn.feature_extraction import _encoding, _tokenization

DOCUMENTS = [
    "The film wasn't bad at all; the story, the cast -- all good!",
    "A bad film, bad story & bad\tacting.",
    "",
    "I loved it. I'd see THE film again/again\n(and again)...",
    "été à la plage: naïve, ünïcode\u00a0spaces\u2003and x_y",
]
TOKENS = [["The", "film", "isn't", "BAD"], [], ["film", "film", "The"], ["story"]]
SEQUENCES = [[1, 14, 22, 16, 14], [], [1, 2, 9999], [0], [14, 3, 3, 3]]


def make_corpus(seed, n_documents=40):
    """Return random documents; "wonderful" is in those of class 1 and in no other."""
    rng = np.random.RandomState(seed)
    words = np.array([f"word{i}" for i in range(50)])
    target = np.arange(n_documents) % 2
    documents = [
        " ".join(rng.choice(words, size=rng.randint(3, 12))) + (" Wonderful!" if label else " .")
        for label in target
    ]
    return documents, target


def double_loop(sequences, dimension=10_000):
    """Encode as the Keras tutorial does."""
    results = np.zeros((len(sequences), dimension))
    for i, sequence in enumerate(sequences):
        for j in sequence:
            results[i, j] = 1.0
    return results


def assert_same(a, b):
    assert a.shape == b.shape
    assert (a != b).nnz == 0


def assert_canonical(X, dtype=np.float32):
    assert X.format == "csr"
    assert X.dtype == dtype
    assert X.indices.dtype == X.indptr.dtype == np.int32
    assert set(X.data) <= {1}
    for row in np.split(X.indices, X.indptr[1:-1]):
        assert (np.diff(row) > 0).all()


# The matrix


@pytest.mark.parametrize("documents", [DOCUMENTS, TOKENS, SEQUENCES])
def test_output_is_csr_of_float32_ones_sorted_without_duplicates(documents):
    vectorizer = MultiHotVectorizer()
    assert_canonical(vectorizer.fit_transform(documents))
    assert_canonical(vectorizer.transform(documents))


@pytest.mark.parametrize("documents", [DOCUMENTS, TOKENS, SEQUENCES])
def test_fit_transform_equals_fit_then_transform(documents):
    for parameters in ({}, {"num_words": 3, "handle_unknown": 1}, {"num_words": None}):
        vectorizer = MultiHotVectorizer(**parameters)
        both = vectorizer.fit_transform(documents)
        assert_same(both, MultiHotVectorizer(**parameters).fit(documents).transform(documents))


def test_many_tokens_and_few_columns_stay_sorted_without_duplicates():
    documents = [["b", "a", "c", "a"] * 50, ["c", "b"] * 30]
    X = MultiHotVectorizer().fit_transform(documents)
    assert_canonical(X)
    assert X.toarray().tolist() == [[1, 1, 1], [0, 1, 1]]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("num_words", [50, 10_000])
def test_integers_equal_the_double_loop(seed, num_words):
    rng = np.random.RandomState(seed)
    sequences = [rng.randint(num_words, size=n).tolist() for n in rng.randint(0, 300, size=30)]
    X = MultiHotVectorizer(num_words).fit_transform(sequences)
    np.testing.assert_array_equal(X.toarray(), double_loop(sequences, num_words))


@pytest.mark.parametrize(
    "parameters",
    [
        {"analyzer": "word"},
        {"analyzer": "word", "ngram_range": (1, 2), "stop_words": "english"},
        {"analyzer": "word", "lowercase": False},
        {"analyzer": "char"},
        {"analyzer": "char", "ngram_range": (2, 3), "lowercase": False},
        {"analyzer": "char_wb", "ngram_range": (3, 5)},
        {"analyzer": str.split, "lowercase": False},
        {"analyzer": lambda document: iter(document.split("a")), "lowercase": False},
    ],
)
@pytest.mark.parametrize("num_words", [None, 12])
def test_text_equals_count_vectorizer(parameters, num_words):
    X = MultiHotVectorizer(num_words, **parameters)
    encoded = X.fit_transform(DOCUMENTS)
    oracle = CountVectorizer(binary=True, vocabulary=X.vocabulary_, **parameters)
    assert_same(encoded, oracle.fit_transform(DOCUMENTS))
    assert_same(X.transform(DOCUMENTS[::-1]), oracle.transform(DOCUMENTS[::-1]))
    if num_words is None:
        learned = CountVectorizer(**parameters).fit(DOCUMENTS).get_feature_names_out()
        assert set(X.vocabulary_) == set(learned)


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"lowercase": False},
        {"ngram_range": (1, 2)},
        {"ngram_range": (2, 2), "stop_words": ["the", "bad"]},
        {"stop_words": "english"},
    ],
)
def test_keras_analyzer_equals_count_vectorizer_with_that_tokenizer(parameters):
    filters = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
    table = str.maketrans(filters, " " * len(filters))
    vectorizer = MultiHotVectorizer(**parameters)
    encoded = vectorizer.fit_transform(DOCUMENTS)
    oracle = CountVectorizer(
        binary=True, tokenizer=lambda text: text.translate(table).split(), token_pattern=None
    ).set_params(**parameters)
    assert set(vectorizer.vocabulary_) == set(oracle.fit(DOCUMENTS).vocabulary_)
    oracle.set_params(vocabulary=vectorizer.vocabulary_)
    assert_same(encoded, oracle.fit_transform(DOCUMENTS))
    one_by_one = sp.vstack([vectorizer.transform([document]) for document in DOCUMENTS])
    assert_same(encoded, one_by_one)


def test_order_of_documents_only_orders_the_rows(global_random_seed):
    documents, _ = make_corpus(global_random_seed)
    order = np.random.RandomState(global_random_seed).permutation(len(documents))
    shuffled = [documents[i] for i in order]
    vectorizer = MultiHotVectorizer(num_words=20).fit(documents)
    assert_same(vectorizer.transform(shuffled), vectorizer.transform(documents)[order])
    everything = MultiHotVectorizer().fit(documents)
    again = MultiHotVectorizer(vocabulary=everything.vocabulary_).fit_transform(shuffled)
    assert set(everything.vocabulary_) == set(MultiHotVectorizer().fit(shuffled).vocabulary_)
    assert_same(again, everything.transform(documents)[order])


def test_unknown_words_and_empty_documents_give_zero_rows():
    for documents, new in ((DOCUMENTS, ["", "zzz", " ... "]), (TOKENS, [[], ["zzz"], ["bad"]])):
        X = MultiHotVectorizer().fit(documents).transform(new)
        assert X.shape[0] == 3
        assert X.nnz == 0
    X = MultiHotVectorizer(5).fit(SEQUENCES).transform([[], [5], [10**12]])
    assert X.shape == (3, 5)
    assert X.nnz == 0


@pytest.mark.parametrize("documents", [DOCUMENTS, TOKENS, SEQUENCES])
def test_no_documents_to_transform_give_no_rows(documents):
    vectorizer = MultiHotVectorizer().fit(documents)
    assert vectorizer.transform([]).shape == (0, vectorizer.transform(documents).shape[1])


def test_no_dense_matrix_is_made(global_random_seed):
    """A dense matrix of these would take 80 MB as text and 40 GB as integers."""
    rng = np.random.RandomState(global_random_seed)
    sequences = [rng.randint(10_000_000, size=20) for _ in range(1_000)]
    documents = [" ".join(f"w{j % 20_000}" for j in sequence) for sequence in sequences]
    for vectorizer, X in (
        (MultiHotVectorizer(10_000_000), sequences),
        (MultiHotVectorizer(None), documents),
    ):
        assert peak_of(lambda v=vectorizer, X=X: [v.fit_transform(X), v.transform(X)]) < 15e6
        assert vectorizer.fit_transform(X).shape[1] > 10_000


@pytest.mark.parametrize(
    ("alphabet", "parameters"),
    [
        ("abcdefghij", {"analyzer": "word"}),
        ("abcdefghij", {"analyzer": "word", "ngram_range": (1, 2), "stop_words": ["aaaaa"]}),
        ("abcdefghij", {"analyzer": "char"}),
        ("abcdefghij", {"analyzer": "char_wb", "ngram_range": (2, 3)}),
        ("abcdefghij", {"analyzer": "keras"}),
        ("abcdefghij", {"analyzer": "keras", "lowercase": False}),
        ("éßçñüåøæđŧ", {"analyzer": "keras"}),
        ("абвгдежзик", {"analyzer": "keras", "lowercase": False}),
        ("😀😁😂😃😄😅😆😇😈😉", {"analyzer": "keras"}),
    ],
)
def test_one_long_document_takes_the_memory_of_count_vectorizer(
    alphabet, parameters, monkeypatch, global_random_seed
):
    monkeypatch.setattr(_encoding, "_LONG", 300)  # so that a smaller document shows the same
    monkeypatch.setattr(_tokenization, "_LONG", 300)
    rng = np.random.default_rng(global_random_seed)
    letters = np.array([*alphabet])[rng.integers(10, size=(10_000, 5))]
    documents = [" ".join(map("".join, letters))]
    theirs = dict(parameters)
    if parameters["analyzer"] in ("keras", "word"):
        theirs |= {"analyzer": "word", "token_pattern": r"[^ ]+"}
    oracle = CountVectorizer(binary=True, **theirs)
    vectorizer = MultiHotVectorizer(None, **parameters)
    fitted = peak_of(lambda: oracle.fit_transform(documents))
    assert peak_of(lambda: vectorizer.fit_transform(documents)) < 1.05 * fitted
    transformed = peak_of(lambda: oracle.transform(documents))
    assert peak_of(lambda: vectorizer.transform(documents)) < 1.05 * transformed


def test_numpy_integer_is_a_number_of_columns():
    vectorizer = MultiHotVectorizer(num_words=np.int64(5)).fit([[1, 2]])
    assert vectorizer.transform([[4]]).shape == (1, 5)
    assert pickle.loads(pickle.dumps(vectorizer)).transform([[4]]).shape == (1, 5)


def test_ngrams_may_be_longer_than_every_document():
    documents = ["a bad film", "bad film"]
    found = MultiHotVectorizer(ngram_range=(1, 10**9)).fit(documents)
    assert found.vocabulary_ == MultiHotVectorizer(ngram_range=(1, 3)).fit(documents).vocabulary_


# Kinds of documents


@pytest.mark.parametrize("convert", [tuple, np.array, pd.Series, iter])
def test_list_array_series_and_generator_agree(convert):
    expected = MultiHotVectorizer().fit_transform(DOCUMENTS)
    assert_same(MultiHotVectorizer().fit_transform(convert(DOCUMENTS)), expected)
    vectorizer = MultiHotVectorizer().fit(convert(DOCUMENTS))
    assert vectorizer.vocabulary_ == MultiHotVectorizer().fit(DOCUMENTS).vocabulary_
    assert_same(vectorizer.transform(convert(DOCUMENTS)), expected)


def test_bytes_are_utf8():
    encoded = [document.encode() for document in DOCUMENTS]
    expected = MultiHotVectorizer().fit_transform(DOCUMENTS)
    for documents in (encoded, np.array(encoded), DOCUMENTS[:2] + encoded[2:]):
        assert_same(MultiHotVectorizer().fit_transform(documents), expected)


def one_dimensional(sequences):
    array = np.empty(len(sequences), dtype=object)
    array[:] = sequences
    return array


@pytest.mark.parametrize(
    "convert",
    [
        one_dimensional,
        lambda s: one_dimensional([np.array(i, dtype=np.int32) for i in s]),
        lambda s: [np.array(i, dtype=np.uint16) for i in s],
        lambda s: [np.array(i) for i in s],  # an empty one is float64
        lambda s: [np.array(i, dtype=object) for i in s],
        lambda s: [[np.int64(j) for j in i] for i in s],
        lambda s: [i if len(i) < 4 else np.array(i) for i in s],
        lambda s: [tuple(i) for i in s],
        lambda s: [pd.Series(i, dtype=int) for i in s],
        lambda s: pd.Series(s, index=range(10, 10 + len(s))),
        lambda s: (i for i in s),
    ],
)
def test_all_forms_of_integer_sequences_agree(convert):
    vectorizer = MultiHotVectorizer()
    X = vectorizer.fit_transform(convert(SEQUENCES))
    assert vectorizer.input_kind_ == "integers"
    np.testing.assert_array_equal(X.toarray(), double_loop(SEQUENCES))
    assert_same(vectorizer.transform(convert(SEQUENCES)), X)


def test_rows_of_a_2d_integer_array_are_sequences():
    padded = np.array([[0, 0, 5, 7], [0, 5, 5, 1]])
    X = MultiHotVectorizer(8).fit_transform(padded)
    np.testing.assert_array_equal(X.toarray(), double_loop(padded, 8))


@pytest.mark.parametrize("convert", [np.array, pd.Series, tuple, lambda t: np.array(t, object)])
def test_forms_of_token_lists_agree(convert):
    expected = MultiHotVectorizer().fit_transform(TOKENS)
    nonempty = [tokens for tokens in TOKENS if tokens]
    vectorizer = MultiHotVectorizer().fit([convert(tokens) for tokens in nonempty])
    assert vectorizer.input_kind_ == "tokens"
    assert_same(vectorizer.transform(TOKENS), expected)


def test_tokens_are_used_as_they_are():
    vectorizer = MultiHotVectorizer().fit(TOKENS)
    assert list(vectorizer.vocabulary_) == ["film", "The", "isn't", "BAD", "story"]
    assert vectorizer.build_analyzer()(["A B", "c!"]) == ["A B", "c!"]


def test_stop_words_and_ngrams_apply_to_tokens():
    vectorizer = MultiHotVectorizer(ngram_range=(1, 2), stop_words=["The"]).fit([["a", "The", "B"]])
    assert list(vectorizer.vocabulary_) == ["a", "B", "a B"]


def test_callable_analyzer_gets_the_tokens():
    vectorizer = MultiHotVectorizer(analyzer=lambda tokens: tokens[1:]).fit(TOKENS)
    assert set(vectorizer.vocabulary_) == {"film", "isn't", "BAD", "The"}


def test_kind_is_found_after_empty_sequences():
    assert MultiHotVectorizer().fit([[], [], [3]]).input_kind_ == "integers"
    assert MultiHotVectorizer().fit([[], (), ["a"]]).input_kind_ == "tokens"
    assert MultiHotVectorizer().fit(["", "a"]).input_kind_ == "text"
    assert MultiHotVectorizer(vocabulary=["a"]).fit_transform([[], []]).nnz == 0


# The vocabulary


def test_columns_are_by_total_frequency_then_first_appearance():
    documents = ["rare twice", "top top top late", "twice late again"]
    vectorizer = MultiHotVectorizer().fit(documents)
    assert vectorizer.vocabulary_ == {
        "top": 0,
        "twice": 1,
        "late": 2,
        "rare": 3,
        "again": 4,
    }


def test_vocabulary_is_that_of_a_counter(global_random_seed):
    documents, _ = make_corpus(global_random_seed)
    counts = Counter(word for document in documents for word in document[:-1].lower().split())
    expected = [word for word, _ in counts.most_common(25)]
    vectorizer = MultiHotVectorizer(num_words=25).fit(documents)
    assert list(vectorizer.vocabulary_) == expected
    assert list(vectorizer.vocabulary_.values()) == list(range(25))
    assert {type(column) for column in vectorizer.vocabulary_.values()} == {int}


def test_apostrophes_and_one_letter_words_stay():
    analyze = MultiHotVectorizer().build_analyzer()
    assert analyze("I didn't see  it's\u00a0x_y<br />\"A-B\"\r\n") == [
        "i",
        "didn't",
        "see",
        "it's",
        "x",
        "y",
        "br",
        "a",
        "b",
    ]
    assert analyze('!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n') == []
    assert analyze("ÉTÉ \ud800 İ") == ["été", "\ud800", "i̇"]


def test_refit_is_idempotent_and_forgets():
    vectorizer = MultiHotVectorizer().fit(DOCUMENTS)
    first = vectorizer.transform(DOCUMENTS)
    vectorizer.fit(SEQUENCES)
    assert vectorizer.vocabulary_ is None
    assert_same(vectorizer.fit(DOCUMENTS).transform(DOCUMENTS), first)


@pytest.mark.parametrize("documents", [DOCUMENTS, TOKENS, SEQUENCES])
def test_fit_and_transform_change_neither_parameters_nor_documents(documents):
    vectorizer = MultiHotVectorizer(stop_words=["zzz"] if documents is DOCUMENTS else None)
    before, copy = vectorizer.get_params(), pickle.dumps(documents)
    vectorizer.fit_transform(documents)
    assert not hasattr(vectorizer, "n_features_in_")
    state = dict(vectorizer.__dict__)
    vectorizer.transform(documents)
    assert vectorizer.get_params() == before
    assert pickle.dumps(documents) == copy
    assert state == vectorizer.__dict__


# Parameters


def test_num_words_limits_the_columns():
    assert MultiHotVectorizer(num_words=2).fit(DOCUMENTS).get_feature_names_out().tolist() == [
        "the",
        "bad",
    ]
    assert len(MultiHotVectorizer(None).fit(DOCUMENTS).vocabulary_) == 27
    assert MultiHotVectorizer(20).fit_transform(SEQUENCES).shape == (5, 20)
    assert MultiHotVectorizer(None).fit_transform(SEQUENCES).shape == (5, 10_000)


def test_skip_top_leaves_out_the_most_frequent_of_num_words():
    frequent = list(MultiHotVectorizer(10).fit(DOCUMENTS).vocabulary_)
    assert list(MultiHotVectorizer(10, skip_top=3).fit(DOCUMENTS).vocabulary_) == frequent[3:]


@pytest.mark.parametrize(("num_words", "skip_top"), [(20, 0), (20, 14), (10_000, 2)])
def test_num_words_and_skip_top_mean_what_they_mean_in_keras(num_words, skip_top):
    kept = [[j if skip_top <= j < num_words else 2 for j in s] for s in SEQUENCES]
    vectorizer = MultiHotVectorizer(num_words, skip_top=skip_top, handle_unknown=2)
    expected = double_loop(kept, num_words)
    np.testing.assert_array_equal(vectorizer.fit_transform(SEQUENCES).toarray(), expected)


@pytest.mark.parametrize("limits", [{"min_df": 2}, {"max_df": 2}, {"min_df": 0.4, "max_df": 0.5}])
def test_min_df_and_max_df_are_those_of_count_vectorizer(limits):
    vectorizer = MultiHotVectorizer(analyzer="word", **limits).fit(DOCUMENTS)
    oracle = CountVectorizer(**limits).fit(DOCUMENTS)
    assert set(vectorizer.vocabulary_) == set(oracle.vocabulary_)
    assert len(vectorizer.vocabulary_) < len(CountVectorizer().fit(DOCUMENTS).vocabulary_)


def test_min_df_counts_documents_and_num_words_counts_tokens():
    documents = ["a a a a", "b c", "b c c"]
    vectorizer = MultiHotVectorizer(num_words=1, min_df=2)
    assert vectorizer.fit_transform(documents).toarray().tolist() == [[0], [1], [1]]
    assert vectorizer.vocabulary_ == {"c": 0}


def test_given_vocabulary_decides_the_columns():
    mapping = {"story": 1, "film": 0, "zzz": 2}
    expected = [[1, 1, 0], [1, 1, 0], [0, 0, 0], [1, 0, 0], [0, 0, 0]]
    for vocabulary in (
        mapping,
        ["film", "story", "zzz"],
        np.array(["film", "story", "zzz"]),
        (word for word in ("film", "story", "zzz")),
        {"film", "story", "zzz"},
    ):
        vectorizer = MultiHotVectorizer(num_words=1, vocabulary=vocabulary)
        assert vectorizer.fit_transform(DOCUMENTS).toarray().tolist() == expected
        assert vectorizer.vocabulary_ == mapping
        assert vectorizer.get_feature_names_out().tolist() == ["film", "story", "zzz"]
    assert vectorizer.fit([]).transform(DOCUMENTS).toarray().tolist() == expected


def test_given_vocabulary_with_upper_case_warns():
    with pytest.warns(UserWarning, match="No document can match 1 terms .* 'Film'"):
        MultiHotVectorizer(vocabulary=["Film", "film"]).fit(DOCUMENTS)
    MultiHotVectorizer(vocabulary=["Film"], lowercase=False).fit(DOCUMENTS)
    MultiHotVectorizer(vocabulary=["Film"]).fit(TOKENS)


@pytest.mark.parametrize(
    ("documents", "parameters", "names"),
    [
        (DOCUMENTS, {"analyzer": str.split, "ngram_range": (1, 2)}, "ngram_range"),
        (DOCUMENTS, {"analyzer": "char", "stop_words": "english"}, "stop_words"),
        (SEQUENCES, {"analyzer": "word", "min_df": 2, "stop_words": ["a"]}, "analyzer, min_df, s"),
    ],
)
def test_parameters_without_effect_warn(documents, parameters, names):
    with pytest.warns(UserWarning, match=f"Not used, because .*: {names}"):
        MultiHotVectorizer(**parameters).fit(documents)


@pytest.mark.parametrize(
    ("stop_words", "analyzer", "word"),
    [
        (["the", "in-consistent"], "keras", r"'in-consistent' .* \['in', 'consistent'\]"),
        (["the", "isn't"], "word", r"\"isn't\" .* \['isn'\]"),
        (["The"], "keras", r"'The' .* \['the'\]"),
    ],
)
def test_stop_words_without_effect_warn_in_each_fit_and_not_in_transform(
    stop_words, analyzer, word
):
    for _ in range(2):
        vectorizer = MultiHotVectorizer(stop_words=stop_words, analyzer=analyzer)
        for method in (vectorizer.fit, vectorizer.fit_transform):
            with pytest.warns(UserWarning, match=f"The stop word {word}; use these"):
                method(DOCUMENTS)
        vectorizer.transform(DOCUMENTS)
        pickle.loads(pickle.dumps(vectorizer)).transform(DOCUMENTS)


@pytest.mark.parametrize(
    "parameters",
    [
        {"stop_words": "english"},
        {"stop_words": "english", "analyzer": "word"},
        {"stop_words": ["isn't", "isn", "t"]},
        {"stop_words": ["The"], "lowercase": False},
        {"stop_words": ["a"], "analyzer": "word"},  # never a token, and has none
    ],
)
def test_stop_words_with_effect_do_not_warn(parameters):
    MultiHotVectorizer(**parameters).fit(DOCUMENTS)


def test_stop_words_for_tokens_may_be_any_tokens():
    vectorizer = MultiHotVectorizer(stop_words=["film", "in-consistent"])
    assert "film" not in vectorizer.fit(TOKENS).vocabulary_


def test_handle_unknown_int_sets_that_column():
    text = MultiHotVectorizer(vocabulary=["<unknown>", "film"], handle_unknown=0)
    assert text.fit_transform(["film", "the film", ""]).toarray().tolist() == [
        [0, 1],
        [1, 1],
        [0, 0],
    ]
    learned = MultiHotVectorizer(num_words=1, handle_unknown=0).fit(["a a b"])
    assert learned.transform(["a", "b", ""]).toarray().tolist() == [[1], [1], [0]]
    integers = MultiHotVectorizer(5, handle_unknown=2).fit([[1]])
    assert integers.transform([[4, 5], [3]]).toarray().tolist() == [
        [0, 0, 1, 0, 1],
        [0, 0, 0, 1, 0],
    ]


@pytest.mark.parametrize("dtype", [np.float32, np.float64, "int8", np.int64, np.uint8, bool])
def test_dtype(dtype):
    for documents in (["a a a b"], [[1, 1, 1, 3]], [["a"] * 256]):
        X = MultiHotVectorizer(4, dtype=dtype).fit_transform(documents)
        assert X.dtype == dtype
        assert (X.data == 1).all()
        assert X.nnz > 0


def test_sparse_output_false_is_the_same_as_an_array():
    for documents in (DOCUMENTS, TOKENS, SEQUENCES):
        dense = MultiHotVectorizer(sparse_output=False)
        expected = MultiHotVectorizer().fit_transform(documents).toarray()
        for X in (dense.fit_transform(documents), dense.transform(documents)):
            assert type(X) is np.ndarray
            assert X.dtype == np.float32
            np.testing.assert_array_equal(X, expected)


# Names


def test_names_of_columns():
    names = MultiHotVectorizer(3).fit(DOCUMENTS).get_feature_names_out()
    assert names.dtype == object
    assert names.tolist() == ["the", "bad", "film"]
    names = MultiHotVectorizer(3).fit([[5]]).get_feature_names_out()
    assert names.dtype == object
    assert names.tolist() == ["0", "1", "2"]


def test_inverse_transform_names_the_columns_of_each_row():
    vectorizer = MultiHotVectorizer()
    X = vectorizer.fit_transform(DOCUMENTS)
    expected = [set(vectorizer.build_analyzer()(document)) for document in DOCUMENTS]
    for encoded in (X, X.toarray(), sp.csc_array(X), pd.DataFrame(X.toarray())):
        names = vectorizer.inverse_transform(encoded)
        assert [set(row) for row in names] == expected
        assert [len(row) for row in names] == [len(row) for row in expected]
    with_zeros = X.copy()
    with_zeros.data[:] = 0
    assert [row.tolist() for row in vectorizer.inverse_transform(with_zeros)] == [[]] * 5
    integers = MultiHotVectorizer(20)
    names = integers.inverse_transform(integers.fit_transform(SEQUENCES))
    assert [row.tolist() for row in names] == [
        ["1", "14", "16"],
        [],
        ["1", "2"],
        ["0"],
        ["3", "14"],
    ]


def test_inverse_transform_leaves_its_input_alone():
    X = sp.csr_matrix(([1.0, 0.0, 1.0], [2, 1, 0], [0, 3]), shape=(1, 3))
    assert MultiHotVectorizer(3).fit([[1]]).inverse_transform(X)[0].tolist() == ["0", "2"]
    assert X.indices.tolist() == [2, 1, 0]


def test_words_and_ranks_of_the_keras_tutorial():
    """The first review of the Keras tutorial: start_char 1, oov_char 2, index_from 3."""
    text = "this film was just brilliant casting location scenery story direction"
    integers = [1, 14, 22, 16, 43, 530, 973, 1622, 1385, 65, 458]
    index_from = 3
    rank = {w: i - index_from for w, i in zip(text.split(), integers[1:], strict=True)}
    terms = MultiHotVectorizer().build_analyzer()(text.capitalize() + "!<br />Sceneries")
    assert [1] + [rank.get(w, -1) + index_from for w in terms] == [*integers, 2, 2]

    # The same columns from the text: column j is integer j, and unknown words go to 2.
    columns = [f"<{j}>" for j in range(10_000)]
    for word in rank:
        columns[rank[word] + index_from] = word
    from_text = MultiHotVectorizer(vocabulary=columns, handle_unknown=2)
    from_integers = MultiHotVectorizer(num_words=10_000, handle_unknown=2)
    assert_same(
        from_text.fit_transform([text + " Sceneries"]),
        from_integers.fit_transform([[*integers[1:], 10_000]]),
    )


# scikit-learn around it


@pytest.mark.parametrize("documents", [DOCUMENTS, TOKENS, SEQUENCES])
def test_clone_and_pickle(documents):
    vectorizer = MultiHotVectorizer(num_words=30, ngram_range=(1, 1), handle_unknown=2)
    assert clone(vectorizer).get_params() == vectorizer.get_params()
    X = vectorizer.fit_transform(documents)
    assert clone(vectorizer).get_params() == vectorizer.get_params()
    assert not hasattr(clone(vectorizer), "input_kind_")
    loaded = pickle.loads(pickle.dumps(vectorizer))
    assert loaded.__dict__ == vectorizer.__dict__
    assert_same(loaded.transform(documents), X)


def test_set_params_after_fit_is_honoured():
    vectorizer = MultiHotVectorizer().fit(["a Bb"])
    vectorizer.set_params(lowercase=False)
    assert vectorizer.transform(["a Bb"]).nnz == 1
    assert list(vectorizer.fit(["a Bb"]).vocabulary_) == ["a", "Bb"]
    assert list(vectorizer.set_params(analyzer="word").fit(["a Bb"]).vocabulary_) == ["Bb"]


def test_set_output_pandas_needs_dense_output():
    series = pd.Series(DOCUMENTS)
    dense = MultiHotVectorizer(3, sparse_output=False).set_output(transform="pandas")
    for frame in (dense.fit_transform(series), dense.transform(series)):
        assert frame.columns.tolist() == ["the", "bad", "film"]
        assert frame["film"].tolist() == [1, 1, 0, 1, 0]
    sparse = MultiHotVectorizer(3).set_output(transform="pandas").fit(series)
    with pytest.raises(ValueError, match="outputs a scipy sparse matrix"):
        sparse.transform(series)
    assert sp.issparse(sparse.set_output(transform="default").transform(series))


class Shouting(MultiHotVectorizer):
    """A subclass with a method of its own."""

    def transform(self, X):
        return super().transform([document.upper() for document in X])


@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_sparse_output_stays_so_where_frames_are_asked_for_globally(container):
    """As that of CountVectorizer, which pipelines use in the same place."""
    target = [0, 1, 0, 1, 0]
    with sklearn.config_context(transform_output=container):
        for vectorizer in (CountVectorizer(), MultiHotVectorizer(), Shouting()):
            assert sp.issparse(vectorizer.fit_transform(DOCUMENTS))
            assert sp.issparse(vectorizer.transform(DOCUMENTS))
            assert sklearn.get_config()["transform_output"] == container
            model = make_pipeline(vectorizer, LogisticRegression()).fit(DOCUMENTS, target)
            assert len(model.predict(DOCUMENTS)) == 5


def test_dense_output_is_a_frame_where_frames_are_asked_for_globally():
    dense = MultiHotVectorizer(3, sparse_output=False)
    with sklearn.config_context(transform_output="pandas"):
        for X in (dense.fit_transform(DOCUMENTS), dense.transform(DOCUMENTS)):
            assert isinstance(X, pd.DataFrame)
            assert X.columns.tolist() == ["the", "bad", "film"]


@pytest.mark.skipif("sparse_interface" not in sklearn.get_config(), reason="scikit-learn < 1.9")
def test_sparse_interface_of_the_configuration():
    assert isinstance(MultiHotVectorizer().fit_transform(DOCUMENTS), sp.spmatrix)
    with sklearn.config_context(sparse_interface="sparray"):
        X = MultiHotVectorizer().fit_transform(DOCUMENTS)
    assert isinstance(X, sp.csr_array)
    assert_canonical(X)


def test_column_transformer_takes_a_text_column_by_its_name():
    frame = pd.DataFrame({"text": DOCUMENTS, "number": range(5)}, index=[3, 1, 4, 1, 5])
    both = ColumnTransformer(
        [("words", MultiHotVectorizer(3), "text"), ("rest", "passthrough", ["number"])],
        sparse_threshold=1,
    )
    X = both.fit_transform(frame)
    assert_same(sp.csr_matrix(X)[:, :3], MultiHotVectorizer(3).fit_transform(DOCUMENTS))
    assert both.get_feature_names_out().tolist() == [
        "words__the",
        "words__bad",
        "words__film",
        "rest__number",
    ]


def test_feature_union_stays_sparse():
    union = FeatureUnion(
        [("words", MultiHotVectorizer(3)), ("chars", MultiHotVectorizer(4, analyzer="char"))]
    )
    X = union.fit_transform(DOCUMENTS)
    assert sp.issparse(X)
    assert X.shape == (5, 7)
    assert union.get_feature_names_out()[2:4].tolist() == ["words__film", "chars__ "]


def test_pipeline_and_search_find_the_planted_word(global_random_seed):
    documents, target = make_corpus(global_random_seed, 100)
    pipeline = make_pipeline(MultiHotVectorizer(), LogisticRegression())
    assert cross_val_score(pipeline, documents, target, n_jobs=2).mean() > 0.9
    assert not hasattr(pipeline.fit(documents, target), "n_features_in_")
    # "wonderful" is the most frequent word: skipping it leaves nothing to learn from.
    search = GridSearchCV(pipeline, {"multihotvectorizer__skip_top": [1, 0]})
    search.fit(documents, target)
    assert search.best_params_ == {"multihotvectorizer__skip_top": 0}
    worst, best = search.cv_results_["mean_test_score"]
    assert best > worst + 0.2


def test_words_and_characters_together(global_random_seed):
    documents, target = make_corpus(global_random_seed)
    union = make_union(MultiHotVectorizer(), MultiHotVectorizer(analyzer="char_wb"))
    model = make_pipeline(union, LogisticRegression()).fit(documents, target)
    assert model.score(documents, target) == 1


def test_tags():
    tags = get_tags(MultiHotVectorizer())
    assert tags.estimator_type is None
    assert tags.input_tags.string
    assert not tags.input_tags.two_d_array
    assert tags.requires_fit
    assert not tags.target_tags.required


def test_check_estimator():
    with pytest.warns(SkipTestWarning, match="Can't test estimator MultiHotVectorizer"):
        check_estimator(MultiHotVectorizer())


@pytest.mark.parametrize(
    "check",
    [
        check_do_not_raise_errors_in_init_or_set_params,
        check_estimator_cloneable,
        check_estimator_repr,
        check_estimator_tags_renamed,
        check_get_params_invariance,
        check_mixin_order,
        check_no_attributes_set_in_init,
        check_param_validation,
        check_parameters_default_constructible,
        check_set_params,
        check_valid_tag_types,
    ],
)
def test_checks_that_need_no_table(check):
    """The checks of check_estimator, which it leaves out where input is not 2-D."""
    check("MultiHotVectorizer", MultiHotVectorizer())


def test_neither_import_nor_use_needs_tensorflow():
    code = (
        "import sys; from sklearn_textnn import MultiHotVectorizer, to_keras, to_onnx, to_scikeras;"
        "MultiHotVectorizer().fit_transform(['a b']);"
        "heavy = {'tensorflow', 'keras', 'scikeras', 'onnx', 'matplotlib'};"
        "assert not heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


class Suffixed(MultiHotVectorizer):
    """A subclass with a parameter that has no hash."""

    _parameter_constraints: ClassVar[dict] = {
        **MultiHotVectorizer._parameter_constraints,
        "suffixes": [list],
    }

    def __init__(self, *, suffixes=(), num_words=10_000):
        super().__init__(num_words)
        self.suffixes = suffixes


def test_parameter_of_a_subclass_may_be_a_list():
    vectorizer = Suffixed(suffixes=["ing"]).fit(["a b"])
    assert vectorizer.transform(["a"]).toarray().tolist() == [[1, 0]]
    with pytest.raises(ValueError, match="'suffixes' parameter"):
        vectorizer.set_params(suffixes="ing").transform(["a"])


def test_ngram_range_that_equals_a_legal_one_is_refused_after_it():
    vectorizer = MultiHotVectorizer().fit(["a b"])
    vectorizer.transform(["a"])
    with pytest.raises(ValueError, match="ngram_range"):
        vectorizer.set_params(ngram_range=(1, 1.0)).transform(["a"])
