def test_search_over_epochs_trains_less_and_finds_the_same(run):
    trainings = {name: len(epochs) * run.search.n_splits_ for name, epochs in run.per_split.items()}
    assert trainings == {"GridSearchCV": 300, "EpochGridSearchCV": 15}
    epochs = {name: sum(epochs) * run.search.n_splits_ for name, epochs in run.per_split.items()}
    assert epochs == {"GridSearchCV": 3_150, "EpochGridSearchCV": 300}
    assert run.gap == 0


def test_search_keeps_up_with_logistic_regression(run):
    accuracy = run.search.score(run.documents_test, run.y_test)
    assert accuracy > run.guess.score(run.documents_test, run.y_test) + 0.2
    assert accuracy > run.logistic.score(run.documents_test, run.y_test) - 0.02
