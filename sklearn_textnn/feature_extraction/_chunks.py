"""Documents chunk by chunk, in this process or in several."""

import sys
from itertools import islice

from joblib import effective_n_jobs
from sklearn.utils.parallel import Parallel, delayed

# About how many characters of documents are read at a time, and sent to another process at a time.
_CHUNK = 2**24
_CHUNK_TO_SEND = 2**22
_CHUNKS_OF_A_PROCESS = 4

# A token counts as so many characters, and a document as so many more than it has.
_CHARACTERS_OF_A_TOKEN = 8
_CHARACTERS_OF_A_DOCUMENT = 64


def map_chunks(function, documents, n_jobs=None):
    """Apply a function to chunks of documents.

    Only a few chunks are in memory at a time. If documents cannot be read, their error is raised.

    Parameters
    ----------
    function : callable
        Gets a list of documents and the row of the first of them.
    documents : iterable of str or of sequences of str
    n_jobs : int or None, default=None
        The number of processes, as in joblib.

    Yields
    ------
    result : object
        What the function returns for each chunk, in the order of the documents. There is at least
        one chunk.
    """
    n_processes = effective_n_jobs(n_jobs)
    if n_processes <= 1:  # 0 where a cluster has no workers yet
        for first_row, chunk in _chunks(documents, _CHUNK):
            yield function(chunk, first_row)
        return
    chunks = _chunks(documents, _CHUNK_TO_SEND)
    n_together = min(_CHUNKS_OF_A_PROCESS * n_processes, sys.maxsize)  # islice takes no more
    some = list(islice(chunks, n_together))
    if len(some) == 1:
        yield function(some[0][1], some[0][0])
        return
    with Parallel(n_jobs=n_jobs) as parallel:
        while some:
            yield from parallel(delayed(function)(chunk, first_row) for first_row, chunk in some)
            some = list(islice(chunks, n_together))


def n_characters(documents):
    """Return about how many characters documents have."""
    return sum(map(_length, documents))


def _length(document):
    characters = 1 if isinstance(document, str) else _CHARACTERS_OF_A_TOKEN
    return _CHARACTERS_OF_A_DOCUMENT + characters * len(document)


def _chunks(documents, size):
    """Yield the row of the first document and the documents of each chunk."""
    chunk, first_row, length = [], 0, 0
    for document in documents:
        chunk.append(document)
        length += _length(document)
        if length >= size:
            yield first_row, chunk
            first_row += len(chunk)
            chunk, length = [], 0
    if chunk or not first_row:
        yield first_row, chunk
