"""Counts of documents that come one chunk after the other."""

import numpy as np

from ._term_counts import Grams, TermCounts, merge

# What the parts must have in common, as `CountingMixin` notes it.
_SETTINGS = ("analyzer", "lowercase", "ngram_range", "stop_words", "vocabulary")


class RunningCounts:
    """The counts of all documents until now.

    On average, adding a chunk costs what the chunk holds and not what was counted before: counts
    are merged when there are two parts of about the same size.

    Parameters
    ----------
    parts : iterable of TermCounts, default=()
        The counts of documents that follow each other.
    max_terms : int or None, default=None
        Keep this many terms, the most frequent ones, whenever there are more than twice as many.
    error : int, default=0
        No count is too low by more than this, because terms were dropped.
    """

    def __init__(self, parts=(), max_terms=None, error=0):
        self.parts = list(parts)
        self.max_terms = None if max_terms is None else int(max_terms)
        self.error = error

    def add(self, counts):
        """Add the counts of the documents that follow."""
        self.parts.append(counts)
        while len(self.parts) > 1 and len(self.parts[-2]) <= 2 * len(self.parts[-1]):
            self._merge(2)
        if self.max_terms is not None and sum(map(len, self.parts)) > 2 * self.max_terms:
            (counts,) = self.parts = [self.total()]
            if len(counts) > self.max_terms:  # merged, terms may have become fewer
                self.parts[0], lost = _most_frequent(counts, self.max_terms)
                self.error += lost

    def total(self):
        """Return the counts of all documents."""
        self._merge(len(self.parts))
        return self.parts[0]

    def _merge(self, n_last):
        if n_last > 1:
            merged, _ = merge(self.parts[-n_last:])
            self.parts[-n_last:] = [merged]

    def as_plain(self):
        """Return the counts as lists, dicts and arrays, which are not copied."""
        parts = [
            vars(part) | {"grams": {n: dict(vars(grams)) for n, grams in part.grams.items()}}
            for part in self.parts
        ]
        return {"parts": parts, "error": self.error}

    @classmethod
    def from_plain(cls, plain, max_terms=None):
        """Return the counts that plain data describes."""
        parts = [
            TermCounts(**part | {"grams": {n: Grams(**some) for n, some in part["grams"].items()}})
            for part in plain["parts"]
        ]
        return cls(parts, max_terms, plain["error"])


def check_counts(plain, analyzer):
    """Raise ValueError if plain data, which may come from a file, do not describe counts.

    What is checked is that nothing is looked up outside of an array, and that terms are str where
    `analyzer` is not a callable.
    """
    try:
        if set(plain["settings"]) != set(_SETTINGS):
            raise ValueError("the counts do not say what was counted")
        counts = RunningCounts.from_plain(plain)
        for part in counts.parts:
            _check_part(part)
        if len({(part.min_n, len(part.grams)) for part in counts.parts if not part.joined}) > 1:
            raise ValueError("the counts have parts with n-grams of other lengths")
        whole = [counts.error, *(part.n_documents for part in counts.parts)]
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"the counts are damaged: {error}") from error
    words = (word for part in counts.parts for word in part.words)
    if not callable(analyzer) and not all(isinstance(word, str) for word in words):
        raise ValueError("the counts have terms that are not str")
    if any(type(number) is not int or number < 0 for number in whole):
        raise ValueError("the counts have a number that is not an integer from 0 on")


def _check_part(part):
    lengths = list(range(1, len(part.grams) + 1))
    if list(part.grams) != lengths or part.min_n not in lengths[: 1 if part.joined else None]:
        raise ValueError("the counts do not have n-grams of each length")
    words, size = part.words, len(part.words)
    if type(words) is not list or len(set(words)) != size or len(part.grams[1].counts) != size:
        raise ValueError("the words of the counts are not one for each count")
    for n, grams in part.grams.items():
        bounds = {
            "counts": None,
            "first_document": part.n_documents,
            "n_documents": part.n_documents + 1,
        }
        if n > 1:
            bounds |= {"first_words": len(part.grams[n - 1].counts), "last_word": size}
        for name, bound in bounds.items():
            _check_numbers(name, getattr(grams, name), len(grams.counts), bound)


def _check_numbers(name, values, size, bound):
    if not isinstance(values, np.ndarray) or values.dtype != np.int64 or values.shape != (size,):
        raise ValueError(f"{name} of the counts is not an array of {size} integers")
    if size and (values.min() < 0 or (bound is not None and values.max() >= bound)):
        raise ValueError(f"{name} of the counts has numbers out of range")


def _most_frequent(counts, n_terms):
    """Return the counts of the most frequent terms, and the largest count of those dropped.

    A term is at most as frequent as its words and as the terms that it begins with. Of equally
    frequent terms, those of fewer words stay first. So the parts of a term stay with it.
    """
    how_often = np.concatenate([grams.counts for grams in counts.grams.values()])
    order = np.argsort(-how_often, kind="stable")
    stays = np.zeros(len(how_often), dtype=bool)
    stays[order[:n_terms]] = True
    bounds = np.cumsum([len(grams.counts) for grams in counts.grams.values()])[:-1]
    numbers, kept = {}, {}
    for (n, grams), of_n in zip(counts.grams.items(), np.split(stays, bounds), strict=True):
        numbers[n] = np.cumsum(of_n, dtype=np.int64) - 1
        kept[n] = Grams(
            None if n == 1 else numbers[n - 1][grams.first_words[of_n]],
            None if n == 1 else numbers[1][grams.last_word[of_n]],
            grams.counts[of_n],
            grams.first_document[of_n],
            None if grams.n_documents is None else grams.n_documents[of_n],
        )
    words = [counts.words[i] for i in np.flatnonzero(stays[: len(counts.words)])]
    most = TermCounts(counts.n_documents, words, kept, counts.min_n, counts.joined)
    return most, int(how_often[order[n_terms]])
