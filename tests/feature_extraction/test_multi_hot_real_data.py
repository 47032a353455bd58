"""MultiHotVectorizer on all of IMDB, where it is on this machine."""

import os
from collections import Counter
from importlib import metadata
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from sklearn_textnn import MultiHotVectorizer
from sklearn_textnn.datasets import load_movie_reviews

START, UNKNOWN, INDEX_FROM = 1, 2, 3
FIRST_REVIEW = [1, 14, 22, 16, 43, 530, 973, 1622, 1385, 65, 458, 4468, 66, 3941, 4, 173, 36, 256]


@pytest.fixture(scope="module")
def imdb():
    path = Path(os.environ.get("SCIKIT_LEARN_DATA", "")) / "sklearn_textnn" / "imdb.npz"
    if not path.is_file():
        pytest.skip("SCIKIT_LEARN_DATA does not hold sklearn_textnn/imdb.npz")
    with np.load(path) as arrays:
        return dict(arrays)


@pytest.fixture(scope="module")
def words(imdb):
    return imdb["vocabulary"].tobytes().decode().split("\n")


def sequences_of(imdb, subset):
    tokens, offsets = imdb[f"{subset}_tokens"], imdb[f"{subset}_offsets"]
    return [tokens[start:stop] for start, stop in pairwise(offsets)]


def test_first_review_of_the_keras_tutorial(imdb, words):
    text = "This film was just brilliant: casting, location, scenery, story, direction..."
    rank = {word: i for i, word in enumerate(words, start=1)}
    terms = MultiHotVectorizer().build_analyzer()(text)
    integers = [START] + [rank[term] + INDEX_FROM for term in terms]
    assert integers == FIRST_REVIEW[:11]
    beginnings = [(s[:17] + INDEX_FROM).tolist() for s in sequences_of(imdb, "train")]
    assert FIRST_REVIEW[1:] in beginnings


@pytest.mark.parametrize("subset", ["train", "test"])
def test_all_reviews_become_their_integers_again(imdb, words, subset):
    sequences = sequences_of(imdb, subset)
    as_array = np.array(words, dtype=object)
    documents = [" ".join(as_array[sequence - 1]) for sequence in sequences]

    rank = {word: i for i, word in enumerate(words, start=1)}
    analyze = MultiHotVectorizer().build_analyzer()
    for document, sequence in zip(documents, sequences, strict=True):
        assert [rank[term] for term in analyze(document)] == sequence.tolist()

    # Column j is integer j; no word is written like one of the first four.
    columns = ["<pad>", "<start>", "<unknown>", "<unused>", *words[: 10_000 - 4]]
    from_text = MultiHotVectorizer(vocabulary=columns, handle_unknown=UNKNOWN)
    from_integers = MultiHotVectorizer(num_words=10_000, handle_unknown=UNKNOWN)
    shifted = [sequence + INDEX_FROM for sequence in sequences]
    expected = from_integers.fit_transform(shifted)
    assert expected.shape == (25_000, 10_000)
    assert (from_text.fit_transform(documents) != expected).nnz == 0


def test_raw_reviews_become_the_integers_of_the_data_set(imdb, words):
    """Words that are not in Keras's word index are not in its reviews either."""
    try:
        metadata.distribution("movie-reviews")
    except metadata.PackageNotFoundError:
        pytest.skip("movie-reviews is not installed")
    rank = {word: i for i, word in enumerate(words, start=1)}
    analyze = MultiHotVectorizer().build_analyzer()
    reviews = Counter(
        tuple(rank[term] for term in analyze(text) if term in rank)
        for text in load_movie_reviews().data
    )
    assert reviews == Counter(tuple(s.tolist()) for s in sequences_of(imdb, "train"))
