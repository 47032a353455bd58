"""to_onnx: the same probabilities and labels from ONNX Runtime."""

import copy
import sys

import numpy as np
import pytest
from newswires import fit_pipeline, wires
from numpy.testing import assert_allclose, assert_array_equal
from planted import planted_classes, planted_topics
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sklearn_textnn import KerasBinaryReviewClassifier, KerasTopicClassifier, to_onnx
from sklearn_textnn.neural_network import _forward


@pytest.fixture(scope="module")
def pipeline():
    return fit_pipeline()


@pytest.mark.parametrize("activation", sorted(_forward.ACTIVATIONS))
def test_onnx_gives_the_same_probabilities_and_labels(activation, pipeline):
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    X = pipeline[0].transform(wires(30, 1)[0])
    classifier = copy.copy(pipeline[-1])
    # Both take the activation from here; training with each of them would show no more.
    classifier._architecture = classifier._architecture | {"activation": activation}
    session = runtime.InferenceSession(to_onnx(classifier).SerializeToString())
    label, probabilities = session.run(None, {"X": X.toarray()})
    assert_allclose(probabilities, classifier.predict_proba(X), atol=1e-6)
    assert_array_equal(label, classifier.predict(X))


def _binary(labels):
    """Return rows, and a classifier of two classes that was fitted on them."""
    X, y = planted_classes(60, 2, 0)
    classifier = KerasBinaryReviewClassifier((), epochs=3, random_state=0)
    return X, classifier.fit(X.astype(np.float64), np.array(labels)[y])


@pytest.mark.parametrize(
    "labels",
    [
        *([False, True], [3, 7], [0.0, 1.0], ["schön", "nicht"], ["", "a\0b"]),
        *(np.array([-3, 7], dtype) for dtype in ("int8", "int64", ">i4", ">i8", "float16", ">f4")),
        *(np.array([0, 2**64 - 1], dtype) for dtype in ("uint64", ">u8")),
        *(np.array(["schön", "nicht"], dtype) for dtype in (object, ">U5")),
    ],
    ids=repr,
)
def test_onnx_has_two_columns_for_two_classes(labels):
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    X, classifier = _binary(labels)
    session = runtime.InferenceSession(to_onnx(classifier).SerializeToString())
    label, probabilities = session.run(None, {"X": X.toarray()})
    assert_allclose(probabilities, classifier.predict_proba(X), atol=1e-6)
    assert_array_equal(label, classifier.predict(X))
    dtype = np.array(labels).dtype
    assert label.dtype == (object if dtype.kind in "OU" else dtype.newbyteorder("="))


@pytest.mark.parametrize(
    ("classes", "error", "message"),
    [
        (np.array(["2020", "2021"], "M8[D]"), TypeError, r"datetime64\[D\].*y\.astype\(str\)"),
        (np.array([1, 2], "m8[s]"), TypeError, "timedelta64"),
        (np.array([b"a", b"b"]), TypeError, "bool, integers, floats of up to 64 bits and str"),
        (np.array([b"a", b"b"], dtype=object), TypeError, "the dtype object, for example b'a'"),
        (np.array([1, "b"], dtype=object), TypeError, "the dtype object, for example 1"),
        (np.array([2**70, 2**71], dtype=object), TypeError, "the dtype object, for example"),
        (np.array([1, 2j]), TypeError, "the dtype complex128"),
        (np.array(["a", "\ud800"]), ValueError, "cannot be written in UTF-8"),
    ],
    ids=repr,
)
def test_labels_that_onnx_does_not_have_are_refused(classes, error, message):
    _, classifier = _binary(["a", "b"])
    classifier.classes_ = classes
    with pytest.raises(error, match=message):
        to_onnx(classifier)


@pytest.mark.skipif(np.dtype(np.longdouble).itemsize == 8, reason="it is float64 here")
def test_labels_of_more_than_64_bits_are_refused():
    _, classifier = _binary(np.array([1, 2], np.longdouble))
    with pytest.raises(TypeError, match="floats of up to 64 bits"):
        to_onnx(classifier)


def test_dates_that_fit_takes_as_labels_are_refused():
    _, classifier = _binary(np.array(["2020", "2021"], "M8[D]"))
    with pytest.raises(TypeError, match="datetime64"):
        to_onnx(classifier)


def test_onnx_gives_the_probability_of_each_topic():
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    X, Y = planted_topics(40, 3, 0)
    classifier = KerasTopicClassifier(8, epochs=20, learning_rate=0.05, random_state=0).fit(X, Y)
    session = runtime.InferenceSession(to_onnx(classifier).SerializeToString())
    label, probabilities = session.run(None, {"X": X.toarray()})
    assert_allclose(probabilities, classifier.predict_proba(X), atol=1e-6)
    assert_array_equal(label, classifier.predict(X))
    assert 0 < label.mean() < 1


def test_onnx_model_is_valid(pipeline):
    onnx = pytest.importorskip("onnx")
    onnx.checker.check_model(to_onnx(pipeline[-1]), full_check=True)


def test_missing_onnx_says_what_to_install(pipeline, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match="pip install onnx"):
        to_onnx(pipeline[-1])


@pytest.mark.parametrize(
    "estimator", [LogisticRegression(), make_pipeline(LogisticRegression()), None, "text"]
)
def test_other_estimators_are_refused(estimator):
    with pytest.raises(TypeError, match=r"KerasBinaryReviewClassifier or .*pipeline\[1:\]"):
        to_onnx(estimator)


def test_pipeline_with_a_vectorizer_says_what_to_pass(pipeline):
    message = (
        r"the step 'multihotvectorizer' is a MultiHotVectorizer; .*pass pipeline\[1:\], and give "
        "the model the output of the vectorizer"
    )
    with pytest.raises(TypeError, match=message):
        to_onnx(pipeline)
    pytest.importorskip("onnx")
    alone = to_onnx(pipeline[-1]).SerializeToString()
    assert to_onnx(pipeline[1:]).SerializeToString() == alone


@pytest.mark.parametrize(
    "estimator", [KerasTopicClassifier(), make_pipeline(KerasTopicClassifier())]
)
def test_estimator_that_is_not_fitted_is_refused(estimator):
    with pytest.raises(NotFittedError):
        to_onnx(estimator)
