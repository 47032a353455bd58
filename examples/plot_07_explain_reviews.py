"""
Which words make a review good or bad?
======================================

The coefficients of a logistic regression say what each word adds. A network has no such list: what
a word adds depends on the other words of the review. But for one review it can be asked: what would
the verdict be without this word? Here every word of thousands of reviews is left out once. That
gives an answer for each review, and their averages a list to lay beside the coefficients.
"""

import os
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.utils import shuffle

from sklearn_textnn import KerasBinaryReviewClassifier, MultiHotVectorizer
from sklearn_textnn.datasets import load_movie_reviews

started = time.perf_counter()


def stage(what):
    print(f"\n[{time.perf_counter() - started:5.1f} s] {what}", flush=True)


# %%
# The reviews
# -----------
# IMDB's training reviews as text; 5,000 of them are kept apart, to be explained. Words are to be
# read here, so HTML's line breaks go first, which would be the word "br".

stage("Loading the reviews")
reviews = load_movie_reviews(source="imdb")
documents, y = shuffle(reviews.data, reviews.target, random_state=113)
documents = [document.replace("<br />", " ") for document in documents]
n_test = 5_000
documents, documents_test = documents[:-n_test], documents[-n_test:]
y, y_test = y[:-n_test], y[-n_test:]
print(f"Review 0 ({reviews.target_names[y[0]]}):\n    {documents[0][:300]} ...")
print(f"{len(y):,} reviews, {y.mean():.1%} positive; {len(y_test):,} kept apart")

stage("Vectorizing")
vectorizer = MultiHotVectorizer(num_words=10_000)
X, X_test = vectorizer.fit_transform(documents), vectorizer.transform(documents_test)
words = vectorizer.get_feature_names_out()

# %%
# The network and its baselines
# -----------------------------
# An explanation is worth as much as what it explains, so first: how good are they?

stage("Training")
network = KerasBinaryReviewClassifier(
    epoch_selection="val_loss", validation_fraction=0.4, random_state=0
)
logistic = LogisticRegression(C=0.1, solver="saga", tol=0.01, random_state=0)
for classifier in (DummyClassifier(), logistic, network):
    accuracy = classifier.fit(X, y).score(X_test, y_test)
    print(f"{type(classifier).__name__}: test accuracy {accuracy:.4f}")

# %%
# One review
# ----------
# As many rows as the review has words, each without one of them, and one call. The difference to
# the log-odds of the whole review is what the word adds there. This takes nothing but
# ``decision_function``, so it would explain any classifier.

stage("One review")
lengths = X_test.getnnz(axis=1)
close = np.flatnonzero((lengths > 40) & (lengths < 60))
one = close[np.abs(network.decision_function(X_test[close])).argmin()]
in_one = X_test[one].indices
without = sp.vstack([X_test[one]] * len(in_one)).tolil()
without[np.arange(len(in_one)), in_one] = 0
log_odds = network.decision_function(X_test[one])[0]
effects_in_one = pd.Series(
    log_odds - network.decision_function(without.tocsr()), index=words[in_one]
).sort_values()
print(f"A review of two minds ({reviews.target_names[y_test[one]]}), log-odds {log_odds:.2f}:")
print(f"    {documents_test[one]}\n")
print(effects_in_one.iloc[[0, 1, 2, 3, -4, -3, -2, -1]].to_string(float_format="{:+.2f}".format))

# %%
# Thousands of reviews
# --------------------
# Hundreds of thousands of rows would do the same for all, but there is a short cut. The first layer
# adds up the rows of ``coefs_[0]`` that belong to the words of a review. To leave a word out is to
# subtract its row, and only the small layers above have to be computed anew.

stage(f"Every word of {n_test:,} reviews")


def log_odds_above(hidden):
    """Return the log-odds, from what comes into the first hidden layer."""
    for kernel, bias in zip(network.coefs_[1:], network.intercepts_[1:], strict=True):
        hidden = np.maximum(hidden, 0) @ kernel + bias
    return hidden.ravel()


into_hidden = X_test @ network.coefs_[0] + network.intercepts_[0]
review, word = X_test.nonzero()
effects = log_odds_above(into_hidden)[review] - log_odds_above(
    into_hidden[review] - network.coefs_[0][word]
)
gap = np.abs(effects[review == one] - effects_in_one[words[word[review == one]]]).max()
print(f"{len(effects):,} words left out; largest difference to the other way: {gap:.0e}")

by_word = pd.DataFrame({"word": words[word], "effect": effects}).groupby("word")["effect"]
table = by_word.agg(["mean", "std", "count"])
table["coefficient"] = pd.Series(logistic.coef_[0], index=words)
table = table[table["count"] >= 50].sort_values("mean")
print(f"{len(table):,} words are in 50 of the reviews or more. The ends of their list:\n")
print(pd.concat([table.head(10), table.tail(10)]).to_string(float_format="{:+.2f}".format))

