"""How long do 20 epochs of the networks of the Keras tutorial take, and how much memory?

Each contender trains in its own process, with all imports done and the data in memory. The
processes take turns. All contenders except MLPClassifier, which does not accept validation data,
are validated after each epoch. Peak memory is that of the whole process, including data and
imports. Where a C compiler is found, floor.c shows what the arithmetic alone takes on one thread.

    python benchmarks/bench_training.py [number of rounds, default 5]
"""

import ctypes
import json
import os
import shutil
import statistics
import subprocess
import sys
import warnings
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import _data
import numpy as np
from _report import (
    Report,
    children_in_turns,
    median,
    median_of,
    peak_megabytes,
    rounds_given,
    seconds,
)

EPOCHS = 20
UNITS = {"imdb": (16, 16), "reuters": (64, 64)}
COMPILER = shutil.which(os.environ.get("CC", "cc"))


def sklearn_textnn(task, X, y, X_val, y_val):
    import keras  # noqa: F401, so that the first fit does not import it

    from sklearn_textnn import KerasBinaryReviewClassifier, KerasTopicClassifier

    make = {"imdb": KerasBinaryReviewClassifier, "reuters": KerasTopicClassifier}[task]
    return lambda: make(epochs=EPOCHS, random_state=0).fit(X, y, X_val=X_val, y_val=y_val)


def mlp_classifier(task, X, y, X_val, y_val):
    from sklearn.neural_network import MLPClassifier

    mlp = MLPClassifier(
        UNITS[task], batch_size=512, max_iter=EPOCHS, n_iter_no_change=EPOCHS, random_state=0
    )
    return lambda: mlp.fit(X, y)


def keras_model(task, n_features, sparse=False):
    import keras

    n_outputs = {"imdb": 1, "reuters": 46}[task]
    first, second = UNITS[task]
    model = keras.Sequential(
        [
            keras.Input((n_features,), sparse=sparse),
            keras.layers.Dense(first, "relu"),
            keras.layers.Dense(second, "relu"),
            keras.layers.Dense(n_outputs, "sigmoid" if task == "imdb" else "softmax"),
        ]
    )
    model.compile("rmsprop", keras_loss(task), metrics=["accuracy"])
    return model


def keras_loss(task):
    return "binary_crossentropy" if task == "imdb" else "sparse_categorical_crossentropy"


def keras_dense(task, X, y, X_val, y_val):
    X, X_val = X.toarray(), X_val.toarray()
    import keras  # noqa: F401

    return lambda: keras_model(task, X.shape[1]).fit(
        X, y, epochs=EPOCHS, batch_size=512, validation_data=(X_val, y_val), verbose=0
    )


def keras_sparse(task, X, y, X_val, y_val):
    import keras  # noqa: F401

    return lambda: keras_model(task, X.shape[1], sparse=True).fit(
        X, y, epochs=EPOCHS, batch_size=512, validation_data=(X_val, y_val), verbose=0
    )


def scikeras(task, X, y, X_val, y_val):
    from scikeras.wrappers import KerasClassifier

    X, X_val = X.toarray(), X_val.toarray()  # scikeras would convert CSR to LIL
    classifier = KerasClassifier(
        keras_model(task, X.shape[1]), epochs=EPOCHS, batch_size=512, verbose=0, random_state=0
    )
    return lambda: classifier.fit(X, y, validation_data=(X_val, y_val))


