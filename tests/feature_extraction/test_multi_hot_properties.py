"""MultiHotVectorizer on any strings and integers: equal to a slow oracle, or a clear error.

The examples are drawn by hypothesis: always the same ones in the suite, new and many more of them
by `make fuzz`.
"""

import pickle
import re
from collections import Counter
from functools import reduce
from itertools import chain
from unittest import mock

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.feature_extraction.text import CountVectorizer

from sklearn_textnn import MultiHotVectorizer
from sklearn_textnn.feature_extraction import (
    _chunks,
    _distinct,
    _encoding,
    _reading,
    _tokenization,
    _words,
)

SEPARATORS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'

# An error says where the fault is, or what to do about it.
HELPS = re.compile(
    r"^Row \d+|in a list: \[document\]|one column of documents is expected|^empty vocabulary; X|"
    r"^no terms remain; try|^max_df corresponds to < documents|make it smaller|set num_words to|"
    r"must be one of the \d+ columns"
)

# Lone surrogates, NUL, white space and no white space, marks that combine, right to left, letters
# whose other case is longer, no width, beyond 16 bits.
HOSTILE = (
    "\ud800\udc00\x00\x1c\x85\xa0\u2028\u0301\u05d0\u0627\u202eİ\u0131ßẞΣςﬁ\u200b\u200d\ufeff😀𐐀"
)
SHORT = st.text(st.sampled_from("aAbB' .,-_\n" + HOSTILE), max_size=4)


def seldom(rare, usual):
    """Draw mostly from `usual`: where much is rare, little is accepted, and little is tested."""
    return st.integers(0, 9).flatmap(lambda i: rare if i == 9 else usual)


COMMON = ["the", "The", "film", "isn't", "bad", "a", "x_y", "İ", "ß", "\ud800", "a\x00", "e\u0301"]
# Words of more than 8 and of more than 16 bytes, which differ late; and tokens that are two words.
COMMON += ["filmmakers", "filmmaker's", "incomprehensible", "incomprehensibly", "internationalized"]
COMMON += ["фильм", "фильмы", "фильмография", "the film", "film a bad"]
WORDS = st.sampled_from(COMMON) | st.sampled_from(COMMON) | SHORT
TOKENS = st.lists(WORDS, min_size=3, max_size=8) | st.lists(WORDS, max_size=3)
TEXTS = TOKENS.map(" ".join) | st.text(max_size=8)
SMALL = st.integers(0, 8)
INTEGERS = (
    SMALL
    | st.integers(-3, 12).map(np.int16)
    | st.sampled_from([2**31, 2**63 - 1, 2**63, 2**64, -1, -(2**63), -(10**30), 10**30])
    | st.sampled_from([np.uint64(2**64 - 1), np.uint8(255), np.int64(-(2**63))])
)


def lists(documents):
    few = st.lists(documents, max_size=1)
    return seldom(few, st.lists(documents, min_size=2, max_size=6))


def as_object_array(documents):
    array = np.empty(len(documents), dtype=object)
    for i, document in enumerate(documents):
        array[i] = document
    return array


def as_series(documents):
    # Without dtype=object, pandas may store str in pyarrow, which refuses lone surrogates.
    return pd.Series(as_object_array(documents), index=range(len(documents))[::-1], dtype=object)


CONTAINERS = st.sampled_from([list, tuple, iter, as_object_array, as_series])
LIMITS = st.integers(1, 3) | st.floats(0, 1) | st.sampled_from([10**30, 0.0, 1.0])
PARAMETERS = st.fixed_dictionaries(
    {},
    optional={
        "num_words": seldom(
            st.sampled_from([1, 2**31, 2**63, 10**30]), st.none() | st.integers(3, 12)
        ),
        "skip_top": seldom(st.sampled_from([5, 10**30]), st.integers(0, 2)),
        "min_df": seldom(LIMITS, st.integers(1, 2) | st.floats(0, 0.5)),
        "max_df": seldom(LIMITS, st.integers(1, 5) | st.floats(0.5, 1)),
        "lowercase": st.booleans(),
        "ngram_range": st.tuples(st.integers(1, 2), st.integers(2, 4)),
        "stop_words": st.just("english") | st.lists(WORDS, max_size=2),
        "handle_unknown": seldom(st.just(10**30), st.just("error") | st.integers(0, 3)),
        "dtype": st.sampled_from([np.float64, np.int64, bool]),
    },
)


