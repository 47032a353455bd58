"""EpochSearchDisplay: the scores of a search, labels, picture and bad input."""

import itertools
import pickle

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from planted import planted_classes
from sklearn.exceptions import FitFailedWarning, NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sklearn_textnn import EpochGridSearchCV, EpochSearchDisplay, KerasBinaryReviewClassifier

X, Y = planted_classes(24, 2, seed=0)
EPOCHS = np.arange(1, 21)


def searched(grid, *, steps=(), **params):
    classifier = KerasBinaryReviewClassifier(2, learning_rate=0.01, random_state=0)
    estimator = make_pipeline(*steps, classifier) if steps else classifier
    return EpochGridSearchCV(estimator, grid, cv=2, **params).fit(X, Y)


@pytest.fixture(scope="module")
def search():
    """Return a search over two units and three epochs, with two metrics and train scores."""
    return searched(
        {"units": [(2,), (3,)], "epochs": [1, 2, 4], "l2": [0.0]},
        scoring=["accuracy", "neg_log_loss"],
        refit="neg_log_loss",
        return_train_score=True,
    )


def test_candidates_that_look_the_same_have_curves_of_their_own():
    noise = [np.eye(1, 2_000, k) for k in (800, 900)]  # NumPy shows the first and last numbers
    steps = [FunctionTransformer(kw_args={"noise": noise[0]}, func=_first_columns)]
    found = EpochSearchDisplay.from_estimator(
        searched(
            {
                "functiontransformer__kw_args": [{"noise": values} for values in noise],
                "kerasbinaryreviewclassifier__epochs": [1, 2],
            },
            steps=steps,
        )
    )
    assert [scores.shape for scores in found.scores] == [(2, 2), (2, 2)]
    labels = [line.get_label() for line in found.lines_]
    assert [label[-4:] for label in labels] == [" (1)", " (2)"]


def test_optimizer_has_one_curve_however_it_is_pickled(monkeypatch):
    optimizers = [keras.optimizers.Adam(rate) for rate in (0.01, 0.1)]
    search = searched({"optimizer": optimizers, "epochs": [1, 2, 4]})
    times = itertools.count()
    monkeypatch.setattr("joblib.hash", lambda value: next(times))  # as a pickle with the time in it
    assert [len(epochs) for epochs in EpochSearchDisplay.from_estimator(search).epochs] == [3, 3]


@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite")
def test_candidates_without_a_number_of_epochs_have_no_curve():
    with pytest.warns(FitFailedWarning):
        search = searched({"epochs": [1, "a", 2.5, 0, 3]})
    assert EpochSearchDisplay.from_estimator(search).epochs[0].tolist() == [1, 3]


@pytest.mark.parametrize("n_curves", [2, 9])  # labels at the ends of curves, and above panels
def test_dollars_in_the_value_of_a_parameter_are_no_math(n_curves):
    values = [r"\w+$|^$", *map(str, range(n_curves - 1))]
    display = curves(n_curves, params=[{"pattern": value} for value in values]).plot()
    display.figure_.canvas.draw()
    texts = [text for ax in display.axes_ for text in (*ax.texts, ax.title)]
    assert any(r"pattern=\w+\$|^\$" in text.get_text() for text in texts)


def _first_columns(X, noise):
    return X if noise[0, 800] else X[:, 5:]


def curves(n_curves=1, epochs=EPOCHS, **params):
    """Return a display of rising curves, each higher than the one before."""
    rng = np.random.default_rng(0)
    rise = 0.9 - 0.3 / np.asarray(epochs)[:, None]
    scores = [rise + 0.01 * i + 0.01 * rng.random((len(epochs), 5)) for i in range(n_curves)]
    params.setdefault("params", [{"units": i} for i in range(n_curves)])
    return EpochSearchDisplay(epochs=[epochs] * n_curves, scores=scores, **params)


def labels(params):
    lines = curves(len(params), [1, 2], params=params).plot().lines_
    return [line.get_label() for line in lines]


def drawn(display):
    """Return the labels of the curves."""
    return [line.get_label() for line in display.lines_]


def suptitle(figure):
    return figure.texts[0].get_text()


def on_one():
    return plt.subplots(layout="constrained")[1]


# The scores of a search


