"""
Does a word give the label away?
================================

A leak is a word that tells the label without being what a model should learn.
The test documents have it too, so the test accuracy does not show it. Do the
reviews of IMDB, with their HTML as it is, have such words?
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from sklearn_textnn import (
    KerasBinaryReviewClassifier,
    MultiHotVectorizer,
    WordContributionDisplay,
)
from sklearn_textnn.datasets import load_movie_reviews

# %%
# The reviews
# -----------

reviews = load_movie_reviews()
texts = pd.Series(reviews.data)
sentiment = np.array(reviews.target_names)[reviews.target]
split = train_test_split(texts, sentiment, test_size=0.2, random_state=0)
X, X_test, y, y_test = split
print(f"{len(y):,} reviews, {np.mean(y == 'positive'):.1%} positive, such as")
print(f"    {X.iloc[0][:70]} ... ({y[0]})")

# %%
# The network and its baselines
# -----------------------------

# %%
# The network sees words and pairs of words, as the baselines do.

logistic = LogisticRegression(C=0.1, solver="saga", tol=0.01, random_state=0)
network = KerasBinaryReviewClassifier(epochs=4, random_state=0)
accuracy = {}
for classifier in (DummyClassifier(), logistic, network):
    vectorizer = MultiHotVectorizer(num_words=20_000, ngram_range=(1, 2))
    pipeline = make_pipeline(vectorizer, classifier).fit(X, y)
    accuracy[type(classifier).__name__] = pipeline.score(X_test, y_test)
pd.Series(accuracy).to_frame("test accuracy").round(3)

# %%
# The words of each class
# -----------------------
# Words with large contributions come first. The numbers are test reviews.

display = WordContributionDisplay.from_estimator(pipeline, X_test, y_test)
table = display.frame()[["target", "term", "mean", "count", "count_others"]]
table.groupby("target").head(5).round(3)

# %%
# The tag of a line break is a word too.

table[table["term"] == "br"].round(3)

# %%
# HTML is not a leak: ``br`` is in most reviews of both classes and contributes
# little. But "4 10" is a rating, and the labels were made from ratings: up to
# 4 of 10 is negative, 7 or more is positive. What are they worth?

rating = r"\b\d+(?:\.\d+)?\s*(?:/|out of)\s*10\b"
X_cleaned = X.str.replace(rating, " ", regex=True)
X_test_cleaned = X_test.str.replace(rating, " ", regex=True)
honest = clone(pipeline).fit(X_cleaned, y)
rated = X_test.str.contains(rating).to_numpy()
right = pipeline.predict(X_test) == y_test
right_cleaned = honest.predict(X_test_cleaned) == y_test
accuracy = {
    "with": right[rated].mean(),
    "without": right_cleaned[rated].mean(),
}
print(f"{rated.mean():.1%} of the reviews have a rating. Their accuracy:")
pd.Series(accuracy).to_frame("test accuracy").round(3)

# %%
# The shortest review that is only right with its rating. Remove what leaks if
# new reviews will not have it. If one weight for each word is enough, the
# coefficients of the logistic regression show leaks too, without counts.

leaking = X_test[rated & right & ~right_cleaned]
shortest = leaking[leaking.str.len().idxmin()]
one = WordContributionDisplay.from_estimator(pipeline, shortest)
plt.show()
one
