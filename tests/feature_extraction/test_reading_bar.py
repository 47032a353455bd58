"""The bar that a vectorizer with verbose=1 draws while it reads documents."""

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from numpy.testing import assert_array_equal
from sklearn.pipeline import make_pipeline
from terminal import bars, in_terminal, recorded_updates

from sklearn_textnn import EpochGridSearchCV, KerasBinaryReviewClassifier, MultiHotVectorizer
from sklearn_textnn.feature_extraction import _chunks

Progress = pytest.importorskip("rich.progress").Progress

REVIEWS = [f"review {i:02} is {'good' if i % 2 else 'poor'}" for i in range(40)]


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch):
    # A document counts as 81 characters, so these are 8 and 4 documents.
    monkeypatch.setattr(_chunks, "_CHUNK", 8 * 81)
    monkeypatch.setattr(_chunks, "_CHUNK_TO_SEND", 4 * 81)


def draw(vectorizer, method="fit_transform", documents=REVIEWS):
    """Read documents in a terminal; return what was printed, the updates, and what it returned."""
    with in_terminal() as terminal, recorded_updates() as updates:
        returned = getattr(vectorizer, method)(documents)
    return terminal.getvalue(), updates, returned


@pytest.mark.parametrize("method", ["fit", "fit_transform", "partial_fit"])
@pytest.mark.parametrize("vocabulary", [None, ["good", "poor"]])
def test_bar_counts_the_documents_of_each_chunk(method, vocabulary):
    vectorizer = MultiHotVectorizer(vocabulary=vocabulary, verbose=1)
    printed, updates, _ = draw(vectorizer, method)
    numbers = [read for read, _, _ in updates]
    if vocabulary is None:
        assert numbers == [8, 16, 24, 32, 40]
    else:  # a few short documents are looked up one by one
        assert sorted({*numbers}) == list(range(1, 41))
    (line,) = bars(printed)
    assert line.startswith(f"MultiHotVectorizer - {method.replace('_', '-')} ━")
    assert " 100% " in line
    assert line.rstrip().endswith("40 documents read")


@pytest.mark.parametrize("backend", ["loky", "threading", "multiprocessing"])
def test_chunks_read_elsewhere_count_when_they_have_been_read(backend):
    with parallel_config(backend):
        _, updates, X = draw(MultiHotVectorizer(verbose=1, n_jobs=2))
    assert [read for read, _, _ in updates] == list(range(4, 41, 4))
    assert_array_equal(X.toarray(), MultiHotVectorizer().fit_transform(REVIEWS).toarray())


@pytest.mark.parametrize("vocabulary", [None, ["good", "poor"]])
def test_documents_for_a_callable_analyzer_count_one_by_one(vocabulary):
    vectorizer = MultiHotVectorizer(analyzer=str.split, vocabulary=vocabulary, verbose=1)
    _, updates, _ = draw(vectorizer)
    assert sorted({read for read, _, _ in updates}) == list(range(1, 41))


@pytest.mark.parametrize(
    ("documents", "total"),
    [
        (np.array(REVIEWS), 40),
        (pd.Series(REVIEWS), 40),
        (pd.DataFrame({"text": REVIEWS}), 40),
        ([review.split() for review in REVIEWS], 40),
        (iter(REVIEWS), None),
    ],
    ids=["array", "series", "table", "tokens", "iterator"],
)
def test_total_is_the_number_of_documents_where_that_is_known(documents, total, monkeypatch):
    totals = []
    add_task = Progress.add_task

    def record(self, description, total, **fields):
        totals.append(total)
        return add_task(self, description, total=total, **fields)

    monkeypatch.setattr(Progress, "add_task", record)
    draw(MultiHotVectorizer(verbose=1), documents=documents)
    assert totals == [total]


def test_documents_that_are_read_twice_count_twice():
    _, updates, _ = draw(MultiHotVectorizer(max_terms=9, verbose=1))
    assert updates[-1][0] == 80


def test_integers_have_a_bar_too():
    (line,) = bars(draw(MultiHotVectorizer(verbose=1), documents=[[1, 2], [2]])[0])
    assert " 100% " in line


def test_nothing_is_drawn_in_a_file_nor_without_verbose(capsys):
    MultiHotVectorizer(verbose=1).fit(REVIEWS)
    assert capsys.readouterr() == ("", "")
    assert draw(MultiHotVectorizer())[0] == ""


def test_transform_draws_nothing():
    assert draw(MultiHotVectorizer(verbose=1).fit(REVIEWS), "transform")[0] == ""


def test_callbacks_of_scikit_learn_have_the_terminal_for_themselves():
    pytest.importorskip("sklearn.callback", reason="needs scikit-learn 1.9")
    from recording_callback import Recorder

    vectorizer = MultiHotVectorizer(verbose=1).set_callbacks(Recorder())
    assert draw(vectorizer)[0] == ""


def test_refused_documents_leave_the_vectorizer_as_it_was():
    vectorizer = MultiHotVectorizer(verbose=1).fit(REVIEWS)
    names = vectorizer.get_feature_names_out().tolist()
    with pytest.raises(ValueError, match="Row 30"):
        draw(vectorizer, documents=[*REVIEWS[:30], None])
    assert vectorizer.get_feature_names_out().tolist() == names


def test_documents_do_not_count_as_epochs_of_a_search():
    network = KerasBinaryReviewClassifier(2, random_state=0)
    pipeline = make_pipeline(MultiHotVectorizer(analyzer=str.split), network)
    grid = {"kerasbinaryreviewclassifier__epochs": [1, 3]}
    search = EpochGridSearchCV(pipeline, grid, cv=2, verbose=1, refit=False)
    with in_terminal(), recorded_updates() as updates:
        search.fit(REVIEWS, [i % 2 for i in range(40)])
    assert {read for read, _, _ in updates} == set(range(7))


@pytest.mark.parametrize("verbose", [-1, "yes", 0.5])
def test_bad_verbose_is_refused(verbose):
    with pytest.raises(ValueError, match="The 'verbose' parameter of MultiHotVectorizer"):
        MultiHotVectorizer(verbose=verbose).fit(REVIEWS)
