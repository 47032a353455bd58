"""The one door to Keras and TensorFlow: build, compile, train on CSR, hand back arrays.

The estimators import this module inside `fit`, so that nothing else pays for TensorFlow.

The network is a plain Keras model of dense layers, compiled with Keras's losses and optimizers.
What is not Keras's is the way its batches are walked: one TensorFlow function runs a whole epoch,
so that Python is entered once an epoch instead of once a batch, and multiplies each sparse batch by
the first kernel directly.
"""

import copy
import json
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from ._batches import Batches, cut_batches

# TensorFlow multiplies a sparse matrix by 32 columns or more on a path that costs five times as
# much for each column; slices of 16 stay on the other path, and run side by side.
_PRODUCT_COLUMNS = 16

# Rows of a validation batch: no weight changes between two, so only memory speaks against more.
_VALIDATION_ROWS = 4096

# Networks kept for a later fit of the same architecture, counted over all architectures.
_MAX_IDLE_NETWORKS = 8

# Numbers (of 4 or 8 bytes) in the variables of all idle networks, the last one used aside.
_MAX_IDLE_NUMBERS = 30_000_000

# Training on the CPU: these products are too small and too sparse for a GPU, where they would not
# even add up in the same order twice.
_DEVICE = "CPU:0"


class _Objective(NamedTuple):
    """What Keras computes for a loss by name: the loss, its metric, and that metric row by row."""

    loss: type
    metric: type
    row_accuracy: Callable


