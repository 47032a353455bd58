"""
How many epochs, and how sure can one be of the number?
=======================================================

After too few epochs the network has not learned enough, and after too many it knows its training
reviews by heart. There are several ways to find the number in between: a hold-out, judged by its
loss or by its accuracy; several hold-outs; stopping early; and ``epoch_selection``, all in one fit.
Here they choose for the same network, and then the test reviews tell what the differences are
worth.
"""

import os
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils import shuffle

from sklearn_textnn import KerasBinaryReviewClassifier, MultiHotVectorizer, TrainingCurveDisplay
from sklearn_textnn.datasets import fetch_imdb, load_movie_reviews

started = time.perf_counter()


def stage(what):
    print(f"\n[{time.perf_counter() - started:5.1f} s] {what}", flush=True)


# %%
# The reviews
# -----------
# IMDB's training reviews as text, and its test reviews from the integers of the Keras data set,
# turned back into words. Without that data set, some of the packaged reviews are kept for testing.
# Two fifths of the training reviews are held out.

stage("Loading the reviews")
reviews = load_movie_reviews(source="imdb")
documents, y = shuffle(reviews.data, reviews.target, random_state=113)  # as Keras does

stage("Looking for the IMDB test reviews, in the cache or else for download (19 MB)")
try:
    imdb = fetch_imdb(subset="test", num_words=None)
except OSError:
    print("They cannot be had; fetch_imdb() says why, and what to do.")
    print("Test: 5,000 of the 25,000 packaged reviews, kept out of training.")
    documents, documents_test = documents[:-5_000], documents[-5_000:]
    y, y_test = y[:-5_000], y[-5_000:]
else:
    print("Test: the 25,000 test reviews of IMDB, decoded from integers.")
    documents_test = [imdb.decode(sequence) for sequence in imdb.data]
    y_test = imdb.target

print(f"\nReview 0 ({reviews.target_names[y[0]]}):\n    {documents[0][:300]} ...")
print(f"{y.mean():.1%} of the reviews and {y_test.mean():.1%} of the test reviews are positive")

stage("Vectorizing")
vectorizer = MultiHotVectorizer(num_words=10_000)
X = vectorizer.fit_transform(documents)
X_test = vectorizer.transform(documents_test)
n_val = 2 * len(y) // 5
X_val, X_train = X[:n_val], X[n_val:]
y_val, y_train = y[:n_val], y[n_val:]
print(f"{len(y_train):,} for training, {len(y_val):,} held out, {len(y_test):,} for testing")

# %%
# Two baselines
# -------------
# What needs no epochs: guessing, and logistic regression.

stage("Baselines")
for baseline in (
    DummyClassifier(),
    LogisticRegression(C=0.1, solver="saga", tol=0.01, random_state=0),
):
    print(f"{baseline}: test accuracy {baseline.fit(X, y).score(X_test, y_test):.4f}")

# %%
# One hold-out, two answers
# -------------------------
# The accuracy counts the reviews that the network gets wrong, and the loss also how sure of them it
# was. So where the network gets overconfident the loss turns up, and the accuracy need not. The
# accuracy is the rougher curve: a few reviews that change sides decide which epoch is best.

stage("One hold-out")
EPOCHS = 12
network = KerasBinaryReviewClassifier(epochs=EPOCHS, random_state=0)
held_out = clone(network).fit(X_train, y_train, X_val=X_val, y_val=y_val)
history = pd.DataFrame(held_out.history_, index=pd.RangeIndex(1, EPOCHS + 1, name="epoch"))
print(history.to_string(float_format="{:.4f}".format))
best = {"val_loss": history["val_loss"].idxmin(), "val_accuracy": history["val_accuracy"].idxmax()}
print()
for metric, epoch in best.items():
    print(f"Best epoch by {metric}: {epoch} ({metric} {history.loc[epoch, metric]:.4f})")

# %%
# Other seeds
# -----------
# The same hold-out, and networks that start from other weights and see the reviews in another
# order.

stage("The same with four more seeds")
for seed in range(1, 5):
    other = clone(network).set_params(random_state=seed)
    other.fit(X_train, y_train, X_val=X_val, y_val=y_val)
    by_loss = np.argmin(other.history_["val_loss"]) + 1
    by_accuracy = np.argmax(other.history_["val_accuracy"]) + 1
    print(f"seed {seed}: best epoch {by_loss} by val_loss, {by_accuracy} by val_accuracy")

# %%
# Several hold-outs
# -----------------
# Three folds: each third of the reviews is held out once, and the vectorizer and the network learn
# from the others. The distance between the three curves shows how much of one is the luck of its
# hold-out and of its weights. Their mean depends on it less, but one bad epoch of one fold still
# shows.

stage("Three hold-outs")
by_folds = TrainingCurveDisplay.from_cross_validation(
    make_pipeline(MultiHotVectorizer(), network), documents, y, cv=3
)
plt.close(by_folds.figure_)  # to be drawn beside the others
best_of_each = by_folds.frame()["validation"].unstack("fold").idxmin()
print(f"Best epoch of each by val_loss: {', '.join(map(str, best_of_each))}")
print(f"Best epoch of their mean: {by_folds.best_epoch}")

