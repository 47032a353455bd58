"""The lines that a verbose search prints for the candidates of a group."""

from joblib.logger import short_format_time

from ._candidate_groups import CandidateGroup
from ._result_layout import result_of_member

_WIDTH = 80


def print_members(evaluated, n_splits, results, verbose):
    """Print a line for each candidate of a group and split, as scikit-learn's searches do.

    They are printed when all groups are evaluated. The line of the last candidate of a group is
    left out, since the search has printed it already.
    """
    for i, group in enumerate(evaluated):
        if not isinstance(group, CandidateGroup):
            continue
        for member, parameters in enumerate(group.candidates[:-1]):
            for split in range(n_splits):
                result = result_of_member(results[i * n_splits + split], member, len(group.rows))
                progress = f" {split + 1}/{n_splits}" if verbose > 2 else ""
                start = f"[CV{progress}] END "
                text = _described(parameters, result, with_scores=verbose > 2)
                print(start + text.rjust(_WIDTH - len(start), "."))  # noqa: T201


def _described(parameters, result, *, with_scores):
    """Return the parameters, the scores and the time of a candidate as text."""
    text = ", ".join(f"{name}={parameters[name]}" for name in sorted(parameters)) + ";"
    if with_scores:
        test, train = result["test_scores"], result.get("train_scores")
        if isinstance(test, dict):
            trains = train or dict.fromkeys(test)
            text += "".join(
                f" {name}: ({_scores(test[name], trains[name])})" for name in sorted(test)
            )
        else:
            scores = _scores(test, train)
            text += f", score={test:.3f}" if train is None else f", score=({scores})"
    time = short_format_time(result["fit_time"] + result["score_time"])
    return f"{text} total time={time}"


def _scores(test, train):
    return f"test={test:.3f}" if train is None else f"train={train:.3f}, test={test:.3f}"
