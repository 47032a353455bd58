"""What y may be: one label for each row, or an indicator matrix of topics; and what follows."""

import warnings
from collections import Counter
from collections.abc import Iterable
from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_array
from sklearn.utils.multiclass import check_classification_targets, type_of_target, unique_labels
from sklearn.utils.validation import column_or_1d

from ._batches import canonical_csr

# None is a dense matrix, the others are kinds of SciPy's sparse ones.
_CONTAINERS = (None, "array", "matrix")


class TargetForm(NamedTuple):
    """How y is given.

    `n_columns` is None for one label a row, `names` for columns without names, and `container` is
    one of `_CONTAINERS`.
    """

    n_columns: int | None
    names: np.ndarray | None
    container: str | None


def target_form(y, name):
    """Return the form of y, from the look of it; what it holds is not checked."""
    try:
        shape = y.shape if hasattr(y, "shape") else np.asarray(y).shape
    except ValueError as error:  # rows of different lengths
        raise _collections_refused(name) from error
    if sp.issparse(y):
        if len(shape) != 2 or shape[1] < 2:
            raise ValueError(
                f"{name} is a sparse matrix of the shape {shape}; a single topic is a matter of "
                "two classes, so pass one label for each row, in a dense array"
            )
        return TargetForm(shape[1], None, "matrix" if sp.isspmatrix(y) else "array")
    if len(shape) == 2 and shape[1] > 1:
        return TargetForm(shape[1], _column_names(y, name), None)
    if len(shape) == 1 and _holds_collections(y):
        raise _collections_refused(name)
    return TargetForm(None, None, None)


def _holds_collections(y):
    if getattr(getattr(y, "dtype", None), "kind", "O") != "O" or not isinstance(y, Iterable):
        return False
    return any(isinstance(row, (list, tuple, set, frozenset, np.ndarray)) for row in y)


def _collections_refused(name):
    return ValueError(
        f"{name} holds a collection of labels for each row; "
        "sklearn.preprocessing.MultiLabelBinarizer().fit_transform makes an indicator matrix of it"
    )


def _column_names(y, name):
    """Return the names of the columns of a DataFrame, where they are all str or all int."""
    names = list(getattr(y, "columns", ()))
    if not names or not any(
        all(isinstance(column, kind) and not isinstance(column, bool) for column in names)
        for kind in (str, Integral)
    ):
        return None
    twice = sorted(column for column, count in Counter(names).items() if count > 1)
    if twice:
        raise ValueError(f"{name} has columns of the same name, {twice}; rename them")
    return np.array(names, dtype=object if isinstance(names[0], str) else None)


