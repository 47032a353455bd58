"""The weights kept after chosen epochs, and what Ctrl-C leaves."""

import pickle
import subprocess
import sys
import textwrap

import keras
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from planted import planted_classes
from sklearn.base import clone

from sklearn_textnn import KerasBinaryReviewClassifier, KerasTopicClassifier

RMSPROP_AVERAGED = keras.optimizers.RMSprop(0.01, use_ema=True, ema_momentum=0.5)


class _CtrlCAfterBatch(keras.callbacks.Callback):
    """Break off in an epoch, counted from 0, when its first batch is done."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.now == self.epoch:
            raise KeyboardInterrupt


class _CtrlCAfterEpoch(keras.callbacks.Callback):
    """Break off when an epoch, counted from 0, is trained."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_end(self, epoch, logs=None):
        if epoch == self.epoch:
            raise KeyboardInterrupt


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"dropout": 0.5},
        {"optimizer": "adam", "l2": 0.01, "class_weight": "balanced"},
        {"optimizer": RMSPROP_AVERAGED},
        {"validation_fraction": 0.25},
    ],
)
def test_each_stage_is_the_fit_of_that_many_epochs(settings, global_random_seed):
    X, y = planted_classes(60, 2, global_random_seed)
    clf = KerasBinaryReviewClassifier(
        8, batch_size=16, learning_rate=0.01, random_state=global_random_seed, **settings
    )
    staged = clone(clf).set_params(epochs=6, stages=[4, 1, 6]).fit(X, y)
    assert staged.stages_.tolist() == [1, 4, 6]
    stages = zip(
        staged.stages_,
        staged.staged_predict_proba(X),
        staged.staged_predict(X),
        staged.staged_score(X, y),
        strict=True,
    )
    for epochs, probabilities, predicted, score in stages:
        shorter = clone(clf).set_params(epochs=int(epochs)).fit(X, y)
        assert_array_equal(probabilities, shorter.predict_proba(X))
        assert_array_equal(predicted, shorter.predict(X))
        assert score == shorter.score(X, y)
    assert_array_equal(probabilities, staged.predict_proba(X))
    assert_array_equal(probabilities, clone(clf).set_params(epochs=6).fit(X, y).predict_proba(X))


def test_staged_score_takes_weights(global_random_seed):
    X, y = planted_classes(60, 3, global_random_seed)
    clf = KerasTopicClassifier(8, epochs=2, stages="all", random_state=global_random_seed)
    weight = np.random.default_rng(global_random_seed).uniform(size=y.size)
    *_, last = clf.fit(X, y).staged_score(X, y, sample_weight=weight)
    assert last == clf.score(X, y, sample_weight=weight)


def test_stages_cost_the_size_of_their_weights_and_survive_a_pickle(global_random_seed):
    X, y = planted_classes(60, 3, global_random_seed)
    clf = KerasTopicClassifier(32, epochs=4, random_state=global_random_seed).fit(X, y)
    staged = clone(clf).set_params(stages="all").fit(X, y)
    n_bytes = sum(array.nbytes for array in [*clf.coefs_, *clf.intercepts_])
    grown = len(pickle.dumps(staged)) - len(pickle.dumps(clf))
    assert 4 * n_bytes <= grown < 4 * n_bytes + 3000
    kept = pickle.loads(pickle.dumps(staged)).staged_predict_proba(X)
    for probabilities, again in zip(staged.staged_predict_proba(X), kept, strict=True):
        assert_array_equal(probabilities, again)


def test_stages_of_epoch_selection_are_of_the_training_on_every_row(global_random_seed):
    X, y = planted_classes(60, 2, global_random_seed)
    clf = KerasBinaryReviewClassifier(
        8,
        epochs=8,
        learning_rate=0.01,
        validation_fraction=0.25,
        epoch_selection="val_loss",
        stages="all",
        random_state=global_random_seed,
    ).fit(X, y)
    assert clf.stages_.tolist() == list(range(1, clf.best_epoch_ + 1))
    *_, last = clf.staged_predict_proba(X)
    assert_array_equal(last, clf.predict_proba(X))


def test_stages_that_training_does_not_reach_are_not_kept(global_random_seed):
    X, y = planted_classes(60, 2, global_random_seed)
    clf = KerasBinaryReviewClassifier(8, epochs=3, stages=[2, 30], random_state=global_random_seed)
    assert clf.fit(X, y).stages_.tolist() == [2]


def test_stages_go_on_with_warm_start_and_partial_fit_and_end_with_a_new_fit(global_random_seed):
    X, y = planted_classes(60, 2, global_random_seed)
    clf = KerasBinaryReviewClassifier(
        8, epochs=2, stages="all", warm_start=True, random_state=global_random_seed
    )
    clf.fit(X, y).set_params(epochs=3).fit(X, y).partial_fit(X, y)
    assert clf.stages_.tolist() == [1, 2, 3, 4]
    longer = clone(clf).set_params(epochs=4).fit(X, y)
    for one, other in zip(clf.staged_predict_proba(X), longer.staged_predict_proba(X), strict=True):
        assert_array_equal(one, other)
    assert clf.set_params(epochs=2, warm_start=False).fit(X, y).stages_.tolist() == [1, 2]
    assert not hasattr(clf.set_params(stages=None).fit(X, y), "stages_")


def test_without_stages_there_are_no_staged_methods(global_random_seed):
    X, y = planted_classes(60, 2, global_random_seed)
    clf = KerasBinaryReviewClassifier(8, epochs=1, random_state=global_random_seed).fit(X, y)
    assert not hasattr(clf, "staged_predict")
    with pytest.raises(AttributeError) as error:
        clf.staged_predict_proba(X)
    assert "set stages='all'" in str(error.value.__cause__)


