"""What a classifier that was loaded must look like: all attributes that `fit` sets, and whole."""

from numbers import Integral, Real

import numpy as np

from .._sklearn_compat import Interval, StrOptions
from ._architecture import Architecture
from ._training_state import check_training_state, check_weights, interleave

# What `fit` sets, all of it or nothing.
LEARNED = {
    "classes_": [np.ndarray],
    "coefs_": [list],
    "intercepts_": [list],
    "history_": [dict],
    "n_iter_": [Interval(Integral, 0, None, closed="left")],
    "best_epoch_": [Interval(Integral, 1, None, closed="left"), None],
    "_architecture": [dict],
    "_training_state": [dict],
}

# Booleans, integers, floats, strings, dates, objects. `fit` takes no other labels.
_KINDS_OF_LABELS = "biufUMmO"

# What `fit` sets for some data and parameters only.
SOMETIMES_LEARNED = {
    "stages_": [np.ndarray],
    "_stage_weights": [dict],
    "_target_form": [dict],
    "_replaced_by": [StrOptions({"callbacks", "early_stopping", "epoch_selection"})],
}


def check_loaded_classifier(classifier, targets):
    """Raise ValueError where learned attributes are damaged, or do not belong together.

    Parameters
    ----------
    classifier : BaseKerasTextClassifier
    targets : Labels or Indicators
        As its attributes describe them.
    """
    architecture = Architecture.from_plain(classifier._architecture)
    _check_classes(classifier.classes_)
    targets.check_loaded(architecture)
    sizes = architecture.n_features, architecture.n_outputs
    if sizes != (classifier.n_features_in_, classifier._n_outputs(targets)):
        raise ValueError("there are more or fewer features or classes than the network has")
    if architecture.loss not in (classifier._loss(targets), _other_loss(classifier._loss(targets))):
        raise ValueError(f"{type(classifier).__name__} is not trained with {architecture.loss}")
    check_weights(interleave(classifier.coefs_, classifier.intercepts_), architecture)
    check_training_state(classifier._training_state, architecture)
    _check_history(classifier)
    _check_stages(classifier, architecture)


def _other_loss(loss):
    """Return the other one of two losses that leave the same kind of network."""
    pair = ("categorical_crossentropy", "sparse_categorical_crossentropy")
    return pair[loss == pair[0]] if loss in pair else loss


def _check_classes(classes):
    if classes.ndim != 1 or classes.dtype.kind not in _KINDS_OF_LABELS:
        raise ValueError("the classes are not an array of labels")
    if classes.dtype.kind == "O" and not all(
        isinstance(label, (str, Integral, Real)) for label in classes
    ):
        raise ValueError("the classes are not all strings or numbers")


def _check_history(classifier):
    n_iter, history = classifier.n_iter_, classifier.history_
    if n_iter != classifier._training_state["epoch"]:
        raise ValueError("n_iter_ is not the number of epochs that the state of training has")
    names = {"loss", "accuracy"}, {"loss", "accuracy", "val_loss", "val_accuracy"}
    if not isinstance(history, dict) or (history and set(history) not in names):
        raise ValueError("history_ has other entries than those of training")
    lengths = {len(values) if isinstance(values, list) else -1 for values in history.values()}
    if len(lengths) > 1 or not all(
        type(value) is float for values in history.values() for value in values
    ):
        raise ValueError("history_ does not hold one float for each epoch")
    best = classifier.best_epoch_
    if best is not None and not (type(best) is int and 1 <= best <= max(lengths, default=0)):
        raise ValueError(f"best_epoch_ cannot be {best!r}")


def _check_stages(classifier, architecture):
    kept = getattr(classifier, "_stage_weights", {})
    epochs = getattr(classifier, "stages_", np.array([], dtype=int))
    if epochs.dtype.kind != "i" or epochs.ndim != 1 or [*kept] != epochs.tolist():
        raise ValueError("the weights kept are not those of the epochs in stages_")
    for weights in kept.values():
        check_weights(weights, architecture)
