"""Both classifiers inside scikit-learn: searches, curves, ensembles, routing, tables, pickles."""

import pickle

import joblib
import keras
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from same_network import assert_same_network
from sklearn import config_context
from sklearn.base import clone, is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import VotingClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    accuracy_score,
    brier_score_loss,
    log_loss,
    make_scorer,
    roc_auc_score,
)
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    KFold,
    StratifiedKFold,
    ValidationCurveDisplay,
    check_cv,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
    train_test_split,
    validation_curve,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.utils import get_tags

from sklearn_textnn import (
    KerasBinaryReviewClassifier,
    KerasTopicClassifier,
    MultiHotVectorizer,
)

FILLERS = ("the", "report", "of", "that", "long", "day", "was", "read")
PLANTED = {
    KerasBinaryReviewClassifier: ("dreadful", "superb"),
    KerasTopicClassifier: ("gold", "oil", "wheat"),
}
both = pytest.mark.parametrize("classifier", PLANTED)


def _documents(planted, n, seed, fillers=FILLERS):
    """Return n documents of filler words and one planted phrase, which decides the class."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % len(planted)
    documents = [
        " ".join([planted[label], *rng.choice(fillers, size=2, replace=False)]) for label in y
    ]
    return documents, y


def _negated(n, seed):
    """Return reviews in which "not" reverses the meaning, so that no linear model learns them."""
    documents, phrase = _documents(
        ("bad", "good", "not good", "not bad"), n, seed, fillers=FILLERS[:4]
    )
    return documents, phrase % 2


def assert_same_probabilities(actual, expected):
    """Compare up to the last bits, in which a BLAS may round otherwise."""
    assert_allclose(actual, expected, rtol=1e-5, atol=1e-6)


def assert_same_model(actual, expected, X, X_expected=None):
    """Compare the networks of two classifiers exactly, and their probabilities for X."""
    assert_same_network(actual, expected)
    X_expected = X if X_expected is None else X_expected
    assert_same_probabilities(actual.predict_proba(X), expected.predict_proba(X_expected))


def assert_same_pipeline(actual, expected, X):
    """Compare the networks at the end of two pipelines exactly, and their probabilities for X."""
    assert_same_network(actual[-1], expected[-1])
    assert_same_probabilities(actual.predict_proba(X), expected.predict_proba(X))


def _classifier(classifier, **params):
    params = {"units": 8, "epochs": 12, "batch_size": 8, "learning_rate": 0.05} | params
    return classifier(**params)


def _pipeline(classifier, **params):
    return Pipeline([("vec", MultiHotVectorizer()), ("clf", _classifier(classifier, **params))])


# Scores


@both
def test_cross_validation_is_the_same_in_worker_processes(classifier, global_random_seed):
    documents, y = _documents(PLANTED[classifier], 48, global_random_seed)
    model = _pipeline(classifier, random_state=global_random_seed, epochs=3, dropout=0.2)

    def results(n_jobs):
        return cross_validate(
            model,
            documents,
            y,
            scoring="neg_log_loss",
            cv=2,
            n_jobs=n_jobs,
            return_estimator=True,
            error_score="raise",
        )

    here, in_workers = results(1), results(2)
    assert here["test_score"][0] != here["test_score"][1]  # two fits on different rows
    assert_allclose(in_workers["test_score"], here["test_score"], rtol=1e-6)
    for fold in range(2):
        assert_same_network(in_workers["estimator"][fold][-1], here["estimator"][fold][-1])


@both
def test_integer_cv_is_stratified(classifier, global_random_seed):
    documents, y = _documents(PLANTED[classifier], 48, global_random_seed)
    order = np.argsort(y, kind="stable")
    documents, y = [documents[i] for i in order], y[order]
    model = _pipeline(classifier, random_state=global_random_seed)
    assert is_classifier(model)
    assert is_classifier(model["clf"])
    assert isinstance(check_cv(2, y, classifier=is_classifier(model)), StratifiedKFold)
    assert cross_val_score(model, documents, y, cv=2, error_score="raise").min() >= 0.9
    # The labels are sorted, so without stratification no fold trains on the labels it is tested on.
    unstratified = KFold(len(PLANTED[classifier]))
    if classifier is KerasBinaryReviewClassifier:
        with pytest.raises(ValueError, match="only one class"):
            cross_val_score(model, documents, y, cv=unstratified, error_score="raise")
    else:
        assert cross_val_score(model, documents, y, cv=unstratified).max() == 0


def test_only_the_topic_classifier_is_multiclass():
    assert not get_tags(KerasBinaryReviewClassifier()).classifier_tags.multi_class
    assert get_tags(KerasTopicClassifier()).classifier_tags.multi_class


def test_roc_auc_scorers_agree_and_beat_chance(global_random_seed):
    documents, y = _documents(PLANTED[KerasBinaryReviewClassifier], 48, global_random_seed)
    model = _pipeline(KerasBinaryReviewClassifier, random_state=global_random_seed)
    scoring = {
        "name": "roc_auc",
        "proba": make_scorer(roc_auc_score, response_method="predict_proba"),
        "decision": make_scorer(roc_auc_score, response_method="decision_function"),
    }
    scores = cross_validate(model, documents, y, scoring=scoring, cv=3, error_score="raise")
    chance = cross_val_score(DummyClassifier(), documents, y, scoring="roc_auc", cv=3)
    assert_array_equal(chance, 0.5)
    assert scores["test_name"].min() >= 0.95
    assert_allclose(scores["test_proba"], scores["test_name"])
    assert_allclose(scores["test_decision"], scores["test_name"])


def test_roc_auc_one_vs_rest_of_topics(global_random_seed):
    documents, y = _documents(PLANTED[KerasTopicClassifier], 48, global_random_seed)
    model = _pipeline(KerasTopicClassifier, random_state=global_random_seed)
    scores = cross_val_score(model, documents, y, scoring="roc_auc_ovr", cv=2, error_score="raise")
    assert scores.min() >= 0.95


@both
def test_cross_val_predict_gives_held_out_probabilities(classifier, global_random_seed):
    documents, y = _documents(PLANTED[classifier], 48, global_random_seed)
    n_classes = len(PLANTED[classifier])
    model = _pipeline(classifier, random_state=global_random_seed)
    probabilities = cross_val_predict(model, documents, y, cv=3, method="predict_proba")
    assert probabilities.shape == (48, n_classes)
    assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
    assert log_loss(y, probabilities) < np.log(n_classes) / 2
    logits = cross_val_predict(model, documents, y, cv=3, method="decision_function")
    if n_classes == 2:
        assert_allclose(1 / (1 + np.exp(-logits)), probabilities[:, 1], rtol=1e-4)
    else:
        assert_array_equal(logits.argmax(axis=1), probabilities.argmax(axis=1))


# Searches


def test_grid_search_finds_the_hidden_layer_and_the_epochs_that_negation_needs(global_random_seed):
    documents, y = _negated(60, global_random_seed)
    search = GridSearchCV(
        _pipeline(KerasBinaryReviewClassifier, random_state=global_random_seed),
        {"clf__epochs": [1, 20], "clf__units": [(), (16,)]},
        scoring="neg_log_loss",
        cv=3,
        error_score="raise",
    ).fit(documents, y)
    results = search.cv_results_
    scores = {
        (params["clf__epochs"], params["clf__units"]): score
        for params, score in zip(results["params"], results["mean_test_score"], strict=True)
    }
    assert search.best_params_ == {"clf__epochs": 20, "clf__units": (16,)}
    assert search.best_score_ > -0.3
    # A linear model never does better than chance, and one epoch is not enough.
    assert max(scores[20, ()], scores[1, ()], scores[1, (16,)]) < -0.45
    assert search.best_estimator_["clf"].n_iter_ == 20
    assert_array_equal(search.predict(documents), y)


@both
def test_grid_search_tells_optimizer_instances_apart(classifier, global_random_seed):
    documents, y = _documents(PLANTED[classifier], 48, global_random_seed)
    optimizers = [keras.optimizers.SGD(1e-6), keras.optimizers.SGD(0.5), "rmsprop"]
    search = GridSearchCV(
        _pipeline(classifier, random_state=global_random_seed, learning_rate=1e-6),
        {"clf__optimizer": optimizers},
        scoring="neg_log_loss",
        cv=2,
        n_jobs=2,
        error_score="raise",
    ).fit(documents, y)
    absurd, sensible, crawling = search.cv_results_["mean_test_score"]
    assert search.best_index_ == 1
    assert sensible > max(absurd, crawling) + 0.2


def test_halving_search_gives_the_survivors_more_epochs(global_random_seed):
    documents, y = _negated(60, global_random_seed)
    search = HalvingGridSearchCV(
        _pipeline(KerasBinaryReviewClassifier, random_state=global_random_seed),
        {"clf__units": [(), (16,)], "clf__learning_rate": [1e-6, 0.05]},
        resource="clf__epochs",
        min_resources=5,
        max_resources=20,
        factor=2,
        scoring="neg_log_loss",
        cv=3,
        error_score="raise",
        random_state=global_random_seed,
    ).fit(documents, y)
    assert search.n_resources_ == [5, 10, 20]
    assert search.n_candidates_ == [4, 2, 1]
    assert search.best_params_ == {
        "clf__units": (16,),
        "clf__learning_rate": 0.05,
        "clf__epochs": 20,
    }
    assert search.best_estimator_["clf"].n_iter_ == 20
    first = search.cv_results_["iter"] == 0
    assert search.best_score_ > search.cv_results_["mean_test_score"][first].max()
    assert search.best_score_ > -0.3


# Curves


def test_learning_curve_rises_with_the_number_of_documents(global_random_seed):
    documents, y = _documents(PLANTED[KerasBinaryReviewClassifier], 60, global_random_seed)
    sizes, train_scores, test_scores = learning_curve(
        _pipeline(KerasBinaryReviewClassifier, random_state=global_random_seed, learning_rate=0.02),
        documents,
        y,
        train_sizes=[2, 40],
        cv=3,
        scoring="neg_log_loss",
        error_score="raise",
    )
    assert sizes.tolist() == [2, 40]
    assert train_scores.shape == test_scores.shape == (2, 3)
    few, all_of_them = test_scores.mean(axis=1)
    assert all_of_them > -0.1
    assert all_of_them > few + 0.1


@both
def test_validation_curve_over_epochs(classifier, global_random_seed):
    documents, y = _documents(PLANTED[classifier], 48, global_random_seed)
    model = _pipeline(classifier, random_state=global_random_seed, learning_rate=0.02)
    arguments = {"cv": 2, "scoring": "neg_log_loss"}
    curve = {"param_name": "clf__epochs", "param_range": [1, 5, 20]}
    train_scores, test_scores = validation_curve(model, documents, y, **curve, **arguments)
    assert (np.diff(train_scores, axis=0) > 0).all()
    assert (test_scores[2] > test_scores[0] + 0.3).all()
    # Each point of the curve belongs to a network trained for that many epochs.
    model.set_params(clf__epochs=5)
    assert_allclose(cross_val_score(model, documents, y, **arguments), test_scores[1], rtol=1e-6)

    display = ValidationCurveDisplay.from_estimator(model, documents, y, **curve, **arguments)
    assert_allclose(display.test_scores, test_scores, rtol=1e-6)
    train_line, test_line = display.lines_
    assert_array_equal(test_line.get_xdata(), [1, 5, 20])
    assert_allclose(test_line.get_ydata(), test_scores.mean(axis=1), rtol=1e-6)
    assert_allclose(train_line.get_ydata(), train_scores.mean(axis=1), rtol=1e-6)


# Ensembles


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_calibration_improves_an_underconfident_network(method, global_random_seed):
    documents, y = _documents(PLANTED[KerasBinaryReviewClassifier], 60, global_random_seed)
    train, test, y_train, y_test = train_test_split(
        documents, y, test_size=20, stratify=y, random_state=global_random_seed
    )
    # With this penalty the probabilities are correct but close to 0.5.
    model = _pipeline(
        KerasBinaryReviewClassifier, units=(), l2=0.3, epochs=30, random_state=global_random_seed
    )
    calibrated = CalibratedClassifierCV(model, method=method, cv=4).fit(train, y_train)
    model.fit(train, y_train)
    brier_before = brier_score_loss(y_test, model.predict_proba(test)[:, 1])
    brier_after = brier_score_loss(y_test, calibrated.predict_proba(test)[:, 1])
    assert_array_equal(calibrated.classes_, [0, 1])
    assert brier_before > 0.12
    assert brier_after < 0.06


def test_soft_vote_is_the_mean_of_the_probabilities(global_random_seed):
    documents, y = _documents(PLANTED[KerasTopicClassifier], 48, global_random_seed)
    vote = VotingClassifier(
        [
            ("network", _pipeline(KerasTopicClassifier, random_state=global_random_seed)),
            ("linear", make_pipeline(MultiHotVectorizer(), LogisticRegression())),
            ("prior", DummyClassifier()),
        ],
        voting="soft",
    ).fit(documents, y)
    network, linear, prior = (part.predict_proba(documents) for part in vote.estimators_)
    assert_allclose(vote.predict_proba(documents), (network + linear + prior) / 3, rtol=1e-6)
    assert vote.score(documents, y) >= 0.95
    assert vote.named_estimators_["prior"].score(documents, y) < 0.5


def test_one_vs_rest_of_binary_classifiers_learns_topics(global_random_seed):
    documents, y = _documents(PLANTED[KerasTopicClassifier], 60, global_random_seed)
    labels = np.array(PLANTED[KerasTopicClassifier])[y]
    rest = OneVsRestClassifier(
        _classifier(KerasBinaryReviewClassifier, random_state=global_random_seed)
    )
    model = make_pipeline(MultiHotVectorizer(), rest).fit(documents[:42], labels[:42])
    held_out, expected = documents[42:], labels[42:]
    assert model.score(held_out, expected) >= 0.9
    assert DummyClassifier().fit(documents, labels).score(held_out, expected) < 0.5
    probabilities = model.predict_proba(held_out)
    assert probabilities.shape == (18, 3)
    assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
    assert len(rest.estimators_) == 3
    assert_array_equal(model.classes_, ["gold", "oil", "wheat"])


# Parameters


class _Epochs(keras.callbacks.Callback):
    """Record the epochs that it sees."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_epoch_end(self, epoch, logs=None):
        self.seen.append(epoch)


