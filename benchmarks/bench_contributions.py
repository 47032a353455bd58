"""How long does it take to explain a prediction, and do the words that are found decide it?

Trains the network of the Keras tutorial on 20,000 reviews and explains held-out ones, by
`word_contributions` and by LIME, eli5 and SHAP with their default numbers of samples. The
contenders take turns. Then the words that support the prediction most are removed, the strongest
first, and the page says how many predictions change. LIME gets the words of the vectorizer, so that
all of them rank the same words.

    python benchmarks/bench_contributions.py [number of rounds, default 5] [reviews, default 200]
"""

import warnings

import matplotlib
import numpy as np
import scipy.sparse as sp
from _data import IMDB_TEXT, imdb_text
from _report import Report, in_turns, rounds_given
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sklearn_textnn import KerasBinaryReviewClassifier, MultiHotVectorizer, word_contributions

N_TRAIN = 20_000
EPOCHS = 4
REMOVED = (1, 2, 5, 10, 20, 50)
GRADIENTS, LEAVE_OUT = "`word_contributions`", '`word_contributions`, `"leave_one_out"`'
LIME, ELI5 = "LIME: `LimeTextExplainer`", "eli5: `TextExplainer`"
EXPECTED, DEEP = "SHAP: `GradientExplainer`", "SHAP: `DeepExplainer`"
COEFFICIENTS, RANDOM = "coefficients of `LogisticRegression`", "random words"
LINES = {  # contender: colour, line, marker
    GRADIENTS: ("#0072b2", "-", "o"),
    LEAVE_OUT: ("#56b4e9", "-", "v"),
    EXPECTED: ("#009e73", "--", "s"),
    DEEP: ("#cc79a7", "--", "D"),
    LIME: ("#d55e00", "--", "^"),
    COEFFICIENTS: ("#555555", ":", "P"),
    RANDOM: ("#999999", ":", "x"),
}


class Rivals:
    """LIME, eli5 and SHAP on the same pipeline."""

    def __init__(self, pipeline):
        import shap
        from lime.lime_text import LimeTextExplainer

        self._pipeline = pipeline
        self._analyze = pipeline[0].build_analyzer()
        self._columns = pipeline[0].vocabulary_
        self._lime = LimeTextExplainer(split_expression=r"\s+", random_state=0)
        model = logit_model(pipeline[-1].model_)
        empty = np.zeros((1, len(self._columns)), dtype=np.float32)
        self._shap = {name: getattr(shap, name[7:-1])(model, empty) for name in (EXPECTED, DEEP)}

    def lime(self, review):
        """Return the contributions of the strongest words to the probability of class 1."""
        text = " ".join(self._analyze(review))
        found = self._lime.explain_instance(
            text, self._pipeline.predict_proba, num_features=max(REMOVED)
        )
        row = np.zeros(len(self._columns))
        for word, weight in found.as_list():
            if word in self._columns:
                row[self._columns[word]] = weight
        return row

    def eli5(self, review):
        """Explain a review; its words are not compared, because eli5 is another form of LIME."""
        from eli5.lime import TextExplainer

        return TextExplainer(random_state=0).fit(review, self._pipeline.predict_proba)

    def shap(self, name, reviews):
        """Return the contributions to the logit of class 1."""
        X = self._pipeline[0].transform(reviews).toarray()
        seed = {"rseed": 0} if name == EXPECTED else {}
        return np.reshape(self._shap[name].shap_values(X, **seed), X.shape)


def logit_model(model):
    """Return a Keras model that ends before the sigmoid."""
    import keras

    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    copy.layers[-1].activation = keras.activations.linear
    return keras.Model(copy.inputs, copy.layers[-1](copy.layers[-2].output))


def times(report, pipeline, rivals, reviews, n_rounds):
    """Write how long an explanation takes: one call for each review, and one call for many."""
    few = reviews[:5]

    def one_by_one(explain, some):
        return lambda: [explain(review) for review in some]

    contenders = {
        GRADIENTS: (reviews, lambda review: word_contributions(pipeline, [review])),
        LEAVE_OUT: (
            reviews,
            lambda review: word_contributions(pipeline, [review], method="leave_one_out"),
        ),
        EXPECTED: (few, lambda review: rivals.shap(EXPECTED, [review])),
        DEEP: (few, lambda review: rivals.shap(DEEP, [review])),
        LIME: (few, rivals.lime),
        ELI5: (few, rivals.eli5),
    }
    medians = in_turns(
        {name: one_by_one(explain, some) for name, (some, explain) in contenders.items()}, n_rounds
    )
    one = {name: time / len(contenders[name][0]) for name, time in medians.items()}
    report.text(
        f"One review a call, from its text to the contributions of its words. On average, a review "
        f"has {np.mean([len(pipeline[0].build_analyzer()(review)) for review in reviews]):.0f} "
        "words."
    )
    report.table(
        ("", "time of a review", f"/ {GRADIENTS}"),
        [
            (name, f"{time * 1e3:,.2f} ms", f"{time / one[GRADIENTS]:,.1f}")
            for name, time in one.items()
        ],
    )


