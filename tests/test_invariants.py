"""The invariants of the package: sparse input, epochs, random state, pickles and imports."""

import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
import scipy.sparse as sp
from global_generators import generator_states
from numpy.testing import assert_allclose, assert_array_equal
from planted import planted_classes
from processes import run_python
from same_network import assert_same_network
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.pipeline import make_pipeline

from sklearn_textnn import (
    KerasBinaryReviewClassifier,
    KerasTopicClassifier,
    LogCountRatioTransformer,
    MultiHotVectorizer,
)

# Sparse stays sparse.


# The matrix would take 8 GB as dense float32. It is in a process of its own, since the peak of an
# earlier test would hide it.
FIT_AND_PREDICT_SPARSE = """
import numpy as np
import scipy.sparse as sp
from peak_memory import peak_memory
from sklearn_textnn import KerasBinaryReviewClassifier

n_rows, n_columns = 20_000, 100_000
columns = np.random.RandomState(0).randint(2, n_columns, size=(n_rows, 10))
y = np.arange(n_rows) % 2
columns[:, 0] = y
X = sp.csr_matrix(
    (np.ones(columns.size, np.float32), columns.ravel(), np.arange(0, columns.size + 1, 10)),
    shape=(n_rows, n_columns),
)
classifier = KerasBinaryReviewClassifier(
    units=8, epochs=2, validation_fraction=0.5, epoch_selection="val_loss", random_state=0
).fit(X, y)
assert classifier.score(X, y) > 0.9
print(peak_memory())
"""


@pytest.mark.slow
def test_sparse_is_never_made_dense():
    assert int(run_python(FIT_AND_PREDICT_SPARSE)) < 3e9  # bytes, TensorFlow's own included


@pytest.mark.parametrize("container", [sp.csr_array, sp.csc_matrix, sp.coo_array, np.asarray])
def test_container_does_not_matter(container, global_random_seed):
    X, y = planted_classes(60, 2, global_random_seed)
    parameters = dict(epochs=3, batch_size=16, random_state=global_random_seed)
    expected = KerasBinaryReviewClassifier(**parameters).fit(X, y)
    other = container(X.toarray())
    fitted = KerasBinaryReviewClassifier(**parameters).fit(other, y)
    assert_same_network(fitted, expected)
    assert_allclose(fitted.predict_proba(other), expected.predict_proba(X), rtol=1e-5)


def test_unsorted_and_duplicate_entries_do_not_matter_and_stay(global_random_seed):
    X, y = planted_classes(60, 2, global_random_seed)
    order = np.concatenate([np.arange(a, b)[::-1] for a, b in zip(X.indptr, X.indptr[1:])])  # noqa: B905
    messy = sp.csr_matrix((X.data[order] / 2, X.indices[order], X.indptr), shape=X.shape)
    messy = sp.csr_matrix(
        (np.repeat(messy.data, 2), np.repeat(messy.indices, 2), messy.indptr * 2), shape=X.shape
    )
    indices = messy.indices.copy()
    parameters = dict(epochs=3, random_state=global_random_seed)
    expected = KerasBinaryReviewClassifier(**parameters).fit(X, y)
    fitted = KerasBinaryReviewClassifier(**parameters).fit(messy, y)
    assert_same_network(fitted, expected)
    assert_array_equal(messy.indices, indices)


# Epochs are a prefix.


