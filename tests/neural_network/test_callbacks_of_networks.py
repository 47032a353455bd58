"""scikit-learn's callbacks on the classifiers: the tasks of a fit, scores, stopping, failures."""

import copy
import pickle
import warnings

import keras
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from planted import planted_classes, planted_topics
from recording_callback import Counter, Recorder, fails_at, stops_after, wide_console
from same_network import assert_same_network
from sklearn.base import clone
from sklearn.metrics import check_scoring
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sklearn_textnn import (
    KerasBinaryReviewClassifier,
    KerasTopicClassifier,
    LogCountRatioTransformer,
    MultiHotVectorizer,
)

callback = pytest.importorskip("sklearn.callback", reason="needs scikit-learn 1.9")

SELECTS = dict(validation_fraction=0.3, epoch_selection="val_loss")


def binary(seed, *callbacks, **parameters):
    settings = {"epochs": 4, "learning_rate": 0.05, "random_state": seed, "batch_size": 32}
    return KerasBinaryReviewClassifier(**settings | parameters).set_callbacks(*callbacks)


def topic(seed, *callbacks, **parameters):
    settings = {"units": 8, "epochs": 3, "learning_rate": 0.05, "random_state": seed}
    return KerasTopicClassifier(**settings | parameters).set_callbacks(*callbacks)


@pytest.fixture
def two_classes(global_random_seed):
    return planted_classes(60, 2, global_random_seed)


def assert_same_fit(a, b):
    assert_same_network(a, b)
    assert a.history_ == b.history_
    assert (a.n_iter_, a.best_epoch_) == (b.n_iter_, b.best_epoch_)


def assert_same_attributes(a, b):
    """Compare what two estimators have besides their callbacks, to the last bit."""
    assert a.keys() == b.keys()
    for name in a.keys() - {"_skl_callbacks"}:
        assert pickle.dumps(a[name]) == pickle.dumps(b[name]), name


# The tasks.


def test_fit_is_a_task_and_each_epoch_a_subtask(two_classes):
    recorder = Recorder()
    classifier = binary(0, recorder, epochs=3).fit(*two_classes)
    one_epoch = [("begin", "epoch"), ("end", "epoch")]
    assert recorder.hooks() == [
        *[("setup", "fit"), ("begin", "fit")],
        *3 * one_epoch,
        *[("end", "fit"), ("teardown", "fit")],
    ]
    assert [event.path for event in recorder.of("end", "epoch")] == [
        (("fit", 0), ("epoch", epoch)) for epoch in range(3)
    ]
    root = recorder.events[0].context
    assert (root.max_subtasks, root.sequential_subtasks) == (3, True)
    assert {event.context.max_subtasks for event in recorder.of("end", "epoch")} == {0}
    assert all(event.estimator is classifier for event in recorder.events)


def test_both_trainings_of_epoch_selection_are_tasks(two_classes):
    recorder = Recorder()
    classifier = binary(0, recorder, epochs=6, **SELECTS).fit(*two_classes)
    names = [name for hook, name in recorder.hooks() if hook == "end"]
    best = classifier.best_epoch_
    assert names == [
        *["epoch"] * 6,
        "find-best-epoch",
        *["epoch"] * best,
        "retrain-on-all-rows",
        "fit",
    ]
    limits = {e.path[-1][0]: e.context.max_subtasks for e in recorder.events}
    assert limits == {
        "fit": 2,
        "find-best-epoch": 6,
        "retrain-on-all-rows": best,
        "epoch": 0,
    }


def test_partial_fit_is_a_task_of_one_epoch(two_classes):
    recorder = Recorder()
    classifier = binary(0, recorder)
    for _ in range(2):
        recorder.events.clear()
        classifier.partial_fit(*two_classes, classes=[0, 1])
        assert recorder.hooks() == [
            *[("setup", "partial-fit"), ("begin", "partial-fit")],
            *[("begin", "epoch"), ("end", "epoch")],
            *[("end", "partial-fit"), ("teardown", "partial-fit")],
        ]
    assert recorder.told("end", "epoch")[0]["fitted_estimator"].n_iter_ == 2


