"""What scikit-learn's callbacks, from version 1.9, are told of a search."""

import pytest
from planted import planted_classes
from same_search import assert_same_search, binary, record_trainings
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV
from sklearn.pipeline import Pipeline

from sklearn_textnn import (
    EpochGridSearchCV,
    EpochHalvingSearchCV,
    EpochRandomizedSearchCV,
    LogCountRatioTransformer,
)

pytest.importorskip("sklearn.callback")
from recording_callback import Recorder

X, Y = planted_classes(60, 2, 0)


def record(search):
    recorder = Recorder()
    search.set_callbacks(recorder).fit(X, Y)
    return recorder


def evaluations_in(recorder, path):
    """Return how many trainings were told of in a task."""
    found = [event.path for event in recorder.of("end", "candidate-split-evaluation")]
    return sum(of_training[:-1] == path for of_training in found)


@pytest.mark.parametrize(
    ("search", "n_trainings"),
    [
        (EpochGridSearchCV(binary(), {"epochs": [1, 3, 5], "units": [2, 4]}), 4),
        (EpochGridSearchCV(binary(), {"units": [2, 4, 6]}), 6),
        (EpochRandomizedSearchCV(binary(), {"epochs": [1, 3]}, n_iter=2, random_state=0), 2),
    ],
)
def test_search_announces_the_trainings_that_there_are(search, n_trainings):
    recorder = record(search.set_params(cv=2))
    (begun,) = recorder.of("begin", "search")
    assert begun.context.max_subtasks == n_trainings
    assert evaluations_in(recorder, begun.path) == n_trainings
    assert begun.estimator is search


def test_rounds_announce_the_trainings_that_there_are():
    search = EpochHalvingSearchCV(binary(), {"units": [2, 4, 6]}, max_resources=3, cv=2)
    recorder = record(search)
    rounds = recorder.of("begin", "halving-iteration")
    assert [begun.context.max_subtasks for begun in rounds] == [6, 2]
    assert [evaluations_in(recorder, begun.path) for begun in rounds] == [6, 2]


class PropagatedRecorder(Recorder):
    """A callback that a search passes on, as ProgressBar is."""

    max_propagation_depth = None


@pytest.mark.parametrize("path", ["", "binary__"])
def test_survivors_go_on_and_report_to_the_callbacks_of_the_search(path):
    estimator = (
        Pipeline([("weigh", LogCountRatioTransformer()), ("binary", binary())])
        if path
        else binary()
    )
    grid = {f"{path}units": [2, 4, 6]}
    search = EpochHalvingSearchCV(estimator, grid, cv=2, max_resources=3)
    recorder = PropagatedRecorder()
    search.set_callbacks(recorder).fit(X, Y)
    assert [event.hook for event in recorder.events].count("setup") == 1
    best = search.best_estimator_
    n_refit = (best["binary"] if path else best).n_iter_
    assert search.n_epochs_trained_ == 2 * (3 * 1 + 1 * 2)
    assert search.n_epochs_from_scratch_ == 2 * (3 * 1 + 1 * 3)
    assert len(recorder.of("end", "epoch")) == search.n_epochs_trained_ + n_refit


def test_callbacks_of_a_pipeline_do_not_keep_survivors_from_going_on():
    estimator = Pipeline([("weigh", LogCountRatioTransformer()), ("binary", binary())])
    estimator.set_callbacks(Recorder())
    search = EpochHalvingSearchCV(estimator, {"binary__units": [2, 4, 6]}, cv=2, max_resources=3)
    assert search.fit(X, Y).n_epochs_trained_ == 2 * (3 * 1 + 1 * 2)


def ends_after(n_epochs):
    """Return a callback that ends each training after so many epochs."""

    def act(event):
        if event.hook == "end" and event.path[-1][0] == "epoch":
            return event.told["fitted_estimator"].n_iter_ >= n_epochs

    return Recorder(act)


def facts(estimator, X, y):
    """Depends on all that a fit leaves, weights included."""
    weights = sum(float(a.sum(dtype=float)) for a in [*estimator.coefs_, *estimator.intercepts_])
    return estimator.n_iter_ + 10 * estimator.epochs + weights + sum(estimator.history_["loss"])


@pytest.mark.parametrize("n_epochs", [1, 3, 4])
@pytest.mark.parametrize("scoring", [None, facts])
def test_candidates_of_a_training_that_a_callback_ends_are_not_trained_again(
    n_epochs, scoring, monkeypatch
):
    trainings = record_trainings(monkeypatch)
    grid = {"epochs": [1, 3, 5, 6]}
    searches = [
        kind(binary().set_callbacks(ends_after(n_epochs)), grid, cv=2, scoring=scoring)
        for kind in (EpochGridSearchCV, GridSearchCV)
    ]
    searches[0].fit(X, Y)
    assert len(trainings) == 2 + 1
    assert_same_search(searches[0], searches[1].fit(X, Y))


def test_survivor_that_a_callback_ends_gives_the_result_of_scikit_learn():
    settings = dict(cv=2, max_resources=9, resource="epochs", factor=2, scoring=facts)
    candidates = {"learning_rate": [1e-4, 1e-3, 1e-2, 1e-1]}
    ours, theirs = (
        kind(binary().set_callbacks(ends_after(3)), candidates, **settings).fit(X, Y)
        for kind in (EpochHalvingSearchCV, HalvingGridSearchCV)
    )
    assert ours.n_resources_ == [2, 4, 8]
    assert_same_search(ours, theirs)
    # 2 epochs, then the third one, then 3 from scratch.
    assert ours.n_epochs_trained_ == 2 * (4 * 2 + 2 * 1 + 1 * 3)
    assert ours.n_epochs_from_scratch_ == 2 * (4 * 2 + 2 * 3 + 1 * 3)
