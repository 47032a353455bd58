"""Which candidates share a training: those that are equal by value in all but `epochs`."""

import keras
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import ParameterGrid, ParameterSampler
from sklearn.pipeline import Pipeline

from sklearn_textnn import KerasBinaryReviewClassifier, KerasTopicClassifier, MultiHotVectorizer
from sklearn_textnn.model_selection._candidate_groups import CandidateGroup, group_candidates


def groups(candidates, estimator=None):
    """Return the rows of each group; a group that shares a training is a tuple."""
    estimator = KerasBinaryReviewClassifier() if estimator is None else estimator
    found = group_candidates(list(candidates), estimator)
    assert all(isinstance(group, CandidateGroup) for group in found)
    return [tuple(g.rows) if g.epochs_name is not None else g.rows for g in found]


class Lookalike(float):
    """Equal to a float, and perhaps something else."""


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("l2", lambda: 0.25),
        ("l2", lambda: np.float64(0.25)),
        ("l2", lambda: np.float32(0.25)),
        ("l2", lambda: np.float64("nan")),
        ("batch_size", lambda: np.int64(1000)),
        ("activation", lambda: "".join(["re", "lu"])),
        ("activation", lambda: np.str_("relu")),
        ("units", lambda: [8, 4]),
        ("units", lambda: (1000, 2000)),
        ("units", lambda: np.array([8, 4])),
        ("units", lambda: np.array([8, 4], dtype=object)),
        ("units", lambda: range(2, 4)),
        ("class_weight", lambda: {0: 1.5, 1: np.float64(2)}),
        ("optimizer", lambda: keras.optimizers.Adam(0.01)),
        ("learning_rate", lambda: 1000**-1.5),
    ],
)
def test_values_that_are_equal_share_a_training(name, make):
    candidates = [{name: make(), "epochs": epochs} for epochs in (2, 3, 1)]
    assert groups(candidates) == [(2, 0, 1)]


def constant_rate(rate):
    def function():
        return rate

    return function


