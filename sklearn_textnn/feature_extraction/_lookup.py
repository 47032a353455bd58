"""Finding the columns of terms by the numbers of their words."""

from contextlib import suppress
from numbers import Integral

import numpy as np

from ._distinct import Numbers, factorize, finder
from ._encoding import vocabulary_changed
from ._windows import Windows


class TermTable:
    """The columns of the terms of a vocabulary.

    Attributes
    ----------
    words : dict
        From each word to its number.
    columns : dict of ndarray of int32
        By n, the columns of sequences of n words; -1 for one that only begins a longer term.
    """

    def __init__(self, vocabulary, max_n):
        terms, columns = list(vocabulary), _as_array(vocabulary)
        self._finders = {}
        for term in terms:
            if not isinstance(term, str):
                raise vocabulary_changed(f"it has the term {term!r}")
        if max_n == 1:
            self.words = dict(zip(terms, range(len(terms)), strict=True))
            self.columns, self._sequences = {1: columns}, {}
            return
        sizes = np.fromiter((term.count(" ") + 1 for term in terms), np.intp, len(terms))
        numbers = Numbers()
        words, of_terms = {}, {}
        for n in range(1, max_n + 1):
            chosen = np.flatnonzero(sizes == n)
            split = " ".join([terms[i] for i in chosen]).split(" ") if len(chosen) else []
            ids = np.fromiter(map(numbers.__getitem__, split), np.int64, len(split))
            words[n], of_terms[n] = ids.reshape(-1, n), columns[chosen]
        self.words = dict(numbers)
        self.columns = {1: np.full(len(numbers), -1, dtype=np.int32)}
        self.columns[1][words[1].ravel()] = of_terms[1]
        self._sequences = {}
        begin_with = {n: ids[:, 0] for n, ids in words.items()}
        for n in range(2, max_n + 1):
            longer = range(n, max_n + 1)
            pairs = [begin_with[m] * len(numbers) + words[m][:, n - 1] for m in longer]
            ids, self._sequences[n] = factorize(np.concatenate(pairs))
            parts = np.split(ids, np.cumsum([len(p) for p in pairs])[:-1])
            begin_with = dict(zip(longer, parts, strict=True))
            self.columns[n] = np.full(len(self._sequences[n]), -1, dtype=np.int32)
            self.columns[n][begin_with[n]] = of_terms[n]

    def find(self, word_ids, ngram_range):
        """Return the columns of the terms of documents.

        Parameters
        ----------
        word_ids : WordIds
            The words of the documents.
        ngram_range : tuple (min_n, max_n)
            The smallest and the largest number of words of a term.

        Returns
        -------
        columns, indptr : dict of ndarray
            As for `encode`.
        """
        words, ids, indptr = word_ids
        numbers = np.fromiter((self.words.get(w, -1) for w in words), np.int64, len(words))[ids]
        columns, starts_of_documents = {}, {}
        min_n, max_n = ngram_range
        windows, found, previous = Windows(indptr), numbers, numbers
        for n in range(1, max_n + 1):
            if n > 1:
                starts = windows.starts(n)
                found = self._numbers(n, previous[: len(starts)][starts], numbers[n - 1 :][starts])
                previous = np.full(len(ids), -1, dtype=np.int64)
                previous[: len(starts)][starts] = found
            if n >= min_n:
                of_unknown = np.append(self.columns[n], np.int32(-1))
                columns[n], starts_of_documents[n] = of_unknown[found], windows.indptr(n)
        return columns, starts_of_documents

    def _numbers(self, n, first_words, last_word):
        """Return the numbers of sequences of n words; -1 for those that are not known."""
        if n not in self._finders:
            self._finders[n] = finder(self._sequences[n])
        known = (first_words >= 0) & (last_word >= 0)
        numbers = np.full(len(known), -1, dtype=np.int64)
        pairs = first_words[known] * len(self.words) + last_word[known]
        numbers[known] = self._finders[n](pairs)
        return numbers


def _as_array(vocabulary):
    """Return the columns of a vocabulary as an array; the user may have changed them."""
    if all(issubclass(kind, Integral) for kind in set(map(type, vocabulary.values()))):
        with suppress(OverflowError):
            return np.fromiter(vocabulary.values(), np.int32, len(vocabulary))
    for term, column in vocabulary.items():
        if not isinstance(column, Integral) or abs(column) > np.iinfo(np.int32).max:
            raise vocabulary_changed(f"the term {term!r} has the column {column!r}")


def term_at(word_ids, n, at):
    """Return the term of n words at a position among all terms of n words of documents."""
    words, ids, indptr = word_ids
    before = Windows(indptr).indptr(n)
    row = np.searchsorted(before, at, side="right") - 1
    start = indptr[row] + at - before[row]
    return " ".join(words[i] for i in ids[start : start + n])
