"""Training histories by cross-validation: each fold is validated on the rows that it holds out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.base import clone
from sklearn.utils import Bunch, indexable
from sklearn.utils.parallel import Parallel, delayed

from .._pipelines import fit_transform_before_last_step, last_step
from .._sklearn_compat import _safe_indexing
from ._inner_estimators import check_ends_in_classifier

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import ArrayLike
    from sklearn.base import BaseEstimator

    from .._typing import CV, Labels, Samples


def training_curve(
    estimator: BaseEstimator,
    X: Samples,
    y: Labels,
    *,
    groups: ArrayLike | None = None,
    cv: CV | None = None,
    n_jobs: int | None = None,
    params: dict[str, Any] | None = None,
) -> Bunch:
    """Train on each fold, validate on the rows that it holds out, and return the histories.

    It computes what :meth:`TrainingCurveDisplay.from_cross_validation` draws.

    Parameters
    ----------
    estimator : estimator instance
        A classifier of this package or a :class:`~sklearn.pipeline.Pipeline` whose last
        step is one. Clones of it are fitted.

    X : array-like, sparse matrix or list
        The input of the estimator's `fit`, for example raw documents.

    y : {array-like, sparse matrix} of shape (n_samples,) or (n_samples, n_classes)
        The labels.

    groups : array-like of shape (n_samples,), default=None
        The groups of the rows, for a `cv` that splits by group.

    cv : int, cross-validation generator or iterable, default=None
        The folds, as in :func:`~sklearn.model_selection.cross_validate`: None and ints are
        stratified, None is 5 folds.

    n_jobs : int, default=None
        The number of folds to train at a time. None is 1 unless in a
        ``joblib.parallel_backend`` context, -1 is all processors.

    params : dict, default=None
        ``{"sample_weight": array-like of shape (n_samples,)}`` weights the training rows in
        the classifier's ``fit``, but not in the steps before it. Validation uses no weights.

    Returns
    -------
    curve : :class:`~sklearn.utils.Bunch`
        Dictionary-like object, with the following attributes.

        epochs : ndarray of int of shape (n_epochs,)
            The epochs, 1, 2, ..., up to the last one that a fold reached.
        loss, accuracy : ndarray of shape (n_epochs, n_folds)
            Loss and accuracy on the training rows in each epoch, a column for each fold.
            With `early_stopping` folds end at different epochs. The epochs that a fold did
            not reach are NaN.
        val_loss, val_accuracy : ndarray of shape (n_epochs, n_folds)
            Loss and accuracy on the held-out rows after each epoch.

    Raises
    ------
    ValueError
        If `params` has another key, if a fold holds out every row of a class, or if the
        estimator refuses the data.
    TypeError
        If the estimator does not end in a classifier of this package.

    See Also
    --------
    TrainingCurveDisplay : Draws the curves.
    EpochGridSearchCV : Searches over epochs and other parameters, by any score.

    Notes
    -----
    The steps before the classifier are fitted on the training rows of the fold. They transform
    the rows that the fold holds out, which are then the ``X_val`` and ``y_val`` of the
    classifier's ``fit``. These rows take precedence over `validation_fraction`, so the
    classifier trains on all the other rows. With `epoch_selection`, the second training is left
    out, because the history does not show it.

    With `early_stopping`, each fold ends at its own epoch. To find the number of epochs that is
    best on average, turn it off.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_textnn import KerasBinaryReviewClassifier, MultiHotVectorizer
    >>> from sklearn_textnn.inspection import training_curve
    >>> documents = ["a fine film", "fine acting", "a dull film", "dull acting"] * 5
    >>> pipeline = make_pipeline(
    ...     MultiHotVectorizer(), KerasBinaryReviewClassifier(epochs=3, random_state=0)
    ... )
    >>> curve = training_curve(pipeline, documents, [1, 1, 0, 0] * 5, cv=2)
    >>> curve.epochs
    array([1, 2, 3])
    >>> curve.val_loss.shape
    (3, 2)
    """
    from sklearn.model_selection import check_cv  # slow to import

    check_ends_in_classifier(estimator)
    params = {} if params is None else params
    if set(params) - {"sample_weight"}:
        raise ValueError(
            "params are for the classifier's fit and may hold sample_weight, got"
            f" {sorted(params)}. X_val and y_val are the rows that each fold holds out."
        )
    X, y, groups, sample_weight = indexable(X, y, groups, params.get("sample_weight"))
    splits = list(check_cv(cv, y, classifier=True).split(X, y, groups))
    _check_every_class_is_trained_on(y, splits)
    histories = Parallel(n_jobs=n_jobs)(
        delayed(_fold_history)(clone(estimator), X, y, sample_weight, train, test)
        for train, test in splits
    )
    curves = {
        metric: _as_columns([history[metric] for history in histories]) for metric in histories[0]
    }
    return Bunch(epochs=np.arange(1, len(curves["loss"]) + 1), **curves)


def _check_every_class_is_trained_on(y, splits):
    """Raise ValueError if a fold holds out every row of a class."""
    y = np.asarray(y)
    if y.ndim != 1:  # the classes of an indicator matrix are its columns
        return
    for fold, (train, test) in enumerate(splits):
        unseen = set(y[test].tolist()) - set(y[train].tolist())
        if unseen:
            raise ValueError(
                f"fold {fold} holds out every row of the classes {sorted(unseen, key=str)}, so that"
                " none is left to train on. Use another cv, for example StratifiedKFold, or leave"
                " these classes out."
            )


def _fold_history(estimator, X, y, sample_weight, train, test):
    """Fit one step after another, so that each of them transforms the held-out rows too."""
    X_val, y_val = _safe_indexing(X, test), _safe_indexing(y, test)
    X, y = _safe_indexing(X, train), _safe_indexing(y, train)
    if sample_weight is not None:
        sample_weight = _safe_indexing(sample_weight, train)
    X, X_val = fit_transform_before_last_step(estimator, X, y, X_val)
    _, classifier = last_step(estimator)
    # The history does not show the second training, on all rows.
    classifier.set_params(epoch_selection=None)
    return classifier.fit(X, y, sample_weight=sample_weight, X_val=X_val, y_val=y_val).history_


def _as_columns(curves):
    """Return curves as the columns of an array, with NaN below the shorter ones."""
    columns = np.full((max(map(len, curves)), len(curves)), np.nan)
    for fold, curve in enumerate(curves):
        columns[: len(curve), fold] = curve
    return columns
