"""EpochGridSearchCV against GridSearchCV: the same results, for fewer trainings."""

import math

import keras
import numpy as np
import pytest
import sklearn
from numpy.testing import assert_array_equal
from planted import planted_classes
from same_search import assert_same_search, binary, record_trainings
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning, UnsetMetadataPassedError
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, make_scorer
from sklearn.model_selection import (
    GridSearchCV,
    RandomizedSearchCV,
    StratifiedKFold,
)
from sklearn.pipeline import Pipeline, make_pipeline

from sklearn_textnn import (
    EpochGridSearchCV,
    EpochRandomizedSearchCV,
    KerasTopicClassifier,
    LogCountRatioTransformer,
    MultiHotVectorizer,
)

SKLEARN_VERSION = tuple(map(int, sklearn.__version__.split(".")[:2]))


@pytest.fixture
def trainings(monkeypatch):
    """The epochs of each training, as they begin."""
    return record_trainings(monkeypatch)


def documents(n_rows, n_classes, seed):
    """Documents of noise and one word that decides the class, a name."""
    X, y = planted_classes(n_rows, n_classes, seed)
    words = np.array([f"word{j}" for j in range(X.shape[1])])
    return [" ".join(words[row.indices]) for row in X], np.array(["zinc", "acq", "gold"])[y]


def search_both(estimator, grid, X, y, fit_params=None, **settings):
    settings = {"cv": StratifiedKFold(2)} | settings
    ours = EpochGridSearchCV(clone(estimator), grid, **settings).fit(X, y, **(fit_params or {}))
    theirs = GridSearchCV(clone(estimator), grid, **settings).fit(X, y, **(fit_params or {}))
    assert_same_search(ours, theirs)
    if hasattr(theirs, "best_estimator_"):
        assert_array_equal(ours.predict_proba(X), theirs.predict_proba(X))
        if not (theirs.multimetric_ and callable(theirs.refit)):  # scikit-learn's own fails then
            assert ours.score(X, y) == theirs.score(X, y)
    return ours


def callable_scores(estimator, X, y):
    return {"a": estimator.score(X, y), "b": float(estimator.predict_proba(X).std())}


@pytest.mark.parametrize(
    "grid",
    [
        {"epochs": [3, 1, 3]},
        {"epochs": [np.int64(2), 1], "dropout": [0.0, 0.5], "l2": [0, 0.01]},
        [{"epochs": [1, 2]}, {"epochs": [3], "units": [2]}, {"units": [2, 3]}],
        [{"epochs": [1, 2], "units": [4]}, {"units": [4], "epochs": [3]}],
        {"optimizer": [keras.optimizers.Adam(0.01), "sgd"], "epochs": [1, 3]},
        {"validation_fraction": [None, 0.25], "epochs": [1, 3]},
        {"early_stopping": [True, False], "monitor": ["loss"], "patience": [0], "epochs": [2, 9]},
        {"epoch_selection": ["val_loss"], "validation_fraction": [0.25], "epochs": [1, 3]},
        {"callbacks": [None, [keras.callbacks.TerminateOnNaN()]], "epochs": [1, 3]},
        {"stages": [None, "all"], "epochs": [1, 3]},
        {"warm_start": [True], "epochs": [1, 3]},
    ],
)
def test_any_grid_gives_the_results_of_grid_search(grid, global_random_seed):
    X, y = planted_classes(60, 2, global_random_seed)
    search_both(binary(global_random_seed), grid, X, y)


@pytest.mark.parametrize("depth", [1, 2])
def test_pipeline_is_fitted_once_for_candidates_that_differ_in_epochs(
    depth, trainings, monkeypatch, global_random_seed
):
    fits, fit = [], MultiHotVectorizer.fit_transform
    monkeypatch.setattr(
        MultiHotVectorizer, "fit_transform", lambda *a, **k: fits.append(1) or fit(*a, **k)
    )
    X, y = documents(60, 3, global_random_seed)
    topic = KerasTopicClassifier(4, learning_rate=0.01, random_state=global_random_seed)
    pipeline = Pipeline([("vectorizer", MultiHotVectorizer()), ("topic", topic)])
    path = "topic__"
    if depth == 2:
        pipeline, path = Pipeline([("same", "passthrough"), ("inner", pipeline)]), "inner__topic__"
    grid = {f"{path}epochs": [1, 4, 2], f"{path}units": [4, 5]}
    scoring = ["accuracy", "neg_log_loss"]
    search_both(pipeline, grid, X, y, scoring=scoring, refit="neg_log_loss")
    assert trainings[:4] == [4, 4, 4, 4]
    # 2 units and 2 splits and the refit, then GridSearchCV's 6 candidates.
    assert len(fits) == (2 * 2 + 1) + (6 * 2 + 1)


