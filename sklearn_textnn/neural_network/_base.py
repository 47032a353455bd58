"""What both classifiers share: parameters, the order of fit, predictions, tags."""

from __future__ import annotations

from abc import abstractmethod
from contextlib import contextmanager
from functools import partial
from numbers import Integral, Real
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import NotFittedError
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from .._fit_tasks import fit_task
from .._persistence import PersistentMixin, check_complete
from .._sklearn_compat import (
    CallbackSupportMixin,
    HasMethods,
    Interval,
    StrOptions,
    _fit_context,
    available_if,
)
from .._sparse_structure import check_structure
from . import _forward
from ._architecture import Architecture
from ._checks import (
    check_combination,
    check_held_out_rows,
    check_same_network,
    check_streaming,
    check_training_rows,
    check_units,
    float_dtypes,
)
from ._convergence import warn_if_undertrained
from ._epoch_tasks import GivenRows, TrainingReport
from ._history import ARGBEST
from ._keras import import_keras
from ._loading import LEARNED, SOMETIMES_LEARNED, check_loaded_classifier
from ._rows import Rows
from ._split import Split, split_rows
from ._stages import iter_stage_logits, keep_stages
from ._target_form import target_form
from ._targets import declared_targets, known_targets, learned_targets
from ._training import train_classifier
from ._training_state import initial_state, interleave

if TYPE_CHECKING:
    from typing import Any

    from keras import Model
    from numpy.typing import ArrayLike, NDArray
    from typing_extensions import Self

    from .._typing import (
        Floats,
        Labels,
        Matrix,
        Predicted,
        StagedFloats,
        StagedPredicted,
        StagedScores,
    )


def _keeps_stages(estimator):
    """Whether there are staged predictions to ask for, for `available_if`."""
    if estimator.stages is None:
        raise AttributeError(
            "the weights after each epoch are not kept; set stages='all', or stages to a list of "
            "epochs, before fit"
        )
    return True