def plain_c(task, X, y, X_val, y_val):
    """Return a function that does the arithmetic of `sklearn_textnn` in C on one thread."""
    with TemporaryDirectory() as folder:
        library = Path(folder) / "floor.so"
        source = Path(__file__).with_name("floor.c")
        options = ["-O3", "-march=native", "-ffast-math", "-shared", "-fPIC"]
        subprocess.run([COMPILER, *options, "-o", library, source, "-lm"], check=True)
        code = ctypes.CDLL(str(library))
    code.train.restype = code.validate.restype = ctypes.c_double
    n_features = X.shape[1]
    sizes = [n_features, *UNITS[task], 1]
    rows = [X.indptr, X.indices, y.astype(np.float32)]
    held_out = [X_val.indptr, X_val.indices, y_val.astype(np.float32)]

    def fit():
        rng = np.random.default_rng(0)
        parameters = []
        for n_in, n_out in pairwise(sizes):
            limit = np.sqrt(6 / (n_in + n_out))
            parameters += [rng.uniform(-limit, limit, n_in * n_out), np.zeros(n_out)]
        parameters = np.concatenate(parameters).astype(np.float32)
        gradient, mean_square = np.zeros_like(parameters), np.zeros_like(parameters)
        for _ in range(EPOCHS):
            order, right = rng.permutation(X.shape[0]), np.zeros(1, np.int64)
            learned = [parameters, gradient, mean_square]
            code.train(*_in_c(*learned, n_features, *rows, order, X.shape[0], 512))
            loss = code.validate(*_in_c(parameters, n_features, *held_out, X_val.shape[0], right))
        assert loss / X_val.shape[0] < 0.7, "the network in C has learned nothing"
        assert right[0] / X_val.shape[0] > 0.85

    return fit


def _in_c(*arguments):
    return [
        ctypes.c_int64(argument)
        if isinstance(argument, int)
        else argument.ctypes.data_as(ctypes.c_void_p)
        for argument in arguments
    ]


CONTENDERS = {
    "`sklearn_textnn`, CSR": sklearn_textnn,
    "`MLPClassifier`, CSR, no validation": mlp_classifier,
    "`keras.Model.fit`, dense float32": keras_dense,
    "`keras.Model.fit`, CSR": keras_sparse,
    "`scikeras`, dense float32": scikeras,
    "the arithmetic in C, one thread": plain_c,
}
FITS = {
    sklearn_textnn: 3,
    mlp_classifier: 3,
    keras_dense: 1,
    keras_sparse: 1,
    scikeras: 1,
    plain_c: 3,
}


def child(task, contender):
    warnings.simplefilter("ignore")
    fit = contender(task, *getattr(_data, task)())
    times = [seconds(fit) for _ in range(FITS[contender])]
    print(json.dumps({"times": times, "peak": peak_megabytes()}))


def main(n_rounds):
    report = Report(
        "Training",
        *("tensorflow", "keras", "scikit-learn", "scikeras"),
        rounds=n_rounds,
        data=[_data.imdb_source(), _data.REUTERS],
    )
    for task, what in (
        ("imdb", "IMDB: 15,000 reviews, 10,000 held out, a 16-16-1 network"),
        ("reuters", "Reuters: 7,982 newswires, 1,000 held out, a 64-64-46 network"),
    ):
        contenders = dict(CONTENDERS)
        if task != "imdb" or COMPILER is None:
            del contenders["the arithmetic in C, one thread"]
        rounds = children_in_turns(
            {name: (task, contender.__name__) for name, contender in contenders.items()}, n_rounds
        )
        first, later, peak = {}, {}, {}
        for name, runs in rounds.items():
            first[name] = median([run["times"][0] for run in runs])
            later[name] = median(
                [statistics.median(run["times"][1:] or run["times"]) for run in runs]
            )
            peak[name] = median_of(runs, "peak")
        baseline = later["`MLPClassifier`, CSR, no validation"]
        report.text(
            f"{what}, {EPOCHS} epochs in batches of 512. The ratios are relative to the later fits "
            "of `MLPClassifier`, which are not validated after each epoch."
        )
        report.table(
            [
                "",
                "first fit",
                "later fits",
                "first fit / `MLPClassifier`",
                "later fits / `MLPClassifier`",
                "peak memory",
            ],
            [
                (
                    name,
                    f"{first[name]:.2f} s",
                    f"{later[name]:.2f} s" if FITS[contender] > 1 else "",
                    f"{first[name] / baseline:.2f}",
                    f"{later[name] / baseline:.2f}" if FITS[contender] > 1 else "",
                    f"{peak[name]:,.0f} MB",
                )
                for name, contender in contenders.items()
            ],
        )
    report.write()


if __name__ == "__main__":
    if len(sys.argv) > 2:
        child(sys.argv[1], globals()[sys.argv[2]])
    else:
        main(rounds_given())
