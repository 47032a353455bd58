"""WordContributionDisplay: tables against pandas, targets, pictures and bad input."""

import io
import pickle

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from matplotlib.colors import to_rgb
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sklearn_textnn import (
    KerasBinaryReviewClassifier,
    KerasTopicClassifier,
    MultiHotVectorizer,
    WordContributionDisplay,
    word_contributions,
)

NOISE = ["the", "film", "plot", "in", "of", "actor"]
from_estimator = WordContributionDisplay.from_estimator


def planted_documents(n_documents, words, seed=0):
    """Return documents of noise with the word of their class, and their classes."""
    rng = np.random.RandomState(seed)
    y = rng.randint(len(words), size=n_documents)
    documents = [
        " ".join([*rng.choice(NOISE, 3), words[label], *rng.choice(NOISE, 2)]) for label in y
    ]
    return documents, y


DOCUMENTS, Y = planted_documents(60, ["awful", "superb"])
NAMED = np.array(["negative", "positive"])[Y]


@pytest.fixture(scope="module")
def pipeline():
    network = KerasBinaryReviewClassifier(8, learning_rate=0.02, random_state=0)
    return make_pipeline(MultiHotVectorizer(), network).fit(DOCUMENTS, NAMED)


@pytest.fixture(scope="module")
def topics():
    """Return documents, an indicator matrix of three topics, and a pipeline fitted on them."""
    documents, y = planted_documents(60, ["bank", "song", "goal"])
    Y = np.eye(3, dtype=int)[y]
    Y[::5, 0] = 1
    documents = [f"{text} bank" if row[0] else text for text, row in zip(documents, Y, strict=True)]
    network = KerasTopicClassifier(8, learning_rate=0.02, random_state=0)
    return documents, Y, make_pipeline(MultiHotVectorizer(), network).fit(documents, Y)


def drawn(display, panel=0):
    """Return the words of a panel, from top to bottom, and the lengths of their bars."""
    ax = display.axes_[panel]
    labels = [label.get_text() for label in ax.get_yticklabels()]
    widths = [bar.get_width() for bar in display.bars_[panel]]
    return dict(zip(labels[::-1], widths[::-1], strict=True))


def test_topics_of_a_frame_are_matched_by_their_names(topics):
    documents, Y, _ = topics
    frame = pd.DataFrame(Y, columns=["bank", "song", "goal"])
    network = KerasTopicClassifier(8, epochs=1, random_state=0)
    pipeline = make_pipeline(MultiHotVectorizer(), network).fit(documents, frame)
    display = from_estimator(pipeline, documents, frame)
    assert len(display.targets) == Y.sum()
    with pytest.raises(ValueError, match=r"columns of y are \['goal', 'song', 'bank'\]"):
        from_estimator(pipeline, documents, frame[["goal", "song", "bank"]])


def test_documents_may_be_a_view_without_positions(topics):
    documents, Y, pipeline = topics
    view = dict(enumerate(documents)).values()
    found = from_estimator(pipeline, view, Y).contributions
    assert (found != from_estimator(pipeline, documents, Y).contributions).nnz == 0


def test_files_that_can_be_read_once_only_are_refused(pipeline):
    vectorizer = CountVectorizer(input="file").fit(map(io.StringIO, DOCUMENTS))
    network = KerasBinaryReviewClassifier(4, epochs=1, random_state=0)
    fitted = make_pipeline(vectorizer, network).fit([*map(io.StringIO, DOCUMENTS)], NAMED)
    with pytest.raises(ValueError, match="input='file'; fit one with input='filename'"):
        from_estimator(fitted, [io.StringIO(DOCUMENTS[0])])


def titles(display):
    return [ax.get_title() for ax in display.axes_]


