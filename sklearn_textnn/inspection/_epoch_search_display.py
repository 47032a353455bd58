"""Scores of a search over epochs: a curve for each combination of the other parameters."""

import textwrap

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import check_is_fitted

from .._sklearn_compat import check_matplotlib_support
from ._epoch_axis import MAX_DOTS, add_legend, entry, number, set_epochs

# Of more curves than this the best ones get a color and a name: matplotlib's eighth color is grey.
_MAX_NAMED = 7
# Of more entries than this a legend leaves too little of the axes to the curves.
_MAX_INSIDE = 6
_MAX_LABEL = 60


class EpochSearchDisplay:
    """Mean score over the epochs, for each combination of the other parameters of a search.

    It is recommended to use :meth:`from_estimator` to create a display. All parameters are
    stored as attributes.

    Parameters
    ----------
    epochs : list of array-like of shape (n_epochs,)
        The epochs of each curve.

    scores : list of array-like of shape (n_epochs, n_splits)
        The scores of each curve, after each epoch and on each split. A mean with NaN among
        its scores is NaN, as in ``cv_results_``, and leaves a gap.

    params : list of dict, default=None
        The parameters of each curve other than the epochs. The legend names those in which
        the curves differ. None is for one curve without any.

    best : tuple of int, (curve, epoch), default=None
        The winner: the position of its curve in `scores`, and its epoch. None marks none.

    best_by : str, default=None
        The score by which the winner was chosen, where it is another than the one drawn.

    score_name : str, default="score"
        What the scores are.

    subset : {"test", "train"}, default="test"
        The rows of each split that were scored.

    name : str, default=None
        The name to put before each entry of the legend, to tell displays on the same axes
        apart. None leaves the entries without one.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the curves.

    figure_ : matplotlib Figure
        Figure containing the curves.

    lines_ : list of matplotlib Line2D
        The mean of each curve over the splits.

    spreads_ : list of matplotlib Collection or None
        The band of one standard deviation on either side of the mean, for each curve; for a
        curve of one epoch a vertical line. None for a curve without a name of its own, and
        for all of them with one split.

    best_marker_ : matplotlib Line2D or None
        The mark at the winner, where it has a score.

    See Also
    --------
    EpochGridSearchCV : Searches over epochs, and computes what is drawn here.
    TrainingCurveDisplay : Loss or accuracy over the epochs of one fit, or of each fold's.

    Notes
    -----
    With more than seven curves the seven that reach the highest mean score have a color and a
    name, and the others are thin and grey. All of them are in :meth:`frame`.

    A legend of more than six entries is to the right of the axes. On axes of your own, let
    the figure make room for it with ``layout="constrained"``.

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

    def __init__(
        self,
        *,
        epochs,
        scores,
        params=None,
        best=None,
        best_by=None,
        score_name="score",
        subset="test",
        name=None,
    ):
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
        estimator,
        *,
        metric=None,
        subset="test",
        name=None,
        ax=None,
        line_kw=None,
        fill_between_kw=None,
    ):
        """Draw the scores of a fitted search over epochs.

        Parameters
        ----------
        estimator : estimator instance
            A fitted :class:`EpochGridSearchCV` or :class:`EpochRandomizedSearchCV`, or a fitted
            :class:`~sklearn.pipeline.Pipeline` whose last step is one.

        metric : str, default=None
            With several metrics, the one to draw. None draws the one that the search was
            refitted by and else the first one.

        subset : {"test", "train"}, default="test"
            The rows of each split to show the score on. ``"train"`` needs a search with
            ``return_train_score=True``.

        name : str, default=None
            The name to put before each entry of the legend.

        ax : matplotlib Axes, default=None
            Axes to draw on. None creates a new figure.

        line_kw : dict, default=None
            Keyword arguments for ``matplotlib.axes.Axes.plot``, for all curves.

        fill_between_kw : dict, default=None
            Keyword arguments for ``matplotlib.axes.Axes.fill_between``, for all bands.

        Returns
        -------
        display : EpochSearchDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If there are no scores of `metric` or of `subset`, or no epochs.
        TypeError
            If there are no scores over epochs.

        Notes
        -----
        The winner is ``best_index_``, with its epoch. It is marked on whatever metric is
        drawn; where it was chosen by another one, the legend says so. A search over several
        metrics with ``refit=False`` has none.
        """
        check_matplotlib_support(f"{cls.__name__}.from_estimator")
        search = _search_with_scores(estimator)
        scores = search.epoch_scores_.dropna(subset="epoch")
        if scores.empty:
            raise ValueError(
                f"{type(search).__name__} has no scores over epochs: what it searched has no epochs"
            )
        refit = search.refit if search.multimetric_ and isinstance(search.refit, str) else None
        metrics = scores["metric"].unique().tolist()
        chosen = (refit or metrics[0]) if metric is None else metric
        if chosen not in metrics:
            raise ValueError(
                f"metric must be one of those of the search, {metrics}, got {metric!r}"
            )
        subsets = scores["subset"].unique().tolist()
        if subset not in subsets:
            hint = " Fit the search with return_train_score=True." if subset == "train" else ""
            raise ValueError(
                f"subset must be one of those the search has scores of, {subsets}, got"
                f" {subset!r}.{hint}"
            )
        scores = scores[(scores["metric"] == chosen) & (scores["subset"] == subset)]
        best = None
        epochs, values, params = [], [], []
        for curve, (others, rows) in enumerate(_curves_of(scores)):
            table = rows.drop_duplicates(["epoch", "split"])
            table = table.pivot(index="epoch", columns="split", values="score")
            epochs.append(table.index.to_numpy(dtype=int))
            values.append(table.to_numpy(dtype=float))
            params.append(others)
            won = rows["epoch"][rows["candidate"] == getattr(search, "best_index_", None)]
            if len(won):
                best = curve, int(won.iloc[0])
        display = cls(
            epochs=epochs,
            scores=values,
            params=params,
            best=best,
            best_by=None if refit == chosen else refit,
            score_name=chosen,
            subset=subset,
            name=name,
        )
        return display.plot(ax, line_kw=line_kw, fill_between_kw=fill_between_kw)

    def frame(self):
        """Return the numbers as a table.

        Returns
        -------
        frame : pandas DataFrame
            One row for each curve and epoch: a column ``param_<name>`` for each of the
            parameters, NaN where a curve has none of that name, then ``epoch``, and over the
            splits the ``mean`` and the standard deviation ``std``.
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

    def plot(self, ax=None, *, name=None, line_kw=None, fill_between_kw=None):
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. None creates a new figure.

        name : str, default=None
            The name to put before each entry of the legend. None uses the display's own.

        line_kw : dict, default=None
            Keyword arguments for ``matplotlib.axes.Axes.plot``, for all curves.

        fill_between_kw : dict, default=None
            Keyword arguments for ``matplotlib.axes.Axes.fill_between``, for all bands.

        Returns
        -------
        display : EpochSearchDisplay
            The display itself, with ``ax_``, ``figure_`` and what was drawn.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        from matplotlib.cbook import normalize_kwargs
        from matplotlib.collections import PolyCollection
        from matplotlib.lines import Line2D

        curves = self._curves()
        labels = _labels([params for *_, params in curves])
        for curve, (_, scores, _) in enumerate(curves):
            if np.isnan(scores.mean(axis=1)).all():
                labels[curve] += " (failed)"
        name = self.name if name is None else name
        prefix = "" if name is None else f"{name}: "
        line_kw = normalize_kwargs(line_kw, Line2D)
        fill_between_kw = normalize_kwargs(fill_between_kw, PolyCollection)
        own_figure = ax is None
        if own_figure:
            import matplotlib.pyplot as plt

            _, ax = plt.subplots(layout="constrained")

        named = self._named(curves)
        others = [curve for curve in range(len(curves)) if curve not in named]
        self.lines_, self.spreads_ = [None] * len(curves), [None] * len(curves)
        for curve in [*named, *others]:
            epochs, scores, _ = curves[curve]
            # One epoch has no line between its points: they must be seen by themselves.
            dots = "o" if len(epochs) <= MAX_DOTS else None
            style = {"marker": dots, "markersize": 4, "label": f"{prefix}{labels[curve]}"}
            if curve in others:
                label = entry(name, f"{len(others)} others") if curve == others[0] else "_other"
                style = {"marker": "." if len(epochs) == 1 else None, "label": label}
                style |= {"color": "grey", "linewidth": 0.7, "zorder": 1.9}
            (line,) = ax.plot(epochs, scores.mean(axis=1), **{**style, **line_kw})
            self.lines_[curve] = line
            if curve in named and scores.shape[1] > 1:
                band = {"color": line.get_color(), "alpha": 0.15, **fill_between_kw}
                self.spreads_[curve] = _draw_spread(ax, epochs, scores, band)

        self.best_marker_ = self._mark_best(ax, curves, name)
        ax.set_ylabel(f"{self.subset} {_spoken(self.score_name)}".capitalize())
        set_epochs(ax)
        n_splits = curves[0][1].shape[1]
        title = f"Mean ± std of {n_splits} splits" if n_splits > 1 else None
        outside = {}
        if len(ax.get_legend_handles_labels()[1]) > _MAX_INSIDE:
            outside = {"loc": "upper left", "bbox_to_anchor": (1, 1)}
            if own_figure:
                ax.figure.set_figwidth(1.4 * ax.figure.get_figwidth())
        # Scores are the better the higher: the room is below.
        add_legend(ax, below=True, title=title, title_fontsize="small", **outside)
        self.ax_ = ax
        self.figure_ = ax.figure
        return self

    def _curves(self):
        """Return epochs, scores and parameters of each curve."""
        params = [{}] * len(self.scores) if self.params is None else self.params
        check_consistent_length(self.epochs, self.scores, params)
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
        """Return the positions of the curves with a color, the winner's and the highest."""
        peaks = [np.nan_to_num(scores.mean(axis=1), nan=-np.inf).max() for _, scores, _ in curves]
        if self.best is not None:
            peaks[self.best[0]] = np.inf
        return sorted(np.argsort(np.negative(peaks), kind="stable")[:_MAX_NAMED].tolist())

    def _mark_best(self, ax, curves, name):
        """Mark the winner and return the mark, or None."""
        if self.best is None:
            return None
        curve, epoch = self.best
        epochs, scores, _ = curves[curve]
        values = scores[epochs == epoch][0]
        if np.isnan(values.mean()):
            return None
        value = number(values.mean(), values.std() if values.size > 1 else None)
        what = "best" if self.best_by is None else f"best by {_spoken(self.best_by)}"
        (mark,) = ax.plot(
            epoch,
            values.mean(),
            color=self.lines_[curve].get_color(),
            marker="o",
            markersize=11,
            markerfacecolor="none",
            markeredgewidth=2,
            linestyle="none",
            label=entry(name, what, f"epoch {epoch} ({value})"),
        )
        return mark


