"""How far up the stack the user's own code is, for warnings that point at it."""

import sys

_INNER = ("sklearn_textnn.", "sklearn.")


def find_stacklevel():
    """Return the `stacklevel` of a warning that points at the first frame outside of the libraries.

    Returns
    -------
    int
        For `warnings.warn` in the function that calls this one.
    """
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and _is_inner(frame):
        frame, level = frame.f_back, level + 1
    return level


def _is_inner(frame):
    # `contextlib` calls the body of a context manager that a library has wrapped around a method.
    name = frame.f_globals.get("__name__", "")
    return f"{name}.".startswith(_INNER) or name == "contextlib"
