"""What a practitioner would pick for texts and labels, each with the settings that are tried."""

import os

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfVectorizer,
)
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import MultinomialNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC

WORDS, PAIRS, TRIPLES = (1, 1), (1, 2), (1, 3)
TWO_CLASSES = ("reviews", "snippets")


def of_kind(classifier, kind):
    """Return a classifier that can learn several topics if need be, and its parameters' prefix."""
    if kind == "several topics":
        return OneVsRestClassifier(classifier), "classifier__estimator__"
    return classifier, "classifier__"


def most_frequent(kind, seed):
    return DummyClassifier(strategy="prior"), {}


def naive_bayes(kind, seed):
    classifier, prefix = of_kind(MultinomialNB(), kind)
    pipeline = Pipeline([("vectorizer", CountVectorizer(binary=True)), ("classifier", classifier)])
    return pipeline, {
        "vectorizer__ngram_range": [WORDS, PAIRS],
        f"{prefix}alpha": [0.001, 0.01, 0.1, 1],
    }


def logistic_regression(kind, seed):
    classifier, prefix = LogisticRegression(solver="liblinear"), "classifier__"
    if kind not in TWO_CLASSES:  # which is all that this solver can do
        classifier, prefix = OneVsRestClassifier(classifier), "classifier__estimator__"
    pipeline = Pipeline(
        [("vectorizer", TfidfVectorizer(sublinear_tf=True)), ("classifier", classifier)]
    )
    return pipeline, {
        "vectorizer__ngram_range": [WORDS, PAIRS],
        f"{prefix}C": [1, 10, 100, 1_000],
    }


def linear_svc(kind, seed):
    classifier, prefix = of_kind(LinearSVC(), kind)
    pipeline = Pipeline(
        [("vectorizer", TfidfVectorizer(sublinear_tf=True)), ("classifier", classifier)]
    )
    return pipeline, {
        "vectorizer__ngram_range": [WORDS, PAIRS],
        f"{prefix}C": [0.1, 0.3, 1, 3, 10, 30],
    }


def nb_svm(kind, seed):
    from sklearn_textnn import LogCountRatioTransformer

    classifier, prefix = of_kind(LinearSVC(), kind)
    pipeline = Pipeline(
        [
            ("vectorizer", CountVectorizer(binary=True, dtype=np.float32)),
            ("ratios", LogCountRatioTransformer()),
            ("classifier", classifier),
        ]
    )
    strengths = {None: [0.003, 0.01, 0.03, 0.1, 0.3], "l2": [0.1, 0.3, 1, 3, 10, 30]}
    return pipeline, [
        {
            "vectorizer__ngram_range": [PAIRS, TRIPLES],
            "ratios__norm": [norm],
            f"{prefix}C": strengths[norm],
        }
        for norm in strengths
    ]


def hashing_and_sgd(kind, seed):
    classifier, prefix = of_kind(SGDClassifier(loss="log_loss", random_state=seed), kind)
    pipeline = Pipeline([("vectorizer", HashingVectorizer()), ("classifier", classifier)])
    return pipeline, {
        "vectorizer__ngram_range": [WORDS, PAIRS],
        f"{prefix}alpha": [1e-7, 1e-6, 1e-5, 1e-4],
    }


def mlp(kind, seed):
    pipeline = Pipeline(
        [
            ("vectorizer", TfidfVectorizer(max_features=30_000, dtype=np.float32)),
            ("classifier", MLPClassifier(64, random_state=seed)),
        ]
    )
    return pipeline, {"classifier__max_iter": [2, 5, 10, 20, 40]}


class FastText(ClassifierMixin, BaseEstimator):
    """fastText's supervised training as a classifier of texts."""

    def __init__(self, lr=0.1, epoch=5, word_ngrams=2, seed=0):
        self.lr = lr
        self.epoch = epoch
        self.word_ngrams = word_ngrams
        self.seed = seed

    def fit(self, X, y):
        from tempfile import NamedTemporaryFile

        import fasttext

        y = np.asarray(y)
        self.multilabel_ = y.ndim == 2
        self.classes_ = np.arange(y.shape[1]) if self.multilabel_ else np.unique(y)
        with NamedTemporaryFile("w", suffix=".txt", encoding="utf-8", delete=False) as file:
            for text, target in zip(X, y, strict=True):
                labels = np.flatnonzero(target) if self.multilabel_ else [target]
                names = " ".join(f"__label__{label}" for label in labels)
                file.write(f"{names} {_one_line(text)}\n")
        try:
            self.model_ = fasttext.train_supervised(
                file.name,
                lr=self.lr,
                epoch=self.epoch,
                wordNgrams=self.word_ngrams,
                loss="ova" if self.multilabel_ else "softmax",
                bucket=500_000,
                thread=os.cpu_count(),
                seed=self.seed,
                verbose=0,
            )
        finally:
            os.unlink(file.name)
        return self

    def predict_proba(self, X):
        probabilities = np.zeros((len(X), len(self.classes_)))
        columns = {f"__label__{label}": i for i, label in enumerate(self.classes_)}
        # Of its two ways to predict, that of one text fails with NumPy 2.
        found = self.model_.predict([_one_line(text) for text in X], k=len(self.classes_))
        for row, (labels, values) in enumerate(zip(*found, strict=True)):
            probabilities[row, [columns[label] for label in labels]] = values
        return np.clip(probabilities, 0, 1)

    def predict(self, X):
        probabilities = self.predict_proba(X)
        if self.multilabel_:
            return (probabilities > 0.5).astype(int)
        return self.classes_[probabilities.argmax(axis=1)]


