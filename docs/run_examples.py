"""Run examples in one process: print their tables, titles and times, and save the figures.

python docs/run_examples.py FOLDER_FOR_FIGURES examples/start/plot_01_review_sentiment.py ...
"""

import ast
import re
import sys
import warnings
from pathlib import Path
from time import perf_counter

import matplotlib.pyplot as plt
import pandas as pd
from packaged_data import in_place_of_missing_data

# A cell of a script, and the title that its first comment may have.
CELL = re.compile(r"^# %%\n(?:# (?P<title>.+)\n# -+\n)?", re.MULTILINE)
ONLY_COMMENTS = re.compile(r"(?:#.*\n|\s)*")


def run(script, folder):
    """Run a script, save what it shows as a figure in the folder, and return its variables."""
    script = Path(script)
    started = perf_counter()
    variables = {"__name__": "__main__", "__file__": str(script)}
    figures = []
    show, plt.show = plt.show, lambda: save_figures(Path(folder), script.stem, figures)
    print(f"\n== {script.name}", flush=True)
    try:
        # Filters that a script adds end with it.
        with warnings.catch_warnings(), in_place_of_missing_data():
            for title, code in cells(script.read_text(encoding="utf-8")):
                if title:
                    print(f"\n[{perf_counter() - started:5.1f} s] {title}", flush=True)
                run_cell(code, script, variables)
    finally:
        plt.show = show
        plt.close("all")
    print(f"\n[{perf_counter() - started:5.1f} s] Done", flush=True)
    return variables


def cells(source):
    """Yield the title and the code of each cell, the code with the line numbers of the script."""
    starts = list(CELL.finditer(source))
    ends = [cell.start() for cell in starts[1:]] + [len(source)]
    yield None, source[: starts[0].start()]
    for cell, end in zip(starts, ends, strict=True):
        code = source[cell.start() : end]
        if ONLY_COMMENTS.fullmatch(code) is None:
            yield cell["title"], "\n" * source.count("\n", 0, cell.start()) + code


def run_cell(code, script, variables):
    """Run a cell and print the value of its last expression, as a notebook does."""
    tree = ast.parse(code)
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr) or isinstance(last.value, ast.Constant):
        exec(compile(tree, script, "exec"), variables)
        return
    tree.body.pop()
    exec(compile(tree, script, "exec"), variables)
    value = eval(compile(ast.Expression(last.value), script, "eval"), variables)
    if value is not None:
        with pd.option_context("display.width", 100, "display.max_columns", None):
            print(value, flush=True)


def save_figures(folder, stem, figures):
    """Save the open figures under the name of the script without its number, and close them.

    `figures` has the paths of the figures that the script has shown before, and gets the new ones.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for number in plt.get_fignums():
        name = stem.split("_", 2)[-1] + (f"_{len(figures) + 1}" if figures else "")
        figures.append(folder / f"{name}.png")
        plt.figure(number).savefig(figures[-1], dpi=150)
        print(f"Wrote {figures[-1]}")
    plt.close("all")


if __name__ == "__main__":
    folder, *scripts = sys.argv[1:]
    for script in scripts:
        run(script, folder)
