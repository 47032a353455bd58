import pytest


def test_network_learns_topics_with_any_weights(run):
    of_networks = run.results.filter(like="network", axis=0)["accuracy"]
    assert len(of_networks) == len(run.weightings)
    assert of_networks.min() > run.results.loc["DummyClassifier", "accuracy"] + 0.3


def test_weights_help_rare_topics(run):
    if not run.has_data:
        pytest.skip("the packaged articles have topics of about the same size")
    none, weighted = (run.results.loc[f"network, weights: {name}"] for name in ("none", "balanced"))
    assert weighted["balanced accuracy"] > none["balanced accuracy"] + 0.03
    assert run.recall.iloc[0]["balanced"] > run.recall.iloc[0]["none"]
    assert weighted["macro F1"] > none["macro F1"]
