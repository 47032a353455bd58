"""Base of the displays that draw curves over epochs: panels, mark of the best epoch, finding."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from .._sklearn_compat import check_matplotlib_support
from ._text_in_axes import annotate_point, arrange_texts

if TYPE_CHECKING:
    from typing import Any

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure
    from numpy.typing import NDArray

# A new figure has at most this many panels.
MAX_PANELS = 12

# The id of a title that a display wrote. Another title is the user's and stays.
_FINDING = "finding: {}"
_TITLE_WIDTH = 62


class BaseEpochCurveDisplay:
    """Base of the displays that draw curves over epochs.

    A subclass stores its parameters, `name` among them, and calls in its `plot`:
    `_validate_plot_params` and `_panels` before it draws, `_mark_best` and `_state` after it
    drew its curves, and `_finish` at the end.
    """

    ax_: Axes
    axes_: NDArray[Any]
    figure_: Figure | SubFigure

    def _validate_plot_params(self, *, name, line_kw):
        """Return the name before the labels, and the keywords of the lines."""
        check_matplotlib_support(f"{type(self).__name__}.plot")
        from matplotlib.cbook import normalize_kwargs
        from matplotlib.lines import Line2D

        return self.name if name is None else name, normalize_kwargs(line_kw, Line2D)

    def _panels(self, ax, n_panels):
        """Return the axes to draw on: one of them, or one for each panel.

        One Axes of the user is for all curves. Without any, there is a new figure.
        """
        from matplotlib.axes import Axes

        if isinstance(ax, Axes):
            return [ax]
        if ax is None:
            return _new_panels(n_panels)
        panels = np.asarray(ax, dtype=object).ravel().tolist()
        if len(panels) < n_panels or not all(isinstance(panel, Axes) for panel in panels):
            raise ValueError(
                f"ax must be one matplotlib Axes, which shows all curves, or an array of at least"
                f" {n_panels} of them, one for each panel, got {ax!r}"
            )
        return panels[:n_panels]

    def _mark_best(self, ax, epoch, value, *, color, label, text):
        """Draw a ring around a point, write a text next to it, and tick its epoch."""
        (mark,) = ax.plot(
            epoch,
            value,
            color=color,
            marker="o",
            markersize=9,
            markerfacecolor="none",
            markeredgewidth=2,
            linestyle="none",
            label=label,
        )
        annotate_point(ax, epoch, value, text, color=color)
        tick_epoch(ax, epoch)
        return mark

    def _state(self, finding, *, new_figure):
        """Write what was found above the panels, unless the axes of the user have a title."""
        if len(self.axes_) > 1:
            if new_figure:
                self.figure_.suptitle(textwrap.fill(finding, _TITLE_WIDTH), fontsize="medium")
            return
        ax = self.ax_
        if not (ax.get_title() or ax.get_title("left") or ax.get_title("right")):
            ax.set_title(textwrap.fill(finding, _TITLE_WIDTH), fontsize="medium")
            ax.title.set_gid(_FINDING.format(ax.get_title()))

    def _finish(self):
        """Set the limits, place the texts, and return the display."""
        for ax in self.axes_:
            _limit_epochs(ax)
            arrange_texts(ax)
        return self


def forget_finding(ax):
    """Remove the title of an earlier display, which does not hold for a further one."""
    if ax.title.get_gid() == _FINDING.format(ax.get_title()):
        ax.set_title("")
        ax.title.set_gid(None)


def set_epoch_axis(ax):
    """Put ticks at whole epochs, and no frame where the texts at the ends of curves are."""
    from ._epoch_locator import EpochLocator

    if not isinstance(ax.xaxis.get_major_locator(), EpochLocator):
        ax.xaxis.set_major_locator(EpochLocator())
    ax.spines[["top", "right"]].set_visible(False)


def _limit_epochs(ax):
    """Leave half an epoch of room on either side."""
    # Epochs are counted from 1, so the axis must not start at 0.
    limits = [shared.dataLim for shared in ax.get_shared_x_axes().get_siblings(ax)]
    first, last = min(limit.x0 for limit in limits), max(limit.x1 for limit in limits)
    if ax.get_autoscalex_on() and 1 <= first <= last:
        ax.set_xlim(0.5, last + 0.5, auto=None)


def label_outer(panels, ylabel):
    """Label the x axes that have no panel below them, and the y axes at the left."""
    places = [panel.get_subplotspec() for panel in panels]
    for panel, place in zip(panels, places, strict=True):
        below = None if place is None else (place.rowspan.stop, place.colspan.start)
        starts = [(o.rowspan.start, o.colspan.start) for o in places if o is not None]
        if below not in starts:
            panel.set_xlabel("Epoch")
        if place is None or place.is_first_col():
            panel.set_ylabel(ylabel)


def last_of_first_row(panels):
    """Return the position of the panel at the right end of the first row."""
    places = [panel.get_subplotspec() for panel in panels]
    ends = [i for i, place in enumerate(places) if place is not None and place.is_last_col()]
    return min(ends, default=0)


def tick_epoch(ax, epoch):
    """Put a tick at an epoch."""
    ax.xaxis.get_major_locator().best.append(epoch)


def _new_panels(n_panels):
    """Return the axes of a new figure, in rows of at most three, with one y axis for all."""
    import matplotlib.pyplot as plt

    if n_panels == 1:
        _, ax = plt.subplots(layout="constrained")
        return [ax]
    n_columns = 2 if n_panels in (2, 4) else 3
    n_rows = -(-n_panels // n_columns)
    figure, grid = plt.subplots(
        n_rows,
        n_columns,
        sharey=True,
        squeeze=False,
        figsize=(0.6 + 3.2 * n_columns, 0.8 + 2.3 * n_rows),
        layout="constrained",
    )
    panels = grid.ravel().tolist()
    for panel in panels[n_panels:]:
        figure.delaxes(panel)
    return panels[:n_panels]