def made(rows, **params):
    """Return a display of a dense array of contributions, in which NaN is a word that is absent."""
    rows = np.asarray(rows, dtype=float)
    present = ~np.isnan(rows)
    matrix = sp.csr_matrix(
        (rows[present], (np.nonzero(present))), shape=rows.shape
    )  # with stored zeros
    names = [f"w{j}" for j in range(rows.shape[1])]
    params = {"feature_names": names, "targets": ["a"] * len(rows), **params}
    return WordContributionDisplay(contributions=matrix, **params)


# One document


def test_contributions_of_one_document_are_those_of_the_function(pipeline):
    document = "An awful plot: superb actor, awful film"
    display = from_estimator(pipeline, document)
    expected = word_contributions(pipeline, [document])
    frame = display.frame().set_index("term")
    row = sp.csr_matrix(expected.contributions)
    assert dict(frame["mean"]) == pytest.approx(
        dict(zip(expected.feature_names[row.indices], row.data, strict=True))
    )
    for column in ("q25", "median", "q75"):
        np.testing.assert_array_equal(frame[column], frame["mean"])
    assert (frame["count"] == 1).all()
    assert (frame["count_others"] == 0).all()
    assert frame["mean"].is_monotonic_decreasing
    assert set(frame["target"]) == {pipeline.predict([document])[0]}


def test_title_has_class_logit_and_probability(pipeline):
    display = from_estimator(pipeline, "superb")
    (logit,) = pipeline.decision_function(["superb"])
    probability = pipeline.predict_proba(["superb"])[0, 1]
    assert titles(display) == [f"positive: logit {logit:.2f}, probability {probability:.2f}"]
    other = from_estimator(pipeline, "superb", target="negative")
    assert titles(other) == [f"negative: logit {-logit:.2f}, probability {1 - probability:.2f}"]


def test_words_for_the_target_are_above_and_to_the_right_of_those_against_it():
    display = made([[-1.0, 3.0, -4.0, 2.0, 0.0, 1.0, -2.0]], n_words=2).plot()
    assert drawn(display) == {"w1": 3.0, "w3": 2.0, "w6": -2.0, "w2": -4.0}
    assert list(drawn(display)) == ["w1", "w3", "w6", "w2"]
    assert display.frame()["term"].to_list() == ["w1", "w3", "w5", "w4", "w0", "w6", "w2"]


def test_bars_can_be_told_apart_without_color_and_seen_on_white(pipeline):
    display = from_estimator(pipeline, "superb film, awful plot")
    for bar in display.bars_[0]:
        assert bool(bar.get_hatch()) == (bar.get_width() < 0)
        channels = np.array(to_rgb(bar.get_facecolor()))
        linear = np.where(
            channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4
        )
        assert 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05) > 3


@pytest.mark.parametrize("document", ["superb film", b"superb film"])
def test_a_str_is_one_document(pipeline, document):
    alone, in_a_list = from_estimator(pipeline, document), from_estimator(pipeline, [document])
    pd.testing.assert_frame_equal(alone.frame(), in_a_list.frame())
    assert alone.pieces == in_a_list.pieces
    assert [text for text, _ in alone.pieces] == ["superb", " ", "film"]


def test_method_is_passed_on(pipeline):
    display = from_estimator(pipeline, "superb film", method="leave_one_out")
    expected = word_contributions(pipeline, ["superb film"], method="leave_one_out")
    np.testing.assert_array_equal(display.contributions.data, expected.contributions.data)


@pytest.mark.parametrize("document", ["", "unknown words", "!?"])
def test_document_without_known_words_is_an_empty_display(pipeline, document):
    display = from_estimator(pipeline, document)
    assert display.frame().empty
    assert list(display.frame()) == list(from_estimator(pipeline, "film").frame())
    assert [text.get_text() for text in display.ax_.texts] == ["No word contributes"]
    assert "No word of this document contributes." in display.to_html()