def test_warm_start_counts_the_epochs_that_are_left(two_classes):
    recorder = Recorder()
    classifier = binary(0, recorder, epochs=2, warm_start=True).fit(*two_classes)
    recorder.events.clear()
    classifier.set_params(epochs=5).fit(*two_classes)
    assert recorder.events[0].context.max_subtasks == 3
    fitted = [told["fitted_estimator"] for told in recorder.told("end", "epoch")]
    assert [estimator.n_iter_ for estimator in fitted] == [3, 4, 5]
    assert [len(estimator.history_["loss"]) for estimator in fitted] == [3, 4, 5]
    recorder.events.clear()
    with pytest.warns(UserWarning, match="trains no further"):
        classifier.fit(*two_classes)
    assert recorder.events[0].context.max_subtasks == 0
    assert recorder.of("end", "epoch") == []


# The estimator that training would leave.


def fitted_after(recorder, name="fit"):
    """Return the fitted estimators at the beginning and at the end of each epoch below a task."""
    found = {}
    for hook in ("begin", "end"):
        found[hook] = [
            event.told["fitted_estimator"]
            for event in recorder.of(hook, "epoch")
            if event.path[-2][0] == name
        ]
    return found["begin"], found["end"]


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        dict(validation_fraction=0.3, stages="all"),
        dict(dropout=0.4, optimizer="adam"),
        dict(optimizer=keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5)),
        dict(class_weight="balanced", batch_size=7, stages=[2]),
        dict(batch_size=1, more_columns=9_000),
    ],
    ids=["plain", "validation", "dropout", "averages", "balanced", "by_rows"],
)
def test_fitted_estimator_is_that_of_a_fit_for_so_many_epochs(
    parameters, two_classes, global_random_seed
):
    parameters, (X, y) = parameters.copy(), two_classes
    more = sp.csr_matrix((60, parameters.pop("more_columns", 0)), dtype=np.float32)
    two_classes = sp.csr_matrix(sp.hstack([X, more])), y
    recorder = Recorder()
    trained = binary(global_random_seed, recorder, **parameters).fit(*two_classes)
    assert_same_network(trained, binary(global_random_seed, **parameters).fit(*two_classes))
    begins, ends = fitted_after(recorder)
    for n_epochs in range(1, 5):
        shorter = binary(global_random_seed, epochs=n_epochs, **parameters).fit(*two_classes)
        for fitted in [ends[n_epochs - 1], *begins[n_epochs : n_epochs + 1]]:
            assert_same_fit(fitted, shorter)
            assert fitted.epochs == 4
            if "stages" in parameters:
                np.testing.assert_array_equal(fitted.stages_, shorter.stages_)
    assert begins[0].n_iter_ == 0
    assert begins[0].predict_proba(two_classes[0]).shape == (60, 2)


def test_fitted_estimator_of_the_retraining_has_the_history_of_the_first(two_classes):
    recorder = Recorder()
    classifier = binary(0, recorder, **SELECTS).fit(*two_classes)
    for n_epochs, fitted in enumerate(fitted_after(recorder, "retrain-on-all-rows")[1], start=1):
        assert_same_network(fitted, binary(0, epochs=n_epochs).fit(*two_classes))
        assert fitted.history_ == classifier.history_
        assert (fitted.n_iter_, fitted.best_epoch_) == (n_epochs, classifier.best_epoch_)
    (found,) = recorder.told("end", "find-best-epoch")
    plain = {"validation_fraction": 0.3}
    assert_same_network(found["fitted_estimator"], binary(0, **plain).fit(*two_classes))
    (retrained,) = recorder.told("end", "retrain-on-all-rows")
    assert_same_fit(retrained["fitted_estimator"], classifier)


def test_fitted_estimator_of_the_whole_fit_is_the_estimator(two_classes):
    recorder = Recorder()
    classifier = binary(0, recorder, validation_fraction=0.3, early_stopping=True)
    classifier.fit(*two_classes)
    assert_same_fit(recorder.told("end", "fit")[0]["fitted_estimator"], classifier)


