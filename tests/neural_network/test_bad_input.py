"""What the classifiers refuse, before any training, and that a refusal leaves no trace."""

import pickle
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import joblib
import keras
import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_array_equal
from same_network import assert_same_network
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from sklearn_textnn import KerasBinaryReviewClassifier, KerasTopicClassifier
from sklearn_textnn.neural_network._keras import _network, _training_loop

CLASSIFIERS = [KerasBinaryReviewClassifier, KerasTopicClassifier]
N_ROWS, N_COLUMNS = 24, 6


def _data(classifier):
    """Return multi-hot rows in which one of the first columns decides on the class, and labels."""
    y = np.arange(N_ROWS) % (2 if classifier is KerasBinaryReviewClassifier else 3)
    X = (np.random.default_rng(0).random((N_ROWS, N_COLUMNS)) < 0.4).astype(np.float32)
    X[:, :3] = np.eye(3)[y]
    return X, y


def _make(classifier, **params):
    return classifier(
        **({"units": 8, "epochs": 3, "learning_rate": 0.05, "random_state": 0} | params)
    )


@pytest.fixture(scope="module", params=CLASSIFIERS)
def pickled(request):
    X, y = _data(request.param)
    return X, y, pickle.dumps(_make(request.param).fit(X, y))


@pytest.fixture
def fitted(pickled):
    """Return rows, labels and a classifier fitted to them that nobody else has."""
    X, y, clf = pickled
    return X.copy(), y.copy(), pickle.loads(clf)


@pytest.fixture
def no_training(monkeypatch):
    """Return a function after which training fails the test, from this function of the loop on."""

    def forbid(name):
        def begun(*args, **kwargs):
            pytest.fail("training began")

        monkeypatch.setattr(_training_loop, name, begun)

    return forbid


class _Unharmed:
    """A context that fails unless the estimator is, at its end, what it was at its beginning."""

    def __init__(self, clf, X):
        self.clf, self.X = clf, X

    def _now(self):
        fitted = hasattr(self.clf, "coefs_")
        return vars(self.clf).copy(), self.clf.predict_proba(self.X) if fitted else None

    def __enter__(self):
        self.attributes, self.probabilities = self._now()
        self.hash = joblib.hash(self.attributes)

    def __exit__(self, error, *_):
        if error is not None:
            return
        attributes, probabilities = self._now()
        assert attributes.keys() == self.attributes.keys()
        moved = [name for name, value in attributes.items() if value is not self.attributes[name]]
        assert not moved
        assert joblib.hash(attributes) == self.hash
        assert_array_equal(probabilities, self.probabilities)


def _assert_refused(clf, rows, error, match, **arguments):
    """Refuse to fit, by the fitted classifier and by one never fitted, and leave both alone."""
    for estimator in (clf, clone(clf)):
        with _Unharmed(estimator, rows), pytest.raises(error, match=match):
            estimator.fit(**arguments)


# Parameters


def _names(cases):
    """Return the name of each case, without the address that the repr of an object ends in."""
    shown = (", ".join(f"{name}={value!r}" for name, value in case[0].items()) for case in cases)
    return [name.split(" object at")[0] for name in shown]


