r"""Keras layers that encode documents in a Keras model as `MultiHotVectorizer` does before one.

:func:`~sklearn_textnn.to_keras` makes models with them. Keras reads such a model back from a
``.keras`` file once this module has been imported, which imports Keras and TensorFlow::

    import keras
    import sklearn_textnn.layers
    model = keras.saving.load_model("model.keras")

What `model.export` writes, a SavedModel, needs TensorFlow alone.

Characters are looked up in tables made from Python's own `str` methods. The functions that
TensorFlow has for them follow another edition of Unicode and, worse, the locale of the process:
under a Turkish one, ``tf.strings.lower("I", encoding="utf-8")`` has no dot.
"""

from functools import lru_cache
from itertools import count

import keras
import numpy as np
import tensorflow as tf

from .feature_extraction._tokenization import SEPARATORS

_CODE_POINTS = range(0x110000)
_SPACE = ord(" ")

# Code points in a page of a table: most pages hold nothing that changes, and are kept once.
_PAGE = 256

# So many that two terms of a vocabulary hardly ever share a bucket; where they do, one more.
_MIN_BUCKETS = 2**62


@keras.saving.register_keras_serializable("sklearn_textnn")
class MultiHotText(keras.layers.Layer):
    """Text to 0/1 vectors, as by a `MultiHotVectorizer` fitted on text.

    Parameters
    ----------
    vocabulary : list of str
        The term of each column.
    analyzer : {"keras", "word", "char", "char_wb"}, default="keras"
        How a document becomes terms, as in `MultiHotVectorizer`.
    lowercase : bool, default=True
        Whether documents are lower-cased first.
    ngram_range : tuple (min_n, max_n), default=(1, 1)
        The n-grams that are terms.
    stop_words : list of str, default=()
        Words to leave out before n-grams are made.
    unknown_column : int, default=None
        The column of terms that have none; None leaves them out.
    **kwargs : dict
        `name` and `dtype` of the layer.

    Examples
    --------
    >>> import tensorflow as tf
    >>> from sklearn_textnn.layers import MultiHotText
    >>> layer = MultiHotText(["film", "isn't", "bad"])
    >>> layer(tf.constant(["The film isn't.", "BAD film: bad!"])).numpy().astype(int)
    array([[1, 1, 0],
           [1, 0, 1]])
    """

    def __init__(
        self,
        vocabulary,
        *,
        analyzer="keras",
        lowercase=True,
        ngram_range=(1, 1),
        stop_words=(),
        unknown_column=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.vocabulary = list(vocabulary)
        self.analyzer = analyzer
        self.lowercase = lowercase
        self.ngram_range = tuple(ngram_range)
        self.stop_words = list(stop_words)
        self.unknown_column = unknown_column
        self.supports_jit = False  # XLA has no strings
        self._columns = _Positions(self.vocabulary)
        self._stops = _Positions(self.stop_words) if self.stop_words else None

    def call(self, inputs):
        """Encode documents.

        Parameters
        ----------
        inputs : tensor of str of shape (n_samples,)

        Returns
        -------
        tensor of shape (n_samples, n_columns)
            Zeros and ones.
        """
        terms = self.terms(inputs)
        columns = self._columns.look_up(terms.flat_values)
        if self.unknown_column is not None:
            columns = tf.where(columns < 0, tf.cast(self.unknown_column, tf.int64), columns)
        shape = tf.stack([terms.nrows(), len(self.vocabulary)])
        return _multi_hot(terms.value_rowids(), columns, shape, self.compute_dtype)

    def terms(self, documents):
        """Return the terms of documents, in the order in which they stand.

        Parameters
        ----------
        documents : tensor of str of shape (n_samples,)

        Returns
        -------
        RaggedTensor of str of shape (n_samples, None)
        """
        documents = self._change_characters(documents)
        min_n, max_n = self.ngram_range
        widths = tuple(range(min_n, max_n + 1))
        if self.analyzer == "char":
            characters = tf.strings.unicode_split(documents, "UTF-8")
            return tf.strings.ngrams(characters, widths, separator="")
        words = tf.strings.split(documents)
        if self.analyzer == "char_wb":
            words = tf.ragged.map_flat_values(lambda word: " " + word + " ", words)
            characters = tf.strings.unicode_split(words, "UTF-8")
            # A padded word shorter than n is an n-gram by itself, as in CountVectorizer.
            grams = tf.strings.ngrams(
                characters, widths, separator="", preserve_short_sequences=True
            )
            return grams.merge_dims(1, 2)
        if self.analyzer == "word":  # of two characters or more, as in CountVectorizer
            words = _where(tf.strings.length(words.flat_values, unit="UTF8_CHAR") > 1, words)
        if self._stops is not None:
            words = _where(self._stops.look_up(words.flat_values) < 0, words)
        return words if widths == (1,) else tf.strings.ngrams(words, widths)

    def _change_characters(self, documents):
        """Lower-case, and put spaces where words end."""
        if self.lowercase:
            for pattern, replacement in _lower_case_in_context():
                documents = tf.strings.regex_replace(documents, pattern, replacement)
        if self.analyzer == "char":
            documents = tf.strings.regex_replace(documents, _runs_of_white_space(), " ")
        pages, changes = _changes(self.analyzer, self.lowercase)

        def change(codes):
            changed = tf.gather(changes, tf.gather(pages, codes // _PAGE) * _PAGE + codes % _PAGE)
            return tf.where(changed == 0, codes, changed)

        codes = tf.strings.unicode_decode(documents, "UTF-8")
        return tf.strings.unicode_encode(tf.ragged.map_flat_values(change, codes), "UTF-8")

    def compute_output_shape(self, input_shape):
        """Return the shape of what `call` returns."""
        return (input_shape[0], len(self.vocabulary))

    def get_config(self):
        """Return what `from_config` makes the same layer of."""
        return super().get_config() | {
            "vocabulary": self.vocabulary,
            "analyzer": self.analyzer,
            "lowercase": self.lowercase,
            "ngram_range": self.ngram_range,
            "stop_words": self.stop_words,
            "unknown_column": self.unknown_column,
        }


@keras.saving.register_keras_serializable("sklearn_textnn")
class MultiHotIntegers(keras.layers.Layer):
    """Integer sequences to 0/1 vectors, as by a `MultiHotVectorizer` fitted on integers.

    Parameters
    ----------
    num_columns : int
        Column j is integer j.
    skip_top : int, default=0
        Integers below it are unknown.
    unknown_column : int, default=None
        The column of integers that have none; None leaves them out.
    **kwargs : dict
        `name` and `dtype` of the layer.

    Examples
    --------
    >>> import tensorflow as tf
    >>> from sklearn_textnn.layers import MultiHotIntegers
    >>> MultiHotIntegers(4)(tf.constant([[1, 3, 3], [0, 9, -1]])).numpy().astype(int)
    array([[0, 1, 0, 1],
           [1, 0, 0, 0]])
    """

    def __init__(self, num_columns, *, skip_top=0, unknown_column=None, **kwargs):
        super().__init__(**kwargs)
        self.num_columns = num_columns
        self.skip_top = skip_top
        self.unknown_column = unknown_column

    def call(self, inputs):
        """Encode sequences.

        Parameters
        ----------
        inputs : tensor of int of shape (n_samples, length)
            Sequences of one length, filled up with -1.

        Returns
        -------
        tensor of shape (n_samples, n_columns)
            Zeros and ones.
        """
        inputs = tf.cast(inputs, tf.int64)
        unknown = -1 if self.unknown_column is None else self.unknown_column
        known = (inputs >= self.skip_top) & (inputs < self.num_columns)
        columns = tf.where(known | (inputs < 0), inputs, tf.cast(unknown, tf.int64))
        shape = tf.shape(inputs, tf.int64)
        rows = tf.repeat(tf.range(shape[0]), shape[1])
        shape = tf.stack([shape[0], self.num_columns])
        return _multi_hot(rows, tf.reshape(columns, [-1]), shape, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        """Return the shape of what `call` returns."""
        return (input_shape[0], self.num_columns)

    def get_config(self):
        """Return what `from_config` makes the same layer of."""
        return super().get_config() | {
            "num_columns": self.num_columns,
            "skip_top": self.skip_top,
            "unknown_column": self.unknown_column,
        }


def _multi_hot(rows, columns, shape, dtype):
    """Return zeros, with ones where a row has a column that is not negative."""
    at = tf.boolean_mask(tf.stack([rows, columns], axis=1), columns >= 0)
    ones = tf.ones(tf.shape(at)[:1], dtype)
    return tf.tensor_scatter_nd_update(tf.zeros(shape, dtype), at, ones)


def _where(kept, words):
    """Return the words to keep, as one boolean for each of them says."""
    return tf.ragged.boolean_mask(words, words.with_flat_values(kept))


class _Positions:
    """The position of each term in a list, to be looked up by TensorFlow.

    A hash table of TensorFlow would do the same, but older versions of Keras, 3.8 among them, leave
    out of a SavedModel what tables a layer of others has.
    """

    def __init__(self, terms):
        terms = np.array([term.encode("utf-8", "surrogatepass") for term in terms], dtype=object)
        for n_buckets in count(_MIN_BUCKETS):
            hashes = tf.strings.to_hash_bucket_fast(terms, n_buckets).numpy()
            if np.unique(hashes).size == terms.size:
                break
        self._n_buckets = n_buckets
        self._order = np.argsort(hashes)
        self._hashes = hashes[self._order]
        self._terms = terms[self._order]

    def look_up(self, terms):
        """Return the position of each term, and -1 for any other string."""
        hashes = tf.strings.to_hash_bucket_fast(terms, self._n_buckets)
        at = tf.searchsorted(self._hashes, hashes)
        at = tf.minimum(at, len(self._terms) - 1)
        return tf.where(tf.gather(self._terms, at) == terms, tf.gather(self._order, at), -1)


@lru_cache
def _changes(analyzer, lowercase):
    """Return, as pages, what each code point becomes: 0 where it stays, a space where terms end."""
    changes = np.zeros(len(_CODE_POINTS), dtype=np.int32)
    separators = SEPARATORS.decode()
    for code in _CODE_POINTS:
        character = chr(code)
        if lowercase:
            lower = character.lower()
            if lower != character:
                changes[code] = ord(lower[0])
                character = lower[0]
        if (
            (analyzer != "char" and character.isspace())
            or (analyzer == "keras" and character in separators)
            or (analyzer == "word" and not (character.isalnum() or character == "_"))
        ):
            changes[code] = _SPACE
    changes, pages = np.unique(changes.reshape(-1, _PAGE), axis=0, return_inverse=True)
    return pages.astype(np.int32).ravel(), changes.ravel()


@lru_cache
def _lower_case_in_context():
    """Return the pairs of pattern and replacement that lower-case what is not one by one.

    A capital sigma becomes the final one after a cased letter and before none, where letters that
    are case-ignorable do not count (The Unicode Standard, table 3-17).
    """
    characters = [chr(code) for code in _CODE_POINTS if not 0xD800 <= code < 0xE000]
    longer = [(c, c.lower()) for c in characters if len(c.lower()) > 1]
    cased = [c for c in characters if (c + "Σ").lower().endswith("ς")]
    ignorable = [c for c in characters if ("A" + c + "Σ").lower().endswith("ς")]
    cased, ignorable = _character_class(cased), _character_class(set(ignorable) - set(cased))
    before_cased = f"Σ({ignorable}*{cased})", r"σ\1"  # noqa: RUF001
    # Twice, because a match cannot begin in the letter that the one before it ends with.
    return [*longer, before_cased, before_cased, (f"({cased}{ignorable}*)Σ", r"\1ς")]


@lru_cache
def _runs_of_white_space():
    return _character_class(chr(c) for c in _CODE_POINTS if chr(c).isspace()) + "{2,}"


def _character_class(characters):
    """Return a class of RE2 that matches each of the characters."""
    codes = np.array(sorted(map(ord, characters)))
    ranges = np.split(codes, np.flatnonzero(np.diff(codes) > 1) + 1)
    return "[" + "".join(rf"\x{{{r[0]:x}}}-\x{{{r[-1]:x}}}" for r in ranges) + "]"
