"""How does the time of an epoch grow with rows, columns and non-zeros per row?

Trains a 16-16-1 network in batches of 512 on synthetic 0/1 vectors. One of the three sizes grows
and the other two are fixed. The contenders are this package, MLPClassifier, and keras.Model.fit if
the dense float32 array is smaller than 2 GB. The time of an epoch is a third of a fit of 3 epochs
(for Keras, a fit of 1 epoch). A first fit, which builds and traces the network, does not count. The
contenders take turns. Batches of 64 are trained on up to 1,000,000 columns. Later fits with other
optimizers are compared with those of MLPClassifier. The last table is about a large vocabulary,
words and pairs of words of 25,000 reviews, with each contender in its own process.

    python benchmarks/bench_growth.py [number of rounds, default 5]
"""

import json
import sys
import warnings

import matplotlib
import numpy as np
import scipy.sparse as sp
from _data import IMDB_TEXT, imdb_text
from _report import (
    Report,
    children_in_turns,
    in_turns,
    median_of,
    peak_megabytes,
    rounds_given,
    seconds,
)

EPOCHS = 3
DENSE_BYTES = 2e9
ROWS, COLUMNS, NON_ZEROS = 8_000, 10_000, 128
GROWTH = {
    "rows": (1_000, 4_000, 16_000, 64_000),
    "columns": (2_000, 10_000, 50_000, 250_000),
    "non-zeros per row": (8, 32, 128, 512),
}
COLUMNS_OF_SMALL_BATCHES = (10_000, 100_000, 1_000_000)
OPTIMIZERS_AND_SHAPES = [  # optimizer, rows, non-zeros per row, batch size
    *((optimizer, ROWS, NON_ZEROS, 512) for optimizer in ("rmsprop", "adam", "adamw", "sgd")),
    ("rmsprop", ROWS, 512, 512),
    ("adam", ROWS, NON_ZEROS, 64),
    ("rmsprop", 500, 8, 512),
]
LINES = {  # contender: colour, line, marker
    "sklearn_textnn, CSR": ("#0072b2", "-", "o"),
    "MLPClassifier, CSR": ("#d55e00", "--", "s"),
    "keras.Model.fit, dense": ("#555555", ":", "^"),
}


def multi_hot(n_rows, n_columns, n_non_zeros):
    """Return CSR whose rows have one 1 in each of `n_non_zeros` ranges of columns."""
    rng = np.random.default_rng(0)
    edges = np.linspace(0, n_columns, n_non_zeros + 1).astype(np.int32)
    indices = rng.integers(edges[:-1], edges[1:], size=(n_rows, n_non_zeros), dtype=np.int32)
    indptr = np.arange(n_rows + 1) * n_non_zeros
    X = sp.csr_matrix(
        (np.ones(indices.size, np.float32), indices.ravel(), indptr), shape=(n_rows, n_columns)
    )
    return X, rng.integers(2, size=n_rows)


def contenders(X, y):
    """Return a function that fits, for each contender."""
    from sklearn.neural_network import MLPClassifier

    from sklearn_textnn import KerasBinaryReviewClassifier

    ours, theirs, keras_dense = LINES
    fits = {
        ours: lambda: KerasBinaryReviewClassifier(epochs=EPOCHS, random_state=0).fit(X, y),
        theirs: lambda: MLPClassifier(
            (16, 16), batch_size=512, max_iter=EPOCHS, random_state=0
        ).fit(X, y),
    }
    if X.shape[0] * X.shape[1] * 4 < DENSE_BYTES:
        model = keras_model(X.shape[1])
        dense = X.toarray()
        fits[keras_dense] = lambda: model.fit(dense, y, batch_size=512, verbose=0)
    return fits


def keras_model(n_features):
    import keras

    model = keras.Sequential(
        [
            keras.Input((n_features,)),
            keras.layers.Dense(16, "relu"),
            keras.layers.Dense(16, "relu"),
            keras.layers.Dense(1, "sigmoid"),
        ]
    )
    model.compile("rmsprop", "binary_crossentropy", metrics=["accuracy"])
    return model


