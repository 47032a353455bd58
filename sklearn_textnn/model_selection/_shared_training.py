"""One training for a group of candidates, and the estimator that each candidate gets from it."""

from traceback import format_exc

from sklearn.base import clone

from .._pipelines import last_step, with_last_step
from ..neural_network._convergence import convergence_warnings_muted
from ..neural_network._stages import at_stage
from ._candidate_groups import GROUP


class EvaluatedEstimator:
    """What a search evaluates in the place of its estimator.

    Given the parameters of a candidate, it becomes the estimator with these parameters. Given a
    group of candidates, it becomes their training.
    """

    def __init__(self, estimator, error_score):
        self.estimator = estimator
        self.error_score = error_score

    def set_params(self, **parameters):
        """Return an estimator to fit."""
        if GROUP in parameters:
            return GroupTraining(self.estimator, parameters[GROUP], self.error_score)
        return clone(self.estimator).set_params(**parameters)

    def fit(self, X, y=None, **params):
        """Exist, since a search asks for it; what `set_params` returns is fitted instead."""
        raise NotImplementedError

    def get_metadata_routing(self):
        """Return the requests of the estimator."""
        return self.estimator.get_metadata_routing()

    def __sklearn_tags__(self):
        return self.estimator.__sklearn_tags__()

    def __sklearn_clone__(self):
        return EvaluatedEstimator(clone(self.estimator), self.error_score)

    def __repr__(self):
        return repr(self.estimator)


class GroupTraining:
    """The candidates of a group, trained once where they can share a training.

    Where the shared training fails, each candidate is fitted by itself, since fewer epochs may
    not fail. A failure is kept in `fit_errors` and not raised, unless `error_score` is "raise".

    To the search this is an estimator. Its other attributes are those of the estimator `first`.

    Attributes
    ----------
    candidates : list of estimator
        The candidates, fitted where they are in `fitted_alone`.
    epochs : list of int
        The epochs of each candidate in a shared training. Empty without one.
    first : estimator
        What is fitted first: the shared training, or the only candidate.
    fit_errors : list of str or None
        The traceback of each candidate's fit, or None where it did not fail.
    fitted_alone : set of int
        The positions of the candidates that are fitted by themselves.
    """

    def __init__(self, estimator, group, error_score):
        candidates = [
            clone(estimator).set_params(**clone(parameters, safe=False))
            for parameters in group.candidates
        ]
        first = candidates[-1]
        if group.epochs_name is not None:
            stages = f"{group.epochs_name.removesuffix('epochs')}stages"
            first = clone(first).set_params(**{stages: sorted({*group.epochs})})
        # Not set one by one, since `__setattr__` sets attributes of `first`.
        vars(self).update(
            candidates=candidates,
            epochs=group.epochs if first is not candidates[-1] else [],
            first=first,
            raises=isinstance(error_score, str),
            fit_arguments=[],
            fit_errors=[None] * len(candidates),
            fitted_alone=set(),
        )

    @property
    def __class__(self):  # scikit-learn's messages name it
        return type(self.first)

    def __getattr__(self, name):
        if name.startswith("__") or name == "first":
            raise AttributeError(name)
        return getattr(self.first, name)

    def __setattr__(self, name, value):
        setattr(self.first, name, value)

    def __delattr__(self, name):
        delattr(self.first, name)

    def __sklearn_tags__(self):
        return self.first.__sklearn_tags__()

    def fit(self, X, y=None, **params):
        """Train for all candidates."""
        self.fit_arguments[:] = [(X,) if y is None else (X, y), params]
        kept = ()
        if self.epochs and self._fit_or_error(self.first) is None:
            kept = last_step(self.first)[1].stages_  # fewer than asked for after Ctrl-C
        for member in range(len(self.candidates)):
            if not self.epochs or self.epochs[member] not in kept:
                self.fit_alone(member)
        return self

    def fit_alone(self, member):
        """Fit a candidate by itself."""
        self.fitted_alone.add(member)
        self.fit_errors[member] = self._fit_or_error(self.candidates[member])

    def fitted(self, member):
        """Return a fitted candidate; the steps before the last one may belong to others too."""
        if member in self.fitted_alone:
            return self.candidates[member]
        stage = at_stage(last_step(self.first)[1], self.epochs[member])
        return with_last_step(self.first, stage)

    def _fit_or_error(self, estimator):
        """Fit an estimator; return the traceback where that fails, else None.

        A candidate that is trained too little has a low score, so only the refit warns of it.
        """
        arguments, params = self.fit_arguments
        try:
            with convergence_warnings_muted():
                estimator.fit(*arguments, **params)
        except Exception:
            if self.raises:
                raise
            return format_exc()
        return None
