"""How often each term is in some documents, as arrays that can be merged.

A term of n words is stored as two numbers: that of the term of its first n - 1 words and that of
its last word. So no n-gram is a str until it has a column.
"""

from dataclasses import dataclass

import numpy as np

from ._distinct import Numbers, factorize, first_positions
from ._encoding import csr_of_ones
from ._windows import Windows


@dataclass
class Grams:
    """The distinct terms of n words, in the order of their first appearance.

    Attributes
    ----------
    first_words : ndarray of int64 or None
        For each term, the number of the term that its first n - 1 words are. None if n is 1.
    last_word : ndarray of int64 or None
        For each term, the number of its last word. None if n is 1: term i is word i.
    counts : ndarray of int64
        How often each term is in all documents together.
    first_document : ndarray of int64
        The first document that has the term.
    n_documents : ndarray of int64 or None
        In how many documents each term is; None if that was not counted.
    """

    first_words: np.ndarray | None
    last_word: np.ndarray | None
    counts: np.ndarray
    first_document: np.ndarray
    n_documents: np.ndarray | None


@dataclass
class TermCounts:
    """The terms of some documents.

    Attributes
    ----------
    n_documents : int
        The number of documents.
    words : list
        The distinct words, in the order of their first appearance.
    grams : dict of Grams
        By n, the terms of n words, from 1 on.
    min_n : int
        Shorter terms than this are only there as parts of longer ones.
    joined : bool
        Whether `words` are the terms themselves, even those of several words.
    """

    n_documents: int
    words: list
    grams: dict
    min_n: int
    joined: bool

    def __len__(self):
        return sum(len(grams.counts) for grams in self.grams.values())

    def terms(self):
        """Return the n of the terms that may get a column."""
        return [n for n in self.grams if n >= self.min_n]

    def names(self, n, numbers):
        """Return some of the terms of n words, by their numbers, as a list."""
        words = as_objects(self.words)
        columns = []
        for i in range(n, 1, -1):
            columns.append(words[self.grams[i].last_word[numbers]])
            numbers = self.grams[i].first_words[numbers]
        columns.append(words[numbers])
        if n == 1:
            return columns[0].tolist()
        return list(map(" ".join, zip(*columns[::-1], strict=True)))


@dataclass
class CountedDocuments:
    """Some documents, with their terms by number.

    Attributes
    ----------
    counts : TermCounts
        The terms that the documents have.
    ids : dict of ndarray
        By n, the terms of n words, of all documents end to end. A long document may have each
        term only once.
    indptr : dict of ndarray of shape (n_documents + 1,)
        By n, where each document begins in `ids`.
    """

    counts: TermCounts
    ids: dict
    indptr: dict


def as_objects(values):
    """Return a list as an array of its elements, whatever they are."""
    return np.fromiter(values, dtype=object, count=len(values))


def count_terms(word_ids, ngram_range, *, in_documents, joined=False, repeated=()):
    """Count the terms of documents.

    Parameters
    ----------
    word_ids : WordIds
        The words of the documents.
    ngram_range : tuple (min_n, max_n)
        The smallest and the largest number of words of a term.
    in_documents : bool
        Count too in how many documents each term is.
    joined : bool, default=False
        The words are terms, some of them of several words. Then max_n must be 1.
    repeated : iterable of (ids, times), default=()
        How often documents have words that `word_ids` has only once.

    Returns
    -------
    counted : CountedDocuments
    """
    min_n, max_n = ngram_range
    words, ids, indptr = word_ids
    counts = TermCounts(len(indptr) - 1, words, {}, min_n, joined)
    counted = CountedDocuments(counts, {1: ids}, {1: indptr})
    counts.grams[1] = _count((None, None), len(words), ids, indptr, in_documents)
    for some_ids, times in repeated:
        counts.grams[1].counts[some_ids] += times - 1
    windows, previous = Windows(indptr), ids
    for n in range(2, max_n + 1):
        starts = windows.starts(n)
        pairs = previous[: len(starts)][starts].astype(np.int64) * len(words)
        pairs += ids[n - 1 :][starts]
        found, pairs = factorize(pairs)
        counted.ids[n] = found = found.astype(np.int32)
        counted.indptr[n] = windows.indptr(n)
        parts = np.divmod(pairs, max(len(words), 1))
        counts.grams[n] = _count(parts, len(pairs), found, counted.indptr[n], in_documents)
        if n < max_n:
            previous = np.zeros(len(ids), dtype=np.int32)
            previous[: len(starts)][starts] = found
    return counted


