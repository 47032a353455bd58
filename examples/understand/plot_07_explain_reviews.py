"""
Which words make a review positive or negative?
===============================================

The coefficients of a logistic regression say what each word contributes. A
network has no such list, because the contribution of a word depends on the
other words of the review. :func:`~sklearn_textnn.word_contributions` computes
it for each review. The means over thousands of reviews give a list to compare
with the coefficients.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils import shuffle

from sklearn_textnn import (
    KerasBinaryReviewClassifier,
    MultiHotVectorizer,
    WordContributionDisplay,
    word_contributions,
)
from sklearn_textnn.datasets import load_movie_reviews

# %%
# The reviews, the network and its baselines
# ------------------------------------------
# 5,000 of the training reviews of IMDB are kept for testing and for the
# explanations. HTML line breaks are removed, because they would become the
# word "br". An explanation is only useful if the model is good, so the test
# accuracies come first.

reviews = load_movie_reviews(source="imdb")
sentiment = np.array(reviews.target_names)[reviews.target]
documents, y = shuffle(reviews.data, sentiment, random_state=113)
documents = [document.replace("<br />", " ") for document in documents]
X_test, y_test = documents[:5_000], y[:5_000]
print(f"{len(y):,} reviews, {np.mean(y == 'positive'):.1%} positive, such as")
print(f"    {documents[0][:70]} ... ({y[0]})")

logistic = LogisticRegression(C=0.1, solver="saga", tol=0.01, random_state=0)
network = KerasBinaryReviewClassifier(
    epoch_selection="val_loss", validation_fraction=0.4, random_state=0
)
accuracy = {}
for classifier in (DummyClassifier(), logistic, network):
    pipeline = make_pipeline(MultiHotVectorizer(num_words=10_000), classifier)
    pipeline.fit(documents[5_000:], y[5_000:])
    accuracy[type(classifier).__name__] = pipeline.score(X_test, y_test)
pd.Series(accuracy).to_frame("test accuracy").round(3)

# %%
# One review
# ----------
# In each review, the contributions add up to the log-odds of a positive
# review, minus those of an empty review. Of the reviews of 40 to 60 words,
# this one is the hardest to classify.

explanation = word_contributions(pipeline, X_test, target="positive")
contributions, logits = explanation.contributions.tocoo(), explanation.logits
n_words = np.bincount(contributions.row)
in_range = (n_words > 40) & (n_words < 60)
one = np.where(in_range, np.abs(logits), np.inf).argmin()
WordContributionDisplay.from_estimator(
    pipeline, X_test[one], target="positive"
)

# %%
# Thousands of reviews
# --------------------
# In a logistic regression, a word contributes its coefficient in every review.
# In the network it contributes more in one review than in another, as the
# lines from the first to the third quartile show. The opinion words are nearly
# those of the logistic regression. So are the ratings, which give the label
# away.

display = WordContributionDisplay.from_estimator(
    pipeline, X_test, target="positive"
)
plt.show()
table = display.frame().set_index("term")[["mean", "q25", "q75", "count"]]
table["coefficient"] = pd.Series(
    logistic.coef_[0], index=explanation.feature_names
)
correlation = table["mean"].corr(table["coefficient"], method="spearman")
print(f"Rank correlation of mean and coefficient: {correlation:.2f}")
pd.concat([table.head(8), table.tail(8)]).round(2)

# %%
# If these words determine the prediction, it should change without the five
# that support it most.

side = np.sign(logits)
rows, columns = contributions.row, contributions.col
supports = {
    "random": np.random.default_rng(0).random(contributions.nnz),
    "by coefficients": logistic.coef_[0][columns] * side[rows],
    "by contributions": contributions.data * side[rows],
}
changed = {}
for name, support in supports.items():
    stays = pd.Series(-support).groupby(rows).rank(method="first") > 5
    X = sp.csr_matrix((stays, (rows, columns)), contributions.shape)
    changed[name] = np.mean(network.decision_function(X) * side < 0)
pd.Series(changed).to_frame("share of predictions that change").round(3)

# %%
# A single review is a sum of many words. If you need one weight for each word,
# use logistic regression: its coefficients are the whole model.
