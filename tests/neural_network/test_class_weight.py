"""class_weight and sample_weight: what training really uses, and which weights it refuses."""

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose
from planted import planted_classes, planted_topics
from same_network import assert_same_network
from sklearn.utils.class_weight import compute_class_weight

from sklearn_textnn import KerasBinaryReviewClassifier, KerasTopicClassifier
from sklearn_textnn.neural_network._class_weight import balanced_weights

# One batch holds every row, so that a weight of 9 is the same as nine rows.
SETTINGS = dict(units=8, epochs=20, batch_size=10_000, learning_rate=0.05, random_state=0)


def binary_rows():
    X, y = planted_classes(40, 2, 0)
    return KerasBinaryReviewClassifier, X.astype(np.float64), y


def topic_rows():
    X, y = planted_classes(40, 3, 0)
    return KerasTopicClassifier, X.astype(np.float64), y


def indicator_rows():
    X, Y = planted_topics(40, 3, 0)
    return KerasTopicClassifier, X.astype(np.float64), Y


@pytest.mark.parametrize("rows", [binary_rows, topic_rows, indicator_rows])
def test_balanced_weights_count_rows_by_their_weight(rows):
    classifier, X, y = rows()
    times = np.where((y if y.ndim == 1 else y[:, 0]) == 0, 9, 1)
    weighted, repeated = (classifier(**SETTINGS, class_weight="balanced") for _ in range(2))
    weighted.fit(X, y, sample_weight=times)
    index = np.repeat(np.arange(len(y)), times)
    repeated.fit(X[index], y[index])
    assert_allclose(weighted.predict_proba(X), repeated.predict_proba(X), atol=1e-6)
    without = classifier(**SETTINGS).fit(X, y, sample_weight=times)
    assert np.abs(weighted.predict_proba(X) - without.predict_proba(X)).max() > 1e-3


def test_balanced_weights_are_those_of_scikit_learn():
    y, weight = np.array([0, 0, 0, 1, 2, 2]), np.array([1.0, 2.0, 3.0, 4.0, 0.5, 0.25])
    totals = np.bincount(y, weight)
    repeated = np.repeat(y, (4 * weight).astype(int))
    expected = compute_class_weight("balanced", classes=np.arange(3), y=repeated)
    assert_allclose(balanced_weights(totals), expected)


@pytest.mark.parametrize("rows", [binary_rows, topic_rows])
def test_class_of_weight_zero_is_not_trained_on(rows):
    classifier, X, y = rows()
    weighted = classifier(**SETTINGS, class_weight={0: 0}).fit(X, y)
    left_out = classifier(**SETTINGS).fit(X, y, sample_weight=np.where(y == 0, 1e-15, 1))
    assert_allclose(weighted.predict_proba(X), left_out.predict_proba(X), atol=1e-6)
    assert 0 in weighted.classes_
    assert (weighted.predict(X) != 0).all()


def test_topic_of_weight_zero_is_not_trained_on():
    _, X, Y = indicator_rows()
    weights = [{0: 0, 1: 0}, {}, {}]
    classifier = KerasTopicClassifier(**SETTINGS | dict(units=()), class_weight=weights).fit(X, Y)
    assert_allclose(classifier.intercepts_[0][0], 0)
    assert (classifier.intercepts_[0][1:] != 0).all()


@pytest.mark.parametrize("rows", [binary_rows, topic_rows, indicator_rows])
@pytest.mark.parametrize(
    ("class_weight", "sample_weight", "message"),
    [
        ({1: 3e38}, 1.0, "sample_weight times class_weight must be 0 or from 1e-20 to 1e"),
        ({1: 1e-50}, 1.0, "sample_weight times class_weight must be 0 or from 1e-20 to 1e"),
        ({1: 1e15}, 1e15, "sample_weight times class_weight must be 0 or from 1e-20 to 1e"),
        ({1: 1e-15}, 1e-15, "sample_weight times class_weight must be 0 or from 1e-20 to 1e"),
        (None, 1e25, "sample_weight must be 0 or from 1e-20 to 1e"),
        ({1: -1.0}, 1.0, "must be finite and not negative"),
        ({1: np.inf}, 1.0, "must be finite and not negative"),
    ],
)
def test_weights_that_cannot_be_trained_with_are_refused(
    rows, class_weight, sample_weight, message
):
    classifier, X, y = rows()
    classifier = classifier(**SETTINGS | dict(epochs=1), class_weight=class_weight)
    weight = np.full(len(y), sample_weight)
    with pytest.raises(ValueError, match=message):
        classifier.fit(X, y, sample_weight=weight)


def test_no_class_with_weight_is_refused():
    classifier, X, y = binary_rows()
    with pytest.raises(ValueError, match="class_weight is zero for every row"):
        classifier(**SETTINGS, class_weight={0: 0, 1: 0}).fit(X, y)


def test_class_weight_of_one_changes_nothing():
    classifier, X, y = topic_rows()
    weighted = classifier(**SETTINGS, class_weight={0: 1, 1: 1.0, 2: 1}).fit(X, y)
    assert_same_network(weighted, classifier(**SETTINGS).fit(X, y))


def test_batch_of_pairs_that_all_weigh_nothing_has_accuracy_0():
    X, Y = planted_topics(40, 2, 0)
    Y[:20] = 0
    accuracies = []

    class Recorder(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            accuracies.append(logs["accuracy"])

    KerasTopicClassifier(
        4,
        epochs=1,
        batch_size=1,
        class_weight=[{0: 0}, {0: 0}],
        callbacks=[Recorder()],
        random_state=0,
    ).fit(X, Y)
    assert len(accuracies) == 40
    assert np.isfinite(accuracies).all()
    assert accuracies[0] == 0.0
