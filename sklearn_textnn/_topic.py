"""KerasTopicClassifier: two classes or more, one softmax."""

import warnings

from sklearn.utils._param_validation import StrOptions
from sklearn.utils.multiclass import check_classification_targets

from . import _forward
from ._base import _KerasTextClassifier


class KerasTopicClassifier(_KerasTextClassifier):
    """TODO."""

    _parameter_constraints: dict = {
        **_KerasTextClassifier._parameter_constraints,
        "loss": [StrOptions({"categorical_crossentropy", "sparse_categorical_crossentropy"})],
    }

    def __init__(
        self,
        units=(64, 64),
        *,
        loss="categorical_crossentropy",
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
        self.loss = loss
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

    def _check_targets(self, y):
        check_classification_targets(y)

    def _check_units(self):
        units = super()._check_units()
        n_classes = self.classes_.size
        narrow = [n for n in units if n < n_classes]
        if narrow:
            warnings.warn(
                f"a hidden layer of {narrow[0]} units is narrower than the {n_classes} classes: what it "
                "drops, no later layer can bring back; make every hidden layer at least "
                f"{n_classes} wide",
                UserWarning,
                stacklevel=3,
            )
        return units

    def _loss(self):
        return self.loss

    def _n_outputs(self):
        return self.classes_.size

    def _probabilities(self, logits):
        return _forward.softmax(logits)