def test_notebook_shows_the_document(pipeline):
    display = from_estimator(pipeline, "A SUPERB <b>film</b>")
    assert display._repr_html_() == display.to_html()
    assert "&lt;" in display.to_html()
    assert "SUPERB</span>" in display.to_html()
    assert display.to_html().startswith('<div class="textnn-document"')
    several = from_estimator(pipeline, DOCUMENTS)
    assert several._repr_html_() is None
    with pytest.raises(ValueError, match="60 documents, and HTML shows a single"):
        several.to_html()
    with pytest.raises(ValueError, match="has no text"):
        made([[1.0]]).to_html()


# Many documents


@pytest.mark.parametrize("min_df", [1, 20, 0.8])
def test_table_of_each_class_is_that_of_pandas(pipeline, min_df):
    display = from_estimator(pipeline, DOCUMENTS, NAMED, min_df=min_df)
    explained = word_contributions(pipeline, DOCUMENTS, target=NAMED)
    entries = sp.coo_matrix(explained.contributions)
    long = pd.DataFrame(
        {
            "target": NAMED[entries.row],
            "term": explained.feature_names[entries.col],
            "value": entries.data,
        }
    )
    by_word = long.groupby(["target", "term"])["value"]
    expected = by_word.agg(["mean", "count"])
    expected[["q25", "median", "q75"]] = by_word.quantile([0.25, 0.5, 0.75]).unstack()
    of_all = long.groupby("term").size()
    expected["count_others"] = (
        of_all[expected.index.get_level_values("term")].to_numpy() - expected["count"]
    )
    n_documents = pd.Series(NAMED).value_counts()
    least = min_df * n_documents if min_df == 0.8 else pd.Series(min_df, n_documents.index)
    least = least[expected.index.get_level_values("target")].to_numpy()
    expected = expected[expected["count"] >= least]
    frame = display.frame()
    pd.testing.assert_frame_equal(
        frame.set_index(["target", "term"]).sort_index(),
        expected[["mean", "q25", "median", "q75", "count", "count_others"]].sort_index(),
        check_dtype=False,
    )
    assert frame["target"].is_monotonic_increasing
    assert all(of["mean"].is_monotonic_decreasing for _, of in frame.groupby("target"))
    assert len(frame) < len(by_word) or min_df == 1


def test_planted_words_come_first_and_are_in_no_document_of_the_other_class(pipeline):
    first = from_estimator(pipeline, DOCUMENTS, NAMED).frame().groupby("target").first()
    assert first["term"].to_dict() == {"negative": "awful", "positive": "superb"}
    assert first["count"].to_dict() == pd.Series(NAMED).value_counts().to_dict()
    assert (first["count_others"] == 0).all()


def test_each_class_has_a_panel_with_counts_and_quartiles(pipeline):
    display = from_estimator(pipeline, DOCUMENTS, NAMED, n_words=3)
    sizes = pd.Series(NAMED).value_counts()
    assert titles(display) == [f"{c} ({sizes[c]} documents)" for c in ("negative", "positive")]
    assert display.ax_ is display.axes_[0]
    for panel, (target, table) in enumerate(display.frame().groupby("target")):
        table = table.set_index("term")
        bars = drawn(display, panel)
        for label, width in bars.items():
            term = label.rpartition(" (")[0]
            assert width == table["mean"][term]
            assert label == f"{term} ({table['count'][term]})"
        lines = [line[:, 0] for line in display.spreads_[panel].get_segments()][::-1]
        terms = [label.rpartition(" (")[0] for label in bars]
        np.testing.assert_allclose(lines, table.loc[terms, ["q25", "q75"]])
        assert sizes[target] == len(np.flatnonzero(display.targets == target))


def test_without_labels_the_predicted_classes_are_explained(pipeline):
    display = from_estimator(pipeline, DOCUMENTS)
    np.testing.assert_array_equal(display.targets, pipeline.predict(DOCUMENTS))


