"""imbalanced-learn: its Pipeline resamples the rows of fit and leaves those of predict alone."""

import numpy as np
import pytest
from newswires import wires
from numpy.testing import assert_allclose, assert_array_equal
from same_network import assert_same_network
from sklearn.model_selection import GridSearchCV

from sklearn_textnn import EpochGridSearchCV, KerasTopicClassifier, MultiHotVectorizer

imblearn_pipeline = pytest.importorskip("imblearn.pipeline")
over_sampling = pytest.importorskip("imblearn.over_sampling")

DOCUMENTS, TOPICS = wires(90, 0)
FEW = (TOPICS != "crude") | (np.arange(90) % 3 == 0)
DOCUMENTS, TOPICS = [d for d, kept in zip(DOCUMENTS, FEW, strict=True) if kept], TOPICS[FEW]


def classifier():
    return KerasTopicClassifier(8, epochs=3, learning_rate=0.01, random_state=0)


def pipeline():
    sampler = over_sampling.RandomOverSampler(random_state=0)
    return imblearn_pipeline.make_pipeline(MultiHotVectorizer(), sampler, classifier())


def test_pipeline_is_the_same_as_its_steps_by_hand():
    fitted = pipeline().fit(DOCUMENTS, TOPICS)
    X = MultiHotVectorizer().fit_transform(DOCUMENTS)
    sampled = over_sampling.RandomOverSampler(random_state=0).fit_resample(X, TOPICS)
    assert len(set(np.unique(sampled[1], return_counts=True)[1])) == 1
    expected = classifier().fit(*sampled)
    assert_same_network(fitted[-1], expected)
    assert_array_equal(fitted.predict(DOCUMENTS), expected.predict(X))


def test_search_over_epochs_gives_the_scores_of_scikit_learn():
    grid = {"kerastopicclassifier__epochs": [1, 3]}
    ours, theirs = (
        search(pipeline(), grid, cv=2).fit(DOCUMENTS, TOPICS)
        for search in (EpochGridSearchCV, GridSearchCV)
    )
    scores = [search.cv_results_["mean_test_score"] for search in (ours, theirs)]
    assert_allclose(*scores)
