"""Candidates that share a training get what each would get from its own fit, or their own fit."""

import io
import re
from contextlib import redirect_stdout

import keras
import numpy as np
import pytest
import sklearn
from planted import planted_classes
from same_search import assert_same_search, binary, record_trainings
from scipy.sparse import issparse
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import GridSearchCV, ShuffleSplit, StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, MaxAbsScaler

from sklearn_textnn import EpochGridSearchCV, KerasBinaryReviewClassifier
from sklearn_textnn.neural_network import _forward

SKLEARN_VERSION = tuple(map(int, sklearn.__version__.split(".")[:2]))
X, Y = planted_classes(40, 2, 0)


@pytest.fixture
def trainings(monkeypatch):
    """The epochs of each training, as they begin."""
    return record_trainings(monkeypatch)


def search_both(estimator, grid, **settings):
    """Return both fitted searches, after a comparison."""
    settings = {"cv": StratifiedKFold(2)} | settings
    ours, theirs = (
        kind(clone(estimator), grid, **settings).fit(X, Y)
        for kind in (EpochGridSearchCV, GridSearchCV)
    )
    assert_same_search(ours, theirs)
    return ours, theirs


# What may differ from an own fit


class ScoresInItsOwnWay(Pipeline):
    """A Pipeline whose score is not that of its last step."""

    def score(self, X, y, **params):
        return -float(self[-1].epochs)


class NotesItsEpochs(KerasBinaryReviewClassifier):
    """A classifier whose fit does more with its epochs."""

    def __init__(self, units=4, *, epochs=20, random_state=None):
        super().__init__(units, epochs=epochs, random_state=random_state)

    def fit(self, X, y, **params):
        self.epochs_seen_ = self.epochs
        return super().fit(X, y, **params)


def epochs_seen(estimator, X, y):
    return estimator.epochs_seen_


def test_pipeline_with_a_score_of_its_own_is_scored_by_it():
    pipeline = ScoresInItsOwnWay([("last", binary())])
    search, _ = search_both(pipeline, {"last__epochs": [1, 2]})
    assert search.cv_results_["mean_test_score"].tolist() == [-1, -2]


def test_classifier_with_a_fit_of_its_own_is_fitted_by_it():
    search, _ = search_both(NotesItsEpochs(random_state=0), {"epochs": [1, 2]}, scoring=epochs_seen)
    assert search.cv_results_["mean_test_score"].tolist() == [1, 2]


def epochs_after_partial_fit(estimator, X, y):
    return estimator.partial_fit(X, y).n_iter_


def weight_after_partial_fit(estimator, X, y):
    return float(estimator.partial_fit(X, y).coefs_[0].sum())


def weight_of_keras_model(estimator, X, y):
    return float(estimator.model_.get_weights()[0].sum())


def weight_of_new_fit(estimator, X, y):
    estimator.fit(X[:10], y[:10])
    return float(estimator[-1].coefs_[0].sum())


def epochs_by_name(estimator, X, y):
    return {"epochs": estimator.n_iter_ + estimator.epochs, "history": len(estimator.history_)}


@pytest.mark.parametrize(
    "scoring",
    [
        epochs_after_partial_fit,
        weight_after_partial_fit,
        weight_of_keras_model,
        {"weight": weight_after_partial_fit, "accuracy": "accuracy"},
    ],
)
@pytest.mark.parametrize("error_score", [np.nan, "raise"])
def test_scorer_that_trains_on_starts_from_the_epochs_of_the_candidate(scoring, error_score):
    settings = dict(scoring=scoring, refit=False, return_train_score=True, error_score=error_score)
    # Adam has a state that differs from epoch to epoch.
    search_both(binary(optimizer="adam"), {"epochs": [1, 5]}, **settings)


def test_scorer_that_fits_a_pipeline_changes_one_candidate_alone(trainings):
    pipeline = Pipeline([("scale", MaxAbsScaler()), ("last", binary(2))])
    scoring = {"new": weight_of_new_fit, "old": lambda e, X, y: float(e[0].scale_.sum())}
    search_both(pipeline, {"last__epochs": [3, 1, 2]}, scoring=scoring, refit=False)


def test_scorer_of_the_users_own_shares_trainings(trainings):
    search_both(binary(), {"epochs": [1, 5, 2]}, scoring=epochs_by_name, refit=False)
    assert trainings[:3] == [5, 5, 1]


