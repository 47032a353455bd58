"""The same initial weights and batches give the training that `keras.Model.fit` gives."""

from typing import ClassVar

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose
from planted import planted_classes, planted_topics
from same_network import assert_close_networks, assert_same_network
from sklearn.base import clone

from sklearn_textnn import KerasBinaryReviewClassifier, KerasTopicClassifier

LOSSES = {
    "binary_crossentropy": keras.losses.BinaryCrossentropy,
    "categorical_crossentropy": keras.losses.CategoricalCrossentropy,
    "sparse_categorical_crossentropy": keras.losses.SparseCategoricalCrossentropy,
}


class StartingWeights(keras.callbacks.Callback):
    """Keep the weights that training starts from."""

    def __init__(self):
        super().__init__()
        self.weights = []

    def on_train_begin(self, logs=None):
        self.weights += self.model.get_weights()


def fit_keras(classifier, weights, loss, X, y, X_val, y_val, sample_weight):
    """Train the same network with Keras alone, and return it with its history.

    Targets of three dimensions are topics with a weight for each pair of a row and a topic.
    """
    hidden = [
        keras.layers.Dense(
            units,
            activation=classifier.activation,
            kernel_regularizer=keras.regularizers.L2(classifier.l2),
        )
        for units in classifier.units
    ]
    n_outputs = weights[-1].size
    sigmoids = loss == "binary_crossentropy"
    output = [
        keras.layers.Dense(n_outputs, kernel_regularizer=keras.regularizers.L2(classifier.l2)),
        *([keras.layers.Reshape((n_outputs, 1))] if y.ndim == 3 else []),
        keras.layers.Activation("sigmoid" if sigmoids else "softmax"),
    ]
    model = keras.Sequential([keras.Input((X.shape[1],)), *hidden, *output])
    model.set_weights(weights)
    optimizer = keras.optimizers.get(classifier.optimizer)
    optimizer.learning_rate = classifier.learning_rate
    model.compile(
        optimizer=optimizer,
        loss=LOSSES[loss](reduction="mean_with_sample_weight"),
        weighted_metrics=[keras.metrics.BinaryAccuracy("accuracy") if sigmoids else "accuracy"],
    )
    if loss == "categorical_crossentropy":
        y, y_val = np.eye(n_outputs)[y], np.eye(n_outputs)[y_val]
    history = {}
    for epoch in range(classifier.epochs):
        seed = [classifier._training_state["order_seed"], epoch]
        order = np.random.default_rng(seed).permutation(len(X))
        logs = model.fit(
            X[order],
            y[order],
            sample_weight=None if sample_weight is None else sample_weight[order],
            batch_size=classifier.batch_size,
            validation_data=(X_val, y_val),
            shuffle=False,
            verbose=0,
        ).history
        for name, values in logs.items():
            history.setdefault(name, []).extend(values)
    return model, history


