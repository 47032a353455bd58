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


def look_up(term_lists, find, *default, first_row=0):
    """Look up the terms of all documents.

    Parameters
    ----------
    term_lists : iterable of iterables of str
        The terms of each document.
    find : callable
        From a term to its column. It may raise KeyError.
    *default : int
        A second argument for `find`.
    first_row : int, default=0
        The row of the first document, for errors.

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
            row = first_row + len(columns) - 1
            raise errors.unknown(row, f"the term {error.args[0]!r}") from error
        except (TypeError, ValueError, OverflowError):
            _explain(terms, find, default, row=first_row + len(columns) - 1)
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
            raise vocabulary_changed(f"the term {term!r} has the column {column!r}")


def vocabulary_changed(what):
    return ValueError(f"vocabulary_ was changed after fit: {what}; fit again.")


def encode_integers(integers, indptr, n_columns, skip_top, handle_unknown, dtype):
    """Encode the integers of all documents, end to end; the parameters are those of `encode`."""
    known = (integers >= skip_top) & (integers < n_columns)
    return encode(
        {1: np.where(known, integers, -1)},
        {1: indptr},
        n_columns,
        handle_unknown,
        dtype,
        lambda _, at: f"the integer {integers[at]}, not in {skip_top} to {n_columns - 1}",
    )


def check_unknown_column(handle_unknown, n_columns):
    """Refuse a column for unknown terms that the matrix does not have."""
    if handle_unknown not in ("ignore", "error") and not 0 <= handle_unknown < n_columns:
        raise ValueError(
            f"handle_unknown={handle_unknown} must be one of the {n_columns} columns, 0 to "
            f"{n_columns - 1}."
        )


def encode(columns, indptr, n_columns, handle_unknown, dtype, describe=None, first_row=0):
    """Return the CSR matrix of documents, in whose terms column -1 is the unknown.

    Parameters
    ----------
    columns : dict of ndarray of int
        By n, the columns of the terms of n words, of all documents end to end. They may be changed.
    indptr : dict of ndarray of shape (n_documents + 1,)
        By n, where each document begins in the columns.
    n_columns : int
        The number of columns.
    handle_unknown : {"ignore", "error"} or int
        As in `MultiHotVectorizer`.
    dtype : dtype
        The type of the ones.
    describe : callable, default=None
        From n and a position in the columns to what stood there, for the error about an unknown.
        None if the unknown have been refused before.
    first_row : int, default=0
        The row of the first document, for this error.

    Returns
    -------
    encoded : CSR matrix of shape (n_documents, n_columns)
        Ones, sorted and without duplicates.
    """
    check_unknown_column(handle_unknown, n_columns)
    if handle_unknown == "error" and describe is not None:
        _refuse_unknown(columns, indptr, describe, first_row)
    encoded = None
    for n, some in columns.items():
        unknown = some == -1
        starts = indptr[n]
        if handle_unknown in ("ignore", "error"):
            some = some[~unknown]
            starts = starts - np.searchsorted(np.flatnonzero(unknown), starts)
        else:
            some[unknown] = handle_unknown
        ones = csr_of_ones(some, starts, n_columns)
        if encoded is None:
            encoded = ones
        else:
            encoded = encoded + ones
            encoded.data.fill(1)
    encoded.data = np.ones(encoded.nnz, dtype=dtype)
    return encoded


def _refuse_unknown(columns, indptr, describe, first_row):
    """Raise the error about the first term that has no column."""
    found = []
    for n, some in columns.items():
        unknown = some == -1
        if unknown.any():
            at = int(unknown.argmax())
            found.append((int(np.searchsorted(indptr[n], at, side="right")) - 1, n, at))
    if found:
        row, n, at = min(found)
        raise errors.unknown(first_row + row, describe(n, at))


def csr_of_ones(columns, indptr, n_columns):
    """Return the CSR matrix of ones (int8), sorted and without duplicates.

    Parameters
    ----------
    columns : ndarray of int
        The columns of all documents, end to end. They may be changed.
    indptr : ndarray of shape (n_documents + 1,)
        Where each document begins in `columns`.
    n_columns : int
        The number of columns.
    """
    # SciPy's routines would write outside of the matrix. Seen as unsigned, a negative is large.
    if len(columns) and columns.view(f"u{columns.itemsize}").max() >= n_columns:
        at = int(((columns < 0) | (columns >= n_columns)).argmax())
        raise vocabulary_changed(
            f"a term has the column {columns[at]}, not in 0 to {n_columns - 1}"
        )
    ones = np.ones(len(columns), dtype=np.int8)
    encoded = sp.csr_matrix((ones, columns, indptr), shape=(len(indptr) - 1, n_columns))
    if len(columns) > n_columns:
        encoded = encoded.tocsc().tocsr()  # sorts by counting: linear in the number of tokens
    encoded.sum_duplicates()
    encoded.data.fill(1)
    return encoded
