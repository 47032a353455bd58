"""fit: history, validation rows, the choice of the epoch, weights, callbacks, warm start."""

import copy

import keras
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
from planted import planted_classes
from same_network import assert_close_networks, assert_same_network

from sklearn_textnn import KerasBinaryReviewClassifier, KerasTopicClassifier

NAMES = ["loss", "accuracy", "val_loss", "val_accuracy"]


def binary(seed, **parameters):
    return KerasBinaryReviewClassifier(
        **{"epochs": 5, "learning_rate": 0.05, "random_state": seed} | parameters
    )


@pytest.fixture
def two_classes(global_random_seed):
    return planted_classes(60, 2, global_random_seed)


# History and the choice of the epoch.


def test_history_has_one_entry_per_epoch(two_classes, global_random_seed):
    classifier = binary(global_random_seed, epochs=7).fit(*two_classes)
    assert list(classifier.history_) == NAMES[:2]
    assert all(len(values) == 7 for values in classifier.history_.values())
    assert all(type(value) is float for value in classifier.history_["loss"])
    assert classifier.n_iter_ == 7
    assert classifier.best_epoch_ is None


def test_history_is_the_table_of_the_keras_tutorial(two_classes, global_random_seed):
    classifier = binary(global_random_seed, validation_fraction=0.25).fit(*two_classes)
    table = pd.DataFrame(classifier.history_)
    assert table.columns.tolist() == NAMES
    assert len(table) == 5
    assert table["val_loss"].idxmin() + 1 == classifier.best_epoch_


def test_default_network_is_that_of_the_keras_tutorial(two_classes):
    classifier = KerasBinaryReviewClassifier(epochs=1, random_state=0).fit(*two_classes)
    assert [coef.shape for coef in classifier.coefs_] == [(32, 16), (16, 16), (16, 1)]
    X, y = planted_classes(92, 46, 0)
    classifier = KerasTopicClassifier(epochs=1, random_state=0).fit(X, y)
    assert [coef.shape for coef in classifier.coefs_] == [(76, 64), (64, 64), (64, 46)]
    activations = [layer.activation.__name__ for layer in classifier.model_.layers]
    assert activations == ["relu", "relu", "softmax"]
    assert type(classifier.model_.optimizer).__name__ == "RMSprop"


@pytest.mark.parametrize(("units", "widths"), [(4, [4]), ((), []), ([4, 3], [4, 3])])
def test_units_may_be_one_many_or_none(units, widths, two_classes, global_random_seed):
    classifier = binary(global_random_seed, units=units, epochs=20).fit(*two_classes)
    assert [coef.shape[1] for coef in classifier.coefs_] == [*widths, 1]
    assert classifier.score(*two_classes) > 0.9


def test_validation_rows_are_stratified(global_random_seed):
    # All rows are alike, so one class is predicted: val_accuracy is its share of the held-out rows.
    X, y = np.ones((100, 3)), np.arange(100) % 4
    classifier = KerasTopicClassifier(units=4, epochs=1, validation_fraction=0.2)
    for seed in range(global_random_seed, global_random_seed + 5):
        history = classifier.set_params(random_state=seed).fit(X, y).history_
        assert history["val_accuracy"] == pytest.approx([0.25])