@pytest.mark.moves_generators  # Keras's own layers draw their seeds from Python's global generator
@pytest.mark.parametrize("weighted", [False, True], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("optimizer", ["rmsprop", "adam", "sgd"])
@pytest.mark.parametrize("loss", LOSSES)
def test_history_and_weights_equal_keras(loss, optimizer, weighted, global_random_seed):
    n_classes = 2 if loss == "binary_crossentropy" else 5
    X, y = planted_classes(90, n_classes, global_random_seed)
    X_val, y_val = planted_classes(40, n_classes, global_random_seed + 1)
    rng = np.random.RandomState(global_random_seed)
    sample_weight = rng.uniform(0.5, 2, size=90).astype(np.float32) if weighted else None
    start = StartingWeights()
    parameters = dict(
        units=(20, 8),
        epochs=4,
        batch_size=32,
        optimizer=optimizer,
        learning_rate=0.01,
        l2=0.01,
        callbacks=[start],
        random_state=global_random_seed,
    )
    if n_classes == 2:
        classifier = KerasBinaryReviewClassifier(**parameters)
    else:
        classifier = KerasTopicClassifier(loss=loss, **parameters)
    classifier.fit(X, y, sample_weight=sample_weight, X_val=X_val, y_val=y_val)
    model, history = fit_keras(
        classifier, start.weights, loss, X.toarray(), y, X_val.toarray(), y_val, sample_weight
    )
    assert_same_training(classifier, model, history)


@pytest.mark.moves_generators
@pytest.mark.parametrize("optimizer", ["rmsprop", "sgd"])
def test_rows_that_stay_away_for_many_steps_are_those_of_keras(optimizer, global_random_seed):
    """Each step updates the rows of its batch alone; most words are in one batch of an epoch."""
    rng = np.random.default_rng(global_random_seed)

    def documents(n):
        y = rng.integers(2, size=n)
        words = np.column_stack([y, rng.integers(2, 600, size=(n, 3))])
        X = np.zeros((n, 600), dtype=np.float32)
        np.put_along_axis(X, words, 1, axis=1)
        return X, y

    (X, y), (X_val, y_val) = documents(120), documents(40)
    start = StartingWeights()
    classifier = KerasBinaryReviewClassifier(
        units=(20, 8),
        epochs=6,
        batch_size=4,
        optimizer=optimizer,
        learning_rate=0.005 if optimizer == "rmsprop" else 0.3,
        random_state=global_random_seed,
    )
    clone(classifier).set_params(epochs=1, callbacks=[start]).fit(X, y)
    classifier.fit(X, y, X_val=X_val, y_val=y_val)
    by_rows = any(slot.shape == (600,) for slot in classifier._training_state["slots"])
    assert by_rows == (optimizer == "rmsprop")
    loss = "binary_crossentropy"
    model, history = fit_keras(classifier, start.weights, loss, X, y, X_val, y_val, None)
    assert_same_training(classifier, model, history)


def assert_same_training(classifier, model, history):
    assert set(classifier.history_) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    for name, values in classifier.history_.items():
        assert_allclose(values, history[name], rtol=1e-5, atol=1e-4, err_msg=name)
    assert classifier.history_["loss"][-1] < classifier.history_["loss"][0]
    assert_weights_are_those_of(model, classifier)


def assert_weights_are_those_of(model, classifier):
    ours = [classifier.coefs_, classifier.intercepts_]
    theirs = [model.get_weights()[::2], model.get_weights()[1::2]]
    for name, of_ours, of_theirs in zip(("coefs_", "intercepts_"), ours, theirs, strict=True):
        for layer, (a, b) in enumerate(zip(of_ours, of_theirs, strict=True)):
            assert_allclose(a, b, atol=1e-4, err_msg=f"{name}[{layer}]")


def fit_both_to_topics(X, Y, X_val, Y_val, sample_weight=None, pair_weight=None, **parameters):
    """Train on an indicator matrix with ours and with Keras; return ours, Keras's, its history.

    `pair_weight` is what `class_weight` gives each pair of a row and a topic. Only Keras needs it.
    """
    start = StartingWeights()
    classifier = KerasTopicClassifier(batch_size=32, callbacks=[start], **parameters)
    classifier.fit(X, Y, sample_weight=sample_weight, X_val=X_val, y_val=Y_val)
    if pair_weight is not None:
        sample_weight = pair_weight * (1 if sample_weight is None else sample_weight[:, None])
        Y, Y_val = Y[:, :, None], Y_val[:, :, None]
    loss, dense = "binary_crossentropy", (X.toarray(), Y, X_val.toarray(), Y_val)
    return classifier, *fit_keras(classifier, start.weights, loss, *dense, sample_weight)


@pytest.mark.moves_generators  # as above
@pytest.mark.parametrize("weighted", [False, True], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("class_weight", [None, {0: 5.0, 2: 0.5}, "balanced"])
def test_history_and_weights_of_topics_equal_keras(class_weight, weighted, global_random_seed):
    X, Y = planted_topics(90, 3, global_random_seed)
    X_val, Y_val = planted_topics(40, 3, global_random_seed + 1)
    rng = np.random.RandomState(global_random_seed)
    weight = rng.uniform(0.5, 2, size=90).astype(np.float32) if weighted else None
    n = 90 if weight is None else weight.sum()
    m = Y.sum(axis=0) if weight is None else weight @ Y
    assert_same_training(
        *fit_both_to_topics(
            X,
            Y,
            X_val,
            Y_val,
            weight,
            {
                type(None): None,
                dict: np.where(Y == 1, [5, 1, 0.5], 1),
                str: np.where(Y == 1, n / (2 * m), n / (2 * (n - m))),
            }[type(class_weight)],
            units=(20, 8),
            epochs=4,
            learning_rate=0.01,
            l2=0.01,
            class_weight=class_weight,
            random_state=global_random_seed,
        )
    )


@pytest.mark.moves_generators  # as above
def test_gradients_of_very_wrong_topics_equal_keras(global_random_seed):
    # A loss computed from rounded probabilities would end at 16, and its gradient would be 0.
    X, Y = planted_topics(60, 3, global_random_seed)
    classifier, model, history = fit_both_to_topics(
        300 * X,
        Y,
        300 * X,
        Y,
        units=(),
        epochs=2,
        optimizer="sgd",
        learning_rate=1e-4,
        random_state=global_random_seed,
    )
    assert max(classifier.history_["loss"]) > 17
    assert_same_training(classifier, model, history)


@pytest.mark.moves_generators  # as above
@pytest.mark.parametrize(
    "settings",
    [
        dict(use_ema=True, ema_momentum=0.9),
        dict(loss_scale_factor=1024.0),
        dict(clipnorm=0.01),
        dict(weight_decay=0.01),
        dict(gradient_accumulation_steps=2),
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_optimizer_settings_act_as_in_keras(settings, global_random_seed):
    X, y = planted_classes(96, 2, global_random_seed)
    start = StartingWeights()
    classifier = KerasBinaryReviewClassifier(
        units=(8,),
        epochs=1,
        batch_size=16,
        optimizer=keras.optimizers.SGD(0.5, momentum=0.5, **settings),
        callbacks=[start],
        random_state=global_random_seed,
    ).fit(X, y)
    model = keras.models.clone_model(classifier.model_)
    model.set_weights(start.weights)
    model.compile(keras.optimizers.SGD(0.5, momentum=0.5, **settings), "binary_crossentropy")
    seed = [classifier._training_state["order_seed"], 0]
    order = np.random.default_rng(seed).permutation(96)
    model.fit(X.toarray()[order], y[order], batch_size=16, shuffle=False, verbose=0)
    assert_weights_are_those_of(model, classifier)
    plain = classifier.set_params(optimizer=keras.optimizers.SGD(0.5, momentum=0.5)).fit(X, y)
    if "loss_scale_factor" not in settings:
        assert abs(plain.coefs_[0] - model.get_weights()[0]).max() > 1e-3


def test_early_stopping_puts_back_the_weights_of_the_best_epoch_and_not_averages():
    X, y = planted_classes(96, 2, 0, n_noise=60)

    class WeightsOfEpochs(keras.callbacks.Callback):
        found: ClassVar[list] = []

        def on_epoch_end(self, epoch, logs=None):
            self.found.append(self.model.get_weights())

    classifier = KerasBinaryReviewClassifier(
        units=(8,),
        epochs=30,
        batch_size=16,
        validation_fraction=0.25,
        early_stopping=True,
        patience=2,
        optimizer=keras.optimizers.Adam(0.05, use_ema=True),
        callbacks=[WeightsOfEpochs()],
        random_state=0,
    ).fit(X, y % 2 ^ (np.arange(96) % 3 == 0))
    assert classifier.best_epoch_ < classifier.n_iter_
    assert_allclose(
        classifier.coefs_[0], WeightsOfEpochs.found[classifier.best_epoch_ - 1][0], atol=0
    )


@pytest.mark.parametrize("activation", ["relu", "gelu", "tanh"])
def test_model_predicts_what_predict_proba_does(activation, global_random_seed):
    X, y = planted_classes(60, 4, global_random_seed)
    classifier = KerasTopicClassifier(
        units=(8, 8), activation=activation, epochs=3, random_state=global_random_seed
    ).fit(X, y)
    expected = classifier.model_.predict(X.toarray(), verbose=0)
    assert_allclose(classifier.predict_proba(X), expected, atol=1e-6)
    binary = KerasBinaryReviewClassifier(epochs=3, random_state=global_random_seed)
    binary.fit(X, y > 1)
    expected = binary.model_.predict(X.toarray(), verbose=0).ravel()
    assert_allclose(binary.predict_proba(X)[:, 1], expected, atol=1e-6)


def test_model_evaluates_as_score_does(global_random_seed):
    X, y = planted_classes(60, 2, global_random_seed)
    classifier = KerasBinaryReviewClassifier(epochs=3, random_state=global_random_seed).fit(X, y)
    _, accuracy = classifier.model_.evaluate(X.toarray(), y, verbose=0)
    assert accuracy == pytest.approx(classifier.score(X, y), abs=1e-6)


def test_one_hot_and_integer_labels_give_the_same_weights(global_random_seed):
    X, y = planted_classes(90, 5, global_random_seed)
    one_hot, integers = (
        KerasTopicClassifier(
            units=16, loss=loss, epochs=5, batch_size=32, random_state=global_random_seed
        ).fit(X, y)
        for loss in ("categorical_crossentropy", "sparse_categorical_crossentropy")
    )
    assert_close_networks(one_hot, integers, atol=1e-5)


@pytest.mark.parametrize("monitor", ["val_loss", "val_accuracy", "loss"])
def test_early_stopping_equals_the_callback_of_keras(monitor, global_random_seed):
    X, y = planted_classes(60, 2, global_random_seed)
    rng = np.random.RandomState(global_random_seed)
    X_val, y_val = planted_classes(40, 2, global_random_seed + 1)
    y_val = np.where(rng.random_sample(40) < 0.3, 1 - y_val, y_val)  # so that it gets worse
    parameters = dict(epochs=30, learning_rate=0.05, random_state=global_random_seed)
    ours = KerasBinaryReviewClassifier(
        early_stopping=True, monitor=monitor, patience=3, **parameters
    ).fit(X, y, X_val=X_val, y_val=y_val)
    stopping = keras.callbacks.EarlyStopping(monitor=monitor, patience=3, restore_best_weights=True)
    theirs = KerasBinaryReviewClassifier(callbacks=[stopping], **parameters).fit(
        X, y, X_val=X_val, y_val=y_val
    )
    assert ours.history_ == theirs.history_
    assert ours.n_iter_ == theirs.n_iter_ == len(ours.history_["loss"])
    assert_same_network(ours, theirs)
    if monitor != "loss":
        assert ours.n_iter_ < 30
        best = np.argmin if monitor == "val_loss" else np.argmax
        assert ours.best_epoch_ == best(ours.history_[monitor]) + 1
