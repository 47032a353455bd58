"""skl2onnx.to_onnx: the same labels and probabilities, after the import of one module."""

import numpy as np
import pytest
import scipy.sparse as sp
from newswires import fit_pipeline, wires
from numpy.testing import assert_allclose, assert_array_equal
from planted import planted_classes, planted_topics
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.feature_selection import SelectKBest, chi2
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler

from sklearn_textnn import (
    KerasBinaryReviewClassifier,
    KerasTopicClassifier,
    LogCountRatioTransformer,
)

skl2onnx = pytest.importorskip("skl2onnx")
runtime = pytest.importorskip("onnxruntime")
pytest.importorskip("sklearn_textnn.export.skl2onnx")


def planted(n_classes):
    """Return dense rows, and the class of each."""
    X, y = planted_classes(30 * n_classes, n_classes, 0)
    return X.toarray(), y


def binary(**parameters):
    return KerasBinaryReviewClassifier(
        8, epochs=5, learning_rate=0.05, random_state=0, **parameters
    )


def topics(**parameters):
    return KerasTopicClassifier(8, epochs=5, learning_rate=0.05, random_state=0, **parameters)


def run(estimator, X, **options):
    """Convert an estimator, run the model, and return its outputs."""
    X = X.toarray() if sp.issparse(X) else X
    model = skl2onnx.to_onnx(estimator, X[:1], **options)
    session = runtime.InferenceSession(model.SerializeToString())
    return session.run(None, {"X": X})


def assert_same_outputs(estimator, X):
    label, probabilities = run(estimator, X, options={"zipmap": False})
    assert_allclose(probabilities, estimator.predict_proba(X), atol=1e-6)
    assert_array_equal(label, estimator.predict(X))


LABELS = [[False, True], [3, 7], ["schön", "nicht"], np.array([-1, 1], dtype=np.int8)]


@pytest.mark.parametrize("labels", LABELS, ids=repr)
@pytest.mark.parametrize("classifier", [binary, topics])
def test_classifiers_of_two_classes(classifier, labels):
    X, y = planted(2)
    assert_same_outputs(classifier().fit(X, np.array(labels)[y]), X)


@pytest.mark.parametrize("activation", ["gelu", "silu", "leaky_relu", "relu"])
def test_classifier_of_several_classes(activation):
    X, y = planted(3)
    assert_same_outputs(topics(activation=activation).fit(X, y), X)


def test_classifier_of_several_topics_at_once():
    X, Y = planted_topics(60, 3, 0)
    X = X.toarray()
    classifier = topics().fit(X, Y)
    assert_same_outputs(classifier, X)
    assert 0 < classifier.predict(X).mean() < 1


@pytest.mark.parametrize("transformer", [TfidfTransformer(), LogCountRatioTransformer(norm="l2")])
def test_what_follows_the_vectorizer_of_a_pipeline(transformer):
    pipeline = fit_pipeline(between=[transformer])
    X = pipeline[0].transform(wires(30, 1)[0]).astype(np.float32)
    X = X[X.getnnz(axis=1) > 0]
    assert_same_outputs(pipeline[1:], X)


@pytest.mark.parametrize("dtype", [np.float64, np.int64])
def test_pipeline_with_steps_of_scikit_learn_and_other_input(dtype):
    X, y = planted(2)
    X = np.asarray(X, dtype)
    steps = MaxAbsScaler(), SelectKBest(chi2, k=X.shape[1] - 1), LogCountRatioTransformer()
    assert_same_outputs(make_pipeline(*steps, binary()).fit(X, y), X)


def test_zipmap_gives_a_dict_for_each_row_as_for_classifiers_of_scikit_learn():
    X, y = planted(2)
    classifier = binary().fit(X, np.array(["bad", "good"])[y])
    label, rows = run(classifier, X)
    assert_array_equal(label, classifier.predict(X))
    probabilities = [[row[name] for name in classifier.classes_] for row in rows]
    assert_allclose(probabilities, classifier.predict_proba(X), atol=1e-6)


def test_two_networks_in_one_model_do_not_mix():
    from sklearn.ensemble import VotingClassifier

    X, y = planted(2)
    networks = [("a", binary()), ("b", topics())]
    voting = VotingClassifier(networks, voting="soft", flatten_transform=False).fit(X, y)
    assert_same_outputs(voting, X)


def test_older_operator_set_is_refused():
    X, y = planted(2)
    with pytest.raises(ValueError, match=r"call skl2onnx\.to_onnx with target_opset=20"):
        skl2onnx.to_onnx(binary().fit(X, y), X[:1], target_opset=15)


@pytest.mark.parametrize(
    ("labels", "message"),
    [([0.0, 1.0], "float64.*bool, integers and str"), (np.array([0, 2**64 - 1], "u8"), "int64")],
)
def test_other_labels_are_refused(labels, message):
    X, y = planted(2)
    classifier = binary().fit(X, np.array(labels)[y])
    with pytest.raises(TypeError, match=message):
        skl2onnx.to_onnx(classifier, X[:1], options={"zipmap": False})
