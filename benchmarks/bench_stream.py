"""How long does it take to learn from a stream of documents, and how much memory does it need?

Reads the 25,000 training reviews of IMDB from a database in chunks of 5,000, 40 times over, which
are 1,000,000 documents. Each chunk is vectorized and passed to `partial_fit`; how long each of the
two takes is added up. A last pass predicts the 25,000 reviews. The rivals are scikit-learn's
HashingVectorizer with SGDClassifier and with MLPClassifier. Each contender runs in its own process.

    python benchmarks/bench_stream.py [number of rounds, default 5] [repetitions, default 40]
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
N_REVIEWS = 25_000


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


def hashing_vectorizer():
    from sklearn.feature_extraction.text import HashingVectorizer

    return HashingVectorizer(
        n_features=2**14, binary=True, norm=None, alternate_sign=False, dtype=np.float32
    )


def hashing_and_mlp(path):
    from sklearn.neural_network import MLPClassifier

    return hashing_vectorizer(), MLPClassifier((16, 16), batch_size=512, random_state=0)


def hashing_and_sgd(path):
    from sklearn.linear_model import SGDClassifier

    return hashing_vectorizer(), SGDClassifier(loss="log_loss", random_state=0)


CONTENDERS = {
    "`MultiHotVectorizer`, `KerasBinaryReviewClassifier`": ours,
    "`HashingVectorizer`, `MLPClassifier`": hashing_and_mlp,
    "`HashingVectorizer`, `SGDClassifier`": hashing_and_sgd,
}


def learn(vectorizer, classifier, stream, chunk_of_a_tenth):
    """Pass the stream to `partial_fit`; return the seconds of each part and the peak memory.

    The first chunk builds and traces a network. Its time does not count.
    """
    text = training = 0.0
    memory = []
    start = perf_counter()
    for i, (reviews, y) in enumerate(stream):
        X = vectorizer.transform(reviews)
        vectorized = perf_counter()
        classifier.partial_fit(X, y, classes=[0, 1])
        trained = perf_counter()
        if i > 0:
            text += vectorized - start
            training += trained - vectorized
        if i in (0, chunk_of_a_tenth):
            memory.append(peak_megabytes())
        start = perf_counter()
    return text, training, [*memory, peak_megabytes()]


def measure(contender, path, n_times):
    """Return the speed and the memory of learning a stream and of predicting the reviews."""
    vectorizer, classifier = contender(path)
    n_chunks = n_times * N_REVIEWS // CHUNK
    text, training, memory = learn(
        vectorizer, classifier, chunks(path, n_times), max(1, n_chunks // 10)
    )
    start, right = perf_counter(), 0
    for reviews, y in chunks(path, 1):
        right += int((classifier.predict(vectorizer.transform(reviews)) == y).sum())
    return {
        "learned": (n_chunks - 1) * CHUNK / (text + training),
        "text": text / (text + training),
        "predicted": N_REVIEWS / (perf_counter() - start),
        "first": memory[0],
        "tenth": memory[1],
        "after": memory[2],
        "accuracy": right / N_REVIEWS,
    }


def main(n_rounds, n_times):
    report = Report(
        "Streams", "tensorflow", "keras", "scikit-learn", rounds=n_rounds, data=[IMDB_TEXT]
    )
    report.text(
        f"The reviews are read from a database in chunks of {CHUNK:,}, {n_times} times over: "
        f"{n_times * N_REVIEWS:,} documents. The times include reading and vectorizing, which are "
        "the share of the text. `MultiHotVectorizer` has 10,000 columns and the vocabulary of the "
        "first chunk, `HashingVectorizer` has 16,384 columns. The networks are 16-16-1 with "
        "batches of 512. Each row of the table is a separate process. The first chunk does not "
        "count for the speed. Afterwards the 25,000 reviews are predicted."
    )
    with TemporaryDirectory() as folder:
        path = str(Path(folder) / "reviews.db")
        write_reviews(path)
        results = children_in_turns(
            {name: (name, path, str(n_times)) for name in CONTENDERS}, n_rounds
        )
    report.table(
        (
            "",
            "learned per second",
            "share of the text",
            "share of training",
            "predicted per second",
            "peak memory after a chunk",
            "after a tenth",
            "after learning",
            "training accuracy",
        ),
        [
            (
                name,
                f"{median_of(found, 'learned'):,.0f}",
                f"{median_of(found, 'text'):.0%}",
                f"{1 - median_of(found, 'text'):.0%}",
                f"{median_of(found, 'predicted'):,.0f}",
                f"{median_of(found, 'first'):,.0f} MB",
                f"{median_of(found, 'tenth'):,.0f} MB",
                f"{median_of(found, 'after'):,.0f} MB",
                f"{found[0]['accuracy']:.3f}",
            )
            for name, found in results.items()
        ],
    )
    report.write()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if len(sys.argv) > 1 and sys.argv[1] in CONTENDERS:
        contender = CONTENDERS[sys.argv[1]]
        print(json.dumps(measure(contender, sys.argv[2], int(sys.argv[3]))))
    else:
        main(rounds_given(), rounds_given(position=2, default=40))
