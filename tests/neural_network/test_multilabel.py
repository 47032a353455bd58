"""Several topics a row: fitting, predicting and weighting with an indicator matrix."""

import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
from planted import planted_classes, planted_topics
from same_network import assert_close_networks, assert_same_network
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, log_loss
from sklearn.model_selection import (
    GridSearchCV,
    TunedThresholdClassifierCV,
    cross_val_predict,
)
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MultiLabelBinarizer
from sklearn.utils import get_tags
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.estimator_checks import check_classifier_multioutput

from sklearn_textnn import (
    EpochGridSearchCV,
    KerasBinaryReviewClassifier,
    KerasTopicClassifier,
    MultiHotVectorizer,
)
from sklearn_textnn.neural_network._hold_out import hold_out_by_topic

NAMES = ["oil", "gold", "wheat"]


def topics(seed, **parameters):
    parameters = dict(units=8, epochs=3, batch_size=16, learning_rate=0.03) | parameters
    return KerasTopicClassifier(random_state=seed, **parameters)


def binary(seed, **parameters):
    parameters = dict(epochs=15, batch_size=16, learning_rate=0.05) | parameters
    return KerasBinaryReviewClassifier(random_state=seed, **parameters)


@pytest.fixture
def planted(global_random_seed):
    return planted_topics(60, 3, global_random_seed)


# What is learned and predicted


def test_topics_are_found_and_score_is_subset_accuracy(planted, global_random_seed):
    X, Y = planted
    X_test, Y_test = planted_topics(200, 3, global_random_seed + 1)
    classifier = topics(global_random_seed, epochs=12).fit(X, Y)
    Y_pred = classifier.predict(X_test)
    assert (Y_pred == Y_test).mean() > 0.9
    assert classifier.score(X_test, Y_test) == (Y_pred == Y_test).all(axis=1).mean()
    assert_array_equal(classifier.classes_, [0, 1, 2])
    probabilities = classifier.predict_proba(X_test)
    assert probabilities.shape == (200, 3)
    assert abs(probabilities.sum(axis=1) - 1).max() > 0.5
    assert_array_equal(Y_pred, probabilities > 0.5)
    logits = classifier.decision_function(X_test)
    assert_allclose(probabilities, 1 / (1 + np.exp(-logits)), rtol=1e-5)
    assert_allclose(
        classifier.model_.predict(X_test.toarray(), verbose=0), probabilities, atol=1e-6
    )


def test_two_topics_are_not_two_classes(global_random_seed):
    X, Y = planted_topics(60, 2, global_random_seed)
    classifier = topics(global_random_seed, epochs=12).fit(X, Y)
    assert classifier.coefs_[-1].shape == (8, 2)
    assert classifier.decision_function(X).shape == classifier.predict_proba(X).shape == (60, 2)
    assert classifier.score(X, Y) > 0.9


def test_history_has_binary_accuracy_and_loss(planted, global_random_seed):
    X, Y = planted
    X_val, Y_val = planted_topics(20, 3, global_random_seed + 1)
    classifier = topics(global_random_seed).fit(X, Y, X_val=X_val, y_val=Y_val)
    assert list(classifier.history_) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert all(len(values) == 3 for values in classifier.history_.values())
    right = (classifier.predict(X_val) == Y_val).mean()
    assert classifier.history_["val_accuracy"][-1] == pytest.approx(right, abs=1e-6)
    loss = log_loss(Y_val.ravel(), classifier.predict_proba(X_val).astype(float).ravel())
    assert classifier.history_["val_loss"][-1] == pytest.approx(loss, abs=1e-5)