# The oracle


class Refused(Exception):
    """What the oracle raises where the vectorizer must raise an error that matches."""


def keras_terms(words, parameters):
    stop_words = parameters.get("stop_words") or ()
    if stop_words == "english":
        stop_words = CountVectorizer(stop_words="english").get_stop_words()
    words = [word for word in words if word not in stop_words]
    low, high = parameters.get("ngram_range", (1, 1))
    return [
        " ".join(words[i : i + n])
        for n in range(low, high + 1)
        for i in range(max(0, len(words) - n + 1))
    ]


def oracle_terms(document, parameters):
    """Return the terms of one document."""
    if isinstance(document, bytes):
        document = document.decode()
    if not isinstance(document, str):
        return keras_terms(list(document), parameters)
    analyzer = parameters.get("analyzer", "keras")
    if analyzer != "keras":
        names = ("analyzer", "lowercase", "ngram_range", "stop_words")
        given = {name: parameters[name] for name in names if name in parameters}
        return CountVectorizer(**given).build_analyzer()(document)
    if parameters.get("lowercase", True):
        document = document.lower()
    separated = "".join(" " if character in SEPARATORS else character for character in document)
    return keras_terms(separated.split(), parameters)


def oracle_vocabulary(term_lists, parameters):
    """Return the terms that have columns, in their order."""
    num_words, skip_top = parameters.get("num_words", 10_000), parameters.get("skip_top", 0)
    if num_words is not None and skip_top >= num_words:
        raise Refused("leaves none of the num_words")
    counts = Counter(term for terms in term_lists for term in terms)
    in_documents = Counter(term for terms in term_lists for term in set(terms))
    if not counts:
        raise Refused("empty vocabulary")
    low, high = (
        limit if isinstance(limit, int) else limit * len(term_lists)
        for limit in (parameters.get("min_df", 1), parameters.get("max_df", 1.0))
    )
    if high < low:
        raise Refused("max_df corresponds to < documents")
    ranked = [term for term, _ in counts.most_common() if low <= in_documents[term] <= high]
    if not ranked[skip_top:num_words]:
        raise Refused("no terms remain")
    return ranked[skip_top:num_words]


def oracle_cells(term_lists, columns, n_columns, parameters):
    """Return (row, column) of every one, from the column of each term that has one."""
    unknown = parameters.get("handle_unknown", "ignore")
    if isinstance(unknown, int) and unknown >= n_columns:
        raise Refused("must be one of the")
    cells = set()
    for row, terms in enumerate(term_lists):
        for term in terms:
            if term in columns:
                cells.add((row, columns[term]))
            elif unknown == "error":
                raise Refused(f"^Row {row} has the (term|integer) {re.escape(repr(term))},")
            elif unknown != "ignore":
                cells.add((row, unknown))
    return cells


def oracle_integers(documents, parameters):
    """Return the columns of the integers that have one, and how many columns there are."""
    num_words, skip_top = parameters.get("num_words", 10_000), parameters.get("skip_top", 0)
    if num_words is not None and skip_top >= num_words:
        raise Refused("leaves none of the num_words")
    check_integers(documents)
    present = set(chain.from_iterable(documents))
    n_columns = max(present, default=0) + 1 if num_words is None else num_words
    if n_columns >= 2**63:
        raise Refused("more than a matrix can have; set num_words")
    return {i: i for i in present if skip_top <= i < n_columns}, n_columns


def check_integers(documents):
    for row, document in enumerate(documents):
        if not all(-(2**63) <= i < 2**63 for i in document):
            raise Refused(f"^Row {row} has an integer that does not fit")
    for row, document in enumerate(documents):
        if min(document, default=0) < 0:
            raise Refused(f"^Row {row} has the negative integer")


def assert_refused(call, match=None):
    with pytest.raises((ValueError, TypeError), match=match or None) as info:
        call()
    assert HELPS.search(str(info.value))