def _count(parts, n_terms, ids, indptr, in_documents):
    positions = first_positions(ids, n_terms)
    n_documents = None
    if in_documents:
        encoded = csr_of_ones(ids.copy(), indptr, n_terms)
        n_documents = np.bincount(encoded.indices, minlength=n_terms)
    return Grams(
        *parts,
        counts=np.bincount(ids, minlength=n_terms),
        first_document=np.searchsorted(indptr, positions, side="right") - 1,
        n_documents=n_documents,
    )


def merge(parts):
    """Merge the counts of documents that follow each other.

    Parameters
    ----------
    parts : list of TermCounts
        With the same n-grams.

    Returns
    -------
    merged : TermCounts
        The counts of all documents, as if they had been counted together.
    places : list of dict of (n, ndarray)
        For each part and by the n of its terms: which n they have in `merged`, and which numbers
        there.
    """
    places = [{n: (n, None) for n in part.grams} for part in parts]
    if any(part.joined for part in parts):
        parts, places = zip(*map(_join, parts), strict=True)
    starts = np.cumsum([0, *(part.n_documents for part in parts)])
    merged = TermCounts(int(starts[-1]), [], {}, parts[0].min_n, parts[0].joined)
    numbers = Numbers()
    of_words = [
        np.fromiter(map(numbers.__getitem__, part.words), np.int64, len(part.words))
        for part in parts
    ]
    merged.words = list(numbers)
    found = {}
    for n in parts[0].grams:
        if n == 1:
            ids, words = np.concatenate(of_words), (None, None)
            n_terms = len(merged.words)
        else:
            ids, pairs = factorize(
                np.concatenate(
                    [
                        before[part.grams[n].first_words] * len(merged.words)
                        + of_part[part.grams[n].last_word]
                        for part, before, of_part in zip(parts, found[n - 1], of_words, strict=True)
                    ]
                )
            )
            words, n_terms = np.divmod(pairs, max(len(merged.words), 1)), len(pairs)
        grams = [part.grams[n] for part in parts]
        merged.grams[n] = _add(grams, starts, ids, words, n_terms)
        found[n] = np.split(ids, np.cumsum([len(g.counts) for g in grams])[:-1])
    return merged, [
        {
            n: (at, found[at][i] if part_numbers is None else found[at][i][part_numbers])
            for n, (at, part_numbers) in of_part.items()
        }
        for i, of_part in enumerate(places)
    ]


def _add(grams, starts, ids, words, n_terms):
    """Return the terms of n words of several parts, whose numbers together are `ids`, as one."""

    def total(counts):
        if counts[0] is None:
            return None
        weights = np.concatenate(counts)
        return np.bincount(ids, weights=weights, minlength=n_terms).astype(np.int64)

    first_documents = np.concatenate(
        [g.first_document + start for g, start in zip(grams, starts, strict=False)]
    )
    return Grams(
        *words,
        counts=total([g.counts for g in grams]),
        first_document=first_documents[first_positions(ids, n_terms)],
        n_documents=total([g.n_documents for g in grams]),
    )


def _join(counts):
    """Return the same counts with each term as one word, and the places of the terms there."""
    if counts.joined:
        return counts, {1: (1, None)}
    grams = [counts.grams[n] for n in counts.terms()]
    names = [name for n, g in zip(counts.terms(), grams, strict=True)
             for name in counts.names(n, np.arange(len(g.counts)))]  # fmt: skip
    first = np.concatenate([g.first_document for g in grams])
    order = np.argsort(first, kind="stable")
    numbers = np.empty(len(order), dtype=np.int64)
    numbers[order] = np.arange(len(order))

    def together(parts):
        return None if parts[0] is None else np.concatenate(parts)[order]

    joined = Grams(
        None,
        None,
        together([g.counts for g in grams]),
        first[order],
        together([g.n_documents for g in grams]),
    )
    bounds = np.cumsum([len(g.counts) for g in grams])[:-1]
    places = {
        n: (1, part) for n, part in zip(counts.terms(), np.split(numbers, bounds), strict=True)
    }
    words = as_objects(names)[order].tolist()
    return TermCounts(counts.n_documents, words, {1: joined}, 1, True), places
