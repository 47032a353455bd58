"""The lines that a verbose search prints, as scikit-learn's searches do."""

from joblib.logger import short_format_time

_WIDTH = 80


class ProgressLines:
    """The lines for one training and split.

    Parameters
    ----------
    verbose : int
    group : CandidateGroup
    n_candidates : int
        Number of candidates in the search.
    split : int
    n_splits : int
    """

    def __init__(self, verbose, group, n_candidates, split, n_splits):
        self._verbose = verbose
        self._group = group
        self._n_candidates = n_candidates
        self._split = f" {split + 1}/{n_splits}" if verbose > 2 else ""

    def print_start(self):
        """Print a line for each candidate whose training starts."""
        if self._verbose > 9:
            for row, parameters in self._members():
                print(f"{self._head(row)} START {_described(parameters)}".ljust(_WIDTH, "."))  # noqa: T201

    def print_end(self, results):
        """Print a line for each candidate with its result."""
        if self._verbose > 1:
            for (row, parameters), result in zip(self._members(), results, strict=True):
                start = f"{self._head(row)} END "
                text = _described(parameters) + (";" if parameters else "")
                if self._verbose > 2:
                    text += _scored(result["test_scores"], result.get("train_scores"))
                time = short_format_time(result["fit_time"] + result["score_time"])
                text += f" total time={time}"
                print(start + text.rjust(_WIDTH - len(start), "."))  # noqa: T201

    def _members(self):
        return zip(self._group.rows, self._group.candidates, strict=True)

    def _head(self, row):
        candidate = f"; {row + 1}/{self._n_candidates}" if self._verbose > 9 else ""
        return f"[CV{self._split}{candidate}]"


def _described(parameters):
    return ", ".join(f"{name}={parameters[name]}" for name in sorted(parameters))


def _scored(test, train):
    """Return the scores of a candidate as text."""
    if isinstance(test, dict):
        trains = train or dict.fromkeys(test)
        return "".join(f" {name}: ({_scores(test[name], trains[name])})" for name in sorted(test))
    scores = _scores(test, train)
    return f", score={test:.3f}" if train is None else f", score=({scores})"


def _scores(test, train):
    return f"test={test:.3f}" if train is None else f"train={train:.3f}, test={test:.3f}"
