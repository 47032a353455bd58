"""TrainingCurveDisplay of one fit: the picture, the table, and where it finds the history.

The histories are those of the IMDB example. A classifier that trains nothing holds them, so that
no test needs Keras.
"""

import pickle
import subprocess
import sys
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_textnn.inspection import TrainingCurveDisplay

LOSS = [0.505, 0.300, 0.219, 0.174, 0.143, 0.118, 0.101, 0.084, 0.070, 0.059]
LOSS += [0.049, 0.040, 0.033, 0.027, 0.022, 0.018, 0.015, 0.012, 0.011, 0.010]
VAL_LOSS = [0.381, 0.309, 0.290, 0.281, 0.286, 0.295, 0.308, 0.326, 0.345, 0.368]
VAL_LOSS += [0.392, 0.419, 0.442, 0.470, 0.501, 0.534, 0.576, 0.618, 0.660, 0.701]
ACCURACY = [0.781, 0.903, 0.928, 0.944, 0.955, 0.964, 0.970, 0.976, 0.981, 0.984]
ACCURACY += [0.988, 0.990, 0.993, 0.994, 0.996, 0.997, 0.998, 0.998, 0.999, 0.999]
VAL_ACCURACY = [0.868, 0.886, 0.886, 0.888, 0.887, 0.890, 0.886, 0.885, 0.882, 0.880]
VAL_ACCURACY += [0.879, 0.878, 0.877, 0.876, 0.875, 0.874, 0.873, 0.872, 0.871, 0.870]

X = np.arange(20.0).reshape(-1, 1)
Y = np.repeat([0, 1], 10)


class WithHistory(ClassifierMixin, BaseEstimator):
    """A classifier that predicts a constant and has the first `epochs` of the history."""

    def __init__(self, epochs=20, *, validation=True, monitor="val_loss", epoch_selection=None):
        self.epochs = epochs
        self.validation = validation
        self.monitor = monitor
        self.epoch_selection = epoch_selection

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.n_iter_ = self.epochs
        self.history_ = {"loss": LOSS[: self.epochs], "accuracy": ACCURACY[: self.epochs]}
        self.best_epoch_ = None
        if self.validation:
            self.history_["val_loss"] = VAL_LOSS[: self.epochs]
            self.history_["val_accuracy"] = VAL_ACCURACY[: self.epochs]
            monitored = self.history_[self.epoch_selection or self.monitor]
            lowest = "loss" in (self.epoch_selection or self.monitor)
            self.best_epoch_ = int((np.argmin if lowest else np.argmax)(monitored)) + 1
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


def fitted(epochs=20, **params):
    return WithHistory(epochs, **params).fit(X, Y)


def draw(epochs=20, *, metric="loss", ax=None, name=None, line_kw=None, **params):
    return TrainingCurveDisplay.from_estimator(
        fitted(epochs, **params), metric=metric, ax=ax, name=name, line_kw=line_kw
    )


def labels(display):
    """Return the labels of what is drawn, as a legend would have them."""
    return display.ax_.get_legend_handles_labels()[1]


def texts(ax):
    return [text.get_text() for text in ax.texts]


def ticks_in_view(ax):
    ax.figure.canvas.draw()
    low, high = ax.get_xlim()
    return [tick for tick in ax.get_xticks() if low <= tick <= high]


# The curves


@pytest.mark.parametrize(
    ("metric", "training", "validation"),
    [("loss", LOSS, VAL_LOSS), ("accuracy", ACCURACY, VAL_ACCURACY)],
)
def test_curves_are_the_history_over_epochs_from_one(metric, training, validation):
    display = draw(metric=metric)
    for line, values in zip(display.lines_, [training, validation], strict=True):
        np.testing.assert_array_equal(line.get_xdata(), np.arange(1, 21))
        np.testing.assert_array_equal(line.get_ydata(), values)
    assert display.ax_.get_xlabel() == "Epoch"
    assert display.ax_.get_ylabel() == metric.capitalize()
    assert display.figure_ is display.ax_.figure


def test_loss_is_drawn_by_default():
    assert TrainingCurveDisplay.from_estimator(fitted()).metric == "loss"


