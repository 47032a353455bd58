"""Training curves and search results, as tables and as pictures."""

from ._epoch_search_display import EpochSearchDisplay
from ._training_curve import training_curve
from ._training_curve_display import TrainingCurveDisplay

__all__ = ["EpochSearchDisplay", "TrainingCurveDisplay", "training_curve"]
