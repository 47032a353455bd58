"""How long does it take to predict one document, 25,000 documents, and one in a new process?

Compares a pipeline of MultiHotVectorizer and KerasBinaryReviewClassifier with a pipeline of
CountVectorizer and MLPClassifier, and with Keras on dense vectors. Keras uses the same vectorizer
and the same trained network as the first pipeline. The contenders take turns.

    python benchmarks/bench_predicting.py [number of rounds, default 9]
"""

import json
import pickle
import statistics
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
from _data import IMDB_TEXT, imdb_text
from _report import Report, in_turns, median, rounds_given, seconds
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline

from sklearn_textnn import KerasBinaryReviewClassifier, MultiHotVectorizer

EPOCHS = 4
N_ROWS = 25_000
OURS = "`sklearn_textnn`"
SKLEARN = "scikit-learn: `MLPClassifier`"
KERAS = "Keras: `predict`, dense float32"

LOAD_PICKLE = """
import pickle
with open(path, "rb") as file:
    pipeline = pickle.load(file)
pipeline.predict_proba([document])
"""
LOAD_KERAS = """
import pickle
with open(path, "rb") as file:
    vectorizer = pickle.load(file)
import keras
keras.models.load_model(path + ".keras").predict(
    vectorizer.transform([document]).toarray(), verbose=0
)
"""
CHILD = """
import sys
path, document = sys.argv[1:]
{}
import json
sys.path.insert(0, {!r})
from _report import peak_megabytes
print(json.dumps([peak_megabytes(), "tensorflow" in sys.modules]))
"""


def one_document(report, ours, theirs, reviews, n_rounds):
    vectorizer, model = ours[0], ours[-1].model_
    contenders = {
        OURS: (100, lambda review: ours.predict_proba([review])),
        SKLEARN: (100, lambda review: theirs.predict_proba([review])),
        KERAS: (
            10,
            lambda review: model.predict(vectorizer.transform([review]).toarray(), verbose=0),
        ),
        "Keras: call of the model, dense float32": (
            10,
            lambda review: np.asarray(model(vectorizer.transform([review]).toarray())),
        ),
    }
    times = {name: [] for name in contenders}
    for _ in range(n_rounds + 1):
        for name, (n_documents, predict) in contenders.items():
            calls = [seconds(predict, review) for review in reviews[:n_documents]]
            times[name].append(statistics.median(calls))
    medians = {name: median(rounds[1:]) for name, rounds in times.items()}
    report.text("One document, from text to probabilities. Times are medians of single calls.")
    table(report, medians, "ms", 1e3, "{:.3f}")


def many_rows(report, ours, mlp, X, n_rounds):
    model = ours[-1].model_

    def keras_in_batches():
        for start in range(0, X.shape[0], 2_048):
            model.predict_on_batch(X[start : start + 2_048].toarray())

    medians = in_turns(
        {
            OURS: lambda: ours[-1].predict_proba(X),
            SKLEARN: lambda: mlp.predict_proba(X),
            "Keras: `predict_on_batch`, 2,048 dense rows at a time": keras_in_batches,
        },
        n_rounds,
    )
    report.text(f"{X.shape[0]:,} reviews that are already vectorized.")
    table(report, medians, "ms", 1e3, "{:.1f}")


def new_process(report, ours, theirs, document, n_rounds):
    with tempfile.TemporaryDirectory() as folder:
        codes, sizes = {}, {}
        for name, fitted in ((OURS, ours), (SKLEARN, theirs), (KERAS, ours[0])):
            path = Path(folder) / f"{len(codes)}.pickle"
            path.write_bytes(pickle.dumps(fitted))
            codes[name] = (LOAD_KERAS if name == KERAS else LOAD_PICKLE, path)
            sizes[name] = path.stat().st_size / 1e6
        ours[-1].model_.save(f"{path}.keras")
        sizes[KERAS] += Path(f"{path}.keras").stat().st_size / 1e6
        outputs = {}

        def run(name):
            code, path = codes[name]
            outputs[name] = subprocess.run(
                [
                    sys.executable,
                    "-c",
                    CHILD.format(code, str(Path(__file__).parent)),
                    str(path),
                    document,
                ],
                check=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            ).stdout

        medians = in_turns({name: lambda name=name: run(name) for name in codes}, n_rounds)
        peaks = {name: json.loads(text.splitlines()[-1]) for name, text in outputs.items()}
    report.text(
        "A new Python process that loads a saved model and predicts one document. The time is that "
        "of the whole process. For Keras, the model is in one file and the vectorizer in another."
    )
    report.table(
        ("", "time", f"/ {SKLEARN}", "size of the files", "peak memory", "imports TensorFlow"),
        [
            (
                name,
                f"{medians[name]:.2f} s",
                f"{medians[name] / medians[SKLEARN]:.2f}",
                f"{sizes[name]:.2f} MB",
                f"{peaks[name][0]:,.0f} MB",
                "yes" if peaks[name][1] else "no",
            )
            for name in codes
        ],
    )


def table(report, medians, unit, scale, form):
    report.table(
        ("", "time", f"/ {SKLEARN}"),
        [
            (name, f"{form.format(time * scale)} {unit}", f"{time / medians[SKLEARN]:.2f}")
            for name, time in medians.items()
        ],
    )


def main(n_rounds):
    warnings.simplefilter("ignore")  # MLPClassifier does not converge
    reviews, y = imdb_text()
    reviews, y = reviews[:N_ROWS], y[:N_ROWS]
    ours = make_pipeline(
        MultiHotVectorizer(10_000), KerasBinaryReviewClassifier(epochs=EPOCHS, random_state=0)
    )
    mlp = MLPClassifier((16, 16), batch_size=512, max_iter=EPOCHS, random_state=0)
    theirs = make_pipeline(CountVectorizer(binary=True, max_features=10_000), mlp)
    ours.fit(reviews, y)
    theirs.fit(reviews, y)
    X = ours[0].transform(reviews)
    report = Report(
        "Predicting", "tensorflow", "keras", "scikit-learn", rounds=n_rounds, data=[IMDB_TEXT]
    )
    report.text(
        f"10,000 words, a 16-16-1 network, {EPOCHS} epochs. Keras predicts with the vectorizer and "
        "with `model_`, the trained network, of `sklearn_textnn`."
    )
    one_document(report, ours, theirs, reviews, n_rounds)
    many_rows(report, ours, MLPClassifier(**mlp.get_params()).fit(X, y), X, n_rounds)
    new_process(report, ours, theirs, reviews[0], n_rounds)
    report.write()


if __name__ == "__main__":
    main(rounds_given(default=9))
