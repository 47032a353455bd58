"""The scripts in the examples folder, and the program that runs them for `make demo`."""

import ast
import importlib.util
import warnings
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted((ROOT / "examples").glob("plot_*.py"))


@pytest.fixture(scope="module")
def run_examples():
    path = ROOT / "docs" / "run_examples.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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

    script = tmp_path / "plot_99_draw_two.py"
    script.write_text(
        '"""\nDraw\n====\n"""\nimport warnings\nimport matplotlib.pyplot as plt\n\n'
        "# %%\n# Two\n# ---\nwarnings.simplefilter('ignore')\n"
        "plt.subplots()\nplt.subplots()\nplt.show()\nnumber = 3\n"
    )
    show, filters = plt.show, warnings.filters[:]
    assert run_examples.run(script, tmp_path / "figures")["number"] == 3
    assert plt.show is show
    assert not plt.get_fignums()
    figures = sorted(path.name for path in (tmp_path / "figures").iterdir())
    assert figures == ["draw_two.png", "draw_two_2.png"]
    assert warnings.filters == filters