def test_validation_fraction_is_of_the_rows_and_seeded(global_random_seed):
    X, y = planted_classes(100, 4, global_random_seed)
    seen = []

    class Sizes(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            seen.append(self.params["steps"])

    def fit(seed):
        return KerasTopicClassifier(
            units=8,
            epochs=2,
            batch_size=1,
            validation_fraction=0.2,
            callbacks=[Sizes()],
            random_state=seed,
        ).fit(X, y)

    assert fit(0).history_ == fit(0).history_
    assert fit(0).history_["val_loss"] != fit(1).history_["val_loss"]
    assert set(seen) == {80}


@pytest.mark.parametrize("metric", ["val_loss", "val_accuracy"])
def test_epoch_selection_retrains_from_scratch_on_every_row(metric, global_random_seed):
    X, y = planted_classes(60, 2, global_random_seed)
    flip = np.random.RandomState(global_random_seed).random_sample(60) < 0.3
    y = np.where(flip, 1 - y, y)  # so that validation has a best epoch in the middle
    chosen = binary(
        global_random_seed, epochs=15, validation_fraction=0.3, epoch_selection=metric
    ).fit(X, y)
    assert len(chosen.history_["val_loss"]) == 15
    best = np.argmin if metric == "val_loss" else np.argmax
    assert chosen.n_iter_ == chosen.best_epoch_ == best(chosen.history_[metric]) + 1
    assert_same_network(chosen, binary(global_random_seed, epochs=chosen.n_iter_).fit(X, y))


def test_epoch_selection_trains_on_x_val_too(two_classes, global_random_seed):
    X, y = two_classes
    X_val, y_val = planted_classes(20, 2, global_random_seed + 1)
    chosen = binary(global_random_seed, epoch_selection="val_loss").fit(
        X, y, X_val=X_val, y_val=y_val
    )
    everything = sp.vstack([X, X_val]), np.concatenate([y, y_val])
    retrained = binary(global_random_seed, epochs=chosen.best_epoch_).fit(*everything)
    assert_same_network(chosen, retrained)


def test_x_val_takes_precedence_over_validation_fraction(two_classes, global_random_seed):
    X, y = two_classes
    held_out = planted_classes(20, 2, global_random_seed + 1)
    given = binary(global_random_seed).fit(X, y, X_val=held_out[0], y_val=held_out[1])
    both = binary(global_random_seed, validation_fraction=0.2)
    both.fit(X, y, X_val=held_out[0], y_val=held_out[1])
    assert given.history_ == both.history_


# Weights of rows and classes.


def test_rows_of_weight_zero_count_as_left_out(two_classes, global_random_seed):
    X, y = two_classes
    weight = np.ones(60)
    weight[::3] = 0
    weighted = binary(global_random_seed).fit(X, y, sample_weight=weight)
    assert_same_network(weighted, binary(global_random_seed).fit(X[weight > 0], y[weight > 0]))


def test_class_weight_balanced_equals_its_dictionary(global_random_seed):
    X, y = planted_classes(60, 4, global_random_seed)
    y = np.where(y == 0, "rare", "common")
    balanced, by_hand, plain = (
        binary(global_random_seed, class_weight=class_weight).fit(X, y)
        for class_weight in ("balanced", {"rare": 60 / 30, "common": 60 / 90}, None)
    )
    assert_close_networks(balanced, by_hand, atol=1e-5)
    rare = list(plain.classes_).index("rare")
    shift = (balanced.predict_proba(X) - plain.predict_proba(X))[:, rare]
    assert shift.mean() > 0.01


def test_class_weight_multiplies_sample_weight(two_classes, global_random_seed):
    X, y = two_classes
    sample_weight = np.random.RandomState(global_random_seed).uniform(1, 2, size=60)
    both = binary(global_random_seed, class_weight={0: 1, 1: 3})
    both.fit(X, y, sample_weight=sample_weight)
    product = binary(global_random_seed).fit(X, y, sample_weight=sample_weight * (1 + 2 * y))
    assert_close_networks(both, product, atol=1e-5)


# One parameter at a time: each changes something.


def test_l2_shrinks_the_kernels_and_counts_in_the_loss(two_classes, global_random_seed):
    free, held = (binary(global_random_seed, l2=l2, epochs=20).fit(*two_classes) for l2 in (0, 0.1))
    norms = [sum(np.square(coef).sum() for coef in c.coefs_) for c in (free, held)]
    assert norms[1] < norms[0] / 2
    penalty = 0.1 * norms[1]
    cross_entropy = -np.log(held.predict_proba(two_classes[0])[np.arange(60), two_classes[1]])
    last = binary(global_random_seed, l2=0.1, epochs=21).fit(*two_classes).history_["loss"][-1]
    assert last == pytest.approx(cross_entropy.mean() + penalty, rel=1e-4)


def test_dropout_raises_the_training_loss_and_not_in_predictions(two_classes, global_random_seed):
    plain, dropped = (
        binary(global_random_seed, dropout=rate, epochs=10).fit(*two_classes) for rate in (0, 0.7)
    )
    assert dropped.history_["loss"][-1] > plain.history_["loss"][-1]
    X = two_classes[0]
    assert_array_equal(dropped.predict_proba(X), dropped.predict_proba(X))
    expected = dropped.model_.predict(X.toarray(), verbose=0).ravel()
    assert_allclose(dropped.predict_proba(X)[:, 1], expected, atol=1e-6)


def test_optimizer_instance_equals_its_name_and_is_not_changed(two_classes, global_random_seed):
    instance = keras.optimizers.Adam(learning_rate=0.05)
    by_instance = binary(global_random_seed, optimizer=instance, learning_rate=9.0)
    by_instance.fit(*two_classes)
    assert_same_network(by_instance, binary(global_random_seed, optimizer="adam").fit(*two_classes))
    assert by_instance.optimizer is instance
    assert not instance.built


@pytest.mark.parametrize(
    "optimizer",
    [
        keras.optimizers.RMSprop(0.05, momentum=0.5),
        keras.optimizers.RMSprop(0.05, clipnorm=0.01),
        keras.optimizers.RMSprop(keras.optimizers.schedules.ExponentialDecay(0.05, 2, 0.1)),
        "adagrad",
    ],
    ids=["momentum", "clipnorm", "schedule", "adagrad"],
)
def test_optimizer_settings_change_the_network(optimizer, two_classes, global_random_seed):
    plain = binary(global_random_seed).fit(*two_classes)
    other = binary(global_random_seed, optimizer=optimizer).fit(*two_classes)
    assert abs(plain.coefs_[0] - other.coefs_[0]).max() > 1e-3


def test_traced_network_takes_the_learning_rate_of_each_fit(two_classes, global_random_seed):
    slow, fast = (
        binary(global_random_seed, learning_rate=rate).fit(*two_classes) for rate in (1e-4, 0.05)
    )
    assert fast.history_["loss"][-1] < slow.history_["loss"][-1] - 0.1


def test_hidden_layer_narrower_than_the_classes_warns(global_random_seed):
    X, y = planted_classes(60, 6, global_random_seed)
    with pytest.warns(UserWarning, match="4 units is narrower than the 6 classes"):
        KerasTopicClassifier(units=(8, 4), epochs=1, random_state=0).fit(X, y)
    KerasTopicClassifier(units=(6, 6), epochs=1, random_state=0).fit(X, y)


def test_verbose_prints_the_progress_bar_of_keras_and_zero_prints_nothing(two_classes, capfd):
    binary(0).fit(*two_classes)
    assert capfd.readouterr().out == ""
    binary(0, verbose=1, epochs=2).fit(*two_classes)
    assert "Epoch 2/2" in capfd.readouterr().out


@pytest.mark.parametrize("name", ["adamw", "Lion", "LAMB", "nadam", "ftrl"])
def test_any_optimizer_of_keras_may_be_named(name, two_classes, global_random_seed):
    classifier = binary(global_random_seed, optimizer=name).fit(*two_classes)
    assert type(classifier.model_.optimizer).__name__.lower() == name.lower()


def test_model_is_compiled_with_the_optimizer_of_the_fit(two_classes):
    classifier = binary(0, optimizer="adam", learning_rate=0.25).fit(*two_classes)
    classifier.set_params(optimizer="sgd", learning_rate=1.0)
    assert type(classifier.model_.optimizer).__name__ == "Adam"
    assert float(classifier.model_.optimizer.get_config()["learning_rate"]) == 0.25


# Callbacks.


class Recorder(keras.callbacks.Callback):
    def __init__(self, batch_hooks=False):
        super().__init__()
        self.calls = []
        if batch_hooks:
            self.on_train_batch_end = lambda batch, logs=None: self.calls.append(("batch", logs))

    def on_epoch_end(self, epoch, logs=None):
        self.calls.append(("epoch", logs))


def test_epoch_hooks_get_the_history(two_classes, global_random_seed):
    recorder = Recorder()
    classifier = binary(global_random_seed, validation_fraction=0.2, callbacks=[recorder])
    classifier.fit(*two_classes)
    assert pd.DataFrame([logs for _, logs in recorder.calls]).to_dict("list") == classifier.history_


def test_batch_hooks_are_called_and_change_nothing(two_classes, global_random_seed):
    recorder = Recorder(batch_hooks=True)
    by_batch = binary(global_random_seed, batch_size=16, callbacks=[recorder]).fit(*two_classes)
    kinds = [kind for kind, _ in recorder.calls]
    assert kinds == (["batch"] * 4 + ["epoch"]) * 5
    assert recorder.calls[3][1] == recorder.calls[4][1]
    by_epoch = binary(global_random_seed, batch_size=16).fit(*two_classes)
    assert_same_network(by_batch, by_epoch)
    assert by_batch.history_ == by_epoch.history_


def test_callbacks_are_not_changed(two_classes):
    stopping = keras.callbacks.EarlyStopping(monitor="loss", patience=0)
    before = vars(stopping).copy()
    binary(0, callbacks=[stopping]).fit(*two_classes)
    assert vars(stopping) == before


def test_callback_that_monitors_validation_is_left_out_of_the_retraining(two_classes, tmp_path):
    recorder = Recorder()
    recorder.monitor = "val_loss"
    everywhere = Recorder()
    chosen = binary(
        0,
        validation_fraction=0.2,
        epoch_selection="val_loss",
        callbacks=[recorder, everywhere, keras.callbacks.EarlyStopping(patience=50)],
    ).fit(*two_classes)
    assert len(recorder.calls) == 5
    assert len(everywhere.calls) == 5 + chosen.n_iter_


def test_learning_rate_scheduler_reaches_the_optimizer(two_classes, global_random_seed):
    scheduler = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 10.0**-epoch)
    scheduled = binary(global_random_seed, callbacks=[scheduler]).fit(*two_classes)
    assert len(scheduled.history_["loss"]) == 5
    plain = binary(global_random_seed).fit(*two_classes)
    assert scheduled.history_["loss"][0] == plain.history_["loss"][0]
    assert scheduled.history_["loss"][-1] > plain.history_["loss"][-1]
    assert_same_network(plain, binary(global_random_seed).fit(*two_classes))


