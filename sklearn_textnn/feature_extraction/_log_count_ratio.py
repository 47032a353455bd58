"""LogCountRatioTransformer: columns weighted by how well they tell the classes apart."""

from __future__ import annotations

import warnings
from numbers import Real
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.preprocessing import normalize
from sklearn.utils.validation import (
    check_is_fitted,
    check_non_negative,
    check_X_y,
    column_or_1d,
    validate_data,
)

from .._fit_tasks import fit_task
from .._label_checks import distinct_labels, shape_of_labels
from .._persistence import PersistentMixin, check_complete
from .._sklearn_compat import CallbackSupportMixin, Interval, StrOptions, _fit_context
from .._sparse_structure import check_structure
from .._stacklevel import find_stacklevel
from ._sparse_output import in_configured_interface

if TYPE_CHECKING:
    from typing import Any, Literal

    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix
    from typing_extensions import Self

    from .._typing import Labels, Matrix


class LogCountRatioTransformer(
    CallbackSupportMixin,
    OneToOneFeatureMixin,
    PersistentMixin,
    TransformerMixin,
    BaseEstimator,
    auto_wrap_output_keys=None,  # sparse output, of which no data frame is made
):
    """Weigh the columns of a document-term matrix by log-count ratios, learned from the labels.

    A word that is equally frequent in all classes gets a weight near 0. A word that is much more
    frequent in one class than in the others gets a large weight.
    :class:`~sklearn.feature_extraction.text.TfidfTransformer`, which this transformer can replace
    in a pipeline, does not use the labels.

    Parameters
    ----------
    norm : {"l1", "l2"} or None, default=None
        The norm that each row of the output has. None leaves the rows as they are, so that longer
        documents have longer rows.
    sublinear_tf : bool, default=False
        Replace a count c by 1 + log(c) in `transform`. Zeros and ones stay as they are.
    alpha : float, default=1.0
        What is added to each count before the ratios are taken, more than 0. The larger it is, the
        smaller are the weights, those of rare words most of all.

    Attributes
    ----------
    ratio_ : ndarray of shape (n_features,)
        The weight of each column, as float64. It is never negative.
    n_features_in_ : int
        Number of features seen by `fit`.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if `X` had names that are all strings.

    See Also
    --------
    MultiHotVectorizer : Makes the vectors of zeros and ones.
    sklearn.feature_extraction.text.TfidfTransformer : Weights that need no classes.

    Notes
    -----
    Let p be `alpha` plus the number of documents of a class that have each word, and q the same for
    all other documents. The log-count ratios of the class are log((p / sum(p)) / (q / sum(q)))
    [1]_. The weight of a word is the largest of its ratios over the classes, and 0 if none is
    positive. With two classes, the ratios of one are those of the other times -1, so the weight is
    their absolute value. A linear model or a network can learn the sign of a column by itself. With
    more classes, this is the selection of words by their largest score over the classes [2]_.

    With an indicator matrix, each topic is a class, and documents without a topic are one more
    class. A topic that all documents have, or none, is left out.

    The weights contain the labels of the training documents. In a Pipeline, a cross-validation
    learns them anew for each split. But rows that the classifier itself holds out of its training
    data, by `validation_fraction`, have been seen by this transformer, labels included. Their
    scores are too good, and an epoch chosen by them is too early or too late. Choose the epochs
    with :class:`EpochGridSearchCV`, which holds documents out before the weights are learned, or
    pass `X_val` through `transform_input` of the Pipeline, or set a fixed number of epochs.

    References
    ----------
    .. [1] S. Wang and C. Manning, "Baselines and Bigrams: Simple, Good Sentiment and Topic
       Classification", ACL 2012.
    .. [2] Y. Yang and J. O. Pedersen, "A Comparative Study on Feature Selection in Text
       Categorization", ICML 1997: the maximum over the classes.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_textnn import LogCountRatioTransformer, MultiHotVectorizer
    >>> reviews = ["a fine film", "a dull film", "fine acting", "dull acting"]
    >>> pipeline = make_pipeline(MultiHotVectorizer(), LogCountRatioTransformer())
    >>> X = pipeline.fit_transform(reviews, [1, 0, 1, 0])
    >>> dict(zip(pipeline[0].get_feature_names_out(), pipeline[-1].ratio_.round(2).tolist()))
    {'a': 0.0, 'fine': 1.1, 'film': 0.0, 'dull': 1.1, 'acting': 0.0}
    """

    _parameter_constraints: dict = {
        "norm": [StrOptions({"l1", "l2"}), None],
        "sublinear_tf": ["boolean"],
        "alpha": [Interval(Real, 0, None, closed="neither")],
    }
    ratio_: NDArray[np.float64]
    n_features_in_: int
    feature_names_in_: NDArray[Any]

    _learned_constraints: ClassVar[dict] = {"ratio_": [np.ndarray]}

    def __init__(
        self,
        *,
        norm: Literal["l1", "l2"] | None = None,
        sublinear_tf: bool = False,
        alpha: float = 1.0,
    ) -> None:
        self.norm = norm
        self.sublinear_tf = sublinear_tf
        self.alpha = alpha

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Matrix, y: Labels) -> Self:
        """Learn the weights of the columns.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Zeros and ones, or counts, none of them negative. The weights depend only on which
            entries are 0.
        y : {array-like, sparse matrix} of shape (n_samples,) or (n_samples, n_topics)
            One label for each row, or an indicator matrix of topics.

        Returns
        -------
        self : object
            The fitted transformer.

        Raises
        ------
        ValueError
            If `X` has negative values, or if `y` does not hold at least two classes, or a topic
            that some rows have and others do not. The transformer stays as it was.

        Warns
        -----
        UserWarning
            If all weights are 0.
        """
        with fit_task(self, "fit", X=X, y=y):
            self._fit(X, y)
        return self

    def _fit(self, X, y):
        check_structure(X)
        check_structure(y, "y")
        shape_of_labels(y, "y")
        counts, y = check_X_y(
            X,
            y,
            accept_sparse="csr",
            dtype=[np.float64, np.float32],
            multi_output=True,
            estimator=self,
        )
        check_non_negative(counts, type(self).__name__)
        occurs = sp.csr_array(counts, dtype=np.float64, copy=True)
        occurs.sum_duplicates()
        occurs.eliminate_zeros()
        occurs.data[:] = 1
        total = occurs.sum(axis=0)
        ratio = np.zeros(occurs.shape[1])
        for rows in _rows_of_classes(y, type(self).__name__):
            inside = occurs[rows].sum(axis=0)
            of_class = _log_frequency(inside, self.alpha)
            np.maximum(ratio, of_class - _log_frequency(total - inside, self.alpha), out=ratio)
        if not ratio.any():
            warnings.warn(
                "all weights are 0, because every column of X is as frequent in one class as in "
                "the others; transform will return rows of zeros",
                UserWarning,
                stacklevel=find_stacklevel(),
            )
        validate_data(self, X, skip_check_array=True)  # sets n_features_in_ and the names
        self.ratio_ = ratio

    def transform(self, X: Matrix) -> csr_matrix:
        """Weigh vectors.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Vectors as in `fit`.

        Returns
        -------
        X_weighted : sparse matrix of shape (n_samples, n_features)
            Each row times the weights of the columns, divided by its norm, in CSR. float32 stays
            float32, and other types become float64. `X` is not changed.
        """
        check_is_fitted(self)
        check_structure(X)
        X = validate_data(
            self,
            X,
            accept_sparse="csr",
            dtype=[np.float64, np.float32],
            ensure_non_negative=True,
            copy=True,
            reset=False,
        )
        X = X if sp.issparse(X) else sp.csr_matrix(X)
        X.sum_duplicates()
        X.eliminate_zeros()
        if self.sublinear_tf:
            X.data = np.log(X.data) + 1
        X.data *= self.ratio_.astype(X.dtype)[X.indices]
        X.eliminate_zeros()
        if self.norm is not None:
            X = normalize(X, norm=self.norm, copy=False)
        return in_configured_interface(X)

    def _check_loaded(self):
        if not check_complete(vars(self), ("ratio_", "n_features_in_")):
            return
        if self.ratio_.shape != (self.n_features_in_,) or self.ratio_.dtype != np.float64:
            raise ValueError("ratio_ does not hold one float64 for each feature")
        if not (np.isfinite(self.ratio_) & (self.ratio_ >= 0)).all():
            raise ValueError("ratio_ holds weights that are negative or not finite")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.positive_only = True
        tags.target_tags.required = True
        tags.target_tags.multi_output = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def _log_frequency(counts, alpha):
    """Return log(p / sum(p)) for p = alpha + counts, up to a constant of the number of columns.

    The mean in the place of the sum is exact for counts that are all equal.
    """
    return np.log(alpha + counts) - np.log(alpha + counts.mean())


