"""to_scikeras: the same network and the same training in scikeras."""

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from planted import planted_classes, planted_topics
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from tensorflow.python.framework import config

from sklearn_textnn import KerasBinaryReviewClassifier, KerasTopicClassifier, to_scikeras


@pytest.fixture(scope="module")
def _scikeras():
    """Import scikeras, and undo afterwards what that does to Keras's classes."""
    patched = [
        (owner, name)
        for owner in (keras.Model, keras.Loss, keras.Metric, keras.optimizers.Optimizer)
        for name in ("__reduce__", "__deepcopy__")
    ]
    before = [vars(owner).get(name) for owner, name in patched]
    # Asked for the first time while scikeras fits, TensorFlow would stay deterministic for good.
    assert not config.is_op_determinism_enabled()
    import scikeras.wrappers  # noqa: F401

    yield
    for (owner, name), function in zip(patched, before, strict=True):
        if function is not None:
            setattr(owner, name, function)
        elif name in vars(owner):
            delattr(owner, name)


PLANTED = {
    KerasBinaryReviewClassifier: planted_classes(60, 2, 0),
    KerasTopicClassifier: planted_classes(60, 4, 0),
}


@pytest.mark.usefixtures("_scikeras")
@pytest.mark.moves_generators  # Keras draws seeds from Python's generator
@pytest.mark.parametrize("classifier_class", PLANTED)
def test_twin_of_scikeras_predicts_the_same(classifier_class):
    X, y = PLANTED[classifier_class]
    y = np.array(list("abcd"))[y]
    classifier = classifier_class(epochs=8, learning_rate=0.01, random_state=0).fit(X, y)
    twin = to_scikeras(classifier)
    assert_allclose(twin.predict_proba(X), classifier.predict_proba(X), atol=1e-6)
    assert_allclose(twin.predict_proba(X.toarray()), classifier.predict_proba(X), atol=1e-6)
    assert_array_equal(twin.predict(X), classifier.predict(X))
    assert_array_equal(twin.classes_, classifier.classes_)
    assert twin.score(X, y) == classifier.score(X, y)
    assert twin.history_ == classifier.history_
    twin.model_.set_weights([np.zeros_like(w) for w in twin.model_.get_weights()])
    assert classifier.coefs_[0].any()


@pytest.mark.usefixtures("_scikeras")
@pytest.mark.moves_generators  # as above
@pytest.mark.parametrize(
    ("classifier_class", "optimizer", "fitted"),
    [
        (KerasBinaryReviewClassifier, "RMSprop", False),
        (KerasTopicClassifier, keras.optimizers.SGD(0.1, momentum=0.9), True),
    ],
)
def test_fit_of_the_twin_trains_the_same_network(
    classifier_class, optimizer, fitted, global_random_seed
):
    X, y = PLANTED[classifier_class]
    classifier = classifier_class(
        units=(9, 5),
        activation="tanh",
        l2=0.01,
        optimizer=optimizer,
        learning_rate=0.01,
        class_weight={1: 3.0},
        epochs=4,
        batch_size=60,  # all rows, so that their order does not count
        random_state=global_random_seed,
    )
    classifier.fit(X, y)
    twin = to_scikeras(classifier if fitted else clone(classifier)).fit(X.toarray(), y)
    assert_allclose(twin.history_["loss"], classifier.history_["loss"], atol=1e-4)
    weights = twin.model_.get_weights()
    for ours, theirs in zip(classifier.coefs_, weights[::2], strict=True):
        assert_allclose(ours, theirs, atol=1e-4)
    for ours, theirs in zip(classifier.intercepts_, weights[1::2], strict=True):
        assert_allclose(ours, theirs, atol=1e-4)


@pytest.mark.usefixtures("_scikeras")
@pytest.mark.moves_generators  # as above
def test_twin_is_tuned_by_the_names_of_scikeras():
    X, y = PLANTED[KerasBinaryReviewClassifier]
    twin = clone(to_scikeras(KerasBinaryReviewClassifier(random_state=0)))
    twin.set_params(model__units=3, model__dropout=0.5, optimizer__learning_rate=0.5, epochs=2)
    model = twin.fit(X.toarray(), y).model_
    assert [weights.shape for weights in model.get_weights()] == [(32, 3), (3,), (3, 1), (1,)]
    assert model.get_layer("dropout_1").rate == 0.5
    assert model.optimizer.learning_rate == 0.5
    assert len(twin.history_["loss"]) == 2


