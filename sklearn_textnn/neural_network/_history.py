"""Training histories: which epoch is best, how they go on, and when they hold no numbers."""

import warnings

import numpy as np

from .._stacklevel import find_stacklevel

# What a history reports, and which end of it is the best one.
ARGBEST = {
    "loss": np.nanargmin,
    "accuracy": np.nanargmax,
    "val_loss": np.nanargmin,
    "val_accuracy": np.nanargmax,
}


def best_epoch_of(history, metric):
    """Return the first epoch, counted from 1, at which the metric was best; None if it never was.

    Parameters
    ----------
    history : dict of list of float
    metric : str
        A key of `ARGBEST`.

    Returns
    -------
    int or None
    """
    if np.isnan(history[metric]).all():
        return None
    return int(ARGBEST[metric](history[metric])) + 1


def extended(history, more, n_before, n_epochs):
    """Return a history that goes on. What only one of the two has is NaN in the other's epochs."""
    before, after = [np.nan] * n_before, [np.nan] * (n_epochs - n_before)
    names = dict.fromkeys([*history, *more])
    return {name: history.get(name, before) + more.get(name, after) for name in names}


def warn_if_not_finite(history):
    """Warn of the entries of a training's history that are infinite or NaN."""
    wrong = [name for name, values in history.items() if not np.isfinite(values).all()]
    if wrong:
        warnings.warn(
            f"{' and '.join(wrong)} in history_ are not finite in some epochs: training or "
            "validation diverged there; lower learning_rate, or scale the columns of X",
            RuntimeWarning,
            stacklevel=find_stacklevel(),
        )
