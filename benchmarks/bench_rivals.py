"""What can each neural network for scikit-learn do?

Asks each library the same questions and prints the answers: whether scikit-learn recognizes it as a
classifier, whether it accepts sparse input, what it records for each epoch, whether predicting
needs TensorFlow, and how many of scikit-learn's estimator checks fail.

    python benchmarks/bench_rivals.py
"""

import json
import pickle
import subprocess
import sys
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from _report import Report, in_child

RIVALS = {
    "KerasBinaryReviewClassifier": "sklearn_textnn",
    "MLPClassifier": "scikit-learn",
    "KerasClassifier": "scikeras",
    "SKLearnClassifier": "keras",
}


def dense_network(n_features, n_outputs=1, activation="sigmoid"):
    import keras

    return keras.Sequential(
        [
            keras.Input((n_features,)),
            keras.layers.Dense(16, "relu"),
            keras.layers.Dense(16, "relu"),
            keras.layers.Dense(n_outputs, activation),
        ]
    )


def scikeras_network(meta, compile_kwargs):
    return dense_network(meta["n_features_in_"])


def keras_network(X, y):
    model = dense_network(
        X.shape[1], y.shape[1], "softmax"
    )  # the wrapper one-hot encodes the labels
    model.compile("rmsprop", "categorical_crossentropy", metrics=["accuracy"])
    return model


def make(rival):
    """Return a 16-16-1 network of this rival with default settings."""
    if rival == "KerasBinaryReviewClassifier":
        from sklearn_textnn import KerasBinaryReviewClassifier

        return KerasBinaryReviewClassifier()
    if rival == "MLPClassifier":
        from sklearn.neural_network import MLPClassifier

        return MLPClassifier((16, 16))
    if rival == "KerasClassifier":
        from scikeras.wrappers import KerasClassifier

        return KerasClassifier(
            scikeras_network,
            loss="binary_crossentropy",
            optimizer="rmsprop",
            metrics=["accuracy"],
            epochs=20,
            verbose=0,
        )
    from keras.wrappers import SKLearnClassifier

    return SKLearnClassifier(keras_network, fit_kwargs={"epochs": 20, "verbose": 0})


def answers(rival):
    """Return the answers of this rival, as text for one column of the table."""
    from sklearn.base import is_classifier
    from sklearn.utils.estimator_checks import check_estimator

    warnings.simplefilter("ignore")
    result = {"`is_classifier`": yes(is_classifier(make(rival)))}
    rng = np.random.RandomState(0)
    dense = (rng.random_sample((200, 50)) < 0.1).astype(np.float32)
    y = dense[:, 0].astype(int)
    sparse = sp.csr_matrix(dense)
    result["sparse input"] = outcome(lambda: make(rival).fit(sparse, y))
    fitted = make(rival).fit(dense, y)
    result["recorded per epoch"] = recorded(fitted)
    result["the same, with a hold-out"] = recorded(with_hold_out(rival).fit(dense, y))
    result["`predict_proba`"] = outcome(lambda: fitted.predict_proba(dense))
    result["loads and predicts without TensorFlow"] = predicts_alone(fitted, dense)
    if rival == "SKLearnClassifier":  # has no seed of its own, and some checks compare scores
        import keras

        keras.utils.set_random_seed(0)
    # The checks come last: they set a random_state, and scikeras then makes TensorFlow
    # deterministic for the whole process.
    try:
        checks = Counter(c["status"] for c in check_estimator(make(rival), on_fail=None))
        result["estimator checks"] = f"{checks['failed']} of {checks.total()} fail"
    except Exception as error:
        result["estimator checks"] = f"stops with {type(error).__name__}"
    return result


def with_hold_out(rival):
    """Return the network of this rival, set to hold out a fifth of the rows while it trains."""
    network = make(rival)
    if rival == "KerasBinaryReviewClassifier":
        return network.set_params(validation_fraction=0.2)
    if rival == "MLPClassifier":
        return network.set_params(early_stopping=True, validation_fraction=0.2)
    if rival == "KerasClassifier":
        return network.set_params(validation_split=0.2)
    fit_kwargs = {"epochs": 20, "verbose": 0, "validation_split": 0.2}
    return network.set_params(fit_kwargs=fit_kwargs)


def recorded(fitted):
    """Return the names of what a fitted network has recorded for each epoch."""
    history = getattr(fitted, "history_", None)
    history = getattr(history, "history", history)
    if isinstance(history, dict):
        return ", ".join(history)
    names = {"loss_curve_": "loss", "validation_scores_": "validation accuracy"}
    return ", ".join(name for attribute, name in names.items() if getattr(fitted, attribute, None))


def yes(answer):
    return "yes" if answer else "**no**"


def outcome(function):
    try:
        function()
    except Exception as error:
        return f"**{type(error).__name__}**"
    return "yes"


def predicts_alone(fitted, X):
    code = (
        "import pickle, sys; sys.path.insert(0, sys.argv[1]); import bench_rivals;"
        "fitted, X = pickle.load(sys.stdin.buffer); fitted.predict(X);"
        "sys.exit('tensorflow' in sys.modules)"
    )
    try:
        pickled = pickle.dumps((fitted, X))
    except Exception:
        return "**no pickle**"
    folder = str(Path(__file__).parent)
    child = subprocess.run(
        [sys.executable, "-c", code, folder], input=pickled, capture_output=True, check=False
    )
    return yes(child.returncode == 0)


def main():
    report = Report(
        "Rivals",
        *("tensorflow", "keras", "scikit-learn", "scikeras"),
        data=["200 random 0/1 vectors, and the data of scikit-learn's estimator checks"],
    )
    columns = [in_child(rival) for rival in RIVALS]
    report.table(
        ["", *(f"{package}: `{rival}`" for rival, package in RIVALS.items())],
        [[question, *(column[question] for column in columns)] for question in columns[0]],
    )
    report.write()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        # A pickle refers to the builder of the network by its module, which must not be __main__.
        import bench_rivals

        print(json.dumps(bench_rivals.answers(sys.argv[1])))
    else:
        main()
