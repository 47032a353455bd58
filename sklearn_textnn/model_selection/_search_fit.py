"""The fit of a search that evaluates groups of candidates."""

from __future__ import annotations

from collections import defaultdict
from contextlib import nullcontext
from itertools import product
from time import time
from typing import TYPE_CHECKING

from sklearn.base import clone, is_classifier
from sklearn.model_selection import check_cv
from sklearn.utils import indexable
from sklearn.utils.parallel import delayed
from sklearn.utils.validation import check_is_fitted

from .._sklearn_compat import (
    _check_method_params,
    _fit_context,
    _insert_error_scores,
    _MultimetricScorer,
    _warn_or_raise_about_fit_failures,
    check_refit,
    find_best_index,
    format_results,
    route_fit_params,
    run_search,
    scorer_and_metric,
    scorers_of,
    set_splitter,
    splitter_of,
)
from ._callback_tasks import EvaluationTask, SearchTask, evaluating
from ._candidate_groups import CandidateGroup, group_candidates, may_share
from ._epoch_scores import epoch_scores
from ._evaluation import evaluate_group
from ._kept_trainings import KeptTrainings
from ._progress_lines import ProgressLines
from ._search_bar import search_bar

if TYPE_CHECKING:
    from typing import Any

    from pandas import DataFrame
    from typing_extensions import Self

    from .._typing import Labels, Samples