def assert_encodes(X, cells, n_columns, parameters):
    """Assert that X is canonical CSR of ones in these cells."""
    assert X.shape[1] == n_columns
    assert X.dtype == parameters.get("dtype", np.float32)
    assert X.has_canonical_format
    assert (X.data == 1).all()
    rows = np.repeat(np.arange(X.shape[0]), np.diff(X.indptr))
    assert set(zip(rows.tolist(), X.indices.tolist(), strict=True)) == cells


# Text and tokens


@st.composite
def text_or_tokens(draw):
    """Training documents, other ones, and parameters that go with them."""
    documents = draw(st.sampled_from([TEXTS, TOKENS]))
    parameters = draw(PARAMETERS)
    if documents is TEXTS:
        parameters["analyzer"] = draw(st.sampled_from(["keras", "word", "char", "char_wb"]))
        if parameters["analyzer"] in ("char", "char_wb"):
            parameters.pop("stop_words", None)
    return draw(lists(documents)), draw(lists(documents)), parameters


# The warning about stop words that the analyzer splits.
SPLIT_STOP_WORDS = "ignore:The stop word .* has no effect:UserWarning"
# The same of scikit-learn, which the oracle and CountVectorizer use.
INCONSISTENT = "ignore:Your stop_words may be inconsistent:UserWarning:sklearn"


@pytest.mark.filterwarnings(SPLIT_STOP_WORDS, INCONSISTENT)
@given(text_or_tokens(), CONTAINERS, st.sampled_from([10**6, 4, 1]), st.data())
def test_text_and_tokens_equal_the_slow_oracle(drawn, container, long, data):
    """Longer documents than `long` are read in pieces and stored by their distinct terms."""
    sizes = st.sampled_from([10**6, 20, 0])
    with (
        mock.patch.object(_tokenization, "_LONG", long),
        mock.patch.object(_encoding, "_LONG", long),
        mock.patch.object(_words, "_BLOCK", data.draw(sizes, "characters of a block")),
        mock.patch.object(_chunks, "_CHUNK", data.draw(sizes, "characters of a chunk")),
        mock.patch.object(_distinct, "_FEW", data.draw(sizes, "numbers that are sorted")),
        mock.patch.object(_reading, "_FEW_CHARACTERS", data.draw(sizes, "for the dict")),
        mock.patch.object(_reading, "_CHARACTERS_OF_A_TERM", data.draw(sizes, "for the dict, n")),
    ):
        assert_equal_to_the_slow_oracle(*drawn, container)


def assert_equal_to_the_slow_oracle(documents, others, parameters, container):
    snapshot = pickle.dumps((documents, others))
    vectorizer = MultiHotVectorizer(**parameters)
    term_lists = [oracle_terms(document, parameters) for document in documents]
    try:
        vocabulary = oracle_vocabulary(term_lists, parameters)
        columns = {term: column for column, term in enumerate(vocabulary)}
        cells = oracle_cells(term_lists, columns, len(columns), parameters)
    except Refused as error:
        for method in (vectorizer.fit, vectorizer.fit_transform):
            assert_refused(lambda method=method: method(container(documents)), str(error))
        assert not hasattr(vectorizer, "vocabulary_")
        return
    for X in (
        vectorizer.fit_transform(container(documents)),
        vectorizer.fit(container(documents)).transform(container(documents)),
    ):
        assert_encodes(X, cells, len(columns), parameters)
    assert vectorizer.get_feature_names_out().tolist() == vocabulary
    assert_counts_the_same(vectorizer, documents)
    term_lists = [oracle_terms(document, parameters) for document in others]
    try:
        cells = oracle_cells(term_lists, columns, len(columns), parameters)
    except Refused as error:
        assert_refused(lambda: vectorizer.transform(container(others)), str(error))
    else:
        X = vectorizer.transform(container(others))
        assert_encodes(X, cells, len(columns), parameters)
    assert pickle.dumps((documents, others)) == snapshot


