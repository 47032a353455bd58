"""EpochGridSearchCV and EpochRandomizedSearchCV: epochs are searched for the price of one run."""

from contextlib import suppress
from numbers import Integral

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import Pipeline

from .._pipelines import last_step, transform_before_last_step, with_last_step
from .._sklearn_compat import _BaseScorer, _MultimetricScorer, _PassthroughScorer, _score
from ..neural_network._base import _KerasTextClassifier


class _EpochSearchMixin:
    """A search that trains candidates once where they differ in nothing but `epochs`.

    The search's own `fit` is given one candidate for each such group, with the epochs to keep the
    weights after, and a scorer that scores each of them. What comes back is laid out as if every
    candidate had been fitted by itself, before the search looks at it.
    """

    def fit(self, X, y=None, **params):
        """Run fit with all candidates.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features) or (n_samples,)
            Training vectors, or documents for a Pipeline that begins with a vectorizer.
        y : array-like of shape (n_samples,)
            Class labels.
        **params : dict of str -> object
            Passed to the `fit` of the estimator, the scorer and the splitter, as in
            :class:`~sklearn.model_selection.GridSearchCV`.

        Returns
        -------
        self : object
            The fitted search.
        """
        super().fit(X, y, **params)
        if isinstance(self.scorer_, _StageScorer):
            self.scorer_ = self.scorer_.__wrapped__
        self.epoch_scores_ = _tidy_scores(self)
        return self

    def _get_scorers(self):
        scorers, refit_metric = super()._get_scorers()
        multimetric = isinstance(scorers, _MultimetricScorer)
        wrap = _StageMultimetricScorer if multimetric else _StageScorer
        return wrap(scorers, self.error_score), refit_metric

    def _run_search(self, evaluate_candidates, *, callback_ctx=None):
        def evaluate(candidates, **kwargs):
            self._evaluate(evaluate_candidates, list(candidates), **kwargs)

        # scikit-learn has callbacks from 1.9.
        context = {} if callback_ctx is None else {"callback_ctx": callback_ctx}
        super()._run_search(evaluate, **context)

    def _evaluate(self, evaluate_candidates, candidates, **kwargs):
        """Evaluate each group by one training, and by themselves the candidates where it fails."""
        groups = _groups(candidates, self.estimator)
        self._layout = _Layout(candidates, groups)
        try:
            try:
                evaluate_candidates([group.parameters for group in groups], **kwargs)
            except ValueError:  # all fits have failed, and those of fewer epochs need not
                if self.error_score == "raise" or len(groups) == len(candidates):
                    raise
                evaluate_candidates(candidates)
            if self._layout.failed:
                with suppress(ValueError):  # all of them have failed too, and are marked so already
                    evaluate_candidates([candidates[row] for row in self._layout.failed])
        finally:
            del self._layout

    def _format_results(self, candidate_params, n_splits, out, more_results=None):
        # In place: the search reads from `out` whether there are several metrics.
        candidate_params[:], out[:] = self._layout.lay_out(candidate_params, n_splits, out)
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


class _Stages(tuple):
    """The epochs to score a training after; its type tells a scorer that a search asks for them."""


class _Group:
    """Candidates of one training: its parameters, and the row and epochs of each of them.

    A candidate by itself has None in the place of its epochs.
    """

    def __init__(self, parameters, members):
        self.parameters = parameters
        self.members = members


def _groups(candidates, estimator):
    """Return the groups of candidates in the order of their first ones."""
    rows_of = {}
    for row, parameters in enumerate(candidates):
        others = {name: value for name, value in parameters.items() if not _is_epochs(name)}
        names = tuple(sorted(set(parameters) - set(others)))
        rows_of.setdefault((names, _key(others)), []).append(row)
    groups = []
    for (names, _), rows in rows_of.items():
        name = names[0] if len(names) == 1 else None
        alone = list(rows)
        if name is not None and len(rows) > 1 and _is_prefix(name, candidates[rows[0]], estimator):
            together = [row for row in rows if _is_number_of_epochs(candidates[row][name])]
            alone = [row for row in rows if row not in set(together)]
            members = [(row, int(candidates[row][name])) for row in together]
            stages = _Stages(sorted({epochs for _, epochs in members}))
            shared = {name: stages[-1], f"{name.removesuffix('epochs')}stages": stages}
            groups.append(_Group(candidates[rows[0]] | shared, members))
        groups += [_Group(candidates[row], [(row, None)]) for row in alone]
    return sorted(groups, key=lambda group: group.members[0])


def _is_epochs(name):
    return name == "epochs" or name.endswith("__epochs")


def _is_number_of_epochs(value):
    return isinstance(value, Integral) and not isinstance(value, bool) and value >= 1


def _key(parameters):
    """Return something to compare parameters by; what cannot be compared is itself alone."""
    return tuple((name, _value_key(value)) for name, value in sorted(parameters.items()))


def _value_key(value):
    if isinstance(value, tuple):
        return tuple(map(_value_key, value))
    if value is None or type(value) in (bool, int, float, str):
        return type(value), value
    return id(value)


def _is_prefix(name, parameters, estimator):
    """Whether, with these parameters, training for fewer epochs is the beginning of training."""
    others = {key: value for key, value in parameters.items() if key != name}
    try:
        candidate = clone(estimator).set_params(**clone(others, safe=False))
    except (TypeError, ValueError):  # the search itself has to say so
        return False
    path, classifier = last_step(candidate)
    return (
        name == f"{path}epochs"
        and isinstance(classifier, _KerasTextClassifier)
        and not classifier.callbacks
        and not classifier.early_stopping
        and classifier.epoch_selection is None
        and classifier.stages is None
    )