@pytest.mark.parametrize("metric", ["accuracy", "neg_log_loss"])
@pytest.mark.parametrize("subset", ["test", "train"])
def test_frame_has_mean_and_std_of_the_results_of_the_search(search, metric, subset):
    frame = EpochSearchDisplay.from_estimator(search, metric=metric, subset=subset).frame()
    results = pd.DataFrame(search.cv_results_).sort_values(
        ["param_units", "param_epochs"], ignore_index=True
    )
    assert frame["param_units"].to_list() == results["param_units"].to_list()
    assert frame["param_l2"].to_list() == [0.0] * 6
    assert frame["epoch"].to_list() == results["param_epochs"].to_list()
    np.testing.assert_allclose(frame["mean"], results[f"mean_{subset}_{metric}"])
    np.testing.assert_allclose(frame["std"], results[f"std_{subset}_{metric}"])


def test_each_combination_of_the_other_parameters_has_a_curve(search):
    display = EpochSearchDisplay.from_estimator(search)
    assert drawn(display) == ["units=(2,)", "units=(3,)"]
    assert [ax.get_title() for ax in display.axes_] == drawn(display)
    frame = display.frame()
    for line, units in zip(display.lines_, [(2,), (3,)], strict=True):
        expected = frame[frame["param_units"] == units]
        np.testing.assert_array_equal(line.get_xdata(), [1, 2, 4])
        np.testing.assert_array_equal(line.get_ydata(), expected["mean"])
    assert [ax.get_xlabel() for ax in display.axes_] == ["Epoch", "Epoch"]
    assert [ax.get_ylabel() for ax in display.axes_] == ["Test negative log loss", ""]


def test_winner_is_marked_on_its_curve(search):
    display = EpochSearchDisplay.from_estimator(search)
    best = search.best_params_
    assert display.best_marker_.get_xdata() == [best["epochs"]]
    assert display.best_marker_.get_ydata() == pytest.approx([search.best_score_])
    line = display.lines_[[(2,), (3,)].index(best["units"])]
    assert display.best_marker_.get_color() == line.get_color()
    assert display.best_marker_.get_label().startswith(f"Best: epoch {best['epochs']} (-0.")
    assert display.ax_ is line.axes
    finding = f"Test negative log loss is highest at epoch {best['epochs']} with units"
    assert suptitle(display.figure_).replace("\n", " ").startswith(finding)


def test_title_says_which_other_metric_chose_the_winner(search):
    display = EpochSearchDisplay.from_estimator(search, metric="accuracy", subset="train")
    best = search.best_params_["epochs"]
    assert display.best_marker_.get_label().startswith(f"Best by negative log loss: epoch {best} (")
    assert display.axes_[0].get_ylabel() == "Train accuracy"
    assert display.best_marker_.get_ydata() == pytest.approx(
        [search.cv_results_["mean_train_accuracy"][search.best_index_]]
    )


def test_search_over_only_epochs_is_one_curve():
    search = searched(
        {"kerasbinaryreviewclassifier__epochs": [1, 3]}, steps=[FunctionTransformer()]
    )
    display = EpochSearchDisplay.from_estimator(search)
    assert drawn(display) == ["Mean"]
    assert len(display.axes_) == 1
    assert display.frame().columns.to_list() == ["epoch", "mean", "std"]
    assert display.frame()["mean"].max() == pytest.approx(search.best_score_)
    assert display.ax_.get_ylabel() == "Test score, mean of 2 splits"


def test_grids_with_different_parameters_have_different_curves():
    display = EpochSearchDisplay.from_estimator(
        searched(
            [
                {"units": [[2], [3]], "epochs": [1, 2]},
                {"l2": [0.1], "epochs": [3]},
                {"units": [[3]], "epochs": [3, 2]},
            ],
            refit=False,
        )
    )
    assert drawn(display) == ["units=[2]", "units=[3]", "l2=0.1"]
    assert [line.get_xdata().tolist() for line in display.lines_] == [[1, 2], [1, 2, 3], [3]]
    assert display.best_marker_.get_label().startswith("Best: epoch ")
    frame = display.frame()
    assert frame["param_units"].isna().to_list() == [False] * 5 + [True]
    assert frame["param_l2"].isna().to_list() == [True] * 5 + [False]


