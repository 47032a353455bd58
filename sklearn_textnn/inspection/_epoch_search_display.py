"""EpochSearchDisplay: the scores of a search over epochs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.utils import check_consistent_length

from .._sklearn_compat import check_matplotlib_support
from ._epoch_curves import BaseEpochCurveDisplay
from ._inner_estimators import search_with_epoch_scores
from ._legend import curve_labels, format_score, legend_entry
from ._search_curves import search_curves

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Literal

    from matplotlib.axes import Axes
    from matplotlib.collections import Collection
    from matplotlib.lines import Line2D
    from numpy.typing import ArrayLike
    from pandas import DataFrame
    from sklearn.base import BaseEstimator
    from typing_extensions import Self

# At most this many curves have a color and a name: matplotlib's eighth color is grey.
_MAX_NAMED = 7


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
        The parameters of each curve, without the epochs. The legend gives those in which the
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
        A name to put before each entry of the legend, which tells displays on the same axes
        apart. None puts nothing there.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the curves.

    figure_ : matplotlib Figure
        Figure containing the curves.

    lines_ : list of matplotlib Line2D
        The mean of each curve over the splits.

    spreads_ : list of matplotlib Collection or None
        The band of one standard deviation on either side of the mean, for each curve. For a
        curve of one epoch, a vertical line. None for a curve without a name of its own, and
        for every curve of a search with one split.

    best_marker_ : matplotlib Line2D or None
        The ring at the winner, if it has a score.

    See Also
    --------
    EpochGridSearchCV : Searches over epochs, and computes the scores.
    TrainingCurveDisplay : Loss or accuracy over the epochs of one fit or of several folds.

    Notes
    -----
    With more than seven curves, the winner's curve and those that reach the highest mean scores
    have a color and a name, seven in all. The others are thin and grey. :meth:`frame` has all
    curves.

    A legend with more than six entries is placed to the right of the axes. If you pass your own
    axes, create their figure with ``layout="constrained"``, which makes room for it.

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
        ax: Axes | None = None,
        line_kw: dict[str, Any] | None = None,
        fill_between_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the scores of a fitted search over epochs.

        Parameters
        ----------
        estimator : estimator instance
            A fitted :class:`EpochGridSearchCV` or :class:`EpochRandomizedSearchCV`, or a fitted
            :class:`~sklearn.pipeline.Pipeline` whose last step is one.

        metric : str, default=None
            The metric to draw, for a search with several metrics. None draws the metric that
            chose the winner (``refit``) or, if there is none, the first one.

        subset : {"test", "train"}, default="test"
            The rows of each split that were scored. ``"train"`` needs a search with
            ``return_train_score=True``.

        name : str, default=None
            A name to put before each entry of the legend.

        ax : matplotlib Axes, default=None
            Axes to draw on. None creates a new figure.

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
        another metric chose it, the legend says so. A search over several metrics with
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
        ax: Axes | None = None,
        *,
        name: str | None = None,
        line_kw: dict[str, Any] | None = None,
        fill_between_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. None creates a new figure.

        name : str, default=None
            A name to put before each entry of the legend. None uses `name` of the display.

        line_kw : dict, default=None
            Keyword arguments for ``matplotlib.axes.Axes.plot``, for all curves.

        fill_between_kw : dict, default=None
            Keyword arguments for ``matplotlib.axes.Axes.fill_between``, for all bands.

        Returns
        -------
        display : EpochSearchDisplay
            The display itself, with the attributes of what was drawn.
        """
        name, line_kw = self._validate_plot_params(name=name, line_kw=line_kw)
        from matplotlib.cbook import normalize_kwargs
        from matplotlib.collections import PolyCollection

        fill_between_kw = normalize_kwargs(fill_between_kw, PolyCollection)
        curves = self._curves()
        is_new_figure = ax is None
        ax = self._axes(ax, layout="constrained")
        self._draw_curves(ax, curves, name, line_kw, fill_between_kw)
        self.best_marker_ = self._draw_winner(ax, curves, name)
        n_splits = curves[0][1].shape[1]
        return self._finish(
            ax,
            ylabel=f"{self.subset} {_in_words(self.score_name)}".capitalize(),
            room_below=True,  # scores rise
            legend_title=f"Mean ± std of {n_splits} splits" if n_splits > 1 else None,
            beside=True,
            widen=is_new_figure,
        )

    def _draw_curves(self, ax, curves, name, line_kw, fill_between_kw):
        """Draw the curves with a name and then the others, and keep lines and spreads."""
        named = self._named(curves)
        others = [curve for curve in range(len(curves)) if curve not in named]
        labels = self._labels(curves, others, name)
        self.lines_, self.spreads_ = [None] * len(curves), [None] * len(curves)
        for curve in [*named, *others]:
            epochs, scores, _ = curves[curve]
            # A curve of one epoch has no line to see, only dots.
            style = {"marker": "o" if self._dots(epochs) else None, "markersize": 4}
            if curve in others:
                style = {"marker": "." if len(epochs) == 1 else None}
                style |= {"color": "grey", "linewidth": 0.7, "zorder": 1.9}
            style["label"] = labels[curve]
            (line,) = ax.plot(epochs, scores.mean(axis=1), **{**style, **line_kw})
            self.lines_[curve] = line
            if curve in named and scores.shape[1] > 1:
                band = {"color": line.get_color(), "alpha": 0.15, **fill_between_kw}
                self.spreads_[curve] = _draw_spread(ax, epochs, scores, band)

    def _labels(self, curves, others, name):
        """Return the labels of the curves. Those without a name share one entry of the legend."""
        labels = curve_labels([params for *_, params in curves])
        for curve, (_, scores, _) in enumerate(curves):
            if np.isnan(scores.mean(axis=1)).all():
                labels[curve] += " (failed)"
        labels = labels if name is None else [f"{name}: {label}" for label in labels]
        for curve in others:
            labels[curve] = "_other"  # not in the legend
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

    def _named(self, curves):
        """Return the positions of the curves with a color: the winner's and the highest ones."""
        peaks = [np.nan_to_num(scores.mean(axis=1), nan=-np.inf).max() for _, scores, _ in curves]
        if self.best is not None:
            peaks[self.best[0]] = np.inf
        return sorted(np.argsort(np.negative(peaks), kind="stable")[:_MAX_NAMED].tolist())

    def _draw_winner(self, ax, curves, name):
        """Mark the winner and return the mark, or None if it has no score."""
        if self.best is None:
            return None
        curve, epoch = self.best
        epochs, scores, _ = curves[curve]
        scores = scores[epochs == epoch][0]
        if np.isnan(scores.mean()):
            return None
        score = format_score(scores.mean(), scores.std() if scores.size > 1 else None)
        text = "best" if self.best_by is None else f"best by {_in_words(self.best_by)}"
        return self._mark_best(
            ax,
            epoch,
            scores.mean(),
            color=self.lines_[curve].get_color(),
            label=legend_entry(name, text, f"epoch {epoch} ({score})"),
        )


def _in_words(score_name):
    """Return the name of a score in words, as in scikit-learn's displays."""
    return score_name.replace("neg_", "negative ").replace("_", " ")


def _draw_spread(ax, epochs, scores, style):
    """Draw one standard deviation on either side of the mean."""
    mean, std = scores.mean(axis=1), scores.std(axis=1)
    if len(epochs) == 1:  # a band would have no width to see
        return ax.vlines(epochs, mean - std, mean + std, **{**style, "linewidth": 3})
    return ax.fill_between(epochs, mean - std, mean + std, **{"linewidth": 0, **style})
