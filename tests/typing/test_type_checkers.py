"""mypy and pyright: they accept a script that uses every public name, and refuse mistakes."""

import ast
import json
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import sklearn_textnn

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SCRIPT, MISUSES = HERE / "uses_every_name.py", HERE / "misuses.py"


@pytest.fixture(scope="module", params=["mypy", "pyright"])
def errors(request, tmp_path_factory):
    """Return a type checker, and the lines of both scripts that it finds an error in."""
    check = {"mypy": _mypy, "pyright": _pyright}[request.param]
    return request.param, check(tmp_path_factory.mktemp(request.param))


def _mypy(tmp_path):
    pytest.importorskip("mypy")
    output = _run(
        *("mypy", "--config-file=", f"--cache-dir={tmp_path}", "--strict"),
        "--follow-imports=silent",  # as for an installed package, whose own lines are not reported
        *("--disable-error-code=import-untyped", "--disable-error-code=no-untyped-call"),
        *(SCRIPT.name, MISUSES.name),
    )
    assert "(checked 2 source files)" in output, output
    return {
        path.name: {
            int(line): message
            for line, message in re.findall(rf"^{path.name}:(\d+): error: (.*)", output, re.M)
        }
        for path in (SCRIPT, MISUSES)
    }


def _pyright(tmp_path):
    pytest.importorskip("basedpyright")  # pyright with its own Node.js
    config = tmp_path / "pyrightconfig.json"
    settings = {
        "include": [str(SCRIPT), str(MISUSES)],
        "extraPaths": [str(ROOT)],
        "typeCheckingMode": "standard",  # pyright's own default
    }
    config.write_text(json.dumps(settings), encoding="utf-8")
    output = _run(
        *("basedpyright", "--project", str(config), "--outputjson"),
        *("--pythonpath", sys.executable),
    )
    found = json.loads(output)
    assert found["summary"]["filesAnalyzed"] == 2
    return {
        path.name: {
            error["range"]["start"]["line"] + 1: error["message"]
            for error in found["generalDiagnostics"]
            if error["severity"] == "error" and Path(error["file"]).name == path.name
        }
        for path in (SCRIPT, MISUSES)
    }


def _run(module, *arguments):
    command = [sys.executable, "-m", module, *arguments]
    environment = os.environ | {"MYPYPATH": str(ROOT)}
    return subprocess.run(
        command, capture_output=True, text=True, env=environment, cwd=HERE, check=False
    ).stdout


@pytest.mark.slow
def test_script_that_uses_every_public_name_is_accepted(errors):
    _, found = errors
    assert found[SCRIPT.name] == {}


@pytest.mark.slow
def test_each_mistake_is_refused(errors):
    checker, found = errors
    refused = found[MISUSES.name]
    (function,) = (
        node
        for node in ast.parse(MISUSES.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    )
    mistakes = {statement.lineno: ast.unparse(statement) for statement in function.body}
    accepted = [text for line, text in mistakes.items() if line not in refused]
    # To mypy, everything of Keras is `Any`, because Keras has no types.
    assert accepted == [text for text in accepted if checker == "mypy" and "callbacks" in text]
    assert set(refused) <= set(mistakes)


def test_script_uses_every_public_name():
    used = set(re.findall(r"\w+", SCRIPT.read_text(encoding="utf-8")))
    public = {*sklearn_textnn.__all__, *sklearn_textnn.datasets.__all__}
    public |= {"layers", "MultiHotText", "MultiHotIntegers", "TermWeights"}
    assert public <= used


def test_package_says_that_it_has_types():
    assert (ROOT / "sklearn_textnn" / "py.typed").exists()


def test_types_are_not_imported_at_run_time():
    script = (
        "import sys, sklearn_textnn; "
        "print([name for name in "
        "('sklearn_textnn._typing', 'tensorflow', 'keras', 'matplotlib', 'onnx') "
        "if name in sys.modules])"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    printed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=True
    )
    assert printed.stdout.strip() == "[]"


def test_module_of_types_can_be_imported():
    assert import_module("sklearn_textnn._typing").CV