class _Layout:
    """Lays out the results of groups as those of candidates fitted by themselves."""

    def __init__(self, candidates, groups):
        self._candidates = candidates
        self._members = {id(parameters): [(i, None)] for i, parameters in enumerate(candidates)}
        self._members |= {id(group.parameters): group.members for group in groups}
        self.failed = []

    def lay_out(self, parameters, n_splits, out):
        """Return the candidates evaluated and their results; later ones of a candidate stand."""
        results = {}
        for i, evaluated in enumerate(parameters):
            splits = out[i * n_splits : (i + 1) * n_splits]
            members = self._members[id(evaluated)]
            for row, epochs in members:
                results[row] = [_result_of(split, epochs, len(members)) for split in splits]
            if len(members) > 1 and any(split["fit_error"] for split in splits):
                self.failed += [row for row, _ in members]
        rows = sorted(results)
        return (
            [self._candidates[row] for row in rows],
            [result for row in rows for result in results[row]],
        )


def _result_of(result, epochs, n_members):
    """Return the result of a candidate from that of its group."""
    result = dict(result)
    for scores in ("test_scores", "train_scores"):
        if scores in result:
            result[scores] = _scores_of(result[scores], epochs, result["fit_error"])
    for time in ("fit_time", "score_time"):
        result[time] /= n_members
    return result


def _scores_of(scores, epochs, failed):
    """Return a score, or a dictionary of them, from scores by epochs and metric."""
    if not isinstance(scores, dict):
        return scores
    if failed:  # the search may have put the names of another result's scores there
        scores = {name[1] if isinstance(name, tuple) else name: scores[name] for name in scores}
    elif epochs is not None:
        scores = {name: score for (stage, name), score in scores.items() if stage == epochs}
    return scores.get(None, scores)


class _StageScorer:
    """A scorer that also scores a training after each of the epochs that a search asks for."""

    def __init__(self, scorer, error_score):
        self.__wrapped__ = scorer  # where `inspect.signature` looks
        self._error_score = error_score

    def __call__(self, estimator, X, y=None, **params):
        if isinstance(getattr(last_step(estimator)[1], "stages", None), _Stages):
            return _stage_scores(self.__wrapped__, estimator, X, y, params, self._error_score)
        return self.__wrapped__(estimator, X, *(() if y is None else (y,)), **params)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.__wrapped__, name)

    def __repr__(self):
        return repr(self.__wrapped__)


class _StageMultimetricScorer(_MultimetricScorer):
    """The same for several metrics; the search looks for the base class."""

    def __init__(self, scorer, error_score):
        super().__init__(scorers=scorer._scorers, raise_exc=scorer._raise_exc)
        self._scorer = _StageScorer(scorer, error_score)

    def __call__(self, estimator, *args, **kwargs):
        return self._scorer(estimator, *args, **kwargs)


def _stage_scores(scorer, estimator, X, y, params, error_score):
    """Return the scores after each of the epochs asked for, by epochs and name of the metric."""
    classifier = last_step(estimator)[1]
    transformed = None
    if isinstance(estimator, Pipeline) and not params and _looks_at_predictions_alone(scorer):
        with suppress(Exception):  # each stage has to fail by itself
            transformed = transform_before_last_step(estimator, X)
    scores = {}
    for epochs in classifier.stages:
        stage = classifier._at_stage(epochs)
        if transformed is None:
            stage_scores = _score(
                with_last_step(estimator, stage), X, y, scorer, params, error_score
            )
        else:
            stage_scores = _score(stage, transformed, y, scorer, params, error_score)
        if not isinstance(stage_scores, dict):
            stage_scores = {None: stage_scores}
        scores |= {(epochs, name): score for name, score in stage_scores.items()}
    return scores


def _looks_at_predictions_alone(scorer):
    """Whether a scorer says of a Pipeline what it says of its last step."""
    if isinstance(scorer, _MultimetricScorer):
        return all(map(_looks_at_predictions_alone, scorer._scorers.values()))
    return isinstance(scorer, (_BaseScorer, _PassthroughScorer))


def _tidy_scores(search):
    """Return the scores of a fitted search, one a row."""
    import pandas as pd

    results = search.cv_results_
    parameters, epochs, of_epochs = results["params"], [], set()
    for candidate in parameters:
        path, last = last_step(clone(search.estimator).set_params(**clone(candidate, safe=False)))
        epochs.append(getattr(last, "epochs", np.nan))
        of_epochs.add(f"{path}epochs")
    names = dict.fromkeys(name for candidate in parameters for name in candidate)
    table = pd.DataFrame(
        {
            f"param_{name}": pd.Series([p.get(name, np.nan) for p in parameters], dtype=object)
            for name in names
            if name not in of_epochs
        },
        index=range(len(parameters)),
    )
    table["candidate"] = table.index
    parts = []
    for key, scores in results.items():
        split, _, rest = key.partition("_")
        subset, _, metric = rest.partition("_")
        if not (split.startswith("split") and subset in ("train", "test")):
            continue
        parts.append(
            table.assign(
                split=int(split.removeprefix("split")),
                epoch=epochs,
                metric=metric,
                subset=subset,
                score=scores,
            )
        )
    return pd.concat(parts).sort_values("candidate", kind="stable", ignore_index=True)
