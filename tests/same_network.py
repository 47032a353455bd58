"""What "the same network" means: every weight and bias, to the last bit."""

from numpy.testing import assert_allclose, assert_array_equal


def assert_same_network(a, b):
    """Compare the weights and biases of two fitted classifiers, all of them and exactly."""
    for where, first, second in _layers_of_both(a, b):
        assert first.dtype == second.dtype, where
        assert_array_equal(first, second, err_msg=where, strict=True)


def assert_close_networks(a, b, atol):
    """Compare the weights and biases of two fitted classifiers, all of them within `atol`."""
    for where, first, second in _layers_of_both(a, b):
        assert_allclose(first, second, rtol=0, atol=atol, err_msg=where)


def _layers_of_both(a, b):
    """Yield the name of each array and the two arrays."""
    for name in ("coefs_", "intercepts_"):
        of_a, of_b = getattr(a, name), getattr(b, name)
        assert len(of_a) == len(of_b), name
        for layer, (first, second) in enumerate(zip(of_a, of_b, strict=True)):
            yield f"{name}[{layer}]", first, second