def test_pipeline_parameters_make_groups_of_their_own(trainings, global_random_seed):
    X, y = documents(60, 2, global_random_seed)
    pipeline = make_pipeline(MultiHotVectorizer(), binary(global_random_seed))
    name = "kerasbinaryreviewclassifier"
    grid = {"multihotvectorizer__num_words": [8, 20], f"{name}__epochs": [1, 2]}
    search_both(pipeline, grid, X, y, scoring=callable_pipeline_score)
    assert trainings[:4] == [2, 2, 2, 2]


def callable_pipeline_score(pipeline, X, y):
    assert pipeline.steps[0][0] == "multihotvectorizer"
    return pipeline.score(X, y) - pipeline[-1].epochs


WEIGHING = [
    (TfidfTransformer(), {}),
    (TfidfTransformer(), {"weigh__sublinear_tf": [False, True], "weigh__norm": ["l2", None]}),
    (TfidfTransformer(), {"weigh": [TfidfTransformer(use_idf=False), "passthrough"]}),
    (LogCountRatioTransformer(), {"weigh__alpha": [1.0, 0.1], "weigh__norm": ["l2", None]}),
    (LogCountRatioTransformer(), {"weigh": [LogCountRatioTransformer(), TfidfTransformer()]}),
]


def counted(n_rows, weighing, seed):
    """Documents in which some words occur twice, and what weighs and classifies their counts."""
    X, y = documents(n_rows, 2, seed)
    X = [" ".join([document, *document.split()[::2]]) for document in X]
    steps = {"count": CountVectorizer(), "weigh": weighing, "classify": binary(seed)}
    return X, y, Pipeline([*steps.items()])


@pytest.mark.parametrize(("weighing", "grid"), WEIGHING)
def test_candidates_share_a_training_after_a_transformer(
    weighing, grid, trainings, global_random_seed
):
    X, y, pipeline = counted(60, weighing, global_random_seed)
    n_groups = math.prod(map(len, grid.values()))
    grid = grid | {"classify__epochs": [1, 3, 2]}
    search = search_both(pipeline, grid, X, y, scoring="neg_log_loss")
    n_ours, n_theirs = 2 * n_groups + 1, 2 * 3 * n_groups + 1  # on two splits, and the refit
    assert len(trainings) == n_ours + n_theirs
    assert trainings[: 2 * n_groups] == [3] * (2 * n_groups)
    assert len(search.epoch_scores_) == 2 * 3 * n_groups
    # Each candidate is another network, so the scores above are not equal by chance.
    assert len(set(search.cv_results_["mean_test_score"])) == 3 * n_groups


@pytest.mark.parametrize(("weighing", "lists"), WEIGHING)
def test_randomized_search_shares_trainings_after_a_transformer(
    weighing, lists, trainings, global_random_seed
):
    X, y, pipeline = counted(60, weighing, global_random_seed)
    n_groups = math.prod(map(len, lists.values()))
    lists = lists | {"classify__epochs": range(1, 5)}
    # All but one of the candidates, so that each group has at least three.
    settings = dict(n_iter=4 * n_groups - 1, cv=2, scoring="neg_log_loss", refit=False)
    ours, theirs = (
        search(pipeline, lists, random_state=global_random_seed, **settings)
        for search in (EpochRandomizedSearchCV, RandomizedSearchCV)
    )
    ours.fit(X, y)
    assert len(trainings) == 2 * n_groups
    assert_same_search(ours, theirs.fit(X, y))


def test_last_step_may_itself_be_searched(trainings, global_random_seed):
    X, y = documents(60, 2, global_random_seed)
    pipeline = Pipeline([("vectorizer", MultiHotVectorizer()), ("last", LogisticRegression())])
    grid = [
        {"last": [binary(global_random_seed), binary(global_random_seed, units=3)]}
        | {"last__epochs": [1, 2]},
        {"last__C": [0.1, 1.0]},
    ]
    search = search_both(pipeline, grid, X, y)
    assert trainings[:4] == [2, 2, 2, 2]
    assert search.epoch_scores_["epoch"].dropna().unique().tolist() == [1, 2]


def test_grid_without_epochs_is_an_ordinary_grid_search(trainings, global_random_seed):
    X, y = planted_classes(60, 2, global_random_seed)
    search_both(binary(global_random_seed, epochs=2), {"units": [2, 3]}, X, y)
    assert len(trainings) == 2 * (2 * 2 + 1)


