r"""Keras layers that encode and weigh documents inside a Keras model.

`MultiHotText` and `MultiHotIntegers` do what `MultiHotVectorizer` does. `TermWeights` does what
`LogCountRatioTransformer` and scikit-learn's `TfidfTransformer` do.

:func:`~sklearn_textnn.to_keras` makes models with these layers. To read such a model from a
``.keras`` file, import this module first. The import takes Keras and TensorFlow with it::

    import keras
    import sklearn_textnn.layers
    model = keras.saving.load_model("model.keras")

A SavedModel, written by `model.export`, needs only TensorFlow.

`MultiHotText` looks characters up in tables made from Python's own `str` methods. TensorFlow's
functions for the same follow another version of Unicode, and they depend on the locale of the
process: under a Turkish locale, ``tf.strings.lower("I", encoding="utf-8")`` is a dotless i.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from numbers import Integral
from typing import TYPE_CHECKING

import keras
import numpy as np
import tensorflow as tf

from .feature_extraction._tokenization import SEPARATORS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Literal

    from typing_extensions import Self

_ANALYZERS = ("keras", "word", "char", "char_wb")
_NORMS = ("l1", "l2")

# A file with longer n-grams or more columns would exhaust the memory.
_MAX_N = 100
_MAX_COLUMNS = 2**31 - 1

_CODE_POINTS = range(0x110000)
_SPACE = ord(" ")

# Code points in a page of a table. Most pages are equal to others and are stored once.
_PAGE = 256

# With so many buckets, two terms of a vocabulary hardly ever share one. If they do, another number
# of buckets is tried. No number of tries separates terms that were made to share all buckets.
_MIN_BUCKETS = 2**62
_MAX_TRIES = 100


class _CheckedLayer(keras.layers.Layer):
    """A layer that is made from its config as its class is called, with the same errors."""

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Return the layer that these arguments make, or raise ValueError."""
        try:
            return cls(**config)
        except TypeError as error:
            raise ValueError(f"{cls.__name__} cannot be made of {config!r}: {error}") from error


