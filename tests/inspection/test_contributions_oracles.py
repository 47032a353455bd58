"""word_contributions beside what computes the same in another way."""

from copy import deepcopy
from functools import cache

import keras
import numpy as np
import pytest
import scipy.sparse as sp
import tensorflow as tf
from numpy.testing import assert_allclose
from planted import planted_classes, planted_topics
from sklearn.base import clone
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.pipeline import make_pipeline

from sklearn_textnn import (
    KerasBinaryReviewClassifier,
    KerasTopicClassifier,
    LogCountRatioTransformer,
    MultiHotVectorizer,
    word_contributions,
)
from sklearn_textnn.neural_network._forward import ACTIVATIONS

every_activation = pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
PARAMS = {"epochs": 3, "learning_rate": 0.05, "batch_size": 16, "random_state": 0}
WORDS = ["fine", "dull", "film", "plot", "cast", "long"]


@cache
def review(activation="relu", units=(8, 6), n_classes=2, dtype=np.float64):
    """Return a classifier of planted classes, and their rows."""
    X, y = planted_classes(60, n_classes, seed=0)
    X = X.astype(dtype)
    cls = KerasBinaryReviewClassifier if n_classes == 2 else KerasTopicClassifier
    return cls(units, activation=activation, **PARAMS).fit(X, y), X


@cache
def topics(activation="relu", units=(8, 6)):
    """Return a classifier of planted topics, and their rows."""
    X, Y = planted_topics(60, 3, seed=0)
    X = X.astype(np.float64)
    return KerasTopicClassifier(units, activation=activation, **PARAMS).fit(X, Y), X


def documents(n, seed):
    """Return documents in which words are repeated, one of which is empty and one of one word."""
    rng = np.random.RandomState(seed)
    lengths = np.r_[rng.randint(2, 12, n - 2), 1, 0]
    return [" ".join(rng.choice(WORDS, size, p=[0.3, 0.1, 0.3, 0.1, 0.1, 0.1])) for size in lengths]


def labels(texts):
    return [("fine" in text) + ("dull" in text) for text in texts]


@cache
def topic_pipeline(*steps):
    """Return a pipeline fitted on documents of three classes."""
    texts = documents(60, seed=1)
    classifier = KerasTopicClassifier((8, 6), **PARAMS)
    return make_pipeline(*map(clone, steps), classifier).fit(texts, labels(texts))


def sums(explanation):
    return np.ravel(explanation.contributions.sum(axis=1))


# Without hidden layers


@pytest.mark.parametrize("method", ["integrated_gradients", "leave_one_out"])
def test_contributions_without_hidden_layers_are_the_coefficients(method):
    classifier, X = review(units=())
    X = X.multiply(np.arange(1, X.shape[1] + 1)).tocsr()
    found = word_contributions(classifier, X, target=1, method=method).contributions
    assert_allclose(found.toarray(), X.toarray() * classifier.coefs_[0].T, rtol=0, atol=1e-12)


@pytest.mark.parametrize("method", ["integrated_gradients", "leave_one_out"])
def test_contributions_to_each_class_without_hidden_layers_are_its_coefficients(method):
    classifier, X = review(units=(), n_classes=3)
    for code, coef in enumerate(classifier.coefs_[0].T):
        found = word_contributions(classifier, X, target=code, method=method).contributions
        assert_allclose(found.toarray(), X.toarray() * coef, rtol=0, atol=1e-12)


@pytest.mark.parametrize("method", ["integrated_gradients", "leave_one_out"])
def test_contributions_to_each_topic_without_hidden_layers_are_its_coefficients(method):
    classifier, X = topics(units=())
    found = word_contributions(classifier, X, method=method).contributions
    for matrix, coef in zip(found, classifier.coefs_[0].T, strict=True):
        assert_allclose(matrix.toarray(), X.toarray() * coef, rtol=0, atol=1e-12)


# Integrated gradients


def tensorflow_logits(classifier):
    """Return a function of TensorFlow that computes the logits of a classifier."""
    *_, hidden, last = classifier.model_.layers
    before = keras.Model(classifier.model_.inputs[0], hidden.output)
    return lambda rows: before(rows) @ last.kernel + last.bias


def sampled_gradients(logits, row, column, n_steps):
    """Return the integrated gradients by the midpoint rule."""
    middles = (np.arange(n_steps)[:, None] + 0.5) / n_steps
    points = tf.constant(middles * row)
    with tf.GradientTape() as tape:
        tape.watch(points)
        output = logits(points)[:, column]
    return row * tape.gradient(output, points).numpy().mean(axis=0)


