"""Targets with one label for each row."""

import numpy as np
from sklearn.utils.validation import column_or_1d

from .._label_checks import distinct_labels
from ._class_weight import balanced_weights, check_class_weight, check_weight_range
from ._hold_out import hold_out_by_class


class Labels:
    """One label for each row. Encoded, it is its index in `classes`."""

    plain = None
    multilabel = False

    def __init__(self, classes):
        self.classes = classes

    @classmethod
    def learn(cls, y):
        """Return the targets with the labels of y."""
        return cls(distinct_labels(y)[0])

    def check_loaded(self, architecture):
        """Raise ValueError where these are not the targets of a network."""
        if not np.array_equal(self.classes, np.unique(self.classes)):
            raise ValueError("the classes are not sorted and distinct")
        if architecture.multilabel:
            raise ValueError("the form of the topics is missing")

    def check_form(self, form, name):
        """Raise ValueError where y has another form."""
        if form.n_columns is not None:
            raise ValueError(
                f"{name} should be a 1d array, got a matrix of {form.n_columns} columns: training "
                "began with one label for each row"
            )

    def check_same_classes(self, y):
        """Raise ValueError where y has other classes."""
        classes = self.learn(y).classes
        if not np.array_equal(classes, self.classes):
            raise ValueError(
                "warm_start=True goes on with the classes of the previous fit, "
                f"{self.classes.tolist()}; y holds {classes.tolist()}"
            )

    def warn_if_multiclass(self, encoded):
        """Do nothing: labels are not mistaken for indicators."""

    def encode(self, y, name):
        """Return the index in `classes` of each label, as int32 of shape (n_rows,)."""
        y = column_or_1d(y, warn=True)
        unknown = set(y.tolist()) - set(self.classes.tolist())
        if unknown:
            raise ValueError(
                f"{name} holds labels that are not among the classes {self.classes.tolist()}: "
                f"{sorted(unknown, key=str)}"
            )
        return np.searchsorted(self.classes, y).astype(np.int32)

    def decode(self, probabilities):
        """Return the most probable label of each row."""
        return self.classes[probabilities.argmax(axis=1)]

    def count_rows(self, rows):
        """Return the number of training rows of each class."""
        return np.bincount(rows.y, minlength=self.classes.size)

    def find_predicted(self, probabilities):
        """Return a mask of the classes that are predicted for at least one row."""
        predicted = np.zeros(self.classes.size, dtype=bool)
        predicted[probabilities.argmax(axis=1)] = True
        return predicted

    def check_class_weight(self, class_weight):
        """Raise ValueError where `class_weight` does not fit these classes."""
        if isinstance(class_weight, list):
            raise ValueError(
                "class_weight is a list, which weights the topics of an indicator matrix; for one "
                "label a row, pass a dict of label to weight"
            )
        check_class_weight(class_weight, self.classes)

    def weighted(self, rows, class_weight):
        """Return the rows that have weight, each with the weight of its class in its own.

        Raises
        ------
        ValueError
            If training cannot use these weights.
        """
        weight, name = rows.sample_weight.astype(np.float64), "sample_weight"
        if class_weight is not None:
            name = "sample_weight times class_weight"
            n_classes = self.classes.size
            if class_weight == "balanced":
                of_class = balanced_weights(np.bincount(rows.y, weight, minlength=n_classes))
            else:
                of_class = np.array([class_weight.get(c, 1) for c in self.classes.tolist()], float)
            weight *= of_class[rows.y]
        check_weight_range(weight, name)
        rows = rows._replace(sample_weight=weight.astype(rows.X.dtype))
        return rows if weight.all() else rows.take(weight > 0)

    def hold_out(self, rows, fraction, seed):
        """Return rows to train on and rows held out, stratified by class."""
        train, held_out = hold_out_by_class(rows.y, fraction, seed)
        return rows.take(train), rows.take(held_out)
