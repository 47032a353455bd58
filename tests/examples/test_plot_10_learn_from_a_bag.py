def test_vocabulary_of_the_merged_counts_is_that_of_one_fit(run):
    assert run.counted.vocabulary_ == run.at_once.vocabulary_


def test_network_learns_partition_by_partition_as_much_as_at_once(run):
    last = run.progress["network"].iloc[-1]
    assert last > run.guess + 0.3
    assert last > run.accuracy_at_once - 0.02
    assert last > run.progress["network"].iloc[0]


def test_memory_of_the_trainer_stays_flat(run):
    memory = run.progress["MB"]
    assert memory.iloc[-1] < memory.iloc[4] + 100
