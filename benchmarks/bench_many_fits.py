"""What does a fit cost beyond its training, when there are many of them in one process?

Each contender makes its fits in a process of its own: the same network again and again, on IMDB
vectors, with another seed, learning rate, number of rows and number of epochs each time. Before
training is the time from the call of fit to the end of the first epoch, less the time that a later
epoch of the same fit takes: building, compiling, tracing. The processes take turns.

    python benchmarks/bench_many_fits.py [number of rounds, 2 unless given]
"""

import json
import statistics
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import _data
import numpy as np
from _report import Report, in_child, in_turns, resident_megabytes, seconds

N_ROWS = 2_000
EARLY = 20  # fits after which memory is looked at for the first time
OURS = "KerasBinaryReviewClassifier"


def clock():
    """Return a callback with the times at which the epochs of a training ended."""
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


CONTENDERS = {  # and the number of fits
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
    rounds = {name: [] for name in CONTENDERS}
    for _ in range(n_rounds):
        for name, (fit, n_fits) in CONTENDERS.items():
            rounds[name].append(in_child(fit.__name__, str(n_fits)))
    rows = []
    for name, (_, n_fits) in CONTENDERS.items():

        def milliseconds(what, fits, runs=rounds[name]):
            times = [time for run in runs for time in run[what][fits]]
            return f"{statistics.median(times) * 1e3:,.0f} ms" if times else ""

        growth = statistics.median(
            run["resident"][-1] - run["resident"][EARLY - 1] for run in rounds[name]
        )
        rows.append(
            (
                name,
                n_fits,
                *(milliseconds("whole", slice(*fits)) for fits in ((1,), (1, 2), (2, None))),
                *(milliseconds("before", slice(*fits)) for fits in ((1,), (1, 2), (2, None))),
                f"{statistics.median(run['resident'][EARLY - 1] for run in rounds[name]):,.0f} MB",
                f"{growth:+,.1f} MB",
                f"{growth / (n_fits - EARLY):.2f} MB",
            )
        )
    report.text(
        f"IMDB, 10,000 columns, 300 to {N_ROWS:,} rows, 16-16-1, 2 or 3 epochs in batches of 512; "
        f"medians of {n_rounds} rounds. Before training is the time to the end of the first epoch, "
        "less that of a later one. `MLPClassifier` does not tell when an epoch ends."
    )
    report.table(
        (
            "",
            "fits",
            "first fit",
            "second",
            "later",
            "before training: first",
            "second",
            "later",
            f"resident after {EARLY} fits",
            "since then",
            "a fit",
        ),
        rows,
    )


def table_of_threads(report, X, y, n_runs):
    from sklearn_textnn import KerasBinaryReviewClassifier

    results = {}

    def fit(seed):
        return KerasBinaryReviewClassifier(epochs=5, random_state=seed).fit(X, y).coefs_[0]

    def one_after_the_other():
        results["one"] = list(map(fit, range(8)))

    def two_threads():
        with ThreadPoolExecutor(2) as pool:
            results["two"] = list(pool.map(fit, range(8)))

    medians = in_turns(
        {"one after the other": one_after_the_other, "in two threads": two_threads}, n_runs
    )
    same = all(map(np.array_equal, results["one"], results["two"]))
    report.text(
        f"8 fits of 5 epochs on {y.size:,} rows; medians of {n_runs} runs in turns. "
        f"The kernels are {'identical' if same else '**not identical**'}."
    )
    report.table(("", "time"), [(name, f"{time:.2f} s") for name, time in medians.items()])


def table_of_searches(report, X, y):
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

    searches = {
        "`n_jobs=1`": search(1),
        "`n_jobs=2`, new workers": search(2),
        "`n_jobs=2`, the same workers again": search(2),
    }
    times = {name: seconds(one.fit, X, y) for name, one in searches.items()}
    scores = [one.cv_results_["mean_test_score"] for one in searches.values()]
    same = all(np.array_equal(scores[0], others) for others in scores)
    report.text(
        f"`GridSearchCV`, 8 candidates, 3 folds, 5 epochs, {y.size:,} rows; one run. "
        f"The scores are {'identical' if same else '**not identical**'}."
    )
    report.table(("", "time"), [(name, f"{time:.2f} s") for name, time in times.items()])


def main(n_rounds):
    report = Report("Many fits", "tensorflow", "keras", "scikit-learn", "scikeras")
    table_of_fits(report, n_rounds)
    X, y = _data.imdb()[:2]
    table_of_threads(report, X[:5_000], y[:5_000], n_rounds)
    table_of_searches(report, X, y)
    report.write()


if __name__ == "__main__":
    if len(sys.argv) > 2:
        child(globals()[sys.argv[1]], int(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
