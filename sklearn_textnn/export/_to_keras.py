"""to_keras: a fitted pipeline as one Keras model, from documents to probabilities."""

from sklearn.feature_extraction.text import CountVectorizer
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from ..feature_extraction._multi_hot import MultiHotVectorizer
from ..neural_network._architecture import Architecture
from ..neural_network._base import BaseKerasTextClassifier
from ..neural_network._keras import import_keras
from ..neural_network._training_state import interleave


def to_keras(estimator):
    """Turn a fitted pipeline into one Keras model, from documents to probabilities.

    The model holds the vocabulary and the weights. What `model.export(folder)` writes is a
    SavedModel that needs TensorFlow alone, no Python of ours: it can be served as it is.

    Parameters
    ----------
    estimator : Pipeline or classifier
        A fitted :class:`~sklearn.pipeline.Pipeline` of a :class:`MultiHotVectorizer` and a
        :class:`KerasBinaryReviewClassifier` or :class:`KerasTopicClassifier`, or such a classifier
        alone, whose model then takes the vectors.

    Returns
    -------
    model : keras.Model
        A compiled model of its own: to train it on changes nothing in `estimator`. It takes a
        tensor of shape (n_samples,) of str or, after integer sequences, one of shape (n_samples,
        length) of integers that is filled up with -1. It returns what `model_` of the classifier
        does: with a sigmoid for two classes, shape (n_samples, 1), the probability of
        `classes_[1]`; else one column for each class, in the order of `classes_`.

    Raises
    ------
    NotFittedError
        If `estimator` is not fitted.
    TypeError
        If it is, or has a step that is, none of those named.
    ValueError
        If a parameter of the vectorizer has no equivalent in Keras: a callable as `analyzer`,
        ``handle_unknown="error"``, or a vectorizer fitted on lists of tokens.

    See Also
    --------
    to_onnx : The network for ONNX Runtime.
    to_scikeras : The classifier as one of scikeras.
    sklearn_textnn.layers : The Keras layers that encode the documents.

    Notes
    -----
    The probabilities are those of `predict_proba` to 1e-6, for any text: the layer that encodes it
    lower-cases and splits as Python's `str` does, whatever the locale of the process that serves
    it. Bytes that are not UTF-8, which the vectorizer refuses, become U+FFFD, and so do
    Unicode's noncharacters in TensorFlow 2.18.

    Vectors are dense within the model, ``4 * n_samples * n_columns`` bytes a batch: hand many
    documents to `model.predict`, which cuts batches, and not to the model itself. It takes a
    tensor, a `tf.data.Dataset` or a NumPy array of objects; Keras takes no list of str.

    A ``.keras`` file is read back by ``keras.saving.load_model`` after
    ``import sklearn_textnn.layers``, since Keras looks for the layer that encodes among those
    imported.

    Examples
    --------
    >>> import tensorflow as tf
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_textnn import KerasBinaryReviewClassifier, MultiHotVectorizer, to_keras
    >>> reviews = ["a fine film", "a dull film", "fine acting", "dull acting"] * 5
    >>> classifier = KerasBinaryReviewClassifier(epochs=30, learning_rate=0.05, random_state=0)
    >>> pipeline = make_pipeline(MultiHotVectorizer(), classifier).fit(reviews, [1, 0, 1, 0] * 5)
    >>> model = to_keras(pipeline)
    >>> (model(tf.constant(["Fine!", "so dull..."])).numpy() > 0.5).tolist()
    [[True], [False]]
    """
    classifier, vectorizer = _parts(estimator)
    check_is_fitted(classifier)
    if vectorizer is not None:
        _check_vectorizer(vectorizer)
    import_keras()
    from ..neural_network._keras._model import keras_model

    return keras_model(
        Architecture.from_plain(classifier._architecture),
        classifier._training_state["optimizer"],
        interleave(classifier.coefs_, classifier.intercepts_),
        None if vectorizer is None else _encode(vectorizer, classifier._architecture["dtype"]),
        given=classifier.optimizer,
    )


def _parts(estimator):
    """Return the classifier, and the vectorizer before it or None."""
    if not isinstance(estimator, Pipeline):
        _check_step("estimator", estimator, BaseKerasTextClassifier)
        return estimator, None
    steps = [(name, step) for name, step in estimator.steps if step not in (None, "passthrough")]
    *before, (last, classifier) = steps
    _check_step(f"the step {last!r}", classifier, BaseKerasTextClassifier)
    for name, step in before:
        _check_step(f"the step {name!r}", step, MultiHotVectorizer)
    return classifier, before[0][1] if before else None


def _check_step(what, step, expected):
    if not isinstance(step, expected):
        takes = "a KerasBinaryReviewClassifier or KerasTopicClassifier, alone or after a vectorizer"
        if expected is MultiHotVectorizer:
            takes = "a MultiHotVectorizer before the classifier, with no step between them"
        raise TypeError(f"{what} is a {type(step).__name__}; to_keras takes {takes}")


def _check_vectorizer(vectorizer):
    """Refuse what a Keras model cannot hold."""
    check_is_fitted(vectorizer)
    if vectorizer.handle_unknown == "error":
        raise ValueError(
            "handle_unknown='error' has no equivalent in a Keras model, which raises no error that "
            "names a row; set handle_unknown='ignore', which gives the same numbers for documents "
            "that raise none"
        )
    if vectorizer.input_kind_ == "tokens":
        raise ValueError(
            "the vectorizer was fitted on lists of tokens, which something before the pipeline has "
            "made, and a Keras model takes text or integers; fit on the raw documents, or convert "
            "the classifier alone"
        )
    if vectorizer.input_kind_ == "text" and callable(vectorizer.analyzer):
        raise ValueError(
            f"analyzer={vectorizer.analyzer!r} is a function of Python, which a Keras model cannot "
            "hold; fit with analyzer='keras', 'word', 'char' or 'char_wb'"
        )


def _encode(vectorizer, dtype):
    """Return the Keras input for documents, and the layer that encodes them."""
    from .. import layers

    keras = layers.keras
    unknown = vectorizer.handle_unknown
    shared = dict(
        unknown_column=None if unknown == "ignore" else int(unknown), name="encode", dtype=dtype
    )
    names = vectorizer.get_feature_names_out().tolist()
    if vectorizer.input_kind_ == "integers":
        inputs = keras.Input((None,), dtype="int64", name="integers")
        layer = layers.MultiHotIntegers(len(names), skip_top=int(vectorizer.skip_top), **shared)
        return inputs, layer
    stop_words = ()
    if vectorizer.analyzer in ("keras", "word"):
        stop_words = CountVectorizer(stop_words=vectorizer.stop_words).get_stop_words() or ()
    layer = layers.MultiHotText(
        names,
        analyzer=vectorizer.analyzer,
        lowercase=bool(vectorizer.lowercase),
        ngram_range=vectorizer.ngram_range,
        stop_words=sorted(stop_words),
        **shared,
    )
    return keras.Input((), dtype="string", name="documents"), layer
