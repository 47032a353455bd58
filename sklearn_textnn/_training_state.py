"""Where training starts and stands: weights, seeds and history, as arrays and plain Python."""

from itertools import pairwise

import numpy as np

# What a history reports, and which end of it is the best one.
ARGBEST = {
    "loss": np.nanargmin,
    "accuracy": np.nanargmax,
    "val_loss": np.nanargmin,
    "val_accuracy": np.nanargmax,
}


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
