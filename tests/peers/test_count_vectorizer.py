"""scikit-learn's tests of CountVectorizer, with MultiHotVectorizer in its place.

Most of the tests that fail use a parameter or a method that MultiHotVectorizer does not have, or
expect counts. They are listed with the reason; `sklearn_tests` says how the list is checked.
"""

import numpy as np
import pytest
from sklearn_tests import assert_differences_exist, collect, expect_failure, load

from sklearn_textnn import MultiHotVectorizer


class CountVectorizer(MultiHotVectorizer):
    """MultiHotVectorizer with the defaults of CountVectorizer, and nothing else.

    `num_words` is called `max_features`, and the default of it is None. The default of `analyzer`
    is "word". `binary` is there and has no effect, since there are never counts. The two methods
    at the end are there because scikit-learn's file names them when it is imported.
    """

    def __init__(
        self,
        *,
        max_features=None,
        analyzer="word",
        lowercase=True,
        ngram_range=(1, 1),
        stop_words=None,
        min_df=1,
        max_df=1.0,
        vocabulary=None,
        binary=True,
        dtype=np.float32,
    ):
        super().__init__(
            max_features,
            analyzer=analyzer,
            lowercase=lowercase,
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

COUNTS = "expects counts, and MultiHotVectorizer has zeros and ones"
READS = "uses `input` or `encoding`; MultiHotVectorizer takes str, or bytes in UTF-8"
SPLITS = "uses parameters of the tokenization, for which there is the callable analyzer"
WORDS = "the same error or warning in other words"
INSIDE = "calls methods that CountVectorizer has inside, or for parameters that are not here"

DIFFERENCES = {
    "test_word_analyzer_unigrams": SPLITS,
    "test_word_analyzer_unigrams_and_bigrams": SPLITS,
    "test_unicode_decode_error": READS,
    "test_char_ngram_analyzer": SPLITS,
    "test_char_wb_ngram_analyzer": SPLITS,
    "test_word_ngram_analyzer": SPLITS,
    "test_countvectorizer_custom_vocabulary_repeated_indices": WORDS,
    "test_countvectorizer_custom_vocabulary_gap_index": WORDS,
    "test_countvectorizer_stop_words": INSIDE,
    "test_countvectorizer_custom_token_pattern": SPLITS,
    "test_countvectorizer_custom_token_pattern_with_several_group": SPLITS,
    "test_countvectorizer_uppercase_in_vocab": WORDS,
    "test_vectorizer": COUNTS,
    "test_feature_names": "reads `fixed_vocabulary_`, and expects columns in alphabetical order",
    "test_count_vectorizer_max_features": COUNTS,
    "test_count_binary_occurrences": COUNTS,
    "test_pickling_vectorizer": SPLITS,
    "test_pickling_built_processors[build_preprocessor]": INSIDE,
    "test_pickling_built_processors[build_tokenizer]": INSIDE,
    "test_vectorizer_string_object_as_input": WORDS,
    "test_vectorizers_invalid_ngram_range": WORDS,
    "test_vectorizer_stop_words_inconsistent": WORDS,
    "test_countvectorizer_sort_features_64bit_sparse_indices": INSIDE,
    "test_stop_word_validation_custom_preprocessor": INSIDE,
    "test_callable_analyzer_error": READS,
    "test_callable_analyzer_change_behavior": READS,
    "test_callable_analyzer_reraise_error": READS,
    "test_unused_parameters_warn": SPLITS,
    "test_tie_breaking_sample_order_invariance": "ties are in order of first appearance",
    "test_vectorizers_do_not_have_set_output": "has `set_output`, for dense output",
}

pytestmark = [
    pytest.mark.filterwarnings("default"),  # the settings of scikit-learn's own tests
    pytest.mark.moves_generators,  # as LinearSVC does without a random_state
]


@pytest.fixture(autouse=True)
def _expect_failure_of_differences(request):
    expect_failure(request, DIFFERENCES)


def test_every_difference_is_a_test(request):
    assert_differences_exist(request, DIFFERENCES)
