"""Predictions in many threads and processes: the same answers, and no thread waits for a lock."""

import threading
from concurrent.futures import ThreadPoolExecutor

import joblib
import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from sklearn_textnn import KerasBinaryReviewClassifier, KerasTopicClassifier, MultiHotVectorizer

WORDS = ["wheat", "oil", "bank", "crop", "price", "rate", "up", "down", "report", "of"]
TOPICS = ("crude", "grain", "money")


def texts(n, seed):
    rng = np.random.RandomState(seed)
    return [" ".join(rng.choice(WORDS, 6)) for _ in range(n)]


def fitted(classifier, seed, **vectorizer):
    documents = texts(60, seed)
    n_classes = 2 if isinstance(classifier, KerasBinaryReviewClassifier) else 3
    labels = np.array(TOPICS)[np.arange(60) % n_classes]
    return make_pipeline(MultiHotVectorizer(**vectorizer), classifier).fit(documents, labels)


@pytest.fixture(scope="module", params=[KerasBinaryReviewClassifier, KerasTopicClassifier])
def model(request):
    """Return a fitted pipeline on words and pairs of words."""
    return fitted(request.param(8, epochs=2, stages="all", random_state=0), 0, ngram_range=(1, 2))


def answers(model, documents):
    """Return everything that a server may compute."""
    X = model[0].transform(documents)
    return [
        X.toarray(),
        model.predict_proba(documents),
        model.decision_function(documents),
        *model[-1].staged_predict_proba(X),
    ]


def test_eight_threads_give_the_answers_of_one(model, global_random_seed):
    requests = [texts(n, global_random_seed + n) for n in range(1, 41)]
    expected = [answers(model, documents) for documents in requests]
    before = vars(model[-1]).keys()
    started = threading.Barrier(8)

    def serve(shift):
        started.wait()
        order = np.roll(np.arange(len(requests)), shift)
        return {i: answers(model, requests[i]) for i in order}

    with ThreadPoolExecutor(8) as threads:
        for served in threads.map(serve, range(0, 40, 5)):
            for i, documents in enumerate(expected):
                for answer, alone in zip(served[i], documents, strict=True):
                    assert_array_equal(answer, alone)
    assert vars(model[-1]).keys() == before


def test_two_processes_give_the_answers_of_one(model, global_random_seed):
    requests = [texts(n, global_random_seed + n) for n in range(1, 9)]
    served = joblib.Parallel(n_jobs=2)(
        joblib.delayed(model.predict_proba)(documents) for documents in requests
    )
    # The workers may give their BLAS another number of threads, which changes the last bit.
    for probabilities, documents in zip(served, requests, strict=True):
        assert_allclose(probabilities, model.predict_proba(documents), rtol=0, atol=1e-6)


class _Waiting:
    """An analyzer that stops at a document with the word "stop" until it is released."""

    def __init__(self):
        self.reached, self.released = threading.Event(), threading.Event()

    def __call__(self, document):
        if "stop" in document:
            self.reached.set()
            assert self.released.wait(60)
        return document.split()

    def __deepcopy__(self, memo):
        return self


def test_prediction_waits_for_no_other_prediction(global_random_seed):
    waiting = _Waiting()
    model = fitted(KerasTopicClassifier(8, epochs=1, random_state=0), 0, analyzer=waiting)
    documents = texts(5, global_random_seed)
    with ThreadPoolExecutor(2) as threads:
        slow = threads.submit(model.predict_proba, ["wheat", "stop", "oil"])
        assert waiting.reached.wait(60)
        fast = threads.submit(model.predict_proba, documents).result(60)
        assert not slow.done()
        waiting.released.set()
        assert_array_equal(slow.result(60), model.predict_proba(["wheat", "stop", "oil"]))
    assert_array_equal(fast, model.predict_proba(documents))


class _Pause(keras.callbacks.Callback):
    """A callback that stops training after an epoch until it is released."""

    def __init__(self):
        super().__init__()
        self.reached, self.released = threading.Event(), threading.Event()

    def on_epoch_end(self, epoch, logs=None):
        self.reached.set()
        assert self.released.wait(60)


def test_prediction_waits_for_no_training(model, global_random_seed):
    documents = texts(5, global_random_seed)
    expected = model.predict_proba(documents)
    pause = _Pause()  # training uses a shallow copy, which has the same events
    training = clone(model[-1]).set_params(callbacks=[pause])
    X = model[0].transform(texts(60, 0))
    with ThreadPoolExecutor(2) as threads:
        trained = threads.submit(training.fit, X, np.array(TOPICS[:2])[np.arange(60) % 2])
        assert pause.reached.wait(60)
        served = threads.submit(model.predict_proba, documents).result(60)
        assert not trained.done()
        pause.released.set()
        assert trained.result(60).n_iter_ == 2
    assert_array_equal(served, expected)


def test_all_threads_get_the_same_keras_model(model):
    classifier = clone(model[-1]).fit(
        model[0].transform(texts(60, 0)), np.array(TOPICS[:2])[np.arange(60) % 2]
    )
    started = threading.Barrier(8)

    def ask():
        started.wait()
        return classifier.model_

    with ThreadPoolExecutor(8) as threads:
        models = [future.result() for future in [threads.submit(ask) for _ in range(8)]]
    assert len(set(map(id, models))) == 1
    X = model[0].transform(texts(9, 1)).toarray()
    probabilities = models[0].predict(X, verbose=0)
    expected = classifier.predict_proba(X)[:, -probabilities.shape[1] :]
    np.testing.assert_allclose(probabilities, expected, rtol=1e-4, atol=1e-6)
