"""
Is this review positive, and when should training stop?
=======================================================

25,000 movie reviews, half of them negative and half positive. A small network learns to tell the
two apart within a few epochs, and from then on it learns its training reviews by heart. So the
work is done as in the documents: train for 20 epochs, look at reviews that were held out, choose
an epoch, train a fresh network on everything for that many epochs, and only then look at the test
reviews.
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
from sklearn.metrics import log_loss
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
# The text comes with the package ``movie-reviews``, sorted by label, so it is shuffled before it
# is cut. It has IMDB's training reviews only. The test reviews are in the Keras data set, as
# integers, which the word index turns back into words. The one ``?`` is the mark that every
# sequence begins with; :class:`~sklearn_textnn.MultiHotVectorizer` splits text as that data set
# was split, so it finds the same words in the one and in the other. Without that data set, some of
# the packaged reviews are kept for testing.

stage("Loading the reviews")
reviews = load_movie_reviews(source="imdb")
documents, y = shuffle(reviews.data, reviews.target, random_state=113)  # as Keras does

stage("Looking for the IMDB test reviews, in the cache or else for download (19 MB)")
try:
    imdb = fetch_imdb(subset="test", num_words=None)
except OSError:
    source = "Packaged"
    print("They cannot be had; fetch_imdb() says why, and what to do.")
    print("Test: 5,000 of the 25,000 packaged reviews, kept out of training.")
    documents, documents_test = documents[:-5_000], documents[-5_000:]
    y, y_test = y[:-5_000], y[-5_000:]
else:
    source = "IMDB"
    print("Test: the 25,000 test reviews of IMDB, decoded from integers.")
    documents_test = [imdb.decode(sequence) for sequence in imdb.data]
    y_test = imdb.target
    print(f"    integers   {', '.join(map(str, imdb.data[0][:10]))}, ...")
    print(f"    decoded    {documents_test[0][:60]} ...")

print(f"\nReview 0 ({reviews.target_names[y[0]]}):\n    {documents[0][:300]} ...")
balance = pd.DataFrame(
    {
        "reviews": pd.Series(y).value_counts(),
        "test reviews": pd.Series(y_test).value_counts(),
    }
)
print(f"\n{balance.rename(index=dict(enumerate(reviews.target_names))).to_string()}")

# %%
# Reviews as 0/1 vectors
# ----------------------
# One column for each of the 10,000 most frequent words: 1 where the review has the word, however
# often. The vector can be read back, most frequent words first: their order in the review, and how
# often each one came, are lost.

stage("Vectorizing")
vectorizer = MultiHotVectorizer(num_words=10_000)
X = vectorizer.fit_transform(documents)
X_test = vectorizer.transform(documents_test)
words = vectorizer.inverse_transform(X[:1])[0]
print(f"{X.shape[0]:,} reviews, {X.shape[1]:,} words, {X.nnz / X.shape[0]:.0f} of them in a review")
print(f"Review 0 has {len(words)}: {' '.join(words[:12])} ... {' '.join(words[-12:])}")

# %%
# As in the documents, the first two fifths are held out: 10,000 of 25,000 reviews. All choices are
# made with them; the test reviews are for the end.

n_val = 2 * X.shape[0] // 5
X_val, X_train = X[:n_val], X[n_val:]
y_val, y_train = y[:n_val], y[n_val:]
print(f"{len(y_train):,} for training, {len(y_val):,} held out, {len(y_test):,} for testing")

# %%
# Two baselines
# -------------
# Guessing, and logistic regression on the same vectors. Regularization is to logistic regression
# what the number of epochs is to the network, so it is chosen on the same held-out reviews.

stage("Baselines")


def on_test(classifier):
    return {
        "test loss": log_loss(y_test, classifier.predict_proba(X_test)),
        "test accuracy": classifier.score(X_test, y_test),
    }


def logistic_regression(C):
    return LogisticRegression(C=C, solver="saga", tol=0.01, random_state=0)


val_loss = {}
for C in (1, 0.1):
    logistic = logistic_regression(C).fit(X_train, y_train)
    val_loss[C] = log_loss(y_val, logistic.predict_proba(X_val))
    print(
        f"LogisticRegression(C={C}): val_loss {val_loss[C]:.3f}, "
        f"val_accuracy {logistic.score(X_val, y_val):.3f}"
    )
C = min(val_loss, key=val_loss.get)
scores = {
    "DummyClassifier": on_test(DummyClassifier().fit(X, y)),
    f"LogisticRegression(C={C})": on_test(logistic_regression(C).fit(X, y)),
}

# %%
# Twenty epochs
# -------------
# Two hidden layers of 16 units and one sigmoid, trained on sparse vectors in batches of 512.
# ``history_`` is a plain dict, so a DataFrame shows it epoch by epoch.

stage("Training for 20 epochs")
classifier = KerasBinaryReviewClassifier(units=(16, 16), epochs=20, random_state=0)
classifier.fit(X_train, y_train, X_val=X_val, y_val=y_val)
history = pd.DataFrame(classifier.history_, index=pd.RangeIndex(1, 21, name="epoch"))
print(history.to_string(float_format="{:.4f}".format))

best = {"val_loss": history["val_loss"].idxmin(), "val_accuracy": history["val_accuracy"].idxmax()}
print()
for metric, epoch in best.items():
    print(f"Best epoch by {metric}: {epoch} ({metric} {history.loc[epoch, metric]:.4f})")

# %%
# Once more, on everything
# ------------------------
# A fresh network, trained on all reviews, the held-out ones too, for the number of epochs that was
# best. More reviews are more steps in each epoch, so it gets a little further than the network the
# epoch was chosen with.

stage("Training again on everything")
X_all = sp.vstack([X_train, X_val], format="csr")
y_all = np.concatenate([y_train, y_val])
for metric, epoch in best.items():
    final = KerasBinaryReviewClassifier(units=(16, 16), epochs=epoch, random_state=0)
    final.fit(X_all, y_all)
    scores[f"network, epoch {epoch} (best {metric})"] = on_test(final)
print(pd.DataFrame(scores).T.to_string(float_format="{:.4f}".format))

# %%
# Beside the documents
# --------------------
# The documents print the test accuracy of this procedure, after the epochs of the lowest
# ``val_loss``, and show the rest as curves.

stage("Beside the documents")
if source != "IMDB":
    print("These are not the documents' reviews: fewer for training, and others for testing.")
retrained = scores[f"network, epoch {best['val_loss']} (best val_loss)"]
comparison = pd.DataFrame(
    {
        "documents": {"lowest val_loss": "", "best val_accuracy": ""}
        | {"test accuracy after retraining": "0.8788"},
        source: {
            "lowest val_loss": f"{history['val_loss'].min():.3f} at epoch {best['val_loss']}",
            "best val_accuracy": (
                f"{history['val_accuracy'].max():.3f} at epoch {best['val_accuracy']}"
            ),
            "test accuracy after retraining": f"{retrained['test accuracy']:.4f}",
        },
    }
)
print(comparison.to_string())

# %%
# All of it in one fit
# --------------------
# ``epoch_selection`` is that procedure: find the epoch on the held-out rows, then train from
# scratch on every row. With another ``random_state`` the network starts from other weights and
# sees the reviews in another order; a single test accuracy says little about its third digit. Seed
# 0 is the network from above again.

stage("The same procedure in one fit, with five seeds")
runs = []
for seed in range(5):
    one_fit = KerasBinaryReviewClassifier(epoch_selection="val_loss", random_state=seed)
    one_fit.fit(X_train, y_train, X_val=X_val, y_val=y_val)
    accuracy = one_fit.score(X_test, y_test)
    runs.append(accuracy)
    print(f"seed {seed}: epoch {one_fit.best_epoch_}, test accuracy {accuracy:.4f}", flush=True)
spread = f"{min(runs):.4f}-{max(runs):.4f}"
print(f"{source} test accuracy, mean of 5 seeds: {sum(runs) / 5:.4f} ({spread})")

# %%
# From text to a verdict
# ----------------------
# In a pipeline the vectorizer is part of what is fitted, and ``validation_fraction`` holds out
# rows inside ``fit``. What is left is text in, probabilities out.

stage("A pipeline, from text to a verdict")
pipeline = make_pipeline(
    MultiHotVectorizer(),
    KerasBinaryReviewClassifier(
        epoch_selection="val_loss", validation_fraction=0.4, random_state=0
    ),
)
pipeline.fit(documents, y)
print(f"Test accuracy {pipeline.score(documents_test, y_test):.4f}. Probability of positive:")
new = [
    "A wonderful film, moving and funny, with superb acting.",
    "Dull, badly written and boring: a waste of two hours.",
]
for text, probability in zip(new, pipeline.predict_proba(new)[:, 1], strict=True):
    print(f"    {probability:.2f}  {text}")

# %%
# A notebook shows the pipeline like this, with the parameters of each step.

pipeline

# %%
# The figure
# ----------
# Loss and accuracy of the twenty epochs.

stage("Drawing")
figure, axes = plt.subplots(
    1, 2, figsize=(10, 4), layout="constrained", gridspec_kw={"wspace": 0.05}
)
for ax, metric in zip(axes, ("loss", "accuracy"), strict=True):
    TrainingCurveDisplay.from_estimator(classifier, metric=metric, ax=ax)
figure.suptitle("IMDB reviews: 20 epochs of a 16-16-1 network")

folder = os.environ.get("TEXTNN_FIGURES")
if folder:
    path = Path(folder) / "review_sentiment.png"
    figure.savefig(path, dpi=150)
    print(f"Wrote {path}")
else:
    plt.show()

# %%
# What the figure says
# --------------------
# The training loss keeps falling, down to next to nothing. The validation loss falls with it for a
# few epochs only and then rises: what is learned from there on is true of the training reviews
# alone. The validation accuracy reaches its best at about the same time, and then loses less than
# the loss would make one fear: the network is not so much wrong more often as more certain where
# it is wrong, and its probabilities are what suffers most.
#
# So the lowest validation loss is where to stop. The best validation accuracy is a second opinion,
# from a curve that is flat and jumps about. Where the two name different epochs, the dashed line
# shows the one in the picture of the other, and the table above what each was worth on the test
# reviews.
#
# When not to use this
# --------------------
# Look at the logistic regression in that table. With its regularization chosen on the same
# held-out reviews it does about as well as the network: in a bag of words, most of what there is
# to know about a review is the sum of what its words say. It also has one weight for each word,
# which can be read. Begin with it, and use the network where it wins on held-out documents of your
# own. Neither sees the order of words: "not good, just long" and "just good, not long" are the
# same review to both.

stage("Done")
