"""
What do pairs of words add, and which network can use them?
===========================================================

With the default settings, the network sees which of 10,000 words a review
contains, and its test accuracy stays below 0.90. "Not good, just long" and
"just good, not long" are the same review to it. In this example the columns
are the 200,000 most frequent words and pairs of adjacent words, nearly all of
them rare. Which settings does the classifier need to learn from them? All
choices are made on held-out training reviews. The test reviews are used only
at the end.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline

from sklearn_textnn import (
    KerasBinaryReviewClassifier,
    MultiHotVectorizer,
    TrainingCurveDisplay,
)
from sklearn_textnn.datasets import fetch_imdb

# %%
# The reviews
# -----------
# The integers of the Keras data set are turned back into text, which contains
# pairs of words too. Half of the reviews are positive.

imdb = fetch_imdb(num_words=None)
imdb_test = fetch_imdb(subset="test", num_words=None)
documents = [imdb.decode(review) for review in imdb.data]
documents_test = [imdb.decode(review) for review in imdb_test.data]
y, y_test = imdb.target, imdb_test.target
print(documents[0][:200], "...")

# %%
# Words and pairs as 0/1 vectors
# ------------------------------
# Columns are sorted by frequency. The first 10,000 columns that are single
# words are therefore the columns of ``MultiHotVectorizer(num_words=10_000)``,
# and vectorizing once is enough.

vectorizer = MultiHotVectorizer(num_words=200_000, ngram_range=(1, 2))
X = {"pairs": vectorizer.fit_transform(documents)}
X_test = {"pairs": vectorizer.transform(documents_test)}
terms = vectorizer.get_feature_names_out()
is_pair = np.array([" " in term for term in terms])
frequent_words = np.flatnonzero(~is_pair)[:10_000]
X["words"] = X["pairs"][:, frequent_words]
X_test["words"] = X_test["pairs"][:, frequent_words]
n_val = 2 * len(y) // 5
y_val, y_train = y[:n_val], y[n_val:]

in_reviews = X["pairs"].getnnz(axis=0)
print(f"{is_pair.mean():.0%} of the columns are pairs")
print(
    f"Half occur in {np.median(in_reviews):.0f} of {len(y):,} reviews or less"
)
found = [
    term
    for term in vectorizer.inverse_transform(X["pairs"][:1])[0]
    if " " in term
]
print("Rarest pairs in the first review:", *found[-6:], sep="\n    ")

# %%
# Linear models
# -------------
# The baselines are logistic regression on words, and on words and pairs
# (called "pairs" in this example). ``C`` is chosen on the held-out reviews.
# The last baseline weights the columns with tf-idf first, so that rare columns
# count more.


def logistic_regression(C):
    return LogisticRegression(
        C=C, solver="liblinear", dual=True, tol=0.01, random_state=0
    )


def with_tfidf(C):
    return make_pipeline(TfidfTransformer(), logistic_regression(C))


held_out, to_test = {}, {}
for name, columns, make, grid in [
    ("LogisticRegression", "words", logistic_regression, (0.03, 0.1, 0.3)),
    ("LogisticRegression", "pairs", logistic_regression, (0.03, 0.1, 0.3)),
    ("LogisticRegression, tf-idf", "pairs", with_tfidf, (30, 100, 300)),
]:
    tried = []
    for C in grid:
        model = make(C).fit(X[columns][n_val:], y_train)
        loss = log_loss(y_val, model.predict_proba(X[columns][:n_val]))
        tried.append((loss, model.score(X[columns][:n_val], y_val), C))
    _, held_out[name, columns], C = min(tried)
    to_test[name, columns] = make(C)

# %%
# Three networks
# --------------
# - The default network, with the settings of the `Keras tutorial
#   <https://github.com/fchollet/deep-learning-with-python-notebooks/blob/master/second_edition/chapter04_getting-started-with-neural-networks.ipynb>`_.
# - The same without hidden layers, which is logistic regression trained like a
#   network.
# - The settings that were best in a search on the held-out reviews: one hidden
#   layer with a dropout of 0.8, and Adam instead of RMSprop. Each step updates
#   3.2 million weights, so there are fewer steps: the batches are four times
#   as large, and so is the learning rate.

networks = {
    "no hidden layer": dict(units=(), learning_rate=3e-3, epochs=8),
    "default network": dict(units=(16, 16), epochs=8),
    "tuned network": dict(
        units=(16,),
        dropout=0.8,
        optimizer="adam",
        learning_rate=4e-3,
        batch_size=2048,
        epochs=10,
    ),
}
fitted = {}
for columns in ("words", "pairs"):
    for name, setting in networks.items():
        network = KerasBinaryReviewClassifier(**setting, random_state=0)
        network.fit(
            X[columns][n_val:], y_train, X_val=X[columns][:n_val], y_val=y_val
        )
        fitted[name, columns] = network
        epoch = network.best_epoch_
        held_out[name, columns] = network.history_["val_accuracy"][epoch - 1]
        to_test[name, columns] = clone(network).set_params(epochs=epoch)

# %%
# Held-out accuracy
# -----------------
# Each model at its own best ``C`` or epoch by validation loss.

held_out = (
    pd.Series(held_out).unstack()[["words", "pairs"]].sort_values("pairs")
)
gain = (held_out["pairs"] - held_out["words"]).dropna()

figure, ax = plt.subplots(figsize=(7, 3), layout="constrained")
ax.hlines(
    held_out.index, held_out["words"], held_out["pairs"], color="0.8", zorder=0
)
for columns, color in (("words", "0.4"), ("pairs", "C0")):
    ax.plot(held_out[columns], held_out.index, "o", color=color)
    ax.annotate(
        {"words": "words", "pairs": "words and pairs"}[columns],
        (held_out[columns].iloc[-1], len(held_out) - 1),
        xytext=(0, 8),
        textcoords="offset points",
        ha="center",
        color=color,
    )
least, most = 100 * gain.min(), 100 * gain.max()
ax.set_title(f"Pairs gain {least:.1f} to {most:.1f} points of accuracy")
ax.set_xlabel("Accuracy on held-out reviews")
ax.spines[["top", "right"]].set_visible(False)
ax.margins(y=0.2)
plt.show()

# %%
# Pairs help every model, but not equally. Logistic regression improves least.
# It has the same penalty for all columns, so a pair that occurs in a handful
# of reviews hardly gets a weight. In all other models, rare columns count
# more. tf-idf scales them up. RMSprop and Adam divide the step of each weight
# by the size of its gradients, which are small if the column is rare. This is
# what matters most, and the default network has it. Hidden layers matter
# little: the network without them is about as good.
#
# Training on pairs
# -----------------
# The curves of two networks on words and pairs.

display = TrainingCurveDisplay.from_estimator(
    fitted["default network", "pairs"], name="Default"
)
TrainingCurveDisplay.from_estimator(
    fitted["tuned network", "pairs"], name="Tuned", ax=display.ax_
)
display.ax_.set_title(
    "The default network overfits in a few epochs, the tuned one later"
)
plt.show()

# %%
# With so many columns, the default network memorizes its training reviews in a
# few epochs, and the minimum of its validation loss is narrow. Dropout, larger
# batches and Adam, whose steps are averages over recent steps, make the
# minimum wide and flat.
#
# Test accuracy over seeds
# ------------------------
# Each model is trained again on all reviews and tested. With another seed, a
# network starts from other weights, sees the reviews in another order and
# drops other units. How much does a single test accuracy depend on chance?

guess = DummyClassifier().fit(X["words"], y)
accuracy = {
    ("DummyClassifier", "words"): [guess.score(X_test["words"], y_test)]
}
for (name, columns), model in to_test.items():
    n_seeds = (
        3
        if name in ("default network", "tuned network") and columns == "pairs"
        else 1
    )
    accuracy[name, columns] = []
    for seed in range(n_seeds):
        if seed > 0:
            model = clone(model).set_params(random_state=seed)
        model.fit(X[columns], y)
        accuracy[name, columns].append(model.score(X_test[columns], y_test))
table = pd.DataFrame(
    {
        key: {"seeds": len(runs)}
        | pd.Series(runs).agg(["mean", "min", "max"]).to_dict()
        for key, runs in accuracy.items()
    }
).T
table.astype({"seeds": int}).round(4)

# %%
# The same accuracies as a picture, with one dot for each seed.

figure, ax = plt.subplots(figsize=(7, 3.5), layout="constrained")
models = table.iloc[1:].sort_values("mean").index
for row, key in enumerate(models):
    color = "C0" if key[1] == "pairs" else "0.4"
    ax.plot(
        accuracy[key], [row] * len(accuracy[key]), "o", color=color, alpha=0.8
    )
ax.set_yticks(
    range(len(models)), [f"{name}, {columns}" for name, columns in models]
)
tuned = accuracy["tuned network", "pairs"]
ax.axvline(0.9, color="0.4", linewidth=0.8)
ax.set_title(f"The tuned network reaches {min(tuned):.3f} with every seed")
ax.set_xlabel("Accuracy on the test reviews")
ax.spines[["top", "right"]].set_visible(False)
plt.show()

# %%
# The points of a row are the seeds. They differ by less than the two networks
# do.
#
# Two reviews with the same words
# -------------------------------
# The table shows the predicted probability that a review is positive, from
# words alone and from words and pairs.

new = [
    "It is well worth seeing, not at all boring.",
    "It is not worth seeing at all, well, boring.",
]
X_new = vectorizer.transform(new)
by_words = to_test["tuned network", "words"].predict_proba(
    X_new[:, frequent_words]
)[:, 1]
by_pairs = to_test["tuned network", "pairs"].predict_proba(X_new)[:, 1]
pd.DataFrame({"words": by_words, "pairs": by_pairs}, index=new).round(2)

# %%
# When to use something simpler
# -----------------------------
# Pairs give twenty times as many columns and several times the work. They gain
# about two reviews in a hundred. Logistic regression on tf-idf gives most
# of that. It trains in a second or two, does not depend on a seed, and has one
# weight for each pair, which can be interpreted. Start with it, and use the
# network if it is better on your held-out documents. No model here sees more
# of the order than pairs of adjacent words. The effect of "not" on a later
# word is still lost.