@both
def test_clone_has_equal_parameters_before_and_after_fit(classifier):
    documents, y = _documents(PLANTED[classifier], 24, 0)
    model = _pipeline(classifier, class_weight="balanced", units=(8,), random_state=0)
    model_params = {k: v for k, v in model.get_params().items() if k not in ("vec", "clf", "steps")}
    for state in (model, model.fit(documents, y)):
        copied = clone(state)
        params = {k: copied.get_params()[k] for k in model_params}
        assert params == model_params
        assert clone(state["clf"]).get_params() == state["clf"].get_params()
        assert not hasattr(copied["clf"], "coefs_")


@both
def test_clone_with_optimizer_and_callbacks_trains_the_same(classifier, global_random_seed):
    documents, y = _documents(PLANTED[classifier], 24, global_random_seed)
    optimizer, callback = keras.optimizers.Adam(0.03), _Epochs()
    model = _pipeline(
        classifier,
        optimizer=optimizer,
        callbacks=[callback],
        epochs=4,
        random_state=global_random_seed,
    )
    config = optimizer.get_config()
    twin = clone(model)
    assert twin["clf"].optimizer is not optimizer
    assert twin["clf"].callbacks[0] is not callback
    assert twin["clf"].optimizer.get_config() == config

    model.fit(documents, y)
    assert callback.seen == [0, 1, 2, 3]
    assert twin["clf"].callbacks[0].seen == []
    # Fit changed neither: the optimizer has no variables, and the callback has no model.
    assert model["clf"].optimizer is optimizer
    assert optimizer.get_config() == config
    assert not optimizer.built
    assert callback._model is None

    twin.fit(documents, y)
    again = clone(model).fit(documents, y)
    for other in (twin, again):
        assert other["clf"].callbacks[0].seen[-4:] == [0, 1, 2, 3]
        assert_same_pipeline(other, model, documents)