@pytest.mark.parametrize(
    ("metric", "monitor", "epoch", "value"),
    [("loss", "val_loss", 4, "0.281"), ("accuracy", "val_accuracy", 6, "0.890")],
)
def test_best_epoch_is_marked_ticked_and_named(metric, monitor, epoch, value):
    display = draw(metric=metric, monitor=monitor)
    assert display.best_epoch == epoch
    np.testing.assert_array_equal(display.best_epoch_marker_.get_xdata(), [epoch])
    np.testing.assert_array_equal(display.best_epoch_marker_.get_ydata(), [float(value)])
    assert labels(display) == ["Training", "Validation", f"Best epoch: {epoch} ({value})"]
    assert texts(display.ax_) == ["Training", "Validation", f"epoch {epoch}: {value}"]
    extreme = {"loss": "lowest", "accuracy": "highest"}[metric]
    assert display.ax_.get_title() == f"Validation {metric} is {extreme} at epoch {epoch}"
    assert epoch in ticks_in_view(display.ax_)
    assert display.monitor_epoch_line_ is None


@pytest.mark.parametrize(
    "params", [{"monitor": "val_loss"}, {"monitor": "val_accuracy", "epoch_selection": "val_loss"}]
)
def test_best_epoch_of_the_estimator_is_shown_if_it_differs(params):
    display = draw(metric="accuracy", **params)
    assert display.best_epoch == 6
    assert set(display.monitor_epoch_line_.get_xdata()) == {4}
    assert labels(display)[2:] == ["Best epoch: 6 (0.890)", "Best epoch by val_loss: 4"]
    assert "epoch 4: best by val_loss" in texts(display.ax_)
    assert {4, 6} <= set(ticks_in_view(display.ax_))


def test_epochs_of_a_series_are_taken_by_position():
    epochs = pd.Series([4, 5, 6], index=[6, 5, 4])
    display = TrainingCurveDisplay(epochs=epochs, train_values=[3, 2, 1], val_values=[2, 1, 3])
    assert display.plot().best_epoch == 5
    assert display.frame().index.tolist() == [4, 5, 6]


def test_earliest_of_equally_good_epochs_is_marked():
    for metric, values in [("loss", [2, 1, 1]), ("accuracy", [0, 1, 1])]:
        display = TrainingCurveDisplay(
            epochs=[1, 2, 3], train_values=[1, 1, 1], val_values=values, metric=metric
        )
        assert display.best_epoch == 2


def test_without_validation_data_there_is_one_curve_without_a_mark():
    display = draw(validation=False)
    assert len(display.lines_) == 1
    assert display.best_epoch is display.best_epoch_marker_ is display.monitor_epoch_line_ is None
    assert labels(display) == texts(display.ax_) == ["Training"]
    assert display.ax_.get_title() == ""


def test_missing_validation_values_are_never_the_best():
    display = TrainingCurveDisplay(
        epochs=[1, 2, 3], train_values=[3, 2, 1], val_values=[np.nan, 2, 3]
    ).plot()
    assert display.best_epoch == 2
    display = TrainingCurveDisplay(
        epochs=[1, 2], train_values=[2, 1], val_values=[np.nan, np.nan]
    ).plot()
    assert display.best_epoch is None


def test_other_entries_of_the_history_are_drawn_without_a_mark():
    classifier = fitted(3, validation=False)
    classifier.history_["learning_rate"] = [1e-3, 1e-3, 5e-4]
    display = TrainingCurveDisplay.from_estimator(classifier, metric="learning_rate")
    assert display.ax_.get_ylabel() == "Learning rate"
    classifier.history_["val_learning_rate"] = [1, 2, 3]
    display = TrainingCurveDisplay.from_estimator(classifier, metric="learning_rate")
    assert len(display.lines_) == 2
    assert display.best_epoch is None


# The look


@pytest.mark.parametrize("epochs", [1, 2, 3, 4, 7, 20])
def test_ticks_are_whole_epochs_from_one(epochs):
    ticks = ticks_in_view(draw(epochs).ax_)
    assert ticks
    assert all(tick == int(tick) and 1 <= tick <= epochs for tick in ticks)


def test_long_histories_have_no_tick_at_zero_and_no_dots():
    epochs = np.arange(1, 201)
    display = TrainingCurveDisplay(
        epochs=epochs, train_values=1 / epochs, val_values=1 / epochs
    ).plot()
    assert min(ticks_in_view(display.ax_)) >= 1
    assert all(line.get_marker() in (None, "None") for line in display.lines_)


