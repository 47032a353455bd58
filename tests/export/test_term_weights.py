"""to_keras and to_onnx with a transformer that weighs terms: the probabilities of the pipeline."""

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
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.pipeline import Pipeline, make_pipeline

from sklearn_textnn import (
    KerasTopicClassifier,
    LogCountRatioTransformer,
    MultiHotVectorizer,
    to_keras,
    to_onnx,
)

WEIGHTINGS = [
    weighting.set_params(norm=norm, sublinear_tf=sublinear_tf)
    for norm in ("l1", "l2", None)
    for sublinear_tf in (False, True)
    for weighting in (
        TfidfTransformer(use_idf=False),
        TfidfTransformer(),
        TfidfTransformer(smooth_idf=False),
        LogCountRatioTransformer(),
    )
]
every_weighting = pytest.mark.parametrize("weighting", WEIGHTINGS, ids=str)
both = pytest.mark.parametrize("transformer", [TfidfTransformer, LogCountRatioTransformer])


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


@pytest.fixture(scope="module", params=[TfidfTransformer, LogCountRatioTransformer])
def pipeline(request):
    return fit_pipeline(between=[request.param(sublinear_tf=True)])


def weights_of(weighting):
    return weighting.ratio_ if hasattr(weighting, "ratio_") else weighting.idf_


@pytest.fixture(scope="module")
def model(pipeline):
    return to_keras(pipeline)


@every_weighting
def test_documents_have_the_probabilities_of_the_pipeline(weighting, global_random_seed):
    pytest.importorskip("onnx")
    pipeline = fit_pipeline(between=[clone(weighting)])
    documents = news(global_random_seed)
    expected = pipeline.predict_proba(documents)
    assert np.ptp(expected, axis=0).min() > 0.1  # the words do decide
    got = to_keras(pipeline)(string_tensor(documents)).numpy()
    assert got.dtype == expected.dtype
    assert_allclose(got, expected, rtol=0, atol=1e-6)
    label, probabilities = run_onnx(pipeline[1:], pipeline[0].transform(documents))
    assert_allclose(probabilities, expected, rtol=0, atol=1e-6)
    assert_array_equal(label, pipeline.predict(documents))


@every_weighting
@pytest.mark.parametrize("dtype", ["float32", "int64"])
def test_counts_have_the_probabilities_of_the_pipeline(dtype, weighting, global_random_seed):
    pytest.importorskip("onnx")
    X, y = counts(global_random_seed, dtype)
    pipeline = make_pipeline(clone(weighting), classifier()).fit(X, y)
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


@pytest.mark.parametrize(
    ("transformer", "more"),
    [(TfidfTransformer, {"use_idf": False}), (LogCountRatioTransformer, {})],
)
def test_parameter_set_after_fit_has_the_effect_that_it_has_in_the_pipeline(transformer, more):
    pytest.importorskip("onnx")
    X, y = counts(0)
    pipeline = make_pipeline(transformer(), classifier()).fit(X, y)
    before = pipeline.predict_proba(X)
    pipeline[0].set_params(norm="l1", sublinear_tf=True, **more)
    expected = pipeline.predict_proba(X)
    assert abs(expected - before).max() > 0.01
    assert_allclose(to_keras(pipeline)(X.toarray()), expected, rtol=0, atol=1e-6)
    assert_allclose(run_onnx(pipeline, X)[1], expected, rtol=0, atol=1e-5)


# The Keras model


def test_term_weights_are_in_the_model_and_not_trained(pipeline, model):
    (weights,) = model.non_trainable_variables
    assert_array_equal(weights.numpy(), weights_of(pipeline[1]).astype(np.float32))
    assert len(model.trainable_variables) == 2 * len(pipeline[-1].coefs_)
    model.trainable = True
    assert not any(weights is variable for variable in model.trainable_variables)
    before = weights_of(pipeline[1]).copy()
    weights = to_keras(pipeline).get_layer("weigh").term_weights
    weights.assign(np.zeros(weights.shape))
    assert_array_equal(weights_of(pipeline[1]), before)  # the model has a copy


