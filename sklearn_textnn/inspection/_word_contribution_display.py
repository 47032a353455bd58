"""WordContributionDisplay: the words that decided, for one document or for many."""

from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_consistent_length, column_or_1d

from .._sklearn_compat import _safe_indexing, check_matplotlib_support
from ..neural_network._target_form import target_form
from ._contribution_bars import axes_of_targets, draw_bars, draw_spread, strongest
from ._contribution_summary import QUARTILES, summarize
from ._document_steps import DocumentSteps
from ._shaded_document import document_pieces, to_html
from ._word_contributions import word_contributions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Literal

    from matplotlib.axes import Axes
    from matplotlib.collections import LineCollection
    from matplotlib.container import BarContainer
    from matplotlib.figure import Figure, SubFigure
    from numpy.typing import ArrayLike, NDArray
    from pandas import DataFrame
    from scipy.sparse import sparray, spmatrix
    from sklearn.base import BaseEstimator
    from typing_extensions import Self

    from .._typing import Labels, Samples

# A figure has at most this many targets unless they are named.
_MAX_TARGETS = 6


class WordContributionDisplay:
    """The words with the largest contributions, for one document or for many.

    It is recommended to use :meth:`from_estimator` to create a display. All parameters are
    stored as attributes.

    Parameters
    ----------
    contributions : sparse matrix of shape (n_documents, n_features)
        The contribution of each word of each document to the logit of the document's target. A
        stored zero is the contribution of a word that the document has.

    feature_names : array-like of str of shape (n_features,)
        The words and n-grams.

    targets : array-like of shape (n_documents,)
        The class that each row of `contributions` is about, by the name that is shown. The
        documents of one target are summarized together.

    logits : array-like of shape (n_documents,), default=None
        The logit of the target of each document.

    probabilities : array-like of shape (n_documents,), default=None
        The probability of the target of each document.

    pieces : list of (str, float or None), default=None
        The text of a single document, cut into pieces. A word has a contribution, and None is for
        what is between the words and for unknown words.

    n_words : int, default=10
        How many words to draw for each target, and how many against it.

    min_df : float in range [0.0, 1.0] or int, default=0.01
        Leave out words that are in fewer documents of a target than this. An int is a number of
        documents, a float a proportion of the documents of the target.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the bars of the first target.

    axes_ : ndarray of matplotlib Axes of shape (n_targets,)
        Axes with the bars of each target.

    figure_ : matplotlib Figure
        Figure containing the bars.

    bars_ : list of matplotlib BarContainer
        The bars of each target.

    spreads_ : list of matplotlib LineCollection or None
        The lines from the first to the third quartile, for each target. None for a target with a
        single document.

    See Also
    --------
    word_contributions : Computes the contributions, and says what they are.
    TrainingCurveDisplay : Loss or accuracy over the epochs.

    Notes
    -----
    For several documents, the contribution of a word is a mean over the documents of the target
    that hold the word. The words that matter most where they occur come first, and `min_df` leaves
    out rare ones. The number of these documents stands beside the word. :meth:`frame` also has the
    number of documents of other targets that hold it. A word with a large contribution that is in
    nearly no document of the other targets may give the label away.

    Bars to the right are words for the target. Bars to the left, which are hatched, are against it.

    A notebook shows the display of a single document as the document itself, see :meth:`to_html`.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_textnn import KerasBinaryReviewClassifier, MultiHotVectorizer
    >>> from sklearn_textnn import WordContributionDisplay
    >>> documents = ["a fine film", "fine acting", "a dull film", "dull acting"] * 5
    >>> y = ["good", "good", "bad", "bad"] * 5
    >>> pipeline = make_pipeline(
    ...     MultiHotVectorizer(), KerasBinaryReviewClassifier(learning_rate=0.05, random_state=0)
    ... ).fit(documents, y)
    >>> display = WordContributionDisplay.from_estimator(pipeline, "Fine, a fine film!")
    >>> display.frame()[["target", "term"]].head(1)
      target  term
    0   good  fine
    >>> [text for text, contribution in display.pieces]
    ['Fine', ', ', 'a', ' ', 'fine', ' ', 'film', '!']
    >>> display = WordContributionDisplay.from_estimator(pipeline, documents, y)
    >>> display.frame().groupby("target").first()[["term", "count", "count_others"]]
            term  count  count_others
    target
    bad     dull     10             0
    good    fine     10             0
    """

    ax_: Axes
    axes_: NDArray[Any]
    figure_: Figure | SubFigure
    bars_: list[BarContainer]
    spreads_: list[LineCollection | None]

    def __init__(
        self,
        *,
        contributions: spmatrix | sparray,
        feature_names: ArrayLike,
        targets: ArrayLike,
        logits: ArrayLike | None = None,
        probabilities: ArrayLike | None = None,
        pieces: list[tuple[str, float | None]] | None = None,
        n_words: int = 10,
        min_df: float = 0.01,
    ) -> None:
        self.contributions = contributions
        self.feature_names = feature_names
        self.targets = targets
        self.logits = logits
        self.probabilities = probabilities
        self.pieces = pieces
        self.n_words = n_words
        self.min_df = min_df

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        X: Samples | str | bytes,
        y: Labels | None = None,
        *,
        target: Any = None,
        method: Literal["integrated_gradients", "leave_one_out"] = "integrated_gradients",
        feature_names: ArrayLike | None = None,
        display_labels: ArrayLike | None = None,
        n_words: int = 10,
        min_df: float = 0.01,
        ax: Axes | Sequence[Axes] | NDArray[Any] | None = None,
        bar_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the words that decided about one document, or about many.

        Parameters
        ----------
        estimator : estimator instance
            A fitted classifier of this package, or a fitted
            :class:`~sklearn.pipeline.Pipeline` or search that :func:`word_contributions` takes.

        X : iterable of documents, {array-like, sparse matrix}, str or bytes
            The documents, as for the estimator's `predict`. A str is one document. A single
            document of another kind is a list of one, ``[document]``, since a list of str may be
            many documents or the tokens of one.

        y : {array-like, sparse matrix} of shape (n_documents,) or (n_documents, n_classes), \
                default=None
            The labels of the documents. The words of each document are then for or against its
            own label. With an indicator matrix, a document counts for each of its topics. None
            takes the predicted class, or the most probable topic.

        target : label, default=None
            The class, one of ``classes_``, that the words of all documents are for or against,
            instead of those of `y`.

        method : str, default="integrated_gradients"
            How to compute contributions, as in :func:`word_contributions`.

        feature_names : array-like of str of shape (n_features,), default=None
            The words of the columns, to read integer sequences and matrices. None takes the names
            that the estimator knows.

        display_labels : array-like of shape (n_classes,), default=None
            The names of the classes, in the order of ``classes_``. None shows ``classes_``.

        n_words : int, default=10
            How many words to draw for each target, and how many against it.

        min_df : float in range [0.0, 1.0] or int, default=0.01
            Leave out words that are in fewer documents of a target than this. An int is a number
            of documents, a float a proportion of the documents of the target.

        ax : matplotlib Axes or array-like of Axes, default=None
            Axes to draw on, one for each target. None creates a new figure.

        bar_kw : dict, default=None
            Keyword arguments for ``matplotlib.axes.Axes.barh``, for all bars.

        Returns
        -------
        display : WordContributionDisplay
            The display, with the bars drawn.

        Raises
        ------
        ValueError
            If there is no document, if a label or a parameter is illegal, or if both `y` and
            `target` are given.
        TypeError
            If :func:`word_contributions` does not know a step of the estimator.
        NotFittedError
            If the estimator is not fitted.
        """
        check_matplotlib_support(f"{cls.__name__}.from_estimator")
        _check_n_words(n_words)
        _check_min_df(min_df)
        if y is not None and target is not None:
            raise ValueError(
                "y and target cannot both be given: y is the target of each document, and target"
                " is that of all. Select the documents of a class to see its words alone."
            )
        steps = DocumentSteps(estimator)
        if getattr(steps.vectorizer, "input", None) == "file":
            raise ValueError(
                "the documents are read more than once, and the vectorizer has input='file'; fit"
                " one with input='filename' or 'content'."
            )
        X = _documents(X)
        labels = _display_labels(display_labels, steps.classifier.classes_)
        rows, target = _targets(estimator, steps.classifier, X, y, target)
        if rows is not None:
            X = _safe_indexing(X, rows)
        explained = word_contributions(
            estimator,
            X,
            target=target,
            method=method,
            feature_names=feature_names,
        )
        code_of = {label: code for code, label in enumerate(steps.classifier.classes_.tolist())}
        codes = [code_of[label] for label in explained.targets.tolist()]
        display = cls(
            contributions=explained.contributions,
            feature_names=explained.feature_names,
            targets=labels[codes],
            logits=explained.logits,
            n_words=n_words,
            min_df=min_df,
        )
        if len(codes) == 1:
            display.probabilities = estimator.predict_proba(X)[:, codes[0]]
            display.pieces = document_pieces(
                steps,
                X,
                explained.contributions,
                None if feature_names is None else explained.feature_names,
            )
        return display.plot(ax, bar_kw=bar_kw)

    def frame(self) -> DataFrame:
        """Return the numbers as a table.

        Returns
        -------
        frame : pandas DataFrame
            One row for each target and word that is in enough documents (`min_df`), with the
            largest mean first. The columns are ``target``, ``term``, the ``mean`` and the
            quartiles ``q25``, ``median`` and ``q75`` of its contributions, the ``count`` of the
            documents of the target that hold it, and ``count_others``, the same for the other
            targets. For a single document, the mean and the quartiles are the contribution.
        """
        import pandas as pd

        columns = ["target", "term", "mean", *QUARTILES, "count", "count_others"]
        frames = [pd.DataFrame({"target": target} | table) for target, _, table in self._tables()]
        frames = [frame for frame in frames if len(frame)]
        if not frames:
            return pd.DataFrame(columns=columns)
        return pd.concat(frames, ignore_index=True)[columns]

    def plot(
        self,
        ax: Axes | Sequence[Axes] | NDArray[Any] | None = None,
        *,
        targets: Sequence[Any] | None = None,
        bar_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the bars.

        Parameters
        ----------
        ax : matplotlib Axes or array-like of Axes, default=None
            Axes to draw on, one for each target. None creates a new figure.

        targets : list, default=None
            The targets to draw. None draws all, or the six with the most documents if there are
            more.

        bar_kw : dict, default=None
            Keyword arguments for ``matplotlib.axes.Axes.barh``, for all bars.

        Returns
        -------
        display : WordContributionDisplay
            The display itself, with the attributes of what was drawn.

        Raises
        ------
        ValueError
            If `targets` has a target without documents, or `ax` is not one for each target.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        from matplotlib.cbook import normalize_kwargs
        from matplotlib.patches import Rectangle

        bar_kw = normalize_kwargs(bar_kw, Rectangle)
        drawn = [
            (target, rows, strongest(table, self.n_words))
            for target, rows, table in self._drawn(targets)
        ]
        self.axes_ = axes_of_targets(ax, [len(table["term"]) for *_, table in drawn])
        self.ax_, self.figure_ = self.axes_[0], self.axes_[0].figure
        self.bars_, self.spreads_ = [], []
        for ax, (target, rows, table) in zip(self.axes_, drawn, strict=True):
            several = len(rows) > 1
            self.bars_.append(draw_bars(ax, table, bar_kw, counts=several))
            self.spreads_.append(draw_spread(ax, table) if several else None)
            ax.set_title(self._title(target, rows), parse_math=False)
            ax.set_xlabel("Contribution to the logit")
        return self

    def to_html(self) -> str:
        """Return a single document as HTML, with its words shaded by contribution.

        Returns
        -------
        html : str
            An element to put into a page. It has no scripts and style sheets.

        Raises
        ------
        ValueError
            If the display is not of a single document.

        Notes
        -----
        The text is that of the document. Words are found as the vectorizer finds them. The
        contribution of an n-gram is divided equally among its occurrences, and then among the
        words of each. A word has its own contribution and its shares, so that the sum stays the
        same. An n-gram of characters is divided in the same way among its characters, and a word
        has the sum of those of its characters.

        Words for the target are blue with a solid line below, words against it orange with a
        dashed line. The color and the width of the line grow with the contribution, and the tooltip
        gives it as a number. Text has the color of the page, so it can be read in dark mode.

        If the vectorizer has an `analyzer`, `tokenizer` or `preprocessor` of your own, where words
        are in the text is not known, and the tokens are shown with spaces between them. Integer
        sequences are shown in the same way, with the words of `feature_names`. A row of a matrix
        is shown as its words, in the order of the columns.
        """
        if self.pieces is None:
            n_documents = len(self.targets)
            raise ValueError(
                f"The display has contributions of {n_documents} documents, and HTML shows a single"
                " one. Create a display of one document."
                if n_documents > 1
                else "The display has no text. Create it with from_estimator."
            )
        return to_html(self.pieces, self._title(self.targets[0], [0]))

    def _repr_html_(self):
        """Return the HTML of a single document, which notebooks show."""
        return None if self.pieces is None else self.to_html()

    def _tables(self):
        """Return each target, the rows of its documents, and its words, the largest mean first."""
        _check_n_words(self.n_words)
        _check_min_df(self.min_df)
        names, targets = np.asarray(self.feature_names, dtype=object), np.asarray(self.targets)
        contributions = sp.csr_matrix(self.contributions)
        check_consistent_length(contributions, targets, self.logits, self.probabilities)
        if contributions.shape[1] != len(names):
            raise ValueError(
                f"contributions has {contributions.shape[1]} columns, and feature_names has"
                f" {len(names)} names."
            )
        n_holding = np.bincount(contributions.indices, minlength=len(names))
        tables = []
        for target in np.unique(targets).tolist():
            rows = np.flatnonzero(targets == target)
            columns, table = summarize(contributions[rows])
            table["count_others"] = n_holding[columns] - table["count"]
            least = self.min_df if isinstance(self.min_df, Integral) else self.min_df * len(rows)
            order = np.argsort(-table["mean"], kind="stable")
            order = order[table["count"][order] >= least]
            table = {"term": names[columns]} | table
            tables.append((target, rows, {key: of[order] for key, of in table.items()}))
        return tables

    def _drawn(self, targets):
        """Return the tables of the targets to draw."""
        tables = self._tables()
        if targets is None:
            largest = sorted(tables, key=lambda table: -len(table[1]))[:_MAX_TARGETS]
            targets = [target for target, *_ in largest]
            return [table for table in tables if table[0] in targets]
        by_target = {table[0]: table for table in tables}
        unknown = [target for target in targets if target not in by_target]
        if unknown or not len(targets):
            raise ValueError(f"targets must be some of {[*by_target]}, got {list(targets)}.")
        return [by_target[target] for target in targets]

    def _title(self, target, rows):
        if len(rows) > 1:
            return f"{target} ({len(rows):,} documents)"
        (row,) = rows
        texts = [] if self.logits is None else [f"logit {self.logits[row]:.2f}"]
        texts += (
            [] if self.probabilities is None else [f"probability {self.probabilities[row]:.2f}"]
        )
        return f"{target}: {', '.join(texts)}" if texts else str(target)


def _check_n_words(n_words):
    if not isinstance(n_words, Integral) or isinstance(n_words, bool) or n_words < 1:
        raise ValueError(f"n_words must be an int of at least 1, got {n_words!r}.")


def _check_min_df(min_df):
    is_count = isinstance(min_df, Integral) and not isinstance(min_df, bool) and min_df >= 1
    is_share = not isinstance(min_df, Integral) and isinstance(min_df, Real) and 0 <= min_df <= 1
    if not is_count and not is_share:
        raise ValueError(
            f"min_df must be a float from 0.0 to 1.0 or an int of at least 1, got {min_df!r}."
        )


def _display_labels(display_labels, classes):
    """Return the name of each class."""
    labels = np.asarray(classes if display_labels is None else display_labels)
    if labels.shape != classes.shape:
        raise ValueError(
            f"display_labels must be a name for each of the {len(classes)} classes, got the shape"
            f" {labels.shape}."
        )
    return labels


def _documents(X):
    """Return documents that can be counted and selected."""
    if isinstance(X, (str, bytes)):
        X = [X]
    elif not hasattr(X, "shape") and not hasattr(X, "__getitem__"):
        X = list(X)
    elif sp.issparse(X):
        X = X.tocsr()  # not all formats can be indexed
    if not _num_documents(X):
        raise ValueError("X has no documents.")
    return X


def _num_documents(X):
    return X.shape[0] if hasattr(X, "shape") else len(X)


def _targets(estimator, classifier, X, y, target):
    """Return the targets of the documents.

    With an indicator matrix, also the rows of the documents: one for each document and topic.
    Otherwise, None stands for all rows.
    """
    classes, multilabel = classifier.classes_, classifier._targets.multilabel
    if y is None:
        if target is None and multilabel:
            target = classes[estimator.decision_function(X).argmax(axis=1)]
        return None, target
    check_consistent_length(X, y)
    if not multilabel:
        return None, _checked_labels(y, classes)
    classifier._targets.check_form(target_form(y, "y"), "y")
    rows, columns = np.nonzero(classifier._targets.encode(y, "y"))
    if not len(rows):
        raise ValueError("No document of y has a topic.")
    return rows, classes[columns]


def _checked_labels(y, classes):
    y = column_or_1d(y)
    unknown = sorted(set(y.tolist()) - set(classes.tolist()), key=str)
    if unknown:
        raise ValueError(f"y has {unknown}, and the classes are {classes.tolist()}.")
    return y
