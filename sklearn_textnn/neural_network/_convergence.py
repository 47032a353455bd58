"""The warning of a network that has not been trained enough to predict its classes."""

import warnings
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from .._stacklevel import find_stacklevel
from . import _forward

# `fit` warns if at least half of the classes that count are predicted for no training row. On
# Reuters with one label a row, at most 2 of 46 classes are missing after the 9 epochs of the Keras
# tutorial and none after 11, but 27 after 3 epochs. With several topics a row, the defaults leave
# out 36 of 46 topics, and settings that train enough at most 5. Half separates these, and it also
# applies to two classes. The initial weights predict any topics, so a network that has learned
# nothing at all may not be noticed.
#
# Rarer classes do not count. Of 90 topics, 30 have fewer than ten rows. After a good training 46 of
# the 90 are missing, but only 16 of the 60 others.
FEWEST_ROWS = 10
# With few columns, rows of different classes are alike, and it can be right to predict a class for
# none of them. With many words, rows differ, and training that goes on tells them apart.
FEWEST_COLUMNS = 100

# Rows to predict at a time.
_CHUNK = 4096

_muted = ContextVar("muted", default=False)


@contextmanager
def convergence_warnings_muted():
    """Let fits in this thread not warn of too little training."""
    token = _muted.set(True)
    try:
        yield
    finally:
        _muted.reset(token)


def are_convergence_warnings_muted():
    """Whether fits in this thread are not to warn of too little training."""
    return _muted.get()


def warn_if_undertrained(classifier, rows):
    """Warn if at least half of the classes are predicted for none of the training rows.

    Parameters
    ----------
    classifier : BaseKerasTextClassifier
        A classifier that has just been fitted.
    rows : Rows
        The rows that its network was trained on.
    """
    if are_convergence_warnings_muted() or rows.X.shape[1] < FEWEST_COLUMNS:
        return
    targets = classifier._targets
    counted = targets.count_rows(rows) >= FEWEST_ROWS
    n_counted = np.count_nonzero(counted)
    if n_counted < 2:
        return
    n_missing = _count_missing(classifier, rows.X, counted)
    if 2 * n_missing >= n_counted:
        warnings.warn(
            f"the network is probably not trained enough: {n_missing} of the {n_counted} "
            f"{'topics' if targets.multilabel else 'classes'} with {FEWEST_ROWS} or more training "
            f"rows {'is' if n_missing == 1 else 'are'} predicted for none of the training rows; "
            f"{_advice(classifier)}",
            ConvergenceWarning,
            stacklevel=find_stacklevel(),
        )


def _count_missing(classifier, X, counted):
    """Return how many of these classes are predicted for no row, or 0 if fewer than half are."""
    missing, half = counted.copy(), np.count_nonzero(counted) / 2
    for start in range(0, X.shape[0], _CHUNK):
        with np.errstate(over="ignore", invalid="ignore"):
            logits = _forward.logits(
                X[start : start + _CHUNK],
                classifier.coefs_,
                classifier.intercepts_,
                classifier._architecture["activation"],
            )
            missing &= ~classifier._targets.find_predicted(classifier._probabilities(logits))
        if np.count_nonzero(missing) < half:
            return 0
    return int(np.count_nonzero(missing))


def _advice(classifier):
    """Return what to change. More epochs do not help where something else chose their number."""
    done, limit = classifier.n_iter_, classifier.epochs
    rate = "learning_rate"
    if not isinstance(classifier.optimizer, str):  # `learning_rate` is not used then
        rate = "learning_rate of the optimizer"
    updates = f"a smaller batch_size or a larger {rate}"
    restraints = [name for name in ("l2", "dropout") if getattr(classifier, name)]
    if restraints:
        updates = f"less {' and '.join(restraints)}, {updates}"
    if done >= limit:
        return f"set more epochs, {updates}"
    if classifier.epoch_selection is not None:
        return (
            f"epoch_selection={classifier.epoch_selection!r} chose {done} of {limit} epochs, so "
            f"set {updates}, or choose epochs yourself with epoch_selection=None"
        )
    if classifier.early_stopping:
        return (
            f"early_stopping ended training at epoch {done} of {limit}, so set more patience, "
            f"{updates}"
        )
    return (
        f"a callback ended training at epoch {done} of {limit}, so let it go on, or set {updates}"
    )
