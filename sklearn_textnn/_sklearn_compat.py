"""Every private name of scikit-learn that this package reads or sets.

A release of scikit-learn may move or change these names. What to use instead is said beside each of
them, so that this is the only file to change.
"""

from __future__ import annotations

from importlib import import_module
from inspect import signature
from numbers import Integral
from typing import TYPE_CHECKING

import numpy as np
from sklearn import __version__ as sklearn_version

# Selects rows of lists, arrays, data frames and sparse matrices. Instead: `sklearn.utils.resample`
# does not, so it would be one function of our own.
from sklearn.utils import _safe_indexing

# What `set_fit_request` and its siblings leave on an estimator. Instead: what
# `get_metadata_routing` returns has the same type.
from sklearn.utils._metadata_requests import MetadataRequest

# Import errors that say what to install. Instead: `import matplotlib` in a `try`.
from sklearn.utils._optional_dependencies import check_matplotlib_support

# Legal values of parameters. Instead: our own classes with `is_satisfied_by` and `__str__`.
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    RealNotInt,
    StrOptions,
    validate_parameter_constraints,
    validate_params,
)

# Selects the rows of a split; for a precomputed kernel also its columns. Instead:
# `_safe_indexing`.
from sklearn.utils.metaestimators import _safe_split

# The first selects the rows of metadata that have as many as X. Instead: a loop over them.
# The second checks the weights of rows. Instead: `check_array(ensure_2d=False)` and a comparison of
# lengths.
from sklearn.utils.validation import _check_method_params, _check_sample_weight

if TYPE_CHECKING:  # scikit-learn has no types, and a method would lose its own to these decorators
    from collections.abc import Callable
    from typing import Any, TypeVar

    from typing_extensions import Self

    _Method = TypeVar("_Method", bound=Callable[..., Any])

    def _fit_context(*, prefer_skip_nested_validation: bool) -> Callable[[_Method], _Method]: ...
    def available_if(check: Callable[..., bool]) -> Callable[[_Method], _Method]: ...
else:
    # Validates `_parameter_constraints` before a method. Instead: call `self._validate_params()`.
    from sklearn.base import _fit_context

    # Public: methods that exist only where a condition holds.
    from sklearn.utils.metaestimators import available_if


try:
    # `set_callbacks` and the documented `_init_callback_context`. Public, from version 1.9 on.
    from sklearn.callback import CallbackSupportMixin
except ImportError:

    def _needs_newer_scikit_learn(estimator):
        """Raise AttributeError, for `available_if`."""
        raise AttributeError(
            f"scikit-learn's callbacks need scikit-learn 1.9 or later, and {sklearn_version} is "
            "installed; the parameter `callbacks` of a classifier takes callbacks of Keras"
        )

    class CallbackSupportMixin:
        """An estimator without callbacks, for scikit-learn before 1.9."""

        @available_if(_needs_newer_scikit_learn)
        def set_callbacks(self, *callbacks: Any) -> Self:
            """Set scikit-learn's callbacks, from scikit-learn 1.9 on.

            Parameters
            ----------
            *callbacks : callback instances
                The callbacks.

            Returns
            -------
            self : object
                The estimator.
            """


# What ties an estimator to its callbacks during a fit. Instead: nothing, if copies that are made in
# a fit may stay tied to it.
FIT_CONTEXTS = ("_callback_fit_ctx", "_skl_callbacks_to_teardown", "_parent_callback_ctx")

# The same, and what `set_callbacks` sets. Instead: nothing, if callbacks may be part of what was
# learned.
CALLBACK_ATTRIBUTES = ("_skl_callbacks", *FIT_CONTEXTS)

# Attributes that scikit-learn sets on an estimator, with the types of their values:
# `validate_data`, `set_fit_request` and its siblings, `set_output`, `set_callbacks`. Instead:
# nothing, if loading may take any attribute.
SET_BY_SCIKIT_LEARN = {
    "n_features_in_": [Interval(Integral, 1, None, closed="left")],
    "feature_names_in_": [np.ndarray],
    "_metadata_request": [MetadataRequest],
    "_sklearn_output_config": [dict],
    "_skl_callbacks": [list],
}

