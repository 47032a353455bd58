"""What pickle, joblib, copy and skops save of an estimator, and the number of its format."""

from inspect import signature

from ._version import __version__

# To go up by one where a release saves other parameters or attributes than the one before.
FORMAT = 1

_FORMAT_KEY, _VERSION_KEY = "_sklearn_textnn_format", "_sklearn_textnn_version"


class PersistentMixin:
    """Save the format with the attributes; load this format and older ones, whole or not at all.

    A subclass says in `_check_loaded` which learned attributes belong together.
    """

    def __getstate__(self):
        return super().__getstate__() | {_FORMAT_KEY: FORMAT, _VERSION_KEY: __version__}

    def __setstate__(self, state):
        state = dict(state)
        number = state.pop(_FORMAT_KEY, None)
        version = state.pop(_VERSION_KEY, "of an unknown version")
        name = type(self).__name__
        if not isinstance(number, int) or number < 1:
            raise ValueError(f"{name} cannot be loaded: {number!r} is not the number of a format")
        if number > FORMAT:
            raise ValueError(
                f"{name} was saved by sklearn_textnn {version}, in format {number}, and "
                f"sklearn_textnn {__version__} reads formats up to {FORMAT}; upgrade "
                "sklearn_textnn to load it"
            )
        parameters = signature(type(self).__init__).parameters
        defaults = {key: parameters[key].default for key in type(self)._get_param_names()}
        if number < FORMAT:  # what it did not have yet does what it did without
            state = defaults | state
        try:
            _check_names(type(self), state, defaults)
            super().__setstate__(state)
            self._check_loaded()
        except Exception as error:
            vars(self).clear()
            raise ValueError(
                f"{name} cannot be loaded, because what was saved is damaged: {error}"
            ) from error


def _check_names(cls, state, parameters):
    """Refuse a state without every parameter, or with something in the place of a method."""
    missing = [name for name in parameters if name not in state]
    if missing:
        raise ValueError(f"parameters are missing, {', '.join(missing)}")
    hidden = [name for name in state if callable(getattr(cls, name, None))]
    if hidden:
        raise ValueError(f"attributes would hide methods, {', '.join(hidden)}")


def check_complete(attributes, learned):
    """Return whether the learned attributes are there; raise ValueError where only some are."""
    missing = [name for name in learned if name not in attributes]
    if missing and len(missing) < len(learned):
        raise ValueError(f"learned attributes are missing, {', '.join(missing)}")
    return not missing
