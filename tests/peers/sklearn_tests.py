"""scikit-learn's own tests, run with classes of this package in the place of scikit-learn's.

A test file names the module, the classes, and the tests that are known to fail, like this::

    PEER = load(
        "sklearn.model_selection.tests.test_search",
        {"sklearn.model_selection": {"GridSearchCV": Ours}},
    )
    globals().update(collect(PEER, ["GridSearchCV"]))
    DIFFERENCES = {"test_name": "the reason", "test_other[parameter]": "the reason"}

    @pytest.fixture(autouse=True)
    def _expect_failure_of_differences(request):
        expect_failure(request, DIFFERENCES)

    def test_every_difference_is_a_test(request):
        assert_differences_exist(request, DIFFERENCES)
"""

import sys
from contextlib import ExitStack
from importlib import import_module, util
from unittest import mock

import pytest
import sklearn
from sklearn.utils.fixes import parse_version


def load(name, replacements):
    """Return the test module, run again from its file with other classes imported into it.

    `replacements` has a dict from name to class for each module that the tests import from. The
    classes are replaced while the module runs and not later, so only the tests see them, also in
    the arguments of ``parametrize``. The module keeps its name, so that what it defines can be
    pickled, also for another process.
    """
    import_module(name)  # whatever it imports for the first time gets scikit-learn's classes
    spec = util.find_spec(name)
    module = util.module_from_spec(spec)
    with ExitStack() as stack:
        for owner, classes in replacements.items():
            stack.enter_context(mock.patch.multiple(owner, **classes))
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return module


def collect(module, names):
    """Return the fixtures of the module, and the tests that use one of these names.

    A test uses a class where its code has the name, or where `parametrize` hands it the class or
    an instance. In the second case, the other values are left out.
    """
    classes = tuple(getattr(module, name) for name in names)
    found = {}
    for name, value in vars(module).items():
        if _is_fixture(value):
            found[name] = value
        elif name.startswith("test"):
            marks = [_only_of(classes, mark) for mark in getattr(value, "pytestmark", [])]
            if any(has_class for _, has_class in marks) or _names_in(value.__code__) & set(names):
                value.pytestmark = [mark for mark, _ in marks]
                found[name] = value
    return found


def _is_fixture(value):
    # pytest 8.4 made fixtures objects of a class; before, they were functions with an attribute.
    return type(value).__name__ == "FixtureFunctionDefinition" or (
        callable(value) and hasattr(value, "_pytestfixturefunction")
    )


def _names_in(code):
    """Return all names that the code of a function has, inner functions included."""
    inner = (_names_in(constant) for constant in code.co_consts if hasattr(constant, "co_names"))
    return set(code.co_names).union(*inner)


def _only_of(classes, mark):
    """Return the mark with the values that are of these classes, and whether it has any."""
    if mark.name != "parametrize":
        return mark, False
    names, values, *rest = mark.args
    values = list(values)  # pytest 9 warns of iterators
    chosen = [value for value in values if _has_one_of(classes, value)]
    mark = pytest.mark.parametrize(names, chosen or values, *rest, **mark.kwargs).mark
    return mark, bool(chosen)


def _has_one_of(classes, value):
    value = getattr(value, "values", value)  # of pytest.param
    parts = value if isinstance(value, (tuple, list)) else [value]
    return any(
        isinstance(part, classes) or (isinstance(part, type) and issubclass(part, classes))
        for part in parts
    )


def expect_failure(request, differences):
    """Expect the failure of a test that is listed; a listed test that passes is an error."""
    for name in (request.node.name, request.node.originalname):
        if name in differences:
            request.node.add_marker(pytest.mark.xfail(reason=differences[name], strict=True))
            return


def assert_differences_exist(request, differences, versions=None):
    """Assert that each listed name is a test of the installed scikit-learn.

    `versions` says of a listed name that some supported version of scikit-learn lacks it: the
    first version that has it, and the first one that does not have it any more, or None.
    """
    items = request.node.getparent(pytest.Module).collect()
    tests = {name for item in items for name in (item.name, getattr(item, "originalname", None))}
    versions = versions or {}
    assert set(versions) <= set(differences)
    installed = parse_version(parse_version(sklearn.__version__).base_version)
    expected = {
        name
        for name in differences
        if name not in versions or _is_within(installed, *versions[name])
    }
    assert expected - tests == set()


def _is_within(installed, first, end):
    return (first is None or parse_version(first) <= installed) and (
        end is None or installed < parse_version(end)
    )
