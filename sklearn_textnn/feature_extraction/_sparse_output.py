"""Sparse output next to scikit-learn's settings for the type of the output."""

from functools import wraps

import scipy.sparse as sp
from sklearn import config_context, get_config
from sklearn.base import TransformerMixin


class SparseOutputMixin(TransformerMixin):
    """Keep sparse output under ``sklearn.set_config(transform_output="pandas")``.

    A data frame cannot hold sparse output, so scikit-learn raises an error there. It does not for
    CountVectorizer, which pipelines use in the same place. A subclass has a parameter
    `sparse_output`. Dense output and `set_output` are as scikit-learn has them.
    """

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)  # TransformerMixin wraps the methods first
        for name in ("fit_transform", "transform"):
            if name in vars(cls):
                setattr(cls, name, _without_frames(vars(cls)[name]))


def _without_frames(method):
    """Return a method for which no data frames are asked for globally while output is sparse."""

    @wraps(method)
    def wrapped(self, *args, **kwargs):
        if not self.sparse_output or get_config()["transform_output"] == "default":
            return method(self, *args, **kwargs)
        with config_context(transform_output="default"):
            return method(self, *args, **kwargs)

    return wrapped


def as_configured(encoded, sparse_output):
    """Return a CSR matrix as a dense array, or as the sparse type that scikit-learn is set to."""
    return in_configured_interface(encoded) if sparse_output else encoded.toarray()


def in_configured_interface(X):
    """Return a CSR matrix or array as the one of the two that scikit-learn is set to.

    Releases before 1.9 have no such setting, and X stays what it is.
    """
    interface = get_config().get("sparse_interface")
    if interface is None or sp.isspmatrix(X) == (interface == "spmatrix"):
        return X
    return sp.csr_matrix(X) if interface == "spmatrix" else sp.csr_array(X)
