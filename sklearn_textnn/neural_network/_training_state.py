"""Where training starts and stands: weights, seeds and history, as arrays and plain Python."""

from itertools import pairwise

import numpy as np

from ._forward import ACTIVATIONS

# What a history reports, and which end of it is the best one.
ARGBEST = {
    "loss": np.nanargmin,
    "accuracy": np.nanargmax,
    "val_loss": np.nanargmin,
    "val_accuracy": np.nanargmax,
}

# What training needs to go on, besides the weights.
_CARRIED_ON = ("slots", "optimizer", "dropout_seeds", "order_seed", "split_seed", "epoch")


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
        "weights" (kernels and biases in turn), "slots" (the optimizer's arrays, None for fresh
        ones) and "optimizer" (whose they are, serialized), "dropout_seeds" (one for each hidden
        layer), "order_seed" (of the rows), "split_seed" (of the hold-out), "epoch" (epochs done).
    """
    weights_seed, order_seed, split_seed, dropout_seed = random_state.randint(
        np.iinfo(np.int32).max, size=4
    ).tolist()
    generator = np.random.default_rng(weights_seed)
    coefs = [_glorot_uniform(generator, *shape).astype(dtype) for shape in pairwise(sizes)]
    intercepts = [np.zeros(fan_out, dtype=dtype) for fan_out in sizes[1:]]
    return {
        "weights": interleave(coefs, intercepts),
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


def check_loaded(architecture, sizes, every_weights, training_state):
    """Raise ValueError where what was loaded cannot be where a training left off.

    Parameters
    ----------
    architecture : dict
    sizes : list of int
        As in `initial_state`.
    every_weights : list of list of ndarray
        Kernels and biases in turn, of the network and of each stage that was kept.
    training_state : dict
        As from `initial_state`, without "weights".
    """
    if [architecture["n_features"], architecture["n_outputs"]] != [sizes[0], sizes[-1]]:
        raise ValueError("there are more or fewer features or classes than the network has")
    shapes = [shape for kernel in pairwise(sizes) for shape in (kernel, kernel[1:])]
    for weights in every_weights:
        if [array.shape for array in weights] != shapes:
            raise ValueError(f"the weights are not those of layers of {sizes}")
        if {array.dtype.name for array in weights} != {architecture["dtype"]}:
            raise ValueError(f"the weights are not all {architecture['dtype']}")
        if not all(np.isfinite(array).all() for array in weights):
            raise ValueError("the weights are not all finite")
    if architecture["activation"] not in ACTIVATIONS:
        raise ValueError(f"there is no activation {architecture['activation']!r}")
    missing = [name for name in _CARRIED_ON if name not in training_state]
    if missing:
        raise ValueError(f"the state of training lacks {', '.join(missing)}")


def _glorot_uniform(generator, fan_in, fan_out):
    """Return a kernel drawn as `keras.initializers.GlorotUniform` does (Glorot & Bengio, 2010)."""
    limit = np.sqrt(6 / (fan_in + fan_out))
    return generator.uniform(-limit, limit, size=(fan_in, fan_out))


def interleave(coefs, intercepts):
    """Return kernels and biases in turn, as Keras lists the weights of dense layers."""
    return [array for layer in zip(coefs, intercepts, strict=True) for array in layer]


def best_epoch_of(history, metric):
    """Return the first epoch, counted from 1, at which the metric was best."""
    return int(ARGBEST[metric](history[metric])) + 1


def extended(history, more, n_before, n_epochs):
    """Return a history that goes on; what one of the two does not have is NaN there."""
    before, after = [np.nan] * n_before, [np.nan] * (n_epochs - n_before)
    names = dict.fromkeys([*history, *more])
    return {name: history.get(name, before) + more.get(name, after) for name in names}
