"""Searches and predictions on two worker processes of Dask, one of which may die."""

import os
import signal
import zlib
from contextlib import contextmanager
from functools import partial

import dask.bag
import joblib
import numpy as np
import pytest
from distributed import Client, LocalCluster
from numpy.testing import assert_allclose, assert_array_equal
from same_network import assert_same_network
from sklearn.base import clone
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline

from sklearn_textnn import (
    EpochGridSearchCV,
    EpochHalvingSearchCV,
    KerasTopicClassifier,
    MultiHotVectorizer,
)
from sklearn_textnn.feature_extraction import _chunks

# Threads of distributed draw from Python's generator to spread their reconnections.
pytestmark = pytest.mark.moves_generators

TOPICS = ["gold", "oil", "wheat"]


def wires(n, seed):
    """Return n texts, in each of which one word decides the topic, and their topics."""
    rng = np.random.RandomState(seed)
    words = ["price", "report", "market", "export", "season", "tonnes"]
    labels = [TOPICS[i % 3] for i in range(n)]
    return [" ".join(rng.permutation([label, *rng.choice(words, 3)])) for label in labels], labels


def pipeline(seed):
    classifier = KerasTopicClassifier(8, batch_size=8, learning_rate=0.02, random_state=seed)
    return make_pipeline(MultiHotVectorizer(), classifier)


@contextmanager
def two_workers():
    """Yield a client of two worker processes."""
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def client():
    """Return a client of two worker processes, which most tests of this module use."""
    with two_workers() as client:
        yield client


@pytest.fixture
def own_client():
    """Return a client of two worker processes, which one test uses."""
    with two_workers() as client:
        yield client


GRID = {
    "kerastopicclassifier__epochs": [1, 3],
    "kerastopicclassifier__units": [4, (8, 8)],
}


def search(kind, seed, **parameters):
    return kind(pipeline(seed), GRID, error_score="raise", **{"cv": 2} | parameters)


def loss_and_network(estimator, X, y):
    """Score by the loss, which a BLAS may round otherwise, and by a checksum of the network."""
    classifier = estimator[-1]
    network = b"".join(a.tobytes() for a in [*classifier.coefs_, *classifier.intercepts_])
    loss = log_loss(y, estimator.predict_proba(X), labels=TOPICS)
    return {"neg_log_loss": -loss, "network": zlib.crc32(network)}


def test_vectorizer_counts_and_encodes_on_two_processes_as_on_one(client, monkeypatch):
    documents, _ = wires(400, 0)
    parameters = {"ngram_range": (1, 2), "num_words": 30, "min_df": 2}
    expected = MultiHotVectorizer(**parameters)
    X = expected.fit_transform(documents)
    monkeypatch.setattr(_chunks, "_CHUNK_TO_SEND", 2_000)
    with joblib.parallel_config(backend="dask"):
        found = MultiHotVectorizer(**parameters, n_jobs=-1)
        for encoded in (found.fit_transform(documents), found.transform(documents)):
            assert_array_equal(encoded.indices, X.indices)
            assert_array_equal(encoded.indptr, X.indptr)
    assert found.vocabulary_ == expected.vocabulary_


def test_vectorizers_that_counted_partitions_of_a_bag_are_merged_to_one(client):
    documents, _ = wires(400, 0)
    vectorizer = MultiHotVectorizer(30, ngram_range=(1, 2))
    counted = dask.bag.from_sequence(documents, npartitions=7).map_partitions(
        lambda part: [clone(vectorizer).partial_fit(part)]
    )
    merged = counted.fold(lambda one, other: one.merge(other), split_every=2).compute()
    assert merged.vocabulary_ == clone(vectorizer).fit(documents).vocabulary_


def assert_same_results(found, expected):
    assert found.best_params_ == expected.best_params_
    assert found.cv_results_.keys() == expected.cv_results_.keys()
    for key, values in expected.cv_results_.items():
        if "test_neg_log_loss" in key:
            assert_allclose(found.cv_results_[key], values, rtol=1e-5, atol=1e-6, err_msg=key)
        elif not key.endswith("_time"):
            assert_array_equal(found.cv_results_[key], values, err_msg=key)


