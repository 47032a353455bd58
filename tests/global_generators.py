"""The global random generators, to see whether a test moves them."""

import random
import sys

import numpy as np


def generator_states():
    """Return the global random state of Python, NumPy and, once imported, Keras and TensorFlow."""
    kind, keys, *position = np.random.get_state()  # noqa: NPY002
    states = {"random": random.getstate(), "numpy": (kind, keys.tobytes(), position)}
    if "keras" in sys.modules and "tensorflow" in sys.modules:
        from keras.src.backend.common import global_state
        from tensorflow.python.eager import context

        generator = global_state.get_global_attribute("global_seed_generator")
        states["keras"] = None if generator is None else generator.state.numpy().tolist()
        states["tensorflow seed"] = context.global_seed()
        rng = getattr(context.context(), "_rng", None)
        states["tensorflow ops"] = None if rng is None else rng.getstate()
    return states
