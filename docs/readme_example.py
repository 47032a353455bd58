"""Run the example of the README, for the output and the figures of the landing page.

`python docs/readme_example.py` runs it too, and writes the picture of the README itself.
"""

import contextlib
import io
import re
from pathlib import Path

import matplotlib.pyplot as plt

SOURCE = Path(__file__).parent
BACKGROUNDS = {"light": "default", "dark": "dark_background"}


def run():
    """Run the first block of code of the README; return what it prints, and its variables."""
    readme = (SOURCE.parent / "README.md").read_text(encoding="utf-8")
    code, *_ = re.findall(r"```python\n(.*?)```", readme, flags=re.DOTALL)
    printed, namespace = io.StringIO(), {}
    with contextlib.redirect_stdout(printed):
        exec(code, namespace)
    plt.close("all")
    return printed.getvalue(), namespace


def save_figure(namespace, path, style="default", **options):
    """Draw the curve that the example draws, in a style, and save it."""
    with plt.style.context(style):
        figure, ax = plt.subplots(figsize=(5, 3.3), layout="constrained")
        display = namespace["TrainingCurveDisplay"]
        display.from_estimator(namespace["pipeline"], metric="loss", ax=ax)
        figure.savefig(path, **options)
    plt.close(figure)


def write_output_and_figures(app):
    """Write the printed output of the example, and its figure for the light and the dark theme."""
    printed, namespace = run()
    folder = SOURCE / "generated"
    folder.mkdir(exist_ok=True)
    (folder / "readme_output.txt").write_text(printed, encoding="utf-8")
    for background, style in BACKGROUNDS.items():
        path = folder / f"readme_figure_{background}.png"
        save_figure(namespace, path, style, dpi=200, transparent=True)


if __name__ == "__main__":
    printed, namespace = run()
    print(printed)
    save_figure(namespace, SOURCE / "images" / "readme.png", dpi=150)