def test_fitted_estimator_can_be_saved_and_trained_further(two_classes):
    recorder = Recorder()
    longer = binary(0, recorder, dropout=0.4, optimizer="adam", warm_start=True).fit(*two_classes)
    fitted = fitted_after(recorder)[1][1].set_callbacks()
    loaded = pickle.loads(pickle.dumps(fitted))
    assert_same_fit(loaded.fit(*two_classes), longer)


def test_fitted_estimator_keeps_nothing_of_an_earlier_fit(two_classes):
    X, y = two_classes
    names = [f"word{j}" for j in range(X.shape[1])]
    recorder = Recorder()
    classifier = binary(0, recorder, stages="all").fit(pd.DataFrame(X.toarray(), columns=names), y)
    recorder.events.clear()
    classifier.set_params(stages=None).fit(X, np.where(y, "a", "b"))
    fitted = fitted_after(recorder)[1][-1]
    assert not hasattr(fitted, "feature_names_in_")
    assert not hasattr(fitted, "stages_")
    assert fitted.classes_.tolist() == ["a", "b"]


def test_estimator_stays_as_it_was_until_training_has_ended(two_classes):
    X, y = two_classes
    classifier = binary(0, epochs=1).fit(X, y)
    before = classifier.predict_proba(X)
    seen = []

    def look(event):
        if event.path[-1][0] == "epoch":
            seen.append((classifier.n_iter_, classifier.predict_proba(X)))

    classifier.set_callbacks(Recorder(look)).set_params(epochs=3).fit(X, y)
    assert len(seen) == 6
    for n_iter, probabilities in seen:
        assert n_iter == 1
        np.testing.assert_array_equal(probabilities, before)


def test_weights_are_not_read_for_a_callback_that_does_not_ask(two_classes, monkeypatch):
    from sklearn_textnn.neural_network._keras._network import Network

    def refuse(*arguments):
        raise AssertionError("the weights were read")

    monkeypatch.setattr(Network, "dump_now", refuse)
    counter = Counter()
    binary(0, counter).fit(*two_classes)
    assert counter.ended == [*4 * ["epoch"], "fit"]
    with pytest.raises(AssertionError, match="the weights were read"):
        binary(0, Recorder()).fit(*two_classes)


def test_nothing_is_told_where_no_callback_is_set(two_classes, monkeypatch):
    def refuse(*arguments, **keywords):
        raise AssertionError("a task was made")

    monkeypatch.setattr(callback.CallbackContext, "_from_estimator", refuse)
    binary(0).fit(*two_classes)
    with pytest.raises(AssertionError, match="a task was made"):
        binary(0, Counter()).fit(*two_classes)


def test_diverged_training_has_no_fitted_estimator_and_the_usual_error(two_classes):
    recorder = Recorder()
    diverges = dict(optimizer="sgd", learning_rate=1e30, activation="linear", epochs=20)
    with pytest.raises(ValueError, match="not finite; lower learning_rate"):
        binary(0, recorder, **diverges).fit(*two_classes)
    assert recorder.told("end", "epoch")[-1]["fitted_estimator"] is None


# The rows.


def test_rows_are_those_that_fit_was_given(two_classes):
    X, y = two_classes
    weight = np.linspace(1, 2, 60)
    recorder = Recorder()
    binary(0, recorder).fit(X, y, sample_weight=weight)
    for hook in ("begin", "end"):
        for told in [*recorder.told(hook, "fit"), *recorder.told(hook, "epoch")]:
            assert told["X"] is X
            assert told["y"] is y
            assert told["metadata"]["sample_weight"] is weight


def numbered_rows(n_rows, seed):
    """Return rows that say which they are, in their last column, and their labels."""
    X, y = planted_classes(n_rows, 2, seed)
    return sp.csr_matrix(sp.hstack([X, sp.csr_matrix(np.arange(n_rows)[:, None] / 1e4)])), y


def number_of(X):
    return np.rint(X[:, [-1]].toarray().ravel() * 1e4).astype(int)


