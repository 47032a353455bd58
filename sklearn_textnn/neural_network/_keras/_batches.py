"""The batches of an epoch, as the arrays that TensorFlow walks."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from ._runtime import DEVICE

# TensorFlow takes a slice without copying it when it begins and ends at a multiple of 64 bytes.
_ALIGNED_VALUES = 16


class Batches(NamedTuple):
    """Rows cut into batches.

    `indices` holds row (within its batch) and column of each value in turn. Batch i has the values
    from `offsets[i]` to `offsets[i + 1]`, the last of them zeros at (0, 0) that fill it up.
    """

    indices: np.ndarray
    values: np.ndarray
    offsets: np.ndarray
    y: np.ndarray
    sample_weight: np.ndarray
    batch_size: np.ndarray

    @property
    def n_batches(self):
        """The number of batches."""
        return self.offsets.shape[0] - 1

    def as_tensors(self):
        """Return the batches with tensors in the place of arrays, without a copy."""
        with tf.device(DEVICE):  # by name, since another thread does not inherit the device
            return Batches(*map(tf.constant, self))


def cut_batches(rows, batch_size):
    """Return rows as batches, in the order in which they stand.

    Parameters
    ----------
    rows : Rows
    batch_size : int

    Returns
    -------
    Batches
    """
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


def batches_signature(architecture):
    """Return the types and shapes of the tensors of batches.

    Parameters
    ----------
    architecture : Architecture

    Returns
    -------
    Batches of tf.TensorSpec
    """
    dtype = architecture.dtype
    topics = tf.TensorSpec([None, architecture.n_outputs], tf.uint8)
    return Batches(
        indices=tf.TensorSpec([None], tf.int32),
        values=tf.TensorSpec([None], dtype),
        offsets=tf.TensorSpec([None], tf.int64),
        y=topics if architecture.multilabel else tf.TensorSpec([None], tf.int32),
        sample_weight=tf.TensorSpec([None], dtype),
        batch_size=tf.TensorSpec([], tf.int64),
    )
