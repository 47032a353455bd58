"""cleanlab: out-of-sample probabilities find the labels that were changed."""

import numpy as np
import pytest
from newswires import wires
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline

from sklearn_textnn import KerasTopicClassifier, MultiHotVectorizer

filters = pytest.importorskip("cleanlab.filter")
classification = pytest.importorskip("cleanlab.classification")

DOCUMENTS, TOPICS = wires(150, 0)
CODES = np.unique(TOPICS, return_inverse=True)[1]
CHANGED = [3, 40, 77]
NOISY = CODES.copy()
NOISY[CHANGED] = (NOISY[CHANGED] + 1) % 3


def classifier():
    return KerasTopicClassifier(8, epochs=60, learning_rate=0.01, random_state=0)


def test_probabilities_of_cross_validation_find_the_changed_labels():
    pipeline = make_pipeline(MultiHotVectorizer(), classifier())
    probabilities = cross_val_predict(pipeline, DOCUMENTS, NOISY, cv=5, method="predict_proba")
    found = filters.find_label_issues(
        NOISY, probabilities, return_indices_ranked_by="self_confidence", n_jobs=1
    )
    assert set(CHANGED) <= set(found)


@pytest.mark.moves_generators  # cleanlab seeds that of NumPy
def test_clean_learning_trains_on_the_other_rows():
    X = MultiHotVectorizer().fit_transform(DOCUMENTS)
    learning = classification.CleanLearning(
        classifier(), cv_n_folds=5, seed=0, find_label_issues_kwargs={"n_jobs": 1}
    ).fit(X, NOISY)
    assert set(CHANGED) <= set(np.flatnonzero(learning.get_label_issues()["is_label_issue"]))
    assert (learning.predict(X) == CODES).all()
