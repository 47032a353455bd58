"""Stages: the weights after chosen epochs of a training, and what a fit of so many would leave."""

from numbers import Integral

import numpy as np

from . import _forward
from ._history import best_epoch_of
from ._training_state import interleave


def check_stages(stages):
    """Raise ValueError where `stages` does not name epochs.

    Parameters
    ----------
    stages : "all", array-like of int or None
    """
    if stages is None or isinstance(stages, str):
        return
    if np.ndim(stages) != 1 or not all(isinstance(n, Integral) and n >= 1 for n in stages):
        raise ValueError(
            "stages must be 'all' or a list of the epochs, counted from 1, after which to keep the "
            f"weights; got {stages!r}"
        )


def epochs_to_keep(stages, n_epochs):
    """Return the epochs after which to keep the weights, as a container of int."""
    if stages is None:
        return ()
    return range(1, n_epochs + 1) if isinstance(stages, str) else {int(n) for n in stages}


def keep_stages(classifier, weights, resumed):
    """Set the stages that a fit leaves, after those of the fit that it went on from.

    Parameters
    ----------
    classifier : BaseKerasTextClassifier
    weights : dict of int to list of ndarray
        The weights after each epoch kept.
    resumed : bool
        Whether training went on from the fit before.
    """
    before = getattr(classifier, "_stage_weights", {}) if resumed else {}
    vars(classifier).pop("_stage_weights", None)
    vars(classifier).pop("stages_", None)
    if classifier.stages is not None:
        classifier._stage_weights = before | weights
        classifier.stages_ = np.array(list(classifier._stage_weights), dtype=int)


def at_stage(classifier, epochs):
    """Return what a fit for this many epochs would have left, to predict with but not to train on.

    Parameters
    ----------
    classifier : BaseKerasTextClassifier
        A fitted classifier.
    epochs : int
        One of its `stages_`, or more epochs than it has, since a callback has ended training.

    Returns
    -------
    BaseKerasTextClassifier
        An estimator that shares its arrays with `classifier`.
    """
    stage = object.__new__(type(classifier))  # `copy` would check every weight
    vars(stage).update(vars(classifier))
    weights = _weights_at(classifier, epochs)
    stage.coefs_, stage.intercepts_ = weights[::2], weights[1::2]
    stage.epochs, stage.n_iter_, stage.stages = epochs, min(epochs, classifier.n_iter_), None
    stage.history_ = {name: values[:epochs] for name, values in classifier.history_.items()}
    if classifier.best_epoch_ is not None:
        stage.best_epoch_ = best_epoch_of(stage.history_, classifier.monitor)
    # The state of training is that after the last epoch.
    del stage._stage_weights, stage.stages_, stage._training_state
    vars(stage).pop("_model", None)
    return stage


def _weights_at(classifier, epochs):
    if epochs > classifier.n_iter_:
        return interleave(classifier.coefs_, classifier.intercepts_)
    return classifier._stage_weights[epochs]


def iter_stage_logits(classifier, X, epochs):
    """Yield the logits after each of these epochs, finite or not.

    Parameters
    ----------
    classifier : BaseKerasTextClassifier
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        Rows that have been checked.
    epochs : list of int
        As for `at_stage`.
    """
    stages = [_weights_at(classifier, epoch) for epoch in epochs]
    logits = _forward.staged_logits(X, stages, classifier._architecture["activation"])
    for _ in epochs:
        with np.errstate(over="ignore", invalid="ignore"):
            found = next(logits)
        yield found


def stages_for(classifier, X, epochs):
    """Return a dict from epochs to what `at_stage` returns, prepared for predictions of one X.

    Only the same object X is recognized. Logits that are not finite are left for a prediction to
    compute, which raises the error.

    Parameters
    ----------
    classifier : BaseKerasTextClassifier
        A fitted classifier.
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
    epochs : list of int
        As for `at_stage`, each once.
    """
    rows = classifier._check_vectors(X)
    stages = {}
    for epoch, logits in zip(epochs, iter_stage_logits(classifier, rows, epochs), strict=True):
        stages[epoch] = at_stage(classifier, epoch)
        if np.isfinite(logits).all():
            stages[epoch]._known_logits = X, logits
    return stages