def test_target_explains_one_class_for_all_documents(pipeline):
    display = from_estimator(pipeline, DOCUMENTS, target="negative")
    assert titles(display) == ["negative (60 documents)"]
    mean = display.frame().set_index("term")["mean"]
    assert mean["superb"] < 0 < mean["awful"]


def test_labels_can_be_shown_under_other_names():
    network = KerasBinaryReviewClassifier(4, learning_rate=0.02, random_state=0)
    numbered = make_pipeline(MultiHotVectorizer(), network).fit(DOCUMENTS, Y)
    display = from_estimator(numbered, DOCUMENTS, Y, display_labels=["bad", "good"])
    assert [title.partition(" (")[0] for title in titles(display)] == ["bad", "good"]
    assert from_estimator(numbered, "superb", target=1).frame()["target"].tolist() == [1]
    with pytest.raises(ValueError, match="a name for each of the 2 classes"):
        from_estimator(numbered, DOCUMENTS, Y, display_labels=["bad"])


@pytest.mark.parametrize("container", [np.asarray, sp.csr_matrix, pd.DataFrame])
def test_a_document_counts_for_each_of_its_topics(topics, container):
    documents, Y, pipeline = topics
    display = from_estimator(pipeline, documents, container(Y))
    sizes = Y.sum(axis=0)
    assert titles(display) == [f"{topic} ({sizes[topic]} documents)" for topic in range(3)]
    first = display.frame().groupby("target").first()["term"]
    assert first.to_list() == ["bank", "song", "goal"]
    for topic in range(3):
        rows = np.flatnonzero(Y[:, topic])
        expected = word_contributions(
            pipeline, [documents[i] for i in rows], target=topic
        ).contributions
        found = sp.csr_matrix(display.contributions)[display.targets == topic]
        np.testing.assert_allclose(found.toarray(), expected.toarray())


def test_without_labels_the_most_probable_topic_is_explained(topics):
    documents, _, pipeline = topics
    display = from_estimator(pipeline, documents)
    np.testing.assert_array_equal(display.targets, pipeline.predict_proba(documents).argmax(axis=1))
    one = from_estimator(pipeline, "bank goal", target=2)
    probability = pipeline.predict_proba(["bank goal"])[0, 2]
    assert titles(one)[0].endswith(f"probability {probability:.2f}")
    assert from_estimator(pipeline, ["song"], [[0, 1, 0]]).pieces[0][0] == "song"


def test_six_targets_with_the_most_documents_are_drawn_unless_named():
    targets = np.repeat(np.arange(9), [1, 9, 2, 8, 3, 7, 4, 6, 5])
    display = made(np.ones((len(targets), 2)), targets=targets).plot()
    assert [int(title.partition(" (")[0]) for title in titles(display)] == [1, 3, 5, 6, 7, 8]
    assert len(display.frame()) == 18
    display.plot(targets=[4, 0])
    assert titles(display) == ["4 (3 documents)", "0"]
    assert display.spreads_[1] is None
    display.plot(targets=[1, 2, 3, 4])
    assert list(display.axes_) == display.figure_.axes
    for wrong in ([9], []):
        with pytest.raises(ValueError, match="targets must be some of"):
            display.plot(targets=wrong)


# Estimators and inputs


def test_generators_tables_and_arrays_are_documents(pipeline):
    expected = from_estimator(pipeline, DOCUMENTS, NAMED).frame()
    for documents in (
        (document for document in DOCUMENTS),
        pd.Series(DOCUMENTS, index=range(60, 0, -1)),
        pd.DataFrame({"text": DOCUMENTS}),
        np.array(DOCUMENTS, dtype=object),
    ):
        found = from_estimator(pipeline, documents, pd.Series(NAMED, index=range(5, 65)))
        pd.testing.assert_frame_equal(found.frame(), expected)
    one = from_estimator(pipeline, pd.Series(["superb film"], index=[7]))
    assert one.pieces[0][0] == "superb"


