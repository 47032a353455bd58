"""Where the terms of a document are: its text cut into pieces, and the pieces of each term."""

import re
from bisect import bisect_right
from collections import Counter
from typing import Any, NamedTuple

from ..feature_extraction import MultiHotVectorizer
from ..feature_extraction._tokenization import SEPARATORS, WORD_PATTERN, stop_word_set

_KERAS_WORD = re.compile(rf"[^\s{re.escape(SEPARATORS.decode())}]+")
_WHITE_SPACES = re.compile(r"\s\s+")  # which `CountVectorizer` replaces before it reads characters


class LocatedTerms(NamedTuple):
    """The terms of a document.

    Attributes
    ----------
    pieces : list of str
        The text of the document, cut into words and what is between them.
    terms : list of (str, sequence of int)
        Each term, as often as it occurs, and the positions of the pieces that it covers. A term of
        characters has the position of a piece once for each of its characters.
    """

    pieces: list
    terms: list


class _Reading(NamedTuple):
    """How a vectorizer reads a document. The text functions are None where nothing is known."""

    analyzer: str
    ngram_range: tuple
    stop_words: frozenset
    preprocess: Any
    pattern: Any


def locate_terms(vectorizer, document):
    """Return the terms of a document, as a vectorizer reads it, and where they are.

    The text is the document itself if the vectorizer reads words or characters in its own way.
    Otherwise, it is the tokens, with spaces between them.

    Parameters
    ----------
    vectorizer : MultiHotVectorizer, CountVectorizer or TfidfVectorizer
        A fitted vectorizer.
    document : str, bytes, or sequence of str or of int
        One document.

    Returns
    -------
    located : LocatedTerms
    """
    of_multi_hot = isinstance(vectorizer, MultiHotVectorizer)
    if of_multi_hot and isinstance(document, bytes):
        document = document.decode("utf-8")
    if not callable(vectorizer.analyzer):
        if of_multi_hot and not isinstance(document, str):
            return _locate_in_sequence(vectorizer, document)
        located = _locate_in_text(vectorizer, document)
    terms = list(vectorizer.build_analyzer()(document))
    # A subclass may have an analyzer of its own.
    if callable(vectorizer.analyzer) or Counter(terms) != Counter(t for t, _ in located.terms):
        return join_tokens(terms)
    return located


def join_tokens(tokens, ngram_range=(1, 1), stop_words=frozenset()):
    """Return tokens with spaces between them, and their n-grams.

    Parameters
    ----------
    tokens : list
        The tokens of a document.
    ngram_range : tuple (min_n, max_n), default=(1, 1)
        How many tokens a term has.
    stop_words : set of str, default=frozenset()
        Tokens that are in no term.

    Returns
    -------
    located : LocatedTerms
    """
    pieces = [piece for token in tokens for piece in (str(token), " ")][:-1]
    words = [(token, 2 * i) for i, token in enumerate(tokens) if token not in stop_words]
    return LocatedTerms(pieces, _word_ngrams(words, ngram_range))


def _locate_in_text(vectorizer, document):
    if isinstance(vectorizer, MultiHotVectorizer):
        reading = _reading_of_multi_hot(vectorizer)
    else:
        reading = _reading_of_counts(vectorizer)
        document = vectorizer.decode(document)
    found = None if reading.preprocess is None else _with_origins(document, reading.preprocess)
    if found is None:
        return _join_own_tokens(vectorizer, document, reading)
    if reading.analyzer != "word":
        return _locate_characters(document, *found, reading)
    if reading.pattern is None:
        return _join_own_tokens(vectorizer, document, reading)
    return _locate_words(document, *found, reading)


def _reading_of_multi_hot(vectorizer):
    return _Reading(
        "word" if vectorizer.analyzer == "keras" else vectorizer.analyzer,
        vectorizer.ngram_range,
        _stop_words(vectorizer),
        str.lower if vectorizer.lowercase else str,
        _KERAS_WORD if vectorizer.analyzer == "keras" else WORD_PATTERN,
    )


def _reading_of_counts(vectorizer):
    own = vectorizer.preprocessor is not None
    words = vectorizer.analyzer == "word"
    pattern = None if words and vectorizer.tokenizer is not None else vectorizer.token_pattern
    return _Reading(
        vectorizer.analyzer,
        vectorizer.ngram_range,
        vectorizer.get_stop_words() or frozenset(),
        None if own else vectorizer.build_preprocessor(),
        None if pattern is None else re.compile(pattern),
    )


