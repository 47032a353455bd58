"""Rows to train on, and the batches of an epoch, as arrays."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

# TensorFlow takes a slice without copying it when it begins and ends at a multiple of 64 bytes.
_ALIGNED_VALUES = 16


class Rows(NamedTuple):
    """Rows to train or to validate on.

    `X` is CSR with sorted indices. `y` holds the int32 code of each row's class, or the topics of
    each row as uint8 of shape (n_rows, n_topics). `sample_weight` has the shape (n_rows,), and
    `topic_weight` (n_topics, 2), for a topic's absence and its presence; None is 1 for all. `X` and
    weights are of the network's dtype.
    """

    X: object
    y: np.ndarray
    sample_weight: np.ndarray
    topic_weight: np.ndarray | None = None

    def take(self, index):
        """Return the rows that an index or a mask chooses."""
        return self._replace(
            X=self.X[index], y=self.y[index], sample_weight=self.sample_weight[index]
        )

    def followed_by(self, other):
        """Return these rows and then the other ones."""
        return self._replace(
            X=sp.vstack([self.X, other.X], format="csr"),
            y=np.concatenate([self.y, other.y]),
            sample_weight=np.concatenate([self.sample_weight, other.sample_weight]),
        )

    def in_order_of(self, epoch, seed):
        """Return the rows in the order of an epoch, which depends on nothing but the two."""
        return self.take(np.random.default_rng([seed, epoch]).permutation(self.y.shape[0]))


class Batches(NamedTuple):
    """Rows cut into batches, as the arrays that TensorFlow walks.

    `indices` holds row (within its batch) and column of each value in turn. Batch i has the values
    from `offsets[i]` to `offsets[i + 1]`, the last of them zeros at (0, 0) that fill it up.
    """

    indices: np.ndarray
    values: np.ndarray
    offsets: np.ndarray
    y: np.ndarray
    sample_weight: np.ndarray
    batch_size: np.ndarray


def canonical_csr(X):
    """Return X as CSR with sorted indices and no duplicates, the user's own array left as it is."""
    if not sp.issparse(X):
        return sp.csr_array(X)
    if not X.has_canonical_format:
        X = X.copy()
        X.sum_duplicates()
    return X


def cut_batches(rows, batch_size):
    """Return rows as batches, in the order in which they stand."""
    X = rows.X
    n_rows = X.shape[0]
    batch_size = min(batch_size, n_rows)
    starts = np.append(np.arange(0, n_rows, batch_size), n_rows)
    first_values = X.indptr[starts].astype(np.int64)
    room = -(-np.diff(first_values) // _ALIGNED_VALUES) * _ALIGNED_VALUES
    offsets = np.append(0, np.cumsum(room))
    indices = np.zeros((offsets[-1], 2), dtype=np.int32)
    values = np.zeros(offsets[-1], dtype=X.dtype)
    for i, offset in enumerate(offsets[:-1]):
        source = slice(first_values[i], first_values[i + 1])
        target = slice(offset, offset + source.stop - source.start)
        counts = np.diff(X.indptr[starts[i] : starts[i + 1] + 1])
        indices[target, 0] = np.repeat(np.arange(counts.size, dtype=np.int32), counts)
        indices[target, 1] = X.indices[source]
        values[target] = X.data[source]
    return Batches(
        indices=indices.ravel(),
        values=values,
        offsets=offsets,
        y=rows.y,
        sample_weight=rows.sample_weight,
        batch_size=np.asarray(batch_size, dtype=np.int64),
    )
