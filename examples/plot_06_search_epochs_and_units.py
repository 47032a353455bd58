"""
How many units, when each number of them needs epochs of its own?
=================================================================

A larger network learns faster and overfits sooner, so units and epochs have to be searched
together, and a grid of both is large. But a network trained for 20 epochs has been, on its way, the
network of each epoch before. :class:`~sklearn_textnn.EpochGridSearchCV` makes use of that: it
trains once where :class:`~sklearn.model_selection.GridSearchCV` trains once for each number of
epochs.
"""

import os
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, train_test_split
from sklearn.pipeline import Pipeline

from sklearn_textnn import (
    EpochGridSearchCV,
    EpochSearchDisplay,
    KerasBinaryReviewClassifier,
    MultiHotVectorizer,
)
from sklearn_textnn.datasets import load_movie_reviews

started = time.perf_counter()


def stage(what):
    print(f"\n[{time.perf_counter() - started:5.1f} s] {what}", flush=True)


# %%
# The sentences
# -------------
# 8,530 sentences from reviews on Rotten Tomatoes, from the package ``movie-reviews``, half of them
# negative and half positive; a quarter is kept for testing. Sentences are short, so that even the
# ordinary search can be tried on them.

stage("Loading the sentences")
reviews = load_movie_reviews(source="rotten_tomatoes")
documents, documents_test, y, y_test = train_test_split(
    reviews.data, reviews.target, test_size=0.25, stratify=reviews.target, random_state=0
)
for i in range(2):
    print(f"    {reviews.target_names[y[i]]}: {documents[i]}")
print(f"{len(y):,} for the search, {y.mean():.1%} positive; {len(y_test):,} for testing")

# %%
# Two baselines
# -------------
# Guessing, and a grid search of logistic regression's regularization, in a pipeline like the
# network's.

stage("Baselines")
splits = StratifiedKFold(3, shuffle=True, random_state=0)


def pipeline_with(classifier):
    return Pipeline([("vectorizer", MultiHotVectorizer()), ("classifier", classifier)])


guess = pipeline_with(DummyClassifier()).fit(documents, y)
logistic = GridSearchCV(
    pipeline_with(LogisticRegression(solver="saga", tol=0.01, random_state=0)),
    {"classifier__C": [0.03, 0.1, 0.3, 1, 3]},
    cv=splits,
).fit(documents, y)
print(f"LogisticRegression: {logistic.best_params_}, score {logistic.best_score_:.4f}")

# %%
# Five networks, twenty epochs
# ----------------------------
# From no hidden layer to two wide ones; an int is one layer. The vectorizer is in the pipeline, so
# each training learns its words from its own part of the sentences.

stage("Searching epochs and units")
network = pipeline_with(KerasBinaryReviewClassifier(batch_size=128, random_state=0))
units = [(), 4, 16, (16, 16), (64, 64)]
grid = {"classifier__units": units, "classifier__epochs": range(1, 21)}
search = EpochGridSearchCV(network, grid, cv=splits).fit(documents, y)
print(f"Best of {len(search.cv_results_['params'])} candidates: {search.best_params_}")
print(f"Score {search.best_score_:.4f}, mean of {search.n_splits_} splits")

# %%
# ``epoch_scores_`` has one row for each score. As a table of means, and for each network its own
# best number of epochs:

scores = search.epoch_scores_.assign(
    units=lambda rows: rows["param_classifier__units"].map(str)  # 4 and (4, 4) in one column
)
print(search.epoch_scores_.head(3).to_string())
means = scores.pivot_table("score", "epoch", "units", sort=False)
print(f"\n{means.iloc[[0, 1, 4, 9, 14, 19]].to_string(float_format='{:.4f}'.format)}\n")
best = pd.DataFrame({"epochs": means.idxmax(), "score": means.max()})
print(best.to_string(float_format="{:.4f}".format))

# %%
# What it costs
# -------------
# Each candidate on each split is a training in an ordinary grid search. Here there is one for each
# network and split, as long as the longest.

stage("Counting")
per_split = {
    "GridSearchCV": [
        parameters["classifier__epochs"] for parameters in search.cv_results_["params"]
    ],
    "EpochGridSearchCV": [max(grid["classifier__epochs"])] * len(units),
}
for name, epochs in per_split.items():
    print(
        f"{name:17} {len(epochs) * search.n_splits_:4} trainings, "
        f"{sum(epochs) * search.n_splits_:5} epochs"
    )

# %%
# The scores are those of the ordinary search. On a small part of the grid it can be waited for.

stage("Both searches on a part of the grid")
part = {"classifier__units": [16], "classifier__epochs": range(1, 6)}
found = {}
for Search in (GridSearchCV, EpochGridSearchCV):
    begun = time.perf_counter()
    found[Search] = Search(network, part, cv=splits, refit=False).fit(documents, y)
    print(f"{Search.__name__}: {time.perf_counter() - begun:.1f} s")
gap = np.abs(np.subtract(*[s.cv_results_["mean_test_score"] for s in found.values()])).max()
print(f"Largest difference between their scores: {gap}")

# %%
# The test sentences
# ------------------
# The best of all, which the search has trained again on all the sentences it had, and each of the
# networks with its own best number of epochs.

stage("Testing")
print(f"DummyClassifier: test accuracy {guess.score(documents_test, y_test):.4f}")
print(f"LogisticRegression: test accuracy {logistic.score(documents_test, y_test):.4f}")
print(f"Best of the search: test accuracy {search.score(documents_test, y_test):.4f}")
for setting in units:
    epochs = int(best.loc[str(setting), "epochs"])
    one = clone(network).set_params(classifier__units=setting, classifier__epochs=epochs)
    accuracy = one.fit(documents, y).score(documents_test, y_test)
    print(f"    units={setting}, {epochs} epochs: test accuracy {accuracy:.4f}", flush=True)

# %%
# The figure
# ----------
# The mean score over the epochs, a curve for each network.

stage("Drawing")
figure, ax = plt.subplots(figsize=(8, 5), layout="constrained")
EpochSearchDisplay.from_estimator(search, ax=ax)
ax.set_title("Sentences from movie reviews: epochs and units")

folder = os.environ.get("TEXTNN_FIGURES")
if folder:
    path = Path(folder) / "search_epochs_and_units.png"
    figure.savefig(path, dpi=150)
    print(f"Wrote {path}")
else:
    plt.show()

# %%
# What the figure says
# --------------------
# Each network has epochs of its own. The wide ones with two layers are at their best after a few
# and then get worse, a narrow one climbs for longer and keeps what it has, and without a hidden
# layer twenty epochs are not enough: where the best epoch is the last one, the grid ends too early.
# Whoever compares them all after five epochs, or all after twenty, compares numbers of epochs and
# not networks.
#
# At their own best epochs the search can hardly tell the networks with hidden layers apart: the
# bands overlap. Then take a small one. Its range of good epochs is wider, and the test sentences
# above are no argument for a large one.
#
# When not to use this
# --------------------
# For the epochs of one network, ``epoch_selection`` takes one hold-out and at most two trainings.
# With it, ``GridSearchCV`` over the units alone chooses the epochs of each network inside the fit.
# And logistic regression, with five values of one parameter to try, comes within a point or two of
# all this.

stage("Done")
