"""The door to Keras from behind: what is traced, what is kept, what a fit leaves behind."""

import gc
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.testing import assert_array_equal
from planted import planted_classes, planted_topics
from processes import run_python

from sklearn_textnn import KerasBinaryReviewClassifier, KerasTopicClassifier
from sklearn_textnn.neural_network._keras import _idle_networks, _network, _training_loop


@pytest.fixture
def traces(monkeypatch):
    """Return a list that grows with each trace, none being kept from before."""
    seen = []
    trace = _network._trace

    def counted(function, signature, own_columns):
        seen.append(function.__name__)
        return trace(function, signature, own_columns)

    monkeypatch.setattr(_training_loop, "idle_networks", _idle_networks.IdleNetworks())
    monkeypatch.setattr(_network, "_trace", counted)
    return seen


def test_second_fit_of_an_architecture_traces_nothing(traces):
    X, y = planted_classes(60, 2, 0)
    parameters = dict(units=8, epochs=2, validation_fraction=0.2, random_state=0)
    KerasBinaryReviewClassifier(**parameters).fit(X, y)
    assert sorted(traces) == ["_walk_training", "_walk_validation"]
    for change in (
        dict(random_state=1),
        dict(learning_rate=0.5),
        dict(epochs=3),
        dict(batch_size=7),
        dict(class_weight="balanced"),
        dict(early_stopping=True),
        dict(optimizer=keras.optimizers.RMSprop(0.3)),
    ):
        KerasBinaryReviewClassifier(**parameters | change).fit(X[:50], y[:50])
    assert len(traces) == 2
    KerasBinaryReviewClassifier(**parameters | dict(units=9)).fit(X, y)
    KerasBinaryReviewClassifier(**parameters | dict(optimizer="adam")).fit(X, y)
    assert len(traces) == 6


def test_no_array_is_written_out_in_a_fit(traces, monkeypatch):
    # TensorFlow writes the arguments of a call into a message when it cannot bind them.
    def written_out(tensor):
        raise AssertionError("a tensor was turned into text")

    monkeypatch.setattr(type(tf.constant(0)), "__repr__", written_out)
    with pytest.raises(AssertionError, match="turned into text"):
        repr(tf.constant(0))
    X, y = planted_classes(60, 2, 0)
    parameters = dict(units=8, epochs=2, validation_fraction=0.2, random_state=0)
    for batch_size in (1, 512):  # by rows of the first kernel and not
        KerasBinaryReviewClassifier(batch_size=batch_size, **parameters).fit(X, y)


def test_second_fit_of_several_topics_traces_nothing(traces):
    X, Y = planted_topics(60, 3, 0)
    parameters = dict(units=8, epochs=2, validation_fraction=0.2, random_state=0)
    for change in ({}, dict(class_weight={1: 2.0}), dict(class_weight="balanced"), dict(epochs=3)):
        KerasTopicClassifier(**parameters | change).fit(X, Y)
    KerasTopicClassifier(**parameters).fit(X[:50], Y[:50], sample_weight=np.arange(50) + 1)
    assert sorted(traces) == ["_walk_training", "_walk_validation"]


def test_fit_without_validation_traces_training_alone(traces):
    KerasBinaryReviewClassifier(epochs=1, random_state=0).fit(*planted_classes(60, 2, 0))
    assert traces == ["_walk_training"]


def test_idle_networks_are_bounded_and_the_longest_unused_goes_first(traces):
    X, y = planted_classes(60, 2, 0)

    def fit(units):
        KerasBinaryReviewClassifier(units=units, epochs=1, random_state=0).fit(X, y)

    for units in range(1, 10):
        fit(units)
    assert len(traces) == 9
    fit(2)
    assert len(traces) == 9
    fit(1)
    assert len(traces) == 10


