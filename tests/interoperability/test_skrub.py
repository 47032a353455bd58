"""skrub: a classifier on a table, and a vectorizer for one of its columns."""

import numpy as np
import pandas as pd
import pytest
from newswires import wires
from numpy.testing import assert_array_equal
from sklearn.pipeline import make_pipeline

from sklearn_textnn import KerasTopicClassifier, MultiHotVectorizer

skrub = pytest.importorskip("skrub")

DOCUMENTS, TOPICS = wires(90, 0)
TABLE = pd.DataFrame({"text": DOCUMENTS, "length": [float(len(text)) for text in DOCUMENTS]})


def classifier():
    return KerasTopicClassifier(16, epochs=30, learning_rate=0.01, random_state=0)


@pytest.mark.moves_generators  # the string encoder of skrub draws from that of NumPy
def test_tabular_pipeline_takes_the_classifier():
    pipeline = skrub.tabular_pipeline(classifier()).fit(TABLE, TOPICS)
    assert pipeline.score(TABLE, TOPICS) > 0.9


def test_table_vectorizer_takes_the_vectorizer_for_a_column_of_text():
    vectorizer = skrub.TableVectorizer(
        cardinality_threshold=10,
        high_cardinality=MultiHotVectorizer(sparse_output=False),
        numeric="drop",
    )
    X = vectorizer.fit_transform(TABLE)
    assert_array_equal(np.asarray(X), MultiHotVectorizer().fit_transform(DOCUMENTS).toarray())
    pipeline = make_pipeline(vectorizer, classifier()).fit(TABLE, TOPICS)
    assert (pipeline.predict(TABLE) == TOPICS).all()
