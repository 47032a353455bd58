"""Documents to 0/1 vectors: raw text, lists of tokens, or integer sequences."""

import warnings
from collections import defaultdict
from collections.abc import Mapping, Set
from functools import lru_cache
from itertools import repeat
from numbers import Integral
from operator import index
from typing import ClassVar

import numpy as np
import scipy.sparse as sp
from sklearn import get_config
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.utils.validation import check_array, check_is_fitted

from .._persistence import PersistentMixin, check_complete
from .._sklearn_compat import HasMethods, Interval, RealNotInt, StrOptions, _fit_context
from ._documents import flatten_integers, read_documents

# What the Keras data sets were split at, besides white space. Bytes translate ten times faster
# than str, and in UTF-8 no byte of any other character looks like one of these.
_SEPARATORS = b'!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'
_TO_SPACES = bytes.maketrans(_SEPARATORS, b" " * len(_SEPARATORS))

_MAX_COLUMNS = np.iinfo(np.int64).max


class MultiHotVectorizer(PersistentMixin, TransformerMixin, BaseEstimator):
    r"""Encode documents as 0/1 vectors over the most frequent words.

    ``X[i, j]`` is 1 if document i has word j, however often, and 0 otherwise. For counts, tf-idf
    or a vocabulary without a limit of its own,
    :class:`~sklearn.feature_extraction.text.CountVectorizer` does as well; this class keeps the
    tokenization and the word ranks of the Keras data sets, and reads their integer sequences.

    Parameters
    ----------
    num_words : int or None, default=10_000
        How many of the most frequent words to keep, counted over all training documents; None
        keeps all. Fewer make a smaller and faster network. Integers at or above it are unknown,
        and None there means the largest integer in training plus one. Not used with a
        `vocabulary`.

    skip_top : int, default=0
        Leave out this many of the `num_words` most frequent words, as ``load_data`` of the Keras
        data sets does: ``num_words - skip_top`` columns remain. Integers below it are unknown,
        but keep their columns. Not used with a `vocabulary`.

    analyzer : {"keras", "word", "char", "char_wb"} or callable, default="keras"
        How a raw document becomes terms. "keras" splits at white space and at
        ``!"#$%&()*+,-./:;<=>?@[\]^_`{|}~``, so that apostrophes and one-letter words stay. The
        others mean what they mean in :class:`~sklearn.feature_extraction.text.CountVectorizer`.
        Lists of tokens are used as they are, unless it is callable, which gets the list.

    lowercase : bool, default=True
        Lower-case raw documents before they are split. Tokens are left alone.

    ngram_range : tuple (min_n, max_n), default=(1, 1)
        Terms are the n-grams of min_n to max_n words or characters. Many more terms compete for
        the `num_words` columns. Not used with a callable `analyzer`.

    stop_words : {"english"}, list or None, default=None
        Words to leave out before n-grams are made. Only for "keras" and "word".

    min_df : float in range [0.0, 1.0] or int, default=1
        Leave out terms in fewer documents: a count, or a proportion when it is a float. This and
        `max_df` come before `skip_top` and `num_words`. Not used with a `vocabulary`.

    max_df : float in range [0.0, 1.0] or int, default=1.0
        Leave out terms in more documents: a count, or a proportion when it is a float.

    vocabulary : Mapping or iterable, default=None
        Terms and their columns, or the terms in the order of their columns, instead of those of
        the training documents. Only for text and tokens.

    handle_unknown : {"ignore", "error"} or int, default="ignore"
        What a term without a column, or an integer out of range, does: nothing, an error that
        names the row (also in `fit`), or set this column. The column also stays that of its own
        term, so put a placeholder there, as Keras does with the integer 2.

    dtype : dtype, default=np.float32
        Type of the values.

    sparse_output : bool, default=True
        Return a CSR matrix, or else a dense array, which takes ``4 * n_samples * n_columns``
        bytes in float32.

    Attributes
    ----------
    vocabulary_ : dict or None
        Term to column; most frequent first, ties in order of first appearance. None after
        integers, where column j is integer j.

    input_kind_ : {"text", "tokens", "integers"}
        What `fit` got. `transform` takes the same kind only.

    See Also
    --------
    sklearn.feature_extraction.text.CountVectorizer : Counts; columns in alphabetical order.
    sklearn.feature_extraction.text.HashingVectorizer : No vocabulary, so no names of columns.
    sklearn.preprocessing.MultiLabelBinarizer : The same matrix for sets of labels.

    Notes
    -----
    Raw documents may be bytes in UTF-8 and may come from a generator. Sequences may be lists,
    tuples, arrays or the rows of a 2-D integer array (the padding is then a word like any
    other). Rows in error messages are positions, from 0, whatever the index of a Series is.

    Memory and time are linear in the number of tokens. The result is the same in every process;
    a pickle holds the parameters and the vocabulary.

    References
    ----------
    `keras.datasets.imdb.load_data <https://keras.io/api/datasets/imdb/>`_ : the meaning of
    `num_words` and `skip_top`, and the separators of ``analyzer="keras"``.

    Examples
    --------
    >>> from sklearn_textnn import MultiHotVectorizer
    >>> vectorizer = MultiHotVectorizer(num_words=3)
    >>> X = vectorizer.fit_transform(["The film isn't bad.", "Bad film: a bad, BAD film!"])
    >>> vectorizer.get_feature_names_out()
    array(['bad', 'film', 'the'], dtype=object)
    >>> X.toarray().astype(int)
    array([[1, 1, 1],
           [1, 1, 0]])
    """

    _parameter_constraints: ClassVar[dict] = {
        "num_words": [Interval(Integral, 1, None, closed="left"), None],
        "skip_top": [Interval(Integral, 0, None, closed="left")],
        "analyzer": [StrOptions({"keras", "word", "char", "char_wb"}), callable],
        "lowercase": ["boolean"],
        "ngram_range": [tuple],
        "stop_words": [StrOptions({"english"}), list, None],
        "min_df": [
            Interval(RealNotInt, 0, 1, closed="both"),
            Interval(Integral, 1, None, closed="left"),
        ],
        "max_df": [
            Interval(RealNotInt, 0, 1, closed="both"),
            Interval(Integral, 1, None, closed="left"),
        ],
        "vocabulary": [Mapping, HasMethods("__iter__"), None],
        "handle_unknown": [
            StrOptions({"ignore", "error"}),
            Interval(Integral, 0, None, closed="left"),
        ],
        "dtype": "no_validation",  # NumPy knows
        "sparse_output": ["boolean"],
    }

    def __init__(
        self,
        num_words=10_000,
        *,
        skip_top=0,
        analyzer="keras",
        lowercase=True,
        ngram_range=(1, 1),
        stop_words=None,
        min_df=1,
        max_df=1.0,
        vocabulary=None,
        handle_unknown="ignore",
        dtype=np.float32,
        sparse_output=True,
    ):
        self.num_words = num_words
        self.skip_top = skip_top
        self.analyzer = analyzer
        self.lowercase = lowercase
        self.ngram_range = ngram_range
        self.stop_words = stop_words
        self.min_df = min_df
        self.max_df = max_df
        self.vocabulary = vocabulary
        self.handle_unknown = handle_unknown
        self.dtype = dtype
        self.sparse_output = sparse_output

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Learn the vocabulary, or how many integers there are.

        Parameters
        ----------
        X : iterable of str, of lists of str, or of sequences of int
            The training documents.
        y : None
            Ignored.

        Returns
        -------
        self : object
            The fitted vectorizer.
        """
        self._fit(X)
        return self

    @_fit_context(prefer_skip_nested_validation=True)
    def fit_transform(self, X, y=None):
        """Fit and encode the training documents, which are read only once.

        Parameters
        ----------
        X : iterable of str, of lists of str, or of sequences of int
            The training documents.
        y : None
            Ignored.

        Returns
        -------
        X : CSR matrix or ndarray of shape (n_samples, n_columns)
            Zeros and ones, one row for each document.
        """
        return self._output(self._fit(X))

    def transform(self, X):
        """Encode documents of the kind that `fit` got.

        Parameters
        ----------
        X : iterable of str, of lists of str, or of sequences of int
            The documents.

        Returns
        -------
        X : CSR matrix or ndarray of shape (n_samples, n_columns)
            Zeros and ones, one row for each document.
        """
        check_is_fitted(self)
        kind, documents = read_documents(X, self.input_kind_)
        if kind == "integers":
            encoded = self._encode_integers(*flatten_integers(documents), self._n_features_out)
        else:
            terms = map(self._cached_analyzer(kind), documents)
            encoded = self._encode_terms(terms, self.vocabulary_)
        return self._output(encoded)

    def inverse_transform(self, X):
        """Name the columns that are not zero in each row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_columns)
            Encoded documents.

        Returns
        -------
        names : list of n_samples ndarrays of str objects
            The names that `get_feature_names_out` has for them, in the order of the columns.
        """
        check_is_fitted(self)
        X = sp.csr_matrix(check_array(X, accept_sparse="csr"), copy=True)
        if X.shape[1] != self._n_features_out:
            raise ValueError(
                f"X has {X.shape[1]} columns, but this vectorizer makes {self._n_features_out}."
            )
        X.sum_duplicates()
        X.eliminate_zeros()
        names = self.get_feature_names_out()
        return np.split(names[X.indices], X.indptr[1:-1])

    def get_feature_names_out(self, input_features=None):
        """Name the columns: the terms, or the integers as text.

        Parameters
        ----------
        input_features : None
            Ignored.

        Returns
        -------
        names : ndarray of str objects of shape (n_columns,)
            The names.
        """
        check_is_fitted(self)
        if self.vocabulary_ is None:
            return np.array([str(j) for j in range(self._n_features_out)], dtype=object)
        names = np.empty(self._n_features_out, dtype=object)
        for term, column in self.vocabulary_.items():
            names[column] = term
        return names

    def build_analyzer(self):
        """Return the function that turns one document into its terms.

        Returns
        -------
        analyzer : callable
            From a str, or from a list of tokens after `fit` on tokens, to a list of terms.
        """
        return self._cached_analyzer(getattr(self, "input_kind_", "text"))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.transformer_tags.preserves_dtype = []
        return tags

    def _check_loaded(self):
        if not check_complete(vars(self), ("input_kind_", "vocabulary_", "_n_features_out")):
            return
        if (self.vocabulary_ is None) != (self.input_kind_ == "integers"):
            raise ValueError("the kind of documents and the vocabulary do not fit together")
        if self.input_kind_ not in ("text", "tokens", "integers"):
            raise ValueError(f"there is no kind of documents {self.input_kind_!r}")
        columns = range(self._n_features_out)
        if self.vocabulary_ is not None and sorted(self.vocabulary_.values()) != [*columns]:
            raise ValueError("the terms do not have one column each")

    def _fit(self, X):
        """Fit and return the CSR matrix of the training documents; set attributes last."""
        self._check_parameters()
        vocabulary = self._given_vocabulary()
        kind, documents = read_documents(X)
        self._check_kind(kind, vocabulary)
        if kind == "integers":
            integers, indptr = flatten_integers(documents)
            n_columns = (
                int(integers.max(initial=0)) + 1 if self.num_words is None else self.num_words
            )
            if n_columns > _MAX_COLUMNS:
                raise ValueError(
                    f"{n_columns} columns, one for each integer, are more than a matrix can have; "
                    f"set num_words to {_MAX_COLUMNS} or less."
                )
            encoded = self._encode_integers(integers, indptr, n_columns)
        else:
            terms = map(self._cached_analyzer(kind), documents)
            if vocabulary is None:
                vocabulary, encoded = self._learn(terms)
            else:
                encoded = self._encode_terms(terms, vocabulary)
        self.input_kind_ = kind
        self.vocabulary_ = vocabulary
        self._n_features_out = encoded.shape[1]
        return encoded

    def _check_parameters(self):
        """Check what one constraint for each parameter cannot say."""
        n = self.ngram_range
        if not (len(n) == 2 and all(isinstance(i, Integral) for i in n) and 1 <= n[0] <= n[1]):
            raise ValueError(f"ngram_range={n!r} must be (min_n, max_n) with 1 <= min_n <= max_n.")
        if self.vocabulary is None and self.skip_top >= (self.num_words or np.inf):
            raise ValueError(
                f"skip_top={self.skip_top} leaves none of the num_words={self.num_words} most "
                "frequent words; make it smaller."
            )
        if isinstance(self.stop_words, list):
            for word in self.stop_words:
                if not isinstance(word, str):
                    raise TypeError(f"stop_words has {word!r}; stop words must be str.")
        if np.dtype(self.dtype).kind not in "biuf" or np.dtype(self.dtype) == np.float16:
            raise ValueError(
                f"dtype={self.dtype!r} must be a numeric type that sparse matrices have, for "
                "instance numpy.float32."
            )

    def _given_vocabulary(self):
        """Return the user's vocabulary as a dict from term to column, or None."""
        given = self.vocabulary
        if given is None:
            return None
        if isinstance(given, (str, bytes)):
            raise TypeError("vocabulary is one string; give a mapping or a list of terms.")
        if isinstance(given, Mapping):
            vocabulary = {term: index(column) for term, column in given.items()}
            if sorted(vocabulary.values()) != list(range(len(vocabulary))):
                gap = min(set(range(len(vocabulary))) - set(vocabulary.values()))
                raise ValueError(
                    f"vocabulary must give each of its {len(vocabulary)} terms a column of its "
                    f"own, from 0 to {len(vocabulary) - 1}; no term has column {gap}."
                )
        else:
            vocabulary = {}
            for column, term in enumerate(sorted(given) if isinstance(given, Set) else given):
                if vocabulary.setdefault(term, column) != column:
                    raise ValueError(f"vocabulary has the term {term!r} twice.")
        if not vocabulary:
            raise ValueError("empty vocabulary passed to fit")
        if not callable(self.analyzer):
            for term in vocabulary:
                if not isinstance(term, str):
                    raise TypeError(f"vocabulary has the term {term!r}; terms must be str.")
        return vocabulary

    def _check_kind(self, kind, vocabulary):
        """Refuse parameters that this kind of documents cannot obey; warn of the unused."""
        if kind == "integers" and vocabulary is not None:
            raise ValueError(
                "vocabulary is for text and tokens, but X holds integer sequences, where column j "
                "is integer j: leave vocabulary=None."
            )
        if kind == "tokens" and self.analyzer in ("char", "char_wb"):
            raise ValueError(
                f"analyzer={self.analyzer!r} needs raw documents, but X holds lists of tokens."
            )
        unused = {"analyzer": "keras", "min_df": 1, "max_df": 1.0} if kind == "integers" else {}
        if kind == "integers" or callable(self.analyzer):
            unused["ngram_range"] = (1, 1)
        if kind == "integers" or self.analyzer not in ("keras", "word"):
            unused["stop_words"] = None
        unused = [name for name, default in unused.items() if getattr(self, name) != default]
        if unused:
            reason = "X holds integers" if kind == "integers" else f"analyzer={self.analyzer!r}"
            warnings.warn(f"Not used, because {reason}: {', '.join(unused)}.", stacklevel=5)
        if kind == "text" and vocabulary and self.lowercase and not callable(self.analyzer):
            upper = [term for term in vocabulary if term != term.lower()]
            if upper:
                warnings.warn(
                    f"No document can match {len(upper)} terms of the vocabulary, such as "
                    f"{upper[0]!r}, while lowercase=True.",
                    stacklevel=5,
                )

    def _cached_analyzer(self, kind):
        if callable(self.analyzer):
            return self.analyzer
        stop_words = self.stop_words
        if isinstance(stop_words, list):
            stop_words = tuple(stop_words)
        return _make_analyzer(kind, self.analyzer, self.lowercase, self.ngram_range, stop_words)

    def _learn(self, term_lists):
        """Return the vocabulary of the documents and, without reading them again, their matrix."""
        first_seen = defaultdict()
        first_seen.default_factory = first_seen.__len__
        ids, indptr = _look_up(term_lists, first_seen.__getitem__)
        if not first_seen:
            raise ValueError(
                "empty vocabulary; X is empty, or its documents have no terms or only stop words."
            )
        counts = np.bincount(ids, minlength=len(first_seen))
        counts[~self._frequent_enough(ids, indptr, len(first_seen))] = 0
        ranked = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]
        kept = ranked[self.skip_top : self.num_words]
        if not len(kept):
            raise ValueError("no terms remain; try a lower min_df or skip_top, or a higher max_df.")
        columns = np.full(len(first_seen), -1, dtype=np.intc)
        columns[kept] = np.arange(len(kept))
        terms = list(first_seen)
        vocabulary = {terms[i]: column for column, i in enumerate(kept.tolist())}
        encoded = self._assemble(
            columns[ids], indptr, len(kept), lambda at: f"the term {terms[ids[at]]!r}"
        )
        return vocabulary, encoded

    def _frequent_enough(self, ids, indptr, n_terms):
        """Say of each term whether min_df and max_df let it stay."""
        n_samples = len(indptr) - 1
        low, high = (
            limit if isinstance(limit, Integral) else limit * n_samples
            for limit in (self.min_df, self.max_df)
        )
        if high < low:
            raise ValueError("max_df corresponds to < documents than min_df")
        if low <= 1 and high >= n_samples:
            return np.ones(n_terms, dtype=bool)
        in_documents = np.bincount(
            _distinct(ids.copy(), indptr, n_terms, np.int8).indices, minlength=n_terms
        )
        return (low <= in_documents) & (in_documents <= high)

    def _encode_terms(self, term_lists, vocabulary):
        if self.handle_unknown == "error":
            columns, indptr = _look_up(term_lists, vocabulary.__getitem__)
        else:
            columns, indptr = _look_up(term_lists, vocabulary.get, repeat(-1))
        return self._assemble(columns, indptr, len(vocabulary))

    def _encode_integers(self, integers, indptr, n_columns):
        known = (integers >= self.skip_top) & (integers < n_columns)
        return self._assemble(
            np.where(known, integers, -1),
            indptr,
            n_columns,
            lambda at: f"the integer {integers[at]}, not in {self.skip_top} to {n_columns - 1}",
        )

    def _assemble(self, columns, indptr, n_columns, describe=None):
        """Return the CSR matrix of documents end to end, in which column -1 is the unknown."""
        unknown = columns < 0
        if self.handle_unknown == "error":
            if unknown.any():
                at = int(unknown.argmax())
                raise _unknown(np.searchsorted(indptr, at, side="right") - 1, describe(at))
        elif self.handle_unknown == "ignore":
            columns = columns[~unknown]
            indptr = indptr - np.searchsorted(np.flatnonzero(unknown), indptr)
        elif self.handle_unknown >= n_columns:
            raise ValueError(
                f"handle_unknown={self.handle_unknown} must be one of the {n_columns} columns, "
                f"0 to {n_columns - 1}."
            )
        else:
            columns[unknown] = self.handle_unknown
        return _distinct(columns, indptr, n_columns, self.dtype)

    def _output(self, encoded):
        if not self.sparse_output:
            return encoded.toarray()
        if get_config().get("sparse_interface") == "sparray":  # scikit-learn >= 1.9
            return sp.csr_array(encoded)
        return encoded


