"""Run examples in one process: print the title of each section and the time, and save the figures.

python docs/run_examples.py FOLDER_FOR_FIGURES examples/plot_01_review_sentiment.py ...
"""

import re
import sys
import warnings
from pathlib import Path
from time import perf_counter

import matplotlib.pyplot as plt

# A cell of a script, and the title that its first comment may have.
CELL = re.compile(r"^# %%\n(?:# (?P<title>.+)\n# -+\n)?", re.MULTILINE)
ONLY_COMMENTS = re.compile(r"(?:#.*\n|\s)*")


def run(script, folder):
    """Run a script, save what it shows as a figure in the folder, and return its variables."""
    script = Path(script)
    started = perf_counter()
    variables = {"__name__": "__main__", "__file__": str(script)}
    show, plt.show = plt.show, lambda: save_figures(Path(folder), script.stem)
    print(f"\n== {script.name}", flush=True)
    try:
        with warnings.catch_warnings():  # filters that a script adds end with it
            for title, code in cells(script.read_text(encoding="utf-8")):
                if title:
                    print(f"\n[{perf_counter() - started:5.1f} s] {title}", flush=True)
                exec(compile(code, script, "exec"), variables)
    finally:
        plt.show = show
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


def save_figures(folder, stem):
    """Save the open figures under the name of the script without its number, and close them."""
    folder.mkdir(parents=True, exist_ok=True)
    for i, number in enumerate(plt.get_fignums()):
        name = stem.split("_", 2)[-1] + (f"_{i + 1}" if i else "")
        path = folder / f"{name}.png"
        plt.figure(number).savefig(path, dpi=150)
        print(f"Wrote {path}")
    plt.close("all")


if __name__ == "__main__":
    folder, *scripts = sys.argv[1:]
    for script in scripts:
        run(script, folder)
