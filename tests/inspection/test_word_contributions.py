"""word_contributions: what is returned for each kind of estimator and document, and bad input."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
from planted import planted_classes, planted_topics
from processes import run_python
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MaxAbsScaler

from sklearn_textnn import (
    EpochGridSearchCV,
    KerasBinaryReviewClassifier,
    KerasTopicClassifier,
    LogCountRatioTransformer,
    MultiHotVectorizer,
    word_contributions,
)

PARAMS = {"epochs": 30, "learning_rate": 0.05, "random_state": 0}
REVIEWS = ["a fine film", "a dull film", "fine acting", "dull acting"] * 5
VERDICTS = ["good", "bad", "good", "bad"] * 5
WIRES = ["wheat crop up", "oil price up", "bank rate up"] * 7
SUBJECTS = ["grain", "crude", "money"] * 7
every_method = pytest.mark.parametrize("method", ["integrated_gradients", "leave_one_out"])


def review_classifier(**params):
    return KerasBinaryReviewClassifier(4, **PARAMS | params)


def topic_classifier(**params):
    return KerasTopicClassifier(**{"units": 4} | PARAMS | params)


@pytest.fixture(scope="module")
def reviews():
    return make_pipeline(MultiHotVectorizer(), review_classifier()).fit(REVIEWS, VERDICTS)


@pytest.fixture(scope="module")
def wires():
    return make_pipeline(MultiHotVectorizer(), topic_classifier()).fit(WIRES, SUBJECTS)


@pytest.fixture(scope="module")
def several():
    documents = ["wheat crop up", "oil price up", "wheat and oil up", "holiday"] * 7
    topics = pd.DataFrame({"grain": [1, 0, 1, 0] * 7, "crude": [0, 1, 1, 0] * 7})
    return make_pipeline(MultiHotVectorizer(), topic_classifier()).fit(documents, topics)


def test_sparse_data_frame_may_come_before_weights():
    X = MultiHotVectorizer().fit_transform(REVIEWS)
    pipeline = make_pipeline(TfidfTransformer(), review_classifier()).fit(X, VERDICTS)
    frame = pd.DataFrame.sparse.from_spmatrix(sp.csr_matrix(X))
    found, expected = word_contributions(pipeline, frame), word_contributions(pipeline, X)
    assert_allclose(found.contributions.toarray(), expected.contributions.toarray())


def terms(explanation, row=0, matrix=None):
    """Return the contribution of each term of a document."""
    matrix = explanation.contributions if matrix is None else matrix
    entries = matrix[[row]]
    names = explanation.feature_names[entries.indices]
    return dict(zip(names.tolist(), entries.data.tolist(), strict=True))


def assert_same(found, expected, atol=1e-12):
    assert_allclose(found.contributions.toarray(), expected.contributions.toarray(), atol=atol)
    assert_array_equal(found.targets, expected.targets)
    assert_allclose(found.logits, expected.logits, atol=atol)
    assert_allclose(found.empty_logits, expected.empty_logits, atol=atol)


# What is returned


@every_method
def test_planted_word_contributes_most_to_the_class_that_it_decides(reviews, wires, method):
    found = word_contributions(reviews, ["a fine plain film", "dull film"], method=method)
    assert found.targets.tolist() == ["good", "bad"]
    for row, word in enumerate(["fine", "dull"]):
        contributions = terms(found, row)
        assert max(contributions, key=contributions.get) == word
        assert contributions[word] > 0.5
    found = word_contributions(wires, ["wheat price up"], target="crude", method=method)
    contributions = terms(found)
    assert contributions["wheat"] < 0 < contributions["price"]


@every_method
def test_entries_are_the_words_of_the_document(reviews, method):
    X = reviews[0].transform(REVIEWS)
    found = word_contributions(reviews, REVIEWS, method=method)
    assert found.contributions.format == "csr"
    assert found.contributions.dtype == np.float64
    assert found.contributions.shape == X.shape
    assert_array_equal(found.contributions.indptr, X.indptr)
    assert_array_equal(found.contributions.indices, X.indices)
    assert_array_equal(found.feature_names, reviews[0].get_feature_names_out())
    for name in ("targets", "logits", "empty_logits"):
        assert found[name].shape == (len(REVIEWS),)


def test_words_of_weight_0_have_an_entry():
    steps = [MultiHotVectorizer(), LogCountRatioTransformer(), review_classifier()]
    pipeline = make_pipeline(*steps).fit(REVIEWS, VERDICTS)
    assert terms(word_contributions(pipeline, ["a fine film"])).keys() == {"a", "fine", "film"}
    assert terms(word_contributions(pipeline, ["a fine film"]))["film"] == 0


@every_method
def test_opposite_class_has_the_opposite_contributions_with_two_classes(reviews, method):
    both = make_pipeline(MultiHotVectorizer(), topic_classifier()).fit(REVIEWS, VERDICTS)
    for pipeline in (reviews, both):
        good = word_contributions(pipeline, REVIEWS, target="good", method=method)
        bad = word_contributions(pipeline, REVIEWS, target="bad", method=method)
        assert_allclose(good.logits, pipeline.decision_function(REVIEWS), rtol=1e-5)
        assert_allclose(bad.logits, -good.logits)
        assert_allclose(bad.empty_logits, -good.empty_logits)
        assert_allclose(bad.contributions.data, -good.contributions.data)


def test_logits_are_those_of_decision_function(wires):
    logits = wires.decision_function(WIRES)
    empty = wires.decision_function([""])
    for column, subject in enumerate(["crude", "grain", "money"]):
        found = word_contributions(wires, WIRES, target=subject)
        assert_allclose(found.logits, logits[:, column], rtol=1e-5)
        assert_allclose(found.empty_logits, np.full(len(WIRES), empty[0, column]), rtol=1e-5)


@every_method
def test_predicted_class_is_explained_by_default(wires, method):
    documents = ["oil", "wheat up", "bank", "", "crop price"]
    found = word_contributions(wires, documents, method=method)
    assert_array_equal(found.targets, wires.predict(documents))
    assert_same(found, word_contributions(wires, documents, target=found.targets, method=method))


@every_method
def test_target_can_be_a_class_for_each_document(wires, method):
    documents, targets = ["oil up", "wheat up", "oil up"], ["grain", "money", "crude"]
    found = word_contributions(wires, documents, target=targets, method=method)
    assert found.targets.tolist() == targets
    for row, target in enumerate(targets):
        one = word_contributions(wires, [documents[row]], target=target, method=method)
        assert terms(found, row) == pytest.approx(terms(one))
        assert found.logits[row] == pytest.approx(one.logits[0])
        assert found.empty_logits[row] == pytest.approx(one.empty_logits[0])
    as_series = pd.Series(targets, index=[7, 8, 9])
    assert_same(word_contributions(wires, documents, target=as_series, method=method), found)


@pytest.mark.parametrize("labels", [[False, True], [0, 1], [3, -1], ["x", "y"]], ids=str)
def test_targets_are_the_labels_of_any_kind(labels):
    pipeline = make_pipeline(MultiHotVectorizer(), review_classifier())
    pipeline.fit(REVIEWS, np.array(labels)[[1, 0, 1, 0] * 5])
    for target in (*labels, np.array(labels)[1]):
        found = word_contributions(pipeline, ["fine film"], target=target)
        assert found.targets.tolist() == [target]
        assert (terms(found)["fine"] > 0) == (target == labels[1])


# Several topics


@every_method
def test_each_of_several_topics_is_explained(several, method):
    documents = ["wheat and oil up", "oil price up", ""]
    found = word_contributions(several, documents, method=method)
    assert found.targets.tolist() == ["grain", "crude"]
    assert found.logits.shape == found.empty_logits.shape == (3, 2)
    assert_allclose(found.logits, several.decision_function(documents), rtol=1e-5)
    assert_allclose(found.empty_logits[2], found.logits[2])
    for column, topic in enumerate(found.targets):
        one = word_contributions(several, documents, target=topic, method=method)
        assert one.targets.tolist() == [topic] * 3
        assert_allclose(one.contributions.toarray(), found.contributions[column].toarray())
        assert_allclose(one.logits, found.logits[:, column])
    grain, crude = (terms(found, matrix=matrix) for matrix in found.contributions)
    assert grain["wheat"] > 0.5 > grain["oil"]
    assert crude["oil"] > 0.5 > crude["wheat"]


def test_matrices_of_several_topics_share_no_memory(several):
    first, second = word_contributions(several, ["wheat and oil up"]).contributions
    for name in ("data", "indices", "indptr"):
        assert not np.shares_memory(getattr(first, name), getattr(second, name))


# Documents


@every_method
def test_document_without_known_words_has_no_entries(reviews, method):
    documents = ["", "fine film", "nothing here is known"]
    found = word_contributions(reviews, documents, method=method)
    assert np.diff(found.contributions.indptr).tolist() == [0, 2, 0]
    assert_array_equal(found.logits[[0, 2]], found.empty_logits[[0, 2]])
    assert word_contributions(reviews, [""], method=method).contributions.nnz == 0


@every_method
def test_tokens_are_explained(method):
    tokens = [review.split() for review in REVIEWS]
    pipeline = make_pipeline(MultiHotVectorizer(), review_classifier()).fit(tokens, VERDICTS)
    found = word_contributions(pipeline, [["a", "fine", "film"]], method=method)
    assert terms(found).keys() == {"a", "fine", "film"}
    assert terms(found)["fine"] > 0.5


@every_method
def test_integers_are_explained_with_the_words_behind_them(method):
    words = ["", "a", "fine", "dull", "film", "acting"]
    sequences = [[words.index(word) for word in review.split()] for review in REVIEWS]
    pipeline = make_pipeline(MultiHotVectorizer(6), review_classifier()).fit(sequences, VERDICTS)
    found = word_contributions(pipeline, [[1, 2, 4, 9]], method=method)
    assert terms(found).keys() == {"1", "2", "4"}
    named = word_contributions(pipeline, [[1, 2, 4, 9]], method=method, feature_names=words)
    assert terms(named).keys() == {"a", "fine", "film"}
    assert_same(named, found)


def test_each_n_gram_has_a_contribution_of_its_own():
    """What is left out is a column, and the n-grams that hold the same word stay."""
    vectorizer = MultiHotVectorizer(ngram_range=(1, 2))
    reviews = ["not good", "not bad", "good", "bad"] * 5
    pipeline = make_pipeline(vectorizer, review_classifier()).fit(reviews, [0, 1, 1, 0] * 5)
    found = word_contributions(pipeline, ["not good"], target=1, method="leave_one_out")
    assert terms(found).keys() == {"not", "good", "not good"}
    X = pipeline[0].transform(["not good"]).toarray()
    column = pipeline[0].vocabulary_["not good"]
    X[0, column] = 0
    expected = found.logits[0] - pipeline[1].decision_function(X)[0]
    assert terms(found)["not good"] == pytest.approx(expected, rel=1e-4)
    assert terms(found)["not good"] < 0 < terms(found)["good"]


def test_column_of_unknown_words_is_a_word():
    vectorizer = MultiHotVectorizer(vocabulary=["<unknown>", "fine", "dull"], handle_unknown=0)
    pipeline = make_pipeline(vectorizer, review_classifier()).fit(REVIEWS, VERDICTS)
    found = word_contributions(pipeline, ["a fine film", "what is this"])
    assert terms(found).keys() == {"<unknown>", "fine"}
    assert terms(found, row=1).keys() == {"<unknown>"}


def test_generators_series_and_dense_output_are_as_good_as_a_list(reviews):
    expected = word_contributions(reviews, REVIEWS)
    dense = clone(reviews).set_params(multihotvectorizer__sparse_output=False)
    dense.fit(REVIEWS, VERDICTS)
    assert_same(word_contributions(reviews, (text for text in REVIEWS)), expected)
    assert_same(word_contributions(reviews, pd.Series(REVIEWS)), expected)
    assert_same(word_contributions(dense, REVIEWS), expected, atol=1e-5)


@every_method
@pytest.mark.parametrize("n_documents", [1, 30])
def test_batches_do_not_show(monkeypatch, method, n_documents):
    X, y = planted_classes(30, 3, seed=0)
    pipeline = make_pipeline(TfidfTransformer(), KerasTopicClassifier((8, 6), **PARAMS)).fit(X, y)
    expected = word_contributions(pipeline, X[:n_documents], method=method)
    monkeypatch.setattr("sklearn_textnn.inspection._word_contributions._BATCH", 100)
    assert_same(word_contributions(pipeline, X[:n_documents], method=method), expected)


# Vectors


@pytest.fixture(scope="module")
def vectors():
    X, y = planted_classes(40, 2, seed=0)
    return review_classifier().fit(X, y), X


@every_method
def test_rows_of_any_kind_are_explained_alike(vectors, method):
    classifier, X = vectors
    expected = word_contributions(classifier, X, method=method)
    assert_array_equal(expected.contributions.indices, X.indices)
    assert expected.feature_names[:2].tolist() == ["x0", "x1"]
    coo = X.tocoo()
    halves = np.tile(coo.data / 2, 2), (np.tile(coo.row, 2), np.tile(coo.col, 2))
    doubled = sp.coo_array(halves, shape=X.shape)
    zero = np.flatnonzero(X[[0]].toarray() == 0)[0]
    more = np.append(coo.data, 0), (np.append(coo.row, 0), np.append(coo.col, zero))
    with_zeros = sp.csr_array(more, shape=X.shape)
    for rows in (X.toarray(), X.tocsc(), sp.csr_array(X), doubled, with_zeros):
        assert_same(word_contributions(classifier, rows, method=method), expected)


def test_columns_of_a_data_frame_are_the_names():
    X, y = planted_classes(40, 2, seed=0)
    frame = pd.DataFrame(X.toarray(), columns=[f"word{j}" for j in range(X.shape[1])])
    classifier = review_classifier().fit(frame, y)
    found = word_contributions(classifier, frame)
    assert_array_equal(found.feature_names, frame.columns)
    assert_array_equal(found.targets, classifier.predict(frame))
    weighted = make_pipeline(LogCountRatioTransformer(), review_classifier()).fit(frame, y)
    assert_array_equal(word_contributions(weighted, frame).feature_names, frame.columns)


def test_nothing_of_the_users_changes(vectors):
    classifier, X = vectors
    coefs = [coef.copy() for coef in classifier.coefs_]
    attributes = set(vars(classifier))
    before = X.copy()
    for method in ("integrated_gradients", "leave_one_out"):
        found = word_contributions(classifier, X, method=method).contributions
        for name in ("data", "indices", "indptr"):
            assert not np.shares_memory(getattr(found, name), getattr(X, name))
    assert_array_equal(X.toarray(), before.toarray())
    assert set(vars(classifier)) == attributes
    for coef, coef_before in zip(classifier.coefs_, coefs, strict=True):
        assert_array_equal(coef, coef_before)


# Estimators


def test_pipelines_of_any_depth_are_explained():
    steps = [MultiHotVectorizer(), TfidfTransformer(), topic_classifier()]
    flat = make_pipeline(*steps).fit(WIRES, SUBJECTS)
    expected = word_contributions(flat, WIRES)
    inner = make_pipeline("passthrough", make_pipeline(*flat[1:]))
    deep = make_pipeline(make_pipeline(flat[0]), None, inner)
    assert_same(word_contributions(deep, WIRES), expected)


@pytest.mark.parametrize("vectorizer", [CountVectorizer(), TfidfVectorizer()], ids=str)
def test_vectorizers_of_scikit_learn_are_explained(vectorizer):
    pipeline = make_pipeline(vectorizer, review_classifier()).fit(REVIEWS, VERDICTS)
    found = word_contributions(pipeline, ["A fine, fine film"])
    assert terms(found).keys() == {"fine", "film"}
    assert terms(found)["fine"] > 0.5


def test_best_estimator_of_a_search_is_explained(reviews):
    grid = {"kerasbinaryreviewclassifier__epochs": [1, 30]}
    outer = EpochGridSearchCV(reviews, grid, cv=2).fit(REVIEWS, VERDICTS)
    assert_same(
        word_contributions(outer, REVIEWS), word_contributions(outer.best_estimator_, REVIEWS)
    )
    search = GridSearchCV(review_classifier(), {"epochs": [1, 30]}, cv=2)
    inner = make_pipeline(MultiHotVectorizer(), search).fit(REVIEWS, VERDICTS)
    best = make_pipeline(inner[0], inner[1].best_estimator_)
    assert_same(word_contributions(inner, REVIEWS), word_contributions(best, REVIEWS))


def test_explaining_needs_no_tensorflow(reviews, tmp_path):
    import pickle

    path = tmp_path / "pipeline.pickle"
    path.write_bytes(pickle.dumps(reviews))
    code = """
