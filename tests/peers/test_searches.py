"""scikit-learn's tests of its searches, and the same scenarios in which trainings are shared."""

from inspect import isfunction

import numpy as np
import pandas as pd
import pytest
import sklearn
from planted import planted_classes, planted_topics
from same_search import assert_same_search, binary, record_trainings
from sklearn import config_context
from sklearn.base import clone
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    LeaveOneGroupOut,
    PredefinedSplit,
    RandomizedSearchCV,
    RepeatedStratifiedKFold,
    StratifiedKFold,
)
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MaxAbsScaler
from sklearn.utils.fixes import parse_version
from sklearn_tests import assert_differences_exist, collect, expect_failure, load

from sklearn_textnn import (
    EpochGridSearchCV,
    EpochRandomizedSearchCV,
    KerasBinaryReviewClassifier,
    KerasTopicClassifier,
)

SEARCHES = {"GridSearchCV": EpochGridSearchCV, "RandomizedSearchCV": EpochRandomizedSearchCV}

# scikit-learn's tests

PEER = load("sklearn.model_selection.tests.test_search", {"sklearn.model_selection": SEARCHES})
PEER_TESTS = collect(PEER, list(SEARCHES))
globals().update(PEER_TESTS)
DIFFERENCES = {
    "test_custom_run_search": "it expects every attribute in BaseSearchCV, also epoch_scores_",
}

if parse_version(sklearn.__version__) < parse_version("1.9"):
    DIFFERENCES["test_random_search_bad_cv"] = "the error has the words of scikit-learn 1.9"

for _peer_test in filter(isfunction, PEER_TESTS.values()):
    pytest.mark.filterwarnings("ignore")(_peer_test)
    pytest.mark.moves_generators(_peer_test)


@pytest.fixture(autouse=True)
def _expect_failure_of_differences(request):
    expect_failure(request, DIFFERENCES)


@pytest.fixture(autouse=True)
def _group_all_candidates(request, monkeypatch):
    """Have scikit-learn's tests run through groups, which their estimators do not need."""
    if request.node.originalname in PEER_TESTS:
        name = "sklearn_textnn.model_selection._search_fit.may_share"
        monkeypatch.setattr(name, lambda estimator: True)


def test_every_difference_is_a_test(request):
    assert_differences_exist(request, DIFFERENCES)


# The same scenarios with `epochs` in the grid

N_ROWS = 60
X, Y = planted_classes(N_ROWS, 2, 0)
GRID = {"epochs": [2, 3, 1]}
WEIGHT = np.random.default_rng(0).uniform(1, 2, N_ROWS)
GROUPS = np.arange(N_ROWS) % 3


@pytest.fixture
def trainings(monkeypatch):
    """The epochs of each training, as they begin."""
    return record_trainings(monkeypatch)


def search_both(trainings, estimator, grid, *, n_trainings, y=Y, X=X, fit_params=None, **settings):
    """Compare both searches and the numbers of their trainings before the last fit."""
    settings = {"cv": StratifiedKFold(2), "refit": False} | settings
    searches = []
    for kind in (EpochGridSearchCV, GridSearchCV):
        trainings.clear()
        searches.append(kind(clone(estimator), grid, **settings).fit(X, y, **(fit_params or {})))
        searches[-1].n_trainings = len(trainings) - bool(settings["refit"])
    ours, theirs = searches
    assert_same_search(ours, theirs)
    assert ours.n_trainings == n_trainings
    assert theirs.n_trainings == len(theirs.cv_results_["params"]) * theirs.n_splits_
    if settings["refit"]:
        assert_same_predictions(ours, theirs, X)
    return ours


def assert_same_predictions(ours, theirs, X):
    np.testing.assert_array_equal(ours.predict_proba(X), theirs.predict_proba(X))
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))


def mean_score(estimator, X, y):
    return float(estimator.predict_proba(X)[:, 1].mean())


def several_scores(estimator, X, y):
    probabilities = estimator.predict_proba(X)[:, 1]
    return {"mean": float(probabilities.mean()), "spread": float(probabilities.std())}


def second_best(results):
    return int(np.argsort(results["mean_test_score"], kind="stable")[-2])


def last_candidate(results):
    return len(results["params"]) - 1


@pytest.mark.parametrize(
    "settings",
    [
        {"scoring": ["accuracy", "roc_auc"]},
        {"scoring": ("accuracy", "roc_auc"), "refit": "roc_auc"},
        {"scoring": {"a": "accuracy", "b": make_scorer(accuracy_score)}, "refit": "b"},
        {"scoring": {"a": mean_score, "b": "accuracy"}, "refit": "a"},
        {"scoring": several_scores, "refit": "spread"},
        {"scoring": several_scores, "refit": last_candidate},
        {"scoring": "neg_log_loss", "refit": last_candidate},
        {"scoring": mean_score, "refit": second_best},
        {"refit": True},
    ],
)
def test_any_metric_and_refit_share_trainings(settings, trainings):
    search_both(trainings, binary(), GRID, n_trainings=2, return_train_score=True, **settings)


