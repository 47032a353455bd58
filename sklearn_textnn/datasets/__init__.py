"""The data sets of the Keras tutorial, and collections of raw text."""

from ._bbc_news import load_bbc_news
from ._imdb import fetch_imdb
from ._movie_reviews import load_movie_reviews
from ._reuters import fetch_reuters
from ._reuters21578 import fetch_reuters21578

__all__ = [
    "fetch_imdb",
    "fetch_reuters",
    "fetch_reuters21578",
    "load_bbc_news",
    "load_movie_reviews",
]
