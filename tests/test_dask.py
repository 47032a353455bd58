"""Dask, as it is: searches and predictions on two worker processes, one of which may die."""

import os
import signal
from functools import partial

import dask.bag
import joblib
import numpy as np
import pytest
from distributed import Client, LocalCluster
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline

from sklearn_textnn import EpochGridSearchCV, KerasTopicClassifier, MultiHotVectorizer

# Threads of distributed draw on Python's generator to spread their reconnections.
pytestmark = pytest.mark.moves_generators

TOPICS = ["gold", "oil", "wheat"]


def wires(n, seed):
    """Return n texts in which one word decides on the topic, and their topics."""
    rng = np.random.RandomState(seed)
    words = ["price", "report", "market", "export", "season", "tonnes"]
    labels = [TOPICS[i % 3] for i in range(n)]
    return [" ".join(rng.permutation([label, *rng.choice(words, 3)])) for label in labels], labels


def pipeline(seed):
    classifier = KerasTopicClassifier(8, batch_size=8, learning_rate=0.02, random_state=seed)
    return make_pipeline(MultiHotVectorizer(), classifier)


@pytest.fixture(scope="module")
def client():
    """Return a client of two worker processes that stay for all tests of this module."""
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


GRID = {
    "kerastopicclassifier__epochs": [1, 3],
    "kerastopicclassifier__units": [4, (8, 8)],
}


def search(kind, seed, **parameters):
    return kind(pipeline(seed), GRID, error_score="raise", **{"cv": 2} | parameters)


def assert_same_results(found, expected):
    assert found.best_params_ == expected.best_params_
    assert found.cv_results_.keys() == expected.cv_results_.keys()
    for key, values in expected.cv_results_.items():
        if not key.endswith("_time"):
            assert_array_equal(found.cv_results_[key], values, err_msg=key)


@pytest.mark.parametrize("kind", [GridSearchCV, EpochGridSearchCV])
def test_search_on_two_processes_finds_what_one_process_does(client, kind, global_random_seed):
    X, y = wires(200, global_random_seed)
    X, y = np.array(X), np.array(y)
    expected = search(kind, global_random_seed, scoring="neg_log_loss").fit(X, y)
    with joblib.parallel_config(backend="dask"):
        found = search(kind, global_random_seed, scoring="neg_log_loss").fit(X, y)
    assert_same_results(found, expected)
    assert_array_equal(found.predict_proba(X), expected.predict_proba(X))


def die_once(estimator, X, y, note=None):
    """Score; the first to do so on a worker leaves a note and kills its process."""
    try:
        with open(note, "x") as file:
            file.write(str(os.getpid()))
    except FileExistsError:
        return estimator.score(X, y)
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_killed_worker_costs_nothing_but_time(client, tmp_path, global_random_seed):
    X, y = wires(400, global_random_seed)
    splits = StratifiedKFold(3).split(X, y)
    # Lists go with each task. An array would be kept by one worker alone, and be lost with it.
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
    client.wait_for_workers(2, timeout=60)
    assert killed not in client.run(os.getpid).values()
    assert_same_results(found, expected)


def predict_proba(documents, model):
    return model.predict_proba(list(documents))


def test_bag_of_documents_is_scored_by_a_model_sent_once(client, global_random_seed):
    X, y = wires(60, global_random_seed)
    model = pipeline(global_random_seed).fit(X, y)
    documents, _ = wires(200, global_random_seed + 1)
    bag = dask.bag.from_sequence(documents, npartitions=7)
    sent = client.scatter(model, broadcast=True)
    scored = bag.map_partitions(predict_proba, sent).compute()
    assert_allclose(scored, model.predict_proba(documents), rtol=1e-6)
