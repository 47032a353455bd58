"""Which rows validation_fraction holds out: by class, by topic, and where a class is rare."""

import warnings

import numpy as np
import pytest
from planted import planted_classes
from same_network import assert_same_network

from sklearn_textnn import KerasTopicClassifier
from sklearn_textnn.neural_network._hold_out import hold_out_by_class, hold_out_by_topic


def long_tail(rng, n_rows=400, n_topics=12):
    """Return indicators whose topics go from one row to half of the rows; some rows have none."""
    share = np.geomspace(1 / n_rows, 0.5, n_topics)
    Y = (rng.random_sample((n_rows, n_topics)) < share).astype(np.uint8)
    Y[0, 0] = 1
    return Y


def test_hold_out_by_class_leaves_classes_of_one_row_in_training(global_random_seed):
    y = np.array([0] * 30 + [1] * 20 + [2] + [3] * 9 + [4])
    with pytest.warns(UserWarning, match="2 of the 5 classes have a single row"):
        train, held_out = hold_out_by_class(y, 0.2, global_random_seed)
    assert sorted([*train, *held_out]) == list(range(y.size))
    assert {2, 4} <= set(y[train])
    assert sorted(set(y[held_out])) == [0, 1, 3]
    np.testing.assert_array_equal(np.bincount(y[held_out]), [6, 4, 0, 2])


def test_hold_out_by_class_warns_of_nothing_where_no_class_is_rare():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hold_out_by_class(np.arange(20) % 2, 0.2, 0)


def test_fit_takes_a_corpus_with_a_class_of_one_row(global_random_seed):
    X, y = planted_classes(60, 3, global_random_seed)
    y[0] = 7
    classifier = KerasTopicClassifier(
        8,
        epochs=3,
        validation_fraction=0.2,
        epoch_selection="val_loss",
        random_state=global_random_seed,
    )
    with pytest.warns(UserWarning, match="1 of the 4 classes"):
        classifier.fit(X, y)
    assert classifier.classes_.tolist() == [0, 1, 2, 7]
    assert len(classifier.history_["val_loss"]) == 3
    once_more = KerasTopicClassifier(8, epochs=classifier.best_epoch_)
    assert_same_network(classifier, once_more.set_params(random_state=global_random_seed).fit(X, y))


@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5])
def test_hold_out_by_topic_has_the_fraction_of_each_topic(fraction, global_random_seed):
    Y = long_tail(np.random.RandomState(global_random_seed))
    train, held_out = hold_out_by_topic(Y, fraction, global_random_seed)
    assert sorted([*train, *held_out]) == list(range(len(Y)))
    assert held_out.size == np.ceil(fraction * len(Y))
    share = Y[held_out].sum(axis=0) - fraction * Y.sum(axis=0)
    assert np.abs(share).max() <= 3  # by chance alone, the frequent topics are off by 5 to 10
    assert Y[train].sum(axis=0).all()


def test_hold_out_by_topic_is_another_one_with_another_seed():
    Y = long_tail(np.random.RandomState(0))
    first, again, other = (hold_out_by_topic(Y, 0.2, seed)[1] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert first.tolist() != other.tolist()


def test_hold_out_by_topic_finds_rows_where_every_topic_is_too_rare_for_one():
    Y = np.repeat(np.eye(5, dtype=np.uint8), 2, axis=0)
    train, held_out = hold_out_by_topic(Y, 0.2, 0)
    assert held_out.size == 2
    assert (Y[train].sum(axis=0) > 0).all()


@pytest.mark.parametrize("shape", [(10, 3), (1, 2)])
def test_hold_out_by_topic_refuses_to_leave_nothing(shape):
    with pytest.raises(ValueError, match="leaves none to train on or none to hold out"):
        hold_out_by_topic(np.ones(shape, dtype=np.uint8), 0.95, 0)


def test_hold_out_by_topic_takes_rows_without_topics():
    Y = np.zeros((20, 3), dtype=np.uint8)
    Y[:4, 0] = 1
    train, held_out = hold_out_by_topic(Y, 0.5, 0)
    assert train.size == held_out.size == 10
    assert Y[held_out].sum() == 2