def test_estimator_of_scikit_learn_is_searched_as_by_scikit_learn():
    X, y = planted_classes(60, 2, 0)
    search = search_both(LogisticRegression(), {"C": [0.1, 1.0]}, X, y)
    assert search.epoch_scores_["epoch"].isna().all()


@pytest.mark.parametrize("scoring", [None, "accuracy", ["accuracy", "f1"]])
def test_routed_metadata_reach_fit_and_scorer(scoring, global_random_seed):
    X, y = planted_classes(60, 2, global_random_seed)
    weight = np.random.default_rng(global_random_seed).uniform(1, 2, 60)
    with config_context(enable_metadata_routing=True):
        classifier = binary(global_random_seed).set_fit_request(sample_weight=True)
        classifier.set_score_request(sample_weight=True)
        if isinstance(scoring, str):
            scoring = make_scorer(f1_score).set_score_request(sample_weight=True)
        elif scoring:
            scoring = {
                "f1": make_scorer(f1_score).set_score_request(sample_weight=True),
                "plain": make_scorer(f1_score).set_score_request(sample_weight=False),
            }
        pipeline = Pipeline([("same", "passthrough"), ("classifier", classifier)])
        grid = {"classifier__epochs": [1, 3]}
        if scoring is None and SKLEARN_VERSION < (1, 8):
            # Before 1.8 a search without scoring does not ask a Pipeline's steps for requests.
            for search in (GridSearchCV, EpochGridSearchCV):
                with pytest.raises(UnsetMetadataPassedError, match=r"Pipeline\.score"):
                    search(pipeline, grid).fit(X, y, sample_weight=weight)
            return
        search_both(
            pipeline,
            grid,
            X,
            y,
            {"sample_weight": weight},
            scoring=scoring,
            refit="f1" if isinstance(scoring, dict) else True,
        )


# Failures


@pytest.mark.parametrize(
    "grid",
    [
        {"epochs": [2, 0, 1]},
        {"epochs": [1, 2], "units": [(4,), (0,)]},
        {"epochs": [1, 2], "l2": [0.0, -1.0]},
        {"epochs": [True, 2, 3]},
    ],
)
@pytest.mark.parametrize("scoring", [None, ["accuracy", "f1"], callable_scores])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite:UserWarning")
def test_candidates_that_fail_are_marked_as_by_grid_search(grid, scoring, global_random_seed):
    X, y = planted_classes(60, 2, global_random_seed)
    search_both(binary(global_random_seed), grid, X, y, scoring=scoring, refit=False)


@keras.saving.register_keras_serializable("test_epoch_search")
class _Blast(keras.optimizers.SGD):
    """An optimizer whose third epoch, of one batch each, ends in NaN."""

    def update_step(self, gradient, variable, learning_rate):
        blow_up = keras.ops.where(self.iterations >= 2, np.nan, 1.0)
        super().update_step(
            gradient * keras.ops.cast(blow_up, gradient.dtype), variable, learning_rate
        )


@pytest.mark.parametrize("epochs", [[1, 2, 3], [2, 4, 1, 3], [3, 4]])
@pytest.mark.parametrize("others", [{}, {"optimizer": [_Blast(0.1), "sgd"]}])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite:UserWarning")
def test_fewer_epochs_of_a_training_that_fails_are_not_lost(epochs, others):
    X, y = planted_classes(60, 2, 0)
    grid = {"epochs": epochs, "optimizer": [_Blast(0.1)]} | others
    searches = [
        search(binary(batch_size=60), grid, cv=2, error_score=-1.0)
        for search in (EpochGridSearchCV, GridSearchCV)
    ]
    if epochs == [3, 4] and not others:
        for search in searches:
            with pytest.raises(ValueError, match="All the 4 fits failed"):
                search.fit(X, y)
        return
    ours, theirs = (search.fit(X, y) for search in searches)
    assert_same_search(ours, theirs)
    failed = ours.cv_results_["mean_test_score"] == -1
    assert 0 < failed.sum() < len(failed)


def test_failure_is_told():
    X, y = planted_classes(60, 2, 0)
    search = EpochGridSearchCV(binary(), {"epochs": [1, 2], "units": [2, 0]}, cv=2)
    with (
        pytest.warns(FitFailedWarning, match="fits failed"),
        pytest.warns(UserWarning, match="non-finite"),
    ):
        search.fit(X, y)
    with pytest.raises(ValueError, match="units"):
        search.set_params(error_score="raise").fit(X, y)


