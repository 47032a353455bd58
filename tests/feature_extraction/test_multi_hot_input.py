"""MultiHotVectorizer on bad input: errors name the row, and a failed fit changes nothing."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from sklearn.exceptions import NotFittedError

from sklearn_textnn import MultiHotVectorizer

GOOD = {
    "text": ["a film", "", "the story"],
    "tokens": [["a", "film"], [], ["story"]],
    "integers": [[1, 4], [], [2, 2]],
}


def assert_refused(X, match, good=None):
    """Refused by fit and by transform, and the vectorizer is as it was."""
    with pytest.raises((ValueError, TypeError), match=match):
        MultiHotVectorizer().fit(X)
    kinds = GOOD if good is None else [good]
    for documents in (GOOD[kind] for kind in kinds):
        vectorizer = MultiHotVectorizer().fit(documents)
        state = dict(vectorizer.__dict__)
        for method in (vectorizer.fit, vectorizer.fit_transform):
            with pytest.raises((ValueError, TypeError), match=match):
                method(X)
        with pytest.raises((ValueError, TypeError), match=match if good else None):
            vectorizer.transform(X)
        assert state == vectorizer.__dict__
        vectorizer.transform(documents)


@pytest.mark.parametrize("X", ["a bare string", b"bytes", {"a": 1}, None, 3, np.array("a")])
def test_what_is_not_an_iterable_over_documents(X):
    assert_refused(X, r"iterable over documents, got .*in a list: \[document\]")


@pytest.mark.parametrize(
    "X",
    [
        pd.DataFrame({"a": ["a", "b"], "b": ["c", "d"]}),
        pd.DataFrame({"a": [1, 2], "b": [3, 4]}),
        pd.DataFrame(index=[0, 1]),
        np.array([["a", "b"], ["c", "d"]]),
        np.array([["a", "b"], ["c", "d"]], dtype=object),
        np.array([[1.0, 2.0]]),
        np.array([[True, False]]),
        np.zeros((2, 2, 2), dtype=int),
    ],
)
def test_tables_of_other_than_one_column(X):
    assert_refused(X, r"has the shape \(2|\(1.*X\['text'\]")


def test_encoded_documents():
    assert_refused(sp.csr_matrix([[1, 0]]), "got csr_matrix")


@pytest.mark.parametrize("missing", [None, np.nan, float("nan"), np.float32("nan"), pd.NA, pd.NaT])
def test_missing_documents(missing):
    for kind, documents in GOOD.items():
        assert_refused(
            [*documents, missing], r"Row 3 is missing \(.* an empty document there\.$", kind
        )
    with pytest.raises(ValueError, match="Row 0 is missing"):
        MultiHotVectorizer().fit([missing, "a"])


@pytest.mark.parametrize("dtype", ["str", "string", object])
def test_missing_in_a_series_is_named_by_position(dtype):
    series = pd.Series(["a", "b", None], index=[10, 20, 30], dtype=dtype)
    assert_refused(series, r"Row 2 is missing .* as X\.fillna\(''\) does", "text")


def test_missing_tokens():
    assert_refused([["a"], ["b", None]], "Row 1, position 1, is missing .*; remove it", "tokens")
    assert_refused([[1], [np.nan, 2]], "Row 1, position 0, is missing", "integers")


@pytest.mark.parametrize("number", [3, 2.5, True, np.int64(3)])
def test_numbers_among_strings(number):
    assert_refused(["a", "b", number], r"Row 2 is .*raw document \(str\)", "text")
    assert_refused([["a"], ["b", number]], r"Row 1, position 1, is .*token \(str\)", "tokens")


def test_mixed_kinds():
    assert_refused(["a", ["b"]], r"Row 1 is \['b'\] \(list\), where a raw document", "text")
    assert_refused(["a", [1, 2]], r"Row 1 is \[1, 2\] \(list\), where a raw document", "text")
    assert_refused([["a"], "b"], r"Row 1 is 'b' \(str\), where a list of tokens|sequence", "tokens")
    assert_refused([[], [1], ["b"]], r"Row 2, position 0, is 'b' \(str\).*an integer", "integers")
    assert_refused([["b"], [1]], r"Row 1, position 0, is 1 \(int\).*a token", "tokens")
    assert_refused([[1], np.array(["b"])], r"Row 1, position 0, is 'b'", "integers")
    assert_refused([["a"], np.array([1])], r"Row 1, position 0, is .*1.*a token", "tokens")
    assert_refused([[1, "a"]], r"Row 0, position 1, is 'a' \(str\).*an integer", "integers")


@pytest.mark.parametrize(
    "X", [[1, 2, 3], np.array([1, 2, 3]), pd.Series([1, 2]), [2.5], [object()]]
)
def test_a_single_sequence(X):
    assert_refused(X, r"Row 0 is .* single one must be in a list: \[document\]")


@pytest.mark.parametrize("row", [{1, 2}, {"a": 1}, bytearray(b"a"), iter([1])])
def test_rows_that_are_no_sequences(row):
    with pytest.raises(TypeError, match=r"Row 0 is .*where a str, a list of str or a sequence"):
        MultiHotVectorizer().fit([row])


@pytest.mark.parametrize(
    "row", [[1, 2.0], np.array([1.0, 2.0]), [True, 1], np.array([True]), [[1], [2]], [1, 2j]]
)
def test_elements_that_are_no_integers(row):
    assert_refused([[1], [2], row], r"Row 2, position \d, is .*an integer is expected", "integers")


@pytest.mark.parametrize("convert", [list, np.array])
def test_negative_integers(convert):
    X = [convert([1, 2]), convert([0]), convert([3, -7])]
    assert_refused(X, "Row 2 has the negative integer -7", "integers")


def test_integers_too_large_for_64_bits():
    assert_refused([[1], [2**63]], "Row 1 has an integer that does not fit", "integers")
    # Made int64, an array of uint64 would wrap around to negative integers.
    large = np.array([2**63], dtype=np.uint64)
    for X in ([np.array([1], dtype=np.uint64), large], [[1], large], [[-(2**63)], [2**63]]):
        assert_refused(X, "Row 1 has an integer that does not fit", "integers")


@pytest.mark.parametrize("num_words", [None, 2**63])
def test_more_columns_than_a_matrix_can_have(num_words):
    vectorizer = MultiHotVectorizer(num_words)
    with pytest.raises(ValueError, match=f"{2**63} columns, .* set num_words to {2**63 - 1} or le"):
        vectorizer.fit([[1], [2**63 - 1]])
    assert vectorizer.set_params(num_words=2**63 - 1).fit_transform([[1], [2**63 - 1]]).nnz == 1


def test_bytes_that_do_not_decode():
    latin = "café".encode("latin-1")
    assert_refused(["a", latin], "Row 1 is bytes that are not UTF-8 .* at byte 3", "text")
    assert_refused([b"a", b"b", latin], "Row 2 is bytes that are not UTF-8", "text")
    assert_refused([["a"], [b"b"]], "Row 1, position 0, is b'b'", "tokens")


def test_generators_fail_at_their_row():
    assert_refused_by = MultiHotVectorizer().fit
    with pytest.raises(TypeError, match="Row 2 is 3"):
        assert_refused_by(document for document in ("a", "b", 3))


@pytest.mark.parametrize("fitted", GOOD)
@pytest.mark.parametrize("given", GOOD)
def test_transform_takes_the_kind_of_fit_only(fitted, given):
    vectorizer = MultiHotVectorizer().fit(GOOD[fitted])
    if fitted == given:
        assert vectorizer.transform(GOOD[given]).nnz > 2
    else:
        with pytest.raises(TypeError, match=r"Row 0.* the kind that fit got"):
            vectorizer.transform(GOOD[given])


@pytest.mark.parametrize("kind", GOOD)
def test_not_fitted(kind):
    vectorizer = MultiHotVectorizer()
    for method in (vectorizer.transform, vectorizer.inverse_transform):
        with pytest.raises(NotFittedError):
            method(GOOD[kind])
    with pytest.raises(NotFittedError):
        vectorizer.get_feature_names_out()


@pytest.mark.parametrize("X", [[], [""], ["...", " "], [[]], [[], []], np.array([]), ["the"]])
def test_empty_vocabulary(X):
    vectorizer = MultiHotVectorizer(stop_words=["the"])
    with pytest.raises(ValueError, match="empty vocabulary"):
        vectorizer.fit(X)
    assert not hasattr(vectorizer, "vocabulary_")


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"num_words": 0}, "num_words"),
        ({"num_words": -1}, "num_words"),
        ({"num_words": 2.5}, "num_words"),
        ({"skip_top": -1}, "skip_top"),
        ({"num_words": 3, "skip_top": 3}, "skip_top=3 leaves none of the num_words=3"),
        ({"skip_top": 4}, "no terms remain; try"),
        ({"min_df": 3}, "no terms remain; try"),
        ({"min_df": 3, "max_df": 2}, "max_df corresponds to < documents than min_df"),
        ({"max_df": 1.5}, "max_df"),
        ({"min_df": 0}, "min_df"),
        ({"analyzer": "words"}, "analyzer"),
        ({"lowercase": "yes"}, "lowercase"),
        ({"ngram_range": [1, 2]}, "ngram_range"),
        ({"ngram_range": (2, 1)}, r"ngram_range=\(2, 1\) must be"),
        ({"ngram_range": (0, 1)}, r"ngram_range=\(0, 1\) must be"),
        ({"ngram_range": (1,)}, r"ngram_range=\(1,\) must be"),
        ({"stop_words": "german"}, "stop_words"),
        ({"stop_words": ["the", None]}, "stop_words has None; stop words must be str"),
        ({"stop_words": ["the", ["a"]]}, r"stop_words has \['a'\]; stop words must be str"),
        ({"handle_unknown": "warn"}, "handle_unknown"),
        ({"handle_unknown": -1}, "handle_unknown"),
        ({"handle_unknown": 4}, "handle_unknown=4 must be one of the 4 columns"),
        ({"sparse_output": "no"}, "sparse_output"),
        ({"dtype": "words"}, "words"),
        ({"dtype": str}, "dtype"),
        ({"vocabulary": "film"}, "vocabulary is one string"),
        ({"vocabulary": ["a", "b", "a"]}, "vocabulary has the term 'a' twice"),
        ({"vocabulary": {"a": 0, "b": 0}}, "no term has column 1"),
        ({"vocabulary": {"a": 0, "b": 2}}, "no term has column 1"),
        ({"vocabulary": {"a": 0.5}}, "float"),
        ({"vocabulary": []}, "empty vocabulary"),
        ({"vocabulary": {}}, "empty vocabulary"),
        ({"vocabulary": [1, 2]}, "the term 1; terms must be str"),
    ],
)
def test_bad_parameters(parameters, match):
    vectorizer = MultiHotVectorizer().fit(GOOD["text"])
    state = vectorizer.__dict__ | parameters
    vectorizer.set_params(**parameters)
    for method in (vectorizer.fit, vectorizer.fit_transform):
        with pytest.raises((ValueError, TypeError), match=match):
            method(GOOD["text"])
    assert state == vectorizer.__dict__


def test_parameters_that_the_kind_cannot_obey():
    with pytest.raises(ValueError, match="vocabulary is for text and tokens"):
        MultiHotVectorizer(vocabulary=["a"]).fit(GOOD["integers"])
    with pytest.raises(ValueError, match="analyzer='char' needs raw documents"):
        MultiHotVectorizer(analyzer="char").fit(GOOD["tokens"])


def test_handle_unknown_error_names_row_and_unknown():
    vectorizer = MultiHotVectorizer(handle_unknown="error").fit(["a film"])
    assert vectorizer.transform(["film"]).nnz == 1
    with pytest.raises(ValueError, match="Row 1 has the term 'bad', which has no column"):
        vectorizer.transform(["a film", "a bad film"])
    vectorizer = MultiHotVectorizer(1, handle_unknown="error")
    for method in (vectorizer.fit, vectorizer.fit_transform):
        with pytest.raises(ValueError, match=r"Row 2 has the term 'film'.* num_words"):
            method(["a", "", "a film"])
    assert not hasattr(vectorizer, "vocabulary_")
    vectorizer = MultiHotVectorizer(vocabulary=["a"], handle_unknown="error")
    with pytest.raises(ValueError, match="Row 0 has the term 'b'"):
        vectorizer.fit(["b"])
    vectorizer = MultiHotVectorizer(5, skip_top=2, handle_unknown="error").fit([[], [2, 4]])
    for bad in (1, 5):
        with pytest.raises(ValueError, match=f"Row 2 has the integer {bad}, not in 2 to 4"):
            vectorizer.transform([[2], [], [2, bad]])


@pytest.mark.parametrize("lazily", [False, True])
def test_key_error_of_an_analyzer_is_not_taken_for_an_unknown_term(lazily):
    def analyzer(document):
        terms = ({"film": "movie"}[word] for word in document.split())
        return terms if lazily else list(terms)

    for vectorizer in (
        MultiHotVectorizer(analyzer=analyzer),
        MultiHotVectorizer(analyzer=analyzer, vocabulary=["movie"], handle_unknown="error"),
    ):
        with pytest.raises(KeyError, match="story"):
            vectorizer.fit(["film", "story"])


def test_handle_unknown_beyond_the_columns_is_refused_after_fit_too():
    vectorizer = MultiHotVectorizer(3).fit(GOOD["integers"]).set_params(handle_unknown=3)
    with pytest.raises(ValueError, match="handle_unknown=3 must be one of the 3 columns, 0 to 2"):
        vectorizer.transform([[1]])


def test_inverse_transform_of_another_number_of_columns():
    vectorizer = MultiHotVectorizer().fit(GOOD["text"])
    with pytest.raises(ValueError, match="X has 2 columns, but this vectorizer makes 4"):
        vectorizer.inverse_transform([[0, 1]])


def test_tokens_are_read_one_document_at_a_time_and_the_first_wrong_row_is_named():
    read = []

    def documents():
        for document in ([], ["a"], ["b", 3], None, ["c"]):
            read.append(document)
            yield document

    with pytest.raises(TypeError, match="Row 2, position 1, is 3"):
        MultiHotVectorizer().fit(documents())
    assert len(read) == 3
