"""Small files in the format of Keras's data sets, and a server on this machine for them."""

import contextlib
import functools
import hashlib
import io
import json

import numpy as np
from file_server import FileServer

from sklearn_textnn.datasets import _download, _keras_files

WORDS = ["the", "and", "a", "it's", "é", "well\x85", *(f"word{i}" for i in range(24))]


def _documents(rng, n):
    documents = np.empty(n, dtype=object)
    for i in range(n):
        ranks = len(WORDS) * rng.random(rng.integers(1, 12)) ** 2
        documents[i] = (1 + ranks.astype(int)).tolist()
    return documents


def npz(arrays):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


@functools.cache
def keras_files():
    """Return small files as Keras has them: lists of ranks in pickles, ranks by word in JSON."""
    rng = np.random.default_rng(0)
    arrays = {"imdb": {}, "reuters": {}}
    for split, n in ("train", 25), ("test", 24):
        arrays["imdb"][f"x_{split}"] = _documents(rng, n)
        arrays["imdb"][f"y_{split}"] = rng.integers(0, 2, n)
    arrays["reuters"]["x"] = _documents(rng, 53)
    arrays["reuters"]["y"] = rng.integers(0, 46, 53)
    files = {}
    for name in arrays:
        files[f"{name}.npz"] = npz(arrays[name])
        shuffled = rng.permutation(len(WORDS)).tolist()
        index = {WORDS[i]: i + 1 for i in shuffled}
        files[f"{name}_word_index.json"] = json.dumps(index).encode()
    return files


def checksums(files):
    return {
        file: ("sha256", hashlib.sha256(content).hexdigest()) for file, content in files.items()
    }


@contextlib.contextmanager
def serving(monkeypatch):
    """Serve the small files on this machine, and download Keras's files from there."""
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(_keras_files, "_CHECKSUMS", checksums(keras_files()))
    monkeypatch.setattr(_download, "_RETRY_DELAYS", (0, 0))
    with FileServer(keras_files()) as server:
        monkeypatch.setattr(_keras_files, "_ORIGIN", server.url)
        yield server


def cache_of(data_home, name):
    """Return where the cache of a data set is."""
    return data_home / "sklearn_textnn" / f"{name}.npz"


def content_of(bunch):
    """Return what a data set holds as plain lists, to compare."""
    return bunch.data.tolist(), bunch.target.tolist(), bunch.vocabulary


class Trap:
    """Leaves a trace when it is unpickled."""

    sprung = False

    def __reduce__(self):
        return _spring, ()


def _spring():
    Trap.sprung = True