def measure(what, size, n_rounds):
    """Return the time of an epoch for each contender, at one size."""
    shape = {"rows": ROWS, "columns": COLUMNS, "non-zeros per row": NON_ZEROS} | {what: size}
    medians = in_turns(contenders(*multi_hot(*shape.values())), n_rounds)
    return {name: time / (1 if "keras" in name else EPOCHS) for name, time in medians.items()}


def draw(times):
    """Return a figure with one panel for each size that grows."""
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, panels = plt.subplots(1, 3, figsize=(11, 3.8), sharey=True, layout="constrained")
    for panel, (what, by_size) in zip(panels, times.items(), strict=True):
        for name, (color, line, marker) in LINES.items():
            known = {size: row[name] for size, row in by_size.items() if name in row}
            panel.loglog(
                known.keys(), known.values(), line, color=color, marker=marker, lw=2, label=name
            )
        panel.set_xlabel(what)
        panel.grid(alpha=0.3)
    panels[0].set_ylabel("seconds per epoch")
    panels[0].legend(frameon=False)
    return figure


def large_vocabulary(rival):
    """Vectorize and train on words and pairs of words; return times and peak memory."""
    reviews, y = imdb_text()
    if rival == "ours":
        import keras  # noqa: F401, so that the fit does not import it

        from sklearn_textnn import KerasBinaryReviewClassifier, MultiHotVectorizer

        vectorizer = MultiHotVectorizer(200_000, ngram_range=(1, 2))
        classifier = KerasBinaryReviewClassifier(epochs=20, random_state=0)
    else:
        from sklearn.feature_extraction.text import CountVectorizer
        from sklearn.neural_network import MLPClassifier

        vectorizer = CountVectorizer(
            ngram_range=(1, 2), max_features=200_000, binary=True, dtype=np.float32
        )
        classifier = MLPClassifier(
            (16, 16), batch_size=512, max_iter=20, n_iter_no_change=20, random_state=0
        )
    kept = []
    result = {"vectorizing": seconds(lambda: kept.append(vectorizer.fit_transform(reviews)))}
    result["peak, vectorizing"] = peak_megabytes()
    X = kept.pop()
    return result | {
        "non-zeros per row": X.nnz / X.shape[0],
        "training": seconds(classifier.fit, X, y),
        "peak": peak_megabytes(),
    }


def main(n_rounds):
    report = Report(
        "Growth",
        "tensorflow",
        "keras",
        "scikit-learn",
        rounds=n_rounds,
        data=("synthetic 0/1 vectors", IMDB_TEXT),
    )
    times = {
        what: {size: measure(what, size, n_rounds) for size in sizes}
        for what, sizes in GROWTH.items()
    }
    report.text(
        f"Time of an epoch of a 16-16-1 network in batches of 512. The data have {ROWS:,} rows, "
        f"{COLUMNS:,} columns and {NON_ZEROS} non-zeros per row, except for the size that grows. A "
        "first fit, which builds and traces the network, does not count."
    )
    report.figure(
        draw(times), "growth.png", "Time of an epoch against rows, columns and non-zeros per row"
    )
    for what, by_size in times.items():
        report.table(
            (f"time of an epoch by {what}", *(f"{size:,}" for size in by_size)),
            [
                (name, *(f"{row[name]:.3f} s" if name in row else "" for row in by_size.values()))
                for name in LINES
            ],
        )
    report_small_batches(report, n_rounds)
    report_optimizers(report, n_rounds)
    report_large_vocabulary(report, n_rounds)
    report.write()