def times_of_many(report, pipeline, documents, n_rounds):
    """Write how long all reviews in one call take."""
    medians = in_turns(
        {
            GRADIENTS: lambda: word_contributions(pipeline, documents),
            LEAVE_OUT: lambda: word_contributions(pipeline, documents, method="leave_one_out"),
        },
        n_rounds,
    )
    report.text(f"{len(documents):,} reviews in one call, from their text.")
    report.table(
        ("", "time", "time of a review"),
        [
            (name, f"{time:.2f} s", f"{time / len(documents) * 1e3:.3f} ms")
            for name, time in medians.items()
        ],
    )


def deletion(report, pipeline, rivals, logistic, reviews):
    """Write how many predictions change without the words that support them most."""
    X = pipeline[0].transform(reviews)
    sides = np.where(pipeline[-1].decision_function(X) > 0, 1, -1)
    scores = {
        GRADIENTS: word_contributions(pipeline, reviews, target=1).contributions.toarray(),
        LEAVE_OUT: word_contributions(
            pipeline, reviews, target=1, method="leave_one_out"
        ).contributions.toarray(),
        EXPECTED: rivals.shap(EXPECTED, reviews),
        DEEP: rivals.shap(DEEP, reviews),
        LIME: np.array([rivals.lime(review) for review in reviews]),
        COEFFICIENTS: np.broadcast_to(logistic.coef_[0], X.shape),
        RANDOM: np.random.default_rng(0).random(X.shape) * sides[:, None],
    }
    changed = {
        name: changes(pipeline[-1], X, sides, contributions)
        for name, contributions in scores.items()
    }
    report.text(
        f"Part of {len(reviews)} predictions that change when the words that support them most are "
        "removed, the strongest first. Words that do not support the prediction stay."
    )
    report.table(
        ("words removed", *map(str, REMOVED)),
        [(name, *(f"{part:.1%}" for part in parts)) for name, parts in changed.items()],
    )
    report.figure(draw(changed), "contributions.png", "Changed predictions by words removed")


def changes(classifier, X, sides, contributions):
    """Return the part of the predictions that change, for each number of words removed."""
    rows, columns = X.nonzero()
    push = contributions[rows, columns] * sides[rows]
    order = np.lexsort((-push, rows))
    rows, columns, push = rows[order], columns[order], push[order]
    ranks = np.arange(len(rows)) - np.searchsorted(rows, rows)
    parts = []
    for n_removed in REMOVED:
        stay = (ranks >= n_removed) | (push <= 0)
        left = sp.csr_matrix((np.ones(stay.sum()), (rows[stay], columns[stay])), X.shape)
        parts.append(np.mean(classifier.decision_function(left) * sides <= 0))
    return parts


def draw(changed):
    """Return the deletion curves."""
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
    for name, (color, line, marker) in LINES.items():
        label = name.replace("`", "")
        ax.plot(REMOVED, changed[name], line, color=color, marker=marker, label=label)
    ax.set_xscale("log")
    ax.set_xticks(REMOVED, map(str, REMOVED))
    ax.minorticks_off()
    ax.set(xlabel="words removed from each review", ylabel="part of the predictions that change")
    ax.yaxis.set_major_formatter(matplotlib.ticker.PercentFormatter(1))
    ax.grid(alpha=0.3)
    ax.legend(frameon=False, fontsize="small")
    return figure


def main(n_rounds, n_reviews):
    warnings.simplefilter("ignore")  # SHAP and Keras warn about each other
    documents, y = imdb_text()
    pipeline = make_pipeline(
        MultiHotVectorizer(10_000), KerasBinaryReviewClassifier(epochs=EPOCHS, random_state=0)
    ).fit(documents[:N_TRAIN], y[:N_TRAIN])
    logistic = LogisticRegression(C=0.1, solver="saga", tol=0.01, random_state=0)
    logistic.fit(pipeline[0].transform(documents[:N_TRAIN]), y[:N_TRAIN])
    reviews = documents[N_TRAIN:][:n_reviews]
    report = Report(
        "Explaining predictions",
        *("tensorflow", "keras", "scikit-learn", "lime", "eli5", "shap"),
        rounds=n_rounds,
        data=[IMDB_TEXT],
    )
    report.text(
        f"10,000 words, a 16-16-1 network, {EPOCHS} epochs on {N_TRAIN:,} reviews, test accuracy "
        f"{pipeline.score(documents[N_TRAIN:], y[N_TRAIN:]):.3f}. LIME and eli5 predict 5,000 "
        "texts for each review, and `GradientExplainer` draws 200 points."
    )
    rivals = Rivals(pipeline)
    times(report, pipeline, rivals, reviews, n_rounds)
    times_of_many(report, pipeline, documents, n_rounds)
    deletion(report, pipeline, rivals, logistic, reviews)
    report.write()


if __name__ == "__main__":
    main(rounds_given(), rounds_given(2, default=200))
