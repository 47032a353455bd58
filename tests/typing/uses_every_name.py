"""What a user may write with every public name. Type checkers read it, and nothing runs it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import scipy.sparse as sp
from matplotlib.axes import Axes
from numpy.typing import NDArray
from scipy.stats import loguniform
from sklearn.metrics import make_scorer
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.utils import Bunch

import sklearn_textnn
from sklearn_textnn import (
    TRUSTED_TYPES,
    EpochGridSearchCV,
    EpochHalvingRandomSearchCV,
    EpochHalvingSearchCV,
    EpochRandomizedSearchCV,
    EpochSearchDisplay,
    KerasBinaryReviewClassifier,
    KerasTopicClassifier,
    LogCountRatioTransformer,
    MultiHotVectorizer,
    TrainingCurveDisplay,
    WordContributionDisplay,
    datasets,
    layers,
    to_keras,
    to_onnx,
    to_scikeras,
    training_curve,
    word_contributions,
)
from sklearn_textnn.datasets import (
    fetch_imdb,
    fetch_reuters,
    fetch_reuters21578,
    load_bbc_news,
    load_movie_reviews,
)

texts = ["a fine film", "a dull film"]
labels = [1, 0]
version: str = sklearn_textnn.__version__
sklearn_textnn.show_versions()
names: list[str] = TRUSTED_TYPES


def vectors() -> None:
    vectorizer = MultiHotVectorizer(num_words=None, analyzer=str.split, handle_unknown=3)
    MultiHotVectorizer(
        100,
        skip_top=2,
        analyzer="word",
        lowercase=False,
        ngram_range=(1, 2),
        stop_words="english",
        min_df=2,
        max_df=0.9,
        handle_unknown="error",
        dtype=np.float64,
        sparse_output=False,
        max_terms=1_000,
        n_jobs=-1,
    )
    MultiHotVectorizer(analyzer=lambda document: document.split(), dtype="int8", stop_words=["a"])
    MultiHotVectorizer(vocabulary={"film": 0, "fine": 1})
    MultiHotVectorizer(vocabulary=["film", "fine"])
    MultiHotVectorizer(vocabulary=(word for word in ["film", "fine"]))
    X = vectorizer.fit_transform(texts)
    X.toarray()
    shape: tuple[int, ...] = X.shape
    vectorizer.fit(text for text in texts).transform(np.array(texts))
    vectorizer.fit([["a", "film"], ["a"]]).fit([[1, 2], [3]]).fit(np.array([[1, 2], [3, 4]]))
    vectorizer.fit(pd.Series(texts)).transform(pd.DataFrame({"text": texts}))
    vectorizer.fit(pl.Series(texts)).transform(pl.DataFrame({"text": texts}))
    vectorizer.fit(pa.array(texts)).transform(pa.table({"text": texts}))
    vectorizer.fit([b"a film"])
    vectorizer.partial_fit(texts).merge(vectorizer.partial_fit(texts)).transform(texts)
    columns: NDArray[Any] = vectorizer.get_feature_names_out()
    words: list[NDArray[Any]] = vectorizer.inverse_transform(X)
    analyze: Callable[[Any], list[Any]] = vectorizer.build_analyzer()
    error: int = vectorizer.count_error_
    column: int | None = (vectorizer.vocabulary_ or {}).get("film")
    kind: str = vectorizer.input_kind_
    weighted = LogCountRatioTransformer(norm="l2", sublinear_tf=True, alpha=0.5).fit(X, labels)
    weighted.transform(X).toarray()
    weights: NDArray[np.float64] = weighted.ratio_
    print(shape, columns, words, analyze, error, column, kind, weights)


def classifiers() -> None:
    X = np.eye(4)
    stop = keras.callbacks.EarlyStopping(patience=2)
    classifier = KerasBinaryReviewClassifier(
        8,
        epochs=3,
        batch_size=16,
        optimizer=keras.optimizers.Adam(1e-3),
        learning_rate=0.01,
        activation="tanh",
        dropout=0.5,
        l2=1e-4,
        class_weight={"good": 2, "bad": 1},
        validation_fraction=0.2,
        early_stopping=True,
        patience=3,
        monitor="val_accuracy",
        epoch_selection="val_loss",
        callbacks=[stop],
        warm_start=True,
        stages="all",
        verbose=1,
        random_state=np.random.RandomState(0),
    )
    KerasBinaryReviewClassifier([16, 16], stages=[1, 2], class_weight="balanced", random_state=0)
    KerasTopicClassifier((), loss="sparse_categorical_crossentropy", stages=range(1, 5))
    KerasTopicClassifier(np.array([64, 64]), class_weight=[{0: 1, 1: 5.0}, {0: 1, 1: 2.0}])
    classifier.fit(X, labels, sample_weight=[1, 2], X_val=X, y_val=labels).predict(X)
    classifier.fit(sp.csr_matrix(X), np.array(labels))
    classifier.fit(sp.csr_array(X), pd.Series(labels), sample_weight=np.ones(4))
    classifier.fit(pd.DataFrame(X), ["good", "bad"])
    classifier.fit([[0.0, 1.0], [1.0, 0.0]], labels)
    classifier.partial_fit(X, labels, classes=[0, 1], sample_weight=None)
    KerasTopicClassifier().fit(X, [[0, 1], [1, 1]]).fit(X, sp.csr_matrix(X))
    probabilities: NDArray[np.floating[Any]] = classifier.predict_proba(X)
    positive: NDArray[np.floating[Any]] = classifier.predict_proba(X)[:, 1]
    logits: NDArray[np.floating[Any]] = classifier.decision_function(X)
    logarithms: NDArray[np.floating[Any]] = classifier.predict_log_proba(X)
    classifier.predict(X).tolist()
    score: float = classifier.score(X, labels)
    staged: Iterator[NDArray[np.floating[Any]]] = classifier.staged_predict_proba(X)
    for predicted in classifier.staged_predict(X):
        print(predicted)
    accuracies: list[float] = list(classifier.staged_score(X, labels, sample_weight=[1, 2]))
    losses: list[float] = classifier.history_["loss"]
    kernels: list[NDArray[np.floating[Any]]] = classifier.coefs_ + classifier.intercepts_
    best: int | None = classifier.best_epoch_
    trained: int = classifier.n_iter_ + classifier.n_features_in_
    classes: list[Any] = classifier.classes_.tolist()
    epochs: list[int] = classifier.stages_.tolist()
    classifier.model_.summary()
    print(probabilities, positive, logits, logarithms, score, staged, accuracies, losses)
    print(kernels, best, trained, classes, epochs)
    print(pd.DataFrame(classifier.history_), classifier.get_params()["units"])


def pipelines() -> None:
    pipeline = make_pipeline(MultiHotVectorizer(), KerasTopicClassifier(random_state=0))
    pipeline.fit(texts, labels).predict(texts)
    Pipeline([("vectors", MultiHotVectorizer()), ("network", KerasBinaryReviewClassifier())])
    print(cross_val_score(pipeline, texts, labels, cv=3).mean())
    curve: Bunch = training_curve(pipeline, texts, labels, cv=3, n_jobs=2, params=None)
    training_curve(pipeline, texts, labels, groups=[0, 1], cv=StratifiedKFold(3))
    print(curve.val_loss)


def searches() -> None:
    pipeline = make_pipeline(MultiHotVectorizer(), KerasBinaryReviewClassifier())
    grid = {"kerasbinaryreviewclassifier__epochs": range(1, 5)}
    search = EpochGridSearchCV(pipeline, grid, scoring="accuracy", cv=3, refit=True, n_jobs=2)
    EpochGridSearchCV(
        pipeline,
        [grid, {"kerasbinaryreviewclassifier__units": [8, 16]}],
        scoring=["accuracy", "neg_log_loss"],
        refit="accuracy",
        cv=StratifiedKFold(3, shuffle=True),
        pre_dispatch=4,
        error_score="raise",
        return_train_score=True,
        verbose=1,
    )
    scorer = make_scorer(lambda y, y_pred: 0.0)
    EpochGridSearchCV(pipeline, grid, scoring={"a": "accuracy", "b": scorer}, refit=False)
    EpochGridSearchCV(KerasTopicClassifier(), {"epochs": [1, 2]}, cv=[([0], [1])], scoring=scorer)
    EpochRandomizedSearchCV(pipeline, grid, n_iter=3, random_state=0, scoring=None).fit(texts, [1])
    distributions = {"learning_rate": loguniform(1e-4, 1e-1), "units": [4, 8]}
    EpochRandomizedSearchCV(KerasTopicClassifier(), distributions).fit(np.eye(2), labels)
    halving = EpochHalvingSearchCV(pipeline, grid, factor=2, resource="n_samples", max_resources=9)
    EpochHalvingSearchCV(pipeline, grid, min_resources="smallest", refit=False)
    EpochHalvingRandomSearchCV(pipeline, distributions, n_candidates=9, min_resources=2)
    trained: int | None = halving.fit(texts, labels).n_epochs_trained_
    rounds: list[int] = halving.n_resources_
    search.fit(texts, labels, kerasbinaryreviewclassifier__sample_weight=[1, 2]).predict(texts)
    best: float = search.best_score_
    params: dict[str, Any] = search.best_params_
    table: pd.DataFrame = search.epoch_scores_
    means = search.cv_results_["mean_test_score"]
    search.best_estimator_.predict(texts)
    print(search.predict_proba(texts)[:, 1], search.score(texts, labels))
    print(trained, rounds, best, params, table, means, search.best_index_, search.n_splits_)


def displays(ax: Axes) -> None:
    pipeline = make_pipeline(MultiHotVectorizer(), KerasBinaryReviewClassifier())
    display = TrainingCurveDisplay(epochs=[1, 2], train_values=[0.5, 0.4], val_values=None)
    display.plot(ax, name="first", line_kw={"color": "red"}).ax_.set_title("Loss")
    TrainingCurveDisplay.from_estimator(pipeline, metric="accuracy", ax=ax).figure_.suptitle("A")
    folds = TrainingCurveDisplay.from_cross_validation(pipeline, texts, labels, cv=3, n_jobs=-1)
    folds.lines_[0].set_linewidth(2)
    table: pd.DataFrame = display.frame()
    best: int | None = display.best_epoch
    EpochSearchDisplay(epochs=[[1, 2]], scores=[np.zeros((2, 3))], best=(0, 1)).plot()
    search = EpochGridSearchCV(pipeline, {"kerasbinaryreviewclassifier__epochs": [1, 2]})
    scores = EpochSearchDisplay.from_estimator(search, metric="accuracy", subset="train", ax=ax)
    scores.plot(fill_between_kw={"alpha": 0.2}).frame()
    print(table, best, scores.best_marker_)


def explanations(ax: Axes) -> None:
    pipeline = make_pipeline(MultiHotVectorizer(), KerasBinaryReviewClassifier())
    found = word_contributions(pipeline, texts, target=1, method="leave_one_out")
    print(found.contributions.sum(axis=1), found.feature_names, found.logits)
    one = WordContributionDisplay.from_estimator(pipeline, "a fine film", ax=ax)
    page: str = one.to_html()
    many = WordContributionDisplay.from_estimator(pipeline, texts, labels, n_words=5, min_df=2)
    table: pd.DataFrame = many.plot(many.axes_, targets=[1], bar_kw={"alpha": 0.5}).frame()
    many.bars_[0].patches[0].set_hatch("/")
    WordContributionDisplay(
        contributions=found.contributions, feature_names=["fine", "film"], targets=[1, 0]
    )
    print(page, table, one.ax_, one.figure_, many.spreads_)


def exports() -> None:
    classifier = KerasBinaryReviewClassifier()
    pipeline = make_pipeline(MultiHotVectorizer(), classifier)
    to_keras(pipeline).summary()
    content: bytes = to_onnx(pipeline[1:]).SerializeToString()
    to_onnx(classifier)
    to_scikeras(classifier).predict(np.eye(2))
    text = layers.MultiHotText(["film", "fine"], analyzer="word", ngram_range=(1, 2), name="text")
    integers = layers.MultiHotIntegers(10, skip_top=2, unknown_column=2)
    weights = layers.TermWeights(norm=None, use_weights=False, sublinear_tf=True)
    print(content, text, integers.get_config()["skip_top"], weights)


def corpora() -> None:
    imdb = fetch_imdb(num_words=None, subset="all", start_char=None, data_home=Path("data"))
    print(imdb.data, imdb.target)
    X, y = fetch_imdb(return_X_y=True)
    KerasBinaryReviewClassifier().fit(MultiHotVectorizer().fit_transform(X), y)
    X, y = fetch_reuters(subset="test", oov_char=None, download_if_missing=False, return_X_y=True)
    wires, topics = fetch_reuters21578(data_home="data", return_X_y=True)
    print(fetch_reuters21578(subset="test").target_names, topics.sum(axis=0))
    print(fetch_reuters().decode([1, 2]))
    reviews, sentiment = load_movie_reviews("rotten_tomatoes", return_X_y=True)
    print(reviews[0].upper(), sentiment.mean(), load_movie_reviews().DESCR, wires[0].upper())
    articles, topics = load_bbc_news(return_X_y=True)
    print(articles[0].upper(), topics, load_bbc_news().target_names)
    print(datasets.load_bbc_news(return_X_y=False).data[0])