@pytest.mark.parametrize("classifier_class", [KerasBinaryReviewClassifier, KerasTopicClassifier])
@pytest.mark.parametrize("parameters", [{}, {"dropout": 0.5}, {"validation_fraction": 0.25}])
def test_epochs_are_a_prefix(classifier_class, parameters, global_random_seed):
    import keras

    X, y = planted_classes(60, 2, global_random_seed)
    weights_after = {}

    class Keep(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            weights_after[epoch + 1] = self.model.get_weights()

    parameters = parameters | dict(batch_size=16, random_state=global_random_seed)
    longer = classifier_class(epochs=5, callbacks=[Keep()], **parameters).fit(X, y)
    assert list(weights_after) == [1, 2, 3, 4, 5]
    for epochs in (1, 3):
        shorter = classifier_class(epochs=epochs, **parameters).fit(X, y)
        for a, b in zip(weights_after[epochs][::2], shorter.coefs_, strict=True):
            assert_array_equal(a, b)
        for a, b in zip(weights_after[epochs][1::2], shorter.intercepts_, strict=True):
            assert_array_equal(a, b)
        for name, values in shorter.history_.items():
            assert values == longer.history_[name][:epochs]


# No footprints.


@pytest.mark.moves_generators  # it seeds them, so that a move would show
def test_nothing_of_the_users_is_touched(global_random_seed):
    import keras
    import tensorflow

    X, y = planted_classes(60, 3, global_random_seed)
    weight = np.linspace(1, 2, 60)
    before = X.copy(), y.copy(), weight.copy()
    classifier = KerasTopicClassifier(
        units=[8, 8],
        epochs=2,
        dropout=0.5,
        validation_fraction=0.2,
        epoch_selection="val_loss",
        class_weight={0: 1, 1: 2, 2: 3},
        random_state=global_random_seed,
    )
    parameters = classifier.get_params()

    # Seeded, each has a generator that can be seen to move.
    keras.utils.set_random_seed(global_random_seed)
    keras.random.uniform((1,))
    tensorflow.random.uniform((1,))
    states = generator_states()
    classifier.fit(X, y, sample_weight=weight).predict_proba(X)
    assert None not in states.values()
    assert generator_states() == states
    for array, copy in zip(
        (X.data, X.indices, y, weight),
        (before[0].data, before[0].indices, *before[1:]),
        strict=True,
    ):
        assert_array_equal(array, copy)
    assert all(classifier.get_params()[name] is value for name, value in parameters.items())
    assert classifier.units == [8, 8]


FIRST_FIT = """
import pickle, random, sys
import numpy as np
with open(sys.argv[1], "rb") as file:
    classifier, X, y = pickle.load(file)
assert "tensorflow" not in sys.modules
before = random.getstate(), repr(np.random.get_state())
classifier.fit(X, y)
moved = before != (random.getstate(), repr(np.random.get_state()))
import tensorflow
threads = tensorflow.config.threading.get_intra_op_parallelism_threads()
with open(sys.argv[2], "wb") as file:
    pickle.dump((classifier, classifier.predict_proba(X), threads, moved), file)
"""


@pytest.fixture(scope="module", params=[1, 2])
def first_fit(request, tmp_path_factory):
    """Fit here and in a process of its own with some threads; return both, and what that found."""
    X, y = planted_classes(400, 4, 0, n_noise=300)
    classifier = KerasTopicClassifier(
        units=(64, 64),
        epochs=3,
        dropout=0.2,
        batch_size=128,
        validation_fraction=0.1,
        random_state=0,
    )
    folder = tmp_path_factory.mktemp("first_fit")
    problem, result = folder / "problem.pickle", folder / "result.pickle"
    problem.write_bytes(pickle.dumps((classifier, X, y)))
    run_python(FIRST_FIT, problem, result, OMP_NUM_THREADS=str(request.param))
    elsewhere, probabilities, threads, moved = pickle.loads(result.read_bytes())
    assert threads == request.param  # the share of the cores that joblib gives to a worker
    return classifier.fit(X, y), X, elsewhere, probabilities, moved


@pytest.mark.slow
def test_same_seed_gives_the_same_network_in_another_process(first_fit):
    here, X, elsewhere, probabilities, _ = first_fit
    assert_same_network(elsewhere, here)
    assert elsewhere.history_ == here.history_
    # NumPy's BLAS may add in another order with another number of threads.
    assert_allclose(probabilities, here.predict_proba(X), rtol=0, atol=1e-6)


@pytest.mark.slow
def test_importing_tensorflow_in_the_first_fit_moves_no_generator(first_fit):
    *_, moved = first_fit
    assert not moved


def test_earlier_fits_leave_no_trace_in_later_ones(global_random_seed):
    X, y = planted_classes(60, 2, global_random_seed)

    def fit(**parameters):
        parameters = {"units": 8, "dropout": 0.2, "epochs": 3, "random_state": 1} | parameters
        return KerasBinaryReviewClassifier(**parameters).fit(X, y)

    expected = fit()
    fit(random_state=2, learning_rate=0.5, batch_size=7)
    fit(epochs=9)
    assert_same_network(fit(), expected)


def test_threads_may_fit_at_the_same_time(global_random_seed):
    X, y = planted_classes(60, 2, global_random_seed)

    def fit(seed):
        return KerasBinaryReviewClassifier(epochs=20, random_state=seed).fit(X, y)

    expected = [fit(seed) for seed in range(4)]
    ready = Barrier(4)

    def fit_together(seed):
        ready.wait()
        return fit(seed)

    with ThreadPoolExecutor(4) as pool:
        for found, alone in zip(pool.map(fit_together, range(4)), expected, strict=True):
            assert_same_network(found, alone)


# No TensorFlow to predict.

PREDICT_ELSEWHERE = """
import pickle, sys
with open(sys.argv[1], "rb") as file:
    pipeline = pickle.load(file)
probabilities = pipeline.predict_proba(["a fine film"])
assert probabilities.shape == (1, 2)
assert len(pipeline.predict(["a fine film"])) == 1
heavy = {"tensorflow", "keras", "scikeras", "matplotlib"} & set(sys.modules)
assert not heavy, heavy
print(probabilities.tolist())
"""


@pytest.mark.parametrize(
    ("steps", "y"),
    [
        ([KerasBinaryReviewClassifier(epochs=2, random_state=0)], [1, 0] * 5),
        ([KerasTopicClassifier(units=8, epochs=2, random_state=0)], [[1, 1], [0, 1]] * 5),
        ([TfidfTransformer(), KerasBinaryReviewClassifier(epochs=2, random_state=0)], [1, 0] * 5),
        (
            [
                LogCountRatioTransformer(),
                KerasTopicClassifier(units=8, epochs=2, random_state=0),
            ],
            [[1, 1], [0, 1]] * 5,
        ),
    ],
    ids=["labels", "indicators", "tf-idf", "log-count ratios"],
)
def test_pickled_pipeline_predicts_without_tensorflow(steps, y, tmp_path):
    pipeline = make_pipeline(MultiHotVectorizer(), *steps)
    pipeline.fit(["a fine film", "a dull film"] * 5, y)
    assert pipeline[-1].model_ is not None
    pickled = pickle.dumps(pipeline)
    assert b"keras.src" not in pickled
    assert b"tensorflow" not in pickled
    (tmp_path / "pipeline.pickle").write_bytes(pickled)
    probabilities = json.loads(run_python(PREDICT_ELSEWHERE, tmp_path / "pipeline.pickle"))
    assert_allclose(probabilities, pipeline.predict_proba(["a fine film"]), rtol=0, atol=1e-6)


SHOW_ELSEWHERE = """
import pickle, sys
with open(sys.argv[1], "rb") as file:
    classifier = pickle.load(file)
assert "model_" not in dir(classifier)
assert "KerasBinaryReviewClassifier" in classifier._repr_html_()
assert "tensorflow" not in sys.modules
assert classifier.model_.count_params() > 0 and "model_" in dir(classifier)
"""


@pytest.mark.slow
def test_showing_a_fitted_classifier_builds_no_model(tmp_path):
    classifier = KerasBinaryReviewClassifier(epochs=1, random_state=0)
    classifier.fit(*planted_classes(60, 2, 0))
    (tmp_path / "classifier.pickle").write_bytes(pickle.dumps(classifier))
    run_python(SHOW_ELSEWHERE, tmp_path / "classifier.pickle")


def test_import_is_light():
    code = "import sys, sklearn_textnn, sklearn_textnn.datasets; print(*sys.modules)"
    loaded = run_python(code).split()
    assert not {"tensorflow", "keras", "scikeras", "matplotlib"} & set(loaded)
