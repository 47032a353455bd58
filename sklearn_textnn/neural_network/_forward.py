"""The forward pass of a dense network in NumPy and SciPy: predictions need no TensorFlow."""

import numpy as np
from scipy import special
from sklearn.utils.extmath import safe_sparse_dot

# Keras's constants: `negative_slope` of leaky_relu, and scale and alpha of selu (Klambauer et al.,
# 2017).
LEAKY_SLOPE = 0.2
_SELU_SCALE = 1.0507009873554805
_SELU_ALPHA = 1.6732632423543772


def _relu(x):
    return np.maximum(x, 0, out=x)


def _elu(x):
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


ACTIVATIONS = {
    "elu": _elu,
    "gelu": lambda x: x * special.ndtr(x),
    "leaky_relu": lambda x: np.where(x > 0, x, LEAKY_SLOPE * x),
    "linear": lambda x: x,
    "relu": _relu,
    "selu": lambda x: _SELU_SCALE * np.where(x > 0, x, _SELU_ALPHA * np.expm1(np.minimum(x, 0))),
    "sigmoid": special.expit,
    "silu": lambda x: x * special.expit(x),
    "softplus": lambda x: np.logaddexp(x, x.dtype.type(0)),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "tanh": np.tanh,
}
"""Keras's activations by name, each as a function of an array that it may overwrite."""


def logits(X, coefs, intercepts, activation):
    """Return what the last layer gives before its sigmoid or softmax.

    Parameters
    ----------
    X : {ndarray, sparse matrix} of shape (n_samples, n_features)
    coefs : list of ndarray of shape (fan_in, fan_out)
    intercepts : list of ndarray of shape (fan_out,)
    activation : str
        The activation of the hidden layers, a key of `ACTIVATIONS`.

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
    """
    hidden = ACTIVATIONS[activation]
    x = X
    for layer, (coef, intercept) in enumerate(zip(coefs, intercepts, strict=True)):
        x = safe_sparse_dot(x if layer == 0 else hidden(x), coef, dense_output=True)
        x += intercept
    return x


def softmax(x):
    """Return the softmax of each row of `x`."""
    e = np.exp(x - x.max(axis=1, keepdims=True))
    e /= e.sum(axis=1, keepdims=True)
    return e


def log_softmax(x):
    """Return the logarithm of the softmax of each row of `x`, exact where that rounds to 0."""
    return special.log_softmax(x, axis=1)


sigmoid = special.expit

log_sigmoid = special.log_expit
"""The logarithm of the sigmoid, exact where that rounds to 0."""
