"""The forward pass in NumPy, against Keras's own functions."""

from itertools import pairwise

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import sparse

from sklearn_textnn.neural_network import _forward


@pytest.mark.parametrize("name", sorted(_forward.ACTIVATIONS))
def test_activation_equals_that_of_keras(name):
    x = np.linspace(-6, 6, 241, dtype=np.float32)
    ours = _forward.ACTIVATIONS[name](x.copy())
    assert ours.dtype == np.float32
    expected = keras.ops.convert_to_numpy(keras.activations.get(name)(x))
    assert_allclose(ours, expected, atol=1e-6)


def test_softmax_equals_that_of_keras_and_does_not_overflow():
    x = np.array([[1, 2, 3], [1000, 0, -1000], [-1000, -1001, -1002]], dtype=np.float32)
    expected = keras.ops.convert_to_numpy(keras.ops.softmax(x))
    assert_allclose(_forward.softmax(x), expected, atol=1e-6)


def test_no_hidden_layer_is_a_linear_model():
    X = np.eye(3, dtype=np.float32)
    coef, intercept = np.arange(3, dtype=np.float32)[:, None], np.ones(1, dtype=np.float32)
    assert_allclose(_forward.logits(X, [coef], [intercept], "relu"), [[1], [2], [3]])


@pytest.mark.parametrize("units", [(), (1,), (16, 16), (33,)])
@pytest.mark.parametrize("n_stages", [1, 3, 40])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("dense", [False, True])
def test_logits_of_stages_are_those_of_each_to_the_last_bit(units, n_stages, dtype, dense):
    rng = np.random.default_rng(0)
    X = sparse.random(203, 300, 0.1, format="csr", dtype=dtype, random_state=0)
    X = X.toarray() if dense else X
    shapes = [*pairwise([300, *units, 3])]
    stages = [
        [rng.normal(size=size).astype(dtype) for shape in shapes for size in (shape, shape[1])]
        for _ in range(n_stages)
    ]
    found = [*_forward.staged_logits(X, stages, "relu")]
    assert len(found) == n_stages
    for weights, logits in zip(stages, found, strict=True):
        expected = _forward.logits(X, weights[::2], weights[1::2], "relu")
        np.testing.assert_array_equal(logits, expected)
        assert logits.dtype == dtype
