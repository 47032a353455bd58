"""Small dense Keras networks on multi-hot text, as scikit-learn estimators."""

from importlib import import_module

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
    "datasets",
]


def __getattr__(name):
    if name == "datasets":  # imported when it is first asked for
        return import_module(".datasets", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
