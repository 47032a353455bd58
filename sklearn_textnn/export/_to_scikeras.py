"""to_scikeras: a classifier as one of scikeras, for code that is built on scikeras."""

from collections import defaultdict
from functools import partial

import numpy as np
from sklearn.utils import check_random_state

from ..neural_network._architecture import Architecture
from ..neural_network._base import BaseKerasTextClassifier
from ..neural_network._binary_review import KerasBinaryReviewClassifier
from ..neural_network._checks import check_units
from ..neural_network._epoch_selection import early_stopping
from ..neural_network._keras import import_keras
from ..neural_network._training_state import initial_state, interleave


def to_scikeras(estimator):
    """Turn a classifier into a `scikeras.wrappers.KerasClassifier` with the same network.

    For code that is built on scikeras; everything else is better off with the classifier itself.

    Parameters
    ----------
    estimator : KerasBinaryReviewClassifier or KerasTopicClassifier
        Fitted or not.

    Returns
    -------
    twin : scikeras.wrappers.KerasClassifier
        Fitted if `estimator` is, with weights of its own that give the same predictions. Its `fit`
        trains the same network with the same optimizer, loss, batch size, epochs, class weights and
        callbacks. With an int as `random_state` it starts from the same weights, but goes through
        the rows in another order. What the network is made of can be searched as ``model__units``,
        ``model__activation``, ``model__dropout`` and ``model__l2``, and the rest as scikeras has
        it: ``optimizer__learning_rate``, `epochs`, `batch_size`.

    Raises
    ------
    TypeError
        If `estimator` is none of the two.
    ValueError
        If it has `epoch_selection` and is not fitted, since scikeras has no such thing. The twin of
        one that is fitted trains for the epochs that were selected. If it was fitted on indicators
        with a `class_weight`, which scikeras reads as weights of whole rows.

    See Also
    --------
    to_keras : A fitted pipeline as one Keras model.

    Notes
    -----
    To import scikeras replaces `__reduce__` on Keras's models, losses, metrics and optimizers in
    the whole process, so this function, and nothing else here, imports it.

    `validation_fraction` becomes `validation_split`, for which Keras takes the last rows, neither
    shuffled nor stratified; and `early_stopping` becomes a callback.

    What does not work in scikeras 0.13, the last release: under scikit-learn 1.9 its classifiers
    are not seen as classifiers, so that an integer `cv` is not stratified, and
    :class:`~sklearn.calibration.CalibratedClassifierCV` and the scorer "roc_auc" fail.
    `predict_proba` of a single row has shape (n_classes,). Sparse input is copied to LIL. A fit
    with a `random_state` can leave TensorFlow in its deterministic mode for the rest of the
    process, where to draw without a seed, as `partial_fit` of a fitted twin does, is an error until
    ``tf.random.set_seed`` is called.

    Examples
    --------
    >>> from sklearn_textnn import KerasBinaryReviewClassifier, to_scikeras
    >>> twin = to_scikeras(KerasBinaryReviewClassifier(units=8))  # doctest: +SKIP
    >>> twin.set_params(model__units=32, epochs=3).fit(X, y)  # doctest: +SKIP
    """
    if not isinstance(estimator, BaseKerasTextClassifier):
        raise TypeError(
            f"estimator is a {type(estimator).__name__}, and only a KerasBinaryReviewClassifier or "
            "KerasTopicClassifier can be converted; of a Pipeline, pass the last step: pipeline[-1]"
        )
    estimator._validate_params()
    fitted = hasattr(estimator, "coefs_")
    if estimator.epoch_selection is not None and not fitted:
        raise ValueError(
            f"epoch_selection={estimator.epoch_selection!r} has no equivalent in scikeras; fit "
            "first, and the twin trains for the epochs that were selected, or set it to None"
        )
    if fitted and is_multilabel(estimator) and estimator.class_weight is not None:
        raise ValueError(
            "class_weight weights each topic by itself here, and whole rows in scikeras; set it to "
            "None"
        )
    parameters = _parameters(estimator, fitted)
    from scikeras.wrappers import KerasClassifier

    if not fitted:
        return KerasClassifier(build_network, **parameters, random_state=estimator.random_state)
    # Without a random state of scikeras at first: with one, TensorFlow would change its ways.
    twin = KerasClassifier(partial(build_network, seed=0), **parameters)
    twin.initialize(*_any_data(estimator))
    twin.model_.set_weights(interleave(estimator.coefs_, estimator.intercepts_))
    twin.history_ = defaultdict(list, {k: list(v) for k, v in estimator.history_.items()})
    return twin.set_params(model=build_network, random_state=estimator.random_state)


