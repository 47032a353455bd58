"""A data set of Keras as integer sequences: from the cache, or downloaded, then encoded."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal, TypedDict

import numpy as np
from sklearn.utils import Bunch

from .._sklearn_compat import StrOptions
from ._cache import CachedFile
from ._cache_format import SPLITS, read_cache, write_cache
from ._descriptions import read_description
from ._encoding import ENCODING_CONSTRAINTS, Decoder, Encoding
from ._keras_files import download_splits, download_vocabulary

SEQUENCE_CONSTRAINTS = {
    **ENCODING_CONSTRAINTS,
    "subset": [StrOptions({*SPLITS, "all"})],
    "data_home": [str, os.PathLike, None],
    "download_if_missing": ["boolean"],
    "return_X_y": ["boolean"],
}


class SequenceOptions(TypedDict, total=False):
    """For type checkers: the parameters of both loaders but `return_X_y`."""

    num_words: int | None
    subset: Literal["train", "test", "all"]
    skip_top: int
    start_char: int | None
    oov_char: int | None
    index_from: int
    data_home: str | os.PathLike[str] | None
    download_if_missing: bool


@dataclass(frozen=True)
class SequenceCorpus:
    """What distinguishes the IMDB data set from the Reuters data set.

    `instead` is the data set to use when this one is not available.
    """

    name: str
    target_names: tuple[str, ...]
    instead: str

    def fetch(self, *, subset, data_home, download_if_missing, return_X_y, **encoding):
        """Return what `fetch_imdb` or `fetch_reuters` documents."""
        encoding = Encoding.from_parameters(**encoding)
        splits = SPLITS if subset == "all" else (subset,)
        # Without a limit, Keras's default depends on the largest integer of both splits.
        needed = SPLITS if encoding.num_words is None else splits
        cache = CachedFile(f"{self.name}.npz", get=f"fetch_{self.name}()", instead=self.instead)
        vocabulary, cached = cache.read_or_fetch(
            lambda stream: read_cache(stream, needed, len(self.target_names)),
            self._download,
            data_home=data_home,
            download_if_missing=download_if_missing,
        )

        limit = encoding.limit(tokens for tokens, _, _ in cached.values())
        sequences = []
        for split in splits:
            tokens, offsets, _ = cached[split]
            sequences += encoding.sequences(tokens, offsets, len(vocabulary), limit)
        data = np.fromiter(sequences, dtype=object, count=len(sequences))
        target = np.concatenate([cached[split][2] for split in splits]).astype(np.int64)
        if return_X_y:
            return data, target
        return Bunch(
            data=data,
            target=target,
            target_names=list(self.target_names),
            vocabulary=vocabulary,
            decode=Decoder(vocabulary, encoding),
            DESCR=read_description(self.name),
        )

    def _download(self, stream):
        write_cache(stream, download_vocabulary(self.name), download_splits(self.name))
