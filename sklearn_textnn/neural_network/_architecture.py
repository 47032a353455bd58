"""The architecture of a network as plain data, which needs no TensorFlow."""

from itertools import pairwise
from numbers import Integral, Real
from typing import NamedTuple

from ._forward import ACTIVATIONS

LOSSES = (
    "binary_crossentropy",
    "categorical_crossentropy",
    "sparse_categorical_crossentropy",
)

_DTYPES = ("float32", "float64")


class Architecture(NamedTuple):
    """What a network is built and traced for. Two fits that agree on it may share a network."""

    n_features: int
    units: tuple
    n_outputs: int
    activation: str
    dropout: float
    l2: float
    loss: str
    dtype: str

    @classmethod
    def from_plain(cls, plain):
        """Return the architecture that a dict holds.

        Parameters
        ----------
        plain : dict
            As from `to_plain`.

        Returns
        -------
        Architecture

        Raises
        ------
        ValueError
            If the dict does not hold an architecture.
        """
        if not isinstance(plain, dict) or set(plain) != set(cls._fields):
            raise ValueError(f"an architecture has the entries {', '.join(cls._fields)}")
        architecture = cls(**plain)._replace(units=tuple(plain["units"]))
        architecture._check()
        return architecture

    def to_plain(self):
        """Return the architecture as a dict of numbers, strings and one tuple of int."""
        return self._asdict()

    @property
    def multilabel(self):
        """Whether each output is a sigmoid for a topic of its own."""
        return self.loss == "binary_crossentropy" and self.n_outputs > 1

    @property
    def weight_shapes(self):
        """The shapes of kernels and biases in turn, as Keras lists the weights of dense layers."""
        sizes = [self.n_features, *self.units, self.n_outputs]
        return [shape for kernel in pairwise(sizes) for shape in (kernel, kernel[1:])]

    def _check(self):
        sizes = [self.n_features, *self.units, self.n_outputs]
        if not all(isinstance(n, Integral) and not isinstance(n, bool) and n >= 1 for n in sizes):
            raise ValueError(f"a network has no layers of {sizes}")
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"there is no activation {self.activation!r}")
        if self.loss not in LOSSES:
            raise ValueError(f"there is no loss {self.loss!r}")
        if self.dtype not in _DTYPES:
            raise ValueError(f"there is no network of {self.dtype!r}")
        for name, stop in (("dropout", 1), ("l2", float("inf"))):
            value = getattr(self, name)
            if not isinstance(value, Real) or not 0 <= value < stop:
                raise ValueError(f"{name} cannot be {value!r}")
