"""MultiHotVectorizer.partial_fit and merge, beyond the property test that compares with fit."""

import pickle
from collections import Counter
from itertools import chain, islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from peak_memory import peak_of
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from sklearn_textnn import MultiHotVectorizer
from sklearn_textnn.feature_extraction import _chunks
from sklearn_textnn.feature_extraction._running_counts import RunningCounts, check_counts

REVIEWS = ["a bad film", "a good film", "good acting", "bad bad acting"]


def assert_same(one, other):
    """Assert that two vectorizers have the same columns."""
    assert one.input_kind_ == other.input_kind_
    assert one.get_feature_names_out().tolist() == other.get_feature_names_out().tolist()
    assert one.count_error_ == other.count_error_


def test_columns_are_chosen_by_the_parameters_that_are_set_when_they_are_asked_for():
    vectorizer = MultiHotVectorizer(min_df=2).partial_fit(REVIEWS[:2]).partial_fit(REVIEWS[2:])
    vectorizer.set_params(num_words=2, min_df=3)
    with pytest.raises(ValueError, match="no terms remain"):
        vectorizer.transform(REVIEWS)
    vectorizer.set_params(min_df=2)
    assert_same(vectorizer, MultiHotVectorizer(num_words=2, min_df=2).fit(REVIEWS))


def test_limits_may_be_set_at_any_time_and_are_those_of_the_first_look():
    vectorizer = MultiHotVectorizer().partial_fit(REVIEWS)
    vectorizer.set_params(min_df=2, max_df=0.5, skip_top=1)
    assert_same(vectorizer, MultiHotVectorizer(min_df=2, max_df=0.5, skip_top=1).fit(REVIEWS))
    vectorizer.set_params(min_df=1)
    assert_same(vectorizer, MultiHotVectorizer(min_df=2, max_df=0.5, skip_top=1).fit(REVIEWS))
    vectorizer.set_params(skip_top=0, max_df=1.0, num_words=np.uint8(3))
    assert_same(vectorizer.partial_fit([]), MultiHotVectorizer(num_words=3).fit(REVIEWS))


def test_parameters_are_checked_in_each_call_and_when_columns_are_chosen():
    vectorizer = MultiHotVectorizer().partial_fit(REVIEWS[:2])
    with pytest.raises(ValueError, match="The 'max_terms' parameter"):
        vectorizer.set_params(max_terms=0).partial_fit(REVIEWS[2:])
    with pytest.raises(ValueError, match="The 'num_words' parameter"):
        vectorizer.set_params(max_terms=None, num_words=-1).transform(REVIEWS)
    with pytest.raises(ValueError, match="must be one of the 4 columns"):
        vectorizer.set_params(num_words=None, handle_unknown=9).transform(REVIEWS)
    vectorizer.set_params(handle_unknown="ignore").partial_fit(REVIEWS[2:])
    assert_same(vectorizer, MultiHotVectorizer().fit(REVIEWS))


TOKENS = [["a", "b"], ["b"]]
INTEGERS = [[3, 1], [1]]


@pytest.mark.parametrize(
    ("documents", "empty"),
    [
        (TOKENS, []),
        (TOKENS, [[], []]),
        ([[3, 1], [1]], []),
        ([[3, 1], [1]], [[], []]),
        (["a b"], []),
    ],
    ids=str,
)
def test_part_that_shows_no_kind_may_be_of_any(documents, empty):
    expected = MultiHotVectorizer(num_words=None).fit([*empty, *documents])
    counted, other = clone(expected).partial_fit(empty), clone(expected).partial_fit(documents)
    with pytest.raises(NotFittedError):
        counted.transform(documents)
    loaded = pickle.loads(pickle.dumps(counted))
    for found in (loaded.merge(other), other.merge(counted), counted.partial_fit(documents)):
        assert_same(found, expected)


def test_documents_without_tokens_are_documents():
    expected = MultiHotVectorizer(max_df=0.5).fit([[], [], *TOKENS])
    assert_same(clone(expected).partial_fit([[], []]).partial_fit(TOKENS), expected)
    assert "b" in expected.vocabulary_


