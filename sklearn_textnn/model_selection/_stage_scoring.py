"""Scorers for a group of candidates, which score each of them."""

import copy
from contextlib import suppress

from sklearn.pipeline import Pipeline

from .._pipelines import last_step, transform_before_last_step, with_last_step
from .._sklearn_compat import (
    _BaseScorer,
    _MultimetricScorer,
    _PassthroughScorer,
    _score,
    raises_exceptions,
    scorers_of,
)
from ._shared_training import GroupTraining


class GroupScore(float):
    """The score of the last candidate of a group.

    `members` has the error of the fit, or None, and the score of each candidate.
    """


class GroupScores(dict):
    """The same for several metrics."""


class GroupScorer:
    """A scorer that takes the training of a group as well as an estimator."""

    def __init__(self, scorer, error_score):
        self.__wrapped__ = scorer  # `inspect.signature` looks there
        self._error_score = error_score

    def __call__(self, estimator, X, y=None, **params):
        if isinstance(estimator, GroupTraining):
            return _group_score(self.__wrapped__, estimator, X, y, params, self._error_score)
        return _call(self.__wrapped__, estimator, X, y, params)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.__wrapped__, name)

    def __repr__(self):
        return repr(self.__wrapped__)


class GroupMultimetricScorer(_MultimetricScorer):
    """The same for several metrics; a search tests for the base class."""

    def __init__(self, scorer, error_score):
        super().__init__(scorers=scorers_of(scorer), raise_exc=raises_exceptions(scorer))
        self._scorer = GroupScorer(scorer, error_score)

    def __call__(self, estimator, *args, **kwargs):
        return self._scorer(estimator, *args, **kwargs)

    def __repr__(self):
        return repr(self._scorer)


def group_scorer(scorer, error_score):
    """Return a scorer that also takes the training of a group."""
    kind = GroupMultimetricScorer if isinstance(scorer, _MultimetricScorer) else GroupScorer
    return kind(scorer, error_score)


def _group_score(scorer, training, X, y, params, error_score):
    """Return the score of the last candidate, with those of all as its `members`."""
    from_predictions = _uses_predictions_alone(scorer)
    transformed = _transformed(training, X) if from_predictions and not params else None
    scores = []
    for member in range(len(training.candidates)):
        ask = scorer
        if not from_predictions and member not in training.fitted_alone:
            ask = _answered(scorer, training.fitted(member), X, y, params)
            if ask is None:
                training.fit_alone(member)
                ask = scorer
        if training.fit_errors[member] is not None:
            scores.append(_error_scores(scorer, error_score))
            continue
        estimator, rows = training.fitted(member), X
        if transformed is not None and member not in training.fitted_alone:
            estimator, rows = last_step(estimator)[1], transformed
        try:
            scores.append(_score(estimator, rows, y, ask, params, error_score))
        except ValueError:
            if ask is scorer and error_score == "raise":
                raise
            # The score is not a number. The search checks what is returned, and raises the error.
            return _call(ask, estimator, rows, y, params)
    kind = GroupScores if isinstance(scores[-1], dict) else GroupScore
    result = kind(scores[-1])
    result.members = list(zip(training.fit_errors, scores, strict=True))
    return result


def _transformed(training, X):
    """Return the rows as the last step gets them, once for all candidates, or None."""
    if training.epochs and isinstance(training.first, Pipeline):
        with suppress(Exception):  # each candidate raises it
            return transform_before_last_step(training.first, X)
    return None


def _answered(scorer, estimator, X, y, params):
    """Return a scorer that repeats what this one says of the estimator, or None where it fails.

    A scorer that may do anything may change the estimator, so it gets steps of its own. It may
    fail where it needs what a shared training does not keep, for example to train on.
    """
    try:
        steps = copy.deepcopy(with_last_step(estimator, None))
        answer = _call(scorer, with_last_step(steps, last_step(estimator)[1]), X, y, params)
    except Exception:
        return None
    # Of several scorers, one that fails has its traceback in the place of a score.
    if isinstance(answer, dict) and any(isinstance(score, str) for score in answer.values()):
        return None
    return lambda *_, **__: answer


def _error_scores(scorer, error_score):
    """Return the score of a candidate whose fit failed."""
    if isinstance(scorer, _MultimetricScorer):
        return dict.fromkeys(scorers_of(scorer), error_score)
    return error_score


def _uses_predictions_alone(scorer):
    """Whether a scorer does nothing but predict, which any copy of the estimator does as well."""
    if isinstance(scorer, _MultimetricScorer):
        return all(map(_uses_predictions_alone, scorers_of(scorer).values()))
    return isinstance(scorer, (_BaseScorer, _PassthroughScorer))


def _call(scorer, estimator, X, y, params):
    return scorer(estimator, *((X,) if y is None else (X, y)), **params)
