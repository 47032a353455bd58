"""Does dropping poor candidates early find as good a network, and how much training does it save?

The candidates are 27 combinations of a learning rate, units and dropout, with up to 27 epochs.
4,500 reviews of IMDB are searched in 3 folds. The best candidate is fitted on all of them and
scored on 10,000 other reviews. Each round has another seed, for the folds and for the networks.
Each search runs in its own process, with TensorFlow imported and the reviews vectorized before the
time is measured.

EpochGridSearchCV scores every candidate after each epoch. The halving searches score all of them
after 1 epoch, a third of them after 3, and so on, so that the best one has the epochs of the last
round. One of them ends after 9 epochs instead of 27. Optuna trains each trial epoch by epoch with
`partial_fit`, reports the mean accuracy of the folds, and prunes. It has 27 trials: either the same
candidates with successive halving, or those that its default sampler and pruner choose.

    python benchmarks/bench_halving.py [number of rounds, default 5]
"""

import json
import statistics
import sys
import warnings

import _data
import matplotlib
from _report import Report, in_child, median_of, rounds_given, seconds
from sklearn.model_selection import ParameterGrid, StratifiedKFold

EPOCHS = 27
FACTOR = 3
FOLDS = 3
ROWS = 4_500
GRID = {
    "learning_rate": [0.0001, 0.001, 0.01],
    "units": [16, 32, (16, 16)],
    "dropout": [0.0, 0.25, 0.5],
}
N_CANDIDATES = len(ParameterGrid(GRID))
TICKS = (200, 300, 500, 1_000, 2_000)


def epoch_grid_search(classifier, cv, X, y):
    from sklearn_textnn import EpochGridSearchCV

    search = EpochGridSearchCV(classifier, GRID | {"epochs": range(1, EPOCHS + 1)}, cv=cv)
    search.fit(X, y)
    return search.best_estimator_, search.best_score_, N_CANDIDATES * FOLDS * EPOCHS


def epoch_halving(classifier, cv, X, y, most=EPOCHS):
    from sklearn_textnn import EpochHalvingSearchCV

    search = EpochHalvingSearchCV(classifier, GRID, cv=cv, factor=FACTOR, max_resources=most)
    search.fit(X, y)
    return search.best_estimator_, search.best_score_, search.n_epochs_trained_


def short_epoch_halving(classifier, cv, X, y):
    return epoch_halving(classifier, cv, X, y, most=EPOCHS // FACTOR)


def halving(classifier, cv, X, y):
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401
    from sklearn.model_selection import HalvingGridSearchCV

    search = HalvingGridSearchCV(
        classifier, GRID, cv=cv, factor=FACTOR, resource="epochs", max_resources=EPOCHS
    )
    search.fit(X, y)
    rounds = zip(search.n_candidates_, search.n_resources_, strict=True)
    n_epochs = FOLDS * sum(n_candidates * n_epochs for n_candidates, n_epochs in rounds)
    return search.best_estimator_, search.best_score_, n_epochs


def optuna_halving(classifier, cv, X, y):
    import optuna

    # Optuna takes lists of plain values only, so a candidate has the name of its position.
    candidates = list(ParameterGrid(GRID))
    return optuna_search(
        *(classifier, cv, X, y),
        optuna.samplers.GridSampler({"candidate": range(N_CANDIDATES)}, classifier.random_state),
        optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=FACTOR),
        lambda trial: candidates[trial.suggest_int("candidate", 0, N_CANDIDATES - 1)],
    )


def optuna_defaults(classifier, cv, X, y):
    import optuna

    def candidate(trial):
        units = trial.suggest_categorical("units", range(len(GRID["units"])))
        return {
            "learning_rate": trial.suggest_float("learning_rate", 1e-4, 1e-2, log=True),
            "units": GRID["units"][units],
            "dropout": trial.suggest_float("dropout", 0, 0.5),
        }

    sampler = optuna.samplers.TPESampler(seed=classifier.random_state)
    return optuna_search(classifier, cv, X, y, sampler, optuna.pruners.MedianPruner(), candidate)


def optuna_search(classifier, cv, X, y, sampler, pruner, candidate):
    import optuna
    from sklearn.base import clone

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    folds = list(cv.split(X, y))
    n_epochs = 0

    def objective(trial):
        nonlocal n_epochs
        parameters = candidate(trial)
        networks = [clone(classifier).set_params(**parameters) for _ in folds]
        best = 0.0
        for epoch in range(1, EPOCHS + 1):
            accuracies = [
                network.partial_fit(X[train], y[train], [0, 1]).score(X[test], y[test])
                for network, (train, test) in zip(networks, folds, strict=True)
            ]
            n_epochs += FOLDS
            accuracy = statistics.mean(accuracies)
            if accuracy > best:
                best = accuracy
                trial.set_user_attr("parameters", parameters | {"epochs": epoch})
            trial.report(accuracy, epoch)
            if epoch < EPOCHS and trial.should_prune():
                raise optuna.TrialPruned
        return best

    study = optuna.create_study(direction="maximize", sampler=sampler, pruner=pruner)
    study.optimize(objective, n_trials=N_CANDIDATES)
    best = clone(classifier).set_params(**study.best_trial.user_attrs["parameters"])
    return best.fit(X, y), study.best_value, n_epochs


