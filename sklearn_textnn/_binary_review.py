"""KerasBinaryReviewClassifier: two classes, one sigmoid."""

import numpy as np
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from . import _forward
from ._base import _KerasTextClassifier


class KerasBinaryReviewClassifier(_KerasTextClassifier):
    """TODO."""

    def __init__(
        self,
        units=(16, 16),
        *,
        epochs=20,
        batch_size=512,
        optimizer="rmsprop",
        learning_rate=1e-3,
        activation="relu",
        dropout=0.0,
        l2=0.0,
        class_weight=None,
        validation_fraction=None,
        early_stopping=False,
        patience=2,
        monitor="val_loss",
        epoch_selection=None,
        callbacks=None,
        warm_start=False,
        verbose=0,
        random_state=None,
    ):
        super().__init__(
            units,
            epochs=epochs,
            batch_size=batch_size,
            optimizer=optimizer,
            learning_rate=learning_rate,
            activation=activation,
            dropout=dropout,
            l2=l2,
            class_weight=class_weight,
            validation_fraction=validation_fraction,
            early_stopping=early_stopping,
            patience=patience,
            monitor=monitor,
            epoch_selection=epoch_selection,
            callbacks=callbacks,
            warm_start=warm_start,
            verbose=verbose,
            random_state=random_state,
        )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    def _check_targets(self, y):
        check_classification_targets(y)
        target_type = type_of_target(y, input_name="y")
        if target_type != "binary":
            raise ValueError(
                f"Only binary classification is supported. The type of the target is {target_type}."
            )

    def _loss(self):
        return "binary_crossentropy"

    def _n_outputs(self):
        return 1

    def _probabilities(self, logits):
        return np.hstack([_forward.sigmoid(-logits), _forward.sigmoid(logits)])
