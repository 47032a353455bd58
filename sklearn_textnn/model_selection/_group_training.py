"""One training for a group of candidates, and the estimator that each candidate gets from it."""

from contextlib import suppress
from traceback import format_exc

import joblib
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from .._pipelines import last_step, with_last_step
from .._sklearn_compat import CALLBACK_ATTRIBUTES, FIT_CONTEXTS
from .._work_done import counting
from ..neural_network._convergence import convergence_warnings_muted
from ..neural_network._resuming import going_on_from, learned_by
from ..neural_network._stages import at_stage
from ._kept_trainings import Progress


class GroupTraining:
    """The candidates of a group, trained once where they can share a training.

    Where the shared training fails, each candidate is fitted by itself, since fewer epochs may
    not fail. So is a candidate whose epochs were not reached because of Ctrl-C. A callback of
    scikit-learn that ends the shared training would end those of more epochs too. A failure is
    kept in `fit_errors` and not raised, unless `raises`.

    Parameters
    ----------
    estimator : estimator
        The estimator of the search.
    group : CandidateGroup
    raises : bool
        Whether to raise what a fit raises.
    learned : dict or None
        What the same candidates have learned in fewer epochs, {} for nothing yet. None where a
        training cannot go on.
    is_last : bool, default=True
        Whether no later training goes on from this one.

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

    def __init__(self, estimator, group, *, raises, learned=None, is_last=True):
        self.candidates = [
            clone(estimator).set_params(**clone(parameters, safe=False))
            for parameters in group.candidates
        ]
        self.first = self.candidates[-1]
        self.epochs = []
        if group.epochs_name is not None:
            stages = f"{group.epochs_name.removesuffix('epochs')}stages"
            self.epochs = group.epochs
            self.first = clone(self.first).set_params(**{stages: sorted({*group.epochs})})
        self.fit_errors = [None] * len(self.candidates)
        self.fitted_alone = set()
        self._raises = raises
        self._learned = learned
        self._is_last = is_last

    def fit(self, X, y, params):
        """Train for all candidates."""
        self._fit_arguments = (X,) if y is None else (X, y)
        self._fit_params = params
        ended = []
        with counting("training", lambda: ended.append(True)):
            resumed, kept = self._resume(), ()
            if self.epochs and (resumed or self._fit_or_error(self.first) is None):
                last = last_step(self.first)[1]
                kept = {*last.stages_, *(n for n in self.epochs if ended and n > last.n_iter_)}
        for member in range(len(self.candidates)):
            if resumed and not self.epochs:
                self.fitted_alone.add(member)
            elif not self.epochs or self.epochs[member] not in kept:
                self.fit_alone(member)

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

    def progress(self):
        """Return how far training has come. To be asked for before scorers see an estimator."""
        if self._learned is None or any(self.fit_errors):
            return Progress(None, *[self._count_epochs()] * 2)
        last = last_step(self.first)[1]
        if not hasattr(last, "n_iter_"):  # each was fitted by itself
            return Progress(None, *[self._count_epochs()] * 2)
        before = self._learned["classifier"]["n_iter_"] if self._learned else 0
        steps = None
        # What has ended early would do so again if it were trained from scratch.
        if not self._is_last and last.n_iter_ == last.epochs:
            steps = _key_of_steps(self.first)
        learned = None if steps is None else {"classifier": learned_by(last), "steps": steps}
        return Progress(learned, last.n_iter_ - before, last.n_iter_)

    def _count_epochs(self):
        """Return the epochs of fits that did not go on from others."""
        fitted = [self.first, *(self.candidates[member] for member in self.fitted_alone)]
        lasts = {id(last): last for last in (last_step(estimator)[1] for estimator in fitted)}
        return sum(last.n_iter_ for last in lasts.values() if _has_epochs(last))

    def _resume(self):
        """Go on from what was learned before; return whether that went well.

        Going on is wrong with a transformer that has learned something else this time.
        """
        if not self._learned:
            return False
        classifier = last_step(self.first)[1]
        with suppress(Exception):  # a training from scratch raises it too
            with (
                convergence_warnings_muted(),
                going_on_from(classifier, self._learned["classifier"]),
            ):
                self.first.fit(*self._fit_arguments, **self._fit_params)
            if _key_of_steps(self.first) == self._learned["steps"]:
                return True
        self._learned = {}
        _start_anew(self.first)
        return False

    def _fit_or_error(self, estimator):
        """Fit an estimator; return the traceback where that fails, else None.

        A candidate that is trained too little has a low score, so only the refit warns of it.
        """
        try:
            with convergence_warnings_muted():
                estimator.fit(*self._fit_arguments, **self._fit_params)
        except Exception:
            if self._raises:
                raise
            return format_exc()
        return None


def _has_epochs(last):
    """Whether a last step is fitted and counts epochs; others have an `n_iter_` of any kind."""
    return hasattr(last, "epochs") and hasattr(last, "n_iter_")


def _start_anew(estimator):
    """Make an estimator what its clone is, but leave it tied to the callbacks of a search."""
    tied = {name: value for name, value in vars(estimator).items() if name in FIT_CONTEXTS}
    unfitted = vars(clone(estimator))
    vars(estimator).clear()
    vars(estimator).update(unfitted | tied)


def _key_of_steps(estimator):
    """Return a key of all fitted steps but the last, equal for equal steps; None without one."""
    pipeline = steps = with_last_step(estimator, None)
    while isinstance(pipeline, Pipeline):  # a copy
        for name in CALLBACK_ATTRIBUTES:
            vars(pipeline).pop(name, None)
        pipeline = pipeline.steps[-1][1]
    try:
        return joblib.hash(steps)
    except Exception:  # a step cannot be pickled
        return None
