"""The program that checks the built pages with axe: it finds what is wrong, where, and nothing else."""

import importlib
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = """<!doctype html><html lang="en"><head><title>A</title><style>
html[data-theme="light"] {{color: #111; background: #fff}}
html[data-theme="dark"] {{color: {dark}; background: #000}}
{style}
</style></head><body><main><h1>Reviews</h1>{body}</main></body></html>"""


@pytest.fixture
def accessibility(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs")
    return importlib.import_module("check_accessibility")


def write(folder, *, body="", style="", dark="#eee"):
    page = PAGE.format(body=body, style=style, dark=dark)
    (folder / "page.html").write_text(page, encoding="utf-8")


def test_each_problem_is_found_with_page_theme_and_width(accessibility, tmp_path):
    pytest.importorskip("axe_core_python")
    if not any(map(shutil.which, accessibility.BROWSERS)):
        pytest.skip("needs Chromium")
    write(tmp_path, body='<img alt="A curve" src="">')
    assert accessibility.main(tmp_path) == 0
    write(tmp_path, body='<img src="">', dark="#222")
    lines = accessibility.main(tmp_path).splitlines()
    assert any("(light, 1280 px): critical | image-alt" in line for line in lines)
    contrast = [line for line in lines if "color-contrast" in line]
    assert contrast
    assert all(f"{tmp_path / 'page.html'} (dark, 1280 px)" in line for line in contrast)
    # What cannot be reached with the keys when the window is narrow.
    box = '<div class="box"><div class="long">Words</div></div>'
    style = ".box {overflow-x: auto} .long {width: 700px; height: 30px}"
    write(tmp_path, body=box, style=style)
    for line in accessibility.main(tmp_path).splitlines():
        assert "(light, 375 px): serious | scrollable-region-focusable" in line


def test_without_a_browser_nothing_is_checked(accessibility, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(accessibility, "BROWSERS", ("no-such-browser",))
    assert accessibility.main(tmp_path) == 0
    assert "Chromium is not installed" in capsys.readouterr().out


def test_of_the_pages_with_source_code_one_is_checked(accessibility, tmp_path):
    names = ["index.html", "_modules/a.html", "_modules/b.html", "_static/c.html"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    checked = accessibility.pages_of(tmp_path)
    assert [str(page.relative_to(tmp_path)) for page in checked] == [
        "_modules/a.html",
        "index.html",
    ]