import pickle, sys
from sklearn_textnn import word_contributions
with open(sys.argv[1], "rb") as file:
    pipeline = pickle.load(file)
for method in ("integrated_gradients", "leave_one_out"):
    print(word_contributions(pipeline, ["a fine film"], method=method).contributions.nnz)
print(sorted({"tensorflow", "keras", "matplotlib"} & set(sys.modules)))
"""
    assert run_python(code, path).split() == ["3", "3", "[]"]


# Bad input


@pytest.mark.parametrize(
    "estimator",
    [
        review_classifier(),
        make_pipeline(MultiHotVectorizer(), TfidfTransformer(), review_classifier()),
        GridSearchCV(review_classifier(), {"epochs": [1]}),
    ],
    ids=["classifier", "pipeline", "search"],
)
def test_estimator_that_is_not_fitted_is_refused(estimator):
    with pytest.raises(NotFittedError):
        word_contributions(estimator, ["a fine film"])


def test_search_without_best_estimator_is_refused(vectors):
    search = GridSearchCV(review_classifier(), {"epochs": [1]}, cv=2, refit=False)
    search.fit(vectors[1], vectors[0].predict(vectors[1]))
    with pytest.raises(ValueError, match="refit=True"):
        word_contributions(search, vectors[1])


@pytest.mark.parametrize(
    ("estimator", "what"),
    [
        (LogisticRegression(), "Got LogisticRegression"),
        (make_pipeline(CountVectorizer(), LogisticRegression()), "ending in LogisticRegression"),
        (review_classifier().fit, "Got method"),
        (TfidfTransformer(), "Got TfidfTransformer"),
    ],
    ids=["classifier", "pipeline", "method", "transformer"],
)
def test_other_estimators_are_refused(estimator, what):
    with pytest.raises(TypeError, match=f"{what}.*KerasTopicClassifier"):
        word_contributions(estimator, ["a fine film"])


def test_other_meta_estimators_are_refused(vectors):
    fitted = OneVsRestClassifier(review_classifier(epochs=1))
    fitted.fit(vectors[1], vectors[0].predict(vectors[1]))
    with pytest.raises(TypeError, match="Got OneVsRestClassifier"):
        word_contributions(fitted, vectors[1])


def test_class_in_the_place_of_an_estimator_is_refused():
    with pytest.raises(TypeError, match="Pass an instance of it"):
        word_contributions(KerasBinaryReviewClassifier, ["a fine film"])


class OtherTfidf(TfidfTransformer):
    def transform(self, X):
        return X


@pytest.mark.parametrize(
    "steps",
    [
        [FunctionTransformer(), MultiHotVectorizer()],
        [MultiHotVectorizer(), MaxAbsScaler()],
        [MultiHotVectorizer(), OtherTfidf()],
        [HashingVectorizer(n_features=16)],
    ],
    ids=lambda steps: "-".join(type(step).__name__ for step in steps),
)
def test_other_steps_are_refused(steps):
    pipeline = make_pipeline(*steps, review_classifier(epochs=1)).fit(REVIEWS, VERDICTS)
    kinds = {MultiHotVectorizer, CountVectorizer}
    other = next(type(step).__name__ for step in steps if type(step) not in kinds)
    with pytest.raises(TypeError, match=f"{other}.*LogCountRatioTransformer"):
        word_contributions(pipeline, REVIEWS)


def test_words_are_not_left_out_before_a_logarithm_of_a_norm():
    steps = [TfidfVectorizer(), TfidfTransformer(sublinear_tf=True), review_classifier(epochs=1)]
    pipeline = make_pipeline(*steps).fit(REVIEWS, VERDICTS)
    with pytest.raises(ValueError, match="TfidfTransformer has sublinear_tf=True after"):
        word_contributions(pipeline, REVIEWS, method="leave_one_out")
    found = word_contributions(pipeline, REVIEWS)
    gap = np.ravel(found.contributions.sum(axis=1)) - (found.logits - found.empty_logits)
    assert np.abs(gap).max() < 1e-9


@pytest.mark.parametrize("target", ["fair", ["good", "fair"], 1], ids=str)
def test_unknown_target_is_refused(reviews, target):
    with pytest.raises(ValueError, match=r"the classes are \['bad', 'good'\]"):
        word_contributions(reviews, REVIEWS[:2], target=target)


def test_targets_of_another_length_are_refused(reviews):
    with pytest.raises(ValueError, match=r"target has the shape \(3,\), and X has 2 documents"):
        word_contributions(reviews, REVIEWS[:2], target=["good"] * 3)


def test_names_of_another_length_are_refused(reviews):
    with pytest.raises(ValueError, match=r"feature_names has the shape \(2,\).* 5 columns"):
        word_contributions(reviews, REVIEWS, feature_names=["a", "fine"])


def test_unknown_method_is_refused(reviews):
    with pytest.raises(ValueError, match="'method' parameter"):
        word_contributions(reviews, REVIEWS, method="gradients")


def test_rows_with_another_number_of_columns_are_refused(vectors):
    with pytest.raises(ValueError, match="expecting 32 features"):
        word_contributions(vectors[0], vectors[1][:, :5])


def test_damaged_rows_are_refused(vectors):
    damaged = vectors[1].copy()
    damaged.indices[0] = 1_000
    weighted = make_pipeline(TfidfTransformer(), review_classifier(epochs=1))
    weighted.fit(vectors[1], vectors[0].predict(vectors[1]))
    for estimator in (vectors[0], weighted):
        with pytest.raises(ValueError, match="damaged sparse matrix"):
            word_contributions(estimator, damaged)


@every_method
def test_rows_whose_logits_are_no_numbers_are_refused(vectors, method):
    rows = sp.vstack([vectors[1][:2], vectors[1][:2].astype(np.float64) * 1e308])
    with pytest.raises(ValueError, match="row 2 of X has values so large"):
        word_contributions(vectors[0], rows, target=1, method=method)


def test_single_document_that_is_no_list_is_refused(reviews):
    with pytest.raises((TypeError, ValueError)):
        word_contributions(reviews, "a fine film")


def test_topics_of_planted_rows_are_found():
    X, Y = planted_topics(60, 3, seed=0)
    found = word_contributions(topic_classifier(units=8, epochs=60).fit(X, Y), X)
    for column, matrix in enumerate(found.contributions):
        mean = np.ravel(matrix.sum(axis=0)) / np.maximum(X.getnnz(axis=0), 1)
        assert mean.argmax() == column
