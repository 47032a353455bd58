"""A document with its words shaded: shares of n-grams, the HTML, and how a browser shows it."""

import json
import shutil
import subprocess
from base64 import b64encode
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from sklearn_textnn import MultiHotVectorizer
from sklearn_textnn.inspection._shaded_document import document_pieces, to_html

HOSTILE = (
    "<script>document.title = 'run'</script>\n"
    '<img src="x" onerror="document.title = 1"> &amp; </div>"\'\ttwo  spaces <b>bad'
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def pieces_of(vectorizer, document, contributions=None, words=None):
    """Return the pieces of a document; by default the contribution of column j is j + 1."""
    names = vectorizer.get_feature_names_out()
    X = sp.csr_matrix(vectorizer.transform([document]), dtype=float)
    X.data = X.indices + 1.0
    if contributions is not None:
        X.data = np.array([contributions[name] for name in names[X.indices]])
    steps = SimpleNamespace(vectorizer=vectorizer, feature_names=lambda: names)
    return document_pieces(steps, [document], X, words), X


def total(pieces):
    return sum(value for _, value in pieces if value is not None)


# Shares


def test_occurrences_of_a_word_have_equal_shares():
    vectorizer = MultiHotVectorizer().fit(["bad film"])
    pieces, _ = pieces_of(vectorizer, "Bad, BAD film", {"bad": -3.0, "film": 1.0})
    assert pieces == [("Bad", -1.5), (", ", None), ("BAD", -1.5), (" ", None), ("film", 1.0)]


def test_words_of_an_n_gram_have_equal_shares_beside_their_own():
    vectorizer = MultiHotVectorizer(ngram_range=(1, 2), vocabulary=["not", "good", "not good"])
    pieces, _ = pieces_of(vectorizer, "Not good.", {"not": -1.0, "good": 2.0, "not good": -4.0})
    assert pieces == [("Not", -3.0), (" ", None), ("good", 0.0), (".", None)]


def test_occurrences_of_an_n_gram_that_overlap_share_it():
    vectorizer = MultiHotVectorizer(ngram_range=(2, 2), vocabulary=["a a"])
    pieces, _ = pieces_of(vectorizer, "a a a", {"a a": 4.0})
    assert [value for _, value in pieces] == [1.0, None, 2.0, None, 1.0]


def test_a_word_that_is_unknown_or_a_stop_word_has_no_contribution():
    vectorizer = MultiHotVectorizer(ngram_range=(2, 2), stop_words=["of"]).fit(["waste of time"])
    pieces, _ = pieces_of(vectorizer, "a waste of time", {"waste time": 2.0})
    assert [value for _, value in pieces] == [None, None, 1.0, None, None, None, 1.0]


@pytest.mark.parametrize("ngram_range", [(1, 1), (1, 2)])
def test_unknown_words_share_the_contribution_of_their_column(ngram_range):
    vectorizer = MultiHotVectorizer(
        vocabulary=["?", "good"], handle_unknown=0, ngram_range=ngram_range
    )
    pieces, X = pieces_of(vectorizer, "good bad", {"?": -2.0, "good": 1.0})
    assert total(pieces) == pytest.approx(X.sum())
    # With n-grams, the unknown ones are "bad" and "good bad".
    expected = [1.0, None, -2.0] if ngram_range == (1, 1) else [0.5, None, -1.5]
    assert [value for _, value in pieces] == pytest.approx(expected)


def test_unknown_integers_share_the_contribution_of_their_column():
    vectorizer = MultiHotVectorizer(num_words=6, skip_top=4, handle_unknown=2).fit([[5]])
    pieces, _ = pieces_of(vectorizer, [1, 5, 9], {"2": -2.0, "5": 1.0})
    assert pieces == [("1", -1.0), (" ", None), ("5", 1.0), (" ", None), ("9", -1.0)]


def test_integers_are_shown_as_words():
    vectorizer = MultiHotVectorizer(num_words=4).fit([[1, 2, 3]])
    pieces, _ = pieces_of(vectorizer, [3, 1, 7], words=["?", "the", "film", "fine"])
    assert pieces == [("fine", 4.0), (" ", None), ("the", 2.0), (" ", None), ("7", None)]


def test_a_row_of_a_matrix_is_shown_as_its_words():
    steps = SimpleNamespace(vectorizer=None, feature_names=lambda: np.array(["x0", "x1", "x2"]))
    row = sp.csr_matrix([[1.0, 0.0, -2.0]])
    assert document_pieces(steps, row, row, None) == [("x0", 1.0), (" ", None), ("x2", -2.0)]
    assert document_pieces(steps, row, row, ["a", "b", "c"])[0] == ("a", 1.0)


TEXT = st.text(st.sampled_from("abcAB-'., \n<&é"), max_size=60)


@pytest.mark.parametrize(
    "vectorizer",
    [
        MultiHotVectorizer(),
        MultiHotVectorizer(ngram_range=(1, 3), stop_words=["a"]),
        MultiHotVectorizer(analyzer="word", ngram_range=(1, 2), handle_unknown=1),
        MultiHotVectorizer(analyzer="char", ngram_range=(1, 3)),
        MultiHotVectorizer(analyzer="char_wb", ngram_range=(2, 5)),
        MultiHotVectorizer(analyzer=str.split),
        CountVectorizer(token_pattern=r"\S+", ngram_range=(1, 2)),
        CountVectorizer(tokenizer=str.split, token_pattern=None, ngram_range=(1, 2)),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3)),
    ],
    ids=repr,
)
@given(documents=st.lists(TEXT, min_size=2, max_size=4))
def test_contributions_of_the_pieces_add_up_to_those_of_the_terms(vectorizer, documents):
    vectorizer.fit([*documents, "a b ab abc bc cab"])
    pieces, X = pieces_of(vectorizer, documents[0])
    assert total(pieces) == pytest.approx(X.sum())


