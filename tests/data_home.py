"""Where scikit-learn keeps data sets, and which of them are there."""

import os
from pathlib import Path


def has_data_set(file):
    """Return whether a file of a data set of ours is in the data home of scikit-learn."""
    data_home = Path(os.environ.get("SCIKIT_LEARN_DATA", "~/scikit_learn_data")).expanduser()
    return (data_home / "sklearn_textnn" / file).is_file()
