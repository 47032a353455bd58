"""training_curve: what each fold is fitted on, what is returned, and bad input."""

import numpy as np
import pytest
import scipy.sparse as sp
from joblib import parallel_config
from planted import planted_classes, planted_topics
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.validation import check_is_fitted

from sklearn_textnn import (
    KerasBinaryReviewClassifier,
    KerasTopicClassifier,
    MultiHotVectorizer,
)
from sklearn_textnn.inspection import training_curve

X, Y = planted_classes(45, 2, seed=0)
CV = StratifiedKFold(3)
# Each document has its own word, which folds that hold the document out must not learn.
DOCUMENTS = [f"{'fine' if label else 'dull'} film number{i}" for i, label in enumerate(Y)]


def classifier(**params):
    return KerasBinaryReviewClassifier(2, **{"epochs": 4, "random_state": 0, **params})


def curve(estimator=None, X=X, y=Y, *, cv=CV, **kwargs):
    estimator = classifier() if estimator is None else estimator
    return training_curve(estimator, X, y, cv=cv, **kwargs)


def assert_same_curve(actual, expected):
    """Compare two curves up to the last bits, in which thread counts may differ."""
    assert actual.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_allclose(actual[name], values, rtol=1e-6, err_msg=name)


# What each fold is fitted on


def test_each_column_is_the_history_of_a_fold_validated_on_its_test_rows():
    found = curve()
    assert list(found) == ["epochs", "loss", "accuracy", "val_loss", "val_accuracy"]
    np.testing.assert_array_equal(found.epochs, [1, 2, 3, 4])
    for fold, (train, test) in enumerate(CV.split(X, Y)):
        history = classifier().fit(X[train], Y[train], X_val=X[test], y_val=Y[test]).history_
        for metric, values in history.items():
            np.testing.assert_allclose(found[metric][:, fold], values, rtol=1e-6)


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
    found = curve(plain, DOCUMENTS)
    np.testing.assert_allclose(found.val_loss, np.transpose(expected), rtol=1e-6)


def test_pipeline_with_only_a_classifier_gives_the_curve_of_the_classifier():
    assert_same_curve(curve(make_pipeline(classifier())), curve())


@pytest.mark.parametrize(
    "params",
    [{"validation_fraction": 0.3}, {"epoch_selection": "val_loss", "validation_fraction": 0.3}],
)
def test_held_out_rows_of_the_fold_take_precedence_over_validation_fraction(params):
    assert_same_curve(curve(classifier(**params)), curve())


def test_epoch_selection_trains_each_fold_once(capsys):
    curve(classifier(epoch_selection="val_loss", verbose=2))
    assert capsys.readouterr().out.count("Epoch 1/") == 3


def test_epochs_after_the_early_stop_of_a_fold_are_nan():
    # With each epoch the wrong labels of the first fold are predicted worse, the others better.
    planted, y = planted_classes(45, 2, seed=0, n_noise=0)
    train, wrong, right = np.array_split(np.arange(45), 3)
    y[wrong] = 1 - y[wrong]
    stopping = classifier(early_stopping=True, patience=0).set_params(units=())
    found = curve(stopping, planted, y, cv=[(train, wrong), (train, right)])
    np.testing.assert_array_equal(found.epochs, [1, 2, 3, 4])
    for metric in ("loss", "accuracy", "val_loss", "val_accuracy"):
        reached = ~np.isnan(found[metric])
        np.testing.assert_array_equal(reached.T, [[True, True, False, False], [True] * 4])


def test_sample_weight_is_split_with_the_training_rows():
    weights = np.random.default_rng(0).uniform(0.1, 2, len(Y))
    pipeline = make_pipeline(FunctionTransformer(), classifier())
    found = curve(pipeline, params={"sample_weight": weights.tolist()})
    for fold, (train, test) in enumerate(CV.split(X, Y)):
        history = classifier().fit(X[train], Y[train], weights[train], X[test], Y[test]).history_
        np.testing.assert_allclose(found.loss[:, fold], history["loss"], rtol=1e-6)
        np.testing.assert_allclose(found.val_loss[:, fold], history["val_loss"], rtol=1e-6)