def test_held_out_rows_are_left_out(global_random_seed):
    X, y = numbered_rows(60, global_random_seed)
    recorder = Recorder()
    weight = np.linspace(1, 2, 60)
    classifier = binary(global_random_seed, recorder, **SELECTS)
    classifier.fit(X, y, sample_weight=weight)
    first = [e for e in recorder.of("end", "epoch") if e.path[-2][0] == "find-best-epoch"]
    for epoch, event in enumerate(first):
        told = event.told
        numbers = number_of(told["X"])
        assert len(numbers) == 42
        np.testing.assert_array_equal(told["y"], y[numbers])
        np.testing.assert_array_equal(told["metadata"]["sample_weight"], weight[numbers])
        others = np.setdiff1d(np.arange(60), numbers)
        score = told["fitted_estimator"].score(X[others], y[others], weight[others])
        assert score == pytest.approx(classifier.history_["val_accuracy"][epoch])
    again = [e for e in recorder.of("end", "epoch") if e.path[-2][0] == "retrain-on-all-rows"]
    assert all(event.told["X"] is X for event in again)


@pytest.mark.parametrize("form", ["sparse", "dense", "frame", "list"])
def test_held_out_rows_of_the_user_come_after_the_others_in_the_retraining(form, two_classes):
    X, y = two_classes
    X_val, y_val = planted_classes(20, 2, 7)
    if form != "sparse":
        X, X_val = X.toarray(), X_val.toarray()
    if form == "frame":
        names = [f"word{j}" for j in range(X.shape[1])]
        X, X_val = pd.DataFrame(X, columns=names), pd.DataFrame(X_val, columns=names)
        y, y_val = pd.Series(y), pd.Series(y_val)
    if form == "list":
        X, X_val, y, y_val = X.tolist(), X_val.tolist(), y.tolist(), y_val.tolist()
    recorder = Recorder()
    weight = np.linspace(1, 2, 60)
    settings = dict(sample_weight=weight, X_val=X_val, y_val=y_val)
    classifier = binary(0, recorder, epoch_selection="val_loss").fit(X, y, **settings)
    told = recorder.told("end", "retrain-on-all-rows")[0]
    weights = told["metadata"]["sample_weight"]
    np.testing.assert_array_equal(weights, np.append(weight, np.ones(20)))
    assert len(told["y"]) == 80
    alone = binary(0, epochs=classifier.n_iter_)
    assert_same_network(alone.fit(told["X"], told["y"], sample_weight=weights), classifier)
    assert recorder.told("end", "find-best-epoch")[0]["X"] is X


def test_rows_without_weight_are_left_out(global_random_seed):
    X, y = numbered_rows(60, global_random_seed)
    weight = np.ones(60)
    weight[::3] = 0
    recorder = Recorder()
    binary(global_random_seed, recorder).fit(X, y, sample_weight=weight)
    told = recorder.told("end", "epoch")[0]
    numbers = number_of(told["X"])
    np.testing.assert_array_equal(numbers, np.flatnonzero(weight))
    np.testing.assert_array_equal(told["y"], y[weight > 0])
    assert told["metadata"]["sample_weight"].tolist() == [1.0] * 40


def test_one_weight_for_all_rows_is_not_told(two_classes):
    recorder = Recorder()
    binary(0, recorder).fit(*two_classes, sample_weight=2.0)
    assert {e.told["metadata"] for e in recorder.events if e.told} == {None}


# ScoringMonitor.

SCORES = ["accuracy", "neg_log_loss"]


def epoch_scores(monitor, names=SCORES):
    """Return the scores of each epoch that a ScoringMonitor has kept, one epoch a row."""
    log = monitor.get_logs().data_as_pandas
    return log.loc[log["task_name"] == "epoch", names].to_numpy()


