"""The forward pass in NumPy, against Keras's own functions."""

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose

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