def test_model_checkpoint_saves_a_plain_keras_model(two_classes, global_random_seed, tmp_path):
    checkpoint = keras.callbacks.ModelCheckpoint(tmp_path / "last.keras")
    classifier = binary(global_random_seed, callbacks=[checkpoint]).fit(*two_classes)
    saved = keras.saving.load_model(tmp_path / "last.keras")
    expected = classifier.predict_proba(two_classes[0])[:, 1]
    X = two_classes[0].toarray()
    assert_allclose(saved.predict(X, verbose=0).ravel(), expected, atol=1e-6)


def test_csv_logger_writes_the_history(two_classes, global_random_seed, tmp_path):
    logger = keras.callbacks.CSVLogger(tmp_path / "log.csv")
    classifier = binary(global_random_seed, callbacks=[logger]).fit(*two_classes)
    log = pd.read_csv(tmp_path / "log.csv")
    assert_allclose(log["loss"], classifier.history_["loss"])


# Warm start.


@pytest.mark.parametrize("dropout", [0.0, 0.4])
def test_warm_start_equals_one_longer_fit(dropout, two_classes, global_random_seed):
    parameters = dict(dropout=dropout, batch_size=16, validation_fraction=0.25)
    longer = binary(global_random_seed, epochs=6, **parameters).fit(*two_classes)
    warm = binary(global_random_seed, epochs=2, warm_start=True, **parameters).fit(*two_classes)
    warm.set_params(epochs=6).fit(*two_classes)
    assert_same_network(warm, longer)
    assert warm.history_ == longer.history_
    assert warm.n_iter_ == 6