_OBJECTIVES = {
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


class Architecture(NamedTuple):
    """What a network is built and traced for; nothing else that changes from fit to fit is."""

    n_features: int
    units: tuple
    n_outputs: int
    activation: str
    dropout: float
    l2: float
    loss: str
    dtype: str

    @property
    def multilabel(self):
        """Whether there are several sigmoids, each for a topic of its own."""
        return self.loss == "binary_crossentropy" and self.n_outputs > 1


class Trained(NamedTuple):
    """What training hands back.

    `state` is as the one given, after training; `history` has one entry for each epoch trained;
    `stages` has the weights after each epoch asked for; `interrupted` says whether Ctrl-C came.
    """

    state: dict
    history: dict
    stages: dict
    interrupted: bool


def _batches_signature(architecture):
    dtype = architecture.dtype
    topics = tf.TensorSpec([None, architecture.n_outputs], tf.uint8)
    return Batches(
        indices=tf.TensorSpec([None], tf.int32),
        values=tf.TensorSpec([None], dtype),
        offsets=tf.TensorSpec([None], tf.int64),
        y=topics if architecture.multilabel else tf.TensorSpec([None], tf.int32),
        sample_weight=tf.TensorSpec([None], dtype),
        batch_size=tf.TensorSpec([], tf.int64),
    )


def train(
    architecture,
    optimizer,
    learning_rate,
    state,
    rows,
    validation,
    *,
    batch_size,
    epochs,
    callbacks=None,
    early_stopping=None,
    stages=None,
    verbose=0,
):
    """Train a network of an architecture and hand back its arrays.

    Ctrl-C ends training with the epochs done by then; before the first one is done it is raised.

    Parameters
    ----------
    architecture : Architecture
    optimizer : str or keras.optimizers.Optimizer
    learning_rate : float
        Of an optimizer given by name.
    state : dict
        Where training starts, as from `initial_state`.
    rows, validation : Rows
        `validation` may be None.
    batch_size : int
    epochs : int
        The epoch to train to, those behind `state` included.
    callbacks : list of keras.callbacks.Callback, default=None
    early_stopping : dict, default=None
        Arguments of `keras.callbacks.EarlyStopping`.
    stages : container of int, default=None
        The epochs after which to keep the weights.
    verbose : int
        As in `keras.Model.fit`.

    Returns
    -------
    Trained
    """
    callbacks = _copy_callbacks(callbacks)
    if early_stopping is not None:
        callbacks.append(keras.callbacks.EarlyStopping(**early_stopping))
    with tf.device(_DEVICE):
        optimizer = _make_optimizer(optimizer, learning_rate)
        network = _idle_networks.take(architecture, optimizer)
        network.load(state, optimizer)
        network.weigh_topics(rows.topic_weight)
        done = _run_epochs(
            network, state, rows, validation, batch_size, epochs, callbacks, stages or (), verbose
        )
        state = network.dump(state, len(done.history.get("loss", ())))
    if all(type(callback).__module__.startswith("keras.") for callback in callbacks):
        _idle_networks.give_back(network)  # a callback of the user's own may have kept the model
    return done._replace(state=state)


def keras_model(architecture, optimizer, weights, encode=None):
    """Return a compiled Keras model of its own with these weights and a serialized optimizer.

    `encode` is a Keras input and the layer that makes of it what the network takes.
    """
    model = _build_model(architecture)
    for variable, value in zip(model.trainable_variables, weights, strict=True):
        variable.assign(value)
    if encode is not None:
        inputs, encoder = encode
        outputs = encoder(inputs)
        for layer in model.layers:
            outputs = layer(outputs)
        model = keras.Model(inputs, outputs, name=model.name)
    _compile(model, architecture, _deserialized(optimizer))
    model.optimizer.build(model.trainable_variables)  # else its file is read back with a warning
    return model


def _run_epochs(network, state, rows, validation, batch_size, epochs, callbacks, stages, verbose):
    model = network.model
    model.stop_training = False
    n_batches = -(-rows.X.shape[0] // batch_size)
    by_batch = any(map(_has_batch_hooks, callbacks))
    callbacks = keras.callbacks.CallbackList(
        callbacks,
        add_progbar=verbose != 0,
        model=model,
        verbose=verbose,
        epochs=epochs,
        steps=n_batches,
    )
    if validation is not None:
        validation = _tensors(cut_batches(validation, _VALIDATION_ROWS))

    def epoch_batches(epoch):
        ordered = rows.in_order_of(epoch, state["order_seed"])
        return _tensors(cut_batches(ordered, batch_size))

    done, kept, interrupted = [], {}, False
    with ThreadPoolExecutor(1, thread_name_prefix="next-epoch") as ahead:
        upcoming = ahead.submit(epoch_batches, state["epoch"])
        callbacks.on_train_begin()
        try:
            for epoch in range(state["epoch"], epochs):
                callbacks.on_epoch_begin(epoch)
                batches = upcoming.result()
                if epoch + 1 < epochs:
                    upcoming = ahead.submit(epoch_batches, epoch + 1)
                logs = network.train_epoch(batches, n_batches, callbacks if by_batch else None)
                if validation is not None:
                    callbacks.on_test_begin()
                    val_logs = network.evaluate(validation)
                    callbacks.on_test_end(val_logs)
                    logs |= {f"val_{name}": value for name, value in val_logs.items()}
                callbacks.on_epoch_end(epoch, dict(logs))
                if epoch + 1 in stages:
                    kept[epoch + 1] = network.averaged_weights()
                done, at_last_epoch = [*done, logs], network.snapshot()
                if model.stop_training:
                    break
        except KeyboardInterrupt:
            if not done:
                raise
            network.restore(at_last_epoch)
            kept.pop(state["epoch"] + len(done) + 1, None)
            interrupted = True
        callbacks.on_train_end(done[-1] if done else {})
    history = {name: [logs[name] for logs in done] for name in (done[0] if done else ())}
    return Trained(state, history, kept, interrupted)


def _tensors(batches):
    with tf.device(_DEVICE):  # by name, since another thread does not inherit the device
        return Batches(*map(tf.constant, batches))


class Network:
    """A Keras model with its optimizer, and the traced functions that train and evaluate it."""

    def __init__(self, architecture, optimizer):
        self.kind = _kind(architecture, optimizer)
        self.architecture = architecture
        self.model = _build_model(architecture)
        self._optimizer = optimizer
        _compile(self.model, architecture, optimizer)
        self._variables = self.model.trainable_variables
        optimizer.build(self._variables)
        self._slots = [v for v in optimizer.variables if v is not optimizer.learning_rate]
        self._fresh_slots = [_sparing(v.numpy()) for v in self._slots]
        self._dropout_seeds = [
            layer.seed_generator.state
            for layer in self.model.layers
            if isinstance(layer, keras.layers.Dropout)
        ]
        self._training_variables = [*self._variables, *self._slots, *self._dropout_seeds]
        self._topic_weight = None
        if architecture.multilabel:
            ones = tf.ones((architecture.n_outputs, 2), architecture.dtype)
            self._topic_weight = tf.Variable(ones)
        self._rmsprop_scratch = None
        if _is_plain_rmsprop(optimizer):
            self._rmsprop_scratch = [
                tf.Variable(tf.zeros_like(variable.value)) for variable in self._variables
            ]
        self.n_numbers = 2 * sum(np.prod(v.shape) for v in [*self._variables, *self._slots])

    @cached_property
    def _train(self):
        """Training on some batches of an epoch, traced."""
        batch, totals = tf.TensorSpec([], tf.int64), tf.TensorSpec([4], tf.float64)
        signature = [*_batches_signature(self.architecture), batch, batch, totals]
        return _trace(self._walk_training, signature)

    @cached_property
    def _evaluate(self):
        """Validation, traced."""
        return _trace(self._walk_validation, _batches_signature(self.architecture))

    def load(self, state, optimizer):
        """Set everything that training changes; `optimizer` is of this network's kind."""
        if state["slots"] is None:
            slots = self._fresh_slots
        elif _configuration(state["optimizer"]) == _configuration(_serialized(optimizer)):
            slots = state["slots"]
        else:
            raise ValueError(
                "training goes on with the state of the previous fit's optimizer, and the "
                "optimizer given now keeps another; fit with warm_start=False to start anew"
            )
        if state["slots"] is not None and optimizer.use_ema:
            raise ValueError(
                "an optimizer with use_ema=True ends training by putting averages in the place of "
                "the weights, so that training cannot go on; fit with warm_start=False"
            )
        for variable, value in zip(self._variables, state["weights"], strict=True):
            variable.assign(value)
        for slot, value in zip(self._slots, slots, strict=True):
            slot.assign(value)
        if self._dropout_seeds:
            for seed, value in zip(self._dropout_seeds, state["dropout_seeds"], strict=True):
                seed.assign(value)
        learning_rate = optimizer.get_config()["learning_rate"]
        if not isinstance(learning_rate, dict):  # a schedule is part of the optimizer's kind
            self._optimizer.learning_rate = learning_rate
        self._learning_rate = learning_rate
        for scratch in self._rmsprop_scratch or ():
            scratch.assign(tf.zeros_like(scratch))  # 0 times the NaN of a diverged fit is NaN

    def weigh_topics(self, weight):
        """Set the weights of each topic's absence and presence in training; None is 1 for all."""
        if self._topic_weight is not None:
            self._topic_weight.assign(
                tf.ones_like(self._topic_weight) if weight is None else weight
            )

    def dump(self, state, n_epochs):
        """End training, and return the state that `load` takes, `n_epochs` after the one given."""
        optimizer = _serialized(self._optimizer)
        optimizer["config"]["learning_rate"] = self._learning_rate
        self._optimizer.finalize_variable_values(self._variables)
        seeds = [seed.numpy() for seed in self._dropout_seeds]
        return state | {
            "weights": [variable.numpy() for variable in self._variables],
            "optimizer": optimizer,
            "slots": [slot.numpy() for slot in self._slots],
            "dropout_seeds": seeds or state["dropout_seeds"],
            "epoch": state["epoch"] + n_epochs,
        }

    def snapshot(self):
        """Return what training changes as tensors, which TensorFlow copies when it next writes."""
        return [v.value.read_value() for v in self._training_variables]

    def restore(self, snapshot):
        """Set what training changes back to a snapshot."""
        for variable, value in zip(self._training_variables, snapshot, strict=True):
            variable.assign(value)

    def averaged_weights(self):
        """Return the weights with which training would end now, as `dump` does."""
        now = self.snapshot()
        self._optimizer.finalize_variable_values(self._variables)
        weights = [variable.numpy() for variable in self._variables]
        if self._optimizer.use_ema:
            self.restore(now)
        return weights

    def train_epoch(self, batches, n_batches, callbacks=None):
        """Train on each batch once, in one call or, to call batch hooks, in one call a batch."""
        totals = tf.zeros(4, tf.float64)
        if callbacks is None:
            return _logs(self._train(*batches, *_int64(0, n_batches), totals))
        for batch in range(n_batches):
            callbacks.on_train_batch_begin(batch)
            totals = self._train(*batches, *_int64(batch, batch + 1), totals)
            callbacks.on_train_batch_end(batch, _logs(totals))
            if self.model.stop_training:
                break
        return _logs(totals)

    def evaluate(self, batches):
        """Return loss and accuracy."""
        return _logs(self._evaluate(*batches))

    def _walk_training(self, *arguments):
        *batches, first, last, totals = arguments
        batches = Batches(*batches)

        def step(i, totals):
            product, y, sample_weight = self._batch(batches, i, self._topic_weight)
            with tf.GradientTape() as tape:
                y_pred = self._forward(product, training=True)
                loss = self.model.compute_loss(y=y, y_pred=y_pred, sample_weight=sample_weight)
                scaled_loss = self._optimizer.scale_loss(loss)
            self._apply(tape.gradient(scaled_loss, self._variables))
            share = tf.size(sample_weight)  # as in Keras's history
            return i + 1, totals + self._score(loss, share, y, y_pred, sample_weight)

        return tf.while_loop(lambda i, _: i < last, step, (first, totals))[1]

    def _walk_validation(self, *arguments):
        batches = Batches(*arguments)
        n_batches = tf.shape(batches.offsets, tf.int64)[0] - 1

        def step(i, totals):
            product, y, sample_weight = self._batch(batches, i)
            y_pred = self._forward(product, training=False)
            loss = self.model.compute_loss(y=y, y_pred=y_pred, sample_weight=sample_weight)
            share = tf.reduce_sum(sample_weight)
            return i + 1, totals + self._score(loss, share, y, y_pred, sample_weight)

        start = (tf.constant(0, tf.int64), tf.zeros(4, tf.float64))
        return tf.while_loop(lambda i, _: i < n_batches, step, start)[1]

    def _batch(self, batches, i, topic_weight=None):
        """Return batch i: its product with a kernel as a function, its targets, its weights."""
        start, stop = batches.offsets[i], batches.offsets[i + 1]
        indices = tf.reshape(batches.indices[2 * start : 2 * stop], [-1, 2])
        rows = slice(i * batches.batch_size, (i + 1) * batches.batch_size)
        sample_weight = batches.sample_weight[rows]
        shape = tf.stack([tf.shape(sample_weight, tf.int64)[0], self.architecture.n_features])
        sparse = indices, batches.values[start:stop], shape

        def product(kernel):
            return _product(*sparse, kernel)

        y = batches.y[rows]
        if self.architecture.multilabel:
            y, sample_weight = self._pairs(y, sample_weight, topic_weight)
        elif self.architecture.loss == "binary_crossentropy":
            y = tf.cast(y, self.architecture.dtype)[:, None]
        elif self.architecture.loss == "categorical_crossentropy":
            y = tf.one_hot(y, self.architecture.n_outputs, dtype=self.architecture.dtype)
        return product, y, sample_weight

    def _pairs(self, y, sample_weight, topic_weight):
        """Return pairs of row and topic as rows: to the loss, each is like a row of two classes."""
        sample_weight = tf.repeat(sample_weight, self.architecture.n_outputs)
        if topic_weight is not None:
            of_pairs = tf.where(y == 1, topic_weight[:, 1], topic_weight[:, 0])
            sample_weight *= tf.reshape(of_pairs, [-1])
        return tf.cast(tf.reshape(y, [-1, 1]), self.architecture.dtype), sample_weight

    def _forward(self, product, training):
        first, *others = self.model.layers
        x = self._activate(first, product(first.kernel.value) + first.bias)
        for layer in others:
            if isinstance(layer, keras.layers.Dropout):
                x = layer(x, training=training)
            else:
                x = self._activate(layer, tf.matmul(x, layer.kernel.value) + layer.bias)
        return x

    def _activate(self, layer, x):
        if self.architecture.multilabel and layer is self.model.layers[-1]:
            # Before the sigmoid, since Keras takes the cross-entropy of what goes into it.
            x = tf.reshape(x, [-1, 1])
        return layer.activation(x)

    def _score(self, loss, share, y, y_pred, sample_weight):
        """Return what a batch adds to the totals of loss and accuracy, each with its divisor."""
        accuracy = _OBJECTIVES[self.architecture.loss].row_accuracy(y, y_pred)
        accuracy = tf.reduce_mean(tf.reshape(accuracy, [tf.size(sample_weight), -1]), axis=1)
        loss, share, accuracy, sample_weight = (
            tf.cast(part, tf.float64) for part in (loss, share, accuracy, sample_weight)
        )
        return tf.stack(
            [
                loss * share,
                share,
                tf.reduce_sum(accuracy * sample_weight),
                tf.reduce_sum(sample_weight),
            ]
        )

    def _apply(self, gradients):
        """Apply gradients as the optimizer does, plain RMSprop by TensorFlow's own kernel.

        Keras's own update makes about ten passes over arrays of the first kernel's size.
        """
        optimizer = self._optimizer
        if self._rmsprop_scratch is None:
            optimizer.apply(gradients, self._variables)
            return
        for gradient, variable, velocity, scratch in zip(
            gradients,
            self._variables,
            optimizer._velocities,
            self._rmsprop_scratch,
            strict=True,
        ):
            tf.raw_ops.ResourceApplyRMSProp(
                var=variable.value.handle,
                ms=velocity.value.handle,
                mom=scratch.handle,
                lr=tf.cast(optimizer.learning_rate, gradient.dtype),
                rho=tf.constant(optimizer.rho, gradient.dtype),
                momentum=tf.constant(0.0, gradient.dtype),
                epsilon=tf.constant(optimizer.epsilon, gradient.dtype),
                grad=gradient,
            )
        optimizer.iterations.assign_add(1)


class _IdleNetworks:
    """Networks between two fits: taken by one fit at a time, the longest unused dropped first."""

    def __init__(self, maximum):
        self._maximum = maximum
        self._lock = threading.Lock()
        self._networks = []

    def take(self, architecture, optimizer):
        """Return an idle network of this architecture and kind of optimizer, or a new one."""
        kind = _kind(architecture, optimizer)
        with self._lock:
            for network in reversed(self._networks):
                if network.kind == kind:
                    self._networks.remove(network)
                    return network
            return Network(architecture, optimizer)

    def give_back(self, network):
        """Keep a network for a later fit."""
        with self._lock:
            self._networks.append(network)
            while len(self._networks) > 1 and (
                len(self._networks) > self._maximum
                or sum(idle.n_numbers for idle in self._networks) > _MAX_IDLE_NUMBERS
            ):
                del self._networks[0]


_idle_networks = _IdleNetworks(_MAX_IDLE_NETWORKS)


def _keep_to_share_of_cores():
    """Have TensorFlow heed OMP_NUM_THREADS, by which joblib tells a worker its share of cores."""
    threads = os.environ.get("OMP_NUM_THREADS", "")
    if threads.isdecimal():
        with suppress(RuntimeError):  # too late: something else has started TensorFlow's threads
            tf.config.threading.set_intra_op_parallelism_threads(int(threads))
            tf.config.threading.set_inter_op_parallelism_threads(int(threads))


_keep_to_share_of_cores()


def _build_model(architecture):
    """Return the Keras model of an architecture, its weights not yet set.

    Every name and seed is given: a layer that has to make up its own draws on Python's generator.
    """
    regularizer = keras.regularizers.L2(architecture.l2) if architecture.l2 else None

    def dense(units, activation, name):
        return keras.layers.Dense(
            units,
            activation=activation,
            kernel_initializer="zeros",
            kernel_regularizer=regularizer,
            dtype=architecture.dtype,
            name=name,
        )

    layers = [keras.Input((architecture.n_features,), dtype=architecture.dtype, name="multi_hot")]
    for i, units in enumerate(architecture.units, start=1):
        layers.append(dense(units, architecture.activation, f"hidden_{i}"))
        if architecture.dropout:
            layers.append(
                keras.layers.Dropout(
                    architecture.dropout, seed=0, dtype=architecture.dtype, name=f"dropout_{i}"
                )
            )
    output = "sigmoid" if architecture.loss == "binary_crossentropy" else "softmax"
    layers.append(dense(architecture.n_outputs, output, "output"))
    return keras.Sequential(layers, name="textnn")


def _compile(model, architecture, optimizer):
    objective = _OBJECTIVES[architecture.loss]
    model.compile(
        optimizer=optimizer,
        loss=objective.loss(reduction="mean_with_sample_weight", dtype=architecture.dtype),
        weighted_metrics=[objective.metric(name="accuracy", dtype=architecture.dtype)],
    )
    # Keras builds its metrics at the first batch that it sees, and callbacks look for them before.
    y_pred = tf.zeros((1, architecture.n_outputs), architecture.dtype)
    y = tf.zeros(1) if architecture.loss == "sparse_categorical_crossentropy" else y_pred
    model.compute_metrics(x=None, y=y, y_pred=y_pred)
    model.reset_metrics()


def _make_optimizer(optimizer, learning_rate):
    """Return a fresh Keras optimizer from a name, or from an instance that stays as it is."""
    if isinstance(optimizer, str):
        classes = {name.lower(): value for name, value in vars(keras.optimizers).items()}
        made = None
        with suppress(KeyError, TypeError, ValueError):  # not there, or not an optimizer
            # With a name of its own for each one, TensorFlow would keep something of each.
            made = classes[optimizer.lower()](
                learning_rate=float(learning_rate), name=optimizer.lower()
            )
    elif isinstance(optimizer, keras.optimizers.Optimizer):
        made = type(optimizer).from_config(optimizer.get_config())
    else:
        raise TypeError(
            "optimizer must be the name of a Keras optimizer or an instance of "
            f"keras.optimizers.Optimizer; got {optimizer!r}"
        )
    wrong = keras.optimizers.Optimizer, keras.optimizers.LossScaleOptimizer
    if not isinstance(made, keras.optimizers.Optimizer) or type(made) in wrong:
        raise ValueError(
            f"optimizer={optimizer!r} is not the name of a Keras optimizer, or not of one to train "
            "with; 'rmsprop', 'adam', 'sgd' and the other algorithms in keras.optimizers are"
        )
    return made


def _kind(architecture, optimizer):
    """Return what two fits must share to share a network."""
    return architecture, type(optimizer), _configuration(_serialized(optimizer))


def _serialized(optimizer):
    """Return an optimizer as plain Python, without the name that Keras makes up."""
    serialized = keras.optimizers.serialize(optimizer)
    del serialized["config"]["name"]
    return serialized


def _deserialized(serialized):
    if str(serialized["module"]).startswith("keras."):  # Keras does not find all of its own
        return getattr(keras.optimizers, serialized["class_name"]).from_config(serialized["config"])
    return keras.optimizers.deserialize(serialized)


def _configuration(serialized):
    """Return what tells two optimizers apart: all but a learning rate that is a number."""
    configuration = dict(serialized["config"], class_name=serialized["class_name"])
    if not isinstance(configuration["learning_rate"], dict):
        del configuration["learning_rate"]
    return json.dumps(configuration, sort_keys=True, default=repr)


def _is_plain_rmsprop(optimizer):
    if type(optimizer) is not keras.optimizers.RMSprop:
        return False
    plain = keras.optimizers.RMSprop(rho=optimizer.rho, epsilon=optimizer.epsilon)
    return _configuration(_serialized(plain)) == _configuration(_serialized(optimizer))


def _sparing(array):
    """Return zeros that take no memory in the place of an array of zeros."""
    return array if array.any() else np.zeros(array.shape, array.dtype)


def _copy_callbacks(callbacks):
    """Return shallow copies, since Keras ties a callback to the model that it sees."""
    for callback in callbacks or ():
        if not isinstance(callback, keras.callbacks.Callback):
            raise TypeError(
                "callbacks must be a list of instances of keras.callbacks.Callback; "
                f"it holds {callback!r}"
            )
    return [copy.copy(callback) for callback in callbacks or ()]


def _has_batch_hooks(callback):
    names = ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end")
    return any(
        getattr(getattr(callback, name), "__func__", None)
        is not getattr(keras.callbacks.Callback, name)
        for name in names
    )


def _trace(function, signature):
    """Return a function as a graph; a graph, unlike `tf.function`, never traces once more."""
    return tf.function(function, autograph=False).get_concrete_function(*signature)


def _int64(*numbers):
    return [tf.constant(number, tf.int64) for number in numbers]


def _logs(totals):
    loss, share, correct, weight = totals.numpy().tolist()
    return {"loss": loss / share, "accuracy": correct / weight}


def _product(indices, values, shape, dense):
    """Return the product of a sparse matrix with a dense one, in slices of its columns."""
    n_columns = dense.shape[1]
    widths = [min(_PRODUCT_COLUMNS, n_columns - i) for i in range(0, n_columns, _PRODUCT_COLUMNS)]
    columns = [
        tf.raw_ops.SparseTensorDenseMatMul(
            a_indices=indices, a_values=values, a_shape=shape, b=part
        )
        for part in (tf.split(dense, widths, axis=1) if len(widths) > 1 else [dense])
    ]
    return tf.concat(columns, axis=1) if len(widths) > 1 else columns[0]