# %%
# The network and the coefficients
# --------------------------------
# To leave a word out changes the log-odds of a logistic regression by its coefficient, in every
# review alike. So the two lists measure the same thing, and can be compared. What the coefficients
# cannot show is in the last lines: the same word adds more in one review than in another.

stage("Beside the coefficients")
print(f"Rank correlation: {table['mean'].corr(table['coefficient'], method='spearman'):.2f}")
largest = {
    column: set(table[column].abs().nlargest(100).index) for column in ("mean", "coefficient")
}
print(f"Among the 100 largest of both: {len(largest['mean'] & largest['coefficient'])} words")
opposite = table[np.sign(table["mean"]) != np.sign(table["coefficient"])]
print(f"With opposite signs: {len(opposite)} of {len(table):,}, the largest of them:")
print(f"    {', '.join(opposite['mean'].abs().nlargest(8).index)}")
for end in (table.index[0], table.index[-1]):
    low, high = by_word.get_group(end).quantile([0.05, 0.95])
    print(f"{end!r} adds {low:+.2f} to {high:+.2f} in nine reviews of ten")

# %%
# Is it true?
# -----------
# If these are the words that make the verdict, then a review without the few that push most towards
# its verdict should often get the other one. The network decides again, without five words of each
# review: any five, the five of the largest coefficients, and the five that add most.

stage("Without five words")
towards = np.where(log_odds_above(into_hidden) > 0, 1, -1)
choices = {
    "any": np.random.default_rng(0).random(len(effects)),
    "by coefficients": towards[review] * logistic.coef_[0][word],
    "by left-out words": towards[review] * effects,
}
for name, push in choices.items():
    five = pd.Series(push).groupby(review).rank(ascending=False, method="first") <= 5
    removed = sp.csr_matrix((np.ones(five.sum()), (review[five], word[five])), X_test.shape)
    again = log_odds_above(into_hidden - removed @ network.coefs_[0])
    print(f"{name:18} {np.mean(again * towards < 0):6.1%} of the verdicts turn")

# %%
# The figure
# ----------
# The ends of the list beside the coefficients, and the review of two minds.

stage("Drawing")
figure, (ax, ax_one) = plt.subplots(
    1, 2, figsize=(11, 6.5), layout="constrained", gridspec_kw={"wspace": 0.05}
)


def draw_bars(ax, values):
    """Draw horizontal bars, those that push down in another color than those that push up."""
    colors = np.where(values > 0, "tab:blue", "tab:orange")
    ax.barh(values.index, values, color=colors)
    ax.axvline(0, color="k", linewidth=0.8)
    ax.margins(y=0.02)
    ax.grid(axis="x", alpha=0.4)
    ax.set_axisbelow(True)


ends = pd.concat([table.head(14), table.tail(14)])
draw_bars(ax, ends["mean"])
ax.plot(
    ends["coefficient"],
    ends.index,
    "ko",
    markersize=5,
    markeredgecolor="w",
    label="Coefficient of logistic regression",
)
ax.legend(fontsize="small", loc="upper left")
ax.set(title=f"Mean over {n_test:,} reviews", xlabel="What the word adds to the log-odds")
draw_bars(ax_one, effects_in_one[effects_in_one.abs().nlargest(28).index].sort_values())
ax_one.set(
    title=f"One review, log-odds {log_odds:.2f}", xlabel="What the word adds to the log-odds"
)

folder = os.environ.get("TEXTNN_FIGURES")
if folder:
    path = Path(folder) / "explain_reviews.png"
    figure.savefig(path, dpi=150)
    print(f"Wrote {path}")
else:
    plt.show()

# %%
# What the figure says
# --------------------
# On the left: the network has learned what one would hope, and nearly the same as logistic
# regression. It has also learned what one would not hope: digits are the marks that reviewers give,
# so many of ten, and give the verdict away. An explanation is good at finding such words.
#
# On the right: the verdict on one review is a sum of many words. Those at the ends are mostly
# opinions. Those in between are not, and add up all the same. The network sees which words there
# are and not what they are said of, so praise of something else counts as praise.
#
# When not to use this
# --------------------
# If words and their weights are the aim, use logistic regression: its coefficients are the whole
# model, in one line and without averages. For a network, leaving out is sound for one word at a
# time. It says what the network does and not what makes a review good, and where two words say the
# same, each of them alone may look unimportant, because the other one is still there. Taking out
# five at once, as above, is the check on that.

stage("Done")
