"""Rows to train and to validate on, as arrays."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp


class Rows(NamedTuple):
    """Rows to train or to validate on.

    `X` is CSR with sorted indices. `y` holds the int32 code of each row's class, or the topics of
    each row as uint8 of shape (n_rows, n_topics). `sample_weight` has the shape (n_rows,), and
    `topic_weight` the shape (n_topics, 2), for a topic's absence and its presence. None means that
    each of them weighs 1. `X` is of the network's dtype, and so are the weights in training.
    `positions` says which of the rows that `fit` was given these are, those of `X_val` after those
    of `X`. Training does without.
    """

    X: object
    y: np.ndarray
    sample_weight: np.ndarray
    positions: np.ndarray | None
    topic_weight: np.ndarray | None = None

    def in_precision_of_X(self):
        """Return the rows with weights of the dtype of X."""
        return self._replace(sample_weight=self.sample_weight.astype(self.X.dtype))

    def take(self, index):
        """Return the rows that an index or a mask chooses."""
        return self._replace(
            X=self.X[index],
            y=self.y[index],
            sample_weight=self.sample_weight[index],
            positions=None if self.positions is None else self.positions[index],
        )

    def followed_by(self, other):
        """Return these rows and then the other ones."""
        return self._replace(
            X=sp.vstack([self.X, other.X], format="csr"),
            y=np.concatenate([self.y, other.y]),
            sample_weight=np.concatenate([self.sample_weight, other.sample_weight]),
            positions=np.concatenate([self.positions, other.positions]),
        )


def canonical_csr(X):
    """Return X as CSR with sorted indices, no duplicates and no zeros; the user's X stays."""
    if not sp.issparse(X):
        return sp.csr_array(X)
    has_zeros = not X.data.all()
    if has_zeros or not X.has_canonical_format:
        X = X.copy()
        X.sum_duplicates()
        X.eliminate_zeros()
    return X