def assert_counts_the_same(vectorizer, documents):
    """Assert that neither `partial_fit` nor `merge` shows how the documents are cut."""
    if vectorizer.handle_unknown == "error":
        vectorizer = clone(vectorizer).set_params(handle_unknown="ignore").fit(documents)
    parts = [documents[:1], documents[1:2], documents[2:]]
    one_by_one = clone(vectorizer)
    counted = [clone(vectorizer).partial_fit(part) for part in parts if part]
    for part in parts:
        one_by_one.partial_fit(part)
    from_left = reduce(lambda one, other: one.merge(other), counted)
    from_right = reduce(lambda one, other: other.merge(one), counted[::-1])
    for merged in (one_by_one, from_left, from_right, pickle.loads(pickle.dumps(from_left))):
        assert merged.vocabulary_ == vectorizer.vocabulary_


@pytest.mark.filterwarnings(SPLIT_STOP_WORDS, INCONSISTENT)
@given(lists(TEXTS), PARAMETERS, st.sampled_from(["word", "char", "char_wb"]))
def test_text_equals_count_vectorizer(documents, parameters, analyzer):
    names = {"min_df", "max_df", "lowercase", "ngram_range", "dtype"}
    names |= {"stop_words"} if analyzer == "word" else set()
    parameters = {name: parameters[name] for name in names & set(parameters)}
    oracle = CountVectorizer(binary=True, analyzer=analyzer, **parameters)
    vectorizer = MultiHotVectorizer(num_words=None, analyzer=analyzer, **parameters)
    try:
        expected = oracle.fit_transform(documents).toarray()
    except ValueError:
        assert_refused(lambda: vectorizer.fit_transform(documents))
        return
    found = vectorizer.fit_transform(documents).toarray()
    order = [vectorizer.vocabulary_[term] for term in oracle.get_feature_names_out()]
    assert sorted(order) == list(range(found.shape[1]))
    np.testing.assert_array_equal(found[:, order], expected)


# Integers


def as_integer_array(document):
    """Return a document as an array, where NumPy finds a type of integers for it."""
    array = np.array(document)
    return array if array.dtype.kind in "iu" else document


@given(
    lists(st.lists(SMALL, max_size=6)) | lists(st.lists(SMALL | INTEGERS, max_size=6)),
    lists(st.lists(SMALL, max_size=6)) | lists(st.lists(SMALL | INTEGERS, max_size=6)),
    PARAMETERS,
    CONTAINERS,
    st.sampled_from([list, tuple, as_integer_array]),
)
def test_integers_equal_the_slow_oracle(documents, others, parameters, container, convert):
    names = ("num_words", "skip_top", "handle_unknown", "dtype")
    parameters = {name: parameters[name] for name in names if name in parameters}
    documents = [[1], *documents]  # empty ones alone would be tokens
    given = [convert(document) for document in documents], [convert(other) for other in others]
    snapshot = pickle.dumps(given)
    documents, others = ([list(map(int, i)) for i in part] for part in (documents, others))
    vectorizer = MultiHotVectorizer(**parameters)
    try:
        columns, n_columns = oracle_integers(documents, parameters)
        cells = oracle_cells(documents, columns, n_columns, parameters)
    except Refused as error:
        for method in (vectorizer.fit, vectorizer.fit_transform):
            assert_refused(lambda method=method: method(container(given[0])), str(error))
        assert not hasattr(vectorizer, "vocabulary_")
        return
    for X in (
        vectorizer.fit_transform(container(given[0])),
        vectorizer.fit(container(given[0])).transform(container(given[0])),
    ):
        assert_encodes(X, cells, n_columns, parameters)
    skip_top = parameters.get("skip_top", 0)
    columns = {i: i for i in chain.from_iterable(others) if skip_top <= i < n_columns}
    try:
        check_integers(others)
        cells = oracle_cells(others, columns, n_columns, parameters)
    except Refused as error:
        assert_refused(lambda: vectorizer.transform(container(given[1])), str(error))
    else:
        X = vectorizer.transform(container(given[1]))
        assert_encodes(X, cells, n_columns, parameters)
    assert pickle.dumps(given) == snapshot


# Anything at all

