"""to_keras: a fitted pipeline as one Keras model, from documents to probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sklearn.utils.validation import check_is_fitted

from ..feature_extraction import MultiHotVectorizer
from ..feature_extraction._tokenization import stop_word_set
from ..neural_network._keras import import_keras
from ..neural_network._training_state import interleave
from ._classifier import architecture_of, check_not_overridden
from ._steps import WEIGHTINGS, check_weighting, find_steps, term_weights_of

if TYPE_CHECKING:
    from keras import Model
    from sklearn.base import BaseEstimator


def to_keras(estimator: BaseEstimator) -> Model:
    """Turn a fitted pipeline into one Keras model, from documents to probabilities.

    The model holds the vocabulary, the weights of the terms, and the weights of the network.
    ``model.export(folder)`` writes a SavedModel, which TensorFlow can serve without this package
    and without scikit-learn.

    Parameters
    ----------
    estimator : Pipeline or classifier
        A fitted :class:`KerasBinaryReviewClassifier` or :class:`KerasTopicClassifier`, or a fitted
        :class:`~sklearn.pipeline.Pipeline` that ends in one. Before it the Pipeline may have a
        :class:`MultiHotVectorizer`, and after the vectorizer, or alone, a
        :class:`~sklearn.feature_extraction.text.TfidfTransformer` or a
        :class:`LogCountRatioTransformer`. Without a vectorizer, the model takes vectors.

    Returns
    -------
    model : keras.Model
        A compiled model. Training it does not change `estimator`. It takes a tensor of str of
        shape (n_samples,). If the vectorizer was fitted on integer sequences, it takes a tensor of
        integers of shape (n_samples, length), padded with -1. It returns what `model_` of the
        classifier returns: for two classes and a sigmoid, the probability of `classes_[1]`, of
        shape (n_samples, 1); otherwise one column for each class, in the order of `classes_`.

    Raises
    ------
    NotFittedError
        If `estimator` is not fitted.
    TypeError
        If `estimator`, or one of its steps, is not one of those named above, if they are in
        another order, or if one is of a subclass that encodes or predicts in its own way.
    ValueError
        If the vectorizer does something that a Keras model cannot do: a callable `analyzer`,
        ``handle_unknown="error"``, or lists of tokens as documents.

    See Also
    --------
    to_onnx : The network for ONNX Runtime.
    to_scikeras : The classifier as a classifier of scikeras.
    sklearn_textnn.layers : The Keras layers that encode the documents and weigh the vectors.

    Notes
    -----
    The probabilities equal those of `predict_proba` to 1e-6, for any text. The layer that encodes
    the documents lower-cases and splits them like Python's `str`, whatever the locale of the
    process. Two exceptions: bytes that are not UTF-8, which the vectorizer refuses, become U+FFFD,
    and so do the noncharacters of Unicode in TensorFlow 2.18.

    The vectors inside the model are dense and take ``4 * n_samples * n_columns`` bytes a batch. A
    transformer adds a few arrays of this size. For many documents, call ``model.predict``,
    which works in batches, and not ``model(...)``. It takes a tensor, a `tf.data.Dataset` or a
    NumPy array of objects. Keras takes no list of str.

    To read a ``.keras`` file back, call ``import sklearn_textnn.layers`` and then
    ``keras.saving.load_model``. Keras finds the layers of this package only after they are
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
    classifier, vectorizer, weighting = find_steps(
        estimator,
        (MultiHotVectorizer, WEIGHTINGS),
        "to_keras takes {classifiers}, and before it one MultiHotVectorizer, one TfidfTransformer "
        "or LogCountRatioTransformer, or both in this order, and no other step; for a Pipeline "
        "that begins with another vectorizer, pass pipeline[1:], and give the model the output of "
        "the vectorizer",
    )
    check_is_fitted(classifier)
    if vectorizer is not None:
        _check_vectorizer(vectorizer)
    if weighting is not None:
        check_weighting(weighting, classifier)
    import_keras()
    from ..neural_network._keras._model import keras_model

    return keras_model(
        architecture_of(classifier),
        classifier._training_state["optimizer"],
        interleave(classifier.coefs_, classifier.intercepts_),
        _encode(vectorizer, weighting, classifier.coefs_[0]),
        given=classifier.optimizer,
    )


def _check_vectorizer(vectorizer):
    """Refuse what a Keras model cannot do."""
    check_not_overridden(vectorizer, MultiHotVectorizer, "transform", "build_analyzer")
    check_is_fitted(vectorizer)
    if vectorizer.handle_unknown == "error":
        raise ValueError(
            "a Keras model cannot raise the error of handle_unknown='error'; set "
            "handle_unknown='ignore', which gives the same numbers for all other documents"
        )
    if vectorizer.input_kind_ == "tokens":
        raise ValueError(
            "the vectorizer was fitted on lists of tokens, and a Keras model takes text or "
            "integers; fit on the raw documents, or convert the classifier alone"
        )
    if vectorizer.input_kind_ == "text" and callable(vectorizer.analyzer):
        raise ValueError(
            f"analyzer={vectorizer.analyzer!r} is a function of Python, and a Keras model cannot "
            "hold one; fit with analyzer='keras', 'word', 'char' or 'char_wb'"
        )


def _encode(vectorizer, weighting, coef):
    """Return a Keras input, and the layers before the network; None without any.

    `coef` is the first kernel of the network.
    """
    if vectorizer is None and weighting is None:
        return None
    from .. import layers

    n_columns, dtype = len(coef), coef.dtype.name
    if vectorizer is None:
        inputs, before = layers.keras.Input((n_columns,), dtype=dtype, name="vectors"), []
    else:
        inputs, layer = _vectorizer_layer(vectorizer, dtype)
        before = [layer]
    if weighting is not None:
        before.append(_weighting_layer(weighting, n_columns, dtype))
    return inputs, before


def _weighting_layer(weighting, n_columns, dtype):
    """Return the layer of one of WEIGHTINGS, with the weights of its columns."""
    from .. import layers

    term_weights = term_weights_of(weighting)
    layer = layers.TermWeights(
        norm=weighting.norm,
        use_weights=term_weights is not None,
        sublinear_tf=weighting.sublinear_tf,
        name="weigh",
        dtype=dtype,
    )
    layer.build((None, n_columns))
    if term_weights is not None:
        layer.term_weights.assign(term_weights)
    return layer


def _vectorizer_layer(vectorizer, dtype):
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
        skip_top = min(int(vectorizer.skip_top), len(names))  # more would mean the same
        return inputs, layers.MultiHotIntegers(len(names), skip_top=skip_top, **shared)
    stop_words = ()
    if vectorizer.stop_words is not None and vectorizer.analyzer in ("keras", "word"):
        stop_words = stop_word_set(vectorizer.stop_words)
    layer = layers.MultiHotText(
        names,
        analyzer=vectorizer.analyzer,
        lowercase=bool(vectorizer.lowercase),
        ngram_range=vectorizer.ngram_range,
        stop_words=sorted(stop_words),
        **shared,
    )
    return keras.Input((), dtype="string", name="documents"), layer