def _rows_of_classes(y, name):
    """Return the rows of each class, or of each topic that some rows have and others do not.

    Rows without a topic are the rows of one more class.
    """
    if y.ndim == 2 and (sp.issparse(y) or y.shape[1] > 1):
        return _rows_of_topics(y)
    y = column_or_1d(y, warn=True)
    labels, codes = distinct_labels(y)
    if labels.size < 2:
        raise ValueError(
            f"{name} needs at least 2 classes; the data holds only one class, {labels[0]}"
        )
    return np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1])


def _rows_of_topics(y):
    if y.shape[1] < 2:
        raise ValueError(
            f"y is a sparse matrix of shape {y.shape}; a single topic is a problem of two classes, "
            "so pass one label for each row, in a dense array"
        )
    topics, found = None, f"the dtype {y.dtype}"
    if y.dtype.kind in "biuf":
        topics = sp.csc_array(y)
        topics.sum_duplicates()
        topics.eliminate_zeros()
        others = topics.data[topics.data != 1]
        found = str(others[0]) if others.size else None
    if found:
        raise ValueError(
            f"y has {y.shape[1]} columns and {found} in it, where 0 and 1 are expected, in a "
            "column for each topic; one label for each row goes into a 1-D array, and a collection "
            "of labels for each row becomes such a matrix by "
            "sklearn.preprocessing.MultiLabelBinarizer"
        )
    n_rows = topics.shape[0]
    without = np.flatnonzero(np.bincount(topics.indices, minlength=n_rows) == 0)
    rows_of_each = [*np.split(topics.indices, topics.indptr[1:-1]), without]
    telling = [rows for rows in rows_of_each if 0 < len(rows) < n_rows]
    if not telling:
        raise ValueError(
            "every topic in y is in all rows or in none, so there is nothing to tell apart; fit on "
            "rows that differ in their topics"
        )
    return telling
