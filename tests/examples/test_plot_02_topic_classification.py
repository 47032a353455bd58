import numpy as np
import pytest
from data_home import has_data_set


def test_topics_use_the_data_that_they_name(run):
    assert (run.source == "Reuters") == has_data_set("reuters.npz")
    if run.source == "Reuters":
        assert (len(run.y_train), len(run.y_val), len(run.y_test)) == (7_982, 1_000, 2_246)


def test_topics_in_one_fit_are_the_procedure_by_hand(run):
    epoch = run.best[run.criterion]
    by_hand = run.scores[f"network, epoch {epoch} (best {run.criterion})"]
    assert run.runs[0] == by_hand["test accuracy"]


def test_either_loss_gives_the_same_topics_network(run):
    assert run.gap < 1e-3


def test_topics_keep_up_with_logistic_regression(run):
    guess, logistic, *_ = (score["test accuracy"] for score in run.scores.values())
    assert np.mean(run.runs) > guess + 0.3
    assert np.mean(run.runs) > logistic - 0.02


def test_topics_of_reuters_reach_the_scores_of_the_keras_tutorial(run):
    if run.source != "Reuters":
        pytest.skip("needs the Reuters data set of Keras")
    assert run.history["val_loss"].min() == pytest.approx(0.882, abs=0.04)
    assert run.history["val_accuracy"].max() == pytest.approx(0.828, abs=0.02)
    assert run.retrained["test loss"] == pytest.approx(0.990, abs=0.1)
    assert run.retrained["test accuracy"] == pytest.approx(0.796, abs=0.02)
    assert 0.78 <= np.mean(run.runs) <= 0.81
