"""The bar of a search, which moves with the epochs of its trainings."""

from contextlib import contextmanager
from itertools import accumulate
from threading import Lock
from typing import NamedTuple

from sklearn.utils.parallel import Parallel

from .._progress_bar import progress_bar
from .._sklearn_compat import callbacks_of
from .._work_done import counting
from ._candidate_groups import count_epochs


class Round(NamedTuple):
    """A round of a search that is to come.

    `n_epochs` is for how many epochs a candidate is trained, or None if that is not known.
    """

    n_candidates: int
    n_epochs: int | None


@contextmanager
def search_bar(search):
    """Yield the SearchBar of a search, which is drawn if `verbose` is 1 and a bar can be drawn."""
    # scikit-learn's callbacks may draw bars of their own.
    if search.verbose != 1 or callbacks_of(search):
        yield SearchBar(search)
        return
    with progress_bar(f"{type(search).__name__} - fit", None) as bar:
        yield SearchBar(search, bar)


class SearchBar:
    """How many epochs of a search are done.

    The epochs of a training in this process count one by one. Those of a training in another
    process count when it has ended.

    Parameters
    ----------
    search : search
    bar : Bar, default=None
        What draws. None draws nothing.
    """

    def __init__(self, search, bar=None):
        self._estimator = search.estimator
        self._refit = bool(search.refit)
        self._bar = bar
        self._lock = Lock()
        self._epochs_before = self._trainings_before = 0
        self._ends = [0]  # the sums of the epochs of the first trainings of the round

    def begin_round(self, groups, learned, n_splits, later):
        """Return the `TrainingBar` of each training of a round.

        Parameters
        ----------
        groups : list of CandidateGroup
            That of each training.
        learned : list of dict or None
            What each one goes on from, as for `GroupTraining`.
        n_splits : int
        later : list of Round
            Those after this one.
        """
        if self._bar is None:
            return [TrainingBar() for _ in groups]
        n_epochs = {id(group): count_epochs(group, self._estimator) for group in groups}
        whole = [n_epochs[id(group)] for group in groups]
        done = [known["classifier"]["n_iter_"] if known else 0 for known in learned]
        left = [max(0, n - n_done) for n, n_done in zip(whole, done, strict=True)]
        goes_on = any(known is not None for known in learned)
        return self._begin(left, self._after(whole, goes_on, n_splits, later))

    @contextmanager
    def refitting(self, group):
        """Count the epochs of the refit, of the only candidate of a group."""
        if self._bar is None:
            yield
            return
        (training,) = self._begin([count_epochs(group, self._estimator)], (0, 0))
        with training.counted():
            yield
        self._end(1)

    def parallel(self, **parameters):
        """Return a `Parallel` whose ended tasks are counted as the trainings of a round."""
        return Parallel(**parameters) if self._bar is None else _Parallel(self._end, **parameters)

    def _after(self, whole, goes_on, n_splits, later):
        """Return how many epochs, and trainings, come after a round."""
        longest = max(whole, default=0)
        n_epochs = n_trainings = 0
        before = longest if goes_on else 0
        for n_candidates, n in later:
            each = longest if n is None else max(0, n - before)
            n_epochs += n_candidates * n_splits * each
            n_trainings += n_candidates * n_splits
            if n is not None:
                longest, before = n, n if goes_on else 0
        return (n_epochs + longest, n_trainings + 1) if self._refit else (n_epochs, n_trainings)

    def _begin(self, n_epochs, after):
        with self._lock:
            self._epochs_before += self._ends[-1]
            self._trainings_before += len(self._ends) - 1
            self._ends = [0, *accumulate(n_epochs)]
            self._told = self._n_ended = 0
            self._after_round = after
            self._draw()
        return [TrainingBar(n, self._tell) for n in n_epochs]

    def _tell(self, n_epochs):
        with self._lock:
            self._told += n_epochs
            self._draw()

    def _end(self, n_trainings):
        with self._lock:
            self._n_ended = min(n_trainings, len(self._ends) - 1)
            self._draw()

    def _draw(self):
        epochs_after, trainings_after = self._after_round
        # Trainings end about in the order in which they begin.
        done = max(self._told, self._ends[self._n_ended])
        n_ended = self._trainings_before + self._n_ended
        n_trainings = self._trainings_before + len(self._ends) - 1 + trainings_after
        total = self._epochs_before + self._ends[-1] + epochs_after
        self._bar.update(self._epochs_before + done, f"{n_ended}/{n_trainings} trainings", total)


class TrainingBar:
    """The part of one training in the bar of a search. A copy in another process has no part.

    Parameters
    ----------
    n_epochs : int, default=0
        How many epochs the training has at most.
    tell : callable, default=None
        Gets the number of epochs that have ended.
    """

    def __init__(self, n_epochs=0, tell=None):
        self._n_left = n_epochs
        self._tell = tell

    def __reduce__(self):
        return TrainingBar, ()

    @contextmanager
    def counted(self):
        """Count the epochs of the body. At its end, those that are left count as well."""
        with counting("epoch", self._count):
            yield
        if self._n_left:
            self._tell(self._n_left)

    def _count(self):
        if self._n_left:
            self._n_left -= 1
            self._tell(1)


class _Parallel(Parallel):
    """Tells how many tasks have ended each time that some have."""

    def __init__(self, tell, **parameters):
        super().__init__(**parameters)
        self._tell = tell

    def print_progress(self):
        super().print_progress()
        self._tell(self.n_completed_tasks)
