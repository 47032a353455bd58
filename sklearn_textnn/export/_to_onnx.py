"""to_onnx: the network of a classifier as an ONNX model."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..neural_network._base import BaseKerasTextClassifier
from ..neural_network._forward import LEAKY_SLOPE
from ._to_scikeras import is_multilabel

# Keras's activations as operators of ONNX; silu takes two.
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


def to_onnx(estimator):
    """Turn a fitted classifier into an ONNX model, from vectors to probabilities and labels.

    Needs the package `onnx`, which ``pip install "sklearn-textnn[onnx]"`` brings, and no
    TensorFlow. The text stays outside: ONNX has no operators to split it at these characters.
    In front of the session, call `transform` of the vectorizer, or else use :func:`to_keras`.

    Parameters
    ----------
    estimator : KerasBinaryReviewClassifier or KerasTopicClassifier
        A fitted classifier.

    Returns
    -------
    model : onnx.ModelProto
        A model with the input "X", float32 of shape (n_samples, n_features), and two outputs:
        "label", the most probable class, of shape (n_samples,), or the 0/1 matrix of topics; and
        "probabilities", float32, the columns of `predict_proba`. Its `SerializeToString` is what
        a file or an `onnxruntime.InferenceSession` takes.

    Raises
    ------
    NotFittedError
        If `estimator` is not fitted.
    TypeError
        If it is neither of the two classifiers.
    ImportError
        If `onnx` is not installed.

    See Also
    --------
    to_keras : A fitted pipeline as one Keras model, the text included.

    Examples
    --------
    >>> from sklearn_textnn import KerasBinaryReviewClassifier, to_onnx
    >>> classifier = KerasBinaryReviewClassifier(units=4, epochs=2, random_state=0)
    >>> model = to_onnx(classifier.fit([[1, 0], [0, 1]], ["bad", "good"]))
    >>> [node.op_type for node in model.graph.node]
    ['Gemm', 'Relu', 'Gemm', 'Neg', 'Concat', 'Sigmoid', 'ArgMax', 'Gather']
    """
    if not isinstance(estimator, BaseKerasTextClassifier):
        raise TypeError(
            f"estimator is a {type(estimator).__name__}, and only a KerasBinaryReviewClassifier or "
            "KerasTopicClassifier can be converted; of a Pipeline, pass the last step, "
            "pipeline[-1], and hand its model what pipeline[:-1] makes of the documents"
        )
    check_is_fitted(estimator)
    from onnx import helper, numpy_helper

    nodes, constants = _nodes(estimator)
    n_classes = estimator.classes_.size
    label_type = helper.np_dtype_to_tensor_dtype(np.dtype(np.int64))
    label_shape = [None, n_classes]
    if "classes" in constants:
        label_type = numpy_helper.from_array(constants["classes"]).data_type
        label_shape = [None]
    float_type = helper.np_dtype_to_tensor_dtype(np.dtype(np.float32))
    graph = helper.make_graph(
        [
            helper.make_node(operator, inputs, [output], **attributes)
            for operator, inputs, output, attributes in nodes
        ],
        "textnn",
        [helper.make_tensor_value_info("X", float_type, [None, estimator.n_features_in_])],
        [
            helper.make_tensor_value_info("label", label_type, label_shape),
            helper.make_tensor_value_info("probabilities", float_type, [None, n_classes]),
        ],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    opset = helper.make_opsetid("", _OPSET)
    return helper.make_model(graph, opset_imports=[opset], ir_version=_IR_VERSION)


def _nodes(estimator):
    """Return the nodes as (operator, inputs, output, attributes), and the constants by name."""
    nodes, constants, x = [], {}, "X"
    for i, (coef, intercept) in enumerate(
        zip(estimator.coefs_, estimator.intercepts_, strict=True)
    ):
        if i > 0:
            hidden = f"hidden_{i}"
            nodes += _activation(estimator._architecture["activation"], x, hidden)
            x = hidden
        constants[f"coef_{i}"] = coef.astype(np.float32)
        constants[f"intercept_{i}"] = intercept.astype(np.float32)
        nodes.append(("Gemm", [x, f"coef_{i}", f"intercept_{i}"], f"logits_{i}", {}))
        x = f"logits_{i}"
    if is_multilabel(estimator):
        constants |= {"half": np.float32(0.5), "integers": np.int64(0)}
        nodes += [
            ("Sigmoid", [x], "probabilities", {}),
            ("Greater", ["probabilities", "half"], "present", {}),
            ("CastLike", ["present", "integers"], "label", {}),
        ]
        return nodes, constants
    if estimator._architecture["n_outputs"] == 1:
        nodes += [
            ("Neg", [x], "against", {}),
            ("Concat", ["against", x], "both", {"axis": 1}),
            ("Sigmoid", ["both"], "probabilities", {}),
        ]
    else:
        nodes.append(("Softmax", [x], "probabilities", {"axis": 1}))
    classes = estimator.classes_
    constants["classes"] = classes.astype(object) if classes.dtype.kind == "U" else classes
    nodes += [
        ("ArgMax", ["probabilities"], "best", {"axis": 1, "keepdims": 0}),
        ("Gather", ["classes", "best"], "label", {}),
    ]
    return nodes, constants


def _activation(name, x, output):
    """Return the nodes of an activation of Keras."""
    if name == "silu":
        return [("Sigmoid", [x], f"{output}_gate", {}), ("Mul", [x, f"{output}_gate"], output, {})]
    attributes = {"alpha": LEAKY_SLOPE} if name == "leaky_relu" else {}
    return [(_OPERATORS[name], [x], output, attributes)]
