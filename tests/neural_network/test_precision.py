"""The precision of X is kept, whatever holds it."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from planted import planted_classes
from same_network import assert_same_network

from sklearn_textnn import KerasBinaryReviewClassifier

X, Y = planted_classes(60, 2, 0)
DENSE = X.toarray().astype(np.float64) / 3


def fit(X):
    return KerasBinaryReviewClassifier(units=8, epochs=2, random_state=0).fit(X, Y)


def pandas_extension(X):
    return pd.DataFrame(X).astype("Float64")


def pandas_sparse(X):
    return pd.DataFrame.sparse.from_spmatrix(sp.csr_matrix(X))


def one_column_of_integers(X):
    frame = pd.DataFrame(X)
    frame[0] = frame[0].astype(int)
    return frame


def polars(X):
    return pytest.importorskip("polars").DataFrame(X)


@pytest.mark.parametrize("frame", [pd.DataFrame, pandas_extension, pandas_sparse, polars])
def test_float64_is_kept_in_data_frames(frame):
    of_array, of_frame = fit(DENSE), fit(frame(DENSE))
    assert {array.dtype.name for array in of_array.coefs_} == {"float64"}
    assert_same_network(of_frame, of_array)
    # Predictions see every digit, too: rounded to float32 they would be others.
    expected = of_array.decision_function(sp.csr_array(DENSE))
    np.testing.assert_allclose(of_frame.decision_function(frame(DENSE)), expected, rtol=1e-12)


def test_one_column_of_float64_is_enough():
    assert fit(one_column_of_integers(DENSE)).coefs_[0].dtype == np.float64


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.int64, np.uint8, bool])
@pytest.mark.parametrize("container", [np.asarray, pd.DataFrame, sp.csr_array])
def test_anything_else_becomes_float32(dtype, container):
    if container is sp.csr_array and dtype is np.float16:
        pytest.skip("SciPy has no sparse matrices of float16")
    assert fit(container(X.toarray().astype(dtype))).coefs_[0].dtype == np.float32
