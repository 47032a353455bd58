"""scikit-learn's callbacks on the transformers: chunks of documents as tasks, failures, copies."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from recording_callback import Counter, Recorder, fails_at, wide_console
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from sklearn_textnn import LogCountRatioTransformer, MultiHotVectorizer
from sklearn_textnn.feature_extraction import _chunks

callback = pytest.importorskip("sklearn.callback", reason="needs scikit-learn 1.9")

REVIEWS = [f"review {i} is {'good' if i % 2 else 'bad'}" for i in range(40)]
# About 85 characters a document, as they are counted.
N_CHUNKS, N_CHUNKS_TO_SEND = 5, 10


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch):
    monkeypatch.setattr(_chunks, "_CHUNK", 8 * 80)
    monkeypatch.setattr(_chunks, "_CHUNK_TO_SEND", 4 * 80)


def documents_of(recorder):
    """Return the documents of all chunks end to end."""
    return [document for told in recorder.told("end", "chunk") for document in told["X"]]


def assert_same(one, other):
    assert one.get_feature_names_out().tolist() == other.get_feature_names_out().tolist()


@pytest.mark.parametrize("n_jobs", [None, 2])
@pytest.mark.parametrize("method", ["fit", "fit_transform", "partial_fit"])
@pytest.mark.parametrize("given", [None, ["good", "bad"]])
def test_each_chunk_of_documents_is_a_task(given, method, n_jobs):
    recorder = Recorder()
    vectorizer = MultiHotVectorizer(vocabulary=given, n_jobs=n_jobs).set_callbacks(recorder)
    getattr(vectorizer, method)(REVIEWS)
    name, n_chunks = method.replace("_", "-"), N_CHUNKS if n_jobs is None else N_CHUNKS_TO_SEND
    assert documents_of(recorder) == REVIEWS
    assert recorder.events[0].context.max_subtasks == len(recorder.of("end", "chunk")) == n_chunks
    assert [e.path for e in recorder.of("end", "chunk")] == [
        ((name, 0), ("chunk", i)) for i in range(n_chunks)
    ]
    hooks = recorder.hooks()
    assert hooks[:2] == [("setup", name), ("begin", name)]
    assert hooks[-2:] == [("end", name), ("teardown", name)]
    assert_same(vectorizer, MultiHotVectorizer(vocabulary=given).fit(REVIEWS))
    assert all(event.estimator is vectorizer for event in recorder.events)


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_matrix_is_that_without_callbacks(n_jobs):
    expected = MultiHotVectorizer().fit_transform(REVIEWS)
    vectorizer = MultiHotVectorizer(n_jobs=n_jobs).set_callbacks(Counter())
    assert_array_equal(vectorizer.fit_transform(REVIEWS).toarray(), expected.toarray())


def test_documents_that_are_read_twice_are_told_twice():
    recorder = Recorder()
    MultiHotVectorizer(max_terms=9).set_callbacks(recorder).fit_transform(REVIEWS)
    assert documents_of(recorder) == REVIEWS + REVIEWS
    assert recorder.events[0].context.max_subtasks == 2 * N_CHUNKS


@pytest.mark.parametrize(
    ("documents", "known"),
    [
        (np.array(REVIEWS), True),
        (np.array(REVIEWS, dtype=object), True),
        (pd.Series(REVIEWS), True),
        ([review.split() for review in REVIEWS], True),
        (tuple(REVIEWS), False),
        (iter(REVIEWS), False),
        ([*REVIEWS[:-1], REVIEWS[-1].encode()], False),
        (pd.DataFrame({"text": REVIEWS}), False),
    ],
    ids=["str", "object", "series", "tokens", "tuple", "iterator", "bytes", "table"],
)
def test_number_of_chunks_is_told_where_it_is_known(documents, known):
    recorder = Recorder()
    MultiHotVectorizer().set_callbacks(recorder).fit(documents)
    n_chunks = len(recorder.of("end", "chunk"))
    assert n_chunks > 1
    assert recorder.events[0].context.max_subtasks == (n_chunks if known else None)


@pytest.mark.parametrize("method", ["fit", "fit_transform", "partial_fit"])
@pytest.mark.parametrize("documents", [[[1, 2], [2]], np.array([[1, 2], [2, 2]]), ["a b"]])
def test_few_documents_and_integers_are_told(method, documents):
    counter = Counter()
    vectorizer = MultiHotVectorizer(num_words=None).set_callbacks(counter)
    getattr(vectorizer, method)(documents)
    assert counter.ended[-1] == method.replace("_", "-")
    assert set(counter.ended[:-1]) <= {"chunk"}


def test_fitted_estimator_of_the_whole_fit_is_the_vectorizer():
    recorder = Recorder()
    vectorizer = MultiHotVectorizer().set_callbacks(recorder).fit(REVIEWS)
    (told,) = recorder.told("end", "fit")
    assert told["X"] is REVIEWS
    fitted = told["fitted_estimator"]
    assert fitted is not vectorizer
    assert_same(fitted, vectorizer)
    assert_array_equal(fitted.transform(REVIEWS).toarray(), vectorizer.transform(REVIEWS).toarray())


def test_no_document_is_left_out_where_a_callback_asks_to_stop():
    recorder = Recorder(lambda event: True)
    X = MultiHotVectorizer().set_callbacks(recorder).fit_transform(REVIEWS)
    assert X.shape[0] == 40


class Refused(Exception):
    """Raised by a callback."""


@pytest.mark.parametrize("n_jobs", [None, 2])
@pytest.mark.parametrize("error", [Refused, KeyboardInterrupt])
@pytest.mark.parametrize("method", ["fit", "fit_transform", "partial_fit"])
@pytest.mark.parametrize("where", [("begin", "root"), ("end", "chunk"), ("end", "root")])
def test_failing_callback_leaves_the_vectorizer_as_it_was(where, method, error, n_jobs):
    if n_jobs and (method, where[1]) != ("fit", "chunk"):
        pytest.skip("one with several processes is enough")
    hook, task = where[0], method.replace("_", "-") if where[1] == "root" else "chunk"
    recorder = Recorder(fails_at(hook, task, error()))
    for fitted in (False, True):
        vectorizer = MultiHotVectorizer(n_jobs=n_jobs)
        if fitted:
            vectorizer.partial_fit(["other words"])
        before = pickle.dumps(vectorizer)
        vectorizer.set_callbacks(recorder)
        recorder.events.clear()
        with pytest.raises(error):
            getattr(vectorizer, method)(REVIEWS)
        assert [hook for hook, _ in recorder.hooks()].count("teardown") == 1
        assert recorder.hooks()[-1][0] == "teardown"
        assert pickle.dumps(vectorizer.set_callbacks()) == before


def test_refused_documents_tear_down():
    recorder = Recorder()
    vectorizer = MultiHotVectorizer().set_callbacks(recorder)
    with pytest.raises(ValueError, match="Row 30"):
        vectorizer.fit([*REVIEWS[:30], None])
    assert recorder.hooks()[-1] == ("teardown", "fit")
    assert len(recorder.of("end", "chunk")) == 3
    assert not {"_callback_fit_ctx", "vocabulary_"} & vars(vectorizer).keys()


def test_clones_and_copies_have_the_callbacks():
    counter = Counter()
    vectorizer = MultiHotVectorizer().set_callbacks(counter).fit(REVIEWS)
    assert clone(vectorizer)._skl_callbacks == [counter]
    assert copy.copy(vectorizer)._skl_callbacks == [counter]
    loaded = pickle.loads(pickle.dumps(vectorizer))
    assert len(loaded._skl_callbacks) == 1
    assert_same(loaded, vectorizer)
    assert not hasattr(vectorizer.set_callbacks(), "_skl_callbacks")


def test_transformer_without_chunks_is_one_task():
    X, y = MultiHotVectorizer().fit_transform(REVIEWS), np.arange(40) % 2
    recorder = Recorder()
    transformer = LogCountRatioTransformer().set_callbacks(recorder).fit(X, y)
    assert [hook for hook, _ in recorder.hooks()] == ["setup", "begin", "end", "teardown"]
    (told,) = recorder.told("end", "fit")
    assert (told["X"] is X, told["y"] is y) == (True, True)
    assert_array_equal(told["fitted_estimator"].ratio_, transformer.ratio_)
    before = pickle.dumps(transformer.set_callbacks())
    transformer.set_callbacks(Recorder(fails_at("end", "fit", Refused())))
    with pytest.raises(Refused):
        transformer.fit(X, 1 - y % 2)
    assert pickle.dumps(transformer.set_callbacks()) == before


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_progress_bar_of_scikit_learn_draws(n_jobs, capsys):
    pytest.importorskip("rich")
    vectorizer = MultiHotVectorizer(n_jobs=n_jobs)
    pipeline = make_pipeline(vectorizer, LogCountRatioTransformer())
    with wide_console():
        pipeline.set_callbacks(callback.ProgressBar()).fit_transform(REVIEWS, np.arange(40) % 2)
    out = capsys.readouterr().out
    for bar in ("MultiHotVectorizer - fit-transform #0", "LogCountRatioTransformer - fit #1"):
        (line,) = [line for line in out.splitlines() if bar in line]
        assert "100%" in line
