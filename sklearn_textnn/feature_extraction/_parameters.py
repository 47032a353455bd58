"""Checks of the vectorizer's parameters that one constraint for each of them cannot express."""

from numbers import Integral

import numpy as np

from .._sklearn_compat import check_parameter_constraints
from ._tokenization import find_unmatched_stop_word

# Values that were found to be legal, at most this many. `transform` checks the parameters too, and
# validating them takes as long as encoding a document.
_LEGAL = set()
_MOST = 64


def check_parameters(vectorizer):
    """Check all parameters as `fit` does; remember the values, to check them only once."""
    key = _key(vectorizer)
    try:
        if key in _LEGAL:
            return
    except TypeError:  # not hashable: not legal, or a parameter of a subclass
        key = None
    check_parameter_constraints(vectorizer)
    check_combination(vectorizer)
    if key is None:
        return
    if len(_LEGAL) >= _MOST:
        _LEGAL.clear()
    _LEGAL.add(key)


def _key(vectorizer):
    """Return what decides whether the parameters are legal; 1, 1.0 and True are not the same."""
    names = type(vectorizer)._parameter_constraints
    values = {name: getattr(vectorizer, name) for name in names}
    types = [*map(type, values.values()), *map(type, _items(values["ngram_range"]))]
    values["vocabulary"] = None  # checked where it is used; here its type is enough
    if callable(values["analyzer"]):
        values["analyzer"] = None  # not kept alive
    if isinstance(values["stop_words"], list):
        values["stop_words"] = tuple(values["stop_words"])
    return type(vectorizer), tuple(types), tuple(values.values())


def _items(value):
    return value if isinstance(value, tuple) else ()


def check_combination(vectorizer):
    """Check what the constraints of single parameters do not."""
    n = vectorizer.ngram_range
    if not (len(n) == 2 and all(isinstance(i, Integral) for i in n) and 1 <= n[0] <= n[1]):
        raise ValueError(f"ngram_range={n!r} must be (min_n, max_n) with 1 <= min_n <= max_n.")
    num_words, skip_top = vectorizer.num_words, vectorizer.skip_top
    if vectorizer.vocabulary is None and skip_top >= (num_words or np.inf):
        raise ValueError(
            f"skip_top={skip_top} leaves none of the num_words={num_words} most frequent words; "
            "make it smaller."
        )
    if isinstance(vectorizer.stop_words, list):
        for word in vectorizer.stop_words:
            if not isinstance(word, str):
                raise TypeError(f"stop_words has {word!r}; stop words must be str.")
    if vectorizer.max_terms is not None and vectorizer.handle_unknown == "error":
        raise ValueError(
            "max_terms drops terms, and handle_unknown='error' refuses terms that have no column; "
            "set max_terms=None or another handle_unknown."
        )
    dtype = np.dtype(vectorizer.dtype)
    if dtype.kind not in "biuf" or dtype == np.float16:
        raise ValueError(
            f"dtype={vectorizer.dtype!r} must be a numeric type that sparse matrices have, for "
            "instance numpy.float32."
        )


def check_kind(vectorizer, kind, vocabulary):
    """Refuse parameters that do not go with this kind of documents.

    Parameters
    ----------
    vectorizer : MultiHotVectorizer
        The vectorizer, which has legal parameters.
    kind : {"text", "tokens", "integers"}
        The kind of the documents.
    vocabulary : dict or None
        The vocabulary that the user gave.
    """
    if kind == "integers" and vocabulary is not None:
        raise ValueError(
            "vocabulary is for text and tokens, but X holds integer sequences, where column j is "
            "integer j: leave vocabulary=None."
        )
    if kind == "tokens" and vectorizer.analyzer in ("char", "char_wb"):
        raise ValueError(
            f"analyzer={vectorizer.analyzer!r} needs raw documents, but X holds lists of tokens."
        )


def effects_missing(vectorizer, kind, vocabulary):
    """Yield a message for each parameter, stop word or term of the user that has no effect.

    The parameters are those of `check_kind`.
    """
    unused = _unused(vectorizer, kind)
    if unused:
        reason = "X holds integers" if kind == "integers" else f"analyzer={vectorizer.analyzer!r}"
        yield f"Not used, because {reason}: {', '.join(unused)}."
    if kind != "text" or callable(vectorizer.analyzer):
        return
    if vocabulary and vectorizer.lowercase:
        upper = [term for term in vocabulary if term != term.lower()]
        if upper:
            yield (
                f"No document can match {len(upper)} terms of the vocabulary, such as "
                f"{upper[0]!r}, while lowercase=True."
            )
    if isinstance(vectorizer.stop_words, list) and "stop_words" not in unused:
        unmatched = find_unmatched_stop_word(
            vectorizer.stop_words, vectorizer.analyzer, vectorizer.lowercase
        )
        if unmatched is not None:
            word, tokens = unmatched
            yield (
                f"The stop word {word!r} has no effect, because the analyzer turns it into "
                f"{tokens!r}; use these as stop words."
            )


def _unused(vectorizer, kind):
    """Return the names of parameters that were set and have no effect."""
    defaults = {}
    if kind == "integers":
        defaults = {"analyzer": "keras", "min_df": 1, "max_df": 1.0, "max_terms": None}
    if kind == "integers" or callable(vectorizer.analyzer):
        defaults["ngram_range"] = (1, 1)
    if kind == "integers" or vectorizer.analyzer not in ("keras", "word"):
        defaults["stop_words"] = None
    return [name for name, default in defaults.items() if getattr(vectorizer, name) != default]
