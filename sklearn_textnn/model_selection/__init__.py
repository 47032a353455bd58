"""Searches in which candidates that differ only in `epochs` share one training."""

from ._epoch_halving import EpochHalvingRandomSearchCV, EpochHalvingSearchCV
from ._epoch_search import EpochGridSearchCV, EpochRandomizedSearchCV

__all__ = [
    "EpochGridSearchCV",
    "EpochHalvingRandomSearchCV",
    "EpochHalvingSearchCV",
    "EpochRandomizedSearchCV",
]
