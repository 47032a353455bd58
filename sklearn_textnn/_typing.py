"""The types in the signatures of public names. Only type checkers read this module."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import sparray, spmatrix


class ArrowTable(Protocol):
    """A table or an array of pyarrow, polars or another library that speaks Arrow."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """Hand over the columns."""


# What may come in.
Documents: TypeAlias = Iterable[Any] | ArrowTable
Matrix: TypeAlias = ArrayLike | spmatrix | sparray | ArrowTable
Labels: TypeAlias = ArrayLike | spmatrix | sparray | ArrowTable
# A classifier takes vectors. A Pipeline in its place may take documents.
Samples: TypeAlias = Documents | Matrix
RandomState: TypeAlias = int | np.random.RandomState | None
Units: TypeAlias = int | Sequence[int] | NDArray[np.integer[Any]]
Stages: TypeAlias = Literal["all"] | Sequence[int] | NDArray[np.integer[Any]] | None
Activation: TypeAlias = Literal[
    "elu",
    "gelu",
    "leaky_relu",
    "linear",
    "relu",
    "selu",
    "sigmoid",
    "silu",
    "softplus",
    "softsign",
    "tanh",
]
Monitor: TypeAlias = Literal["val_loss", "val_accuracy", "loss", "accuracy"]
EpochSelection: TypeAlias = Literal["val_loss", "val_accuracy"] | None
Analyzer: TypeAlias = Literal["keras", "word", "char", "char_wb"] | Callable[[Any], Iterable[Any]]

# What a search takes.
ParamGrid: TypeAlias = Mapping[str, Any] | Sequence[Mapping[str, Any]]
Scoring: TypeAlias = (
    str | Callable[..., Any] | Sequence[str] | Mapping[str, str | Callable[..., Any]] | None
)
Refit: TypeAlias = bool | str | Callable[[Any], int]
ErrorScore: TypeAlias = float | Literal["raise"]


class Splitter(Protocol):
    """A generator of splits, as those of `sklearn.model_selection`."""

    def split(self, *args: Any, **kwargs: Any) -> Any:
        """Yield the rows of each split."""

    def get_n_splits(self, *args: Any, **kwargs: Any) -> Any:
        """Return the number of splits."""


CV: TypeAlias = int | Splitter | Iterable[tuple[Any, Any]]

# What comes out. `Any` stands for the other type, which depends on parameters and data; a union of
# the two would have to be told apart in each use.
Floats: TypeAlias = NDArray[np.floating[Any]]
# A CSR matrix or an array. SciPy has no types of its own: pyright infers that `shape` can be None.
Encoded: TypeAlias = Any
Predicted: TypeAlias = NDArray[Any] | Any  # or csr_matrix
StagedFloats: TypeAlias = Generator[Floats, None, None]
StagedPredicted: TypeAlias = Generator[Predicted, None, None]
StagedScores: TypeAlias = Generator[float, None, None]