def test_one_epoch_is_visible():
    display = draw(1)
    assert all(line.get_marker() not in (None, "None") for line in display.lines_)
    assert display.ax_.get_xlim() == (0.5, 1.5)


def test_training_is_thin_and_grey_and_validation_strong():
    training, validation = draw().lines_
    assert len(set(to_rgb(training.get_color()))) == 1
    assert len(set(to_rgb(validation.get_color()))) > 1
    assert validation.get_linewidth() > 2 * training.get_linewidth()


@pytest.mark.parametrize("style", ["default", "dark_background", "Solarize_Light2", "ggplot"])
def test_colors_have_enough_contrast(style):
    with plt.style.context(style):
        first = draw(name="0")
        displays = [first, *(draw(name=str(i), ax=first.ax_) for i in range(1, 4))]
        background = to_rgb(first.ax_.get_facecolor())
    for display in displays:
        for line in display.lines_:
            assert wcag_contrast(to_rgb(line.get_color()), background) >= 3
    if style in ("default", "dark_background"):
        assert len({display.lines_[1].get_color() for display in displays}) == 4


def wcag_contrast(*colors):
    """Return the contrast of two colors by the formula of WCAG 2.2, for values above 0.04."""
    values = [np.maximum(color, 0.0) for color in map(np.asarray, colors)]
    linear = [np.where(v > 0.04, ((v + 0.055) / 1.055) ** 2.4, v / 12.92) for v in values]
    dark, light = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in linear)
    return (light + 0.05) / (dark + 0.05)


def test_curves_are_labelled_at_their_ends_without_a_legend():
    display = draw()
    assert display.ax_.get_legend() is None
    display.figure_.canvas.draw()
    for line, text in zip(display.lines_, display.ax_.texts, strict=False):
        assert text.get_text() == line.get_label()
        assert text.get_color() == line.get_color()
        end = display.ax_.transData.transform(line.get_xydata()[-1])
        box = text.get_window_extent()
        assert 0 < box.x0 - end[0] < 20
        assert box.y0 <= end[1] <= box.y1
        assert box.x1 <= display.figure_.bbox.x1
    assert len(display.ax_.legend().get_texts()) == 3


@pytest.mark.parametrize("n", [1, 3])
def test_labels_of_curves_that_end_together_do_not_cover_each_other(n):
    _, ax = plt.subplots(layout="constrained")
    for i in range(n):
        values = np.full(5, 0.5 + 0.001 * i)
        TrainingCurveDisplay(
            epochs=range(1, 6), train_values=values, val_values=values, name=str(i)
        ).plot(ax)
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts if "epoch" not in text.get_text()]
    assert len(boxes) == 2 * n
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[i + 1 :])


@pytest.mark.parametrize("metric", ["loss", "accuracy"])
@pytest.mark.parametrize("figsize", [(4.5, 3), (6.4, 4.8)])
@pytest.mark.parametrize("yscale", ["linear", "log"])
def test_text_at_the_best_epoch_does_not_cover_the_curves(metric, figsize, yscale):
    _, ax = plt.subplots(figsize=figsize, layout="constrained")
    ax.set_yscale(yscale)
    display = draw(metric=metric, ax=ax)
    limits = ax.get_ylim()
    display.figure_.canvas.draw()
    (text,) = [
        text for text in ax.texts if text.get_text().startswith("epoch") and text.arrow_patch
    ]
    box = Text.get_window_extent(text)
    assert ax.bbox.x0 <= box.x0 < box.x1 <= ax.bbox.x1
    assert ax.bbox.y0 <= box.y0 < box.y1 <= ax.bbox.y1
    for line in display.lines_:
        path = line.get_path().transformed(line.get_transform())
        assert not path.intersects_bbox(box, filled=False)
    assert ax.get_ylim() == limits


@pytest.mark.parametrize("loc", ["left", "center", "right"])
def test_title_of_the_user_stays(loc):
    _, ax = plt.subplots()
    ax.set_title("Mine", loc=loc)
    draw(ax=ax)
    titles = {other: ax.get_title(other) for other in ("left", "center", "right")}
    assert titles.pop(loc) == "Mine"
    assert set(titles.values()) == {""}


