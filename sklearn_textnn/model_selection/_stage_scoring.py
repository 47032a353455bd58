"""The scores of the candidates of a group."""

import copy
from contextlib import suppress

from .._pipelines import last_step, transform_before_last_step, with_last_step
from .._sklearn_compat import (
    _BaseScorer,
    _MultimetricScorer,
    _PassthroughScorer,
    _score,
    scorers_of,
)
from ..neural_network._stages import stages_for


def score_members(training, scorer, X, y, params, error_score):
    """Return the score of each candidate, or its scores by name.

    Parameters
    ----------
    training : GroupTraining
    scorer : callable
    X, y : the rows to score, and their targets or None
    params : dict
        What the scorer is passed besides.
    error_score : "raise" or numeric

    Returns
    -------
    list of float or list of dict
    """
    from_predictions = _uses_predictions_alone(scorer)
    rows, stages = _predicted_stages(training, X) if from_predictions and not params else (X, {})
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
        scored = (training.fitted(member), X)
        if stages and member not in training.fitted_alone:
            scored = (stages[training.epochs[member]], rows)
        scores.append(_score(*scored, y, ask, params, error_score))
    return scores


def _predicted_stages(training, X):
    """Return the rows as the last step gets them, and the stages that have predicted them.

    There are no stages where nothing is shared, or where each candidate raises an error.
    """
    shared = {*range(len(training.epochs))} - training.fitted_alone
    if shared:
        with suppress(Exception):
            rows = transform_before_last_step(training.first, X)
            epochs = sorted({training.epochs[member] for member in shared})
            return rows, stages_for(last_step(training.first)[1], rows, epochs)
    return X, {}


class _Answer:
    """A scorer that repeats what another one has said; error messages name that one."""

    def __init__(self, scorer, score):
        self._scorer = scorer
        self._score = score

    def __call__(self, *_, **__):
        return self._score

    def __repr__(self):
        return repr(self._scorer)


def _answered(scorer, estimator, X, y, params):
    """Return a scorer that repeats what this one says of the estimator, or None where it fails.

    A scorer that may do anything may change the estimator, so it gets steps of its own. It may
    fail where it needs what a shared training does not keep, for example to train on.
    """
    try:
        steps = copy.deepcopy(with_last_step(estimator, None))
        own = with_last_step(steps, last_step(estimator)[1])
        score = scorer(own, *((X,) if y is None else (X, y)), **params)
    except Exception:
        return None
    # Of several scorers, one that fails has its traceback in the place of a score.
    if isinstance(score, dict) and any(isinstance(value, str) for value in score.values()):
        return None
    return _Answer(scorer, score)


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
