"""A callback for scikit-learn 1.9 that notes what it is told, and can stop or fail."""

from contextlib import contextmanager
from typing import NamedTuple


class Event(NamedTuple):
    """One call of a hook. `path` has the name of each task from the root down."""

    hook: str
    path: tuple
    context: object
    estimator: object
    told: dict


class Recorder:
    """Notes every call of a hook, with all that it can be told.

    `act` is called with each event, and what it returns is what the hook returns.
    """

    def __init__(self, act=lambda event: None):
        self.events = []
        self.act = act

    def _note(self, hook, estimator, context, **told):
        path, at = (), context
        while at is not None:
            path, at = ((at.task_name, at.task_id), *path), at.parent
        self.events.append(Event(hook, path, context, estimator, told))
        return self.act(self.events[-1])

    def setup(self, estimator, context):
        self._note("setup", estimator, context)

    def on_fit_task_begin(
        self, estimator, context, *, X=None, y=None, metadata=None, fitted_estimator=None
    ):
        told = dict(X=X, y=y, metadata=metadata, fitted_estimator=fitted_estimator)
        self._note("begin", estimator, context, **told)

    def on_fit_task_end(
        self, estimator, context, *, X=None, y=None, metadata=None, fitted_estimator=None
    ):
        told = dict(X=X, y=y, metadata=metadata, fitted_estimator=fitted_estimator)
        return self._note("end", estimator, context, **told)

    def teardown(self, estimator, context):
        self._note("teardown", estimator, context)

    def told(self, hook, name):
        """Return what a hook was told of each task with this name."""
        return [event.told for event in self.of(hook, name)]

    def of(self, hook, name):
        """Return the calls of a hook for the tasks with this name."""
        return [e for e in self.events if e.hook == hook and e.path[-1][0] == name]

    def hooks(self):
        """Return the hooks in the order of their calls, each with the name of its task."""
        return [(event.hook, event.path[-1][0]) for event in self.events]


class Counter:
    """Counts the tasks that end, and asks for nothing."""

    def __init__(self):
        self.ended = []

    def setup(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context):
        self.ended.append(context.task_name)

    def teardown(self, estimator, context):
        pass


def fails_at(hook, name, error):
    """Return a function for `act` that raises an error in a hook of a task."""

    def act(event):
        if (event.hook, event.path[-1][0]) == (hook, name):
            raise type(error)(*error.args)  # a new one, since its traceback keeps the frames

    return act


def stops_after(n_epochs):
    """Return a function for `act` that asks to stop after so many epochs of a training."""

    def act(event):
        return event.hook == "end" and event.path[-1] == ("epoch", n_epochs - 1)

    return act


@contextmanager
def wide_console():
    """Let rich, which draws scikit-learn's progress bars, print lines that need not be cut."""
    import rich

    rich.reconfigure(width=200)
    try:
        yield
    finally:
        rich.reconfigure()
