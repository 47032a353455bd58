"""scikit-learn's own tests of callbacks, with a classifier of this package that is fitted."""

import os
import sys
from inspect import isfunction

import numpy as np
import pytest
from sklearn_tests import collect, load

from sklearn_textnn import KerasBinaryReviewClassifier

pytest.importorskip("sklearn.callback", reason="needs scikit-learn 1.9")


class MaxIterEstimator(KerasBinaryReviewClassifier):
    """In the place of the estimator of scikit-learn's tests, which is fitted without data."""

    def __init__(self, max_iter=20, computation_intensity=0.001):
        super().__init__(units=2, epochs=max_iter, random_state=0)
        self.max_iter = max_iter
        self.computation_intensity = computation_intensity

    def fit(self, X=None, y=None, sample_weight=None):
        X = np.ones((10, 2)) if X is None else X
        return super().fit(X, np.arange(len(X)) % 2, sample_weight)


PEERS = [
    load(
        f"sklearn.callback.tests.{name}",
        {"sklearn.callback.tests._utils": {"MaxIterEstimator": MaxIterEstimator}},
    )
    for name in (
        "test_callback_support",
        "test_callback_context",
        "test_pickle",
        "test_progressbar",
    )
]
PEER_TESTS = {}
for _peer in PEERS:
    PEER_TESTS |= collect(_peer, ["MaxIterEstimator"])
globals().update(PEER_TESTS)

for _peer_test in filter(isfunction, PEER_TESTS.values()):
    pytest.mark.filterwarnings("default")(_peer_test)
for _name in (
    "test_function_no_callback_support",
    "test_callbacks_refit_after_load_in_fresh_process",
):
    pytest.mark.slow(PEER_TESTS[_name])


@pytest.fixture(autouse=True)
def _other_processes_find_the_estimator(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