def test_title_of_one_display_is_gone_when_a_second_one_is_drawn():
    first = draw(name="a")
    assert first.ax_.get_title() == "a: validation loss is lowest at epoch 4"
    draw(name="b", ax=first.ax_)
    assert first.ax_.get_title() == ""
    first.ax_.set_title("Mine")
    draw(name="c", ax=first.ax_)
    assert first.ax_.get_title() == "Mine"


def test_title_says_if_the_best_epoch_is_the_last_one():
    assert draw(4).ax_.get_title() == "Validation loss is lowest at the last epoch, 4"


@pytest.mark.parametrize("n_epochs", [7, 20, 200])
def test_every_epoch_that_is_best_has_a_tick_with_room_for_its_label(n_epochs):
    for best in range(1, n_epochs + 1, max(1, n_epochs // 20)):
        values = np.abs(np.arange(1, n_epochs + 1) - best) + 1.0
        display = TrainingCurveDisplay(
            epochs=range(1, n_epochs + 1), train_values=values, val_values=values
        ).plot()
        assert best in ticks_in_view(display.ax_)
        boxes = [label.get_window_extent() for label in display.ax_.get_xticklabels()]
        boxes = sorted((box.x0, box.x1) for box in boxes if box.width)
        assert all(left[1] < right[0] for left, right in pairwise(boxes))
        plt.close(display.figure_)


def test_limits_that_the_user_set_stay_as_they_are():
    _, ax = plt.subplots(figsize=(3, 2.2))
    ax.set(xlim=(0, 10), ylim=(0, 0.6))
    draw(ax=ax)
    assert (ax.get_xlim(), ax.get_ylim()) == ((0, 10), (0, 0.6))


def test_line_kw_overrides_the_defaults_of_both_curves():
    display = draw(line_kw={"c": "red", "lw": 3, "linestyle": "--"})
    for line in display.lines_:
        assert (line.get_color(), line.get_linewidth(), line.get_linestyle()) == ("red", 3, "--")
    assert display.best_epoch_marker_.get_color() == "red"
    with pytest.raises(TypeError, match="aliases"):
        draw(line_kw={"c": "red", "color": "blue"})


def test_line_kw_is_not_changed():
    line_kw = {"c": "red"}
    draw(line_kw=line_kw)
    assert line_kw == {"c": "red"}


# Axes


def test_axes_of_the_user_are_drawn_on():
    figure, (left, right) = plt.subplots(1, 2)
    loss, accuracy = draw(ax=left), draw(metric="accuracy", ax=right)
    assert (loss.ax_, accuracy.ax_) == (left, right)
    assert loss.figure_ is accuracy.figure_ is figure
    assert plt.get_fignums() == [figure.number]


def test_subfigure_is_drawn_on():
    figure = plt.figure()
    ax = figure.subfigures(1, 2)[1].subplots()
    assert draw(ax=ax).figure_ is ax.figure


def test_shared_axes_are_as_long_as_the_longer_history():
    _, (left, right) = plt.subplots(1, 2, sharex=True)
    draw(20, ax=left)
    draw(5, ax=right)
    assert left.get_xlim() == right.get_xlim() == (0.5, 20.5)


def test_displays_on_the_same_axes_differ_in_color_and_name():
    first = draw(5, name="16, 16")
    second = draw(20, name="64, 64", ax=first.ax_)
    assert first.lines_[1].get_color() != second.lines_[1].get_color()
    assert first.ax_.get_xlim() == (0.5, 20.5)
    assert labels(second) == [
        f"{name}: {what}"
        for name in ("16, 16", "64, 64")
        for what in ("training", "validation", "best epoch 4 (0.281)")
    ]


def test_name_of_plot_overrides_the_name_of_the_display():
    display = draw(name="one")
    assert display.plot(name="two") is display
    assert labels(display)[0] == "two: training"
    assert display.name == "one"


# The table


def test_frame_has_the_values_by_epoch():
    expected = pd.DataFrame(
        {"training": LOSS, "validation": VAL_LOSS},
        index=pd.RangeIndex(1, 21, name="epoch"),
    )
    frame = draw().frame()
    pd.testing.assert_frame_equal(frame, expected, check_index_type=False, check_names=False)
    assert (frame.index.name, frame.columns.name) == ("epoch", "loss")
    assert frame["validation"].idxmin() == 4


def test_frame_without_validation_has_one_column():
    assert list(draw(validation=False).frame().columns) == ["training"]


def test_frame_draws_nothing():
    display = TrainingCurveDisplay(epochs=[1, 2], train_values=[2, 1])
    assert display.frame()["training"].tolist() == [2, 1]
    assert plt.get_fignums() == []


# Where the history is found


@pytest.mark.parametrize(
    "wrapped",
    [
        make_pipeline(StandardScaler(), WithHistory()),
        make_pipeline(StandardScaler(), Pipeline([("inner", Pipeline([("clf", WithHistory())]))])),
        GridSearchCV(WithHistory(), {"epochs": [20]}, cv=2),
        GridSearchCV(make_pipeline(StandardScaler(), WithHistory()), {}, cv=2),
        make_pipeline(StandardScaler(), GridSearchCV(WithHistory(), {}, cv=2)),
    ],
    ids=["pipeline", "nested", "search", "search over pipeline", "pipeline of search"],
)
def test_classifier_is_found_in_pipelines_and_searches(wrapped):
    display = TrainingCurveDisplay.from_estimator(wrapped.fit(X, Y))
    np.testing.assert_array_equal(display.val_values, VAL_LOSS)


@pytest.mark.parametrize(
    "unfitted",
    [
        WithHistory(),
        make_pipeline(StandardScaler(), WithHistory()),
        GridSearchCV(WithHistory(), {}),
        make_pipeline(StandardScaler(), GridSearchCV(WithHistory(), {})),
    ],
    ids=["classifier", "pipeline", "search", "pipeline of search"],
)
def test_unfitted_estimator_raises_not_fitted_error(unfitted):
    with pytest.raises(NotFittedError, match="not fitted yet"):
        TrainingCurveDisplay.from_estimator(unfitted)


def test_error_for_a_search_without_refit_says_to_refit():
    search = GridSearchCV(WithHistory(), {}, cv=2, refit=False).fit(X, Y)
    with pytest.raises(ValueError, match=r"GridSearchCV without best_estimator_.*refit=True"):
        TrainingCurveDisplay.from_estimator(search)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (LogisticRegression().fit(X, Y), "Got LogisticRegression, which"),
        (make_pipeline(StandardScaler()).fit(X), "Got Pipeline ending in StandardScaler, which"),
        (
            GridSearchCV(DummyClassifier(), {}, cv=2).fit(X, Y),
            "Got GridSearchCV ending in DummyClassifier, which",
        ),
        ({"loss": LOSS}, "Got dict, which"),
        (None, "Got NoneType, which"),
    ],
    ids=["classifier", "pipeline", "search", "history", "none"],
)
def test_error_for_another_estimator_names_the_accepted_ones(other, message):
    with pytest.raises(TypeError, match=message) as error:
        TrainingCurveDisplay.from_estimator(other)
    assert "KerasBinaryReviewClassifier or KerasTopicClassifier" in str(error.value)


