"""Counting the terms of documents that come in parts."""

import warnings

from sklearn.base import clone

from .._sklearn_compat import _fit_context
from .._stacklevel import find_stacklevel
from ._documents import flatten_integers
from ._learning import count_in_chunks, limits_documents
from ._ranking import rank_terms
from ._running_counts import RunningCounts

# What is known as soon as the columns are chosen.
_OF_COLUMNS = ("vocabulary_", "_n_features_out")


class CountingMixin:
    """`partial_fit` and `merge` of a vectorizer that counts terms.

    The counts are in `_counts`, as plain data. The columns are chosen from them when they are
    first asked for, since that takes a look at all terms.
    """

    _not_saved = ("_former_vocabulary",)

    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y=None):
        """Go on counting: learn from documents that follow those of the calls before.

        The vocabulary is that of one `fit` on all documents. It is chosen when it is asked for,
        as `transform` does, by the parameters that are set then. Columns may change when more
        documents are counted, so count all documents before you train on columns.

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
            has changed since the first call. A fitted vectorizer stays as it was.
        """
        counts = self._counts_until_now()
        kind, documents, vocabulary = self._read_training(X, getattr(self, "input_kind_", None))
        if kind == "integers":
            n_columns = self._count_integers(flatten_integers(documents)[0])
            n_columns = max(n_columns, vars(self).get("_n_features_out", 1))
            self._set_learned(kind, None, n_columns, 0)
        elif vocabulary is not None:
            self._encode_text(documents, kind, vocabulary, len(vocabulary))
            self._set_learned(kind, vocabulary, len(vocabulary), 0)
        else:
            running = RunningCounts.from_plain(counts, self.max_terms)
            self._count(documents, kind, running)
            counts = running.as_plain()
            self._drop_columns()
            self.input_kind_ = kind
        self._counts = counts | {"settings": self._counting_settings()}
        return self

    def merge(self, other):
        """Return a vectorizer that has counted this one's documents and then the other's.

        To merge is associative, so parts of a corpus can be counted anywhere, each by `partial_fit`
        of a vectorizer of its own, and merged pair by pair.

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
        mine, theirs = self._counts, other._counts
        kinds = self.input_kind_, other.input_kind_
        if kinds[0] != kinds[1] or mine["settings"] != theirs["settings"]:
            raise ValueError(
                f"merge needs vectorizers that count the same, but one has counted {kinds[0]} by "
                f"{mine['settings']}, and the other {kinds[1]} by {theirs['settings']}."
            )
        merged = clone(self)
        if kinds[0] == "integers" or self.vocabulary is not None:
            n_columns = max(self._n_features_out, other._n_features_out)
            merged._set_learned(kinds[0], self.vocabulary_, n_columns, 0)
            merged._counts = mine
            return merged
        running = RunningCounts.from_plain(mine, self.max_terms)
        running.error += theirs["error"]
        for part in RunningCounts.from_plain(theirs).parts:
            running.add(part)
        merged.input_kind_ = kinds[0]
        merged._counts = running.as_plain() | {"settings": mine["settings"]}
        return merged

    def _counts_until_now(self):
        """Return the counts of the calls of `partial_fit` before, as plain data."""
        if "_counts" in vars(self):
            settings = self._counting_settings()
            if self._counts["settings"] != settings:
                raise ValueError(
                    f"partial_fit has counted by {self._counts['settings']} and cannot go on by "
                    f"{settings}; set these parameters back, or start anew with fit."
                )
            return self._counts
        if hasattr(self, "input_kind_") and self.vocabulary is None:
            raise ValueError(
                "partial_fit cannot go on after fit, which keeps no counts; use partial_fit on a "
                "new vectorizer for all documents, from the first on."
            )
        return RunningCounts().as_plain()

    def _counting_settings(self):
        """Return the parameters that say what is counted, as plain data."""
        names = ("analyzer", "lowercase", "ngram_range", "stop_words")
        settings = {name: getattr(self, name) for name in names}
        if callable(self.analyzer):
            settings["analyzer"] = "callable"
        settings["min_df or max_df"] = limits_documents(self._limits())
        return settings

    def _drop_columns(self):
        """Forget the columns, which are chosen anew when they are asked for."""
        if "vocabulary_" in vars(self):
            self._former_vocabulary = self.vocabulary_
        for name in _OF_COLUMNS:
            vars(self).pop(name, None)

    def __getattr__(self, name):
        if name in _OF_COLUMNS and "_counts" in vars(self):
            self._choose_columns()
            return vars(self)[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def _choose_columns(self):
        """Choose the columns from what `partial_fit` has counted."""
        running = RunningCounts.from_plain(self._counts, self.max_terms)
        vocabulary = self._rank(running)
        former = vars(self).pop("_former_vocabulary", None)
        if former is not None and former != vocabulary:
            warnings.warn(
                "partial_fit has changed the columns since they were last asked for: what was "
                "trained on the former columns does not fit them.",
                stacklevel=find_stacklevel(),
            )
        self._counts = running.as_plain() | {"settings": self._counts["settings"]}
        self._set_learned(self.input_kind_, vocabulary, len(vocabulary), running.error)

    def _count(self, documents, kind, running):
        in_documents = limits_documents(self._limits())
        count_in_chunks(documents, self._analysis(kind), in_documents, self.n_jobs, running)

    def _rank(self, running):
        terms, _ = rank_terms(running.total(), **self._limits())
        return dict(zip(terms, range(len(terms)), strict=True))

    def _limits(self):
        names = ("num_words", "skip_top", "min_df", "max_df")
        return {name: getattr(self, name) for name in names}
