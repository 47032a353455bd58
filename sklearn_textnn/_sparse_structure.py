"""Sparse matrices whose index arrays are damaged, found before SciPy reads them."""

import scipy.sparse as sp


def check_structure(X, name="X"):
    """Raise ValueError where the index arrays of a sparse matrix do not fit its shape.

    SciPy reads and writes without a look at them, beyond the ends of the arrays if they say so.

    Parameters
    ----------
    X : object
        What the user passed. Anything but a sparse matrix of two dimensions passes.
    name : str, default="X"
        What to call it in the message.
    """
    if not sp.issparse(X) or X.ndim != 2:
        return
    if X.format in ("csr", "csc"):
        n_outer, n_inner = X.shape if X.format == "csr" else X.shape[::-1]
        outer, inner = X.indptr, X.indices
        if not (
            outer.size == n_outer + 1
            and outer[0] == 0
            and (outer[1:] >= outer[:-1]).all()
            and outer[-1] <= min(inner.size, X.data.size)
        ):
            raise ValueError(f"{name} is a damaged sparse matrix: its indptr does not fit its data")
        _check_range(inner[: outer[-1]], n_inner, name)
    elif X.format == "coo":
        for indices, size in zip((X.row, X.col), X.shape, strict=True):
            _check_range(indices, size, name)


def _check_range(indices, size, name):
    if indices.size and not 0 <= indices.min() <= indices.max() < size:
        raise ValueError(
            f"{name} is a damaged sparse matrix: it has an index of "
            f"{indices.max() if indices.max() >= size else indices.min()}, where indices go from 0 "
            f"to {size - 1}"
        )
