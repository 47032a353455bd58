"""to_onnx: the network of a classifier as an ONNX model."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..neural_network._forward import LEAKY_SLOPE
from ._classifier import architecture_of, check_classifier

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


def to_onnx(estimator):
    """Turn a fitted classifier into an ONNX model, from vectors to probabilities and labels.

    The conversion needs the package `onnx` (``pip install onnx``), but not TensorFlow. The model
    does not hold the vectorizer, because ONNX has no operators that split text in the same way.
    Call `transform` of the vectorizer and pass the result to the session, or use
    :func:`to_keras`.

    Parameters
    ----------
    estimator : KerasBinaryReviewClassifier or KerasTopicClassifier
        A fitted classifier.

    Returns
    -------
    model : onnx.ModelProto
        A model with the input "X", float32 of shape (n_samples, n_features), and two outputs.
        "label" is the most probable class, of shape (n_samples,), or the 0/1 matrix of topics.
        "probabilities" is float32 and has the columns of `predict_proba`. Write
        ``model.SerializeToString()`` to a file, or pass it to `onnxruntime.InferenceSession`.

    Raises
    ------
    NotFittedError
        If `estimator` is not fitted.
    TypeError
        If it is not one of the two classifiers, or if its labels have a type that ONNX does not
        have. ONNX has bool, integers, floats of up to 64 bits and str.
    ValueError
        If a label is a str that cannot be written in UTF-8.
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
    check_classifier(
        estimator,
        "pass the last step, pipeline[-1], and give the model the output of pipeline[:-1]",
    )
    check_is_fitted(estimator)
    labels = None if architecture_of(estimator).multilabel else _labels(estimator.classes_)
    helper, numpy_helper = _import_onnx()

    nodes, constants = _layers(estimator)
    nodes += _outputs(estimator)
    constants |= _constants_of_outputs(labels)
    nodes = [
        helper.make_node(operator, inputs, [output], **attributes)
        for operator, inputs, output, attributes in nodes
    ]
    tensors = {name: numpy_helper.from_array(array, name) for name, array in constants.items()}
    n_classes = len(estimator.classes_)
    float_type = helper.np_dtype_to_tensor_dtype(np.dtype(np.float32))
    if labels is None:
        label_type = helper.np_dtype_to_tensor_dtype(np.dtype(np.int64))
        label_shape = [None, n_classes]
    else:
        label_type, label_shape = tensors["classes"].data_type, [None]
    graph = helper.make_graph(
        nodes,
        "textnn",
        [helper.make_tensor_value_info("X", float_type, [None, estimator.n_features_in_])],
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


def _labels(classes):
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


def _layers(estimator):
    """Return the nodes up to "logits", as (operator, inputs, output, attributes), and weights."""
    nodes, constants, x = [], {}, "X"
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


def _outputs(estimator):
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


def _constants_of_outputs(labels):
    """Return the constants that the last nodes read."""
    if labels is None:
        return {"half": np.float32(0.5), "integers": np.int64(0)}
    return {"classes": labels}
