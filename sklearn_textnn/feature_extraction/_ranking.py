"""Which terms get a column."""

from numbers import Integral

import numpy as np

from . import _document_errors as errors
from ._term_counts import as_objects


def rank_terms(counts, *, num_words, skip_top, min_df, max_df):
    """Give the most frequent terms a column.

    Parameters
    ----------
    counts : TermCounts
        The terms of the training documents.
    num_words, skip_top, min_df, max_df : int, float or None
        As in `MultiHotVectorizer`.

    Returns
    -------
    terms : list
        The chosen terms, most frequent first, ties in order of first appearance.
    columns : dict of ndarray of int32
        By n, the column of each term of n words; -1 for a term that has none.
    """
    every_n = counts.terms()
    grams = [counts.grams[n] for n in every_n]
    if not any(len(g.counts) for g in grams):
        raise ValueError(
            "empty vocabulary; X is empty, or its documents have no terms or only stop words."
        )
    how_often = np.concatenate([g.counts for g in grams])
    how_often[~_frequent_enough(counts.n_documents, grams, min_df, max_df)] = 0
    chosen = np.flatnonzero(how_often)
    if num_words is not None and num_words < len(chosen):
        at_least = np.partition(how_often, -num_words)[-num_words]
        chosen = np.flatnonzero(how_often >= at_least)
    first = np.concatenate([g.first_document for g in grams])
    # Within a document, terms of fewer words come first.
    chosen = chosen[np.lexsort((first[chosen], -how_often[chosen]))][skip_top:num_words]
    if not len(chosen):
        raise ValueError("no terms remain; try a lower min_df or skip_top, or a higher max_df.")
    columns = np.full(len(how_often), -1, dtype=np.int32)
    columns[chosen] = np.arange(len(chosen), dtype=np.int32)
    columns = dict(
        zip(every_n, np.split(columns, np.cumsum([len(g.counts) for g in grams])[:-1]), strict=True)
    )
    return _names(counts, columns, len(chosen)), columns


def refuse_terms_without_column(counts, columns):
    """Raise the error about the first term that has no column, if there is one.

    Parameters
    ----------
    counts : TermCounts
    columns : dict of ndarray
        As from `rank_terms`.
    """
    found = []
    for n, of_terms in columns.items():
        numbers = np.flatnonzero(of_terms < 0)
        if len(numbers):
            rows = counts.grams[n].first_document[numbers]
            first = rows.argmin()
            found.append((int(rows[first]), n, int(numbers[first])))
    if found:
        row, n, number = min(found)
        (name,) = counts.names(n, [number])
        raise errors.unknown(row, f"the term {name!r}")


def _names(counts, columns, n_columns):
    names = np.empty(n_columns, dtype=object)
    for n, of_terms in columns.items():
        numbers = np.flatnonzero(of_terms >= 0)
        names[of_terms[numbers]] = as_objects(counts.names(n, numbers))
    return names.tolist()


def _frequent_enough(n_documents, grams, min_df, max_df):
    """Say of each term whether min_df and max_df let it stay."""
    low, high = (
        limit if isinstance(limit, Integral) else limit * n_documents for limit in (min_df, max_df)
    )
    if high < low:
        raise ValueError("max_df corresponds to < documents than min_df")
    if low <= 1 and high >= n_documents:
        return np.ones(sum(len(g.counts) for g in grams), dtype=bool)
    in_documents = np.concatenate([g.n_documents for g in grams])
    return (low <= in_documents) & (in_documents <= high)