@keras.saving.register_keras_serializable("sklearn_textnn")
class MultiHotText(_CheckedLayer):
    """Text to 0/1 vectors, like a `MultiHotVectorizer` that was fitted on text.

    Parameters
    ----------
    vocabulary : list of str
        The term of each column. At least one term, each only once.
    analyzer : {"keras", "word", "char", "char_wb"}, default="keras"
        How a document is split into terms, as in `MultiHotVectorizer`.
    lowercase : bool, default=True
        Whether documents are lower-cased first.
    ngram_range : tuple (min_n, max_n), default=(1, 1)
        The terms are n-grams of min_n to max_n words or characters, with
        1 <= min_n <= max_n <= 100.
    stop_words : list of str, default=()
        Words that are left out before n-grams are made. Each only once.
    unknown_column : int, default=None
        The column of all terms that are not in `vocabulary`. None leaves such terms out.
    **kwargs : dict
        `name` and `dtype` of the layer.

    Raises
    ------
    ValueError
        If an argument is not legal. The arguments may come from a ``.keras`` file.

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
        vocabulary: Sequence[str] | np.ndarray[Any, Any],
        *,
        analyzer: Literal["keras", "word", "char", "char_wb"] = "keras",
        lowercase: bool = True,
        ngram_range: tuple[int, int] = (1, 1),
        stop_words: Sequence[str] = (),
        unknown_column: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.vocabulary = _checked_terms("vocabulary", vocabulary)
        if not self.vocabulary:
            raise ValueError("vocabulary is empty; give at least one term")
        if not isinstance(analyzer, str) or analyzer not in _ANALYZERS:
            raise ValueError(f"analyzer must be one of {_ANALYZERS}; got {analyzer!r}")
        self.analyzer = analyzer
        self.lowercase = _checked_bool("lowercase", lowercase)
        self.ngram_range = _checked_ngram_range(ngram_range)
        self.stop_words = _checked_terms("stop_words", stop_words)
        self.unknown_column = _checked_unknown_column(unknown_column, len(self.vocabulary))
        self.supports_jit = False  # XLA has no strings
        self._columns = _Positions("vocabulary", self.vocabulary)
        self._stops = _Positions("stop_words", self.stop_words) if self.stop_words else None

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Encode documents.

        Parameters
        ----------
        inputs : tensor of str of shape (n_samples,)

        Returns
        -------
        tensor of shape (n_samples, n_columns)
            Zeros and ones.
        """
        if inputs.dtype != tf.string or inputs.shape.rank not in (None, 1):
            raise ValueError(
                "MultiHotText takes a tensor of str of shape (n_samples,); got one of "
                f"{inputs.dtype.name} of shape {inputs.shape}"
            )
        terms = self.terms(inputs)
        columns = self._columns.look_up(terms.flat_values)
        if self.unknown_column is not None:
            columns = tf.where(columns < 0, tf.cast(self.unknown_column, tf.int64), columns)
        shape = tf.stack([terms.nrows(), len(self.vocabulary)])
        return _multi_hot(terms.value_rowids(), columns, shape, self.compute_dtype)

    def terms(self, documents: tf.Tensor) -> tf.RaggedTensor:
        """Return the terms of each document, in order.

        Parameters
        ----------
        documents : tensor of str of shape (n_samples,)
            The documents.

        Returns
        -------
        RaggedTensor of str of shape (n_samples, None)
            The terms, one row for each document.
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
            # As in CountVectorizer, a padded word that is shorter than n is one n-gram.
            grams = tf.strings.ngrams(
                characters, widths, separator="", preserve_short_sequences=True
            )
            return grams.merge_dims(1, 2)
        if self.analyzer == "word":  # at least two characters, as in CountVectorizer
            words = _where(tf.strings.length(words.flat_values, unit="UTF8_CHAR") > 1, words)
        if self._stops is not None:
            words = _where(self._stops.look_up(words.flat_values) < 0, words)
        return words if widths == (1,) else tf.strings.ngrams(words, widths)

    def _change_characters(self, documents):
        """Lower-case, and replace with spaces what separates words."""
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

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of the output of `call`."""
        return (input_shape[0], len(self.vocabulary))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make the same layer."""
        return super().get_config() | {
            "vocabulary": self.vocabulary,
            "analyzer": self.analyzer,
            "lowercase": self.lowercase,
            "ngram_range": list(self.ngram_range),
            "stop_words": self.stop_words,
            "unknown_column": self.unknown_column,
        }


@keras.saving.register_keras_serializable("sklearn_textnn")
class MultiHotIntegers(_CheckedLayer):
    """Integer sequences to 0/1 vectors, like a `MultiHotVectorizer` that was fitted on integers.

    Parameters
    ----------
    num_columns : int
        Number of columns, from 1 to 2**31 - 1. Column j is integer j.
    skip_top : int, default=0
        Integers below it are unknown. At most `num_columns`.
    unknown_column : int, default=None
        The column of all unknown integers. None leaves them out.
    **kwargs : dict
        `name` and `dtype` of the layer.

    Raises
    ------
    ValueError
        If an argument is not legal. The arguments may come from a ``.keras`` file.

    Examples
    --------
    >>> import tensorflow as tf
    >>> from sklearn_textnn.layers import MultiHotIntegers
    >>> MultiHotIntegers(4)(tf.constant([[1, 3, 3], [0, 9, -1]])).numpy().astype(int)
    array([[0, 1, 0, 1],
           [1, 0, 0, 0]])
    """

    def __init__(
        self,
        num_columns: int,
        *,
        skip_top: int = 0,
        unknown_column: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_columns = _checked_int("num_columns", num_columns, 1, _MAX_COLUMNS)
        self.skip_top = _checked_int("skip_top", skip_top, 0, self.num_columns)
        self.unknown_column = _checked_unknown_column(unknown_column, self.num_columns)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Encode sequences.

        Parameters
        ----------
        inputs : tensor of int of shape (n_samples, length)
            Sequences, padded to one length with -1.

        Returns
        -------
        tensor of shape (n_samples, n_columns)
            Zeros and ones.
        """
        if not inputs.dtype.is_integer or inputs.shape.rank not in (None, 2):
            raise ValueError(
                "MultiHotIntegers takes a tensor of integers of shape (n_samples, length); got one "
                f"of {inputs.dtype.name} of shape {inputs.shape}"
            )
        inputs = tf.cast(inputs, tf.int64)
        unknown = -1 if self.unknown_column is None else self.unknown_column
        known = (inputs >= self.skip_top) & (inputs < self.num_columns)
        columns = tf.where(known | (inputs < 0), inputs, tf.cast(unknown, tf.int64))
        shape = tf.shape(inputs, tf.int64)
        rows = tf.repeat(tf.range(shape[0]), shape[1])
        shape = tf.stack([shape[0], self.num_columns])
        return _multi_hot(rows, tf.reshape(columns, [-1]), shape, self.compute_dtype)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of the output of `call`."""
        return (input_shape[0], self.num_columns)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make the same layer."""
        return super().get_config() | {
            "num_columns": self.num_columns,
            "skip_top": self.skip_top,
            "unknown_column": self.unknown_column,
        }


