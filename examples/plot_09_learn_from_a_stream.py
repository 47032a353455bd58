"""
Can it learn from documents that come one chunk at a time?
==========================================================

Reviews arrive in chunks and are not kept. Each chunk is a test first, since nobody has learned from
it yet, and then ``partial_fit`` learns from it. Towards the end the stream changes: long reviews
give way to single sentences from elsewhere. How soon is the network good, what does the change do
to it, and does a linear model do better or worse?
"""

import copy
import json
import os
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

started = time.perf_counter()


def stage(what):
    print(f"\n[{time.perf_counter() - started:5.1f} s] {what}", flush=True)


# %%
# The stream
# ----------
# A file with one document in each line stands for the stream: IMDB's 25,000 reviews, then 8,500
# sentences from Rotten Tomatoes. Once it is written nothing else has all of them, and no more than
# one chunk of 500 is read at a time.

stage("Writing the stream")
folder_of_stream = tempfile.TemporaryDirectory()
stream = Path(folder_of_stream.name) / "stream.jsonl"
CHUNK = 500
lengths = []
with stream.open("w", encoding="utf-8") as file:
    for source in ("imdb", "rotten_tomatoes"):
        documents, y = shuffle(*load_movie_reviews(source, return_X_y=True), random_state=0)
        n = len(documents) // CHUNK * CHUNK  # whole chunks
        for document, label in zip(documents[:n], y[:n], strict=True):
            file.write(json.dumps([document, int(label)]) + "\n")
        lengths.append(n)
        print(f"\n{n:,} of {source}, {np.mean(y[:n]):.1%} positive, one of them:")
        print(f"    {documents[0][:200]}")
n_imdb, n_documents = lengths[0], sum(lengths)
del documents, y


def chunks(size=CHUNK):
    """Yield the documents and labels of the stream, some lines at a time."""
    with stream.open(encoding="utf-8") as file:
        while lines := list(islice(file, size)):
            documents, labels = zip(*map(json.loads, lines), strict=True)
            yield list(documents), np.array(labels)


# %%
# Columns that stay
# -----------------
# The columns have to be known before the first chunk, and the same until the last. There are two
# ways: learn a vocabulary from a sample, here the first 2,000 reviews, or do without one.
# ``HashingVectorizer`` computes a word's column from its letters, so that it needs no sample and
# knows every word, and cannot say afterwards which word a column was.

