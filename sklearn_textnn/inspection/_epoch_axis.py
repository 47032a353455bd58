"""What the displays over epochs share: their axis, a legend beside the curves, and its entries."""

# With more epochs than this the dots of a curve run into each other.
MAX_DOTS = 50


def entry(name, what, value=None):
    """Return a legend entry, with a capital letter unless a name comes before it."""
    if name is not None:
        return f"{name}: {what}" if value is None else f"{name}: {what} {value}"
    what = what[0].upper() + what[1:]
    return what if value is None else f"{what}: {value}"


def number(value, spread=None):
    """Return a value in three digits, with the spread in as many decimals where there is one."""
    text = f"{value:#.3g}"
    if spread is None or "e" in text:
        return text
    return f"{text} ± {spread:.{len(text.partition('.')[2])}f}"


def set_epochs(ax):
    """Have whole epochs as ticks, and half an epoch of room on either side."""
    from matplotlib.ticker import MaxNLocator

    ax.set_xlabel("Epoch")
    ax.xaxis.set_major_locator(
        MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True, min_n_ticks=1)
    )
    # There is no epoch 0 to have a tick.
    limits = [shared.dataLim for shared in ax.get_shared_x_axes().get_siblings(ax)]
    first, last = min(limit.x0 for limit in limits), max(limit.x1 for limit in limits)
    if ax.get_autoscalex_on() and 1 <= first <= last:
        ax.set_xlim(0.5, last + 0.5, auto=None)


def add_legend(ax, *, below, **legend_kw):
    """Add a legend, and move a y limit further out where it finds no place beside the curves.

    Nothing moves for a legend outside the axes (`bbox_to_anchor`).
    """
    legend = ax.legend(fontsize="small", handlelength=1.8, labelspacing=0.35, **legend_kw)
    box = legend.get_window_extent()
    # Titles and the layout may still take some of the height away, and points are no thin lines.
    near = box.padded(0.08 * ax.bbox.height)
    curves = [line for line in ax.lines if line.get_transform() == ax.transData]
    paths = [line.get_path().transformed(ax.transData) for line in curves]
    height = 1.15 * box.height / ax.bbox.height
    if (
        "bbox_to_anchor" in legend_kw
        or not ax.get_autoscaley_on()
        or height > 0.6
        or not any(path.intersects_bbox(near, filled=False) for path in paths)
    ):
        return
    edge = -height / (1 - height) if below else 1 / (1 - height)
    limit = ax.transData.inverted().transform(ax.transAxes.transform((0.5, edge)))[1]
    ax.set_ylim(**{"bottom" if below else "top": limit}, auto=None)
