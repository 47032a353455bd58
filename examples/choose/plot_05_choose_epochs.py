"""
How to choose the number of epochs
==================================

After too few epochs the network has not learned enough. After too many it has
memorized its training reviews. There are several ways to choose the number of
epochs: one hold-out, by its loss or by its accuracy; several hold-outs; early
stopping; and ``epoch_selection``, which does everything in one fit. This
example applies all of them to the same network, and then compares the choices
on the test reviews.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression

from sklearn_textnn import (
    KerasBinaryReviewClassifier,
    MultiHotVectorizer,
    TrainingCurveDisplay,
)
from sklearn_textnn.datasets import fetch_imdb

# %%
# The reviews
# -----------
# 25,000 reviews, half of them positive, and as many test reviews. Two fifths
# of the former are held out.

imdb, imdb_test = fetch_imdb(), fetch_imdb(subset="test")
y, y_test = imdb.target, imdb_test.target
print(imdb.target_names[y[0]], "-", imdb.decode(imdb.data[0])[:200], "...")

vectorizer = MultiHotVectorizer(num_words=10_000)
X = vectorizer.fit_transform(imdb.data)
X_test = vectorizer.transform(imdb_test.data)
n_val = 2 * len(y) // 5
X_val, X_train = X[:n_val], X[n_val:]
y_val, y_train = y[:n_val], y[n_val:]

# %%
# One hold-out, two metrics
# -------------------------
# Accuracy counts the reviews that the network gets wrong. The loss also takes
# into account how certain the network is. If the network becomes
# overconfident, the loss rises, but the accuracy may not change. The accuracy
# curve is less smooth: a few reviews decide which epoch is best.

EPOCHS = 12
network = KerasBinaryReviewClassifier(epochs=EPOCHS, random_state=0)
held_out = clone(network).fit(X_train, y_train, X_val=X_val, y_val=y_val)
by_loss = TrainingCurveDisplay.from_estimator(held_out)
by_accuracy = TrainingCurveDisplay.from_estimator(held_out, metric="accuracy")
plt.show()

# %%
# Other seeds
# -----------
# The hold-out stays the same. The networks start from other weights and see
# the reviews in another order.

best_epochs = []
for seed in range(3):
    other = clone(network).set_params(random_state=seed)
    history = other.fit(X_train, y_train, X_val=X_val, y_val=y_val).history_
    best_epochs.append(
        {
            "by val_loss": np.argmin(history["val_loss"]) + 1,
            "by val_accuracy": np.argmax(history["val_accuracy"]) + 1,
        }
    )
pd.DataFrame(best_epochs).rename_axis("seed")

# %%
# Several hold-outs
# -----------------
# With three folds, each third of the reviews is held out once, and the network
# learns from the rest. The distance between the three minima shows how much a
# curve depends on its hold-out and its initial weights. The mean depends on
# them less, but one bad epoch of one fold is still visible.

by_folds = TrainingCurveDisplay.from_cross_validation(network, X, y, cv=3)
plt.show()

# %%
# Early stopping and selection
# ----------------------------
# ``early_stopping`` evaluates a hold-out during training, waits for
# ``patience`` epochs without improvement, and restores the best weights. It
# saves the remaining epochs. The network never learns from the held-out
# reviews.
#
# ``epoch_selection`` finds the epoch on the hold-out and then trains a new
# network for that many epochs on all reviews, including the held-out ones.

stopping = clone(network).set_params(early_stopping=True, patience=2)
selected = clone(network).set_params(epoch_selection="val_loss")
fits = []
for name, one_fit in {
    "early_stopping": stopping,
    "epoch_selection": selected,
}.items():
    one_fit.fit(X_train, y_train, X_val=X_val, y_val=y_val)
    fits.append(
        {
            "fit with": name,
            "epochs on the training rows": len(one_fit.history_["loss"]),
            "best epoch": one_fit.best_epoch_,
            "test accuracy": one_fit.score(X_test, y_test),
        }
    )
pd.DataFrame(fits).set_index("fit with").round(4)

# %%
# Test accuracy of the choices
# ----------------------------
# One training on all reviews passes through the networks of all the choices,
# and ``stages="all"`` keeps their weights. Five seeds show how much a test
# accuracy depends on chance. This comparison is only a look back: if you chose
# the epoch from these numbers, the reviews would no longer be test reviews.

X_all, y_all = sp.vstack([X_train, X_val], format="csr"), [*y_train, *y_val]
after = {}
for seed in range(5):
    staged = (
        clone(network)
        .set_params(stages="all", random_state=seed)
        .fit(X_all, y_all)
    )
    after[seed] = pd.Series(
        staged.staged_score(X_test, y_test), index=staged.stages_
    )
after = pd.DataFrame(after).rename_axis("epoch")
choices = {
    "one hold-out, val_loss": by_loss.best_epoch,
    "one hold-out, val_accuracy": by_accuracy.best_epoch,
    "three hold-outs, val_loss": by_folds.best_epoch,
    "all epochs": EPOCHS,
}
table = (
    after.agg(["mean", "min", "max"], axis=1)
    .loc[choices.values()]
    .reset_index()
)
table.index = list(choices)
for baseline in (
    DummyClassifier(),
    LogisticRegression(C=0.1, solver="saga", tol=0.01, random_state=0),
):
    table.loc[str(baseline).partition("(")[0], "mean"] = baseline.fit(
        X, y
    ).score(X_test, y_test)
table.astype({"epoch": "Int64"}).round(4)

# %%
# The figure shows the test accuracy of networks that were trained on all
# reviews: thin lines for the seeds, and a thick one for their mean.

lost = (
    table.loc["one hold-out, val_loss", "mean"]
    - table.loc["all epochs", "mean"]
)
figure, ax = plt.subplots(layout="constrained")
ax.plot(after, color="0.6", linewidth=0.8)
ax.plot(after.mean(axis=1), linewidth=2.2)
for epoch in sorted(set(choices.values())):
    accuracy = after.loc[epoch].mean()
    ax.plot(
        epoch, accuracy, "o", color="C0", markerfacecolor="none", markersize=9
    )
ax.annotate(
    "mean of five seeds",
    (EPOCHS, after.mean(axis=1).iloc[-1]),
    xytext=(6, 0),
    textcoords="offset points",
    va="center",
    color="C0",
)
ax.set_title(
    f"All {EPOCHS} epochs cost {100 * lost:.1f} points of test accuracy"
)
ax.set(xlabel="Epoch", ylabel="Test accuracy")
ax.set_xticks(sorted({1, *choices.values()}))
ax.spines[["top", "right"]].set_visible(False)
plt.show()

# %%
# Interpretation
# --------------
# The training curves only improve and say nothing about the number of epochs.
# The validation loss has its minimum after a few epochs, and the network
# trained on all reviews has its best test accuracy near there. Every choice is
# better than training for all epochs.
#
# The minimum is broad, though. With other seeds and other hold-outs, the best
# epoch is one or two earlier or later. In the last figure, the thin lines
# differ more at one epoch than the mean differs between two adjacent epochs.
# So the best number of epochs is known to within one or two, and a more
# precise choice is not worth much work.
#
# Start with ``epoch_selection="val_loss"``, which does the whole procedure in
# one fit. If training takes long, use ``early_stopping`` with a patience
# larger than the fluctuations of the validation curve. If you have few
# documents, a single hold-out is small. Then use several folds, for several
# times the work; they also show how far apart the curves are.
#
# When to use something simpler
# -----------------------------
# Logistic regression with ``C=0.1`` is close to the best of these networks.
# Its ``C`` has to be chosen on held-out reviews too, but its curve is smooth
# and does not depend on a seed.
