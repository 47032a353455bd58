"""Which of the two kinds of targets y holds: labels or indicators."""

import numpy as np
from sklearn.utils.multiclass import unique_labels

from ._indicators import Indicators
from ._labels import Labels


def learned_targets(y, form):
    """Return the targets that y of this form holds."""
    return Labels.learn(y) if form.n_columns is None else Indicators.learn(y, form)


def declared_targets(classes, y, form):
    """Return the targets that the `classes` of `partial_fit` declare for y of this form.

    Raises
    ------
    ValueError
        If `classes` is empty, or does not fit y.
    """
    if np.size(classes) == 0:
        raise ValueError("classes is empty; pass every label that will occur in y")
    if form.n_columns is None:
        return Labels(unique_labels(classes))
    return Indicators.learn(y, form, classes)


def known_targets(classes, plain):
    """Return targets from their `classes` and `plain`, as a fitted estimator keeps them."""
    return Labels(classes) if plain is None else Indicators(classes, **plain)
