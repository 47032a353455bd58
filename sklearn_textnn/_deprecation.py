"""Parameters under a former name, which work and warn for two minor versions.

A parameter that gets a new name keeps its former one in `__init__`, with the default "deprecated",
which its constraints allow with `StrOptions({"deprecated"})`. `fit` reads it with
`renamed_parameter`. For functions, methods and classes there is `sklearn.utils.deprecated`.
"""

import warnings
from inspect import signature

from ._stacklevel import find_stacklevel


def removal_version(since):
    """Return the version without something that is deprecated since a version such as "0.2"."""
    major, minor = map(int, since.split(".")[:2])
    return f"{major}.{minor + 2}"


def renamed_parameter(estimator, name, former, *, since):
    """Return the value of a parameter, by whichever of its two names it was set.

    Parameters
    ----------
    estimator : estimator instance
        It stays as it is.
    name : str
        The name of the parameter.
    former : str
        The name that it had.
    since : str
        The first version with the new name.

    Returns
    -------
    value : object

    Raises
    ------
    ValueError
        If it was set by both names.

    Warns
    -----
    FutureWarning
        If it was set by its former name.
    """
    value, former_value = getattr(estimator, name), getattr(estimator, former)
    if isinstance(former_value, str) and former_value == "deprecated":
        return value
    cls = type(estimator)
    default = signature(cls).parameters[name].default
    if value is not default and value != default:
        raise ValueError(
            f"{name} and {former} are the same parameter of {cls.__name__}, and both are set; set "
            f"{name} only"
        )
    warnings.warn(
        f"{former} of {cls.__name__} is called {name} since version {since}, and the former name "
        f"will be removed in version {removal_version(since)}; set {name}",
        FutureWarning,
        stacklevel=find_stacklevel(),
    )
    return former_value
