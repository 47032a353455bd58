"""What depends on the version of scikit-learn."""

import pickle

import pytest
import sklearn
from sklearn.utils.fixes import parse_version

from sklearn_textnn import (
    KerasBinaryReviewClassifier,
    KerasTopicClassifier,
    LogCountRatioTransformer,
    MultiHotVectorizer,
)

HAS_CALLBACKS = parse_version(parse_version(sklearn.__version__).base_version) >= parse_version(
    "1.9"
)


@pytest.mark.parametrize(
    "cls",
    [
        KerasBinaryReviewClassifier,
        KerasTopicClassifier,
        LogCountRatioTransformer,
        MultiHotVectorizer,
    ],
)
def test_set_callbacks_exists_where_scikit_learn_has_callbacks(cls):
    estimator = cls()
    assert hasattr(estimator, "set_callbacks") == HAS_CALLBACKS
    if HAS_CALLBACKS:
        assert estimator.set_callbacks() is estimator
    else:
        with pytest.raises(AttributeError, match="set_callbacks") as error:
            estimator.set_callbacks()
        assert "need scikit-learn 1.9 or later" in str(error.value.__cause__)


def test_callbacks_of_a_newer_scikit_learn_are_left_alone_by_an_older_one():
    vectorizer = MultiHotVectorizer()
    vectorizer._skl_callbacks = []
    loaded = pickle.loads(pickle.dumps(vectorizer))
    assert loaded._skl_callbacks == []
    if not HAS_CALLBACKS:
        loaded._skl_callbacks = [object()]
        assert loaded.fit(["a b"]).get_feature_names_out().tolist() == ["a", "b"]