@every_activation
def test_integrated_gradients_are_those_of_tensorflow(activation):
    classifier, X = review(activation)
    X = X[:4].multiply(np.random.RandomState(0).uniform(1, 3, X.shape[1])).tocsr()
    logits = tensorflow_logits(classifier)
    found = word_contributions(classifier, X, target=1).contributions.toarray()
    kinks = activation in ("relu", "leaky_relu", "selu")
    for row, got in zip(X.toarray(), found, strict=True):
        expected = sampled_gradients(logits, row, 0, n_steps=20_000)
        assert np.abs(expected).max() > 0.05
        assert_allclose(got, expected, rtol=0, atol=2e-4 if kinks else 1e-6)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("units", [(5,), (8, 6, 4)], ids=str)
def test_integrated_gradients_of_other_depths_are_those_of_tensorflow(units, activation):
    classifier, X = review(activation, units, n_classes=3)
    logits = tensorflow_logits(classifier)
    for column in range(3):
        found = word_contributions(classifier, X[:2], target=column).contributions.toarray()
        for row, got in zip(X[:2].toarray(), found, strict=True):
            expected = sampled_gradients(logits, row, column, n_steps=20_000)
            assert_allclose(got, expected, rtol=0, atol=2e-4)


def test_integrated_gradients_of_steep_units_are_those_of_tensorflow():
    """The units saturate, so that their slopes are steep on a short piece of the line."""
    classifier, X = review("tanh")
    classifier = deepcopy(classifier)
    classifier.coefs_[:2] = [coef * 20 for coef in classifier.coefs_[:2]]
    found = word_contributions(classifier, X[:3], target=1)
    assert_allclose(sums(found), found.logits - found.empty_logits, rtol=0, atol=1e-9)
    for row, got in zip(X[:3].toarray(), found.contributions.toarray(), strict=True):
        expected = sampled_gradients(tensorflow_logits(classifier), row, 0, n_steps=100_000)
        assert_allclose(got, expected, rtol=0, atol=1e-4)


@pytest.mark.moves_generators  # SHAP draws its samples from NumPy's generator
@pytest.mark.parametrize("explainer", ["GradientExplainer", "DeepExplainer"])
@pytest.mark.filterwarnings("ignore")  # of SHAP and of Keras, about each other
def test_integrated_gradients_are_close_to_those_of_shap(explainer):
    shap = pytest.importorskip("shap")
    classifier, X = review(dtype=np.float32)
    model = keras.models.clone_model(classifier.model_)
    model.layers[-1].activation = keras.activations.linear
    model.set_weights(classifier.model_.get_weights())
    model = keras.Model(model.inputs, model.layers[-1](model.layers[-2].output))
    explain = getattr(shap, explainer)(model, np.zeros((1, X.shape[1]), dtype=np.float32))
    rows = X[:5].toarray()
    more = {"nsamples": 4_000, "rseed": 0} if explainer == "GradientExplainer" else {}
    expected = np.reshape(explain.shap_values(rows, **more), rows.shape)
    found = word_contributions(classifier, rows, target=1).contributions.toarray()
    assert np.abs(expected).max() > 0.1
    # The first draws samples. The second takes the whole line as one piece.
    assert_allclose(found, expected, rtol=0, atol=0.05 * np.abs(expected).max())


def assert_complete(explanation):
    gap = sums(explanation) - (explanation.logits - explanation.empty_logits)
    assert np.abs(gap).max() < 1e-9
    assert np.ptp(explanation.logits) > 0.1


@pytest.mark.parametrize(
    ("activation", "units"),
    [
        *((activation, (8, 6)) for activation in sorted(ACTIVATIONS)),
        *((activation, (5,)) for activation in ("relu", "selu", "tanh")),
        *((activation, (6, 5, 4)) for activation in ("leaky_relu", "relu", "selu", "tanh")),
    ],
)
def test_integrated_gradients_add_up_to_the_difference_of_the_logits(activation, units):
    classifier, X = review(activation, units)
    assert_complete(word_contributions(classifier, X))


@pytest.mark.parametrize("activation", ["relu", "selu"])
def test_integrated_gradients_of_each_class_add_up(activation):
    classifier, X = review(activation, n_classes=4)
    for target in (None, 0, 3):
        assert_complete(word_contributions(classifier, X, target=target))


@pytest.mark.parametrize(
    ("activation", "units"),
    [("relu", ()), ("relu", (5,)), ("relu", (8, 6)), ("tanh", (8, 6)), ("relu", (6, 5, 4))],
)
def test_integrated_gradients_of_each_topic_add_up(activation, units):
    classifier, X = topics(activation, units)
    found = word_contributions(classifier, X)
    for matrix, logits, empty in zip(
        found.contributions, found.logits.T, found.empty_logits.T, strict=True
    ):
        gap = np.ravel(matrix.sum(axis=1)) - (logits - empty)
        assert np.abs(gap).max() < 1e-9


# Leaving words out


