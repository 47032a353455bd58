"""Checks of labels that a vectorizer's weights and a network learn from."""

from collections.abc import Iterable

import numpy as np
from sklearn.utils.multiclass import check_classification_targets


def shape_of_labels(y, name):
    """Return the shape of y.

    Parameters
    ----------
    y : {array-like, sparse matrix}
    name : str
        What to call y in a message.

    Raises
    ------
    ValueError
        If y holds a collection of labels for each row.
    """
    try:
        shape = y.shape if hasattr(y, "shape") else np.asarray(y).shape
    except ValueError as error:  # rows of different lengths
        raise _collections_refused(name) from error
    if len(shape) == 1 and _holds_collections(y):
        raise _collections_refused(name)
    return shape


def _holds_collections(y):
    if getattr(getattr(y, "dtype", None), "kind", "O") != "O" or not isinstance(y, Iterable):
        return False
    return any(isinstance(row, (list, tuple, set, frozenset, np.ndarray)) for row in y)


def _collections_refused(name):
    return ValueError(
        f"{name} holds a collection of labels for each row; "
        "sklearn.preprocessing.MultiLabelBinarizer().fit_transform makes an indicator matrix of it"
    )


def distinct_labels(y):
    """Return the labels in y, sorted, and the index among them of each row.

    Parameters
    ----------
    y : array-like of shape (n_samples,)

    Returns
    -------
    labels : ndarray
    codes : ndarray of int of shape (n_samples,)

    Raises
    ------
    TypeError
        If the labels are bytes, or cannot be sorted.
    ValueError
        If they are not labels.
    """
    try:
        check_classification_targets(y)
        return np.unique(y, return_inverse=True)
    except TypeError as error:
        if "bytes" in str(error):
            raise
        raise TypeError(
            "the labels in y must all be strings or all be numbers, with none missing"
        ) from error
