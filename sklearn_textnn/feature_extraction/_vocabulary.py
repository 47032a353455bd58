"""The vocabulary: counted in the documents, or given by the user."""

from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass
from numbers import Integral
from operator import index

import numpy as np

from ._encoding import distinct, look_up


@dataclass
class CountedTerms:
    """The terms of documents and how often they are there.

    Attributes
    ----------
    terms : ndarray of objects of shape (n_terms,)
        The terms in the order of their first appearance. Term i has the id i.
    counts : ndarray of shape (n_terms,)
        How often each term is in all documents together.
    ids : ndarray
        The terms of all documents, end to end. A long document may have each of its terms once.
    indptr : ndarray of shape (n_documents + 1,)
        Where each document begins in `ids`.
    """

    terms: np.ndarray
    counts: np.ndarray
    ids: np.ndarray
    indptr: np.ndarray

    def in_documents(self):
        """Return in how many documents each term is."""
        encoded = distinct(self.ids.copy(), self.indptr, len(self.terms), np.int8)
        return np.bincount(encoded.indices, minlength=len(self.terms))


def count_terms(term_lists):
    """Count the terms of documents.

    Parameters
    ----------
    term_lists : iterable of lists of str
        The terms of each document.

    Returns
    -------
    counted : CountedTerms
    """
    first_seen = defaultdict()
    first_seen.default_factory = first_seen.__len__
    ids, indptr, repeated = look_up(term_lists, first_seen.__getitem__)
    if not first_seen:
        raise ValueError(
            "empty vocabulary; X is empty, or its documents have no terms or only stop words."
        )
    counts = np.bincount(ids, minlength=len(first_seen))
    for some_ids, times in repeated:
        counts[some_ids] += times - 1
    terms = np.fromiter(first_seen, dtype=object, count=len(first_seen))
    return CountedTerms(terms, counts, ids, indptr)


def rank_terms(counted, *, num_words, skip_top, min_df, max_df):
    """Choose the terms that get a column.

    Parameters
    ----------
    counted : CountedTerms
        The terms of the training documents.
    num_words, skip_top, min_df, max_df : int, float or None
        As in `MultiHotVectorizer`.

    Returns
    -------
    ids : ndarray of shape (n_columns,)
        The ids of the chosen terms, most frequent first, ties in order of first appearance.
    """
    counts = counted.counts.copy()
    counts[~_frequent_enough(counted, min_df, max_df)] = 0
    ranked = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]
    kept = ranked[skip_top:num_words]
    if not len(kept):
        raise ValueError("no terms remain; try a lower min_df or skip_top, or a higher max_df.")
    return kept


def _frequent_enough(counted, min_df, max_df):
    """Say of each term whether min_df and max_df let it stay."""
    n_documents = len(counted.indptr) - 1
    low, high = (
        limit if isinstance(limit, Integral) else limit * n_documents for limit in (min_df, max_df)
    )
    if high < low:
        raise ValueError("max_df corresponds to < documents than min_df")
    if low <= 1 and high >= n_documents:
        return np.ones(len(counted.terms), dtype=bool)
    in_documents = counted.in_documents()
    return (low <= in_documents) & (in_documents <= high)


def given_vocabulary(given, analyzer):
    """Return the user's vocabulary as a dict from term to column.

    Parameters
    ----------
    given : Mapping or iterable
        The parameter `vocabulary` of `MultiHotVectorizer`.
    analyzer : str or callable
        The parameter `analyzer`. Only a callable may make terms that are not str.

    Returns
    -------
    vocabulary : dict
    """
    if isinstance(given, (str, bytes)):
        raise TypeError("vocabulary is one string; give a mapping or a list of terms.")
    vocabulary = _from_mapping(given) if isinstance(given, Mapping) else _from_terms(given)
    if not vocabulary:
        raise ValueError("empty vocabulary; give at least one term, or vocabulary=None.")
    _check_terms(vocabulary, analyzer)
    return vocabulary


def _from_mapping(given):
    vocabulary = {term: int(index(column)) for term, column in given.items()}
    missing = _missing_column(vocabulary, len(vocabulary))
    if missing is not None:
        raise ValueError(
            f"vocabulary must give each of its {len(vocabulary)} terms a column of its own, from 0 "
            f"to {len(vocabulary) - 1}; no term has column {missing}."
        )
    return vocabulary


def _from_terms(given):
    vocabulary = {}
    for column, term in enumerate(sorted(given) if isinstance(given, Set) else given):
        if vocabulary.setdefault(term, column) != column:
            raise ValueError(f"vocabulary has the term {term!r} twice.")
    return vocabulary


def _missing_column(vocabulary, n_columns):
    """Return the first of 0 to n_columns - 1 that is the column of no term; None if all are."""
    return next(iter(sorted(set(range(n_columns)) - set(vocabulary.values()))), None)


def _check_terms(vocabulary, analyzer):
    if not callable(analyzer):
        for term in vocabulary:
            if not isinstance(term, str):
                raise TypeError(f"vocabulary has the term {term!r}; terms must be str.")


def check_vocabulary(vocabulary, n_columns, analyzer):
    """Refuse a learned vocabulary that is not a dict from terms to the columns 0 to n_columns - 1.

    The vocabulary may come from a file, or a user may have changed it.
    """
    if type(vocabulary) is not dict:
        raise TypeError(f"vocabulary_ must be a dict, got {type(vocabulary).__name__}")
    for column in vocabulary.values():
        if type(column) is not int:
            raise TypeError(f"vocabulary_ has the column {column!r}; columns must be int")
    if len(vocabulary) != n_columns or _missing_column(vocabulary, n_columns) is not None:
        raise ValueError(
            f"the terms of vocabulary_ do not have one column each, from 0 to {n_columns - 1}"
        )
    _check_terms(vocabulary, analyzer)
