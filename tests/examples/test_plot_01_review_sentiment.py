import numpy as np
import pytest
from data_home import has_data_set


def test_sentiment_uses_the_data_that_it_names(run):
    assert (run.source == "IMDB") == has_data_set("imdb.npz")
    rows = {"IMDB": (15_000, 10_000, 25_000), "Packaged": (12_000, 8_000, 5_000)}
    assert (len(run.y_train), len(run.y_val), len(run.y_test)) == rows[run.source]


def test_sentiment_in_one_fit_is_the_procedure_by_hand(run):
    assert run.classifier.best_epoch_ == run.best["val_loss"]
    by_hand = run.scores[f"network, epoch {run.best['val_loss']} (best val_loss)"]
    assert run.runs[0] == by_hand["test accuracy"]


def test_sentiment_keeps_up_with_logistic_regression(run):
    guess, logistic, *_ = (score["test accuracy"] for score in run.scores.values())
    assert np.mean(run.runs) > guess + 0.3
    assert np.mean(run.runs) > logistic - 0.02


def test_sentiment_of_imdb_reaches_the_accuracy_of_the_keras_tutorial(run):
    if run.source != "IMDB":
        pytest.skip("needs the IMDB data set of Keras")
    assert run.retrained["test accuracy"] == pytest.approx(0.8788, abs=0.02)
    assert 0.865 <= np.mean(run.runs) <= 0.885
