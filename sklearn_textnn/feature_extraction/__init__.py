"""From documents to vectors: zeros and ones, and weights of their columns."""

from ._log_count_ratio import LogCountRatioTransformer
from ._multi_hot import MultiHotVectorizer

__all__ = ["LogCountRatioTransformer", "MultiHotVectorizer"]
