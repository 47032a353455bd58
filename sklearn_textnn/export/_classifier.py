"""What every exporter asks of the classifier that it converts."""

from ..neural_network._architecture import Architecture
from ..neural_network._base import BaseKerasTextClassifier

CLASSIFIERS = "a KerasBinaryReviewClassifier or KerasTopicClassifier"
"""The classifiers that can be converted, as error messages call them."""


def is_classifier(estimator):
    """Return whether `estimator` is one of the two classifiers, or of a subclass."""
    return isinstance(estimator, BaseKerasTextClassifier)


def check_not_overridden(estimator, cls, *methods):
    """Raise TypeError for a subclass with its own of these methods, which cannot be converted."""
    for name in methods:
        if getattr(type(estimator), name) is not getattr(cls, name):
            raise TypeError(
                f"{type(estimator).__name__} has its own {name}, which cannot be converted; fit an "
                f"estimator of a class that inherits {name}"
            )


def check_predictions(classifier):
    """Raise TypeError where a subclass predicts in its own way."""
    check_not_overridden(
        classifier, BaseKerasTextClassifier, "decision_function", "predict_proba", "predict"
    )


def check_classifier(estimator, for_a_pipeline):
    """Raise TypeError for any other estimator, and say what to do with a Pipeline."""
    if not is_classifier(estimator):
        raise TypeError(
            f"estimator is a {type(estimator).__name__}, and only {CLASSIFIERS} can be converted; "
            f"for a Pipeline, {for_a_pipeline}"
        )
    check_predictions(estimator)


def architecture_of(estimator):
    """Return the architecture of a fitted classifier's network."""
    return Architecture.from_plain(estimator._architecture)
