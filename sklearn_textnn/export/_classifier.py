"""What every exporter asks of the classifier that it converts."""

from ..neural_network._base import _KerasTextClassifier

CLASSIFIERS = "a KerasBinaryReviewClassifier or KerasTopicClassifier"
"""The classifiers that can be converted, as error messages call them."""


def is_classifier(estimator):
    """Return whether `estimator` is one of the two classifiers, or of a subclass."""
    return isinstance(estimator, _KerasTextClassifier)


def check_classifier(estimator, for_a_pipeline):
    """Raise TypeError for any other estimator, and say what to do with a Pipeline."""
    if not is_classifier(estimator):
        raise TypeError(
            f"estimator is a {type(estimator).__name__}, and only {CLASSIFIERS} can be converted; "
            f"for a Pipeline, {for_a_pipeline}"
        )


def is_multilabel(estimator):
    """Return whether a fitted classifier has a sigmoid for each topic."""
    architecture = estimator._architecture
    return architecture["loss"] == "binary_crossentropy" and architecture["n_outputs"] > 1
