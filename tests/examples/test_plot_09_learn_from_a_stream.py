def test_network_continues_to_learn_from_the_stream(run):
    table = run.table
    small, large = table.loc["network, batches of 32"], table.loc["network, batches of 512"]
    assert 0.45 < table.loc["DummyClassifier", "first 5,000"] < 0.55
    assert small["first 5,000"] > large["first 5,000"] + 0.05
    assert small["last 5,000 of IMDB"] > small["first 5,000"] + 0.03
    assert small["last 2,000"] > table.loc[run.FROZEN, "last 2,000"] + 0.02