def test_warm_start_without_more_epochs_warns_and_changes_nothing(two_classes):
    classifier = binary(0, warm_start=True).fit(*two_classes)
    before = copy.deepcopy(classifier)
    with pytest.warns(UserWarning, match="trains no further"):
        classifier.fit(*two_classes)
    assert_same_network(classifier, before)
    assert classifier.history_ == before.history_


def test_warm_start_without_more_epochs_keeps_the_best_epoch(two_classes):
    classifier = binary(0, warm_start=True, validation_fraction=0.2).fit(*two_classes)
    best = classifier.best_epoch_
    with pytest.warns(UserWarning, match="trains no further"):
        classifier.fit(*two_classes)
    assert classifier.best_epoch_ == best is not None


def test_warm_start_with_validation_rows_may_train_no_further(two_classes):
    classifier = binary(0, warm_start=True).fit(*two_classes)
    classifier.set_params(validation_fraction=0.2)
    with pytest.warns(UserWarning, match="trains no further"):
        classifier.fit(*two_classes)
    assert classifier.best_epoch_ is None


def test_warm_start_fills_the_history_of_epochs_without_validation_with_nan(two_classes):
    classifier = binary(0, warm_start=True, epochs=2).fit(*two_classes)
    classifier.set_params(epochs=5, validation_fraction=0.25).fit(*two_classes)
    table = pd.DataFrame(classifier.history_)
    assert table.columns.tolist() == NAMES
    assert table["val_loss"].isna().tolist() == [True, True, False, False, False]
    assert classifier.best_epoch_ == table["val_loss"].idxmin() + 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (dict(epochs=3), "epochs=3 is the total to reach"),
        (dict(units=4), "units=4 asks for others"),
        (dict(optimizer="adam"), "optimizer given now keeps another"),
        (dict(optimizer="adagrad"), "optimizer given now keeps another"),
        (
            dict(early_stopping=True, validation_fraction=0.2),
            "warm_start=True cannot be combined with early_stopping",
        ),
        (
            dict(epoch_selection="val_loss", validation_fraction=0.2),
            "warm_start=True cannot be combined with epoch_selection",
        ),
    ],
)
def test_warm_start_refuses_changes_that_it_cannot_continue_with(change, message, two_classes):
    classifier = binary(0, warm_start=True).fit(*two_classes)
    before = copy.deepcopy(classifier)
    classifier.set_params(**{"epochs": 9} | change)
    with pytest.raises(ValueError, match=message):
        classifier.fit(*two_classes)
    assert_same_network(classifier, before)


