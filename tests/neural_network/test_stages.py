"""The weights kept after chosen epochs (stages), and fits interrupted by Ctrl-C."""

import copy
import pickle

import keras
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from planted import planted_classes
from processes import run_python
from same_network import assert_same_network
from sklearn.base import clone

from sklearn_textnn import KerasBinaryReviewClassifier, KerasTopicClassifier

RMSPROP_AVERAGED = keras.optimizers.RMSprop(0.01, use_ema=True, ema_momentum=0.5)


class _CtrlCAfterBatch(keras.callbacks.Callback):
    """Interrupt training after the first batch of an epoch, counted from 0."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.now == self.epoch:
            raise KeyboardInterrupt


class _CtrlCAfterEpoch(keras.callbacks.Callback):
    """Interrupt training at the end of an epoch, counted from 0."""

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
    assert_same_network(staged, shorter)


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


def test_warm_start_and_partial_fit_add_stages_and_a_new_fit_replaces_them(global_random_seed):
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
def test_stages_that_are_not_epochs_are_refused(stages):
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
    assert_same_network(interrupted, shorter)
    if "stages" in settings:
        assert interrupted.stages_.tolist() == [1, 2, 3]
    if clf.validation_fraction is None:  # training continues as if it had not been interrupted
        interrupted.set_params(callbacks=None).partial_fit(X, y)
        longer = clone(clf).set_params(epochs=4).fit(X, y)
        assert_same_network(interrupted, longer)


def test_interrupted_early_stopping_restores_the_best_weights(global_random_seed):
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
    assert_same_network(interrupted, shorter)


class _CtrlCInRetraining(keras.callbacks.Callback):
    """Interrupt the second training at the end of an epoch, counted from 0."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch
        self.trainings = []  # shared by the shallow copies that training uses

    def on_train_begin(self, logs=None):
        self.trainings.append(logs)

    def on_epoch_end(self, epoch, logs=None):
        if len(self.trainings) == 2 and epoch == self.epoch:
            raise KeyboardInterrupt


@pytest.mark.parametrize("epochs", [0, 1])
def test_interrupted_retraining_keeps_its_epochs_or_else_the_first_training(epochs):
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
    assert_same_network(interrupted, found.fit(X, y))


def test_fit_interrupted_in_its_first_epoch_keeps_the_previous_fit():
    X, y = planted_classes(60, 2, 0)
    clf = KerasBinaryReviewClassifier(8, epochs=2, random_state=0).fit(X, y)
    before = copy.deepcopy(clf)
    with pytest.raises(KeyboardInterrupt):
        clf.set_params(callbacks=[_CtrlCAfterEpoch(0)]).fit(X[:, ::-1], y)
    assert_same_network(clf, before)


# The signal is sent after some epochs and not after some time, since machines differ in speed. On
# Windows, os.kill would end the process.
INTERRUPT = """
import _thread, os, signal, threading, warnings
import keras
import numpy as np
from same_network import assert_same_network
from sklearn_textnn import KerasBinaryReviewClassifier

class SayWhenTraining(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch == 2:  # at least two epochs are kept by now
            training.set()

def interrupt():
    training.wait()
    if os.name == "posix":
        os.kill(os.getpid(), signal.SIGINT)
    else:
        _thread.interrupt_main()

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have changed it
X = np.eye(2, dtype=np.float32)[np.arange(400) % 2]
training = threading.Event()
clf = KerasBinaryReviewClassifier(
    2, epochs=10**6, batch_size=8, callbacks=[SayWhenTraining()], random_state=0
)
threading.Thread(target=interrupt, daemon=True).start()
with warnings.catch_warnings(record=True) as caught:
    clf.fit(X, X[:, 1])
assert "interrupted by the user" in str(caught[-1].message)
assert 0 < clf.n_iter_ == len(clf.history_["loss"]) < 10**6
again = KerasBinaryReviewClassifier(2, epochs=clf.n_iter_, batch_size=8, random_state=0)
assert_same_network(again.fit(X, X[:, 1]), clf)
print("done")
"""


@pytest.mark.slow
def test_signal_of_ctrl_c_ends_the_fit_of_a_process():
    assert run_python(INTERRUPT) == "done\n"
