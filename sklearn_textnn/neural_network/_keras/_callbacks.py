"""The user's Keras callbacks."""

import copy

import keras


def copied_callbacks(callbacks):
    """Return shallow copies, since Keras ties a callback to the model that it sees.

    Parameters
    ----------
    callbacks : list of keras.callbacks.Callback or None

    Raises
    ------
    TypeError
        If the list holds anything else.
    ValueError
        If it holds one that would begin with the weights of another training.
    """
    for callback in callbacks or ():
        if not isinstance(callback, keras.callbacks.Callback):
            hint = ""
            if hasattr(callback, "on_fit_task_end"):
                hint = "; a callback of scikit-learn is set with set_callbacks"
            raise TypeError(
                "callbacks must be a list of instances of keras.callbacks.Callback; "
                f"it holds {callback!r}{hint}"
            )
        if isinstance(callback, keras.callbacks.BackupAndRestore):
            raise ValueError(
                "callbacks holds BackupAndRestore, which goes on from the epoch of an interrupted "
                "training, and fit begins with the first one; save the fitted estimator after some "
                "epochs, and go on with warm_start=True"
            )
    return [copy.copy(callback) for callback in callbacks or ()]


def has_batch_hooks(callback):
    """Whether a callback is to be called before or after each training batch."""
    names = ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end")
    return any(
        getattr(getattr(callback, name), "__func__", None)
        is not getattr(keras.callbacks.Callback, name)
        for name in names
    )


def is_kerass_own(callback):
    """Whether a callback is of Keras. One of the user's own may keep the model."""
    return type(callback).__module__.startswith("keras.")


def may_save_optimizer(callback):
    """Whether a callback may save the model with its optimizer, or look at it."""
    return not is_kerass_own(callback) or "Checkpoint" in type(callback).__name__


class EpochBar(keras.callbacks.Callback):
    """Moves a progress bar with each epoch, and shows its loss and accuracy."""

    def __init__(self, bar):
        super().__init__()
        self._bar = bar

    def on_epoch_end(self, epoch, logs=None):
        """Draw that an epoch is done, with the values of validation if there are any."""
        prefix = "val_" if "val_loss" in logs else ""
        names = f"{prefix}loss", f"{prefix}accuracy"
        self._bar.update(epoch + 1, " ".join(f"{name} {logs[name]:.3f}" for name in names))
