import pytest


def test_pairs_help_every_model(run):
    assert run.is_pair.sum() > run.n_columns / 2
    held_out = {key: scores["val accuracy"] for key, scores in run.held_out.items()}
    for name in ("LogisticRegression", *run.networks):
        assert held_out[name, "pairs"] > held_out[name, "words"] + 0.005
    assert max(held_out, key=held_out.get) == ("tuned network", "pairs")
    test = run.accuracy
    assert test["tuned network", "pairs"] > test["default network", "words"] + 0.01
    assert test["LogisticRegression", "pairs"] > test["LogisticRegression", "words"] + 0.01


def test_pairs_see_the_order_that_words_do_not(run):
    assert run.by_words[0] == pytest.approx(run.by_words[1], abs=1e-6)
    assert run.by_pairs[0] > run.by_pairs[1] + 0.1


def test_tuned_network_reaches_ninety_with_every_seed(run):
    assert run.name == "tuned network"  # the last one of the loop over seeds
    assert len(run.runs) == 3
    assert min(run.runs) > 0.90
