"""
Which words make a review positive or negative?
===============================================

The coefficients of a logistic regression say what each word contributes. A network has no such
list, because the contribution of a word depends on the other words of the review.
:func:`~sklearn_textnn.word_contributions` computes it for each review. The means over thousands of
reviews give a list to compare with the coefficients.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils import shuffle

from sklearn_textnn import KerasBinaryReviewClassifier, MultiHotVectorizer, word_contributions
from sklearn_textnn.datasets import load_movie_reviews

# %%
# The reviews, the network and its baselines
# ------------------------------------------
# 5,000 of the training reviews of IMDB are kept for testing and for the explanations. HTML line
# breaks are removed, because they would become the word "br". An explanation is only useful if the
# model is good, so the test accuracies come first.

reviews = load_movie_reviews(source="imdb")
documents, y = shuffle(reviews.data, reviews.target, random_state=113)
documents = [document.replace("<br />", " ") for document in documents]
print(f"{len(y):,} reviews, {y.mean():.1%} positive. The first one:\n{documents[0][:200]} ...")

logistic = LogisticRegression(C=0.1, solver="saga", tol=0.01, random_state=0)
network = KerasBinaryReviewClassifier(
    epoch_selection="val_loss", validation_fraction=0.4, random_state=0
)
for classifier in (DummyClassifier(), logistic, network):
    pipeline = make_pipeline(MultiHotVectorizer(num_words=10_000), classifier)
    accuracy = pipeline.fit(documents[5_000:], y[5_000:]).score(documents[:5_000], y[:5_000])
    print(f"{type(classifier).__name__}: test accuracy {accuracy:.4f}")

# %%
# One review
# ----------
# In each review, the contributions add up to the log-odds of a positive review, minus those of an
# empty review. Of the reviews of 40 to 60 words, this one is the hardest to classify.

explanation = word_contributions(pipeline, documents[:5_000], target=1)
contributions, words = explanation.contributions.tocoo(), explanation.feature_names
n_words = np.bincount(contributions.row)
one = np.where((n_words > 40) & (n_words < 60), np.abs(explanation.logits), np.inf).argmin()
row = explanation.contributions[[one]]
in_one = pd.Series(row.data, index=words[row.indices]).sort_values()
print(f"Log-odds {explanation.logits[one]:+.2f}:\n{documents[one]}\n")
print(in_one.iloc[[0, 1, 2, -3, -2, -1]].to_string(float_format="{:+.2f}".format))

# %%
# Thousands of reviews
# --------------------
# In a logistic regression, a word contributes its coefficient in every review. In the network it
# contributes more in one review than in another, as the standard deviations show.

table = pd.DataFrame({"word": words[contributions.col], "contribution": contributions.data})
table = table.groupby("word")["contribution"].agg(["mean", "std", "count"])
table["coefficient"] = pd.Series(logistic.coef_[0], index=words)
table = table[table["count"] >= 50].sort_values("mean")
print(f"Rank correlation: {table['mean'].corr(table['coefficient'], method='spearman'):.2f}")
print(pd.concat([table.head(8), table.tail(8)]).to_string(float_format="{:+.2f}".format))

# %%
# If these words determine the prediction, it should change without the five that support it most.

side = np.sign(explanation.logits)
in_rows = {
    "random": np.random.default_rng(0).random(contributions.nnz),
    "by coefficients": logistic.coef_[0][contributions.col] * side[contributions.row],
    "by contributions": contributions.data * side[contributions.row],
}
changed = {}
for name, support in in_rows.items():
    stays = pd.Series(support).groupby(contributions.row).rank(ascending=False, method="first") > 5
    X = sp.csr_matrix((stays, (contributions.row, contributions.col)), contributions.shape)
    changed[name] = np.mean(network.decision_function(X) * side < 0)
    print(f"Without five words, {name}, {changed[name]:.1%} of the predictions change")

# %%
# The figure shows the opinion words that the network has learned, nearly as logistic regression
# has, and the ratings that give the label away. A single review is a sum of many words. If you need
# one weight for each word, use logistic regression: its coefficients are the whole model.

figure, axes = plt.subplots(1, 2, figsize=(11, 6), layout="constrained")
ends = pd.concat([table.head(14), table.tail(14)])
axes[0].plot(ends["coefficient"], ends.index, "ko", zorder=3)
for ax, values in zip(axes, (ends["mean"], in_one.iloc[[*range(14), *range(-14, 0)]]), strict=True):
    ax.barh(values.index, values, color=np.where(values > 0, "tab:blue", "tab:orange"))
    ax.set(xlabel="Contribution of the word to the log-odds", ymargin=0.02)
axes[0].set_title("Means over 5,000 reviews; dots: logistic regression")
axes[1].set_title("One review that is hard to classify")
plt.show()
