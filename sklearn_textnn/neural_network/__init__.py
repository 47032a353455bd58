"""Classifiers: small dense Keras networks on sparse vectors."""

from ._binary_review import KerasBinaryReviewClassifier
from ._topic import KerasTopicClassifier

__all__ = ["KerasBinaryReviewClassifier", "KerasTopicClassifier"]
