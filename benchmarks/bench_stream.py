"""How long does it take to learn from a stream of documents, and how much memory does it need?

Reads the 25,000 training reviews of IMDB from a database in chunks of 5,000, once and ten times
over. Each chunk is vectorized and passed to `partial_fit`. A second pass predicts each chunk. The
rival is scikit-learn with HashingVectorizer and MLPClassifier.partial_fit. Each contender runs in
its own process.

    python benchmarks/bench_stream.py [number of rounds, default 5] [repetitions, default 10]
"""

import json
import sqlite3
import sys
import warnings
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
from _data import IMDB_TEXT, imdb_text
from _report import Report, children_in_turns, median_of, peak_megabytes, rounds_given

CHUNK = 5_000


def write_reviews(path):
    reviews, y = imdb_text()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE reviews (text, label)")
        rows = zip(reviews, y.tolist(), strict=True)
        database.executemany("INSERT INTO reviews VALUES (?, ?)", rows)


def chunks(path, n_times):
    """Yield lists of reviews and their labels, from the first row to the last, `n_times` times."""
    with closing(sqlite3.connect(path)) as database:
        for _ in range(n_times):
            cursor = database.execute("SELECT text, label FROM reviews ORDER BY rowid")
            while rows := cursor.fetchmany(CHUNK):
                reviews, y = zip(*rows, strict=True)
                yield reviews, np.array(y)


def ours(path):
    from sklearn_textnn import KerasBinaryReviewClassifier, MultiHotVectorizer

    reviews, _ = next(chunks(path, 1))
    return MultiHotVectorizer(10_000).fit(reviews), KerasBinaryReviewClassifier(random_state=0)


def theirs(path):
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.neural_network import MLPClassifier

    vectorizer = HashingVectorizer(
        n_features=2**14, binary=True, norm=None, alternate_sign=False, dtype=np.float32
    )
    return vectorizer, MLPClassifier((16, 16), batch_size=512, random_state=0)


def measure(contender, path, n_times):
    """Return the speed and the memory of learning a stream and of predicting it."""
    vectorizer, classifier = contender(path)
    n_documents = 0
    start = perf_counter()
    for i, (reviews, y) in enumerate(chunks(path, n_times)):
        classifier.partial_fit(vectorizer.transform(reviews), y, classes=[0, 1])
        if i == 0:  # the first chunk builds and traces the network and does not count
            before, start = peak_megabytes(), perf_counter()
        else:
            n_documents += len(reviews)
    learned = perf_counter() - start
    after = peak_megabytes()
    start, right, n_predicted = perf_counter(), 0, 0
    for reviews, y in chunks(path, n_times):
        right += int((classifier.predict(vectorizer.transform(reviews)) == y).sum())
        n_predicted += len(reviews)
    return {
        "documents": n_predicted,
        "learned": n_documents / learned,
        "predicted": n_predicted / (perf_counter() - start),
        "before": before,
        "after": after,
        "peak": peak_megabytes(),
        "accuracy": right / n_predicted,
    }


def main(n_rounds, n_times):
    report = Report(
        "Streams", "tensorflow", "keras", "scikit-learn", rounds=n_rounds, data=[IMDB_TEXT]
    )
    report.text(
        f"The reviews are read from a database in chunks of {CHUNK:,}, once and {n_times} times "
        "over. The times include reading and vectorizing. `MultiHotVectorizer` has 10,000 columns "
        "and the vocabulary of the first chunk, `HashingVectorizer` has 16,384 columns. The "
        "network is 16-16-1 with batches of 512. Each row of the table is a separate process. The "
        "first chunk does not count for the speed."
    )
    names = {
        "`MultiHotVectorizer`, `KerasBinaryReviewClassifier`": "ours",
        "`HashingVectorizer`, `MLPClassifier`": "theirs",
    }
    with TemporaryDirectory() as folder:
        path = str(Path(folder) / "reviews.db")
        write_reviews(path)
        results = children_in_turns(
            {
                (name, times): (contender, path, str(times))
                for name, contender in names.items()
                for times in (1, n_times)
            },
            n_rounds,
        )
    report.table(
        (
            "",
            "documents",
            "learned per second",
            "predicted per second",
            "peak memory after a chunk",
            "after learning",
            "after predicting",
            "training accuracy",
        ),
        [
            (
                name,
                f"{found[0]['documents']:,}",
                f"{median_of(found, 'learned'):,.0f}",
                f"{median_of(found, 'predicted'):,.0f}",
                f"{median_of(found, 'before'):,.0f} MB",
                f"{median_of(found, 'after'):,.0f} MB",
                f"{median_of(found, 'peak'):,.0f} MB",
                f"{found[0]['accuracy']:.3f}",
            )
            for (name, _), found in results.items()
        ],
    )
    report.write()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if len(sys.argv) > 1 and sys.argv[1] in ("ours", "theirs"):
        contender = {"ours": ours, "theirs": theirs}[sys.argv[1]]
        print(json.dumps(measure(contender, sys.argv[2], int(sys.argv[3]))))
    else:
        main(rounds_given(), rounds_given(position=2, default=10))
