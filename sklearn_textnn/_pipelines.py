"""The last step of a Pipeline of any depth, and the path to it."""

import copy

from sklearn.pipeline import Pipeline


def last_step(estimator):
    """Return the last step of a Pipeline of any depth, and the prefix of its parameters."""
    path = ""
    while isinstance(estimator, Pipeline):
        name, estimator = estimator.steps[-1]
        path += f"{name}__"
    return path, estimator


def with_last_step(estimator, last):
    """Return a Pipeline of any depth with another last step, all others the same objects."""
    if not isinstance(estimator, Pipeline):
        return last
    pipeline = copy.copy(estimator)
    name, inner = pipeline.steps[-1]
    pipeline.steps = [*pipeline.steps[:-1], (name, with_last_step(inner, last))]
    return pipeline


def before_last_step(estimator, X):
    """Return what the last step of a Pipeline of any depth is given."""
    while isinstance(estimator, Pipeline):
        if len(estimator.steps) > 1:
            X = estimator[:-1].transform(X)
        estimator = estimator.steps[-1][1]
    return X
