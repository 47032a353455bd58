"""A document whose words are shaded by their contributions, as pieces of text and as HTML."""

from collections import defaultdict
from html import escape

import scipy.sparse as sp

from ..feature_extraction import MultiHotVectorizer
from ..feature_extraction._documents import read_documents
from ._term_positions import join_tokens, locate_terms

# Red, green and blue of what is for the target and against it. Half transparent, they leave text
# legible on any background. The line under a word tells the two apart without color.
_FOR, _AGAINST = "0, 114, 178", "213, 94, 0"
_LINE_FOR, _LINE_AGAINST = "solid", "dashed"
_MAX_OPACITY = 0.5
_MAX_LINE = 3  # pixels


def document_pieces(steps, X, contributions, words):
    """Cut a single document into pieces and give each the contribution of the terms that cover it.

    Parameters
    ----------
    steps : DocumentSteps
        The steps of the estimator.
    X : iterable of documents or matrix
        A single document.
    contributions : sparse matrix of shape (1, n_features)
        Its contributions.
    words : array-like of str of shape (n_features,) or None
        Words to show instead of integers, and of the columns of a matrix.

    Returns
    -------
    pieces : list of (str, float or None)
        The text, and the contribution of each word. It is None for what is between the words, and
        for words that are in no term. The contributions of the pieces have the same sum as those
        of the terms.
    """
    names = steps.feature_names().tolist()
    row = sp.csr_matrix(contributions)
    of_term = {names[j]: value for j, value in zip(row.indices, row.data.tolist(), strict=True)}
    is_text = False
    if steps.vectorizer is None:
        located = join_tokens(list(of_term))
    else:
        document = _first_document(steps.vectorizer, X)
        is_text = isinstance(document, (str, bytes))
        located = locate_terms(steps.vectorizer, document)
        located = located._replace(terms=list(_columns(steps.vectorizer, located.terms)))
    shares = _share(located.terms, of_term)
    read = {} if is_text or words is None else dict(zip(names, words, strict=True))
    return [(str(read.get(piece, piece)), shares.get(i)) for i, piece in enumerate(located.pieces)]


def _first_document(vectorizer, X):
    if isinstance(vectorizer, MultiHotVectorizer):
        _, X = read_documents(X, getattr(vectorizer, "input_kind_", None))
    return next(iter(X))


def _columns(vectorizer, terms):
    """Yield the terms under the names of their columns, which unknown terms can have too."""
    unknown = getattr(vectorizer, "handle_unknown", None)
    if isinstance(unknown, str) or unknown is None:
        yield from terms
        return
    names = vectorizer.get_feature_names_out()
    known = set(names)
    if vectorizer.vocabulary_ is None:
        known -= set(map(str, range(vectorizer.skip_top)))
    for term, covered in terms:
        yield (term if term in known else names[unknown]), covered


def _share(terms, contributions):
    """Return the contribution of each piece.

    A term is divided equally among its occurrences, and each of these among what it covers.
    """
    occurrences = defaultdict(list)
    for term, covered in terms:
        if term in contributions:
            occurrences[term].append(covered)
    shares = defaultdict(float)
    for term, places in occurrences.items():
        for covered in places:
            for piece in covered:
                shares[piece] += contributions[term] / len(places) / len(covered)
    return shares


def to_html(pieces, heading):
    """Return HTML for pieces of text, with a heading above and a key below.

    Parameters
    ----------
    pieces : list of (str, float or None)
        As from `document_pieces`.
    heading : str
        What the words are for or against.

    Returns
    -------
    html : str
        An element without scripts, style sheets or ids, so that it can be put into any page.
    """
    largest = max((abs(value) for _, value in pieces if value), default=0.0)
    text = "".join(_piece(text, value, largest) for text, value in pieces)
    if largest:
        key = f"{_mark('for', 1.0)} and {_mark('against', -1.0)} this class"
    else:
        key = "No word of this document contributes."
    return (
        '<div class="textnn-document" style="max-width: 50em; line-height: 1.8">'
        f"<div><strong>{_escape(heading)}</strong></div>"
        '<div class="textnn-text" dir="auto" style="white-space: pre-wrap; '
        f'overflow-wrap: anywhere">{text}</div>'
        f'<div class="textnn-key"><small>{key}</small></div></div>'
    )


def _piece(text, value, largest):
    if value is None:
        return _escape(text)
    strength = value / largest if largest else 0.0
    return _mark(text, strength, f"{value:+.3g}")


def _mark(text, strength, title=None):
    """Return a word with its shade and line; the strength is from -1 to 1."""
    name = "for" if strength > 0 else "against" if strength < 0 else "zero"
    style = ""
    if strength:
        color, line = (_FOR, _LINE_FOR) if strength > 0 else (_AGAINST, _LINE_AGAINST)
        opacity, width = _MAX_OPACITY * abs(strength), round(_MAX_LINE * abs(strength))
        style = f' style="background: rgba({color}, {opacity:.2f})'
        if width:
            style += f"; border-bottom: {width}px {line}"
        style += '"'
    title = "" if title is None else f' title="{title}"'
    return f'<span class="textnn-{name}"{title}{style}>{_escape(text)}</span>'


def _escape(text):
    # What is not Unicode, such as half of a surrogate pair, could not be written to a page.
    return escape(str(text).encode("utf-8", "replace").decode("utf-8"))
