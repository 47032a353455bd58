"""partial_fit: one epoch over a chunk of rows, and how training is resumed."""

import copy
import pickle
from itertools import islice

import numpy as np
import pytest
from planted import planted_classes
from same_network import assert_same_network

from sklearn_textnn import KerasBinaryReviewClassifier, KerasTopicClassifier, MultiHotVectorizer


def topic(seed, **parameters):
    parameters = dict(units=8, batch_size=16, learning_rate=0.01, random_state=seed) | parameters
    return KerasTopicClassifier(**parameters)


@pytest.mark.parametrize("parameters", [{}, {"dropout": 0.4}, {"optimizer": "adam"}])
def test_calls_on_the_same_rows_are_the_epochs_of_one_fit(parameters, global_random_seed):
    X, y = planted_classes(60, 3, global_random_seed)
    whole = topic(global_random_seed, epochs=4, **parameters).fit(X, y)
    stepwise = topic(global_random_seed, epochs=99, **parameters)
    for epoch in range(1, 5):
        assert stepwise.partial_fit(X, y, classes=[0, 1, 2]) is stepwise
        assert stepwise.n_iter_ == epoch
    assert_same_network(stepwise, whole)
    assert stepwise.history_ == whole.history_
    assert stepwise.best_epoch_ is None


def test_partial_fit_continues_fit(global_random_seed):
    X, y = planted_classes(60, 3, global_random_seed)
    classifier = topic(global_random_seed, epochs=2).fit(X, y).partial_fit(X, y)
    assert_same_network(classifier, topic(global_random_seed, epochs=3).fit(X, y))


def test_fit_starts_anew_after_partial_fit(global_random_seed):
    X, y = planted_classes(60, 3, global_random_seed)
    classifier = topic(global_random_seed, epochs=2).partial_fit(X, y, classes=[0, 1, 2]).fit(X, y)
    assert classifier.n_iter_ == 2
    assert_same_network(classifier, topic(global_random_seed, epochs=2).fit(X, y))


@pytest.mark.parametrize("optimizer", ["rmsprop", "adam"])
@pytest.mark.parametrize("resume", ["partial_fit", "warm_start"])
def test_training_continues_after_a_pickle_as_it_would_without(
    resume, optimizer, global_random_seed
):
    X, y = planted_classes(60, 3, global_random_seed)

    def more(classifier):
        if resume == "partial_fit":
            return classifier.partial_fit(X, y)
        return classifier.set_params(epochs=5, warm_start=True).fit(X, y)

    classifier = topic(global_random_seed, epochs=3, dropout=0.3, optimizer=optimizer).fit(X, y)
    loaded = pickle.loads(pickle.dumps(classifier))
    assert_same_network(more(loaded), more(classifier))


def test_stream_of_chunks_is_learned(global_random_seed):
    words = np.array(["plot", "actor", "scene", "music", "light", "sound"])
    rng = np.random.RandomState(global_random_seed)

    def reviews():
        while True:
            good = bool(rng.randint(2))
            yield " ".join([*rng.choice(words, 3), "superb" if good else "dreadful"]), good

    stream = reviews()
    vectorizer = MultiHotVectorizer().fit([text for text, _ in islice(stream, 50)])
    classifier = KerasBinaryReviewClassifier(learning_rate=0.02, random_state=global_random_seed)
    for _ in range(15):
        texts, labels = zip(*islice(stream, 32), strict=True)
        classifier.partial_fit(vectorizer.transform(texts), labels, classes=[False, True])
    texts, labels = zip(*islice(stream, 100), strict=True)
    assert classifier.score(vectorizer.transform(texts), labels) > 0.95


def test_chunk_may_lack_some_of_the_classes(global_random_seed):
    X, y = planted_classes(60, 3, global_random_seed)
    classifier = topic(global_random_seed)
    classifier.partial_fit(X[y == 1], ["b"] * 20, classes=["a", "b", "c"])
    assert classifier.classes_.tolist() == ["a", "b", "c"]
    assert classifier.predict_proba(X).shape == (60, 3)
    classifier.partial_fit(X, np.array(["a", "b", "c"])[y])
    assert classifier.n_iter_ == 2


def test_class_weight_may_name_a_class_that_a_chunk_lacks():
    X, y = planted_classes(60, 3, 0)
    classifier = topic(0, class_weight={0: 2.0}).partial_fit(X, y, classes=[0, 1, 2])
    assert classifier.partial_fit(X[y != 0], y[y != 0]).n_iter_ == 2


def test_partial_fit_refuses_an_optimizer_that_averages_weights():
    import keras

    X, y = planted_classes(60, 3, 0)
    classifier = topic(0, optimizer=keras.optimizers.SGD(0.1, use_ema=True))
    classifier.partial_fit(X, y, classes=[0, 1, 2])
    with pytest.raises(ValueError, match="use_ema=True"):
        classifier.partial_fit(X, y)


SELECTING = dict(epochs=9, learning_rate=0.3, validation_fraction=0.3, epoch_selection="val_loss")
STOPPING = dict(epochs=9, learning_rate=0.3, validation_fraction=0.3, early_stopping=True)


