"""TrainingCurveDisplay: training and validation loss or accuracy over epochs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.utils import check_consistent_length

from .._sklearn_compat import check_matplotlib_support
from ..neural_network._history import ARGBEST
from ._colors import GREY, next_color
from ._epoch_curves import (
    MAX_PANELS,
    BaseEpochCurveDisplay,
    forget_finding,
    label_outer,
    last_of_first_row,
    set_epoch_axis,
    tick_epoch,
)
from ._inner_estimators import classifier_with_history
from ._labels import format_score, legend_entry
from ._text_in_axes import annotate_vertical, label_end
from ._training_curve import training_curve

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from numpy.typing import ArrayLike, NDArray
    from pandas import DataFrame
    from sklearn.base import BaseEstimator
    from typing_extensions import Self

    from .._typing import CV, Labels, Samples


class TrainingCurveDisplay(BaseEpochCurveDisplay):
    """Training and validation loss, or accuracy, over the epochs of one fit or of several folds.

    It is recommended to use :meth:`from_estimator` or :meth:`from_cross_validation` to create a
    display. A display made from arrays can show any training history, for example Keras's
    ``History.history``. All parameters are stored as attributes.

    To plot a score against the number of training documents, see
    :class:`~sklearn.model_selection.LearningCurveDisplay`. To plot it against the values of a
    hyper-parameter, see :class:`~sklearn.model_selection.ValidationCurveDisplay`.

    Parameters
    ----------
    epochs : array-like of shape (n_epochs,)
        The epochs, usually 1, 2, ..., n_epochs.

    train_values : array-like of shape (n_epochs,) or (n_epochs, n_folds)
        The metric on the training rows in each epoch, with a column for each fold if there are
        folds. A fold that ended early has NaN in the epochs that it did not reach.

    val_values : array-like of the shape of `train_values`, default=None
        The metric on the validation rows after each epoch. None draws only the training
        curve.

    metric : str, default="loss"
        The name of the metric. The best epoch is the one with the lowest validation
        ``"loss"`` or with the highest validation ``"accuracy"``. With any other metric no
        epoch is marked.

    monitor : str, default=None
        The entry of the history by which the estimator chose its best epoch, for example
        ``"val_loss"``.

    monitor_epoch : int, default=None
        The estimator's best epoch, by `monitor`. It is drawn as a vertical line where it
        differs from the best epoch by `metric`.

    name : str, default=None
        A name to put before each label, which tells displays on the same axes apart. None puts
        nothing there.

    Attributes
    ----------
    best_epoch : int or None
        The best epoch by `metric` on the validation rows; the earliest one if several are
        equally good. With folds, the best epoch of their mean. None without validation values.

    ax_ : matplotlib Axes
        Axes with the curves. With folds in panels, the axes of their mean.

    axes_ : ndarray of matplotlib Axes
        All axes: `ax_` and, with folds in panels, those of each fold.

    figure_ : matplotlib Figure
        Figure containing the curves.

    lines_ : list of matplotlib Line2D
        The training curve and, if there are validation values, the validation curve. With
        folds, the curves of their mean.

    fold_lines_ : list of matplotlib Line2D
        The training curve of each fold, then the validation curve of each fold. Empty
        without folds.

    best_epoch_marker_ : matplotlib Line2D or None
        The ring on the validation curve at `best_epoch`.

    monitor_epoch_line_ : matplotlib Line2D or None
        The vertical line at `monitor_epoch`. None where that is `best_epoch`.

    See Also
    --------
    training_curve : Computes the curves of the folds without drawing them.
    KerasBinaryReviewClassifier : Two classes, one sigmoid.
    KerasTopicClassifier : Two classes or more, with a softmax.

    Notes
    -----
    The training curve is thin and grey, and the validation curve thick and in color, so that they
    can also be told apart in a print without color. Both have their names at the end, where
    ``layout="constrained"`` of the figure makes room for them, and the best epoch has its value
    next to it. There is no legend, but ``display.ax_.legend()`` adds one. The title says at which
    epoch validation is best. It is not written over a title of yours. Colors of the axes' cycle
    whose contrast with the background is less than 3:1 are left out.

    With two to eleven folds, a new figure has a panel for their mean and one for each fold. Pass
    an Axes to draw all of them there, the folds as thin lines.

    Training values are averages over an epoch, in which the weights change. Validation values
    are computed at the end of the epoch. This is why validation often looks better than training
    in the first epochs.

    The mean of the folds ends with the shortest fold, since it would jump if it went on with
    the others. The standard deviation of the folds is given at the best epoch.

    Examples
    --------
    >>> from sklearn_textnn import TrainingCurveDisplay
    >>> history = {"loss": [0.5, 0.3, 0.2, 0.1], "val_loss": [0.4, 0.3, 0.25, 0.35]}
    >>> display = TrainingCurveDisplay(
    ...     epochs=[1, 2, 3, 4], train_values=history["loss"], val_values=history["val_loss"]
    ... )
    >>> display.best_epoch
    3
    >>> display.plot().best_epoch_marker_.get_label()
    'Best epoch: 3 (0.250)'
    """

    lines_: list[Line2D]
    fold_lines_: list[Line2D]
    best_epoch_marker_: Line2D | None
    monitor_epoch_line_: Line2D | None

    def __init__(
        self,
        *,
        epochs: ArrayLike,
        train_values: ArrayLike,
        val_values: ArrayLike | None = None,
        metric: str = "loss",
        monitor: str | None = None,
        monitor_epoch: int | None = None,
        name: str | None = None,
    ) -> None:
        self.epochs = epochs
        self.train_values = train_values
        self.val_values = val_values
        self.metric = metric
        self.monitor = monitor
        self.monitor_epoch = monitor_epoch
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        *,
        metric: str = "loss",
        name: str | None = None,
        ax: Axes | None = None,
        line_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the training history of a fitted classifier.

        Parameters
        ----------
        estimator : estimator instance
            A fitted classifier of this package, a fitted :class:`~sklearn.pipeline.Pipeline`
            whose last step is one, or a fitted search such as
            :class:`~sklearn.model_selection.GridSearchCV`, whose ``best_estimator_`` is
            drawn.

        metric : str, default="loss"
            ``"loss"``, ``"accuracy"``, or any other entry of ``history_``. It is drawn for
            the training rows and, if there was validation data, for the validation rows
            (``"val_loss"``, ``"val_accuracy"``).

        name : str, default=None
            A name to put before each label.

        ax : matplotlib Axes, default=None
            Axes to draw on. None creates a new figure.

        line_kw : dict, default=None
            Keyword arguments for ``matplotlib.axes.Axes.plot``, for both curves.

        Returns
        -------
        display : TrainingCurveDisplay
            The display, with the curves drawn.

        Notes
        -----
        The ring marks the best epoch by `metric`. The estimator chose its ``best_epoch_`` by
        its ``epoch_selection`` or ``monitor``, and the two can differ: for example, if the
        metric is accuracy and the estimator monitored the loss. Then a vertical line shows
        ``best_epoch_``, and the curve shows how much accuracy that choice cost.
        """
        check_matplotlib_support(f"{cls.__name__}.from_estimator")
        classifier = classifier_with_history(estimator)
        history = classifier.history_
        metrics = [key for key in history if not key.startswith("val_") and len(history[key])]
        if metric not in metrics:
            raise ValueError(
                f"metric must be one of those in the training history, {metrics}, got {metric!r}."
                " The validation values of a metric are drawn together with it."
            )
        train_values = np.asarray(history[metric], dtype=float)
        val_values = history.get(f"val_{metric}")
        display = cls(
            epochs=np.arange(1, len(train_values) + 1),
            train_values=train_values,
            val_values=None if val_values is None else np.asarray(val_values, dtype=float),
            metric=metric,
            monitor=(
                getattr(classifier, "epoch_selection", None) or getattr(classifier, "monitor", None)
            ),
            monitor_epoch=getattr(classifier, "best_epoch_", None),
            name=name,
        )
        return display.plot(ax, line_kw=line_kw)

    @classmethod
    def from_cross_validation(
        cls,
        estimator: BaseEstimator,
        X: Samples,
        y: Labels,
        *,
        cv: CV | None = None,
        groups: ArrayLike | None = None,
        metric: str = "loss",
        n_jobs: int | None = None,
        params: dict[str, Any] | None = None,
        name: str | None = None,
        ax: Axes | Sequence[Axes] | NDArray[Any] | None = None,
        line_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Train on each fold, validate on the rows that it holds out, and draw the histories.

        Parameters
        ----------
        estimator : estimator instance
            A classifier of this package or a :class:`~sklearn.pipeline.Pipeline` whose last
            step is one. Clones of it are fitted.

        X : array-like, sparse matrix or list
            The input of the estimator's `fit`, for example raw documents.

        y : {array-like, sparse matrix} of shape (n_samples,) or (n_samples, n_classes)
            The labels.

        cv : int, cross-validation generator or iterable, default=None
            The folds, as in :func:`~sklearn.model_selection.cross_validate`: None and ints are
            stratified, None is 5 folds.

        groups : array-like of shape (n_samples,), default=None
            The groups of the rows, for a `cv` that splits by group.

        metric : {"loss", "accuracy"}, default="loss"
            The metric to draw.

        n_jobs : int, default=None
            The number of folds to train at a time. None is 1 unless in a
            ``joblib.parallel_backend`` context, -1 is all processors.

        params : dict, default=None
            ``{"sample_weight": array-like of shape (n_samples,)}`` weights the training rows
            in the classifier's ``fit``, but not in the steps before it. Validation uses no
            weights.

        name : str, default=None
            A name to put before each label.

        ax : matplotlib Axes or array of Axes, default=None
            Axes to draw on, as for :meth:`plot`. None creates a new figure.

        line_kw : dict, default=None
            Keyword arguments for ``matplotlib.axes.Axes.plot``, for all curves.

        Returns
        -------
        display : TrainingCurveDisplay
            The display, with the curves drawn.

        Raises
        ------
        ValueError
            If `metric` is unknown, if `params` has another key, if a fold holds out every row
            of a class, or if the estimator refuses the data.
        TypeError
            If the estimator does not end in a classifier of this package.

        See Also
        --------
        training_curve : Computes the curves without drawing them, and says how.

        Examples
        --------
        >>> from sklearn.pipeline import make_pipeline
        >>> from sklearn_textnn import KerasBinaryReviewClassifier, MultiHotVectorizer
        >>> from sklearn_textnn import TrainingCurveDisplay
        >>> documents = ["a fine film", "fine acting", "a dull film", "dull acting"] * 5
        >>> pipeline = make_pipeline(
        ...     MultiHotVectorizer(), KerasBinaryReviewClassifier(epochs=3, random_state=0)
        ... )
        >>> display = TrainingCurveDisplay.from_cross_validation(
        ...     pipeline, documents, [1, 1, 0, 0] * 5, cv=2
        ... )
        >>> display.val_values.shape
        (3, 2)
        >>> display.frame().groupby("fold").size().to_list()
        [3, 3]
        """
        check_matplotlib_support(f"{cls.__name__}.from_cross_validation")
        if metric not in ("loss", "accuracy"):
            raise ValueError(
                f"metric must be 'loss' or 'accuracy', got {metric!r}. The validation values of a"
                " metric are drawn together with it."
            )
        curve = training_curve(estimator, X, y, groups=groups, cv=cv, n_jobs=n_jobs, params=params)
        display = cls(
            epochs=curve.epochs,
            train_values=curve[metric],
            val_values=curve[f"val_{metric}"],
            metric=metric,
            name=name,
        )
        return display.plot(ax, line_kw=line_kw)

    @property
    def best_epoch(self) -> int | None:
        """The best epoch by `metric` on the validation rows, or None."""
        best = self._best()
        return None if best is None else best[0]

    def frame(self) -> DataFrame:
        """Return the numbers as a table.

        Returns
        -------
        frame : pandas DataFrame of shape (n_epochs, 1) or (n_epochs, 2)
            The columns ``training`` and, if there are validation values, ``validation``,
            with one row for each epoch. With folds, one row for each ``fold``, counted from 0,
            and each ``epoch`` that it reached.
        """
        import pandas as pd

        epochs, curves = self._curves()
        index = pd.Index(epochs, name="epoch")
        if next(iter(curves.values())).ndim == 1:
            frame = pd.DataFrame(curves, index=index)
        else:
            n_folds = curves["training"].shape[1]
            index = pd.MultiIndex.from_product([range(n_folds), index], names=["fold", "epoch"])
            curves = {curve: values.ravel(order="F") for curve, values in curves.items()}
            frame = pd.DataFrame(curves, index=index).dropna(how="all")
        return frame.rename_axis(columns=self.metric)

    def plot(
        self,
        ax: Axes | Sequence[Axes] | NDArray[Any] | None = None,
        *,
        name: str | None = None,
        line_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes or array of Axes, default=None
            Axes to draw on. One Axes shows all curves. An array of Axes has one for the mean
            of the folds and one for each fold. None creates a new figure, with such panels if
            there are two folds or more, and at most 11.

        name : str, default=None
            A name to put before each label. None uses `name` of the display.

        line_kw : dict, default=None
            Keyword arguments for ``matplotlib.axes.Axes.plot``, for all curves.

        Returns
        -------
        display : TrainingCurveDisplay
            The display itself, with the attributes of what was drawn.

        Raises
        ------
        ValueError
            If the arrays of the display do not belong together, or if `ax` is an array with too
            few Axes.
        """
        name, line_kw = self._validate_plot_params(name=name, line_kw=line_kw)
        epochs, curves = self._curves()
        n_folds = _n_folds(curves["training"])
        is_in_panels = 1 < n_folds < MAX_PANELS
        self.axes_ = np.array(self._panels(ax, n_folds + 1 if is_in_panels else 1), dtype=object)
        self.ax_ = self.axes_[0]
        self.figure_ = self.ax_.figure
        is_first = not self.ax_.lines
        forget_finding(self.ax_)
        colors = {"training": GREY, "validation": next_color(self.ax_)}
        self._draw_curves(epochs, curves, colors, name, line_kw)
        for panel in self.axes_:
            set_epoch_axis(panel)
        self._label_axes(n_folds)
        self._mark_best_epochs(name)
        if is_first and self.best_epoch is not None:
            self._state(self._finding(name, n_folds), new_figure=ax is None)
        return self._finish()

    def _draw_curves(self, epochs, curves, colors, name, line_kw):
        """Draw the curves, or those of the mean and of each fold, and keep the lines."""
        self.lines_, self.fold_lines_ = [], []
        for curve, values in curves.items():
            n_folds = _n_folds(values)
            style = {"color": colors[curve], "linewidth": {"training": 1, "validation": 2.2}[curve]}
            if len(epochs) == 1:  # no line to see, only dots
                style["marker"] = {"training": "o", "validation": "s"}[curve]
            style |= line_kw
            text = curve if n_folds == 1 else f"{curve}, mean of {n_folds} folds"
            label = legend_entry(name, text)
            self.lines_ += self.ax_.plot(epochs, _mean(values), **{"label": label, **style})
            of_folds = self._draw_folds(epochs, values, style) if values.ndim == 2 else []
            self.fold_lines_ += of_folds
            # In panels, at the right end of the first row, where the text has most room.
            drawn = [self.lines_[-1], *of_folds]
            labelled = drawn[last_of_first_row(self.axes_)]
            label_end(labelled, legend_entry(name, curve))

    def _draw_folds(self, epochs, values, style):
        """Draw the curves of the folds, each in its panel or thin in that of the mean."""
        is_in_panels = len(self.axes_) > 1
        panels = self.axes_[1:] if is_in_panels else [self.ax_] * values.shape[1]
        if not is_in_panels:
            # The width of the user's lines, under whatever name matplotlib knows it.
            style = style | {"linewidth": 0.3 * style["linewidth"]}
        lines = []
        for panel, fold in zip(panels, values.T, strict=True):
            last = int(np.flatnonzero(~np.isnan(fold)).max(initial=0))
            # A dot marks the end of a fold that ended early, and shows a fold of one epoch.
            ended = len(epochs) == 1 or last < len(epochs) - 1
            dot = {"marker": "o", "markersize": 3, "markevery": [last]} if ended else {}
            lines += panel.plot(epochs, fold, **{**style, **dot, "label": "_fold"})
        return lines

    def _label_axes(self, n_folds):
        """Write what the axes and the panels show."""
        metric = self.metric.replace("_", " ").capitalize()
        if len(self.axes_) == 1:
            self.ax_.set_xlabel("Epoch")
            self.ax_.set_ylabel(metric if n_folds == 1 else f"{metric}, mean of {n_folds} folds")
            return
        titles = [f"Mean of {n_folds} folds", *(f"Fold {fold}" for fold in range(n_folds))]
        for panel, title in zip(self.axes_, titles, strict=True):
            panel.set_title(title, fontsize="medium")
        label_outer(self.axes_, metric)

    def _mark_best_epochs(self, name):
        """Mark the best epochs of the curve and of the folds in panels, and keep the mark."""
        self.best_epoch_marker_ = self.monitor_epoch_line_ = None
        color = self.lines_[-1].get_color()
        best = self._best()
        if best is not None:
            epoch, value, std = best
            score = format_score(value, std)
            self.best_epoch_marker_ = self._mark_best(
                self.ax_,
                epoch,
                value,
                color=color,
                label=legend_entry(name, "best epoch", f"{epoch} ({score})"),
                text=f"epoch {epoch}: {score}",
            )
        if self.monitor_epoch is not None and (best is None or self.monitor_epoch != best[0]):
            self.monitor_epoch_line_ = self._draw_monitor_epoch(name, color)
        if len(self.axes_) > 1 and self.val_values is not None:
            for panel, fold in zip(self.axes_[1:], np.asarray(self.val_values).T, strict=True):
                best = self._best_of(fold)
                if best is not None:
                    epoch, value, _ = best
                    text = f"epoch {epoch}: {format_score(value)}"
                    self._mark_best(panel, epoch, value, color=color, label="_fold", text=text)

    def _draw_monitor_epoch(self, name, color):
        """Draw a vertical line at the estimator's own best epoch and return it."""
        by = "" if self.monitor is None else f" by {self.monitor}"
        tick_epoch(self.ax_, self.monitor_epoch)
        line = self.ax_.axvline(
            self.monitor_epoch,
            color=color,
            linestyle="--",
            linewidth=1,
            label=legend_entry(name, f"best epoch{by}", self.monitor_epoch),
        )
        text = f"epoch {self.monitor_epoch}: best{by}"
        annotate_vertical(self.ax_, self.monitor_epoch, text, color=color)
        return line

    def _finding(self, name, n_folds):
        """Return a sentence about the best epoch."""
        epoch, *_ = self._best()
        curve = f"validation {self.metric}"
        if n_folds > 1:
            curve += f", mean of {n_folds} folds,"
        extreme = "lowest" if ARGBEST[self.metric] is np.nanargmin else "highest"
        at = "the last epoch," if epoch == np.max(self.epochs) > 1 else "epoch"
        return f"{legend_entry(name, curve)} is {extreme} at {at} {epoch}"

    def _curves(self):
        """Return the epochs and the training and validation curves, as arrays."""
        check_consistent_length(self.epochs, self.train_values, self.val_values)
        curves = {"training": np.asarray(self.train_values, dtype=float)}
        if self.val_values is not None:
            curves["validation"] = np.asarray(self.val_values, dtype=float)
        shapes = {values.shape for values in curves.values()}
        if len(shapes) > 1 or len(shapes.pop()) > 2:
            raise ValueError(
                "train_values and val_values must have the same shape, (n_epochs,) or"
                f" (n_epochs, n_folds), got {[values.shape for values in curves.values()]}"
            )
        return np.asarray(self.epochs), curves

    def _best(self):
        """Return the best epoch, its validation value and the deviation of the folds, or None."""
        return None if self.val_values is None else self._best_of(self.val_values)

    def _best_of(self, values):
        """Return the best epoch of validation values, its value and deviation, or None."""
        values = np.asarray(values, dtype=float)
        mean = _mean(values)
        if self.metric not in ARGBEST or np.isnan(mean).all():
            return None
        best = ARGBEST[self.metric](mean)
        std = float(values[best].std()) if values[best].size > 1 else None
        return int(np.asarray(self.epochs)[best]), float(mean[best]), std


def _n_folds(values):
    """Return the number of folds, which is 1 for the curve of one fit."""
    return 1 if values.ndim == 1 else values.shape[1]


def _mean(values):
    """Return the mean of the folds, which is NaN after the end of the shortest one."""
    return values if values.ndim == 1 else values.mean(axis=1)