class EpochSearchMixin:
    """A search in which candidates that differ in nothing but `epochs` share a training.

    scikit-learn's class, to the right of this one, has the parameters and chooses the candidates
    and the best of them. It also lays out `cv_results_`.
    """

    cv_results_: dict[str, Any]
    best_estimator_: Any
    best_score_: float
    best_params_: dict[str, Any]
    best_index_: int
    scorer_: Any
    n_splits_: int
    refit_time_: float
    multimetric_: bool

    def fit(self, X: Samples, y: Labels | None = None, **params: Any) -> Self:
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
        before = vars(self).copy()
        try:
            with self._resolved():
                if may_share(self.estimator):
                    self._search(X, y, params)
                else:
                    super().fit(X, y, **params)
                    self._report_epochs(None)
        except BaseException:
            vars(self).clear()
            vars(self).update(before)
            raise
        return self

    @property
    def epoch_scores_(self) -> DataFrame:
        """The scores of ``cv_results_`` as a pandas DataFrame, one score a row."""
        check_is_fitted(self, "cv_results_")
        try:
            return epoch_scores(self)
        except ImportError as error:  # `hasattr` and the HTML representation go on
            raise AttributeError(
                "epoch_scores_ is a pandas DataFrame; install pandas, or read cv_results_"
            ) from error

    # The estimator that is searched has not validated its parameters yet.
    @_fit_context(prefer_skip_nested_validation=False)
    def _search(self, X, y, params):
        scorer, refit_metric = scorer_and_metric(self)
        X, y = indexable(X, y)
        params = _check_method_params(X, params=params)
        routed = route_fit_params(self, params)
        task = SearchTask.of_fit(self, X, y, params)
        task.begin()
        splitter = check_cv(self.cv, y, classifier=is_classifier(self.estimator))
        set_splitter(self, splitter)
        self._check_search(X, y, routed)
        self.n_splits_ = splitter.get_n_splits(X, y, **routed.splitter.split)
        trainings = KeptTrainings(self.estimator, self._growing_parameter())
        with search_bar(self) as bar:
            self._evaluate_all(X, y, routed, scorer, task, trainings, bar)
            if callable(self.scoring) and self.multimetric_:  # its names are known only now
                check_refit(self, self._first_scores)
                refit_metric = self.refit
            del self._first_scores
            self._choose(refit_metric)
            self._report_epochs(trainings)
            if self.refit:
                self._refit(X, y, routed.estimator.fit, task, bar)
        several = isinstance(scorer, _MultimetricScorer)
        self.scorer_ = scorers_of(scorer) if several else scorer
        task.end()

    def _run_search(self, evaluate_candidates, *, callback_ctx=None):
        # So that a subclass can pass a context on to any version of scikit-learn.
        run_search(super(), evaluate_candidates, callback_ctx)

    def _evaluate_list(self, candidates, evaluate_candidates, callback_ctx):
        """Evaluate candidates, and tell callbacks how many trainings there are.

        scikit-learn's own `_run_search` tells them the number of candidates and splits.
        """
        candidates = list(candidates)
        if callback_ctx is None:
            evaluate_candidates(candidates)
            return
        n_trainings = self.n_splits_ * len(group_candidates(candidates, self.estimator))
        with evaluating(callback_ctx, n_trainings, self) as context:
            evaluate_candidates(candidates, callback_ctx=context)

    def _check_search(self, X, y, routed):
        """Compare the parameters with the data, where a search has more to compare."""

    def _growing_parameter(self):
        """Return the parameter that grows from round to round, where a search has one."""

    def _later_rounds(self):
        """Return a list of Round: those to come after the current one, where a search has them."""
        return []

    def _resolved(self):
        """Return a context in which no parameter is "auto", where a search has such parameters."""
        return nullcontext()

    def _report_epochs(self, trainings):
        """Set the numbers of epochs trained, where a search reports them. None if not known."""

    def _evaluate_all(self, X, y, routed, scorer, task, trainings, bar):
        """Evaluate all candidates, and set `cv_results_`."""
        settings = {
            "scorer": scorer,
            "fit_params": routed.estimator.fit,
            "score_params": routed.scorer.score,
            "return_train_score": self.return_train_score,
            "error_score": self.error_score,
        }
        estimator = clone(self.estimator)
        all_candidates, all_results, all_more = [], [], defaultdict(list)
        cv_results = {}

        def evaluate_candidates(candidates, cv=None, more_results=None, callback_ctx=None):
            nonlocal cv_results
            candidates = list(candidates)
            splits = self._split(cv or splitter_of(self), X, y, routed.splitter.split)
            if self.verbose > 0:
                n_fits = len(candidates) * self.n_splits_
                print(  # noqa: T201
                    f"Fitting {self.n_splits_} folds for each of {len(candidates)} candidates, "
                    f"totalling {n_fits} fits"
                )
            units = list(product(group_candidates(candidates, estimator), enumerate(splits)))
            learned = [trainings.find(group, number) for group, (number, _) in units]
            # Made before the first is sent to another process, as in scikit-learn.
            evaluations = [EvaluationTask(callback_ctx, unit, self) for unit in range(len(units))]
            later = self._later_rounds()
            bars = bar.begin_round([group for group, _ in units], learned, self.n_splits_, later)
            of_round = settings | {"is_last_round": not later}
            found = parallel(
                delayed(evaluate_group)(
                    estimator,
                    group,
                    X,
                    y,
                    split,
                    known,
                    ProgressLines(self.verbose, group, len(candidates), number, self.n_splits_),
                    of_bar,
                    evaluation,
                    of_round,
                )
                for (group, (number, split)), known, of_bar, evaluation in zip(
                    units, learned, bars, evaluations, strict=True
                )
            )
            trainings.keep(
                [(group, number) for group, (number, _) in units],
                [progress for _, progress in found],
            )
            results = _in_order(units, [results for results, _ in found])
            if not results:
                raise ValueError(
                    "No fits were performed. Was the CV iterator empty? Were there no candidates?"
                )
            _warn_or_raise_about_fit_failures(results, self.error_score)
            if callable(self.scoring):
                _insert_error_scores(results, self.error_score)
            all_candidates.extend(candidates)
            all_results.extend(results)
            for name, values in (more_results or {}).items():
                all_more[name].extend(values)
            cv_results = format_results(self, all_candidates, self.n_splits_, all_results, all_more)
            return cv_results

        with bar.parallel(n_jobs=self.n_jobs, pre_dispatch=self.pre_dispatch) as parallel:
            run_search(self, evaluate_candidates, task.context)
        self._first_scores = all_results[0]["test_scores"]
        self.multimetric_ = isinstance(self._first_scores, dict)
        self.cv_results_ = cv_results

    def _split(self, cv, X, y, params):
        splits = list(cv.split(X, y, **params))
        if len(splits) != self.n_splits_:
            raise ValueError(
                "cv.split and cv.get_n_splits return inconsistent results. Expected "
                f"{self.n_splits_} splits, got {len(splits)}"
            )
        return splits

    def _choose(self, refit_metric):
        """Set the best candidate, where one metric or `refit` says which one it is."""
        if not self.refit and self.multimetric_:
            return
        results = self.cv_results_
        self.best_index_ = find_best_index(self, refit_metric, results)
        if not callable(self.refit):
            self.best_score_ = results[f"mean_test_{refit_metric}"][self.best_index_]
        self.best_params_ = results["params"][self.best_index_]

    def _refit(self, X, y, params, task, bar):
        """Fit the best candidate on all rows."""
        best = clone(self.estimator).set_params(**clone(self.best_params_, safe=False))
        self.best_estimator_ = best
        group = CandidateGroup([self.best_index_], [self.best_params_])
        with task.refitting(best), bar.refitting(group):
            start = time()
            best.fit(*((X,) if y is None else (X, y)), **params)
            self.refit_time_ = time() - start
        if hasattr(best, "feature_names_in_"):
            self.feature_names_in_ = best.feature_names_in_


def _in_order(units, found):
    """Return the results by candidate and split."""
    by_row = defaultdict(list)
    for (group, _), results in zip(units, found, strict=True):
        for row, result in zip(group.rows, results, strict=True):
            by_row[row].append(result)
    return [result for _, results in sorted(by_row.items()) for result in results]
