"""Learning a vocabulary from documents."""

from functools import partial
from numbers import Integral

import scipy.sparse as sp

from ._chunks import map_chunks
from ._encoding import encode
from ._ranking import rank_terms
from ._reading import count_documents
from ._term_counts import merge


def count_in_chunks(documents, analysis, in_documents, n_jobs, running, task):
    """Add the counts of documents to those of the documents before.

    Parameters
    ----------
    documents : iterable of str or of sequences of str
    analysis : Analysis
    in_documents : bool
        Count too in how many documents each term is.
    n_jobs : int or None
        The number of processes, as in joblib.
    running : RunningCounts
    task : FitTask or None
        The task of which each chunk is a subtask.
    """
    count = partial(_count_only, analysis=analysis, in_documents=in_documents)
    for counts in map_chunks(count, documents, n_jobs, task):
        running.add(counts)


def _count_only(*args, **kwargs):
    return count_documents(*args, **kwargs).counts


def learn_and_encode(documents, analysis, n_jobs, limits, handle_unknown, dtype, task):
    """Learn the vocabulary of documents and encode them, without reading them again.

    Parameters
    ----------
    documents : iterable of str or of sequences of str
    analysis : Analysis
    n_jobs : int or None
        The number of processes, as in joblib.
    limits : dict
        The parameters of `rank_terms`.
    handle_unknown, dtype
        As in `MultiHotVectorizer`.
    task : FitTask or None
        The task of which each chunk is a subtask.

    Returns
    -------
    vocabulary : dict
        From a term to its column.
    encoded : CSR matrix of shape (n_documents, n_columns)
    """
    count = partial(count_documents, analysis=analysis, in_documents=limits_documents(limits))
    documents = list(map_chunks(count, documents, n_jobs, task))
    counts, places = documents[0].counts, [None]
    if len(documents) > 1:
        counts, places = merge([part.counts for part in documents])
    terms, columns = rank_terms(counts, **limits)
    encoded, first_row = [], 0
    for part, of_part in zip(documents, places, strict=True):
        encoded.append(
            _encode(part, columns, of_part, len(terms), handle_unknown, dtype, first_row)
        )
        first_row += part.counts.n_documents
    vocabulary = dict(zip(terms, range(len(terms)), strict=True))
    return vocabulary, encoded[0] if len(encoded) == 1 else sp.vstack(encoded, format="csr")


def limits_documents(limits):
    """Whether it matters in how many documents a term is."""
    min_df, max_df = limits["min_df"], limits["max_df"]
    all_stay = isinstance(min_df, Integral) and min_df == 1  # 1.0 would be all documents
    return not (all_stay and not isinstance(max_df, Integral) and max_df == 1.0)


def _encode(documents, columns, places, n_columns, handle_unknown, dtype, first_row):
    counts = documents.counts
    of_terms = {}
    for n in counts.terms():
        if places is None:
            of_terms[n] = columns[n]
        else:
            at, numbers = places[n]
            of_terms[n] = columns[at][numbers]

    def describe(n, at):
        (name,) = counts.names(n, documents.ids[n][[at]])
        return f"the term {name!r}"

    return encode(
        {n: of_terms[n][documents.ids[n]] for n in of_terms},
        {n: documents.indptr[n] for n in of_terms},
        n_columns,
        handle_unknown,
        dtype,
        describe,
        first_row,
    )
