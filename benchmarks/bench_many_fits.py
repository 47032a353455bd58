"""What does each of many fits in one process cost beyond its training?

Each contender runs in its own process and fits the same network many times on IMDB vectors, each
time with another seed, learning rate, number of rows and number of epochs. The overhead of a fit is
the time from the call of fit to the end of the first epoch, minus the mean time of the later
epochs. It covers building, compiling and tracing. The processes take turns.

    python benchmarks/bench_many_fits.py [number of rounds, default 5]
"""

import json
import statistics
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import _data
import numpy as np
from _report import (
    Report,
    children_in_turns,
    in_turns,
    median,
    resident_megabytes,
    rounds_given,
    seconds,
)
from joblib.externals.loky import get_reusable_executor

N_ROWS = 2_000
EARLY = 20  # fits after which memory is first measured
OURS = "KerasBinaryReviewClassifier"


def clock():
    """Return a callback that stores the times at which epochs end."""
    import keras

    ends = []
    callback = keras.callbacks.LambdaCallback(
        on_train_begin=lambda logs: ends.clear(),
        on_epoch_end=lambda epoch, logs: ends.append(perf_counter()),
    )
    callback.ends = ends
    return callback


def sklearn_textnn(X, y, seed, learning_rate, epochs, callback):
    from sklearn_textnn import KerasBinaryReviewClassifier

    KerasBinaryReviewClassifier(
        epochs=epochs, learning_rate=learning_rate, callbacks=[callback], random_state=seed
    ).fit(X, y)


def mlp_classifier(X, y, seed, learning_rate, epochs, callback):
    from sklearn.neural_network import MLPClassifier

    MLPClassifier(
        (16, 16),
        batch_size=min(512, y.size),
        max_iter=epochs,
        learning_rate_init=learning_rate,
        random_state=seed,
    ).fit(X, y)


def network(n_features, learning_rate):
    import keras

    model = keras.Sequential(
        [
            keras.Input((n_features,)),
            keras.layers.Dense(16, "relu"),
            keras.layers.Dense(16, "relu"),
            keras.layers.Dense(1, "sigmoid"),
        ]
    )
    optimizer = keras.optimizers.RMSprop(learning_rate)
    model.compile(optimizer, "binary_crossentropy", metrics=["accuracy"])
    return model


def keras_model(X, y, seed, learning_rate, epochs, callback):
    network(X.shape[1], learning_rate).fit(
        X, y, batch_size=512, epochs=epochs, callbacks=[callback], verbose=0
    )


def scikeras(X, y, seed, learning_rate, epochs, callback):
    from scikeras.wrappers import KerasClassifier

    KerasClassifier(
        lambda: network(X.shape[1], learning_rate),
        batch_size=512,
        epochs=epochs,
        callbacks=[callback],
        verbose=0,
    ).fit(X, y)


CONTENDERS = {  # with the number of fits
    "`sklearn_textnn`, CSR": (sklearn_textnn, 200),
    "`MLPClassifier`, CSR": (mlp_classifier, 200),
    "`keras.Model.fit`, dense float32": (keras_model, 30),
    "`scikeras`, dense float32": (scikeras, 30),
}


def child(fit, n_fits):
    warnings.simplefilter("ignore")
    X, y = (part[:N_ROWS] for part in _data.imdb()[:2])
    if fit not in (sklearn_textnn, mlp_classifier):
        X = X.toarray()
    callback = None if fit is mlp_classifier else clock()
    rng = np.random.default_rng(0)
    result = {"whole": [], "before": [], "resident": []}
    for seed in range(n_fits):
        rows = slice(rng.integers(300, N_ROWS, endpoint=True))
        arguments = X[rows], y[rows], seed, 10 ** rng.uniform(-4, -2), 2 + seed % 2, callback
        start = perf_counter()
        fit(*arguments)
        result["whole"].append(perf_counter() - start)
        if callback is not None:
            epochs = np.diff([start, *callback.ends])
            result["before"].append(epochs[0] - epochs[1:].mean())
        result["resident"].append(resident_megabytes())
    print(json.dumps(result))


