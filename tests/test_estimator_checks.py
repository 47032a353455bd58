"""scikit-learn's own checks, all of them, with the estimators' defaults."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_textnn import KerasBinaryReviewClassifier, KerasTopicClassifier


@pytest.mark.moves_generators  # some checks fit with random_state=None
@pytest.mark.filterwarnings("ignore:a hidden layer of:UserWarning:sklearn_textnn")
@parametrize_with_checks([KerasBinaryReviewClassifier(), KerasTopicClassifier()])
def test_estimator_check(estimator, check):
    check(estimator)
