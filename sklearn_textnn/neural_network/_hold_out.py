"""Which rows `validation_fraction` holds out."""

import math
import warnings

import numpy as np

from .._stacklevel import find_stacklevel


def hold_out_by_class(y, fraction, seed):
    """Split rows with one label each, stratified by class.

    A class with a single row cannot be split. Its row is trained on.

    Parameters
    ----------
    y : ndarray of int of shape (n_rows,)
        Codes of the classes.
    fraction : float
        Fraction of the rows to hold out.
    seed : int

    Returns
    -------
    train, held_out : ndarray of int
        Positions of the rows.

    Raises
    ------
    ValueError
        If one of the two parts cannot have every class with two rows or more.
    """
    from sklearn.model_selection import train_test_split  # slow to import

    counts = np.bincount(y)
    single = counts[y] == 1
    try:
        train, held_out = train_test_split(
            np.flatnonzero(~single), test_size=fraction, stratify=y[~single], random_state=seed
        )
    except ValueError as error:
        raise ValueError(
            f"validation_fraction={fraction} of {y.size} rows does not give a hold-out and "
            f"training rows that can both have each of the {np.count_nonzero(counts)} classes; "
            f"change validation_fraction, or pass X_val and y_val to fit. {error}"
        ) from error
    if single.any():
        warnings.warn(
            f"{np.count_nonzero(single)} of the {np.count_nonzero(counts)} classes have a single "
            "row, which is trained on: validation does not see these classes",
            UserWarning,
            stacklevel=find_stacklevel(),
        )
    return np.append(train, np.flatnonzero(single)), held_out


def hold_out_by_topic(Y, fraction, seed):
    """Split rows of an indicator matrix, stratified as far as the topics allow.

    The method is iterative stratification [1]_ for two parts, with all rows of a topic assigned at
    once: the rarest topic comes first, and of the rows that have it and are not assigned yet, so
    many are held out, at random, that the topic has its fraction held out. The last topic is
    followed by the rows without topics.

    Parameters
    ----------
    Y : ndarray of uint8 of shape (n_rows, n_topics)
    fraction : float
        Fraction of the rows to hold out.
    seed : int

    Returns
    -------
    train, held_out : ndarray of int
        Positions of the rows.

    Raises
    ------
    ValueError
        If one of the two parts would be empty.

    References
    ----------
    .. [1] K. Sechidis, G. Tsoumakas and I. Vlahavas, "On the Stratification of Multi-Label Data",
       ECML PKDD 2011.
    """
    n_rows = Y.shape[0]
    n_held_out = math.ceil(fraction * n_rows)
    if not 0 < n_held_out < n_rows:
        raise ValueError(
            f"validation_fraction={fraction} of {n_rows} rows leaves none to train on or none to "
            "hold out; change validation_fraction, or pass X_val and y_val to fit"
        )
    rng = np.random.default_rng(seed)
    held_out, unassigned = np.zeros(n_rows, dtype=bool), np.ones(n_rows, dtype=bool)
    left = Y.sum(axis=0, dtype=np.int64)  # rows of each topic that are not assigned
    wanted = fraction * left  # rows of each topic that are still to be held out
    while left.any():
        topic = int(np.argmin(np.where(left > 0, left, n_rows + 1)))
        rows = rng.permutation(np.flatnonzero(unassigned & (Y[:, topic] == 1)))
        chosen = rows[: max(0, round(wanted[topic]))]
        held_out[chosen], unassigned[rows] = True, False
        left -= Y[rows].sum(axis=0, dtype=np.int64)
        wanted -= Y[chosen].sum(axis=0, dtype=np.int64)
    _complete(held_out, Y, rng.permutation(n_rows), unassigned, n_held_out)
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def _complete(held_out, Y, order, without_topics, n_held_out):
    """Hold out rows, or give them back, until there are as many as asked for.

    Rows without topics come first. A row with topics is held out if each of them keeps a row to
    train on; only where there are not enough such rows are others taken.
    """
    missing = n_held_out - int(held_out.sum())
    if missing < 0:
        held_out[order[held_out[order]][:-missing]] = False
        return
    free = order[without_topics[order]][:missing]
    held_out[free] = True
    missing -= free.size
    in_training = Y[~held_out].sum(axis=0, dtype=np.int64)
    for may_take_last_row in (False, True):
        for row in order[~held_out[order]]:
            if not missing:
                return
            topics = Y[row] == 1
            if may_take_last_row or (in_training[topics] > 1).all():
                held_out[row] = True
                in_training[topics] -= 1
                missing -= 1