def build_network(
    units, activation, dropout, l2, one_sigmoid, dtype, meta, compile_kwargs, seed=None
):
    """Build the network for scikeras, compiled, with initial weights.

    Parameters
    ----------
    units : tuple of int
    activation : str
    dropout : float
    l2 : float
    one_sigmoid : bool
        Whether the targets are two classes, the second of which has the one output.
    dtype : str
    meta : dict
        What scikeras has found out about the data.
    compile_kwargs : dict
        The optimizer that scikeras has made of its parameters.
    seed : int, default=None
        Of the initial weights. None takes them from NumPy's global generator, which scikeras seeds
        with its `random_state` while it builds.

    Returns
    -------
    model : keras.Model
    """
    import_keras()
    from ..neural_network._keras._model import keras_model
    from ..neural_network._keras._optimizers import serialized

    multilabel = meta["target_type_"] == "multilabel-indicator"
    units = tuple(np.ravel(units).astype(int).tolist())
    sizes = [meta["n_features_in_"], *units, 1 if one_sigmoid else int(meta["n_classes_"])]
    architecture = Architecture(
        n_features=sizes[0],
        units=units,
        n_outputs=sizes[-1],
        activation=activation,
        dropout=float(dropout),
        l2=float(l2),
        loss=(
            "binary_crossentropy"
            if one_sigmoid or multilabel
            else "sparse_categorical_crossentropy"  # scikeras hands on the codes of the classes
        ),
        dtype=dtype,
    )
    weights = initial_state(sizes, dtype, check_random_state(seed))["weights"]
    optimizer = compile_kwargs["optimizer"]
    return keras_model(architecture, serialized(optimizer), weights, given=optimizer)


def _parameters(estimator, fitted):
    """Return the parameters of the twin, by their names in scikeras."""
    import_keras()
    import keras

    parameters = dict(
        model__units=check_units(estimator.units),
        model__activation=estimator.activation,
        model__dropout=estimator.dropout,
        model__l2=estimator.l2,
        model__one_sigmoid=isinstance(estimator, KerasBinaryReviewClassifier),
        model__dtype=estimator._architecture["dtype"] if fitted else "float32",
        optimizer=estimator.optimizer,
        epochs=estimator.epochs,
        batch_size=estimator.batch_size,
        validation_split=estimator.validation_fraction or 0.0,
        callbacks=list(estimator.callbacks or ()),
        class_weight=estimator.class_weight,
        warm_start=estimator.warm_start,
        verbose=estimator.verbose,
    )
    if isinstance(estimator.optimizer, str):
        parameters["optimizer"] = estimator.optimizer.lower()
        parameters["optimizer__learning_rate"] = estimator.learning_rate
    if estimator.epoch_selection is not None:  # the second training, on every row
        parameters |= dict(epochs=estimator.n_iter_, validation_split=0.0)
    if estimator.early_stopping:
        stopping = keras.callbacks.EarlyStopping(**early_stopping(estimator))
        parameters["callbacks"].append(stopping)
    return parameters


def _any_data(estimator):
    """Return rows and targets of the kind that `estimator` was fitted on, for scikeras to see."""
    if is_multilabel(estimator):
        y = np.repeat([[0], [1]], estimator.classes_.size, axis=1)
    else:
        y = np.repeat(estimator.classes_, 3)  # with fewer, scikit-learn takes it for a regression
    # scikeras takes no more precise numbers later than here. Nothing is allocated.
    return np.broadcast_to(np.float64(0), (len(y), estimator.n_features_in_)), y


def is_multilabel(estimator):
    architecture = estimator._architecture
    return architecture["loss"] == "binary_crossentropy" and architecture["n_outputs"] > 1
