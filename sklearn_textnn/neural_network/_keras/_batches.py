"""The batches of an epoch, as the arrays that TensorFlow walks."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from ._runtime import DEVICE

# TensorFlow takes a slice without copying it when it begins and ends at a multiple of 64 bytes.
_ALIGNED_VALUES = 16

# To gather, update and scatter a row costs several times as much as to update it among all.
_COLUMNS_FOR_A_NON_ZERO = 4


class Batches(NamedTuple):
    """Rows cut into batches.

    `indices` holds row (within its batch) and column of each value in turn. Batch i has the values
    from `offsets[i]` to `offsets[i + 1]`, the last of them zeros at (0, 0) that fill it up.

    With columns of their own, batch i has only those from `column_offsets[i]` to
    `column_offsets[i + 1]` of `columns`, and `indices` counts among them. Else `columns` is empty.
    """

    indices: np.ndarray
    values: np.ndarray
    offsets: np.ndarray
    y: np.ndarray
    sample_weight: np.ndarray
    batch_size: np.ndarray
    columns: np.ndarray
    column_offsets: np.ndarray

    @property
    def n_batches(self):
        """The number of batches."""
        return self.offsets.shape[0] - 1

    def as_tensors(self):
        """Return the batches with tensors in the place of arrays, without a copy."""
        with tf.device(DEVICE):  # by name, since another thread does not inherit the device
            return Batches(*map(tf.constant, self))


def touches_few_columns(X, batch_size):
    """Whether a batch has non-zeros in so few columns that it pays to number them.

    Parameters
    ----------
    X : CSR of shape (n_rows, n_features)
    batch_size : int
    """
    n_rows, n_features = X.shape
    of_a_batch = X.nnz / n_rows * min(batch_size, n_rows)
    return _COLUMNS_FOR_A_NON_ZERO * of_a_batch < n_features


def cut_batches(rows, batch_size, own_columns=False):
    """Return rows as batches, in the order in which they stand.

    Parameters
    ----------
    rows : Rows
    batch_size : int
    own_columns : bool, default=False
        Number the columns of each batch by themselves.

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
    columns, column_offsets = [np.empty(0, dtype=np.int32)], [0]
    if own_columns:
        numbers = np.empty(X.shape[1], dtype=np.int32)
        for start, stop in pairwise(offsets):
            columns.append(_number(indices[start:stop, 1], numbers))
            column_offsets.append(column_offsets[-1] + len(columns[-1]))
    return Batches(
        indices=indices.ravel(),
        values=values,
        offsets=offsets,
        y=rows.y,
        sample_weight=rows.sample_weight,
        batch_size=np.asarray(batch_size, dtype=np.int64),
        columns=np.concatenate(columns),
        column_offsets=np.array(column_offsets, dtype=np.int64),
    )


def _number(columns, numbers):
    """Replace columns by numbers from 0 on in place, and return the distinct columns.

    `numbers` has room for a number of each column, and may hold anything. There is at least one
    column, since TensorFlow multiplies no matrix without columns.
    """
    if not len(columns):
        return np.zeros(1, dtype=np.int32)
    positions = np.arange(len(columns), dtype=np.int32)
    numbers[columns] = positions  # the last assignment stays
    distinct = columns[numbers[columns] == positions]
    numbers[distinct] = np.arange(len(distinct), dtype=np.int32)
    columns[:] = numbers[columns]
    return distinct


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
        columns=tf.TensorSpec([None], tf.int32),
        column_offsets=tf.TensorSpec([None], tf.int64),
    )
