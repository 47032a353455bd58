"""Converters for skl2onnx, which are registered when this module is imported.

After the import, `skl2onnx.to_onnx` converts pipelines of scikit-learn in which the classifiers of
this package, and :class:`~sklearn_textnn.LogCountRatioTransformer`, are steps among others. To
convert a classifier without other steps, :func:`~sklearn_textnn.to_onnx` is simpler.

The vectorizer cannot be converted. Pass ``pipeline[1:]``, and give the model what the vectorizer
returns, as a dense array.

Labels must be bool, integers or str, as for the classifiers of scikit-learn. The outputs are those
of skl2onnx for a classifier: `label` and `probabilities`, and with the option ``zipmap``, which is
on by default, a dict for each row in the place of the probabilities. The weights are float32.

Examples
--------
>>> import numpy as np
>>> import skl2onnx
>>> import sklearn_textnn.export.skl2onnx
>>> from sklearn.pipeline import make_pipeline
>>> from sklearn.preprocessing import MaxAbsScaler
>>> from sklearn_textnn import KerasBinaryReviewClassifier
>>> X = np.eye(2, dtype=np.float32)[[0, 1] * 10]
>>> classifier = KerasBinaryReviewClassifier(4, epochs=2, random_state=0)
>>> pipeline = make_pipeline(MaxAbsScaler(), classifier).fit(X, ["bad", "good"] * 10)
>>> model = skl2onnx.to_onnx(pipeline, X, options={"zipmap": False})
>>> [output.name for output in model.graph.output]
['label', 'probabilities']
"""

import numpy as np
from skl2onnx import update_registered_converter
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
from skl2onnx.proto import onnx_proto
from sklearn.utils.validation import check_is_fitted

from ..feature_extraction import LogCountRatioTransformer
from ..neural_network import KerasBinaryReviewClassifier, KerasTopicClassifier
from ._classifier import architecture_of
from ._to_onnx import constants_of_outputs, label_array, layer_nodes, output_nodes, weighting_nodes

# The first operator set with Gelu, and with the axes of a norm as an input.
_OPSET = 20


def _shapes_of_classifier(operator):
    classifier = operator.raw_operator
    n_rows = operator.inputs[0].get_first_dimension()
    shape = [n_rows, len(classifier.classes_)]
    label_type = StringTensorType if _labels(classifier).dtype == object else Int64TensorType
    multilabel = architecture_of(classifier).multilabel
    operator.outputs[0].set_type(label_type(shape if multilabel else [n_rows]))
    operator.outputs[1].set_type(FloatTensorType(shape))


def _convert_classifier(scope, operator, container):
    classifier = operator.raw_operator
    nodes, constants = layer_nodes(classifier, "X")
    multilabel = architecture_of(classifier).multilabel
    outputs = dict(zip(("label", "probabilities"), operator.outputs, strict=True))
    _add(
        scope,
        operator,
        container,
        [*nodes, *output_nodes(classifier)],
        constants | constants_of_outputs(None if multilabel else _labels(classifier)),
        {name: variable.full_name for name, variable in outputs.items()},
    )


def _labels(classifier):
    """Return the labels of a classifier as skl2onnx has them: int64, or str objects."""
    check_is_fitted(classifier)
    if architecture_of(classifier).multilabel:
        return np.array([0, 1])
    classes = classifier.classes_
    if classes.dtype.kind in "biu":
        if classes.dtype.kind == "u" and classes.max() > np.iinfo(np.int64).max:
            raise TypeError(
                f"the label {classes.max()} is not an int64; fit the classifier on smaller labels, "
                "or use sklearn_textnn.to_onnx"
            )
        return classes.astype(np.int64)
    if classes.dtype.kind == "f":
        raise TypeError(
            f"the labels of this classifier have the dtype {classes.dtype}, and skl2onnx has only "
            "bool, integers and str; fit it on such labels, or use sklearn_textnn.to_onnx"
        )
    return label_array(classes)


def _shapes_of_weighting(operator):
    n_columns = operator.raw_operator.n_features_in_
    shape = [operator.inputs[0].get_first_dimension(), n_columns]
    operator.outputs[0].set_type(FloatTensorType(shape))


def _convert_weighting(scope, operator, container):
    nodes, constants, last = weighting_nodes(operator.raw_operator)
    _add(scope, operator, container, nodes, constants, {last: operator.outputs[0].full_name})


def _add(scope, operator, container, nodes, constants, outputs):
    """Add nodes and constants, under names that no other operator has."""
    opset = container.target_opset_any_domain("")
    if opset < _OPSET:
        raise ValueError(
            f"{type(operator.raw_operator).__name__} needs the operator set {_OPSET} of ONNX or a "
            f"later one, and target_opset is {opset}; call skl2onnx.to_onnx with "
            f"target_opset={_OPSET}"
        )
    names = dict(outputs)
    for name in ["X", *constants, *(output for _, _, output, _ in nodes)]:
        if name not in names:
            names[name] = scope.get_unique_variable_name(name)
    for name, value in constants.items():
        array = np.asarray(value)
        content = array.ravel().tolist()
        if array.dtype == object:  # older versions of onnx do so for ASCII only
            content = [text.encode() for text in content]
        container.add_initializer(
            names[name], _ELEMENT_TYPES[array.dtype.kind], array.shape, content
        )
    container.add_node(
        "Cast",
        [operator.inputs[0].full_name],
        [names["X"]],
        name=scope.get_unique_operator_name("Cast"),
        to=onnx_proto.TensorProto.FLOAT,
    )
    for kind, inputs, output, attributes in nodes:
        container.add_node(
            kind,
            [names[name] for name in inputs],
            [names[output]],
            name=scope.get_unique_operator_name(kind),
            **attributes,
        )


_ELEMENT_TYPES = {
    "f": onnx_proto.TensorProto.FLOAT,
    "i": onnx_proto.TensorProto.INT64,
    "O": onnx_proto.TensorProto.STRING,
}

for _classifier in (KerasBinaryReviewClassifier, KerasTopicClassifier):
    update_registered_converter(
        _classifier,
        f"SklearnTextnn{_classifier.__name__}",
        _shapes_of_classifier,
        _convert_classifier,
        options={
            "zipmap": [True, False, "columns"],
            "output_class_labels": [False, True],
            "nocl": [False],
        },
    )
update_registered_converter(
    LogCountRatioTransformer,
    "SklearnTextnnLogCountRatioTransformer",
    _shapes_of_weighting,
    _convert_weighting,
)
