"""How long does a search over epochs and units take?

The grid has 1, 2, ..., 20 epochs and four widths. The search uses IMDB in 3 folds and refits at the
end. Each search runs in its own process, with TensorFlow imported and the reviews vectorized before
the time is measured. GridSearchCV with scikeras would take very long, so its time is extrapolated.
For each width, two numbers of epochs are fitted on one fold. A straight line through these two
times gives the times of all numbers of epochs, and their sum is multiplied by the number of folds.

A second table has few rows and several metrics, where scoring takes longer than training.

    python benchmarks/bench_search.py [number of rounds, default 5]
"""

import json
import sys
import warnings

import _data
import numpy as np
from _report import (
    Report,
    children_in_turns,
    median_of,
    peak_megabytes,
    rounds_given,
    seconds,
)
from sklearn.model_selection import GridSearchCV, StratifiedKFold

UNITS = [(8, 8), (16, 16), (32, 32), (64, 64)]
EPOCHS = range(1, 21)
FOLDS = 3
MEASURED_EPOCHS = (1, 5)

# Few rows and several metrics
FEW_ROWS = 3_000
FEW_EPOCHS = range(1, 13)
FEW_UNITS = UNITS[1:3]
METRICS = ["accuracy", "neg_log_loss"]


def epoch_grid_search():
    from sklearn_textnn import EpochGridSearchCV

    return searched(EpochGridSearchCV)


def grid_search():
    return searched(GridSearchCV)


def searched(search_class):
    import keras  # noqa: F401, so that the first fit does not import it

    from sklearn_textnn import KerasBinaryReviewClassifier

    X, y, _, _ = _data.imdb()
    classifier = KerasBinaryReviewClassifier(random_state=0)
    search = search_class(classifier, {"epochs": EPOCHS, "units": UNITS}, cv=StratifiedKFold(FOLDS))
    time = seconds(search.fit, X, y)
    return {
        "time": time,
        "best": f"{search.best_params_['epochs']} epochs, {search.best_params_['units']}",
        "scores": search.cv_results_["mean_test_score"].tolist(),
        "best_score": search.best_score_,
    }


def epoch_grid_search_of_few_rows():
    from sklearn_textnn import EpochGridSearchCV

    return searched_few_rows(EpochGridSearchCV)


def grid_search_of_few_rows():
    return searched_few_rows(GridSearchCV)


def searched_few_rows(search_class):
    from sklearn_textnn import KerasBinaryReviewClassifier

    X, y = (part[:FEW_ROWS] for part in _data.imdb()[:2])
    classifier = KerasBinaryReviewClassifier(random_state=0)
    search = search_class(
        classifier,
        {"epochs": FEW_EPOCHS, "units": FEW_UNITS},
        cv=StratifiedKFold(FOLDS),
        scoring=METRICS,
        refit=False,
        return_train_score=True,
    )
    for units in FEW_UNITS:  # the cost of the first fit of each network
        classifier.set_params(units=units, epochs=1).fit(X, y)
    time = seconds(search.fit, X, y)
    scores = [
        search.cv_results_[f"mean_{part}_{metric}"].tolist()
        for part in ("train", "test")
        for metric in METRICS
    ]
    return {"time": time, "scores": scores}


def grid_search_over_scikeras():
    from scikeras.wrappers import KerasClassifier

    X, y, _, _ = _data.imdb()
    X = X.toarray()  # scikeras would convert CSR to LIL
    train, test = next(StratifiedKFold(FOLDS).split(X, y))
    X_train, y_train, X_test, y_test = X[train], y[train], X[test], y[test]

    def network(meta, units):
        import keras

        layers = [keras.layers.Dense(n, "relu") for n in units]
        return keras.Sequential(
            [keras.Input((meta["n_features_in_"],)), *layers, keras.layers.Dense(1, "sigmoid")]
        )

    def fit_and_score(units, epochs):
        classifier = KerasClassifier(
            network,
            model__units=units,
            loss="binary_crossentropy",
            optimizer="rmsprop",
            epochs=epochs,
            batch_size=512,
            verbose=0,
            random_state=0,
        )
        classifier.fit(X_train, y_train).score(X_test, y_test)

    fit_and_score(UNITS[0], 1)  # the cost of the first fit in a process
    total, measured = 0.0, 0.0
    for units in UNITS:
        times = [seconds(fit_and_score, units, epochs) for epochs in MEASURED_EPOCHS]
        slope, start = np.polyfit(MEASURED_EPOCHS, times, 1)
        total += FOLDS * sum(start + slope * epochs for epochs in EPOCHS)
        measured += sum(times)
    return {"time": total, "measured": measured}


