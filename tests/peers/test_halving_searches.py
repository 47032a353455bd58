"""scikit-learn's tests of successive halving, with the searches of this package."""

from inspect import isfunction

import pytest
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn_tests import assert_differences_exist, collect, expect_failure, load

from sklearn_textnn import EpochHalvingRandomSearchCV, EpochHalvingSearchCV

SEARCHES = {
    "HalvingGridSearchCV": EpochHalvingSearchCV,
    "HalvingRandomSearchCV": EpochHalvingRandomSearchCV,
}
PEER = load(
    "sklearn.model_selection.tests.test_successive_halving", {"sklearn.model_selection": SEARCHES}
)
PEER_TESTS = collect(PEER, list(SEARCHES))
globals().update(PEER_TESTS)
DIFFERENCES = {}

for _peer_test in filter(isfunction, PEER_TESTS.values()):
    pytest.mark.filterwarnings("ignore")(_peer_test)
    pytest.mark.moves_generators(_peer_test)


@pytest.fixture(autouse=True)
def _expect_failure_of_differences(request):
    expect_failure(request, DIFFERENCES)


@pytest.fixture(autouse=True)
def _evaluate_all_estimators(request, monkeypatch):
    """Have scikit-learn's tests run through our evaluation, which their estimators do not need."""
    if request.node.originalname in PEER_TESTS:
        name = "sklearn_textnn.model_selection._search_fit.may_share"
        monkeypatch.setattr(name, lambda estimator: True)


def test_every_difference_is_a_test(request):
    assert_differences_exist(request, DIFFERENCES)
