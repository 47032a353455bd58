"""Training curves and search results, as tables and as pictures."""

from ._epoch_search_display import EpochSearchDisplay
from ._training_curve import TrainingCurveDisplay

__all__ = ["EpochSearchDisplay", "TrainingCurveDisplay"]
