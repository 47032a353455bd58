"""Small dense Keras networks on multi-hot text, as scikit-learn estimators."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ._version import __version__ as __version__
from .feature_extraction import LogCountRatioTransformer, MultiHotVectorizer
from .inspection import (
    EpochSearchDisplay,
    TrainingCurveDisplay,
    WordContributionDisplay,
    training_curve,
    word_contributions,
)
from .neural_network import KerasBinaryReviewClassifier, KerasTopicClassifier

# For `skops.io.load(file, trusted=TRUSTED_TYPES)`. Loading these classes and predicting with them
# runs nothing that a file brings along. skops judges everything else in a file by itself.
TRUSTED_TYPES: list[str] = [
    f"{cls.__module__}.{cls.__qualname__}"
    for cls in (
        KerasBinaryReviewClassifier,
        KerasTopicClassifier,
        LogCountRatioTransformer,
        MultiHotVectorizer,
    )
]
# The searches, and what a fitted one holds besides its estimators. They are not imported here.
TRUSTED_TYPES += [
    "sklearn_textnn.model_selection._epoch_halving.EpochHalvingRandomSearchCV",
    "sklearn_textnn.model_selection._epoch_halving.EpochHalvingSearchCV",
    "sklearn_textnn.model_selection._epoch_search.EpochGridSearchCV",
    "sklearn_textnn.model_selection._epoch_search.EpochRandomizedSearchCV",
    "builtins.range",
    "sklearn.metrics._scorer._PassthroughScorer",
    "sklearn.model_selection._split.KFold",
    "sklearn.model_selection._split.StratifiedKFold",
    "sklearn.model_selection._split._CVIterableWrapper",
    "sklearn.utils._metadata_requests.MetadataRequest",
    "sklearn.utils._metadata_requests.MethodMetadataRequest",
]

__all__ = [
    "TRUSTED_TYPES",
    "EpochGridSearchCV",
    "EpochHalvingRandomSearchCV",
    "EpochHalvingSearchCV",
    "EpochRandomizedSearchCV",
    "EpochSearchDisplay",
    "KerasBinaryReviewClassifier",
    "KerasTopicClassifier",
    "LogCountRatioTransformer",
    "MultiHotVectorizer",
    "TrainingCurveDisplay",
    "WordContributionDisplay",
    "datasets",
    "show_versions",
    "to_keras",
    "to_onnx",
    "to_scikeras",
    "training_curve",
    "word_contributions",
]


if TYPE_CHECKING:
    from . import datasets as datasets
    from . import layers as layers
    from ._show_versions import show_versions
    from .export import to_keras, to_onnx, to_scikeras
    from .model_selection import (
        EpochGridSearchCV,
        EpochHalvingRandomSearchCV,
        EpochHalvingSearchCV,
        EpochRandomizedSearchCV,
    )

# Imported when first asked for: predictions do not need them, and each takes time.
_LAZY = {
    "EpochGridSearchCV": "model_selection",
    "EpochHalvingRandomSearchCV": "model_selection",
    "EpochHalvingSearchCV": "model_selection",
    "EpochRandomizedSearchCV": "model_selection",
    "show_versions": "_show_versions",
    "to_keras": "export",
    "to_onnx": "export",
    "to_scikeras": "export",
}


if not TYPE_CHECKING:  # a type checker finds misspelled names

    def __getattr__(name):
        if name in ("datasets", "layers"):
            return import_module(f".{name}", __name__)
        if name in _LAZY:
            return getattr(import_module(f".{_LAZY[name]}", __name__), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__, "layers"})