stage("Fitting the vectorizer to a sample")
sample, _ = next(chunks(2_000))
vectorizer = MultiHotVectorizer(num_words=10_000).fit(sample)
hashing = HashingVectorizer(binary=True, norm=None, alternate_sign=False)  # 0 or 1 as well
analyze = vectorizer.build_analyzer()
last, _ = next(islice(chunks(), n_imdb // CHUNK - 1, None))
words = [word for document in last for word in analyze(document)]
print(f"{len(vectorizer.vocabulary_):,} words from {len(sample):,} reviews")
known = np.mean([word in vectorizer.vocabulary_ for word in words])
print(f"{known:.1%} of the words of IMDB's last {len(last)} reviews are among them")
del sample, last, words

# %%
# Test, then train
# ----------------
# ``partial_fit`` trains for one epoch on the rows it is given, and has to be told all classes in
# the first call, because a chunk need not have all of them. ``batch_size`` decides how many steps a
# chunk is worth: with the default of 512 a chunk of 500 is one step, with 32 it is sixteen.
#
# Beside the networks: guessing; naive Bayes, which counts words, on the same columns; a linear
# model on hashed ones; and the network as it was when the reviews of IMDB ended, which learns no
# more. The default learning rate of ``SGDClassifier`` shrinks from step to step, and a stream that
# changes is no place for that, so it has a constant one.

stage("Test, then train")
learners = {
    "network, batches of 32": KerasBinaryReviewClassifier(batch_size=32, random_state=0),
    "network, batches of 512": KerasBinaryReviewClassifier(batch_size=512, random_state=0),
    "MultinomialNB": MultinomialNB(),
    "SGDClassifier, hashed": SGDClassifier(
        loss="log_loss", learning_rate="constant", eta0=0.01, random_state=0
    ),
}
FROZEN = "network, not learning any more"
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
        begun = time.perf_counter()
        learner.partial_fit(columns, y, classes=[0, 1])
        seconds[name] += time.perf_counter() - begun
    guess.fit(X, y)
    seen += len(y)
    accuracy[seen] = scores
accuracy = pd.DataFrame(accuracy).T
print(f"{seen:,} documents, {stream.stat().st_size / 1e6:.1f} MB of text,", end=" ")
print(f"at most {bytes_in_memory / 1e6:.1f} MB of vectors at a time")

# %%
# The means over parts of the stream. Everything in this table was said before the label was seen.

stage("Progressive accuracy")
parts = {
    "first 5,000": accuracy.loc[:5_000],
    "last 5,000 of IMDB": accuracy.loc[n_imdb - 4_999 : n_imdb],
    "1,000 after it": accuracy.loc[n_imdb + 1 : n_imdb + 1_000],
    "last 2,000": accuracy.loc[n_documents - 1_999 :],
}
table = pd.DataFrame({name: part.mean() for name, part in parts.items()})
table = table.reindex(["DummyClassifier", *learners, FROZEN])
table["seconds learning"] = pd.Series(seconds)
print(table.to_string(float_format="{:.3f}".format, na_rep=""))

# %%
# The figure
# ----------
# The accuracy on the last 2,000 documents at each time; after the change, on those since then.

stage("Drawing")
figure, ax = plt.subplots(figsize=(10, 4.5), layout="constrained")
recent = accuracy.groupby(accuracy.index > n_imdb).rolling(4, min_periods=1).mean().droplevel(0)
styles = {
    "network, batches of 32": dict(color="tab:blue", linewidth=2),
    "network, batches of 512": dict(color="tab:blue", linestyle="--"),
    FROZEN: dict(color="tab:blue", linestyle=":"),
    "MultinomialNB": dict(color="tab:orange"),
    "SGDClassifier, hashed": dict(color="tab:green"),
    "DummyClassifier": dict(color="0.6"),
}
for name, style in styles.items():
    for part in (recent.loc[:n_imdb], recent.loc[n_imdb + 1 :]):
        (line,) = ax.plot(part[name], **style)
    line.set_label(name[0].upper() + name[1:])
ax.axvline(n_imdb, color="k", linewidth=0.8)
ax.text(n_imdb - 300, 0.53, "IMDB", ha="right")
ax.text(n_imdb + 300, 0.53, "Rotten Tomatoes")
ax.set(xlabel="Documents seen", ylabel="Progressive accuracy", xlim=(0, n_documents))
ax.xaxis.set_major_formatter("{x:,.0f}")
ax.legend(fontsize="small", loc="center left", bbox_to_anchor=(1.01, 0.5))

folder = os.environ.get("TEXTNN_FIGURES")
if folder:
    path = Path(folder) / "learn_from_a_stream.png"
    figure.savefig(path, dpi=150)
    print(f"Wrote {path}")
else:
    plt.show()
folder_of_stream.cleanup()

# %%
# What the figure says
# --------------------
# Small batches matter more than anything else here. One step for each chunk leaves the network
# behind for thousands of reviews; with sixteen it is soon as good as the others, and then better
# than they are. The stream is seen once, so there is nothing to overfit to and no epoch to choose.
#
# Sentences from elsewhere are harder for everybody. They have a few words each, and what was
# learned from reviews holds for some of them only. The network that goes on learning finds its way,
# and the one that does not stays behind. So what a stream needs is this picture of one's own, going
# on as long as the stream does: nothing else tells when it has changed.
#
# When not to use this
# --------------------
# At the beginning of a stream naive Bayes is better, and right after a change about as good. It
# learns by counting, has nothing to set, and takes a fraction of the time. The network is worth its
# price where the stream is long. And documents that do fit in memory are better learned from by
# ``fit``, in several epochs and in an order that is shuffled each time.

stage("Done")
