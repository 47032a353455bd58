"""Training curves, search results and explanations, as tables and as pictures."""

from ._epoch_search_display import EpochSearchDisplay
from ._training_curve import training_curve
from ._training_curve_display import TrainingCurveDisplay
from ._word_contribution_display import WordContributionDisplay
from ._word_contributions import word_contributions

__all__ = [
    "EpochSearchDisplay",
    "TrainingCurveDisplay",
    "WordContributionDisplay",
    "training_curve",
    "word_contributions",
]