def _search_with_scores(estimator):
    """Return the fitted search at the end of pipelines, or say why there is none."""
    given = type(estimator).__name__
    while isinstance(estimator, Pipeline):
        estimator = estimator.steps[-1][1]
    if hasattr(estimator, "epoch_scores_"):
        return estimator
    inner = type(estimator).__name__
    if hasattr(estimator, "__sklearn_tags__"):
        check_is_fitted(estimator)
    got = f"Got {given}" if inner == given else f"Got {given} ending in {inner}"
    raise TypeError(
        f"{got}, which has no scores over epochs (epoch_scores_). Pass a fitted EpochGridSearchCV"
        " or EpochRandomizedSearchCV, or a fitted Pipeline whose last step is one."
    )


def _curves_of(scores):
    """Return the other parameters and the rows of each curve, in the order of the search."""
    names = [column for column in scores.columns if column.startswith("param_")]
    values = scores[names].to_numpy(dtype=object)
    # Values may be lists or arrays, which have no hash: they are told apart by how they print.
    keys = [tuple(map(repr, row)) for row in values]
    curves = []
    for key in dict.fromkeys(keys):
        rows = np.array([other == key for other in keys])
        row = values[np.argmax(rows)]
        params = {
            name.removeprefix("param_"): value
            for name, value in zip(names, row, strict=True)
            if not (isinstance(value, float) and np.isnan(value))
        }
        curves.append((params, scores[rows]))
    return curves


