"""
How to predict several topics at once
=====================================

A newswire about wheat is also about grain, and perhaps about trade and ships.
In this example a document has any number of topics, so each topic is a
separate yes-or-no question. A network with one sigmoid for each topic answers
all questions from the same hidden layers. One logistic regression for each
topic answers them one by one. Which is better, for which topics, and how much
depends on the threshold?
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split
from sklearn.multiclass import OneVsRestClassifier

from sklearn_textnn import KerasTopicClassifier, MultiHotVectorizer
from sklearn_textnn.datasets import fetch_reuters21578

# %%
# The newswires
# -------------
# Reuters-21578 has 7,770 newswires for training and 3,019 for testing, in 90
# topics. All training newswires are older than the test newswires. The terms
# of the data allow research only; see ``DESCR``.

reuters, reuters_test = fetch_reuters21578(), fetch_reuters21578(subset="test")
Y, Y_test = reuters.target, reuters_test.target
target_names = np.array(reuters.target_names)
several = np.flatnonzero(Y.sum(axis=1) > 1)[0]
print("Topics:", *target_names[Y[several] == 1])
print(" ".join(reuters.data[several].split())[:290], "...")

# %%
# Most newswires have one topic.

pd.Series(Y.sum(axis=1)).value_counts().rename_axis("topics").to_frame(
    "newswires"
).head()

# %%
# Half of the topics have fewer than twenty training newswires.

by_size = Y.sum(axis=0).argsort()[::-1]
sizes = pd.Series(Y.sum(axis=0)[by_size], index=target_names[by_size])
n = len(sizes)
rows = sorted({0, 1, 2, n // 2 - 1, n // 2, n - 2, n - 1})
sizes.iloc[rows].to_frame("newswires")

# %%
# Newswires as 0/1 vectors
# ------------------------
# ``X`` has one column for each of the 10,000 most frequent words, and ``Y``
# one for each topic. A fifth of the training newswires is held out at random,
# without stratification: a topic with one newswire cannot be in both parts.

vectorizer = MultiHotVectorizer(num_words=10_000)
X = vectorizer.fit_transform(reuters.data)
X_test = vectorizer.transform(reuters_test.data)
X_train, X_val, Y_train, Y_val = train_test_split(
    X, Y, test_size=0.2, random_state=0
)

# %%
# Metrics
# -------
# Nearly all entries of ``Y`` are 0, so accuracy says little: a model that
# finds no topics has an accuracy of about 0.99. F1 compares the topics found
# with those missed and those predicted wrongly. Micro-F1 counts over all
# topics together, so it depends mostly on the large ones. Macro-F1 is the mean
# of the F1 scores of all topics, so the smallest counts as much as the
# largest.


def f1(Y_true, Y_pred):
    return {
        "micro-F1": f1_score(Y_true, Y_pred, average="micro", zero_division=0),
        "macro-F1": f1_score(Y_true, Y_pred, average="macro", zero_division=0),
    }


# Some topics have only held-out newswires and are never found. More iterations
# for the topics that do not converge leave the first three digits of the
# scores unchanged.
warnings.filterwarnings(
    "ignore", message="Label not .* is present in all training examples"
)
warnings.filterwarnings("ignore", message="Liblinear failed to converge")


def one_by_one(C):
    return OneVsRestClassifier(
        LogisticRegression(
            C=C, solver="liblinear", dual=True, tol=0.1, random_state=0
        )
    )


held_out = {
    "DummyClassifier": f1(
        Y_val, DummyClassifier().fit(X_train, Y_train).predict(X_val)
    )
}
logistic = {C: one_by_one(C).fit(X_train, Y_train) for C in (1, 10)}
for C, model in logistic.items():
    held_out[f"LogisticRegression(C={C})"] = f1(Y_val, model.predict(X_val))
C = max(
    logistic, key=lambda C: held_out[f"LogisticRegression(C={C})"]["micro-F1"]
)

# %%
# The network
# -----------
# The default settings are made for one topic per document. With a sigmoid for
# each of many topics, nearly every answer is no, and the network has to learn
# that first. After 20 epochs of a dozen large batches it has learned little
# more, and ``fit`` warns.

default = KerasTopicClassifier(units=(128, 128), epochs=20, random_state=0)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    default.fit(X_train, Y_train)
print(*(warning.message for warning in caught), sep="\n")

# %%
# Smaller batches, Adam and a larger learning rate solve this. The hidden
# layers are wider than the number of topics, and dropout regularizes them.
# ``stages`` keeps the weights after some of the epochs, so one training gives
# the F1 score of each.

epochs = [2, 4, 8, 12, 16]
network = {
    "units": (128, 128),
    "dropout": 0.3,
    "optimizer": "adam",
    "learning_rate": 3e-3,
    "batch_size": 128,
}
classifier = KerasTopicClassifier(
    epochs=epochs[-1], stages=epochs, **network, random_state=0
)
classifier.fit(X_train, Y_train, X_val=X_val, y_val=Y_val)
held_out["network, default settings, epoch 20"] = f1(
    Y_val, default.predict(X_val)
)
for epoch, predicted in zip(
    epochs, classifier.staged_predict(X_val), strict=True
):
    held_out[f"network, epoch {epoch}"] = f1(Y_val, predicted)
epoch = max(
    epochs, key=lambda epoch: held_out[f"network, epoch {epoch}"]["micro-F1"]
)
print("Epoch with the lowest validation loss:", classifier.best_epoch_)
pd.DataFrame(held_out).T.round(3)

# %%
# The lowest validation loss comes several epochs before the best F1.
# ``epoch_selection`` and ``early_stopping`` use the loss or the accuracy, so
# they stop too early for F1.
#
# Thresholds
# ----------
# ``predict`` returns the topics with a probability above 0.5. A lower
# threshold gives a better F1, above all for rare topics. Each model gets its
# own threshold, the one with the best micro-F1 on the held-out newswires. It
# is the same for all topics, because most topics have too few newswires to
# choose one for each.


def above(threshold, probabilities):
    return (probabilities > threshold).astype(int)


probabilities = {
    "LogisticRegression": logistic[C].predict_proba(X_val),
    "network": list(classifier.staged_predict_proba(X_val))[
        epochs.index(epoch)
    ],
}
grid = np.arange(0.1, 0.55, 0.05).round(2)
by_threshold = pd.DataFrame(
    {
        name: [
            f1(Y_val, above(threshold, P))["micro-F1"] for threshold in grid
        ]
        for name, P in probabilities.items()
    },
    index=pd.Index(grid, name="threshold"),
)
thresholds = by_threshold.idxmax()
by_threshold.round(3)

# %%
# Test scores
# -----------
# Both models are trained again on all training newswires, the network with
# three seeds. "All correct" is the share of newswires with exactly the right
# topics, which ``score`` returns.

P_test = {
    "LogisticRegression": [one_by_one(C).fit(X, Y).predict_proba(X_test)],
    "network": [],
}
for seed in range(3):
    chosen = KerasTopicClassifier(
        epochs=epoch, **network, random_state=seed
    ).fit(X, Y)
    P_test["network"].append(chosen.predict_proba(X_test))
rows = []
for name, of_seeds in P_test.items():
    for threshold in dict.fromkeys((0.5, float(thresholds[name]))):
        for seed, P in enumerate(of_seeds):
            Y_pred = above(threshold, P)
            rows.append(
                {"model": name, "above": threshold, "seed": seed}
                | f1(Y_test, Y_pred)
                | {"all correct": accuracy_score(Y_test, Y_pred)}
            )
scores = pd.DataFrame(rows).set_index(["model", "above", "seed"])
scores.round(3)

# %%
# A newswire and its topics
# -------------------------
# The first test newswire with three topics or more of which the network finds
# at least two. ``predict_proba`` has a column for each topic. The columns do
# not sum to 1.

P = P_test["network"][0]
found = above(thresholds["network"], P)
shown = np.flatnonzero(
    (Y_test.sum(axis=1) > 2) & ((found & Y_test).sum(axis=1) > 1)
)[0]
print(" ".join(reuters_test.data[shown].split())[:400], "...")
likely = P[shown].argsort()[::-1][:6]
pd.DataFrame(
    {
        "probability": P[shown, likely].round(2),
        "label": Y_test[shown, likely] == 1,
    },
    index=target_names[likely],
)

# %%
# The figure
# ----------
# The figure shows F1 on the test newswires for each of the largest topics.
# Each model uses its own threshold.

largest = by_size[:20][::-1]
logistic_f1, network_f1 = (
    f1_score(
        Y_test,
        above(thresholds[name], P_test[name][0]),
        average=None,
        zero_division=0,
    )[largest]
    for name in ("LogisticRegression", "network")
)
names = [f"{target_names[topic]} ({Y[:, topic].sum():,})" for topic in largest]
figure, ax = plt.subplots(
    figsize=(7, 1.5 + 0.28 * len(largest)), layout="constrained"
)
ax.hlines(names, logistic_f1, network_f1, color="0.8", zorder=0)
ax.plot(logistic_f1, names, "o", color="0.4", markerfacecolor="w")
ax.plot(network_f1, names, "o", color="C0")
last = len(largest) - 1
for x, text, color in (
    (logistic_f1[last], "logistic regressions", "0.4"),
    (network_f1[last], "network", "C0"),
):
    is_left = x == min(logistic_f1[last], network_f1[last])
    ax.annotate(
        text,
        (x, last),
        xytext=(-8 if is_left else 8, 0),
        textcoords="offset points",
        ha="right" if is_left else "left",
        va="center",
        color=color,
    )
n_better = np.sum(network_f1 > logistic_f1)
ax.set_title(
    f"The network is better in {n_better} of the {len(largest)} largest topics"
)
ax.set(xlabel="F1 on the test newswires", ylabel="Topic (training newswires)")
ax.spines[["top", "right"]].set_visible(False)
ax.margins(y=0.03)
plt.show()

# %%
# Interpretation
# --------------
# With a threshold of 0.5, the network has the better micro-F1 and macro-F1,
# but mostly because of the threshold. A logistic regression of a rare topic
# seldom predicts more than 0.5. With a threshold chosen on held-out newswires,
# it finds about as many topics as the network. The remaining advantage of the
# network is that it gets all topics right for one or two more newswires in a
# hundred. In the figure, neither model is better for all topics. The large
# differences are those of topics with about a hundred newswires. They go in
# both directions, and change with the seed.
#
# Both models have a macro-F1 far below their micro-F1, because many of the
# small topics are hardly ever found.
#
# When to use something simpler
# -----------------------------
# Start with one logistic regression for each topic and a threshold for F1. It
# needs no choice of learning rate, batch size or epochs, and it has one weight
# for each word and topic, which can be interpreted. The network with its
# default settings is worse here, and finding better settings took a search.
# Try the network if all topics of a newswire have to be right.
