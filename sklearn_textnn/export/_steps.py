"""The steps of a Pipeline that to_keras and to_onnx convert."""

from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.utils.validation import check_is_fitted

from .._pipelines import active_steps
from ._classifier import CLASSIFIERS, is_classifier


def find_steps(estimator, kinds, takes):
    """Return the classifier at the end, and the step of each kind before it.

    Steps that do nothing are left out, and inner Pipelines are unfolded. An estimator that is no
    Pipeline is its own only step.

    Parameters
    ----------
    estimator : estimator
    kinds : tuple of type
        The classes of the steps that may be before the classifier, at most one of each, in this
        order.
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


def check_tfidf(tfidf):
    """Refuse a subclass of TfidfTransformer, and one that is not fitted."""
    if type(tfidf) is not TfidfTransformer:
        raise TypeError(
            f"{type(tfidf).__name__} is a subclass of TfidfTransformer, which may compute "
            "something else; only TfidfTransformer itself can be converted"
        )
    check_is_fitted(tfidf)


def idf_of(tfidf):
    """Return the idf that a fitted TfidfTransformer multiplies by, or None.

    Like its `transform`, this does not ask for `use_idf`, which may have been set after `fit`.
    """
    return getattr(tfidf, "idf_", None)