def test_several_metrics_without_refit_draw_the_first_one_without_a_winner():
    display = EpochSearchDisplay.from_estimator(
        searched({"epochs": [1, 2]}, scoring=["recall", "accuracy"], refit=False)
    )
    assert display.best is display.best_marker_ is None
    assert display.score_name == "recall"


def test_failed_candidates_leave_gaps_and_failed_curves_are_labelled():
    def refuse(estimator, X, y):
        if estimator.units == 3 or (estimator.epochs == 2 and estimator.units == 2):
            return np.nan
        return estimator.score(X, y)

    with pytest.warns(UserWarning, match="scores are non-finite"):
        search = searched({"epochs": [1, 2, 3], "units": [2, 3, 4]}, scoring=refuse, refit=False)
    display = EpochSearchDisplay.from_estimator(search)
    assert drawn(display) == ["units=2", "units=3 (failed)", "units=4"]
    missing = [np.isnan(line.get_ydata()).tolist() for line in display.lines_]
    assert missing == [[False, True, False], [True] * 3, [False] * 3]
    assert display.best_marker_ is not None


def test_search_without_any_score_is_drawn_without_a_winner():
    display = EpochSearchDisplay(
        epochs=[[1, 2]], scores=np.full((1, 2, 3), np.nan), best=(0, 1)
    ).plot()
    display.figure_.canvas.draw()
    assert display.best_marker_ is None
    assert drawn(display) == ["Mean (failed)"]


def test_search_is_found_at_the_end_of_a_pipeline(search):
    pipeline = make_pipeline(FunctionTransformer(), make_pipeline(search))
    pd.testing.assert_frame_equal(
        EpochSearchDisplay.from_estimator(pipeline).frame(),
        EpochSearchDisplay.from_estimator(search).frame(),
    )


# Labels


def test_labels_give_only_the_parameters_that_differ():
    assert labels([{"units": 4, "l2": 0.0}, {"units": 8, "l2": 0.0}]) == ["units=4", "units=8"]
    assert labels([{"a__units": 4, "b__units": 4}, {"a__units": 8, "b__units": 8}]) == [
        "a__units=4, b__units=4",
        "a__units=8, b__units=8",
    ]
    assert labels([{"a__b__units": 4, "a__l2": 1e-3}, {"a__b__units": 4, "a__l2": 0.1}]) == [
        "l2=0.001",
        "l2=0.1",
    ]
    assert labels([{"units": 4}, {}]) == ["units=4", "As given"]
    assert labels([{"class_weight": None}, {"class_weight": "balanced"}]) == [
        "class_weight=None",
        "class_weight=balanced",
    ]


def test_long_values_become_one_short_line():
    long = LogisticRegression(C=2, tol=1e-9, max_iter=10_000, solver="saga", l1_ratio=0.25)
    for label in labels([{"step": long}, {"step": LogisticRegression()}]):
        assert "\n" not in label
        assert len(label) <= 65


# The look


def test_band_is_one_standard_deviation_on_either_side():
    display = curves().plot()
    frame = display.frame()
    (band,) = display.spreads_
    low, high = band.get_datalim(display.ax_.transData).intervaly
    assert low == pytest.approx((frame["mean"] - frame["std"]).min())
    assert high == pytest.approx((frame["mean"] + frame["std"]).max())


def test_curves_of_one_epoch_are_dots_with_a_vertical_line():
    display = curves(3, [5], best=(2, 5)).plot()
    assert {line.get_marker() for line in display.lines_} == {"o"}
    (segment,) = display.spreads_[0].get_segments()
    mean, std = display.frame().loc[0, ["mean", "std"]]
    np.testing.assert_allclose(segment, [[5, mean - std], [5, mean + std]])


def test_one_split_has_no_band():
    display = EpochSearchDisplay(epochs=[[1, 2]], scores=[[[0.5], [0.6]]], best=(0, 2)).plot()
    assert display.spreads_ == [None]
    assert display.best_marker_.get_label() == "Best: epoch 2 (0.600)"
    assert display.ax_.get_ylabel() == "Test score"
    assert display.ax_.get_title() == "Test score is highest at epoch 2"