def test_display_in_a_notebook_changes_no_count():
    vectorizer = MultiHotVectorizer(max_terms=4).partial_fit(REVIEWS[:2])
    assert "MultiHotVectorizer" in vectorizer._repr_html_()
    other = MultiHotVectorizer(max_terms=4).partial_fit(REVIEWS[:2])
    assert_same(vectorizer.partial_fit(REVIEWS[2:]), other.partial_fit(REVIEWS[2:]))
    assert "MultiHotVectorizer" in MultiHotVectorizer().partial_fit([""])._repr_html_()


def test_stop_words_that_change_in_place_are_noticed():
    stop_words = ["a"]
    vectorizer = MultiHotVectorizer(stop_words=stop_words).partial_fit(REVIEWS)
    stop_words.append("bad")
    with pytest.raises(ValueError, match="cannot go on with other parameters than before"):
        vectorizer.partial_fit(REVIEWS)


def test_changed_columns_warn_once_and_only_if_they_were_asked_for():
    vectorizer = MultiHotVectorizer().partial_fit(REVIEWS[:1])
    vectorizer.partial_fit(REVIEWS[1:2])
    assert vectorizer.transform(["bad acting"]).shape == (1, 4)
    vectorizer.partial_fit(REVIEWS[:2])  # more of the same: the columns stay
    assert vectorizer.transform(["bad acting"]).shape == (1, 4)
    vectorizer.partial_fit(REVIEWS[2:])
    with pytest.warns(UserWarning, match="partial_fit has changed the columns") as caught:
        assert vectorizer.transform(["bad acting"]).shape == (1, 5)
    assert caught[0].filename == __file__
    vectorizer.transform(["bad acting"])


def test_refused_documents_leave_the_counts_as_they_were():
    vectorizer = MultiHotVectorizer().partial_fit(REVIEWS[:2])
    with pytest.raises(ValueError, match="Row 1 is missing"):
        vectorizer.partial_fit(["more", None])
    with pytest.raises(TypeError, match="Row 0 is"):
        vectorizer.partial_fit([["more", "tokens"]])
    assert_same(vectorizer.partial_fit(REVIEWS[2:]), MultiHotVectorizer().fit(REVIEWS))


def test_partial_fit_does_not_go_on_after_fit_and_fit_starts_anew():
    vectorizer = MultiHotVectorizer().fit(REVIEWS[:2])
    with pytest.raises(ValueError, match="cannot go on after fit, which keeps no counts"):
        vectorizer.partial_fit(REVIEWS[2:])
    assert_same(vectorizer, MultiHotVectorizer().fit(REVIEWS[:2]))
    counted = MultiHotVectorizer().partial_fit(REVIEWS[:2])
    assert_same(counted.fit(REVIEWS[2:]), MultiHotVectorizer().fit(REVIEWS[2:]))


@pytest.mark.parametrize(
    "change",
    [
        {"ngram_range": (1, 2)},
        {"lowercase": False},
        {"stop_words": ["a"]},
        {"vocabulary": ["film"]},
        {"analyzer": "word"},
    ],
    ids=str,
)
def test_what_is_counted_may_not_change(change):
    vectorizer = MultiHotVectorizer().partial_fit(REVIEWS[:2])
    other = MultiHotVectorizer(**change).partial_fit(REVIEWS[2:])
    for one, another in ((vectorizer, other), (other, vectorizer)):
        with pytest.raises(ValueError, match="vectorizers that count the same; they differ in"):
            one.merge(another)
    vectorizer.set_params(**change)
    with pytest.raises(ValueError, match="cannot go on with other parameters than before"):
        vectorizer.partial_fit(REVIEWS[2:])
    vectorizer.set_params(**{name: getattr(MultiHotVectorizer(), name) for name in change})
    assert_same(vectorizer.partial_fit(REVIEWS[2:]), MultiHotVectorizer().fit(REVIEWS))


