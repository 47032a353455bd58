"""The legend of a display: what its entries say, and where it stands."""

import textwrap

# A legend with more entries than this covers too much of the axes.
_MAX_ENTRIES_INSIDE = 6
_MAX_VALUE_LENGTH = 60


def legend_entry(name, text, value=None):
    """Return the text of an entry, capitalized unless the name of a display precedes it."""
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
    return [
        ", ".join(f"{short[key]}={text[key]}" for key in differing if key in text)
        or ("Mean" if len(params) == 1 else "As given")
        for text in texts
    ]


def _one_line(value):
    """Return a value as one short line."""
    text = f"{value:g}" if isinstance(value, float) else " ".join(str(value).split())
    return textwrap.shorten(text, _MAX_VALUE_LENGTH, placeholder=" ...")


def add_legend(ax, *, below, title=None):
    """Add a legend inside the axes, and extend the y axis where it would cover the curves.

    Parameters
    ----------
    ax : matplotlib Axes
        Axes with the curves.
    below : bool
        Whether to extend the y axis downwards instead of upwards.
    title : str, default=None
        Title of the legend.
    """
    legend = _legend(ax, title)
    box = legend.get_window_extent()
    # With a margin: titles and the layout may still shrink the axes.
    height = 1.15 * box.height / ax.bbox.height
    if not ax.get_autoscaley_on() or height > 0.6 or not _covers_a_curve(ax, box):
        return
    edge = -height / (1 - height) if below else 1 / (1 - height)
    limit = ax.transData.inverted().transform(ax.transAxes.transform((0.5, edge)))[1]
    ax.set_ylim(**{"bottom" if below else "top": limit}, auto=None)


def add_legend_beside(ax, *, widen, title=None):
    """Add a legend to the right of the axes.

    Parameters
    ----------
    ax : matplotlib Axes
        Axes with the curves.
    widen : bool
        Whether to make the figure wider for it.
    title : str, default=None
        Title of the legend.
    """
    if widen:
        ax.figure.set_figwidth(1.4 * ax.figure.get_figwidth())
    _legend(ax, title, loc="upper left", bbox_to_anchor=(1, 1))


def is_too_long(ax):
    """Return whether there are too many labels for a legend inside the axes."""
    return len(ax.get_legend_handles_labels()[1]) > _MAX_ENTRIES_INSIDE


def _legend(ax, title, **place):
    return ax.legend(
        title=title,
        title_fontsize="small",
        fontsize="small",
        handlelength=1.8,
        labelspacing=0.35,
        **place,
    )


def _covers_a_curve(ax, box):
    """Return whether a box covers or almost touches a curve; dots are wider than lines."""
    near = box.padded(0.08 * ax.bbox.height)
    curves = [line for line in ax.lines if line.get_transform() == ax.transData]
    paths = [line.get_path().transformed(ax.transData) for line in curves]
    return any(path.intersects_bbox(near, filled=False) for path in paths)
