"""MultiHotVectorizer on columns and tables of NumPy, pandas, polars and pyarrow."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer

from sklearn_textnn import MultiHotVectorizer

DOCUMENTS = ["The film wasn't bad.", "", "A bad film, a bad story", "Ünïcode\u2003spaces"]
TOKENS = [["The", "film"], [], ["bad", "bad", "story"], ["film"]]
SEQUENCES = [[1, 4], [], [2, 2, 2], [4]]
KINDS = {"text": DOCUMENTS, "tokens": TOKENS, "integers": SEQUENCES}


def as_objects(documents):
    array = np.empty((len(documents), 1), dtype=object)
    array[:, 0] = documents
    return array


def array_of_objects(documents):
    return as_objects(documents)[:, 0]


def pandas_frame(documents):
    return pd.DataFrame({"text": documents}, index=range(10, 10 + len(documents)))


def object_frame(documents):
    return pd.DataFrame({"text": documents}, dtype=object)


def polars_series(documents):
    return pytest.importorskip("polars").Series("text", documents)


def polars_frame(documents):
    return pytest.importorskip("polars").DataFrame({"text": documents})


def pyarrow_array(documents):
    return pytest.importorskip("pyarrow").array(documents)


def pyarrow_chunks(documents):
    pyarrow = pytest.importorskip("pyarrow")
    whole = pyarrow.array(documents)
    return pyarrow.chunked_array([whole[:2], whole[2:]])


def pyarrow_table(documents):
    return pytest.importorskip("pyarrow").table({"text": documents})


def pyarrow_batch(documents):
    return pyarrow_table(documents).to_batches()[0]


CONTAINERS = [
    as_objects,
    array_of_objects,
    pandas_frame,
    object_frame,
    polars_series,
    polars_frame,
    pyarrow_array,
    pyarrow_chunks,
    pyarrow_table,
    pyarrow_batch,
]


def assert_same_as_list(documents, converted):
    """Assert that fit and transform do with what was converted as with the list of documents."""
    expected, found = MultiHotVectorizer(), MultiHotVectorizer()
    X = expected.fit_transform(documents)
    assert (found.fit_transform(converted) != X).nnz == 0
    assert found.vocabulary_ == expected.vocabulary_
    assert found.input_kind_ == expected.input_kind_
    assert (expected.transform(converted) != X).nnz == 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("container", CONTAINERS)
def test_column_or_table_of_one_column_is_the_list_of_its_documents(container, kind):
    assert_same_as_list(KINDS[kind], container(KINDS[kind]))


@pytest.mark.parametrize(
    "convert",
    [
        lambda d: np.array(d)[:, np.newaxis],
        lambda d: np.array([document.encode() for document in d])[:, np.newaxis],
        lambda d: np.array(d)[:, np.newaxis].view(np.matrix),
        lambda d: np.ma.array(d)[:, np.newaxis],
        lambda d: pd.DataFrame({"text": d}, dtype="category"),
    ],
)
def test_other_forms_of_a_column_of_text(convert):
    assert_same_as_list(DOCUMENTS, convert(DOCUMENTS))


def test_arrow_types_of_text():
    pyarrow = pytest.importorskip("pyarrow")
    array = pyarrow.array(DOCUMENTS)
    for other in (array.cast(pyarrow.large_string()), array.dictionary_encode()):
        assert_same_as_list(DOCUMENTS, other)
    assert_same_as_list(DOCUMENTS, array.cast(pyarrow.binary()))
    frame = pd.DataFrame({"text": pd.array(DOCUMENTS, dtype="string[pyarrow]")})
    assert_same_as_list(DOCUMENTS, frame)


def test_rows_that_are_columns_of_other_libraries():
    polars, pyarrow = pytest.importorskip("polars"), pytest.importorskip("pyarrow")
    assert_same_as_list(SEQUENCES, [polars.Series(s, dtype=polars.Int16) for s in SEQUENCES])
    assert_same_as_list(TOKENS, [pyarrow.array(t, pyarrow.string()) for t in TOKENS])


def test_integer_table_of_one_column_has_sequences_of_one_integer():
    X = MultiHotVectorizer(5).fit_transform(np.array([[3], [1]]))
    assert X.toarray().tolist() == [[0, 0, 0, 1, 0], [0, 1, 0, 0, 0]]


def test_tables_are_not_changed():
    table = as_objects(DOCUMENTS)
    frame = object_frame(DOCUMENTS)
    before = table.copy(), frame.copy()
    MultiHotVectorizer().fit(table).transform(frame)
    assert (table == before[0]).all()
    pd.testing.assert_frame_equal(frame, before[1])


def two_columns(library):
    data = {"title": DOCUMENTS, "text": DOCUMENTS}
    if library == "pyarrow":
        return pytest.importorskip("pyarrow").table(data)
    return pytest.importorskip(library).DataFrame(data)


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_tables_of_more_columns_are_refused(library):
    X = two_columns(library)
    for method in (MultiHotVectorizer().fit, MultiHotVectorizer().fit(DOCUMENTS).transform):
        with pytest.raises(ValueError, match=r"X has the shape \(4, 2\), but one column of docu"):
            method(X)
    assert_same_as_list(DOCUMENTS, X["text"])


@pytest.mark.parametrize(
    ("container", "fill"),
    [
        (list, None),
        (array_of_objects, None),
        (pd.Series, r"X\.fillna\(''\)"),
        (object_frame, r"X\.fillna\(''\)"),
        (polars_series, r"X\.fill_null\(''\)"),
        (polars_frame, r"X\.fill_null\(''\)"),
        (pyarrow_array, r"X\.fill_null\(''\)"),
        (pyarrow_chunks, r"X\.fill_null\(''\)"),
        (pyarrow_table, None),
    ],
)
def test_missing_document_names_the_row_and_what_the_users_library_can_do(container, fill):
    hint = "" if fill is None else f", as {fill} does"
    match = f"^Row 2 is missing .* or put an empty document there{hint}\\.$"
    X = container(["a", "b", None])
    for method in (MultiHotVectorizer().fit, MultiHotVectorizer().fit(DOCUMENTS).transform):
        with pytest.raises(ValueError, match=match):
            method(X)


@pytest.mark.parametrize("container", [polars_series, polars_frame, pyarrow_array, pyarrow_chunks])
def test_the_advice_about_missing_documents_works(container):
    X = container(["a b", None, "b"])
    assert_same_as_list(["a b", "", "b"], X.fill_null(""))


@pytest.mark.parametrize("container", [polars_series, pyarrow_array])
def test_numbers_in_the_place_of_documents_are_refused(container):
    with pytest.raises(TypeError, match=r"Row 0 is 1 \(int\), where a str, a list of str"):
        MultiHotVectorizer().fit(container([1, 2]))


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_column_transformer_may_name_the_column_in_a_list(library):
    frame = pytest.importorskip(library).DataFrame({"text": DOCUMENTS, "number": [1, 2, 3, 4]})
    steps = [("words", CountVectorizer(), "text"), ("rest", "passthrough", ["number"])]
    try:
        ColumnTransformer(steps, sparse_threshold=1).fit_transform(frame)
    except AttributeError:
        pytest.skip("this version of scikit-learn does not take frames of this version of polars")
    for columns in ("text", ["text"]):
        both = ColumnTransformer(
            [("words", MultiHotVectorizer(3), columns), ("rest", "passthrough", ["number"])],
            sparse_threshold=1,
        )
        X = both.fit_transform(frame).tocsr()
        assert (X[:, :3] != MultiHotVectorizer(3).fit_transform(DOCUMENTS)).nnz == 0
        assert (both.transform(frame).tocsr() != X).nnz == 0
        assert both.get_feature_names_out()[0] == "words__bad"
