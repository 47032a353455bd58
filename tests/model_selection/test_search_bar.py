"""The bar that a search with verbose=1 draws: what it counts, and where there is none."""

import io
import pickle
from contextlib import redirect_stdout

import pytest
from joblib import parallel_config
from planted import planted_classes
from same_search import binary
from scipy.stats import loguniform
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV
from sklearn.naive_bayes import BernoulliNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler
from terminal import CURSOR_BACK, bars, in_terminal, recorded_updates

from sklearn_textnn import (
    EpochGridSearchCV,
    EpochHalvingRandomSearchCV,
    EpochHalvingSearchCV,
    EpochRandomizedSearchCV,
)
from sklearn_textnn.model_selection._search_bar import TrainingBar

pytest.importorskip("rich")

X, Y = planted_classes(60, 2, 0)
GRID = {"epochs": [1, 3, 5], "units": [2, 4]}
EIGHT = {"learning_rate": [1e-4, 1e-3, 1e-2, 1e-1], "units": [2, 4]}
ROWS = {"resource": "n_samples", "random_state": 0}
RATES = {"learning_rate": loguniform(1e-4, 1e-1)}


def draw(search):
    """Fit in a terminal; return what was printed, and what the bar was told."""
    search.set_params(verbose=1, cv=2)
    with in_terminal() as terminal, recorded_updates() as updates:
        search.fit(X, Y)
    return terminal.getvalue(), [update for update in updates if update[2]]


def assert_true(updates):
    """The bar only grows, and is full at the end."""
    shares = [completed / total for completed, _, total in updates]
    assert shares == sorted(shares)
    assert shares[-1] == 1


@pytest.mark.parametrize(
    ("search", "n_trainings", "n_epochs", "most_of_refit"),
    [
        (EpochGridSearchCV(binary(), GRID), 4, 2 * 2 * 5, 5),
        (EpochGridSearchCV(binary(epochs=3), {"units": [2, 4]}), 4, 2 * 2 * 3, 3),
        (
            EpochRandomizedSearchCV(binary(), {"epochs": [1, 3]}, n_iter=2, random_state=0),
            2,
            2 * 3,
            3,
        ),
        # A third of 8 is 2.7, and a survivor goes on from 3 to 9 epochs.
        (EpochHalvingSearchCV(binary(epochs=9), EIGHT), 22, 2 * (8 * 3 + 3 * 6), 9),
        (EpochHalvingSearchCV(binary(epochs=2), EIGHT, **ROWS), 22, 2 * 11 * 2, 2),
        (
            EpochHalvingRandomSearchCV(binary(epochs=9), RATES, random_state=0),
            26,
            2 * (9 * 1 + 3 * 2 + 1 * 6),
            9,
        ),
    ],
    ids=["grid", "grid without epochs", "randomized", "halving", "rows", "random halving"],
)
def test_bar_counts_the_epochs_of_all_trainings_and_of_the_refit(
    search, n_trainings, n_epochs, most_of_refit
):
    printed, updates = draw(search)
    assert_true(updates)
    completed, text, total = updates[-1]
    assert completed == n_epochs + search.best_estimator_.n_iter_
    assert {done for done, _, _ in updates} == set(range(completed + 1))
    # Only the epochs of the refit were not known from the beginning.
    assert {total for _, _, total in updates} == {n_epochs + most_of_refit, total}
    assert text == f"{n_trainings + 1}/{n_trainings + 1} trainings"
    assert updates[0][1] == f"0/{n_trainings + 1} trainings"
    line = bars(printed)[-1]
    assert line.startswith(f"{type(search).__name__} - fit ━")
    assert " 100% " in line


@pytest.mark.parametrize("aggressive", [False, True])
@pytest.mark.parametrize("factor", [2, 2.5, 4])
@pytest.mark.parametrize("most", [4, 11])
def test_rounds_to_come_are_those_of_scikit_learn(most, factor, aggressive):
    settings = dict(factor=factor, max_resources=most, resource="epochs", refit=False, cv=2)
    settings["aggressive_elimination"] = aggressive
    searches = [
        EpochHalvingSearchCV(binary(), EIGHT, min_resources=2, **settings),
        HalvingGridSearchCV(binary(), EIGHT, min_resources=2, **settings),
    ]
    _, updates = draw(searches[0])
    searches[1].fit(X, Y)
    assert_true(updates)
    assert updates[-1][0] == searches[0].n_epochs_trained_
    n_trainings = 2 * sum(searches[1].n_candidates_)
    assert updates[0][1] == f"0/{n_trainings} trainings"
    assert len({total for _, _, total in updates}) == 1