def staged_scores(classifier, X, y, names=SCORES, **weights):
    """Return the scores of the stages, each from probabilities that NumPy computes afterwards."""
    scorer = check_scoring(classifier, names)
    rows = []
    for coefs in classifier._stage_weights.values():
        stage = copy.copy(classifier)
        stage.coefs_, stage.intercepts_ = coefs[::2], coefs[1::2]
        scores = scorer(stage, X, y, **weights)
        rows.append([scores[name] for name in names])
    return np.array(rows)


@pytest.mark.parametrize("form", [sp.csr_matrix, sp.csr_array, np.asarray, pd.DataFrame])
@pytest.mark.parametrize("weighted", [False, True])
def test_scores_are_those_of_the_stages(form, weighted, global_random_seed):
    X, y = planted_classes(61, 3, global_random_seed)
    X = form(X.toarray() if form in (np.asarray, pd.DataFrame) else X)
    if form is pd.DataFrame:
        X.columns = [f"word{j}" for j in range(X.shape[1])]
    weights = {}
    if weighted:
        random = np.random.RandomState(global_random_seed)
        weights = {"sample_weight": random.uniform(0.5, 2, 61).astype(np.float32)}
    monitor = callback.ScoringMonitor(scoring=SCORES)
    classifier = topic(global_random_seed, monitor, stages="all", class_weight={0: 3})
    classifier.fit(X, y, **weights)
    scores = epoch_scores(monitor)
    np.testing.assert_array_equal(scores, staged_scores(classifier, X, y, **weights))
    np.testing.assert_array_equal(scores[:, 0], [*classifier.staged_score(X, y, **weights)])
    assert len(np.unique(scores[:, 1])) == 3


def test_scores_beside_validation_rows_are_those_of_the_training_rows(two_classes):
    X, y = two_classes
    X_val, y_val = planted_classes(20, 2, 1)
    monitor = callback.ScoringMonitor(scoring=SCORES)
    classifier = binary(0, monitor, stages="all").fit(X, y, X_val=X_val, y_val=y_val)
    np.testing.assert_array_equal(epoch_scores(monitor), staged_scores(classifier, X, y))

    recorder = Recorder()
    classifier = binary(0, monitor, recorder, stages="all", validation_fraction=0.3).fit(X, y)
    told = recorder.told("end", "epoch")[0]
    expected = staged_scores(classifier, told["X"], told["y"])
    np.testing.assert_array_equal(epoch_scores(monitor), expected)


@pytest.mark.parametrize("container", [np.asarray, sp.csr_matrix, pd.DataFrame])
def test_scores_of_indicators_are_those_of_the_stages(container, global_random_seed):
    X, Y = planted_topics(60, 3, global_random_seed)
    names = ["accuracy", "f1_macro", "roc_auc"]
    monitor = callback.ScoringMonitor(scoring=names[:1])
    classifier = topic(global_random_seed, monitor, stages="all", validation_fraction=0.3)
    recorder = Recorder()
    classifier.set_callbacks(monitor, recorder).fit(X, container(Y))
    told = recorder.told("end", "epoch")[0]
    assert isinstance(told["y"], type(container(Y)))
    assert told["y"].shape == (42, 3)
    scores = epoch_scores(monitor, names[:1])
    np.testing.assert_array_equal(
        scores, staged_scores(classifier, told["X"], told["y"], names[:1])
    )
    np.testing.assert_array_equal(scores.ravel(), [*classifier.staged_score(told["X"], told["y"])])


def test_scores_in_a_pipeline_are_those_of_the_documents():
    documents = [f"{'good' if i % 2 else 'bad'} word{i} word{i % 5}" for i in range(40)]
    y = np.arange(40) % 2
    monitor = callback.ScoringMonitor(scoring=SCORES)
    pipeline = make_pipeline(
        MultiHotVectorizer(), LogCountRatioTransformer(), binary(0, monitor, stages="all")
    )
    pipeline.fit(documents, y)
    X = pipeline[:-1].transform(documents)
    np.testing.assert_array_equal(epoch_scores(monitor), staged_scores(pipeline[-1], X, y))