@pytest.mark.parametrize(
    "convert",
    [
        lambda Y: Y.astype(bool),
        lambda Y: Y.astype(np.float32),
        lambda Y: Y.tolist(),
        lambda Y: pd.DataFrame(Y.astype(bool), columns=NAMES),
        sp.csr_matrix,
        sp.csc_array,
        lambda Y: sp.coo_array(Y.astype(np.uint8)),
    ],
    ids=["bool", "float32", "list", "data frame", "csr_matrix", "csc_array", "coo_array of uint8"],
)
def test_prediction_has_the_format_of_the_indicators(convert, planted, global_random_seed):
    X, Y = planted
    given = convert(Y)
    expected = topics(global_random_seed).fit(X, Y)
    classifier = topics(global_random_seed).fit(X, given, X_val=X, y_val=given)
    assert_same_network(classifier, expected)
    predicted = classifier.predict(X)
    if sp.issparse(given):
        assert predicted.format == "csr"
        assert isinstance(predicted, sp.sparray) == isinstance(given, sp.sparray)
        assert predicted.dtype == given.dtype
        predicted = predicted.toarray()
    else:
        assert type(predicted) is np.ndarray
        assert predicted.dtype == np.asarray(given).dtype
    assert_array_equal(predicted, expected.predict(X))
    assert classifier.score(X, given) == expected.score(X, Y)


def test_classes_are_the_names_of_the_columns(planted, global_random_seed):
    X, Y = planted
    classifier = topics(global_random_seed).fit(X, pd.DataFrame(Y, columns=NAMES))
    assert classifier.classes_.tolist() == NAMES
    assert classifier.classes_.dtype == object
    codes = topics(global_random_seed).fit(X, pd.DataFrame(Y, columns=[7, 3, 5]))
    assert_array_equal(codes.classes_, [7, 3, 5])
    neither = topics(global_random_seed).fit(X, pd.DataFrame(Y, columns=["oil", 3, 0.5]))
    assert_array_equal(neither.classes_, [0, 1, 2])
    reordered = pd.DataFrame(Y, columns=NAMES)[sorted(NAMES)]
    with pytest.raises(ValueError, match=r"columns of y_val are \['gold', .* topics are \['oil',"):
        classifier.fit(X, pd.DataFrame(Y, columns=NAMES), X_val=X, y_val=reordered)


def test_tags_say_what_is_supported():
    tags = get_tags(KerasTopicClassifier())
    assert tags.classifier_tags.multi_label
    assert tags.classifier_tags.multi_class
    assert tags.target_tags.single_output
    assert not tags.target_tags.multi_output  # scikit-learn means several classes in each column
    assert not get_tags(KerasBinaryReviewClassifier()).classifier_tags.multi_label


@pytest.mark.moves_generators  # the check fits with random_state=None
@pytest.mark.filterwarnings("ignore:a hidden layer of:UserWarning:sklearn_textnn")
def test_passes_the_check_of_scikit_learn_for_several_outputs():
    check_classifier_multioutput("KerasTopicClassifier", KerasTopicClassifier())


def test_narrow_hidden_layer_warns(planted):
    X, Y = planted
    with pytest.warns(UserWarning, match="2 units is narrower than the 3 classes"):
        topics(0, units=2).fit(X, Y)


def test_indicators_with_one_topic_in_every_row_warn(planted, global_random_seed):
    X, y = planted_classes(60, 3, global_random_seed)
    with pytest.warns(UserWarning, match="exactly one topic.*integer labels.*multiclass") as caught:
        topics(global_random_seed).fit(X, np.eye(3)[y])
    assert Path(caught[0].filename) == Path(__file__)
    Y = np.eye(3)[y]
    Y[7] = 0
    topics(global_random_seed).fit(X, Y).partial_fit(X, np.eye(3)[y])  # neither warns


def test_pickle_keeps_predictions_and_their_format(planted, global_random_seed):
    X, Y = planted
    classifier = topics(global_random_seed).fit(X, sp.csr_array(Y))
    loaded = pickle.loads(pickle.dumps(classifier))
    assert_array_equal(loaded.predict_proba(X), classifier.predict_proba(X))
    assert isinstance(loaded.predict(X), sp.csr_array)


def test_labels_may_follow_indicators_and_the_other_way_round(planted, global_random_seed):
    X, Y = planted
    classifier = topics(global_random_seed).fit(X, Y).fit(X, Y[:, 0])
    assert classifier.predict(X).shape == (60,)
    assert_same_network(classifier.fit(X, Y), topics(global_random_seed).fit(X, Y))


# Rare topics


