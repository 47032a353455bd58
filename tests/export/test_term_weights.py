"""to_keras and to_onnx with a TfidfTransformer: the probabilities of the pipeline."""

import json
import zipfile

import keras
import numpy as np
import pytest
import scipy.sparse as sp
import tensorflow as tf
from newswires import TOPICS, fit_pipeline, hostile_documents, string_tensor, wires
from numpy.testing import assert_allclose, assert_array_equal
from planted import planted_classes
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.pipeline import Pipeline, make_pipeline

from sklearn_textnn import KerasTopicClassifier, MultiHotVectorizer, to_keras, to_onnx

SETTINGS = [
    dict(norm=norm, sublinear_tf=sublinear_tf, **idf)
    for norm in ("l1", "l2", None)
    for sublinear_tf in (False, True)
    for idf in (dict(use_idf=False), dict(smooth_idf=True), dict(smooth_idf=False))
]
every_setting = pytest.mark.parametrize("settings", SETTINGS, ids=str)


def classifier():
    return KerasTopicClassifier(units=8, epochs=20, learning_rate=0.05, random_state=0)


def news(seed):
    """Return documents, some without a known word."""
    return [*wires(30, seed)[0], *hostile_documents(20, seed), "", "nothing known here"]


def counts(seed, dtype=np.float32):
    """Return a CSR matrix of counts from 0 to 40, with rows of zeros at its end, and classes."""
    X, y = planted_classes(60, 3, seed)
    X.data[:] = np.random.RandomState(seed).randint(1, 41, X.nnz)
    X = sp.vstack([X, sp.csr_matrix((3, X.shape[1]))], format="csr").astype(dtype)
    return X, np.r_[y, [0, 1, 2]]


def run_onnx(estimator, X):
    """Return the labels and the probabilities of ONNX Runtime."""
    runtime = pytest.importorskip("onnxruntime")
    session = runtime.InferenceSession(to_onnx(estimator).SerializeToString())
    return session.run(None, {"X": X.toarray().astype(np.float32)})


@pytest.fixture(scope="module")
def pipeline():
    return fit_pipeline(between=[TfidfTransformer(sublinear_tf=True)])


@pytest.fixture(scope="module")
def model(pipeline):
    return to_keras(pipeline)


@every_setting
def test_documents_have_the_probabilities_of_the_pipeline(settings, global_random_seed):
    pytest.importorskip("onnx")
    pipeline = fit_pipeline(between=[TfidfTransformer(**settings)])
    documents = news(global_random_seed)
    expected = pipeline.predict_proba(documents)
    assert np.ptp(expected, axis=0).min() > 0.1  # the words do decide
    got = to_keras(pipeline)(string_tensor(documents)).numpy()
    assert got.dtype == expected.dtype
    assert_allclose(got, expected, rtol=0, atol=1e-6)
    label, probabilities = run_onnx(pipeline[1:], pipeline[0].transform(documents))
    assert_allclose(probabilities, expected, rtol=0, atol=1e-6)
    assert_array_equal(label, pipeline.predict(documents))


@every_setting
@pytest.mark.parametrize("dtype", ["float32", "int64"])
def test_counts_have_the_probabilities_of_the_pipeline(dtype, settings, global_random_seed):
    pytest.importorskip("onnx")
    X, y = counts(global_random_seed, dtype)
    pipeline = make_pipeline(TfidfTransformer(**settings), classifier()).fit(X, y)
    expected = pipeline.predict_proba(X)
    assert expected.dtype == ("float32" if dtype == "float32" else "float64")
    got = to_keras(pipeline)(X.toarray()).numpy()
    assert got.dtype == expected.dtype
    assert_allclose(got, expected, rtol=0, atol=1e-6)
    label, probabilities = run_onnx(pipeline, X)
    assert_allclose(probabilities, expected, rtol=0, atol=1e-5)
    assert np.mean(label == pipeline.predict(X)) > 0.95  # probabilities can be nearly equal


def test_integer_sequences_have_the_probabilities_of_the_pipeline():
    rng = np.random.RandomState(0)
    sequences = [[code, *rng.randint(3, 30, size=rng.randint(8))] for code in [0, 1, 2] * 10]
    vectorizer = MultiHotVectorizer(20, dtype=np.float64)
    pipeline = make_pipeline(vectorizer, TfidfTransformer(), classifier())
    expected = pipeline.fit(sequences, TOPICS * 10).predict_proba(sequences)
    padded = keras.utils.pad_sequences(sequences, padding="post", value=-1)
    got = to_keras(pipeline)(padded).numpy()
    assert got.dtype == expected.dtype == np.float64
    assert_allclose(got, expected, rtol=0, atol=1e-6)


# TfidfTransformer divides by the number of documents with a term.
@pytest.mark.filterwarnings("ignore:divide by zero encountered:RuntimeWarning")
def test_infinite_idf_counts_only_where_its_term_occurs():
    pytest.importorskip("onnx")
    pipeline = fit_pipeline(
        between=[TfidfTransformer(smooth_idf=False)], vocabulary=[*"xyz", "wheat", "barrel", "bank"]
    )
    assert np.isinf(pipeline[1].idf_).tolist() == [True] * 3 + [False] * 3
    documents = wires(9, 1)[0]
    expected = pipeline.predict_proba(documents)
    assert_allclose(to_keras(pipeline)(string_tensor(documents)), expected, rtol=0, atol=1e-6)
    _, probabilities = run_onnx(pipeline[1:], pipeline[0].transform(documents))
    assert_allclose(probabilities, expected, rtol=0, atol=1e-6)
    assert np.isnan(to_keras(pipeline)(string_tensor(["wheat x"]))).all()


