"""How much of some work is done: the work tells it step by step, and a progress bar counts."""

from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

_COUNTERS = ContextVar("counters", default=MappingProxyType({}))


@contextmanager
def counting(kind, count):
    """Call a function after each step of a kind that the body does in this thread.

    Parameters
    ----------
    kind : {"epoch", "training", "document"}
        "training" is one that a callback of scikit-learn has ended.
    count : callable
    """
    token = _COUNTERS.set(_COUNTERS.get() | {kind: count})
    try:
        yield
    finally:
        _COUNTERS.reset(token)


def step_done(kind):
    """Tell that a step has ended."""
    count = _COUNTERS.get().get(kind)
    if count is not None:
        count()


def counted(kind, items):
    """Return the items as an iterable. A step has ended when the next item is asked for."""
    count = _COUNTERS.get().get(kind)
    return items if count is None else _counted(items, count)


def _counted(items, count):
    for item in items:
        yield item
        count()
