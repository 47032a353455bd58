"""The order of the rows in an epoch."""

import numpy as np


def row_order(n_rows, seed, epoch):
    """Return the positions of the rows in the order in which an epoch trains on them.

    It depends on nothing but the arguments, so that the epochs of a shorter training are the first
    ones of a longer training.

    Parameters
    ----------
    n_rows : int
    seed : int
        Of the training.
    epoch : int
        Counted from 0.

    Returns
    -------
    ndarray of int of shape (n_rows,)
    """
    return np.random.default_rng([seed, epoch]).permutation(n_rows)
