"""
How to learn from documents that arrive in chunks
=================================================

Reviews arrive in chunks and are not stored. Each chunk is first used for
testing, because no model has learned from it yet. Then ``partial_fit`` learns
from it. Near the end, the stream changes from long reviews to single sentences
from another source. How soon is the network good, what does the change do to
it, and is a linear model better or worse?
"""

import copy
import json
import tempfile
import time
from itertools import islice
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.naive_bayes import MultinomialNB
from sklearn.utils import shuffle

from sklearn_textnn import KerasBinaryReviewClassifier, MultiHotVectorizer
from sklearn_textnn.datasets import load_movie_reviews

# %%
# The stream
# ----------
# A file with one document per line represents the stream: 25,000 reviews of
# IMDB, then 8,500 sentences from Rotten Tomatoes. After the file is written,
# at most 2,000 documents are in memory at a time.

folder_of_stream = tempfile.TemporaryDirectory()
stream = Path(folder_of_stream.name) / "stream.jsonl"
CHUNK = 500
lengths = []
with stream.open("w", encoding="utf-8") as file:
    for source in ("imdb", "rotten_tomatoes"):
        documents, y = shuffle(
            *load_movie_reviews(source, return_X_y=True), random_state=0
        )
        n = len(documents) // CHUNK * CHUNK  # whole chunks
        for document, label in zip(documents[:n], y[:n], strict=True):
            file.write(json.dumps([document, int(label)]) + "\n")
        lengths.append(n)
        print(f"{source}: {documents[0][:200]}")
n_imdb, n_documents = lengths[0], sum(lengths)
del documents, y


def chunks(size=CHUNK):
    """Yield the documents and labels of the stream in chunks."""
    with stream.open(encoding="utf-8") as file:
        while lines := list(islice(file, size)):
            documents, labels = zip(*map(json.loads, lines), strict=True)
            yield list(documents), np.array(labels)


# %%
# Columns that never change
# -------------------------
# The columns must be known before the first chunk and stay the same. There are
# two ways. The first is to learn a vocabulary from a sample, here the first
# 2,000 reviews. The second is ``HashingVectorizer``, which computes the column
# of a word from its letters. It needs no sample and accepts every word, but it
# cannot turn columns back into words.

