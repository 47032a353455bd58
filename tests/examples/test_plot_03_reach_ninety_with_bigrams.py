import pytest


def test_pairs_help_every_model(run):
    assert run.is_pair.mean() > 0.5
    assert len(run.gain) == 1 + len(run.networks)  # no tf-idf of words alone
    assert run.gain.min() > 0.005
    assert run.held_out["pairs"].idxmax() == "tuned network"
    test = run.table["mean"]
    assert test["tuned network", "pairs"] > test["default network", "words"] + 0.01
    assert test["LogisticRegression", "pairs"] > test["LogisticRegression", "words"] + 0.01


def test_pairs_see_the_order_that_words_do_not(run):
    assert run.by_words[0] == pytest.approx(run.by_words[1], abs=1e-6)
    assert run.by_pairs[0] > run.by_pairs[1] + 0.1


def test_tuned_network_reaches_ninety_with_every_seed(run):
    tuned = run.accuracy["tuned network", "pairs"]
    assert len(tuned) == 3
    assert min(tuned) > 0.90
