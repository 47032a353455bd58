"""Where TensorFlow cannot train, fit says so at once, with what is set and what to do."""

import os
import pickle
import sys

import numpy as np
import pytest
from planted import planted_classes
from processes import run_python
from same_network import assert_same_network

from sklearn_textnn import KerasBinaryReviewClassifier

X, Y = planted_classes(60, 2, 0)


def fit(**parameters):
    return KerasBinaryReviewClassifier(**dict(units=8, epochs=2, random_state=0) | parameters).fit(
        X, Y
    )


WRONG_BACKEND = """
from sklearn_textnn import KerasBinaryReviewClassifier
try:
    KerasBinaryReviewClassifier(units=2, epochs=1).fit([[0.0], [1.0]], [0, 1])
except RuntimeError as error:
    print(error)
"""


@pytest.mark.parametrize("set_in", ["the environment", "keras.json"])
def test_another_backend_of_keras_is_named(set_in, tmp_path):
    environment = {"KERAS_BACKEND": "torch"}
    if set_in == "keras.json":
        (tmp_path / "keras.json").write_text('{"backend": "torch"}')
        environment = {"KERAS_BACKEND": None, "KERAS_HOME": str(tmp_path)}
    printed = run_python(WRONG_BACKEND, **environment)
    assert "training needs Keras on TensorFlow" in printed
    assert "KERAS_BACKEND" in printed
    assert "keras.json" in printed


WITHOUT = """
import pickle, sys

class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == sys.argv[1]:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, NotInstalled())
from sklearn_textnn import KerasBinaryReviewClassifier, to_keras
classifier = pickle.load(open(sys.argv[2], "rb"))
print(classifier.predict([[0.0] * classifier.n_features_in_]).shape)
for action in (
    lambda: classifier.fit([[0.0], [1.0]], [0, 1]),
    lambda: classifier.model_,
    lambda: to_keras(classifier),
):
    try:
        action()
    except ImportError as error:
        print(error)
"""


@pytest.mark.parametrize("missing", ["keras", "tensorflow"])
def test_where_keras_or_tensorflow_is_missing_fit_says_what_to_install(missing, tmp_path):
    path = tmp_path / "classifier.pickle"
    path.write_bytes(pickle.dumps(fit()))
    shape, *messages = run_python(WITHOUT, missing, path).splitlines()
    assert shape == "(1,)"
    assert len(messages) == 3
    for message in messages:
        assert f"{missing} is not installed here; pip install keras tensorflow, or" in message


def test_graphs_and_strategies_are_refused_before_training():
    import tensorflow as tf

    before = fit()
    with tf.Graph().as_default(), pytest.raises(RuntimeError, match=r"tf\.Graph"):
        before.fit(X, Y)
    with (
        tf.distribute.OneDeviceStrategy("CPU:0").scope(),
        pytest.raises(RuntimeError, match="strategy"),
    ):
        before.fit(X, Y)

    @tf.function
    def inside():
        fit()
        return tf.constant(0)

    with pytest.raises(RuntimeError, match=r"tf\.function"):
        inside()
    assert_same_network(before, fit())


def test_functions_that_run_eagerly_change_nothing():
    import tensorflow as tf

    expected = fit(units=9)
    tf.config.run_functions_eagerly(True)
    try:
        assert_same_network(fit(units=9), expected)
    finally:
        tf.config.run_functions_eagerly(False)


@pytest.mark.parametrize("floatx", ["float64", "float16"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_another_floatx_changes_nothing_but_the_precision_of_the_learning_rate(dtype, floatx):
    import keras

    floats = X.astype(dtype)
    optimizers = ["rmsprop", "adam"] + ["muon"] * hasattr(keras.optimizers, "Muon")

    def fit_each():
        parameters = dict(units=10, epochs=3, l2=1e-3, dropout=0.2, validation_fraction=0.2)
        return [
            KerasBinaryReviewClassifier(optimizer=name, random_state=0, **parameters).fit(floats, Y)
            for name in optimizers
        ]

    expected = fit_each()
    keras.config.set_floatx(floatx)
    try:
        for fitted, before in zip(fit_each(), expected, strict=True):
            for a, b in zip(fitted.coefs_, before.coefs_, strict=True):
                assert a.dtype == dtype
                np.testing.assert_allclose(a, b, atol=1e-5)
    finally:
        keras.config.set_floatx("float32")
    for fitted, before in zip(fit_each(), expected, strict=True):
        assert_same_network(fitted, before)


FORK = """
import os, sys
import numpy as np
from sklearn_textnn import KerasBinaryReviewClassifier
X, y = np.eye(2)[[0, 1] * 10], [0, 1] * 10
classifier = KerasBinaryReviewClassifier(units=2, epochs=1, random_state=0).fit(X, y)
expected = classifier.predict_proba(X)
child = os.fork()
if child == 0:
    try:
        predicts = np.allclose(classifier.predict_proba(X), expected)
        try:
            classifier.fit(X, y)
            message = "fitted"
        except RuntimeError as error:
            message = str(error)
        try:
            classifier.model_
            model = "built"
        except RuntimeError as error:
            model = str(error)
        print(predicts, "loky" in message and "spawn" in message, "loky" in model, flush=True)
    finally:
        os._exit(0)
os.waitpid(child, 0)
classifier.fit(X, y)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
@pytest.mark.skipif(sys.platform == "darwin", reason="macOS ends forked children by itself")
def test_forked_child_of_a_process_that_trained_predicts_and_refuses_to_train():
    assert run_python(FORK).split() == ["True"] * 3


SHARE_OF_CORES = """
import tensorflow
before = tensorflow.config.threading.get_intra_op_parallelism_threads()
import sklearn_textnn.neural_network._keras._training_loop
assert tensorflow.config.threading.get_intra_op_parallelism_threads() == before
from sklearn_textnn import KerasBinaryReviewClassifier
KerasBinaryReviewClassifier(units=2, epochs=1).fit([[0.0], [1.0]], [0, 1])
print(tensorflow.config.threading.get_intra_op_parallelism_threads())
"""


def test_share_of_cores_is_set_where_training_starts():
    assert run_python(SHARE_OF_CORES, OMP_NUM_THREADS="1").split() == ["1"]
    assert run_python(SHARE_OF_CORES, OMP_NUM_THREADS=None).split() == ["0"]


FITS_WHILE_KERAS_IS_IMPORTED = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from sklearn_textnn import KerasBinaryReviewClassifier

def fit(_):
    return KerasBinaryReviewClassifier(units=2, epochs=1).fit([[0.0], [1.0]] * 9, [0, 1] * 9)

with ThreadPoolExecutor(4) as pool:
    {first}
    fits = [pool.submit(fit, 0)]
    # TensorFlow is in sys.modules long before its import ends.
    while "tensorflow" not in sys.modules and not fits[0].done():
        time.sleep(0.001)
    fits += [pool.submit(fit, i) for i in range(3)]
    print(sum(len(fit.result().coefs_) for fit in fits))
"""


@pytest.mark.slow
@pytest.mark.parametrize("first", ["", "pool.submit(import_module, 'keras')"])
def test_threads_may_fit_while_one_of_them_imports_keras(first):
    assert run_python(FITS_WHILE_KERAS_IS_IMPORTED.format(first=first)).split() == ["8"]
