"""The documented data as the benchmarks train on it: CSR float32, and what was held out."""

import numpy as np
from sklearn.utils import shuffle

from sklearn_textnn import MultiHotVectorizer
from sklearn_textnn.datasets import fetch_imdb, fetch_reuters, load_movie_reviews


def imdb(num_words=10_000):
    """Return X, y, X_val, y_val: 15,000 reviews to train on and 10,000 held out."""
    try:
        data, y = fetch_imdb(num_words=num_words, return_X_y=True)
    except OSError:
        reviews = load_movie_reviews(source="imdb")
        data, y = shuffle(reviews.data, reviews.target, random_state=0)
    X = MultiHotVectorizer(num_words).fit_transform(data)
    return X[10_000:], y[10_000:], X[:10_000], y[:10_000]


def reuters():
    """Return X, y, X_val, y_val: 7,982 newswires to train on and 1,000 held out."""
    data, y = fetch_reuters(return_X_y=True)
    X = MultiHotVectorizer(10_000).fit_transform(data)
    return X[1_000:], y[1_000:], X[:1_000], y[:1_000]


def imdb_text():
    """Return the 25,000 raw training reviews and their labels, shuffled."""
    reviews = load_movie_reviews(source="imdb")
    return shuffle(reviews.data, np.asarray(reviews.target), random_state=0)