def test_scores_of_early_stopping_go_on_to_the_last_epoch(two_classes, global_random_seed):
    # The accuracy of 18 rows cannot get better more than 18 times.
    stops = dict(early_stopping=True, monitor="val_accuracy", patience=0, epochs=30)
    monitor, recorder = callback.ScoringMonitor(scoring="accuracy"), Recorder()
    settings = dict(stages="all", validation_fraction=0.3, **stops)
    classifier = binary(global_random_seed, monitor, recorder, **settings).fit(*two_classes)
    assert classifier.n_iter_ < 30
    told = recorder.told("end", "epoch")[0]
    scores = epoch_scores(monitor, ["accuracy"]).ravel()
    assert scores.tolist() == [*classifier.staged_score(told["X"], told["y"])]
    assert len(scores) == classifier.n_iter_


@pytest.mark.slow
def test_every_search_worker_reports_its_scores(capsys):
    pytest.importorskip("rich")
    documents = [f"{'good' if i % 2 else 'bad'} word{i}" for i in range(40)]
    monitor = callback.ScoringMonitor(scoring="accuracy")
    pipeline = make_pipeline(MultiHotVectorizer(), binary(0, monitor, epochs=2))
    grid = {"kerasbinaryreviewclassifier__units": [2, 3]}
    search = GridSearchCV(pipeline, grid, cv=2, n_jobs=2)
    with wide_console():
        search.set_callbacks(callback.ProgressBar(max_propagation_depth=2))
        search.fit(documents, np.arange(40) % 2)
    out = capsys.readouterr().out
    lines = [line for line in out.splitlines() if "KerasBinaryReviewClassifier - fit #1" in line]
    assert [line for line in lines if "100%" not in line] == []
    assert len(lines) == 2 * 2 + 1
    log = monitor.get_logs().data_as_pandas
    counts = log["task_name"].value_counts().to_dict()
    assert counts == {"epoch": 2 * (2 * 2 + 1), "fit": 2 * 2 + 1}
    best = log[(log["task_name"] == "fit") & (log["parent_task_id_path"] == (0, 1))]
    X = search.best_estimator_[:-1].transform(documents)
    assert best["accuracy"].tolist() == [search.best_estimator_[-1].score(X, np.arange(40) % 2)]


# ProgressBar.


def test_progress_bar_is_drawn_for_every_step_of_a_pipeline(capsys):
    pytest.importorskip("rich")
    documents = [f"{'good' if i % 2 else 'bad'} word{i}" for i in range(40)]
    pipeline = make_pipeline(MultiHotVectorizer(), LogCountRatioTransformer(), binary(0))
    with warnings.catch_warnings(), wide_console():
        warnings.simplefilter("error")  # a step without support gets a warning
        pipeline.set_callbacks(callback.ProgressBar()).fit(documents, np.arange(40) % 2)
    out = capsys.readouterr().out
    for bar in (
        "MultiHotVectorizer - fit-transform #0",
        "LogCountRatioTransformer - fit #1",
        "KerasBinaryReviewClassifier - fit #2",
    ):
        (line,) = [line for line in out.splitlines() if bar in line]
        assert "100%" in line


# Stopping.


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        dict(validation_fraction=0.3, stages="all"),
        dict(validation_fraction=0.3, early_stopping=True, patience=3),
        dict(dropout=0.4, optimizer="adam"),
        dict(callbacks=[keras.callbacks.LearningRateScheduler(lambda n, rate: rate / (n + 1))]),
    ],
    ids=["plain", "validation", "early_stopping", "dropout", "keras"],
)
def test_stopping_leaves_what_a_fit_for_so_many_epochs_leaves(
    parameters, two_classes, global_random_seed
):
    recorder = Recorder(stops_after(2))
    stopped = binary(global_random_seed, recorder, epochs=9, **parameters).fit(*two_classes)
    shorter = binary(global_random_seed, epochs=2, **parameters).fit(*two_classes)
    assert_same_fit(stopped, shorter)
    assert stopped.n_iter_ == 2
    assert len(recorder.of("begin", "epoch")) == 2
    assert recorder.hooks()[-2:] == [("end", "fit"), ("teardown", "fit")]
    if "stages" in parameters:
        assert stopped.stages_.tolist() == [1, 2]