PARAMETERS = [
    ({"epochs": 0}, r"'epochs' parameter of Keras\w+ must be an int in the range \[1, inf\)"),
    ({"epochs": 2.5}, r"'epochs' .* must be an int"),
    ({"units": np.array([[4, 3], [2, 2]])}, "units must be a positive int or a sequence"),
    ({"units": np.array([True, True])}, "units must be a positive int or a sequence"),
    ({"stages": np.array(2)}, "stages must be 'all' or a list"),
    ({"stages": [[1, 2]]}, "stages must be 'all' or a list"),
    ({"batch_size": 0}, r"'batch_size' .* must be an int in the range \[1, inf\)"),
    ({"activation": "nonsense"}, r"'activation' .* must be a str among .*'relu'.* 'nonsense'"),
    ({"monitor": "val_f1"}, r"'monitor' .* must be a str among .*'val_loss'"),
    ({"epoch_selection": "loss"}, r"'epoch_selection' .* among .*'val_loss'"),
    ({"learning_rate": 0.0}, r"'learning_rate' .* in the range \(0.0, inf\)"),
    ({"learning_rate": np.nan}, r"'learning_rate' .* in the range \(0.0, inf\)"),
    ({"dropout": 1.0}, r"'dropout' .* in the range \[0.0, 1.0\). Got 1.0"),
    ({"dropout": -0.1}, r"'dropout' .* in the range \[0.0, 1.0\)"),
    ({"l2": -1e-3}, r"'l2' .* in the range \[0.0, inf\)"),
    ({"patience": -1}, r"'patience' .* in the range \[0, inf\)"),
    ({"validation_fraction": 0.0}, r"'validation_fraction' .* in the range \(0.0, 1.0\)"),
    ({"validation_fraction": 1.0}, r"'validation_fraction' .* in the range \(0.0, 1.0\)"),
    ({"early_stopping": "val_loss"}, r"'early_stopping' .* must be an instance of 'bool'"),
    ({"class_weight": "heavy"}, r"'class_weight' .* must be .*'balanced'"),
    ({"random_state": "a"}, r"'random_state' .* must be an int"),
    ({"verbose": -1}, r"'verbose' .* must be an int"),
    ({"optimizer": None}, r"'optimizer' .* must be an instance of 'str' or an object"),
    ({"callbacks": keras.callbacks.History()}, r"'callbacks' .* must be an instance of 'list'"),
    ({"units": 0}, r"'units' .* must be an array-like or an int in the range \[1, inf\)"),
    ({"units": "16"}, r"'units' .* must be an array-like or an int"),
    ({"units": (16, 0)}, r"units must be a positive int or a sequence .* got \(16, 0\)"),
    ({"units": ("a",)}, r"units must be a positive int or a sequence .* got \('a',\)"),
    ({"units": (2.5,)}, r"units must be a positive int or a sequence"),
    ({"units": (8, (8,))}, r"units must be a positive int or a sequence"),
    ({"units": True}, r"units must be a positive int or a sequence"),
    (
        {"epoch_selection": "val_loss"},
        "epoch_selection='val_loss' needs held-out data: set validation_fraction, .* X_val",
    ),
    (
        {"early_stopping": True},
        "early_stopping=True with monitor='val_loss' needs held-out data: set validation_frac",
    ),
    (
        {"early_stopping": True, "monitor": "val_accuracy"},
        "early_stopping=True with monitor='val_accuracy' needs held-out data",
    ),
    (
        {"warm_start": True, "epoch_selection": "val_loss", "validation_fraction": 0.25},
        "warm_start=True cannot be combined with epoch_selection",
    ),
    ({"validation_fraction": 0.01}, "validation_fraction=0.01 of 24 rows.*X_val and y_val"),
    ({"validation_fraction": 0.99}, "validation_fraction=0.99 of 24 rows.*X_val and y_val"),
    ({"class_weight": {"x": 2.0}}, r"class_weight has weights for .*, which are not among"),
    ({"class_weight": {0: 2.0, 7: 1.0}}, r"class_weight has weights for .*, which are not among"),
    ({"class_weight": {0: np.nan}}, "class_weight"),
    ({"class_weight": {0: -1.0}}, "class_weight"),
    ({"class_weight": {0: 0.0, 1: 0.0, 2: 0.0}}, "class_weight"),
]


@pytest.mark.parametrize(("params", "match"), PARAMETERS, ids=_names(PARAMETERS))
def test_refuses_parameters(fitted, params, match, no_training):
    X, y, clf = fitted
    no_training("train")
    _assert_refused(clf.set_params(**params), X, ValueError, match, X=X, y=y)


