"""Bars of contributions: the axes, the bars of one target, their spread and their labels."""

import numpy as np

# Both have a contrast of more than 3 to white. The bars against a target are hatched too.
_FOR, _AGAINST = "#0072B2", "#D55E00"
_MAX_LENGTH = 30


def strongest(table, n_words):
    """Select the words with the largest contributions for a target and against it.

    Parameters
    ----------
    table : dict of ndarray
        Columns of a table, with the largest ``mean`` first.
    n_words : int
        How many words to select for the target, and how many against it.

    Returns
    -------
    table : dict of ndarray
        The columns of the selected words, with the largest mean last, which is drawn at the top.
    """
    means = table["mean"]
    positive = np.flatnonzero(means > 0)[:n_words]
    negative = np.flatnonzero(means < 0)[-n_words:]
    chosen = np.concatenate([positive, negative])[::-1]
    return {key: column[chosen] for key, column in table.items()}


def axes_of_targets(ax, n_bars):
    """Return an array of axes, those of a new figure if none are given.

    Parameters
    ----------
    ax : matplotlib Axes, array-like of Axes or None
        The axes of the user.
    n_bars : list of int
        The number of bars of each target.
    """
    n_targets = len(n_bars)
    if ax is not None:
        axes = np.ravel(np.array(ax, dtype=object))
        if len(axes) != n_targets:
            raise ValueError(
                f"ax has {len(axes)} axes for {n_targets} targets. Pass one for each, or choose"
                " the targets with plot(targets=...)."
            )
        return axes
    import matplotlib.pyplot as plt

    n_columns = min(n_targets, 3)
    n_rows = -(-n_targets // n_columns)
    _, axes = plt.subplots(
        n_rows,
        n_columns,
        figsize=(4.5 * max(n_columns, 1.4), n_rows * (1 + 0.22 * max(4, *n_bars))),
        layout="constrained",
        squeeze=False,
    )
    for unused in axes.ravel()[n_targets:]:
        unused.remove()
    return axes.ravel()[:n_targets]


def draw_bars(ax, table, bar_kw, *, counts):
    """Draw a bar for each word and return the bars.

    Parameters
    ----------
    ax : matplotlib Axes
        Axes to draw on.
    table : dict of ndarray
        The words, as from `strongest`.
    bar_kw : dict
        Keywords of `barh`.
    counts : bool
        Whether to put the number of documents beside each word.
    """
    means = table["mean"]
    style = {
        "color": [_FOR if mean > 0 else _AGAINST for mean in means],
        "hatch": ["" if mean > 0 else "///" for mean in means],
        "edgecolor": "white",
        "linewidth": 0,
    }
    positions = np.arange(len(means))
    bars = ax.barh(positions, means, **{**style, **bar_kw})
    labels = [_label(term) for term in table["term"]]
    if counts:
        labels = [f"{label} ({n:,})" for label, n in zip(labels, table["count"], strict=True)]
    ax.set_yticks(positions, labels, parse_math=False)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.margins(y=0.02)
    if not len(means):
        ax.text(0.5, 0.5, "No word contributes", ha="center", transform=ax.transAxes)
    return bars


def draw_spread(ax, table):
    """Draw the lines from the first to the third quartile and return them."""
    positions = np.arange(len(table["term"]))
    return ax.hlines(positions, table["q25"], table["q75"], color="black", linewidth=1.2, zorder=3)


def _label(term):
    """Return a term as a short label, in quotes if white space could not be seen."""
    term = str(term)
    if term != term.strip() or not term.isprintable():
        term = repr(term)
    return term if len(term) <= _MAX_LENGTH else f"{term[: _MAX_LENGTH - 3]}..."
