"""Training and validation loss or accuracy over epochs, as a table and as a picture."""

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import check_is_fitted

from .._sklearn_compat import check_matplotlib_support
from ..neural_network._history import ARGBEST
from ._epoch_axis import MAX_DOTS, add_legend, entry, number, set_epochs


class TrainingCurveDisplay:
    """Training and validation loss, or accuracy, over the epochs of a fit, or of each fold's.

    It is recommended to use :meth:`from_estimator` or :meth:`from_cross_validation` to create a
    display. Made from arrays, it draws any training history, Keras's ``History.history``
    included. All parameters are stored as attributes.

    For a score over the number of training documents see
    :class:`~sklearn.model_selection.LearningCurveDisplay`, and over the values of a
    hyper-parameter :class:`~sklearn.model_selection.ValidationCurveDisplay`.

    Parameters
    ----------
    epochs : array-like of shape (n_epochs,)
        The epochs, usually 1, 2, ..., n_epochs.

    train_values : array-like of shape (n_epochs,) or (n_epochs, n_folds)
        The metric on the training rows, after each epoch. With a column for each fold, the
        mean of the folds is drawn thick and each fold thin. A fold that ended early has NaN
        in the epochs it did not reach.

    val_values : array-like of the shape of `train_values`, default=None
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
        several. With folds it is that of their mean. None when there are no validation values.

    ax_ : matplotlib Axes
        Axes with the curves.

    figure_ : matplotlib Figure
        Figure containing the curves.

    lines_ : list of matplotlib Line2D
        The training curve and, when there are validation values, the validation curve; with
        folds, those of their mean.

    fold_lines_ : list of matplotlib Line2D
        The training curve of each fold, then the validation curve of each; empty without
        folds.

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

    The mean of folds ends where the first of them ended: going on with those that are left,
    it would jump. The spread in the legend is their standard deviation at the best epoch.

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

    @classmethod
    def from_cross_validation(
        cls,
        estimator,
        X,
        y,
        *,
        cv=None,
        groups=None,
        metric="loss",
        n_jobs=None,
        params=None,
        name=None,
        ax=None,
        line_kw=None,
    ):
        """Train on each fold, validate on the rows it holds out, and draw the histories.

        Parameters
        ----------
        estimator : estimator instance
            A classifier of this package or a :class:`~sklearn.pipeline.Pipeline` whose last
            step is one. Clones of it are fitted.

        X : array-like, sparse matrix or list
            What the estimator is fitted on, raw documents for example.

        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            The labels.

        cv : int, cross-validation generator or iterable, default=None
            The folds, as in :func:`~sklearn.model_selection.cross_validate`: None and ints are
            stratified, None is 5 folds.

        groups : array-like of shape (n_samples,), default=None
            The groups of the rows, for a `cv` that splits by group.

        metric : {"loss", "accuracy"}, default="loss"
            What to draw.

        n_jobs : int, default=None
            The number of folds to train at a time. None is 1 unless in a
            ``joblib.parallel_backend`` context, -1 all processors.

        params : dict, default=None
            ``{"sample_weight": array-like of shape (n_samples,)}`` weights the training rows
            in the classifier's ``fit``, not in the steps before it. Validation is without
            weights.

        name : str, default=None
            The name to put before each entry of the legend.

        ax : matplotlib Axes, default=None
            Axes to draw on. None creates a new figure.

        line_kw : dict, default=None
            Keyword arguments for ``matplotlib.axes.Axes.plot``, for all curves.

        Returns
        -------
        display : TrainingCurveDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If `metric` or `params` hold something else, if a fold holds out every row of a
            class, or if the estimator refuses the data.
        TypeError
            If there is no classifier of this package at the end of the estimator.

        Notes
        -----
        The steps before the classifier learn from the fold's training rows alone. The rows
        that it holds out go through them as they are, and are the ``X_val`` and ``y_val`` of
        its ``fit``. They take the place of `validation_fraction`, so that the classifier
        trains on all the other rows; with `epoch_selection` the second training is left out,
        which the history does not show.

        With `early_stopping` each fold ends at an epoch of its own. To see how many epochs
        are best on average, leave it off.

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
        from ._training_folds import fold_histories  # to import scikit-learn's splitters is dear

        histories = fold_histories(
            estimator, X, y, cv=cv, groups=groups, n_jobs=n_jobs, params=params
        )
        train_values = _side_by_side([history[metric] for history in histories])
        display = cls(
            epochs=np.arange(1, len(train_values) + 1),
            train_values=train_values,
            val_values=_side_by_side([history[f"val_{metric}"] for history in histories]),
            metric=metric,
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
            one row for each epoch. With folds one row for each ``fold``, counted from 0, and
            each ``epoch`` that it reached.
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

    def plot(self, ax=None, *, name=None, line_kw=None):
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. None creates a new figure.

        name : str, default=None
            The name to put before each entry of the legend. None uses the display's own.

        line_kw : dict, default=None
            Keyword arguments for ``matplotlib.axes.Axes.plot``, for all curves.

        Returns
        -------
        display : TrainingCurveDisplay
            The display itself, with ``ax_``, ``figure_`` and what was drawn.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        from matplotlib.cbook import normalize_kwargs
        from matplotlib.lines import Line2D

        epochs, curves = self._curves()
        best = self._best()
        name = self.name if name is None else name
        line_kw = normalize_kwargs(line_kw, Line2D)
        if ax is None:
            import matplotlib.pyplot as plt

            _, ax = plt.subplots()

        # One epoch has no line between its points: they must be seen by themselves.
        dots = len(epochs) <= MAX_DOTS
        styles = {
            "training": {"linestyle": ":", "marker": "o" if dots else None, "markersize": 4},
            "validation": {"marker": "s" if len(epochs) == 1 else None, "markersize": 4},
        }
        self.lines_, self.fold_lines_ = [], []
        for curve, values in curves.items():
            style = {**styles[curve], **line_kw}
            if self.lines_:
                style.setdefault("color", self.lines_[0].get_color())
            n_folds = 1 if values.ndim == 1 else values.shape[1]
            label = entry(name, curve if n_folds == 1 else f"{curve}, mean of {n_folds} folds")
            self.lines_ += ax.plot(epochs, _mean(values), **{"label": label, **style})
            if values.ndim == 2:
                self.fold_lines_ += _draw_folds(self.lines_[-1], epochs, values)
        color = self.lines_[-1].get_color()

        self.best_epoch_marker_ = None
        if best is not None:
            epoch, value, spread = best
            (self.best_epoch_marker_,) = ax.plot(
                epoch,
                value,
                color=color,
                marker="o",
                markersize=11,
                markerfacecolor="none",
                markeredgewidth=2,
                linestyle="none",
                label=entry(name, "best epoch", f"{epoch} ({number(value, spread)})"),
            )
        self.monitor_epoch_line_ = None
        if self.monitor_epoch is not None and (best is None or self.monitor_epoch != best[0]):
            by = "" if self.monitor is None else f" by {self.monitor}"
            self.monitor_epoch_line_ = ax.axvline(
                self.monitor_epoch,
                color=color,
                linestyle="--",
                linewidth=1,
                label=entry(name, f"best epoch{by}", self.monitor_epoch),
            )

        ax.set_ylabel(self.metric.replace("_", " ").capitalize())
        set_epochs(ax)
        # Accuracies have their room below, and losses above.
        add_legend(ax, below=self.metric == "accuracy")
        self.ax_ = ax
        self.figure_ = ax.figure
        return self

    def _curves(self):
        """Return the epochs and the curves there are, as arrays."""
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
        """Return the best epoch, its validation value and its spread over folds, or None."""
        epochs, curves = self._curves()
        if self.metric not in ARGBEST or "validation" not in curves:
            return None
        values = curves["validation"]
        mean = _mean(values)
        if np.isnan(mean).all():
            return None
        best = ARGBEST[self.metric](mean)
        spread = float(values[best].std()) if values[best].size > 1 else None
        return int(epochs[best]), float(mean[best]), spread


def _mean(values):
    """Return the mean of the folds, NaN from where the first of them ended."""
    return values if values.ndim == 1 else values.mean(axis=1)


def _side_by_side(curves):
    """Return curves as columns, with NaN after the end of the shorter ones."""
    columns = np.full((max(map(len, curves)), len(curves)), np.nan)
    for fold, curve in enumerate(curves):
        columns[: len(curve), fold] = curve
    return columns


def _draw_folds(mean, epochs, values):
    """Draw each fold thin, in the color and the style of the mean, and return the lines."""
    lines = []
    for fold in values.T:
        last = int(np.flatnonzero(~np.isnan(fold)).max(initial=0))
        # Where a fold ended before the others there is a dot; for one epoch it is all there is.
        ended = len(epochs) == 1 or last < len(epochs) - 1
        lines += mean.axes.plot(
            epochs,
            fold,
            color=mean.get_color(),
            linestyle=mean.get_linestyle(),
            linewidth=0.5 * mean.get_linewidth(),
            alpha=0.6,
            marker="o" if ended else None,
            markersize=3,
            markevery=[last],
            label="_fold",
        )
    return lines


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