def test_cv_means_the_same_as_in_scikit_learn():
    expected = curve()
    assert_same_curve(curve(cv=3), expected)
    splits = list(CV.split(X, Y))[:2]
    np.testing.assert_allclose(curve(cv=iter(splits)).loss, expected.loss[:, :2], rtol=1e-6)
    assert curve(classifier(epochs=1), cv=None).val_loss.shape == (1, 5)


def test_rows_of_a_group_are_held_out_together():
    groups = np.arange(len(Y)) % 3
    splits = [
        (np.flatnonzero(groups != group), np.flatnonzero(groups == group)) for group in (0, 1, 2)
    ]
    by_group = curve(cv=GroupKFold(3), groups=groups).val_loss[-1]
    np.testing.assert_allclose(np.sort(by_group), np.sort(curve(cv=splits).val_loss[-1]), rtol=1e-6)
    with pytest.raises(ValueError, match="'groups' parameter should not be None"):
        curve(cv=GroupKFold(3))


def test_folds_trained_in_threads_give_the_same_curve():
    X, y = planted_classes(45, 3, seed=0)
    y = np.array(["art", "law", "war"])[y].tolist()
    topics = KerasTopicClassifier(3, epochs=2, random_state=0)
    with parallel_config(backend="threading"):
        found = curve(topics, X, y, cv=2, n_jobs=2)
    assert_same_curve(found, curve(topics, X, y, cv=2))


@pytest.mark.parametrize("form", [np.asarray, sp.csr_array], ids=["dense", "sparse"])
def test_indicator_matrix_is_split_by_rows(form):
    X, y = planted_topics(40, 3, seed=0)
    topics = KerasTopicClassifier(3, epochs=2, random_state=0)
    found = curve(topics, X, form(y), cv=KFold(2))
    history = topics.fit(X[20:], y[20:], X_val=X[:20], y_val=y[:20]).history_
    np.testing.assert_allclose(found.val_loss[:, 0], history["val_loss"], rtol=1e-6)


def test_estimator_is_not_fitted_or_changed():
    pipeline = make_pipeline(MultiHotVectorizer(), classifier(epoch_selection="val_loss"))
    curve(pipeline, DOCUMENTS)
    for step in pipeline:
        with pytest.raises(NotFittedError):
            check_is_fitted(step)
    assert pipeline[-1].epoch_selection == "val_loss"


# Bad input


def fail(X):
    raise AssertionError("the estimator was fitted before the input was checked")


UNTRAINED = make_pipeline(FunctionTransformer(fail), classifier())


@pytest.mark.parametrize("params", [{"X_val": X}, {"classifier__sample_weight": Y}])
def test_unknown_params_are_refused_before_training(params):
    with pytest.raises(
        ValueError, match=rf"may hold sample_weight, got \['{next(iter(params))}'\]"
    ):
        curve(UNTRAINED, params=params)


def test_lengths_are_checked_before_training():
    for kwargs in [{"y": Y[1:]}, {"groups": Y[1:]}, {"params": {"sample_weight": Y[1:]}}]:
        with pytest.raises(ValueError, match="inconsistent numbers of samples"):
            curve(UNTRAINED, **kwargs)


def test_fold_without_training_rows_of_a_class_is_refused_before_training():
    splits = [(np.arange(30), np.arange(30, 45)), (np.flatnonzero(Y == 0), np.flatnonzero(Y == 1))]
    with pytest.raises(ValueError, match=r"fold 1 holds out every row of the classes \[1\].*Strat"):
        curve(UNTRAINED, cv=splits)


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (LogisticRegression(), r"Got LogisticRegression\."),
        (make_pipeline(FunctionTransformer(), LogisticRegression()), "Got Pipeline ending in Log"),
        (GridSearchCV(classifier(), {}), r"Got GridSearchCV\. .* of a search, best_estimator_"),
    ],
    ids=["classifier", "pipeline", "search"],
)
def test_error_for_another_estimator_names_the_accepted_ones(estimator, message):
    with pytest.raises(TypeError, match=message) as error:
        curve(estimator)
    assert "KerasBinaryReviewClassifier or KerasTopicClassifier" in str(error.value)


def test_class_instead_of_an_instance_is_refused():
    with pytest.raises(TypeError, match="Got the class KerasTopicClassifier"):
        curve(KerasTopicClassifier)
