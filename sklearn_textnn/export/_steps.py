"""The steps of a Pipeline that to_keras and to_onnx convert."""

from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.utils.validation import check_is_fitted

from .._pipelines import active_steps
from ..feature_extraction import LogCountRatioTransformer
from ._classifier import CLASSIFIERS, check_predictions, is_classifier

# The transformers that weigh columns: sublinear tf, times a weight for each column, then the norm.
WEIGHTINGS = (TfidfTransformer, LogCountRatioTransformer)


def find_steps(estimator, kinds, takes):
    """Return the classifier at the end, and the step of each kind before it.

    Steps that do nothing are left out, and inner Pipelines are unfolded. An estimator that is no
    Pipeline is its own only step.

    Parameters
    ----------
    estimator : estimator
    kinds : tuple of (type or tuple of type)
        The classes of the steps that may be before the classifier, in this order. At most one step
        of each item.
    takes : str
        What is said of any other estimator. "{classifiers}" is replaced in it.

    Returns
    -------
    classifier : estimator
    *before : estimator or None
        A step for each of `kinds`, and None where there is none.

    Raises
    ------
    TypeError
        For any other estimator.
    """
    takes = takes.format(classifiers=CLASSIFIERS)
    steps = active_steps(estimator)
    if not steps:
        raise TypeError(f"estimator is a Pipeline in which no step does anything; {takes}")
    *before, (name, classifier) = steps
    if not is_classifier(classifier):
        raise TypeError(f"{_what(name, classifier)}; {takes}")
    check_predictions(classifier)
    found, possible = dict.fromkeys(kinds), [*kinds]
    for name, step in before:
        kind = next((kind for kind in possible if isinstance(step, kind)), None)
        if kind is None:
            raise TypeError(f"{_what(name, step)}; {takes}")
        found[kind] = step
        del possible[: possible.index(kind) + 1]
    return classifier, *found.values()


def _what(name, step):
    where = f"the step {name!r}" if name else "estimator"
    return f"{where} is a {type(step).__name__}"


def check_weighting(weighting, classifier):
    """Refuse what cannot be converted before a fitted classifier.

    That is a subclass of one of WEIGHTINGS, and a transformer that is not fitted, or was fitted on
    another number of columns.
    """
    if type(weighting) not in WEIGHTINGS:
        kind = next(kind.__name__ for kind in WEIGHTINGS if isinstance(weighting, kind))
        raise TypeError(
            f"{type(weighting).__name__} is a subclass of {kind}, which may compute something "
            f"else; only {kind} itself can be converted"
        )
    check_is_fitted(weighting)
    if weighting.n_features_in_ != classifier.n_features_in_:
        raise ValueError(
            f"the {type(weighting).__name__} was fitted on {weighting.n_features_in_} columns, and "
            f"the classifier on {classifier.n_features_in_}; fit the steps as one Pipeline"
        )


def term_weights_of(weighting):
    """Return what one of WEIGHTINGS, fitted, multiplies the columns by, or None.

    Like `transform` of TfidfTransformer, this does not ask for `use_idf`, which may have been set
    after `fit`.
    """
    if isinstance(weighting, LogCountRatioTransformer):
        return weighting.ratio_
    return getattr(weighting, "idf_", None)
