"""word_contributions: what each word of a document adds to the logit of a class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from sklearn.utils import Bunch

from .._sklearn_compat import StrOptions, validate_params
from ..feature_extraction._sparse_output import in_configured_interface
from ..neural_network._architecture import Architecture
from ._document_steps import DocumentSteps
from ._integrated_gradients import integrated_gradients
from ._leave_one_out import leave_one_out
from ._logit_network import LogitNetwork

if TYPE_CHECKING:
    from typing import Any, Literal

    from numpy.typing import ArrayLike
    from sklearn.base import BaseEstimator

    from .._typing import Samples

_METHODS = {"integrated_gradients": integrated_gradients, "leave_one_out": leave_one_out}

# Numbers in the largest array of a batch of documents: few megabytes, but many rows a product.
_BATCH = 2**19


@validate_params(
    {
        "estimator": "no_validation",
        "X": "no_validation",
        "target": "no_validation",
        "method": [StrOptions(set(_METHODS))],
        "feature_names": ["array-like", None],
    },
    prefer_skip_nested_validation=True,
)
def word_contributions(
    estimator: BaseEstimator,
    X: Samples,
    *,
    target: Any = None,
    method: Literal["integrated_gradients", "leave_one_out"] = "integrated_gradients",
    feature_names: ArrayLike | None = None,
) -> Bunch:
    """Say how much each word of a document contributes to the logit of a class.

    A positive contribution speaks for the class, a negative one against it. The reference is the
    empty document. This needs neither TensorFlow nor random samples.

    Parameters
    ----------
    estimator : Pipeline, classifier or search
        A fitted :class:`KerasBinaryReviewClassifier` or :class:`KerasTopicClassifier`, or a fitted
        :class:`~sklearn.pipeline.Pipeline` that ends in one. The Pipeline may begin with a
        :class:`MultiHotVectorizer`, a :class:`~sklearn.feature_extraction.text.CountVectorizer` or
        a :class:`~sklearn.feature_extraction.text.TfidfVectorizer`. After it there may be any
        number of :class:`~sklearn.feature_extraction.text.TfidfTransformer` and
        :class:`LogCountRatioTransformer`. Of a search, the best estimator is explained.

    X : iterable of str, of lists of str or of sequences of int, or {array-like, sparse matrix} \
            of shape (n_documents, n_features)
        What `predict` of the estimator takes: documents, or vectors if there is no vectorizer.

    target : label or array-like of shape (n_documents,), default=None
        The class to explain, one of `classes_`, or a class for each document, for example the true
        one. For a classifier of several topics, a topic. None explains the predicted class of each
        document, and with several topics each topic.

    method : {"integrated_gradients", "leave_one_out"}, default="integrated_gradients"
        "integrated_gradients" distributes the logit of the document, minus the logit of the empty
        document, over the words [1]_. The contributions add up to this difference.
        "leave_one_out" is the logit of the document minus the logit without the word. These
        contributions do not add up, because words can replace or need each other.

    feature_names : array-like of shape (n_features,), default=None
        Names of the columns, for example the words behind integer sequences. None takes the names
        from `get_feature_names_out` of the vectorizer, or `feature_names_in_` of the first step,
        or "x0", "x1" and so on.

    Returns
    -------
    explanation : :class:`~sklearn.utils.Bunch`
        Dictionary-like object, with the following attributes.

        contributions : sparse matrix of shape (n_documents, n_features), or list of them
            The contributions as float64 in CSR. The entries of a row are the words of the document
            that have a column, even where the contribution is 0. If `target` is None and there are
            several topics, this is a list with a matrix for each topic, in the order of `classes_`.
        feature_names : ndarray of shape (n_features,)
            The words and n-grams of the columns.
        targets : ndarray of shape (n_documents,) or (n_topics,)
            The class that is explained, for each document. For a list of matrices, the topics.
        logits : ndarray of shape (n_documents,) or (n_documents, n_topics)
            The logit of this class for each document. For a list of matrices, a column for each.
        empty_logits : ndarray of shape (n_documents,) or (n_documents, n_topics)
            The same for the empty document.

    Raises
    ------
    NotFittedError
        If the estimator is not fitted.
    TypeError
        If the estimator, or one of its steps, is not one of those named above.
    ValueError
        If `target` is not one of the classes, if `feature_names` has another length, if the search
        has no best estimator, or if a step has ``sublinear_tf=True`` after another step with a
        norm, for which the effect of leaving a word out cannot be computed.

    See Also
    --------
    WordContributionDisplay : Draws the words with the largest contributions.
    sklearn.inspection.permutation_importance : How much a score depends on a column of any model.
    sklearn.linear_model.LogisticRegression : The same question is answered by its coefficients.

    Notes
    -----
    The logit of a class is what `decision_function` returns for it. With two classes there is one
    logit, the log-odds of ``classes_[1]``, and the logit of ``classes_[0]`` is minus that. With
    more classes, a word that adds the same to all logits does not change the softmax. To see why
    class a was predicted and not class b, subtract the contributions to b from those to a.

    What contributes, and what is left out, is a column of the vectors. If the vectorizer makes
    n-grams, "not", "good" and "not good" are three columns, each with a contribution of its own.
    To leave out "good" leaves "not good" in. A word that occurs several times is one column, and
    all its occurrences are left out together. A word without a column contributes nothing. If
    unknown words set a column (`handle_unknown` of :class:`MultiHotVectorizer`), that column stands
    for all of them.

    Integrated gradients are x times the mean gradient on the straight line from the empty document,
    a row of zeros, to the row x that the network gets. With relu, leaky_relu and linear units,
    and with at most one hidden layer of any units, the mean is exact. With two or more layers of
    other units, each line is cut into pieces until the mean of a piece changes by at most 1e-7.
    The sum of the contributions is exact in any case. Without hidden layers, a contribution is the
    weight of the word times its coefficient, for both methods.

    Leaving a word out is exact too. The first layer adds the rows of ``coefs_[0]`` that belong to
    the words of a document, so that a row is subtracted and only the layers above are computed
    again. If a step divides vectors by their norm, the other words of the document grow when one
    is left out, as they do in `transform` of the document without this word.

    All numbers are float64. Documents are explained in batches, so that memory is a small multiple
    of the size of the results.

    References
    ----------
    .. [1] M. Sundararajan, A. Taly and Q. Yan, "Axiomatic Attribution for Deep Networks", ICML
       2017.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_textnn import KerasBinaryReviewClassifier, MultiHotVectorizer
    >>> from sklearn_textnn import word_contributions
    >>> reviews = ["a fine film", "a dull film", "fine acting", "dull acting"] * 5
    >>> classifier = KerasBinaryReviewClassifier(epochs=30, learning_rate=0.05, random_state=0)
    >>> pipeline = make_pipeline(MultiHotVectorizer(), classifier)
    >>> pipeline.fit(reviews, ["good", "bad", "good", "bad"] * 5)
    Pipeline(...)
    >>> explanation = word_contributions(pipeline, ["a dull dull film"])
    >>> explanation.targets
    array(['bad'], dtype='<U4')
    >>> row = explanation.contributions[[0]]
    >>> str(explanation.feature_names[row.indices[row.data.argmax()]])
    'dull'
    >>> bool(abs(row.sum() - (explanation.logits[0] - explanation.empty_logits[0])) < 1e-6)
    True
    """
    steps = DocumentSteps(estimator)
    classifier = steps.classifier
    names = _check_names(feature_names, steps)
    documents = steps.encode(X, leaves_out=method == "leave_one_out")
    network = LogitNetwork.from_classifier(classifier)
    if target is None and Architecture.from_plain(classifier._architecture).multilabel:
        targets = classifier.classes_.copy()
        explained = _explain_topics(network, documents, method)
    else:
        codes = _codes(target, classifier, documents)
        targets = classifier.classes_[codes]
        explained = _explain_classes(network, documents, codes, method)
    contributions, logits, empty_logits = explained
    matrices = [_as_matrix(column, documents.X) for column in contributions.T]
    sums = [matrix.sum(axis=1) for matrix in matrices]
    classifier._check_finite(np.column_stack([logits, *sums]))
    return Bunch(
        contributions=matrices if logits.ndim == 2 else matrices[0],
        feature_names=names,
        targets=targets,
        logits=logits,
        empty_logits=empty_logits,
    )


def _check_names(feature_names, steps):
    """Return the names of the columns."""
    if feature_names is None:
        return steps.feature_names()
    names = np.asarray(feature_names, dtype=object)
    n_features = steps.classifier.n_features_in_
    if names.shape != (n_features,):
        raise ValueError(
            f"feature_names has the shape {names.shape}; the classifier was fitted on {n_features} "
            "columns, so pass one name for each of them"
        )
    return names


def _codes(target, classifier, documents):
    """Return the index of the class to explain, for each document."""
    classes, n_documents = classifier.classes_, documents.X.shape[0]
    if target is None:
        weights = classifier.coefs_, classifier.intercepts_
        logits = classifier._finite_logits(documents.vectors, *weights)
        labels = classifier._decide(classifier._probabilities(logits))
        return np.searchsorted(classes, labels)
    labels = np.asarray(target)
    if labels.ndim and labels.shape != (n_documents,):
        raise ValueError(
            f"target has the shape {labels.shape}, and X has {n_documents} documents; pass one "
            "class, or one for each document"
        )
    code_of = {label: code for code, label in enumerate(classes.tolist())}
    labels = np.ravel(labels).tolist()
    unknown = sorted(set(labels) - set(code_of), key=str)
    if unknown:
        raise ValueError(f"target has {unknown}, and the classes are {list(code_of)}")
    return np.broadcast_to([code_of[label] for label in labels], n_documents)


def _explain_topics(network, documents, method):
    """Return contributions to each logit, a column for each, and these and the empty logits."""
    contributions, logits = _explain(network, *documents[1:], method)
    return contributions, logits, np.tile(network.empty_logits(), (len(logits), 1))


def _explain_classes(network, documents, codes, method):
    """Return the same for one logit of each document, the contributions in a single column."""
    X, growth = documents[1:]
    contributions = np.empty((X.nnz, 1))
    logits, empty_logits = np.empty((2, len(codes)))
    for code in np.unique(codes):
        chosen = codes == code
        entries = np.repeat(chosen, np.diff(X.indptr))
        of_class = network.of_class(code)
        rows = X if chosen.all() else X[chosen]
        found = _explain(of_class, rows, None if growth is None else growth[entries], method)
        contributions[entries], logits[chosen] = found[0], found[1][:, 0]
        empty_logits[chosen] = of_class.empty_logits()
    return contributions, logits, empty_logits


def _explain(network, X, growth, method):
    """Return contributions to each output, and the outputs, in batches of documents."""
    with np.errstate(over="ignore", invalid="ignore"):  # checked at the end
        products = X @ network.coefs[0]
        contributions = np.empty((X.nnz, len(network.intercepts[-1])), order="F")
        for start, stop in _batches(X.indptr, network.intercepts):
            entries = slice(X.indptr[start], X.indptr[stop])
            contributions[entries] = _METHODS[method](
                network,
                products[start:stop],
                np.repeat(np.arange(stop - start), np.diff(X.indptr[start : stop + 1])),
                X.indices[entries],
                X.data[entries],
                None if growth is None else growth[entries],
            )
        return contributions, network.logits(products)


def _as_matrix(contributions, X):
    """Return the contributions of the entries of X as CSR that can be changed by itself."""
    parts = contributions, X.indices.copy(), X.indptr.copy()
    return in_configured_interface(sp.csr_array(parts, shape=X.shape))


def _batches(indptr, intercepts):
    """Yield where batches of documents start and stop.

    An array of a batch has a row for each word, or about one for each unit and document.
    """
    n_units = sum(map(len, intercepts))
    load = indptr + n_units * np.arange(indptr.size, dtype=np.int64)
    start = 0
    while start < indptr.size - 1:
        limit = load[start] + _BATCH // n_units
        stop = max(start + 1, int(np.searchsorted(load, limit, side="right")) - 1)
        yield start, stop
        start = stop
