"""EpochGridSearchCV and EpochRandomizedSearchCV, where one training serves many `epochs`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.model_selection import (
    GridSearchCV,
    ParameterGrid,
    ParameterSampler,
    RandomizedSearchCV,
)

from ._search_fit import EpochSearchMixin

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator

    from .._typing import CV, ErrorScore, ParamGrid, RandomState, Refit, Scoring


class EpochGridSearchCV(EpochSearchMixin, GridSearchCV):
    """Grid search in which all values of `epochs` cost one training.

    It takes the place of :class:`~sklearn.model_selection.GridSearchCV`: it has the same parameters
    and attributes and, if `random_state` of the estimator is an int, exactly the same scores.
    Candidates that differ in nothing but `epochs` are a group. A group is trained once for each
    split, for its largest number of epochs, and scored after each of the others on the way. The
    transformers of a Pipeline are fitted once for a group, too. A grid over 1, 2, ..., 20 epochs
    trains for 20 epochs instead of 210.

    To choose the epochs of a single setting without cross-validation, `epoch_selection` of the
    classifier is simpler and needs only one split.

    Parameters
    ----------
    estimator : estimator object
        A classifier of this package, or a :class:`~sklearn.pipeline.Pipeline` that ends in one,
        also within inner Pipelines. Any other estimator is searched as by ``GridSearchCV``.
    param_grid : dict or list of dict
        The values to try for each parameter. ``epochs``, or ``<step>__epochs`` in a Pipeline,
        should be among them.
    scoring : str, callable, list, tuple or dict, default=None
        How to score the held-out part of a split. None uses the estimator's ``score``.
    n_jobs : int, default=None
        Number of trainings to run at the same time. None means 1, and -1 all processors.
    refit : bool, str or callable, default=True
        Whether to fit the best candidate on all the data. With several metrics, the name of the one
        that decides. A callable is passed ``cv_results_`` and returns the index of the best.
    cv : int, cross-validation generator or iterable, default=None
        The splits. None uses 5 stratified folds.
    verbose : int, default=0
        How much to print, as in ``GridSearchCV``. 1 also draws a progress bar in a terminal or a
        notebook, unless scikit-learn's callbacks are set. The bar counts the epochs of all
        trainings and of the refit. The epochs of a training in another process are counted when
        it has ended. From 2 on there is no bar, and the lines of a group are printed when its
        training is scored.
    pre_dispatch : int or str, default="2*n_jobs"
        Number of trainings that are dispatched at a time.
    error_score : "raise" or numeric, default=np.nan
        The score of a candidate whose fit fails. If the training of a group fails, each of its
        candidates is fitted by itself, since fewer epochs may not fail.
    return_train_score : bool, default=False
        Whether to score the training part of each split as well.

    Attributes
    ----------
    cv_results_ : dict of numpy (masked) ndarrays
        As in ``GridSearchCV``, with one row for each candidate. The times of a group are divided
        evenly among its candidates.
    epoch_scores_ : pandas DataFrame
        The scores of ``cv_results_``, one score a row. The columns are ``param_<name>`` for each
        searched parameter except the epochs, ``candidate`` (the row in ``cv_results_``), ``split``,
        ``epoch``, ``metric`` ("score" or the name of the scorer), ``subset`` ("train" or "test")
        and ``score``. It is made from ``cv_results_`` on each access, and needs pandas.
    best_estimator_ : estimator
        The best candidate, fitted on all the data. Only with `refit`.
    best_score_ : float
        Mean score of the best candidate over the splits.
    best_params_ : dict
        Its parameters.
    best_index_ : int
        Its row in ``cv_results_``.
    scorer_ : function or dict
        The scorer, or with several metrics a dict of them.
    n_splits_ : int
        Number of splits.
    refit_time_ : float
        Seconds that the fit on all the data took. Only with `refit`.
    multimetric_ : bool
        Whether there are several metrics.
    classes_ : ndarray of shape (n_classes,)
        The class labels. Only with `refit`.
    n_features_in_ : int
        Number of features seen by ``fit``. Only with `refit`, and if the estimator has it.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features. Only with `refit`, and if the estimator has them.

    See Also
    --------
    EpochRandomizedSearchCV : Draws the candidates at random.
    EpochSearchDisplay : Plots the scores over the epochs.
    KerasBinaryReviewClassifier : Its `epoch_selection` chooses the epochs in one fit.

    Notes
    -----
    Only plain training passes through the network of every smaller number of epochs. A candidate
    with `callbacks`, `early_stopping`, `epoch_selection` or `stages` is fitted by itself, as in
    ``GridSearchCV``. So is every candidate if the classifier or a Pipeline is of a subclass, which
    may train, predict or score in its own way.

    A scorer of your own is passed an estimator that predicts like a fit for the given number of
    epochs. If the scorer fails with it, for example because it calls `partial_fit`, the candidate
    is fitted by itself and scored again.

    scikit-learn's own callbacks, from version 1.9, are told of one task for each group and split.

    Until a split is scored, its training keeps the weights after each of the epochs in the grid.

    A network that is trained too little has a low score. Therefore only the refit gives the
    classifier's :class:`~sklearn.exceptions.ConvergenceWarning`.

    With ``random_state=None`` each training starts from different weights, but the candidates of a
    group start from the same ones.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_textnn import (
    ...     EpochGridSearchCV, KerasBinaryReviewClassifier, MultiHotVectorizer
    ... )
    >>> reviews = ["a fine film", "a dull film", "fine acting", "dull plot"] * 10
    >>> classifier = KerasBinaryReviewClassifier(8, learning_rate=0.01, random_state=0)
    >>> pipeline = make_pipeline(MultiHotVectorizer(), classifier)
    >>> grid = {"kerasbinaryreviewclassifier__epochs": range(1, 31)}
    >>> search = EpochGridSearchCV(pipeline, grid, cv=2).fit(reviews, [1, 0, 1, 0] * 10)
    >>> print(search.best_score_)
    1.0
    >>> len(search.cv_results_["params"])
    30
    """

    def __init__(
        self,
        estimator: BaseEstimator,
        param_grid: ParamGrid,
        *,
        scoring: Scoring = None,
        n_jobs: int | None = None,
        refit: Refit = True,
        cv: CV | None = None,
        verbose: int = 0,
        pre_dispatch: int | str = "2*n_jobs",
        error_score: ErrorScore = np.nan,
        return_train_score: bool = False,
    ) -> None:
        super().__init__(
            estimator,
            param_grid,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            error_score=error_score,
            return_train_score=return_train_score,
        )

    def _run_search(self, evaluate_candidates, *, callback_ctx=None):
        self._evaluate_list(ParameterGrid(self.param_grid), evaluate_candidates, callback_ctx)


class EpochRandomizedSearchCV(EpochSearchMixin, RandomizedSearchCV):
    """Randomized search in which candidates that differ only in `epochs` cost one training.

    It takes the place of :class:`~sklearn.model_selection.RandomizedSearchCV`, and draws the same
    candidates for the same `random_state`. Trainings are shared as in :class:`EpochGridSearchCV`:
    candidates are a group if all their other parameters are equal. That happens often with short
    lists of values. Values drawn from a continuous distribution are hardly ever equal, so that
    nothing is shared.

    Parameters
    ----------
    estimator : estimator object
        As in `EpochGridSearchCV`.
    param_distributions : dict or list of dict
        For each parameter a list of values, or a distribution with an ``rvs`` method.
    n_iter : int, default=10
        Number of candidates.
    scoring : str, callable, list, tuple or dict, default=None
        How to score the held-out part of a split. None uses the estimator's ``score``.
    n_jobs : int, default=None
        Number of trainings to run at the same time. None means 1, and -1 all processors.
    refit : bool, str or callable, default=True
        Whether to fit the best candidate on all the data. With several metrics, the name of the one
        that decides. A callable is passed ``cv_results_`` and returns the index of the best.
    cv : int, cross-validation generator or iterable, default=None
        The splits. None uses 5 stratified folds.
    verbose : int, default=0
        How much to print, as in `EpochGridSearchCV`.
    pre_dispatch : int or str, default="2*n_jobs"
        Number of trainings that are dispatched at a time.
    random_state : int, RandomState instance or None, default=None
        Seed for the drawing of candidates.
    error_score : "raise" or numeric, default=np.nan
        The score of a candidate whose fit fails. If the training of a group fails, each of its
        candidates is fitted by itself, since fewer epochs may not fail.
    return_train_score : bool, default=False
        Whether to score the training part of each split as well.

    Attributes
    ----------
    cv_results_ : dict of numpy (masked) ndarrays
        As in `EpochGridSearchCV`.
    epoch_scores_ : pandas DataFrame
        As in `EpochGridSearchCV`.
    best_estimator_ : estimator
        The best candidate, fitted on all the data. Only with `refit`.
    best_score_ : float
        Mean score of the best candidate over the splits.
    best_params_ : dict
        Its parameters.
    best_index_ : int
        Its row in ``cv_results_``.
    scorer_ : function or dict
        The scorer, or with several metrics a dict of them.
    n_splits_ : int
        Number of splits.
    refit_time_ : float
        Seconds that the fit on all the data took. Only with `refit`.
    multimetric_ : bool
        Whether there are several metrics.
    classes_ : ndarray of shape (n_classes,)
        The class labels. Only with `refit`.
    n_features_in_ : int
        Number of features seen by ``fit``. Only with `refit`, and if the estimator has it.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features. Only with `refit`, and if the estimator has them.

    See Also
    --------
    EpochGridSearchCV : Tries all combinations.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_textnn import EpochRandomizedSearchCV, KerasBinaryReviewClassifier
    >>> X, y = np.eye(2)[[0, 1] * 20], [0, 1] * 20
    >>> classifier = KerasBinaryReviewClassifier(learning_rate=0.01, random_state=0)
    >>> lists = {"epochs": range(1, 31), "units": [4, 8]}
    >>> search = EpochRandomizedSearchCV(classifier, lists, n_iter=20, cv=2, random_state=0)
    >>> search.fit(X, y).score(X, y)
    1.0
    """

    def __init__(
        self,
        estimator: BaseEstimator,
        param_distributions: ParamGrid,
        *,
        n_iter: int = 10,
        scoring: Scoring = None,
        n_jobs: int | None = None,
        refit: Refit = True,
        cv: CV | None = None,
        verbose: int = 0,
        pre_dispatch: int | str = "2*n_jobs",
        random_state: RandomState = None,
        error_score: ErrorScore = np.nan,
        return_train_score: bool = False,
    ) -> None:
        super().__init__(
            estimator,
            param_distributions,
            n_iter=n_iter,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            random_state=random_state,
            error_score=error_score,
            return_train_score=return_train_score,
        )

    def _run_search(self, evaluate_candidates, *, callback_ctx=None):
        candidates = ParameterSampler(
            self.param_distributions, self.n_iter, random_state=self.random_state
        )
        self._evaluate_list(candidates, evaluate_candidates, callback_ctx)
