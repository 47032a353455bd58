"""
What is this news about, and how many epochs does it take?
==========================================================

The data are newswires in 46 topics, a few of them large and most of them
small. Each newswire has one topic, and a small network predicts it from the
words. This example follows the `Keras tutorial
<https://github.com/fchollet/deep-learning-with-python-notebooks/blob/master/second_edition/chapter04_getting-started-with-neural-networks.ipynb>`_:
train for 20 epochs, choose an epoch on held-out newswires, train a new network
on all newswires for that many epochs, and use the test newswires only at the
end.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, log_loss

from sklearn_textnn import (
    KerasTopicClassifier,
    MultiHotVectorizer,
    TrainingCurveDisplay,
)
from sklearn_textnn.datasets import fetch_reuters

# %%
# The newswires
# -------------
# They are integers that ``decode`` turns back into words. A ``?`` stands for
# the start mark of each newswire and for words that are not among the most
# frequent ones. The labels are those of the Keras tutorial, including their
# errors: about one text in eleven has the label of another newswire, and no
# model can learn that from the words.

reuters, reuters_test = fetch_reuters(), fetch_reuters(subset="test")
y, y_test = reuters.target, reuters_test.target
target_names = np.array(reuters.target_names)
print(target_names[y[0]], "-", reuters.decode(reuters.data[0])[:290], "...")

# %%
# The largest topic has hundreds of times as many newswires as the smallest.

balance = pd.Series(target_names[y]).value_counts().to_frame("newswires")
pd.concat([balance[:4], balance[4:][-3:]])

# %%
# Newswires as 0/1 vectors
# ------------------------
# There are 10,000 columns, one for each integer. The vectorizer accepts
# integers as well as text. As in the Keras tutorial, the first 1,000 training
# newswires are held out.

vectorizer = MultiHotVectorizer(num_words=10_000)
X = vectorizer.fit_transform(reuters.data)
X_test = vectorizer.transform(reuters_test.data)
n_val = 1_000
X_val, X_train = X[:n_val], X[n_val:]
y_val, y_train = y[:n_val], y[n_val:]
print("Shapes:", X_train.shape, X_val.shape, X_test.shape)

# %%
# Training for 20 epochs with either loss
# ---------------------------------------
# The network has two hidden layers of 64 units and a softmax over the topics.
# A hidden layer narrower than the number of topics would lose information, so
# the classifier warns about it.
#
# ``categorical_crossentropy`` compares with one-hot labels, which ``fit``
# creates internally. ``sparse_categorical_crossentropy`` compares with
# integers. Both compute the same loss.

network = {"units": (64, 64), "batch_size": 512, "random_state": 0}
classifier = KerasTopicClassifier(
    loss="categorical_crossentropy", epochs=20, **network
)
classifier.fit(X_train, y_train, X_val=X_val, y_val=y_val)
sparse = KerasTopicClassifier(
    loss="sparse_categorical_crossentropy", epochs=20, **network
)
sparse.fit(X_train, y_train, X_val=X_val, y_val=y_val)
gap = max(
    np.abs(a - b).max()
    for a, b in zip(classifier.coefs_, sparse.coefs_, strict=True)
)
print(f"Largest difference between the weights of the two networks: {gap:.1e}")

# %%
# The curves
# ----------

TrainingCurveDisplay.from_estimator(classifier)
TrainingCurveDisplay.from_estimator(classifier, metric="accuracy")
plt.show()

# %%
# The training loss keeps falling. The validation loss follows it for about
# half of the epochs, stays there, and then rises slowly. The validation
# accuracy rises for as long and is then flat with small changes from epoch to
# epoch, so the best epoch is best by very little. The training accuracy does
# not reach 1, because the same text occurs with different labels. If the
# validation curve is flat and the training curve is not, more epochs do not
# help.
#
# In the Keras tutorial, the lowest validation loss is 0.882 at epoch 9, and
# the best validation accuracy is 0.828 at epoch 11.
#
# Training again on all newswires
# -------------------------------
# As in the Keras tutorial, the best validation accuracy gives the number of
# epochs, and a new network is trained on all newswires. It is compared with a
# classifier that always predicts the most frequent topic and with logistic
# regression on the same vectors, with its regularization chosen on the
# held-out newswires. Balanced accuracy is the mean recall over the topics, so
# small topics count as much as large ones.


def logistic_regression(C):
    return LogisticRegression(C=C, solver="saga", tol=0.01, random_state=0)


val_loss = {}
for C in (1, 0.1):
    logistic = logistic_regression(C).fit(X_train, y_train)
    val_loss[C] = log_loss(
        y_val, logistic.predict_proba(X_val), labels=logistic.classes_
    )
C = min(val_loss, key=val_loss.get)
history = pd.DataFrame(
    classifier.history_, index=pd.RangeIndex(1, 21, name="epoch")
)
best = {
    "val_accuracy": int(history["val_accuracy"].idxmax()),
    "val_loss": int(history["val_loss"].idxmin()),
}

models = {
    "DummyClassifier": DummyClassifier(),
    f"LogisticRegression(C={C})": logistic_regression(C),
    **{
        f"network, {epoch} epochs (best {metric})": KerasTopicClassifier(
            epochs=epoch, **network
        )
        for metric, epoch in best.items()
    },
}
X_all, y_all = (
    sp.vstack([X_train, X_val], format="csr"),
    np.concatenate([y_train, y_val]),
)
scores = {}
for name, model in models.items():
    model.fit(X_all, y_all)
    predicted = model.predict(X_test)
    scores[name] = {
        "test loss": log_loss(
            y_test, model.predict_proba(X_test), labels=model.classes_
        ),
        "test accuracy": np.mean(predicted == y_test),
        "balanced accuracy": balanced_accuracy_score(y_test, predicted),
    }
scores = pd.DataFrame(scores).T
scores.round(4)

# %%
# The Keras tutorial prints a test loss of 0.990 and a test accuracy of 0.796.
#
# The whole procedure in one fit
# ------------------------------
# ``epoch_selection`` finds the epoch on the held-out rows and then trains from
# scratch on all rows. Seed 0 gives the network from above again.

runs = []
for seed in range(3):
    one_fit = KerasTopicClassifier(
        epoch_selection="val_accuracy", random_state=seed
    )
    one_fit.fit(X_train, y_train, X_val=X_val, y_val=y_val)
    runs.append(
        {
            "epoch": one_fit.best_epoch_,
            "test accuracy": one_fit.score(X_test, y_test),
        }
    )
runs = pd.DataFrame(runs).rename_axis("seed")
runs.round(4)

# %%
# A newswire and its topic
# ------------------------
# ``predict_proba`` has a column for each topic, in the order of ``classes_``.

print(
    target_names[y_test[0]],
    "-",
    reuters.decode(reuters_test.data[0])[:290],
    "...",
)
probabilities = pd.Series(
    one_fit.predict_proba(X_test[:1])[0], index=target_names[one_fit.classes_]
)
probabilities.nlargest(3).to_frame("probability").round(2)

# %%
# When to use something simpler
# -----------------------------
# Logistic regression is about as accurate here too. The balanced accuracy
# shows what accuracy hides. Accuracy depends on a few large topics. Of the
# newswires in small topics, which have ten or twenty newswires each, both
# models miss more than half. More newswires help with these more than another
# network. If a document can have several topics, don't use a softmax, which
# chooses only one of them.