def test_topic_of_no_row_or_of_every_row_keeps_its_column(planted, global_random_seed):
    X, Y = planted
    Y[:, 0], Y[:, 2] = 0, 1
    for class_weight in (None, "balanced"):
        classifier = topics(global_random_seed, epochs=12, class_weight=class_weight).fit(X, Y)
        assert_array_equal(classifier.classes_, [0, 1, 2])
        assert_array_equal(classifier.predict(X)[:, [0, 2]], Y[:, [0, 2]])
        assert f1_score(Y[:, 1], classifier.predict(X)[:, 1]) > 0.9


def test_topic_of_one_row_may_be_held_out(planted, global_random_seed):
    X, Y = planted
    Y[:, 1] = 0
    for row in (0, 30):
        Y[row, 1] = 1
        classifier = topics(global_random_seed, validation_fraction=0.5, class_weight="balanced")
        classifier.fit(X, Y)
        assert np.isfinite(classifier.history_["val_loss"]).all()
        assert classifier.predict_proba(X).shape == (60, 3)


def test_rows_without_topics_are_rows_of_zeros(planted, global_random_seed):
    X, Y = planted
    without = Y.sum(axis=1) == 0
    assert without.any()
    classifier = topics(global_random_seed, epochs=15).fit(X, Y)
    assert classifier.predict(X[without]).sum() == 0
    left_out = topics(global_random_seed, epochs=15).fit(X[~without], Y[~without])
    assert abs(classifier.coefs_[0] - left_out.coefs_[0]).max() > 1e-3
    assert topics(global_random_seed).fit(X, 0 * Y).score(X, 0 * Y) > 0.5


# Weights


def test_class_weight_may_weight_presence_alone_or_absence_too(planted, global_random_seed):
    X, Y = planted
    Y[:, 1] = 1

    def fit(class_weight):
        Y_named = pd.DataFrame(Y, columns=NAMES)
        return topics(global_random_seed, class_weight=class_weight).fit(X, Y_named)

    def balanced(column):
        values = np.unique(column)
        weights = compute_class_weight("balanced", classes=values, y=column)
        return dict(zip(values.tolist(), weights.tolist(), strict=True))

    plain, by_name = fit(None), fit({"wheat": 5, "oil": 0.5})
    assert_same_network(by_name, fit([{0: 1, 1: 0.5}, {}, {1: 5}]))
    assert_same_network(fit("balanced"), fit([balanced(column) for column in Y.T]))
    assert_same_network(fit(None), plain)  # the traced network is reused, and its weights are not
    shift = by_name.predict_proba(X) - plain.predict_proba(X)
    assert shift[:, 2].mean() > 0.01
    assert shift[:, 0].mean() < -0.01


def test_sample_weight_equals_repeating_and_removing_rows(planted, global_random_seed):
    X, Y = planted
    weight = np.arange(60) % 3
    # All rows are in one batch, so their order does not matter.
    settings = dict(batch_size=200, class_weight={1: 3.0})
    weighted = topics(global_random_seed, **settings).fit(X, Y, sample_weight=weight)
    index = np.repeat(np.arange(60), weight)
    repeated = topics(global_random_seed, **settings).fit(X[index], Y[index])
    assert_close_networks(weighted, repeated, atol=1e-5)


# Validation rows and resumed training


def test_hold_out_is_that_of_the_topics(planted, global_random_seed):
    X, Y = planted
    classifier = topics(global_random_seed, validation_fraction=0.3).fit(X, Y)
    train, held_out = hold_out_by_topic(
        Y.astype(np.uint8), 0.3, classifier._training_state["split_seed"]
    )
    given = topics(global_random_seed).fit(X[train], Y[train], X_val=X[held_out], y_val=Y[held_out])
    assert classifier.history_ == given.history_


@pytest.mark.parametrize("metric", ["val_loss", "val_accuracy"])
def test_epoch_selection_retrains_on_every_row(metric, planted, global_random_seed):
    X, Y = planted
    chosen = topics(
        global_random_seed, epochs=8, validation_fraction=0.3, epoch_selection=metric
    ).fit(X, Y)
    best = np.argmin if metric == "val_loss" else np.argmax
    assert chosen.n_iter_ == chosen.best_epoch_ == best(chosen.history_[metric]) + 1
    assert_same_network(chosen, topics(global_random_seed, epochs=chosen.n_iter_).fit(X, Y))
    X_val, Y_val = planted_topics(20, 3, global_random_seed + 1)
    chosen.fit(X, Y, X_val=X_val, y_val=Y_val)
    every_row = topics(global_random_seed, epochs=chosen.best_epoch_)
    every_row.fit(sp.vstack([X, X_val]), np.vstack([Y, Y_val]))
    assert_same_network(chosen, every_row)


