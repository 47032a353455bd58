"""Every public docstring is complete by numpydoc's validation and names what exists."""

import inspect
import re
from importlib import import_module
from typing import get_args

import keras
import numpy as np
import pandas as pd
import pytest
from numpydoc.docscrape import NumpyDocString
from numpydoc.validate import Validator, validate

import sklearn_textnn
from sklearn_textnn import (
    EpochGridSearchCV,
    EpochHalvingRandomSearchCV,
    EpochHalvingSearchCV,
    EpochRandomizedSearchCV,
    EpochSearchDisplay,
    KerasBinaryReviewClassifier,
    KerasTopicClassifier,
    LogCountRatioTransformer,
    MultiHotVectorizer,
    TrainingCurveDisplay,
    WordContributionDisplay,
    _typing,
)

MODULES = [
    sklearn_textnn,
    *(
        import_module(f"sklearn_textnn.{name}")
        for name in (
            "datasets",
            "export",
            "feature_extraction",
            "inspection",
            "layers",
            "model_selection",
            "neural_network",
        )
    ),
]

# The codes of numpydoc that need not pass. All others must, as in scikit-learn.
NOT_CHECKED = {
    "ES01",  # a summary may say everything
    "GL01",  # where the summary starts is for ruff, and releases of numpydoc disagree
    "EX01",  # classes and functions need an example, see below; methods do not
    "RT02",  # a returned value has a name
    "SA01",  # classes need a See Also, see below; methods do not
}


def public_names(module):
    names = getattr(module, "__all__", [name for name in vars(module) if not name.startswith("_")])
    return {name: getattr(module, name) for name in names}


def is_ours(value):
    return (getattr(value, "__module__", None) or "").startswith("sklearn_textnn")


def public_objects():
    """Return the public classes and functions by their full names."""
    return {
        f"{value.__module__}.{value.__qualname__}": value
        for module in MODULES
        for value in public_names(module).values()
        if is_ours(value) and (inspect.isclass(value) or inspect.isfunction(value))
    }


def public_methods(cls):
    """Return the names of the public methods and properties that this package defines.

    What a layer of Keras must define is documented by Keras.
    """
    keras_defines = dir(keras.layers.Layer) if issubclass(cls, keras.layers.Layer) else []
    names = []
    for name in set(dir(cls)).difference(keras_defines):
        value = inspect.getattr_static(cls, name)
        for wrapped in ("fget", "fn", "__func__"):  # of properties, available_if, class methods
            value = getattr(value, wrapped, value)
        if not name.startswith("_") and is_ours(inspect.unwrap(value)):
            names.append(name)
    return sorted(names)


OBJECTS = public_objects()
METHODS = [
    f"{name}.{method}"
    for name, value in OBJECTS.items()
    if inspect.isclass(value)
    for method in public_methods(value)
]


@pytest.mark.parametrize("name", [*OBJECTS, *METHODS])
def test_docstring_passes_the_validation_of_numpydoc(name):
    found = validate(name)
    errors = [f"{code}: {text}" for code, text in found["errors"] if code not in NOT_CHECKED]
    assert not errors, "\n".join([f"{found['file']}:{found['file_line']}: {name}", *errors])


@pytest.mark.parametrize("name", [name for name in OBJECTS if ".layers." not in name])
def test_class_or_function_has_an_example_and_see_also(name):
    sections = NumpyDocString(inspect.getdoc(OBJECTS[name]))
    assert sections["Examples"]
    assert sections["See Also"]


def is_optional(annotation):
    """Return whether an annotation, as text, allows None."""
    names = set(re.findall(r"\w+", annotation))
    aliases = [getattr(_typing, name) for name in names & set(vars(_typing))]
    return "None" in names or any(type(None) in get_args(a) for a in aliases)


def same_default(documented, default):
    # "1e-3" is 0.001 and "np.nan" is not equal to itself.
    value = eval(documented, {"np": np})
    return value is default or value == default or (value != value and default != default)


