"""Training and validation loss or accuracy over epochs, as a table and as a picture."""

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils import check_consistent_length
from sklearn.utils._optional_dependencies import check_matplotlib_support
from sklearn.utils.validation import check_is_fitted

from ._training_state import ARGBEST

# With more epochs than this the dots of the training curve run into each other.
_MAX_DOTS = 50


class TrainingCurveDisplay:
    """Training and validation loss, or accuracy, over the epochs of a fit.

    It is recommended to use :meth:`from_estimator` to create a display. Made from arrays, it
    draws any training history, Keras's ``History.history`` included. All parameters are stored
    as attributes.

    For a score over the number of training documents see
    :class:`~sklearn.model_selection.LearningCurveDisplay`, and over the values of a
    hyper-parameter :class:`~sklearn.model_selection.ValidationCurveDisplay`.

    Parameters
    ----------
    epochs : array-like of shape (n_epochs,)
        The epochs, usually 1, 2, ..., n_epochs.

    train_values : array-like of shape (n_epochs,)
        The metric on the training rows, after each epoch.

    val_values : array-like of shape (n_epochs,), default=None
        The metric on the validation rows, after each epoch. None draws the training curve
        alone.

    metric : str, default="loss"
        What the values are. The best epoch is the one with the lowest validation ``"loss"``
        or with the highest validation ``"accuracy"``; with another metric none is marked.

    monitor : str, default=None
        The entry of the history by which the estimator chose its own best epoch, for
        example ``"val_loss"``.

    monitor_epoch : int, default=None
        The estimator's own best epoch, by `monitor`. When it is another one than the best
        epoch of the metric drawn, it is drawn as a vertical line.

    name : str, default=None
        The name to put before each entry of the legend, to tell displays on the same axes
        apart. None leaves the entries without one.

    Attributes
    ----------
    best_epoch : int or None
        The best epoch by the metric drawn, on the validation rows; the earliest one of
        several. None when there are no validation values.

    ax_ : matplotlib Axes
        Axes with the curves.

    figure_ : matplotlib Figure
        Figure containing the curves.

    lines_ : list of matplotlib Line2D
        The training curve and, when there are validation values, the validation curve.

    best_epoch_marker_ : matplotlib Line2D or None
        The mark on the validation curve at `best_epoch`.

    monitor_epoch_line_ : matplotlib Line2D or None
        The vertical line at `monitor_epoch`; None when it is `best_epoch`.

    See Also
    --------
    KerasBinaryReviewClassifier : Two classes, one sigmoid.
    KerasTopicClassifier : Two classes or more, with a softmax.

    Notes
    -----
    The curves of one display share one color. Training is dotted, with a dot for each epoch
    as long as there is room for them, and validation is solid, so that they can be told apart
    in print too.

    Training values are averages over an epoch while the weights change, validation values are
    taken at its end; at first validation may therefore look the better of the two.

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

    def __init__(
        self,
        *,
        epochs,
        train_values,
        val_values=None,
        metric="loss",
        monitor=None,
        monitor_epoch=None,
        name=None,
    ):
        self.epochs = epochs
        self.train_values = train_values
        self.val_values = val_values
        self.metric = metric
        self.monitor = monitor
        self.monitor_epoch = monitor_epoch
        self.name = name

    @classmethod
    def from_estimator(cls, estimator, *, metric="loss", name=None, ax=None, line_kw=None):
        """Draw the training history of a fitted classifier.

        Parameters
        ----------
        estimator : estimator instance
            A fitted classifier of this package, a fitted :class:`~sklearn.pipeline.Pipeline`
            whose last step is one, or a fitted search such as
            :class:`~sklearn.model_selection.GridSearchCV`, of which ``best_estimator_`` is
            drawn.

        metric : str, default="loss"
            ``"loss"``, ``"accuracy"``, or whatever else there is in ``history_``. It is drawn
            for the training rows and, when there was validation data, for the validation
            rows (``"val_loss"``, ``"val_accuracy"``).

        name : str, default=None
            The name to put before each entry of the legend.

        ax : matplotlib Axes, default=None
            Axes to draw on. None creates a new figure.

        line_kw : dict, default=None
            Keyword arguments for ``matplotlib.axes.Axes.plot``, for both curves.

        Returns
        -------
        display : TrainingCurveDisplay
            The display, drawn.

        Notes
        -----
        The marked epoch is the best one by the metric drawn. The estimator's ``best_epoch_``
        goes by its ``epoch_selection`` or its ``monitor`` and may be another one: when
        accuracy is drawn and the loss was monitored, both are shown, and one sees how much
        accuracy that choice of the epoch cost.
        """
        check_matplotlib_support(f"{cls.__name__}.from_estimator")
        classifier = _classifier_with_history(estimator)
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

    @property
    def best_epoch(self):
        """The best epoch by the metric drawn, on the validation rows, or None."""
        best = self._best()
        return None if best is None else best[0]

    def frame(self):
        """Return the numbers as a table.

        Returns
        -------
        frame : pandas DataFrame of shape (n_epochs, 1) or (n_epochs, 2)
            The columns ``training`` and, when there are validation values, ``validation``;
            one row for each epoch.
        """
        import pandas as pd

        epochs, curves = self._curves()
        frame = pd.DataFrame(curves, index=pd.Index(epochs, name="epoch"))
        return frame.rename_axis(columns=self.metric)

    def plot(self, ax=None, *, name=None, line_kw=None):
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. None creates a new figure.

        name : str, default=None
            The name to put before each entry of the legend. None uses the display's own.

        line_kw : dict, default=None
            Keyword arguments for ``matplotlib.axes.Axes.plot``, for both curves.

        Returns
        -------
        display : TrainingCurveDisplay
            The display itself, with ``ax_``, ``figure_`` and what was drawn.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        from matplotlib.cbook import normalize_kwargs
        from matplotlib.lines import Line2D
        from matplotlib.ticker import MaxNLocator

        epochs, curves = self._curves()
        best = self._best()
        name = self.name if name is None else name
        line_kw = normalize_kwargs(line_kw, Line2D)
        if ax is None:
            import matplotlib.pyplot as plt

            _, ax = plt.subplots()

        # One epoch has no line between its points: they must be seen by themselves.
        dots = len(epochs) <= _MAX_DOTS
        styles = {
            "training": {"linestyle": ":", "marker": "o" if dots else None, "markersize": 4},
            "validation": {"marker": "s" if len(epochs) == 1 else None, "markersize": 4},
        }
        self.lines_ = []
        for curve, values in curves.items():
            style = {"label": _label(name, curve), **styles[curve], **line_kw}
            if self.lines_:
                style.setdefault("color", self.lines_[0].get_color())
            self.lines_ += ax.plot(epochs, values, **style)
        color = self.lines_[-1].get_color()

        self.best_epoch_marker_ = None
        if best is not None:
            (self.best_epoch_marker_,) = ax.plot(
                *best,
                color=color,
                marker="o",
                markersize=11,
                markerfacecolor="none",
                markeredgewidth=2,
                linestyle="none",
                label=_label(name, "best epoch", "{} ({:#.3g})".format(*best)),
            )
        self.monitor_epoch_line_ = None
        if self.monitor_epoch is not None and (best is None or self.monitor_epoch != best[0]):
            by = "" if self.monitor is None else f" by {self.monitor}"
            self.monitor_epoch_line_ = ax.axvline(
                self.monitor_epoch,
                color=color,
                linestyle="--",
                linewidth=1,
                label=_label(name, f"best epoch{by}", self.monitor_epoch),
            )

        ax.set_xlabel("Epoch")
        ax.set_ylabel(self.metric.replace("_", " ").capitalize())
        ax.xaxis.set_major_locator(
            MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True, min_n_ticks=1)
        )
        # Half an epoch on either side: there is no epoch 0 to have a tick.
        limits = [shared.dataLim for shared in ax.get_shared_x_axes().get_siblings(ax)]
        if ax.get_autoscalex_on() and min(limit.x0 for limit in limits) >= 1:
            ax.set_xlim(0.5, max(limit.x1 for limit in limits) + 0.5, auto=None)
        legend = ax.legend(fontsize="small", handlelength=1.8, labelspacing=0.35)
        # Accuracies have their room below, and losses above.
        _make_room(ax, legend, below=self.metric == "accuracy")
        self.ax_ = ax
        self.figure_ = ax.figure
        return self

    def _curves(self):
        """Return the epochs and the curves there are, as arrays."""
        check_consistent_length(self.epochs, self.train_values, self.val_values)
        curves = {"training": np.asarray(self.train_values, dtype=float)}
        if self.val_values is not None:
            curves["validation"] = np.asarray(self.val_values, dtype=float)
        return np.asarray(self.epochs), curves

    def _best(self):
        """Return the best epoch and its validation value, or None."""
        epochs, curves = self._curves()
        values = curves.get("validation")
        if self.metric not in ARGBEST or values is None or np.isnan(values).all():
            return None
        best = ARGBEST[self.metric](values)
        return int(epochs[best]), float(values[best])


def _classifier_with_history(estimator):
    """Return the classifier inside pipelines and searches, or say why there is none."""
    given = type(estimator).__name__
    while not hasattr(estimator, "history_"):
        if isinstance(estimator, Pipeline):
            estimator = estimator.steps[-1][1]
        elif hasattr(estimator, "best_estimator_"):
            estimator = estimator.best_estimator_
        else:
            break
    else:
        return estimator

    inner = type(estimator).__name__
    got = f"Got {given}" if inner == given else f"Got {given} ending in {inner}"
    if hasattr(estimator, "__sklearn_tags__"):
        check_is_fitted(estimator)
    if hasattr(estimator, "cv_results_"):
        raise ValueError(f"{got} without best_estimator_. Fit the search with refit=True.")
    raise TypeError(
        f"{got}, which has no training history (history_). Pass a fitted"
        " KerasBinaryReviewClassifier or KerasTopicClassifier, a fitted Pipeline whose last"
        " step is one, or a fitted search over them."
    )


def _label(name, what, value=None):
    """Return a legend entry, with a capital letter unless a name comes before it."""
    if name is not None:
        return f"{name}: {what}" if value is None else f"{name}: {what} {value}"
    what = what[0].upper() + what[1:]
    return what if value is None else f"{what}: {value}"


def _make_room(ax, legend, *, below):
    """Move a y limit further out where the legend finds no place beside the curves."""
    box = legend.get_window_extent()
    # Titles and the layout may still take some of the height away, and points are no thin lines.
    near = box.padded(0.08 * ax.bbox.height)
    curves = [line for line in ax.lines if line.get_transform() == ax.transData]
    paths = [line.get_path().transformed(ax.transData) for line in curves]
    height = 1.15 * box.height / ax.bbox.height
    if (
        not ax.get_autoscaley_on()
        or height > 0.6
        or not any(path.intersects_bbox(near, filled=False) for path in paths)
    ):
        return
    edge = -height / (1 - height) if below else 1 / (1 - height)
    limit = ax.transData.inverted().transform(ax.transAxes.transform((0.5, edge)))[1]
    ax.set_ylim(**{"bottom" if below else "top": limit}, auto=None)
