"""The files of `keras.datasets.imdb` and `keras.datasets.reuters`, downloaded and split."""

import io
import json

import numpy as np

from ._download import download

_ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"

# Keras's own. The archives hold pickles, so theirs is SHA-256; the word indexes are JSON.
_CHECKSUMS = {
    "imdb.npz": ("sha256", "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"),
    "imdb_word_index.json": ("md5", "bfafd718b763782e994055a2d397834f"),
    "reuters.npz": ("sha256", "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916"),
    "reuters_word_index.json": ("md5", "4d44cc38712099c9e383dc6e5f11a921"),
}


def download_vocabulary(name):
    """Return the words of a data set in the order of their ranks."""
    word_index = json.loads(_download(f"{name}_word_index.json"))
    vocabulary = [""] * max(word_index.values())
    for word, rank in word_index.items():
        vocabulary[rank - 1] = word
    return vocabulary


def download_splits(name):
    """Return the documents, as lists of ranks, and the target of each split of a data set."""
    # Pickles: safe because _download returns only bytes with Keras's checksum.
    with np.load(io.BytesIO(_download(f"{name}.npz")), allow_pickle=True) as archive:
        return _SPLITTERS[name](archive)


def _download(file):
    return download(_ORIGIN + file, *_CHECKSUMS[file])


def _imdb_splits(archive):
    """Return Keras's training and test reviews in Keras's order."""
    random_state = np.random.RandomState(113)
    return {
        split: _shuffled(archive[f"x_{split}"], archive[f"y_{split}"], random_state)
        for split in ("train", "test")
    }


def _reuters_splits(archive):
    """Return Keras's newswires in Keras's order, the last fifth for testing."""
    documents, target = _shuffled(archive["x"], archive["y"], np.random.RandomState(113))
    n_train = int(len(documents) * (1 - 0.2))
    return {
        "train": (documents[:n_train], target[:n_train]),
        "test": (documents[n_train:], target[n_train:]),
    }


_SPLITTERS = {"imdb": _imdb_splits, "reuters": _reuters_splits}


def _shuffled(documents, target, random_state):
    order = np.arange(len(documents))
    random_state.shuffle(order)
    return documents[order], target[order]