def table_of_few_rows(report, n_rounds):
    names = ("epoch_grid_search_of_few_rows", "grid_search_of_few_rows")
    ours, theirs = children_in_turns({name: [name] for name in names}, n_rounds).values()
    same = all(result["scores"] == ours[0]["scores"] for result in ours + theirs)
    report.text(
        f"{FEW_ROWS:,} reviews in {FOLDS} folds, epochs 1 to {FEW_EPOCHS[-1]}, units "
        f"{' and '.join(map(str, FEW_UNITS))}, the metrics {' and '.join(METRICS)}, with train "
        f"scores and without a refit. All mean scores are {'the same' if same else '**different**'}"
        "."
    )
    report.table(
        ["", "time", "time / `GridSearchCV`"],
        [
            (
                name,
                f"{median_of(results, 'time'):.1f} s",
                f"{median_of(results, 'time') / median_of(theirs, 'time'):.2f}",
            )
            for name, results in (("`EpochGridSearchCV`", ours), ("`GridSearchCV`", theirs))
        ],
    )


def child(contender):
    warnings.simplefilter("ignore")
    print(json.dumps(contender() | {"peak": peak_megabytes()}))


def main(n_rounds):
    report = Report(
        "Searching epochs and units",
        *("tensorflow", "keras", "scikit-learn", "scikeras"),
        rounds=n_rounds,
        data=[_data.imdb_source()],
    )
    n_fits = len(EPOCHS) * len(UNITS) * FOLDS
    report.text(
        f"15,000 reviews in {FOLDS} folds, epochs 1 to {EPOCHS[-1]} and units "
        f"{', '.join(map(str, UNITS))}: {n_fits} combinations of a candidate and a fold."
    )
    found = children_in_turns(
        {
            name: [name]
            for name in ("epoch_grid_search", "grid_search", "grid_search_over_scikeras")
        },
        n_rounds,
    )
    ours, theirs, scikeras = found.values()
    rows = [
        ("`EpochGridSearchCV`", ours, len(UNITS) * FOLDS),
        ("`GridSearchCV`, the same estimator", theirs, n_fits),
        ("`GridSearchCV` with scikeras, dense float32, extrapolated", scikeras, n_fits),
    ]
    report.table(
        ["", "trainings", "time", "time / `EpochGridSearchCV`", "peak memory"],
        [
            (
                name,
                n_trainings,
                f"{median_of(results, 'time'):,.0f} s",
                f"{median_of(results, 'time') / median_of(ours, 'time'):.1f}",
                f"{median_of(results, 'peak'):,.0f} MB",
            )
            for name, results, n_trainings in rows
        ],
    )
    all_scores = [result["scores"] for result in ours + theirs]
    same = "the same" if all(scores == all_scores[0] for scores in all_scores) else "**different**"
    report.text(
        f"The mean scores of all {len(all_scores[0])} candidates are {same} in the first two "
        f"searches. The best candidate has {ours[0]['best']} and a score of "
        f"{ours[0]['best_score']:.4f}."
    )
    report.text(
        f"With scikeras, {len(UNITS)} x {len(MEASURED_EPOCHS)} fits of "
        f"{' and '.join(map(str, MEASURED_EPOCHS))} epochs were run, which took "
        f"{median_of(scikeras, 'measured'):.0f} s. The time of the {n_fits} fits was extrapolated "
        "with a straight line."
    )
    table_of_few_rows(report, n_rounds)
    report.write()


if __name__ == "__main__":
    if len(sys.argv) > 1 and not sys.argv[1].isdecimal():
        child(globals()[sys.argv[1]])
    else:
        main(rounds_given())
