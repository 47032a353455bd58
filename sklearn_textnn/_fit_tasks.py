"""The tasks of a fit, of which scikit-learn's callbacks are told."""

from contextlib import contextmanager
from numbers import Number

from ._sklearn_compat import FIT_CONTEXTS, callbacks_of


class FitTask:
    """A task that has begun.

    Parameters
    ----------
    estimator : estimator
        The one that is fitted.
    context : sklearn.callback.CallbackContext
        The place of the task in the tree of tasks.
    attributes : callable, default=None
        Returns all attributes of the estimator that a fit would leave which ended now, or None if
        it would leave none. It is called if a callback asks for that estimator.
    **told : object
        `X`, `y` and `metadata`, or functions that return them and are called if a callback asks.
    """

    def __init__(self, estimator, context, attributes=None, **told):
        self._estimator = estimator
        self._context = context
        self._told = told
        context.call_on_fit_task_begin(estimator=estimator, **told, **_as_fitted(attributes))

    def subtask(self, name, n_subtasks=0, attributes=None, **told):
        """Begin a part of this task. What is not `told` of it is told as of this task."""
        context = self._context.subcontext(task_name=name, max_subtasks=n_subtasks)
        return FitTask(self._estimator, context, attributes, **(self._told | told))

    def end(self, attributes=None):
        """End the task, and return whether a callback asks to stop."""
        return self._context.call_on_fit_task_end(
            estimator=self._estimator, **self._told, **_as_fitted(attributes)
        )


@contextmanager
def fit_task(estimator, name, *, X, y=None, sample_weight=None, n_subtasks=0):
    """Yield the task of a whole fit, or None if no callbacks are set.

    The body ends with the fitted estimator. If a callback then raises an error, the estimator is as
    it was before.

    Parameters
    ----------
    estimator : estimator
        Its method must be decorated with `_fit_context`, which ends what begins here.
    name : str
        Of the method.
    X, y, sample_weight : object
        What the method was given. One weight for all rows is not told, since no metric takes it.
    n_subtasks : int, None or callable, default=0
        How many subtasks there can be, None where that is not known, or a function that returns it.
    """
    if not callbacks_of(estimator):
        yield None
        return
    if callable(n_subtasks):
        n_subtasks = n_subtasks()
    context = estimator._init_callback_context(task_name=name, max_subtasks=n_subtasks)
    before = vars(estimator).copy()
    has_weights = sample_weight is not None and not isinstance(sample_weight, Number)
    metadata = {"sample_weight": sample_weight} if has_weights else None
    task = FitTask(estimator, context, X=X, y=y, metadata=metadata)
    yield task
    try:
        task.end(lambda: vars(estimator))
    except BaseException:
        vars(estimator).update(before)
        for added in vars(estimator).keys() - before.keys():
            vars(estimator).pop(added, None)
        raise


def _as_fitted(attributes):
    """Return the argument of a hook from which scikit-learn makes the estimator after a fit.

    That is a copy of the estimator on which attributes are set. All of them are set at once, since
    those of an earlier fit may not stay.
    """
    if attributes is None:
        return {}

    def reconstruct():
        found = attributes()
        if found is None:
            return None
        return {"__dict__": {k: v for k, v in found.items() if k not in FIT_CONTEXTS}}

    return {"reconstruction_attributes": reconstruct}