@pytest.mark.parametrize(
    ("grid", "n_trainings"),
    [
        ([GRID, {"epochs": [4], "units": [2, 3]}], 3),
        ([GRID, GRID], 1),
        ([{"epochs": [1, 2], "units": [(3,)]}, {"units": [(3,)], "epochs": [3]}], 1),
        ([{"units": [2]}, {"epochs": [1, 2]}], 2),
        ({"epochs": range(1, 4), "l2": np.logspace(-3, -2, 2)}, 2),
    ],
)
def test_any_grid_shares_trainings(grid, n_trainings, trainings):
    search_both(trainings, binary(epochs=2), grid, n_trainings=2 * n_trainings)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_pipelines_of_any_depth_share_trainings(depth, trainings):
    estimator, path = binary(), ""
    for level in range(depth):
        estimator = Pipeline([("scale", MaxAbsScaler()), (f"last{level}", estimator)])
        path = f"last{level}__{path}"
    grid = {f"{path}epochs": [1, 3], "scale": [MaxAbsScaler(), "passthrough"]}
    search_both(trainings, estimator, grid, n_trainings=4, refit=True)


@pytest.mark.parametrize(
    ("make_cv", "groups", "n_splits"),
    [
        (lambda: 3, None, 3),
        (lambda: list(StratifiedKFold(3).split(X, Y)), None, 3),
        (lambda: iter(list(StratifiedKFold(3).split(X, Y))), None, 3),
        (lambda: PredefinedSplit(GROUPS - 1), None, 2),
        (lambda: RepeatedStratifiedKFold(n_splits=2, n_repeats=2, random_state=0), None, 4),
        (lambda: GroupKFold(3), GROUPS, 3),
        (LeaveOneGroupOut, GROUPS, 3),
    ],
)
def test_any_splits_share_trainings(make_cv, groups, n_splits, trainings):
    ours, theirs = (
        kind(binary(), GRID, cv=make_cv(), refit=False)
        for kind in (EpochGridSearchCV, GridSearchCV)
    )
    ours.fit(X, Y, groups=groups)
    assert len(trainings) == n_splits
    assert_same_search(ours, theirs.fit(X, Y, groups=groups))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
@pytest.mark.filterwarnings("ignore:One or more of the (test|train) scores are non-fin:UserWarning")
@pytest.mark.parametrize(
    ("scoring", "error_score"),
    [(None, np.nan), (["accuracy", "roc_auc"], np.nan), (several_scores, -1.0)],
)
def test_candidates_that_fail_are_fitted_alone(scoring, error_score, trainings):
    # Each of the three that fail begins a fit, and so does their shared training.
    grid = GRID | {"units": [4, 0]}
    settings = dict(scoring=scoring, error_score=error_score, return_train_score=True)
    search_both(trainings, binary(), grid, n_trainings=2 * (1 + 1 + 3), **settings)


def test_failing_fit_is_raised_where_asked_for():
    for kind in (EpochGridSearchCV, GridSearchCV):
        search = kind(binary(), GRID | {"units": [0]}, error_score="raise")
        with pytest.raises(ValueError, match="units"):
            search.fit(X, Y)


def test_sample_weight_reaches_shared_trainings(trainings):
    fit_params = {"sample_weight": WEIGHT}
    search_both(trainings, binary(), GRID, n_trainings=2, refit=True, fit_params=fit_params)


@pytest.mark.parametrize("depth", [0, 1])
@pytest.mark.parametrize("several", [False, True])
def test_routed_metadata_reach_shared_trainings(depth, several, trainings):
    with config_context(enable_metadata_routing=True):
        estimator, path = binary().set_fit_request(sample_weight=True), ""
        estimator.set_score_request(sample_weight=True)
        if depth:
            scale = MaxAbsScaler()
            estimator, path = Pipeline([("scale", scale), ("last", estimator)]), "last__"
        weighted = make_scorer(accuracy_score).set_score_request(sample_weight=True)
        plain = make_scorer(accuracy_score).set_score_request(sample_weight=False)
        search_both(
            trainings,
            estimator,
            {f"{path}epochs": [1, 3]},
            n_trainings=3,
            cv=GroupKFold(3).set_split_request(groups=True),
            scoring={"weighted": weighted, "plain": plain} if several else weighted,
            refit="weighted" if several else True,
            fit_params={"sample_weight": WEIGHT, "groups": GROUPS},
        )


def test_data_frames_labels_and_topics_share_trainings(trainings):
    frame = pd.DataFrame(X.toarray(), columns=[f"word{j}" for j in range(X.shape[1])])
    search = search_both(trainings, binary(), GRID, X=frame, n_trainings=2, refit=True)
    assert search.n_features_in_ == X.shape[1]
    topic = KerasTopicClassifier(4, learning_rate=0.01, random_state=0)
    labels = np.array(["acq", "gold"])[Y]
    search = search_both(trainings, topic, GRID, y=labels, n_trainings=2, refit=True)
    assert search.classes_.tolist() == ["acq", "gold"]
    vectors, topics = planted_topics(N_ROWS, 3, 0)
    search_both(trainings, topic, GRID, X=vectors, y=topics, n_trainings=10, cv=10, refit=True)


def test_randomized_search_shares_trainings(trainings):
    distributions = {"epochs": np.arange(1, 4), "learning_rate": np.logspace(-3, -2, 2)}
    settings = dict(n_iter=6, cv=2, random_state=0)
    ours = EpochRandomizedSearchCV(binary(), distributions, **settings).fit(X, Y)
    assert len(trainings) == 2 * 2 + 1
    theirs = RandomizedSearchCV(binary(), distributions, **settings).fit(X, Y)
    assert_same_search(ours, theirs)
    assert_same_predictions(ours, theirs, X)


def test_classifier_of_the_users_own_is_fitted_one_by_one(trainings):
    class Own(KerasBinaryReviewClassifier):
        """May be anything."""

    own = Own(4, learning_rate=0.01, random_state=0)
    search_both(trainings, own, GRID, n_trainings=6, refit=True)
