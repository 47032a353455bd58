"""Which model for which text? Accuracy, time and memory of everything a practitioner would pick.

Each contender is tuned on the same fifth of the training documents: the settings with the best
accuracy (for several topics, micro-averaged F1) there are taken. With them the contender is trained
on all training documents, and scored on the test documents, in a process of its own for each round,
which is also the seed. The contenders take turns.

All of it takes hours. What is found is kept in build/comparison.json, so that a run which was cut
off goes on from there; delete the file to tune and to measure anew.

    python benchmarks/bench_comparison.py [number of rounds, default 5] [corpora, default all]
"""

import json
import re
import sys
import warnings
from importlib.metadata import PackageNotFoundError, distribution
from time import perf_counter

import matplotlib
import numpy as np
from _contenders import CONTENDERS, recipe, search_class
from _corpora import CORPORA, DESCRIPTIONS, kind_of, validation_fold
from _report import ROOT, Report, in_child, median_of, peak_megabytes, rounds_given
from sklearn.metrics import accuracy_score, f1_score, log_loss

TIMES = "seconds"
SHOWN = 0.07  # the axis of a panel shows scores that are at most so far below the best
TICKS = (0.1, 0.3, 1, 3, 10, 30, 100, 300, 1_000)  # seconds


def tune(corpus, name):
    """Return the best settings on the validation rows; None where the contender cannot learn."""
    documents, y, _, _ = CORPORA[corpus]()
    contender, _ = CONTENDERS[name]
    made = contender(kind_of(documents, y), 0)
    if made is None:
        return None
    estimator, grid = made
    search = search_class(contender)(
        estimator,
        grid,
        scoring="f1_micro" if y.ndim == 2 else "accuracy",
        cv=validation_fold(y),
        refit=False,  # settings that fail, such as large learning rates of fastText, rank last
    ).fit(documents, y)
    return search.best_params_


class Kept:
    """The settings and the rounds of each contender on each corpus, in a file."""

    def __init__(self):
        self._path = ROOT / "build" / "comparison.json"
        self._results = {}
        if self._path.exists():
            self._results = json.loads(self._path.read_text(encoding="utf-8"))

    def once(self, *arguments):
        """Return what this script says when it is called with these arguments."""
        key = " | ".join(arguments)
        if key not in self._results:
            self._results[key] = in_child(*arguments)
            self._path.parent.mkdir(exist_ok=True)
            self._path.write_text(json.dumps(self._results, indent=1), encoding="utf-8")
        return self._results[key]


def measure(corpus, name, seed, chosen):
    """Return what the page says about one training on all training documents."""
    documents, y, documents_test, y_test = CORPORA[corpus]()
    contender, _ = CONTENDERS[name]
    estimator, _ = contender(kind_of(documents, y), seed)
    estimator.set_params(
        **{key: tuple(v) if isinstance(v, list) else v for key, v in chosen.items()}
    )
    if "sklearn_textnn" in name or "scikeras" in name:
        import keras  # noqa: F401, so that the fit does not import it
    start = perf_counter()
    estimator.fit(documents, y)
    result = {TIMES: perf_counter() - start}
    start = perf_counter()
    predicted = estimator.predict(documents_test)
    result["milliseconds"] = (perf_counter() - start) / len(documents_test) * 1e3
    result["memory"] = peak_megabytes()
    if y.ndim == 2:
        result["score"] = f1_score(y_test, predicted, average="micro", zero_division=0)
        result["macro"] = f1_score(y_test, predicted, average="macro", zero_division=0)
    else:
        result["score"] = accuracy_score(y_test, predicted)
    result["log loss"] = loss_of(estimator, documents_test, y_test)
    return result


def loss_of(estimator, documents, y):
    """Return the log loss, for several topics its mean over the topics; None without one."""
    if not hasattr(estimator, "predict_proba"):
        return None
    probabilities = estimator.predict_proba(documents)
    if y.ndim == 1:
        return log_loss(y, probabilities, labels=estimator.classes_)
    if isinstance(probabilities, list):  # one array for each topic
        return None
    tiny = np.finfo(probabilities.dtype).eps  # as in `log_loss`
    probabilities = np.clip(probabilities, tiny, 1 - tiny)
    return float(-np.log(np.where(y == 1, probabilities, 1 - probabilities)).mean())