# Metadata


@both
def test_pipeline_transforms_the_held_out_documents(classifier, global_random_seed):
    documents, y = _documents(PLANTED[classifier], 36, global_random_seed)
    held_out, y_held_out = _documents(PLANTED[classifier], 18, global_random_seed + 100)
    model = _pipeline(classifier, random_state=global_random_seed)
    by_hand = clone(model)
    X = by_hand["vec"].fit_transform(documents)
    by_hand["clf"].fit(X, y, X_val=by_hand["vec"].transform(held_out), y_val=y_held_out)

    with config_context(enable_metadata_routing=True):
        model.set_params(transform_input=["X_val"])
        model["clf"].set_fit_request(X_val=True, y_val=True)
        model.fit(documents, y, X_val=held_out, y_val=y_held_out)
    history = model["clf"].history_
    assert history.keys() == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert history == by_hand["clf"].history_
    assert history["val_loss"][-1] < history["val_loss"][0] / 2
    assert model["clf"].best_epoch_ == np.argmin(history["val_loss"]) + 1


def test_search_passes_the_held_out_documents_to_every_candidate(global_random_seed):
    documents, y = _documents(PLANTED[KerasBinaryReviewClassifier], 36, global_random_seed)
    held_out, y_held_out = _documents(
        PLANTED[KerasBinaryReviewClassifier], 20, global_random_seed + 100
    )
    model = _pipeline(
        KerasBinaryReviewClassifier,
        random_state=global_random_seed,
        epochs=60,
        early_stopping=True,
        patience=0,
    )
    with config_context(enable_metadata_routing=True):
        model.set_params(transform_input=["X_val"])
        model["clf"].set_fit_request(X_val=True, y_val=True)
        search = GridSearchCV(
            model,
            {"clf__learning_rate": [1e-6, 0.05]},
            scoring="neg_log_loss",
            cv=2,
            error_score="raise",
        ).fit(documents, y, X_val=held_out, y_val=y_held_out)
    absurd, sensible = search.cv_results_["mean_test_score"]
    assert sensible > absurd + 0.3
    history = search.best_estimator_["clf"].history_
    assert len(history["val_loss"]) == search.best_estimator_["clf"].n_iter_