KERAS_PARAMETERS = [
    ({"optimizer": "nonsense"}, ValueError, "'nonsense' is not the name .*adam, .*, rmsprop"),
    ({"optimizer": ""}, ValueError, "is not the name of a Keras optimizer"),
    ({"optimizer": "Optimizer"}, ValueError, "is not the name of a Keras optimizer"),
    ({"optimizer": "LossScaleOptimizer"}, ValueError, "optimizer='LossScaleOptimizer'"),
    ({"optimizer": keras.optimizers.Adam}, TypeError, "name of a Keras optimizer or an insta"),
    ({"callbacks": ["early"]}, TypeError, "instances of keras.callbacks.Callback.*'early'"),
    ({"callbacks": [keras.callbacks.History]}, TypeError, "instances of keras.callbacks"),
    ({"callbacks": (None,)}, TypeError, "instances of keras.callbacks.Callback.* None"),
    (
        {"callbacks": [keras.callbacks.BackupAndRestore("folder")]},
        ValueError,
        "BackupAndRestore, which goes on from the epoch of an interrupted training",
    ),
]


@pytest.mark.parametrize(
    ("params", "error", "match"), KERAS_PARAMETERS, ids=_names(KERAS_PARAMETERS)
)
def test_refuses_what_only_keras_can_judge(fitted, params, error, match, no_training):
    X, y, clf = fitted
    no_training("_run_epochs")
    _assert_refused(clf.set_params(**params), X, error, match, X=X, y=y)


def test_refuses_an_unknown_loss(no_training):
    no_training("train")
    X, y = _data(KerasTopicClassifier)
    clf = _make(KerasTopicClassifier, loss="mse")
    _assert_refused(clf, X, ValueError, "'loss' .* among .*'categorical_cross", X=X, y=y)
    with pytest.raises(TypeError, match="unexpected keyword argument 'loss'"):
        KerasBinaryReviewClassifier(loss="categorical_crossentropy")


# Rows and labels


def _with(array, value, row=3, column=2):
    array = array.astype(np.result_type(array, type(value)), copy=True)
    array[(row, column)[: array.ndim]] = value
    return array