@pytest.mark.parametrize("stages", [[0], [1.5], ["one"], "every", 3])
def test_stages_that_are_no_epochs_are_refused(stages):
    X, y = planted_classes(60, 2, 0)
    with pytest.raises(ValueError, match="stages"):
        KerasBinaryReviewClassifier(8, stages=stages).fit(X, y)


@pytest.mark.parametrize("ctrl_c", [_CtrlCAfterBatch, _CtrlCAfterEpoch])
@pytest.mark.parametrize("settings", [{}, {"stages": "all"}, {"validation_fraction": 0.25}])
def test_interrupted_fit_keeps_the_epochs_done(ctrl_c, settings, global_random_seed):
    X, y = planted_classes(60, 2, global_random_seed)
    clf = KerasBinaryReviewClassifier(
        8, epochs=9, batch_size=16, random_state=global_random_seed, **settings
    )
    interrupted = clone(clf)
    interrupted.callbacks = [ctrl_c(3)]
    with pytest.warns(UserWarning, match="interrupted by the user; 3 epochs are done"):
        interrupted.fit(X, y)
    shorter = clone(clf).set_params(epochs=3).fit(X, y)
    assert interrupted.n_iter_ == 3
    assert interrupted.history_ == shorter.history_
    assert interrupted.best_epoch_ == shorter.best_epoch_
    assert_array_equal(interrupted.predict_proba(X), shorter.predict_proba(X))
    if "stages" in settings:
        assert interrupted.stages_.tolist() == [1, 2, 3]
    if clf.validation_fraction is None:  # and training goes on as if it had never stopped
        interrupted.set_params(callbacks=None).partial_fit(X, y)
        longer = clone(clf).set_params(epochs=4).fit(X, y)
        assert_array_equal(interrupted.predict_proba(X), longer.predict_proba(X))


def test_interrupted_early_stopping_puts_the_best_weights_back(global_random_seed):
    X, y = planted_classes(60, 2, global_random_seed)
    clf = KerasBinaryReviewClassifier(
        8,
        epochs=9,
        learning_rate=0.05,
        validation_fraction=0.25,
        early_stopping=True,
        patience=9,
        random_state=global_random_seed,
    )
    interrupted = clone(clf)
    interrupted.callbacks = [_CtrlCAfterEpoch(5)]
    with pytest.warns(UserWarning, match="interrupted"):
        interrupted.fit(X, y)
    shorter = clone(clf).set_params(epochs=5).fit(X, y)
    assert_array_equal(interrupted.predict_proba(X), shorter.predict_proba(X))


class _CtrlCInRetraining(keras.callbacks.Callback):
    """Break off in the second training, in an epoch counted from 0."""

    trainings = 0

    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_train_begin(self, logs=None):
        type(self).trainings += 1

    def on_epoch_end(self, epoch, logs=None):
        if type(self).trainings % 2 == 0 and epoch == self.epoch:
            raise KeyboardInterrupt


@pytest.mark.parametrize("epochs", [0, 1])
def test_interrupted_retraining_leaves_its_epochs_or_else_the_network_found(epochs):
    X, y = planted_classes(60, 2, 0)
    clf = KerasBinaryReviewClassifier(
        8, epochs=4, validation_fraction=0.25, epoch_selection="val_loss", random_state=0
    )
    whole = clone(clf).fit(X, y)
    assert whole.best_epoch_ == 4
    interrupted = clone(clf)
    interrupted.callbacks = [_CtrlCInRetraining(epochs)]
    with pytest.warns(UserWarning, match="interrupted"):
        interrupted.fit(X, y)
    assert interrupted.history_ == whole.history_
    found = clone(clf).set_params(epoch_selection=None, epochs=4)
    if epochs:
        found.set_params(validation_fraction=None, epochs=epochs)
    assert_array_equal(interrupted.predict_proba(X), found.fit(X, y).predict_proba(X))


def test_fit_interrupted_in_its_first_epoch_leaves_the_fit_before():
    X, y = planted_classes(60, 2, 0)
    clf = KerasBinaryReviewClassifier(8, epochs=2, random_state=0).fit(X, y)
    probabilities = clf.predict_proba(X)
    with pytest.raises(KeyboardInterrupt):
        clf.set_params(callbacks=[_CtrlCAfterEpoch(0)]).fit(X[:, ::-1], y)
    assert_array_equal(clf.predict_proba(X), probabilities)


def test_signal_of_ctrl_c_ends_the_fit_of_a_process(tmp_path):
    script = """
        import os, signal, threading, warnings
        import numpy as np
        from sklearn_textnn import KerasBinaryReviewClassifier

        signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell may have changed
        X = np.eye(2, dtype=np.float32)[np.arange(400) % 2]
        clf = KerasBinaryReviewClassifier(2, epochs=10**6, batch_size=8, random_state=0)
        KerasBinaryReviewClassifier(2, epochs=1, batch_size=8).fit(X, X[:, 1])  # TensorFlow is in
        threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT)).start()
        with warnings.catch_warnings(record=True) as caught:
            clf.fit(X, X[:, 1])
        assert "interrupted by the user" in str(caught[-1].message)
        assert 0 < clf.n_iter_ == len(clf.history_["loss"]) < 10**6
        again = KerasBinaryReviewClassifier(2, epochs=clf.n_iter_, batch_size=8, random_state=0)
        assert (again.fit(X, X[:, 1]).predict_proba(X) == clf.predict_proba(X)).all()
        print("done")
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=300
    )
    assert done.stdout == "done\n", done.stderr
