"""Counts of documents that come one chunk after the other."""

import numpy as np

from ._term_counts import Grams, TermCounts, merge


class RunningCounts:
    """The counts of all documents until now.

    Adding a chunk costs what the chunk holds and not what was counted before: counts are merged
    when there are two parts of about the same size.

    Parameters
    ----------
    parts : iterable of TermCounts, default=()
        The counts of documents that follow each other.
    max_terms : int or None, default=None
        Drop the rarest terms when there are more than twice as many terms as this.
    error : int, default=0
        No count is too low by more than this, because terms were dropped.
    """

    def __init__(self, parts=(), max_terms=None, error=0):
        self.parts = list(parts)
        self.max_terms = max_terms
        self.error = error

    def add(self, counts):
        """Add the counts of the documents that follow."""
        self.parts.append(counts)
        while len(self.parts) > 1 and len(self.parts[-2]) <= 2 * len(self.parts[-1]):
            self._merge(2)
        if self.max_terms is not None and sum(map(len, self.parts)) > 2 * self.max_terms:
            self._drop(self.max_terms)

    def total(self):
        """Return the counts of all documents."""
        self._merge(len(self.parts))
        if self.max_terms is not None and len(self.parts[0]) > self.max_terms:
            self._drop(self.max_terms)
        return self.parts[0]

    def _merge(self, n_last):
        if n_last > 1:
            merged, _ = merge(self.parts[-n_last:])
            self.parts[-n_last:] = [merged]

    def _drop(self, max_terms):
        self._merge(len(self.parts))
        self.parts[0], lost = _most_frequent(self.parts[0], max_terms)
        self.error += lost

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


def check_counts(plain):
    """Raise ValueError if plain data, which may come from a file, do not describe counts.

    What is checked is that nothing is looked up outside of an array.
    """
    try:
        counts = RunningCounts.from_plain(plain)
        for part in counts.parts:
            _check_part(part)
        if len({(part.min_n, len(part.grams)) for part in counts.parts if not part.joined}) > 1:
            raise ValueError("the counts have parts with n-grams of other lengths")
        whole = [counts.error, *(part.n_documents for part in counts.parts)]
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"the counts are damaged: {error}") from error
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
        bounds = {"counts": None, "first_document": part.n_documents}
        if n > 1:
            bounds |= {"first_words": len(part.grams[n - 1].counts), "last_word": size}
        if grams.n_documents is not None:
            bounds["n_documents"] = part.n_documents + 1
        for name, bound in bounds.items():
            _check_numbers(name, getattr(grams, name), len(grams.counts), bound)


def _check_numbers(name, values, size, bound):
    if not isinstance(values, np.ndarray) or values.dtype != np.int64 or values.shape != (size,):
        raise ValueError(f"{name} of the counts is not an array of {size} integers")
    if size and (values.min() < 0 or (bound is not None and values.max() >= bound)):
        raise ValueError(f"{name} of the counts has numbers out of range")


def _most_frequent(counts, n_terms):
    """Return the counts of the most frequent terms, and the largest count of those dropped.

    A term is at most as frequent as its words and as the terms that it begins with, so that these
    stay with it.
    """
    ordered = np.sort(np.concatenate([grams.counts for grams in counts.grams.values()]))
    limit = ordered[-n_terms - 1]
    stay = {n: np.flatnonzero(grams.counts > limit) for n, grams in counts.grams.items()}
    numbers = {}
    for n, chosen in stay.items():
        numbers[n] = np.full(len(counts.grams[n].counts), -1)
        numbers[n][chosen] = np.arange(len(chosen))
    kept = TermCounts(
        counts.n_documents,
        [counts.words[i] for i in stay[1]],
        {},
        counts.min_n,
        counts.joined,
    )
    for n, grams in counts.grams.items():
        chosen = stay[n]
        kept.grams[n] = Grams(
            None if n == 1 else numbers[n - 1][grams.first_words[chosen]],
            None if n == 1 else numbers[1][grams.last_word[chosen]],
            grams.counts[chosen],
            grams.first_document[chosen],
            None if grams.n_documents is None else grams.n_documents[chosen],
        )
    return kept, int(limit)
