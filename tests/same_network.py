"""What "the same network" means: every weight and bias, to the last bit."""

from numpy.testing import assert_array_equal


def assert_same_network(a, b):
    """Compare the weights and biases of two fitted classifiers, all of them and exactly."""
    for name in ("coefs_", "intercepts_"):
        of_a, of_b = getattr(a, name), getattr(b, name)
        assert len(of_a) == len(of_b), name
        for layer, (first, second) in enumerate(zip(of_a, of_b, strict=True)):
            assert first.dtype == second.dtype, (name, layer)
            assert_array_equal(first, second, err_msg=f"{name}[{layer}]", strict=True)