def installed_megabytes(packages):
    """Return the size of packages and of all that they need, as it is installed here."""
    seen, open_names = set(), list(packages)
    while open_names:
        name = re.sub(r"[-_.]+", "-", open_names.pop()).lower()
        if name in seen:
            continue
        try:
            requirements = distribution(name).requires or []
        except PackageNotFoundError:  # for another system or version of Python
            continue
        seen.add(name)
        for requirement in requirements:
            if "extra ==" not in requirement:
                open_names.append(re.match(r"[\w.-]+", requirement).group())
    files = (file.locate() for name in seen for file in distribution(name).files or ())
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6


def draw(results):
    """Return a figure with a panel for each corpus: score against seconds."""
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    n_columns = min(3, len(results))
    n_lines = -(-len(results) // n_columns)
    figure, panels = plt.subplots(
        n_lines, n_columns, figsize=(4.2 * n_columns, 3.6 * n_lines + 1.1), squeeze=False
    )
    for panel, (corpus, of_corpus) in zip(panels.flat, results.items(), strict=False):
        draw_panel(panel, corpus, of_corpus)
    for panel in panels.flat[len(results) :]:
        panel.set_axis_off()
    entries = {}  # by label, since not every contender is in every panel
    for panel in panels.flat:
        entries |= dict(zip(*reversed(panel.get_legend_handles_labels()), strict=True))
    figure.legend(entries.values(), entries, loc="lower center", ncols=3, frameon=False)
    figure.tight_layout(rect=(0, 0.9 / figure.get_size_inches()[1], 1, 1))
    return figure


def draw_panel(panel, corpus, of_corpus):
    """Draw the contenders of a corpus. An arrow at the lower edge stands for a lower score."""
    from matplotlib import pyplot as plt

    markers = dict(zip(CONTENDERS, "XsDv^<>ophPo", strict=True))
    colors = dict(zip(CONTENDERS, plt.get_cmap("tab20").colors, strict=False))
    scores = {name: mean_of(rounds, "score") for name, (_, rounds) in of_corpus.items()}
    highest = max(scores.values())
    lowest, n_lower = highest - SHOWN, 0
    for name, (_, rounds) in of_corpus.items():
        if name == "most frequent class":
            continue
        ours, best = "sklearn_textnn" in name, "recipe" in name
        seconds = median_of(rounds, TIMES)
        if scores[name] < lowest:
            panel.annotate(
                f"\u2193 {scores[name]:.2f}",
                (seconds, lowest),
                xytext=(0, (7, 19)[n_lower % 2]),  # neighbors at two heights
                textcoords="offset points",
                ha="center",
                fontsize="small",
            )
            n_lower += 1
        panel.scatter(
            seconds,
            max(scores[name], lowest),
            s=130 if best else 55,
            marker="*" if best else markers[name],
            color=("#d55e00" if best else "#e69f00") if ours else colors[name],
            label=name.replace("`", ""),
            zorder=3 if ours else 2,
            clip_on=False,
        )
    panel.set_ylim(lowest, highest + SHOWN / 15)
    panel.set_xscale("log")
    left, right = panel.get_xlim()
    panel.set_xticks([tick for tick in TICKS if left <= tick <= right])
    panel.xaxis.set_major_formatter("{x:g}")
    panel.minorticks_off()
    panel.set_title(corpus)
    panel.grid(alpha=0.3)
    panel.set_xlabel("seconds from text to fitted model")
    panel.set_ylabel("micro-F1" if corpus == "Reuters" else "accuracy")


def mean_of(rounds, key):
    return float(np.mean([result[key] for result in rounds]))


def row(name, settings, rounds, several):
    """Return the row of a contender in the table of a corpus."""
    scores = [result["score"] for result in rounds]
    spread = f" ± {np.std(scores):.3f}" if np.ptp(scores) > 0 else ""
    loss = rounds[0]["log loss"]
    chosen = ", ".join(f"{key.rpartition('__')[2]}={value}" for key, value in settings.items())
    return (
        name,
        f"{np.mean(scores):.3f}{spread}",
        *([f"{mean_of(rounds, 'macro'):.3f}"] if several else []),
        "" if loss is None else f"{mean_of(rounds, 'log loss'):.3f}",
        f"{median_of(rounds, TIMES):,.1f}",
        f"{median_of(rounds, 'memory'):,.0f}",
        f"{median_of(rounds, 'milliseconds'):.3f}",
        chosen.replace("|", "\\|"),
    )


def sentence(corpus, of_corpus):
    """Return in words who is best on a corpus, and how the recipe does."""
    ours = next(name for name in of_corpus if CONTENDERS[name][0] is recipe)
    scores = {name: mean_of(rounds, "score") for name, (_, rounds) in of_corpus.items()}
    rival = max((name for name in scores if "sklearn_textnn" not in name), key=scores.get)
    difference = scores[ours] - scores[rival]
    times = {name: median_of(of_corpus[name][1], TIMES) for name in (ours, rival)}
    if abs(difference) < 0.0005:
        how = "as good as"
    else:
        how = f"{'better' if difference > 0 else 'worse'} by {abs(difference):.3f} than"
    advice = f" Take {rival} for such texts." if how.startswith("worse") else ""
    return (
        f"On {corpus} the recipe is {how} the best rival, {rival}, and takes "
        f"{times[ours] / times[rival]:.1f} times its time to train.{advice}"
    )


def main(n_rounds, corpora):
    report = Report(
        "Accuracy against time",
        "scikit-learn",
        "tensorflow",
        "keras",
        "scikeras",
        "fasttext-community",
        "skrub",
        rounds=n_rounds,
        data=[DESCRIPTIONS[corpus] for corpus in corpora],
    )
    results = {}
    kept = Kept()
    settings_of = {
        corpus: {name: kept.once("tune", corpus, name) for name in CONTENDERS} for corpus in corpora
    }
    for corpus, chosen in settings_of.items():
        chosen = {name: settings for name, settings in chosen.items() if settings is not None}
        rounds = {name: [] for name in chosen}
        for seed in range(n_rounds):
            for name, settings in chosen.items():
                arguments = ("measure", corpus, name, str(seed), json.dumps(settings))
                rounds[name].append(kept.once(*arguments))
        results[corpus] = {name: (chosen[name], rounds[name]) for name in chosen}
    report.text(
        "Each contender is tuned on the same fifth of the training documents, and then trained on "
        "all of them with what was chosen. The scores are means over the rounds, each with its own "
        "seed, ± their standard deviation where there is one. “Train” is the time from text to "
        "fitted model with the chosen settings, without imports. Memory is the peak of the process "
        "that trains and predicts, data included. In the picture, an arrow at the lower edge of a "
        "panel gives a score that is too low for it."
    )
    report.figure(
        draw(results), "comparison.png", "Accuracy against seconds to train, on each corpus"
    )
    for corpus, of_corpus in results.items():
        several = corpus == "Reuters"
        report.text(f"## {corpus}")
        report.text(sentence(corpus, of_corpus))
        report.table(
            (
                "",
                *(("micro-F1", "macro-F1") if several else ("accuracy",)),
                "log loss",
                "train, s",
                "memory, MB",
                "predict, ms a document",
                "chosen",
            ),
            [row(name, *found, several) for name, found in of_corpus.items()],
        )
    report.text("## Installed size")
    sizes = {packages: installed_megabytes(packages) for _, packages in CONTENDERS.values()}
    report.table(
        ("package", "with what it needs"),
        [(" and ".join(packages), f"{size:,.0f} MB") for packages, size in sizes.items()],
    )
    report.write()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if sys.argv[1:2] == ["tune"]:
        print(json.dumps(tune(*sys.argv[2:]), default=int))
    elif sys.argv[1:2] == ["measure"]:
        print(json.dumps(measure(*sys.argv[2:4], int(sys.argv[4]), json.loads(sys.argv[5]))))
    else:
        main(rounds_given(), sys.argv[2:] or list(CORPORA))
