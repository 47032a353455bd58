"""Counting the terms of documents that come in parts."""

from __future__ import annotations

import warnings
from itertools import chain
from numbers import Integral
from typing import TYPE_CHECKING

from sklearn.base import clone

from .._fit_tasks import fit_task
from .._sklearn_compat import _fit_context
from .._stacklevel import find_stacklevel
from ._chunks import count_chunks
from ._documents import flatten_integers
from ._encoding import check_unknown_column
from ._learning import count_in_chunks
from ._parameters import check_parameters
from ._ranking import rank_terms
from ._reading_bar import reading_bar
from ._running_counts import RunningCounts

if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Self

    from .._typing import Documents

# What is known as soon as the columns are chosen.
_OF_COLUMNS = ("vocabulary_", "_n_features_out")


class CountingMixin:
    """`partial_fit` and `merge` of a vectorizer that counts terms.

    The counts are in `_counts`, as plain data. The columns are chosen from them when they are
    first asked for, since that takes a look at all terms. `input_kind_` is not there before a part
    has shown it: a part without documents, or of documents without tokens, does not.
    """

    _not_saved = ("_former_vocabulary",)

    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X: Documents, y: Any = None) -> Self:
        """Count more documents, after those of earlier calls.

        The vocabulary is that of one `fit` on all documents. It is chosen when it is first asked
        for after a call, as `transform` does, by the `num_words`, `skip_top`, `min_df` and `max_df`
        that are set then. Columns may change when more documents are counted, so count all
        documents before you train on columns.

        Parameters
        ----------
        X : iterable of str, of lists of str, or of sequences of int
            Some of the training documents.
        y : None
            Ignored.

        Returns
        -------
        self : object
            The vectorizer.

        Raises
        ------
        TypeError, ValueError
            If a document or a parameter is illegal, or if a parameter that says what is counted
            has changed since the first call. A fitted vectorizer stays as it was. Which terms have
            no column is not known yet, so ``handle_unknown="error"`` refuses none of them here.
            Two callables as `analyzer` are taken to be the same.
        """
        with (
            fit_task(self, "partial-fit", X=X, n_subtasks=lambda: self._count_chunks(X)) as task,
            reading_bar(self, "partial-fit", X, task) as task,
        ):
            self._partial_fit(X, task)
        return self

    def _partial_fit(self, X, task):
        check_parameters(self)
        known = vars(self).get("input_kind_")
        kind, documents, vocabulary = self._read_training(X, known)
        settings = self._counting_settings(vocabulary)
        running = self._counted_before(settings)
        documents, shows_kind = _with_evidence(kind, documents)
        if kind == "integers":
            integers, indptr = flatten_integers(documents)
            n_columns = self._count_integers(integers)
            checked = n_columns
            if self.num_words is None:
                n_columns = max(n_columns, vars(self).get("_n_features_out", 1))
                # Later documents may have the integer that stands for the unknown.
                unknown = self.handle_unknown
                checked = max(n_columns, unknown + 1 if isinstance(unknown, Integral) else 0)
            self._encode_integers(integers, indptr, checked)  # which checks the integers
            self._set_learned(kind, None, n_columns)
        elif vocabulary is not None:
            self._check_text(documents, kind, vocabulary, task)
            if shows_kind or known:
                self._set_learned(kind, vocabulary, len(vocabulary))
        else:
            self._count(documents, kind, running, task, in_documents=True)
            self._drop_columns()
            if shows_kind or known:
                self.input_kind_ = kind
        self._counts = running.as_plain() | {"settings": settings}

    def merge(self, other: Self) -> Self:
        """Return a vectorizer that has counted the documents of this one, then those of the other.

        Parts of a corpus can be counted anywhere, each by `partial_fit` of a vectorizer of its own,
        and merged pair by pair. Without `max_terms` it does not matter which pair comes first, as
        long as the documents stay in order.

        Parameters
        ----------
        other : MultiHotVectorizer
            A vectorizer that has counted by `partial_fit` what this one counts.

        Returns
        -------
        merged : MultiHotVectorizer
            A new vectorizer with the parameters of this one.

        Raises
        ------
        TypeError
            If `other` is of another class.
        ValueError
            If one of the two has not counted anything by `partial_fit`, or if they count
            different things.
        """
        if type(other) is not type(self):
            raise TypeError(f"cannot merge {type(self).__name__} and {type(other).__name__}.")
        for vectorizer in (self, other):
            if "_counts" not in vars(vectorizer):
                raise ValueError("merge needs two vectorizers that have counted by partial_fit.")
        kinds = [vars(vectorizer).get("input_kind_") for vectorizer in (self, other)]
        settings = self._counts["settings"]
        differences = _differences(settings, other._counts["settings"])
        if None not in kinds and kinds[0] != kinds[1]:
            differences.append(f"the kind of documents ({kinds[0]}, {kinds[1]})")
        if differences:
            raise ValueError(
                "merge needs vectorizers that count the same; they differ in "
                f"{', '.join(differences)}."
            )
        merged = clone(self)
        running = RunningCounts.from_plain(self._counts, self.max_terms)
        running.error += other._counts["error"]
        for part in RunningCounts.from_plain(other._counts).parts:
            running.add(part)
        merged._counts = running.as_plain() | {"settings": settings}
        kind = kinds[0] or kinds[1]
        if kind == "integers":
            columns = [vars(v).get("_n_features_out", 1) for v in (self, other)]
            merged._set_learned(kind, None, self.num_words or max(columns))
        elif kind and settings["vocabulary"] is not None:
            vocabulary = dict(settings["vocabulary"])
            merged._set_learned(kind, vocabulary, len(vocabulary))
        elif kind:
            merged.input_kind_ = kind
        return merged

    def _counted_before(self, settings):
        """Return the counts of earlier calls of `partial_fit`, and check that they can go on."""
        if "_counts" in vars(self):
            differences = _differences(self._counts["settings"], settings)
            if differences:
                raise ValueError(
                    "partial_fit cannot go on with other parameters than before; set these back, "
                    f"or start anew with fit: {', '.join(differences)}."
                )
            return RunningCounts.from_plain(self._counts, self.max_terms)
        if "input_kind_" in vars(self) and self.vocabulary is None:
            raise ValueError(
                "partial_fit cannot go on after fit, which keeps no counts; use partial_fit on a "
                "new vectorizer for all documents, from the first on."
            )
        return RunningCounts(max_terms=self.max_terms)

    def _counting_settings(self, vocabulary):
        """Return the parameters that say what is counted, as plain data."""
        stop_words = self.stop_words
        return {
            "analyzer": "callable" if callable(self.analyzer) else self.analyzer,
            "lowercase": self.lowercase,
            "ngram_range": self.ngram_range,
            "stop_words": list(stop_words) if isinstance(stop_words, list) else stop_words,
            "vocabulary": vocabulary,
        }

    def _drop_columns(self):
        """Forget the columns, which are chosen anew when they are asked for."""
        for name in _OF_COLUMNS:
            vars(self).pop(name, None)

    def __getattr__(self, name):
        if name in _OF_COLUMNS and {"_counts", "input_kind_"} <= vars(self).keys():
            self._choose_columns()
        return object.__getattribute__(self, name)  # with the error of Python, or of a property

    def _choose_columns(self):
        """Choose the columns from what `partial_fit` has counted."""
        check_parameters(self)
        running = RunningCounts.from_plain(self._counts, self.max_terms)
        vocabulary, _ = self._choose(running)
        former = vars(self).pop("_former_vocabulary", None)
        if former is not None and former != vocabulary:
            warnings.warn(
                "partial_fit has changed the columns since the last call of transform: what was "
                "trained on the former columns does not fit them.",
                stacklevel=find_stacklevel(),
            )
        self._counts = self._counts | running.as_plain()  # merged, for the next time
        self._set_learned(self.input_kind_, vocabulary, len(vocabulary))

    def _remember_columns(self):
        """Note that the columns are in use, to warn if they change."""
        if "_counts" in vars(self):
            self._former_vocabulary = self.vocabulary_

    def _count(self, documents, kind, running, task, in_documents):
        analysis = self._analysis(kind)
        count_in_chunks(documents, analysis, in_documents, self.n_jobs, running, task)

    def _count_chunks(self, X):
        """Return how many chunks of X are to be read, or None if that is not known."""
        return count_chunks(X, self.n_jobs)

    def _choose(self, running):
        """Return the vocabulary of counts, and by n the column of each term."""
        terms, columns = rank_terms(running.total(), **self._limits())
        check_unknown_column(self.handle_unknown, len(terms))
        return dict(zip(terms, range(len(terms)), strict=True)), columns

    def _limits(self):
        return {
            "num_words": None if self.num_words is None else int(self.num_words),
            "skip_top": int(self.skip_top),
            "min_df": self.min_df,
            "max_df": self.max_df,
        }


def _differences(settings, others):
    """Describe the settings that differ; not both values of those that may be long."""
    return [
        name if name in ("stop_words", "vocabulary") else f"{name} ({value!r}, {others[name]!r})"
        for name, value in settings.items()
        if value != others[name]
    ]


def _with_evidence(kind, documents):
    """Return the documents, and whether they show of which kind they are."""
    if kind == "integers":
        return documents, any(map(len, documents))
    first, documents = [], iter(documents)
    for document in documents:
        first.append(document)
        if kind == "text" or len(document):
            return chain(first, documents), True
    return first, False