@given(documents=st.lists(st.lists(st.sampled_from(["A", "b c", "<i>", ""]))))
def test_contributions_of_tokens_add_up(documents):
    vectorizer = MultiHotVectorizer(ngram_range=(1, 2)).fit([*documents, ["A"]])
    pieces, X = pieces_of(vectorizer, [*(documents or [["A"]])[0], "new"])
    assert total(pieces) == pytest.approx(X.sum())


# HTML


class Text(HTMLParser):
    """The text of an element of a page, and the tags in the page."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.marks, self.text = [], [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.marks.append(dict(attributes))

    def handle_data(self, data):
        self.text += data


MARKUP = st.lists(
    st.sampled_from(["<b>", "</div>", "<script>", "<!--", "&amp;", "&", '"', "'", "\ud800", "\n"])
    | st.text(max_size=3)
).map("".join)


@given(st.lists(st.tuples(MARKUP, st.none() | st.floats(-1e300, 1e300)), max_size=6), MARKUP)
def test_text_is_escaped_and_complete(pieces, heading):
    page = Text(to_html(pieces, heading))
    assert set(page.tags) == {"div", "strong", "small"} | ({"span"} & set(page.tags))
    # HTML has no other line ends, and half of a surrogate pair cannot be written.
    written = heading + "".join(text for text, _ in pieces)
    assert page.text.startswith(written.encode("utf-8", "replace").decode("utf-8"))


def test_each_word_has_its_contribution_as_tooltip_and_a_line_by_its_sign():
    page = Text(to_html([("good", 2.0), (" ", None), ("bad", -1.0), ("x", 0.0)], "A class"))
    words = [mark for tag, mark in zip(page.tags, page.marks, strict=True) if tag == "span"]
    assert [word.get("title") for word in words[:3]] == ["+2", "-1", "+0"]
    assert "3px solid" in words[0]["style"]
    assert "2px dashed" in words[1]["style"]
    assert "style" not in words[2]


@pytest.mark.parametrize("pieces", [[], [("unknown", None)], [("word", 0.0)]])
def test_document_without_contributions_says_so(pieces):
    assert "No word of this document contributes." in Text(to_html(pieces, "A class")).text


# A browser


READ = """
<script>
const shown = [...document.querySelectorAll(".textnn-document span")].map(word => ({
    text: word.textContent,
    color: getComputedStyle(word).color,
    background: getComputedStyle(word).backgroundColor,
    line: getComputedStyle(word).borderBottomStyle,
    width: parseFloat(getComputedStyle(word).borderBottomWidth),
}));
const element = document.querySelector(".textnn-document");
const result = document.createElement("pre");
result.id = "result";
result.textContent = JSON.stringify({
    words: shown,
    text: element.querySelector(".textnn-text").innerText,
    inside: element.querySelectorAll("script, img, b").length,
    title: document.title,
});
document.body.append(result);
</script>
"""
PAGES = {
    "light": ("#212529", "#ffffff"),
    "dark": ("#ced6dd", "#14181e"),
    "black on white": ("#000000", "#ffffff"),
    "white on black": ("#ffffff", "#000000"),
}


@pytest.fixture(scope="module")
def show(tmp_path_factory):
    """Return the function that shows an element in a browser and returns what the page says."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip(f"none of {', '.join(BROWSERS)} is installed")
    folder = tmp_path_factory.mktemp("page")

    def show(html, color, background):
        head = '<!doctype html><html><head><meta charset="utf-8"><title>none</title></head>'
        body = f'<body style="color: {color}; background: {background}">{html}{READ}</body></html>'
        # Not a file, since a browser in a sandbox of the system may not read it.
        address = "data:text/html;base64," + b64encode((head + body).encode()).decode()
        options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/user"]
        done = subprocess.run(
            [browser, *options, "--dump-dom", address],
            capture_output=True,
            timeout=120,
            check=True,
        )
        dumped = done.stdout.decode("utf-8")
        result = dumped.partition('<pre id="result">')[2].partition("</pre>")[0]
        return json.loads(Text(result).text)

    return show


def luminance(color):
    linear = np.where(color <= 0.03928, color / 12.92, ((color + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(color, other):
    low, high = sorted([luminance(color), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def channels(color):
    """Return red, green and blue from 0 to 1, and the opacity, of what a browser calls a color."""
    values = [float(value) for value in color.partition("(")[2].rstrip(")").split(",")]
    return np.array(values[:3]) / 255, values[3] if len(values) > 3 else 1.0


def hexadecimal(color):
    return np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_browser_shows_legible_words_and_runs_nothing(show, page):
    vectorizer = MultiHotVectorizer().fit([HOSTILE])
    weights = {name: (-1) ** i * i for i, name in enumerate(vectorizer.get_feature_names_out())}
    pieces, _ = pieces_of(vectorizer, HOSTILE, weights)
    shown = show(to_html(pieces, f"<b>{HOSTILE}</b>"), *PAGES[page])
    assert shown["title"] == "none"
    assert shown["inside"] == 0
    assert shown["text"] == HOSTILE
    text, background = map(hexadecimal, PAGES[page])
    assert any(word["line"] == "solid" for word in shown["words"])
    assert any(word["line"] == "dashed" for word in shown["words"])
    values = dict(pieces)
    for word in shown["words"]:
        color, opacity = channels(word["background"])
        np.testing.assert_allclose(channels(word["color"])[0], text)
        assert contrast(text, opacity * color + (1 - opacity) * background) > 4.5
        if word["width"]:
            value = {"for": 1, "against": -1}.get(word["text"]) or values[word["text"]]
            assert word["line"] == ("solid" if value > 0 else "dashed")