def test_new_figure_has_a_panel_for_each_curve_with_the_others_behind_it():
    display = curves(5, best=(1, 9)).plot()
    assert len(display.axes_) == len(display.figure_.axes) == 5
    assert display.ax_ is display.axes_[1]
    for line, ax in zip(display.lines_, display.axes_, strict=True):
        assert line.axes is ax
        behind = [other for other in ax.lines if other.get_label() == "_other"]
        assert len(behind) == 4
        assert all(other.get_zorder() < line.get_zorder() for other in behind)
        assert all(other.get_linewidth() < line.get_linewidth() for other in behind)
    assert all(spread is not None for spread in display.spreads_)
    assert len({ax.get_ylim() for ax in display.axes_}) == 1
    assert [ax.title.get_fontweight() == "bold" for ax in display.axes_] == [
        i == 1 for i in range(5)
    ]


def test_best_epoch_of_each_curve_is_written_and_ticked_in_its_panel():
    display = curves(3, best=(2, 7)).plot()
    display.figure_.canvas.draw()
    best = display.frame().sort_values("mean").groupby("param_units").tail(1)
    expected = best.set_index("param_units")["epoch"].to_dict() | {2: 7}
    for i, ax in enumerate(display.axes_):
        (text,) = (text.get_text() for text in ax.texts)
        assert text.startswith(f"epoch {expected[i]}: 0.")
        assert expected[i] in ax.get_xticks()


def test_among_more_than_twelve_curves_the_highest_and_the_winner_have_a_panel():
    display = curves(15, best=(0, 3)).plot()
    named = [0, *range(4, 15)]
    assert [ax.get_title() for ax in display.axes_] == [f"units={i}" for i in named]
    assert drawn(display)[1:4] == ["3 others", "_other", "_other"]
    assert [spread is not None for spread in display.spreads_] == [i in named for i in range(15)]
    frame = display.frame()
    for i, line in enumerate(display.lines_):
        np.testing.assert_array_equal(line.get_ydata(), frame["mean"][frame["param_units"] == i])


def test_on_one_axes_the_winner_is_strong_and_the_highest_have_color_and_label():
    display = curves(12, best=(0, 3)).plot(on_one())
    named = [0, *range(8, 12)]
    assert display.axes_.tolist() == [display.ax_]
    assert drawn(display)[:2] == ["units=0", "7 others"]
    at_the_ends = [text.get_text() for text in display.ax_.texts if "=" in text.get_text()]
    assert at_the_ends == [f"units={i}" for i in named]
    colors = [line.get_color() for line in display.lines_]
    assert len({colors[i] for i in named}) == 5
    assert {colors[i] for i in range(1, 8)} == {"grey"}
    widths = [line.get_linewidth() for line in display.lines_]
    assert max(widths[1:]) < widths[0]
    assert [spread is not None for spread in display.spreads_] == [i == 0 for i in range(12)]
    assert display.ax_.get_legend() is None
    assert display.ax_.get_title().startswith("Test score: the best candidate is epoch 3")


def test_axes_of_the_user_are_the_panels():
    figure, axes = plt.subplots(1, 4)
    display = curves(3).plot(axes)
    assert display.axes_.tolist() == axes[:3].tolist()
    assert figure.texts == []
    with pytest.raises(ValueError, match=r"at least 3 of them"):
        curves(3).plot(axes[:2])


def test_curve_without_scores_is_not_among_the_highest():
    display = curves(13)
    display.scores[12] = np.full((20, 5), np.nan)
    assert "units=12 (failed)" not in [ax.get_title() for ax in display.plot().axes_]


@pytest.mark.parametrize("n_curves", [1, 4, 12])
def test_labels_at_the_ends_are_inside_the_figure_and_do_not_cover_each_other(n_curves):
    display = curves(n_curves, best=(0, 7)).plot(on_one())
    display.figure_.canvas.draw()
    boxes = [
        text.get_window_extent() for text in display.ax_.texts if "epoch" not in text.get_text()
    ]
    assert len(boxes) == (0 if n_curves == 1 else min(n_curves, 5))
    for i, box in enumerate(boxes):
        assert box.x1 <= display.figure_.bbox.x1
        assert not any(box.overlaps(other) for other in boxes[i + 1 :])


def test_figure_of_the_user_keeps_its_size():
    figure, ax = plt.subplots(layout="constrained")
    size = figure.get_size_inches().tolist()
    assert curves(12).plot(ax).figure_ is figure
    assert figure.axes == [ax]
    assert figure.get_size_inches().tolist() == size