def test_keras_file_holds_the_term_weights_once_and_is_read_back(pipeline, model, tmp_path):
    documents = string_tensor(news(0))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert_array_equal(again(documents).numpy(), model(documents).numpy())
    weights = again.get_layer("weigh").term_weights.numpy()
    assert_array_equal(weights, weights_of(pipeline[1]).astype(np.float32))
    with zipfile.ZipFile(tmp_path / "model.keras") as file:
        layers = json.loads(file.read("config.json"))["config"]["layers"]
    (config,) = (layer["config"] for layer in layers if layer["class_name"] == "TermWeights")
    assert config.keys() == {"name", "trainable", "dtype", "norm", "use_weights", "sublinear_tf"}


def test_saved_model_has_the_same_probabilities(pipeline, model, tmp_path):
    documents = news(0)
    model.export(tmp_path / "served", verbose=False)
    served = tf.saved_model.load(tmp_path / "served")
    got = served.serve(string_tensor(documents)).numpy()
    assert_allclose(got, pipeline.predict_proba(documents), rtol=0, atol=1e-6)


def test_pipelines_in_a_pipeline_are_one_model(pipeline, model):
    documents = string_tensor(wires(9, 1)[0])
    inner = Pipeline([("nothing", "passthrough"), ("weighting", pipeline[1])])
    nested = make_pipeline(pipeline[0], inner, make_pipeline(pipeline[-1]))
    assert_array_equal(to_keras(nested)(documents).numpy(), model(documents).numpy())


# The ONNX model


@every_weighting
def test_onnx_model_is_valid_and_without_unused_constants(weighting):
    onnx = pytest.importorskip("onnx")
    X, y = counts(0)
    pipeline = make_pipeline(clone(weighting), classifier().set_params(epochs=1))
    graph = to_onnx(pipeline.fit(X, y))
    onnx.checker.check_model(graph, full_check=True)
    read = {name for node in graph.graph.node for name in node.input}
    outputs = {name for node in graph.graph.node for name in node.output}
    assert outputs - read == {"label"}
    assert {tensor.name for tensor in graph.graph.initializer} <= read


# What is refused


class _Other(TfidfTransformer):
    """A transformer that may compute something else."""


class _OtherRatio(LogCountRatioTransformer):
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
        (
            [TfidfTransformer(), LogCountRatioTransformer()],
            "the step 'logcountratiotransformer' is a LogCountRatioTransformer; .* one Tfidf",
        ),
        (
            [LogCountRatioTransformer(), TfidfTransformer()],
            "'tfidftransformer' is a TfidfTransformer; .* or LogCountRatioTransformer",
        ),
        ([_Other()], "_Other is a subclass of TfidfTransformer, .* only TfidfTransformer itself"),
        (
            [_OtherRatio()],
            "_OtherRatio is a subclass of LogCountRatioTransformer, .* only LogCount",
        ),
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
        (
            [TfidfTransformer(), LogCountRatioTransformer()],
            "the step 'logcountratiotransformer' is a LogCountRatioTransformer; .* one Tfidf",
        ),
        (
            [LogCountRatioTransformer(), TfidfTransformer()],
            "'tfidftransformer' is a TfidfTransformer; .* or LogCountRatioTransformer",
        ),
        ([_Other()], "_Other is a subclass of TfidfTransformer, .* only TfidfTransformer itself"),
        (
            [_OtherRatio()],
            "_OtherRatio is a subclass of LogCountRatioTransformer, .* only LogCount",
        ),
    ],
)
def test_other_steps_are_refused_by_to_onnx(steps, message, pipeline):
    with pytest.raises(TypeError, match=message):
        to_onnx(make_pipeline(*steps, pipeline[-1]))


@both
@pytest.mark.parametrize("convert", [to_keras, to_onnx])
def test_transformer_that_is_not_fitted_is_refused(convert, transformer, pipeline):
    with pytest.raises(NotFittedError, match=transformer.__name__):
        convert(make_pipeline(transformer(), pipeline[-1]))


@both
@pytest.mark.parametrize("convert", [to_keras, to_onnx])
def test_transformer_of_other_columns_is_refused(convert, transformer, pipeline):
    X, y = planted_classes(60, 2, seed=0)
    n_columns = pipeline[-1].n_features_in_
    assert X.shape[1] != n_columns
    with pytest.raises(ValueError, match=f"on {X.shape[1]} columns.* classifier on {n_columns}"):
        convert(make_pipeline(transformer().fit(X, y), pipeline[-1]))