def fails_after_two_epochs(estimator, X, y):
    if estimator.n_iter_ == 2:
        raise RuntimeError("two")
    return estimator.score(X, y)


@pytest.mark.filterwarnings("ignore:Scoring failed:UserWarning")
@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite:UserWarning")
@pytest.mark.parametrize(
    "scoring",
    [
        fails_after_two_epochs,
        {"fails": fails_after_two_epochs, "accuracy": "accuracy"},
        "average_precision_of_nothing",
    ],
)
def test_scorer_that_fails_marks_its_epochs_alone(scoring, global_random_seed):
    X, y = planted_classes(60, 2, global_random_seed)
    search = EpochGridSearchCV(binary(), {"epochs": [1, 2, 3]}, cv=2, scoring=scoring, refit=False)
    if isinstance(scoring, str):
        with pytest.raises(ValueError, match="scoring"):
            search.fit(X, y)
        return
    search.fit(X, y)
    theirs = GridSearchCV(**search.get_params(deep=False)).fit(X, y)
    assert_same_search(search, theirs)
    metric = "fails" if isinstance(scoring, dict) else "score"
    assert np.isnan(search.cv_results_[f"mean_test_{metric}"]).tolist() == [False, True, False]


def test_documents_that_cannot_be_transformed_fail_as_in_grid_search():
    X, y = [[1, 2], [2, 3]] * 20 + [[1], [900]] * 10, [0, 1] * 30
    pipeline = make_pipeline(MultiHotVectorizer(20, handle_unknown="error"), binary())
    grid = {"kerasbinaryreviewclassifier__epochs": [1, 2]}
    cv = [(range(40), range(40, 60)), (range(20), range(20, 40))]
    ours, theirs = (
        search(pipeline, grid, cv=cv, refit=False) for search in (EpochGridSearchCV, GridSearchCV)
    )
    for search in (ours, theirs):
        with (
            pytest.warns(UserWarning, match="Scoring failed"),
            pytest.warns(UserWarning, match="non-finite"),
        ):
            search.fit(X, y)
    assert_same_search(ours, theirs)


# What is more than in GridSearchCV


def test_sensible_candidate_wins_over_absurd_ones(global_random_seed):
    X, y = planted_classes(90, 3, global_random_seed)
    topic = KerasTopicClassifier(8, batch_size=16, random_state=global_random_seed)
    grid = {"epochs": [1, 40], "learning_rate": [1e-9, 0.01]}
    search = EpochGridSearchCV(topic, grid, cv=3).fit(X, y)
    assert search.best_params_ == {"epochs": 40, "learning_rate": 0.01}
    absurd = search.cv_results_["params"].index({"epochs": 40, "learning_rate": 1e-9})
    assert search.best_score_ > 0.9
    assert search.cv_results_["mean_test_score"][absurd] < 0.7


@pytest.mark.parametrize("n_iter", [5, 20])
def test_randomized_search_draws_and_scores_as_that_of_scikit_learn(
    n_iter, trainings, global_random_seed
):
    X, y = planted_classes(60, 2, global_random_seed)
    lists = {"epochs": range(1, 11), "units": [2, 3]}
    settings = dict(n_iter=n_iter, cv=2, random_state=global_random_seed, refit=False)
    ours = EpochRandomizedSearchCV(binary(global_random_seed), lists, **settings).fit(X, y)
    assert len(trainings) <= 4
    theirs = RandomizedSearchCV(binary(global_random_seed), lists, **settings).fit(X, y)
    assert_same_search(ours, theirs)


def test_search_in_other_processes_is_the_search_in_this_one():
    X, y = documents(60, 2, 0)
    pipeline = make_pipeline(MultiHotVectorizer(), binary())
    grid = {"kerasbinaryreviewclassifier__epochs": [1, 3]}
    settings = dict(cv=2, scoring=["accuracy", "neg_log_loss"], refit=False)
    here = EpochGridSearchCV(pipeline, grid, **settings).fit(X, y)
    there = EpochGridSearchCV(pipeline, grid, n_jobs=2, **settings).fit(X, y)
    assert_same_search(here, there)


def test_search_is_a_grid_search_to_look_at():
    search = EpochGridSearchCV(binary(), {"epochs": [1, 2]})
    assert isinstance(search, GridSearchCV)
    assert clone(search).get_params().keys() == GridSearchCV(binary(), {}).get_params().keys()
    assert "EpochGridSearchCV" in search._repr_html_()
