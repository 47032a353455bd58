"""show_versions: what a report of a problem should hold."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version

from ._version import __version__

_PACKAGES = (
    *("tensorflow", "tensorflow-cpu", "keras", "scikit-learn", "numpy", "scipy", "pandas"),
    *("matplotlib", "joblib", "threadpoolctl", "scikeras", "skops", "onnx", "skl2onnx"),
    *("onnxruntime", "distributed", "pip"),
)


def show_versions() -> None:
    """Print the versions of Python, of this package and of the packages that it works with.

    Put the output into a report of a problem. The versions are read from the metadata of the
    installed packages, so nothing is imported, TensorFlow included.

    See Also
    --------
    sklearn.show_versions : The same for scikit-learn, with the libraries for threads.

    Examples
    --------
    >>> from sklearn_textnn import show_versions
    >>> show_versions()  # doctest: +ELLIPSIS
    <BLANKLINE>
    System:
        python: ...
    """
    system = {
        "python": sys.version.replace("\n", " "),
        "executable": sys.executable,
        "machine": platform.platform(),
    }
    packages = {"sklearn_textnn": __version__} | {name: _installed(name) for name in _PACKAGES}
    for title, lines in {"System": system, "Python packages": packages}.items():
        print(f"\n{title}:")  # noqa: T201
        for name, value in lines.items():
            print(f"{name:>14}: {value}")  # noqa: T201


def _installed(package):
    """Return the version of a package, or None if it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None
