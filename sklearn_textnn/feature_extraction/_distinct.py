"""Distinct numbers, in the order of their first appearance."""

from contextlib import suppress

import numpy as np

# For so few numbers, sorting is fast enough, and pandas need not be imported.
_FEW = 2**14


def factorize(numbers):
    """Give each distinct number of an array an id.

    pandas does it by a hash table. NumPy sorts, which is slower for many numbers; it is for where
    pandas is not installed, since predictions do without it.

    Parameters
    ----------
    numbers : ndarray of int64 or uint64

    Returns
    -------
    ids : ndarray of intp, of the same shape
        For each number, where it is in `distinct`.
    distinct : ndarray
        The distinct numbers in the order of their first appearance.
    """
    if len(numbers) > _FEW:
        with suppress(ImportError):
            import pandas

            return pandas.factorize(numbers)
    distinct, first, ids = np.unique(numbers, return_index=True, return_inverse=True)
    order = np.argsort(first)
    ranks = np.empty(len(order), dtype=np.intp)
    ranks[order] = np.arange(len(order))
    return ranks[ids], distinct[order]


def finder(known):
    """Return a function that looks numbers up among known ones, which are distinct.

    The function takes an array of int64. It returns where each number is in `known`, and -1 for a
    number that is not there.
    """
    if len(known) > _FEW:
        with suppress(ImportError):
            import pandas

            return pandas.Index(known).get_indexer
    order = np.argsort(known)
    ordered = known[order]

    def find(numbers):
        places = np.searchsorted(ordered, numbers)
        found = places < len(ordered)
        found[found] = ordered[places[found]] == numbers[found]
        places[~found] = 0
        return np.where(found, order[places] if len(order) else -1, -1)

    return find


def first_positions(ids, n_ids):
    """Return where each of the ids 0 to n_ids - 1 is first; len(ids) for one that is nowhere."""
    positions = np.full(n_ids, len(ids), dtype=np.intp)
    positions[ids[::-1]] = np.arange(len(ids) - 1, -1, -1)  # the last assignment stays
    return positions


class Numbers(dict):
    """The numbers of distinct values, from 0 on, in the order in which they are looked up first.

    A dict with a `default_factory` that asks for its own length would be a cycle of references,
    and so stay in memory until the next collection.
    """

    def __missing__(self, value):
        number = self[value] = len(self)
        return number
