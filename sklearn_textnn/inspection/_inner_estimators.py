"""Find the estimator of interest inside pipelines and searches, or say that there is none."""

from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from .._pipelines import last_step
from ..neural_network._base import BaseKerasTextClassifier


def classifier_with_history(estimator):
    """Return the fitted classifier inside pipelines and searches."""
    inner = estimator
    while not hasattr(inner, "history_"):
        if isinstance(inner, Pipeline):
            _, inner = last_step(inner)
        elif hasattr(inner, "best_estimator_"):
            inner = inner.best_estimator_
        else:
            break
    else:
        return inner

    _check_is_fitted(inner)
    got = _describe(estimator, inner)
    if hasattr(inner, "cv_results_"):
        raise ValueError(f"{got} without best_estimator_. Fit the search with refit=True.")
    raise TypeError(
        f"{got}, which has no training history (history_). Pass a fitted"
        " KerasBinaryReviewClassifier or KerasTopicClassifier, a fitted Pipeline whose last"
        " step is one, or a fitted search over them."
    )


def search_with_epoch_scores(estimator):
    """Return the fitted search at the end of pipelines, and its scores over epochs."""
    _, search = last_step(estimator)
    scores = getattr(search, "epoch_scores_", None)
    if scores is not None:
        return search, scores
    _check_is_fitted(search)
    raise TypeError(
        f"{_describe(estimator, search)}, which has no scores over epochs (epoch_scores_). Pass a"
        " fitted search over epochs, such as EpochGridSearchCV, or a fitted Pipeline whose last"
        " step is one."
    )


def check_ends_in_classifier(estimator):
    """Raise TypeError unless the estimator, or the last step of a pipeline, is a classifier."""
    if isinstance(estimator, type):
        raise TypeError(f"Got the class {estimator.__name__}. Pass an instance of it.")
    _, classifier = last_step(estimator)
    if not isinstance(classifier, BaseKerasTextClassifier):
        raise TypeError(
            f"{_describe(estimator, classifier)}. Pass a KerasBinaryReviewClassifier or"
            " KerasTopicClassifier, or a Pipeline whose last step is one; of a search,"
            " best_estimator_."
        )


def _check_is_fitted(estimator):
    if hasattr(estimator, "__sklearn_tags__"):
        check_is_fitted(estimator)


def _describe(estimator, inner):
    """Return the names of what was given and of what was found inside."""
    given, found = type(estimator).__name__, type(inner).__name__
    return f"Got {given}" if given == found else f"Got {given} ending in {found}"
