"""scikit-learn's tests of CountVectorizer, with MultiHotVectorizer in its place."""

import numpy as np
import pytest
from sklearn_tests import assert_differences_exist, collect, expect_failure, load

from sklearn_textnn import MultiHotVectorizer


class CountVectorizer(MultiHotVectorizer):
    """Takes no positional arguments"""

    def __init__(
        self,
        *,
        max_features=None,
        analyzer="word",
        binary=True,
        lowercase=True,
        ngram_range=(1, 1),
        stop_words=None,
        min_df=1,
        max_df=1.0,
        vocabulary=None,
        dtype=np.int64,
    ):
        super().__init__(
            num_words=None,
            lowercase=lowercase,
            analyzer=analyzer,
            ngram_range=ngram_range,
            stop_words=stop_words,
            min_df=min_df,
            max_df=max_df,
            vocabulary=vocabulary,
            dtype=dtype,
        )
        self.max_features = max_features
        self.binary = binary

    def build_preprocessor(self):
        raise NotImplementedError

    def build_tokenizer(self):
        raise NotImplementedError


PEER = load(
    "sklearn.feature_extraction.tests.test_text",
    {"sklearn.feature_extraction.text": {"CountVectorizer": CountVectorizer}},
)
globals().update(collect(PEER, ["CountVectorizer"]))
DIFFERENCES = {}

pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture(autouse=True)
def _expect_failure_of_differences(request):
    expect_failure(request, DIFFERENCES)


def test_every_difference_is_a_test(request):
    assert_differences_exist(request, DIFFERENCES)
