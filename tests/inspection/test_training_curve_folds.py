"""TrainingCurveDisplay.from_cross_validation: what each fold is fitted on, and what is drawn."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from joblib import parallel_config
from planted import planted_classes
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.validation import check_is_fitted

from sklearn_textnn import (
    KerasBinaryReviewClassifier,
    KerasTopicClassifier,
    MultiHotVectorizer,
    TrainingCurveDisplay,
)

X, Y = planted_classes(45, 2, seed=0)
CV = StratifiedKFold(3)
# Each document has a word of its own, which must not be known to the folds that hold it out.
DOCUMENTS = [f"{'fine' if label else 'dull'} film number{i}" for i, label in enumerate(Y)]

# Three folds of two epochs.
TRAINING = np.array([[0.9, 0.8, 0.7], [0.6, 0.5, 0.4]])
VALIDATION = np.array([[0.8, 0.7, 0.9], [0.7, 0.8, 0.6]])


def classifier(**params):
    return KerasBinaryReviewClassifier(2, **{"epochs": 4, "random_state": 0, **params})


def draw(estimator=None, X=X, y=Y, *, cv=CV, **kwargs):
    estimator = classifier() if estimator is None else estimator
    return TrainingCurveDisplay.from_cross_validation(estimator, X, y, cv=cv, **kwargs)


def folds(epochs=2, **params):
    return TrainingCurveDisplay(
        epochs=np.arange(1, epochs + 1), train_values=TRAINING, val_values=VALIDATION, **params
    )


def legend(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


# What each fold is fitted on


@pytest.mark.parametrize("metric", ["loss", "accuracy"])
def test_each_column_is_the_history_of_a_fold_with_its_test_rows_held_out(metric):
    display = draw(metric=metric)
    for fold, (train, test) in enumerate(CV.split(X, Y)):
        history = classifier().fit(X[train], Y[train], X_val=X[test], y_val=Y[test]).history_
        np.testing.assert_array_equal(display.train_values[:, fold], history[metric])
        np.testing.assert_array_equal(display.val_values[:, fold], history[f"val_{metric}"])
    np.testing.assert_array_equal(display.epochs, [1, 2, 3, 4])


@pytest.mark.parametrize("memory", [False, True], ids=["no memory", "memory"])
def test_held_out_documents_go_through_the_transformers_of_their_fold(memory, tmp_path):
    """The oracle is the metadata routing of a Pipeline in a Pipeline."""
    documents = np.array(DOCUMENTS, dtype=object)
    expected, n_words = [], set()
    with config_context(enable_metadata_routing=True):
        last = classifier().set_fit_request(X_val=True, y_val=True)
        inner = make_pipeline("passthrough", last, transform_input=["X_val"])
        pipeline = make_pipeline(MultiHotVectorizer(), inner, transform_input=["X_val"])
        for train, test in CV.split(X, Y):
            fitted = clone(pipeline).fit(
                documents[train], Y[train], X_val=documents[test], y_val=Y[test]
            )
            expected.append(fitted[-1][-1].history_["val_loss"])
            n_words.add(fitted[-1][-1].n_features_in_)
    assert n_words == {33}  # "fine", "dull", "film", and one for each of 30 documents
    plain = make_pipeline(
        MultiHotVectorizer(),
        "passthrough",
        make_pipeline("passthrough", classifier()),
        memory=str(tmp_path) if memory else None,
    )
    display = draw(plain, DOCUMENTS)
    np.testing.assert_array_equal(display.val_values, np.transpose(expected))


def test_a_pipeline_of_the_classifier_alone_is_the_classifier():
    np.testing.assert_array_equal(draw(make_pipeline(classifier())).val_values, draw().val_values)


@pytest.mark.parametrize(
    "params",
    [{"validation_fraction": 0.3}, {"epoch_selection": "val_loss", "validation_fraction": 0.3}],
)
def test_the_held_out_rows_take_the_place_of_the_classifiers_own_hold_out(params):
    np.testing.assert_array_equal(draw(classifier(**params)).val_values, draw().val_values)


def test_epoch_selection_does_not_train_again(capsys):
    draw(classifier(epoch_selection="val_loss", verbose=2))
    assert capsys.readouterr().out.count("Epoch 1/") == 3


def test_early_stopping_ends_each_fold_by_itself_and_the_mean_with_the_first():
    # Each epoch predicts the wrong labels of the first fold worse, and the right ones better.
    planted, y = planted_classes(45, 2, seed=0, n_noise=0)
    train, wrong, right = np.array_split(np.arange(45), 3)
    y[wrong] = 1 - y[wrong]
    stopping = classifier(early_stopping=True, patience=0).set_params(units=())
    display = draw(stopping, planted, y, cv=[(train, wrong), (train, right)])
    lengths = [2, 4]
    assert display.frame().groupby("fold").size().to_list() == lengths
    for line, values in zip(
        display.lines_, [display.train_values, display.val_values], strict=True
    ):
        drawn = np.flatnonzero(~np.isnan(line.get_ydata()))
        np.testing.assert_array_equal(drawn, np.arange(min(lengths)))
        np.testing.assert_allclose(
            line.get_ydata()[: min(lengths)], values[: min(lengths)].mean(axis=1)
        )
    assert display.best_epoch <= min(lengths)


def test_weights_are_those_of_the_rows_trained_on():
    weights = np.random.default_rng(0).uniform(0.1, 2, len(Y))
    pipeline = make_pipeline(FunctionTransformer(), classifier())
    display = draw(pipeline, params={"sample_weight": weights.tolist()})
    for fold, (train, test) in enumerate(CV.split(X, Y)):
        history = classifier().fit(X[train], Y[train], weights[train], X[test], Y[test]).history_
        np.testing.assert_array_equal(display.train_values[:, fold], history["loss"])
        np.testing.assert_array_equal(display.val_values[:, fold], history["val_loss"])


def test_cv_is_as_in_scikit_learn():
    np.testing.assert_array_equal(draw(cv=3).val_values, draw().val_values)
    splits = list(CV.split(X, Y))[:2]
    np.testing.assert_array_equal(draw(cv=iter(splits)).val_values, draw().val_values[:, :2])
    assert draw(classifier(epochs=1), cv=None).val_values.shape == (1, 5)


def test_groups_are_held_out_together():
    groups = np.arange(len(Y)) % 3
    splits = [
        (np.flatnonzero(groups != group), np.flatnonzero(groups == group)) for group in (0, 1, 2)
    ]
    by_group = draw(cv=GroupKFold(3), groups=groups).val_values
    assert set(by_group[-1]) == set(draw(cv=splits).val_values[-1])
    with pytest.raises(ValueError, match="'groups' parameter should not be None"):
        draw(cv=GroupKFold(3))


def test_topics_with_names_in_threads_are_as_one_after_another():
    X, y = planted_classes(45, 3, seed=0)
    y = np.array(["art", "law", "war"])[y].tolist()
    topics = KerasTopicClassifier(3, epochs=2, random_state=0)
    with parallel_config(backend="threading"):
        display = draw(topics, X, y, cv=2, n_jobs=2)
    np.testing.assert_array_equal(display.val_values, draw(topics, X, y, cv=2).val_values)


def test_the_estimator_is_left_unfitted():
    pipeline = make_pipeline(MultiHotVectorizer(), classifier(epoch_selection="val_loss"))
    draw(pipeline, DOCUMENTS)
    for step in pipeline:
        with pytest.raises(NotFittedError):
            check_is_fitted(step)
    assert pipeline[-1].epoch_selection == "val_loss"


# What is drawn


def test_the_mean_is_thick_and_each_fold_thin():
    display = folds().plot()
    for line, values in zip(display.lines_, [TRAINING, VALIDATION], strict=True):
        np.testing.assert_allclose(line.get_ydata(), values.mean(axis=1))
    assert len(display.fold_lines_) == 6
    for line, values in zip(display.fold_lines_, [*TRAINING.T, *VALIDATION.T], strict=True):
        np.testing.assert_array_equal(line.get_ydata(), values)
        assert line.get_linewidth() < display.lines_[0].get_linewidth()
        assert line.get_color() == display.lines_[0].get_color()


def test_training_and_validation_folds_can_be_told_apart_without_color():
    styles = [line.get_linestyle() for line in folds().plot().fold_lines_]
    assert len(set(styles[:3])) == len(set(styles[3:])) == 1
    assert styles[0] != styles[3]


def test_the_best_epoch_is_that_of_the_mean_with_its_spread():
    display = folds(name="a").plot()
    assert display.best_epoch == 2
    assert display.best_epoch_marker_.get_ydata() == pytest.approx([0.7])
    assert legend(display) == [
        "a: training, mean of 3 folds",
        "a: validation, mean of 3 folds",
        "a: best epoch 2 (0.700 ± 0.082)",  # the square root of 0.02 / 3
    ]
    assert folds(metric="accuracy").best_epoch == 1


def test_one_fold_has_neither_mean_nor_spread_in_the_legend():
    display = TrainingCurveDisplay(
        epochs=[1, 2], train_values=TRAINING[:, :1], val_values=VALIDATION[:, :1]
    ).plot()
    assert legend(display) == ["Training", "Validation", "Best epoch: 2 (0.700)"]


def test_line_kw_is_for_the_folds_too():
    display = folds().plot(line_kw={"c": "red", "lw": 4})
    assert {line.get_color() for line in display.lines_ + display.fold_lines_} == {"red"}
    assert {line.get_linewidth() for line in display.fold_lines_} == {2}


def test_where_a_fold_ends_before_the_others_there_is_a_dot():
    values = np.vstack([TRAINING, TRAINING[:1]])
    values[2, 0] = np.nan
    display = TrainingCurveDisplay(epochs=[1, 2, 3], train_values=values).plot()
    markers = [(line.get_marker(), line.get_markevery()) for line in display.fold_lines_]
    assert markers[0] == ("o", [1])
    assert {marker for marker, _ in markers[1:]} == {"None"}


def test_folds_of_one_epoch_are_visible():
    display = TrainingCurveDisplay(
        epochs=[1], train_values=TRAINING[:1], val_values=VALIDATION[:1]
    ).plot()
    assert {line.get_marker() for line in display.fold_lines_} == {"o"}


@pytest.mark.parametrize("metric", ["loss", "accuracy"])
def test_the_legend_is_not_over_the_folds(metric):
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


def test_axes_and_name_are_passed_on():
    _, ax = plt.subplots()
    display = draw(classifier(epochs=1), ax=ax, name="a", line_kw={"c": "red"})
    assert display.ax_ is ax
    assert legend(display)[0] == "a: training, mean of 3 folds"
    assert display.lines_[0].get_color() == "red"


# The table


def test_frame_has_a_row_for_each_fold_and_epoch():
    frame = folds().frame()
    assert frame.index.names == ["fold", "epoch"]
    assert frame.columns.to_list() == ["training", "validation"]
    assert frame.loc[(2, 1)].to_list() == [0.7, 0.9]
    np.testing.assert_allclose(frame["validation"].groupby("epoch").mean(), VALIDATION.mean(axis=1))


def test_frame_leaves_out_the_epochs_that_a_fold_did_not_reach():
    training = TRAINING.copy()
    training[1, 0] = np.nan
    frame = TrainingCurveDisplay(epochs=[1, 2], train_values=training).frame()
    assert frame.index.to_list() == [(0, 1), (1, 1), (1, 2), (2, 1), (2, 2)]


# Bad input


def never(X):
    raise AssertionError("fitted before the input was looked at")


UNTRAINED = make_pipeline(FunctionTransformer(never), classifier())


@pytest.mark.parametrize("metric", ["val_loss", "auc", None])
def test_an_unknown_metric_is_said_before_training(metric):
    with pytest.raises(ValueError, match=f"metric must be 'loss' or 'accuracy', got {metric!r}"):
        draw(UNTRAINED, metric=metric)


@pytest.mark.parametrize("params", [{"X_val": X}, {"classifier__sample_weight": Y}])
def test_other_params_are_refused_before_training(params):
    with pytest.raises(
        ValueError, match=rf"may hold sample_weight, got \['{next(iter(params))}'\]"
    ):
        draw(UNTRAINED, params=params)


def test_lengths_are_checked_before_training():
    for kwargs in [{"y": Y[1:]}, {"groups": Y[1:]}, {"params": {"sample_weight": Y[1:]}}]:
        with pytest.raises(ValueError, match="inconsistent numbers of samples"):
            draw(UNTRAINED, **kwargs)


def test_a_class_that_is_never_trained_on_is_said_before_training():
    splits = [(np.arange(30), np.arange(30, 45)), (np.flatnonzero(Y == 0), np.flatnonzero(Y == 1))]
    with pytest.raises(ValueError, match=r"fold 1 holds out every row of the classes \[1\].*Strat"):
        draw(UNTRAINED, cv=splits)


@pytest.mark.parametrize(
    ("estimator", "said"),
    [
        (LogisticRegression(), r"Got LogisticRegression\."),
        (make_pipeline(FunctionTransformer(), LogisticRegression()), "Got Pipeline ending in Log"),
        (GridSearchCV(classifier(), {}), r"Got GridSearchCV\. .* of a search, best_estimator_"),
    ],
    ids=["classifier", "pipeline", "search"],
)
def test_another_estimator_is_said_with_what_is_accepted(estimator, said):
    with pytest.raises(TypeError, match=said) as error:
        draw(estimator)
    assert "KerasBinaryReviewClassifier or KerasTopicClassifier" in str(error.value)


def test_a_class_is_not_taken_for_an_estimator():
    with pytest.raises(TypeError, match="Got the class KerasTopicClassifier"):
        draw(KerasTopicClassifier)


@pytest.mark.parametrize(
    ("train_values", "val_values"),
    [(TRAINING, VALIDATION[:, :2]), (TRAINING, VALIDATION[:, 0]), (TRAINING[..., None], None)],
)
def test_shapes_that_do_not_fit_together_are_said(train_values, val_values):
    display = TrainingCurveDisplay(epochs=[1, 2], train_values=train_values, val_values=val_values)
    with pytest.raises(ValueError, match=r"same shape, \(n_epochs,\) or \(n_epochs, n_folds\)"):
        display.frame()