def table_of_fits(report, n_rounds):
    rounds = children_in_turns(
        {name: (fit.__name__, str(n_fits)) for name, (fit, n_fits) in CONTENDERS.items()}, n_rounds
    )
    rows = []
    for name, (_, n_fits) in CONTENDERS.items():

        def milliseconds(what, fits, runs=rounds[name]):
            times = [statistics.median(run[what][fits]) for run in runs if run[what]]
            return f"{median(times) * 1e3:,.0f} ms" if times else ""

        growth = statistics.median(
            run["resident"][-1] - run["resident"][EARLY - 1] for run in rounds[name]
        )
        rows.append(
            (
                name,
                n_fits,
                *(milliseconds("whole", slice(*fits)) for fits in ((1,), (1, 2), (2, None))),
                *(milliseconds("before", slice(*fits)) for fits in ((1,), (1, 2), (2, None))),
                f"{median([run['resident'][EARLY - 1] for run in rounds[name]]):,.0f} MB",
                f"{growth:+,.1f} MB",
                f"{growth / (n_fits - EARLY):.2f} MB",
            )
        )
    report.text(
        f"10,000 columns, 300 to {N_ROWS:,} rows, a 16-16-1 network, 2 or 3 epochs in batches of "
        "512. Overhead is the time to the end of the first epoch minus the time of a later epoch. "
        "It is not known for `MLPClassifier`, which has no callbacks. The last three columns are "
        "the resident memory of the process and its growth."
    )
    report.table(
        (
            "",
            "fits",
            "first fit",
            "second",
            "later",
            "overhead: first fit",
            "second",
            "later",
            f"memory after {EARLY} fits",
            "growth since then",
            "growth per fit",
        ),
        rows,
    )


def table_of_threads(report, X, y, n_rounds):
    from sklearn_textnn import KerasBinaryReviewClassifier

    results = {}

    def fit(seed):
        fitted = KerasBinaryReviewClassifier(epochs=5, random_state=seed).fit(X, y)
        return [*fitted.coefs_, *fitted.intercepts_]

    def one_after_the_other():
        results["one"] = list(map(fit, range(8)))

    def two_threads():
        with ThreadPoolExecutor(2) as pool:
            results["two"] = list(pool.map(fit, range(8)))

    medians = in_turns(
        {"one after the other": one_after_the_other, "in two threads": two_threads}, n_rounds
    )
    same = all(
        np.array_equal(*arrays)
        for networks in zip(results["one"], results["two"], strict=True)
        for arrays in zip(*networks, strict=True)
    )
    report.text(
        f"8 fits of 5 epochs on {y.size:,} rows. The weights and biases of both ways are "
        f"{'identical' if same else '**not identical**'}."
    )
    report.table(("", "time"), [(name, f"{time:.2f} s") for name, time in medians.items()])


def table_of_searches(report, X, y, n_rounds):
    from sklearn.model_selection import GridSearchCV

    from sklearn_textnn import KerasBinaryReviewClassifier

    def search(n_jobs):
        return GridSearchCV(
            KerasBinaryReviewClassifier(epochs=5, random_state=0),
            {"learning_rate": [3e-4, 1e-3, 3e-3, 1e-2], "units": [(16, 16), (8,)]},
            cv=3,
            n_jobs=n_jobs,
            refit=False,
        )

    names = ("`n_jobs=1`", "`n_jobs=2`, new workers", "`n_jobs=2`, the same workers again")
    times = {name: [] for name in names}
    scores = []
    for _ in range(n_rounds):
        for name, n_jobs in zip(names, (1, 2, 2), strict=True):
            if "new" in name:
                get_reusable_executor().shutdown()
            one = search(n_jobs)
            times[name].append(seconds(one.fit, X, y))
            scores.append(one.cv_results_["mean_test_score"])
    same = all(np.array_equal(scores[0], others) for others in scores)
    report.text(
        f"`GridSearchCV` with 8 candidates, 3 folds, 5 epochs and {y.size:,} rows. The scores are "
        f"{'identical' if same else '**not identical**'}."
    )
    medians = {name: median(values) for name, values in times.items()}
    report.table(("", "time"), [(name, f"{time:.2f} s") for name, time in medians.items()])


def main(n_rounds):
    report = Report(
        "Many fits",
        *("tensorflow", "keras", "scikit-learn", "scikeras"),
        rounds=n_rounds,
        data=[_data.imdb_source()],
    )
    table_of_fits(report, n_rounds)
    X, y = _data.imdb()[:2]
    table_of_threads(report, X[:5_000], y[:5_000], n_rounds)
    table_of_searches(report, X, y, n_rounds)
    report.write()


if __name__ == "__main__":
    if len(sys.argv) > 2:
        child(globals()[sys.argv[1]], int(sys.argv[2]))
    else:
        main(rounds_given())
