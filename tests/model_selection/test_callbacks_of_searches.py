"""What scikit-learn's callbacks, from version 1.9, are told of a search."""

import pytest
from planted import planted_classes
from same_search import binary

from sklearn_textnn import (
    EpochGridSearchCV,
    EpochHalvingSearchCV,
    EpochRandomizedSearchCV,
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
