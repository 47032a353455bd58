"""EpochSearchDisplay: the scores of a search over epochs."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np
from sklearn.utils import check_consistent_length

from .._sklearn_compat import check_matplotlib_support
from ._colors import GREY, next_color
from ._epoch_curves import (
    MAX_PANELS,
    BaseEpochCurveDisplay,
    forget_finding,
    label_outer,
    set_epoch_axis,
)
from ._inner_estimators import search_with_epoch_scores
from ._labels import curve_labels, format_score, legend_entry
from ._search_curves import search_curves
from ._text_in_axes import label_end

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Literal

    from matplotlib.axes import Axes
    from matplotlib.collections import Collection
    from matplotlib.lines import Line2D
    from numpy.typing import ArrayLike, NDArray
    from pandas import DataFrame
    from sklearn.base import BaseEstimator
    from typing_extensions import Self

# On one Axes at most this many curves have a color and a name: matplotlib's default cycle has five
# colors that can be seen on white.
_MAX_NAMED = 5
# Wider titles of panels are broken into lines.
_PANEL_WIDTH = 34


class EpochSearchDisplay(BaseEpochCurveDisplay):
    """Mean score over the epochs, for each combination of the other parameters of a search.

    It is recommended to use :meth:`from_estimator` to create a display. All parameters are
    stored as attributes.

    Parameters
    ----------
    epochs : list of array-like of shape (n_epochs,)
        The epochs of each curve.

    scores : list of array-like of shape (n_epochs, n_splits)
        The scores of each curve, after each epoch and on each split. If one of the scores is
        NaN, so is their mean, as in ``cv_results_``, and the curve has a gap.

    params : list of dict, default=None
        The parameters of each curve, without the epochs. The labels give those in which the
        curves differ. None is for a single curve without other parameters.

    best : tuple of int, (curve, epoch), default=None
        The winner: the position of its curve in `scores`, and its epoch. None if there is no
        winner to mark.

    best_by : str, default=None
        The score by which the winner was chosen, if it is not `score_name`.

    score_name : str, default="score"
        The name of the scores.

    subset : {"test", "train"}, default="test"
        The rows of each split that were scored.

    name : str, default=None
        A name to put before each label, which tells displays on the same axes apart. None puts
        nothing there.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the curves. With panels, the axes of the winner or, without a winner, of the
        highest curve.

    axes_ : ndarray of matplotlib Axes
        All axes: `ax_` alone, or those of all panels.

    figure_ : matplotlib Figure
        Figure containing the curves.

    lines_ : list of matplotlib Line2D
        The mean of each curve over the splits.

    spreads_ : list of matplotlib Collection or None
        The band of one standard deviation on either side of the mean, for each curve. For a
        curve of one epoch, a vertical line. None for a curve without a panel, on one Axes for
        all but the winner or the highest curve, and for every curve of a search with one split.

    best_marker_ : matplotlib Line2D or None
        The ring at the winner, if it has a score.

    See Also
    --------
    EpochGridSearchCV : Searches over epochs, and computes the scores.
    TrainingCurveDisplay : Loss or accuracy over the epochs of one fit or of several folds.

    Notes
    -----
    A new figure has a panel for each curve, with the other curves thin and grey behind it. With
    more than twelve curves, the winner's and those that reach the highest mean scores have a
    panel. Pass an Axes to draw all curves there: the winner's thick and with its band, and the
    highest of the others, five in all, with a color and their names at the end, where
    ``layout="constrained"`` of the figure makes room for them. :meth:`frame` has all curves.

    The title says which curve is best and at which epoch. It is not written over a title of
    yours. There is no legend, but ``display.ax_.legend()`` adds one.

    Examples
    --------
    >>> from sklearn_textnn import EpochSearchDisplay
    >>> display = EpochSearchDisplay(
    ...     epochs=[[1, 2, 3], [1, 2, 3]],
    ...     scores=[[[0.7, 0.6], [0.9, 0.8], [0.8, 0.8]], [[0.6, 0.5], [0.7, 0.6], [0.8, 0.7]]],
    ...     params=[{"units": 16, "l2": 0.0}, {"units": 4, "l2": 0.0}],
    ...     best=(0, 2),
    ... )
    >>> display.frame().columns.to_list()
    ['param_units', 'param_l2', 'epoch', 'mean', 'std']
    >>> [line.get_label() for line in display.plot().lines_]
    ['units=16', 'units=4']
    >>> display.best_marker_.get_label()
    'Best: epoch 2 (0.850 ± 0.050)'
    """

    lines_: list[Line2D]
    spreads_: list[Collection | None]
    best_marker_: Line2D | None

    def __init__(
        self,
        *,
        epochs: Sequence[ArrayLike],
        scores: Sequence[ArrayLike],
        params: Sequence[dict[str, Any]] | None = None,
        best: tuple[int, int] | None = None,
        best_by: str | None = None,
        score_name: str = "score",
        subset: Literal["test", "train"] = "test",
        name: str | None = None,
    ) -> None:
        self.epochs = epochs
        self.scores = scores
        self.params = params
        self.best = best
        self.best_by = best_by
        self.score_name = score_name
        self.subset = subset
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        *,
        metric: str | None = None,
        subset: Literal["test", "train"] = "test",
        name: str | None = None,
        ax: Axes | Sequence[Axes] | NDArray[Any] | None = None,
        line_kw: dict[str, Any] | None = None,
        fill_between_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the scores of a fitted search over epochs.

        Parameters
        ----------
        estimator : estimator instance
            A fitted :class:`EpochGridSearchCV`, :class:`EpochRandomizedSearchCV`,
            :class:`EpochHalvingSearchCV` or :class:`EpochHalvingRandomSearchCV`, or a fitted
            :class:`~sklearn.pipeline.Pipeline` whose last step is one.

        metric : str, default=None
            The metric to draw, for a search with several metrics. None draws the metric that
            chose the winner (``refit``) or, if there is none, the first one.

        subset : {"test", "train"}, default="test"
            The rows of each split that were scored. ``"train"`` needs a search with
            ``return_train_score=True``.

        name : str, default=None
            A name to put before each label.

        ax : matplotlib Axes or array of Axes, default=None
            Axes to draw on, as for :meth:`plot`. None creates a new figure.

        line_kw : dict, default=None
            Keyword arguments for ``matplotlib.axes.Axes.plot``, for all curves.

        fill_between_kw : dict, default=None
            Keyword arguments for ``matplotlib.axes.Axes.fill_between``, for all bands.

        Returns
        -------
        display : EpochSearchDisplay
            The display, with the curves drawn.

        Raises
        ------
        ValueError
            If the search has no scores of `metric` or of `subset`, or did not search an
            estimator with epochs.
        TypeError
            If the estimator is not a search over epochs and does not end in one.

        Notes
        -----
        The winner is the candidate ``best_index_``. It is marked on the curve of any metric. If
        another metric chose it, the title says so. A search over several metrics with
        ``refit=False`` has no winner.
        """
        check_matplotlib_support(f"{cls.__name__}.from_estimator")
        search, scores = search_with_epoch_scores(estimator)
        curves = search_curves(search, scores, metric=metric, subset=subset)
        display = cls(**curves, subset=subset, name=name)
        return display.plot(ax, line_kw=line_kw, fill_between_kw=fill_between_kw)

    def frame(self) -> DataFrame:
        """Return the numbers as a table.

        Returns
        -------
        frame : pandas DataFrame
            One row for each curve and epoch. The columns are ``param_<name>`` for each of the
            parameters, with NaN where a curve does not have it, ``epoch``, and the ``mean`` and
            the standard deviation ``std`` of the scores over the splits.
        """
        import pandas as pd

        rows = [
            {f"param_{key}": value for key, value in params.items()}
            | {"epoch": epoch, "mean": values.mean(), "std": values.std()}
            for epochs, scores, params in self._curves()
            for epoch, values in zip(epochs, scores, strict=True)
        ]
        names = dict.fromkeys(key for row in rows for key in row if key.startswith("param_"))
        return pd.DataFrame(rows, columns=[*names, "epoch", "mean", "std"])

    def plot(
        self,
        ax: Axes | Sequence[Axes] | NDArray[Any] | None = None,
        *,
        name: str | None = None,
        line_kw: dict[str, Any] | None = None,
        fill_between_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes or array of Axes, default=None
            Axes to draw on. One Axes shows all curves. An array of Axes has one for each curve,
            at most twelve. None creates a new figure with such panels.

        name : str, default=None
            A name to put before each label. None uses `name` of the display.

        line_kw : dict, default=None
            Keyword arguments for ``matplotlib.axes.Axes.plot``, for all curves.

        fill_between_kw : dict, default=None
            Keyword arguments for ``matplotlib.axes.Axes.fill_between``, for all bands.

        Returns
        -------
        display : EpochSearchDisplay
            The display itself, with the attributes of what was drawn.

        Raises
        ------
        ValueError
            If the arrays of the display do not belong together, or if `ax` is an array with too
            few Axes.
        """
        name, line_kw = self._validate_plot_params(name=name, line_kw=line_kw)
        from matplotlib.cbook import normalize_kwargs
        from matplotlib.collections import PolyCollection

        fill_between_kw = normalize_kwargs(fill_between_kw, PolyCollection)
        curves = self._curves()
        n_panels = min(len(curves), MAX_PANELS)
        self.axes_ = np.array(self._panels(ax, n_panels), dtype=object)
        named = self._highest(curves, _MAX_NAMED if len(self.axes_) < n_panels else n_panels)
        chosen = self._highest(curves, 1)[0]
        is_in_panels = len(self.axes_) > 1
        self.ax_ = self.axes_[named.index(chosen) if is_in_panels else 0]
        self.figure_ = self.ax_.figure
        is_first = not self.ax_.lines
        forget_finding(self.ax_)
        labels = self._labels(curves, named, name)
        self.lines_, self.spreads_ = [None] * len(curves), [None] * len(curves)
        style = {"line_kw": line_kw, "fill_between_kw": fill_between_kw}
        if is_in_panels:
            self._draw_in_panels(curves, named, labels, style)
        else:
            self._draw_on_one(curves, named, chosen, labels, style)
        for panel in self.axes_:
            set_epoch_axis(panel)
        self._label_axes([labels[curve] for curve in named], curves[0][1].shape[1])
        if is_in_panels:
            self._mark_highest(curves, named)
            self.ax_.title.set_fontweight("bold")
        self.best_marker_ = self._draw_winner(curves, name)
        if is_first and self.best_marker_ is not None:
            self._state(self._finding(curves, name, labels), new_figure=ax is None)
        return self._finish()

    def _draw_in_panels(self, curves, named, labels, style):
        """Draw each curve in a panel, in front of all others, and keep lines and spreads."""
        for panel, curve in zip(self.axes_, named, strict=True):
            for other, (epochs, scores, _) in enumerate(curves):
                if other == curve:
                    continue
                line = _draw_mean(panel, epochs, scores, _behind("_other"))
                if other not in named and self.lines_[other] is None:
                    self.lines_[other] = line
                    line.set(label=labels[other], **style["line_kw"])
            front = {"color": next_color(panel), "linewidth": 2.2, "label": labels[curve]}
            self._draw_curve(panel, curve, curves, front, style, spread=True)

    def _draw_on_one(self, curves, named, chosen, labels, style):
        """Draw all curves on one Axes, the chosen one strong, and keep lines and spreads."""
        for curve, (epochs, scores, _) in enumerate(curves):
            if curve in named:
                width = 2.2 if curve == chosen else 1.2
                front = {"color": next_color(self.ax_), "linewidth": width, "label": labels[curve]}
                self._draw_curve(self.ax_, curve, curves, front, style, spread=curve == chosen)
                if len(curves) > 1:
                    label_end(self.lines_[curve], labels[curve])
            else:
                behind = _behind(labels[curve]) | style["line_kw"]
                self.lines_[curve] = _draw_mean(self.ax_, epochs, scores, behind)

    def _draw_curve(self, ax, curve, curves, front, style, *, spread):
        """Draw a curve with a name, and its band if asked for."""
        epochs, scores, _ = curves[curve]
        line = self.lines_[curve] = _draw_mean(ax, epochs, scores, front | style["line_kw"])
        if spread and scores.shape[1] > 1:
            band = {"color": line.get_color(), "alpha": 0.2, **style["fill_between_kw"]}
            self.spreads_[curve] = _draw_spread(ax, epochs, scores, band)

    def _label_axes(self, labels, n_splits):
        """Write what the axes and the panels show."""
        ylabel = f"{self.subset} {_in_words(self.score_name)}".capitalize()
        if len(self.axes_) == 1:
            splits = f", mean of {n_splits} splits" if n_splits > 1 else ""
            self.ax_.set(xlabel="Epoch", ylabel=ylabel + splits)
            return
        for panel, label in zip(self.axes_, labels, strict=True):
            panel.set_title(textwrap.fill(label, _PANEL_WIDTH), fontsize="small")
        label_outer(self.axes_, ylabel)

    def _labels(self, curves, named, name):
        """Return the labels of the curves. Those without a name share one entry of a legend."""
        labels = curve_labels([params for *_, params in curves])
        for curve, (_, scores, _) in enumerate(curves):
            if np.isnan(scores.mean(axis=1)).all():
                labels[curve] += " (failed)"
        labels = labels if name is None else [f"{name}: {label}" for label in labels]
        others = [curve for curve in range(len(curves)) if curve not in named]
        for curve in others:
            labels[curve] = "_other"  # not in a legend
        if others:
            labels[others[0]] = legend_entry(name, f"{len(others)} others")
        return labels

    def _curves(self):
        """Return the epochs, scores and parameters of each curve, as arrays and dict."""
        params = [{}] * len(self.scores) if self.params is None else self.params
        check_consistent_length(self.epochs, self.scores, params)
        if len(params) == 0:
            raise ValueError("scores must hold the scores of at least one curve, got none")
        curves = [
            (np.asarray(epochs), np.asarray(scores, dtype=float), others)
            for epochs, scores, others in zip(self.epochs, self.scores, params, strict=True)
        ]
        for curve, (epochs, scores, _) in enumerate(curves):
            if scores.ndim != 2 or len(scores) != len(epochs):
                raise ValueError(
                    f"curve {curve} has {len(epochs)} epochs, so its scores must have the shape"
                    f" ({len(epochs)}, n_splits), got {scores.shape}"
                )
        if self.best is not None:
            curve, epoch = self.best
            if not (0 <= curve < len(curves) and epoch in curves[curve][0]):
                raise ValueError(
                    f"best must be the position of a curve and one of its epochs, got {self.best!r}"
                )
        return curves

    def _highest(self, curves, n_curves):
        """Return the positions of the winner's curve and of the highest ones, in their order."""
        peaks = [np.nan_to_num(scores.mean(axis=1), nan=-np.inf).max() for _, scores, _ in curves]
        if self.best is not None:
            peaks[self.best[0]] = np.inf
        return sorted(np.argsort(np.negative(peaks), kind="stable")[:n_curves].tolist())

    def _mark_highest(self, curves, named):
        """Mark the highest score in the panel of each curve but the winner's."""
        for panel, curve in zip(self.axes_, named, strict=True):
            epochs, scores, _ = curves[curve]
            mean = scores.mean(axis=1)
            if np.isnan(mean).all() or (self.best is not None and curve == self.best[0]):
                continue
            epoch, score = int(epochs[np.nanargmax(mean)]), float(np.nanmax(mean))
            color = self.lines_[curve].get_color()
            text = f"epoch {epoch}: {format_score(score)}"
            mark = self._mark_best(panel, epoch, score, color=color, label="_highest", text=text)
            mark.set(markersize=5, markeredgewidth=1)

    def _draw_winner(self, curves, name):
        """Mark the winner and return the mark, or None if it has no score."""
        score = self._winning_score(curves)
        if score is None:
            return None
        curve, epoch = self.best
        mean, text = score
        best = "best" if self.best_by is None else f"best by {_in_words(self.best_by)}"
        return self._mark_best(
            self.ax_,
            epoch,
            mean,
            color=self.lines_[curve].get_color(),
            label=legend_entry(name, best, f"epoch {epoch} ({text})"),
            text=f"epoch {epoch}: {text}",
        )

    def _winning_score(self, curves):
        """Return the winner's mean score, and it as a text with the deviation, or None."""
        if self.best is None:
            return None
        curve, epoch = self.best
        epochs, scores, _ = curves[curve]
        scores = scores[epochs == epoch][0]
        if np.isnan(scores.mean()):
            return None
        return scores.mean(), format_score(scores.mean(), scores.std() if scores.size > 1 else None)

    def _finding(self, curves, name, labels):
        """Return a sentence about the winner."""
        curve, epoch = self.best
        mean, _ = self._winning_score(curves)
        score = legend_entry(name, f"{self.subset} {_in_words(self.score_name)}")
        place = f"epoch {epoch}" if len(curves) == 1 else f"epoch {epoch} with {labels[curve]}"
        highest = max(np.nanmax(scores.mean(axis=1), initial=-np.inf) for _, scores, _ in curves)
        if mean == highest:
            return f"{score} is highest at {place}"
        by = "" if self.best_by is None else f" by {_in_words(self.best_by)}"
        return f"{score}: the best candidate{by} is {place}"


def _in_words(score_name):
    """Return the name of a score in words, as in scikit-learn's displays."""
    return score_name.replace("neg_", "negative ").replace("_", " ")


def _behind(label):
    """Return the style of a curve behind the others."""
    return {"color": GREY, "linewidth": 0.7, "zorder": 1.9, "label": label}


def _draw_mean(ax, epochs, scores, style):
    """Draw the mean over the splits. A curve of one epoch has no line to see, only a dot."""
    dot = {"marker": "o", "markersize": 4} if len(epochs) == 1 else {}
    (line,) = ax.plot(epochs, scores.mean(axis=1), **{**dot, **style})
    return line


def _draw_spread(ax, epochs, scores, style):
    """Draw one standard deviation on either side of the mean."""
    mean, std = scores.mean(axis=1), scores.std(axis=1)
    if len(epochs) == 1:  # a band would have no width to see
        return ax.vlines(epochs, mean - std, mean + std, **{**style, "linewidth": 3})
    return ax.fill_between(epochs, mean - std, mean + std, **{"linewidth": 0, **style})
