"""From terms or integers to their columns, and from columns to a CSR matrix of ones."""

from collections import Counter
from itertools import repeat
from numbers import Integral

import numpy as np
import scipy.sparse as sp

from . import _document_errors as errors

# A document with more terms than this is stored by its distinct terms. The memory for one huge
# document is then that for the list of its terms and little more.
_LONG = 2**18

MAX_COLUMNS = np.iinfo(np.int64).max


def look_up(term_lists, find, *default):
    """Look up the terms of all documents.

    Parameters
    ----------
    term_lists : iterable of iterables of str
        The terms of each document.
    find : callable
        From a term to its column. It may raise KeyError.
    *default : int
        A second argument for `find`.

    Returns
    -------
    columns : ndarray of int32
        The columns of all documents, end to end. A document of more than 2**18 terms has each
        column only once.
    indptr : ndarray of shape (n_documents + 1,)
        Where each document begins in `columns`.
    repeated : list of (columns, times)
        For each such long document, how often it has each of its columns.
    """
    default = tuple(map(repeat, default))
    columns, repeated = [np.empty(0, dtype=np.intc)], []
    for terms in term_lists:
        if not isinstance(terms, (list, tuple)):
            terms = list(terms)  # so that a KeyError below does not come from the analyzer
        found = map(find, terms, *default)
        try:
            if len(terms) <= _LONG:
                columns.append(np.fromiter(found, dtype=np.intc, count=len(terms)))
            else:
                counts = Counter(found)
                columns.append(np.fromiter(counts, dtype=np.intc, count=len(counts)))
                times = np.fromiter(counts.values(), dtype=np.int64, count=len(counts))
                repeated.append((columns[-1], times))
        except KeyError as error:
            raise errors.unknown(len(columns) - 1, f"the term {error.args[0]!r}") from error
        except (TypeError, ValueError, OverflowError):
            _explain(terms, find, default, row=len(columns) - 1)
            raise
    indptr = np.cumsum([len(document) for document in columns], dtype=np.int64)
    return np.concatenate(columns), indptr, repeated


def _explain(terms, find, default, row):
    """Raise the error that names the term that cannot be looked up."""
    for term, *unknown in zip(terms, *default, strict=False):
        try:
            hash(term)
        except TypeError as error:
            raise errors.unhashable_term(row, term) from error
        column = find(term, *unknown)
        if not isinstance(column, Integral) or abs(column) > np.iinfo(np.intc).max:
            raise _changed(f"the term {term!r} has the column {column!r}")


def _changed(what):
    return ValueError(f"vocabulary_ was changed after fit: {what}; fit again.")


def encode_terms(term_lists, vocabulary, n_columns, handle_unknown, dtype):
    """Encode the terms of documents.

    Parameters
    ----------
    term_lists : iterable of iterables of str
        The terms of each document.
    vocabulary : dict
        From a term to its column.
    n_columns : int
        The number of columns.
    handle_unknown : {"ignore", "error"} or int
        As in `MultiHotVectorizer`.
    dtype : dtype
        The type of the ones.

    Returns
    -------
    encoded : CSR matrix of shape (n_documents, n_columns)
        Ones, sorted and without duplicates.
    """
    if not isinstance(vocabulary, dict):
        raise _changed(f"it is {type(vocabulary).__name__} and not dict")
    if handle_unknown == "error":
        columns, indptr, _ = look_up(term_lists, vocabulary.__getitem__)
    else:
        columns, indptr, _ = look_up(term_lists, vocabulary.get, -1)
    return encode(columns, indptr, n_columns, handle_unknown, dtype)


def encode_integers(integers, indptr, n_columns, skip_top, handle_unknown, dtype):
    """Encode the integers of all documents, end to end; the parameters are those of `encode`."""
    known = (integers >= skip_top) & (integers < n_columns)
    return encode(
        np.where(known, integers, -1),
        indptr,
        n_columns,
        handle_unknown,
        dtype,
        lambda at: f"the integer {integers[at]}, not in {skip_top} to {n_columns - 1}",
    )


def check_unknown_column(handle_unknown, n_columns):
    """Refuse a column for unknown terms that the matrix does not have."""
    if handle_unknown not in ("ignore", "error") and not 0 <= handle_unknown < n_columns:
        raise ValueError(
            f"handle_unknown={handle_unknown} must be one of the {n_columns} columns, 0 to "
            f"{n_columns - 1}."
        )


def encode(columns, indptr, n_columns, handle_unknown, dtype, describe=None):
    """Return the CSR matrix of all documents, end to end, in which column -1 is the unknown.

    Parameters
    ----------
    columns : ndarray of int
        The columns of all documents. They may be changed.
    indptr : ndarray of shape (n_documents + 1,)
        Where each document begins in `columns`.
    n_columns : int
        The number of columns.
    handle_unknown : {"ignore", "error"} or int
        As in `MultiHotVectorizer`.
    dtype : dtype
        The type of the ones.
    describe : callable, default=None
        From a position in `columns` to what stood there, for the error about an unknown.

    Returns
    -------
    encoded : CSR matrix of shape (n_documents, n_columns)
        Ones, sorted and without duplicates.
    """
    check_unknown_column(handle_unknown, n_columns)
    unknown = columns == -1
    if handle_unknown == "error":
        if describe is not None and unknown.any():
            at = int(unknown.argmax())
            raise errors.unknown(np.searchsorted(indptr, at, side="right") - 1, describe(at))
    elif handle_unknown == "ignore":
        columns = columns[~unknown]
        indptr = indptr - np.searchsorted(np.flatnonzero(unknown), indptr)
    else:
        columns[unknown] = handle_unknown
    return distinct(columns, indptr, n_columns, dtype)


def distinct(columns, indptr, n_columns, dtype):
    """Return the CSR matrix of ones, sorted and without duplicates; `columns` may be changed."""
    # SciPy's routines would write outside of the matrix. Seen as unsigned, a negative is large.
    if columns.view(f"u{columns.itemsize}").max(initial=0) >= n_columns:
        at = int(((columns < 0) | (columns >= n_columns)).argmax())
        raise _changed(f"a term has the column {columns[at]}, not in 0 to {n_columns - 1}")
    ones = np.ones(len(columns), dtype=dtype)
    encoded = sp.csr_matrix((ones, columns, indptr), shape=(len(indptr) - 1, n_columns))
    if len(columns) > n_columns:
        encoded = encoded.tocsc().tocsr()  # sorts by counting: linear in the number of tokens
    encoded.sum_duplicates()
    encoded.data.fill(1)
    return encoded
