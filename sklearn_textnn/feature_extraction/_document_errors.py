"""What the errors about documents say: where the fault is, and what to do about it."""

import numpy as np

_EXPECTED = {
    "text": "a raw document (str)",
    "tokens": "a list of tokens (str)",
    "integers": "a sequence of integers",
    None: "a str, a list of str or a sequence of integers",
}
_EXPECTED_PART = {
    "tokens": "a token (str)",
    "integers": "an integer",
    None: "a token (str) or an integer",
}


def no_documents(X):
    """Return the error for X that is not an iterable over documents."""
    return ValueError(
        f"X must be an iterable over documents, got {type(X).__name__}; put a single document in "
        "a list: [document]."
    )


def several_columns(shape):
    """Return the error for a table of more than one column."""
    return ValueError(
        f"X has the shape {shape}, but one column of documents is expected: choose it, as in "
        "X['text'] or X[:, 0]; in a ColumnTransformer, name it by a str and not by a list."
    )


def unexpected_document(row, document, kind, fill):
    """Return the error for a document that is missing or not of this kind.

    `fill` is the call that fills missing values in the user's container, or None.
    """
    how = "" if fill is None else f", as {fill} does"
    what_to_do = f"leave it out, or put an empty document there{how}"
    return _unexpected(f"Row {row}", document, _EXPECTED[kind], what_to_do)


def unexpected_part(row, position, part, kind):
    """Return the error for a token or an integer that is missing or not of this kind."""
    return _unexpected(f"Row {row}, position {position},", part, _EXPECTED_PART[kind], "remove it")


def _unexpected(where, value, expected, what_to_do):
    missing = isinstance(value, (float, np.floating)) and value != value
    if missing or value is None or type(value).__name__ in ("NAType", "NaTType"):
        return ValueError(
            f"{where} is missing ({value!r}), where {expected} is expected; {what_to_do}."
        )
    shown = repr(value)
    shown = shown if len(shown) <= 40 else f"{shown[:37]}..."
    return TypeError(
        f"{where} is {shown} ({type(value).__name__}), where {expected} is expected; documents "
        "must all be of the kind that fit got, and a single one must be in a list: [document]."
    )


def not_utf8(row, error):
    """Return the error for bytes that cannot be decoded."""
    return ValueError(
        f"Row {row} is bytes that are not UTF-8 ({error.reason} at byte {error.start}); decode it "
        "to str with the right encoding first."
    )


def large_integer(row):
    """Return the error for an integer that does not fit into 64 bits."""
    return ValueError(f"Row {row} has an integer that does not fit into 64 bits.")


def negative_integer(row, integer):
    """Return the error for a negative integer."""
    return ValueError(
        f"Row {row} has the negative integer {integer}; column j is integer j, so integers must "
        "be 0 or more."
    )


def unknown(row, what):
    """Return the error for a term or an integer without a column."""
    return ValueError(
        f"Row {row} has {what}, which has no column; handle_unknown='ignore' leaves it out, and, "
        "without a given vocabulary, a larger num_words makes more columns."
    )


def unhashable_term(row, term):
    """Return the error for a term that a callable analyzer made and that cannot be looked up."""
    return TypeError(
        f"Row {row} has the term {term!r} ({type(term).__name__}), which is not hashable; the "
        "analyzer must return str."
    )
