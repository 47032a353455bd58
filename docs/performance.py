"""Sum up the benchmark pages during the build: one table and one picture of the times."""

import re
from pathlib import Path
from typing import NamedTuple

import matplotlib.pyplot as plt

SOURCE = Path(__file__).parent
COLORS = {"light": ("#0b6e76", "#595959"), "dark": ("#5cc5ce", "#c8c8c8")}
UNITS = {"s": 1, "ms": 1e-3}


class Job(NamedTuple):
    """What was timed, and where the page has our time and the rival's: the row and the column."""

    name: str
    page: str
    ours: tuple[str, str]
    rival: str
    theirs: tuple[str, str]
    ratio: tuple[str, str] | None = None  # without it, the times are divided


COUNT, MULTI_HOT = "`CountVectorizer`", "`MultiHotVectorizer`"
OURS, TRAINED = "`sklearn_textnn`", "`sklearn_textnn`, CSR"
MLP, MLP_TRAINED = "scikit-learn: `MLPClassifier`", "`MLPClassifier`, CSR, no validation"
SEARCHED, FIRST, LATER = "`EpochGridSearchCV`", "first fit", "later fits"
JOBS = [
    Job(
        "25,000 reviews to 10,000 words",
        "vectorizing",
        ("words", MULTI_HOT),
        COUNT,
        ("words", COUNT),
    ),
    Job(
        "25,000 reviews to 200,000 words and pairs",
        "vectorizing",
        ("words and pairs", MULTI_HOT),
        COUNT,
        ("words and pairs", COUNT),
    ),
    Job(
        "20 epochs on IMDB, first fit",
        "training",
        (TRAINED, FIRST),
        "`MLPClassifier`",
        (MLP_TRAINED, FIRST),
    ),
    Job(
        "20 epochs on IMDB, later fits",
        "training",
        (TRAINED, LATER),
        "`MLPClassifier`",
        (MLP_TRAINED, LATER),
    ),
    Job(
        "20 epochs on IMDB, first fit",
        "training",
        (TRAINED, FIRST),
        "`keras.Model.fit`",
        ("`keras.Model.fit`, CSR", FIRST),
    ),
    Job(
        "search over 20 epochs and 4 widths",
        "search",
        (SEARCHED, "time"),
        "`GridSearchCV`",
        ("`GridSearchCV`, the same estimator", "time"),
        ("`GridSearchCV`, the same estimator", f"time / {SEARCHED}"),
    ),
    Job("predict one review", "predicting", (OURS, "time"), "`MLPClassifier`", (MLP, "time")),
    Job(
        "predict one review",
        "predicting",
        (OURS, "time"),
        "`keras.Model.predict`",
        ("Keras: `predict`, dense float32", "time"),
    ),
    Job(
        "explain one review",
        "contributions",
        ("`word_contributions`", "time of a review"),
        "LIME",
        ("LIME: `LimeTextExplainer`", "time of a review"),
    ),
    Job(
        "explain one review",
        "contributions",
        ("`word_contributions`", "time of a review"),
        "SHAP's `GradientExplainer`",
        ("SHAP: `GradientExplainer`", "time of a review"),
    ),
]


def write_summary(app):
    """Write the table, and the picture for the light and the dark theme."""
    folder = SOURCE / "generated"
    folder.mkdir(exist_ok=True)
    texts = {page: _read(page) for page in {job.page for job in JOBS}}
    found = []
    for job in JOBS:
        cells = texts[job.page]
        ours, theirs = cells[job.ours], cells[job.theirs]
        ratio = float(cells[job.ratio]) if job.ratio else _seconds(theirs) / _seconds(ours)
        found.append((job, ours, theirs, ratio))
    lines = [
        "| Job | sklearn_textnn | rival | rival / sklearn_textnn |",
        "| --- | --- | --- | --- |",
    ]
    for job, ours, theirs, ratio in found:
        lines.append(
            f"| {job.name} ([{job.page.replace('_', ' ')}](../benchmarks/{job.page}.md)) | {ours} "
            f"| {job.rival}, {theirs} | {ratio:.2f} |"
        )
    (folder / "performance.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for theme, colors in COLORS.items():
        figure = _draw(found, theme, *colors)
        figure.savefig(folder / f"performance_{theme}.png", dpi=200, transparent=True)
        plt.close(figure)


def _read(page):
    """Return the cells of the tables of a page by row and column: the first of each name."""
    lines = (SOURCE / "benchmarks" / f"{page}.md").read_text(encoding="utf-8").splitlines()
    cells, header = {}, None
    for line in lines:
        values = [value.strip() for value in line.strip("|").split("|")]
        if not line.startswith("|"):
            header = None
        elif header is None:
            header = values
        else:
            for column, value in zip(header[1:], values[1:], strict=True):
                cells.setdefault((values[0], column), value)
    return cells


def _seconds(text):
    number, unit = re.fullmatch(r"([\d.,]+) (s|ms)", text).groups()
    return float(number.replace(",", "")) * UNITS[unit]


def _draw(found, theme, strong, plain):
    """Return a figure: how many times as long each rival takes, on a logarithmic axis."""
    with plt.style.context("dark_background" if theme == "dark" else "default"):
        figure, ax = plt.subplots(figsize=(8, 0.42 * len(found) + 1), layout="constrained")
        for y, (*_, ratio) in enumerate(found):
            color = strong if ratio > 1 else plain
            ax.plot([1, ratio], [y, y], color=color, linewidth=3, solid_capstyle="butt")
            ax.plot(ratio, y, "o", color=color)
            ax.annotate(
                f"{ratio:.2g}" if ratio < 10 else f"{ratio:.0f}",
                (max(ratio, 1), y),
                xytext=(8, 0),
                textcoords="offset points",
                va="center",
            )
        ax.axvline(1, color=plain, linewidth=1)
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter("{x:g}")
        ax.minorticks_off()
        ax.margins(x=0.12)
        ax.invert_yaxis()
        rivals = (job.rival.replace("`", "") for job, *_ in found)
        labels = [f"{job.name}: {rival}" for (job, *_), rival in zip(found, rivals, strict=True)]
        ax.set_yticks(range(len(found)), labels)
        ax.set_xlabel("time of the rival, divided by that of sklearn_textnn")
        ax.tick_params(axis="y", length=0)
        ax.spines[["top", "right", "left"]].set_visible(False)
    return figure
