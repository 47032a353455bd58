def test_weights_help_rare_topics(run):
    results = run.results
    none, weighted = (results[f"network, weights: {name}"] for name in ("none", "balanced"))
    assert none["accuracy"] > results["DummyClassifier"]["accuracy"] + 0.3
    assert weighted["balanced"] > none["balanced"] + 0.03
    assert weighted["macro F1"] > none["macro F1"]
