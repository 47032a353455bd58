import pytest


def test_topics_hold_out_as_many_as_the_keras_tutorial(run):
    assert len(run.y_val) == 1_000
    if run.has_data:
        assert (len(run.y_train), len(run.y_test)) == (7_982, 2_246)


def test_topics_in_one_fit_are_the_procedure_by_hand(run):
    epoch = run.best["val_accuracy"]
    assert run.runs["epoch"][0] == epoch
    by_hand = run.scores.loc[f"network, {epoch} epochs (best val_accuracy)"]
    assert run.runs["test accuracy"][0] == by_hand["test accuracy"]


def test_either_loss_gives_the_same_topics_network(run):
    assert run.gap < 1e-3


def test_topics_of_reuters_keep_up_with_logistic_regression(run):
    guess, logistic, *_ = run.scores["test accuracy"]
    mean = run.runs["test accuracy"].mean()
    assert mean > guess + 0.3
    if run.has_data:
        assert mean > logistic - 0.02


def test_topics_of_reuters_reach_the_scores_of_the_keras_tutorial(run):
    if not run.has_data:
        pytest.skip("needs the Reuters data set of Keras")
    assert run.history["val_loss"].min() == pytest.approx(0.882, abs=0.04)
    assert run.history["val_accuracy"].max() == pytest.approx(0.828, abs=0.02)
    by_hand = run.scores.loc[f"network, {run.best['val_accuracy']} epochs (best val_accuracy)"]
    assert by_hand["test loss"] == pytest.approx(0.990, abs=0.1)
    assert by_hand["test accuracy"] == pytest.approx(0.796, abs=0.02)
    assert 0.78 <= run.runs["test accuracy"].mean() <= 0.81
