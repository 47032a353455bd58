"""Stages: the weights after chosen epochs of a training, and what they predict."""

from numbers import Integral

import numpy as np
from sklearn.utils.metaestimators import available_if

from . import _forward
from ._training_state import best_epoch_of


def _keeps_stages(estimator):
    """Whether staged predictions are there to be asked for, for `available_if`."""
    if estimator.stages is None:
        raise AttributeError(
            "the weights after each epoch are not kept; set stages='all', or stages to a list of "
            "epochs, before fit"
        )
    return True


class StagesMixin:
    """What a classifier does with the weights that its parameter `stages` has it keep."""

    @available_if(_keeps_stages)
    def staged_predict_proba(self, X):
        """Yield the probability of each class after each epoch kept in `stages_`.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Vectors as in `fit`.

        Yields
        ------
        ndarray of shape (n_samples, n_classes)
            What `predict_proba` returns after training for that many epochs.
        """
        for logits in self._staged_logits(X):
            yield self._probabilities(logits)

    @available_if(_keeps_stages)
    def staged_predict(self, X):
        """Yield the most probable class after each epoch kept in `stages_`.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Vectors as in `fit`.

        Yields
        ------
        ndarray of shape (n_samples,)
            What `predict` returns after training for that many epochs.
        """
        for probabilities in self.staged_predict_proba(X):
            yield self._decide(probabilities)

    @available_if(_keeps_stages)
    def staged_score(self, X, y, sample_weight=None):
        """Yield the accuracy after each epoch kept in `stages_`.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Vectors as in `fit`.
        y : array-like of shape (n_samples,)
            True labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        Yields
        ------
        float
            What `score` returns after training for that many epochs.
        """
        from sklearn.metrics import accuracy_score  # to import it is dear

        for y_pred in self.staged_predict(X):
            yield accuracy_score(y, y_pred, sample_weight=sample_weight)

    def _check_stages(self):
        if self.stages is None or isinstance(self.stages, str):
            return
        if not all(isinstance(n, Integral) and n >= 1 for n in self.stages):
            raise ValueError(
                "stages must be 'all' or the epochs, counted from 1, after which to keep the "
                f"weights; got {self.stages!r}"
            )

    def _epochs_to_keep(self, epochs):
        """Return the epochs after which to keep the weights, as a container."""
        if self.stages is None:
            return ()
        return range(1, epochs + 1) if isinstance(self.stages, str) else set(self.stages)

    def _keep_stages(self, stages, going_on):
        """Set what is kept, after the stages of the fit that training goes on from."""
        before = getattr(self, "_stage_weights", {}) if going_on else {}
        vars(self).pop("_stage_weights", None)
        vars(self).pop("stages_", None)
        if self.stages is not None:
            self._stage_weights = before | stages
            self.stages_ = np.array(list(self._stage_weights), dtype=int)

    def _loaded_stages(self):
        """Return the weights kept, after a look whether they are whole."""
        kept = getattr(self, "_stage_weights", {})
        if [*kept] != [*getattr(self, "stages_", ())]:
            raise ValueError("the weights kept are not those of the epochs in stages_")
        return kept

    def _staged_logits(self, X):
        X = self._check_vectors(X)
        for weights in self._stage_weights.values():
            yield _forward.logits(X, weights[::2], weights[1::2], self._architecture["activation"])

    def _at_stage(self, epochs):
        """Return what a fit for this many of the epochs kept would have left, to predict with."""
        stage = object.__new__(type(self))  # `copy` would check every weight
        vars(stage).update(vars(self))
        weights = self._stage_weights[epochs]
        stage.coefs_, stage.intercepts_ = weights[::2], weights[1::2]
        stage.epochs, stage.n_iter_, stage.stages = epochs, epochs, None
        stage.history_ = {name: values[:epochs] for name, values in self.history_.items()}
        if self.best_epoch_ is not None:
            stage.best_epoch_ = best_epoch_of(stage.history_, self.monitor)
        del stage._stage_weights, stage.stages_
        vars(stage).pop("_model", None)
        return stage