# Imported when first asked for, since `sklearn.metrics` and `sklearn.model_selection` take long.
_LAZY = {
    # What `check_scoring` makes of a metric's name, and of no `scoring`. A scorer that is none of
    # these may look at more than predictions. Instead: treat every scorer as one that may.
    "_BaseScorer": "sklearn.metrics._scorer",
    "_PassthroughScorer": "sklearn.metrics._scorer",
    # Several metrics at once. Instead: `sklearn.metrics.check_scoring` with a dict, from 1.5 on.
    "_MultimetricScorer": "sklearn.metrics._scorer",
    # Successive halving, which is experimental in scikit-learn. Its public names exist after
    # `from sklearn.experimental import enable_halving_search_cv`, for the whole process; to import
    # it from where it lives enables nothing. Instead: the rounds and their parameters, of our own.
    "HalvingGridSearchCV": "sklearn.model_selection._search_successive_halving",
    "HalvingRandomSearchCV": "sklearn.model_selection._search_successive_halving",
    # Scores and handles `error_score`. Instead: call the scorer in a `try`.
    "_score": "sklearn.model_selection._validation",
    # Gives failed fits the names of the metrics of others. Instead: a loop over the results.
    "_insert_error_scores": "sklearn.model_selection._validation",
    # Tells which fits of a search failed. Instead: a FitFailedWarning with a text of our own.
    "_warn_or_raise_about_fit_failures": "sklearn.model_selection._validation",
}

__all__ = [
    "CALLBACK_ATTRIBUTES",
    "FIT_CONTEXTS",
    "CallbackSupportMixin",
    "HasMethods",
    "Interval",
    "RealNotInt",
    "SET_BY_SCIKIT_LEARN",
    "StrOptions",
    "_check_method_params",
    "_check_sample_weight",
    "_fit_context",
    "_safe_indexing",
    "available_if",
    "callbacks_of",
    "_safe_split",
    "callback_context",
    "check_halving",
    "check_parameter_constraints",
    "check_refit",
    "find_best_index",
    "format_results",
    "parameter_names",
    "route_fit_params",
    "run_search",
    "scorer_and_metric",
    "scorers_of",
    "set_splitter",
    "splitter_of",
    "check_matplotlib_support",
    "validate_parameter_constraints",
    "validate_params",
    *_LAZY,
]


def parameter_names(cls):
    """Return the names of an estimator class's parameters. Instead: read its `__init__`."""
    return cls._get_param_names()


def check_parameter_constraints(estimator):
    """Compare parameters with `_parameter_constraints`. Instead: our own check of them."""
    estimator._validate_params()


def callbacks_of(estimator):
    """Return what `set_callbacks` has set. Instead: a method `set_callbacks` of our own."""
    if not hasattr(estimator, "_init_callback_context"):  # loaded with an older scikit-learn
        return ()
    return vars(estimator).get("_skl_callbacks", ())


def scorers_of(scorer):
    """Return the scorers of several metrics by name. Instead: keep the dict they were made of."""
    return scorer._scorers


# What a search does besides evaluating candidates. Instead: code of our own beside
# `model_selection/_search_fit.py`, from the public functions that are named below.


def scorer_and_metric(search):
    """Return the scorer, and the name of the metric that decides. Instead: `check_scoring`."""
    return search._get_scorers()


def route_fit_params(search, params):
    """Return what is passed to whom. Instead: `process_routing`, if routing is enabled."""
    return search._get_routed_params_for_fit(params)


def check_refit(search, scores):
    """Compare `refit` with the names of several metrics. Instead: a comparison of our own."""
    search._check_refit_for_multimetric(scores)


def set_splitter(search, splitter):
    """Keep the splitter, which successive halving reads. Instead: an attribute of our own."""
    search._checked_cv_orig = splitter


def splitter_of(search):
    """Return the splitter of a search. Instead: an attribute of our own."""
    return search._checked_cv_orig


def check_halving(search, X, y, split_params):
    """Compare the parameters of successive halving with the data. Instead: checks of our own."""
    search._n_samples_orig = X.shape[0] if hasattr(X, "shape") else len(X)
    search._check_input_parameters(X=X, y=y, split_params=split_params)


def run_search(search, evaluate_candidates, callback_context):
    """Pass all candidates to a function. Instead: a ParameterGrid or ParameterSampler."""
    if "callback_ctx" in signature(search._run_search).parameters:  # from 1.9
        search._run_search(evaluate_candidates, callback_ctx=callback_context)
    else:
        search._run_search(evaluate_candidates)


def format_results(search, candidates, n_splits, results, more_results):
    """Return `cv_results_`. Instead: means, standard deviations and ranks of our own."""
    return search._format_results(candidates, n_splits, results, more_results)


def find_best_index(search, metric, results):
    """Return the row of the best candidate. Instead: the smallest rank, or what `refit` says."""
    return search._select_best_index(search.refit, metric, results)


def callback_context(search, n_subtasks):
    """Return what tells callbacks of a fit, or None before 1.9. Instead: None."""
    if not hasattr(search, "_init_callback_context"):
        return None
    return search._init_callback_context(max_subtasks=n_subtasks)


def __getattr__(name):
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