MISSING = st.sampled_from([None, np.nan, float("nan"), np.float32("nan"), pd.NA, pd.NaT])
SCALARS = (
    MISSING
    | st.booleans()
    | st.booleans().map(np.bool_)
    | st.integers()
    | INTEGERS
    | st.floats()
    | st.complex_numbers()
    | WORDS
    | WORDS.map(np.str_)
    | st.binary(max_size=4)
)
NESTED = st.recursive(
    SCALARS,
    lambda parts: (
        st.lists(parts, max_size=4)
        | st.lists(parts, max_size=4).map(tuple)
        | st.dictionaries(WORDS, parts, max_size=2)
    ),
    max_leaves=12,
)
ARRAYS = st.sampled_from(
    [
        np.array([1, 2], dtype=np.uint8),
        np.array([], dtype=float),
        np.array([1.0, 2.0]),
        np.array(["a", "b"]),
        np.array([[1, 2]]),
        np.array(3),
        np.array([True]),
        np.array(["2000-01-01"], dtype="datetime64[D]"),
        np.array([("a", 1)], dtype=[("name", "U1"), ("number", int)]),
        np.array([[1, 2]]).view(np.matrix),
        pd.Series(["a", None]),
        pd.Series([1, 2]),
        pd.DataFrame({"text": ["a"]}),
        sp.csr_matrix([[1, 0]]),
    ]
)


def plain(document):
    """Return a document as str, or as list of str or of int; None if it is no document."""
    if isinstance(document, bytes):
        try:
            return document.decode()
        except UnicodeDecodeError:
            return None
    if isinstance(document, str):
        return document
    one_dimensional = isinstance(document, (np.ndarray, pd.Series)) and document.ndim == 1
    if not isinstance(document, (list, tuple)) and not one_dimensional:
        return None
    document = list(document)
    if all(isinstance(part, str) for part in document):
        return document
    if all(isinstance(part, (int, np.integer)) and type(part) is not bool for part in document):
        return list(map(int, document))
    return None


def plain_documents(documents):
    """Return documents of one kind, and that kind, or raise Refused."""
    documents = [plain(document) for document in documents]
    if None in documents:
        raise Refused
    of_text = [isinstance(document, str) for document in documents]
    if all(of_text):
        return documents, "text"
    types = {type(part) for document in documents for part in document}
    if any(of_text) or len({issubclass(found, str) for found in types}) > 1:
        raise Refused
    return documents, "integers" if int in types else "tokens"


@st.composite
def spoiled(draw):
    """Documents of one kind but for one row, or for one element of it."""
    documents = draw(st.one_of([lists(kind) for kind in (TEXTS, TOKENS, st.lists(SMALL))]))
    if not documents:
        return documents
    row = draw(st.integers(0, len(documents) - 1))
    if isinstance(documents[row], list) and draw(st.booleans()):
        at = draw(st.integers(0, len(documents[row])))
        documents[row] = [*documents[row][:at], draw(SCALARS), *documents[row][at:]]
    else:
        documents[row] = draw(NESTED | ARRAYS)
    return documents


@given(st.lists(NESTED | ARRAYS, max_size=4) | spoiled() | spoiled(), CONTAINERS)
def test_anything_is_documents_of_one_kind_or_refused(documents, container):
    snapshot = pickle.dumps(documents)
    vectorizer = MultiHotVectorizer()
    try:
        as_plain, kind = plain_documents(documents)
        if kind == "integers":
            columns, n_columns = oracle_integers(as_plain, {})
        else:
            as_plain = [oracle_terms(document, {}) for document in as_plain]
            columns = {term: i for i, term in enumerate(oracle_vocabulary(as_plain, {}))}
            n_columns = len(columns)
        cells = oracle_cells(as_plain, columns, n_columns, {})
    except Refused as error:
        assert_refused(lambda: vectorizer.fit_transform(container(documents)), str(error))
        assert not hasattr(vectorizer, "vocabulary_")
    else:
        assert_encodes(vectorizer.fit_transform(container(documents)), cells, n_columns, {})
        assert vectorizer.input_kind_ == kind
    assert pickle.dumps(documents) == snapshot


@given(NESTED | ARRAYS)
def test_what_is_no_list_of_documents_is_refused_or_read(documents):
    vectorizer, message = MultiHotVectorizer(), None
    try:
        X = vectorizer.fit_transform(documents)
    except (ValueError, TypeError) as error:
        message = str(error)
    if message is None:
        assert X.shape[0] == len(documents)
    else:
        assert HELPS.search(message)
        assert not hasattr(vectorizer, "vocabulary_")
