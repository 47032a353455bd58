"""What does a grid over epochs and units cost, with each number of epochs trained and without?

The grid is 1, 2, ..., 20 epochs by four widths on IMDB in 3 folds, refitted at the end. Each
search runs in a process of its own, TensorFlow imported and the reviews encoded. GridSearchCV over
scikeras would take hours: of its 240 fits, one fold's are run for two numbers of epochs of each
width, and a straight line through the two gives the others, added up over epochs and folds.

    python benchmarks/bench_search.py
"""

import json
import sys
import warnings

import _data
import numpy as np
from _report import Report, in_child, peak_megabytes, seconds
from sklearn.model_selection import GridSearchCV, StratifiedKFold

UNITS = [(8, 8), (16, 16), (32, 32), (64, 64)]
EPOCHS = range(1, 21)
FOLDS = 3
MEASURED_EPOCHS = (1, 5)


def epoch_grid_search():
    from sklearn_textnn import EpochGridSearchCV

    return searched(EpochGridSearchCV)


def grid_search():
    return searched(GridSearchCV)


def searched(search_class):
    from sklearn_textnn import KerasBinaryReviewClassifier, _network

    assert _network  # TensorFlow is imported here, and not in the first fit
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


def grid_search_over_scikeras():
    from scikeras.wrappers import KerasClassifier

    X, y, _, _ = _data.imdb()
    X = X.toarray()  # scikeras would turn CSR into LIL
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

    fit_and_score(UNITS[0], 1)  # what comes once a process
    total, measured = 0.0, 0.0
    for units in UNITS:
        times = [seconds(fit_and_score, units, epochs) for epochs in MEASURED_EPOCHS]
        slope, start = np.polyfit(MEASURED_EPOCHS, times, 1)
        total += FOLDS * sum(start + slope * epochs for epochs in EPOCHS)
        measured += sum(times)
    return {"time": total, "measured": measured}


def child(contender):
    warnings.simplefilter("ignore")
    print(json.dumps(contender() | {"peak": peak_megabytes()}))


def main():
    report = Report("Searching epochs and units", "tensorflow", "keras", "scikit-learn", "scikeras")
    ours = in_child("epoch_grid_search")
    theirs = in_child("grid_search")
    scikeras = in_child("grid_search_over_scikeras")
    n_fits = len(EPOCHS) * len(UNITS) * FOLDS
    report.text(
        f"IMDB, 15,000 reviews in {FOLDS} folds; epochs 1 to {EPOCHS[-1]} by units "
        f"{', '.join(map(str, UNITS))}: {n_fits} fits of one candidate each; one run."
    )
    rows = [
        ("`EpochGridSearchCV`", ours, len(UNITS) * FOLDS),
        ("`GridSearchCV`, the same estimator", theirs, n_fits),
        ("`GridSearchCV` over scikeras, dense float32, scaled", scikeras, n_fits),
    ]
    report.table(
        ["", "trainings", "time", "times `EpochGridSearchCV`", "peak memory"],
        [
            (
                name,
                n_trainings,
                f"{result['time']:,.0f} s",
                f"{result['time'] / ours['time']:.1f}",
                f"{result['peak']:,.0f} MB",
            )
            for name, result, n_trainings in rows
        ],
    )
    same = "the same" if ours["scores"] == theirs["scores"] else "NOT the same"
    report.text(
        f"The mean scores of all {len(ours['scores'])} candidates are {same} in the first two; "
        f"the best is {ours['best']}, {ours['best_score']:.4f}. Of scikeras {len(UNITS)} x "
        f"{len(MEASURED_EPOCHS)} fits of {' and '.join(map(str, MEASURED_EPOCHS))} epochs were "
        f"run, {scikeras['measured']:.0f} s, and scaled by a straight line to {n_fits}."
    )
    report.write()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        child(globals()[sys.argv[1]])
    else:
        main()
