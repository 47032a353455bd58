def test_weights_help_rare_topics(run):
    results = run.results
    none, weighted = (results.loc[f"network, weights: {name}"] for name in ("none", "balanced"))
    assert none["accuracy"] > results.loc["DummyClassifier", "accuracy"] + 0.3
    assert weighted["balanced accuracy"] > none["balanced accuracy"] + 0.03
    assert run.recall.iloc[0]["balanced"] > run.recall.iloc[0]["none"]
    assert weighted["macro F1"] > none["macro F1"]