def test_trainings_in_threads_count_epoch_by_epoch():
    search = EpochGridSearchCV(binary(), GRID, refit=False)
    with parallel_config("threading", n_jobs=2):
        _, updates = draw(search)
    assert_true(updates)
    assert {done for done, _, _ in updates} == set(range(21))
    assert updates[-1][1] == "4/4 trainings"


@pytest.mark.slow
def test_trainings_in_other_processes_count_when_they_have_ended():
    search = EpochHalvingSearchCV(binary(epochs=9), EIGHT, n_jobs=2, refit=False)
    _, updates = draw(search)
    assert_true(updates)
    # joblib may report two trainings at once.
    drawn = {done for done, _, _ in updates}
    assert {0, 84} <= drawn <= {*range(0, 49, 3), *range(48, 85, 6)}
    assert len(drawn) > 4
    assert updates[-1][1] == "22/22 trainings"


def test_training_in_another_process_has_no_part_in_the_bar():
    told = []
    here = TrainingBar(3, told.append)
    elsewhere = pickle.loads(pickle.dumps(TrainingBar(3)))
    for bar in (here, elsewhere):
        with bar.counted():
            binary(epochs=2).fit(X, Y)
    assert told == [1, 1, 1]


@pytest.mark.parametrize(
    ("estimator", "grid", "n_steps"),
    [
        (binary(epochs=50, validation_fraction=0.3, early_stopping=True), {"units": [2, 4]}, 200),
        (
            binary(epochs=5, validation_fraction=0.3, epoch_selection="val_loss"),
            {"units": [2, 4]},
            40,
        ),
        (make_pipeline(MaxAbsScaler(), BernoulliNB()), {"bernoullinb__alpha": [0.1, 1]}, 4),
    ],
    ids=["early stopping", "epoch selection", "no epochs"],
)
def test_training_counts_as_many_epochs_as_it_could_have(estimator, grid, n_steps):
    _, updates = draw(EpochGridSearchCV(estimator, grid, refit=False))
    assert_true(updates)
    assert {total for _, _, total in updates} == {n_steps}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite:UserWarning")
def test_trainings_that_fail_count():
    _, updates = draw(EpochGridSearchCV(binary(), GRID | {"units": [4, 0]}, refit=False))
    assert_true(updates)


def test_error_of_a_training_gives_the_terminal_back():
    search = EpochGridSearchCV(binary(), {"units": [4, 0]}, error_score="raise", verbose=1)
    with in_terminal() as terminal, pytest.raises(ValueError, match="units"):
        search.fit(X, Y)
    assert terminal.getvalue().rstrip().endswith(CURSOR_BACK)


def lines(search, **settings):
    with redirect_stdout(io.StringIO()) as printed:
        search.set_params(cv=2, **settings).fit(X, Y)
    return printed.getvalue()


def test_bar_is_below_the_line_of_scikit_learn_and_a_file_has_only_that():
    expected = lines(GridSearchCV(binary(), GRID), verbose=1)
    assert expected.startswith("Fitting 2 folds for each of 6 candidates")
    ours = EpochGridSearchCV(binary(), GRID)
    assert lines(ours, verbose=1) == expected
    printed, _ = draw(ours)
    assert bars(printed)[0].rstrip() == expected.rstrip()
    assert "━" in bars(printed)[-1]


@pytest.mark.parametrize("verbose", [0, 2])
def test_only_verbose_1_draws_a_bar(verbose):
    search = EpochGridSearchCV(binary(), GRID, cv=2, verbose=verbose)
    with in_terminal() as terminal:
        search.fit(X, Y)
    assert "━" not in terminal.getvalue()


def test_callbacks_of_scikit_learn_have_the_terminal_for_themselves():
    pytest.importorskip("sklearn.callback", reason="needs scikit-learn 1.9")
    from recording_callback import Recorder

    printed, updates = draw(EpochGridSearchCV(binary(), GRID).set_callbacks(Recorder()))
    assert updates == []
    assert "━" not in printed