DATA = {
    "nan": (lambda X, y: {"X": _with(X, np.nan)}, "Input X contains NaN"),
    "inf": (lambda X, y: {"X": _with(X, np.inf)}, "Input X contains infinity"),
    "sparse nan": (lambda X, y: {"X": sp.csr_array(_with(X, np.nan))}, "Input X contains NaN"),
    "csc inf": (lambda X, y: {"X": sp.csc_array(_with(X, np.inf))}, "Input X contains infinity"),
    "1-D X": (lambda X, y: {"X": X[:, 0]}, r"Expected 2D array, got 1D array.*\n.*\n?.*Reshape"),
    "3-D X": (lambda X, y: {"X": X[:, :, None]}, "Found array with dim 3"),
    "documents": (lambda X, y: {"X": ["a film"] * N_ROWS}, "Expected 2D|could not convert string"),
    "complex": (lambda X, y: {"X": X + 1j}, "Complex data not supported"),
    "no rows": (lambda X, y: {"X": X[:0], "y": y[:0]}, r"0 sample\(s\)"),
    "no columns": (lambda X, y: {"X": X[:, :0]}, r"0 feature\(s\)"),
    "no y": (lambda X, y: {"y": None}, "requires y to be passed, but the target y is None"),
    "short y": (lambda X, y: {"y": y[:-1]}, r"inconsistent numbers of samples: \[24, 23\]"),
    "long y": (lambda X, y: {"y": np.r_[y, 0]}, r"inconsistent numbers of samples: \[24, 25\]"),
    "continuous y": (lambda X, y: {"y": y + 0.5 * X[:, 3]}, "Unknown label type: continuous"),
    "nan in y": (lambda X, y: {"y": _with(y, np.nan)}, "Input y contains NaN"),
    "one class": (
        lambda X, y: {"y": np.full(N_ROWS, 7)},
        r"2 classes; the data holds only one class.* 7",
    ),
    "one class of words": (lambda X, y: {"y": ["a"] * N_ROWS}, "only one class.* 'a'"),
    "one class with weight": (lambda X, y: {"sample_weight": (y == 0) * 1.0}, "only one class.* 0"),
    "negative weight": (
        lambda X, y: {"sample_weight": _with(np.ones(N_ROWS), -1.0)},
        "sample_weight must not be negative; row 3 has -1.0",
    ),
    "nan weight": (
        lambda X, y: {"sample_weight": _with(np.ones(N_ROWS), np.nan)},
        "Input sample_weight contains NaN",
    ),
    "infinite weight": (
        lambda X, y: {"sample_weight": _with(np.ones(N_ROWS), np.inf)},
        "Input sample_weight contains infinity",
    ),
    "short weights": (
        lambda X, y: {"sample_weight": np.ones(N_ROWS - 1)},
        r"sample_weight.shape == \(23,\), expected \(24,\)",
    ),
    "no weight": (lambda X, y: {"sample_weight": np.zeros(N_ROWS)}, r"(?i)sample.weight.*zero"),
    "X_val alone": (lambda X, y: {"X_val": X}, "X_val is given and y_val is not; .* needs both"),
    "y_val alone": (lambda X, y: {"y_val": y}, "y_val is given and X_val is not; .* needs both"),
    "short y_val": (lambda X, y: {"X_val": X, "y_val": y[1:]}, "inconsistent numbers of samples"),
    "other columns in X_val": (
        lambda X, y: {"X_val": X[:, 1:], "y_val": y},
        r"X\w* has 5 features, but Keras\w+ is expecting 6 features",
    ),
    "nan in X_val": (lambda X, y: {"X_val": _with(X, np.nan), "y_val": y}, "contains NaN"),
    "1-D X_val": (lambda X, y: {"X_val": X[0], "y_val": y[:1]}, "Expected 2D array"),
    "no rows in X_val": (lambda X, y: {"X_val": X[:0], "y_val": y[:0]}, r"0 sample\(s\)"),
    "unseen label": (
        lambda X, y: {"X_val": X, "y_val": _with(y, 7)},
        r"y_val holds labels that are not among the classes .*: \[7\]",
    ),
    "unseen words": (
        lambda X, y: {"X_val": X[:2], "y_val": ["gold", "oil"]},
        r"y_val holds labels that are not among the classes .*: \['gold', 'oil'\]",
    ),
    "nan in y_val": (
        lambda X, y: {"X_val": X, "y_val": _with(y, np.nan)},
        "y_val (holds labels that are not among the classes|contains NaN)",
    ),
    "indicator y_val": (
        lambda X, y: {"X_val": X, "y_val": np.eye(3)[y]},
        "y_val should be a 1d array, got a matrix of 3 columns",
    ),
}


@pytest.mark.parametrize(("change", "match"), DATA.values(), ids=DATA)
def test_refuses_data(fitted, change, match, no_training):
    X, y, clf = fitted
    no_training("train")
    _assert_refused(clf, X, ValueError, match, **({"X": X, "y": y} | change(X, y)))


def test_refuses_a_mixture_of_words_and_numbers_in_y_val(fitted, no_training):
    X, y, clf = fitted
    no_training("train")
    mixed = np.array([0, "gold"], dtype=object)
    _assert_refused(clf, X, (TypeError, ValueError), "y_val", X=X, y=y, X_val=X[:2], y_val=mixed)


def test_binary_refuses_three_classes_in_the_words_of_scikit_learn(no_training):
    X, y = _data(KerasBinaryReviewClassifier)
    clf = _make(KerasBinaryReviewClassifier).fit(X, y)
    no_training("train")
    wording = r"^Only binary classification is supported. The type of the target is multiclass.$"
    _assert_refused(clf, X, ValueError, wording, X=X, y=np.arange(N_ROWS) % 3)


# Going on


