"""The words in the pictures of a display: names of curves, scores, entries of a legend."""

import textwrap

_MAX_VALUE_LENGTH = 60


def legend_entry(name, text, value=None):
    """Return the label of what is drawn, capitalized unless the name of a display precedes it."""
    if name is not None:
        return f"{name}: {text}" if value is None else f"{name}: {text} {value}"
    text = text[0].upper() + text[1:]
    return text if value is None else f"{text}: {value}"


def format_score(score, std=None):
    """Return a score in three digits, and its standard deviation with as many decimals."""
    text = f"{score:#.3g}"
    if std is None or "e" in text:
        return text
    return f"{text} ± {std:.{len(text.partition('.')[2])}f}"


def curve_labels(params):
    """Return a label for each curve, which names the parameters in which the curves differ."""
    keys = dict.fromkeys(key for of_curve in params for key in of_curve)
    texts = [{key: _one_line(value) for key, value in of_curve.items()} for of_curve in params]
    differing = [key for key in keys if len({text.get(key) for text in texts}) > 1]
    # The name of the pipeline step is left out where the parameter's own name is unique.
    ends = [key.rpartition("__")[2] for key in keys]
    short = {key: end if ends.count(end) == 1 else key for key, end in zip(keys, ends, strict=True)}
    labels = [
        ", ".join(f"{short[key]}={text[key]}" for key in differing if key in text)
        or ("Mean" if len(params) == 1 else "As given")
        for text in texts
    ]
    return [
        label if labels.count(label) == 1 else f"{label} ({labels[: i + 1].count(label)})"
        for i, label in enumerate(labels)
    ]


def _one_line(value):
    """Return a value as one short line."""
    text = f"{value:g}" if isinstance(value, float) else " ".join(str(value).split())
    text = text.replace("$", r"\$")  # else matplotlib reads what is between two of them as math
    return textwrap.shorten(text, _MAX_VALUE_LENGTH, placeholder=" ...")
