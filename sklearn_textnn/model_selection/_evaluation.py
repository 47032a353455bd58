"""The unit of work of a search: one training on one split, scored for each of its candidates."""

from time import time

import numpy as np

from .._sklearn_compat import _check_method_params, _safe_split
from ._group_training import GroupTraining
from ._stage_scoring import score_members


def evaluate_group(estimator, group, X, y, split, learned, lines, bar, task, settings):
    """Train for a group of candidates on one split and score each of them.

    Parameters
    ----------
    estimator : estimator
        The estimator of the search, not changed.
    group : CandidateGroup
    X, y : all rows, and their targets or None
    split : tuple of (array-like of int, array-like of int)
        The rows to train on and the rows to score.
    learned : dict or None
        What the group has learned so far on this split, as for `GroupTraining`.
    lines : ProgressLines
    bar : TrainingBar
    task : EvaluationTask
        Tells callbacks when the training starts and ends.
    settings : dict
        "scorer", "fit_params", "score_params", "return_train_score", "error_score" and
        "is_last_round".

    Returns
    -------
    results : list of dict
        The result of each candidate, in the form of scikit-learn's searches. The times of the
        group are divided evenly.
    progress : Progress
    """
    train, test = map(np.asarray, split)  # a splitter may yield ranges
    fit_params = _check_method_params(X, params=settings["fit_params"], indices=train)
    lines.print_start()
    raises = isinstance(settings["error_score"], str)
    training = GroupTraining(
        estimator, group, raises=raises, learned=learned, is_last=settings["is_last_round"]
    )
    start = time()
    training_rows = _safe_split(training.first, X, y, train)
    test_rows = _safe_split(training.first, X, y, test, train)

    def scores(rows, indices):
        params = _check_method_params(X, params=settings["score_params"], indices=indices)
        return score_members(training, settings["scorer"], *rows, params, settings["error_score"])

    with bar.counted():
        with task.told(training.first, *training_rows, fit_params):
            training.fit(*training_rows, fit_params)
        progress = training.progress()
        fitted = time()
        of_subsets = {"test_scores": scores(test_rows, test)}
        scored = time()
        if settings["return_train_score"]:
            of_subsets["train_scores"] = scores(training_rows, train)
    n_members = len(training.candidates)
    results = []
    for member, error in enumerate(training.fit_errors):
        result = {name: of_members[member] for name, of_members in of_subsets.items()}
        result["fit_error"] = error
        result["n_test_samples"] = len(test)
        result["fit_time"] = (fitted - start) / n_members
        result["score_time"] = 0.0 if error else (scored - fitted) / n_members
        results.append(result)
    lines.print_end(results)
    return results, progress
