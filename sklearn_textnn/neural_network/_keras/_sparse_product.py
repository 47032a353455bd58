"""The product of a sparse matrix with a dense one in TensorFlow."""

import tensorflow as tf

# TensorFlow multiplies a sparse matrix by 32 columns or more on a path that costs five times as
# much for each column; slices of 16 stay on the other path, and run side by side.
_COLUMNS = 16


def sparse_product(indices, values, shape, dense):
    """Return the product, computed in slices of the dense matrix's columns.

    Parameters
    ----------
    indices : tensor of int of shape (n_values, 2)
    values : tensor of shape (n_values,)
    shape : tensor of int64 of shape (2,)
        These three are the sparse matrix.
    dense : tensor of shape (n_rows, n_columns)

    Returns
    -------
    tensor
    """
    n_columns = dense.shape[1]
    widths = [min(_COLUMNS, n_columns - i) for i in range(0, n_columns, _COLUMNS)]
    columns = [
        tf.raw_ops.SparseTensorDenseMatMul(
            a_indices=indices, a_values=values, a_shape=shape, b=part
        )
        for part in (tf.split(dense, widths, axis=1) if len(widths) > 1 else [dense])
    ]
    return tf.concat(columns, axis=1) if len(widths) > 1 else columns[0]