def test_merge_needs_two_that_have_counted():
    counted = MultiHotVectorizer().partial_fit(REVIEWS)
    with pytest.raises(ValueError, match="two vectorizers that have counted by partial_fit"):
        counted.merge(MultiHotVectorizer().fit(REVIEWS))
    with pytest.raises(TypeError, match="cannot merge MultiHotVectorizer and int"):
        counted.merge(3)
    with pytest.raises(ValueError, match=r"differ in the kind of documents \(text, tokens"):
        counted.merge(MultiHotVectorizer().partial_fit([["tokens"]]))


def test_merge_leaves_both_as_they_were():
    first = MultiHotVectorizer(num_words=3).partial_fit(REVIEWS[:2])
    second = MultiHotVectorizer(num_words=3).partial_fit(REVIEWS[2:])
    merged = first.merge(second)
    assert_same(merged, MultiHotVectorizer(num_words=3).fit(REVIEWS))
    assert_same(first, MultiHotVectorizer(num_words=3).fit(REVIEWS[:2]))
    assert_same(second, MultiHotVectorizer(num_words=3).fit(REVIEWS[2:]))


def test_integers_have_as_many_columns_as_the_largest_of_all():
    vectorizer = MultiHotVectorizer(num_words=None).partial_fit([[1, 7]]).partial_fit([[2]])
    assert vectorizer.transform([[7]]).shape == (1, 8)
    merged = vectorizer.merge(MultiHotVectorizer(num_words=None).partial_fit([[9]]))
    assert merged.transform([[7]]).shape == (1, 10)


def test_integers_have_num_words_columns_in_each_call():
    vectorizer = MultiHotVectorizer(num_words=10).partial_fit([[1, 7]])
    vectorizer.set_params(num_words=5).partial_fit([[2]])
    assert vectorizer.transform([[7, 2]]).shape == (1, 5)
    merged = vectorizer.merge(MultiHotVectorizer(num_words=10).partial_fit([[7]]))
    assert merged.transform([[7, 2]]).shape == (1, 5)
    vectorizer.set_params(handle_unknown="error")
    with pytest.raises(ValueError, match="Row 0 has the integer 7, not in 0 to 4"):
        vectorizer.partial_fit([[7]])


def test_given_vocabulary_stays_and_documents_are_checked():
    vectorizer = MultiHotVectorizer(vocabulary=["film", "bad"])
    vectorizer.partial_fit(REVIEWS[:1]).partial_fit(REVIEWS[1:])
    assert vectorizer.vocabulary_ == {"film": 0, "bad": 1}
    vectorizer.set_params(handle_unknown="error")
    with pytest.raises(ValueError, match="Row 0 has the term 'a', which has no column"):
        vectorizer.partial_fit(REVIEWS)


def test_counts_go_on_after_a_pickle_and_a_clone_has_none():
    vectorizer = MultiHotVectorizer(ngram_range=(1, 2)).partial_fit(REVIEWS[:2])
    loaded = pickle.loads(pickle.dumps(vectorizer))
    expected = MultiHotVectorizer(ngram_range=(1, 2)).fit(REVIEWS)
    assert_same(loaded.partial_fit(REVIEWS[2:]), expected)
    with pytest.raises(NotFittedError):
        clone(loaded).transform(REVIEWS)


# A bound for the number of terms

FEW_WORDS = st.lists(st.sampled_from("abcdefghijklmnopqrstuvwxyz"), max_size=12)


@given(st.lists(FEW_WORDS, min_size=1, max_size=8), st.integers(1, 12), st.integers(1, 3))
def test_counts_with_a_bound_are_too_low_by_no_more_than_their_error(documents, max_terms, n):
    vectorizer = MultiHotVectorizer(num_words=None, ngram_range=(1, n), max_terms=max_terms)
    for document in documents:
        vectorizer.partial_fit([[*document, "a"]])
    counts = RunningCounts.from_plain(vectorizer._counts).total()
    assert 1 <= len(counts) <= 2 * max_terms
    assert set(vectorizer.vocabulary_) <= {
        name
        for length, grams in counts.grams.items()
        for name in counts.names(length, np.arange(len(grams.counts)))
    }
    found = {
        name: count
        for length, grams in counts.grams.items()
        for name, count in zip(
            counts.names(length, np.arange(len(grams.counts))), grams.counts.tolist(), strict=True
        )
    }
    analyze = MultiHotVectorizer(ngram_range=(1, n)).fit([*documents, ["a"]]).build_analyzer()
    exact = Counter(chain.from_iterable(analyze([*document, "a"]) for document in documents))
    for term, count in exact.items():
        assert count - vectorizer.count_error_ <= found.get(term, 0) <= count


