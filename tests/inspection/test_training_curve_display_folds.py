"""TrainingCurveDisplay with folds: cross-validation, the picture, the table, and bad input."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from planted import planted_classes

from sklearn_textnn import KerasBinaryReviewClassifier, TrainingCurveDisplay
from sklearn_textnn.inspection import training_curve

# Three folds of two epochs.
TRAINING = np.array([[0.9, 0.8, 0.7], [0.6, 0.5, 0.4]])
VALIDATION = np.array([[0.8, 0.7, 0.9], [0.7, 0.8, 0.6]])


def folds(**params):
    return TrainingCurveDisplay(
        epochs=[1, 2], train_values=TRAINING, val_values=VALIDATION, **params
    )


def labels(display):
    """Return the labels of what is drawn, as a legend would have them."""
    return display.ax_.get_legend_handles_labels()[1]


def suptitle(figure):
    return figure.texts[0].get_text()


def on_one():
    return plt.subplots(layout="constrained")[1]


# Cross-validation


@pytest.mark.parametrize("metric", ["loss", "accuracy"])
def test_from_cross_validation_draws_the_training_curve(metric):
    X, y = planted_classes(45, 2, seed=0)
    classifier = KerasBinaryReviewClassifier(2, epochs=2, random_state=0)
    weight = np.arange(1.0, 46)
    settings = {"cv": 3, "params": {"sample_weight": weight}}
    curve = training_curve(classifier, X, y, **settings)
    _, ax = plt.subplots()
    display = TrainingCurveDisplay.from_cross_validation(
        classifier, X, y, metric=metric, ax=ax, name="a", line_kw={"c": "red"}, **settings
    )
    np.testing.assert_array_equal(display.epochs, curve.epochs)
    np.testing.assert_allclose(display.train_values, curve[metric], rtol=1e-6)
    np.testing.assert_allclose(display.val_values, curve[f"val_{metric}"], rtol=1e-6)
    assert display.metric == metric
    assert display.ax_ is ax
    assert display.axes_.tolist() == [ax]
    assert labels(display)[0] == "a: training, mean of 3 folds"
    assert display.lines_[0].get_color() == "red"


@pytest.mark.parametrize("metric", ["val_loss", "auc", None])
def test_from_cross_validation_refuses_an_unknown_metric_before_training(metric):
    with pytest.raises(ValueError, match=f"metric must be 'loss' or 'accuracy', got {metric!r}"):
        TrainingCurveDisplay.from_cross_validation("never looked at", None, None, metric=metric)
    assert plt.get_fignums() == []


# The picture


def test_new_figure_has_a_panel_for_the_mean_and_one_for_each_fold():
    display = folds().plot()
    assert display.axes_.shape == (4,)
    assert display.axes_.tolist() == display.figure_.axes
    titles = [ax.get_title() for ax in display.axes_]
    assert titles == ["Mean of 3 folds", "Fold 0", "Fold 1", "Fold 2"]
    assert display.ax_ is display.axes_[0]
    for line, values in zip(display.lines_, [TRAINING, VALIDATION], strict=True):
        assert line.axes is display.ax_
        np.testing.assert_allclose(line.get_ydata(), values.mean(axis=1))
    panels = [line.axes for line in display.fold_lines_]
    assert panels == 2 * display.axes_[1:].tolist()
    for line, values in zip(display.fold_lines_, [*TRAINING.T, *VALIDATION.T], strict=True):
        np.testing.assert_array_equal(line.get_ydata(), values)
    assert len({ax.get_ylim() for ax in display.axes_}) == 1
    finding = "Validation loss, mean of 3 folds, is lowest at the last epoch, 2"
    assert suptitle(display.figure_) == finding.replace("epoch, 2", "epoch,\n2")


def test_best_epoch_of_each_fold_is_marked_in_its_panel():
    display = folds().plot()
    marked = [
        [text.get_text() for text in ax.texts if "epoch" in text.get_text()]
        for ax in display.axes_[1:]
    ]
    assert marked == [["epoch 2: 0.700"], ["epoch 1: 0.700"], ["epoch 2: 0.600"]]


def test_axes_of_the_user_are_the_panels():
    figure, axes = plt.subplots(2, 3)
    display = folds().plot(axes)
    assert display.axes_.tolist() == axes.ravel()[:4].tolist()
    assert not axes[1, 1].lines
    assert figure.texts == []
    with pytest.raises(ValueError, match=r"at least 4 of them"):
        folds().plot(axes[0])
    with pytest.raises(ValueError, match="one matplotlib Axes"):
        folds().plot("axes")


@pytest.mark.parametrize(("n_folds", "n_panels"), [(1, 1), (11, 12), (12, 1)])
def test_many_folds_are_drawn_on_one_axes(n_folds, n_panels):
    values = np.random.default_rng(0).random((3, n_folds))
    display = TrainingCurveDisplay(epochs=[1, 2, 3], train_values=values, val_values=values).plot()
    assert len(display.axes_) == n_panels
    assert len(display.fold_lines_) == 2 * n_folds


def test_on_one_axes_the_mean_is_a_thick_line_and_each_fold_a_thin_one():
    display = folds().plot(on_one())
    assert len(display.axes_) == 1
    for line, values in zip(display.fold_lines_, [*TRAINING.T, *VALIDATION.T], strict=True):
        np.testing.assert_array_equal(line.get_ydata(), values)
        assert line.get_linewidth() < display.lines_[1].get_linewidth() / 2
    training, validation = (line.get_color() for line in display.lines_)
    assert training != validation
    colors = [line.get_color() for line in display.fold_lines_]
    assert colors == [training] * 3 + [validation] * 3


def test_best_epoch_is_that_of_the_mean_with_its_standard_deviation():
    display = folds(name="a").plot(on_one())
    assert display.best_epoch == 2
    assert display.best_epoch_marker_.get_ydata() == pytest.approx([0.7])
    assert labels(display) == [
        "a: training, mean of 3 folds",
        "a: validation, mean of 3 folds",
        "a: best epoch 2 (0.700 ± 0.082)",  # the square root of 0.02 / 3
    ]
    assert folds(metric="accuracy").best_epoch == 1


def test_labels_of_one_fold_have_neither_mean_nor_deviation():
    display = TrainingCurveDisplay(
        epochs=[1, 2], train_values=TRAINING[:, :1], val_values=VALIDATION[:, :1]
    ).plot()
    assert labels(display) == ["Training", "Validation", "Best epoch: 2 (0.700)"]


def test_line_kw_applies_to_the_folds():
    for ax in (None, on_one()):
        display = folds().plot(ax, line_kw={"c": "red", "lw": 4})
        assert {line.get_color() for line in display.lines_ + display.fold_lines_} == {"red"}
        assert {line.get_linewidth() for line in display.lines_} == {4}


def test_fold_that_ends_early_has_a_dot_at_its_end():
    values = np.vstack([TRAINING, TRAINING[:1]])
    values[2, 0] = np.nan
    display = TrainingCurveDisplay(epochs=[1, 2, 3], train_values=values).plot()
    markers = [(line.get_marker(), line.get_markevery()) for line in display.fold_lines_]
    assert markers[0] == ("o", [1])
    assert {marker for marker, _ in markers[1:]} == {"None"}


def test_folds_of_one_epoch_are_dots():
    display = TrainingCurveDisplay(
        epochs=[1], train_values=TRAINING[:1], val_values=VALIDATION[:1]
    ).plot()
    assert {line.get_marker() for line in display.fold_lines_} == {"o"}


def test_mean_ends_with_the_shortest_fold():
    training = np.vstack([TRAINING, [[np.nan, 0.3, 0.2]]])
    validation = np.vstack([VALIDATION, [[np.nan, 0.1, 0.1]]])
    display = TrainingCurveDisplay(
        epochs=[1, 2, 3], train_values=training, val_values=validation
    ).plot()
    for line in display.lines_:
        np.testing.assert_array_equal(np.isnan(line.get_ydata()), [False, False, True])
    assert display.best_epoch == 2


# The table


def test_frame_has_a_row_for_each_fold_and_epoch():
    frame = folds().frame()
    assert frame.index.names == ["fold", "epoch"]
    assert frame.columns.to_list() == ["training", "validation"]
    assert frame.loc[(2, 1)].to_list() == [0.7, 0.9]
    np.testing.assert_allclose(frame["validation"].groupby("epoch").mean(), VALIDATION.mean(axis=1))


def test_frame_has_no_row_for_an_epoch_that_a_fold_did_not_reach():
    training = TRAINING.copy()
    training[1, 0] = np.nan
    frame = TrainingCurveDisplay(epochs=[1, 2], train_values=training).frame()
    assert frame.index.to_list() == [(0, 1), (1, 1), (1, 2), (2, 1), (2, 2)]


# Bad input


@pytest.mark.parametrize(
    ("train_values", "val_values"),
    [(TRAINING, VALIDATION[:, :2]), (TRAINING, VALIDATION[:, 0]), (TRAINING[..., None], None)],
)
def test_values_of_different_shapes_are_refused(train_values, val_values):
    display = TrainingCurveDisplay(epochs=[1, 2], train_values=train_values, val_values=val_values)
    with pytest.raises(ValueError, match=r"same shape, \(n_epochs,\) or \(n_epochs, n_folds\)"):
        display.frame()
