"""The training of a fit: once, or once to choose the epoch and once more on every row."""

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

    `replaced_by` names the parameter by which the weights are not those after the last epoch of the
    history, or is None; `interrupted` says whether Ctrl-C came.
    """

    state: dict
    history: dict
    best_epoch: int | None
    stages: dict
    replaced_by: str | None
    interrupted: bool


def train_classifier(classifier, architecture, state, split, epochs, report=None):
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
    report : TrainingReport, default=None
        What tells callbacks of it.

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
    stages = () if selects else epochs_to_keep(classifier.stages, epochs)

    def outcome_of(trained):
        history, done = trained.history, trained.state["epoch"]
        if state["epoch"]:
            # After epoch_selection, `history_` is that of the first training, not of these weights.
            retrained = getattr(classifier, "_replaced_by", None) == "epoch_selection"
            before = {} if retrained else classifier.history_
            history = extended(before, history, state["epoch"], done)
        best_epoch = None
        metric = classifier.epoch_selection or classifier.monitor
        if split.validation is not None and metric in history:
            best_epoch = best_epoch_of(history, metric)
        replaced_by = None
        if trained.replaced:
            replaced_by = "early_stopping" if classifier.early_stopping else "callbacks"
        return Outcome(
            trained.state, history, best_epoch, trained.stages, replaced_by, trained.interrupted
        )

    tasks, phase = None, "find-best-epoch" if selects else None
    if report is not None:
        tasks = report.begin_training(split.training, _if_finite(outcome_of), phase, epochs)
    trained = _train(
        classifier,
        architecture,
        state,
        split.training,
        split.validation,
        epochs=epochs,
        callbacks=classifier.callbacks,
        early_stopping=early_stopping_rule(classifier),
        stages=stages,
        phase=phase,
        tasks=tasks,
    )
    if tasks is not None:
        tasks.end_training(lambda: trained)
    warn_if_not_finite(trained.history)
    outcome = outcome_of(trained)
    if selects and not trained.interrupted:
        outcome = _retrain(classifier, architecture, state, split.every, outcome, report)
    if outcome.interrupted:
        warnings.warn(
            f"training was interrupted by the user; {outcome.state['epoch']} epochs are done",
            UserWarning,
            stacklevel=find_stacklevel(),
        )
    return outcome


def _retrain(classifier, architecture, state, rows, found, report):
    """Train from scratch on every row for the best epoch of the outcome found."""
    if found.best_epoch is None:
        raise ValueError(
            f"validation diverged: {classifier.epoch_selection} is NaN in every epoch, so that no "
            "epoch can be selected; lower learning_rate, or scale the columns of X"
        )

    def outcome_of(trained):
        return found._replace(
            state=trained.state,
            stages=trained.stages,
            replaced_by="epoch_selection",
            interrupted=trained.interrupted,
        )

    tasks, phase = None, "retrain-on-all-rows"
    try:
        if report is not None:
            tasks = report.begin_training(rows, _if_finite(outcome_of), phase, found.best_epoch)
        trained = _train(
            classifier,
            architecture,
            state,
            rows,
            None,
            epochs=found.best_epoch,
            callbacks=callbacks_without_validation(classifier.callbacks),
            stages=epochs_to_keep(classifier.stages, found.best_epoch),
            phase=phase,
            tasks=tasks,
        )
    except KeyboardInterrupt:  # in its first epoch: the network found stays
        return found._replace(interrupted=True)
    if tasks is not None:
        tasks.end_training(lambda: trained)
    return outcome_of(trained)


def _train(classifier, architecture, state, rows, validation, *, phase, tasks, **settings):
    """Train once, and refuse weights that are not finite."""
    import_keras()
    from ._keras._training_loop import train

    trained = train(
        architecture,
        classifier.optimizer,
        float(classifier.learning_rate),
        state,
        rows._replace(positions=None),
        validation,
        batch_size=int(classifier.batch_size),
        verbose=classifier.verbose,
        title=f"{type(classifier).__name__} - {phase or 'fit'}",
        tasks=tasks,
        **settings,
    )
    if not _has_finite_weights(trained):
        raise ValueError(
            "training ended in weights that are not finite; lower learning_rate, or scale the "
            "columns of X"
        )
    return trained


def _if_finite(outcome_of):
    """Return a function that returns None where training would refuse what it ended with."""
    return lambda trained: outcome_of(trained) if _has_finite_weights(trained) else None


def _has_finite_weights(trained):
    return all(np.isfinite(array).all() for array in trained.state["weights"])


def callbacks_without_validation(callbacks):
    """Return the callbacks for a training on all rows: those that watch no validation metric.

    Parameters
    ----------
    callbacks : list of keras.callbacks.Callback or None

    Returns
    -------
    list of keras.callbacks.Callback
    """
    return [c for c in callbacks or () if not str(getattr(c, "monitor", "")).startswith("val_")]
