"""Where the trainings of a search stand, so that its next round can go on from there."""

from typing import NamedTuple

from ._candidate_groups import can_share, key_without


class Progress(NamedTuple):
    """What a task returns besides scores: the training, to go on with, and its epochs."""

    learned: dict | None
    n_epochs: int
    n_epochs_done: int


class KeptTrainings:
    """The trainings of the last round, by candidate and split.

    They are kept here and not by those who trained, since a worker may be gone by the next round.

    Parameters
    ----------
    estimator : estimator
        The estimator of the search.
    resource : str or None
        The name of the parameter that grows from round to round. None where nothing is kept.

    Attributes
    ----------
    n_epochs : int
        Epochs trained so far.
    n_epochs_from_scratch : int
        Epochs that would have been trained without going on.
    """

    def __init__(self, estimator, resource):
        self._estimator = estimator
        self._resource = resource
        self._learned = {}
        self.n_epochs = self.n_epochs_from_scratch = 0

    def find(self, group, split):
        """Return what a group has learned on a split, {} before the first round.

        None means that its training cannot go on.
        """
        candidate = group.candidates[-1]
        if not can_share(self._estimator, candidate, self._resource):
            return None
        return self._learned.get((key_without(candidate, self._resource), split), {})

    def keep(self, units, found):
        """Keep the trainings of a round, and let go of those of the round before.

        Parameters
        ----------
        units : list of (CandidateGroup, int)
            The groups and splits.
        found : list of Progress
        """
        self._learned = {}
        for (group, split), progress in zip(units, found, strict=True):
            if progress.learned:
                key = key_without(group.candidates[-1], self._resource), split
                self._learned[key] = progress.learned
            self.n_epochs += progress.n_epochs
            self.n_epochs_from_scratch += progress.n_epochs_done
