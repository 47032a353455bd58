"""Ranks of words to integer sequences with the options of Keras, and back to text."""

import operator
from dataclasses import dataclass
from itertools import pairwise
from numbers import Integral

import numpy as np

from .._sklearn_compat import Interval

# The codes are computed in 64 bits. The bound of `index_from` leaves room for adding the rank.
_UP_TO_INT64 = {"left": 0, "right": 2**63 - 1, "closed": "both"}
ENCODING_CONSTRAINTS = {
    "num_words": [Interval(Integral, **{**_UP_TO_INT64, "left": 1}), None],
    "skip_top": [Interval(Integral, **_UP_TO_INT64)],
    "start_char": [Interval(Integral, **_UP_TO_INT64), None],
    "oov_char": [Interval(Integral, **_UP_TO_INT64), None],
    "index_from": [Interval(Integral, 0, 2**31 - 1, closed="both")],
}


@dataclass(frozen=True)
class Encoding:
    """How ranks become the integers of a sequence. The names are those of Keras."""

    num_words: int | None
    skip_top: int
    start_char: int | None
    oov_char: int | None
    index_from: int

    @classmethod
    def from_parameters(cls, **parameters):
        """Return the encoding with Python's own integers in place of NumPy's, which overflow."""
        return cls(
            **{
                name: None if value is None else operator.index(value)
                for name, value in parameters.items()
            }
        )

    def limit(self, token_arrays):
        """Return the first integer that is out of range."""
        if self.num_words is not None:
            return self.num_words
        largest = [int(tokens.max()) + self.index_from for tokens in token_arrays if len(tokens)]
        return max([*largest, self.start_char or 0])

    def sequences(self, tokens, offsets, n_words, limit):
        """Return one list of int for each document.

        The code of a word depends only on its rank, so it is computed once for each word. The
        sequences share one int object for each word.
        """
        codes = np.arange(n_words + 1, dtype=np.int64) + self.index_from
        kept = (codes >= self.skip_top) & (codes < limit)
        if self.oov_char is None:
            kept = kept[tokens]
            offsets = np.concatenate([[0], np.cumsum(kept)])[offsets]
            tokens = tokens[kept]
        else:
            codes[~kept] = self.oov_char
        flat = codes.astype(object)[tokens].tolist()
        start = self._start(limit)
        return [start + flat[i:j] for i, j in pairwise(offsets.tolist())]

    def _start(self, limit):
        """Return what every sequence begins with."""
        if self.start_char is None:
            return []
        if self.skip_top <= self.start_char < limit:
            return [self.start_char]
        return [] if self.oov_char is None else [self.oov_char]


class Decoder:
    """Turns one integer sequence back into text."""

    def __init__(self, vocabulary, encoding):
        self._vocabulary = vocabulary
        self._encoding = encoding

    def __call__(self, sequence):
        """Return the words of `sequence` with blanks between them, and `?` for other integers."""
        encoding, words = self._encoding, []
        for position, code in enumerate(map(operator.index, sequence)):
            rank = code - encoding.index_from
            is_mark = code == encoding.oov_char or (position == 0 and code == encoding.start_char)
            is_word = not is_mark and 1 <= rank <= len(self._vocabulary)
            words.append((self._vocabulary[rank - 1] if is_word else "") or "?")
        return " ".join(words)