@pytest.mark.parametrize(
    ("params", "change", "match"),
    [
        ({"epochs": 2}, {}, "epochs=2 is the total to reach.* 3 epochs are done"),
        ({"epochs": 5, "units": 9}, {}, "layers of the previous fit.*units=9 asks for others"),
        ({"epochs": 5, "activation": "tanh"}, {}, "had activation='relu', and activation='tanh'"),
        ({"epochs": 5, "dropout": 0.5}, {}, r"had dropout=0\.0, and dropout=0\.5"),
        ({"epochs": 5}, {"y": np.arange(N_ROWS) % 2 + 5}, r"classes of the previous fit.*\[5, 6\]"),
        ({"epochs": 5}, {"X": np.ones((N_ROWS, 2))}, "2 features, but Keras.* expecting 6"),
    ],
    ids=["fewer", "units", "activation", "dropout", "classes", "columns"],
)
def test_warm_start_refuses_to_go_on_with_something_else(
    fitted, params, change, match, no_training
):
    X, y, clf = fitted
    no_training("train")
    clf.set_params(warm_start=True, **params)
    with _Unharmed(clf, X), pytest.raises(ValueError, match=match):
        clf.fit(**({"X": X, "y": y} | change))


@pytest.mark.parametrize("change", [{"activation": "tanh"}, {"dropout": 0.5}, {"units": (8, 8)}])
def test_partial_fit_refuses_another_network(fitted, change, no_training):
    X, y, clf = fitted
    no_training("train")
    clf.set_params(**change)
    with _Unharmed(clf, X), pytest.raises(ValueError, match=f"{next(iter(change))}=.* asks for"):
        clf.partial_fit(X, y)


def test_another_loss_is_another_network(no_training):
    X, y = _data(KerasTopicClassifier)
    clf = _make(KerasTopicClassifier).fit(X, y)
    no_training("train")
    clf.set_params(loss="sparse_categorical_crossentropy")
    with _Unharmed(clf, X), pytest.raises(ValueError, match="had loss='categorical_crossentropy'"):
        clf.partial_fit(X, y)


def test_empty_classes_are_refused(pickled):
    X, y, _ = pickled
    with pytest.raises(ValueError, match="classes is empty"):
        _make(KerasBinaryReviewClassifier).partial_fit(X, y, classes=[])


@pytest.mark.parametrize("method", ["staged_predict", "staged_predict_proba"])
def test_stages_asked_for_after_the_fit_are_not_there(fitted, method):
    X, _, clf = fitted
    clf.set_params(stages="all")
    with pytest.raises(NotFittedError, match=r"was fitted with stages=None.*fit it again"):
        next(getattr(clf, method)(X))


def test_warm_start_refuses_another_optimizer(fitted, no_training):
    X, y, clf = fitted
    no_training("_run_epochs")
    clf.set_params(warm_start=True, epochs=5, optimizer="adam")
    with _Unharmed(clf, X), pytest.raises(ValueError, match="optimizer given now keeps another"):
        clf.fit(X, y)


# Numbers


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.uint32, np.int64])
def test_integers_of_numpy_are_integers(fitted, kind):
    X, y, clf = fitted
    parameters = dict(
        epochs=3, batch_size=100, units=8, patience=2, validation_fraction=0.5, stages=[1, 3]
    )
    of_numpy = {
        name: [*map(kind, value)] if isinstance(value, list) else kind(value)
        for name, value in parameters.items()
        if name != "validation_fraction"
    } | {"validation_fraction": np.float32(0.5)}
    expected = clone(clf).set_params(**parameters).fit(X, y)
    assert_same_network(clone(clf).set_params(**of_numpy).fit(X, y), expected)


def test_validation_that_never_is_a_number_is_named(fitted):
    X, y, clf = fitted
    clf.set_params(epoch_selection="val_loss", units=9)
    huge = np.full_like(X, 3e38)
    with (
        _Unharmed(clf, X),
        pytest.raises(ValueError, match="validation diverged: val_loss is NaN"),
        pytest.warns(RuntimeWarning, match="val_loss in history_ are not finite"),
    ):
        clf.fit(X, y, X_val=huge, y_val=y)
    clf.set_params(epoch_selection=None)
    with pytest.warns(RuntimeWarning, match="val_loss in history_ are not finite"):
        clf.fit(X, y, X_val=huge, y_val=y)
    assert clf.best_epoch_ is None