@both
def test_routed_zero_weights_exclude_mislabelled_documents(classifier, global_random_seed):
    documents, y = _documents(PLANTED[classifier], 36, global_random_seed)
    wrong = (y + 1) % len(PLANTED[classifier])
    # Each document occurs twice, the second time with a wrong label and weight 0.
    twice = [document for document in documents for _ in range(2)]
    labels = np.column_stack([y, wrong]).ravel()
    weights = np.tile([1.0, 0.0], len(y))
    model = _pipeline(classifier, random_state=global_random_seed)
    expected = clone(model).fit(documents, y)

    prefixed = clone(model).fit(twice, labels, clf__sample_weight=weights)
    assert_same_pipeline(prefixed, expected, documents)

    misled = cross_val_score(model, twice, labels, cv=2, error_score="raise")
    with config_context(enable_metadata_routing=True):
        model["clf"].set_fit_request(sample_weight=True)
        accuracy = make_scorer(accuracy_score).set_score_request(sample_weight=True)
        routed = clone(model).fit(twice, labels, sample_weight=weights)
        weighted = cross_val_score(
            model,
            twice,
            labels,
            scoring=accuracy,
            params={"sample_weight": weights},
            cv=2,
            error_score="raise",
        )
    assert_same_pipeline(routed, expected, documents)
    assert weighted.min() >= 0.75
    assert weighted.mean() > misled.mean() + 0.25


