"""Optimizers: each of Keras's trains in both precisions, leaves nothing behind, and is rebuilt."""

import copy
import gc

import keras
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from planted import planted_classes
from same_network import assert_same_network
from tensorflow.python.framework import ops

from sklearn_textnn import KerasBinaryReviewClassifier
from sklearn_textnn.neural_network._keras import (
    _fused_updates,
    _idle_networks,
    _optimizers,
    _training_loop,
)

NAMES = sorted(_optimizers._classes())


@pytest.fixture
def no_idle_networks(monkeypatch):
    monkeypatch.setattr(_training_loop, "idle_networks", _idle_networks.IdleNetworks())


def fit(optimizer, X, y, **parameters):
    parameters = dict(units=8, epochs=2, learning_rate=0.01, random_state=0) | parameters
    return KerasBinaryReviewClassifier(optimizer=optimizer, **parameters).fit(X, y)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("optimizer", NAMES)
def test_optimizer_learns_in_the_precision_of_X_with_l2(optimizer, dtype):
    X, y = planted_classes(60, 2, 0)
    classifier = fit(optimizer, X.astype(dtype), y, l2=1e-3, epochs=5, batch_size=16)
    assert {array.dtype for array in classifier.coefs_} == {np.dtype(dtype)}
    assert classifier.history_["loss"][-1] < classifier.history_["loss"][0]


@pytest.mark.parametrize("optimizer", NAMES)
def test_next_fit_with_the_same_network_leaves_the_state_of_the_last_one(optimizer):
    """The optimizer's arrays that a fit hands back may share memory with TensorFlow's."""
    X, y = planted_classes(60, 2, 0)
    first = fit(optimizer, X, y)
    state = copy.deepcopy(first._training_state)
    second = fit(optimizer, X, 1 - y, epochs=3)
    for given, now in zip(state["slots"], first._training_state["slots"], strict=True):
        assert_array_equal(now, given)
    assert any((a != b).any() for a, b in zip(first.coefs_, second.coefs_, strict=True))


def test_no_optimizer_leaves_something_of_a_trace_behind(no_idle_networks):
    X, y = planted_classes(60, 2, 0)

    def graphs():
        gc.collect()
        return sum(type(thing).__name__ == "FuncGraph" for thing in gc.get_objects())

    def fit_every_optimizer(units):
        for optimizer in NAMES:
            fit(optimizer, X, y, units=units, epochs=1)

    fit_every_optimizer(3)
    registered, before = set(ops.gradient_registry.list()), graphs()
    fit_every_optimizer(4)
    assert set(ops.gradient_registry.list()) == registered
    assert graphs() <= before