def _labels(params):
    """Return what tells each curve from the others."""
    keys = dict.fromkeys(key for others in params for key in others)
    texts = [{key: _text(value) for key, value in others.items()} for others in params]
    differ = [key for key in keys if len({text.get(key) for text in texts}) > 1]
    # The name of the step is left out where the parameter alone says which one is meant.
    last = [key.rpartition("__")[2] for key in keys]
    short = {key: end if last.count(end) == 1 else key for key, end in zip(keys, last, strict=True)}
    return [
        ", ".join(f"{short[key]}={text[key]}" for key in differ if key in text)
        or ("Mean" if len(params) == 1 else "As given")
        for text in texts
    ]


def _text(value):
    """Return a value in one short line."""
    text = f"{value:g}" if isinstance(value, float) else " ".join(str(value).split())
    return textwrap.shorten(text, _MAX_LABEL, placeholder=" ...")


def _spoken(score_name):
    """Return the name of a score in words, as scikit-learn's displays have it."""
    return score_name.replace("neg_", "negative ").replace("_", " ")


def _draw_spread(ax, epochs, scores, style):
    """Draw one standard deviation on either side of the mean."""
    mean, std = scores.mean(axis=1), scores.std(axis=1)
    if len(epochs) == 1:  # a band would have no width
        return ax.vlines(epochs, mean - std, mean + std, **{**style, "linewidth": 3})
    return ax.fill_between(epochs, mean - std, mean + std, **{"linewidth": 0, **style})
