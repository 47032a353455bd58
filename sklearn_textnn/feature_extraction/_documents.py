"""Reading documents: their kind, and the checked documents one after the other."""

from collections.abc import Mapping, Sequence
from itertools import chain, islice

import numpy as np
import scipy.sparse as sp

from . import _document_errors as errors


def read_documents(X, kind=None):
    """Check the documents.

    Parameters
    ----------
    X : iterable of str, of lists of str, or of sequences of int
        The documents. A table must have one column, or be a NumPy array of integers.
    kind : {"text", "tokens", "integers"}, default=None
        The kind of the documents. None finds it out.

    Returns
    -------
    kind : {"text", "tokens", "integers"}
        The kind of the documents.
    documents : iterable
        The documents as str, or as lists, tuples or integer arrays. Text and tokens are read and
        checked while they are iterated over, which can be done once. Integers are in a list.
    """
    if isinstance(X, (str, bytes, Mapping)) or sp.issparse(X):
        raise errors.no_documents(X)
    fill = _how_to_fill(X)
    documents = iter(_without_table(X))
    if kind is None:
        first = list(islice(documents, 1))
        documents = chain(first, documents)
        if not first or isinstance(first[0], (str, bytes)):
            kind = "text"
    if kind == "text":
        return kind, _raw_documents(documents, fill)
    return _sequences(documents, kind, fill)


def _how_to_fill(X):
    """Return the call that fills missing documents in the user's container, or None."""
    if hasattr(X, "fillna"):  # pandas
        return "X.fillna('')"
    return "X.fill_null('')" if hasattr(X, "fill_null") else None  # polars, pyarrow


def _without_table(X):
    """Return an iterable over documents for a column, for a table of one column or for a list."""
    shape = getattr(X, "shape", (0,))
    if len(shape) == 2 and isinstance(X, np.ndarray):
        if X.dtype.kind in "iu":
            return X  # each row is a sequence
        if shape[1] == 1:
            return [row[0] for row in X.tolist()]
    elif len(shape) == 2 and shape[1] == 1:
        X, shape = _only_column(X), shape[:1]
    if len(shape) > 1:
        raise errors.several_columns(shape)
    documents = to_list(X)  # of Python's own str, and rows are positions in a Series too
    if documents is None:
        documents = X
    if not hasattr(documents, "__iter__") or len(shape) != 1:
        raise errors.no_documents(X)
    return documents


def _only_column(table):
    if hasattr(table, "iloc"):  # pandas
        return table.iloc[:, 0]
    return table.column(0) if hasattr(table, "column") else table[:, 0]  # pyarrow, polars


def to_list(values):
    """Return a column or a sequence as a list; None if it is not an array of some library."""
    for method in ("to_pylist", "to_list", "tolist"):  # pyarrow, polars and pandas, NumPy
        if hasattr(values, method):
            return getattr(values, method)()
    return None


def _raw_documents(documents, fill):
    """Yield each document as str."""
    for row, document in enumerate(documents):
        if isinstance(document, str):
            yield document
        elif isinstance(document, bytes):
            try:
                yield document.decode("utf-8")
            except UnicodeDecodeError as error:
                raise errors.not_utf8(row, error) from error
        else:
            raise errors.unexpected_document(row, document, "text", fill)


def _sequences(documents, kind, fill):
    """Return the kind of sequences, and an iterable over them; a list if they are integers."""
    documents = enumerate(documents)
    first = []
    for row, document in documents:
        sequence, found = _checked_sequence(row, document, kind, fill)
        first.append(sequence)
        if found is not None:
            kind = found
            break
    others = (_checked_sequence(row, document, kind, fill)[0] for row, document in documents)
    sequences = chain(first, others)
    return kind or "tokens", list(sequences) if kind == "integers" else sequences


def _checked_sequence(row, document, kind, fill):
    """Return a document as list, tuple or integer array, and its kind, or None if it is empty."""
    sequence = _as_sequence(document)
    if sequence is None:
        raise errors.unexpected_document(row, document, kind, fill)
    types = {sequence.dtype.type} if isinstance(sequence, np.ndarray) else set(map(type, sequence))
    found = set(map(_kind_of_part, types)) if len(sequence) else set()
    if len(found) > 1 or None in found or (found and kind not in {None, *found}):
        raise _unexpected_part(row, sequence, kind)
    return sequence, next(iter(found), None)


def _as_sequence(document):
    """Return a document as list, tuple or integer array; None if it is none of these."""
    if isinstance(document, (list, tuple)):
        return document
    if isinstance(document, np.ndarray) and document.ndim == 1 and document.dtype.kind in "iu":
        return document
    if isinstance(document, (str, bytes, bytearray)):
        return None
    parts = to_list(document)
    if parts is None and isinstance(document, Sequence):
        parts = list(document)
    return parts if isinstance(parts, list) else None


def _kind_of_part(part_type):
    if issubclass(part_type, str):
        return "tokens"
    if issubclass(part_type, (int, np.integer)) and part_type is not bool:
        return "integers"
    return None


def _unexpected_part(row, sequence, kind):
    """Return the error that names the first token or integer of another kind."""
    for position, part in enumerate(sequence):
        found = _kind_of_part(type(part))
        if found is None or found != (kind or found):
            return errors.unexpected_part(row, position, part, kind)
        kind = found
    return None


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
            raise errors.large_integer(row) from error
    negative = integers < 0
    if negative.any():
        at = int(negative.argmax())
        row = np.searchsorted(indptr, at, side="right") - 1
        raise errors.negative_integer(row, integers[at])
    return integers, indptr