def report_small_batches(report, n_rounds):
    """Report an epoch of small batches by columns, for an optimizer that can go by rows or not."""
    from sklearn_textnn import KerasBinaryReviewClassifier

    rows = []
    for optimizer, units in (("rmsprop", 16), ("rmsprop", 128), ("adam", 16)):
        times = []
        for n_columns in COLUMNS_OF_SMALL_BATCHES:
            X, y = multi_hot(ROWS, n_columns, NON_ZEROS)
            classifier = KerasBinaryReviewClassifier(
                units, batch_size=64, optimizer=optimizer, random_state=0
            )
            medians = in_turns(
                {
                    epochs: lambda c=classifier, e=epochs, X=X, y=y: c.set_params(epochs=e).fit(
                        X, y
                    )
                    for epochs in (1, 3)
                },
                n_rounds,
            )
            times.append((medians[3] - medians[1]) / 2)
        rows.append((optimizer, units, *(f"{time:.3f} s" for time in times)))
    report.text(
        f"Time of an epoch with one hidden layer and batches of 64, {ROWS:,} rows of {NON_ZEROS} "
        "non-zeros: half of what three epochs take more than one. With plain RMSprop, a step "
        "updates only the rows of the first kernel that its batch touches, if these are few."
    )
    columns = (f"{n:,} columns" for n in COLUMNS_OF_SMALL_BATCHES)
    report.table(("optimizer", "units", *columns), rows)


def report_optimizers(report, n_rounds):
    """Report later fits of other optimizers and shapes against MLPClassifier."""
    from sklearn.neural_network import MLPClassifier

    from sklearn_textnn import KerasBinaryReviewClassifier

    epochs, rows = 10, []
    for optimizer, n_rows, non_zeros, batch_size in OPTIMIZERS_AND_SHAPES:
        X, y = multi_hot(n_rows, COLUMNS, non_zeros)
        settings = dict(batch_size=batch_size, random_state=0)
        theirs = MLPClassifier((16, 16), max_iter=epochs, **settings)
        if optimizer == "sgd":
            theirs.set_params(solver="sgd", momentum=0.0)
        ours = KerasBinaryReviewClassifier(optimizer=optimizer, epochs=epochs, **settings)
        medians = in_turns(
            {
                "theirs": lambda m=theirs, X=X, y=y: m.fit(X, y),
                "ours": lambda m=ours, X=X, y=y: m.fit(X, y),
            },
            n_rounds,
        )
        times = [f"{medians[name] * 1e3:,.0f} ms" for name in ("theirs", "ours")]
        ratio = f"{medians['ours'] / medians['theirs']:.2f}"
        rows.append((optimizer, f"{n_rows:,}", non_zeros, batch_size, *times, ratio))
    report.text(
        f"Later fits of {epochs} epochs, 16-16-1, {COLUMNS:,} columns. MLPClassifier has Adam and "
        "SGD; beside the other optimizers it is trained with Adam."
    )
    report.table(
        (
            "optimizer",
            "rows",
            "non-zeros per row",
            "batch size",
            "`MLPClassifier`",
            "`KerasBinaryReviewClassifier`",
            "ratio",
        ),
        rows,
    )


def report_large_vocabulary(report, n_rounds):
    report.text(
        "A large vocabulary: the 200,000 most frequent words and pairs of words of 25,000 reviews, "
        "20 epochs. Each contender runs in its own process."
    )
    results = children_in_turns(
        {
            "`MultiHotVectorizer`, `KerasBinaryReviewClassifier`": ["ours"],
            "`CountVectorizer(binary=True)`, `MLPClassifier`": ["theirs"],
        },
        n_rounds,
    )
    report.table(
        (
            "",
            "non-zeros per row",
            "vectorizing",
            "training",
            "peak memory before training",
            "peak memory",
        ),
        [
            (
                name,
                f"{median_of(found, 'non-zeros per row'):.0f}",
                f"{median_of(found, 'vectorizing'):.1f} s",
                f"{median_of(found, 'training'):.1f} s",
                f"{median_of(found, 'peak, vectorizing'):,.0f} MB",
                f"{median_of(found, 'peak'):,.0f} MB",
            )
            for name, found in results.items()
        ],
    )


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # MLPClassifier does not converge
    if len(sys.argv) > 1 and sys.argv[1] in ("ours", "theirs"):
        print(json.dumps(large_vocabulary(sys.argv[1])))
    else:
        main(rounds_given())