def test_parameter_set_after_fit_has_the_effect_that_it_has_in_the_pipeline():
    pytest.importorskip("onnx")
    X, y = counts(0)
    pipeline = make_pipeline(TfidfTransformer(), classifier()).fit(X, y)
    before = pipeline.predict_proba(X)
    pipeline[0].set_params(use_idf=False, norm="l1", sublinear_tf=True)
    expected = pipeline.predict_proba(X)
    assert abs(expected - before).max() > 0.01
    assert_allclose(to_keras(pipeline)(X.toarray()), expected, rtol=0, atol=1e-6)
    assert_allclose(run_onnx(pipeline, X)[1], expected, rtol=0, atol=1e-5)


# The Keras model


def test_idf_is_a_weight_that_is_not_trained(pipeline, model):
    (idf,) = model.non_trainable_variables
    assert_array_equal(idf.numpy(), pipeline[1].idf_)
    assert len(model.trainable_variables) == 2 * len(pipeline[-1].coefs_)
    model.trainable = True
    assert not any(idf is variable for variable in model.trainable_variables)
    idf = to_keras(pipeline).get_layer("tfidf").idf
    idf.assign(np.zeros(idf.shape))
    assert pipeline[1].idf_.all()  # the model has a copy


def test_keras_file_holds_the_idf_once_and_is_read_back(pipeline, model, tmp_path):
    documents = string_tensor(news(0))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert_array_equal(again(documents).numpy(), model(documents).numpy())
    assert_array_equal(again.get_layer("tfidf").idf.numpy(), pipeline[1].idf_)
    with zipfile.ZipFile(tmp_path / "model.keras") as file:
        layers = json.loads(file.read("config.json"))["config"]["layers"]
    (config,) = (layer["config"] for layer in layers if layer["class_name"] == "Tfidf")
    assert config.keys() == {"name", "trainable", "dtype", "norm", "use_idf", "sublinear_tf"}


def test_saved_model_has_the_same_probabilities(pipeline, model, tmp_path):
    documents = news(0)
    model.export(tmp_path / "served", verbose=False)
    served = tf.saved_model.load(tmp_path / "served")
    got = served.serve(string_tensor(documents)).numpy()
    assert_allclose(got, pipeline.predict_proba(documents), rtol=0, atol=1e-6)


def test_pipelines_in_a_pipeline_are_one_model(pipeline, model):
    documents = string_tensor(wires(9, 1)[0])
    inner = Pipeline([("nothing", "passthrough"), ("tfidf", pipeline[1])])
    nested = make_pipeline(pipeline[0], inner, make_pipeline(pipeline[-1]))
    assert_array_equal(to_keras(nested)(documents).numpy(), model(documents).numpy())


# The ONNX model


@every_setting
def test_onnx_model_is_valid_and_without_unused_constants(settings):
    onnx = pytest.importorskip("onnx")
    X, y = counts(0)
    pipeline = make_pipeline(TfidfTransformer(**settings), classifier().set_params(epochs=1))
    graph = to_onnx(pipeline.fit(X, y))
    onnx.checker.check_model(graph, full_check=True)
    read = {name for node in graph.graph.node for name in node.input}
    outputs = {name for node in graph.graph.node for name in node.output}
    assert outputs - read == {"label"}
    assert {tensor.name for tensor in graph.graph.initializer} <= read


# What is refused


class _Other(TfidfTransformer):
    """A transformer that may compute something else."""


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        (
            [TfidfTransformer(), TfidfTransformer()],
            "the step 'tfidftransformer-2' is a TfidfTransformer; .* one TfidfTransformer",
        ),
        (
            [TfidfTransformer(), MultiHotVectorizer()],
            "the step 'multihotvectorizer' is a MultiHotVectorizer; .* in this order",
        ),
        (
            [MultiHotVectorizer(), TfidfTransformer(), TfidfTransformer()],
            "the step 'tfidftransformer-2' is a TfidfTransformer; .* one TfidfTransformer",
        ),
        ([_Other()], "_Other is a subclass of TfidfTransformer"),
    ],
)
def test_other_steps_are_refused_by_to_keras(steps, message, pipeline):
    with pytest.raises(TypeError, match=message):
        to_keras(make_pipeline(*steps, pipeline[-1]))


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        (
            [MultiHotVectorizer(), TfidfTransformer()],
            r"the step 'multihotvectorizer' is a MultiHotVectorizer; .*pass pipeline\[1:\]",
        ),
        (
            [TfidfTransformer(), TfidfTransformer()],
            "the step 'tfidftransformer-2' is a TfidfTransformer; .* one TfidfTransformer",
        ),
        ([_Other()], "_Other is a subclass of TfidfTransformer"),
    ],
)
def test_other_steps_are_refused_by_to_onnx(steps, message, pipeline):
    with pytest.raises(TypeError, match=message):
        to_onnx(make_pipeline(*steps, pipeline[-1]))


@pytest.mark.parametrize("convert", [to_keras, to_onnx])
def test_transformer_that_is_not_fitted_is_refused(convert, pipeline):
    with pytest.raises(NotFittedError, match="TfidfTransformer"):
        convert(make_pipeline(TfidfTransformer(), pipeline[-1]))