# Damaged sparse matrices, in which SciPy would read foreign memory


def _damaged(kind, X):
    X = sp.csr_array(X).astype(np.float32)
    if kind == "column too large":
        X.indices[3] = X.shape[1]
    elif kind == "negative column":
        X.indices[3] = -1
    elif kind == "rows that end beyond the data":
        X.indptr[-1] += 5
    elif kind == "rows that end before they begin":
        X.indptr[3] = X.indptr[5] + 2
    return X


DAMAGES = [
    "column too large",
    "negative column",
    "rows that end beyond the data",
    "rows that end before they begin",
]


@pytest.mark.parametrize("kind", DAMAGES)
def test_damaged_sparse_matrix_is_refused(fitted, kind, no_training):
    X, y, clf = fitted
    no_training("train")
    bad = _damaged(kind, X)
    for call in (
        lambda: clf.fit(bad, y),
        lambda: clf.partial_fit(bad, y),
        lambda: clf.fit(X, y, X_val=bad, y_val=y),
        lambda: clf.predict(bad),
        lambda: clf.decision_function(bad),
    ):
        with _Unharmed(clf, X), pytest.raises(ValueError, match="damaged sparse matrix"):
            call()


@pytest.mark.parametrize("container", [sp.csr_array, sp.csc_array, sp.coo_array])
@pytest.mark.parametrize("weights", [np.ones(N_ROWS), np.arange(N_ROWS) > 3], ids=["all", "some"])
def test_damaged_sparse_topics_are_refused(container, weights, no_training):
    X, y = _data(KerasTopicClassifier)
    Y = np.eye(3, dtype=int)[y]
    Y[:2] = 1
    good, bad = container(Y), container(Y)
    if bad.format == "coo":
        bad.col[0] = 1_000
    else:
        bad.indices[0] = 1_000
    no_training("train")
    with pytest.raises(ValueError, match="y is a damaged sparse matrix"):
        _make(KerasTopicClassifier).fit(X, bad, sample_weight=weights)
    with pytest.raises(ValueError, match="y_val is a damaged sparse matrix"):
        _make(KerasTopicClassifier).fit(X, good, X_val=X, y_val=bad)


# Predictions


@pytest.mark.parametrize("method", ["predict", "predict_proba", "decision_function"])
@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda X: X[:, 1:], r"X has 5 features, but Keras\w+ is expecting 6 features as input"),
        (lambda X: sp.csr_array(np.hstack([X, X])), "X has 12 features"),
        (lambda X: _with(X, np.nan), "Input X contains NaN"),
        (lambda X: _with(X, np.inf), "Input X contains infinity"),
        (lambda X: X[0], "Expected 2D array, got 1D array"),
        (lambda X: X[:0], r"0 sample\(s\)"),
    ],
    ids=["fewer columns", "more columns", "nan", "inf", "1-D", "no rows"],
)
def test_refuses_to_predict(fitted, method, change, match):
    X, y, clf = fitted
    with _Unharmed(clf, X), pytest.raises(ValueError, match=match):
        getattr(clf, method)(change(X))
    with pytest.raises(NotFittedError, match="not fitted yet"):
        getattr(clone(clf), method)(X)
    if method == "predict":
        with pytest.raises(ValueError, match=match):
            clf.score(change(X), y)


@pytest.mark.parametrize(
    "method", ["predict", "predict_proba", "predict_log_proba", "decision_function"]
)
def test_output_that_is_no_number_names_the_row(fitted, method):
    X, _, clf = fitted
    huge = np.vstack([X, np.full_like(X, 3e38)])
    with pytest.raises(ValueError, match=f"row {N_ROWS} of X .* not finite; scale X"):
        getattr(clf, method)(huge)