CONTENDERS = {  # name on the page: function, colour, marker
    "`EpochGridSearchCV`": (epoch_grid_search, "#555555", "o"),
    "`EpochHalvingSearchCV`": (epoch_halving, "#0072b2", "s"),
    "`EpochHalvingSearchCV(max_resources=9)`": (short_epoch_halving, "#009e73", "P"),
    '`HalvingGridSearchCV(resource="epochs")`': (halving, "#56b4e9", "D"),
    "Optuna, the same candidates, successive halving": (optuna_halving, "#d55e00", "^"),
    "Optuna, default sampler and pruner": (optuna_defaults, "#cc79a7", "v"),
}


def child(contender, seed):
    import keras  # noqa: F401, so that the first fit does not import it

    from sklearn_textnn import KerasBinaryReviewClassifier

    warnings.simplefilter("ignore")
    X, y, X_test, y_test = _data.imdb()
    X, y = X[:ROWS], y[:ROWS]
    cv = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    classifier = KerasBinaryReviewClassifier(random_state=seed)
    found = []
    time = seconds(lambda: found.extend(contender(classifier, cv, X, y)))
    best, accuracy, n_epochs = found
    names = (*GRID, "epochs")
    return {
        "time": time,
        "epochs": n_epochs,
        "validation accuracy": accuracy,
        "test accuracy": best.score(X_test, y_test),
        "best": ", ".join(f"{name}={best.get_params()[name]}" for name in names),
    }


def draw(found):
    """Return a figure of the test accuracy against the epochs trained."""
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
    for name, (_, color, marker) in CONTENDERS.items():
        epochs, accuracies = (
            [result[key] for result in found[name]] for key in ("epochs", "test accuracy")
        )
        axes.plot(epochs, accuracies, marker, color=color, alpha=0.4, ms=5)
        means = statistics.mean(epochs), statistics.mean(accuracies)
        axes.plot(*means, marker, color=color, ms=11, label=name.replace("`", ""))
    axes.set_xscale("log")
    axes.set_xticks(TICKS, [f"{tick:,}" for tick in TICKS])
    axes.minorticks_off()
    axes.set_xlabel("epochs trained, all candidates and folds")
    axes.set_ylabel("accuracy on reviews that the search never saw")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    return figure


def main(n_rounds):
    report = Report(
        "Dropping candidates early",
        *("tensorflow", "keras", "scikit-learn", "optuna"),
        rounds=n_rounds,
        data=[_data.imdb_source()],
    )
    found = {name: [] for name in CONTENDERS}
    for seed in range(n_rounds):
        for name, (contender, *_) in CONTENDERS.items():
            found[name].append(in_child(contender.__name__, str(seed)))
    grid = "; ".join(f"{name} {', '.join(map(str, values))}" for name, values in GRID.items())
    report.text(
        f"{N_CANDIDATES} candidates: {grid}. They have up to {EPOCHS} epochs. {ROWS:,} reviews are "
        f"searched in {FOLDS} folds, and the test accuracy is that of the best candidate, fitted "
        "on all of them, on 10,000 other reviews. Each round has another seed, for the folds and "
        "the networks."
    )
    report.figure(
        draw(found),
        "halving.png",
        "Test accuracy of the network found against the epochs trained, for each search and seed",
    )
    report.text("Small points are single seeds, and large ones their mean.")
    medians = {
        name: (statistics.median(each["epochs"] for each in results), median_of(results, "time"))
        for name, results in found.items()
    }
    all_epochs, all_time = medians["`EpochGridSearchCV`"]
    report.table(
        (
            "",
            "epochs trained",
            "part of all",
            "time",
            "time / `EpochGridSearchCV`",
            "validation accuracy",
            "test accuracy",
        ),
        [
            (
                name,
                f"{n_epochs:,.0f}",
                f"{n_epochs / all_epochs:.2f}",
                f"{time:.1f} s",
                f"{time / all_time:.2f}",
                mean_and_range(found[name], "validation accuracy"),
                mean_and_range(found[name], "test accuracy"),
            )
            for name, (n_epochs, time) in medians.items()
        ],
    )
    report.text(
        "Accuracies are means over the rounds, with the lowest and the highest. Epochs and times "
        "are medians. The epochs are those of all candidates and folds. The times include the fit "
        "of the best candidate on all rows."
    )
    report.table(
        ("found with seed 0", "best candidate"),
        [(name, results[0]["best"]) for name, results in found.items()],
    )
    report.write()


def mean_and_range(results, key):
    values = [result[key] for result in results]
    return f"{statistics.mean(values):.4f} ({min(values):.4f} to {max(values):.4f})"


if __name__ == "__main__":
    if len(sys.argv) > 2:
        print(json.dumps(child(globals()[sys.argv[1]], int(sys.argv[2]))))
    else:
        main(rounds_given())
