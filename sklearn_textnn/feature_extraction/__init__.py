"""From documents to vectors of zeros and ones."""

from ._multi_hot import MultiHotVectorizer

__all__ = ["MultiHotVectorizer"]