def test_tokens_are_lists_in_a_list():
    tokens = [document.split() for document in DOCUMENTS]
    network = KerasBinaryReviewClassifier(4, random_state=0)
    pipeline = make_pipeline(MultiHotVectorizer(), TfidfTransformer(), network).fit(tokens, Y)
    display = from_estimator(pipeline, [["superb", "<b>"]])
    assert [text for text, _ in display.pieces] == ["superb", " ", "<b>"]
    with pytest.raises(TypeError, match="list"):
        from_estimator(pipeline, ["superb", "film"])


def test_integer_sequences_and_matrices_are_read_with_feature_names():
    X = [[4, 5], [4, 6]] * 20
    y = [0, 1] * 20
    words = ["?", "?", "?", "?", "film", "bad", "fine"]
    network = KerasBinaryReviewClassifier(4, learning_rate=0.05, random_state=0)
    pipeline = make_pipeline(MultiHotVectorizer(num_words=7), network).fit(X, y)
    display = from_estimator(pipeline, [[4, 6, 9]], feature_names=words)
    assert [text for text, _ in display.pieces] == ["film", " ", "fine", " ", "9"]
    assert display.frame()["term"][0] == "fine"
    matrix = pipeline[:-1].transform([[4, 6, 9]])
    of_matrix = from_estimator(pipeline[-1], matrix, feature_names=words)
    pd.testing.assert_frame_equal(of_matrix.frame(), display.frame())
    assert [text for text, _ in of_matrix.pieces] == ["film", " ", "fine"]
    many = from_estimator(pipeline[-1], pipeline[:-1].transform(X), y, feature_names=words)
    assert many.frame().groupby("target").first()["term"].to_list() == ["bad", "fine"]


def test_best_estimator_of_a_search_is_explained(pipeline):
    search = GridSearchCV(pipeline, {"kerasbinaryreviewclassifier__epochs": [20]}, cv=2)
    search.fit(DOCUMENTS, NAMED)
    first = from_estimator(search, DOCUMENTS, NAMED).frame().groupby("target").first()
    assert first["term"].to_list() == ["awful", "superb"]
    assert from_estimator(search, "superb film").pieces[0][0] == "superb"


def test_estimators_that_cannot_be_explained_are_refused(pipeline):
    with pytest.raises(NotFittedError):
        from_estimator(KerasBinaryReviewClassifier(), [[0, 1]])
    with pytest.raises(TypeError, match="LogisticRegression"):
        from_estimator(make_pipeline(MultiHotVectorizer(), LogisticRegression()), "superb")


# Drawing


def test_axes_of_the_user_are_used(pipeline):
    _, axes = plt.subplots(2)
    display = from_estimator(pipeline, DOCUMENTS, NAMED, ax=axes)
    assert list(display.axes_) == list(axes)
    one = from_estimator(pipeline, "superb", ax=axes[1], bar_kw={"height": 0.3})
    assert one.ax_ is axes[1]
    assert one.figure_ is axes[1].figure
    assert {round(bar.get_height(), 3) for bar in one.bars_[0]} == {0.3}
    with pytest.raises(ValueError, match="1 axes for 2 targets"):
        display.plot(axes[0])


def test_words_that_could_be_misread_are_shown_as_they_are():
    names = ["$x^2$", " b", "a\nb", "w" * 50, "ok"]
    target = "cost in $ and $"
    display = made([[5, 4, 3, 2, 1]], feature_names=names, targets=[target]).plot()
    display.figure_.canvas.draw()
    assert list(drawn(display)) == ["$x^2$", "' b'", r"'a\nb'", "w" * 27 + "...", "ok"]
    assert titles(display) == [target]
    assert not display.ax_.get_yticklabels()[-1].get_parse_math()
    assert not display.ax_.title.get_parse_math()


