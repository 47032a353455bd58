"""
How to learn from partitions that are never together in memory
==============================================================

Labelled reviews lie in files, as on the disks of a cluster. Each partition is
counted where it lies, and the counts are merged. Then one network learns from
one partition after the other, as they come. Is it as good as a network that
gets all reviews at once, and how much memory does it need?
"""

import json
import tempfile
from pathlib import Path

import dask
import dask.bag
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import psutil
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.utils import shuffle

from sklearn_textnn import KerasBinaryReviewClassifier, MultiHotVectorizer
from sklearn_textnn.datasets import load_movie_reviews

# %%
# The bag
# -------
# There are 20 files of 1,000 reviews, and 5,000 more reviews to test on. A bag
# is Dask's collection of Python objects, here of pairs of a review and its
# label. It reads a file when it needs it. The threads of this process work on
# it here. To use the machines of a cluster, put the files in a folder that all
# of them see, and write ``distributed.Client(address)`` in the place of
# ``dask.config.set``.

N_PARTITIONS, SIZE = 20, 1_000
documents, y = shuffle(
    *load_movie_reviews("imdb", return_X_y=True), random_state=0
)
n_train = N_PARTITIONS * SIZE
folder = tempfile.TemporaryDirectory()
for i, start in enumerate(range(0, n_train, SIZE)):
    pairs = zip(
        documents[start : start + SIZE],
        y[start : start + SIZE].tolist(),
        strict=True,
    )
    lines = "".join(json.dumps(pair) + "\n" for pair in pairs)
    (Path(folder.name) / f"{i:02}.jsonl").write_text(lines, encoding="utf-8")
documents_test, y_test = documents[n_train:], y[n_train:]
bag = dask.bag.read_text(f"{folder.name}/*.jsonl", encoding="utf-8").map(
    json.loads
)
dask.config.set(scheduler="threads")
print(bag)

# %%
# Count where the text is
# -----------------------
# ``partial_fit`` counts a partition, and ``merge`` makes one of two
# vectorizers that have counted. Only counts travel. The vocabulary is that of
# one ``fit`` on all reviews, in the same order.

vectorizer = MultiHotVectorizer(num_words=10_000)


def count(partition):
    """Return a list of one vectorizer that has counted a partition."""
    return [clone(vectorizer).partial_fit([review for review, _ in partition])]


counted = (
    bag.map_partitions(count)
    .fold(lambda one, other: one.merge(other))
    .compute()
)
at_once = clone(vectorizer).fit(documents[:n_train])
print("The same vocabulary:", counted.vocabulary_ == at_once.vocabulary_)
print("The most frequent words:", *counted.get_feature_names_out()[:8])

# %%
# Train as they come
# ------------------
# Each partition is encoded where it lies, and comes as a sparse matrix with
# its labels beside it. The trainer holds one at a time. ``partial_fit`` trains
# for one epoch on it. The memory of the process is measured after each
# partition, once the first has started TensorFlow.


def encode(partition):
    """Return the vectors and the labels of a partition."""
    reviews, labels = zip(*partition, strict=True)
    return counted.transform(reviews), np.array(labels)


process = psutil.Process()
network = KerasBinaryReviewClassifier(batch_size=64, random_state=0)
hashing = HashingVectorizer(binary=True, norm=None, alternate_sign=False)
linear = SGDClassifier(loss="log_loss", random_state=0)
X_test, hashed_test = (
    counted.transform(documents_test),
    hashing.transform(documents_test),
)
guess = DummyClassifier().fit(X_test, y_test).score(X_test, y_test)
progress = []
for partition in bag.to_delayed():
    X, labels = dask.delayed(encode)(partition).compute()
    network.partial_fit(X, labels, classes=[0, 1])
    reviews = [review for review, _ in partition.compute()]
    linear.partial_fit(hashing.transform(reviews), labels, classes=[0, 1])
    progress.append(
        {
            "reviews": SIZE * (len(progress) + 1),
            "network": network.score(X_test, y_test),
            "SGDClassifier, hashed": linear.score(hashed_test, y_test),
            "MB": process.memory_info().rss / 1e6,
        }
    )
progress = pd.DataFrame(progress).set_index("reviews")
progress.iloc[[0, 4, 9, 14, 19]].round(3)

# %%
# All at once, for comparison
# ---------------------------
# One epoch of ``fit`` sees the reviews in another order, and each once, too.

whole = (
    clone(network)
    .set_params(epochs=1)
    .fit(at_once.transform(documents[:n_train]), y[:n_train])
)
accuracy_at_once = whole.score(X_test, y_test)
pd.Series(
    {
        "guessing": guess,
        "network, partition by partition": progress["network"].iloc[-1],
        "network, one epoch of fit": accuracy_at_once,
    }
).to_frame("test accuracy").round(3)

# %%
# The figures
# -----------
# The first figure shows the test accuracy after each partition, the second the
# memory.

gap = 100 * (progress["network"].iloc[-1] - accuracy_at_once)
figure, ax = plt.subplots(layout="constrained")
for name, color, width in (
    ("network", "C0", 2.2),
    ("SGDClassifier, hashed", "0.45", 1),
):
    ax.plot(progress[name], color=color, linewidth=width)
    ax.annotate(
        name,
        (n_train, progress[name].iloc[-1]),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        color=color,
    )
ax.axhline(accuracy_at_once, color="C0", linewidth=1, linestyle=":")
ax.annotate(
    "network, all at once",
    (SIZE, accuracy_at_once),
    xytext=(0, 4),
    textcoords="offset points",
    color="C0",
)
ax.set_title(
    f"Partition by partition: {gap:+.1f} points against all reviews at once"
)
ax.set(xlabel="Reviews learned from", ylabel="Test accuracy")
ax.xaxis.set_major_formatter("{x:,.0f}")
ax.spines[["top", "right"]].set_visible(False)

# %%

growth = progress["MB"].iloc[-1] - progress["MB"].iloc[4]
figure, ax = plt.subplots(layout="constrained")
ax.plot(progress["MB"], linewidth=2.2)
ax.set_title(f"Memory changes by {growth:+.0f} MB over the last 15 partitions")
ax.set(xlabel="Reviews learned from", ylabel="Memory of the process (MB)")
ax.set_ylim(0, 1.3 * progress["MB"].max())
ax.xaxis.set_major_formatter("{x:,.0f}")
ax.spines[["top", "right"]].set_visible(False)
plt.show()
folder.cleanup()

# %%
# Interpretation
# --------------
# The vocabulary does not depend on how the reviews are divided, and the
# network learns as much partition by partition as from all at once. Memory
# stays flat, because only the counts, one partition and the network are held.
# To train more epochs, go over the bag again.
#
# When to use something simpler
# -----------------------------
# If the vectors of all documents fit in memory, as they do here, ``fit`` is
# simpler: it shuffles the rows anew in each epoch and can choose the number of
# epochs. Partitions should be mixed. If each one held reviews of one label,
# the network would forget the other.
