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


def legend(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


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
    assert legend(display)[0] == "a: training, mean of 3 folds"
    assert display.lines_[0].get_color() == "red"


@pytest.mark.parametrize("metric", ["val_loss", "auc", None])
def test_from_cross_validation_refuses_an_unknown_metric_before_training(metric):
    with pytest.raises(ValueError, match=f"metric must be 'loss' or 'accuracy', got {metric!r}"):
        TrainingCurveDisplay.from_cross_validation("never looked at", None, None, metric=metric)
    assert plt.get_fignums() == []


# The picture


def test_mean_is_a_thick_line_and_each_fold_a_thin_one():
    display = folds().plot()
    for line, values in zip(display.lines_, [TRAINING, VALIDATION], strict=True):
        np.testing.assert_allclose(line.get_ydata(), values.mean(axis=1))
    assert len(display.fold_lines_) == 6
    for line, values in zip(display.fold_lines_, [*TRAINING.T, *VALIDATION.T], strict=True):
        np.testing.assert_array_equal(line.get_ydata(), values)
        assert line.get_linewidth() < display.lines_[0].get_linewidth()
        assert line.get_color() == display.lines_[0].get_color()


def test_training_and_validation_folds_differ_in_line_style():
    styles = [line.get_linestyle() for line in folds().plot().fold_lines_]
    assert len(set(styles[:3])) == len(set(styles[3:])) == 1
    assert styles[0] != styles[3]


def test_best_epoch_is_that_of_the_mean_with_its_standard_deviation():
    display = folds(name="a").plot()
    assert display.best_epoch == 2
    assert display.best_epoch_marker_.get_ydata() == pytest.approx([0.7])
    assert legend(display) == [
        "a: training, mean of 3 folds",
        "a: validation, mean of 3 folds",
        "a: best epoch 2 (0.700 ± 0.082)",  # the square root of 0.02 / 3
    ]
    assert folds(metric="accuracy").best_epoch == 1


def test_legend_of_one_fold_has_neither_mean_nor_deviation():
    display = TrainingCurveDisplay(
        epochs=[1, 2], train_values=TRAINING[:, :1], val_values=VALIDATION[:, :1]
    ).plot()
    assert legend(display) == ["Training", "Validation", "Best epoch: 2 (0.700)"]


def test_line_kw_applies_to_the_folds():
    display = folds().plot(line_kw={"c": "red", "lw": 4})
    assert {line.get_color() for line in display.lines_ + display.fold_lines_} == {"red"}
    assert {line.get_linewidth() for line in display.fold_lines_} == {2}


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


@pytest.mark.parametrize("metric", ["loss", "accuracy"])
def test_legend_does_not_cover_the_folds(metric):
    rng = np.random.default_rng(0)
    epochs = np.arange(1, 21)
    curve = {"loss": 1 / epochs, "accuracy": 1 - 0.5 / epochs}[metric][:, None]
    display = TrainingCurveDisplay(
        epochs=epochs,
        train_values=curve + 0.02 * rng.random((20, 5)),
        val_values=curve + 0.05 * rng.random((20, 5)),
        metric=metric,
    ).plot()
    display.figure_.canvas.draw()
    box = display.ax_.get_legend().get_window_extent()
    for line in display.lines_ + display.fold_lines_:
        path = line.get_path().transformed(line.get_transform())
        assert not path.intersects_bbox(box, filled=False)


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
