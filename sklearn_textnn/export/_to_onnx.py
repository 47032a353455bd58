"""to_onnx: the network of a classifier as an ONNX model, with the weighting before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..neural_network._forward import LEAKY_SLOPE
from ._classifier import architecture_of
from ._steps import WEIGHTINGS, check_weighting, find_steps, term_weights_of

if TYPE_CHECKING:
    from onnx import ModelProto
    from sklearn.base import BaseEstimator

# Keras's activations as operators of ONNX. "silu" takes two operators.
_OPERATORS = {
    "elu": "Elu",
    "gelu": "Gelu",
    "leaky_relu": "LeakyRelu",
    "linear": "Identity",
    "relu": "Relu",
    "selu": "Selu",
    "sigmoid": "Sigmoid",
    "softplus": "Softplus",
    "softsign": "Softsign",
    "tanh": "Tanh",
}

# The first operator set with Gelu, and the file format that came with it.
_OPSET = 20
_IR_VERSION = 9


def to_onnx(estimator: BaseEstimator) -> ModelProto:
    """Turn a fitted classifier into an ONNX model, from vectors to probabilities and labels.

    The conversion needs the package `onnx` (``pip install onnx``), but not TensorFlow. The model
    does not hold the vectorizer, because ONNX has no operators that split text in the same way.
    Call `transform` of the vectorizer and pass the result to the session, or use
    :func:`to_keras`.

    Parameters
    ----------
    estimator : classifier or Pipeline
        What follows the vectorizer: a fitted :class:`KerasBinaryReviewClassifier` or
        :class:`KerasTopicClassifier`, or a fitted :class:`~sklearn.pipeline.Pipeline` of a
        :class:`~sklearn.feature_extraction.text.TfidfTransformer` or a
        :class:`LogCountRatioTransformer`, and such a classifier. If the vectorizer is the first
        step of `pipeline`, pass ``pipeline[1:]``.

    Returns
    -------
    model : onnx.ModelProto
        A model with the input "X", float32 of shape (n_samples, n_features), and two outputs. "X"
        is the output of the vectorizer, as a dense array.
        "label" is the most probable class, of shape (n_samples,), or the 0/1 matrix of topics.
        "probabilities" is float32 and has the columns of `predict_proba`. Write
        ``model.SerializeToString()`` to a file, or pass it to `onnxruntime.InferenceSession`.

    Raises
    ------
    NotFittedError
        If `estimator` is not fitted.
    TypeError
        If `estimator`, or one of its steps, is not one of those named above, if it is of a subclass
        that predicts in its own way, or if the labels have a type that ONNX does not have. ONNX has
        bool, integers, floats of up to 64 bits and str.
    ValueError
        If a label is a str that cannot be written in UTF-8.
    ImportError
        If `onnx` is not installed.

    See Also
    --------
    to_keras : A fitted pipeline as one Keras model, the text included.
    sklearn_textnn.export.skl2onnx : Pipelines with other steps of scikit-learn.

    Examples
    --------
    >>> from sklearn_textnn import KerasBinaryReviewClassifier, to_onnx
    >>> classifier = KerasBinaryReviewClassifier(units=4, epochs=2, random_state=0)
    >>> model = to_onnx(classifier.fit([[1, 0], [0, 1]], ["bad", "good"]))
    >>> [node.op_type for node in model.graph.node]
    ['Gemm', 'Relu', 'Gemm', 'Neg', 'Concat', 'Sigmoid', 'ArgMax', 'Gather']
    """
    classifier, weighting = find_steps(
        estimator,
        (WEIGHTINGS,),
        "to_onnx takes {classifiers}, and before it one TfidfTransformer or "
        "LogCountRatioTransformer and no other step; for a Pipeline that begins with a vectorizer, "
        "pass pipeline[1:], and give the model the output of the vectorizer",
    )
    check_is_fitted(classifier)
    if weighting is not None:
        check_weighting(weighting, classifier)
    labels = None if architecture_of(classifier).multilabel else label_array(classifier.classes_)
    helper, numpy_helper = _import_onnx()

    before, constants, x = [], {}, "X"
    if weighting is not None:
        before, constants, x = weighting_nodes(weighting)
    nodes, weights = layer_nodes(classifier, x)
    nodes = [*before, *nodes, *output_nodes(classifier)]
    constants |= weights | constants_of_outputs(labels)
    nodes = [
        helper.make_node(operator, inputs, [output], **attributes)
        for operator, inputs, output, attributes in nodes
    ]
    tensors = {name: numpy_helper.from_array(array, name) for name, array in constants.items()}
    n_classes = len(classifier.classes_)
    float_type = helper.np_dtype_to_tensor_dtype(np.dtype(np.float32))
    if labels is None:
        label_type = helper.np_dtype_to_tensor_dtype(np.dtype(np.int64))
        label_shape = [None, n_classes]
    else:
        label_type, label_shape = tensors["classes"].data_type, [None]
    graph = helper.make_graph(
        nodes,
        "textnn",
        [helper.make_tensor_value_info("X", float_type, [None, classifier.n_features_in_])],
        [
            helper.make_tensor_value_info("label", label_type, label_shape),
            helper.make_tensor_value_info("probabilities", float_type, [None, n_classes]),
        ],
        [*tensors.values()],
    )
    opset = helper.make_opsetid("", _OPSET)
    return helper.make_model(graph, opset_imports=[opset], ir_version=_IR_VERSION)


def _import_onnx():
    try:
        from onnx import helper, numpy_helper
    except ImportError as error:
        raise ImportError("to_onnx needs the package onnx; pip install onnx") from error
    return helper, numpy_helper


def label_array(classes):
    """Return the classes as an array of a type that ONNX has."""
    kind = classes.dtype.kind
    if kind in "biuf" and classes.dtype.itemsize <= 8:
        return classes.astype(f"{kind}{classes.dtype.itemsize}")  # in the machine's byte order
    labels = classes.tolist()
    if kind not in ("O", "T", "U") or not all(isinstance(label, str) for label in labels):
        raise TypeError(
            f"the labels of this classifier have the dtype {classes.dtype}, for example "
            f"{labels[0]!r}, and ONNX has only bool, integers, floats of up to 64 bits and str; "
            "fit the classifier on such labels, for example on y.astype(str), or use to_keras, "
            "whose model returns probabilities only"
        )
    for label in labels:
        try:
            label.encode()
        except UnicodeEncodeError as error:
            raise ValueError(
                f"the label {label!r} cannot be written in UTF-8, the encoding of ONNX; fit the "
                "classifier on labels without surrogate characters"
            ) from error
    return np.array(labels, dtype=object)


def weighting_nodes(weighting):
    """Return the nodes of one of WEIGHTINGS, the constants that they read, and their output.

    The nodes are (operator, inputs, output, attributes). Zeros stay zeros: their logarithm, their
    product with an infinite weight and their quotient by the norm 0 are not used.
    """
    x, term_weights = "X", term_weights_of(weighting)
    nodes, constants = [], {"zero": np.float32(0), "one": np.float32(1)}
    if weighting.sublinear_tf or term_weights is not None:
        nodes.append(("Equal", ["X", "zero"], "absent", {}))
    if weighting.sublinear_tf:
        nodes += [
            ("Where", ["absent", "one", x], "count", {}),
            ("Log", ["count"], "log", {}),
            ("Add", ["log", "one"], "log_plus_one", {}),
            ("Where", ["absent", "zero", "log_plus_one"], "tf", {}),
        ]
        x = "tf"
    if term_weights is not None:
        constants["term_weights"] = term_weights.astype(np.float32)
        nodes += [
            ("Mul", [x, "term_weights"], "product", {}),
            ("Where", ["absent", "zero", "product"], "weighted", {}),
        ]
        x = "weighted"
    if weighting.norm is not None:
        constants["columns"] = np.array([1], dtype=np.int64)
        nodes += [
            (f"Reduce{weighting.norm.upper()}", [x, "columns"], "norm", {"keepdims": 1}),
            ("Equal", ["norm", "zero"], "empty", {}),
            ("Where", ["empty", "one", "norm"], "divisor", {}),
            ("Div", [x, "divisor"], "normed", {}),
        ]
        x = "normed"
    read = {name for _, inputs, _, _ in nodes for name in inputs}
    return nodes, {name: array for name, array in constants.items() if name in read}, x


def layer_nodes(estimator, x):
    """Return the nodes from the input `x` up to "logits", and the weights."""
    nodes, constants = [], {}
    last = len(estimator.coefs_) - 1
    for i, (coef, intercept) in enumerate(
        zip(estimator.coefs_, estimator.intercepts_, strict=True)
    ):
        constants[f"coef_{i}"] = coef.astype(np.float32)
        constants[f"intercept_{i}"] = intercept.astype(np.float32)
        output = "logits" if i == last else f"layer_{i}"
        nodes.append(("Gemm", [x, f"coef_{i}", f"intercept_{i}"], output, {}))
        if i < last:
            x = f"hidden_{i}"
            nodes += _activation(architecture_of(estimator).activation, output, x)
    return nodes, constants


def _activation(name, x, output):
    """Return the nodes of one of Keras's activations."""
    if name == "silu":
        return [("Sigmoid", [x], f"{output}_gate", {}), ("Mul", [x, f"{output}_gate"], output, {})]
    attributes = {"alpha": LEAKY_SLOPE} if name == "leaky_relu" else {}
    return [(_OPERATORS[name], [x], output, attributes)]


def output_nodes(estimator):
    """Return the nodes from "logits" to "probabilities" and "label"."""
    if architecture_of(estimator).multilabel:
        return [
            ("Sigmoid", ["logits"], "probabilities", {}),
            ("Greater", ["probabilities", "half"], "present", {}),
            ("CastLike", ["present", "integers"], "label", {}),
        ]
    probabilities = [("Softmax", ["logits"], "probabilities", {"axis": 1})]
    if len(estimator.intercepts_[-1]) == 1:
        probabilities = [
            ("Neg", ["logits"], "against", {}),
            ("Concat", ["against", "logits"], "both", {"axis": 1}),
            ("Sigmoid", ["both"], "probabilities", {}),
        ]
    return [
        *probabilities,
        ("ArgMax", ["probabilities"], "best", {"axis": 1, "keepdims": 0}),
        ("Gather", ["classes", "best"], "label", {}),
    ]


def constants_of_outputs(labels):
    """Return the constants that the last nodes read."""
    if labels is None:
        return {"half": np.float32(0.5), "integers": np.int64(0)}
    return {"classes": labels}
