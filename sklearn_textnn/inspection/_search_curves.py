"""The curves over epochs in the scores of a fitted search."""

import joblib
import numpy as np


def search_curves(search, scores, *, metric, subset):
    """Return the curves of a search and its winner.

    Parameters
    ----------
    search : search over epochs
        A fitted one.
    scores : pandas DataFrame
        Its `epoch_scores_`.
    metric : str or None
        The metric of the curves. None is the one that chose the winner, or else the first one.
    subset : {"test", "train"}
        The rows of each split that were scored.

    Returns
    -------
    dict
        The parameters of `EpochSearchDisplay`, except for `subset` and `name`.

    Raises
    ------
    ValueError
        If there are no scores over epochs, or none of `metric` or `subset`.
    """
    scores = _of_legal_epochs(scores)
    if scores.empty:
        raise ValueError(
            f"{type(search).__name__} has no scores over epochs: what it searched has no epochs"
        )
    refit = search.refit if search.multimetric_ and isinstance(search.refit, str) else None
    if metric is None:
        metric = refit or scores["metric"].iloc[0]
    scores = _scores_of(scores, metric, subset)
    curves = _split_by_params(scores)
    tables = [_table(rows) for _, rows in curves]
    return {
        "epochs": [table.index.to_numpy(dtype=int) for table in tables],
        "scores": [table.to_numpy(dtype=float) for table in tables],
        "params": [params for params, _ in curves],
        "best": _winner(curves, getattr(search, "best_index_", None)),
        "best_by": None if refit == metric else refit,
        "score_name": metric,
    }


def _of_legal_epochs(scores):
    """Return the scores of the candidates that could be trained: those with a number of epochs."""
    import pandas as pd

    epochs = pd.to_numeric(scores["epoch"], errors="coerce")
    return scores.assign(epoch=epochs)[(epochs >= 1) & (epochs % 1 == 0)]


def _scores_of(scores, metric, subset):
    """Return the scores of one metric on one subset."""
    metrics = scores["metric"].unique().tolist()
    if metric not in metrics:
        raise ValueError(f"metric must be one of those of the search, {metrics}, got {metric!r}")
    subsets = scores["subset"].unique().tolist()
    if subset not in subsets:
        hint = " Fit the search with return_train_score=True." if subset == "train" else ""
        raise ValueError(
            f"subset must be one of those that the search has scores of, {subsets}, got"
            f" {subset!r}.{hint}"
        )
    return scores[(scores["metric"] == metric) & (scores["subset"] == subset)]


def _split_by_params(scores):
    """Return the other parameters and the rows of each curve, in the order of the search."""
    names = [column for column in scores.columns if column.startswith("param_")]
    first = scores.drop_duplicates("candidate")
    numbers = _numbers_of(first[names].to_numpy(dtype=object))
    of_candidate = dict(zip(first["candidate"], numbers, strict=True))
    numbers = scores["candidate"].map(of_candidate).to_numpy()
    curves = []
    for number in dict.fromkeys(numbers):
        rows = numbers == number
        row = scores.loc[rows, names].iloc[0]
        params = {
            name.removeprefix("param_"): value
            for name, value in zip(names, row, strict=True)
            if not (isinstance(value, float) and np.isnan(value))
        }
        curves.append((params, scores[rows]))
    return curves


def _numbers_of(rows):
    """Return a number for each row of parameters, the same for rows of equal values."""
    keys, numbers = {}, {}

    def key_of(value):
        if id(value) not in keys:  # a second hash of an optimizer, with the time, is another one
            keys[id(value)] = _value_key(value)
        return keys[id(value)]

    return [numbers.setdefault(tuple(map(key_of, row)), len(numbers)) for row in rows]


def _value_key(value):
    """Return a key of a value, equal for equal values where they can be pickled."""
    try:
        return joblib.hash(value)
    except Exception:
        return id(value)


def _table(rows):
    """Return the scores of a curve, with a row for each epoch and a column for each split."""
    rows = rows.drop_duplicates(["epoch", "split"])
    return rows.pivot(index="epoch", columns="split", values="score")


def _winner(curves, best_index):
    """Return the position of the winner's curve and its epoch, or None if there is no winner."""
    for curve, (_, rows) in enumerate(curves):
        epochs = rows["epoch"][rows["candidate"] == best_index]
        if len(epochs):
            return curve, int(epochs.iloc[0])
    return None