@pytest.mark.parametrize("name", [*OBJECTS, *METHODS])
def test_docstring_agrees_with_the_signature_on_defaults_and_none(name):
    value = Validator._load_obj(name)
    documented = NumpyDocString(inspect.getdoc(value))["Parameters"]
    function = value.__init__ if inspect.isclass(value) else value
    function = function.fget if isinstance(function, property) else function
    signature = inspect.signature(function)
    wrong = []
    for entry in documented:
        parameter = signature.parameters.get(entry.name.lstrip("*"))
        if parameter is None or entry.name.startswith("*"):
            continue
        assert isinstance(parameter.annotation, str), f"{entry.name} has no annotation"
        kind, _, default = entry.type.partition("default=")
        if default and not same_default(default, parameter.default):
            wrong.append(f"{entry.name}: default={default}, and {parameter.default!r}")
        if not default and parameter.default not in (inspect.Parameter.empty, None):
            wrong.append(f"{entry.name}: no default, and {parameter.default!r}")
        none = "None" in kind or default == "None"
        if none != is_optional(parameter.annotation) and parameter.annotation != "Any":
            wrong.append(f"{entry.name}: {entry.type}, and {parameter.annotation}")
    assert not wrong, "\n".join(wrong)


def test_every_public_function_and_method_has_a_type_of_what_it_returns():
    missing = []
    for name in [*OBJECTS, *METHODS]:
        value = Validator._load_obj(name)
        function = value.__init__ if inspect.isclass(value) else value
        function = function.fget if isinstance(function, property) else function
        if inspect.signature(function).return_annotation is inspect.Signature.empty:
            missing.append(name)
    assert missing == []


def test_every_public_name_is_checked():
    public = {}
    for module in MODULES:
        public |= public_names(module) if hasattr(module, "__all__") else {}
    named = {name for name, value in public.items() if not inspect.ismodule(value)}
    checked = {name.rpartition(".")[2] for name in OBJECTS}
    assert named - checked == {"TRUSTED_TYPES"}
    assert len(METHODS) > len(OBJECTS)


DOCUMENTS = pd.Series(["a fine film", "a dull film"] * 10)
LABELS = np.array([1, 0] * 10)
ROWS = pd.DataFrame(np.eye(2)[LABELS], columns=["dull", "fine"])


def classifier(cls):
    # With validation and stages, so that every attribute exists.
    return cls(4, epochs=2, validation_fraction=0.2, stages="all", random_state=0)


def search(cls):
    return cls(KerasBinaryReviewClassifier(4, random_state=0), {"epochs": [1, 2]}, cv=2)


def halving_search(cls):
    return cls(KerasBinaryReviewClassifier(4, epochs=2, random_state=0), {"units": [2, 4]}, cv=2)


INSTANCES = {
    MultiHotVectorizer: lambda cls: cls().fit(DOCUMENTS),
    LogCountRatioTransformer: lambda cls: cls().fit(ROWS, LABELS),
    KerasBinaryReviewClassifier: lambda cls: classifier(cls).fit(ROWS, LABELS),
    KerasTopicClassifier: lambda cls: classifier(cls).fit(ROWS, LABELS),
    EpochGridSearchCV: lambda cls: search(cls).fit(ROWS, LABELS),
    EpochRandomizedSearchCV: lambda cls: search(cls).set_params(n_iter=2).fit(ROWS, LABELS),
    EpochHalvingRandomSearchCV: lambda cls: halving_search(cls).fit(ROWS, LABELS),
    EpochHalvingSearchCV: lambda cls: halving_search(cls).fit(ROWS, LABELS),
    TrainingCurveDisplay: lambda cls: cls.from_estimator(
        classifier(KerasTopicClassifier).fit(ROWS, LABELS)
    ),
    EpochSearchDisplay: lambda cls: cls.from_estimator(search(EpochGridSearchCV).fit(ROWS, LABELS)),
    WordContributionDisplay: lambda cls: cls.from_estimator(
        classifier(KerasTopicClassifier).fit(ROWS, LABELS), ROWS
    ),
}


@pytest.mark.parametrize("cls", INSTANCES, ids=lambda cls: cls.__name__)
def test_documented_attributes_are_those_that_exist(cls):
    instance = INSTANCES[cls](cls)
    documented = {entry.name for entry in NumpyDocString(inspect.getdoc(cls))["Attributes"]}
    missing = {name for name in documented if not hasattr(instance, name)}
    assert not missing, "documented, and absent after fit"
    learned = {name for name in dir(instance) if name.endswith("_") and not name.startswith("_")}
    assert not learned - documented, "present after fit, and undocumented"


def test_every_class_has_its_attributes_checked():
    classes = {value for value in OBJECTS.values() if inspect.isclass(value)}
    assert {c for c in classes if c.__module__ != "sklearn_textnn.layers"} == set(INSTANCES)
