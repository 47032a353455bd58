"""MultiHotVectorizer: documents to vectors of zeros and ones."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import partial
from numbers import Integral
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_array, check_is_fitted

from .._fit_tasks import fit_task
from .._persistence import PersistentMixin, check_complete
from .._sklearn_compat import (
    CallbackSupportMixin,
    HasMethods,
    Interval,
    RealNotInt,
    StrOptions,
    _fit_context,
)
from .._sparse_structure import check_structure
from .._stacklevel import find_stacklevel
from ._chunks import map_chunks
from ._counting import CountingMixin
from ._documents import flatten_integers, read_documents
from ._encoding import MAX_COLUMNS, check_unknown_column, encode_integers
from ._learning import learn_and_encode, limits_documents
from ._parameters import check_combination, check_kind, check_parameters, effects_missing
from ._ranking import refuse_terms_without_column
from ._reading import Analysis, Encoder
from ._reading_bar import reading_bar
from ._running_counts import RunningCounts, check_counts
from ._sparse_output import SparseOutputMixin, as_configured
from ._vocabulary import check_vocabulary, given_vocabulary, terms_by_column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Literal

    from numpy.typing import DTypeLike, NDArray
    from typing_extensions import Self

    from .._typing import Analyzer, Documents, Encoded, Matrix


class MultiHotVectorizer(
    CallbackSupportMixin, CountingMixin, PersistentMixin, SparseOutputMixin, BaseEstimator
):
    r"""Encode documents as 0/1 vectors over the most frequent words.

    ``X[i, j]`` is 1 if document i has word j, no matter how often, and 0 otherwise. The words and
    their ranks are those of the Keras data sets, and the integer sequences of these data sets can
    be encoded too. For counts or tf-idf, use
    :class:`~sklearn.feature_extraction.text.CountVectorizer` or
    :class:`~sklearn.feature_extraction.text.TfidfVectorizer`.

    Parameters
    ----------
    num_words : int or None, default=10_000
        How many of the most frequent words to keep, counted over all training documents. None
        keeps all. Fewer words make a smaller and faster network. For integer sequences, this is
        the number of columns: integers that are not below it are unknown, and None stands for the
        largest training integer plus one. Not used with a `vocabulary`.

    skip_top : int, default=0
        Leave out this many of the `num_words` most frequent words, as ``load_data`` of the Keras
        data sets does, so that ``num_words - skip_top`` columns remain. For integer sequences,
        integers below it are unknown, but keep their columns. Not used with a `vocabulary`.

    analyzer : {"keras", "word", "char", "char_wb"} or callable, default="keras"
        How a raw document becomes terms. "keras" splits at white space and at
        ``!"#$%&()*+,-./:;<=>?@[\]^_`{|}~``, so that apostrophes and one-letter words stay. The
        other strings have the same meaning as in
        :class:`~sklearn.feature_extraction.text.CountVectorizer`. A callable gets one document
        and returns its terms. Lists of tokens are not analyzed, except by a callable.

    lowercase : bool, default=True
        Convert raw documents to lower case before they are split. Tokens are left alone.

    ngram_range : tuple (min_n, max_n), default=(1, 1)
        Terms are the n-grams of min_n to max_n words or characters. Many more terms then compete
        for the `num_words` columns. Not used with a callable `analyzer`.

    stop_words : {"english"}, list or None, default=None
        Words to leave out before n-grams are made. Only used if `analyzer` is "keras" or "word".

    min_df : float in range [0.0, 1.0] or int, default=1
        Leave out terms that are in fewer documents than this. An int is a number of documents, a
        float a proportion. This limit and `max_df` are applied before `skip_top` and `num_words`.
        Not used with a `vocabulary`.

    max_df : float in range [0.0, 1.0] or int, default=1.0
        Leave out terms that are in more documents than this. An int is a number of documents, a
        float a proportion. Not used with a `vocabulary`.

    vocabulary : Mapping or iterable, default=None
        The terms and their columns, or the terms in the order of their columns. None learns them
        from the training documents. Only for text and tokens.

    handle_unknown : {"ignore", "error"} or int, default="ignore"
        What to do with a term that has no column, or with an integer that is out of range.
        "ignore" leaves it out. "error" raises an error that names the row, also in `fit`. An int
        sets the column with this number. That column still belongs to its own term as well, so
        use the column of a placeholder, as Keras does with the integer 2.

    dtype : dtype, default=np.float32
        Type of the values.

    sparse_output : bool, default=True
        Return a CSR matrix. False returns a dense array, which takes ``4 * n_samples * n_columns``
        bytes in float32.

    max_terms : int or None, default=None
        Bound the memory for counting: whenever more than twice as many terms are counted, keep only
        this many, the most frequent ones. Words that are only parts of n-grams count as terms too.
        `count_error_` says by how much counts may be too low. The vocabulary may then depend on how
        the documents are cut into chunks, and on `n_jobs`. None counts all terms. Not used with a
        `vocabulary` or for integers, and not with ``handle_unknown="error"``.

    n_jobs : int or None, default=None
        The number of processes that read documents. None means 1 unless in a
        ``joblib.parallel_backend`` context, -1 means all processors. The result is the same
        without `max_terms`. Up to 4 million characters are always read in this process. Words are
        read about as fast as text is sent to another process, so this is for a slow `analyzer`.

    verbose : int, default=0
        1 draws a progress bar while `fit`, `fit_transform` or `partial_fit` reads documents, in a
        terminal or in a notebook with `ipywidgets`. It draws nothing anywhere else or if
        scikit-learn's callbacks are set. 0 draws nothing.

    Attributes
    ----------
    vocabulary_ : dict or None
        From each term to its column. The most frequent term is first, and ties are in order of
        first appearance. None after integer sequences, where column j is integer j.

    count_error_ : int
        By how much the count of a term may be too low, because `max_terms` was set. 0 if terms
        were counted exactly.

    input_kind_ : {"text", "tokens", "integers"}
        The kind of documents that `fit` got. `transform` takes no other kind.

    See Also
    --------
    sklearn.feature_extraction.text.CountVectorizer : Counts, with columns in alphabetical order.
    sklearn.feature_extraction.text.HashingVectorizer : No vocabulary, so columns have no names.
    sklearn.preprocessing.MultiLabelBinarizer : The same matrix for sets of labels.

    Notes
    -----
    Raw documents may be bytes in UTF-8. Documents may come from a generator, as a column of a
    NumPy, pandas, polars or pyarrow table, or as a table with only this column. Sequences may be
    lists, tuples, arrays or the rows of a two-dimensional integer array, in which padding is a
    word like any other. Error messages count rows from 0, whatever the index of a Series is.

    Memory and time are linear in the number of tokens. The result is the same in every process. A
    pickle holds the parameters and the vocabulary. After `partial_fit` it holds the counts too;
    ``MultiHotVectorizer(vocabulary=counted.vocabulary_)`` leaves them behind.

    With scikit-learn 1.9 or later, `set_callbacks` sets callbacks that are told of each chunk of
    documents, such as :class:`~sklearn.callback.ProgressBar`.

    Output is sparse under ``sklearn.set_config(transform_output="pandas")`` too, because data
    frames cannot hold it. With ``sparse_output=False`` it is a data frame.

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
        "max_terms": [Interval(Integral, 1, None, closed="left"), None],
        "n_jobs": [
            Interval(Integral, 1, None, closed="left"),
            Interval(Integral, None, -1, closed="right"),
            None,
        ],
        "verbose": ["verbose"],
    }

    vocabulary_: dict[str, int] | None
    input_kind_: Literal["text", "tokens", "integers"]

    _learned_constraints: ClassVar[dict] = {
        "input_kind_": [StrOptions({"text", "tokens", "integers"})],
        "vocabulary_": [dict, None],
        "_count_error": [Interval(Integral, 1, None, closed="left")],
        "_n_features_out": [Interval(Integral, 1, MAX_COLUMNS, closed="both")],
        "_counts": [dict],
    }

    def __init__(
        self,
        num_words: int | None = 10_000,
        *,
        skip_top: int = 0,
        analyzer: Analyzer = "keras",
        lowercase: bool = True,
        ngram_range: tuple[int, int] = (1, 1),
        stop_words: Literal["english"] | list[str] | None = None,
        min_df: float = 1,
        max_df: float = 1.0,
        vocabulary: Mapping[Any, int] | Iterable[Any] | None = None,
        handle_unknown: Literal["ignore", "error"] | int = "ignore",
        dtype: DTypeLike = np.float32,
        sparse_output: bool = True,
        max_terms: int | None = None,
        n_jobs: int | None = None,
        verbose: int = 0,
    ) -> None:
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
        self.max_terms = max_terms
        self.n_jobs = n_jobs
        self.verbose = verbose

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Documents, y: Any = None) -> Self:
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

        Raises
        ------
        TypeError, ValueError
            If a document or a parameter is illegal. A fitted vectorizer stays as it was.
        """
        n_subtasks = partial(self._count_chunks, X)
        with (
            fit_task(self, "fit", X=X, y=y, n_subtasks=n_subtasks) as task,
            reading_bar(self, "fit", X, task) as task,
        ):
            self._fit(X, encode=False, task=task)
        return self

    @_fit_context(prefer_skip_nested_validation=True)
    def fit_transform(self, X: Documents, y: Any = None) -> Encoded:
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

        Raises
        ------
        TypeError, ValueError
            If a document or a parameter is illegal. A fitted vectorizer stays as it was.
        """
        n_subtasks = partial(self._count_chunks, X, encode=True)
        with (
            fit_task(self, "fit-transform", X=X, y=y, n_subtasks=n_subtasks) as task,
            reading_bar(self, "fit-transform", X, task, self._n_readings(encode=True)) as task,
        ):
            encoded = self._fit(X, encode=True, task=task)
        return as_configured(encoded, self.sparse_output)

    def transform(self, X: Documents) -> Encoded:
        """Encode documents of the kind that `fit` got.

        With a `vocabulary`, this also works without `fit`, for text and for lists of tokens.

        Parameters
        ----------
        X : iterable of str, of lists of str, or of sequences of int
            The documents.

        Returns
        -------
        X : CSR matrix or ndarray of shape (n_samples, n_columns)
            Zeros and ones, one row for each document.

        Raises
        ------
        NotFittedError
            If `fit` was not called and there is no `vocabulary`.
        TypeError, ValueError
            If a document or a parameter is illegal.
        """
        self._check_ready()
        check_parameters(self)
        self._check_learned()
        check_unknown_column(self.handle_unknown, self._n_features_out)
        kind, documents = read_documents(X, getattr(self, "input_kind_", None))
        check_kind(self, kind, self.vocabulary_)
        if kind == "integers":
            encoded = self._encode_integers(*flatten_integers(documents), self._n_features_out)
        else:
            encoded = self._encode_text(documents, kind, self.vocabulary_, self._n_features_out)
        self._remember_columns()
        return as_configured(encoded, self.sparse_output)

    def inverse_transform(self, X: Matrix) -> list[NDArray[Any]]:
        """Name the columns that are not zero in each row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_columns)
            Encoded documents.

        Returns
        -------
        names : list of n_samples ndarrays of str objects
            The names of the columns, as in `get_feature_names_out`, in the order of the columns.

        Raises
        ------
        NotFittedError
            If `fit` was not called and there is no `vocabulary`.
        ValueError
            If X has another number of columns.
        """
        self._check_ready()
        check_structure(X)
        X = sp.csr_matrix(check_array(X, accept_sparse="csr"), copy=True)
        if X.shape[1] != self._n_features_out:
            raise ValueError(
                f"X has {X.shape[1]} columns, but this vectorizer makes {self._n_features_out}."
            )
        X.sum_duplicates()
        X.eliminate_zeros()
        names = self.get_feature_names_out()
        return np.split(names[X.indices], X.indptr[1:-1])

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[Any]:
        """Name the columns: the terms, or the integers as text.

        Parameters
        ----------
        input_features : None
            Ignored.

        Returns
        -------
        names : ndarray of str objects of shape (n_columns,)
            The names.

        Raises
        ------
        NotFittedError
            If `fit` was not called and there is no `vocabulary`.
        """
        self._check_ready()
        if self.vocabulary_ is None:
            return np.array([str(j) for j in range(self._n_features_out)], dtype=object)
        return terms_by_column(self.vocabulary_, self._n_features_out, self.analyzer)

    def build_analyzer(self) -> Callable[[Any], list[Any]]:
        """Return the function that turns one document into its terms.

        Returns
        -------
        analyzer : callable
            From a str, or from a list of tokens after `fit` on tokens, to a list of terms.
        """
        check_parameters(self)
        return self._analysis(getattr(self, "input_kind_", "text")).analyze()

    @property
    def count_error_(self) -> int:
        """By how much the count of a term may be too low."""
        check_is_fitted(self)
        if "_counts" in vars(self):
            return self._counts["error"]
        return vars(self).get("_count_error", 0)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "input_kind_")  # a given vocabulary may be there before

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.transformer_tags.preserves_dtype = []
        return tags

    def _check_loaded(self):
        if "_counts" in vars(self):
            check_counts(self._counts, self.analyzer)
            if "vocabulary_" not in vars(self):  # to be chosen
                if "input_kind_" in vars(self) and not self._counts["parts"]:
                    raise ValueError("there are neither columns nor counts to choose them from")
                return
        learned = ["input_kind_", "vocabulary_", "_n_features_out"]
        if self.vocabulary is not None and not hasattr(self, "input_kind_"):
            del learned[0]  # used without `fit`
        if check_complete(vars(self), learned):
            check_parameters(self)
            self._check_learned()
            if not hasattr(self, "_counts"):  # else later documents may bring the column
                check_unknown_column(self.handle_unknown, self._n_features_out)
            if self.vocabulary_ is not None:
                check_vocabulary(self.vocabulary_, self._n_features_out, self.analyzer)

    def _check_learned(self):
        """Check all that was learned but the terms and their columns, which takes longer."""
        kind = getattr(self, "input_kind_", "text")
        if kind not in ("text", "tokens", "integers"):
            raise ValueError(f"there is no kind of documents {kind!r}")
        if (self.vocabulary_ is None) != (kind == "integers"):
            raise ValueError("the kind of documents and the vocabulary do not fit together")
        if type(self._n_features_out) is not int or self._n_features_out < 1:
            raise ValueError(f"{self._n_features_out!r} is not a number of columns")

    def _count_chunks(self, X, encode=False):
        """Return how many chunks of X are to be read, or None if that is not known."""
        n_chunks = super()._count_chunks(X)
        return n_chunks and n_chunks * self._n_readings(encode)

    def _n_readings(self, encode):
        """Return how often `fit` reads each document, or `fit_transform` with `encode`."""
        return 2 if encode and self.max_terms is not None and self.vocabulary is None else 1

    def _fit(self, X, encode, task):
        """Fit, and return the CSR matrix of the training documents if it is wanted."""
        kind, documents, vocabulary = self._read_training(X)
        encoded, error = None, 0
        if kind == "integers":
            integers, indptr = flatten_integers(documents)
            n_columns = self._count_integers(integers)
            encoded = self._encode_integers(integers, indptr, n_columns)
        elif vocabulary is None:
            vocabulary, error, encoded = self._learn(documents, kind, encode, task)
            n_columns = len(vocabulary)
        else:
            n_columns = len(vocabulary)
            if encode:
                encoded = self._encode_text(documents, kind, vocabulary, n_columns, task)
            else:
                self._check_text(documents, kind, vocabulary, task)
        vars(self).pop("_counts", None)
        vars(self).pop("_former_vocabulary", None)
        self._set_learned(kind, vocabulary, n_columns, error)
        return encoded

    def _learn(self, documents, kind, encode, task):
        """Return the vocabulary, the error of its counts, and the matrix if it is wanted."""
        limits = self._limits()
        if encode and self.max_terms is None:
            encoding = self.handle_unknown, self.dtype
            learned = learn_and_encode(
                documents, self._analysis(kind), self.n_jobs, limits, *encoding, task
            )
            return learned[0], 0, learned[1]
        if encode:
            documents = list(documents)  # to read them twice: not all terms are counted
        running = RunningCounts(max_terms=self.max_terms)
        self._count(documents, kind, running, task, in_documents=limits_documents(limits))
        vocabulary, columns = self._choose(running)
        if self.handle_unknown == "error":
            refuse_terms_without_column(running.total(), columns)
        encoded = None
        if encode:
            encoded = self._encode_text(documents, kind, vocabulary, len(vocabulary), task)
        return vocabulary, running.error, encoded

    def _set_learned(self, kind, vocabulary, n_columns, error=0):
        self.input_kind_ = kind
        self._n_features_out = int(n_columns)  # before the vocabulary, for another thread
        self.vocabulary_ = vocabulary
        if error:
            self._count_error = error
        else:
            vars(self).pop("_count_error", None)

    def _read_training(self, X, kind=None):
        """Check the parameters for these documents; return their kind, them, and a vocabulary."""
        check_combination(self)
        vocabulary = None
        if self.vocabulary is not None:
            vocabulary = given_vocabulary(self.vocabulary, self.analyzer)
            check_unknown_column(self.handle_unknown, len(vocabulary))
        kind, documents = read_documents(X, kind)
        check_kind(self, kind, vocabulary)
        for message in effects_missing(self, kind, vocabulary):
            warnings.warn(message, stacklevel=find_stacklevel())
        return kind, documents, vocabulary

    def _check_ready(self):
        """Check that there are columns: those of `fit`, or those of a given vocabulary."""
        if not hasattr(self, "vocabulary_") and self.vocabulary is not None:
            check_parameters(self)
            vocabulary = given_vocabulary(self.vocabulary, self.analyzer)
            self._n_features_out = len(vocabulary)  # first, for another thread that looks
            self.vocabulary_ = vocabulary
        if not hasattr(self, "vocabulary_"):
            check_is_fitted(self)

    def _analysis(self, kind):
        stop_words = self.stop_words
        if isinstance(stop_words, list):
            stop_words = tuple(stop_words)
        return Analysis(kind, self.analyzer, self.lowercase, self.ngram_range, stop_words)

    def _count_integers(self, integers):
        """Return the number of columns for these training documents."""
        n_columns = self.num_words
        if n_columns is None:
            n_columns = int(integers.max(initial=0)) + 1
        if n_columns > MAX_COLUMNS:
            raise ValueError(
                f"{n_columns} columns, one for each integer, are more than a matrix can have; "
                f"set num_words to {MAX_COLUMNS} or less."
            )
        return n_columns

    def _encode_text(self, documents, kind, vocabulary, n_columns, task=None):
        parts = list(self._encode_chunks(documents, kind, vocabulary, n_columns, task))
        return parts[0] if len(parts) == 1 else sp.vstack(parts, format="csr")

    def _check_text(self, documents, kind, vocabulary, task):
        """Raise the errors that encoding the documents would raise; keep nothing."""
        for _ in self._encode_chunks(documents, kind, vocabulary, len(vocabulary), task):
            pass

    def _encode_chunks(self, documents, kind, vocabulary, n_columns, task):
        encoder = Encoder(
            self._analysis(kind), vocabulary, n_columns, self.handle_unknown, self.dtype
        )
        return map_chunks(encoder, documents, self.n_jobs, task)

    def _encode_integers(self, integers, indptr, n_columns):
        return encode_integers(
            integers, indptr, n_columns, self.skip_top, self.handle_unknown, self.dtype
        )
