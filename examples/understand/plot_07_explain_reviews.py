"""
Which words make a review positive or negative?
===============================================

The coefficients of a logistic regression say what each word contributes. A network has no such
list, because the contribution of a word depends on the other words of the review. But one can ask
for a single review: what would the prediction be without this word? This example removes every word
of thousands of reviews once. This gives an answer for each review, and the averages give a list to
compare with the coefficients.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.utils import shuffle

from sklearn_textnn import KerasBinaryReviewClassifier, MultiHotVectorizer
from sklearn_textnn.datasets import load_movie_reviews

# %%
# The reviews
# -----------
# The training reviews of IMDB are text. 5,000 of them are kept for testing and for the
# explanations. HTML line breaks are removed first, because they would become the word "br".

reviews = load_movie_reviews(source="imdb")
documents, y = shuffle(reviews.data, reviews.target, random_state=113)
documents = [document.replace("<br />", " ") for document in documents]
n_test = 5_000
documents, documents_test = documents[:-n_test], documents[-n_test:]
y, y_test = y[:-n_test], y[-n_test:]
print(f"Review 0 ({reviews.target_names[y[0]]}):\n    {documents[0][:300]} ...")
print(f"{len(y):,} reviews, {y.mean():.1%} positive; {len(y_test):,} for testing")

vectorizer = MultiHotVectorizer(num_words=10_000)
X, X_test = vectorizer.fit_transform(documents), vectorizer.transform(documents_test)
words = vectorizer.get_feature_names_out()

# %%
# The network and its baselines
# -----------------------------
# An explanation is only useful if the model is good, so the test accuracies come first.

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
# One call predicts as many rows as the review has words, each row without one of them. The
# contribution of a word is the log-odds of the whole review minus the log-odds without the word.
# This needs only ``decision_function``, so it works with any classifier.

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
print("A review that is hard to classify:")
print(f"    label {reviews.target_names[y_test[one]]}, log-odds {log_odds:.2f}")
print(f"    {documents_test[one]}\n")
print(effects_in_one.iloc[[0, 1, 2, 3, -4, -3, -2, -1]].to_string(float_format="{:+.2f}".format))

# %%
# Thousands of reviews
# --------------------
# The same for all reviews would need hundreds of thousands of rows, but there is a faster way. The
# first layer adds the rows of ``coefs_[0]`` that belong to the words of a review. To remove a word,
# subtract its row. Only the small layers above have to be computed again.


def log_odds_above(hidden):
    """Return the log-odds for given inputs of the first hidden layer."""
    for kernel, bias in zip(network.coefs_[1:], network.intercepts_[1:], strict=True):
        hidden = np.maximum(hidden, 0) @ kernel + bias
    return hidden.ravel()


into_hidden = X_test @ network.coefs_[0] + network.intercepts_[0]
review, word = X_test.nonzero()
effects = log_odds_above(into_hidden)[review] - log_odds_above(
    into_hidden[review] - network.coefs_[0][word]
)
gap = np.abs(effects[review == one] - effects_in_one[words[word[review == one]]]).max()
print(f"{len(effects):,} words removed; largest difference from the slow way: {gap:.0e}")

by_word = pd.DataFrame({"word": words[word], "effect": effects}).groupby("word")["effect"]
table = by_word.agg(["mean", "std", "count"])
table["coefficient"] = pd.Series(logistic.coef_[0], index=words)
table = table[table["count"] >= 50].sort_values("mean")
print(f"{len(table):,} words occur in at least 50 reviews. Both ends of the list:\n")
print(pd.concat([table.head(10), table.tail(10)]).to_string(float_format="{:+.2f}".format))

# %%
# Comparison with the coefficients
# --------------------------------
# In a logistic regression, removing a word changes the log-odds by its coefficient, in every
# review. So the two lists measure the same thing and can be compared. The last lines show what
# coefficients cannot: a word contributes more in one review than in another.

print(f"Rank correlation: {table['mean'].corr(table['coefficient'], method='spearman'):.2f}")
largest = {
    column: set(table[column].abs().nlargest(100).index) for column in ("mean", "coefficient")
}
print(f"Among the 100 largest in both lists: {len(largest['mean'] & largest['coefficient'])} words")
opposite = table[np.sign(table["mean"]) != np.sign(table["coefficient"])]
print(f"With opposite signs: {len(opposite)} of {len(table):,} words, the largest:")
print(f"    {', '.join(opposite['mean'].abs().nlargest(8).index)}")
for end in (table.index[0], table.index[-1]):
    low, high = by_word.get_group(end).quantile([0.05, 0.95])
    print(f"{end!r} contributes {low:+.2f} to {high:+.2f} in 90% of the reviews")

# %%
# Check of the explanation
# ------------------------
# If these words determine the prediction, it should often change when the words that support it
# most are removed. The network predicts again without five words of each review: five random words,
# the five with the largest coefficients, and the five with the largest contributions.

towards = np.where(log_odds_above(into_hidden) > 0, 1, -1)
choices = {
    "random": np.random.default_rng(0).random(len(effects)),
    "by coefficients": towards[review] * logistic.coef_[0][word],
    "by contributions": towards[review] * effects,
}
changed = {}
for name, push in choices.items():
    five = pd.Series(push).groupby(review).rank(ascending=False, method="first") <= 5
    removed = sp.csr_matrix((np.ones(five.sum()), (review[five], word[five])), X_test.shape)
    again = log_odds_above(into_hidden - removed @ network.coefs_[0])
    changed[name] = np.mean(again * towards < 0)
    print(f"{name:18} {changed[name]:6.1%} of the predictions change")

# %%
# The figure
# ----------
# The left plot shows both ends of the list together with the coefficients, and the right plot the
# single review from above.


figure, (ax, ax_one) = plt.subplots(
    1, 2, figsize=(11, 6.5), layout="constrained", gridspec_kw={"wspace": 0.05}
)


def draw_bars(ax, values):
    """Draw horizontal bars, positive and negative ones in different colors."""
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
ax.set(title=f"Mean over {n_test:,} reviews", xlabel="Contribution of the word to the log-odds")
draw_bars(ax_one, effects_in_one[effects_in_one.abs().nlargest(28).index].sort_values())
ax_one.set(
    title=f"One review, log-odds {log_odds:.2f}", xlabel="Contribution of the word to the log-odds"
)

plt.show()

# %%
# Interpretation
# --------------
# Left: the network has learned opinion words, in nearly the same way as logistic regression. It has
# also learned digits. These are the ratings that reviewers write, such as 8 out of 10, and they
# reveal the label. An explanation is a good way to find such words.
#
# Right: the prediction for one review is a sum of many words. Those at the ends are mostly
# opinions. Those in between are not, but they add up. The network sees which words occur but not
# what they describe, so praise of something else counts as praise.
#
# When to use something simpler
# -----------------------------
# If you need the weights of words, use logistic regression. Its coefficients are the whole model,
# and no averages are needed. For a network, removing words works for one word at a time. It
# describes the network and not what makes a review good. If two words say the same, each of them
# alone may look unimportant because the other one remains. Removing five words at once, as above,
# checks for that.
