"""Run the example of the README during the build, to make the output of the landing page."""

import contextlib
import io
import re
from pathlib import Path

import matplotlib.pyplot as plt

SOURCE = Path(__file__).parent
BACKGROUNDS = {"light": "default", "dark": "dark_background"}


def write_output_and_figures(app):
    """Write the printed output of the example, and its figure for the light and the dark theme."""
    readme = (SOURCE.parent / "README.md").read_text(encoding="utf-8")
    code, *_ = re.findall(r"```python\n(.*?)```", readme, flags=re.DOTALL)
    printed, namespace = io.StringIO(), {}
    with contextlib.redirect_stdout(printed):
        exec(code, namespace)
    plt.close("all")

    folder = SOURCE / "generated"
    folder.mkdir(exist_ok=True)
    (folder / "readme_output.txt").write_text(printed.getvalue(), encoding="utf-8")
    for background, style in BACKGROUNDS.items():
        with plt.style.context(style):
            figure, ax = plt.subplots(figsize=(5, 3.3), layout="constrained")
            namespace["TrainingCurveDisplay"].from_estimator(namespace["pipeline"], ax=ax)
            figure.savefig(folder / f"readme_figure_{background}.png", dpi=200, transparent=True)
        plt.close(figure)