def without_each_word(pipeline, text, column, baseline):
    """Return what the decision function loses if a word is removed from the text, for each word."""
    words = text.split()
    lost = {}
    for word in set(words):
        shorter = " ".join(other for other in words if other != word)
        lost[word] = baseline - pipeline.decision_function([shorter])[0, column]
    return lost


MULTI_HOT = MultiHotVectorizer(dtype=np.float64)
COUNTS = CountVectorizer(dtype=np.float64)
ENCODINGS = [
    (MULTI_HOT,),
    (COUNTS,),
    *(
        (vectorizer, transformer)
        for norm in ("l1", "l2", None)
        for sublinear_tf in (False, True)
        for vectorizer, transformer in (
            (COUNTS, TfidfTransformer(norm=norm, sublinear_tf=sublinear_tf)),
            (COUNTS, LogCountRatioTransformer(norm=norm, sublinear_tf=sublinear_tf)),
        )
    ),
    (MULTI_HOT, TfidfTransformer()),
    (TfidfVectorizer(),),
    (TfidfVectorizer(norm="l1", sublinear_tf=True, use_idf=False),),
    (TfidfVectorizer(), LogCountRatioTransformer()),
    (COUNTS, LogCountRatioTransformer(), TfidfTransformer(norm="l1")),
]


@pytest.mark.parametrize("steps", ENCODINGS, ids=str)
def test_leaving_a_word_out_is_predicting_the_text_without_it(steps, global_random_seed):
    pipeline = topic_pipeline(*steps)
    texts = documents(12, global_random_seed)
    names = pipeline[0].get_feature_names_out()
    logits = pipeline.decision_function(texts)
    for column in range(3):
        found = word_contributions(pipeline, texts, target=column, method="leave_one_out")
        assert_allclose(found.logits, logits[:, column], rtol=0, atol=1e-9)
        for i, text in enumerate(texts):
            row = found.contributions[[i]]
            got = dict(zip(names[row.indices], row.data, strict=True))
            expected = without_each_word(pipeline, text, column, logits[i, column])
            assert got == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("steps", ENCODINGS, ids=str)
def test_integrated_gradients_add_up_for_every_encoding(steps, global_random_seed):
    texts = documents(12, global_random_seed)
    assert_complete(word_contributions(topic_pipeline(*steps), texts))


@pytest.mark.parametrize("norm", ["l1", "l2"])
def test_leaving_out_nearly_all_of_a_document_is_exact(norm):
    """The norm of what remains is lost to rounding if it is computed by subtraction."""
    X, y = planted_classes(60, 3, seed=0)
    weighting = TfidfTransformer(norm=norm, use_idf=False)
    pipeline = make_pipeline(weighting, KerasTopicClassifier(8, **PARAMS))
    pipeline.fit(X.astype(np.float64), y)
    rows = sp.csr_array(
        ([1e-5, 1.0, 1e-4, 3e-4, 2.0, 5.0], ([0, 0, 1, 1, 1, 2], [0, 1, 2, 3, 0, 1])),
        shape=(3, X.shape[1]),
    )
    found = word_contributions(pipeline, rows, target=0, method="leave_one_out").contributions
    logits = pipeline.decision_function(rows)[:, 0]
    for i, j in zip(*rows.nonzero(), strict=True):
        without = rows[[i]].toarray()
        without[0, j] = 0
        expected = logits[i] - pipeline.decision_function(without)[0, 0]
        assert found[i, j] == pytest.approx(expected, abs=1e-9)


def test_leaving_out_a_column_of_vectors_is_predicting_without_it():
    classifier, X = review("gelu")
    found = word_contributions(classifier, X, target=1, method="leave_one_out").contributions
    logits = classifier.decision_function(X)
    for i, j in zip(*X.nonzero(), strict=True):
        without = X[[i]].toarray()
        without[0, j] = 0
        assert found[i, j] == pytest.approx(logits[i] - classifier.decision_function(without)[0])


# Words of weight 0


def test_word_of_weight_0_matters_if_it_takes_part_in_a_norm():
    """Its own column has no value, but without it the other words of the document are larger."""
    texts = ["fine plot", "dull plot"] * 10
    steps = [TfidfVectorizer(), LogCountRatioTransformer(), KerasTopicClassifier(8, **PARAMS)]
    pipeline = make_pipeline(*steps).fit(texts, [1, 0] * 10)
    assert pipeline[1].ratio_[pipeline[0].vocabulary_["plot"]] == 0
    shrinking = word_contributions(pipeline, ["fine plot"], target=1, method="leave_one_out")
    expected = np.subtract(*pipeline.decision_function(["fine plot", "fine"]))
    assert abs(expected) > 1e-3
    assert shrinking.contributions[0, pipeline[0].vocabulary_["plot"]] == pytest.approx(expected)
    gradients = word_contributions(pipeline, ["fine plot"], target=1).contributions
    assert gradients.nnz == 2
    assert gradients[0, pipeline[0].vocabulary_["plot"]] == 0
