"""The steps of a fitted pipeline that can be explained, from documents to the network's input."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from sklearn.base import MetaEstimatorMixin
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted

from .._pipelines import active_steps, last_step, with_last_step
from .._sparse_structure import check_structure
from ..feature_extraction import LogCountRatioTransformer, MultiHotVectorizer
from ..neural_network._rows import canonical_csr
from ._inner_estimators import check_ends_in_classifier

# TfidfVectorizer is a CountVectorizer.
_VECTORIZERS = (MultiHotVectorizer, CountVectorizer)
_WEIGHTINGS = (TfidfTransformer, LogCountRatioTransformer)

_SUPPORTED = (
    "Pass a fitted KerasBinaryReviewClassifier or KerasTopicClassifier, or a fitted Pipeline that "
    "ends in one, with a MultiHotVectorizer, CountVectorizer or TfidfVectorizer first, and any "
    "number of TfidfTransformer and LogCountRatioTransformer after it. Of a Pipeline with other "
    "steps before these, pass the steps from the vectorizer on, and the output of the others as X"
)


class Encoded(NamedTuple):
    """Documents as the network gets them.

    Attributes
    ----------
    vectors : CSR of shape (n_documents, n_features)
        What the classifier gets, in the dtype in which it predicts.
    X : csr_array of float64 of shape (n_documents, n_features)
        The same numbers, with an entry for each word of a document that has a column, even if the
        weight of the word is 0.
    growth : ndarray of shape (n_entries,) or None
        By how much all other entries of the row grow if a word is left out, for each entry of X.
        None if they stay as they are, or if that was not asked for.
    """

    vectors: sp.csr_array | sp.csr_matrix
    X: sp.csr_array
    growth: np.ndarray | None


class DocumentSteps:
    """The steps of a fitted estimator: a vectorizer or none, weightings, and a classifier.

    Parameters
    ----------
    estimator : estimator
        A classifier, a Pipeline, or a search over one of them.

    Raises
    ------
    NotFittedError
        If the estimator is not fitted.
    TypeError
        If one of the steps is not supported.
    ValueError
        If a search has no best estimator.
    """

    def __init__(self, estimator):
        estimator = _without_searches(estimator)
        check_ends_in_classifier(estimator)
        *before, (_, self.classifier) = active_steps(estimator)
        check_is_fitted(self.classifier)
        self.transformers = [step for _, step in before]
        self.vectorizer = None
        if before and isinstance(before[0][1], _VECTORIZERS):
            self.vectorizer = before.pop(0)[1]
        for name, step in before:
            if type(step) not in _WEIGHTINGS:  # a subclass may compute something else
                raise TypeError(f"the step {name!r} is a {type(step).__name__}. {_SUPPORTED}.")

    def encode(self, X, leaves_out):
        """Return documents as the network gets them.

        Parameters
        ----------
        X : iterable of documents, or {array-like, sparse matrix} of shape (n_documents, n_features)
            What the first step takes.
        leaves_out : bool
            Whether `growth` is needed.

        Returns
        -------
        Encoded

        Raises
        ------
        ValueError
            If `growth` cannot be computed.
        """
        if leaves_out:
            self._check_norms()
        if self.vectorizer is None:
            check_structure(X)
        stages = [X]
        for step in self.transformers:
            stages.append(step.transform(stages[-1]))
        last = canonical_csr(self.classifier._check_vectors(stages.pop()))
        stages = [*stages[self.vectorizer is not None :], last]
        words = _as_csr(stages[0])
        values = _values_at(words, last)
        growth = None
        if leaves_out:
            for stage, step in zip(reversed(stages), reversed(self.transformers), strict=False):
                if (norm := _norm(step)) is not None:
                    growth = _growth(_values_at(words, _as_csr(stage)), words.indptr, norm)
                    break
        X = sp.csr_array((values, words.indices, words.indptr), shape=words.shape)
        return Encoded(last, X, growth)

    def feature_names(self):
        """Return the names of the columns, as an ndarray of object."""
        if self.vectorizer is not None:
            return self.vectorizer.get_feature_names_out()
        first = self.transformers[0] if self.transformers else self.classifier
        names = getattr(first, "feature_names_in_", None)
        if names is None:
            names = [f"x{j}" for j in range(self.classifier.n_features_in_)]
        return np.array(names, dtype=object)

    def _check_norms(self):
        """Refuse steps after which a word that is left out changes others by different factors."""
        has_norm = False
        for step in self.transformers:
            if has_norm and step.sublinear_tf:
                raise ValueError(
                    f"{type(step).__name__} has sublinear_tf=True after a step that has a norm, so "
                    "that leaving a word out changes other words by different factors; set "
                    "sublinear_tf of the first step instead, or use method='integrated_gradients'"
                )
            has_norm = has_norm or _norm(step) is not None


def _without_searches(estimator):
    """Return the estimator with the best estimator of a search in the place of the search."""
    while isinstance(search := last_step(estimator)[1], MetaEstimatorMixin):
        check_is_fitted(search)
        if not hasattr(search, "cv_results_"):
            break
        if not hasattr(search, "best_estimator_"):
            raise ValueError(
                f"{type(search).__name__} has no best_estimator_. Fit the search with refit=True."
            )
        estimator = with_last_step(estimator, search.best_estimator_)
    return estimator


def _norm(step):
    return getattr(step, "norm", None)


def _as_csr(X):
    """Return what a step takes or gives as canonical CSR."""
    return canonical_csr(X.tocsr() if sp.issparse(X) else check_array(X, accept_sparse="csr"))


def _values_at(words, X):
    """Return the values of X at the entries of `words`, among which all entries of X are."""
    if words.nnz == X.nnz:
        return X.data.astype(np.float64)
    values = np.zeros(words.nnz)
    values[np.searchsorted(_positions(words), _positions(X))] = X.data
    return values


def _positions(X):
    """Return a number for each entry, in ascending order."""
    rows = np.repeat(np.arange(X.shape[0], dtype=np.int64), np.diff(X.indptr))
    return rows * X.shape[1] + X.indices


def _growth(values, indptr, norm):
    """Return the norm of each row divided by what it is without an entry, for each entry.

    0 stands for an entry without which nothing remains.
    """
    sizes = np.abs(values) if norm == "l1" else values**2
    rows = np.repeat(np.arange(indptr.size - 1), np.diff(indptr))

    def sums(of):
        return np.bincount(rows, of, minlength=indptr.size - 1)[rows]

    total = sums(sizes)
    others = total - sizes
    # Where an entry is most of its row, the difference would be inexact. There is one at most.
    most = sizes > total / 2
    others[most] = sums(np.where(most, 0, sizes))[most]
    growth = np.divide(total, others, out=np.zeros_like(total), where=others > 0)
    return growth if norm == "l1" else np.sqrt(growth)
