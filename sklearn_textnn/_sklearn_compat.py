"""Every private name of scikit-learn that this package uses, and nothing else.

A release of scikit-learn may move or change these names. What to use instead is said beside each of
them, so that this is the only file to change.
"""

from importlib import import_module

# Validates `_parameter_constraints` before a method. Instead: call `self._validate_params()`.
from sklearn.base import _fit_context

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

# Selects the rows of a split; for a precomputed kernel also its columns. Instead: `_safe_indexing`.
from sklearn.utils.metaestimators import _safe_split

# The first selects the rows of metadata that have as many as X. Instead: a loop over them.
# The second checks the weights of rows. Instead: `check_array(ensure_2d=False)` and a comparison of
# lengths.
from sklearn.utils.validation import _check_method_params, _check_sample_weight

# Imported when first asked for, since `sklearn.metrics` and `sklearn.model_selection` take long.
_LAZY = {
    # What `check_scoring` makes of a metric's name, and of no `scoring`. A scorer that is none of
    # these may look at more than predictions. Instead: treat every scorer as one that may.
    "_BaseScorer": "sklearn.metrics._scorer",
    "_PassthroughScorer": "sklearn.metrics._scorer",
    # Several metrics at once. Instead: `sklearn.metrics.check_scoring` with a dict, from 1.5 on.
    "_MultimetricScorer": "sklearn.metrics._scorer",
    # Scores and handles `error_score`. Instead: call the scorer in a `try`.
    "_score": "sklearn.model_selection._validation",
    # Gives failed fits the names of the metrics of others. Instead: a loop over the results.
    "_insert_error_scores": "sklearn.model_selection._validation",
    # Tells which fits of a search failed. Instead: a FitFailedWarning with a text of our own.
    "_warn_or_raise_about_fit_failures": "sklearn.model_selection._validation",
}

__all__ = [
    "HasMethods",
    "Interval",
    "MetadataRequest",
    "RealNotInt",
    "StrOptions",
    "_check_method_params",
    "_check_sample_weight",
    "_fit_context",
    "_safe_indexing",
    "_safe_split",
    "check_parameter_constraints",
    "parameter_names",
    "scorers_of",
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


def scorers_of(scorer):
    """Return the scorers of several metrics by name. Instead: keep the dict they were made of."""
    return scorer._scorers


def __getattr__(name):
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