# Tables


@both
def test_column_transformer_passes_text_and_numbers(classifier, global_random_seed):
    documents, y = _documents(PLANTED[classifier], 36, global_random_seed)
    rng = np.random.default_rng(global_random_seed)
    table = pd.DataFrame(
        {"stars": rng.random(36), "text": documents, "noise": rng.random(36)},
        index=rng.permutation(36),
    )
    columns = ColumnTransformer(
        [("words", MultiHotVectorizer(), "text"), ("numbers", "passthrough", ["stars"])]
    )
    model = make_pipeline(columns, _classifier(classifier, random_state=global_random_seed))
    labels = pd.Series(y, index=table.index)
    model.fit(table[:27], labels[:27])
    n_words = len(FILLERS) + len(PLANTED[classifier])
    assert model[-1].n_features_in_ == n_words + 1
    assert model.score(table[27:], labels[27:]) >= 0.85
    probabilities = model.predict_proba(table)
    assert_same_probabilities(model.predict_proba(table[::-1]), probabilities[::-1])
    # A ColumnTransformer takes the columns of a table in any order.
    shuffled = table[["noise", "text", "stars"]]
    assert_same_probabilities(model.predict_proba(shuffled), probabilities)


@pytest.fixture(params=PLANTED)
def named(request, global_random_seed):
    """Return an unfitted classifier, a table with a column for each word, and labels."""
    documents, y = _documents(PLANTED[request.param], 24, global_random_seed)
    words = MultiHotVectorizer()
    X = words.fit_transform(documents)
    table = pd.DataFrame(X.toarray(), columns=words.get_feature_names_out())
    return _classifier(request.param, random_state=global_random_seed, epochs=3), table, y


