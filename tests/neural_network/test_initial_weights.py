"""The weights before the first epoch, against one call of NumPy's generator for each kernel."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sklearn_textnn.neural_network._training_state import InitialWeights


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n_features", [3, 2_503])  # 1,001,200 numbers are more than a chunk
def test_initial_weights_are_those_of_glorot_uniform(n_features, dtype):
    first, bias, second, _ = InitialWeights([n_features, 400, 2], np.dtype(dtype), seed=7).draw()
    generator = np.random.default_rng(7)
    for kernel, fan_in, fan_out in ((first, n_features, 400), (second, 400, 2)):
        limit = np.sqrt(6 / (fan_in + fan_out))
        expected = generator.uniform(-limit, limit, size=(fan_in, fan_out))
        assert kernel.dtype == dtype
        assert_array_equal(kernel, expected.astype(dtype))
    assert not bias.any()
