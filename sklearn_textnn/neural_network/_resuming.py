"""Going on with a training in another estimator, which may live in another process."""

from contextlib import contextmanager

from .._sklearn_compat import CALLBACK_ATTRIBUTES


def learned_by(classifier):
    """Return all that a fitted classifier needs to train on, as a dict that can be sent.

    Parameters
    ----------
    classifier : BaseKerasTextClassifier

    Returns
    -------
    dict of str to object
    """
    left_out = {"_model", "_stage_weights", "stages_", *CALLBACK_ATTRIBUTES}
    left_out |= {*classifier.get_params(deep=False)}
    return {name: value for name, value in vars(classifier).items() if name not in left_out}


@contextmanager
def going_on_from(classifier, learned):
    """Let `fit` of a new classifier go on from what another one has learned.

    Parameters
    ----------
    classifier : BaseKerasTextClassifier
    learned : dict
        From `learned_by`. The other classifier had the same parameters, except for `epochs`.
    """
    warm_start = classifier.warm_start
    vars(classifier).update(learned)
    classifier.warm_start = True
    try:
        yield
    finally:
        classifier.warm_start = warm_start