def test_stopped_training_can_go_on(two_classes):
    stopped = binary(0, Recorder(stops_after(2)), warm_start=True, dropout=0.4).fit(*two_classes)
    longer = binary(0, dropout=0.4).fit(*two_classes)
    assert_same_fit(stopped.set_callbacks().fit(*two_classes), longer)


def test_stopping_ends_one_training_of_epoch_selection(two_classes):
    recorder = Recorder(stops_after(2))
    stopped = binary(0, recorder, epochs=9, **SELECTS).fit(*two_classes)
    shorter = binary(0, epochs=2, **SELECTS).fit(*two_classes)
    assert_same_fit(stopped, shorter)
    recorder = Recorder(lambda event: event.path[-1] == ("epoch", 0) and event.hook == "end")
    stopped = binary(0, recorder, epochs=9, **SELECTS)
    assert stopped.fit(*two_classes).n_iter_ == 1
    assert len(recorder.of("end", "epoch")) == 2


def test_what_other_tasks_return_stops_nothing(two_classes):
    recorder = Recorder(lambda event: event.path[-1][0] != "epoch")
    stopped = binary(0, recorder, **SELECTS).fit(*two_classes)
    assert_same_fit(stopped, binary(0, **SELECTS).fit(*two_classes))


def test_callbacks_of_keras_come_first_and_can_stop(two_classes):
    order = []

    class Keras(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            order.append(("keras begin", epoch))

        def on_epoch_end(self, epoch, logs=None):
            order.append(("keras end", epoch))
            self.model.stop_training = epoch == 1

    def note(event):
        if event.path[-1][0] == "epoch":
            order.append((event.hook, event.path[-1][1]))

    classifier = binary(0, Recorder(note), callbacks=[Keras()]).fit(*two_classes)
    names = ["begin", "keras begin", "keras end", "end"]
    assert order == [(name, epoch) for epoch in range(2) for name in names]
    assert classifier.n_iter_ == 2


# Failures.


class Refused(Exception):
    """Raised by a callback."""


@pytest.mark.parametrize("fitted_before", [False, True])
@pytest.mark.parametrize(
    "where",
    [("setup", "fit"), ("begin", "fit"), ("begin", "epoch"), ("end", "epoch"), ("end", "fit")],
)
@pytest.mark.parametrize("error", [Refused, KeyboardInterrupt])
def test_failing_callback_leaves_the_estimator_as_it_was(error, where, fitted_before, two_classes):
    X, y = two_classes
    recorder = Recorder(fails_at(*where, error()))
    classifier = binary(0, stages="all")
    if fitted_before:
        classifier.fit(X, np.where(y, "a", "b"))
    classifier.set_params(stages=None).set_callbacks(recorder)
    before = vars(classifier).copy()
    if (error, where) == (KeyboardInterrupt, ("end", "epoch")):
        with pytest.warns(UserWarning, match="interrupted by the user; 1 epochs are done"):
            classifier.fit(X, y)
        assert_same_network(classifier, binary(0, epochs=1).fit(X, y))
    else:
        with pytest.raises(error):
            classifier.fit(X, y)
        assert_same_attributes(vars(classifier), before)
    assert recorder.hooks()[0] == ("setup", "fit")
    assert recorder.hooks()[-1] == ("teardown", "fit")
    assert recorder.hooks().count(("teardown", "fit")) == 1
    assert not {"_callback_fit_ctx", "_skl_callbacks_to_teardown"} & vars(classifier).keys()
    assert_same_fit(classifier.set_callbacks().fit(X, y), binary(0).fit(X, y))


@pytest.mark.parametrize("epoch", [1, 2])
@pytest.mark.parametrize("hook", ["begin", "end"])
def test_ctrl_c_in_a_callback_keeps_the_epochs_that_are_done(hook, epoch, two_classes):
    def act(event):
        if event.hook == hook and event.path[-1] == ("epoch", epoch):
            raise KeyboardInterrupt

    recorder = Recorder(act)
    done = epoch + (hook == "end")
    with pytest.warns(UserWarning, match=f"interrupted by the user; {done} epochs are done"):
        classifier = binary(0, recorder).fit(*two_classes)
    assert_same_fit(classifier, binary(0, epochs=done).fit(*two_classes))
    assert recorder.hooks()[-2:] == [("end", "fit"), ("teardown", "fit")]


def test_interrupted_epoch_does_not_end(two_classes):
    class Interrupt(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 2:
                raise KeyboardInterrupt

    recorder = Recorder()
    with pytest.warns(UserWarning, match="2 epochs are done"):
        binary(0, recorder, callbacks=[Interrupt()]).fit(*two_classes)
    assert len(recorder.of("begin", "epoch")) == 3
    assert len(recorder.of("end", "epoch")) == 2
    assert recorder.hooks()[-2:] == [("end", "fit"), ("teardown", "fit")]


@pytest.mark.parametrize(
    "task", [(("fit", 0), ("retrain-on-all-rows", 1)), (("retrain-on-all-rows", 1), ("epoch", 0))]
)
def test_ctrl_c_in_the_retraining_keeps_the_network_found(task, two_classes):
    def act(event):
        if event.hook == "begin" and event.path[-2:] == task:
            raise KeyboardInterrupt

    recorder = Recorder(act)
    with pytest.warns(UserWarning, match="interrupted"):
        classifier = binary(0, recorder, **SELECTS).fit(*two_classes)
    assert_same_network(classifier, binary(0, validation_fraction=0.3).fit(*two_classes))
    assert recorder.hooks()[-1] == ("teardown", "fit")


def test_refused_data_tear_down(two_classes):
    X, y = two_classes
    recorder = Recorder()
    classifier = binary(0).fit(X, y)
    before = vars(classifier).copy()
    classifier.set_callbacks(recorder)
    with pytest.raises(ValueError, match="only one class"):
        classifier.fit(X, np.zeros(60))
    assert [hook for hook, _ in recorder.hooks()] == ["setup", "begin", "teardown"]
    classifier.set_callbacks()
    assert_same_attributes(vars(classifier), before)


# Copies.


def test_clone_has_the_same_callbacks_and_parameters_do_not(two_classes):
    counter = Counter()
    classifier = binary(0, counter)
    assert clone(classifier)._skl_callbacks == [counter]
    assert "callbacks" in classifier.get_params()
    assert classifier.get_params() == binary(0).get_params()
    clone(classifier).fit(*two_classes)
    assert len(counter.ended) == 5


@pytest.mark.parametrize("fitted", [False, True])
def test_pickle_keeps_the_callbacks_as_in_scikit_learn(fitted, two_classes):
    monitor = callback.ScoringMonitor(scoring="accuracy")
    classifier = binary(0, monitor)
    if fitted:
        classifier.fit(*two_classes)
    for loaded in (pickle.loads(pickle.dumps(classifier)), copy.deepcopy(classifier)):
        (of_loaded,) = loaded._skl_callbacks
        assert of_loaded is not monitor
        loaded.fit(*two_classes)
        assert len(of_loaded.get_logs().data) == 5
    assert copy.copy(classifier)._skl_callbacks == [monitor]


def test_copy_that_is_made_in_a_fit_does_not_belong_to_it(two_classes):
    copies = []

    def act(event):
        if event.path[-1] == ("epoch", 1) and event.hook == "end":
            copies.extend([copy.copy(event.estimator), event.told["fitted_estimator"]])
            pickle.dumps(event.told["fitted_estimator"].set_callbacks())

    binary(0, Recorder(act)).fit(*two_classes)
    for made in copies:
        assert not any("ctx" in name or "teardown" in name for name in vars(made))


def test_callback_of_scikit_learn_in_the_place_of_one_of_keras_says_where_it_goes(two_classes):
    with pytest.raises(TypeError, match=r"it holds .*; a callback of scikit-learn is set"):
        binary(0, callbacks=[Recorder()]).fit(*two_classes)
