"""to_scikeras: a classifier as a classifier of scikeras, for code that is built on scikeras."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from sklearn.utils import check_random_state

from .._sklearn_compat import check_parameter_constraints
from ..neural_network._architecture import Architecture
from ..neural_network._binary_review import KerasBinaryReviewClassifier
from ..neural_network._checks import check_units
from ..neural_network._early_stopping import early_stopping_rule
from ..neural_network._keras import import_keras
from ..neural_network._training import callbacks_without_validation
from ..neural_network._training_state import initial_state, interleave
from ._classifier import architecture_of, check_classifier

if TYPE_CHECKING:
    from scikeras.wrappers import KerasClassifier

    from ..neural_network._base import BaseKerasTextClassifier


def to_scikeras(estimator: BaseKerasTextClassifier) -> KerasClassifier:
    """Turn a classifier into a `scikeras.wrappers.KerasClassifier` with the same network.

    This is for code that is built on scikeras. Otherwise use the classifier itself.

    Parameters
    ----------
    estimator : KerasBinaryReviewClassifier or KerasTopicClassifier
        A classifier, fitted or not.

    Returns
    -------
    twin : scikeras.wrappers.KerasClassifier
        Fitted if `estimator` is fitted, with a copy of its weights and the same predictions. Its
        `fit` trains the same network with the same optimizer, loss, batch size, epochs, class
        weights and callbacks. If `random_state` is an int, `fit` starts from the same weights, but
        takes the rows in another order. The network can be tuned by ``model__units``,
        ``model__activation``, ``model__dropout`` and ``model__l2``, and the rest by the names of
        scikeras: ``optimizer__learning_rate``, `epochs`, `batch_size`.

    Raises
    ------
    TypeError
        If `estimator` is not one of the two classifiers, or if `callbacks` holds anything but
        Keras callbacks.
    ValueError
        If a parameter is illegal. If `epoch_selection` is set and `estimator` is not fitted,
        because scikeras does not select epochs; the twin of a fitted classifier trains for the
        epochs that were selected. If `estimator` was fitted on indicators with a `class_weight`,
        which scikeras would apply to whole rows.

    See Also
    --------
    to_keras : A fitted pipeline as one Keras model.

    Notes
    -----
    Importing scikeras replaces `__reduce__` on Keras's models, losses, metrics and optimizers in
    the whole process. No other function of this package imports it.

    `validation_fraction` becomes `validation_split`. Keras holds out the last rows, without
    shuffling and without stratification. `early_stopping` becomes a callback.

    Known faults of scikeras 0.13, the last release. Under scikit-learn 1.9 its classifiers are not
    recognized as classifiers: an integer `cv` is not stratified, and
    :class:`~sklearn.calibration.CalibratedClassifierCV` and the scorer "roc_auc" fail.
    `predict_proba` of a single row has shape (n_classes,). Sparse input is copied to LIL. A fit
    with a `random_state` can leave TensorFlow in its deterministic mode for the rest of the
    process. Drawing without a seed, as `partial_fit` of a fitted twin does, is then an error until
    ``tf.random.set_seed`` is called.

    Examples
    --------
    >>> from sklearn_textnn import KerasBinaryReviewClassifier, to_scikeras
    >>> twin = to_scikeras(KerasBinaryReviewClassifier(units=8))  # doctest: +SKIP
    >>> twin.set_params(model__units=32, epochs=3).fit(X, y)  # doctest: +SKIP
    """
    check_classifier(estimator, "pass the last step, pipeline[-1]")
    check_parameter_constraints(estimator)
    fitted = hasattr(estimator, "coefs_")
    _check_equivalent(estimator, fitted)
    parameters = _parameters(estimator, fitted)
    from scikeras.wrappers import KerasClassifier

    if not fitted:
        return KerasClassifier(build_network, **parameters, random_state=estimator.random_state)
    # The random state is set at the end. With one, scikeras would make TensorFlow deterministic.
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
        Whether the network has one output, the probability of the second of two classes.
    dtype : str
    meta : dict
        The attributes that scikeras has learned from the data.
    compile_kwargs : dict
        The optimizer that scikeras has made from its parameters.
    seed : int, default=None
        Seed of the initial weights. None takes NumPy's global generator, which scikeras seeds with
        its `random_state` before it builds a network.

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
            else "sparse_categorical_crossentropy"  # scikeras encodes the classes as integers
        ),
        dtype=dtype,
    )
    weights = initial_state(sizes, dtype, check_random_state(seed))["weights"].draw()
    optimizer = compile_kwargs["optimizer"]
    return keras_model(architecture, serialized(optimizer), weights, given=optimizer)


def _check_equivalent(estimator, fitted):
    """Refuse what scikeras cannot do."""
    if estimator.epoch_selection is not None and not fitted:
        raise ValueError(
            f"scikeras has no equivalent of epoch_selection={estimator.epoch_selection!r}; fit "
            "first, and the twin trains for the epochs that were selected, or set it to None"
        )
    if fitted and architecture_of(estimator).multilabel and estimator.class_weight is not None:
        raise ValueError(
            "class_weight gives each topic a weight, and scikeras would apply it to whole rows; "
            "set it to None"
        )
    import_keras()
    from ..neural_network._keras._callbacks import copied_callbacks

    copied_callbacks(estimator.callbacks)


def _parameters(estimator, fitted):
    """Return the parameters of the twin, by their names in scikeras."""
    parameters = dict(  # Keras takes no NumPy scalars for some of them
        model__units=check_units(estimator.units),
        model__activation=estimator.activation,
        model__dropout=float(estimator.dropout),
        model__l2=float(estimator.l2),
        model__one_sigmoid=isinstance(estimator, KerasBinaryReviewClassifier),
        model__dtype=estimator.coefs_[0].dtype.name if fitted else "float32",
        optimizer=estimator.optimizer,
        epochs=int(estimator.epochs),
        batch_size=int(estimator.batch_size),
        validation_split=float(estimator.validation_fraction or 0),
        callbacks=list(estimator.callbacks or ()),
        class_weight=estimator.class_weight,
        warm_start=estimator.warm_start,
        verbose=estimator.verbose,
    )
    if isinstance(estimator.optimizer, str):
        parameters["optimizer"] = estimator.optimizer.lower()
        parameters["optimizer__learning_rate"] = float(estimator.learning_rate)
    if estimator.epoch_selection is not None:  # its second training, on all rows
        parameters |= dict(
            epochs=estimator.n_iter_,
            validation_split=0.0,
            callbacks=callbacks_without_validation(estimator.callbacks),
        )
    elif estimator.early_stopping:
        import_keras()
        from keras.callbacks import EarlyStopping

        parameters["callbacks"].append(EarlyStopping(**early_stopping_rule(estimator)))
    return parameters


def _any_data(estimator):
    """Return rows and targets of the kind that `estimator` was fitted on, for `initialize`."""
    if architecture_of(estimator).multilabel:
        y = np.repeat([[0], [1]], estimator.classes_.size, axis=1)
    else:
        # With fewer rows, scikit-learn would take the targets for those of a regression.
        y = np.repeat(estimator.classes_, 3)
    # scikeras later refuses numbers of higher precision than these. Nothing is allocated.
    return np.broadcast_to(np.float64(0), (len(y), estimator.n_features_in_)), y
