"""Weights of classes and topics in training."""

from numbers import Real

import numpy as np

# Sums of weights of this range are exact enough in float32.
_SMALLEST, _LARGEST = 1e-20, 1e20


def check_class_weight(class_weight, classes):
    """Raise ValueError where a dict of weights does not fit the classes.

    Parameters
    ----------
    class_weight : dict, "balanced" or None
    classes : ndarray of shape (n_classes,)
    """
    if not isinstance(class_weight, dict):
        return
    check_class_weight_values(class_weight)
    classes = set(classes.tolist())
    unknown = set(class_weight) - classes
    if unknown and not classes <= set(class_weight):  # scikit-learn takes more than all classes
        raise ValueError(
            f"class_weight has weights for {sorted(unknown, key=str)}, which are not among the "
            f"classes {sorted(classes)}"
        )


def check_class_weight_values(class_weight):
    """Raise ValueError where the values of a dict are no weights."""
    if not all(isinstance(w, Real) and 0 <= w < np.inf for w in class_weight.values()):
        raise ValueError(
            f"the values of class_weight must be finite and not negative; got {class_weight}"
        )


def balanced_weights(totals):
    """Return weights inversely proportional to the total weight of each class.

    The method is that of :func:`~sklearn.utils.class_weight.compute_class_weight`, over the classes
    that occur.

    Parameters
    ----------
    totals : ndarray of shape (..., n_classes)
        Sum of the `sample_weight` of the rows of each class.

    Returns
    -------
    ndarray of shape (..., n_classes)
    """
    n_classes = np.count_nonzero(totals, axis=-1, keepdims=True)
    mean = totals.sum(axis=-1, keepdims=True) / n_classes
    return np.divide(mean, totals, out=np.ones_like(totals), where=totals > 0)


def check_weight_range(weight, name):
    """Raise ValueError where weights cannot be trained with.

    Parameters
    ----------
    weight : ndarray
        All weights of a training, or the smallest and the largest that are not zero.
    name : str
        What the weights are, for the message.
    """
    weight = weight[weight > 0]
    if not weight.size:
        raise ValueError(f"{name} is zero for every row; at least one class needs weight")
    if weight.min() < _SMALLEST or weight.max() > _LARGEST:
        raise ValueError(
            f"{name} must be 0 or from {_SMALLEST:g} to {_LARGEST:g}, for sums of weights to be "
            f"exact enough; it goes from {weight.min():.3g} to {weight.max():.3g}. Only ratios of "
            "weights matter, so divide them by their mean"
        )