class Labels:
    """One label for each row. Encoded, it is its index in `classes`."""

    form = None
    multilabel = False

    def __init__(self, classes):
        self.classes = classes

    @classmethod
    def learn(cls, y):
        """Return what the labels of y tell."""
        check_classification_targets(y)
        try:
            return cls(np.unique(y))
        except TypeError as error:
            raise TypeError(
                "the labels in y must all be strings or all be numbers, with none missing"
            ) from error

    def check_loaded(self, architecture):
        """Raise ValueError where these are not what a network has learned."""
        if not np.array_equal(self.classes, np.unique(self.classes)):
            raise ValueError("the classes are not sorted and distinct")
        if _has_sigmoids(architecture):
            raise ValueError("the form of the topics is missing")

    def check_form(self, form, name):
        """Raise ValueError where targets are not of the form of these."""
        if form.n_columns is not None:
            raise ValueError(
                f"{name} should be a 1d array, got a matrix of {form.n_columns} columns: training "
                "began with one label for each row"
            )

    def check_same(self, y):
        """Raise ValueError where y holds other classes."""
        classes = self.learn(y).classes
        if not np.array_equal(classes, self.classes):
            raise ValueError(
                "warm_start=True goes on with the classes of the previous fit, "
                f"{self.classes.tolist()}; y holds {classes.tolist()}"
            )

    def warn_of_disguise(self, encoded):
        """Labels look like nothing else."""

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

    def check_weight(self, class_weight):
        """Raise ValueError where `class_weight` does not fit these classes."""
        if isinstance(class_weight, list):
            raise ValueError(
                "class_weight is a list, which weights the topics of an indicator matrix; for one "
                "label a row, pass a dict of label to weight"
            )
        _check_weights_by_class(class_weight, self.classes)

    def weighted(self, rows, class_weight):
        """Return rows with the weights of their classes in their own."""
        if class_weight is None:
            return rows
        if class_weight == "balanced":
            counts = np.bincount(rows.y, minlength=self.classes.size)
            weights = rows.y.size / (np.count_nonzero(counts) * np.maximum(counts, 1))
        else:
            weights = np.array([class_weight.get(c, 1) for c in self.classes.tolist()])
        weight = (rows.sample_weight * weights[rows.y]).astype(rows.X.dtype)
        return rows._replace(sample_weight=weight)

    def hold_out(self, rows, fraction, seed):
        """Return rows to train on and rows held out, stratified by class."""
        try:
            return _split(rows, fraction, seed, stratify=rows.y)
        except ValueError as error:
            raise ValueError(
                f"validation_fraction={fraction} of {rows.y.size} rows does not give a hold-out "
                f"and training rows that can both have each of the {self.classes.size} classes; "
                f"change validation_fraction, or pass X_val and y_val to fit. {error}"
            ) from error


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
        """Return what an indicator matrix tells; without `classes`, its columns are named by it."""
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
    def form(self):
        """What tells these targets from others with the same classes, as plain Python."""
        return {"dtype": self.dtype, "container": self.container}

    def check_loaded(self, architecture):
        """Raise ValueError where these are not what a network has learned."""
        if len(set(self.classes.tolist())) != self.classes.size:
            raise ValueError("the topics are not distinct")
        if not _has_sigmoids(architecture):
            raise ValueError("the network has no sigmoid for each topic")
        if np.dtype(self.dtype).kind not in "biuf" or self.container not in _CONTAINERS:
            raise ValueError(f"there are no indicators like {self.form}")

    def check_form(self, form, name):
        """Raise ValueError where targets are not of the form of these."""
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

    def check_same(self, y):
        """Take any matrix of the right form: a topic may be absent from every row."""

    def encode(self, y, name):
        """Return the matrix as uint8 of shape (n_rows, n_topics)."""
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

    def warn_of_disguise(self, encoded):
        """Warn where indicators look like labels."""
        if (encoded.sum(axis=1, dtype=np.int64) == 1).all():
            warnings.warn(
                "each row of y has exactly one topic, and is learned with one sigmoid for each "
                "topic; if no row ever has another number of them, integer labels, such as "
                "y.argmax(axis=1), make it a multiclass problem, with one softmax",
                UserWarning,
                stacklevel=5,
            )

    def decode(self, probabilities):
        """Return the topics more probable than not as a matrix of the form that was learned."""
        indicators = (probabilities > 0.5).astype(self.dtype)
        if self.container is None:
            return indicators
        return getattr(sp, f"csr_{self.container}")(indicators)

    def check_weight(self, class_weight):
        """Raise ValueError where `class_weight` does not fit these topics."""
        if not isinstance(class_weight, list):
            _check_weights_by_class(class_weight, self.classes)
            return
        if len(class_weight) != self.classes.size or not all(
            isinstance(weights, dict) and set(weights) <= {0, 1} for weights in class_weight
        ):
            raise ValueError(
                "class_weight as a list must hold a dict of the weights of 0 and 1 for each of the "
                f"{self.classes.size} topics; got {class_weight}"
            )
        for weights in class_weight:
            _check_values(weights)

    def weighted(self, rows, class_weight):
        """Return rows with the weights of each topic's absence and presence."""
        if class_weight is None:
            return rows
        weights = np.ones((self.classes.size, 2))
        if class_weight == "balanced":
            n_rows = rows.y.shape[0]
            present = rows.y.sum(axis=0, dtype=np.int64)
            counts = np.column_stack([n_rows - present, present])
            n_values = np.count_nonzero(counts, axis=1)[:, None]
            weights = n_rows / (n_values * np.maximum(counts, 1))
        elif isinstance(class_weight, list):
            for topic, of_values in enumerate(class_weight):
                weights[topic] = of_values.get(0, 1), of_values.get(1, 1)
        else:
            weights[:, 1] = [class_weight.get(topic, 1) for topic in self.classes.tolist()]
        return rows._replace(topic_weight=weights.astype(rows.X.dtype))

    def hold_out(self, rows, fraction, seed):
        """Return rows to train on and rows held out, drawn by chance alone."""
        try:
            return _split(rows, fraction, seed, stratify=None)
        except ValueError as error:
            raise ValueError(
                f"validation_fraction={fraction} of {rows.y.shape[0]} rows leaves none to train "
                "on or none to hold out; change validation_fraction, or pass X_val and y_val to "
                f"fit. {error}"
            ) from error


def learned_targets(y, form):
    """Return what checked targets of this form tell."""
    return Labels.learn(y) if form.n_columns is None else Indicators.learn(y, form)


def announced_targets(classes, y, form):
    """Return what `classes` of partial_fit tell about targets of this form."""
    if form.n_columns is None:
        return Labels(unique_labels(classes))
    return Indicators.learn(y, form, classes)


def known_targets(classes, form):
    """Return targets from what was kept of them, their `classes` and `form`."""
    return Labels(classes) if form is None else Indicators(classes, **form)


def _has_sigmoids(architecture):
    return architecture["loss"] == "binary_crossentropy" and architecture["n_outputs"] > 1


def _check_weights_by_class(class_weight, classes):
    if not isinstance(class_weight, dict):
        return
    _check_values(class_weight)
    classes = set(classes.tolist())
    unknown = set(class_weight) - classes
    if unknown and not classes <= set(class_weight):  # as scikit-learn has it
        raise ValueError(
            f"class_weight has weights for {sorted(unknown, key=str)}, which are not among the "
            f"classes {sorted(classes)}"
        )


def _check_values(weights):
    if not all(isinstance(w, Real) and 0 < w < np.inf for w in weights.values()):
        raise ValueError(f"the values of class_weight must be finite and above 0; got {weights}")


def _split(rows, fraction, seed, stratify):
    from sklearn.model_selection import train_test_split  # to import it is dear

    train, held_out = train_test_split(
        np.arange(rows.X.shape[0]), test_size=fraction, stratify=stratify, random_state=seed
    )
    return rows.take(train), rows.take(held_out)