def test_early_stopping_goes_back_to_the_best_epoch(planted, global_random_seed):
    X, Y = planted
    X_val, Y_val = planted_topics(40, 3, global_random_seed + 1)
    held_out = dict(X_val=X_val, y_val=np.roll(Y_val, 1, axis=1))  # so that it gets worse
    stopped = topics(global_random_seed, epochs=20, early_stopping=True).fit(X, Y, **held_out)
    assert stopped.n_iter_ < 20
    best = topics(global_random_seed, epochs=stopped.best_epoch_).fit(X, Y, **held_out)
    assert_same_network(stopped, best)


def test_resumed_training_equals_one_longer_fit(planted, global_random_seed):
    X, Y = planted
    expected = topics(global_random_seed, epochs=4).fit(X, Y)
    warm = topics(global_random_seed, epochs=2, warm_start=True).fit(X, Y)
    assert_same_network(warm.set_params(epochs=4).fit(X, Y), expected)
    stepwise = topics(global_random_seed)
    for _ in range(4):
        stepwise.partial_fit(X, sp.csr_array(Y), classes=NAMES)
    assert_same_network(stepwise, expected)
    assert stepwise.history_ == expected.history_
    assert stepwise.classes_.tolist() == NAMES  # in the order of the columns
    assert isinstance(stepwise.predict(X), sp.csr_array)


def test_chunk_may_lack_topics_and_may_be_one_row(planted, global_random_seed):
    X, Y = planted
    classifier = topics(global_random_seed, class_weight={"gold": 2.0})
    classifier.partial_fit(X, np.zeros_like(Y), classes=NAMES)
    classifier.partial_fit(X[:1], pd.DataFrame([[0, 1, 0]], columns=NAMES))
    assert classifier.n_iter_ == 2


def test_stages_are_indicators_too(planted, global_random_seed):
    X, Y = planted
    classifier = topics(global_random_seed, stages="all").fit(X, Y)
    for epochs, (probabilities, predicted, score) in enumerate(
        zip(
            classifier.staged_predict_proba(X),
            classifier.staged_predict(X),
            classifier.staged_score(X, Y),
            strict=True,
        ),
        start=1,
    ):
        shorter = topics(global_random_seed, epochs=epochs).fit(X, Y)
        assert_array_equal(probabilities, shorter.predict_proba(X))
        assert_array_equal(predicted, shorter.predict(X))
        assert score == shorter.score(X, Y)


# With scikit-learn's tools


def test_grid_search_finds_the_rate_that_learns(global_random_seed):
    _, Y = planted_topics(90, 3, global_random_seed)
    names = [[NAMES[j] for j in np.flatnonzero(row)] for row in Y]
    wires = [" ".join(["the", "market", *words]) for words in names]
    binarizer = MultiLabelBinarizer()
    pipeline = make_pipeline(MultiHotVectorizer(), topics(global_random_seed, epochs=30, units=16))
    search = GridSearchCV(
        pipeline,
        {"kerastopicclassifier__learning_rate": [1e-9, 0.05]},
        scoring=["f1_micro", "f1_macro"],
        refit="f1_macro",
        cv=2,
        error_score="raise",
    ).fit(wires, binarizer.fit_transform(names))
    assert search.best_params_ == {"kerastopicclassifier__learning_rate": 0.05}
    assert search.cv_results_["mean_test_f1_micro"][1] > 0.85
    assert search.cv_results_["mean_test_f1_micro"][0] < 0.7
    found = binarizer.inverse_transform(search.predict(["oil and wheat", "the market"]))
    assert found == [("oil", "wheat"), ()]


def test_cross_val_predict_gives_held_out_indicators(global_random_seed):
    X, Y = planted_topics(120, 3, global_random_seed)
    classifier = topics(global_random_seed, epochs=15)
    Y_pred = cross_val_predict(classifier, X, Y, cv=2)
    assert accuracy_score(Y, Y_pred) > 0.8
    probabilities = cross_val_predict(classifier, X, Y, cv=2, method="predict_proba")
    assert_array_equal(probabilities > 0.5, Y_pred)