def test_log_probabilities_are_logarithms_even_of_what_rounds_to_zero(fitted):
    X, _, clf = fitted
    np.testing.assert_allclose(
        clf.predict_log_proba(X), np.log(clf.predict_proba(X)), rtol=1e-4, atol=1e-6
    )
    far = np.vstack([1e4 * X, -1e4 * X])
    assert (clf.predict_proba(far) == 0).any()
    assert np.isfinite(clf.predict_log_proba(far)).all()


# Shared by threads


def test_refused_fit_is_never_seen_by_another_thread(fitted, monkeypatch):
    X, _, clf = fitted
    expected = clf.predict_proba(X)
    seen = []

    def look(*args, **kwargs):
        with ThreadPoolExecutor(1) as other:
            seen.append(other.submit(clf.predict_proba, X).result())
        raise RuntimeError("broken off")

    monkeypatch.setattr(_training_loop, "train", look)
    with pytest.raises(RuntimeError, match="broken off"):
        clf.fit(np.hstack([X, X]), np.arange(N_ROWS) % 2 + 5)
    assert_array_equal(seen, [expected])
    assert_array_equal(clf.predict_proba(X), expected)


# Broken off


class _BreakOff(keras.callbacks.Callback):
    """Raise an exception when the second epoch ends."""

    def on_epoch_end(self, epoch, logs=None):
        if epoch == 1:
            raise RuntimeError


def test_a_fit_broken_off_leaves_the_fit_before_and_the_fit_after(fitted):
    X, y, clf = fitted
    probabilities = clf.predict_proba(X)
    clf.set_params(callbacks=[_BreakOff()])
    with _Unharmed(clf, X), pytest.raises(RuntimeError):
        clf.fit(X[:, ::-1], y)
    clf.set_params(callbacks=None)
    assert_array_equal(clf.fit(X, y).predict_proba(X), probabilities)


def test_ctrl_c_is_answered_within_an_epoch(fitted, monkeypatch):
    X, y, clf = fitted
    ticks = []

    def perf_counter():  # a call of one batch takes the time after which Ctrl-C is looked for
        ticks.append(None)
        if len(ticks) == 6:
            raise KeyboardInterrupt
        return 0.2 * len(ticks)

    monkeypatch.setattr(_network, "time", SimpleNamespace(perf_counter=perf_counter))
    clf.set_params(batch_size=2)
    with _Unharmed(clf, X), pytest.raises(KeyboardInterrupt):
        clf.fit(X, y)
    assert len(ticks) == 6


def test_calls_of_an_epoch_add_up_to_the_same_network(fitted, monkeypatch):
    X, y, clf = fitted
    clf.set_params(batch_size=2, validation_fraction=0.5)
    expected = clone(clf).fit(X, y)
    monkeypatch.setattr(_network, "_SECONDS_OF_A_CALL", 0)  # one batch a call
    assert_same_network(clf.fit(X, y), expected)
    assert clf.history_ == expected.history_


def test_a_diverged_fit_leaves_the_fit_before_and_the_fit_after(fitted):
    X, y, clf = fitted
    clf.set_params(units=7)  # no network of another test
    probabilities = clf.fit(X, y).predict_proba(X)
    clf.set_params(learning_rate=1e30)
    with (
        _Unharmed(clf, X),
        pytest.raises(ValueError, match="weights that are not finite; lower learning_rate"),
    ):
        clf.fit(X, y)
    clf.set_params(learning_rate=0.05)
    assert_array_equal(clf.fit(X, y).predict_proba(X), probabilities)


def test_a_refused_fit_can_be_put_right(fitted):
    X, y, clf = fitted
    probabilities = clf.predict_proba(X)
    for params in ({"epochs": 0}, {"optimizer": "nonsense"}, {"units": (16, 0)}):
        refused = clone(clf).set_params(**params)
        with pytest.raises(ValueError, match=next(iter(params))):
            refused.fit(X, y)
        with pytest.raises(NotFittedError):
            refused.predict(X)
        right = {name: getattr(clf, name) for name in params}
        assert_array_equal(refused.set_params(**right).fit(X, y).predict_proba(X), probabilities)
