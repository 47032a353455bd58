def test_search_over_epochs_trains_less_and_finds_the_same(run):
    assert run.trainings["trainings"].to_dict() == {"GridSearchCV": 300, "EpochGridSearchCV": 15}
    assert run.trainings["epochs"].to_dict() == {"GridSearchCV": 3_150, "EpochGridSearchCV": 300}
    assert run.gap == 0


def test_search_keeps_up_with_logistic_regression(run):
    accuracy = run.search.score(run.documents_test, run.y_test)
    assert accuracy > run.guess.score(run.documents_test, run.y_test) + 0.2
    assert accuracy > run.logistic.score(run.documents_test, run.y_test) - 0.02
