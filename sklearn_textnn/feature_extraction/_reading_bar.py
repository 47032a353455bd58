"""The bar of a vectorizer, which moves with the documents that it has read."""

from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace

from .._progress_bar import progress_bar
from .._work_done import counting


@contextmanager
def reading_bar(vectorizer, name, X, task, n_readings=1):
    """Yield the task of a fit. If `verbose` asks for a bar and there is no task, it draws the bar.

    Parameters
    ----------
    vectorizer : MultiHotVectorizer
    name : str
        Of the method.
    X : iterable
        The documents.
    task : FitTask or None
        The task that tells scikit-learn's callbacks, which may draw bars of their own.
    n_readings : int, default=1
        How often each document is read.
    """
    if task is not None or not vectorizer.verbose:
        yield task
        return
    try:
        total = n_readings * len(X)
    except TypeError:  # a generator, or no documents
        total = None
    with progress_bar(f"{type(vectorizer).__name__} - {name}", total) as bar:
        if bar is None:
            yield None
            return
        reading = _Reading(bar)
        with counting("document", reading.count):
            yield reading


class _Reading:
    """Draws what a `FitTask` would tell. Documents count one by one where they are slow to read."""

    def __init__(self, bar):
        self._bar = bar
        self._n_read = self._n_in_chunks = 0

    def subtask(self, name, X, y):
        """Begin a chunk of documents."""
        return SimpleNamespace(end=partial(self._end_chunk, len(X)))

    def count(self):
        """Count a document of a chunk that has not ended."""
        self._n_read += 1
        self._draw()

    def _end_chunk(self, n_documents):
        self._n_in_chunks += n_documents
        self._n_read = self._n_in_chunks
        self._draw()

    def _draw(self):
        self._bar.update(self._n_read, f"{self._n_read:,} documents read")