def _one_line(text):
    """Return a text as fastText should see it, in lower case and with punctuation apart."""
    import re

    return " ".join(re.findall(r"\w+|[^\w\s]", text.lower()))


def fasttext(kind, seed):
    import fasttext  # noqa: F401, so that the fit does not import it

    return FastText(seed=seed), {"lr": [0.1, 0.5, 1.0, 2.0], "epoch": [5, 25, 50]}


def string_encoder(kind, seed):
    if kind == "several topics":
        return None
    from skrub import StringEncoder

    pipeline = Pipeline(
        [
            ("column", FunctionTransformer(_column)),
            ("encoder", StringEncoder(random_state=seed)),
            ("classifier", HistGradientBoostingClassifier(random_state=seed)),
        ]
    )
    return pipeline, {"encoder__n_components": [30, 100]}


def _column(X):
    import pandas as pd

    return pd.Series(list(X), name="text")


def scikeras_network(meta, hidden):
    """Return the network of the Keras tutorial."""
    import keras

    several = meta["target_type_"].startswith("multilabel")
    two = meta["target_type_"] == "binary"
    return keras.Sequential(
        [
            keras.Input((meta["n_features_in_"],)),
            *(keras.layers.Dense(hidden, "relu") for _ in range(2)),
            keras.layers.Dense(
                1 if two else meta["n_classes_"], "sigmoid" if two or several else "softmax"
            ),
        ]
    )


def scikeras_tutorial(kind, seed):
    from scikeras.wrappers import KerasClassifier

    two = kind in TWO_CLASSES
    classifier = KerasClassifier(
        scikeras_network,
        model__hidden=16 if two else 64,
        loss="sparse_categorical_crossentropy" if kind == "topics" else "binary_crossentropy",
        optimizer="rmsprop",
        batch_size=512,
        random_state=seed,
        verbose=0,
    )
    vectorizer = CountVectorizer(binary=True, max_features=10_000, dtype=np.float32)
    pipeline = Pipeline(
        [
            ("vectorizer", vectorizer),
            ("dense", FunctionTransformer(_dense, accept_sparse=True)),
            ("classifier", classifier),
        ]
    )
    return pipeline, {"classifier__epochs": [4, 10, 20, 40]}


def _dense(X):
    return X.toarray()


def tutorial(kind, seed):
    from sklearn_textnn import (
        KerasBinaryReviewClassifier,
        KerasTopicClassifier,
        MultiHotVectorizer,
    )

    network = KerasBinaryReviewClassifier if kind in TWO_CLASSES else KerasTopicClassifier
    pipeline = Pipeline(
        [("vectorizer", MultiHotVectorizer()), ("classifier", network(random_state=seed))]
    )
    return pipeline, {"classifier__epochs": range(1, 41)}


def recipe(kind, seed):
    """Return the recipe of the user guide for this kind of corpus."""
    from sklearn_textnn import (
        KerasBinaryReviewClassifier,
        KerasTopicClassifier,
        LogCountRatioTransformer,
        MultiHotVectorizer,
    )

    shared = dict(dropout=0.5, batch_size=64, random_state=seed)
    if kind == "reviews":
        vectorizer = MultiHotVectorizer(num_words=None, ngram_range=TRIPLES, min_df=2)
        weights = LogCountRatioTransformer()
        network, epochs = KerasBinaryReviewClassifier(64, **shared), range(1, 7)
    elif kind == "snippets":
        vectorizer = MultiHotVectorizer(num_words=None, ngram_range=TRIPLES)
        weights = LogCountRatioTransformer()
        network = KerasBinaryReviewClassifier(64, learning_rate=3e-3, **shared)
        epochs = range(1, 9)
    elif kind == "topics":
        vectorizer = CountVectorizer(dtype=np.float32)
        weights = LogCountRatioTransformer(norm="l2", sublinear_tf=True)
        network = KerasTopicClassifier(256, learning_rate=0.01, **shared)
        epochs = range(1, 16)
    else:
        vectorizer = CountVectorizer(dtype=np.float32)
        weights = LogCountRatioTransformer(sublinear_tf=True)
        network = KerasTopicClassifier(256, learning_rate=0.01, **shared)
        epochs = range(1, 31)
    pipeline = Pipeline([("vectorizer", vectorizer), ("weights", weights), ("classifier", network)])
    return pipeline, {"classifier__epochs": epochs}


def search_class(contender):
    """Return the grid search for a contender: epochs for the price of one training for ours."""
    if contender in (tutorial, recipe):
        from sklearn_textnn import EpochGridSearchCV

        return EpochGridSearchCV
    return GridSearchCV


CONTENDERS = {  # name on the page: function of kind and seed, packages to install
    "most frequent class": (most_frequent, ("scikit-learn",)),
    "naive Bayes": (naive_bayes, ("scikit-learn",)),
    "tf-idf, `LogisticRegression`": (logistic_regression, ("scikit-learn",)),
    "tf-idf, `LinearSVC`": (linear_svc, ("scikit-learn",)),
    "log-count ratios, `LinearSVC` (NB-SVM)": (nb_svm, ("scikit-learn",)),
    "`HashingVectorizer`, `SGDClassifier`": (hashing_and_sgd, ("scikit-learn",)),
    "tf-idf, `MLPClassifier`": (mlp, ("scikit-learn",)),
    "fastText": (fasttext, ("fasttext-community",)),
    "skrub `StringEncoder`, gradient boosting": (string_encoder, ("skrub",)),
    "scikeras, the tutorial's network": (scikeras_tutorial, ("scikeras", "tensorflow")),
    "sklearn_textnn, defaults": (tutorial, ("sklearn-textnn",)),
    "sklearn_textnn, recipe": (recipe, ("sklearn-textnn",)),
}