def test_warm_start_refuses_other_classes(two_classes):
    X, y = two_classes
    classifier = binary(0, warm_start=True).fit(X, y)
    with pytest.raises(ValueError, match="goes on with the classes"):
        classifier.set_params(epochs=9).fit(X, np.where(y, "a", "b"))


# Shapes and types of predictions.


def test_shapes_are_those_of_scikit_learn(two_classes, global_random_seed):
    X, y = two_classes
    classifier = binary(global_random_seed).fit(X, y)
    assert classifier.predict_proba(X[:1]).shape == (1, 2)
    assert classifier.decision_function(X).shape == (60,)
    topic = KerasTopicClassifier(units=8, epochs=2, random_state=0).fit(X, y)
    assert topic.decision_function(X).shape == (60,)
    assert topic.predict_proba(X).dtype == np.float32
    many = KerasTopicClassifier(units=8, epochs=2, random_state=0)
    many.fit(*planted_classes(60, 3, global_random_seed))
    assert many.decision_function(planted_classes(7, 3, 0)[0]).shape == (7, 3)


def test_decision_function_is_the_log_odds(two_classes, global_random_seed):
    X, y = two_classes
    for classifier in (binary(0), KerasTopicClassifier(units=8, epochs=3, random_state=0)):
        p = classifier.fit(X, y).predict_proba(X)
        assert_allclose(classifier.decision_function(X), np.log(p[:, 1] / p[:, 0]), atol=1e-4)


def test_diverged_training_is_an_error_and_keeps_the_last_fit(two_classes):
    X, y = two_classes
    classifier = binary(0).fit(X, y)
    before = copy.deepcopy(classifier)
    classifier.set_params(optimizer="sgd", learning_rate=1e30, activation="linear", epochs=20)
    with pytest.raises(ValueError, match="not finite; lower learning_rate"):
        classifier.fit(X, y)
    assert_same_network(classifier, before)


def test_random_state_instance_gives_a_new_network_each_time(two_classes):
    rng = np.random.RandomState(0)
    first, second = (binary(rng).fit(*two_classes) for _ in range(2))
    assert abs(first.coefs_[0] - second.coefs_[0]).max() > 1e-3
    assert_same_network(first, binary(np.random.RandomState(0)).fit(*two_classes))


@pytest.mark.moves_generators  # None is NumPy's global generator, by scikit-learn's convention
def test_random_state_none_follows_the_global_generator(two_classes):
    networks = []
    for seed in (0, 0, 1):
        np.random.seed(seed)  # noqa: NPY002
        networks.append(binary(None).fit(*two_classes))
    assert_same_network(networks[0], networks[1])
    assert abs(networks[0].coefs_[0] - networks[2].coefs_[0]).max() > 1e-3


def test_early_stopping_keeps_the_weights_of_the_best_epoch_however_small_the_gain():
    X, y = planted_classes(200, 2, 0)
    X = X.astype(np.float64)
    classifier = KerasBinaryReviewClassifier(
        units=(),
        epochs=8,
        optimizer="sgd",
        learning_rate=1e-7,
        early_stopping=True,
        patience=2,
        stages="all",
        random_state=0,
    ).fit(X, y, X_val=X, y_val=y)
    assert (np.diff(classifier.history_["val_loss"]) < 0).all()
    assert classifier.n_iter_ == classifier.best_epoch_ == 8
    assert_array_equal(classifier.coefs_[0], classifier._stage_weights[8][0])
