"""Where training starts and stands: weights, the optimizer's state and seeds, as plain data."""

from itertools import pairwise
from numbers import Integral, Real
from typing import NamedTuple

import numpy as np

# What training needs to go on, besides the weights.
_CARRIED_ON = ("slots", "optimizer", "dropout_seeds", "order_seed", "split_seed", "epoch")

_SEEDS = np.iinfo(np.int32).max

# Numbers to draw at a time.
_CHUNK = 1_000_000

# Of dropout, before the first epoch and as Keras returns them.
_SEED_DTYPES = ("uint32", "int64")


def initial_state(sizes, dtype, random_state):
    """Return the state before the first epoch.

    Parameters
    ----------
    sizes : list of int
        Number of features, width of each hidden layer, number of outputs.
    dtype : dtype
    random_state : RandomState

    Returns
    -------
    dict
        "weights" (`InitialWeights`; after training, kernels and biases in turn), "slots" (the
        optimizer's arrays, None for fresh ones), "optimizer" (the optimizer as plain data),
        "dropout_seeds" (one for each hidden layer), "order_seed" (of the rows), "split_seed" (of
        the hold-out), "epoch" (epochs done).
    """
    weights_seed, order_seed, split_seed, dropout_seed = random_state.randint(
        _SEEDS, size=4
    ).tolist()
    return {
        "weights": InitialWeights(sizes, np.dtype(dtype), weights_seed),
        "slots": None,
        "optimizer": None,
        "dropout_seeds": [
            np.array([seed, 0], dtype=np.uint32)
            for seed in np.random.SeedSequence(dropout_seed).generate_state(len(sizes) - 2)
        ],
        "order_seed": order_seed,
        "split_seed": split_seed,
        "epoch": 0,
    }


class InitialWeights(NamedTuple):
    """The weights before the first epoch, drawn when they are needed, and not kept."""

    sizes: list
    dtype: np.dtype
    seed: int

    def draw(self):
        """Return kernels and biases in turn."""
        generator = np.random.default_rng(self.seed)
        coefs = [_glorot_uniform(generator, *shape, self.dtype) for shape in pairwise(self.sizes)]
        return interleave(coefs, [np.zeros(fan_out, self.dtype) for fan_out in self.sizes[1:]])


def check_weights(weights, architecture):
    """Raise ValueError where arrays are not the weights of a network.

    Parameters
    ----------
    weights : list of ndarray
        Kernels and biases in turn.
    architecture : Architecture
    """
    shapes = [array.shape if isinstance(array, np.ndarray) else None for array in weights]
    if shapes != architecture.weight_shapes:
        sizes = [architecture.n_features, *architecture.units, architecture.n_outputs]
        raise ValueError(f"the weights are not those of layers of {sizes}")
    if {array.dtype.name for array in weights} != {architecture.dtype}:
        raise ValueError(f"the weights are not all {architecture.dtype}")
    if not all(np.isfinite(array).all() for array in weights):
        raise ValueError("the weights are not all finite")


def check_training_state(state, architecture):
    """Raise ValueError where training cannot go on from a state.

    Parameters
    ----------
    state : dict
        As from `initial_state` after training, without "weights".
    architecture : Architecture
    """
    missing = [name for name in _CARRIED_ON if name not in state]
    if missing or len(state) > len(_CARRIED_ON):
        lacks = f"lacks {', '.join(missing)}" if missing else "has other entries"
        raise ValueError(f"the state of training {lacks}")
    for name in ("order_seed", "split_seed", "epoch"):
        value = state[name]
        if type(value) is not int or not 0 <= value <= _SEEDS:
            raise ValueError(f"the state of training has {value!r} as {name}")
    if type(state["slots"]) is not list or type(state["dropout_seeds"]) is not list:
        raise ValueError("the state of training has no lists of arrays")
    seeds = [_kind(seed) for seed in state["dropout_seeds"]]
    if len(seeds) != len(architecture.units) or not all(
        dtype in _SEED_DTYPES and shape == (2,) for dtype, shape in seeds
    ):
        raise ValueError("the state of training lacks the dropout seed of each hidden layer")
    largest = max(np.prod(shape) for shape in architecture.weight_shapes)
    for slot in state["slots"]:
        dtype, shape = _kind(slot)
        if dtype not in (architecture.dtype, "int32", "int64", "float32") or (
            np.prod(shape) > largest
        ):
            raise ValueError("the state of training has an array that no optimizer keeps")
    _check_optimizer(state["optimizer"])


def _kind(array):
    return (array.dtype.name, array.shape) if isinstance(array, np.ndarray) else (None, (0,))


def _check_optimizer(optimizer):
    """Raise ValueError where an optimizer is not plain data.

    Nothing is looked up here by its name; that is up to the place where the optimizer is made.
    """
    entries = {"module", "class_name", "config", "registered_name"}
    if not isinstance(optimizer, dict) or set(optimizer) - {"build_config"} != entries:
        raise ValueError("the state of training has no optimizer")
    names = [optimizer["module"], optimizer["class_name"], optimizer["registered_name"]]
    if not all(name is None or type(name) is str for name in names):
        raise ValueError("the state of training has an optimizer without a name")
    if not isinstance(optimizer["config"], dict) or not _is_plain(optimizer["config"]):
        raise ValueError("the state of training has an optimizer that is not plain data")


def _is_plain(value):
    if isinstance(value, dict):
        return all(type(key) is str and _is_plain(entry) for key, entry in value.items())
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, (str, bool, Integral, Real))


def _glorot_uniform(generator, fan_in, fan_out, dtype):
    """Return a kernel drawn as `keras.initializers.GlorotUniform` does (Glorot & Bengio, 2010)."""
    limit = np.sqrt(6 / (fan_in + fan_out))
    numbers = np.empty(fan_in * fan_out, dtype)
    for start in range(0, numbers.size, _CHUNK):  # so that few are float64 at a time
        chunk = numbers[start : start + _CHUNK]
        chunk[:] = generator.uniform(-limit, limit, size=chunk.size)
    return numbers.reshape(fan_in, fan_out)


def interleave(coefs, intercepts):
    """Return kernels and biases in turn, as Keras lists the weights of dense layers."""
    return [array for layer in zip(coefs, intercepts, strict=True) for array in layer]