def test_epoch_search_equals_grid_search(planted, global_random_seed):
    X, Y = planted
    settings = dict(scoring="f1_macro", cv=2, error_score="raise")
    shared, each = (
        search(topics(global_random_seed), {"epochs": [1, 6, 12]}, **settings).fit(X, Y)
        for search in (EpochGridSearchCV, GridSearchCV)
    )
    assert_array_equal(shared.cv_results_["mean_test_score"], each.cv_results_["mean_test_score"])
    assert shared.best_params_ == each.best_params_
    assert_array_equal(shared.predict(X), each.predict(X))


@pytest.mark.parametrize("meta_estimator", [MultiOutputClassifier, ClassifierChain])
def test_binary_classifier_learns_topics_one_by_one(meta_estimator, planted, global_random_seed):
    X, Y = planted
    if meta_estimator is ClassifierChain:  # the third topic follows from the two before it
        Y[:, 2] = Y[:, 0] & Y[:, 1]
    model = meta_estimator(binary(global_random_seed)).fit(X, Y)
    assert model.score(X, Y) > 0.9


def test_threshold_of_each_topic_is_tuned(global_random_seed):
    X, Y = planted_topics(200, 2, global_random_seed, n_noise=2)
    rng = np.random.RandomState(global_random_seed)
    Y[:, 1] &= rng.random_sample(200) < 0.3  # so that no row's probability of it is above 0.5
    linear = binary(global_random_seed, units=())
    tuned = TunedThresholdClassifierCV(linear, scoring="balanced_accuracy", cv=2)
    models = [MultiOutputClassifier(c).fit(X, Y) for c in (tuned, linear)]
    assert models[0].estimators_[1].best_threshold_ < 0.45
    of_tuned, of_plain = (balanced_accuracy_score(Y[:, 1], m.predict(X)[:, 1]) for m in models)
    assert of_tuned > of_plain + 0.2
    assert models[0].estimators_[0].score(X, Y[:, 0]) > 0.95


# Bad input


def _with(Y, value):
    Y = Y.astype(np.result_type(Y, type(value)))
    Y[3, 1] = value
    return Y


BINARIZER = "sklearn.preprocessing.MultiLabelBinarizer"
TARGETS = {
    "minus one": (lambda Y: 2 * Y - 1, "3 columns and -1 in it.*where 0 and 1 are expected"),
    "classes": (lambda Y: _with(Y, 2), "2 in it .*type is multiclass-multioutput"),
    "sparse classes": (lambda Y: sp.csr_array(_with(Y, 2)), "2 in it .*multiclass-multioutput"),
    "summed up": (
        lambda Y: sp.csr_array((np.ones(2), np.zeros(2, int), np.r_[0, 2, np.full(59, 2)])),
        r"sparse matrix of shape \(60, 1\)",
    ),
    "duplicates": (
        lambda Y: sp.csr_array((np.ones(2), [1, 1], np.r_[0, np.full(60, 2)]), shape=(60, 3)),
        "2.0 in it",
    ),
    "continuous": (lambda Y: 0.5 * Y, "0.5 in it .*type is continuous-multioutput"),
    "words": (lambda Y: np.array([["oil", "gold"]] * 60), f"dtype <U4 .*{BINARIZER}"),
    "objects": (lambda Y: Y.astype(object), "the dtype object in it"),
    "missing": (lambda Y: _with(Y, np.nan), "Input y contains NaN"),
    "lists": (lambda Y: [["oil"], ["oil", "gold"]] * 30, BINARIZER),
    "sets": (lambda Y: [{"oil"}, set()] * 30, BINARIZER),
    "series of lists": (lambda Y: pd.Series([["oil"], []] * 30), BINARIZER),
    "one sparse column": (lambda Y: sp.csr_array(Y[:, :1]), "one label for each row"),
    "same names": (
        lambda Y: pd.DataFrame(Y, columns=["oil", "gold", "oil"]),
        r"columns of the same name, \['oil'\]",
    ),
    "short": (lambda Y: Y[:-1], r"inconsistent numbers of samples: \[60, 59\]"),
}


