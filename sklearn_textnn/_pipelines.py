"""The steps of a Pipeline of any depth: the last one, the path to it, and those before it.

A Pipeline may end in another Pipeline. Its last step is then that of the inner one. An estimator
that is no Pipeline is its own last step.
"""

import copy

from sklearn.pipeline import Pipeline


def last_step(estimator):
    """Return the prefix of the last step's parameters, and the last step."""
    path = ""
    while isinstance(estimator, Pipeline):
        name, estimator = estimator.steps[-1]
        path += f"{name}__"
    return path, estimator


def with_last_step(estimator, last):
    """Return a Pipeline with another last step; all other steps are the same objects."""
    if not isinstance(estimator, Pipeline):
        return last
    pipeline = copy.copy(estimator)
    name, inner = pipeline.steps[-1]
    pipeline.steps = [*pipeline.steps[:-1], (name, with_last_step(inner, last))]
    return pipeline


def transform_before_last_step(estimator, X):
    """Return what a fitted Pipeline passes to its last step."""
    while isinstance(estimator, Pipeline):
        if len(estimator.steps) > 1:
            X = estimator[:-1].transform(X)
        estimator = estimator.steps[-1][1]
    return X


def fit_transform_before_last_step(estimator, X, y, X_val):
    """Fit all steps but the last one on X; return what the last step is passed for X and X_val."""
    while isinstance(estimator, Pipeline):
        if len(estimator.steps) > 1:
            transformers = estimator[:-1]
            X = transformers.fit_transform(X, y)
            X_val = transformers.transform(X_val)
        estimator = estimator.steps[-1][1]
    return X, X_val


def active_steps(estimator):
    """Return a list of (name, step) without "passthrough"; inner Pipelines are unfolded."""
    if not isinstance(estimator, Pipeline):
        return [("", estimator)]
    found = []
    for name, step in estimator.steps:
        if isinstance(step, Pipeline):
            found += [(f"{name}__{inner}", part) for inner, part in active_steps(step)]
        elif step is not None and step != "passthrough":
            found.append((name, step))
    return found