sample, _ = next(chunks(2_000))
vectorizer = MultiHotVectorizer(num_words=10_000).fit(sample)
hashing = HashingVectorizer(
    binary=True, norm=None, alternate_sign=False
)  # also 0/1
analyze = vectorizer.build_analyzer()
last, _ = next(islice(chunks(), n_imdb // CHUNK - 1, None))
words = [word for document in last for word in analyze(document)]
known = np.mean([word in vectorizer.vocabulary_ for word in words])
print(f"{known:.1%} of the words in the last {CHUNK} reviews are in it")
del sample, last, words

# %%
# Test, then train
# ----------------
# ``partial_fit`` trains for one epoch on the rows that it gets. The first call
# needs all classes, because a chunk may not contain all of them.
# ``batch_size`` determines the number of steps: with the default of 512, a
# chunk of 500 is one step, and with 32 it is sixteen.
#
# The networks are compared with guessing, with naive Bayes on the same
# columns, with a linear model on hashed columns, and with a copy of the
# network that stops learning when the reviews of IMDB end. The default
# learning rate of ``SGDClassifier`` decreases with each step. This does not
# suit a stream that changes, so it is constant here.

learners = {
    "network, batches of 32": KerasBinaryReviewClassifier(
        batch_size=32, random_state=0
    ),
    "network, batches of 512": KerasBinaryReviewClassifier(
        batch_size=512, random_state=0
    ),
    "MultinomialNB": MultinomialNB(),
    "SGDClassifier, hashed": SGDClassifier(
        loss="log_loss", learning_rate="constant", eta0=0.01, random_state=0
    ),
}
FROZEN = "network, no longer learning"
accuracy, seconds = {}, dict.fromkeys(learners, 0.0)
seen = bytes_in_memory = 0
guess = DummyClassifier()
for documents, y in chunks():
    X, hashed = vectorizer.transform(documents), hashing.transform(documents)
    n_bytes = sum(array.nbytes for array in (X.data, X.indices, X.indptr))
    bytes_in_memory = max(bytes_in_memory, n_bytes)
    if seen == n_imdb:
        frozen = copy.deepcopy(learners["network, batches of 32"])
    scores = {}
    if seen > 0:
        scores["DummyClassifier"] = guess.score(X, y)
    if seen >= n_imdb:
        scores[FROZEN] = frozen.score(X, y)
    for name, learner in learners.items():
        columns = hashed if name.endswith("hashed") else X
        if seen > 0:
            scores[name] = learner.score(columns, y)
        started = time.perf_counter()
        learner.partial_fit(columns, y, classes=[0, 1])
        seconds[name] += time.perf_counter() - started
    guess.fit(X, y)
    seen += len(y)
    accuracy[seen] = scores
accuracy = pd.DataFrame(accuracy).T
print(f"{stream.stat().st_size / 1e6:.1f} MB of text")
print(f"at most {bytes_in_memory / 1e6:.1f} MB of vectors at a time")

# %%
# The table shows means over parts of the stream. All predictions were made
# before the labels were seen.

parts = {
    "first 5,000": accuracy.loc[:5_000],
    "last 5,000 of IMDB": accuracy.loc[n_imdb - 4_999 : n_imdb],
    "next 1,000": accuracy.loc[n_imdb + 1 : n_imdb + 1_000],
    "last 2,000": accuracy.loc[n_documents - 1_999 :],
}
table = pd.DataFrame({name: part.mean() for name, part in parts.items()})
table = table.reindex(["DummyClassifier", *learners, FROZEN])
table["seconds learning"] = pd.Series(seconds)
table.round(3)

# %%
# The figure
# ----------
# The figure shows the accuracy on the most recent 2,000 documents. After the
# change, it starts again.

recent = (
    accuracy.groupby(accuracy.index > n_imdb)
    .rolling(4, min_periods=1)
    .mean()
    .droplevel(0)
)
styles = {
    "network, batches of 32": dict(color="C0", linewidth=2.2),
    "network, batches of 512": dict(color="C0", linewidth=1, linestyle="--"),
    FROZEN: dict(color="C0", linewidth=1, linestyle=":"),
    "MultinomialNB": dict(color="C3", linewidth=1),
    "SGDClassifier, hashed": dict(color="C2", linewidth=1),
    "DummyClassifier": dict(color="0.5", linewidth=1),
}
# At the end of a curve, moved up or down by so many points.
moved = {
    "network, batches of 32": 6,
    "SGDClassifier, hashed": -2,
    FROZEN: -14,
}
figure, ax = plt.subplots(figsize=(9, 4.5), layout="constrained")
for name, style in styles.items():
    for part in (recent.loc[:n_imdb], recent.loc[n_imdb + 1 :]):
        ax.plot(part[name], **style)
    ax.annotate(
        name,
        (n_documents, recent[name].iloc[-1]),
        xytext=(6, moved.get(name, 0)),
        textcoords="offset points",
        va="center",
        color=style["color"],
        fontsize="small",
    )
before, after = recent["network, batches of 32"].loc[[n_imdb, n_imdb + CHUNK]]
ax.axvline(n_imdb, color="0.4", linewidth=0.8)
ax.text(n_imdb - 300, 0.53, "reviews", ha="right")
ax.text(n_imdb + 300, 0.53, "sentences")
lost = 100 * (before - after)
ax.set_title(f"The change of source costs the network {lost:.0f} points")
ax.set(xlabel="Documents seen", ylabel="Accuracy", xlim=(0, n_documents))
ax.xaxis.set_major_formatter("{x:,.0f}")
ax.spines[["top", "right"]].set_visible(False)
plt.show()
folder_of_stream.cleanup()

# %%
# Interpretation
# --------------
# The batch size has the largest effect. With one step per chunk, the network
# is behind for thousands of reviews. With sixteen steps it soon reaches the
# other models and then becomes better. The network sees each document once, so
# overfitting is not a concern and there is no epoch to choose.
#
# Sentences from another source are harder for every model. They have only a
# few words, and only some of what was learned from reviews applies to them.
# The network that continues to learn adapts. The one that does not stays
# behind. So plot this curve for your own stream, for as long as it runs:
# nothing else shows that the stream has changed.
#
# When to use something simpler
# -----------------------------
# Naive Bayes is better at the beginning of a stream, and about as good right
# after a change. It only counts words, has no parameters to set, and takes a
# fraction of the time. The network is worth its cost if the stream is long. If
# the documents fit in memory, use ``fit`` instead, with several epochs and
# another order of the rows in each epoch.
