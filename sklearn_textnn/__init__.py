"""Small dense Keras networks on multi-hot text, as scikit-learn estimators."""

from importlib import import_module

from ._binary_review import KerasBinaryReviewClassifier
from ._epoch_search_display import EpochSearchDisplay
from ._multi_hot import MultiHotVectorizer
from ._topic import KerasTopicClassifier
from ._training_curve import TrainingCurveDisplay

__version__ = "0.1.0.dev0"

# For `skops.io.load(file, trusted=TRUSTED_TYPES)`. To load and to predict, these classes run
# nothing that a file could bring along; of all else in a file, skops judges by itself.
TRUSTED_TYPES = [
    f"{cls.__module__}.{cls.__qualname__}"
    for cls in (KerasBinaryReviewClassifier, KerasTopicClassifier, MultiHotVectorizer)
]

__all__ = [
    "TRUSTED_TYPES",
    "EpochGridSearchCV",
    "EpochRandomizedSearchCV",
    "EpochSearchDisplay",
    "KerasBinaryReviewClassifier",
    "KerasTopicClassifier",
    "MultiHotVectorizer",
    "TrainingCurveDisplay",
    "datasets",
    "to_keras",
    "to_onnx",
    "to_scikeras",
]


# Imported when they are first asked for: prediction needs none of them, and each costs time.
_LAZY = {
    "EpochGridSearchCV": "_epoch_search",
    "EpochRandomizedSearchCV": "_epoch_search",
    "to_keras": "_to_keras",
    "to_onnx": "_to_onnx",
    "to_scikeras": "_to_scikeras",
}


def __getattr__(name):
    if name in ("datasets", "layers"):
        return import_module(f".{name}", __name__)
    if name in _LAZY:
        return getattr(import_module(f".{_LAZY[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *__all__])
