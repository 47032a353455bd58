"""EpochGridSearchCV and EpochRandomizedSearchCV, where one training serves many `epochs`."""

from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.utils.validation import check_is_fitted

from .._sklearn_compat import _insert_error_scores, _warn_or_raise_about_fit_failures
from ._candidate_groups import group_candidates, may_share
from ._epoch_scores import epoch_scores
from ._result_layout import ungroup
from ._shared_training import EvaluatedEstimator
from ._stage_scoring import group_scorer


class _EpochSearchMixin:
    """A search in which candidates that differ in nothing but `epochs` share a training.

    scikit-learn's own search evaluates groups of candidates in the place of candidates. Its results
    are laid out for each candidate before it looks at them.
    """

    def fit(self, X, y=None, **params):
        """Run fit with all candidates.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features) or (n_samples,)
            Training vectors, or documents for a Pipeline that begins with a vectorizer.
        y : array-like of shape (n_samples,) or (n_samples, n_topics), default=None
            Class labels, or an indicator matrix.
        **params : dict of str -> object
            Passed to the `fit` of the estimator, the scorer and the splitter, as in
            :class:`~sklearn.model_selection.GridSearchCV`.

        Returns
        -------
        self : object
            The fitted search.
        """
        if not may_share(self.estimator):
            return super().fit(X, y, **params)
        searching = self._copy_with(EvaluatedEstimator(self.estimator, self.error_score))
        super(_EpochSearchMixin, searching).fit(X, y, **params)
        searching.estimator = self.estimator
        searching.scorer_ = getattr(searching.scorer_, "__wrapped__", searching.scorer_)
        vars(self).update(vars(searching))
        return self

    @property
    def epoch_scores_(self):
        """The scores of ``cv_results_`` as a pandas DataFrame, one score a row."""
        check_is_fitted(self, "cv_results_")
        try:
            return epoch_scores(self)
        except ImportError as error:  # `hasattr` and the HTML representation go on
            raise AttributeError(
                "epoch_scores_ is a pandas DataFrame; install pandas, or read cv_results_"
            ) from error

    def _copy_with(self, estimator):
        """Return a search with the same attributes and another estimator."""
        search = object.__new__(type(self))
        vars(search).update(vars(self), estimator=estimator)
        return search

    def _get_scorers(self):
        if not isinstance(self.estimator, EvaluatedEstimator):
            return super()._get_scorers()
        scorers, refit_metric = self._copy_with(self.estimator.estimator)._get_scorers()
        return group_scorer(scorers, self.error_score), refit_metric

    def _run_search(self, evaluate_candidates, *, callback_ctx=None):
        def evaluate(candidates, cv=None, more_results=None, **context):
            groups = list(candidates)
            if isinstance(self.estimator, EvaluatedEstimator):
                groups = group_candidates(groups, self.estimator.estimator)
            return evaluate_candidates(groups, cv=cv, more_results=more_results, **context)

        # scikit-learn has callbacks from 1.9.
        context = {} if callback_ctx is None else {"callback_ctx": callback_ctx}
        super()._run_search(evaluate, **context)

    def _format_results(self, candidate_params, n_splits, out, more_results=None):
        candidates, results, n_single = ungroup(candidate_params, n_splits, out)
        grouped = results[n_single * n_splits :]
        if grouped:
            _warn_or_raise_about_fit_failures(grouped, self.error_score)
            if callable(self.scoring):
                _insert_error_scores(grouped, self.error_score)
        # In place, since the search later reads from `out` whether there are several metrics.
        candidate_params[:], out[:] = candidates, results
        return super()._format_results(candidate_params, n_splits, out, more_results)


