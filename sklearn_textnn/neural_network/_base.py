"""What both classifiers share: constraints, the order of fit, predict, tags."""

import random
import sys
import warnings
from abc import abstractmethod
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import (
    check_consistent_length,
    check_is_fitted,
    validate_data,
)

from .._persistence import PersistentMixin, check_complete
from .._sklearn_compat import HasMethods, Interval, StrOptions, _check_sample_weight, _fit_context
from . import _forward
from ._batches import Rows, canonical_csr
from ._stages import StagesMixin
from ._targets import announced_targets, known_targets, learned_targets, target_form
from ._training_state import (
    ARGBEST,
    best_epoch_of,
    check_loaded,
    extended,
    initial_state,
    interleave,
)

# As in MLPClassifier, the data decide on the precision; what is neither becomes float32.
_DTYPES = [np.float32, np.float64]

# What `fit` sets, all of it or nothing; names of features come and go with the data.
_LEARNED = (
    "classes_",
    "n_features_in_",
    "coefs_",
    "intercepts_",
    "history_",
    "n_iter_",
    "best_epoch_",
    "_architecture",
    "_training_state",
)


class _KerasTextClassifier(StagesMixin, PersistentMixin, ClassifierMixin, BaseEstimator):
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
    def fit(self, X, y, sample_weight=None, X_val=None, y_val=None):
        """Train the network.

        Ctrl-C ends training with a warning and keeps the epochs done by then, as in
        :class:`~sklearn.neural_network.MLPClassifier`; in the first epoch it is raised, and what
        was fitted before stays.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training vectors, multi-hot ones as a rule. Sparse input stays sparse.
        y : {array-like, sparse matrix} of shape (n_samples,) or (n_samples, n_topics)
            Class labels or, for `KerasTopicClassifier`, an indicator matrix: 1 where a row has a
            topic, 0 where it has not, at least two columns.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows in the loss and in the accuracy. A row of weight zero is left out.
        X_val : {array-like, sparse matrix} of shape (n_val_samples, n_features), default=None
            Held-out vectors for the validation after each epoch, in place of `validation_fraction`.
            In a Pipeline, pass them raw and list "X_val" in the Pipeline's `transform_input`. With
            `epoch_selection` the final network is trained on these rows too.
        y_val : {array-like, sparse matrix} of shape (n_val_samples,) or \
                (n_val_samples, n_topics), default=None
            Their labels, each of which occurs in `y`, or their topics, in the columns of `y`.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If the data or the parameters do not fit together, before any training; if training ends
            in weights that are not finite, after it. What was fitted before stays as it was.
        TypeError
            If `callbacks` holds anything but Keras callbacks.
        """
        go_on = self.warm_start and hasattr(self, "coefs_")
        with _as_before_on_failure(self):
            form = target_form(y, "y")
            X, y, sample_weight = self._check_rows(X, y, form, sample_weight, go_on)
            rows = Rows(X, self._learn_targets(y, form, go_on), sample_weight)
            held_out = self._check_held_out(X_val, y_val, X.dtype)
            units = self._check_units()
            self._check_combination(held_out, go_on)
            state = self._initial_state(units, X.dtype, go_on)
            split = self._split(rows, held_out, state["split_seed"])
            self._train(units, state, *split, epochs=self.epochs)
        return self

    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """Train for one epoch on these rows, going on from where training stands.

        With one chunk of rows a call, documents that never fit in memory can be learned from.
        `epochs` and `warm_start` play no part.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training vectors.
        y : {array-like, sparse matrix} of shape (n_samples,) or (n_samples, n_topics)
            Class labels, or an indicator matrix, as in `fit`; not every class need occur.
        classes : array-like of shape (n_classes,), default=None
            All labels that will ever occur, or the topics in the order of the columns of an
            indicator matrix. Needed in the first call, where no `fit` came before.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, as in `fit`.

        Returns
        -------
        self : object
            The estimator after one more epoch: `n_iter_` and the entries of `history_` grow by one.

        Raises
        ------
        ValueError
            If the data or the parameters do not fit together; what was learned before stays.
        """
        go_on = hasattr(self, "coefs_")
        with _as_before_on_failure(self):
            self._check_streaming()
            form = target_form(y, "y")
            X, y, sample_weight = self._check_rows(X, y, form, sample_weight, go_on)
            rows = Rows(X, self._take_announced(classes, y, form), sample_weight)
            units = self._check_units()
            self._targets.check_weight(self.class_weight)
            self._check_stages()
            state = self._initial_state(units, X.dtype, go_on)
            self._train(units, state, rows, None, None, epochs=state["epoch"] + 1)
        return self

    def decision_function(self, X):
        """Return the logits, what the last layer gives before its sigmoid or softmax.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Vectors as in `fit`.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            With two classes the log-odds of `classes_[1]`, else one logit for each class. Of an
            indicator matrix the log-odds of each topic.
        """
        logits = self._logits(X)
        if logits.shape[1] == 2 and not self._targets.multilabel:
            return logits[:, 1] - logits[:, 0]
        return logits.ravel() if logits.shape[1] == 1 else logits

    def predict_proba(self, X):
        """Return the probability of each class.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Vectors as in `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Probabilities in the order of `classes_`; each row sums to 1. Of an indicator matrix
            the probability of each topic, each by itself.
        """
        return self._probabilities(self._logits(X))

    def predict(self, X):
        """Return the most probable class, or the topics that are more probable than not.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Vectors as in `fit`.

        Returns
        -------
        {ndarray, sparse matrix} of shape (n_samples,) or (n_samples, n_topics)
            Labels from `classes_`, or an indicator matrix of the dtype of the one that was learned,
            in CSR if that was sparse.
        """
        return self._decide(self.predict_proba(X))

    @property
    def model_(self):
        """The fitted network as a compiled `keras.Model`, built when it is first asked for."""
        check_is_fitted(self)
        if not hasattr(self, "_model"):
            _network = _import_network()
            model = _network.keras_model(
                _network.Architecture(**self._architecture),
                self._training_state["optimizer"],
                interleave(self.coefs_, self.intercepts_),
            )
            vars(self).setdefault("_model", model)  # the same one for every thread
        return self._model

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

    def __getstate__(self):
        state = dict(super().__getstate__())
        state.pop("_model", None)
        return state

    def _check_loaded(self):
        if not check_complete(vars(self), _LEARNED):
            return
        self._check_classes()
        self._targets.check_loaded(self._architecture)
        kept = self._loaded_stages()
        check_loaded(
            self._architecture,
            [self.n_features_in_, *self._architecture["units"], self._n_outputs()],
            [interleave(self.coefs_, self.intercepts_), *kept.values()],
            self._training_state,
        )

    def _check_rows(self, X, y, form, sample_weight, go_on):
        """Return the rows to train on: canonical CSR, targets, and weights above zero."""
        self._check_form(form)
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse="csr",
            multi_output=form.n_columns is not None,
            dtype=self.coefs_[0].dtype if go_on else _DTYPES,
            reset=not go_on,
        )
        X = canonical_csr(X)
        sample_weight = _check_sample_weight(sample_weight, X, dtype=np.float64)
        if (sample_weight < 0).any():
            row = int(np.argmax(sample_weight < 0))
            raise ValueError(
                f"sample_weight must not be negative; row {row} has {sample_weight[row]}"
            )
        if not (sample_weight > 0).any():
            raise ValueError("sample_weight is zero for every row; at least one class needs weight")
        kept = sample_weight > 0
        if not kept.all():
            X, y, sample_weight = X[kept], y[kept], sample_weight[kept]
        if sample_weight.min() < 1e-20 or sample_weight.max() > 1e20:
            raise ValueError(
                "sample_weight must be 0 or from 1e-20 to 1e20, for sums of weights to be exact "
                "enough; only their ratios count, so divide them by their mean"
            )
        return X, y, sample_weight.astype(X.dtype)

    @property
    def _targets(self):
        """What encodes targets and decodes predictions."""
        return known_targets(self.classes_, getattr(self, "_target_form", None))

    @_targets.setter
    def _targets(self, targets):
        vars(self).pop("_target_form", None)
        self.classes_ = targets.classes
        if targets.form is not None:
            self._target_form = targets.form
        self._check_classes()

    def _learn_targets(self, y, form, go_on):
        """Set `classes_` and return the encoded targets."""
        if go_on:
            self._targets.check_form(form, "y")
            self._targets.check_same(y)
        else:
            self._targets = learned_targets(y, form)
        encoded = self._targets.encode(y, "y")
        if not go_on:
            self._targets.warn_of_disguise(encoded)
        return encoded

    def _take_announced(self, classes, y, form):
        """Set `classes_` from the `classes` of partial_fit and return the encoded targets."""
        announced = None if classes is None else announced_targets(classes, y, form)
        if not hasattr(self, "classes_"):
            if announced is None:
                raise ValueError("classes must be passed on the first call to partial_fit")
            self._targets = announced
        self._targets.check_form(form, "y")
        if announced is not None and not np.array_equal(announced.classes, self.classes_):
            raise ValueError(
                f"classes={classes!r} is not the same as on last call to partial_fit, which was "
                f"{self.classes_.tolist()}"
            )
        return self._targets.encode(y, "y")

    def _check_form(self, form):
        """Raise ValueError where targets of this form are not for this classifier."""

    def _check_classes(self):
        """Raise ValueError where `classes_` are not what this classifier can tell apart."""
        if self.classes_.size < 2:
            raise ValueError(
                f"{type(self).__name__} needs at least 2 classes; the data holds only one class, "
                f"{self.classes_.tolist()[0]!r}"
            )

    def _check_held_out(self, X_val, y_val, dtype):
        """Return the user's held-out rows in the precision of X, or None."""
        if X_val is None and y_val is None:
            return None
        if X_val is None or y_val is None:
            given, missing = ("X_val", "y_val") if y_val is None else ("y_val", "X_val")
            raise ValueError(f"{given} is given and {missing} is not; held-out data needs both")
        try:
            X_val = validate_data(self, X_val, accept_sparse="csr", dtype=dtype, reset=False)
            self._targets.check_form(target_form(y_val, "y_val"), "y_val")
            check_consistent_length(X_val, y_val)
        except ValueError as error:
            raise ValueError(
                "X_val, y_val must be like X, y; in a Pipeline, transform_input=['X_val'] has "
                f"X_val go through the same steps as X. {error}"
            ) from error
        codes = self._targets.encode(y_val, "y_val")
        return Rows(canonical_csr(X_val), codes, np.ones(codes.shape[0], dtype=dtype))

    def _check_units(self):
        """Return the widths of the hidden layers as a tuple."""
        units = self.units if isinstance(self.units, (list, tuple)) else np.ravel(self.units)
        if not all(isinstance(n, Integral) and not isinstance(n, bool) and n >= 1 for n in units):
            raise ValueError(
                "units must be a positive int or a sequence of them, one for each hidden layer; "
                f"got {self.units!r}"
            )
        return tuple(int(n) for n in units)

    def _check_streaming(self):
        """Refuse parameters that need more than one chunk of the rows at a time."""
        for name in ("validation_fraction", "epoch_selection", "early_stopping"):
            if getattr(self, name):
                raise ValueError(
                    f"partial_fit holds no rows out, so {name}={getattr(self, name)!r} has no "
                    "meaning there; leave it at its default"
                )
        if self.class_weight == "balanced":
            raise ValueError(
                "class_weight='balanced' would weight each chunk by itself in partial_fit; pass "
                "the weights of the whole data as a dict"
            )

    def _check_combination(self, held_out, go_on):
        """Refuse parameters that do not go together, or not with the data."""
        self._targets.check_weight(self.class_weight)
        self._check_stages()
        if held_out is None and self.validation_fraction is None:
            asking = None
            if self.epoch_selection is not None:
                asking = f"epoch_selection={self.epoch_selection!r}"
            elif self.early_stopping and self.monitor.startswith("val_"):
                asking = f"early_stopping=True with monitor={self.monitor!r}"
            if asking:
                raise ValueError(
                    f"{asking} needs held-out data: set validation_fraction, for example to 0.1, "
                    "or pass X_val and y_val to fit"
                )
        if self.warm_start and (self.epoch_selection is not None or self.early_stopping):
            changed = "early_stopping has put back"
            if self.epoch_selection is not None:
                changed = "epoch_selection has retrained"
            raise ValueError(
                f"warm_start=True cannot go on from a network that {changed}; leave one of the two "
                "at its default"
            )
        if go_on and self.epochs < self.n_iter_:
            raise ValueError(
                f"epochs={self.epochs} is the total to reach, and with warm_start=True "
                f"{self.n_iter_} epochs are done already; set epochs to more"
            )
        if go_on and self.epochs == self.n_iter_:
            warnings.warn(
                f"warm_start=True with epochs={self.epochs} done already trains no further; set "
                "epochs to more",
                UserWarning,
                stacklevel=4,
            )

    def _split(self, rows, held_out, seed):
        """Return rows to train on, to validate on or None, and to train on with the best epoch."""
        if held_out is not None:
            return rows, held_out, rows.followed_by(held_out) if self.epoch_selection else None
        if self.validation_fraction is None:
            return rows, None, rows
        return *self._targets.hold_out(rows, self.validation_fraction, seed), rows

    def _initial_state(self, units, dtype, go_on):
        """Return where training starts: new weights and seeds, or those of the fit it continues."""
        sizes = [self.n_features_in_, *units, self._n_outputs()]
        if go_on:
            if [coef.shape for coef in self.coefs_] != list(pairwise(sizes)):
                raise ValueError(
                    "training goes on with the layers of the previous fit, and "
                    f"units={self.units!r} asks for others; fit with warm_start=False to start "
                    "anew"
                )
            weights = interleave(self.coefs_, self.intercepts_)
            return self._training_state | {"weights": weights}
        return initial_state(sizes, dtype, check_random_state(self.random_state))

    def _train(self, units, state, train_rows, validation_rows, every_row, epochs):
        """Train, choose the epoch and keep what was learned."""
        _network = _import_network()
        architecture = _network.Architecture(
            n_features=self.n_features_in_,
            units=units,
            n_outputs=self._n_outputs(),
            activation=self.activation,
            dropout=float(self.dropout),
            l2=float(self.l2),
            loss=self._loss(),
            dtype=state["weights"][0].dtype.name,
        )
        train = partial(
            self._run, partial(_network.train, architecture, self.optimizer, self.learning_rate)
        )
        trained = train(
            state,
            train_rows,
            validation_rows,
            epochs=epochs,
            callbacks=self.callbacks,
            early_stopping=self._early_stopping(),
            stages=None if self.epoch_selection else self._epochs_to_keep(epochs),
        )
        history, done = trained.history, trained.state["epoch"]
        if state["epoch"]:
            history = extended(self.history_, history, state["epoch"], done)
        best_epoch = None
        if validation_rows is not None and done > state["epoch"]:
            best_epoch = best_epoch_of(history, self.epoch_selection or self.monitor)
        if self.epoch_selection is not None and not trained.interrupted:
            try:
                trained = train(
                    state,
                    every_row,
                    None,
                    epochs=best_epoch,
                    callbacks=[c for c in self.callbacks or () if not _watches_validation(c)],
                    stages=self._epochs_to_keep(best_epoch),
                )
            except KeyboardInterrupt:  # in its first epoch: the network found stays
                trained = trained._replace(interrupted=True)
        if trained.interrupted:
            warnings.warn(
                f"training was interrupted by the user; {trained.state['epoch']} epochs are done",
                UserWarning,
                stacklevel=4,
            )
        self._keep(architecture, trained, history, best_epoch, going_on=state["epoch"] > 0)

    def _run(self, train, state, rows, validation, **settings):
        """Train once, and refuse weights that are not finite."""
        trained = train(
            state,
            self._targets.weighted(rows, self.class_weight),
            validation,
            batch_size=self.batch_size,
            verbose=self.verbose,
            **settings,
        )
        if not all(np.isfinite(array).all() for array in trained.state["weights"]):
            raise ValueError(
                "training ended in weights that are not finite; lower learning_rate, or scale the "
                "columns of X"
            )
        return trained

    def _early_stopping(self):
        """Return the arguments of Keras's EarlyStopping, or None."""
        if not self.early_stopping:
            return None
        return {
            "monitor": self.monitor,
            "patience": self.patience,
            "mode": "max" if self.monitor.endswith("accuracy") else "min",
            "restore_best_weights": True,
        }

    def _keep(self, architecture, trained, history, best_epoch, going_on):
        state = dict(trained.state)
        weights = state.pop("weights")
        self.coefs_, self.intercepts_ = weights[::2], weights[1::2]
        self.history_ = history
        self.n_iter_ = state["epoch"]
        self.best_epoch_ = best_epoch
        self._keep_stages(trained.stages, going_on)
        self._architecture = architecture._asdict()
        self._training_state = state
        vars(self).pop("_model", None)

    def _check_vectors(self, X):
        """Return the rows to predict."""
        check_is_fitted(self)
        return validate_data(self, X, accept_sparse="csr", dtype=_DTYPES, reset=False)

    def _logits(self, X):
        X = self._check_vectors(X)
        return _forward.logits(X, self.coefs_, self.intercepts_, self._architecture["activation"])

    def _decide(self, probabilities):
        """Return what is predicted from probabilities."""
        return self._targets.decode(probabilities)

    @abstractmethod
    def _loss(self):
        """Return the name of Keras's loss."""

    @abstractmethod
    def _n_outputs(self):
        """Return the number of units of the last layer."""

    @abstractmethod
    def _probabilities(self, logits):
        """Return the probability of each class, from what the last layer gives."""


@contextmanager
def _as_before_on_failure(estimator):
    """Put every attribute back where an exception ends the block."""
    before = vars(estimator).copy()
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise


def _import_network():
    """Open the door to Keras; a package that Keras imports draws on Python's generator."""
    first = f"{__package__}._network" not in sys.modules
    before = random.getstate()
    from . import _network

    if first:
        random.setstate(before)
    return _network


def _watches_validation(callback):
    return str(getattr(callback, "monitor", "")).startswith("val_")
