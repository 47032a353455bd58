"""The scores of a search as a table, one score a row."""

import numpy as np
from sklearn.base import clone

from .._pipelines import last_step


def epoch_scores(search):
    """Return the table `epoch_scores_` of a fitted search."""
    import pandas as pd

    candidates = _candidate_table(search)
    parts = [
        candidates.assign(metric=metric, subset=subset, score=scores, split=split)
        for split, subset, metric, scores in _scores_by_split(search.cv_results_)
    ]
    columns = [*candidates.columns[:-1], "split", "epoch", "metric", "subset", "score"]
    table = pd.concat(parts) if parts else pd.DataFrame(columns=columns)
    return table[columns].sort_values("candidate", kind="stable", ignore_index=True)


def _candidate_table(search):
    """Return the searched parameters, the row and the epochs of each candidate."""
    import pandas as pd

    parameters, epochs, epochs_names = search.cv_results_["params"], [], set()
    for candidate in parameters:
        path, last = last_step(clone(search.estimator).set_params(**clone(candidate, safe=False)))
        epochs.append(getattr(last, "epochs", np.nan))
        epochs_names.add(f"{path}epochs")
    names = dict.fromkeys(name for candidate in parameters for name in candidate)
    table = pd.DataFrame(
        {
            f"param_{name}": pd.Series([p.get(name, np.nan) for p in parameters], dtype=object)
            for name in names
            if name not in epochs_names
        },
        index=range(len(parameters)),
    )
    return table.assign(candidate=table.index, epoch=epochs)


def _scores_by_split(results):
    """Yield the number of the split, the subset, the metric and the scores."""
    for key, scores in results.items():
        split, _, rest = key.partition("_")
        subset, _, metric = rest.partition("_")
        number = split.removeprefix("split")
        if split.startswith("split") and number.isdigit() and subset in ("train", "test"):
            yield int(number), subset, metric, scores
