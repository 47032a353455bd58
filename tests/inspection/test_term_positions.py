"""The terms of a document and where they are: against the analyzers of the vectorizers."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from sklearn_textnn import MultiHotVectorizer
from sklearn_textnn.inspection._term_positions import locate_terms

# Letters that change their number, letters and forms when they are converted to lower case or lose
# their accents, separators, and white space of several kinds.
TEXT = st.text(
    st.sampled_from(
        "abzAB01_'-.,<>& \t\n\r\x1f\x85\u2028\u3000éÉßẞİΣςΆ\u0301\u0307\u0131\u03c3ﬁ各가ǅ😀"
    ),
    max_size=40,
)
VECTORIZERS = [
    MultiHotVectorizer(),
    MultiHotVectorizer(lowercase=False),
    MultiHotVectorizer(analyzer="word"),
    MultiHotVectorizer(ngram_range=(1, 3), stop_words=["a", "b"]),
    MultiHotVectorizer(ngram_range=(2, 2), stop_words="english", analyzer="word"),
    MultiHotVectorizer(analyzer="char", ngram_range=(1, 4)),
    MultiHotVectorizer(analyzer="char_wb", ngram_range=(2, 4), lowercase=False),
    MultiHotVectorizer(analyzer="char_wb", ngram_range=(4, 6)),
    CountVectorizer(),
    TfidfVectorizer(ngram_range=(1, 2), strip_accents="unicode", stop_words=["ab"]),
    CountVectorizer(strip_accents="ascii", token_pattern=r"(?u)<?(\w+)>"),
    CountVectorizer(token_pattern=r"a*b"),
    CountVectorizer(analyzer="char", ngram_range=(2, 3), strip_accents="unicode"),
    TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 3), lowercase=False),
]


@pytest.mark.parametrize("vectorizer", VECTORIZERS, ids=repr)
@given(document=TEXT)
def test_terms_are_those_of_the_analyzer(vectorizer, document):
    _, terms = locate_terms(vectorizer, document)
    assert sorted(term for term, _ in terms) == sorted(vectorizer.build_analyzer()(document))


@pytest.mark.parametrize("vectorizer", VECTORIZERS, ids=repr)
@given(document=TEXT)
def test_pieces_are_the_text_and_terms_cover_some_of_them(vectorizer, document):
    pieces, terms = locate_terms(vectorizer, document)
    assert "".join(pieces) == document
    assert all(pieces)
    assert all(covered and set(covered) <= set(range(len(pieces))) for _, covered in terms)


@given(document=TEXT)
def test_a_term_is_the_pieces_that_it_covers_in_lower_case(document):
    vectorizer = MultiHotVectorizer(ngram_range=(1, 3))
    pieces, terms = locate_terms(vectorizer, document)
    for term, covered in terms:
        # A capital sigma has another form at the end of a word, and each word ends alone here.
        words = " ".join(pieces[i] for i in covered).lower()
        assert term.replace("ς", "\u03c3") == words.replace("ς", "\u03c3")
        assert sorted(covered) == list(covered)


def test_case_and_punctuation_stay_in_the_text():
    pieces, terms = locate_terms(MultiHotVectorizer(ngram_range=(1, 2)), "Isn't <b>BAD</b>, is it?")
    assert pieces == ["Isn't", " <", "b", ">", "BAD", "</", "b", ">, ", "is", " ", "it", "?"]
    assert terms[:2] == [("isn't", [0]), ("b", [2])]
    assert ("b bad", [2, 4]) in terms


def test_a_letter_that_becomes_two_in_lower_case_stays_one_piece():
    pieces, terms = locate_terms(MultiHotVectorizer(), "İİ Ab")
    assert pieces == ["İİ", " ", "Ab"]
    assert terms == [("i̇i̇", [0]), ("ab", [2])]


def test_characters_cover_words_and_white_space():
    pieces, terms = locate_terms(MultiHotVectorizer(analyzer="char", ngram_range=(2, 2)), "Ab \n c")
    assert pieces == ["Ab", " \n ", "c"]
    assert terms == [("ab", [0, 0]), ("b ", [0, 1]), (" c", [1, 2])]


def test_the_space_around_a_word_belongs_to_the_word():
    vectorizer = MultiHotVectorizer(analyzer="char_wb", ngram_range=(3, 3))
    assert locate_terms(vectorizer, "ab c") == (
        ["ab", " ", "c"],
        [(" ab", [0, 0, 0]), ("ab ", [0, 0, 0]), (" c ", [2, 2, 2])],
    )


def test_tokens_are_joined_with_spaces_and_not_analyzed():
    vectorizer = MultiHotVectorizer(ngram_range=(2, 2), stop_words=["the"])
    vectorizer.fit([["An", "other-one"], ["the"]])
    pieces, terms = locate_terms(vectorizer, ["An", "the", "other-one"])
    assert "".join(pieces) == "An the other-one"
    assert terms == [("An other-one", [0, 4])]


def test_integers_are_terms_whatever_the_other_parameters():
    vectorizer = MultiHotVectorizer(num_words=9).fit([[1, 2]])
    assert locate_terms(vectorizer, [2, 7]) == (["2", " ", "7"], [("2", [0]), ("7", [2])])


@pytest.mark.parametrize(
    "vectorizer",
    [
        MultiHotVectorizer(analyzer=str.split),
        CountVectorizer(analyzer=str.split),
        CountVectorizer(tokenizer=str.split, token_pattern=None, lowercase=False),
        CountVectorizer(preprocessor=lambda text: re.sub("<.*?>", "", text), token_pattern=r"\S+"),
    ],
    ids=["analyzer", "analyzer of CountVectorizer", "tokenizer", "preprocessor"],
)
def test_where_positions_are_not_known_the_tokens_are_joined(vectorizer):
    pieces, terms = locate_terms(vectorizer, "So  <b/>\ngood")
    tokens = vectorizer.build_analyzer()("So  <b/>\ngood")
    assert "".join(pieces) == " ".join(tokens)
    assert terms == [(token, [2 * i]) for i, token in enumerate(tokens)]


def test_n_grams_of_a_tokenizer_of_the_user_cover_its_tokens():
    vectorizer = CountVectorizer(tokenizer=str.split, token_pattern=None, ngram_range=(2, 2))
    assert locate_terms(vectorizer, "A  b\nc") == (
        ["a", " ", "b", " ", "c"],
        [("a b", [0, 2]), ("b c", [2, 4])],
    )


def test_text_of_a_preprocessor_of_the_user_is_shown_where_characters_are_read():
    vectorizer = CountVectorizer(preprocessor=str.swapcase, analyzer="char", ngram_range=(2, 2))
    assert locate_terms(vectorizer, "Ab c") == (
        ["aB", " ", "C"],
        [("aB", [0, 0]), ("B ", [0, 1]), (" C", [1, 2])],
    )


def test_tokens_are_joined_if_some_have_no_characters():
    pieces, terms = locate_terms(CountVectorizer(token_pattern="b*"), "abb")
    assert "".join(pieces) == " bb "
    assert terms == [("", [0]), ("bb", [2]), ("", [4])]


class Stemming(CountVectorizer):
    """A vectorizer as in scikit-learn's guide: it has an analyzer of its own."""

    def build_analyzer(self):
        analyze = super().build_analyzer()
        return lambda document: [word.rstrip("s") for word in analyze(document)]


def test_tokens_of_a_subclass_with_an_analyzer_are_joined():
    pieces, terms = locate_terms(Stemming(), "<b>Films</b> films")
    assert "".join(pieces) == "film film"
    assert terms == [("film", [0]), ("film", [2])]


def test_terms_of_an_analyzer_need_not_be_str():
    vectorizer = CountVectorizer(analyzer=pairwise)
    pieces, terms = locate_terms(vectorizer, "ab")
    assert pieces == ["('a', 'b')"]
    assert terms == [(("a", "b"), [0])]


def test_bytes_are_decoded():
    for vectorizer in (MultiHotVectorizer(), CountVectorizer()):
        assert locate_terms(vectorizer, "Ça va".encode()).pieces == ["Ça", " ", "va"]
