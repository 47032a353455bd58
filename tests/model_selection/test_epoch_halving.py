"""The halving searches against those of scikit-learn: the same results, for fewer epochs."""

import io
import pickle
import subprocess
import sys
from contextlib import redirect_stdout

import joblib
import numpy as np
import pytest
from planted import planted_classes
from same_search import assert_same_search, binary
from scipy.stats import loguniform
from sklearn import config_context
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.decomposition import TruncatedSVD
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.feature_selection import SelectKBest, chi2
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.model_selection import (
    GroupKFold,
    HalvingGridSearchCV,
    HalvingRandomSearchCV,
    ShuffleSplit,
)
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MaxAbsScaler

from sklearn_textnn import (
    EpochHalvingRandomSearchCV,
    EpochHalvingSearchCV,
    KerasBinaryReviewClassifier,
)
from sklearn_textnn.model_selection._kept_trainings import KeptTrainings

N_ROWS = 60
X, Y = planted_classes(N_ROWS, 2, 0)
GRID = {"learning_rate": [1e-4, 1e-3, 1e-2], "units": [2, 4, (3, 3)]}
ROUNDS = ("n_resources_", "n_candidates_", "n_remaining_candidates_", "n_iterations_")
ROUNDS += ("n_possible_iterations_", "n_required_iterations_", "min_resources_", "max_resources_")


def network_sum(estimator, X, y):
    """A score that tells networks apart to the last bit."""
    last = estimator
    while isinstance(last, Pipeline):
        last = last[-1]
    return float(sum(a.sum(dtype=float) for a in [*last.coefs_, *last.intercepts_]))


def facts(estimator, X, y):
    """Depends on all that a fit leaves besides weights."""
    return estimator.n_iter_ + estimator.epochs + sum(estimator.history_["loss"])


def search_both(estimator, candidates, path="", *, random=False, fit_params=None, **settings):
    """Return our fitted search, after a comparison with that of scikit-learn."""
    settings = {"cv": 2, "max_resources": 9} | settings
    ours, theirs = EpochHalvingSearchCV, HalvingGridSearchCV
    if random:
        ours, theirs = EpochHalvingRandomSearchCV, HalvingRandomSearchCV
    ours = ours(clone(estimator), candidates, **settings)
    theirs = theirs(clone(estimator), candidates, resource=f"{path}epochs", **settings)
    for search in (ours, theirs):
        search.fit(X, Y, **(fit_params or {}))
    assert_same_search(ours, theirs)
    for name in ROUNDS:
        assert getattr(ours, name) == getattr(theirs, name)
    if settings.get("refit", True):
        np.testing.assert_array_equal(ours.predict_proba(X), theirs.predict_proba(X))
    return ours


def epochs_of(search, n_splits=2):
    """Return the epochs that rounds need if survivors go on, and from scratch."""
    rounds = list(zip(search.n_candidates_, search.n_resources_, strict=True))
    steps = np.diff([0, *search.n_resources_])
    going_on = sum(n * step for n, step in zip(search.n_candidates_, steps, strict=True))
    return n_splits * going_on, n_splits * sum(n * epochs for n, epochs in rounds)


def assert_survivors_went_on(search):
    assert (search.n_epochs_trained_, search.n_epochs_from_scratch_) == epochs_of(search)
    assert search.n_epochs_trained_ < search.n_epochs_from_scratch_


@pytest.mark.parametrize("scoring", [None, "neg_log_loss", network_sum, facts])
@pytest.mark.parametrize("optimizer", ["rmsprop", "adam"])
def test_survivors_go_on_and_give_the_results_of_scikit_learn(
    scoring, optimizer, global_random_seed
):
    search = search_both(binary(global_random_seed, optimizer=optimizer), GRID, scoring=scoring)
    assert search.n_resources_ == [1, 3, 9]
    assert_survivors_went_on(search)


@pytest.mark.parametrize(
    "settings",
    [
        {"factor": 2, "max_resources": 8},
        {"factor": 2.5},
        {"min_resources": "smallest", "max_resources": 20},
        {"min_resources": 2, "return_train_score": False},
        {"refit": False},
        {"cv": ShuffleSplit(2, random_state=0)},
        {"max_resources": 27, "min_resources": 3, "scoring": "roc_auc"},
    ],
)
def test_any_rounds_are_those_of_scikit_learn(settings):
    assert_survivors_went_on(search_both(binary(), GRID, **settings))


