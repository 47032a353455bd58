"""The contributions of each term over many documents: mean, quartiles and counts."""

import numpy as np
import scipy.sparse as sp

QUARTILES = {"q25": 0.25, "median": 0.5, "q75": 0.75}


def summarize(contributions):
    """Summarize the columns of a sparse matrix over the rows in which they are stored.

    Parameters
    ----------
    contributions : CSR matrix of shape (n_documents, n_features)
        A stored zero is the contribution of a word that the document has.

    Returns
    -------
    columns : ndarray of shape (n_terms,)
        The columns that are stored in at least one row.
    summary : dict of ndarray of shape (n_terms,)
        ``mean``, ``q25``, ``median``, ``q75``, and ``count``, the number of rows.
    """
    by_column = sp.csc_matrix(contributions)
    by_column.sum_duplicates()
    counts = np.diff(by_column.indptr)
    columns = np.flatnonzero(counts)
    counts = counts[columns]
    starts = by_column.indptr[columns]
    of_column = np.repeat(np.arange(len(columns)), counts)
    values = by_column.data[np.lexsort([by_column.data, of_column])]
    means = np.bincount(of_column, values, len(columns)) / counts
    return columns, {
        "mean": means,
        **{name: _quantile(values, starts, counts, q) for name, q in QUARTILES.items()},
        "count": counts,
    }


def _quantile(values, starts, counts, q):
    """Return a quantile of each run of sorted values, linear between two of them as in NumPy."""
    position = q * (counts - 1)
    below = np.floor(position).astype(np.intp)
    above = np.minimum(below + 1, counts - 1)
    low, high = values[starts + below], values[starts + above]
    return low + (position - below) * (high - low)
