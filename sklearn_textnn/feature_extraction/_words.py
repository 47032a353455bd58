"""From raw documents to the ids of their words, as arrays of bytes.

To make a Python object for each word of each document would take longer than all else. So
documents are joined as bytes in UTF-8, and a word of up to 16 bytes is compared as two integers of
8 bytes. Only distinct words become str.
"""

import re
from itertools import chain
from typing import NamedTuple

import numpy as np

from ._distinct import Numbers, factorize, first_positions
from ._tokenization import WORD_PATTERN, pieces, to_spaces

# Documents are joined to blocks of about so many characters, which stay in the processor's cache.
_BLOCK = 2**20

# The low bytes of an integer, by the length of the word that is there.
_MASKS = np.array([2 ** (8 * n) - 1 for n in range(9)], dtype=np.uint64)

# No byte of UTF-8 is 255.
_NO_WORD = np.uint64(2**64 - 1)


class WordIds(NamedTuple):
    """The words of some documents.

    Attributes
    ----------
    words : list of str
        The distinct words. Word i has the id i.
    ids : ndarray of int32
        The words of all documents, end to end.
    indptr : ndarray of shape (n_documents + 1,)
        Where each document begins in `ids`.
    """

    words: list
    ids: np.ndarray
    indptr: np.ndarray

    def without(self, stop_words):
        """Return the same without some words."""
        stays = np.fromiter((word not in stop_words for word in self.words), bool, len(self.words))
        new_ids = np.cumsum(stays, dtype=np.int32) - 1
        there = stays[self.ids]
        before = np.concatenate(([0], np.cumsum(there)))
        words = [word for word, stay in zip(self.words, stays, strict=True) if stay]
        return WordIds(words, new_ids[self.ids[there]], before[self.indptr])


def read_words(documents, analyzer, lowercase):
    """Split raw documents.

    Parameters
    ----------
    documents : list of str
    analyzer : {"keras", "word"}
        As in `MultiHotVectorizer`.
    lowercase : bool
        Convert the documents to lower case first.

    Returns
    -------
    words : WordIds
        The words in the order of their first appearance.
    """
    collected = _Collected()
    n_words = []
    for block, ends in _blocks(documents, analyzer, lowercase):
        starts = collected.add(block, at_least=2 if analyzer == "word" else 1)
        n_words.append(np.searchsorted(starts, ends))
    ids, words = collected.distinct()
    indptr = np.concatenate(([0], *_add_up(n_words)))
    return WordIds(words, ids, indptr[_ends_of_documents(documents)])


def _add_up(counts):
    """Yield arrays of counts that each begin anew, as counts from the very beginning."""
    total = 0
    for block in counts:
        yield block + total
        total += block[-1]


def _ends_of_documents(documents):
    """Return how many pieces there are before the first document, and up to the end of each."""
    n_pieces = [sum(1 for _ in pieces(document)) for document in documents]
    return np.concatenate(([0], np.cumsum(n_pieces, dtype=np.int64)))


def _blocks(documents, analyzer, lowercase):
    """Yield bytes in which spaces separate words, and where each piece of a document ends there."""
    block, size = [], 0
    encode = _encoder(analyzer, lowercase)
    for piece in chain.from_iterable(map(pieces, documents)):
        block.append(encode(piece))
        size += len(block[-1]) + 1
        if size >= _BLOCK:
            yield _joined(block, analyzer)
            block, size = [], 0
    if block:
        yield _joined(block, analyzer)


def _joined(block, analyzer):
    ends = np.cumsum([len(piece) + 1 for piece in block])
    # A space before, to begin with; and more behind than is read of a word at a time.
    joined = b" ".join([b"", *block, b" " * 16])
    return to_spaces(joined, analyzer), ends


def _encoder(analyzer, lowercase):
    """Return a function from text to bytes in which ASCII characters separate the words."""

    def encode(document):
        if lowercase:
            document = document.lower()
        if document.isascii():
            return document.encode()
        if analyzer == "word":
            return " ".join(WORD_PATTERN.findall(document)).encode("utf-8", "surrogatepass")
        encoded = document.encode("utf-8", "surrogatepass")
        return _OTHER_SPACES.sub(lambda space: b" " * len(space[0]), encoded)

    return encode


# White space beyond ASCII, as `str.split` has it. There is none above U+3000.
_OTHER_SPACES = re.compile(
    b"|".join(chr(i).encode() for i in range(0x80, 0x3001) if chr(i).isspace())
)


