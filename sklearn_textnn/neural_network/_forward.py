"""The forward pass of a dense network in NumPy and SciPy: predictions need no TensorFlow."""

import numpy as np
from scipy import special
from scipy.sparse import issparse
from sklearn.utils.extmath import safe_sparse_dot

# Keras's constants: `negative_slope` of leaky_relu, and scale and alpha of selu (Klambauer et al.,
# 2017).
LEAKY_SLOPE = 0.2
_SELU_SCALE = 1.0507009873554805
_SELU_ALPHA = 1.6732632423543772

# Of the networks that share a product, so that it does not need much memory.
_COLUMNS_OF_A_PRODUCT = 512


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
    first = safe_sparse_dot(X, coefs[0], dense_output=True)
    return after_first_product(first, coefs, intercepts, activation)


def staged_logits(X, stages, activation):
    """Yield what `logits` returns for several networks of the same shape, to the last bit.

    Their products with sparse rows are one product. Each of its columns adds in the same order as
    in a product of its own, which need not be so for dense rows.

    Parameters
    ----------
    X : {ndarray, sparse matrix} of shape (n_samples, n_features)
    stages : list of list of ndarray
        Kernels and biases in turn, for each network.
    activation : str
        The activation of the hidden layers, a key of `ACTIVATIONS`.

    Yields
    ------
    ndarray of shape (n_samples, n_outputs)
    """
    if not issparse(X):
        for weights in stages:
            yield logits(X, weights[::2], weights[1::2], activation)
        return
    width = stages[0][0].shape[1]
    n_together = max(_COLUMNS_OF_A_PRODUCT // width, 1)
    for start in range(0, len(stages), n_together):
        part = stages[start : start + n_together]
        product = safe_sparse_dot(X, np.hstack([weights[0] for weights in part]), dense_output=True)
        for number, weights in enumerate(part):
            first = np.ascontiguousarray(product[:, number * width : (number + 1) * width])
            yield after_first_product(first, weights[::2], weights[1::2], activation)


def after_first_product(x, coefs, intercepts, activation):
    """Return what `logits` returns, from the product of the rows and the first kernel.

    Parameters
    ----------
    x : ndarray of shape (n_samples, n_units)
        The product. It is overwritten.
    coefs, intercepts, activation
        As in `logits`. The first kernel is not used again.

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
    """
    hidden = ACTIVATIONS[activation]
    x += intercepts[0]
    for coef, intercept in zip(coefs[1:], intercepts[1:], strict=True):
        x = safe_sparse_dot(hidden(x), coef, dense_output=True)
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
