"""Saving and loading by pickle, joblib, copy and skops, and the number of the format."""

from inspect import signature
from typing import ClassVar

from ._sklearn_compat import (
    FIT_CONTEXTS,
    SET_BY_SCIKIT_LEARN,
    check_parameter_constraints,
    parameter_names,
    validate_parameter_constraints,
)
from ._version import __version__

# Goes up by one in a release that saves other parameters or attributes than the release before.
FORMAT = 2

_FORMAT_KEY, _VERSION_KEY = "_sklearn_textnn_format", "_sklearn_textnn_version"


class PersistentMixin:
    """Save the number of the format; load this format and older ones, completely or not at all.

    Loading checks everything that was saved. The parameters must all be there. If the estimator
    is fitted, they must be legal, as in `fit`. No attribute may take the place of a method, a
    property or another attribute of the class. A class of this package may hold no other
    attributes than its parameters, those in `_learned_constraints` and those that scikit-learn
    sets. A subclass of a user may hold attributes of its own.

    Saving refuses attributes and parameters that loading would refuse.

    Notes
    -----
    A subclass may define the following.

    - `_learned_constraints`: the legal values of each learned attribute by name, in the form of
      `_parameter_constraints`. A subclass spreads those of its parent. Without it, a class may
      hold any attributes.
    - `_not_saved`: the names of attributes that a copy can do without.
    - `_check_loaded`: a method that raises ValueError where attributes do not fit together.
    """

    _learned_constraints: ClassVar[dict | None] = None
    _not_saved: ClassVar[tuple] = ()

    def __getstate__(self):
        state = dict(super().__getstate__())
        for name in (*self._not_saved, *FIT_CONTEXTS):
            state.pop(name, None)
        name = type(self).__name__
        try:
            _check_names(type(self), state)
            _check_values(self, state)
        except ValueError as error:
            raise ValueError(
                f"{name} cannot be saved or copied, because it could not be loaded: {error}"
            ) from error
        return state | {_FORMAT_KEY: FORMAT, _VERSION_KEY: __version__}

    def __setstate__(self, state):
        name = type(self).__name__
        if not isinstance(state, dict):
            raise ValueError(
                f"{name} cannot be loaded: a {type(state).__name__} was saved where a dict of "
                "attributes is needed"
            )
        state = dict(state)
        number, version = state.pop(_FORMAT_KEY, None), state.pop(_VERSION_KEY, None)
        _check_format(name, number, version)
        if number < FORMAT:
            state = _defaults(type(self)) | state
        before = vars(self).copy()
        try:
            _check_names(type(self), state)
            vars(self).clear()
            super().__setstate__(state)
            _check_values(self, state)
            self._check_loaded()
        except Exception as error:
            vars(self).clear()
            vars(self).update(before)
            raise ValueError(
                f"{name} cannot be loaded, because what was saved is damaged: {error}"
            ) from error

    def _check_loaded(self):
        """Raise ValueError where attributes that were loaded do not fit together."""


def check_complete(attributes, learned):
    """Return whether the learned attributes are there; raise ValueError where only some are."""
    missing = [name for name in learned if name not in attributes]
    if missing and len(missing) < len(learned):
        raise ValueError(f"learned attributes are missing, {', '.join(missing)}")
    return not missing


def _check_format(name, number, version):
    """Refuse what is no number of a format, and formats of later releases."""
    if type(number) is not int or number < 1:
        raise ValueError(f"{name} cannot be loaded: {number!r} is not the number of a format")
    if number > FORMAT:
        by = version if isinstance(version, str) else "of an unknown version"
        raise ValueError(
            f"{name} was saved by sklearn_textnn {by}, in format {number}, and sklearn_textnn "
            f"{__version__} reads formats up to {FORMAT}; upgrade sklearn_textnn to load it"
        )


def _defaults(cls):
    """Return the parameters that have a default, with it."""
    parameters = signature(cls.__init__).parameters
    names = parameter_names(cls)
    return {
        name: parameters[name].default
        for name in names
        if parameters[name].default is not parameters[name].empty
    }


def _check_names(cls, state):
    """Refuse a state that lacks a parameter, or has attributes that the class may not hold."""
    parameters = parameter_names(cls)
    missing = [name for name in parameters if name not in state]
    if missing:
        raise ValueError(f"parameters are missing, {', '.join(missing)}")
    extra = [name for name in state if name not in parameters]
    hiding = [str(name) for name in extra if not isinstance(name, str) or _hides(cls, name)]
    if hiding:
        raise ValueError(
            f"attributes would hide methods or attributes of {cls.__name__}, {', '.join(hiding)}"
        )
    if cls._learned_constraints is None or not _is_ours(cls):
        return
    known = cls._learned_constraints | SET_BY_SCIKIT_LEARN
    unknown = [name for name in extra if name not in known]
    if unknown:
        raise ValueError(
            f"a {cls.__name__} has no attributes {', '.join(unknown)}; to keep values of your own "
            "with it, make a subclass"
        )


def _hides(cls, name):
    """Return whether an attribute would hide one of the class, which a user's may by plain data."""
    if name.startswith("__"):
        return True
    for owner in cls.__mro__:
        if name in vars(owner):
            value = vars(owner)[name]
            plain = not callable(value) and not hasattr(value, "__get__")
            return not plain or any(name in vars(c) for c in cls.__mro__ if _is_ours(c))
    return False


def _is_ours(cls):
    return cls.__module__.partition(".")[0] == __package__


def _check_values(estimator, state):
    """Refuse learned attributes of other types, and illegal parameters of a fitted estimator."""
    known = (estimator._learned_constraints or {}) | SET_BY_SCIKIT_LEARN
    learned = {name: value for name, value in state.items() if name in known}
    validate_parameter_constraints(known, learned, type(estimator).__name__)
    if "feature_names_in_" in state:
        _check_feature_names(state["feature_names_in_"], state.get("n_features_in_"))
    # `fit` checks the parameters of an estimator that is not fitted, as everywhere in scikit-learn.
    if any(name.endswith("_") for name in state):
        check_parameter_constraints(estimator)


def _check_feature_names(names, n_features):
    if names.shape != (n_features,) or not all(isinstance(name, str) for name in names.tolist()):
        raise ValueError("feature_names_in_ does not hold one str for each feature")