class BaseKerasTextClassifier(
    CallbackSupportMixin, PersistentMixin, ClassifierMixin, BaseEstimator
):
    """A dense Keras network on sparse features, trained as scikit-learn's classifiers are.

    A subclass says what its targets may be, its loss and its number of outputs, and how the logits
    become probabilities.
    """

    _parameter_constraints: dict = {
        "units": ["array-like", Interval(Integral, 1, None, closed="left")],
        "epochs": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "optimizer": [str, HasMethods(["apply", "build", "get_config"])],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "activation": [StrOptions(set(_forward.ACTIVATIONS))],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "l2": [Interval(Real, 0, None, closed="left")],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither"), None],
        "early_stopping": ["boolean"],
        "patience": [Interval(Integral, 0, None, closed="left")],
        "monitor": [StrOptions(set(ARGBEST))],
        "epoch_selection": [StrOptions({"val_loss", "val_accuracy"}), None],
        "callbacks": [list, tuple, None],
        "warm_start": ["boolean"],
        "stages": ["array-like", StrOptions({"all"}), None],
        "verbose": ["verbose"],
        "random_state": ["random_state"],
    }

    classes_: NDArray[Any]
    n_features_in_: int
    feature_names_in_: NDArray[Any]
    history_: dict[str, list[float]]
    n_iter_: int
    best_epoch_: int | None
    stages_: NDArray[np.integer[Any]]
    coefs_: list[Floats]
    intercepts_: list[Floats]

    _learned_constraints: ClassVar[dict] = {**LEARNED, **SOMETIMES_LEARNED}
    _not_saved: ClassVar[tuple] = ("_model",)

    @abstractmethod
    def __init__(
        self,
        units,
        *,
        epochs,
        batch_size,
        optimizer,
        learning_rate,
        activation,
        dropout,
        l2,
        class_weight,
        validation_fraction,
        early_stopping,
        patience,
        monitor,
        epoch_selection,
        callbacks,
        warm_start,
        stages,
        verbose,
        random_state,
    ):
        self.units = units
        self.epochs = epochs
        self.batch_size = batch_size
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.activation = activation
        self.dropout = dropout
        self.l2 = l2
        self.class_weight = class_weight
        self.validation_fraction = validation_fraction
        self.early_stopping = early_stopping
        self.patience = patience
        self.monitor = monitor
        self.epoch_selection = epoch_selection
        self.callbacks = callbacks
        self.warm_start = warm_start
        self.stages = stages
        self.verbose = verbose
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: Matrix,
        y: Labels,
        sample_weight: ArrayLike | None = None,
        X_val: Matrix | None = None,
        y_val: Labels | None = None,
    ) -> Self:
        """Train the network.

        Ctrl-C ends training with a warning and keeps the epochs that are done, as in
        :class:`~sklearn.neural_network.MLPClassifier`. In the first epoch, KeyboardInterrupt is
        raised and the estimator stays as it was.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training vectors, usually multi-hot. Sparse input stays sparse.
        y : {array-like, sparse matrix} of shape (n_samples,) or (n_samples, n_topics)
            Class labels. For `KerasTopicClassifier` also an indicator matrix of two or more
            columns: 1 if a row has a topic, 0 if not.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows in the loss and in the accuracy. Rows of weight zero are left out.
        X_val : {array-like, sparse matrix} of shape (n_val_samples, n_features), default=None
            Held-out vectors for validation after each epoch, instead of `validation_fraction`. In
            a Pipeline, pass raw documents and list "X_val" in the Pipeline's `transform_input`.
            With `epoch_selection` the final network is trained on these rows too.
        y_val : {array-like, sparse matrix} of shape (n_val_samples,) or \
                (n_val_samples, n_topics), default=None
            Their labels, all of which occur in `y`, or their topics, in the columns of `y`.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If the data and the parameters do not fit together, before any training. After it, if
            the weights are not finite, or if `epoch_selection` finds no epoch with a number. The
            estimator stays as it was.
        TypeError
            If `callbacks` holds anything but Keras callbacks, if `optimizer` is no optimizer of
            Keras, or if the labels are bytes or cannot be sorted.
        ImportError
            If Keras or TensorFlow is not installed.
        RuntimeError
            If TensorFlow cannot train here: Keras has another backend, or `fit` is called inside a
            `tf.function`, under a `tf.distribute` strategy, or in a process forked from one that
            has trained.
        """
        told = {"X": X, "y": y, "sample_weight": sample_weight}
        with (
            fit_task(self, "fit", **told, n_subtasks=self._count_subtasks) as task,
            _changed_on_success(self) as draft,
        ):
            draft._fit(X, y, sample_weight, X_val, y_val, task)
        return self

    def _fit(self, X, y, sample_weight, X_val, y_val, task):
        resume = self._resumes()
        form = self._check_form(y)
        given = X, y, sample_weight, X_val, y_val
        X, y, sample_weight, kept = check_training_rows(self, X, y, sample_weight, form, resume)
        targets = self._known_targets(y, form) if resume else self._learn_targets(y, form)
        rows = Rows(X, self._encode(targets, y, resume), sample_weight, np.flatnonzero(kept))
        held_out = check_held_out_rows(self, X_val, y_val, targets, X.dtype, kept.size)
        architecture = self._check_architecture(targets, X.dtype, resume)
        check_combination(self, held_out, resume)
        state = self._starting_state(architecture, resume)
        split = split_rows(self, targets, rows, held_out, state["split_seed"])
        report = self._report(task, given, architecture, resume)
        outcome = train_classifier(self, architecture, state, split, int(self.epochs), report)
        self._keep(architecture, outcome, resume)
        if not outcome.interrupted:
            warn_if_undertrained(self, split.training if split.every is None else split.every)

    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self,
        X: Matrix,
        y: Labels,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Train for one more epoch on these rows.

        Call it with one chunk of rows after another to learn from data that do not fit in memory.
        `epochs` and `warm_start` are not used.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training vectors.
        y : {array-like, sparse matrix} of shape (n_samples,) or (n_samples, n_topics)
            Class labels or an indicator matrix, as in `fit`. Not every class needs to occur.
        classes : array-like of shape (n_classes,), default=None
            All labels that will occur, or the topics in the order of the columns of an indicator
            matrix. Needed in the first call, unless `fit` came before.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, as in `fit`.

        Returns
        -------
        self : object
            The estimator after one more epoch: `n_iter_` and the entries of `history_` grow by one.

        Raises
        ------
        ValueError
            If the data and the parameters do not fit together. The estimator stays as it was.
        TypeError, ImportError, RuntimeError
            As in `fit`.
        """
        told = {"X": X, "y": y, "sample_weight": sample_weight}
        with (
            fit_task(self, "partial-fit", **told, n_subtasks=1) as task,
            _changed_on_success(self) as draft,
        ):
            draft._partial_fit(X, y, classes, sample_weight, task)
        return self

    def _partial_fit(self, X, y, classes, sample_weight, task):
        resume = hasattr(self, "coefs_")
        check_streaming(self)
        form = self._check_form(y)
        given = X, y, sample_weight
        X, y, sample_weight, kept = check_training_rows(self, X, y, sample_weight, form, resume)
        targets = self._declare_targets(classes, y, form)
        rows = Rows(X, targets.encode(y, "y"), sample_weight, np.flatnonzero(kept))
        architecture = self._check_architecture(targets, X.dtype, resume)
        state = self._starting_state(architecture, resume)
        split = Split(targets.weighted(rows, self.class_weight), None, None)
        report = self._report(task, given, architecture, resume)
        outcome = train_classifier(self, architecture, state, split, state["epoch"] + 1, report)
        self._keep(architecture, outcome, resume)

    def decision_function(self, X: Matrix) -> Floats:
        """Return the logits, the output of the last layer before its sigmoid or softmax.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Vectors as in `fit`.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            For two classes, the log-odds of `classes_[1]`; otherwise one logit for each class. For
            an indicator matrix, the log-odds of each topic.

        Raises
        ------
        NotFittedError
            If `fit` was not called.
        ValueError
            If X has another number of columns, holds NaN or infinity, or is damaged, or if the
            result would not be finite.
        """
        logits = self._logits(X)
        if logits.shape[1] == 2 and not self._targets.multilabel:
            return logits[:, 1] - logits[:, 0]
        return logits.ravel() if logits.shape[1] == 1 else logits

    def predict_proba(self, X: Matrix) -> Floats:
        """Return the probability of each class.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Vectors as in `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Probabilities in the order of `classes_`. Each row sums to 1. For an indicator matrix,
            the probability of each topic by itself.

        Raises
        ------
        NotFittedError
            If `fit` was not called.
        ValueError
            If X has another number of columns, holds NaN or infinity, or is damaged, or if the
            result would not be finite.
        """
        return self._probabilities(self._logits(X))

    def predict_log_proba(self, X: Matrix) -> Floats:
        """Return the logarithm of the probability of each class.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Vectors as in `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            The logarithms of what `predict_proba` returns, computed from the logits, so that they
            are finite where a probability rounds to 0.

        Raises
        ------
        NotFittedError
            If `fit` was not called.
        ValueError
            If X has another number of columns, holds NaN or infinity, or is damaged, or if the
            result would not be finite.
        """
        return self._log_probabilities(self._logits(X))

    def predict(self, X: Matrix) -> Predicted:
        """Return the most probable class, or the topics that are more probable than not.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Vectors as in `fit`.

        Returns
        -------
        {ndarray, sparse matrix} of shape (n_samples,) or (n_samples, n_topics)
            Labels from `classes_`, or an indicator matrix of the dtype of the one in `fit`, in CSR
            if that was sparse.

        Raises
        ------
        NotFittedError
            If `fit` was not called.
        ValueError
            If X has another number of columns, holds NaN or infinity, or is damaged, or if the
            result would not be finite.
        """
        return self._decide(self.predict_proba(X))

    @available_if(_keeps_stages)
    def staged_predict_proba(self, X: Matrix) -> StagedFloats:
        """Yield the probability of each class after each epoch kept in `stages_`.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Vectors as in `fit`.

        Yields
        ------
        ndarray of shape (n_samples, n_classes)
            What `predict_proba` returns after training for that many epochs.

        Raises
        ------
        NotFittedError
            If `fit` was not called. This and other errors come with the first result.
        ValueError
            If X has another number of columns, holds NaN or infinity, or is damaged, or if the
            result would not be finite.
        """
        for logits in self._staged_logits(X):
            yield self._probabilities(logits)

    @available_if(_keeps_stages)
    def staged_predict(self, X: Matrix) -> StagedPredicted:
        """Yield what `predict` returns after each epoch kept in `stages_`.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Vectors as in `fit`.

        Yields
        ------
        {ndarray, sparse matrix} of shape (n_samples,) or (n_samples, n_topics)
            What `predict` returns after training for that many epochs.

        Raises
        ------
        NotFittedError
            If `fit` was not called. This and other errors come with the first result.
        ValueError
            If X has another number of columns, holds NaN or infinity, or is damaged, or if the
            result would not be finite.
        """
        for probabilities in self.staged_predict_proba(X):
            yield self._decide(probabilities)

    @available_if(_keeps_stages)
    def staged_score(
        self, X: Matrix, y: Labels, sample_weight: ArrayLike | None = None
    ) -> StagedScores:
        """Yield the accuracy after each epoch kept in `stages_`.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Vectors as in `fit`.
        y : {array-like, sparse matrix} of shape (n_samples,) or (n_samples, n_topics)
            True labels, or an indicator matrix.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        Yields
        ------
        float
            What `score` returns after training for that many epochs.

        Raises
        ------
        NotFittedError
            If `fit` was not called. This and other errors come with the first result.
        ValueError
            If X has another number of columns, holds NaN or infinity, or is damaged, or if the
            result would not be finite.
        """
        from sklearn.metrics import accuracy_score  # slow to import

        for y_pred in self.staged_predict(X):
            yield accuracy_score(y, y_pred, sample_weight=sample_weight)

    @property
    def model_(self) -> Model:
        """The fitted network as a compiled `keras.Model`, built when it is first asked for."""
        check_is_fitted(self)
        model = vars(self).get("_model")
        if model is None:
            import_keras()
            from ._keras._model import keras_model

            coefs = self.coefs_
            model = keras_model(
                Architecture.from_plain(self._architecture),
                self._training_state["optimizer"],
                interleave(coefs, self.intercepts_),
                given=self.optimizer,
            )
            if self.coefs_ is coefs:  # no other thread has fitted since
                model = vars(self).setdefault("_model", model)  # the same one for every thread
        return model

    def __dir__(self):
        # To look at every name, as the HTML repr does, must not build a model.
        built = "_model" in vars(self)
        return [
            name
            for name in object.__dir__(self)
            if (name != "model_" or built) and hasattr(self, name)
        ]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _check_loaded(self):
        if check_complete(vars(self), [*LEARNED, "n_features_in_"]):
            self._check_classes(self._targets)
            check_loaded_classifier(self, self._targets)

    @property
    def _targets(self):
        """What encodes targets and decodes predictions."""
        return known_targets(self.classes_, getattr(self, "_target_form", None))

    def _check_form(self, y):
        """Return the form of y. A subclass refuses those that are not for it."""
        return target_form(y, "y")

    def _learn_targets(self, y, form):
        """Return the targets that y holds, and set `classes_`."""
        targets = learned_targets(y, form)
        self._set_targets(targets)
        return targets

    def _known_targets(self, y, form):
        """Return the targets of the fit before, which y must have too."""
        self._targets.check_form(form, "y")
        self._targets.check_same_classes(y)
        return self._targets

    def _declare_targets(self, classes, y, form):
        """Return the targets that `classes` of `partial_fit` declare, and set `classes_`."""
        declared = None if classes is None else declared_targets(classes, y, form)
        if not hasattr(self, "classes_"):
            if declared is None:
                raise ValueError("classes must be passed on the first call to partial_fit")
            self._set_targets(declared)
        self._targets.check_form(form, "y")
        if declared is not None and not np.array_equal(declared.classes, self.classes_):
            raise ValueError(
                f"classes={classes!r} is not the same as on last call to partial_fit, which was "
                f"{self.classes_.tolist()}"
            )
        self._targets.check_class_weight(self.class_weight)
        return self._targets

    def _set_targets(self, targets):
        self._check_classes(targets)
        vars(self).pop("_target_form", None)
        self.classes_ = targets.classes
        if targets.plain is not None:
            self._target_form = targets.plain

    def _check_classes(self, targets):
        """Raise ValueError where there are too few classes, or too many for this classifier."""
        if targets.classes.size < 2:
            raise ValueError(
                f"{type(self).__name__} needs at least 2 classes; the data holds only one class, "
                f"{targets.classes.tolist()[0]!r}"
            )

    def _encode(self, targets, y, resume):
        """Return the targets as integers."""
        encoded = targets.encode(y, "y")
        if not resume:
            targets.warn_if_multiclass(encoded)
        targets.check_class_weight(self.class_weight)
        return encoded

    def _check_architecture(self, targets, dtype, resume):
        """Return the architecture that the parameters and the data ask for."""
        architecture = Architecture(
            n_features=self.n_features_in_,
            units=check_units(self.units),
            n_outputs=self._n_outputs(targets),
            activation=self.activation,
            dropout=float(self.dropout),
            l2=float(self.l2),
            loss=self._loss(targets),
            dtype=np.dtype(dtype).name,
        )
        if resume:
            check_same_network(Architecture.from_plain(self._architecture), architecture, self)
        return architecture

    def _starting_state(self, architecture, resume):
        """Return where training starts: new weights and seeds, or those of the fit it continues."""
        if resume:
            return self._training_state | {"weights": interleave(self.coefs_, self.intercepts_)}
        sizes = [architecture.n_features, *architecture.units, architecture.n_outputs]
        return initial_state(sizes, architecture.dtype, check_random_state(self.random_state))

    def _resumes(self):
        return self.warm_start and hasattr(self, "coefs_")

    def _count_subtasks(self):
        """Return the largest number of subtasks of `fit`: trainings, or epochs of the only one."""
        if self.epoch_selection is not None:
            return 2
        return max(0, int(self.epochs) - (self.n_iter_ if self._resumes() else 0))

    def _report(self, task, given, architecture, resume):
        """Return what tells callbacks of training, or None if there are none."""
        if task is None:
            return None
        fitted = partial(self._fitted, architecture, resume=resume)
        return TrainingReport(task, GivenRows(*given), fitted)

    def _fitted(self, architecture, outcome, resume):
        """Return the attributes with which an outcome would leave this estimator."""
        fitted = object.__new__(type(self))
        vars(fitted).update(vars(self))
        fitted._keep(architecture, outcome, resume)
        return vars(fitted)

    def _keep(self, architecture, outcome, resume):
        """Set what was learned."""
        state = dict(outcome.state)
        weights = state.pop("weights")
        self.coefs_, self.intercepts_ = weights[::2], weights[1::2]
        self.history_ = outcome.history
        self.n_iter_ = state["epoch"]
        self.best_epoch_ = outcome.best_epoch
        keep_stages(self, outcome.stages, resume)
        self._architecture = architecture.to_plain()
        self._training_state = state
        vars(self).pop("_replaced_by", None)
        if outcome.replaced_by is not None:
            self._replaced_by = outcome.replaced_by
        vars(self).pop("_model", None)

    def _check_vectors(self, X):
        """Return the rows to predict."""
        check_is_fitted(self)
        check_structure(X)
        return validate_data(self, X, accept_sparse="csr", dtype=float_dtypes(X), reset=False)

    def _logits(self, X):
        known_rows, known = getattr(self, "_known_logits", (None, None))
        if known_rows is X and known is not None:
            return known.copy()
        return self._finite_logits(self._check_vectors(X), self.coefs_, self.intercepts_)

    def _staged_logits(self, X):
        X = self._check_vectors(X)
        if not hasattr(self, "_stage_weights"):
            raise NotFittedError(
                f"this {type(self).__name__} was fitted with stages=None, which keeps no weights; "
                f"fit it again with stages={self.stages!r}"
            )
        for logits in iter_stage_logits(self, X, list(self._stage_weights)):
            yield self._check_finite(logits)

    def _finite_logits(self, X, coefs, intercepts):
        """Return the logits of a network, which are numbers."""
        with np.errstate(over="ignore", invalid="ignore"):
            logits = _forward.logits(X, coefs, intercepts, self._architecture["activation"])
        return self._check_finite(logits)

    def _check_finite(self, logits):
        """Return logits that are numbers, or name the first row for which they are not."""
        finite = np.isfinite(logits).all(axis=1)
        if not finite.all():
            raise ValueError(
                f"row {int(finite.argmin())} of X has values so large that the network's output is "
                "not finite; scale X as in fit"
            )
        return logits

    def _decide(self, probabilities):
        """Return what is predicted from probabilities."""
        return self._targets.decode(probabilities)

    @abstractmethod
    def _loss(self, targets):
        """Return the name of Keras's loss."""

    @abstractmethod
    def _n_outputs(self, targets):
        """Return the number of units of the last layer."""

    @abstractmethod
    def _probabilities(self, logits):
        """Return the probability of each class, from what the last layer gives."""

    @abstractmethod
    def _log_probabilities(self, logits):
        """Return the logarithm of the probability of each class."""


@contextmanager
def _changed_on_success(estimator):
    """Yield a copy to work on, whose changes become the estimator's if nothing is raised.

    Until then, other threads that predict see the estimator as it was.
    """
    before = vars(estimator).copy()
    draft = object.__new__(type(estimator))
    vars(draft).update(before)
    yield draft
    changed = {
        name: value
        for name, value in vars(draft).items()
        if name not in before or value is not before[name]
    }
    vars(estimator).update(changed)
    for name in (before.keys() | {"_model"}) - vars(draft).keys():
        vars(estimator).pop(name, None)
