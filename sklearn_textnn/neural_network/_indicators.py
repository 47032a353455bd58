"""Targets with any number of topics for each row."""

import warnings

import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_array
from sklearn.utils.multiclass import type_of_target

from .._sparse_structure import check_structure
from .._stacklevel import find_stacklevel
from ._class_weight import (
    balanced_weights,
    check_class_weight,
    check_class_weight_values,
    check_weight_range,
)
from ._hold_out import hold_out_by_topic
from ._rows import canonical_csr
from ._target_form import CONTAINERS

# A topic is predicted if its probability is above this.
_THRESHOLD = 0.5


class Indicators:
    """Any number of topics for each row: a matrix of 0 and 1 with a column for each of `classes`.

    `dtype` and `container` are those of the matrix that they were learned from.
    """

    multilabel = True

    def __init__(self, classes, dtype, container):
        self.classes = classes
        self.dtype = dtype
        self.container = container

    @classmethod
    def learn(cls, y, form, classes=None):
        """Return the targets with the topics of an indicator matrix.

        Without `classes`, the columns name the topics.
        """
        if classes is None:
            classes = np.arange(form.n_columns) if form.names is None else form.names
        classes = np.asarray(classes)
        topics = classes.tolist()
        if classes.ndim != 1 or len(set(topics)) != len(topics):
            raise ValueError(
                "classes must be the topics, each of them once, in the order of the columns of y; "
                f"got {topics}"
            )
        targets = cls(classes, y.dtype.name, form.container)
        targets.check_form(form, "y")
        return targets

    @property
    def plain(self):
        """What tells these targets from others with the same classes, as plain Python."""
        return {"dtype": self.dtype, "container": self.container}

    def check_loaded(self, architecture):
        """Raise ValueError where these are not the targets of a network."""
        if len(set(self.classes.tolist())) != self.classes.size:
            raise ValueError("the topics are not distinct")
        if type(self.dtype) is not str:
            raise ValueError(f"there are no indicators like {self.plain}")
        if not architecture.multilabel:
            raise ValueError("the network has no sigmoid for each topic")
        if np.dtype(self.dtype).kind not in "biuf" or self.container not in CONTAINERS:
            raise ValueError(f"there are no indicators like {self.plain}")

    def check_form(self, form, name):
        """Raise ValueError where y has another form."""
        topics = self.classes.tolist()
        if form.n_columns is None:
            raise ValueError(
                f"{name} holds one label for each row; it must be an indicator matrix with a "
                f"column for each of the topics {topics}"
            )
        if form.n_columns != len(topics):
            raise ValueError(
                f"{name} has {form.n_columns} columns, and there are {len(topics)} topics, {topics}"
            )
        if form.names is not None and not np.array_equal(form.names, self.classes):
            raise ValueError(
                f"the columns of {name} are {form.names.tolist()}, where the topics are {topics}, "
                "in this order"
            )

    def check_same_classes(self, y):
        """Take any matrix of the right form: a topic may be absent from every row."""

    def encode(self, y, name):
        """Return the matrix as uint8 of shape (n_rows, n_topics)."""
        check_structure(y, name)
        y = check_array(y, accept_sparse="csr", dtype=None, input_name=name)
        if sp.issparse(y):
            y = canonical_csr(y)
        values = y.data if sp.issparse(y) else y
        wrong = ~((values == 0) | (values == 1)) if y.dtype.kind in "biuf" else None
        if wrong is None or wrong.any():
            found = f"the dtype {y.dtype}" if wrong is None else f"{values[wrong][0]}"
            kind = type_of_target(y.toarray() if sp.issparse(y) else y)
            raise ValueError(
                f"{name} has {y.shape[1]} columns and {found} in it (to scikit-learn, its type is "
                f"{kind}), where 0 and 1 are expected, in a column for each topic. "
                "One label for each row goes into a 1-D array, and a collection of labels for each "
                "row becomes such a matrix by sklearn.preprocessing.MultiLabelBinarizer"
            )
        return y.astype(np.uint8).toarray() if sp.issparse(y) else y.astype(np.uint8, order="C")

    def warn_if_multiclass(self, encoded):
        """Warn where indicators could be labels."""
        if (encoded.sum(axis=1, dtype=np.int64) == 1).all():
            warnings.warn(
                "each row of y has exactly one topic, and is learned with one sigmoid for each "
                "topic; if no row ever has another number of them, integer labels, such as "
                "y.argmax(axis=1), make it a multiclass problem, with one softmax",
                UserWarning,
                stacklevel=find_stacklevel(),
            )

    def decode(self, probabilities):
        """Return the topics more probable than not as a matrix of the form that was learned."""
        indicators = (probabilities > _THRESHOLD).astype(self.dtype)
        if self.container is None:
            return indicators
        return getattr(sp, f"csr_{self.container}")(indicators)

    def count_rows(self, rows):
        """Return the number of training rows of each topic.

        It is 0 for a topic that training cannot tell from others: every row has it, or its presence
        has no weight.
        """
        counts = rows.y.sum(axis=0, dtype=np.int64)
        counts[counts == rows.y.shape[0]] = 0
        if rows.topic_weight is not None:
            counts[rows.topic_weight[:, 1] == 0] = 0
        return counts

    def find_predicted(self, probabilities):
        """Return a mask of the topics that are predicted for at least one row."""
        return (probabilities > _THRESHOLD).any(axis=0)

    def check_class_weight(self, class_weight):
        """Raise ValueError where `class_weight` does not fit these topics."""
        if not isinstance(class_weight, list):
            check_class_weight(class_weight, self.classes)
            return
        if len(class_weight) != self.classes.size or not all(
            isinstance(weights, dict) and set(weights) <= {0, 1} for weights in class_weight
        ):
            raise ValueError(
                "class_weight as a list must hold a dict of the weights of 0 and 1 for each of the "
                f"{self.classes.size} topics; got {class_weight}"
            )
        for weights in class_weight:
            check_class_weight_values(weights)

    def weighted(self, rows, class_weight):
        """Return rows with the weights of each topic's absence and presence.

        Raises
        ------
        ValueError
            If training cannot use these weights.
        """
        weight = rows.sample_weight.astype(np.float64)
        check_weight_range(weight, "sample_weight")
        rows = rows.in_precision_of_X()
        if class_weight is None:
            return rows
        of_topic = self._topic_weights(rows.y, weight, class_weight)
        used = np.column_stack([(rows.y == 0).any(axis=0), (rows.y == 1).any(axis=0)])
        used = of_topic[used & (of_topic > 0)]
        extremes = [weight.min() * used.min(), weight.max() * used.max()] if used.size else [0.0]
        check_weight_range(np.array(extremes), "sample_weight times class_weight")
        return rows._replace(topic_weight=of_topic.astype(rows.X.dtype))

    def _topic_weights(self, y, weight, class_weight):
        """Return the weights of each topic's absence and presence, of shape (n_topics, 2)."""
        if class_weight == "balanced":
            present = weight @ y
            return balanced_weights(np.column_stack([weight.sum() - present, present]))
        of_topic = np.ones((self.classes.size, 2))
        if isinstance(class_weight, list):
            for topic, of_values in enumerate(class_weight):
                of_topic[topic] = of_values.get(0, 1), of_values.get(1, 1)
        else:
            of_topic[:, 1] = [class_weight.get(topic, 1) for topic in self.classes.tolist()]
        return of_topic

    def hold_out(self, rows, fraction, seed):
        """Return rows to train on and rows held out, stratified as far as the topics allow."""
        train, held_out = hold_out_by_topic(rows.y, fraction, seed)
        return rows.take(train), rows.take(held_out)
