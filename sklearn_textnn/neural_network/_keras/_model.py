"""The Keras model of an architecture, compiled with Keras's loss and metric."""

from collections.abc import Callable
from typing import NamedTuple

import keras
import tensorflow as tf

from ._optimizers import rebuilt_optimizer
from ._runtime import start_tensorflow


class _Objective(NamedTuple):
    """What Keras computes for a loss by name: the loss, its metric, and that metric row by row."""

    loss: type
    metric: type
    row_accuracy: Callable


OBJECTIVES = {
    "binary_crossentropy": _Objective(
        keras.losses.BinaryCrossentropy,
        keras.metrics.BinaryAccuracy,
        keras.metrics.binary_accuracy,
    ),
    "categorical_crossentropy": _Objective(
        keras.losses.CategoricalCrossentropy,
        keras.metrics.CategoricalAccuracy,
        keras.metrics.categorical_accuracy,
    ),
    "sparse_categorical_crossentropy": _Objective(
        keras.losses.SparseCategoricalCrossentropy,
        keras.metrics.SparseCategoricalAccuracy,
        keras.metrics.sparse_categorical_accuracy,
    ),
}


def keras_model(architecture, optimizer, weights, encode=None, given=None):
    """Return a compiled Keras model of its own.

    Parameters
    ----------
    architecture : Architecture
    optimizer : dict
        A serialized optimizer, as the state of training holds it.
    weights : list of ndarray
        Kernels and biases in turn.
    encode : tuple of (keras.KerasTensor, list of keras.layers.Layer), default=None
        A Keras input, and the layers that in turn make of it what the network takes.
    given : object, default=None
        The user's `optimizer`, of whose class the serialized one may be.

    Returns
    -------
    keras.Model
    """
    start_tensorflow()
    model = build_model(architecture)
    for variable, value in zip(model.trainable_variables, weights, strict=True):
        variable.assign(value)
    if encode is not None:
        inputs, encoders = encode
        outputs = inputs
        for layer in [*encoders, *model.layers]:
            outputs = layer(outputs)
        model = keras.Model(inputs, outputs, name=model.name)
    compile_model(model, architecture, rebuilt_optimizer(optimizer, given))
    model.optimizer.build(model.trainable_variables)  # else its file is read back with a warning
    return model


def build_model(architecture):
    """Return the Keras model of an architecture, its weights not yet set.

    Every name and seed is given: a layer that has to make up its own draws on Python's generator.

    Parameters
    ----------
    architecture : Architecture

    Returns
    -------
    keras.Sequential
    """
    layers = [keras.Input((architecture.n_features,), dtype=architecture.dtype, name="multi_hot")]
    for i, units in enumerate(architecture.units, start=1):
        layers.append(_dense(architecture, units, architecture.activation, f"hidden_{i}"))
        if architecture.dropout:
            layers.append(
                keras.layers.Dropout(
                    architecture.dropout, seed=0, dtype=architecture.dtype, name=f"dropout_{i}"
                )
            )
    output = "sigmoid" if architecture.loss == "binary_crossentropy" else "softmax"
    layers.append(_dense(architecture, architecture.n_outputs, output, "output"))
    return keras.Sequential(layers, name="textnn")


def _dense(architecture, units, activation, name):
    return keras.layers.Dense(
        units,
        activation=activation,
        kernel_initializer="zeros",
        kernel_regularizer=keras.regularizers.L2(architecture.l2) if architecture.l2 else None,
        dtype=architecture.dtype,
        name=name,
    )


def make_loss(architecture):
    """Return the Keras loss of an architecture, without penalties.

    Parameters
    ----------
    architecture : Architecture

    Returns
    -------
    keras.losses.Loss
    """
    return OBJECTIVES[architecture.loss].loss(
        reduction="mean_with_sample_weight", dtype=architecture.dtype
    )


def compile_model(model, architecture, optimizer):
    """Compile a model with the loss of its architecture, and build its metrics.

    Parameters
    ----------
    model : keras.Model
    architecture : Architecture
    optimizer : keras.optimizers.Optimizer
    """
    metric = OBJECTIVES[architecture.loss].metric(name="accuracy", dtype=architecture.dtype)
    model.compile(optimizer=optimizer, loss=make_loss(architecture), weighted_metrics=[metric])
    # Keras builds its metrics at the first batch that it sees, and callbacks look for them before.
    y_pred = tf.zeros((1, architecture.n_outputs), architecture.dtype)
    y = tf.zeros(1) if architecture.loss == "sparse_categorical_crossentropy" else y_pred
    model.compute_metrics(x=None, y=y, y_pred=y_pred)
    model.reset_metrics()
