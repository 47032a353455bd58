"""What `fit` and `partial_fit` check before any training: rows, held-out rows, parameters."""

import warnings
from numbers import Integral

import numpy as np
from sklearn.utils.validation import check_consistent_length, validate_data

from .._sklearn_compat import _check_sample_weight
from .._sparse_structure import check_structure
from .._stacklevel import find_stacklevel
from ._convergence import are_convergence_warnings_muted
from ._rows import Rows, canonical_csr
from ._stages import check_stages
from ._target_form import target_form

# TensorFlow gets the columns of a batch as int32.
_MAX_FEATURES = np.iinfo(np.int32).max

# Parameters that make another network of it, and how training goes on without a change of them.
_FIXED = ("units", "activation", "dropout", "loss")


def float_dtypes(X):
    """Return the dtypes to keep in X, as `check_array` takes them.

    Arrays of float32 and of float64 are kept, as in
    :class:`~sklearn.neural_network.MLPClassifier`. Anything else becomes float32, unless it is a
    data frame with a column of 64-bit floats in the words of its library.
    """
    dtypes = getattr(X, "dtypes", None)
    names = [str(dtype).lower() for dtype in dtypes] if np.iterable(dtypes) else []
    if any("float64" in name or "double" in name for name in names):
        return np.float64
    return [np.float32, np.float64]


def check_training_rows(classifier, X, y, sample_weight, form, resume):
    """Return the rows that have weight: X as canonical CSR, y, their weights, and which they are.

    Parameters
    ----------
    classifier : BaseKerasTextClassifier
        Its `n_features_in_` and `feature_names_in_` are set, or checked with `resume`.
    X, y, sample_weight
        As in `fit`.
    form : TargetForm
        The form of `y`.
    resume : bool
        Whether training goes on from where it stands.
    """
    check_structure(X)
    check_structure(y, "y")
    X, y = validate_data(
        classifier,
        X,
        y,
        accept_sparse="csr",
        multi_output=form.n_columns is not None,
        dtype=classifier.coefs_[0].dtype if resume else float_dtypes(X),
        reset=not resume,
    )
    if X.shape[1] > _MAX_FEATURES:
        raise ValueError(
            f"X has {X.shape[1]} columns, and at most {_MAX_FEATURES} can be trained on; keep "
            "fewer words, for example by num_words of MultiHotVectorizer"
        )
    X = canonical_csr(X)
    sample_weight = _check_sample_weight(sample_weight, X, dtype=np.float64)
    if (sample_weight < 0).any():
        row = int(np.argmax(sample_weight < 0))
        raise ValueError(f"sample_weight must not be negative; row {row} has {sample_weight[row]}")
    kept = sample_weight > 0
    if not kept.any():
        raise ValueError("sample_weight is zero for every row; at least one class needs weight")
    if not kept.all():
        X, y, sample_weight = X[kept], y[kept], sample_weight[kept]
    return X, y, sample_weight, kept


def check_held_out_rows(classifier, X_val, y_val, targets, dtype, n_rows):
    """Return the user's held-out rows in the precision of X, or None.

    Parameters
    ----------
    classifier : BaseKerasTextClassifier
    X_val, y_val
        As in `fit`.
    targets : Labels or Indicators
    dtype : dtype
    n_rows : int
        The number of rows that come before them.
    """
    if X_val is None and y_val is None:
        return None
    if X_val is None or y_val is None:
        given, missing = ("X_val", "y_val") if y_val is None else ("y_val", "X_val")
        raise ValueError(f"{given} is given and {missing} is not; held-out data needs both")
    try:
        check_structure(X_val, "X_val")
        X_val = validate_data(classifier, X_val, accept_sparse="csr", dtype=dtype, reset=False)
        targets.check_form(target_form(y_val, "y_val"), "y_val")
        check_consistent_length(X_val, y_val)
    except ValueError as error:
        raise ValueError(
            "X_val, y_val must be like X, y; in a Pipeline, transform_input=['X_val'] has X_val "
            f"go through the same steps as X. {error}"
        ) from error
    codes = targets.encode(y_val, "y_val")
    n_held_out = codes.shape[0]
    return Rows(
        canonical_csr(X_val),
        codes,
        np.ones(n_held_out, dtype=dtype),
        n_rows + np.arange(n_held_out),
    )