@pytest.mark.usefixtures("_scikeras")
@pytest.mark.moves_generators  # as above
def test_twin_stops_early_and_holds_out():
    X, y = PLANTED[KerasBinaryReviewClassifier]
    parameters = dict(
        epochs=50, learning_rate=0.1, early_stopping=True, validation_fraction=0.25, random_state=0
    )
    twin = to_scikeras(KerasBinaryReviewClassifier(**parameters)).fit(X.toarray(), y)
    assert len(twin.history_["val_loss"]) < 50


@pytest.mark.usefixtures("_scikeras")
def test_twin_trains_for_the_selected_epochs():
    X, y = PLANTED[KerasBinaryReviewClassifier]
    parameters = dict(epochs=6, epoch_selection="val_loss", validation_fraction=0.25)
    classifier = KerasBinaryReviewClassifier(learning_rate=0.3, **parameters, random_state=0)
    with pytest.raises(ValueError, match="fit first"):
        to_scikeras(classifier)
    twin = to_scikeras(classifier.fit(X, y))
    assert twin.epochs == classifier.best_epoch_ < 6
    assert twin.validation_split == 0
    watching = keras.callbacks.ReduceLROnPlateau(monitor="val_loss")
    stopping = dict(early_stopping=True, callbacks=[watching, keras.callbacks.TerminateOnNaN()])
    (callback,) = to_scikeras(classifier.set_params(**stopping).fit(X, y)).callbacks
    assert type(callback) is keras.callbacks.TerminateOnNaN


@pytest.mark.usefixtures("_scikeras")
def test_bad_parameters_are_refused_before_scikeras_sees_them():
    with pytest.raises(ValueError, match="'epochs' parameter"):
        to_scikeras(KerasTopicClassifier(epochs=0))


@pytest.mark.usefixtures("_scikeras")
@pytest.mark.moves_generators  # as above
def test_twin_of_an_unfitted_topic_classifier_learns_indicators():
    X, y = PLANTED[KerasTopicClassifier]
    indicators = np.eye(4, dtype=int)[y]
    indicators[:, 3] = 1
    twin = to_scikeras(KerasTopicClassifier(epochs=20, learning_rate=0.05, random_state=0))
    assert twin.fit(X.toarray(), indicators).score(X.toarray(), indicators) > 0.9


@pytest.mark.usefixtures("_scikeras")
def test_anything_but_a_callback_of_keras_is_refused():
    with pytest.raises(TypeError, match=r"instances of keras\.callbacks\.Callback; it holds 3"):
        to_scikeras(KerasTopicClassifier(callbacks=[3]))


@pytest.mark.usefixtures("_scikeras")
def test_class_weight_of_topics_is_refused():
    classifier = KerasTopicClassifier(epochs=1, class_weight={1: 3.0}, random_state=0)
    classifier.fit(*planted_topics(20, 3, 0))
    with pytest.raises(ValueError, match="apply it to whole rows"):
        to_scikeras(classifier)


@pytest.mark.usefixtures("_scikeras")
@pytest.mark.moves_generators  # as above
def test_numbers_of_numpy_are_those_of_python_to_the_twin():
    X, y = PLANTED[KerasBinaryReviewClassifier]
    classifier = KerasBinaryReviewClassifier(
        units=np.array([3]),
        epochs=np.int8(2),
        batch_size=np.int8(30),
        learning_rate=np.float32(0.1),
        dropout=np.float32(0.5),
        l2=np.float32(0.1),
        validation_fraction=np.float32(0.25),
        random_state=0,
    )
    twin = to_scikeras(classifier).fit(X.toarray(), y)
    assert len(twin.history_["val_loss"]) == 2


@pytest.mark.parametrize(
    "estimator", [LogisticRegression(), make_pipeline(KerasTopicClassifier()), None, "text"]
)
def test_other_estimators_are_refused(estimator):
    with pytest.raises(TypeError, match=r"KerasBinaryReviewClassifier or .*pipeline\[-1\]"):
        to_scikeras(estimator)