def test_rounds_of_aggressive_elimination_train_nothing_again():
    settings = dict(aggressive_elimination=True, max_resources=2, min_resources=1, factor=2)
    search = search_both(binary(), GRID, scoring=facts, **settings)
    assert search.n_resources_ == [1, 1, 1, 2]
    assert_survivors_went_on(search)


@pytest.mark.parametrize(
    "parameters",
    [{"dropout": 0.5}, {"validation_fraction": 0.25}, {"warm_start": True}, {"l2": 0.1}],
)
def test_any_plain_training_goes_on(parameters):
    grid = {"learning_rate": np.logspace(-4, -1, 9)}
    assert_survivors_went_on(search_both(binary(**parameters), grid, scoring=facts))


@pytest.mark.parametrize("depth", [1, 2])
def test_pipelines_of_any_depth_go_on(depth):
    estimator, path = binary(), ""
    for level in range(depth):
        steps = [("scale", MaxAbsScaler()), ("choose", SelectKBest(chi2, k=5 + depth - level))]
        estimator = Pipeline([*steps, (f"last{level}", estimator)])
        path = f"last{level}__{path}"
    grid = {f"{path}{name}": values for name, values in GRID.items()}
    grid = grid | {"choose__k": [7, 8], "scale": [MaxAbsScaler(), "passthrough"]}
    search = search_both(estimator, grid, path, max_resources=27, scoring=network_sum)
    assert_survivors_went_on(search)


def test_random_candidates_go_on():
    distributions = {"learning_rate": loguniform(1e-4, 1e-1), "units": [2, 4]}
    for settings in ({}, {"n_candidates": 7, "min_resources": "exhaust"}):
        search = search_both(
            binary(), distributions, random=True, random_state=0, scoring=network_sum, **settings
        )
        assert_survivors_went_on(search)


@pytest.mark.parametrize(
    "parameters",
    [
        {"early_stopping": True, "monitor": "loss", "patience": 0},
        {"epoch_selection": "val_loss", "validation_fraction": 0.25},
        {"stages": "all"},
    ],
)
def test_training_that_cannot_go_on_starts_from_scratch(parameters):
    search = search_both(binary(**parameters), GRID, scoring=network_sum)
    assert search.n_epochs_trained_ == search.n_epochs_from_scratch_ > 0


class Own(KerasBinaryReviewClassifier):
    """May be anything."""


@pytest.mark.moves_generators
def test_subclass_and_random_transformer_start_from_scratch():
    own = Own(4, learning_rate=0.01, random_state=0)
    search = search_both(own, GRID)
    assert search.n_epochs_trained_ == search.n_epochs_from_scratch_
    estimator = Pipeline([("svd", TruncatedSVD(3)), ("last", binary())])
    grid = {"last__units": [2, 3, 4]}
    search = EpochHalvingSearchCV(estimator, grid, cv=2, max_resources=9).fit(X, Y)
    assert search.n_epochs_trained_ == search.n_epochs_from_scratch_
    search.set_params(estimator__svd__random_state=0).fit(X, Y)
    assert search.n_epochs_trained_ < search.n_epochs_from_scratch_


class Turning(TransformerMixin, BaseEstimator):
    """Turns the columns around in every other fit."""

    n_fits = 0

    def fit(self, X, y=None):
        type(self).n_fits += 1
        self.turned_ = type(self).n_fits % 2
        return self

    def transform(self, X):
        return X[:, ::-1] if self.turned_ else X


def test_network_goes_on_only_where_the_steps_before_it_are_the_same(monkeypatch):
    monkeypatch.setattr(Turning, "n_fits", 0)
    estimator = Pipeline([("turning", Turning()), ("last", binary())])
    split = [(np.arange(40), np.arange(40, 60))]
    search = EpochHalvingSearchCV(
        estimator, {"last__units": [2, 3, 4]}, max_resources=3, cv=split, refit=False
    ).fit(X, Y)
    # The first round has fits 1, 2 and 3, and fit 4 is that of the survivor.
    survivor = search.cv_results_["params"][-1]["last__units"]
    assert search.n_epochs_trained_ == 3 + (2 if survivor == 3 else 3)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
