"""What scikit-learn's callbacks are told of a training, epoch by epoch."""

from functools import cache
from numbers import Number

import numpy as np
import scipy.sparse as sp

from .._sklearn_compat import _safe_indexing


class GivenRows:
    """The rows that `fit` was given, as they were given, those of `X_val` after those of `X`.

    They have been checked.
    """

    def __init__(self, X, y, sample_weight, X_val=None, y_val=None):
        self._data = {"X": (X, X_val), "y": (y, y_val)}
        if sample_weight is not None and not isinstance(sample_weight, Number):
            weight_val = None if X_val is None else np.ones(_n_rows(X_val))
            self._data["sample_weight"] = sample_weight, weight_val
        self._n_rows = _n_rows(X)

    def at(self, positions):
        """Return functions that return `X`, `y` and `metadata` of rows, for `FitTask`."""
        parts = {name: cache(lambda name=name: self._take(name, positions)) for name in self._data}
        weight = parts.pop("sample_weight", None)
        metadata = None if weight is None else lambda: {"sample_weight": weight()}
        return {**parts, "metadata": metadata}

    def _take(self, name, positions):
        values, of_validation = self._data[name]
        if positions.max() >= self._n_rows:
            values = _joined(values, of_validation)
        # Rows are never repeated, and all of them are in order.
        return values if len(positions) == _n_rows(values) else _safe_indexing(values, positions)


class TrainingReport:
    """What callbacks are told of the trainings of a fit.

    Parameters
    ----------
    task : FitTask
        Of the fit.
    given : GivenRows
    attributes : callable
        From an `Outcome` to all attributes of the estimator that it leaves.
    """

    def __init__(self, task, given, attributes):
        self._task = task
        self._given = given
        self._attributes = attributes

    def begin_training(self, rows, outcome, name=None, n_epochs=0):
        """Return what tells of the epochs of a training, which are subtasks of the fit.

        Parameters
        ----------
        rows : Rows
            The rows to train on.
        outcome : callable
            From `Trained` to the `Outcome` of a fit that ended with it, or to None.
        name : str, default=None
            If given, the training is itself a subtask, with this name, and its epochs are subtasks
            of it.
        n_epochs : int, default=0
            How many epochs such a training has at most.
        """
        told = self._given.at(rows.positions)

        def attributes(trained):
            found = outcome(trained())
            return None if found is None else self._attributes(found)

        phase = None if name is None else self._task.subtask(name, n_epochs, **told)
        return EpochTasks(phase or self._task, phase, told, attributes)


class EpochTasks:
    """The epochs of one training as tasks.

    `trained` is a function that returns what training hands back if it ends now.
    """

    def __init__(self, task, phase, told, attributes):
        self._task = task
        self._phase = phase
        self._told = told
        self._attributes = attributes

    def begin_epoch(self, trained):
        """Tell of the beginning of an epoch."""
        self._epoch = self._task.subtask(
            "epoch", attributes=lambda: self._attributes(trained), **self._told
        )

    def end_epoch(self, trained):
        """Tell of its end, and return whether a callback asks to stop."""
        return self._epoch.end(lambda: self._attributes(trained))

    def end_training(self, trained):
        """Tell of the end of a training that is itself a subtask."""
        if self._phase is not None:
            self._phase.end(lambda: self._attributes(trained))


def _n_rows(values):
    return values.shape[0] if hasattr(values, "shape") else len(values)


def _joined(first, second):
    """Return the rows of both, in the form of the first one where that is possible."""
    if sp.issparse(first) or sp.issparse(second):
        return sp.vstack([first, second], format="csr")
    if hasattr(first, "iloc"):
        import pandas as pd

        second = (
            pd.DataFrame(second, columns=first.columns) if first.ndim == 2 else pd.Series(second)
        )
        return pd.concat([first, second], ignore_index=True)
    if isinstance(first, list):
        return [*first, *second]
    return np.concatenate([np.asarray(first), np.asarray(second)])
