"""Going on with a training in another estimator, which may live in another process."""

from contextlib import contextmanager


def learned_by(classifier):
    """Return all that a fitted classifier needs to train on, as a dict that can be sent.

    Parameters
    ----------
    classifier : BaseKerasTextClassifier

    Returns
    -------
    dict of str to object
    """
    left_out = {"_model", "_stage_weights", "stages_", *classifier.get_params(deep=False)}
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
    if classifier.n_iter_ == learned["n_iter_"]:  # a fit that trains nothing finds no best epoch
        classifier.best_epoch_ = learned["best_epoch_"]