def _with_origins(document, preprocess):
    """Return the preprocessed text, and where each of its characters was in the document.

    None if characters are not preprocessed one by one.
    """
    text = preprocess(document)
    origins = [i for i, character in enumerate(document) for _ in preprocess(character)]
    return (text, origins) if len(origins) == len(text) else None


def _locate_words(document, text, origins, reading):
    pieces, words, end = [], [], 0
    group = min(reading.pattern.groups, 1)
    for match in reading.pattern.finditer(text):
        first, last = match.start(group), match.end(group) - 1
        if last < first:  # a token without characters is nowhere
            continue
        start, stop = origins[first], origins[last] + 1
        if start > end:
            pieces.append(document[end:start])
        if match[group] not in reading.stop_words:
            words.append((match[group], len(pieces)))
        pieces.append(document[start:stop])
        end = stop
    if end < len(document):
        pieces.append(document[end:])
    return LocatedTerms(pieces, _word_ngrams(words, reading.ngram_range))


def _locate_characters(document, text, origins, reading):
    runs = list(re.finditer(r"\s+|\S+", document))
    pieces, starts = [run[0] for run in runs], [run.start() for run in runs]
    # A run of white space is read as one space, which comes from where the run begins.
    ends = {match.start(): match.end() for match in _WHITE_SPACES.finditer(text)}
    characters, i = [], 0
    while i < len(text):
        piece = bisect_right(starts, origins[i]) - 1
        characters.append((" " if i in ends else text[i], piece))
        i = ends.get(i, i + 1)
    if reading.analyzer == "char":
        return LocatedTerms(pieces, list(_windows(characters, reading.ngram_range)))
    terms = []
    for word in _split_at_white_space(characters):
        # The space before and the space after a word belong to the word.
        padded = [(" ", word[0][1]), *word, (" ", word[-1][1])]
        terms += _padded_windows(padded, reading.ngram_range)
    return LocatedTerms(pieces, terms)


def _split_at_white_space(characters):
    word = []
    for character, piece in [*characters, (" ", None)]:
        if not character.isspace():
            word.append((character, piece))
        elif word:
            yield word
            word = []


def _padded_windows(characters, ngram_range):
    """Yield the n-grams of a padded word; one that is too short is a term once."""
    yield from _windows(characters, ngram_range)
    if len(characters) < ngram_range[0]:
        yield _term(characters)


def _windows(characters, ngram_range):
    min_n, max_n = ngram_range
    for n in range(min_n, min(max_n, len(characters)) + 1):
        for i in range(len(characters) - n + 1):
            yield _term(characters[i : i + n])


def _term(characters):
    return "".join(text for text, _ in characters), [piece for _, piece in characters]


def _word_ngrams(words, ngram_range):
    """Return the n-grams of words, each of which is a pair of the word and its piece."""
    min_n, max_n = ngram_range
    terms = [(word, [piece]) for word, piece in words] if min_n == 1 else []
    for n in range(max(min_n, 2), min(max_n, len(words)) + 1):
        for i in range(len(words) - n + 1):
            tokens, pieces = zip(*words[i : i + n], strict=True)
            terms.append((" ".join(tokens), list(pieces)))
    return terms


def _locate_in_sequence(vectorizer, document):
    tokens = [str(token) for token in document]
    if vectorizer.vocabulary_ is None:  # integers, for which the other parameters are not used
        return join_tokens(tokens)
    return join_tokens(tokens, vectorizer.ngram_range, _stop_words(vectorizer))


def _join_own_tokens(vectorizer, document, reading):
    """Join the tokens of a `CountVectorizer` that reads text in a way of the user's."""
    text = vectorizer.build_preprocessor()(document)
    if reading.analyzer != "word":
        return _locate_characters(text, text, range(len(text)), reading)
    tokens = vectorizer.build_tokenizer()(text)
    return join_tokens(tokens, reading.ngram_range, reading.stop_words)


def _stop_words(vectorizer):
    return stop_word_set(vectorizer.stop_words) if vectorizer.stop_words else frozenset()
