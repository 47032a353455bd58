"""Conversion of fitted estimators to Keras, ONNX and scikeras."""

from ._to_keras import to_keras
from ._to_onnx import to_onnx
from ._to_scikeras import to_scikeras

__all__ = ["to_keras", "to_onnx", "to_scikeras"]