@pytest.mark.parametrize(
    ("parameters", "off", "message"),
    [
        (SELECTING, dict(epoch_selection=None), "that epoch_selection has retrained"),
        (STOPPING, dict(early_stopping=False), "that early_stopping has put back"),
    ],
    ids=["epoch_selection", "early_stopping"],
)
def test_warm_start_refuses_a_network_that_is_not_that_of_the_last_epoch(parameters, off, message):
    X, y = planted_classes(60, 3, 0)
    classifier = pickle.loads(pickle.dumps(topic(0, **parameters).fit(X, y)))
    classifier.set_params(**off, warm_start=True, epochs=20)
    before = vars(classifier).copy()
    with pytest.raises(ValueError, match=f"{message}; fit with warm_start=False"):
        classifier.fit(X, y)
    assert vars(classifier) == before
    anew = classifier.set_params(warm_start=False, epochs=2).fit(X, y)
    anew.set_params(warm_start=True, epochs=4).fit(X, y)
    assert anew.n_iter_ == 4


def test_warm_start_refuses_a_network_that_a_callback_has_put_back():
    import keras

    X, y = planted_classes(60, 3, 0)
    stopping = keras.callbacks.EarlyStopping(
        "loss", patience=9, mode="max", restore_best_weights=True
    )
    classifier = topic(0, epochs=3, callbacks=[stopping], warm_start=True).fit(X, y)
    with pytest.raises(ValueError, match="that a callback has put back"):
        classifier.set_params(callbacks=None, epochs=4).fit(X, y)


def test_warm_start_goes_on_from_the_last_epoch_if_that_was_the_best():
    X, y = planted_classes(60, 3, 0)
    stopped = topic(0, epochs=3, early_stopping=True, monitor="loss").fit(X, y)
    assert np.argmin(stopped.history_["loss"]) == 2
    stopped.set_params(early_stopping=False, warm_start=True, epochs=5).fit(X, y)
    assert_same_network(stopped, topic(0, epochs=5).fit(X, y))


def test_partial_fit_after_epoch_selection_reports_the_epochs_of_this_network_only():
    X, y = planted_classes(60, 3, 0)
    classifier = topic(0, **SELECTING).fit(X, y)
    n = classifier.n_iter_
    classifier.set_params(epoch_selection=None, validation_fraction=None)
    for more in (1, 2):
        classifier.partial_fit(X, y)
        loss = np.array(classifier.history_["loss"])
        assert classifier.n_iter_ == len(loss) == n + more
        np.testing.assert_array_equal(np.isnan(loss), np.arange(n + more) < n)
    assert classifier.best_epoch_ is None


def test_partial_fit_after_early_stopping_goes_on_with_the_history():
    X, y = planted_classes(60, 3, 0)
    classifier = topic(0, **STOPPING).fit(X, y)
    before = classifier.history_["loss"]
    classifier.set_params(early_stopping=False, validation_fraction=None).partial_fit(X, y)
    assert classifier.history_["loss"][:-1] == before


@pytest.mark.parametrize(
    ("parameters", "arguments", "message"),
    [
        ({}, {}, "classes must be passed on the first call"),
        ({}, {"classes": [0, 1]}, r"not among the classes \[0, 1\]: \[2\]"),
        ({}, {"classes": [0]}, "at least 2 classes"),
        ({"validation_fraction": 0.1}, {"classes": [0, 1, 2]}, "partial_fit holds no rows out"),
        ({"early_stopping": True}, {"classes": [0, 1, 2]}, "partial_fit holds no rows out"),
        ({"class_weight": "balanced"}, {"classes": [0, 1, 2]}, "as a dict"),
    ],
)
def test_refuses_what_cannot_be_done_chunk_by_chunk(parameters, arguments, message):
    X, y = planted_classes(60, 3, 0)
    classifier = topic(0, **parameters)
    before = vars(classifier).copy()
    with pytest.raises(ValueError, match=message):
        classifier.partial_fit(X, y, **arguments)
    assert vars(classifier) == before


def test_refused_chunk_changes_nothing():
    X, y = planted_classes(60, 3, 0)
    classifier = topic(0).partial_fit(X, y, classes=[0, 1, 2])
    before = copy.deepcopy(classifier)
    for chunk in ((X[:, :5], y), (X, y + 1), (X[:3], y)):
        with pytest.raises(ValueError, match=r"features|not among|inconsistent"):
            classifier.partial_fit(*chunk)
    with pytest.raises(ValueError, match="is not the same as on last call"):
        classifier.partial_fit(X, y, classes=[0, 1, 2, 3])
    assert_same_network(classifier, before)
    assert classifier.n_iter_ == 1


def test_binary_classifier_takes_two_classes_only():
    X, y = planted_classes(60, 3, 0)
    with pytest.raises(ValueError, match="Only binary classification is supported"):
        KerasBinaryReviewClassifier(random_state=0).partial_fit(X, y, classes=[0, 1, 2])
