"""
How to choose the number of epochs
==================================

After too few epochs the network has not learned enough. After too many it has memorized its
training reviews. There are several ways to choose the number of epochs: one hold-out, by its loss
or by its accuracy; several hold-outs; early stopping; and ``epoch_selection``, which does
everything in one fit. This example applies all of them to the same network, and then compares the
choices on the test reviews.
"""

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

# %%
# The reviews
# -----------
# The training reviews of IMDB are text. The test reviews come from the integers of the Keras data
# set, turned back into words. If that data set is not available, 5,000 of the packaged reviews are
# used for testing. Two fifths of the training reviews are held out.

reviews = load_movie_reviews(source="imdb")
documents, y = shuffle(reviews.data, reviews.target, random_state=113)  # as Keras does

try:
    imdb = fetch_imdb(subset="test", num_words=None)
except OSError:
    print("The IMDB test reviews are not available. Call fetch_imdb() to see why.")
    print("Test data: 5,000 of the 25,000 packaged reviews, not used for training")
    documents, documents_test = documents[:-5_000], documents[-5_000:]
    y, y_test = y[:-5_000], y[-5_000:]
else:
    print("Test data: the 25,000 test reviews of IMDB, decoded from integers")
    documents_test = [imdb.decode(sequence) for sequence in imdb.data]
    y_test = imdb.target

print(f"\nReview 0 ({reviews.target_names[y[0]]}):\n    {documents[0][:300]} ...")
print(f"{y.mean():.1%} of the reviews and {y_test.mean():.1%} of the test reviews are positive")

vectorizer = MultiHotVectorizer(num_words=10_000)
X = vectorizer.fit_transform(documents)
X_test = vectorizer.transform(documents_test)
n_val = 2 * len(y) // 5
X_val, X_train = X[:n_val], X[n_val:]
y_val, y_train = y[:n_val], y[n_val:]
print(f"{len(y_train):,} for training, {len(y_val):,} held out, {len(y_test):,} for testing")

# %%
# Baselines
# ---------
# Two models need no epochs: guessing, and logistic regression.

for baseline in (
    DummyClassifier(),
    LogisticRegression(C=0.1, solver="saga", tol=0.01, random_state=0),
):
    print(f"{baseline}: test accuracy {baseline.fit(X, y).score(X_test, y_test):.4f}")

# %%
# One hold-out, two answers
# -------------------------
# Accuracy counts the reviews that the network gets wrong. The loss also takes into account how
# certain the network is. If the network becomes overconfident, the loss rises, but the accuracy may
# not change. The accuracy curve is less smooth: a few reviews decide which epoch is best.

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
# The hold-out stays the same. The networks start from other weights and see the reviews in another
# order.

for seed in range(1, 5):
    other = clone(network).set_params(random_state=seed)
    other.fit(X_train, y_train, X_val=X_val, y_val=y_val)
    by_loss = np.argmin(other.history_["val_loss"]) + 1
    by_accuracy = np.argmax(other.history_["val_accuracy"]) + 1
    print(f"seed {seed}: best epoch {by_loss} by val_loss, {by_accuracy} by val_accuracy")

# %%
# Several hold-outs
# -----------------
# With three folds, each third of the reviews is held out once, and the vectorizer and the network
# learn from the rest. The distance between the three curves shows how much a curve depends on its
# hold-out and its initial weights. The mean depends on them less, but one bad epoch of one fold is
# still visible.

by_folds = TrainingCurveDisplay.from_cross_validation(
    make_pipeline(MultiHotVectorizer(), network), documents, y, cv=3
)
plt.close(by_folds.figure_)  # it is drawn again below
best_of_each = by_folds.frame()["validation"].unstack("fold").idxmin()
print(f"Best epoch of each fold by val_loss: {', '.join(map(str, best_of_each))}")
print(f"Best epoch of the mean: {by_folds.best_epoch}")

# %%
# Early stopping
# --------------
# ``early_stopping`` evaluates a hold-out during training, waits for ``patience`` epochs without
# improvement, and restores the best weights. It saves the remaining epochs. The network never
# learns from the held-out reviews.

stopping = clone(network).set_params(early_stopping=True, patience=2)
stopping.fit(X_train, y_train, X_val=X_val, y_val=y_val)
print(f"Stopped after {stopping.n_iter_} epochs, best epoch {stopping.best_epoch_}")

# %%
# One fit
# -------
# ``epoch_selection`` finds the epoch on the hold-out and then trains a new network for that many
# epochs on all reviews, including the held-out ones.

selected = clone(network).set_params(epoch_selection="val_loss")
selected.fit(X_train, y_train, X_val=X_val, y_val=y_val)
print(f"Trained on all reviews for {selected.n_iter_} epochs")

# %%
# Test accuracy of the choices
# ----------------------------
# One training on all reviews passes through the networks of all the choices, and ``stages="all"``
# keeps their weights. Five seeds show how much a test accuracy depends on chance. This comparison
# is only a look back: if you chose the epoch from these numbers, the reviews would no longer be
# test reviews.

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
print(f"Two fits by hand, seed 0, {best['val_loss']} epochs: {after.loc[best['val_loss'], 0]:.4f}")

# %%
# The figure
# ----------
# The figure shows loss and accuracy of one hold-out, the loss of three hold-outs, and the test
# accuracy of networks trained on all reviews.

figure, axes = plt.subplots(2, 2, figsize=(10, 8), layout="constrained")
for ax, metric in zip(axes[0], ("loss", "accuracy"), strict=True):
    TrainingCurveDisplay.from_estimator(held_out, metric=metric, ax=ax)
    ax.set_title("One hold-out")
by_folds.plot(axes[1, 0]).ax_.set_title("Three hold-outs")
ax = axes[1, 1]
ax.plot(after, color="0.75", linewidth=1)
ax.plot(after.mean(axis=1), "k.-", label="Mean of five seeds (gray)")
for epoch in sorted({choices["one hold-out, val_loss"], choices["three hold-outs, val_loss"]}):
    names = [name for name, chosen in choices.items() if chosen == epoch]
    (mark,) = ax.plot(epoch, after.loc[epoch].mean(), "o", markersize=11, markerfacecolor="none")
    mark.set(markeredgewidth=2, label=f"Epoch {epoch}: {names[0]}")
ax.set(title="Trained on all reviews", xlabel="Epoch", ylabel="Test accuracy")
ax.set(xticks=axes[0, 0].get_xticks(), xlim=axes[0, 0].get_xlim())
ax.set_ylim(after.min().min() - 0.012, None)
ax.legend(fontsize="small", loc="lower left")

plt.show()

# %%
# Interpretation
# --------------
# The training curves only improve and say nothing about the number of epochs. The validation loss
# has its minimum after a few epochs, and the network trained on all reviews has its best test
# accuracy near there. Every choice is better than training for all epochs.
#
# The minimum is broad, though. With other seeds and other hold-outs, the best epoch is one earlier
# or later. In the last plot, the gray curves differ more at one epoch than the mean differs between
# two adjacent epochs. So the best number of epochs is known to within one or two, and a more
# precise choice is not worth much work.
#
# Start with ``epoch_selection="val_loss"``, which does the whole procedure in one fit. If training
# takes long, use ``early_stopping`` with a patience larger than the fluctuations of the validation
# curve. If you have few documents, a single hold-out is small. Then use several folds, for several
# times the work; they also show how far apart the curves are.
#
# When to use something simpler
# -----------------------------
# Logistic regression with ``C=0.1`` is close to the best of these networks. Its ``C`` has to be
# chosen on held-out reviews too, but its curve is smooth and does not depend on a seed.
