"""A Keras model with traced functions that train and evaluate it on sparse batches.

The network is a plain Keras model of dense layers, compiled with Keras's losses and optimizers.
What is not Keras's is how its batches are walked: one call of a TensorFlow function runs many
batches, so that Python is entered a few times an epoch instead of once a batch. Each sparse batch
is multiplied by the first kernel directly.
"""

import time
from functools import cached_property

import keras
import numpy as np
import tensorflow as tf

from .._training_state import InitialWeights
from ._batches import Batches, batches_signature
from ._fused_updates import fused_update
from ._model import OBJECTIVES, build_model, compile_model, make_loss
from ._optimizers import configuration, not_decayed, own_schedule, prepare, serialized
from ._sparse_product import sparse_product

# Seconds of one call of TensorFlow, during which Python does not see Ctrl-C.
_SECONDS_OF_A_CALL = 0.2


class Network:
    """A Keras model with its optimizer, and the traced functions that train and evaluate it."""

    def __init__(self, architecture, optimizer):
        self.kind = network_kind(architecture, optimizer)
        self.architecture = architecture
        prepare(optimizer)
        self.model = build_model(architecture)
        self._optimizer = optimizer
        compile_model(self.model, architecture, optimizer)
        self._loss = make_loss(architecture)
        self._variables = self.model.trainable_variables
        optimizer.build(self._variables)
        self._slots = [v for v in optimizer.variables if v is not optimizer.learning_rate]
        self._fresh_slots = [_compact_zeros(v.numpy()) for v in self._slots]
        self._dropout_seeds = [
            layer.seed_generator.state
            for layer in self.model.layers
            if isinstance(layer, keras.layers.Dropout)
        ]
        self._topic_weight = None
        if architecture.multilabel:
            ones = tf.ones((architecture.n_outputs, 2), architecture.dtype)
            self._topic_weight = tf.Variable(ones)
        self._fused = fused_update(optimizer, self._variables)
        self.trains_by_rows = (
            self._fused is not None and self._fused.by_rows and not architecture.l2
        )
        self._of_rows = self._fused.variables_of_rows if self.trains_by_rows else ()
        of_keras = [*self._variables, *self._slots, *self._dropout_seeds]
        self._training_variables = [*(v.value for v in of_keras), *self._of_rows]
        self._by_rows = False
        self.n_numbers = 2 * sum(np.prod(v.shape) for v in [*self._variables, *self._slots])

    @property
    def defers_decay(self):
        """Whether the optimizer is not up to date after steps that update only some rows."""
        return len(self._of_rows) > 0

    @cached_property
    def _train(self):
        """Training on some batches of an epoch, traced."""
        return _trace(self._walk_training, self._signature(), own_columns=False)

    @cached_property
    def _train_rows(self):
        """The same for batches with columns of their own."""
        return _trace(self._walk_training, self._signature(), own_columns=True)

    @cached_property
    def _evaluate(self):
        """Validation on some batches, traced."""
        return _trace(self._walk_validation, self._signature(), own_columns=False)

    @cached_property
    def _evaluate_rows(self):
        """The same for batches with columns of their own."""
        return _trace(self._walk_validation, self._signature(), own_columns=True)

    def _signature(self):
        """Return the types of batches, of the first one and the one after the last, and totals."""
        batch, totals = tf.TensorSpec([], tf.int64), tf.TensorSpec([4], tf.float64)
        return [*batches_signature(self.architecture), batch, batch, totals]

    def load(self, state, optimizer, by_rows):
        """Set everything that training changes.

        Parameters
        ----------
        state : dict
            As from `initial_state` or from `dump`.
        optimizer : keras.optimizers.Optimizer
            Of this network's kind.
        by_rows : bool
            Whether a step is to update only the rows of the first kernel that its batch touches.
        """
        if state["slots"] is None:
            slots = self._fresh_slots
        elif configuration(state["optimizer"]) == configuration(serialized(optimizer)):
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
        weights = state["weights"]
        if isinstance(weights, InitialWeights):
            weights = weights.draw()
        for variable, value in zip(self._variables, weights, strict=True):
            variable.assign(value)
        n = len(self._slots)
        slots, steps_of_rows = slots[:n], slots[n:] or None
        for slot, value in zip(self._slots, slots, strict=True):
            slot.assign(value)
        self._by_rows = by_rows and self.trains_by_rows
        if self._dropout_seeds:
            for seed, value in zip(self._dropout_seeds, state["dropout_seeds"], strict=True):
                seed.assign(value)
        learning_rate = optimizer.get_config()["learning_rate"]
        if not isinstance(learning_rate, dict):  # a schedule is part of the optimizer's kind
            self._optimizer.learning_rate = learning_rate
        self._learning_rate = learning_rate
        self._batches_a_call = {}
        if self._fused is not None:
            self._fused.start(steps_of_rows, self._by_rows)

    def set_topic_weights(self, weight):
        """Set the weights of each topic's absence and presence in training; None is 1 for all."""
        if self._topic_weight is not None:
            self._topic_weight.assign(
                tf.ones_like(self._topic_weight) if weight is None else weight
            )

    def finish(self):
        """End training: an optimizer may have averages to put in the place of the weights."""
        self._optimizer.finalize_variable_values(self._variables)

    def dump(self, state, n_epochs):
        """Return the state that `load` takes, `n_epochs` after the one given."""
        optimizer = serialized(self._optimizer)
        optimizer["config"]["learning_rate"] = self._learning_rate
        seeds = [seed.numpy() for seed in self._dropout_seeds]
        slots = [*self._slots, *(self._of_rows if self._by_rows else ())]
        return state | {
            "weights": [variable.numpy() for variable in self._variables],
            "optimizer": optimizer,
            "slots": [_shared(slot) for slot in slots],
            "dropout_seeds": seeds or state["dropout_seeds"],
            "epoch": state["epoch"] + n_epochs,
        }

    def dump_now(self, state, n_epochs):
        """Return what `dump` would return if training ended now. It may go on."""
        now = self.snapshot() if self._optimizer.use_ema else None
        try:
            self.finish()
            return self.dump(state, n_epochs)
        finally:
            if now is not None:
                self.restore(now)

    def snapshot(self):
        """Return what training changes as tensors, which TensorFlow copies when it next writes."""
        return [  # what `read_value` does, with a fifth of its overhead
            tf.raw_ops.ReadVariableOp(resource=variable.handle, dtype=variable.dtype)
            for variable in self._training_variables
        ]

    def restore(self, snapshot):
        """Set what training changes back to a snapshot."""
        for variable, value in zip(self._training_variables, snapshot, strict=True):
            variable.assign(value)

    def has_weights_of(self, snapshot):
        """Whether the weights are those of a snapshot."""
        return all(
            np.array_equal(variable.numpy(), value.numpy())
            for variable, value in zip(self._variables, snapshot, strict=False)
        )

    def averaged_weights(self):
        """Return the weights with which training would end now."""
        now = self.snapshot()
        self.finish()
        weights = [variable.numpy() for variable in self._variables]
        if self._optimizer.use_ema:
            self.restore(now)
        return weights

    def train_epoch(self, batches, callbacks=None):
        """Train on each batch once.

        Parameters
        ----------
        batches : Batches of tensors
        callbacks : keras.callbacks.CallbackList, default=None
            Whose batch hooks to call.

        Returns
        -------
        dict
            "loss" and "accuracy".
        """
        train = self._train_rows if self._by_rows else self._train
        if callbacks is None:
            return self._run(train, batches)
        totals = _no_totals()
        for batch in range(batches.n_batches):
            callbacks.on_train_batch_begin(batch)
            totals = train(*batches, *_int64(batch, batch + 1), totals)
            callbacks.on_train_batch_end(batch, _logs(totals))
            if self.model.stop_training:
                break
        return _logs(totals)

    def evaluate(self, batches):
        """Return loss and accuracy.

        Parameters
        ----------
        batches : Batches of tensors

        Returns
        -------
        dict
            "loss" and "accuracy".
        """
        own_columns = batches.column_offsets.shape[0] > 1
        return self._run(self._evaluate_rows if own_columns else self._evaluate, batches)

    def _run(self, traced, batches):
        """Run every batch, in calls so short that Ctrl-C is answered between two of them."""
        totals, first, n_batches = _no_totals(), 0, batches.n_batches
        while first < n_batches:
            last = min(n_batches, first + self._batches_a_call.get(traced, 1))
            began = time.perf_counter()
            totals = traced(*batches, *_int64(first, last), totals)
            of_a_batch = (time.perf_counter() - began) / (last - first)
            self._batches_a_call[traced] = max(1, int(_SECONDS_OF_A_CALL / max(of_a_batch, 1e-6)))
            first = last
        return _logs(totals)

    def _walk_training(self, *arguments, own_columns):
        *batches, first, last, totals = arguments
        batches = Batches(*batches)

        def step(i, totals):
            product, y, sample_weight = self._batch(batches, i, own_columns, self._topic_weight)
            columns, kernel = self._first_kernel(batches, i, own_columns)
            with tf.GradientTape() as tape:
                if own_columns:
                    tape.watch(kernel)
                y_pred = self._forward(product(kernel), training=True)
                loss = self._total_loss(y, y_pred, sample_weight)
                scaled_loss = self._optimizer.scale_loss(loss)
            gradients = tape.gradient(scaled_loss, [kernel, *self._variables[1:]])
            self._apply(gradients, (columns, kernel) if own_columns else None)
            share = tf.size(sample_weight)  # as in Keras's history
            return i + 1, totals + self._score(loss, share, y, y_pred, sample_weight)

        return tf.while_loop(lambda i, _: i < last, step, (first, totals))[1]

    def _walk_validation(self, *arguments, own_columns):
        *batches, first, last, totals = arguments
        batches = Batches(*batches)

        def step(i, totals):
            product, y, sample_weight = self._batch(batches, i, own_columns)
            _, kernel = self._first_kernel(batches, i, own_columns)
            y_pred = self._forward(product(kernel), training=False)
            loss = self._total_loss(y, y_pred, sample_weight)
            share = tf.reduce_sum(sample_weight)
            return i + 1, totals + self._score(loss, share, y, y_pred, sample_weight)

        return tf.while_loop(lambda i, _: i < last, step, (first, totals))[1]

    def _first_kernel(self, batches, i, own_columns):
        """Return the columns of batch i and their rows of the first kernel; or None and all."""
        kernel = self._variables[0].value
        if not own_columns:
            return None, kernel
        columns = batches.columns[batches.column_offsets[i] : batches.column_offsets[i + 1]]
        # Gathered without a look at the others: to read them all would copy them.
        return columns, tf.gather(kernel, columns)

    def _batch(self, batches, i, own_columns, topic_weight=None):
        """Return batch i: its product with a kernel as a function, its targets, its weights."""
        start, stop = batches.offsets[i], batches.offsets[i + 1]
        indices = tf.reshape(batches.indices[2 * start : 2 * stop], [-1, 2])
        rows = slice(i * batches.batch_size, (i + 1) * batches.batch_size)
        sample_weight = batches.sample_weight[rows]
        n_columns = self.architecture.n_features
        if own_columns:
            n_columns = batches.column_offsets[i + 1] - batches.column_offsets[i]
        shape = tf.stack([tf.shape(sample_weight, tf.int64)[0], n_columns])
        sparse = indices, batches.values[start:stop], shape

        def product(kernel):
            return sparse_product(*sparse, kernel)

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
        x = self._activate(first, product + first.bias)
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

    def _total_loss(self, y, y_pred, sample_weight):
        """Return the loss with the penalties, as `compute_loss` of Keras, which sums in floatx."""
        return tf.add_n([self._loss(y, y_pred, sample_weight), *self.model.losses])

    def _score(self, loss, share, y, y_pred, sample_weight):
        """Return what a batch adds to the totals of loss and accuracy, each with its divisor."""
        accuracy = OBJECTIVES[self.architecture.loss].row_accuracy(y, y_pred)
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

    def _apply(self, gradients, some_rows):
        if self._fused is None:
            self._optimizer.apply(gradients, self._variables)
        else:
            self._fused.apply(gradients, some_rows)


