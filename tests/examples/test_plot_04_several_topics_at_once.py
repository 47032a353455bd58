import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning


def test_several_topics_are_found(run):
    assert (run.Y.sum(axis=1) > 1).any()
    at_half = run.scores.xs(0.5, level="above")
    of_network, of_logistic = at_half.loc["network"].mean(), at_half.loc["LogisticRegression", 0]
    assert of_network["micro-F1"] > run.held_out["DummyClassifier"]["micro-F1"] + 0.5
    for metric in ("micro-F1", "macro-F1"):
        assert of_network[metric] > of_logistic[metric] - 0.1


def test_several_topics_of_the_newswire_that_is_shown_are_found(run):
    found = run.found[run.shown]
    assert (found & run.Y_test[run.shown]).sum() >= 2


def test_several_topics_of_reuters_are_as_the_example_says(run):
    if not run.has_data:
        pytest.skip("needs Reuters-21578")
    assert (len(run.Y_train), len(run.Y_val), len(run.Y_test)) == (6_216, 1_554, 3_019)
    at_half = run.scores.xs(0.5, level="above")
    for metric in ("micro-F1", "macro-F1"):
        assert (at_half.loc["network"][metric] > at_half.loc["LogisticRegression", 0][metric]).all()
    for threshold in (0.5, run.thresholds["network"]):
        micro = run.scores.xs(threshold, level="above").loc["network"]["micro-F1"]
        assert len(micro) == 3
        assert 0.83 <= np.mean(micro) <= 0.86
    assert run.epoch > run.classifier.best_epoch_
    (warning,) = run.caught  # of the default settings
    assert warning.category is ConvergenceWarning
