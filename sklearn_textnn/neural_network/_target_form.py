"""The form of y: one label for each row, or an indicator matrix of topics."""

from collections import Counter
from numbers import Integral
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from .._label_checks import shape_of_labels

# None is a dense matrix, the others are kinds of SciPy's sparse ones.
CONTAINERS = (None, "array", "matrix")


class TargetForm(NamedTuple):
    """How y is given.

    `n_columns` is None for one label a row. `names` is None for columns without names. `container`
    is one of `CONTAINERS`.
    """

    n_columns: int | None
    names: np.ndarray | None
    container: str | None


def target_form(y, name):
    """Return the form of y. Its values are not checked.

    Parameters
    ----------
    y : {array-like, sparse matrix}
    name : str
        What to call y in a message.

    Returns
    -------
    TargetForm

    Raises
    ------
    ValueError
        If y is a sparse matrix of one column, or holds a collection of labels for each row.
    """
    shape = shape_of_labels(y, name)
    if sp.issparse(y):
        if len(shape) != 2 or shape[1] < 2:
            raise ValueError(
                f"{name} is a sparse matrix of shape {shape}; a single topic is a problem of two "
                "classes, so pass one label for each row, in a dense array"
            )
        return TargetForm(shape[1], None, "matrix" if sp.isspmatrix(y) else "array")
    if len(shape) == 2 and shape[1] > 1:
        return TargetForm(shape[1], _column_names(y, name), None)
    return TargetForm(None, None, None)


def _column_names(y, name):
    """Return the names of the columns of a data frame if they are all str or all int."""
    names = list(getattr(y, "columns", ()))
    if not names or not any(
        all(isinstance(column, kind) and not isinstance(column, bool) for column in names)
        for kind in (str, Integral)
    ):
        return None
    twice = sorted(column for column, count in Counter(names).items() if count > 1)
    if twice:
        raise ValueError(f"{name} has columns of the same name, {twice}; rename them")
    return np.array(names, dtype=object if isinstance(names[0], str) else None)