def _find_words(block):
    """Return where the words begin and how long they are."""
    space = np.frombuffer(block, dtype=np.uint8) == ord(" ")
    starts = np.flatnonzero(space[:-1] > space[1:]) + 1
    return starts, np.flatnonzero(space[:-1] < space[1:]) + 1 - starts


def _emptied(arrays):
    """Join arrays, and drop them, so that there are not two copies for long."""
    joined = arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
    arrays.clear()
    return joined


class _Collected:
    """The words of several blocks, as integers."""

    def __init__(self):
        self._first_bytes = []
        self._next_bytes = []
        self._have_next = []
        self._long_words = Numbers()
        self._long_numbers = []
        self._are_long = []
        self._n_words = 0

    def add(self, block, at_least):
        """Add the words of a block that have so many bytes or more; return where they begin."""
        starts, lengths = _find_words(block)
        if at_least > 1:
            long_enough = lengths >= at_least
            starts, lengths = starts[long_enough], lengths[long_enough]
        long = self._add_long(block, starts, lengths)
        integers = np.ndarray(len(block) - 7, dtype="<u8", buffer=block, strides=(1,))
        first = integers[starts] & _MASKS[np.minimum(lengths, 8)]
        first[long] = _NO_WORD
        have_next = np.flatnonzero((lengths > 8) & (first != _NO_WORD))
        following = integers[starts[have_next] + 8]
        following &= _MASKS[np.minimum(lengths[have_next] - 8, 8)]
        self._first_bytes.append(first)
        self._next_bytes.append(following)
        self._have_next.append(have_next + self._n_words)
        self._n_words += len(starts)
        return starts

    def _add_long(self, block, starts, lengths):
        """Add the words that two integers cannot hold, and return which of the words they are."""
        long = lengths > 16
        if b"\0" in block:  # in an integer, "a\0" would be "a"
            zeros = np.flatnonzero(np.frombuffer(block, dtype=np.uint8) == 0)
            long[np.searchsorted(starts, zeros, side="right") - 1] = True
        long = np.flatnonzero(long)
        words = (block[starts[i] : starts[i] + lengths[i]] for i in long)
        numbers = (self._long_words[w.decode("utf-8", "surrogatepass")] for w in words)
        self._long_numbers.append(np.fromiter(numbers, np.int32, len(long)))
        self._are_long.append(long + self._n_words)
        return long

    def distinct(self):
        """Return the ids of all words and the distinct words. The collection is empty then."""
        if not self._n_words:
            return np.empty(0, dtype=np.int32), []
        ids, *words = self._number()
        return ids, self._as_str(*words)

    def _number(self):
        """Return the ids of all words, and what `_as_str` takes of the distinct ones."""
        ids, firsts = factorize(_emptied(self._first_bytes))
        ids = ids.astype(np.int32)
        nexts = np.zeros(len(firsts), dtype=np.uint64)
        have_next = _emptied(self._have_next)
        if len(have_next):
            pairs, next_values = factorize(_emptied(self._next_bytes))
            n = len(firsts)
            pairs += 1
            pairs *= n
            pairs += ids[have_next]
            pair_ids, pairs = factorize(pairs)
            ids[have_next] = n + pair_ids
            firsts = np.concatenate([firsts, firsts[pairs % n]])
            nexts = np.concatenate([nexts, next_values[pairs // n - 1]])
        ids[_emptied(self._are_long)] = len(firsts) + _emptied(self._long_numbers)
        no_words = np.zeros(len(self._long_words), dtype=np.uint64)
        firsts, nexts = np.append(firsts, no_words), np.append(nexts, no_words)
        positions = first_positions(ids, len(firsts))
        order = np.argsort(positions)[: np.count_nonzero(positions < len(ids))]
        new_ids = np.empty(len(firsts), dtype=np.int32)
        new_ids[order] = np.arange(len(order), dtype=np.int32)
        n_short = len(firsts) - len(self._long_words)
        return new_ids[ids], firsts[order], nexts[order], order - n_short

    def _as_str(self, firsts, nexts, long_numbers):
        """Return words as str; `long_numbers` is negative for the short ones."""
        # Each word is a line of bytes, filled up with zeros, which are then left out.
        lines = np.empty((len(firsts), 17), dtype=np.uint8)
        lines[:, :16] = np.column_stack([firsts, nexts]).astype("<u8").view(np.uint8)
        lines[:, 16] = ord("\n")
        encoded = lines[lines != 0].tobytes()[:-1]
        words = encoded.decode("utf-8", "surrogatepass").split("\n")
        long_words = list(self._long_words)
        for i in np.flatnonzero(long_numbers >= 0):
            words[i] = long_words[long_numbers[i]]
        return words
