import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning


def test_several_topics_are_found(run):
    assert (run.Y.sum(axis=1) > 1).any()
    guess = run.f1(run.Y_val, run.guess)
    scores = {name.partition("(")[0]: row for (name, at), row in run.rows.items() if at == 0.5}
    of_network, of_logistic = scores["network"], scores["LogisticRegression"]
    assert of_network["micro-F1"] > guess["micro-F1"] + 0.5
    assert all(of_network[metric] > of_logistic[metric] - 0.1 for metric in of_network)


def test_several_topics_of_reuters_are_as_the_example_says(run):
    if run.source != "Reuters":
        pytest.skip("needs Reuters-21578")
    assert (len(run.Y_train), len(run.Y_val), len(run.Y_test)) == (6_216, 1_554, 3_019)
    scores = {name.partition("(")[0]: row for (name, at), row in run.rows.items() if at == 0.5}
    of_network, of_logistic = scores["network"], scores["LogisticRegression"]
    assert all(of_network[metric] > of_logistic[metric] for metric in of_network)
    for threshold in (0.5, run.thresholds["network"]):
        micro = [
            row["micro-F1"]
            for (name, at), row in run.rows.items()
            if name.startswith("network") and at == threshold
        ]
        assert len(micro) == 3
        assert 0.83 <= np.mean(micro) <= 0.86
    assert run.epoch > run.classifier.best_epoch_
    (warning,) = run.caught  # of the default settings
    assert warning.category is ConvergenceWarning
