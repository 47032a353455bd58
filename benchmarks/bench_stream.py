"""What does a stream of documents cost that memory would not hold?

Reads the 25,000 reviews of IMDB from a database, once and ten times over, in chunks of 5,000
through a cursor; each chunk is vectorized and learned with `partial_fit`, and in a second pass
predicted. Next to it, scikit-learn's own way: HashingVectorizer and MLPClassifier.partial_fit. Each
in a process of its own; memory before is that with the vocabulary learned and one chunk done.

    python benchmarks/bench_stream.py [times that the reviews are repeated, 10 unless given]
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
from _data import imdb_text
from _report import Report, in_child, peak_megabytes

CHUNK = 5_000


def write_reviews(path):
    reviews, y = imdb_text()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE reviews (text, label)")
        rows = zip(reviews, y.tolist(), strict=True)
        database.executemany("INSERT INTO reviews VALUES (?, ?)", rows)


def chunks(path, n_times):
    """Yield lists of reviews and their labels, from the first row to the last, so many times."""
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
    """Return seconds and memory of learning a stream and of predicting it."""
    vectorizer, classifier = contender(path)
    n_documents = 0
    start = perf_counter()
    for i, (reviews, y) in enumerate(chunks(path, n_times)):
        classifier.partial_fit(vectorizer.transform(reviews), y, classes=[0, 1])
        if i == 0:  # the first chunk, in which a network is built and traced, does not count
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


def main(n_times):
    report = Report("Streams", "tensorflow", "keras", "scikit-learn")
    report.text(
        f"The 25,000 reviews of IMDB from a cursor, in chunks of {CHUNK:,}, once and "
        f"{n_times} times over; reading and vectorizing are part of every time. 10,000 columns for "
        "`MultiHotVectorizer`, whose vocabulary is that of the first chunk, and 16,384 for "
        "`HashingVectorizer`; 16-16-1, batches of 512. Each row is a process of its own; the first "
        "chunk does not count. Peak memory is that of the process so far."
    )
    rows = []
    with TemporaryDirectory() as folder:
        path = str(Path(folder) / "reviews.db")
        write_reviews(path)
        for name, contender in (
            ("`MultiHotVectorizer`, `KerasBinaryReviewClassifier`", "ours"),
            ("`HashingVectorizer`, `MLPClassifier`", "theirs"),
        ):
            for times in (1, n_times):
                found = in_child(contender, path, str(times))
                rows.append(
                    (
                        name,
                        f"{found['documents']:,}",
                        f"{found['learned']:,.0f} a second",
                        f"{found['predicted']:,.0f} a second",
                        f"{found['before']:,.0f} MB",
                        f"{found['after']:,.0f} MB",
                        f"{found['peak']:,.0f} MB",
                        f"{found['accuracy']:.3f}",
                    )
                )
    report.table(
        (
            "",
            "documents",
            "learned",
            "predicted",
            "peak after a chunk",
            "after learning",
            "after predicting",
            "training accuracy",
        ),
        rows,
    )
    report.write()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if len(sys.argv) > 2:
        contender = {"ours": ours, "theirs": theirs}[sys.argv[1]]
        print(json.dumps(measure(contender, sys.argv[2], int(sys.argv[3]))))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