@pytest.mark.parametrize("scoring", ["accuracy", ["accuracy", "neg_log_loss", "roc_auc"]])
@pytest.mark.parametrize("in_pipeline", [False, True])
def test_epochs_and_metrics_share_one_product_with_the_rows(scoring, in_pipeline, monkeypatch):
    products, product = [], _forward.safe_sparse_dot

    def counted(a, b, **settings):
        products.append(issparse(a))
        return product(a, b, **settings)

    monkeypatch.setattr(_forward, "safe_sparse_dot", counted)
    estimator, grid = binary(), {"epochs": [1, 4, 2, 3]}
    if in_pipeline:
        estimator = Pipeline([("scale", MaxAbsScaler()), ("last", estimator)])
        grid = {"last__epochs": [1, 4, 2, 3]}
    settings = dict(scoring=scoring, cv=2, refit=False, return_train_score=True)
    ours = EpochGridSearchCV(estimator, grid, **settings).fit(X, Y)
    assert sum(products) == 2 * 2  # splits, held out and trained on
    assert_same_search(ours, GridSearchCV(estimator, grid, **settings).fit(X, Y))


def test_no_state_to_train_on_is_in_what_a_scorer_gets():
    found = []

    def keep(estimator, X, y):
        found.append(estimator)
        return 0

    EpochGridSearchCV(binary(), {"epochs": [1, 2]}, scoring=keep, refit=False, cv=2).fit(X, Y)
    assert [classifier.epochs for classifier in found] == [1, 2, 1, 2]
    for classifier in found:
        assert classifier.stages is None
        assert clone(classifier).get_params() == classifier.get_params()
        with pytest.raises(AttributeError):
            classifier.partial_fit(X, Y)


# Splits, failures and messages


class CountsDraws(ShuffleSplit):
    """A splitter that counts how often it is asked for splits."""

    n_draws = 0

    def split(self, X, y=None, groups=None):
        self.n_draws += 1
        return super().split(X, y, groups)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite:UserWarning")
def test_splits_are_drawn_once_also_where_trainings_fail():
    cv = CountsDraws(2, random_state=0)
    grid = {"epochs": [0, 1, 2, 3], "units": [2, 0], "optimizer": ["sgd", "no such optimizer"]}
    EpochGridSearchCV(binary(), grid, cv=cv, refit=False).fit(X, Y)
    assert cv.n_draws == 1


@keras.saving.register_keras_serializable("test_shared_training")
class _Blast(keras.optimizers.SGD):
    """An optimizer whose third epoch, of one batch each, ends in NaN."""

    def update_step(self, gradient, variable, learning_rate):
        blow_up = keras.ops.where(self.iterations >= 2, np.nan, 1.0)
        super().update_step(
            gradient * keras.ops.cast(blow_up, gradient.dtype), variable, learning_rate
        )


def sum_of_rows(estimator, X, y):
    """A score that tells the splits apart."""
    return float(X.sum())


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
def test_all_candidates_are_scored_on_the_same_splits_where_some_trainings_fail():
    grid = {"epochs": [1, 2, 3], "optimizer": [_Blast(0.1), "sgd"]}
    search = EpochGridSearchCV(
        binary(batch_size=60),
        grid,
        cv=ShuffleSplit(3, random_state=np.random.RandomState(0)),
        scoring=sum_of_rows,
        error_score=-1,
        refit=False,
    ).fit(X, Y)
    for split in range(3):
        scores = search.cv_results_[f"split{split}_test_score"]
        failed = np.flatnonzero(scores == -1).tolist()
        assert [search.cv_results_["params"][row]["epochs"] for row in failed] == [3]
        assert len(set(np.delete(scores, failed))) == 1


@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite:UserWarning")
@pytest.mark.parametrize(
    "grid",
    [
        {"epochs": [1, 2, 0], "units": [(4,), (0,)]},
        {"epochs": [1, 2, 3, 4], "optimizer": [_Blast(0.1)]},
        {"epochs": [2, 1.0, "3"]},
    ],
)
def test_as_many_failed_fits_are_told_of_as_by_grid_search(grid):
    told = []
    for kind in (EpochGridSearchCV, GridSearchCV):
        with pytest.warns(FitFailedWarning) as caught:
            kind(binary(batch_size=60), grid, cv=2, refit=False).fit(X, Y)
        told.append([str(w.message) for w in caught if w.category is FitFailedWarning])
    (ours,), (theirs,) = told
    first = re.compile(r"\d+ fits failed out of a total of \d+\.")
    assert first.search(ours).group() == first.search(theirs).group()
    counts = re.compile(r"\d+ fits failed with the following error")
    assert sorted(counts.findall(ours)) == sorted(counts.findall(theirs))