@pytest.mark.parametrize("kind", [GridSearchCV, EpochGridSearchCV])
def test_search_trains_the_same_networks_on_two_processes_as_on_one(
    client, kind, global_random_seed
):
    X, y = wires(200, global_random_seed)
    X, y = np.array(X), np.array(y)
    scoring = {"scoring": loss_and_network, "refit": "neg_log_loss"}
    expected = search(kind, global_random_seed, **scoring).fit(X, y)
    assert len(set(expected.cv_results_["split0_test_network"])) == 4
    with joblib.parallel_config(backend="dask"):
        found = search(kind, global_random_seed, **scoring).fit(X, y)
    assert_same_results(found, expected)
    assert_same_network(found.best_estimator_[-1], expected.best_estimator_[-1])


def die_once(estimator, X, y, note=None):
    """Return the score, except in the first call, which writes a note and kills its process."""
    try:
        with open(note, "x") as file:
            file.write(str(os.getpid()))
    except FileExistsError:
        return estimator.score(X, y)
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_search_survives_a_killed_worker(client, tmp_path, global_random_seed):
    X, y = wires(400, global_random_seed)
    splits = StratifiedKFold(3).split(X, y)
    # Lists are sent with each task. An array would be held by one worker and be lost with it.
    cv = [(train.tolist(), test.tolist()) for train, test in splits]
    expected = search(EpochGridSearchCV, global_random_seed, cv=cv).fit(X, y)
    note = tmp_path / "killed"
    before = set(client.run(os.getpid).values())
    dying = search(
        EpochGridSearchCV, global_random_seed, cv=cv, scoring=partial(die_once, note=str(note))
    )
    with joblib.parallel_config(backend="dask"):
        found = dying.fit(X, y)
    killed = int(note.read_text())
    assert killed in before
    client.wait_for_workers(2, timeout=300)
    assert killed not in client.run(os.getpid).values()
    assert_same_results(found, expected)


HALVING_GRID = {"kerastopicclassifier__learning_rate": [1e-4, 0.02, 0.01]}


def halving_search(seed, **parameters):
    settings = {"cv": 2, "max_resources": 4, "factor": 2, "error_score": "raise"}
    return EpochHalvingSearchCV(pipeline(seed), HALVING_GRID, **settings | parameters)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_survivors_go_on_where_a_worker_was_killed_between_rounds(
    own_client, tmp_path, global_random_seed
):
    X, y = wires(400, global_random_seed)
    splits = StratifiedKFold(3).split(X, y)
    cv = [(train.tolist(), test.tolist()) for train, test in splits]
    expected = halving_search(global_random_seed, cv=cv).fit(X, y)
    note = tmp_path / "killed"
    scoring = partial(die_after_two_epochs, note=str(note))
    before = set(own_client.run(os.getpid).values())
    with joblib.parallel_config(backend="dask"):
        found = halving_search(global_random_seed, cv=cv, scoring=scoring).fit(X, y)
    assert int(note.read_text()) in before
    assert_same_results(found, expected)
    assert_same_network(found.best_estimator_[-1], expected.best_estimator_[-1])
    # What the killed worker had trained was trained again from where the round had begun.
    assert found.n_epochs_trained_ == expected.n_epochs_trained_
    assert found.n_epochs_trained_ < found.n_epochs_from_scratch_


def die_after_two_epochs(estimator, X, y, note=None):
    """Score, except for the first time in the second round, which kills the process."""
    if estimator[-1].n_iter_ < 4:
        return estimator.score(X, y)
    return die_once(estimator, X, y, note=note)


def predict_proba(documents, model):
    return model.predict_proba(list(documents))


def test_bag_of_documents_is_scored_by_a_model_sent_once(client, global_random_seed):
    X, y = wires(60, global_random_seed)
    model = pipeline(global_random_seed).fit(X, y)
    documents, _ = wires(200, global_random_seed + 1)
    bag = dask.bag.from_sequence(documents, npartitions=7)
    sent = client.scatter(model, broadcast=True)
    scored = bag.map_partitions(predict_proba, sent).compute()
    assert_allclose(scored, model.predict_proba(documents), rtol=1e-5, atol=1e-6)
