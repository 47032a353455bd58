"""Where the sequences of n words are in documents that lie end to end."""

import numpy as np


class Windows:
    """The sequences of words that do not cross the end of a document.

    Parameters
    ----------
    indptr : ndarray of shape (n_documents + 1,)
        Where each document begins among all words.
    """

    def __init__(self, indptr):
        self._lengths = np.diff(indptr)
        self._n_words = int(indptr[-1])
        self._left = None

    def starts(self, n):
        """Return a mask of the words that begin a sequence of n words.

        It ends with the last word that could begin one.
        """
        if self._left is None:  # how many words there are from each one to the end of its document
            ends = np.cumsum(self._lengths)
            self._left = np.repeat(ends, self._lengths) - np.arange(self._n_words)
        return self._left[: max(self._n_words - n + 1, 0)] >= n

    def indptr(self, n):
        """Return where each document begins among all sequences of n words."""
        return np.append(0, np.cumsum(np.maximum(self._lengths - n + 1, 0)))