def adamw_that_decays_all_but(name):
    optimizer = keras.optimizers.AdamW(0.01)
    optimizer.exclude_from_weight_decay(var_names=[name])
    return optimizer


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("l2", [1, 1.0, True, np.float64(1), np.float32(1), np.int64(1), np.bool_(True), 1 + 0j]),
        ("l2", [0.0, -0.0, Lookalike(0.0), Lookalike(0.0)]),
        ("l2", [np.float64(0.0), np.float64(-0.0)]),
        ("units", [(1, 2), [1, 2], np.array([1, 2]), np.array([1, 2], dtype="int8")]),
        ("units", [(1, 2), (1.0, 2), (2, 1), (1, (2,)), ("1", 2)]),
        ("units", [np.array([1, 2, 3, 4]), np.array([[1, 2], [3, 4]])]),
        ("units", [np.array([0.0]), np.array([-0.0]), np.array([0])]),
        ("units", [np.array([1, 2], dtype=object), np.array([1, 2.0], dtype=object)]),
        ("class_weight", [{0: 1, 1: 2}, {0: 1, 1: 2.0}, {0: 1, True: 2}, {0: 2, 1: 1}, None]),
        ("activation", ["relu", b"relu", np.str_("relu")]),
        ("optimizer", [keras.optimizers.Adam(0.01), keras.optimizers.Adam(0.02), "adam"]),
        ("optimizer", [keras.optimizers.Adam(0.01), keras.optimizers.AdamW(0.01)]),
        ("optimizer", [keras.optimizers.Adam(0.01), keras.optimizers.Adam(0.01, clipnorm=1.0)]),
        ("optimizer", [keras.optimizers.SGD(constant_rate(rate)) for rate in (0.5, 0.01)]),
        ("optimizer", [adamw_that_decays_all_but(name) for name in ("bias", "kernel")]),
    ],
)
def test_values_that_differ_are_never_merged(name, values):
    candidates = [{name: value, "epochs": epochs} for value in values for epochs in (1, 2)]
    found = groups(candidates)
    assert all(len({row // 2 for row in rows}) == 1 for rows in found)
    assert sorted(row for rows in found for row in rows) == list(range(len(candidates)))


def test_randomized_candidates_of_numpy_scalars_share_trainings():
    lists = {"learning_rate": np.logspace(-4, -2, 3), "epochs": np.arange(1, 11)}
    candidates = list(ParameterSampler(lists, 30, random_state=0))
    assert len(groups(candidates)) == 3


@pytest.mark.parametrize(
    "values", [np.linspace(1, 3, 3), [0, -1], ["1", "2"], [True, False], [None, 2]]
)
def test_epochs_that_are_no_counts_are_fitted_alone(values):
    candidates = list(ParameterGrid({"epochs": values}))
    assert groups(candidates) == [[row] for row in range(len(candidates))]


def test_only_valid_epochs_are_shared():
    candidates = list(ParameterGrid({"epochs": [3, 0, 1, "2", np.int8(2)]}))
    assert groups(candidates) == [(2, 4, 0), [1], [3]]


@pytest.mark.parametrize(
    "parameters",
    [
        {"callbacks": [[object()]]},
        {"callbacks": [np.array([0, 0])]},
        {"early_stopping": [True]},
        {"early_stopping": [np.array([0, 0])]},
        {"epoch_selection": ["val_loss"]},
        {"stages": ["all"]},
    ],
)
def test_training_that_may_end_otherwise_is_not_shared(parameters):
    candidates = list(ParameterGrid(parameters | {"epochs": [1, 2]}))
    assert groups(candidates) == [[0], [1]]


@pytest.mark.parametrize(
    "parameters", [{"callbacks": [[]]}, {"callbacks": [()]}, {"early_stopping": [np.bool_(False)]}]
)
def test_training_without_callbacks_and_early_stopping_is_shared(parameters):
    candidates = list(ParameterGrid(parameters | {"epochs": [1, 2]}))
    assert groups(candidates) == [(0, 1)]


def test_unknown_parameters_are_left_to_the_search():
    assert groups([{"unknown": 1, "epochs": 1}, {"unknown": 1, "epochs": 2}]) == [[0], [1]]


class OwnPipeline(Pipeline):
    """May predict or score in its own way."""


class OwnClassifier(KerasTopicClassifier):
    """May train in its own way."""


@pytest.mark.parametrize(
    ("estimator", "path", "is_shared"),
    [
        (KerasTopicClassifier(), "", True),
        (OwnClassifier(), "", False),
        (Pipeline([("last", KerasTopicClassifier())]), "last__", True),
        (OwnPipeline([("last", KerasTopicClassifier())]), "last__", False),
        (
            Pipeline([("inner", Pipeline([("last", KerasTopicClassifier())]))]),
            "inner__last__",
            True,
        ),
        (
            Pipeline([("inner", OwnPipeline([("last", KerasTopicClassifier())]))]),
            "inner__last__",
            False,
        ),
        (Pipeline([("last", OwnClassifier())]), "last__", False),
    ],
)
def test_only_what_is_known_to_be_the_same_is_shared(estimator, path, is_shared):
    found = groups([{f"{path}epochs": 1}, {f"{path}epochs": 2}], estimator)
    assert found == ([(0, 1)] if is_shared else [[0], [1]])


def test_another_step_with_epochs_does_not_hide_those_of_the_classifier():
    class Embedding(MultiHotVectorizer):
        def __init__(self, epochs=1):
            self.epochs = epochs

    pipeline = Pipeline([("embed", Embedding()), ("last", KerasTopicClassifier())])
    grid = {"embed__epochs": [5, 6], "last__epochs": [1, 2]}
    assert groups(ParameterGrid(grid), pipeline) == [(0, 1), (2, 3)]


def test_classifier_that_is_searched_shares_a_training():
    pipeline = Pipeline([("last", LogisticRegression())])
    grid = [{"last": [KerasTopicClassifier()], "last__epochs": [1, 2]}, {"last__C": [1.0]}]
    assert groups(ParameterGrid(grid), pipeline) == [(0, 1), [2]]