def test_class_instead_of_an_instance_is_refused():
    with pytest.raises(TypeError, match="class, not an instance"):
        TrainingCurveDisplay.from_estimator(WithHistory)


@pytest.mark.parametrize("metric", ["auc", "val_loss", None])
def test_error_for_an_unknown_metric_names_the_known_ones(metric):
    with pytest.raises(ValueError, match=rf"\['loss', 'accuracy'\], got {metric!r}"):
        TrainingCurveDisplay.from_estimator(fitted(), metric=metric)
    assert plt.get_fignums() == []


def test_curves_of_different_lengths_are_refused():
    display = TrainingCurveDisplay(epochs=[1, 2], train_values=[2, 1], val_values=[1])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        display.plot()
    assert plt.get_fignums() == []


# Pickles and imports


def test_display_can_be_pickled():
    display = pickle.loads(pickle.dumps(draw()))
    assert display.best_epoch == 4


def test_import_and_table_need_no_matplotlib():
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from sklearn_textnn.inspection import TrainingCurveDisplay as Display\n"
        "display = Display(epochs=[1, 2], train_values=[2, 1], val_values=[1, 2])\n"
        "assert len(display.frame()) == 2 and display.best_epoch == 1\n"
        "assert not {'keras', 'tensorflow'} & set(sys.modules)\n"
        "try:\n    display.plot()\n"
        "except ImportError as error:\n    assert 'requires matplotlib' in str(error)\n"
        "else:\n    raise AssertionError\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
