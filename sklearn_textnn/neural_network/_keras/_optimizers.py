"""Optimizers: made from what the user gives, as plain data, and rebuilt from it."""

import json
from functools import partial

import keras

# Keras has these beside its optimizers, and nothing can be trained with them here.
_WRAPPERS = ("Optimizer", "LossScaleOptimizer", "MultiOptimizer")


def make_optimizer(optimizer, learning_rate):
    """Return a fresh Keras optimizer.

    Parameters
    ----------
    optimizer : str or keras.optimizers.Optimizer
        A name, or an instance that stays as it is.
    learning_rate : float
        Of an optimizer given by name.

    Returns
    -------
    keras.optimizers.Optimizer

    Raises
    ------
    ValueError
        If the name is not that of an optimizer to train with.
    TypeError
        If `optimizer` is neither.
    """
    if isinstance(optimizer, str):
        made = _class_named(optimizer)
        if made is not None:
            # With a name of its own for each one, TensorFlow would keep something of each.
            made = made(learning_rate=learning_rate, name=optimizer.lower())
    elif type(optimizer).__name__ in _WRAPPERS:
        made = None
    elif isinstance(optimizer, keras.optimizers.Optimizer):
        made = _copied(optimizer)
    else:
        raise TypeError(
            "optimizer must be the name of a Keras optimizer or an instance of "
            f"keras.optimizers.Optimizer; got {optimizer!r}"
        )
    if made is None or type(made).__name__ in _WRAPPERS:
        raise ValueError(
            f"optimizer={optimizer!r} is not the name of a Keras optimizer, or not of one to train "
            f"with; the names are {', '.join(sorted(_classes()))}"
        )
    return made


def _copied(optimizer):
    """Return a fresh optimizer like an instance of the user's."""
    config = optimizer.get_config()
    if "learning_rate" not in config:
        raise ValueError(
            f"the configuration of optimizer={optimizer!r} has no learning_rate; its get_config "
            "must hold what its base class returns"
        )
    if isinstance(config["learning_rate"], dict):  # a schedule of the user's own has no known name
        config["learning_rate"] = optimizer._learning_rate
    return _excluding_like(type(optimizer).from_config(config), optimizer)


def own_schedule(optimizer):
    """Return the learning rate if it is a function or a schedule of a user's class, else None.

    Two of them may differ in more than their configurations.
    """
    rate = optimizer._learning_rate
    return rate if callable(rate) and not _is_kerass_own(type(rate)) else None


def not_decayed(optimizer):
    """Return the pattern of the names of variables that weight decay leaves out, or None.

    `exclude_from_weight_decay` sets it. It is no part of the configuration.
    """
    pattern = getattr(optimizer, "_exclude_from_weight_decay_pattern", None)
    return None if pattern is None else pattern.pattern


def _excluding_like(optimizer, given):
    """Exclude from weight decay what the user's optimizer excludes, and return the optimizer."""
    if getattr(given, "_exclude_from_weight_decay", None):
        raise ValueError(
            "the optimizer excludes variables of another model from weight decay; name them, for "
            "example by exclude_from_weight_decay(var_names=['bias'])"
        )
    if not_decayed(given) is not None:
        optimizer.exclude_from_weight_decay(var_names=[not_decayed(given)])
    return optimizer


def _classes():
    """Return the classes of Keras's optimizers by lower-cased name."""
    return {
        name.lower(): value
        for name, value in vars(keras.optimizers).items()
        if isinstance(value, type)
        and issubclass(value, keras.optimizers.Optimizer)
        and name not in _WRAPPERS
    }


def _class_named(name):
    return _classes().get(name.lower())


def serialized(optimizer):
    """Return an optimizer as plain data, without the name that Keras makes up."""
    plain = keras.optimizers.serialize(optimizer)
    del plain["config"]["name"]
    return plain


def rebuilt_optimizer(plain, given=None):
    """Return the optimizer that plain data describes.

    The data may come from a stranger's file. A class is looked up among Keras's own optimizers and
    schedules, never by a module that the data name; or it is that of the user's own instance.

    Parameters
    ----------
    plain : dict
        As from `serialized`.
    given : object, default=None
        The user's `optimizer`.

    Returns
    -------
    keras.optimizers.Optimizer

    Raises
    ------
    ValueError
        If the class is not found, or its config is not one of its own.
    """
    name, config = plain["class_name"], dict(plain["config"])
    if type(given).__name__ == name and not _is_kerass_own(type(given)):
        made = type(given)
    else:
        made = _class_named(name) if _is_from_keras(plain) else None
    if made is None:
        raise ValueError(
            f"the optimizer {name!r} is not one of keras.optimizers; set the parameter optimizer "
            "to an instance of it"
        )
    rate = config.get("learning_rate")
    if isinstance(rate, dict):
        config["learning_rate"] = _rebuilt_schedule(rate, getattr(given, "_learning_rate", None))
    if any(isinstance(value, dict) for value in config.values()):
        raise ValueError(f"the config of the optimizer {name!r} is not that of a Keras optimizer")
    try:
        optimizer = made.from_config(config)
    except (TypeError, ValueError) as error:
        raise ValueError(f"the optimizer {name!r} does not take its config: {error}") from error
    return _excluding_like(optimizer, given) if type(given) is made else optimizer


def _rebuilt_schedule(plain, given):
    """Return the learning rate schedule that plain data describes."""
    name, config = plain.get("class_name"), plain.get("config")
    base = keras.optimizers.schedules.LearningRateSchedule
    if isinstance(given, base) and type(given).__name__ == name:
        return given
    if callable(given) and keras.saving.serialize_keras_object(given) == plain:  # a function
        return given
    made = getattr(keras.optimizers.schedules, str(name), None) if _is_from_keras(plain) else None
    if not (isinstance(made, type) and issubclass(made, base) and isinstance(config, dict)) or any(
        isinstance(value, dict) for value in config.values()
    ):
        raise ValueError(
            f"the learning rate schedule {name!r} is not one of keras.optimizers.schedules; set "
            "the parameter optimizer to an instance of an optimizer with it"
        )
    return made.from_config(config)


def _is_from_keras(plain):
    return str(plain.get("module")).partition(".")[0] == "keras"


def _is_kerass_own(kind):
    return kind.__module__.partition(".")[0] == "keras"


def configuration(plain):
    """Return what tells two serialized optimizers apart: all but a learning rate that is a number.

    Parameters
    ----------
    plain : dict
        As from `serialized`.

    Returns
    -------
    str
    """
    config = dict(plain["config"], class_name=plain["class_name"])
    if not isinstance(config["learning_rate"], dict):
        del config["learning_rate"]
    return json.dumps(config, sort_keys=True, default=repr)


def prepare(optimizer):
    """Mend what Keras's optimizers do beside their updates, in an instance of our own.

    Parameters
    ----------
    optimizer : keras.optimizers.Optimizer
    """
    # Keras adds up the gradients of all replicas. There is one, and to add up leaves something of
    # each trace in TensorFlow's registry of gradients for ever.
    optimizer._all_reduce_sum_gradients = list
    if type(optimizer).__name__ == "Muon" and _is_kerass_own(type(optimizer)):
        optimizer.lr_adjust = partial(_adjust_muon, optimizer)


def _adjust_muon(optimizer, x):
    """Scale an update of Muon as `lr_adjust` does, which multiplies by a tensor of floatx."""
    if optimizer.rms_rate is None:
        return x
    return x * (max(x.shape) ** 0.5 * optimizer.rms_rate)
