"""Training histories by cross-validation: each fold is validated on the rows that it holds out."""

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import check_cv
from sklearn.pipeline import Pipeline
from sklearn.utils import indexable
from sklearn.utils.parallel import Parallel, delayed

from .._sklearn_compat import _safe_indexing
from ..neural_network._base import BaseKerasTextClassifier


def fold_histories(estimator, X, y, *, cv, groups, n_jobs, params):
    """Return `history_` of a clone for each fold, with the fold's test rows as validation data.

    Parameters
    ----------
    estimator : classifier of this package, or Pipeline whose last step is one
        It is cloned, not fitted.
    X : array-like, sparse matrix or list
    y : array-like
    cv : int, cross-validation generator, iterable or None
    groups : array-like or None
    n_jobs : int or None
    params : dict or None
        ``{"sample_weight": ...}`` goes to the classifier's `fit`.

    Returns
    -------
    list of dict
        One history for each fold.
    """
    _check_classifier(estimator)
    params = {} if params is None else params
    if set(params) - {"sample_weight"}:
        raise ValueError(
            "params are for the classifier's fit and may hold sample_weight, got"
            f" {sorted(params)}. X_val and y_val are the rows that each fold holds out."
        )
    X, y, groups, weight = indexable(X, y, groups, params.get("sample_weight"))
    splits = list(check_cv(cv, y, classifier=True).split(X, y, groups))
    _check_folds(y, splits)
    return Parallel(n_jobs=n_jobs)(
        delayed(_fit_fold)(clone(estimator), X, y, weight, train, test) for train, test in splits
    )


def _check_classifier(estimator):
    """Raise TypeError where there is no classifier that takes validation data at the end."""
    if isinstance(estimator, type):
        raise TypeError(f"Got the class {estimator.__name__}. Pass an instance of it.")
    given = type(estimator).__name__
    while isinstance(estimator, Pipeline):
        estimator = estimator.steps[-1][1]
    if not isinstance(estimator, BaseKerasTextClassifier):
        inner = type(estimator).__name__
        got = f"Got {given}" if inner == given else f"Got {given} ending in {inner}"
        raise TypeError(
            f"{got}. Pass a KerasBinaryReviewClassifier or KerasTopicClassifier, or a Pipeline"
            " whose last step is one; of a search, best_estimator_."
        )


def _check_folds(y, splits):
    """Raise ValueError where a fold holds out every row of a class."""
    y = np.asarray(y)
    if y.ndim != 1:  # in an indicator matrix the classes are the columns
        return
    for fold, (train, test) in enumerate(splits):
        unseen = set(y[test].tolist()) - set(y[train].tolist())
        if unseen:
            raise ValueError(
                f"fold {fold} holds out every row of the classes {sorted(unseen, key=str)}, so that"
                " none is left to train on. Use another cv, for example StratifiedKFold, or leave"
                " these classes out."
            )


def _fit_fold(estimator, X, y, weight, train, test):
    """Fit step by step, so that the held-out rows go through the transformers of the fold."""
    X_val, y_val = _safe_indexing(X, test), _safe_indexing(y, test)
    X, y = _safe_indexing(X, train), _safe_indexing(y, train)
    weight = None if weight is None else _safe_indexing(weight, train)
    while isinstance(estimator, Pipeline):
        if len(estimator) > 1:
            transformers = estimator[:-1]
            X = transformers.fit_transform(X, y)
            X_val = transformers.transform(X_val)
        estimator = estimator.steps[-1][1]
    # The second training, on every row, would not be in the history.
    estimator.set_params(epoch_selection=None)
    return estimator.fit(X, y, sample_weight=weight, X_val=X_val, y_val=y_val).history_
