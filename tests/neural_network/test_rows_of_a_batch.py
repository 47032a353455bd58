"""Steps that update only the rows of the first kernel that their batch touches."""

import keras
import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
from same_network import assert_same_network

from sklearn_textnn import KerasBinaryReviewClassifier
from sklearn_textnn.neural_network._keras import _batches

N_COLUMNS = 2_000


def rare_words(n_rows, seed, n_columns=N_COLUMNS):
    """Return CSR in which each row has one of two words that decide, and three rare ones."""
    rng = np.random.default_rng(seed)
    y = rng.integers(2, size=n_rows)
    rare = rng.integers(2, n_columns, size=(n_rows, 3))
    columns = np.column_stack([y, rare]).ravel()
    X = sp.csr_matrix(
        (np.ones(columns.size, np.float32), columns, np.arange(n_rows + 1) * 4),
        shape=(n_rows, n_columns),
    )
    X.sum_duplicates()
    X.data[:] = 1
    return X, y


def classifier(**parameters):
    settings = dict(units=(20, 4), epochs=5, batch_size=8, learning_rate=0.01, random_state=0)
    return KerasBinaryReviewClassifier(**settings | parameters)


def is_by_rows(fitted):
    """Whether the last fit went by rows: RMSprop then keeps the step of each row."""
    return any(slot.shape == (N_COLUMNS,) for slot in fitted._training_state["slots"])


@pytest.fixture
def never_by_rows(monkeypatch):
    def switch():
        monkeypatch.setattr(_batches, "_COLUMNS_FOR_A_NON_ZERO", 10**9)

    return switch


def assert_close(one, other):
    for a, b in zip(
        [*one.coefs_, *one.intercepts_], [*other.coefs_, *other.intercepts_], strict=True
    ):
        assert_allclose(a, b, atol=1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("optimizer", ["rmsprop", "sgd"])
def test_network_is_that_of_steps_that_update_every_row(optimizer, dtype, never_by_rows):
    X, y = rare_words(200, 0)
    X = X.astype(dtype)
    by_rows = classifier(optimizer=optimizer).fit(X, y)
    assert is_by_rows(by_rows) == (optimizer == "rmsprop")
    never_by_rows()
    every_row = classifier(optimizer=optimizer).fit(X, y)
    assert not is_by_rows(every_row)
    assert_close(by_rows, every_row)


@pytest.mark.parametrize("optimizer", ["rmsprop", "sgd"])
def test_fewer_epochs_are_a_prefix_and_warm_start_goes_on_exactly(optimizer):
    X, y = rare_words(200, 0)
    whole = classifier(optimizer=optimizer, stages=[2, 5]).fit(X, y)
    short = classifier(optimizer=optimizer, epochs=2).fit(X, y)
    np.testing.assert_array_equal(next(whole.staged_predict_proba(X)), short.predict_proba(X))
    assert_same_network(short.set_params(warm_start=True, epochs=5).fit(X, y), whole)


def test_what_is_pending_is_settled_when_training_goes_on_with_every_row(never_by_rows):
    X, y = rare_words(200, 0)
    few = classifier(epochs=2, warm_start=True).fit(X, y)
    assert is_by_rows(few)
    few.set_params(epochs=4, batch_size=200).fit(X, y)
    assert not is_by_rows(few)
    few.set_params(epochs=6, batch_size=8).fit(X, y)
    assert is_by_rows(few)
    never_by_rows()
    every_row = classifier(epochs=2, warm_start=True).fit(X, y)
    every_row.set_params(epochs=4, batch_size=200).fit(X, y)
    every_row.set_params(epochs=6, batch_size=8).fit(X, y)
    assert_close(few, every_row)


def test_penalty_is_for_every_row(never_by_rows):
    X, y = rare_words(200, 0)
    penalized = classifier(l2=1e-3).fit(X, y)
    assert not is_by_rows(penalized)
    never_by_rows()
    assert_same_network(penalized, classifier(l2=1e-3).fit(X, y))


def test_partial_fit_row_by_row(never_by_rows):
    X, y = rare_words(20, 0)

    def learn_alone():
        learner = classifier()
        for i in range(20):
            learner.partial_fit(X[i : i + 1], y[i : i + 1], classes=[0, 1])
        return learner

    by_rows = learn_alone()
    assert is_by_rows(by_rows)
    never_by_rows()
    assert_close(by_rows, learn_alone())


def test_batches_without_any_word():
    X, y = rare_words(200, 0)
    X = sp.vstack([sp.csr_matrix((150, N_COLUMNS), dtype=np.float32), X[150:]], format="csr")
    assert is_by_rows(classifier(batch_size=4, validation_fraction=0.2).fit(X, y))


def test_zeros_that_are_stored_change_nothing():
    X, y = rare_words(200, 0)
    there = X.tocoo()
    rng = np.random.default_rng(0)
    rows = np.append(there.row, rng.integers(200, size=20_000))
    columns = np.append(there.col, rng.integers(N_COLUMNS, size=20_000))
    values = np.append(there.data, np.zeros(20_000, np.float32))
    stored = sp.csr_matrix((values, (rows, columns)), shape=X.shape)
    assert stored.nnz > 10 * X.nnz
    assert_same_network(classifier().fit(stored, y), classifier().fit(X, y))
    assert_same_network(classifier().fit(X.toarray(), y), classifier().fit(X, y))


def test_next_fit_leaves_the_state_of_the_last_one():
    X, y = rare_words(60, 0)
    first = classifier().fit(X, y)
    assert is_by_rows(first)
    before = [slot.copy() for slot in first._training_state["slots"]]
    classifier(epochs=7).fit(X, 1 - y)
    for given, now in zip(before, first._training_state["slots"], strict=True):
        assert_array_equal(now, given)


class Own(keras.callbacks.Callback):
    """A callback of the user's own, which could save the model."""


@pytest.mark.parametrize(
    ("callback", "expected"),
    [
        (keras.callbacks.TerminateOnNaN(), True),
        (keras.callbacks.ModelCheckpoint("model.keras"), False),
        (Own(), False),
    ],
    ids=["TerminateOnNaN", "ModelCheckpoint", "own"],
)
def test_optimizer_that_a_callback_may_save_has_nothing_pending(
    callback, expected, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    X, y = rare_words(200, 0)
    assert is_by_rows(classifier(callbacks=[callback]).fit(X, y)) == expected
    of_sgd = classifier(optimizer="sgd", callbacks=[callback]).fit(X, y)  # it defers nothing
    assert_same_network(of_sgd, classifier(optimizer="sgd").fit(X, y))
