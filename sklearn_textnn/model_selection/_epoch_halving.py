"""EpochHalvingSearchCV and EpochHalvingRandomSearchCV, where survivors train on."""

from __future__ import annotations

from contextlib import contextmanager
from math import ceil, floor, log
from numbers import Integral
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from .._pipelines import last_step
from .._sklearn_compat import HalvingGridSearchCV, HalvingRandomSearchCV, check_halving
from ._search_bar import Round
from ._search_fit import EpochSearchMixin

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal

    from sklearn.base import BaseEstimator

    from .._typing import CV, ErrorScore, ParamGrid, RandomState


class _HalvingMixin(EpochSearchMixin):
    """Successive halving in which a survivor goes on with its training."""

    n_epochs_trained_: int | None
    n_epochs_from_scratch_: int | None
    n_resources_: list[int]
    n_candidates_: list[int]
    n_remaining_candidates_: int
    max_resources_: int
    min_resources_: int
    n_iterations_: int
    n_possible_iterations_: int
    n_required_iterations_: int

    @contextmanager
    def _resolved(self):
        given = {"resource": self.resource, "max_resources": self.max_resources}
        vars(self).update(self._resources())  # scikit-learn's methods read them
        try:
            yield
        finally:
            vars(self).update(given)

    def _resources(self):
        """Return the values of `resource` and `max_resources` that "auto" stands for."""
        resource, most = self.resource, self.max_resources
        path, last = last_step(self.estimator)
        if resource == "auto":
            resource = f"{path}epochs" if hasattr(last, "epochs") else "n_samples"
        if most == "auto" and hasattr(last, "epochs") and resource == f"{path}epochs":
            most = last.epochs
            if not isinstance(most, Integral):
                raise ValueError(
                    "max_resources='auto' stands for the epochs of the estimator, which are "
                    f"{most!r}; set them, or max_resources, to an int of at least 1"
                )
        return {"resource": resource, "max_resources": most}

    def _check_search(self, X, y, routed):
        check_halving(self, X, y, routed.splitter.split)

    def _growing_parameter(self):
        return self.resource if self.resource.split("__")[-1] == "epochs" else None

    def _later_rounds(self):
        n_candidates, n_done = self.n_candidates_[0], len(self.n_resources_)
        n_required = 1 + floor(log(n_candidates, self.factor))
        n_possible = 1 + floor(log(self.max_resources_ // self.min_resources_, self.factor))
        n_rounds = n_required if self.aggressive_elimination else min(n_required, n_possible)
        grows = self._growing_parameter() is not None
        rounds = []
        for number in range(n_rounds):
            power = number
            if self.aggressive_elimination:
                power = max(0, number - n_required + n_possible)
            n_resources = min(int(self.factor**power * self.min_resources_), self.max_resources_)
            rounds.append(Round(n_candidates, n_resources if grows else None))
            n_candidates = ceil(n_candidates / self.factor)
        return rounds[n_done:]

    def _choose(self, refit_metric):
        super()._choose(refit_metric)
        self.best_score_ = self.cv_results_["mean_test_score"][self.best_index_]

    def _report_epochs(self, trainings):
        self.n_epochs_trained_ = self.n_epochs_from_scratch_ = None
        if trainings is not None:
            self.n_epochs_trained_ = trainings.n_epochs
            self.n_epochs_from_scratch_ = trainings.n_epochs_from_scratch


class EpochHalvingSearchCV(_HalvingMixin, HalvingGridSearchCV):
    """Successive halving over a grid, in which the survivors of a round train on.

    All candidates are trained for a few epochs. The best of them are trained for `factor` times as
    many, and so on. It takes the place of ``HalvingGridSearchCV`` of scikit-learn with the epochs
    as resource, and gives the same results if `random_state` of the estimator is an int.
    ``HalvingGridSearchCV`` trains each survivor again from the first epoch. Here it goes on from
    where its training stands. The import of ``enable_halving_search_cv`` is not needed.

    To compare every number of epochs, use :class:`EpochGridSearchCV`. A round may drop a candidate
    that would have been the best after more epochs. The best candidate has the epochs of the last
    round, even if it was better after fewer.

    Parameters
    ----------
    estimator : estimator object
        A classifier of this package, or a :class:`~sklearn.pipeline.Pipeline` that ends in one,
        also within inner Pipelines. Any other estimator is searched as by ``HalvingGridSearchCV``.
    param_grid : dict or list of dict
        The values to try for each parameter. `resource` must not be among them.
    factor : int or float, default=3
        One in `factor` candidates survives a round, and is trained for `factor` times as many
        epochs.
    resource : "auto", "n_samples" or str, default="auto"
        The parameter that grows from round to round. "auto" stands for the epochs of the last step,
        for example ``"kerasbinaryreviewclassifier__epochs"`` in a Pipeline, and for "n_samples" if
        the last step has no epochs. With any other resource, survivors are trained from scratch.
    max_resources : int, default="auto"
        The largest number of epochs. "auto" stands for the `epochs` of the estimator, or with
        "n_samples" for the number of rows.
    min_resources : {"exhaust", "smallest"} or int, default="exhaust"
        The number of epochs of the first round. "smallest" is 1. "exhaust" is the number for which
        the last round has as many epochs as `max_resources` allows.
    aggressive_elimination : bool, default=False
        Whether to repeat the first round, with fewer candidates each time, where `max_resources` is
        too small to leave at most `factor` candidates at the end.
    cv : int, cross-validation generator or iterable, default=5
        The splits. They must be the same in each round.
    scoring : str, callable or None, default=None
        How to score the held-out part of a split. None uses the estimator's ``score``.
    refit : bool or callable, default=True
        Whether to fit the best candidate on all the data.
    error_score : "raise" or numeric, default=np.nan
        The score of a candidate whose fit fails.
    return_train_score : bool, default=True
        Whether to score the training part of each split as well.
    random_state : int, RandomState instance or None, default=None
        Seed for drawing rows where `resource` is "n_samples".
    n_jobs : int, default=None
        Number of trainings to run at the same time. None means 1, and -1 all processors.
    verbose : int, default=0
        How much to print, as in ``HalvingGridSearchCV``. 1 also draws a progress bar, as in
        `EpochGridSearchCV`.

    Attributes
    ----------
    cv_results_ : dict of numpy (masked) ndarrays
        As in ``HalvingGridSearchCV``, with one row for each candidate and round. The fit times are
        those of the epochs that were trained.
    n_epochs_trained_ : int or None
        Number of epochs trained in all rounds, candidates and splits, without the refit and without
        fits that failed. None if the estimator is neither a classifier of this package nor a
        Pipeline.
    n_epochs_from_scratch_ : int or None
        Number of epochs if every round had trained from the first epoch.
    epoch_scores_ : pandas DataFrame
        As in `EpochGridSearchCV`.
    n_resources_ : list of int
        The epochs of each round.
    n_candidates_ : list of int
        The number of candidates of each round.
    n_remaining_candidates_ : int
        The number of candidates that are left after the last round.
    max_resources_ : int
        The largest number of epochs allowed.
    min_resources_ : int
        The number of epochs of the first round.
    n_iterations_ : int
        The number of rounds.
    n_possible_iterations_ : int
        The number of rounds that `max_resources` allows.
    n_required_iterations_ : int
        The number of rounds after which at most `factor` candidates are left.
    best_estimator_ : estimator
        The best candidate of the last round, fitted on all the data. Only with `refit`.
    best_score_ : float
        Its mean score over the splits.
    best_params_ : dict
        Its parameters, with the epochs.
    best_index_ : int
        Its row in ``cv_results_``.
    scorer_ : function or dict
        The scorer.
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
    EpochHalvingRandomSearchCV : Draws the candidates at random.
    EpochGridSearchCV : Scores all candidates after each number of epochs.

    Notes
    -----
    What a training has learned comes back with its scores and is sent to whoever goes on with it.
    No worker has to remember it, and no files are shared. With RMSprop it is twice the size of the
    network, and with Adam three times.

    A candidate that goes on needs ``1 - 1 / factor`` of the epochs of a training from scratch. The
    first round saves nothing, so ``n_epochs_trained_ / n_epochs_from_scratch_`` is always above
    that. The steps before the classifier are fitted again in each
    round, as by ``HalvingGridSearchCV``.

    A candidate with `callbacks`, `early_stopping`, `epoch_selection` or `stages` is trained from
    scratch in each round. So is every candidate if the classifier or a Pipeline is of a subclass. A
    training starts from scratch, too, if a step before the classifier has learned something else
    than in the round before, for example with ``random_state=None``, or if it ended before its last
    epoch in the round before.

    scikit-learn's own callbacks, from version 1.9, are told of the epochs that a round trains.
    Their numbers start at 0 in each round, and `n_iter_` counts from the first round on.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_textnn import EpochHalvingSearchCV, KerasBinaryReviewClassifier
    >>> X, y = np.eye(2)[[0, 1] * 20], [0, 1] * 20
    >>> classifier = KerasBinaryReviewClassifier(epochs=27, random_state=0)
    >>> grid = {"learning_rate": np.logspace(-4, -1, 9), "units": [4]}
    >>> search = EpochHalvingSearchCV(classifier, grid, cv=2).fit(X, y)
    >>> search.n_candidates_, search.n_resources_
    ([9, 3, 1], [3, 9, 27])
    >>> search.n_epochs_trained_, search.n_epochs_from_scratch_
    (126, 162)
    """

    _parameter_constraints: ClassVar[dict] = HalvingGridSearchCV._parameter_constraints

    def __init__(
        self,
        estimator: BaseEstimator,
        param_grid: ParamGrid,
        *,
        factor: float = 3,
        resource: str = "auto",
        max_resources: Literal["auto"] | int = "auto",
        min_resources: Literal["exhaust", "smallest"] | int = "exhaust",
        aggressive_elimination: bool = False,
        cv: CV = 5,
        scoring: str | Callable[..., float] | None = None,
        refit: bool | Callable[[Any], int] = True,
        error_score: ErrorScore = np.nan,
        return_train_score: bool = True,
        random_state: RandomState = None,
        n_jobs: int | None = None,
        verbose: int = 0,
    ) -> None:
        super().__init__(
            estimator,
            param_grid,
            factor=factor,
            resource=resource,
            max_resources=max_resources,
            min_resources=min_resources,
            aggressive_elimination=aggressive_elimination,
            cv=cv,
            scoring=scoring,
            refit=refit,
            error_score=error_score,
            return_train_score=return_train_score,
            random_state=random_state,
            n_jobs=n_jobs,
            verbose=verbose,
        )


class EpochHalvingRandomSearchCV(_HalvingMixin, HalvingRandomSearchCV):
    """Successive halving over random candidates, in which the survivors of a round train on.

    It takes the place of ``HalvingRandomSearchCV`` of scikit-learn with the epochs as resource, and
    draws the same candidates for the same `random_state`. Survivors train on as in
    :class:`EpochHalvingSearchCV`, also with values from a continuous distribution.

    Parameters
    ----------
    estimator : estimator object
        As in `EpochHalvingSearchCV`.
    param_distributions : dict or list of dict
        For each parameter a list of values, or a distribution with an ``rvs`` method.
    n_candidates : "exhaust" or int, default="exhaust"
        Number of candidates of the first round. "exhaust" draws so many that the last round has as
        many epochs as `max_resources` allows.
    factor : int or float, default=3
        As in `EpochHalvingSearchCV`.
    resource : "auto", "n_samples" or str, default="auto"
        As in `EpochHalvingSearchCV`.
    max_resources : int, default="auto"
        As in `EpochHalvingSearchCV`.
    min_resources : {"exhaust", "smallest"} or int, default="smallest"
        The number of epochs of the first round.
    aggressive_elimination : bool, default=False
        As in `EpochHalvingSearchCV`.
    cv : int, cross-validation generator or iterable, default=5
        The splits. They must be the same in each round.
    scoring : str, callable or None, default=None
        How to score the held-out part of a split. None uses the estimator's ``score``.
    refit : bool or callable, default=True
        Whether to fit the best candidate on all the data.
    error_score : "raise" or numeric, default=np.nan
        The score of a candidate whose fit fails.
    return_train_score : bool, default=True
        Whether to score the training part of each split as well.
    random_state : int, RandomState instance or None, default=None
        Seed for drawing candidates, and rows where `resource` is "n_samples".
    n_jobs : int, default=None
        Number of trainings to run at the same time. None means 1, and -1 all processors.
    verbose : int, default=0
        How much to print, as in ``HalvingRandomSearchCV``. 1 also draws a progress bar, as in
        `EpochGridSearchCV`.

    Attributes
    ----------
    cv_results_ : dict of numpy (masked) ndarrays
        As in `EpochHalvingSearchCV`.
    n_epochs_trained_ : int or None
        As in `EpochHalvingSearchCV`.
    n_epochs_from_scratch_ : int or None
        As in `EpochHalvingSearchCV`.
    epoch_scores_ : pandas DataFrame
        As in `EpochGridSearchCV`.
    n_resources_ : list of int
        The epochs of each round.
    n_candidates_ : list of int
        The number of candidates of each round.
    n_remaining_candidates_ : int
        The number of candidates that are left after the last round.
    max_resources_ : int
        The largest number of epochs allowed.
    min_resources_ : int
        The number of epochs of the first round.
    n_iterations_ : int
        The number of rounds.
    n_possible_iterations_ : int
        The number of rounds that `max_resources` allows.
    n_required_iterations_ : int
        The number of rounds after which at most `factor` candidates are left.
    best_estimator_ : estimator
        The best candidate of the last round, fitted on all the data. Only with `refit`.
    best_score_ : float
        Its mean score over the splits.
    best_params_ : dict
        Its parameters, with the epochs.
    best_index_ : int
        Its row in ``cv_results_``.
    scorer_ : function or dict
        The scorer.
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
    EpochHalvingSearchCV : Tries all combinations.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.stats import loguniform
    >>> from sklearn_textnn import EpochHalvingRandomSearchCV, KerasBinaryReviewClassifier
    >>> X, y = np.eye(2)[[0, 1] * 20], [0, 1] * 20
    >>> classifier = KerasBinaryReviewClassifier(4, epochs=9, random_state=0)
    >>> distributions = {"learning_rate": loguniform(1e-4, 1e-1)}
    >>> search = EpochHalvingRandomSearchCV(classifier, distributions, cv=2, random_state=0)
    >>> search.fit(X, y).n_candidates_
    [9, 3, 1]
    """

    _parameter_constraints: ClassVar[dict] = HalvingRandomSearchCV._parameter_constraints

    def __init__(
        self,
        estimator: BaseEstimator,
        param_distributions: ParamGrid,
        *,
        n_candidates: Literal["exhaust"] | int = "exhaust",
        factor: float = 3,
        resource: str = "auto",
        max_resources: Literal["auto"] | int = "auto",
        min_resources: Literal["exhaust", "smallest"] | int = "smallest",
        aggressive_elimination: bool = False,
        cv: CV = 5,
        scoring: str | Callable[..., float] | None = None,
        refit: bool | Callable[[Any], int] = True,
        error_score: ErrorScore = np.nan,
        return_train_score: bool = True,
        random_state: RandomState = None,
        n_jobs: int | None = None,
        verbose: int = 0,
    ) -> None:
        super().__init__(
            estimator,
            param_distributions,
            n_candidates=n_candidates,
            factor=factor,
            resource=resource,
            max_resources=max_resources,
            min_resources=min_resources,
            aggressive_elimination=aggressive_elimination,
            cv=cv,
            scoring=scoring,
            refit=refit,
            error_score=error_score,
            return_train_score=return_train_score,
            random_state=random_state,
            n_jobs=n_jobs,
            verbose=verbose,
        )
