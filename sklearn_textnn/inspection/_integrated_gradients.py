"""Integrated gradients of logits on the line from the empty document to a document.

M. Sundararajan, A. Taly and Q. Yan, "Axiomatic Attribution for Deep Networks", ICML 2017.

On a piece of the line, the slope of a unit is the change of its output divided by the change of its
input. The product of the slopes along all paths to the logit is the mean gradient of the piece if
the units of all layers but the last hidden one have a constant slope there. It always has the
property that the changes of the inputs, times it, add up to the change of the logit.
"""

import numpy as np

from ..neural_network._forward import ACTIVATIONS, LEAKY_SLOPE

# Activations of two straight lines that meet at 0, and the slope of the one on the left.
_SLOPE_BELOW_0 = {"leaky_relu": LEAKY_SLOPE, "relu": 0.0}

# Slopes of other activations are taken over at least this change of the input, so that rounding
# does not show.
_LEAST_CHANGE = 1e-7

# For these: in how many pieces to begin with, when to stop cutting a piece in two, and its
# least length.
_N_PIECES = 8
_TOLERANCE = 1e-7
_LEAST_LENGTH = 2.0**-24


def integrated_gradients(network, products, rows, columns, values, growth=None):
    """Return the integrated gradients of the logits with respect to each word.

    Parameters
    ----------
    network : LogitNetwork
    products : ndarray of shape (n_documents, n_units)
        The documents times the first kernel.
    rows, columns, values : ndarray of shape (n_words,)
        The words of the documents, as entries of a sparse matrix.
    growth : None
        Not used.

    Returns
    -------
    ndarray of shape (n_words, n_outputs)
    """
    kernel = network.coefs[0].take(columns, axis=0)
    kernel *= values[:, None]
    gradients = _mean_gradients(network, products)
    of_outputs = [np.einsum("ij,ij->i", kernel, each.take(rows, axis=0)) for each in gradients]
    return np.column_stack(of_outputs)


def _mean_gradients(network, products):
    """Return the mean gradients with respect to the inputs of the first layer's units.

    Their shape is (n_outputs, n_documents, n_units).
    """
    n_hidden = len(network.coefs) - 1
    if n_hidden == 0:
        return np.repeat(np.eye(products.shape[1])[:, None], len(products), axis=1)
    if n_hidden == 1 or network.activation == "linear":
        documents = np.arange(len(products))
        return _gradients(network, products, documents, np.zeros(len(products)), 1.0)
    if network.activation in _SLOPE_BELOW_0:
        return _between_kinks(network, products)
    return _by_halves(network, products)


def _between_kinks(network, products):
    """Cut the line of each document where the slope of a unit changes; this is exact."""
    n_documents = len(products)
    documents = np.repeat(np.arange(n_documents), 2)
    ends = np.tile([0.0, 1.0], n_documents)
    for layer in range(len(network.coefs) - 2):
        inputs = _inputs_of_units(network, products, documents, ends)[layer]
        before, after = inputs[:-1], inputs[1:]
        crosses = (before < 0) != (after < 0)
        crosses[documents[:-1] != documents[1:]] = False
        piece, unit = np.nonzero(crosses)
        before, after = before[piece, unit], after[piece, unit]
        kinks = ends[piece] + before / (before - after) * (ends[piece + 1] - ends[piece])
        documents = np.append(documents, documents[piece])
        ends = np.append(ends, kinks)
        order = np.lexsort((ends, documents))
        documents, ends = documents[order], ends[order]
    inside = documents[:-1] == documents[1:]
    documents, starts, stops = documents[:-1][inside], ends[:-1][inside], ends[1:][inside]
    gradients = _gradients(network, products, documents, starts, stops)
    gradients *= (stops - starts)[:, None]
    return np.add.reduceat(gradients, np.searchsorted(documents, np.arange(n_documents)), axis=1)


def _by_halves(network, products):
    """Cut the line of each document in two, again and again, until the mean gradient stays.

    The error of a piece is of the third order of its length, so that it is estimated and removed
    by comparison with the two halves.
    """
    n_documents = len(products)
    documents = np.repeat(np.arange(n_documents), _N_PIECES)
    starts = np.tile(np.arange(_N_PIECES) / _N_PIECES, n_documents)
    length = 1 / _N_PIECES
    whole = length * _gradients(network, products, documents, starts, starts + length)
    total = np.zeros((len(whole), *products.shape))
    while len(documents):
        length /= 2
        middles = starts + length
        first = length * _gradients(network, products, documents, starts, middles)
        second = length * _gradients(network, products, documents, middles, middles + length)
        difference = first + second - whole
        largest = np.abs(whole).max(axis=(0, 2)) / (2 * length)
        done = np.abs(difference).max(axis=(0, 2)) <= _TOLERANCE * np.maximum(1, largest)
        if length < _LEAST_LENGTH:
            done[:] = True
        improved = (first + second + difference / 3)[:, done]
        of, first_piece = np.unique(documents[done], return_index=True)
        if of.size:
            total[:, of] += np.add.reduceat(improved, first_piece, axis=1)
        left = ~done
        documents = np.repeat(documents[left], 2)
        starts = np.column_stack([starts[left], middles[left]]).ravel()
        whole = np.stack([first[:, left], second[:, left]], axis=2)
        whole = whole.reshape(len(total), -1, products.shape[1])
    return total


def _gradients(network, products, documents, starts, stops):
    """Return the mean gradients of pieces of the lines, from the slopes of the units.

    Their shape is (n_outputs, n_pieces, n_units).
    """
    before = _inputs_of_units(network, products, documents, starts)
    after = _inputs_of_units(network, products, documents, stops)
    gradients = network.coefs[-1].T[:, None]
    for layer in reversed(range(len(before))):
        gradients = _slopes(before[layer], after[layer], network.activation) * gradients
        if layer:
            gradients = gradients @ network.coefs[layer].T
    return gradients


def _inputs_of_units(network, products, documents, ends):
    """Return the inputs of the units of each hidden layer, at points of the lines."""
    activation = ACTIVATIONS[network.activation]
    inputs = products[documents] * np.reshape(ends, (-1, 1)) + network.intercepts[0]
    of_layers = [inputs]
    for coef, intercept in zip(network.coefs[1:-1], network.intercepts[1:-1], strict=True):
        inputs = activation(inputs.copy()) @ coef + intercept
        of_layers.append(inputs)
    return of_layers


def _slopes(before, after, activation):
    """Return the change of the units' outputs divided by the change of their inputs."""
    if activation in _SLOPE_BELOW_0:
        slope = _SLOPE_BELOW_0[activation]
        return slope + (1 - slope) * _share_above_0(before, after)
    activation = ACTIVATIONS[activation]
    change = after - before
    narrow = np.abs(change) < _LEAST_CHANGE
    if narrow.any():
        middle = (before[narrow] + after[narrow]) / 2
        before, after = before.copy(), after.copy()
        before[narrow] = middle - _LEAST_CHANGE / 2
        after[narrow] = middle + _LEAST_CHANGE / 2
        change = after - before
    return (activation(after.copy()) - activation(before.copy())) / change


def _share_above_0(before, after):
    """Return the share of the way from one number to another that is above 0."""
    low, high = np.minimum(before, after), np.maximum(before, after)
    share = (high > 0).astype(np.float64)
    return np.divide(high, high - low, out=share, where=(low < 0) & (high > 0))
