"""The rows of each training of a fit, and of its validation."""

from typing import NamedTuple

from ._rows import Rows


class Split(NamedTuple):
    """Rows to train on, to validate on or None, and to train on for the best epoch or None."""

    training: Rows
    validation: Rows | None
    every: Rows | None


def split_rows(classifier, targets, rows, held_out, seed):
    """Return the rows of each training and of validation, with the weights of their classes.

    Parameters
    ----------
    classifier : BaseKerasTextClassifier
    targets : Labels or Indicators
    rows : Rows
    held_out : Rows or None
        The user's own.
    seed : int
        Of the hold-out by `validation_fraction`.

    Returns
    -------
    Split
    """
    training, validation = rows, held_out
    if held_out is None and classifier.validation_fraction is not None:
        training, validation = targets.hold_out(rows, classifier.validation_fraction, seed)
        validation = validation.in_precision_of_X()
    every = None
    if classifier.epoch_selection is not None:
        every = rows if held_out is None else rows.followed_by(held_out)
        every = targets.weighted(every, classifier.class_weight)
    return Split(targets.weighted(training, classifier.class_weight), validation, every)