def network_kind(architecture, optimizer):
    """Return what two fits must share to share a network."""
    floatx = keras.config.floatx()  # of the variable with the learning rate
    made = configuration(serialized(optimizer))
    # The network keeps its schedule, so no other one has the same id.
    own = id(own_schedule(optimizer)), not_decayed(optimizer)
    return architecture, type(optimizer), own, made, floatx


def _compact_zeros(array):
    """Return zeros that take no memory in the place of an array of zeros."""
    return array if array.any() else np.zeros(array.shape, array.dtype)


def _shared(variable):
    """Return the value of a variable without a copy; TensorFlow copies when it next writes."""
    return np.asarray(memoryview(tf.convert_to_tensor(variable)))


def _trace(walk, signature, own_columns):
    """Return a function as a graph; a graph, unlike `tf.function`, never traces once more."""

    # If a parameter had a default, TensorFlow could not bind the arguments of a call. It would
    # write their values into an error message, and then call the function in another way.
    def function(*arguments):
        return walk(*arguments, own_columns=own_columns)

    return tf.function(function, autograph=False).get_concrete_function(*signature)


def _no_totals():
    return tf.constant(np.zeros(4))


def _int64(*numbers):
    return [tf.constant(number, tf.int64) for number in numbers]


def _logs(totals):
    loss, share, correct, weight = totals.numpy().tolist()
    # As in Keras, the accuracy of pairs that all weigh 0 is 0.
    return {"loss": loss / share, "accuracy": correct / weight if weight else 0.0}
