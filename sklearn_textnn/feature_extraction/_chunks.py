"""Documents chunk by chunk, in this process or in several."""

import sys
from contextlib import suppress
from itertools import islice

from joblib import effective_n_jobs
from sklearn.utils.parallel import Parallel, delayed

from ._documents import to_list

# About how many characters of documents are read at a time, and sent to another process at a time.
_CHUNK = 2**24
_CHUNK_TO_SEND = 2**22
_CHUNKS_OF_A_PROCESS = 4

# A token counts as so many characters, and a document as so many more than it has.
_CHARACTERS_OF_A_TOKEN = 8
_CHARACTERS_OF_A_DOCUMENT = 64


def map_chunks(function, documents, n_jobs=None, task=None):
    """Apply a function to chunks of documents.

    Only a few chunks are in memory at a time. If documents cannot be read, their error is raised.

    Parameters
    ----------
    function : callable
        Gets a list of documents and the row of the first of them.
    documents : iterable of str or of sequences of str
    n_jobs : int or None, default=None
        The number of processes, as in joblib.
    task : FitTask, default=None
        The task of which each chunk is a subtask.

    Yields
    ------
    result : object
        What the function returns for each chunk, in the order of the documents. There is at least
        one chunk.
    """
    n_processes = effective_n_jobs(n_jobs)
    chunks = _chunks(documents, _chunk_size(n_processes))
    if n_processes <= 1:  # 0 where a cluster has no workers yet
        yield from _map_here(function, chunks, task)
        return
    n_together = min(_CHUNKS_OF_A_PROCESS * n_processes, sys.maxsize)  # islice takes no more
    some = list(islice(chunks, n_together))
    if len(some) == 1:
        yield from _map_here(function, some, task)
        return
    with _parallel(n_jobs, one_by_one=task is not None) as parallel:
        while some:
            subtasks = [_begin_subtask(task, chunk) for _, chunk in some]
            results = parallel(delayed(function)(chunk, first_row) for first_row, chunk in some)
            try:
                for result, subtask in zip(results, subtasks, strict=True):
                    _end_subtask(subtask)
                    yield result
            finally:  # where a callback fails, joblib would kill the processes
                for _ in results:
                    pass
            some = list(islice(chunks, n_together))


def _parallel(n_jobs, one_by_one):
    """Return a `Parallel`; its results come one by one if that is asked for and possible."""
    if one_by_one:
        # Not before joblib 1.3, nor with its backend "multiprocessing".
        with suppress(TypeError, ValueError):
            return Parallel(n_jobs=n_jobs, return_as="generator")
    return Parallel(n_jobs=n_jobs)


def count_chunks(documents, n_jobs):
    """Return how many chunks there are of a sequence of str or of lists, None of anything else."""
    documents = documents if isinstance(documents, list) else to_list(documents)
    if not isinstance(documents, list) or set(map(type, documents)) not in ({str}, {list}):
        return None
    return sum(1 for _ in _chunks(documents, _chunk_size(effective_n_jobs(n_jobs))))


def _chunk_size(n_processes):
    return _CHUNK_TO_SEND if n_processes > 1 else _CHUNK


def _map_here(function, chunks, task):
    for first_row, chunk in chunks:
        subtask = _begin_subtask(task, chunk)
        result = function(chunk, first_row)
        _end_subtask(subtask)
        yield result


def _begin_subtask(task, chunk):
    return None if task is None else task.subtask("chunk", X=chunk, y=None)


def _end_subtask(subtask):
    if subtask is not None:
        subtask.end()


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
