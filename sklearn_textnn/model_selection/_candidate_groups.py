"""Groups of candidates: those that differ in nothing but `epochs` can share one training."""

import struct
from numbers import Integral

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from .._pipelines import last_step
from ..neural_network import KerasBinaryReviewClassifier, KerasTopicClassifier

# No subclasses, which may train or score in their own way.
_CLASSIFIERS = (KerasBinaryReviewClassifier, KerasTopicClassifier)


class CandidateGroup:
    """Candidates that are evaluated together.

    Parameters
    ----------
    rows : list of int
        The positions of the candidates in the search.
    candidates : list of dict
        Their parameters.
    epochs_name : str, default=None
        The name of the parameter in which they differ. None where each is fitted by itself.
    """

    def __init__(self, rows, candidates, epochs_name=None):
        self.rows = rows
        self.candidates = candidates
        self.epochs_name = epochs_name

    @property
    def epochs(self):
        """The epochs of each candidate, in ascending order."""
        return [int(candidate[self.epochs_name]) for candidate in self.candidates]


def group_candidates(candidates, estimator):
    """Return the groups of a list of candidates, in the order of their first candidates."""
    path, _ = last_step(estimator)
    rows_by_key = {}
    for row, parameters in enumerate(candidates):
        name = _epochs_name(parameters, f"{path}epochs")
        rows_by_key.setdefault((name, key_without(parameters, name)), []).append(row)
    groups = []
    for (name, _), rows in rows_by_key.items():
        shared = []
        if len(rows) > 1 and can_share(estimator, candidates[rows[0]], name):
            shared = [row for row in rows if _is_number_of_epochs(candidates[row][name])]
        if len(shared) > 1:
            shared.sort(key=lambda row: candidates[row][name])
            groups.append(CandidateGroup(shared, [candidates[row] for row in shared], name))
            rows = [row for row in rows if row not in set(shared)]
        groups += [CandidateGroup([row], [candidates[row]]) for row in rows]
    return sorted(groups, key=lambda group: min(group.rows))


def key_without(parameters, name):
    """Return a hashable key of a candidate, which one that differs in `name` alone has too."""
    return _value_key({key: parameters[key] for key in sorted(parameters) if key != name})


def may_share(estimator):
    """Whether some candidates of a search over this estimator may share a training."""
    return type(estimator) in (Pipeline, *_CLASSIFIERS)


def count_epochs(group, estimator):
    """Return how many epochs the training of a group has at most; 1 if it has no epochs."""
    if group.epochs_name is not None:
        return group.epochs[-1]
    parameters = clone(group.candidates[-1], safe=False)
    try:
        _, last = last_step(clone(estimator).set_params(**parameters))
    except (TypeError, ValueError):  # the search raises it when it evaluates the candidate
        return 1
    epochs = getattr(last, "epochs", None)
    if not _is_number_of_epochs(epochs):
        return 1
    return int(epochs) * (2 if getattr(last, "epoch_selection", None) is not None else 1)


def _epochs_name(parameters, expected):
    """Return the name of the classifier's `epochs` among the parameters, or None."""
    if expected in parameters:
        return expected
    # Where the classifier is itself searched, it may be at the end of another path.
    names = [name for name in parameters if name == "epochs" or name.endswith("__epochs")]
    return names[0] if len(names) == 1 else None


def _is_number_of_epochs(value):
    return isinstance(value, Integral) and not isinstance(value, bool) and value >= 1


def can_share(estimator, parameters, name):
    """Whether training for fewer epochs is the beginning of this candidate's training.

    Parameters
    ----------
    estimator : estimator
        The estimator of the search.
    parameters : dict
        Those of the candidate.
    name : str or None
        The parameter that should be the epochs of the last step.
    """
    if name is None:
        return False
    others = {key: value for key, value in parameters.items() if key != name}
    try:
        candidate = clone(estimator).set_params(**clone(others, safe=False))
    except (TypeError, ValueError):  # the search raises it when it evaluates the candidate
        return False
    path, classifier = last_step(candidate)
    return (
        name == f"{path}epochs"
        and _has_plain_pipelines(candidate)
        and type(classifier) in _CLASSIFIERS
        and _trains_plainly(classifier)
    )


def _trains_plainly(classifier):
    """Whether the training ends after `epochs` and nothing else depends on them.

    Parameters are not validated yet, so nothing is asked of values of other types.
    """
    callbacks, early_stopping = classifier.callbacks, classifier.early_stopping
    return (
        (callbacks is None or (isinstance(callbacks, (list, tuple)) and not callbacks))
        and (isinstance(early_stopping, (bool, np.bool_)) and not early_stopping)
        and classifier.epoch_selection is None
        and classifier.stages is None
    )


def _has_plain_pipelines(estimator):
    """Whether the Pipelines around the last step are scikit-learn's own, not of a subclass."""
    while isinstance(estimator, Pipeline):
        if type(estimator) is not Pipeline:
            return False
        estimator = estimator.steps[-1][1]
    return True


def _value_key(value):
    """Return a hashable key: equal keys mean that a fit cannot tell the values apart.

    The type is part of the key, since 1, 1.0 and True are equal. Floats are compared by their
    bits, since 0.0 and -0.0 are equal. What is not known here is compared by identity.
    """
    kind = type(value)
    if value is None or kind in (bool, int, str, bytes, range):
        return kind, value
    if kind is float:
        return kind, struct.pack("d", value)
    if kind is complex:
        return kind, struct.pack("dd", value.real, value.imag)
    if kind in (list, tuple):
        return kind, tuple(map(_value_key, value))
    if kind is dict:
        return kind, tuple((_value_key(key), _value_key(item)) for key, item in value.items())
    if isinstance(value, np.generic) or kind is np.ndarray:
        return _array_key(value)
    if kind.__module__.startswith("keras.") and hasattr(value, "get_config"):
        return _keras_key(value)
    return "identity", id(value)


def _array_key(value):
    """Return the key of a NumPy array or scalar."""
    if not value.dtype.hasobject:
        return type(value), repr(value.dtype.descr), value.shape, value.tobytes()
    if type(value) is np.ndarray and value.dtype == object:
        return type(value), value.shape, tuple(map(_value_key, value.ravel().tolist()))
    return "identity", id(value)


def _keras_key(value):
    """Return the key of an object of a class of Keras, such as an optimizer.

    `fit` makes an optimizer of its own from this configuration. The name in it is made up by Keras.
    It takes a function or a schedule of a user's class, which gives the learning rate, as it is.
    """
    rate = getattr(value, "_learning_rate", None)
    if callable(rate) and not type(rate).__module__.startswith("keras."):
        return "identity", id(value)
    if getattr(value, "_exclude_from_weight_decay_pattern", None) is not None:
        return "identity", id(value)
    try:
        config = dict(value.get_config())
        config.pop("name", None)
        return type(value), _value_key(config)
    except Exception:  # the error is for `fit` to raise
        return "identity", id(value)
