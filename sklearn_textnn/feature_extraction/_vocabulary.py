"""The vocabulary: given by the user, or loaded."""

from collections.abc import Mapping, Set
from operator import index

import numpy as np


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
    if _is_in_order(vocabulary, n_columns):
        return None
    return next(iter(sorted(set(range(n_columns)) - set(vocabulary.values()))), None)


def _is_in_order(vocabulary, n_columns):
    """Return whether the terms are in the order of their columns, as after `fit`."""
    return [*vocabulary.values()] == [*range(n_columns)]


def _check_terms(vocabulary, analyzer):
    if callable(analyzer) or set(map(type, vocabulary)) <= {str}:
        return
    for term in vocabulary:
        if not isinstance(term, str):
            raise TypeError(f"vocabulary has the term {term!r}; terms must be str.")


def check_vocabulary(vocabulary, n_columns, analyzer):
    """Refuse a learned vocabulary that is not a dict from terms to the columns 0 to n_columns - 1.

    The vocabulary may come from a file, or a user may have changed it.
    """
    if type(vocabulary) is not dict:
        raise TypeError(f"vocabulary_ must be a dict, got {type(vocabulary).__name__}")
    if not set(map(type, vocabulary.values())) <= {int}:
        column = next(column for column in vocabulary.values() if type(column) is not int)
        raise TypeError(f"vocabulary_ has the column {column!r}; columns must be int")
    if len(vocabulary) != n_columns or _missing_column(vocabulary, n_columns) is not None:
        raise ValueError(
            f"the terms of vocabulary_ do not have one column each, from 0 to {n_columns - 1}"
        )
    _check_terms(vocabulary, analyzer)


def terms_by_column(vocabulary, n_columns, analyzer):
    """Return the terms of a learned vocabulary in the order of their columns.

    The vocabulary is checked as by `check_vocabulary`, unless it is as `fit` leaves it.
    """
    if type(vocabulary) is dict and _is_in_order(vocabulary, n_columns):
        return np.fromiter(vocabulary, object, n_columns)
    check_vocabulary(vocabulary, n_columns, analyzer)
    terms = np.empty(n_columns, dtype=object)
    terms[[*vocabulary.values()]] = np.fromiter(vocabulary, object, n_columns)
    return terms
