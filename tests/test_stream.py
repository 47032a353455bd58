"""More documents than fit in memory: chunks from files, cursors and generators."""

import gc
import pickle
import sqlite3
import weakref
from contextlib import closing
from itertools import islice

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from same_network import assert_same_network

from sklearn_textnn import KerasTopicClassifier, MultiHotVectorizer

TOPICS = ("gold", "oil", "wheat")
N_ROWS, CHUNK = 100, 16  # the last chunk is shorter


def documents(seed):
    """Yield documents and their topics without end; one word of a document decides its topic."""
    rng = np.random.RandomState(seed)
    words = np.array(["price", "report", "market", "export", "season", "tonnes"])
    while True:
        topic = TOPICS[rng.randint(len(TOPICS))]
        yield " ".join(rng.permutation([topic, *rng.choice(words, 3)])), topic


def chunks_of(rows, size):
    """Yield a list of texts and a list of topics for each chunk of an iterator over pairs."""
    while chunk := list(islice(rows, size)):
        yield tuple(map(list, zip(*chunk, strict=True)))


def from_generator(table, path):
    return chunks_of(iter(table), CHUNK)


def from_file(table, path):
    pd.DataFrame(table, columns=["text", "topic"]).to_csv(path, index=False)
    with pd.read_csv(path, chunksize=CHUNK) as file:
        for frame in file:
            yield frame["text"], frame["topic"]


def from_cursor(table, path):
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE wires (text, topic)")
        database.executemany("INSERT INTO wires VALUES (?, ?)", table)
        cursor = database.execute("SELECT text, topic FROM wires ORDER BY rowid")
        while rows := cursor.fetchmany(CHUNK):
            yield tuple(map(list, zip(*rows, strict=True)))


@pytest.mark.parametrize("chunks", [from_generator, from_file, from_cursor])
@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_chunks_of_a_stream_train_the_same_network_as_chunks_in_memory(
    chunks, dropout, tmp_path, global_random_seed
):
    table = list(islice(documents(global_random_seed), N_ROWS))
    texts, topics = zip(*table, strict=True)
    vectorizer = MultiHotVectorizer().fit(texts)
    parameters = dict(units=8, batch_size=8, dropout=dropout, random_state=global_random_seed)

    streamed = KerasTopicClassifier(**parameters)
    for chunk, labels in chunks(table, tmp_path / "wires"):
        streamed.partial_fit(vectorizer.transform(chunk), labels, classes=TOPICS)

    X, y = vectorizer.transform(texts), np.array(topics)
    in_memory = KerasTopicClassifier(**parameters)
    for start in range(0, N_ROWS, CHUNK):
        rows = slice(start, start + CHUNK)
        in_memory.partial_fit(X[rows], y[rows], classes=TOPICS)

    assert streamed.n_iter_ == in_memory.n_iter_ == 7
    assert streamed.history_ == in_memory.history_
    assert_same_network(streamed, in_memory)
    predicted = [
        streamed.predict_proba(vectorizer.transform(chunk))
        for chunk, _ in chunks(table, tmp_path / "once more")
    ]
    assert_allclose(np.vstack(predicted), in_memory.predict_proba(X), rtol=1e-5, atol=1e-6)


def test_only_the_loss_and_accuracy_of_a_chunk_stay_in_memory(global_random_seed):
    stream = documents(global_random_seed)
    vectorizer = MultiHotVectorizer().fit(text for text, _ in islice(stream, 200))
    classifier = KerasTopicClassifier(8, random_state=global_random_seed)
    chunks, sizes = [], []
    for texts, topics in chunks_of(islice(stream, 20 * CHUNK), CHUNK):
        X = vectorizer.transform(texts)
        classifier.partial_fit(X, topics, classes=TOPICS).predict(X)
        chunks += map(weakref.ref, (X, X.data, X.indices, X.indptr))
        sizes.append(len(pickle.dumps(classifier)))
    del X
    gc.collect()
    assert not [chunk for chunk in chunks if chunk() is not None]
    assert classifier.n_iter_ == 20
    assert 0 < sizes[-1] - sizes[0] <= 19 * 32  # two numbers for each chunk


def test_vocabulary_may_be_learned_from_a_generator_or_given(global_random_seed):
    texts = [text for text, _ in islice(documents(global_random_seed), N_ROWS)]
    learned = MultiHotVectorizer().fit(text for text in texts)
    given = MultiHotVectorizer(vocabulary=learned.vocabulary_).fit(texts[:1])
    for vectorizer in (learned, given):
        encoded = vectorizer.transform(text for text in texts)
        assert_array_equal(encoded.toarray(), MultiHotVectorizer().fit_transform(texts).toarray())