SETTINGS = {
    "RMSprop": [{}, {"rho": 0.5, "epsilon": 1e-3}],
    "Adam": [{}, {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3}],
    "AdamW": [{}, {"weight_decay": 0.3}],
    "SGD": [{}, {"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}],
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("name", "settings"),
    [(name, settings) for name, some in SETTINGS.items() for settings in some],
    ids=str,
)
def test_fused_update_is_that_of_keras(name, settings, dtype):
    kind = getattr(keras.optimizers, name)
    # The same, but not the class that the fused update stands in for.
    by_keras = type(name, (kind,), {})
    X, y = planted_classes(90, 2, 0)
    X = X.astype(dtype)
    once, again, expected = (
        fit(optimizer(0.02, **settings), X, y, units=(20, 20), epochs=10, batch_size=32)
        for optimizer in (kind, kind, by_keras)
    )
    assert_same_network(once, again)
    tolerance = 1e-4 if dtype is np.float32 else 1e-10
    for found, kerass in zip(
        [*once.coefs_, *once.intercepts_], [*expected.coefs_, *expected.intercepts_], strict=True
    ):
        np.testing.assert_allclose(found, kerass, atol=tolerance)


@pytest.mark.parametrize(
    "optimizer",
    [
        keras.optimizers.RMSprop(momentum=0.5),
        keras.optimizers.RMSprop(centered=True),
        keras.optimizers.Adam(amsgrad=True),
        keras.optimizers.Adam(clipnorm=1.0),
        keras.optimizers.Adam(weight_decay=0.1),
        keras.optimizers.SGD(use_ema=True),
        keras.optimizers.SGD(keras.optimizers.schedules.PiecewiseConstantDecay([2], [0.1, 0.01])),
        keras.optimizers.Nadam(),
    ],
    ids=lambda optimizer: type(optimizer).__name__,
)
def test_other_settings_are_left_to_keras(optimizer):
    assert _fused_updates.fused_update(optimizer, []) is None


def test_error_of_an_optimizer_is_not_hidden(monkeypatch):
    class Broken(keras.optimizers.SGD):
        def __init__(self, **kwargs):
            raise OverflowError("from inside")

    monkeypatch.setattr(keras.optimizers, "SGD", Broken)
    with pytest.raises(OverflowError, match="from inside"):
        fit("sgd", *planted_classes(60, 2, 0))


class Unsaved(keras.optimizers.SGD):
    """An optimizer of the user's own whose configuration lacks the learning rate."""

    def get_config(self):
        return {}


@pytest.mark.parametrize(
    ("optimizer", "message"),
    [
        (keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD()), "not of one to train with"),
        (Unsaved(), "has no learning_rate"),
    ],
)
def test_instance_that_cannot_be_copied_is_refused(optimizer, message):
    with pytest.raises(ValueError, match=message):
        fit(optimizer, *planted_classes(60, 2, 0))


# Rebuilt from plain data, for `model_`


@pytest.mark.parametrize("optimizer", NAMES)
def test_model_has_the_optimizer_of_the_fit(optimizer):
    X, y = planted_classes(60, 2, 0)
    model = fit(optimizer, X, y, learning_rate=0.03).model_
    assert type(model.optimizer).__name__.lower() == optimizer
    assert float(model.optimizer.learning_rate) == pytest.approx(0.03)


def test_model_has_the_schedule_of_the_learning_rate():
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([2, 4], [0.1, 0.01, 0.001])
    model = fit(keras.optimizers.Adam(schedule), *planted_classes(60, 2, 0)).model_
    assert model.optimizer._learning_rate.get_config() == schedule.get_config()


class Halved(keras.optimizers.SGD):
    """An optimizer of the user's own."""

    def update_step(self, gradient, variable, learning_rate):
        super().update_step(gradient, variable, learning_rate / 2)


class Constant(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule of the user's own."""

    def __call__(self, step):
        return 0.25

    def get_config(self):
        return {}


class Fixed(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule of the user's own whose configuration does not tell it from others."""

    def __init__(self, rate):
        self.rate = rate

    def __call__(self, step):
        return self.rate

    def get_config(self):
        return {}


def test_network_is_not_used_again_with_another_schedule():
    X, y = planted_classes(60, 2, 0)
    plain = [fit(keras.optimizers.SGD(rate), X, y) for rate in (0.5, 0.01)]
    for rate, expected in zip((0.5, 0.01), plain, strict=True):
        assert_same_network(fit(keras.optimizers.SGD(Fixed(rate)), X, y), expected)


def constant_rate(rate):
    """Return a function that gives the learning rate; all of them have the same name."""

    def function():
        return rate

    return function


def test_network_is_not_used_again_with_another_function_as_learning_rate():
    X, y = planted_classes(60, 2, 0)
    plain = [fit(keras.optimizers.SGD(rate), X, y) for rate in (0.5, 0.01)]
    for rate, expected in zip((0.5, 0.01), plain, strict=True):
        classifier = fit(keras.optimizers.SGD(constant_rate(rate)), X, y)
        assert_same_network(classifier, expected)
        assert float(classifier.model_.optimizer.learning_rate) == pytest.approx(rate)


def excluding_biases(**settings):
    optimizer = keras.optimizers.AdamW(0.05, weight_decay=0.9)
    optimizer.exclude_from_weight_decay(**settings)
    return optimizer


def test_variables_excluded_from_weight_decay_are_not_decayed():
    X, y = planted_classes(60, 2, 0)
    all_decay = fit(keras.optimizers.AdamW(0.05, weight_decay=0.9), X, y, units=())
    kernels_decay = fit(excluding_biases(var_names=["bias"]), X, y, units=())
    nothing_decays = fit(keras.optimizers.AdamW(0.05, weight_decay=0.0), X, y, units=())
    assert abs(kernels_decay.coefs_[0]).sum() < 0.99 * abs(nothing_decays.coefs_[0]).sum()
    biases = [c.intercepts_[0][0] for c in (all_decay, kernels_decay, nothing_decays)]
    assert biases[0] != biases[1]
    assert not kernels_decay.model_.optimizer._use_weight_decay(kernels_decay.model_.weights[-1])


def test_variables_of_another_model_excluded_from_weight_decay_are_refused():
    X, y = planted_classes(60, 2, 0)
    with pytest.raises(ValueError, match=r"exclude_from_weight_decay\(var_names="):
        fit(excluding_biases(var_list=[keras.Variable([0.0])]), X, y)


def test_model_has_the_users_own_optimizer_and_schedule():
    X, y = planted_classes(60, 2, 0)
    classifier = fit(Halved(Constant()), X, y)
    assert type(classifier.model_.optimizer) is Halved
    classifier = fit(Halved(0.2), X, y).set_params(optimizer="sgd")
    with pytest.raises(ValueError, match=r"optimizer 'Halved' is not one of keras\.optimizers"):
        _ = classifier.model_


@pytest.mark.parametrize(
    "crafted",
    [
        {"module": "os", "class_name": "abort"},
        {"module": "keras.src.utils", "class_name": "get_file"},
        {"module": "keras.optimizers", "class_name": "Optimizer"},
        {"class_name": "LossScaleOptimizer", "config": {"inner_optimizer": {}}},
        {"config": {"learning_rate": {"module": "os", "class_name": "abort", "config": {}}}},
        {"config": {"learning_rate": {"module": "keras.optimizers", "class_name": "Adam"}}},
        {
            "config": {
                "learning_rate": {
                    "module": "keras.optimizers.schedules",
                    "class_name": "CosineDecay",
                    "config": {"initial_learning_rate": {"class_name": "abort", "module": "os"}},
                }
            }
        },
        {"config": {"clipnorm": {"module": "os", "class_name": "abort", "config": {}}}},
        {"config": {"no_such_argument": 1}},
    ],
)
def test_crafted_optimizer_is_refused(crafted):
    plain = keras.optimizers.serialize(keras.optimizers.Adam())
    plain |= crafted | {"config": plain["config"] | crafted.get("config", {})}
    with pytest.raises(ValueError, match="optimizer"):
        _optimizers.rebuilt_optimizer(plain)


def test_rebuilt_optimizer_trains_on_like_the_one_of_the_fit():
    X, y = planted_classes(60, 2, 0)
    first = fit("adam", X, y, epochs=3)
    first.set_params(warm_start=True, epochs=5).fit(X, y)
    assert_same_network(first, fit("adam", X, y, epochs=5))