@pytest.mark.parametrize("values", [np.linspace(1, 3, 3), [0, -1], ["1", "2"]])
def test_epochs_that_are_no_counts_raise_what_grid_search_raises(values):
    for kind in (EpochGridSearchCV, GridSearchCV):
        search = kind(binary(), {"epochs": values}, cv=2)
        with pytest.raises(ValueError, match=r"All the \d fits failed[\s\S]*'epochs' parameter"):
            search.fit(X, Y)


@pytest.mark.filterwarnings("ignore:training was interrupted:UserWarning")
def test_epochs_that_an_interrupted_training_has_not_reached_are_fitted_alone(monkeypatch):
    base = next(cls for cls in KerasBinaryReviewClassifier.__mro__ if "fit" in vars(cls))
    fit, fitted = base.fit, []

    def interrupted(self, X, y, **params):
        if self.stages is not None:
            callback = keras.callbacks.LambdaCallback(on_epoch_end=interrupt_after_two)
            fit(self.set_params(callbacks=[callback]), X, y, **params)
            return self.set_params(callbacks=None)
        fitted.append(self.epochs)
        return fit(self, X, y, **params)

    def interrupt_after_two(epoch, logs):
        if epoch == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(base, "fit", interrupted)
    search_both(binary(), {"epochs": [4, 2, 5, 1]}, refit=False)
    # Those beyond the second epoch on each of two splits, before the fits of GridSearchCV.
    assert fitted[:4] == [4, 5, 4, 5]


def test_unknown_parameter_raises_what_grid_search_raises():
    for kind in (EpochGridSearchCV, GridSearchCV):
        with pytest.raises(ValueError, match="Invalid parameter 'unknown'"):
            kind(binary(), {"unknown": [1], "epochs": [1, 2]}, cv=2).fit(X, Y)


@pytest.mark.parametrize(
    "scoring",
    [
        lambda estimator, X, y: "good",
        lambda estimator, X, y: np.ones(2),
        lambda estimator, X, y: None,
        lambda estimator, X, y: {"a": 1.0, "b": []},
    ],
)
@pytest.mark.parametrize("error_score", [np.nan, "raise"])
@pytest.mark.parametrize("refit", [False, "a"])
def test_score_that_is_no_number_raises_what_grid_search_raises(scoring, error_score, refit):
    messages = []
    for kind in (EpochGridSearchCV, GridSearchCV):
        search = kind(
            binary(), {"epochs": [1, 2]}, cv=2, scoring=scoring, error_score=error_score
        ).set_params(refit=refit)
        with pytest.raises(ValueError, match="scoring must return a number") as caught:
            search.fit(X, Y)
        messages.append(str(caught.value))
        assert not hasattr(search, "cv_results_")
    assert messages[0] == messages[1]


def test_search_that_fails_leaves_the_fitted_one_as_it_was():
    search = EpochGridSearchCV(binary(), {"epochs": [1, 2]}, cv=2).fit(X, Y)
    before = vars(search).copy()
    with pytest.raises(ValueError, match="scoring must return a number"):
        search.set_params(scoring=lambda *_: "good").fit(X, Y)
    after = vars(search)
    assert {name for name in after if after[name] is not before.get(name)} == {"scoring"}
    assert list(after) == list(before)


