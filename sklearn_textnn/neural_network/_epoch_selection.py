"""Training: once, or once to choose the epoch and once more on every row."""

import warnings
from typing import NamedTuple

import numpy as np

from .._stacklevel import find_stacklevel
from ._early_stopping import early_stopping_rule
from ._history import best_epoch_of, extended, warn_if_not_finite
from ._keras import import_keras
from ._stages import epochs_to_keep


class Outcome(NamedTuple):
    """What training leaves: the state to go on from, its history, best epoch and stages.

    `interrupted` says whether Ctrl-C came.
    """

    state: dict
    history: dict
    best_epoch: int | None
    stages: dict
    interrupted: bool


def train_classifier(classifier, architecture, state, split, epochs):
    """Train with the parameters of a classifier.

    Parameters
    ----------
    classifier : BaseKerasTextClassifier
    architecture : Architecture
    state : dict
        Where training starts, as from `initial_state`.
    split : Split
    epochs : int
        The epoch to train to, those behind `state` included.

    Returns
    -------
    Outcome

    Raises
    ------
    ValueError
        If training ends in weights that are not finite, or validation never gives a number by which
        to select the epoch.
    """
    selects = classifier.epoch_selection is not None
    trained = _train(
        classifier,
        architecture,
        state,
        split.training,
        split.validation,
        epochs=epochs,
        callbacks=classifier.callbacks,
        early_stopping=early_stopping_rule(classifier),
        stages=() if selects else epochs_to_keep(classifier.stages, epochs),
    )
    history, done = trained.history, trained.state["epoch"]
    warn_if_not_finite(history)
    if state["epoch"]:
        history = extended(classifier.history_, history, state["epoch"], done)
    best_epoch = None
    if split.validation is not None and done > state["epoch"]:
        best_epoch = best_epoch_of(history, classifier.epoch_selection or classifier.monitor)
    if selects and not trained.interrupted:
        trained = _retrain(classifier, architecture, state, split.every, best_epoch, trained)
    if trained.interrupted:
        warnings.warn(
            f"training was interrupted by the user; {trained.state['epoch']} epochs are done",
            UserWarning,
            stacklevel=find_stacklevel(),
        )
    return Outcome(trained.state, history, best_epoch, trained.stages, trained.interrupted)


def _retrain(classifier, architecture, state, rows, best_epoch, found):
    """Train from scratch on every row for the best epoch found."""
    if best_epoch is None:
        raise ValueError(
            f"validation diverged: {classifier.epoch_selection} is NaN in every epoch, so that no "
            "epoch can be selected; lower learning_rate, or scale the columns of X"
        )
    try:
        return _train(
            classifier,
            architecture,
            state,
            rows,
            None,
            epochs=best_epoch,
            callbacks=[c for c in classifier.callbacks or () if not _watches_validation(c)],
            stages=epochs_to_keep(classifier.stages, best_epoch),
        )
    except KeyboardInterrupt:  # in its first epoch: the network found stays
        return found._replace(interrupted=True)


def _train(classifier, architecture, state, rows, validation, **settings):
    """Train once, and refuse weights that are not finite."""
    import_keras()
    from ._keras._training_loop import train

    trained = train(
        architecture,
        classifier.optimizer,
        float(classifier.learning_rate),
        state,
        rows,
        validation,
        batch_size=int(classifier.batch_size),
        verbose=classifier.verbose,
        **settings,
    )
    if not all(np.isfinite(array).all() for array in trained.state["weights"]):
        raise ValueError(
            "training ended in weights that are not finite; lower learning_rate, or scale the "
            "columns of X"
        )
    return trained


def _watches_validation(callback):
    return str(getattr(callback, "monitor", "")).startswith("val_")
