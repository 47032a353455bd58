"""What scikit-learn's callbacks, from version 1.9, are told of a search."""

from contextlib import contextmanager

from .._sklearn_compat import callback_context


class SearchTask:
    """A task of a search: the whole of it, or its refit.

    Without a context, that is before scikit-learn 1.9, nothing is told.
    """

    def __init__(self, context, search, X, y, params):
        self._context = context
        self._told = {"estimator": search, "X": X, "y": y, "metadata": _metadata(params)}

    @classmethod
    def of_fit(cls, search, X, y, params):
        """Return the task of a whole `fit`."""
        return cls(callback_context(search, 1 + (search.refit is not False)), search, X, y, params)

    @property
    def context(self):
        """The context of scikit-learn, or None."""
        return self._context

    def begin(self):
        """Tell that the task begins."""
        if self._context is not None:
            self._context.call_on_fit_task_begin(**self._told)

    def end(self):
        """Tell that the task has ended."""
        if self._context is not None:
            self._context.call_on_fit_task_end(**self._told)

    @contextmanager
    def refitting(self, estimator):
        """Tell of the refit, and let the estimator report to the same callbacks."""
        if self._context is None:
            yield
            return
        context = self._context.subcontext(task_name="refit-with-best-params")
        with context.propagate_callback_context(estimator):
            context.call_on_fit_task_begin(**self._told)
            yield
        context.call_on_fit_task_end(**self._told)


@contextmanager
def evaluating(context, n_trainings, search):
    """Tell of the evaluation of all candidates, and yield its context.

    Parameters
    ----------
    context : CallbackContext
        The context of the whole `fit`.
    n_trainings : int
        The number of trainings, of which some are shared by candidates.
    search : search
        What callbacks are passed as the estimator.
    """
    context = context.subcontext(
        task_name="search", max_subtasks=n_trainings, sequential_subtasks=False
    )
    context.call_on_fit_task_begin(estimator=search)
    yield context
    context.call_on_fit_task_end(estimator=search)


class EvaluationTask:
    """The task of a training on one split. It can be pickled.

    Parameters
    ----------
    context : CallbackContext or None
        The context of all evaluations. None where nothing is to be told.
    number : int
    search : search
        What callbacks are passed as the estimator.
    """

    def __init__(self, context, number, search):
        self._context = self._search = None
        if context is not None:
            self._search = search
            self._context = context.subcontext(
                task_name="candidate-split-evaluation", task_id=number
            )

    @contextmanager
    def told(self, estimator, X, y, params):
        """Tell of a training, and let the estimator report to the same callbacks."""
        if self._context is None:
            yield
            return
        told = {"estimator": self._search, "X": X, "y": y, "metadata": _metadata(params)}
        try:
            with self._context.propagate_callback_context(estimator):
                self._context.call_on_fit_task_begin(**told)
                yield
        finally:
            self._context.call_on_fit_task_end(**told)


def _metadata(params):
    weight = params.get("sample_weight")
    return None if weight is None else {"sample_weight": weight}