@pytest.mark.parametrize(("change", "message"), TARGETS.values(), ids=TARGETS)
def test_refuses_what_is_not_an_indicator_matrix(change, message, planted):
    X, Y = planted
    classifier = topics(0)
    before = vars(classifier).copy()
    with pytest.raises(ValueError, match=message):
        classifier.fit(X, change(Y))
    assert vars(classifier) == before


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"loss": "sparse_categorical_crossentropy"}, "one integer label for each row"),
        ({"class_weight": {3: 2.0}}, r"weights for \[3\], which are not among the classes \[0, 1"),
        ({"class_weight": {0: {1: 2.0}}}, "must be finite and not negative"),
        ({"class_weight": [{1: 2.0}]}, "a dict of the weights of 0 and 1 for each of the 3 topics"),
        ({"class_weight": [{2: 2.0}, {}, {}]}, "a dict of the weights of 0 and 1"),
        ({"class_weight": [{1: -1}, {}, {}]}, "must be finite and not negative"),
        ({"validation_fraction": 0.999}, "leaves none to train on or none to hold out"),
    ],
)
def test_refuses_parameters_that_do_not_fit_indicators(parameters, message, planted):
    X, Y = planted
    with pytest.raises(ValueError, match=message):
        topics(0, **parameters).fit(X, Y)


def test_refuses_a_list_of_weights_for_labels(planted):
    X, Y = planted
    with pytest.raises(ValueError, match="for one label a row, pass a dict"):
        topics(0, class_weight=[{}, {}]).fit(X, Y[:, 0])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda Y: Y[:, 0], r"holds one label for each row; it must be an indicator matrix"),
        (lambda Y: Y[:, :2], r"2 columns, and there are 3 topics, \['oil', 'gold', 'wheat'\]"),
        (lambda Y: pd.DataFrame(Y, columns=["a", "b", "c"]), r"columns of y\w* are \['a', 'b',"),
        (lambda Y: Y * 2, "2 in it"),
    ],
    ids=["labels", "fewer columns", "other names", "twos"],
)
def test_refuses_to_resume_or_validate_with_other_topics(change, message, planted):
    X, Y = planted
    Y_named = pd.DataFrame(Y, columns=NAMES)
    classifier = topics(0, warm_start=True).fit(X, Y_named)
    classifier.set_params(epochs=5)
    before = classifier.predict_proba(X)
    for fit in (
        lambda: classifier.fit(X, change(Y)),
        lambda: classifier.partial_fit(X, change(Y)),
        lambda: topics(0).fit(X, Y_named, X_val=X, y_val=change(Y)),
    ):
        with pytest.raises(ValueError, match=message):
            fit()
    assert_array_equal(classifier.predict_proba(X), before)


def test_refuses_indicators_after_labels(planted):
    X, Y = planted
    classifier = topics(0, warm_start=True).fit(X, Y[:, 0]).set_params(epochs=5)
    for fit in (classifier.fit, classifier.partial_fit):
        with pytest.raises(ValueError, match="began with one label for each row"):
            fit(X, Y)


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        (None, "classes must be passed on the first call"),
        (["oil", "gold"], "3 columns, and there are 2 topics"),
        (["oil", "gold", "oil"], "the topics, each of them once"),
        ([[0, 1]] * 3, "the topics, each of them once"),
        (["wheat", "gold", "oil"], "the columns of y are"),
    ],
)
def test_refuses_classes_that_are_not_the_topics(classes, message, planted):
    X, Y = planted
    Y = pd.DataFrame(Y, columns=NAMES)
    with pytest.raises(ValueError, match=message):
        topics(0).partial_fit(X, Y, classes=classes)
    with pytest.raises(ValueError, match="is not the same as on last call"):
        topics(0).partial_fit(X, Y, classes=NAMES).partial_fit(X, Y.to_numpy(), classes=[0, 1, 2])


def test_binary_classifier_names_the_estimators_that_take_indicators(planted):
    X, Y = planted
    for fit in (binary(0).fit, lambda X, Y: binary(0).partial_fit(X, Y, classes=[0, 1])):
        with pytest.raises(ValueError, match=r"KerasTopicClassifier.*MultiOutputClassifier"):
            fit(X, Y)
