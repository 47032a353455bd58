"""The one door to Keras and TensorFlow.

The modules of this folder import them. Everything else calls `import_keras` first and imports from
these modules inside a function, so that nothing but training and export pays for TensorFlow.
"""

import os
import random
import sys
from threading import Lock

# Held while Keras is imported, so that no thread sees half of it.
_IMPORTING = Lock()


def import_keras():
    """Import Keras on TensorFlow, and leave Python's random generator as it was.

    Raises
    ------
    ImportError
        If Keras or TensorFlow is not installed, with what to install.
    RuntimeError
        If Keras is set to another backend.
    """
    with _IMPORTING:
        _import_keras(is_loaded={"keras", "tensorflow"} <= sys.modules.keys())
    _check_backend()


def _import_keras(is_loaded):
    before = None if is_loaded else random.getstate()  # a package that Keras imports draws on it
    try:
        import keras  # noqa: F401
    except ImportError as error:
        backend = os.environ.get("KERAS_BACKEND", "")
        if isinstance(error, ModuleNotFoundError) and error.name in ("keras", "tensorflow"):
            raise ImportError(_what_to_install(error.name), name=error.name) from error
        if backend in ("", "tensorflow") and _names_tensorflow(error):
            raise
        raise RuntimeError(_wrong_backend(backend or "another package")) from error
    finally:
        if before is not None:
            random.setstate(before)


def _check_backend():
    backend = sys.modules["keras"].config.backend()
    if backend != "tensorflow":
        raise RuntimeError(_wrong_backend(backend))


def _names_tensorflow(error):
    """Whether what is missing is Keras or its TensorFlow backend itself."""
    return (error.name or "").partition(".")[0] in ("keras", "tensorflow")


def _what_to_install(missing):
    return (
        f"training, and making a Keras model, need Keras and TensorFlow, and {missing} is not "
        "installed here; pip install keras tensorflow, or tensorflow-cpu in the place of "
        "tensorflow. Loading a fitted estimator and predicting work without them"
    )


def _wrong_backend(backend):
    return (
        f"training needs Keras on TensorFlow, and Keras is set to {backend}; set the environment "
        "variable KERAS_BACKEND to 'tensorflow' before Keras is first imported, or change "
        "'backend' in keras.json, by default in ~/.keras"
    )