def test_frequent_terms_are_exact_if_they_are_never_dropped():
    documents = [f"the film {i}" for i in range(300)]
    bounded = MultiHotVectorizer(num_words=2, max_terms=20)
    for start in range(0, 300, 10):
        bounded.partial_fit(documents[start : start + 10])
    assert bounded.get_feature_names_out().tolist() == ["the", "film"]
    assert bounded.count_error_ > 0
    assert bounded.vocabulary_ == clone(bounded).fit(documents).vocabulary_
    X = clone(bounded).fit_transform(iter(documents))
    assert (bounded.transform(documents) != X).nnz == 0


def test_tokens_with_spaces_join_what_was_counted_under_a_bound():
    vectorizer = MultiHotVectorizer(ngram_range=(2, 2), max_terms=10)
    vectorizer.partial_fit([[a, b] for a, b in ("ab", "cd", "ef", "gh", "ij", "kl")])
    vectorizer.partial_fit([["x y", "z"], ["x y", "t"], ["x y", "u"]])
    assert vectorizer.get_feature_names_out().tolist()[:2] == ["a b", "c d"]


def test_bound_does_not_go_with_errors_about_terms_without_a_column():
    with pytest.raises(ValueError, match="max_terms drops terms, and handle_unknown='error'"):
        MultiHotVectorizer(max_terms=5, handle_unknown="error").fit(REVIEWS)
    with pytest.warns(UserWarning, match="Not used, because X holds integers: max_terms"):
        MultiHotVectorizer(max_terms=5).fit([[1, 2]])


def test_without_a_bound_nothing_is_dropped():
    assert MultiHotVectorizer(max_terms=20).fit(REVIEWS).count_error_ == 0
    assert not hasattr(MultiHotVectorizer(), "count_error_")


# Memory