def test_data_frame_gives_feature_names_and_the_same_network(named):
    clf, table, y = named
    from_table = clone(clf).fit(table, y)
    from_array = clone(clf).fit(table.to_numpy(), y)
    assert_array_equal(from_table.feature_names_in_, table.columns)
    assert not hasattr(from_array, "feature_names_in_")
    assert_same_model(from_table, from_array, table, table.to_numpy())
    from_table.fit(table.to_numpy(), y)
    assert not hasattr(from_table, "feature_names_in_")


def test_sparse_data_frame_gives_the_same_network(named):
    clf, table, y = named
    sparse = table.astype(pd.SparseDtype(np.float32, 0.0))
    assert_same_model(clone(clf).fit(sparse, y), clone(clf).fit(table, y), sparse, table)


def test_other_feature_names_warn_or_raise_as_in_scikit_learn(named):
    clf, table, y = named
    reference = LogisticRegression().fit(table, y)
    clf.fit(table, y)
    renamed = table.rename(columns={"report": "rumour"})
    for other in (renamed, table[table.columns[::-1]]):
        with pytest.raises(ValueError, match="feature names should match") as expected:
            reference.predict(other)
        with pytest.raises(ValueError, match="feature names should match") as error:
            clf.predict(other)
        assert str(error.value) == str(expected.value)
        with pytest.raises(ValueError, match="feature names should match"):
            clf.fit(table, y, X_val=other, y_val=y)
    with pytest.warns(UserWarning, match="X does not have valid feature names, but Keras"):
        clf.predict(table.to_numpy())
    clf.fit(table.to_numpy(), y)
    with pytest.warns(UserWarning, match="X has feature names, but Keras"):
        clf.predict(table)