@keras.saving.register_keras_serializable("sklearn_textnn")
class TermWeights(_CheckedLayer):
    """Weigh vectors, like a fitted `TfidfTransformer` or `LogCountRatioTransformer`.

    Each value is multiplied by the weight of its column, and each row is then divided by its norm.
    A row of zeros stays one.

    Parameters
    ----------
    norm : {"l1", "l2"} or None, default="l2"
        The norm of each row of the output. None leaves the rows as they are.
    use_weights : bool, default=True
        Whether the columns have weights.
    sublinear_tf : bool, default=False
        Whether a value x other than 0 becomes 1 + log(x) first.
    **kwargs : dict
        `name` and `dtype` of the layer.

    Attributes
    ----------
    term_weights : keras.Variable of shape (n_columns,) or None
        The weight of each column, for example its idf, 1 until it is set. Training does not change
        it. A ``.keras`` file holds it with the weights of the network, and not in the config. None
        without `use_weights`, and before the layer is built.

    Raises
    ------
    ValueError
        If an argument is not legal. The arguments may come from a ``.keras`` file.

    Examples
    --------
    >>> import numpy as np
    >>> import tensorflow as tf
    >>> from sklearn_textnn.layers import TermWeights
    >>> layer = TermWeights(norm="l1")
    >>> layer.build((None, 3))
    >>> layer.set_weights([np.array([1.0, 3.0, 2.0])])
    >>> layer(tf.constant([[2, 2, 0], [0, 0, 0]])).numpy().tolist()
    [[0.25, 0.75, 0.0], [0.0, 0.0, 0.0]]
    """

    def __init__(
        self,
        *,
        norm: Literal["l1", "l2"] | None = "l2",
        use_weights: bool = True,
        sublinear_tf: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if norm is not None and (not isinstance(norm, str) or norm not in _NORMS):
            raise ValueError(f"norm must be one of {_NORMS} or None; got {norm!r}")
        self.norm = norm
        self.use_weights = _checked_bool("use_weights", use_weights)
        self.sublinear_tf = _checked_bool("sublinear_tf", sublinear_tf)
        self.term_weights = None
        self.input_spec = keras.InputSpec(ndim=2)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weight for inputs of shape (n_samples, n_columns)."""
        n_columns = input_shape[1]
        if self.use_weights and n_columns is None:
            raise ValueError(
                "TermWeights needs the number of columns, for its weights; give it in the shape of "
                "keras.Input"
            )
        if self.use_weights:
            self.term_weights = self.add_weight(
                shape=(n_columns,), initializer="ones", trainable=False, name="term_weights"
            )
        self.input_spec = keras.InputSpec(ndim=2, axes={1: n_columns})

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Weigh vectors.

        Parameters
        ----------
        inputs : tensor of shape (n_samples, n_columns)
            Integers or floats.

        Returns
        -------
        tensor of shape (n_samples, n_columns)
            The weighted vectors.
        """
        if isinstance(inputs, tf.SparseTensor):
            raise ValueError("TermWeights takes a dense tensor; use keras.Input with sparse=False")
        if inputs.dtype == tf.string:
            raise ValueError("TermWeights takes a tensor of numbers; got one of str")
        x = tf.cast(inputs, self.compute_dtype)
        if self.sublinear_tf:
            x = tf.where(x == 0, x, tf.math.log(_one_for_zero(x)) + 1)
        if self.term_weights is not None:
            # 0 stays 0 where the weight is infinite. The idf of a term that was not seen in fit is,
            # without smoothing.
            x = tf.math.multiply_no_nan(self.term_weights, x)
        if self.norm == "l1":
            x /= _one_for_zero(tf.reduce_sum(tf.abs(x), axis=1, keepdims=True))
        elif self.norm == "l2":
            x /= tf.sqrt(_one_for_zero(tf.reduce_sum(tf.square(x), axis=1, keepdims=True)))
        return x

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of the output of `call`."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make the same layer, its weight aside."""
        return super().get_config() | {
            "norm": self.norm,
            "use_weights": self.use_weights,
            "sublinear_tf": self.sublinear_tf,
        }


def _checked_terms(name, terms):
    """Return a list of distinct str."""
    if not isinstance(terms, (list, tuple, np.ndarray)):
        raise ValueError(f"{name} must be a list of str; got a {type(terms).__name__}")
    for term in terms:
        if not isinstance(term, str):
            raise ValueError(f"{name} must hold only str; it holds {term!r}")
    terms = [str(term) for term in terms]
    (most_common, times), *_ = Counter(terms).most_common(1) or [("", 0)]
    if times > 1:
        raise ValueError(f"{name} holds {most_common!r} more than once")
    return terms


def _checked_int(name, value, low, high):
    """Return an int from low to high."""
    is_int = isinstance(value, Integral) and not isinstance(value, bool)
    if not (is_int and low <= value <= high):
        raise ValueError(f"{name} must be an int from {low} to {high}; got {value!r}")
    return int(value)


def _checked_bool(name, value):
    if not isinstance(value, (bool, np.bool_)):
        raise ValueError(f"{name} must be True or False; got {value!r}")
    return bool(value)


def _checked_unknown_column(column, n_columns):
    return None if column is None else _checked_int("unknown_column", column, 0, n_columns - 1)


def _checked_ngram_range(ngram_range):
    """Return (min_n, max_n)."""
    if not isinstance(ngram_range, (list, tuple)) or len(ngram_range) != 2:
        raise ValueError(f"ngram_range must be (min_n, max_n); got {ngram_range!r}")
    max_n = _checked_int("max_n of ngram_range", ngram_range[1], 1, _MAX_N)
    return _checked_int("min_n of ngram_range", ngram_range[0], 1, max_n), max_n


def _multi_hot(rows, columns, shape, dtype):
    """Return zeros, with ones where a row has a column; columns out of range are left out."""
    kept = (columns >= 0) & (columns < shape[1])
    at = tf.boolean_mask(tf.stack([rows, columns], axis=1), kept)
    ones = tf.ones(tf.shape(at)[:1], dtype)
    return tf.tensor_scatter_nd_update(tf.zeros(shape, dtype), at, ones)


def _one_for_zero(x):
    """Return `x` with ones in the place of zeros."""
    return tf.where(x == 0, tf.ones_like(x), x)


def _where(kept, words):
    """Return the words for which `kept`, one boolean for each word, is true."""
    return tf.ragged.boolean_mask(words, words.with_flat_values(kept))


class _Positions:
    """The position of each term in a list, looked up by TensorFlow.

    TensorFlow's own hash tables would do the same. But older versions of Keras, such as 3.8, leave
    the tables of a custom layer out of a SavedModel.
    """

    def __init__(self, name, terms):
        terms = np.array([term.encode("utf-8", "surrogatepass") for term in terms], dtype=object)
        for n_buckets in range(_MIN_BUCKETS, _MIN_BUCKETS + _MAX_TRIES):
            hashes = tf.strings.to_hash_bucket_fast(terms, n_buckets).numpy()
            if np.unique(hashes).size == terms.size:
                break
        else:
            raise ValueError(f"{name} holds different terms with the same hash; change one of them")
        self._n_buckets = n_buckets
        self._order = np.argsort(hashes)
        self._hashes = hashes[self._order]
        self._terms = terms[self._order]

    def look_up(self, terms):
        """Return the position of each term, and -1 for a term that is not in the list."""
        hashes = tf.strings.to_hash_bucket_fast(terms, self._n_buckets)
        at = tf.searchsorted(self._hashes, hashes)
        at = tf.minimum(at, len(self._terms) - 1)
        return tf.where(tf.gather(self._terms, at) == terms, tf.gather(self._order, at), -1)


@lru_cache
def _changes(analyzer, lowercase):
    """Return what each code point becomes, in pages, and the number of each page.

    0 means that the code point stays. A space means that it separates terms.
    """
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
    """Return patterns and replacements for letters that are not lower-cased one by one.

    Some letters become two. A capital sigma becomes a final sigma after a cased letter, unless a
    cased letter follows. Case-ignorable letters in between do not count (The Unicode Standard,
    table 3-17).
    """
    characters = [chr(code) for code in _CODE_POINTS if not 0xD800 <= code < 0xE000]
    longer = [(c, c.lower()) for c in characters if len(c.lower()) > 1]
    cased = [c for c in characters if (c + "Σ").lower().endswith("ς")]
    ignorable = [c for c in characters if ("A" + c + "Σ").lower().endswith("ς")]
    cased, ignorable = _character_class(cased), _character_class(set(ignorable) - set(cased))
    before_cased = f"Σ({ignorable}*{cased})", r"σ\1"  # noqa: RUF001
    # Twice, because a match cannot start in the letter that ends the previous match.
    return [*longer, before_cased, before_cased, (f"({cased}{ignorable}*)Σ", r"\1ς")]


@lru_cache
def _runs_of_white_space():
    return _character_class(chr(c) for c in _CODE_POINTS if chr(c).isspace()) + "{2,}"


def _character_class(characters):
    """Return a character class of RE2."""
    codes = np.array(sorted(map(ord, characters)))
    ranges = np.split(codes, np.flatnonzero(np.diff(codes) > 1) + 1)
    return "[" + "".join(rf"\x{{{r[0]:x}}}-\x{{{r[-1]:x}}}" for r in ranges) + "]"
