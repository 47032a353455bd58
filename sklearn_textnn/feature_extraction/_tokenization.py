"""From one document to the list of its terms."""

import re
from functools import lru_cache, partial

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer

# The Keras data sets were split at these and at white space. Bytes translate ten times faster than
# str, and in UTF-8 no byte of another character is equal to one of these.
SEPARATORS = b'!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'

# The tokens of `CountVectorizer`: two characters or more.
WORD_PATTERN = re.compile(r"(?u)\b\w\w+\b")


def _table(separators):
    return bytes.maketrans(separators, b" " * len(separators))


_WHITE_SPACE = bytes(i for i in range(128) if chr(i).isspace())
_SPACES = {
    "keras": _table(SEPARATORS + _WHITE_SPACE),
    "word": _table(bytes(i for i in range(128) if not re.match(r"\w", chr(i)))),
}

# A longer document is split piece by piece, so that there are no whole copies of it.
_LONG = 2**20


@lru_cache(maxsize=32)  # each transform needs one
def make_analyzer(kind, analyzer, lowercase, ngram_range, stop_words):
    """Return the function that turns one document into the list of its terms.

    Parameters
    ----------
    kind : {"text", "tokens"}
        The kind of the documents.
    analyzer : {"keras", "word", "char", "char_wb"}
        As in `MultiHotVectorizer`.
    lowercase : bool
        Lower-case raw documents. Tokens are left alone.
    ngram_range : tuple (min_n, max_n)
        As in `MultiHotVectorizer`.
    stop_words : {"english"}, tuple of str or None
        The words to leave out. Not used with "char" and "char_wb".

    Returns
    -------
    analyzer : callable
    """
    if analyzer in ("char", "char_wb"):
        return CountVectorizer(
            analyzer=analyzer, lowercase=lowercase, ngram_range=ngram_range
        ).build_analyzer()
    lowercase = lowercase and kind == "text"
    tokenize = _tokenizer(kind, analyzer)
    if ngram_range == (1, 1) and not stop_words and (kind == "tokens" or analyzer == "keras"):
        return _lower_and_split if lowercase else tokenize
    if stop_words:
        tokenize = partial(_tokenize_without, stop_word_set(stop_words), tokenize)
    return CountVectorizer(
        preprocessor=str.lower if lowercase else _as_is,
        tokenizer=tokenize,
        token_pattern=None,
        ngram_range=ngram_range,
    ).build_analyzer()


def stop_word_set(stop_words):
    """Return the words that are left out."""
    return ENGLISH_STOP_WORDS if stop_words == "english" else frozenset(stop_words)


def find_unmatched_stop_word(stop_words, analyzer, lowercase):
    """Return a stop word that has no effect, and its tokens; None if all have one.

    The analyzer splits such a stop word, or documents are lower-cased and it is not; and the
    tokens are not stop words themselves.
    """
    tokenize, known = _tokenizer("text", analyzer), frozenset(stop_words)
    for word in stop_words:
        tokens = tokenize(word.lower() if lowercase else word)
        if not known.issuperset(tokens):
            return word, tokens
    return None


def split_words(document):
    """Split where the Keras data sets were split."""
    return _split(document) if len(document) <= _LONG else _split_long(document, _split)


def _lower_and_split(document):
    if len(document) > _LONG:
        return _split_long(document, _lower_and_split_short)
    return _split(document.lower())


def _lower_and_split_short(document):
    return _split(document.lower())


def to_spaces(encoded, analyzer):
    """Replace what separates words in ASCII, in text in UTF-8, by spaces."""
    return encoded.translate(_SPACES[analyzer])


def pieces(document):
    """Yield a long document piece by piece; the pieces begin at a space, so no word is cut."""
    start = 0
    while len(document) - start > _LONG:
        end = document.find(" ", start + _LONG)
        end = len(document) if end < 0 else end
        yield document[start:end]
        start = end
    if start < len(document) or not start:
        yield document[start:] if start else document


def _split(document):
    spaced = to_spaces(document.encode("utf-8", "surrogatepass"), "keras")
    return spaced.decode("utf-8", "surrogatepass").split()


def _split_long(document, split):
    return [word for piece in pieces(document) for word in split(piece)]


def _tokenizer(kind, analyzer):
    if kind == "tokens":
        return _as_is
    return split_words if analyzer == "keras" else WORD_PATTERN.findall


def _tokenize_without(stop_words, tokenize, document):
    return [token for token in tokenize(document) if token not in stop_words]


def _as_is(document):
    return document
