"""scikit-learn's own checks, all of them: the classifiers with their defaults, and a search."""

import pytest
import sklearn
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_textnn import EpochGridSearchCV, KerasBinaryReviewClassifier, KerasTopicClassifier

WRONG_BEFORE_1_7 = (
    "scikit-learn 1.6 names the two classes by the first row, after shuffling only one of the two "
    "data sets that it compares, and so compares with inverted labels"
)


def checks_that_cannot_pass(estimator):
    before_1_7 = tuple(map(int, sklearn.__version__.split(".")[:2])) < (1, 7)
    if not before_1_7 or not isinstance(estimator, KerasBinaryReviewClassifier):
        return {}
    return {
        "check_sample_weight_equivalence_on_dense_data": WRONG_BEFORE_1_7,
        "check_sample_weight_equivalence_on_sparse_data": WRONG_BEFORE_1_7,
    }


@pytest.mark.moves_generators  # some checks fit with random_state=None
@pytest.mark.filterwarnings("ignore:a hidden layer of:UserWarning:sklearn_textnn")
@parametrize_with_checks(
    [KerasBinaryReviewClassifier(), KerasTopicClassifier()],
    expected_failed_checks=checks_that_cannot_pass,
)
def test_estimator_check(estimator, check):
    check(estimator)


# A search warns of the fits and scores that fail, and some checks are about data where they do.
@pytest.mark.moves_generators
@pytest.mark.filterwarnings("ignore:a hidden layer of:UserWarning:sklearn_textnn")
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning:sklearn")
@pytest.mark.filterwarnings("ignore:Scoring failed:UserWarning:sklearn")
@pytest.mark.filterwarnings("ignore:One or more of the test scores:UserWarning:sklearn")
@pytest.mark.filterwarnings("ignore:The least populated class:UserWarning:sklearn")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
@parametrize_with_checks(
    [
        EpochGridSearchCV(
            KerasTopicClassifier(16, learning_rate=0.05, random_state=0), {"epochs": [1, 10]}, cv=2
        )
    ]
)
def test_search_check(estimator, check):
    check(estimator)
