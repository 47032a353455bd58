import pytest


def test_sentiment_holds_out_two_fifths(run):
    rows = (15_000, 10_000, 25_000) if run.has_data else (12_000, 8_000, 5_000)
    assert (len(run.y_train), len(run.y_val), len(run.y_test)) == rows


def test_sentiment_in_one_fit_is_the_procedure_by_hand(run):
    assert run.classifier.best_epoch_ == run.by_loss == run.runs["epoch"][0]
    by_hand = run.scores.loc[f"network, {run.by_loss} epochs (best val_loss)"]
    assert run.runs["test accuracy"][0] == by_hand["test accuracy"]


def test_sentiment_keeps_up_with_logistic_regression(run):
    guess, logistic, *_ = run.scores["test accuracy"]
    assert run.runs["test accuracy"].mean() > guess + 0.3
    assert run.runs["test accuracy"].mean() > logistic - 0.02


def test_sentiment_of_the_two_new_reviews_is_found(run):
    assert run.positive[0] > 0.6
    assert run.positive[1] < 0.4


def test_sentiment_of_imdb_reaches_the_accuracy_of_the_keras_tutorial(run):
    if not run.has_data:
        pytest.skip("needs the IMDB data set of Keras")
    by_hand = run.scores.loc[f"network, {run.by_loss} epochs (best val_loss)"]
    assert by_hand["test accuracy"] == pytest.approx(0.8788, abs=0.02)
    assert 0.865 <= run.runs["test accuracy"].mean() <= 0.885
