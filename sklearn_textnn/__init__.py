"""Small dense Keras networks on multi-hot text, as scikit-learn estimators."""

from ._binary_review import KerasBinaryReviewClassifier
from ._multi_hot import MultiHotVectorizer
from ._topic import KerasTopicClassifier
from ._training_curve import TrainingCurveDisplay

__version__ = "0.1.0.dev0"

__all__ = [
    "KerasBinaryReviewClassifier",
    "KerasTopicClassifier",
    "MultiHotVectorizer",
    "TrainingCurveDisplay",
]