class EpochGridSearchCV(_EpochSearchMixin, GridSearchCV):
    """Grid search in which `epochs` costs one training.

    A drop-in :class:`~sklearn.model_selection.GridSearchCV`: same parameters, attributes and, with
    an int as `random_state` of the estimator, the same scores to the last bit. Candidates that
    differ in nothing but `epochs` are trained once for each split, to the largest, and scored after
    each of the epochs asked for; a Pipeline's transformers are fitted once for them, too. A grid
    over 1, 2, ..., 20 epochs trains 20 epochs instead of 210.

    To find the epochs of one setting, `epoch_selection` of the classifier needs one hold-out
    instead of several splits, and no search.

    Parameters
    ----------
    estimator : estimator object
        A classifier of this package, or a :class:`~sklearn.pipeline.Pipeline` of any depth that
        ends in one. Others are searched as by ``GridSearchCV``.
    param_grid : dict or list of dict
        The values to try of each parameter, by name; with ``epochs``, or in a Pipeline
        ``<step>__epochs``, among them.
    scoring : str, callable, list, tuple or dict, default=None
        How to score the held-out part of a split. None is the estimator's ``score``.
    n_jobs : int, default=None
        Number of trainings to run at the same time; one for each group of candidates and split.
    refit : bool, str or callable, default=True
        Whether to fit the best candidate on all the data; with several metrics, the one to go by,
        or a function from ``cv_results_`` to the index of the best.
    cv : int, cross-validation generator or iterable, default=None
        The splits; None is 5 stratified folds.
    verbose : int, default=0
        How much to print. A line for a group names its largest number of epochs.
    pre_dispatch : int or str, default="2*n_jobs"
        Number of trainings to dispatch at a time.
    error_score : "raise" or numeric, default=np.nan
        The score of a candidate whose fit fails. Where the training of a group fails, each of its
        candidates is fitted by itself, since fewer epochs may not.
    return_train_score : bool, default=False
        Whether to score the training part of each split, too.

    Attributes
    ----------
    cv_results_ : dict of numpy (masked) ndarrays
        As in ``GridSearchCV``, a row for each candidate. The times of a group are shared out
        evenly among its candidates.
    epoch_scores_ : pandas DataFrame
        The scores of ``cv_results_``, one a row: the columns ``param_<name>`` for each searched
        parameter but the epochs, ``candidate`` (the row in ``cv_results_``), ``split``, ``epoch``,
        ``metric`` ("score" or the name of the scorer), ``subset`` ("train" or "test"), ``score``.
    best_estimator_ : estimator
        The best candidate, fitted on all the data. With `refit`.
    best_score_ : float
        Mean score of the best candidate over the splits.
    best_params_ : dict
        Its parameters.
    best_index_ : int
        Its row in ``cv_results_``.
    scorer_ : function or dict
        What scores the held-out data.
    n_splits_ : int
        Number of splits.
    refit_time_ : float
        Seconds of the last fit. With `refit`.
    multimetric_ : bool
        Whether there are several metrics.
    classes_ : ndarray of shape (n_classes,)
        The labels. With `refit`.
    n_features_in_ : int
        Number of features seen by ``fit``. With `refit`, where the estimator has it.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features. With `refit`, where the estimator has them.

    See Also
    --------
    EpochRandomizedSearchCV : The same for candidates drawn at random.
    EpochSearchDisplay : Draws the scores over the epochs.
    KerasBinaryReviewClassifier : Its `epoch_selection` finds the epochs in one fit.

    Notes
    -----
    That fewer epochs are the beginning of more holds for training alone. A candidate with
    `callbacks`, `early_stopping`, `epoch_selection` or `stages` is fitted by itself, as in
    ``GridSearchCV``. So is one whose `epochs` is not at the end of the Pipeline.

    Until a split is scored, its training holds the weights of each of the epochs asked for.

    With ``random_state=None`` each training starts from other weights, and the candidates of a
    group from the same.

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


class EpochRandomizedSearchCV(_EpochSearchMixin, RandomizedSearchCV):
    """Randomized search in which candidates that differ only in `epochs` cost one training.

    A drop-in :class:`~sklearn.model_selection.RandomizedSearchCV`, with the same candidates for the
    same `random_state` and the same scores. Candidates share a training where all their other
    parameters are the same, as happens when these are drawn from short lists; values drawn from a
    continuous distribution seldom meet again, and then nothing is shared.

    Parameters
    ----------
    estimator : estimator object
        A classifier of this package, or a :class:`~sklearn.pipeline.Pipeline` of any depth that
        ends in one. Others are searched as by ``RandomizedSearchCV``.
    param_distributions : dict or list of dict
        Lists of values, or distributions with an ``rvs`` method, by the parameter's name.
    n_iter : int, default=10
        Number of candidates.
    scoring : str, callable, list, tuple or dict, default=None
        How to score the held-out part of a split. None is the estimator's ``score``.
    n_jobs : int, default=None
        Number of trainings to run at the same time; one for each group of candidates and split.
    refit : bool, str or callable, default=True
        Whether to fit the best candidate on all the data; with several metrics, the one to go by,
        or a function from ``cv_results_`` to the index of the best.
    cv : int, cross-validation generator or iterable, default=None
        The splits; None is 5 stratified folds.
    verbose : int, default=0
        How much to print. A line for a group names its largest number of epochs.
    pre_dispatch : int or str, default="2*n_jobs"
        Number of trainings to dispatch at a time.
    random_state : int, RandomState instance or None, default=None
        Draws the candidates.
    error_score : "raise" or numeric, default=np.nan
        The score of a candidate whose fit fails. Where the training of a group fails, each of its
        candidates is fitted by itself, since fewer epochs may not.
    return_train_score : bool, default=False
        Whether to score the training part of each split, too.

    Attributes
    ----------
    cv_results_ : dict of numpy (masked) ndarrays
        As in ``RandomizedSearchCV``, a row for each candidate. The times of a group are shared out
        evenly among its candidates.
    epoch_scores_ : pandas DataFrame
        The scores of ``cv_results_``, one a row, as in :class:`EpochGridSearchCV`.
    best_estimator_ : estimator
        The best candidate, fitted on all the data. With `refit`.
    best_score_ : float
        Mean score of the best candidate over the splits.
    best_params_ : dict
        Its parameters.
    best_index_ : int
        Its row in ``cv_results_``.
    scorer_ : function or dict
        What scores the held-out data.
    n_splits_ : int
        Number of splits.
    refit_time_ : float
        Seconds of the last fit. With `refit`.
    multimetric_ : bool
        Whether there are several metrics.
    classes_ : ndarray of shape (n_classes,)
        The labels. With `refit`.
    n_features_in_ : int
        Number of features seen by ``fit``. With `refit`, where the estimator has it.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features. With `refit`, where the estimator has them.

    See Also
    --------
    EpochGridSearchCV : All combinations, where every one but the largest is free.

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