# Labels


def _spellings(n_classes):
    words = ["business", "sport", "tech"][:n_classes]
    return {
        "words": np.array(words),
        "objects": np.array(words, dtype=object),
        "gaps": np.array([-3, 4, 40][:n_classes]),
        "floats": np.array([1.0, 2.0, 5.0][:n_classes]),
        "small": np.array([2, 5, 250][:n_classes], dtype=np.uint8),
    } | ({"flags": np.array([False, True])} if n_classes == 2 else {})


@pytest.mark.parametrize(
    ("classifier", "spelling"),
    [(c, s) for c, p in PLANTED.items() for s in _spellings(len(p))],
)
def test_predicted_labels_have_the_values_and_dtype_of_y(classifier, spelling, global_random_seed):
    documents, y = _documents(PLANTED[classifier], 24, global_random_seed)
    labels = _spellings(len(PLANTED[classifier]))[spelling]
    model = _pipeline(classifier, random_state=global_random_seed)
    expected = clone(model).fit(documents, y)
    model.fit(documents, labels[y])
    assert_array_equal(model.classes_, labels)
    assert model.classes_.dtype == labels.dtype
    predicted = model.predict(documents)
    assert predicted.dtype == labels.dtype
    assert_array_equal(predicted, labels[expected.predict(documents)])
    assert_same_pipeline(model, expected, documents)
    assert model.score(documents, labels[y]) >= 0.9


@both
@pytest.mark.parametrize("dtype", ["object", "string", "category"])
def test_pandas_labels_ignore_their_index(classifier, dtype, global_random_seed):
    documents, y = _documents(PLANTED[classifier], 24, global_random_seed)
    words = np.array(PLANTED[classifier])[y]
    labels = pd.Series(words, index=np.arange(24)[::-1], dtype=dtype)
    held_out = pd.Series(documents[:6], index=list("zyxwvu"))
    model = _pipeline(classifier, random_state=global_random_seed)
    X, y_val = MultiHotVectorizer().fit_transform(documents), labels[:6]
    expected = clone(model).fit(documents, words)
    model.fit(pd.Series(documents, index=labels.index), labels)
    assert_array_equal(model.predict(held_out), expected.predict(documents[:6]))
    assert_same_pipeline(model, expected, documents)
    clf = clone(model["clf"]).fit(X, labels, X_val=X[:6], y_val=y_val)
    assert clf.history_["val_accuracy"][-1] >= 0.8


# Pickles


@both
def test_pickle_and_joblib_restore_the_same_model(classifier, tmp_path, global_random_seed):
    documents, y = _documents(PLANTED[classifier], 24, global_random_seed)
    model = _pipeline(classifier, random_state=global_random_seed, validation_fraction=0.25)
    model.fit(documents, y)
    model["clf"].model_  # noqa: B018 - building the Keras model must not break pickling
    joblib.dump(model, tmp_path / "model.joblib", compress=3)
    joblib.dump(model, tmp_path / "plain.joblib")
    copies = [
        joblib.load(tmp_path / "model.joblib"),
        joblib.load(tmp_path / "plain.joblib", mmap_mode="r"),
        *(
            pickle.loads(pickle.dumps(model, protocol=protocol))
            for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)
        ),
    ]
    for copied in copies:
        assert_same_pipeline(copied, model, documents)
        assert_array_equal(copied.predict(documents), model.predict(documents))
        assert copied["clf"].history_ == model["clf"].history_
        assert copied["clf"].best_epoch_ == model["clf"].best_epoch_
        # The copy has the same parameters, so that it learns the same network again.
        assert_same_pipeline(copied.fit(documents, y), model, documents)