def _split(document):
    """Split where the Keras data sets were split."""
    encoded = document.encode("utf-8", "surrogatepass").translate(_TO_SPACES)
    return encoded.decode("utf-8", "surrogatepass").split()


def _lower_and_split(document):
    return _split(document.lower())


def _as_is(document):
    return document


def _tokens_as_is(document):
    return [document] if isinstance(document, str) else document  # a stop word is one token


@lru_cache(maxsize=32)  # transform needs it each time, and checking stop words is slow
def _make_analyzer(kind, analyzer, lowercase, ngram_range, stop_words):
    """Leave to CountVectorizer all but the plain splitting into words."""
    steps = {}
    if kind == "tokens":
        steps = {"preprocessor": _as_is, "tokenizer": _tokens_as_is, "token_pattern": None}
    elif analyzer == "keras":
        if ngram_range == (1, 1) and stop_words is None:
            return _lower_and_split if lowercase else _split
        steps = {"tokenizer": _split, "token_pattern": None}
    return CountVectorizer(
        analyzer="word" if analyzer == "keras" else analyzer,
        lowercase=lowercase,
        ngram_range=ngram_range,
        stop_words=stop_words,
        **steps,
    ).build_analyzer()


def _look_up(term_lists, look_up, *default):
    """Return the columns of all documents end to end, and where each document begins."""
    columns = [np.empty(0, dtype=np.intc)]
    for terms in term_lists:
        terms = list(terms)  # so that a KeyError below is none of the analyzer's own
        try:
            columns.append(np.fromiter(map(look_up, terms, *default), dtype=np.intc))
        except KeyError as error:
            raise _unknown(len(columns) - 1, f"the term {error.args[0]!r}") from error
    indptr = np.cumsum([len(document) for document in columns], dtype=np.int64)
    return np.concatenate(columns), indptr


def _unknown(row, what):
    return ValueError(
        f"Row {row} has {what}, which has no column; handle_unknown='ignore' leaves it out, and, "
        "without a given vocabulary, a larger num_words makes more columns."
    )


def _distinct(columns, indptr, n_columns, dtype):
    """Return a CSR matrix of ones, sorted and without duplicates; `columns` may change."""
    ones = np.ones(len(columns), dtype=dtype)
    encoded = sp.csr_matrix((ones, columns, indptr), shape=(len(indptr) - 1, n_columns))
    if len(columns) > n_columns:
        encoded = encoded.tocsc().tocsr()  # sorts by counting: linear in the number of tokens
    encoded.sum_duplicates()
    encoded.data.fill(1)
    return encoded