# In a process of its own: what other tests have freed comes and goes by tens of megabytes.
GROWTH_OVER_FITS = """
import gc, os, warnings
from pathlib import Path
from planted import planted_classes
from sklearn_textnn import KerasBinaryReviewClassifier

warnings.simplefilter("ignore")  # one epoch each is not enough
X, y = planted_classes(300, 2, 0, n_noise=2000)

def megabytes():
    gc.collect()
    n_pages = int(Path("/proc/self/statm").read_text().split()[1])
    return n_pages * os.sysconf("SC_PAGE_SIZE") / 1e6

for i in range(200):
    KerasBinaryReviewClassifier(
        epochs=1, learning_rate=1e-3 * (i + 1), validation_fraction=0.2, random_state=i
    ).fit(X, y)
    if i == 20:
        before = megabytes()
print(megabytes() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads Linux's /proc")
def test_many_fits_stay_flat_in_memory():
    assert float(run_python(GROWTH_OVER_FITS)) < 15


def test_dropped_networks_leave_no_graph_behind():
    X, y = planted_classes(60, 2, 0)

    def alive(kind):
        gc.collect()
        return sum(type(thing).__name__ == kind for thing in gc.get_objects())

    def fit_with(widths):
        for units in widths:
            KerasBinaryReviewClassifier(units=units, epochs=1, random_state=0).fit(X, y)

    # scikit-learn caches the signatures of 128 hooks and so keeps their callbacks. Those of other
    # tests may hold an error, with the frames and so the network of a fit.
    fit_with(range(20, 28))
    networks, graphs = alive("Network"), alive("FuncGraph")
    fit_with(range(28, 48))
    assert alive("Network") <= networks
    assert alive("FuncGraph") <= graphs


def test_optimizer_state_does_not_survive_a_diverged_fit():
    X, y = planted_classes(60, 2, 0)

    def fit(**parameters):
        parameters = dict(units=(8, 8), epochs=5, random_state=0) | parameters
        return KerasBinaryReviewClassifier(**parameters).fit(X, y)

    expected = fit().coefs_[0]
    with pytest.raises(ValueError, match="not finite"):
        fit(learning_rate=1e38)
    assert_array_equal(fit().coefs_[0], expected)


def test_learning_rate_that_a_callback_set_does_not_survive():
    X, y = planted_classes(60, 2, 0)

    def fit(**parameters):
        return KerasBinaryReviewClassifier(epochs=3, random_state=0, **parameters).fit(X, y)

    expected = fit().coefs_[0]
    fit(callbacks=[keras.callbacks.LearningRateScheduler(lambda epoch: 0.7)])
    assert_array_equal(fit().coefs_[0], expected)


def test_callback_that_changes_the_model_changes_no_later_fit():
    X, y = planted_classes(60, 2, 0)
    kept = []

    class Tamper(keras.callbacks.Callback):
        def on_train_end(self, logs=None):
            self.model.layers[0].trainable = False
            kept.append(self.model)

    def fit(seed=0, **parameters):
        return KerasBinaryReviewClassifier(epochs=2, random_state=seed, **parameters).fit(X, y)

    expected = fit().coefs_[0]
    tampered = fit(callbacks=[Tamper()])
    assert_array_equal(fit().coefs_[0], expected)
    fit(seed=1)
    assert_array_equal(kept[0].get_weights()[0], tampered.coefs_[0])


def test_idle_networks_are_bounded_in_size(traces):
    _training_loop.idle_networks.max_numbers = 10_000
    X, y = planted_classes(60, 2, 0, n_noise=300)
    for _ in range(2):
        for units in (8, 9):  # 302 * 8 weights, RMSprop's averages of them, and as much scratch
            KerasBinaryReviewClassifier(units=units, epochs=1, random_state=0).fit(X, y)
    assert len(traces) == 4
    KerasBinaryReviewClassifier(units=9, epochs=1, random_state=0).fit(X, y)
    assert len(traces) == 4


def test_dropout_of_each_layer_draws_by_itself():
    X, y = planted_classes(60, 2, 0)
    classifier = KerasBinaryReviewClassifier(dropout=0.5, epochs=5, random_state=0).fit(X, y)
    (first, steps), (second, same_steps) = classifier._training_state["dropout_seeds"]
    assert first != second
    assert steps == same_steps == 5


@pytest.mark.parametrize("units", [15, 16, 17, 40])
def test_slices_of_the_product_add_up_to_the_whole(units):
    X, y = planted_classes(60, 2, 0)
    classifier = KerasBinaryReviewClassifier(units=units, epochs=2, random_state=0).fit(X, y)
    expected = classifier.model_.evaluate(X.toarray(), y, verbose=0)[0]
    longer = KerasBinaryReviewClassifier(units=units, epochs=3, random_state=0).fit(X, y)
    assert longer.history_["loss"][2] == pytest.approx(expected, abs=1e-5)


def test_tensorboard_gets_its_epochs(tmp_path):
    pytest.importorskip("tensorboard")
    X, y = planted_classes(60, 2, 0)
    board = keras.callbacks.TensorBoard(tmp_path, write_graph=False)
    KerasBinaryReviewClassifier(
        epochs=2, validation_fraction=0.2, callbacks=[board], random_state=0
    ).fit(X, y)
    assert {path.parent.name for path in tmp_path.rglob("events.out.*")} == {"train", "validation"}
