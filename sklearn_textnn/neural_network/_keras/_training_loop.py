"""The training loop: epochs, validation, callbacks, stages and Ctrl-C."""

import operator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import NamedTuple

import keras
import tensorflow as tf

from ..._progress_bar import progress_bar
from ..._work_done import step_done
from .._row_order import row_order
from ._batches import cut_batches, touches_few_columns
from ._callbacks import (
    EpochBar,
    copied_callbacks,
    has_batch_hooks,
    is_kerass_own,
    may_save_optimizer,
)
from ._idle_networks import idle_networks
from ._optimizers import make_optimizer
from ._runtime import DEVICE, start_tensorflow

# Rows of a validation batch: no weight changes between two, so only memory speaks against more.
_VALIDATION_ROWS = 4096


class Trained(NamedTuple):
    """What training hands back.

    `state` is as the one given, after training; `history` has one entry for each epoch trained;
    `stages` has the weights after each epoch asked for; `replaced` says whether a callback has put
    others in the place of the weights at the end, and `interrupted` whether Ctrl-C came.
    """

    state: dict
    history: dict
    stages: dict
    replaced: bool
    interrupted: bool


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
    stages=(),
    verbose=0,
    title="fit",
    tasks=None,
):
    """Train a network of an architecture and hand back its arrays.

    Ctrl-C ends training with the epochs done by then. Before the first one is done it is raised.

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
    stages : container of int, default=()
        The epochs after which to keep the weights.
    verbose : int, default=0
        As in `keras.Model.fit`, but 1 draws one progress bar where that is possible.
    title : str, default="fit"
        What stands before the bar.
    tasks : EpochTasks, default=None
        What is told of the beginning and the end of each epoch, and may end training.

    Returns
    -------
    Trained

    Raises
    ------
    RuntimeError
        If TensorFlow cannot train here.
    """
    start_tensorflow()
    callbacks = copied_callbacks(callbacks)
    if early_stopping is not None:
        stopping = keras.callbacks.EarlyStopping(**early_stopping)
        # Keras compares in float32, and `best_epoch_` goes by the numbers in the history.
        stopping.monitor_op = operator.gt if early_stopping["mode"] == "max" else operator.lt
        callbacks.append(stopping)
    # scikit-learn's callbacks may draw bars of their own.
    bar = progress_bar(title, epochs) if verbose == 1 and tasks is None else nullcontext()
    with tf.device(DEVICE), bar as bar:
        optimizer = make_optimizer(optimizer, learning_rate)
        network = idle_networks.take(architecture, optimizer)
        by_rows = (
            network.trains_by_rows
            and touches_few_columns(rows.X, batch_size)
            and not (network.defers_decay and any(map(may_save_optimizer, callbacks)))
        )
        network.load(state, optimizer, by_rows)
        network.set_topic_weights(rows.topic_weight)
        network.model.stop_training = False
        listening = keras.callbacks.CallbackList(
            callbacks if bar is None else [*callbacks, EpochBar(bar)],
            add_progbar=verbose != 0 and bar is None,
            model=network.model,
            verbose=verbose,
            epochs=epochs,
            steps=-(-rows.X.shape[0] // batch_size),
        )
        trained = _run_epochs(
            network,
            state,
            _batches_of_epochs(rows, batch_size, state, epochs, by_rows),
            epochs,
            None if validation is None else _validation_batches(validation),
            listening,
            any(map(has_batch_hooks, callbacks)),
            stages,
            tasks,
        )
        state = network.dump(state, len(trained.history.get("loss", ())))
    if all(map(is_kerass_own, callbacks)):
        idle_networks.give_back(network)
    return trained._replace(state=state)


def _validation_batches(validation):
    own_columns = touches_few_columns(validation.X, _VALIDATION_ROWS)
    return cut_batches(validation, _VALIDATION_ROWS, own_columns).as_tensors()


def _batches_of_epochs(rows, batch_size, state, epochs, own_columns):
    """Yield each epoch, counted from 0, and its batches. The next ones are cut in another thread.

    Parameters
    ----------
    rows : Rows
    batch_size : int
    state : dict
        Where training starts.
    epochs : int
        The epoch to train to.
    own_columns : bool
        As for `cut_batches`.
    """

    def cut(epoch):
        order = row_order(rows.y.shape[0], state["order_seed"], epoch)
        return cut_batches(rows.take(order), batch_size, own_columns).as_tensors()

    with ThreadPoolExecutor(1, thread_name_prefix="next-epoch") as ahead:
        upcoming = ahead.submit(cut, state["epoch"])
        for epoch in range(state["epoch"], epochs):
            batches = upcoming.result()
            if epoch + 1 < epochs:
                upcoming = ahead.submit(cut, epoch + 1)
            yield epoch, batches


def _run_epochs(
    network, state, batches_of_epochs, epochs, validation, callbacks, by_batch, stages, tasks
):
    """Train on the batches of each epoch, and return all but the state of `Trained`."""
    done, kept, interrupted = [], {}, False
    at_last_epoch = None  # a snapshot; None means that nothing was trained since the last epoch

    def trained_now():
        now = network.dump_now(state, len(done))
        return Trained(now, _history(done), kept.copy(), replaced=False, interrupted=False)

    callbacks.on_train_begin()
    try:
        for epoch, batches in batches_of_epochs:
            if tasks is not None:
                tasks.begin_epoch(trained_now)
            callbacks.on_epoch_begin(epoch)
            logs = network.train_epoch(batches, callbacks if by_batch else None)
            if validation is not None:
                logs |= _validate(network, validation, callbacks)
            callbacks.on_epoch_end(epoch, dict(logs))
            if epoch + 1 in stages:
                kept[epoch + 1] = network.averaged_weights()
            done, at_last_epoch, last_epoch = [*done, logs], None, epoch
            step_done("epoch")
            if tasks is not None and tasks.end_epoch(trained_now):
                step_done("training")
                network.model.stop_training = True
            if network.model.stop_training:
                break
            if epoch + 1 < epochs:
                at_last_epoch = network.snapshot()
    except KeyboardInterrupt:
        if not done:
            raise
        if at_last_epoch is not None:
            network.restore(at_last_epoch)
        kept.pop(last_epoch + 2, None)
        interrupted = True
    finally:
        batches_of_epochs.close()
    network.finish()  # before callbacks, as in Keras: one may put back the weights of another epoch
    replaced = False
    if callbacks.callbacks:
        last = network.snapshot()
        callbacks.on_train_end(done[-1] if done else {})
        replaced = not network.has_weights_of(last)
    return Trained(None, _history(done), kept, replaced, interrupted)


def _history(done):
    return {name: [logs[name] for logs in done] for name in (done[0] if done else ())}


def _validate(network, validation, callbacks):
    callbacks.on_test_begin()
    logs = network.evaluate(validation)
    callbacks.on_test_end(logs)
    return {f"val_{name}": value for name, value in logs.items()}
