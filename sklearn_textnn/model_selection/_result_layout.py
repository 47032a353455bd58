"""The results of groups laid out as if every candidate had been evaluated by itself."""

from ._candidate_groups import CandidateGroup


def ungroup(evaluated, n_splits, results):
    """Return the candidates and their results; those that were grouped are in order at the end.

    Parameters
    ----------
    evaluated : list of dict or CandidateGroup
        What the search has evaluated: first single candidates, then groups.
    n_splits : int
        Number of results of each.
    results : list of dict
        What the search knows of each of them and each split.

    Returns
    -------
    candidates : list of dict
    results : list of dict
    n_single : int
        The number of candidates that were not in a group.
    """
    candidates, laid_out, by_row = [], [], {}
    for i, parameters in enumerate(evaluated):
        splits = results[i * n_splits : (i + 1) * n_splits]
        if isinstance(parameters, CandidateGroup):
            for member, row in enumerate(parameters.rows):
                shares = [result_of_member(split, member, len(parameters.rows)) for split in splits]
                by_row[row] = parameters.candidates[member], shares
        else:
            candidates.append(parameters)
            laid_out += splits
    n_single = len(candidates)
    for _, (parameters, shares) in sorted(by_row.items()):
        candidates.append(parameters)
        laid_out += shares
    return candidates, laid_out, n_single


def result_of_member(result, member, n_members):
    """Return the result of a candidate from that of its group; the times are divided evenly."""
    result = dict(result)
    for name in ("test_scores", "train_scores"):
        if hasattr(result.get(name), "members"):  # not where the scorer of the group has failed
            result["fit_error"], result[name] = result[name].members[member]
    result["fit_time"] /= n_members
    result["score_time"] = 0.0 if result["fit_error"] else result["score_time"] / n_members
    return result
