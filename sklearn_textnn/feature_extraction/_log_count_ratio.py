"""LogCountRatioTransformer: columns weighted by how well they tell the classes apart."""

from numbers import Real
from typing import ClassVar

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.preprocessing import normalize
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import (
    check_is_fitted,
    check_non_negative,
    check_X_y,
    validate_data,
)

from .._persistence import PersistentMixin
from .._sklearn_compat import Interval, StrOptions, _fit_context


class LogCountRatioTransformer(
    OneToOneFeatureMixin,
    PersistentMixin,
    TransformerMixin,
    BaseEstimator,
    auto_wrap_output_keys=None,  # sparse output, of which no data frame is made
):
    """Weigh the columns of a document-term matrix by log-count ratios, which know the classes.

    A word that is as frequent in every class gets a weight near 0, and a word that is frequent in
    one class alone a large one. :class:`~sklearn.feature_extraction.text.TfidfTransformer`, which
    this transformer can replace in a pipeline, does not look at the classes.

    Parameters
    ----------
    norm : {"l1", "l2"} or None, default="l2"
        The norm that each row of the output has. None leaves the rows as they are.
    sublinear_tf : bool, default=False
        Replace a count c by 1 + log(c). Zeros and ones stay as they are.
    alpha : float, default=1.0
        What is added to each count before the ratios are taken. The larger it is, the less rare
        words count.

    Attributes
    ----------
    ratio_ : ndarray of shape (n_features,)
        The weight of each column, never negative.
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
    [1]_. With two classes, those of the second one are those of the first one times -1. A linear
    model or a network does not care for the sign of a column, and so the weight of a word is the
    largest of its ratios over the classes. That extends the weights to more classes, as in the
    selection of words by their largest score over the classes [2]_. A class that every document
    has, or none, tells nothing and is left out.

    The weights know the labels of the training documents. In a Pipeline they are learned anew in
    each fold of a cross-validation. But a hold-out inside of the classifier, such as its
    `validation_fraction`, is then no longer unseen, and its scores are too good. Choose epochs with
    :class:`EpochGridSearchCV`, which holds out documents before the weights are learned.

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
    _learned_constraints: ClassVar[dict] = {"ratio_": [np.ndarray]}

    def __init__(self, *, norm="l2", sublinear_tf=False, alpha=1.0):
        self.norm = norm
        self.sublinear_tf = sublinear_tf
        self.alpha = alpha

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Learn the weights of the columns.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Zeros and ones, or counts. No value is negative. Only whether it is 0 counts here.
        y : {array-like, sparse matrix} of shape (n_samples,) or (n_samples, n_topics)
            Labels, or an indicator matrix of topics.

        Returns
        -------
        self : object
            The fitted transformer.

        Raises
        ------
        ValueError
            If `X` has negative values, or `y` are not classes. The transformer stays as it was.
        """
        counts, y = check_X_y(
            X,
            y,
            accept_sparse="csr",
            dtype=[np.float64, np.float32],
            multi_output=True,
            estimator=self,
        )
        check_non_negative(counts, type(self).__name__)
        check_classification_targets(y)
        if type_of_target(y) == "multiclass-multioutput":
            raise ValueError(
                "y has several columns that are no indicators; pass one label for each row, or a "
                "0/1 column for each topic"
            )
        occurs = sp.csr_array(counts != 0, dtype=np.float64)
        n_rows, n_features = occurs.shape
        total = occurs.sum(axis=0)
        ratio = np.zeros(n_features)
        for rows in _rows_of_classes(y):
            if 0 < len(rows) < n_rows:
                inside = occurs[rows].sum(axis=0)
                p, q = self.alpha + inside, self.alpha + total - inside
                np.maximum(ratio, np.log(p / p.sum()) - np.log(q / q.sum()), out=ratio)
        validate_data(self, X, skip_check_array=True)  # sets n_features_in_ and the names
        self.ratio_ = ratio
        return self

    def transform(self, X):
        """Weigh vectors.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Vectors as in `fit`.

        Returns
        -------
        X_weighted : sparse matrix of shape (n_samples, n_features)
            The vectors in CSR, with each column times its weight. `X` is not changed.
        """
        check_is_fitted(self)
        X = validate_data(
            self,
            X,
            accept_sparse="csr",
            dtype=[np.float64, np.float32],
            ensure_non_negative=True,
            copy=True,
            reset=False,
        )
        if not sp.issparse(X):
            X = sp.csr_matrix(X)
        if self.sublinear_tf:
            X.eliminate_zeros()
            X.data = np.log(X.data) + 1
        X.data *= self.ratio_.astype(X.dtype)[X.indices]
        return X if self.norm is None else normalize(X, norm=self.norm, copy=False)

    def _check_loaded(self):
        if "ratio_" in vars(self):
            shape = (getattr(self, "n_features_in_", None),)
            if self.ratio_.shape != shape or self.ratio_.dtype != np.float64:
                raise ValueError("ratio_ does not hold one float64 for each feature")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.positive_only = True
        tags.target_tags.required = True
        tags.target_tags.multi_output = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def _rows_of_classes(y):
    """Yield the rows of each class or topic."""
    if type_of_target(y) == "multilabel-indicator":
        columns = sp.csc_array(y)
        columns.eliminate_zeros()
        for start, stop in zip(columns.indptr[:-1], columns.indptr[1:], strict=True):
            yield columns.indices[start:stop]
    else:
        codes = np.unique(y, return_inverse=True)[1]
        yield from np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1])
