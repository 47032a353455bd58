"""Reading documents: of which kind they are, and the checked documents one after the other."""

from collections.abc import Mapping, Sequence
from itertools import chain, islice

import numpy as np
import scipy.sparse as sp

_EXPECTED = {
    "text": "a raw document (str)",
    "tokens": "a list of tokens (str)",
    "integers": "a sequence of integers",
    None: "a str, a list of str or a sequence of integers",
}


def read_documents(X, kind=None):
    """Return the kind of documents, found out if it is None, and an iterable over checked ones."""
    shape = getattr(X, "shape", (0,))
    one = isinstance(X, (str, bytes, Mapping)) or shape == () or not hasattr(X, "__iter__")
    if one or sp.issparse(X):
        raise ValueError(
            f"X must be an iterable over documents, got {type(X).__name__}; put a single document "
            "in a list: [document]."
        )
    if len(shape) != 1 and not (
        isinstance(X, np.ndarray) and len(shape) == 2 and X.dtype.kind in "iu"
    ):
        raise ValueError(
            f"X has the shape {shape}, but one column of documents is expected: choose it, as in "
            "X['text'] or X[:, 0]; in a ColumnTransformer, name it by a str and not by a list."
        )
    if len(shape) == 1 and hasattr(X, "tolist"):
        X = X.tolist()  # of Python's own str, and rows are positions in a Series too
    documents = iter(X)
    if kind is None:
        first = list(islice(documents, 1))
        documents = chain(first, documents)
        if not first or isinstance(first[0], (str, bytes)):
            kind = "text"
    if kind == "text":
        return kind, _raw_documents(documents)
    return _sequences(documents, kind)


def _raw_documents(documents):
    """Yield each document as str."""
    for row, document in enumerate(documents):
        if isinstance(document, str):
            yield document
        elif isinstance(document, bytes):
            try:
                yield document.decode("utf-8")
            except UnicodeDecodeError as error:
                raise ValueError(
                    f"Row {row} is bytes that are not UTF-8 ({error.reason} at byte "
                    f"{error.start}); decode it to str with the right encoding first."
                ) from error
        else:
            raise _unexpected(f"Row {row}", document, _EXPECTED["text"])


def _sequences(documents, kind):
    """Return the kind of sequences, and the sequences as lists, tuples or integer arrays."""
    sequences = []
    for row, document in enumerate(documents):
        sequence = _as_sequence(document)
        if sequence is None:
            raise _unexpected(f"Row {row}", document, _EXPECTED[kind])
        sequences.append(sequence)
    arrays = [s for s in sequences if isinstance(s, np.ndarray)]
    lists = sequences if not arrays else [s for s in sequences if not isinstance(s, np.ndarray)]
    types = {s.dtype.type for s in arrays}.union(map(type, chain.from_iterable(lists)))
    kinds = set(map(_kind_of_element, types))
    if not kinds:
        return kind or "tokens", sequences  # all are empty
    if len(kinds) > 1 or None in kinds or kind not in {None, *kinds}:
        _refuse_elements(sequences, kind)
    return kinds.pop(), sequences


def _as_sequence(document):
    """Return a document as list, tuple or integer array; None if it is none of these."""
    if isinstance(document, (list, tuple)):
        return document
    if isinstance(document, np.ndarray) and document.ndim == 1 and document.dtype.kind in "iu":
        return document
    if hasattr(document, "tolist"):
        document = document.tolist()
        return document if isinstance(document, list) else None
    if isinstance(document, Sequence) and not isinstance(document, (str, bytes, bytearray)):
        return list(document)
    return None


def _kind_of_element(element_type):
    if issubclass(element_type, str):
        return "tokens"
    if issubclass(element_type, (int, np.integer)) and element_type is not bool:
        return "integers"
    return None


def _refuse_elements(sequences, kind):
    """Raise the error that names the first element of another kind."""
    for row, sequence in enumerate(sequences):
        for position, element in enumerate(sequence):
            found = _kind_of_element(type(element))
            if found is None or found != (kind or found):
                expected = {"tokens": "a token (str)", "integers": "an integer"}
                raise _unexpected(
                    f"Row {row}, position {position},",
                    element,
                    expected.get(kind, "a token (str) or an integer"),
                )
            kind = found


def _unexpected(where, value, expected):
    """Return the error for something that is not a document, or not part of one."""
    missing = isinstance(value, (float, np.floating)) and value != value
    if missing or value is None or type(value).__name__ in ("NAType", "NaTType"):
        return ValueError(
            f"{where} is missing ({value!r}), where {expected} is expected; leave it out, or put "
            "an empty document there, as X.fillna('') does."
        )
    shown = repr(value)
    shown = shown if len(shown) <= 40 else f"{shown[:37]}..."
    return TypeError(
        f"{where} is {shown} ({type(value).__name__}), where {expected} is expected; documents "
        "must all be of the kind that fit got, and a single one must be in a list: [document]."
    )


def flatten_integers(sequences):
    """Return the integers of all documents end to end, and where each document begins."""
    indptr = np.concatenate(([0], np.cumsum([len(s) for s in sequences], dtype=np.int64)))
    arrays = bool(sequences) and all(isinstance(s, np.ndarray) for s in sequences)
    if arrays and not any(s.dtype == np.uint64 for s in sequences):  # which would wrap around
        integers = np.concatenate(sequences, dtype=np.int64, casting="same_kind")
    else:
        try:
            integers = np.fromiter(chain.from_iterable(sequences), np.int64, count=indptr[-1])
        except OverflowError as error:
            fits = range(-(2**63), 2**63)
            row = next(i for i, s in enumerate(sequences) if any(int(v) not in fits for v in s))
            raise ValueError(f"Row {row} has an integer that does not fit into 64 bits.") from error
    negative = integers < 0
    if negative.any():
        at = int(negative.argmax())
        raise ValueError(
            f"Row {np.searchsorted(indptr, at, side='right') - 1} has the negative integer "
            f"{integers[at]}; column j is integer j, so integers must be 0 or more."
        )
    return integers, indptr
