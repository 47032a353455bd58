"""Base of the displays that draw curves over epochs: figure, axes, dots, mark of the best epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._sklearn_compat import check_matplotlib_support
from ._legend import add_legend, add_legend_beside, is_too_long

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

# The dots of a curve of more epochs than this run into each other.
_MAX_DOTS = 50


class BaseEpochCurveDisplay:
    """Base of the displays that draw curves over epochs.

    A subclass stores its parameters, `name` among them, and calls in its `plot`:
    `_validate_plot_params` before it draws, `_mark_best` and `_finish` after it drew its curves.
    """

    ax_: Axes
    figure_: Figure | SubFigure

    def _validate_plot_params(self, *, name, line_kw):
        """Return the name before the entries of the legend, and the keywords of the lines."""
        check_matplotlib_support(f"{type(self).__name__}.plot")
        from matplotlib.cbook import normalize_kwargs
        from matplotlib.lines import Line2D

        return self.name if name is None else name, normalize_kwargs(line_kw, Line2D)

    def _axes(self, ax, **figure_kw):
        """Return axes to draw on, those of a new figure if none are given."""
        if ax is not None:
            return ax
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(**figure_kw)
        return ax

    def _dots(self, epochs):
        """Return whether a curve has room for a dot at each of its epochs."""
        return len(epochs) <= _MAX_DOTS

    def _mark_best(self, ax, epoch, value, *, color, label):
        """Draw a ring around a point of a curve and return it."""
        (mark,) = ax.plot(
            epoch,
            value,
            color=color,
            marker="o",
            markersize=11,
            markerfacecolor="none",
            markeredgewidth=2,
            linestyle="none",
            label=label,
        )
        return mark

    def _finish(self, ax, *, ylabel, room_below, legend_title=None, beside=False, widen=False):
        """Label the axes, add the legend, set `ax_` and `figure_`, and return the display.

        Parameters
        ----------
        ax : matplotlib Axes
            Axes with the curves.
        ylabel : str
            Label of the y axis.
        room_below : bool
            Whether curves leave more room below than above, which is where the legend goes.
        legend_title : str, default=None
            Title of the legend.
        beside : bool, default=False
            Whether a long legend may stand to the right of the axes.
        widen : bool, default=False
            Whether the figure may be made wider for a legend to the right.
        """
        ax.set_ylabel(ylabel)
        _set_epoch_axis(ax)
        if beside and is_too_long(ax):
            add_legend_beside(ax, widen=widen, title=legend_title)
        else:
            add_legend(ax, below=room_below, title=legend_title)
        self.ax_ = ax
        self.figure_ = ax.figure
        return self


def _set_epoch_axis(ax):
    """Put the ticks at whole epochs, with half an epoch of room on either side."""
    from matplotlib.ticker import MaxNLocator

    ax.set_xlabel("Epoch")
    ax.xaxis.set_major_locator(
        MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True, min_n_ticks=1)
    )
    # Epochs are counted from 1, so the axis must not start at 0.
    limits = [shared.dataLim for shared in ax.get_shared_x_axes().get_siblings(ax)]
    first, last = min(limit.x0 for limit in limits), max(limit.x1 for limit in limits)
    if ax.get_autoscalex_on() and 1 <= first <= last:
        ax.set_xlim(0.5, last + 0.5, auto=None)