@pytest.mark.parametrize("verbose", [2, 3])
@pytest.mark.parametrize("scoring", [None, ["accuracy", "f1"]])
@pytest.mark.parametrize("return_train_score", [True, False])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
@pytest.mark.filterwarnings("ignore:One or more of the (test|train) scores are non-fin:UserWarning")
def test_verbose_search_prints_the_lines_of_grid_search(scoring, return_train_score, verbose):
    lines = []
    for kind in (EpochGridSearchCV, GridSearchCV):
        grid = {"epochs": [1, 3, 2], "batch_size": [16, 0]}
        settings = dict(cv=2, verbose=verbose, scoring=scoring, refit=False)
        search = kind(binary(), grid, return_train_score=return_train_score, **settings)
        with redirect_stdout(io.StringIO()) as printed:
            search.fit(X, Y)
        printed = [line for line in printed.getvalue().splitlines() if line.startswith("[CV")]
        assert {len(line) for line in printed} == {80} or max(map(len, printed)) > 80
        lines.append(sorted(re.sub(r"total time= *\S+|\.{2,}", "", line) for line in printed))
    assert len(lines[0]) == 12
    assert lines[0] == lines[1]


def test_parameter_may_be_named_group():
    class Grouped(FunctionTransformer):
        def __init__(self, group=None):
            self.group = group
            super().__init__()

    pipeline = Pipeline([("a", Grouped()), ("last", binary())])
    search_both(pipeline, {"a__group": [1, 2], "last__epochs": [1, 2]})


# Subclasses and callbacks of scikit-learn


class AsksItself(EpochGridSearchCV):
    """A search with an order of its own."""

    def _run_search(self, evaluate_candidates):
        results = evaluate_candidates([{"epochs": 1}, {"epochs": 3}])
        assert len(results["params"]) == 2
        results = evaluate_candidates([{"epochs": 2}], more_results={"round": [2]})
        assert results["params"] == [{"epochs": 1}, {"epochs": 3}, {"epochs": 2}]


class AsksItselfAsScikitLearn(GridSearchCV):
    """The same order, in scikit-learn's class."""

    _run_search = AsksItself._run_search


class AsksTwice(EpochGridSearchCV):
    """A search that evaluates candidates of its own before the grid."""

    def _run_search(self, evaluate_candidates, *, callback_ctx=None):
        evaluate_candidates([{"epochs": 4}])
        super()._run_search(evaluate_candidates, callback_ctx=callback_ctx)


def test_subclass_may_run_the_search_itself():
    ours, theirs = (kind(binary(), {}, cv=2) for kind in (AsksItself, AsksItselfAsScikitLearn))
    for search in (ours, theirs):
        search.fit(X, Y)
    assert_same_search(ours, theirs)


def test_subclass_may_evaluate_more_candidates(trainings):
    search = AsksTwice(binary(), {"epochs": [3, 1, 2]}, cv=2, refit=False).fit(X, Y)
    assert [params["epochs"] for params in search.cv_results_["params"]] == [4, 3, 1, 2]
    assert trainings == [4, 4, 3, 3]
    theirs = GridSearchCV(binary(), {"epochs": [4, 3, 1, 2]}, cv=2, refit=False).fit(X, Y)
    assert_same_search(search, theirs)


class Recorder:
    """A callback of scikit-learn that notes the tasks that it is told of."""

    def __init__(self):
        self.begun, self.ended = [], []

    def setup(self, estimator, context):
        self.estimator = estimator

    def teardown(self, estimator, context):
        self.is_torn_down = True

    def on_fit_task_begin(self, estimator, context, *, X=None, y=None):
        self.begun.append((context.task_name, context.task_id))

    def on_fit_task_end(self, estimator, context, *, X=None, y=None):
        self.ended.append((context.task_name, context.task_id))


@pytest.mark.skipif(SKLEARN_VERSION < (1, 9), reason="scikit-learn has callbacks from 1.9")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
def test_callbacks_are_told_of_every_training():
    recorder = Recorder()
    pipeline = Pipeline([("same", FunctionTransformer()), ("last", binary(batch_size=60))])
    grid = {"last__epochs": [1, 2, 3], "last__optimizer": [_Blast(0.1), "sgd"]}
    search = EpochGridSearchCV(pipeline, grid, cv=2, error_score=-1)
    search.set_callbacks(recorder).fit(X, Y)
    # Two trainings of three candidates on two splits each.
    tasks = [("candidate-split-evaluation", n) for n in range(4)]
    assert [task for task in recorder.begun if task[0] == tasks[0][0]] == tasks
    assert [task for task in recorder.ended if task[0] == tasks[0][0]] == tasks
    assert sorted(recorder.begun) == sorted(recorder.ended)
    assert recorder.is_torn_down
    assert not [name for name in vars(search) if "callback_" in name]
