"""Texts next to what they name: at the end of a curve, at a point, at a vertical line."""

import numpy as np

from ._colors import background

_FONT_SIZE = "small"
# Ids of texts, so that those of several displays on the same axes are placed together.
_AT_END, _AT_POINT = "end-of-curve", "best-epoch"
_LEADER = {"arrowstyle": "-", "linewidth": 0.8, "shrinkA": 0, "shrinkB": 6}

# Where the text of a point may stand, the best place first: offset in points and alignment.
_AROUND_POINT = [
    ((0, 9), "center", "bottom"),
    ((0, -9), "center", "top"),
    *[
        ((side * dx, up * dy), "left" if side > 0 else "right", "bottom" if up > 0 else "top")
        for dx, dy in [(9, 9), (16, 24), (24, 48), (32, 80)]
        for side in (1, -1)
        for up in (1, -1)
    ],
]


def label_end(line, text):
    """Write a text to the right of the last point of a curve, in its color."""
    values = np.asarray(line.get_ydata(), dtype=float)
    finite = np.flatnonzero(np.isfinite(values))
    if not len(finite):
        return
    line.axes.annotate(
        text,
        (np.asarray(line.get_xdata())[finite[-1]], values[finite[-1]]),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        color=line.get_color(),
        fontsize=_FONT_SIZE,
        gid=_AT_END,
    )


def annotate_point(ax, x, y, text, *, color):
    """Write a text about a point. `arrange_texts` then places it next to the point."""
    from matplotlib.patheffects import withStroke

    ax.annotate(
        text,
        (x, y),
        xytext=(0, 0),
        textcoords="offset points",
        color=color,
        fontsize=_FONT_SIZE,
        arrowprops={**_LEADER, "color": color},
        gid=_AT_POINT,
        # To be read where thin curves run below it.
        path_effects=[withStroke(linewidth=2.5, foreground=background(ax))],
    )


def annotate_vertical(ax, x, text, *, color):
    """Write a text next to a vertical line, above or below the curves."""
    annotation = ax.annotate(
        text,
        (x, 1),
        xycoords=ax.get_xaxis_transform(),
        xytext=(0, 0),
        textcoords="offset points",
        color=color,
        fontsize=_FONT_SIZE,
    )
    _update_limits(ax)
    ends = {y: ax.get_xaxis_transform().transform((x, y)) for y in (1, 0)}
    places = [
        (ends[y], (side * 5, -5 if y else 5), "left" if side > 0 else "right", va)
        for y, va in [(1, "top"), (0, "bottom")]
        for side in (1, -1)
    ]
    annotation.xy = (x, 1 if _place(annotation, places) < 2 else 0)


def arrange_texts(ax):
    """Place the texts of all displays on the axes so that they cover neither curves nor texts."""
    _update_limits(ax)
    _spread_ends(ax)
    for annotation in [text for text in ax.texts if text.get_gid() == _AT_POINT]:
        anchor = ax.transData.transform(annotation.xy)
        _place(annotation, [(anchor, *place) for place in _AROUND_POINT])
        # No leader to a text next to its point.
        annotation.arrow_patch.set_visible(abs(annotation.xyann[1]) > 16)


def _spread_ends(ax):
    """Move the texts at the ends of curves apart, where they would cover each other."""
    from sklearn.isotonic import isotonic_regression

    texts = [text for text in ax.texts if text.get_gid() == _AT_END]
    if not texts:
        return
    points_per_pixel = 72 / ax.figure.dpi
    heights = np.array([ax.transData.transform(text.xy)[1] for text in texts]) * points_per_pixel
    order = np.argsort(heights, kind="stable")
    # Sorted, with a line of text between neighbours, and as near to the curves as possible.
    lines = 1.15 * texts[0].get_fontsize() * np.arange(len(texts))
    moved = isotonic_regression(heights[order] - lines) + lines
    for i, height in zip(order, moved, strict=True):
        texts[i].xyann = (6, height - heights[i])


def _place(annotation, places):
    """Move a text to the place with the fewest faults, and return the position in the list."""
    from matplotlib.text import Text

    ax = annotation.axes
    width, height = Text.get_window_extent(annotation).size  # without the leader
    curves = [
        # Thin curves may be covered more readily than those that are the subject.
        (line.get_path().transformed(line.get_transform()), 0.5 if line.get_zorder() < 2 else 4)
        for line in ax.lines
    ]
    others = [text.get_window_extent() for text in ax.texts if text is not annotation]
    boxes = [_box(*place, width, height, ax.figure.dpi / 72) for place in places]
    faults = [_faults(box, ax, curves, others) for box in boxes]
    chosen = int(np.argmin(faults))
    _, annotation.xyann, ha, va = places[chosen]
    annotation.set(ha=ha, va=va)
    return chosen


def _box(anchor, offset, ha, va, width, height, pixels_per_point):
    """Return the box of a text at an offset from an anchor."""
    from matplotlib.transforms import Bbox

    x, y = np.asarray(anchor) + np.asarray(offset) * pixels_per_point
    x -= {"left": 0, "center": width / 2, "right": width}[ha]
    y -= {"bottom": 0, "top": height}[va]
    return Bbox.from_bounds(x, y, width, height)


def _faults(box, ax, curves, others):
    """Return how bad it is to write there: outside of the axes, on texts, on curves."""
    near = box.padded(2)
    is_outside = not (
        ax.bbox.x0 <= box.x0
        and box.x1 <= ax.bbox.x1
        and ax.bbox.y0 <= box.y0
        and box.y1 <= ax.bbox.y1
    )
    covered = sum(weight for curve, weight in curves if curve.intersects_bbox(near, filled=False))
    return 20 * is_outside + 5 * sum(near.overlaps(other) for other in others) + covered


def _update_limits(ax):
    """Let matplotlib compute limits that it has put off, which `transData` does not ask for."""
    ax.get_xlim()
    ax.get_ylim()