# %%
# Stopping early
# --------------
# ``early_stopping`` watches a hold-out while it trains, waits for ``patience`` epochs without
# improvement, and goes back to the best weights. It saves the epochs that it does not train. But
# what was held out stays so: the network never learns from it.

stage("Stopping early")
stopping = clone(network).set_params(early_stopping=True, patience=2)
stopping.fit(X_train, y_train, X_val=X_val, y_val=y_val)
print(f"Stopped after {stopping.n_iter_} epochs, best epoch {stopping.best_epoch_}")

# %%
# In one fit
# ----------
# ``epoch_selection`` finds the epoch on the hold-out and then trains a fresh network for that long
# on everything, the hold-out too.

stage("Selecting in one fit")
selected = clone(network).set_params(epoch_selection="val_loss")
selected.fit(X_train, y_train, X_val=X_val, y_val=y_val)
print(f"Trained on everything for {selected.n_iter_} epochs")

# %%
# What the choices are worth
# --------------------------
# One training on everything passes through the networks that all the choices ask for, and
# ``stages="all"`` keeps their weights. Five seeds show how much of a test accuracy is luck. This is
# looking back: whoever chooses the epoch from these figures has no test reviews left.

stage("What the choices are worth, with five seeds")
X_all = sp.vstack([X_train, X_val], format="csr")  # in the order of epoch_selection
y_all = np.concatenate([y_train, y_val])
after = {}
for seed in range(5):
    staged = clone(network).set_params(stages="all", random_state=seed).fit(X_all, y_all)
    after[seed] = pd.Series(staged.staged_score(X_test, y_test), index=staged.stages_)
after = pd.DataFrame(after).rename_axis("epoch")
choices = {
    "one hold-out, val_loss": best["val_loss"],
    "one hold-out, val_accuracy": best["val_accuracy"],
    "three hold-outs, val_loss": by_folds.best_epoch,
    "all epochs": EPOCHS,
}
table = after.agg(["mean", "min", "max"], axis=1).loc[choices.values()].reset_index()
table.index = list(choices)
print("Test accuracy:")
print(table.to_string(float_format="{:.4f}".format))
for name, classifier in {"epoch_selection": selected, "early_stopping": stopping}.items():
    print(f"{name}, seed 0: {classifier.score(X_test, y_test):.4f}")
print(f"By hand, seed 0, {best['val_loss']} epochs: {after.loc[best['val_loss'], 0]:.4f}")

# %%
# The figure
# ----------
# The loss and the accuracy of one hold-out, the loss of three, and the test accuracy of networks
# trained on everything.

stage("Drawing")
figure, axes = plt.subplots(2, 2, figsize=(10, 8), layout="constrained")
for ax, metric in zip(axes[0], ("loss", "accuracy"), strict=True):
    TrainingCurveDisplay.from_estimator(held_out, metric=metric, ax=ax)
    ax.set_title("One hold-out")
by_folds.plot(axes[1, 0]).ax_.set_title("Three hold-outs")
ax = axes[1, 1]
ax.plot(after, color="0.75", linewidth=1)
ax.plot(after.mean(axis=1), "k.-", label="Mean of five seeds, each of them grey")
for epoch in sorted({choices["one hold-out, val_loss"], choices["three hold-outs, val_loss"]}):
    names = [name for name, chosen in choices.items() if chosen == epoch]
    (mark,) = ax.plot(epoch, after.loc[epoch].mean(), "o", markersize=11, markerfacecolor="none")
    mark.set(markeredgewidth=2, label=f"Epoch {epoch}: {names[0]}")
ax.set(title="Trained on everything", xlabel="Epoch", ylabel="Test accuracy")
ax.set(xticks=axes[0, 0].get_xticks(), xlim=axes[0, 0].get_xlim())
ax.set_ylim(after.min().min() - 0.012, None)
ax.legend(fontsize="small", loc="lower left")

folder = os.environ.get("TEXTNN_FIGURES")
if folder:
    path = Path(folder) / "choose_epochs.png"
    figure.savefig(path, dpi=150)
    print(f"Wrote {path}")
else:
    plt.show()

# %%
# What the figure says
# --------------------
# The training curves only get better, and say nothing about the number of epochs. The validation
# loss has its bottom after a few, and the network trained on everything is at its best near there.
# So any of the choices is better than none.
#
# But it is a bottom of several epochs and no single one. Other seeds and other hold-outs have their
# best epoch one earlier or later, and in the last picture the grey curves lie further apart at one
# epoch than the mean does at two neighbouring ones. So the number is sure to within an epoch or
# two, and within those it is not worth much more work.
#
# Which way to choose, then? ``epoch_selection="val_loss"``, which is the procedure by hand in one
# fit. Where training is long, ``early_stopping``, with a patience that outlasts the ups and downs
# of the validation curve. Several folds, for several times the work, where documents are few and a
# hold-out would be fewer still, and to see how far apart the curves are.
#
# When not to use this
# --------------------
# Logistic regression, with ``C=0.1``, is not far from the best of these networks. Its ``C`` has to
# be chosen on held-out reviews as well, but its curve is smooth, and the same for every seed.

stage("Done")