@pytest.mark.parametrize(
    ("parameters", "document"),
    [
        ({}, " ".join),
        ({}, list),
        ({"handle_unknown": "error"}, " ".join),
        ({"vocabulary": ["word1", "word2"]}, " ".join),
        ({"vocabulary": ["word1", "word2"]}, list),
        ({"max_terms": 100}, " ".join),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_memory_does_not_grow_with_the_documents(
    parameters, document, monkeypatch, global_random_seed
):
    monkeypatch.setattr(_chunks, "_CHUNK", 2**16)
    words = np.array([f"word{i}" for i in range(500)])

    def documents(n):
        rng = np.random.default_rng(global_random_seed)
        for _ in range(n):
            yield document(words[rng.integers(500, size=30)].tolist())

    few, many = (
        peak_of(lambda n=n: MultiHotVectorizer(**parameters).fit(documents(n)))
        for n in (2_000, 20_000)
    )
    assert many < 1.2 * few


# Counts from a file


def leaves(value, path=()):
    """Yield the path of each leaf of nested dicts and lists."""
    if isinstance(value, (dict, list)):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, part in items:
            yield from leaves(part, (*path, key))
    else:
        yield path


def with_leaf(value, path, leaf):
    """Return nested dicts and lists with another value at a path."""
    if not path:
        return leaf
    copied = value.copy()
    copied[path[0]] = with_leaf(value[path[0]], path[1:], leaf)
    return copied


@pytest.mark.parametrize("leaf", [None, -1, 10**30, "text", [], np.array([-1]), np.array([9.0])])
def test_damaged_counts_are_refused_or_harmless(leaf):
    vectorizer = MultiHotVectorizer(ngram_range=(2, 3), min_df=2)
    counts = vectorizer.partial_fit([*REVIEWS, *REVIEWS])._counts
    with pytest.raises(ValueError, match="do not say what was counted"):
        check_counts(counts | {"settings": {}}, "keras")
    paths = [path for path in leaves(counts) if path[0] != "settings"]
    assert len(paths) > 20
    n_refused = 0
    for path in paths:
        damaged = with_leaf(counts, path, leaf)
        try:
            check_counts(damaged, "keras")
        except ValueError:
            n_refused += 1
        else:
            RunningCounts.from_plain(damaged).total()
    assert n_refused >= len(paths) / 2


def test_counts_of_other_lengths_in_one_file_are_refused():
    pairs = MultiHotVectorizer(ngram_range=(1, 2)).partial_fit(REVIEWS)._counts
    words = MultiHotVectorizer().partial_fit(REVIEWS)._counts
    with pytest.raises(ValueError, match="n-grams of other lengths"):
        check_counts(pairs | {"parts": [*pairs["parts"], *words["parts"]]}, "keras")


# Several processes


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(_chunks, "_CHUNK_TO_SEND", 100)


def many_reviews():
    return [f"{review} {i % 7}" for i in range(40) for review in REVIEWS]


@pytest.mark.parametrize("min_df", [1, 3])
def test_several_processes_give_the_same(small_chunks, min_df):
    reviews = many_reviews()
    parameters = {"ngram_range": (1, 3), "num_words": 20, "min_df": min_df}
    one = MultiHotVectorizer(**parameters)
    several = MultiHotVectorizer(**parameters, n_jobs=2)
    X, several_X = one.fit_transform(reviews), several.fit_transform(iter(reviews))
    assert_same(several, one)
    for expected, found in ((X, several_X), (one.transform(reviews), several.transform(reviews))):
        np.testing.assert_array_equal(found.indptr, expected.indptr)
        np.testing.assert_array_equal(found.indices, expected.indices)
        assert found.indices.dtype == expected.indices.dtype
    assert_same(clone(several).fit(reviews), one)
    assert_same(clone(several).partial_fit(reviews[:50]).partial_fit(reviews[50:]), one)


def test_errors_in_another_process_name_the_row(small_chunks):
    reviews = many_reviews()
    vectorizer = MultiHotVectorizer(n_jobs=2, handle_unknown="error").fit(reviews)
    with pytest.raises(ValueError, match=r"^Row 101 has the term 'surprising'"):
        vectorizer.transform([*reviews[:101], "a surprising film", *reviews])
    with pytest.raises(ValueError, match=r"^Row 101 is missing"):
        vectorizer.transform([*reviews[:101], None, *reviews])

    def analyzer(document):
        return [[document]] if document == "stop" else document.split()

    unhashable = MultiHotVectorizer(n_jobs=2, analyzer=analyzer)
    with pytest.raises(TypeError, match=r"^Row 101 has the term .* not hashable"):
        unhashable.fit([*reviews[:101], "stop", *reviews])


def test_documents_are_read_as_they_are_needed(small_chunks):
    """No process gets documents before those of a few chunks before were counted."""
    n_read = 0

    def documents():
        nonlocal n_read
        for review in islice(many_reviews(), 160):
            n_read += 1
            yield review

    chunks = _chunks.map_chunks(lambda chunk, first_row: len(chunk), documents(), n_jobs=2)
    next(chunks)
    assert n_read < 120
    assert sum(chunks) < 160 == n_read


@pytest.mark.parametrize("n_jobs", [0, 1.5, "2"])
def test_no_number_of_processes(n_jobs):
    with pytest.raises(ValueError, match="The 'n_jobs' parameter of MultiHotVectorizer must be"):
        MultiHotVectorizer(n_jobs=n_jobs).fit(REVIEWS)


def test_later_integers_may_bring_the_column_of_the_unknown():
    whole = MultiHotVectorizer(num_words=None, handle_unknown=5).fit([[1, 2], [9]])
    parts = MultiHotVectorizer(num_words=None, handle_unknown=5).partial_fit([[1, 2]])
    with pytest.raises(ValueError, match="handle_unknown=5 must be one of the 3 columns"):
        parts.transform([[77]])
    parts = pickle.loads(pickle.dumps(parts)).partial_fit([[9]])
    for vectorizer in (whole, parts):
        assert vectorizer.transform([[77]]).indices.tolist() == [5]