@pytest.mark.filterwarnings("ignore:One or more of the (test|train) scores are non-fin:UserWarning")
@pytest.mark.parametrize("error_score", [np.nan, -1.0])
def test_candidates_that_fail_are_marked_as_by_scikit_learn(error_score):
    grid = {"learning_rate": [1e-3, 1e-2, -1.0], "units": [2, 0, 4]}
    search_both(binary(), grid, error_score=error_score)
    for kind in (EpochHalvingSearchCV, HalvingGridSearchCV):
        search = kind(binary(), grid, error_score="raise", resource="epochs", max_resources=9)
        with pytest.raises(ValueError, match=r"units|learning_rate"):
            search.fit(X, Y)


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_survivors_go_on_in_any_worker(backend):
    with joblib.parallel_config(backend=backend):
        search = search_both(binary(), GRID, n_jobs=2, scoring="neg_log_loss")
    assert_survivors_went_on(search)


def test_routed_metadata_reach_all_rounds():
    weight = np.random.default_rng(0).uniform(1, 2, N_ROWS)
    with config_context(enable_metadata_routing=True):
        estimator = binary().set_fit_request(sample_weight=True)
        search = search_both(
            estimator,
            GRID,
            cv=GroupKFold(2).set_split_request(groups=True),
            scoring=make_scorer(accuracy_score).set_score_request(sample_weight=True),
            fit_params={"sample_weight": weight, "groups": np.arange(N_ROWS) % 3},
        )
    assert_survivors_went_on(search)


@pytest.mark.moves_generators
def test_other_resources_and_estimators_are_searched_as_by_scikit_learn():
    settings = dict(cv=2, random_state=0, max_resources=60, min_resources=20)
    for estimator, grid in [(LogisticRegression(), {"C": [0.1, 1.0, 10.0]}), (binary(), GRID)]:
        ours = EpochHalvingSearchCV(estimator, grid, resource="n_samples", **settings).fit(X, Y)
        assert_same_search(ours, HalvingGridSearchCV(estimator, grid, **settings).fit(X, Y))
        assert ours.n_epochs_trained_ == ours.n_epochs_from_scratch_
    search = EpochHalvingSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2).fit(X, Y)
    assert search.max_resources_ == N_ROWS


def test_auto_is_the_epochs_of_the_estimator_and_stays_a_parameter():
    search = EpochHalvingSearchCV(binary(epochs=5), GRID, cv=2, factor=2).fit(X, Y)
    assert search.max_resources_ == 5
    assert (search.resource, search.max_resources) == ("auto", "auto")
    with pytest.raises(ValueError, match="epochs as the resource since it is part of the searched"):
        search.set_params(param_grid={"epochs": [1, 2]}).fit(X, Y)
    assert (search.resource, search.max_resources) == ("auto", "auto")


def test_epochs_that_are_no_number_cannot_be_the_resources():
    search = EpochHalvingSearchCV(binary(epochs="x"), {"units": [2, 4]}, cv=2)
    with pytest.raises(ValueError, match="the epochs of the estimator, which are 'x'; set them"):
        search.fit(X, Y)
    assert search.get_params()["max_resources"] == search.get_params()["resource"] == "auto"


def test_fitted_search_can_be_pickled_and_keeps_no_trainings():
    search = EpochHalvingSearchCV(binary(), GRID, cv=2, max_resources=9).fit(X, Y)
    loaded = pickle.loads(pickle.dumps(search))
    assert_same_search(loaded, search)
    np.testing.assert_array_equal(loaded.predict_proba(X), search.predict_proba(X))
    assert not [name for name in vars(search) if "learned" in name or "trainings" in name]


def test_no_training_comes_back_from_the_last_round(monkeypatch):
    came_back = []
    keep = KeptTrainings.keep

    def record(self, units, found):
        came_back.append([progress.learned is not None for progress in found])
        keep(self, units, found)

    monkeypatch.setattr(KeptTrainings, "keep", record)
    search = search_both(binary(), GRID)
    assert_survivors_went_on(search)
    assert came_back == [[True] * 18, [True] * 6, [False] * 2]


def test_verbose_search_prints_the_rounds():
    printed = []
    for kind in (EpochHalvingSearchCV, HalvingGridSearchCV):
        search = kind(binary(), GRID, cv=2, max_resources=9, verbose=1, resource="epochs")
        with redirect_stdout(io.StringIO()) as lines:
            search.fit(X, Y)
        printed.append(lines.getvalue())
    assert printed[0] == printed[1]


def test_importing_enables_nothing_in_scikit_learn():
    code = """
import sklearn.model_selection
from sklearn_textnn import EpochHalvingSearchCV
assert "HalvingGridSearchCV" not in vars(sklearn.model_selection)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