def test_a_stored_zero_is_a_word_that_the_document_has():
    display = made([[0.0, np.nan], [2.0, 0.0], [np.nan, np.nan], [4.0, np.nan]])
    frame = display.frame().set_index("term")
    assert frame["count"].to_dict() == {"w0": 3, "w1": 1}
    assert frame["mean"].to_dict() == {"w0": 2.0, "w1": 0.0}
    assert list(drawn(display.plot())) == ["w0 (3)"]


def test_display_survives_pickling(pipeline):
    display = from_estimator(pipeline, "superb film")
    data = {key: value for key, value in vars(display).items() if not key.endswith("_")}
    again = WordContributionDisplay(**pickle.loads(pickle.dumps(data)))
    pd.testing.assert_frame_equal(again.frame(), display.frame())
    assert again.to_html() == display.to_html()
    assert titles(again.plot()) == titles(display)


# Bad input


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"n_words": 0}, "n_words must be an int of at least 1, got 0"),
        ({"n_words": 2.5}, "n_words must be an int"),
        ({"n_words": True}, "n_words must be an int"),
        ({"min_df": 0}, "min_df must be a float from 0.0 to 1.0 or an int of at least 1"),
        ({"min_df": 1.5}, "min_df must be"),
        ({"min_df": "few"}, "min_df must be"),
        ({"target": "neutral"}, "neutral.*negative.*positive"),
        ({"method": "lime"}, "method"),
        ({"feature_names": ["a"]}, "feature_names"),
        ({"y": NAMED, "target": "positive"}, "y and target cannot both be given"),
        ({"y": NAMED[:5]}, "inconsistent numbers of samples"),
        ({"y": np.where(NAMED == "positive", "good", NAMED)}, "y has .'good'., and the classes"),
    ],
)
def test_bad_parameters_are_refused(pipeline, params, message):
    with pytest.raises(ValueError, match=message):
        from_estimator(pipeline, DOCUMENTS, **params)


@pytest.mark.parametrize("documents", [[], np.array([], dtype=object), iter(())])
def test_no_documents_are_refused(pipeline, documents):
    with pytest.raises(ValueError, match="X has no documents"):
        from_estimator(pipeline, documents)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([[1, 0]] * 60, r"y has 2 columns, and there are 3 topics"),
        ([[2, 0, 0]] * 60, "where 0 and 1 are expected, in a column for each topic"),
        ([0] * 60, "column for each of the topics"),
        (np.zeros((60, 3)), "No document of y has a topic"),
    ],
)
def test_bad_indicator_matrices_are_refused(topics, y, message):
    documents, _, pipeline = topics
    with pytest.raises(ValueError, match=message):
        from_estimator(pipeline, documents, y)


def test_data_that_do_not_fit_together_are_refused():
    with pytest.raises(ValueError, match="2 columns, and feature_names has 1 names"):
        made([[1.0, 2.0]], feature_names=["a"]).frame()
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        made([[1.0, 2.0]], targets=["a", "b"]).plot()
    with pytest.raises(ValueError, match="n_words"):
        made([[1.0, 2.0]], n_words=-1).plot()


@pytest.mark.parametrize("kind", [list, "csr", "coo", "bsr"])
def test_single_topic_of_several_documents_is_that_of_its_document(topics, kind):
    documents, _, pipeline = topics
    y = np.zeros((3, 3), dtype=int)
    y[2, 1] = 1
    X, estimator, options = documents[:3], pipeline, {}
    if kind is not list:
        X, estimator = pipeline[0].transform(X).asformat(kind), pipeline[1]
        options = {"feature_names": pipeline[0].get_feature_names_out()}
    display = from_estimator(estimator, X, y, **options)
    alone = from_estimator(pipeline, documents[2], target=pipeline.classes_[1])
    pd.testing.assert_frame_equal(display.frame(), alone.frame())
    assert display.probabilities.tolist() == pytest.approx(alone.probabilities.tolist())
    if kind is list:
        assert display.pieces == alone.pieces
