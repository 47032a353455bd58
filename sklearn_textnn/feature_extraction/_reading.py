"""From some documents to the terms that they have, which are counted or looked up."""

from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from .._work_done import counted
from ._chunks import n_characters
from ._distinct import Numbers
from ._encoding import encode, look_up, vocabulary_changed
from ._lookup import TermTable, term_at
from ._term_counts import count_terms
from ._tokenization import make_analyzer, stop_word_set
from ._words import WordIds, read_words

# Fewer characters than this are looked up word by word, in a dict.
_FEW_CHARACTERS = 2**16
# A table of n-grams pays if there are so many characters for each term of the vocabulary.
_CHARACTERS_OF_A_TERM = 4

# Longer n-grams are joined to str: each n takes a pass over all words, even where no document has
# so many.
_MOST_WORDS = 16


class Analysis(NamedTuple):
    """How documents become terms; the parameters are those of `MultiHotVectorizer`."""

    kind: str
    analyzer: Any
    lowercase: bool
    ngram_range: tuple
    stop_words: Any

    @property
    def splits_words(self):
        """Whether terms are made of words, and counted by the numbers of their words."""
        return self.analyzer in ("keras", "word") and self.ngram_range[1] <= _MOST_WORDS

    @property
    def max_n(self):
        """The largest number of words of a term, or 1 if terms are not made of words."""
        return self.ngram_range[1] if self.splits_words else 1

    def analyze(self):
        """Return the function that turns one document into the list of its terms."""
        return self.analyzer if callable(self.analyzer) else make_analyzer(*self)

    def word_ids(self, documents):
        """Return the words of documents.

        None if terms are not known by their words, because a token has a space.
        """
        if self.kind == "text":
            words = read_words(documents, self.analyzer, self.lowercase)
        else:
            words = _tokens(documents)
            if self.max_n > 1 and any(" " in word for word in words.words):
                return None
        return words.without(stop_word_set(self.stop_words)) if self.stop_words else words


def _tokens(documents):
    numbers = Numbers()
    indptr = np.cumsum([0, *map(len, documents)], dtype=np.int64)
    tokens = chain.from_iterable(documents)
    ids = np.fromiter(map(numbers.__getitem__, tokens), np.int32, indptr[-1])
    return WordIds(list(numbers), ids, indptr)


def count_documents(documents, first_row, analysis, in_documents):
    """Count the terms of documents.

    Parameters
    ----------
    documents : list of str or of sequences of str
    first_row : int
        The row of the first document, for errors.
    analysis : Analysis
    in_documents : bool
        Count too in how many documents each term is.

    Returns
    -------
    counted : CountedDocuments
    """
    words = analysis.word_ids(documents) if analysis.splits_words else None
    if words is not None:
        return count_terms(words, analysis.ngram_range, in_documents=in_documents)
    numbers = Numbers()
    terms = map(analysis.analyze(), counted("document", documents))
    ids, indptr, repeated = look_up(terms, numbers.__getitem__, first_row=first_row)
    words = WordIds(list(numbers), ids, indptr)
    return count_terms(words, (1, 1), in_documents=in_documents, joined=True, repeated=repeated)


class Encoder:
    """Encodes documents over the terms of a vocabulary.

    Parameters
    ----------
    analysis : Analysis
    vocabulary : dict
        From a term to its column.
    n_columns, handle_unknown, dtype
        As for `encode`.
    """

    def __init__(self, analysis, vocabulary, n_columns, handle_unknown, dtype):
        if not isinstance(vocabulary, dict):
            raise vocabulary_changed(f"it is {type(vocabulary).__name__} and not dict")
        self._analysis = analysis
        self._vocabulary = vocabulary
        self._options = n_columns, handle_unknown, dtype
        self._table = None

    def __call__(self, documents, first_row):
        """Return the CSR matrix of documents; `first_row` is that of the first, for errors."""
        if self._analysis.splits_words and self._are_many(documents):
            words = self._analysis.word_ids(documents)
            if words is not None:
                return self._by_words(words, first_row)
        _, handle_unknown, _ = self._options
        find = (self._vocabulary.get, -1)
        if handle_unknown == "error":
            find = (self._vocabulary.__getitem__,)
        terms = map(self._analysis.analyze(), counted("document", documents))
        columns, indptr, _ = look_up(terms, *find, first_row=first_row)
        return encode({1: columns}, {1: indptr}, *self._options)

    def _are_many(self, documents):
        """Whether it pays to make a table of the vocabulary."""
        few = _FEW_CHARACTERS
        if self._table is None and self._analysis.max_n > 1:
            few = max(few, _CHARACTERS_OF_A_TERM * len(self._vocabulary))
        return n_characters(documents) > few

    def _by_words(self, words, first_row):
        if self._table is None:
            self._table = TermTable(self._vocabulary, self._analysis.max_n)

        def describe(n, at):
            return f"the term {term_at(words, n, at)!r}"

        columns, indptr = self._table.find(words, self._analysis.ngram_range)
        return encode(columns, indptr, *self._options, describe, first_row)