def test_keywords_override_the_defaults():
    for ax in (None, on_one()):
        display = curves(7).plot(ax, line_kw={"lw": 3, "c": "red"}, fill_between_kw={"alpha": 0.5})
        assert {(line.get_linewidth(), line.get_color()) for line in display.lines_} == {(3, "red")}
        assert {spread.get_alpha() for spread in display.spreads_ if spread} == {0.5}


def test_displays_on_the_same_axes_differ_in_color_and_name():
    first = curves(name="words", best=(0, 20)).plot()
    second = curves(name="pairs").plot(first.ax_)
    assert first.lines_[0].get_color() != second.lines_[0].get_color()
    assert first.lines_[0].get_label() == "words: Mean"
    assert first.best_marker_.get_label().startswith("words: best epoch 20 (0.")
    assert second.lines_[0].get_label() == "pairs: Mean"
    assert second.plot(name="triples") is second
    assert second.lines_[0].get_label() == "triples: Mean"


def test_display_can_be_pickled():
    display = pickle.loads(pickle.dumps(curves(2, best=(1, 2)).plot()))
    assert len(display.frame()) == 40


# Bad input


def test_error_for_an_unknown_metric_or_subset_names_the_known_ones(search):
    with pytest.raises(ValueError, match=r"\['accuracy', 'neg_log_loss'\], got 'auc'"):
        EpochSearchDisplay.from_estimator(search, metric="auc")
    with pytest.raises(ValueError, match=r"subset must be one of .*, got 'validation'\.$"):
        EpochSearchDisplay.from_estimator(search, subset="validation")
    alone = searched({"epochs": [1]})
    with pytest.raises(ValueError, match=r"\['test'\], got 'train'.*return_train_score=True"):
        EpochSearchDisplay.from_estimator(alone, subset="train")
    assert plt.get_fignums() == []


def test_unfitted_search_raises_not_fitted_error():
    search = EpochGridSearchCV(KerasBinaryReviewClassifier(), {"epochs": [1]})
    for unfitted in [search, make_pipeline(FunctionTransformer(), search)]:
        with pytest.raises(NotFittedError, match="not fitted yet"):
            EpochSearchDisplay.from_estimator(unfitted)


def test_error_for_another_estimator_names_the_accepted_ones():
    logistic = LogisticRegression()
    plain = GridSearchCV(logistic, {"C": [1]}, cv=2).fit(X, Y)
    for other, message in [
        (plain, "Got GridSearchCV, which"),
        (make_pipeline(plain), "Got Pipeline ending in GridSearchCV, which"),
        (None, "Got NoneType, which"),
    ]:
        with pytest.raises(TypeError, match=message) as error:
            EpochSearchDisplay.from_estimator(other)
        assert "EpochGridSearchCV" in str(error.value)


def test_search_over_an_estimator_without_epochs_is_refused():
    search = EpochGridSearchCV(LogisticRegression(), {"C": [1, 2]}, cv=2).fit(X, Y)
    with pytest.raises(ValueError, match="EpochGridSearchCV has no scores over epochs"):
        EpochSearchDisplay.from_estimator(search)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"epochs": [], "scores": []}, "at least one curve"),
        ({"epochs": [[1, 2]], "scores": [[0.5, 0.6]]}, r"shape \(2, n_splits\), got \(2,\)"),
        ({"epochs": [[1]], "scores": [[[0.5], [0.6]]]}, r"shape \(1, n_splits\), got \(2, 1\)"),
        ({"epochs": [[1], [1]], "scores": [[[0.5]]]}, "inconsistent numbers of samples"),
        ({"epochs": [[1]], "scores": [[[0.5]]], "params": []}, "inconsistent numbers of samples"),
        ({"epochs": [[1]], "scores": [[[0.5]]], "best": (0, 2)}, "one of its epochs, got"),
        ({"epochs": [[1]], "scores": [[[0.5]]], "best": (1, 1)}, "position of a curve"),
    ],
)
def test_inconsistent_arrays_are_refused_before_a_figure_is_made(arrays, message):
    with pytest.raises(ValueError, match=message):
        EpochSearchDisplay(**arrays).plot()
    assert plt.get_fignums() == []