def check_units(units):
    """Return the widths of the hidden layers as a tuple of int.

    Parameters
    ----------
    units : int or sequence of int
    """
    widths = units if isinstance(units, (list, tuple)) else list(np.atleast_1d(units))
    if not all(
        isinstance(n, Integral) and not isinstance(n, (bool, np.bool_)) and n >= 1 for n in widths
    ):
        raise ValueError(
            "units must be a positive int or a sequence of them, one for each hidden layer; "
            f"got {units!r}"
        )
    return tuple(int(n) for n in widths)


def check_same_network(before, now, classifier):
    """Raise ValueError where training would go on with another network than it began with.

    Parameters
    ----------
    before, now : Architecture
        Of the fit before, and with the parameters of now.
    classifier : BaseKerasTextClassifier
    """
    for name in _FIXED:
        if getattr(before, name) != getattr(now, name):
            asked = getattr(classifier, name, getattr(now, name))
            raise ValueError(
                f"training goes on with the layers of the previous fit, which had "
                f"{name}={getattr(before, name)!r}, and {name}={asked!r} asks for others; set it "
                "back, or fit with warm_start=False to start anew"
            )


def check_streaming(classifier):
    """Raise ValueError where a parameter needs more than one chunk of the rows at a time."""
    for name in ("validation_fraction", "epoch_selection", "early_stopping"):
        if getattr(classifier, name):
            raise ValueError(
                f"partial_fit holds no rows out, so {name}={getattr(classifier, name)!r} has no "
                "meaning there; leave it at its default"
            )
    if classifier.class_weight == "balanced":
        raise ValueError(
            "class_weight='balanced' would weight each chunk by itself in partial_fit; pass the "
            "weights of the whole data as a dict"
        )
    check_stages(classifier.stages)


def check_combination(classifier, held_out, resume):
    """Raise ValueError where parameters do not go together, or not with the data."""
    check_stages(classifier.stages)
    if held_out is None and classifier.validation_fraction is None:
        _check_no_validation_needed(classifier)
    if classifier.warm_start and (
        classifier.epoch_selection is not None or classifier.early_stopping
    ):
        reason = "epoch_selection, which trains a new network on all rows"
        if classifier.epoch_selection is None:
            reason = "early_stopping, which may restore the weights of an earlier epoch"
        raise ValueError(
            f"warm_start=True cannot be combined with {reason}; leave one of the two at its default"
        )
    if resume:
        _check_not_replaced(classifier)
        _check_more_epochs(classifier)


def _check_not_replaced(classifier):
    by = getattr(classifier, "_replaced_by", None)
    if by is not None:
        done = "retrained" if by == "epoch_selection" else "put back"
        raise ValueError(
            "warm_start=True cannot go on from a network that "
            f"{'a callback' if by == 'callbacks' else by} has {done}; fit with warm_start=False to "
            "start anew, or train on with partial_fit"
        )


def _check_no_validation_needed(classifier):
    asking = None
    if classifier.epoch_selection is not None:
        asking = f"epoch_selection={classifier.epoch_selection!r}"
    elif classifier.early_stopping and classifier.monitor.startswith("val_"):
        asking = f"early_stopping=True with monitor={classifier.monitor!r}"
    if asking:
        raise ValueError(
            f"{asking} needs held-out data: set validation_fraction, for example to 0.1, or pass "
            "X_val and y_val to fit"
        )


def _check_more_epochs(classifier):
    epochs, done = classifier.epochs, classifier.n_iter_
    if epochs < done:
        raise ValueError(
            f"epochs={epochs} is the total to reach, and with warm_start=True {done} epochs are "
            "done already; set epochs to more"
        )
    if epochs == done and not are_convergence_warnings_muted():
        warnings.warn(
            f"warm_start=True with epochs={epochs} done already trains no further; set epochs to "
            "more",
            UserWarning,
            stacklevel=find_stacklevel(),
        )
