def test_recipe_is_better_than_the_default_network_and_not_worse_than_the_linear_model(run):
    accuracy = run.table["accuracy"]
    assert accuracy["tf-idf, LinearSVC"] > accuracy["DummyClassifier"] + 0.2
    assert accuracy["recipe"] > accuracy["default network"]
    assert accuracy["recipe"] > accuracy["tf-idf, LinearSVC"] - 0.005


def test_log_count_ratios_are_the_best_weights(run):
    best = run.means.max()
    assert best.idxmax() == "LogCountRatioTransformer()"
    assert best.max() > run.linear.best_score_
