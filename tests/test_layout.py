"""Which folder of the package imports which, and where the private names of libraries are used.

The imports are read from the source, those inside functions too, and nothing is imported.
Each rule returns its violations as lines of `file:line: what is wrong; what is allowed`.
"""

import ast
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = "sklearn_textnn"
SOURCE = Path(__file__).parents[1] / PACKAGE

# What each folder, or module outside the folders, may import besides itself. `__init__.py` of the
# package may import them all.
BASE = {
    "_version",
    "_typing",
    "_stacklevel",
    "_deprecation",
    "_sklearn_compat",
    "_fit_tasks",
    "_progress_bar",
    "_work_done",
    "_persistence",
    "_pipelines",
    "_sparse_structure",
    "_label_checks",
}
MAY_IMPORT = {
    "_version": set(),
    "_typing": set(),
    "_stacklevel": set(),
    "_show_versions": {"_version"},
    "_deprecation": {"_stacklevel"},
    "_progress_bar": set(),
    "_work_done": set(),
    "_sparse_structure": set(),
    "_label_checks": set(),
    "_sklearn_compat": {"_version"},
    "_fit_tasks": {"_sklearn_compat"},
    "_persistence": {"_version", "_sklearn_compat"},
    "_pipelines": {"_version", "_sklearn_compat"},
    "datasets": {"_version", "_sklearn_compat", "_progress_bar"},
    "feature_extraction": BASE,
    "layers": BASE | {"feature_extraction"},
    "neural_network": BASE | {"feature_extraction"},
    "model_selection": BASE | {"feature_extraction", "neural_network"},
    "inspection": BASE | {"feature_extraction", "neural_network"},
    "export": BASE | {"feature_extraction", "neural_network", "layers"},
}

# Libraries that few modules may import, and these modules or folders.
KERAS = "neural_network._keras"
MAY_IMPORT_LIBRARY = {
    "keras": (KERAS, "layers", "export"),
    "tensorflow": (KERAS, "layers"),
    "scikeras": ("export._to_scikeras",),
}

# The folders that may import `neural_network/_keras/`.
MAY_IMPORT_KERAS_FOLDER = ("neural_network", "export")

# Only these may import TensorFlow when they are imported themselves. Others import them inside
# functions, so that predictions do without TensorFlow.
MAY_IMPORT_AT_ONCE = (KERAS, "layers")

# Where the private names of a library may be used; those of any other library may be nowhere.
PRIVATE_NAMES = {"sklearn": "_sklearn_compat", "keras": KERAS, "tensorflow": KERAS}

# Attributes with an underscore that are documented: of scikit-learn's estimators, IPython, named
# tuples, and sys.
PROTOCOL = {
    "_parameter_constraints",
    "_init_callback_context",
    "_repr_html_",
    "_run_search",
    "_asdict",
    "_getframe",
    "_fields",
    "_replace",
}


class Import(NamedTuple):
    """One imported name.

    `module` is the file that holds the name and `name` the name in it, None for a whole module. A
    module of the package is without the package's name, so that its `__init__.py` is "".
    `for_types` marks what only type checkers import.
    """

    importer: str
    line: int
    module: str
    name: str | None
    ours: bool
    in_function: bool
    for_types: bool


class Module:
    """A source file: its dotted name in the package, its imports and its private attributes."""

    def __init__(self, root, path, names):
        self.path = path.relative_to(root.parent).as_posix()
        self.name = module_name(root, path)
        self.is_package = path.name == "__init__.py"
        self.folder = self.name if self.is_package else self.name.rpartition(".")[0]
        self.room = self.name.partition(".")[0]
        self.tree = ast.parse(path.read_text(encoding="utf-8"), path)
        self.imports = list(self._imports(names))

    def _imports(self, names):
        inside = {
            id(node)
            for function in ast.walk(self.tree)
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            for node in ast.walk(function)
        }
        for_types = {
            id(node)
            for condition in ast.walk(self.tree)
            if isinstance(condition, ast.If) and ast.unparse(condition.test) == "TYPE_CHECKING"
            for statement in condition.body
            for node in ast.walk(statement)
        }
        for node in ast.walk(self.tree):
            found = []
            if isinstance(node, ast.Import):
                found = [(alias.name, None) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                found = [(self._absolute(node), alias.name) for alias in node.names]
            elif is_dynamic_import(node) and isinstance(node.args[0], ast.Constant):
                found = [(node.args[0].value, None)]
            for module, name in found:
                ours = module.split(".")[0] == PACKAGE
                if ours:
                    module = module[len(PACKAGE) + 1 :]
                    submodule = f"{module}.{name}".lstrip(".")
                    if name is not None and submodule in names:
                        module, name = submodule, None
                where = id(node) in inside, id(node) in for_types
                yield Import(self.name, node.lineno, module, name, ours, *where)

    def _absolute(self, node):
        if not node.level:
            return node.module
        parts = [PACKAGE, *filter(None, self.folder.split("."))]
        parts = parts[: len(parts) - node.level + 1]
        return ".".join([*parts, *([node.module] if node.module else [])])

    def at(self, line):
        return f"{self.path}:{line}"


def module_name(root, path):
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_dynamic_import(node):
    if not isinstance(node, ast.Call):
        return False
    function = node.func
    called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return called in ("import_module", "__import__")


def read_package(root):
    """Return the modules of a package by their dotted names."""
    paths = sorted(root.rglob("*.py"))
    names = {module_name(root, path) for path in paths}
    modules = [Module(root, path, names) for path in paths]
    return {module.name: module for module in modules}


def is_private(name):
    return name.startswith("_") and not name.startswith("__")


def is_within(module, places):
    return any(module == place or module.startswith(f"{place}.") for place in places)


def wrong_directions(modules):
    """Imports run down the list of dependencies only."""
    for module in modules.values():
        if module.name == "":
            continue
        if module.room not in MAY_IMPORT:
            yield f"{module.at(1)}: {module.room} is new; say in MAY_IMPORT what it may import"
            continue
        allowed = MAY_IMPORT[module.room]
        for found in module.imports:
            room = found.module.partition(".")[0]
            if found.ours and room != module.room and room not in allowed:
                may = ", ".join(sorted(allowed)) or "nothing"
                yield (
                    f"{module.at(found.line)}: imports {room or PACKAGE}; "
                    f"{module.room} may import {may} of this package"
                )


def cycles(modules):
    """No module imports itself by way of others."""
    lines = {
        name: {found.module: found.line for found in module.imports if found.ours}
        for name, module in modules.items()
    }

    def search(path):
        for target in lines.get(path[-1], ()):
            if target in path:
                yield [*path[path.index(target) :], target]
            elif target not in done:
                yield from search([*path, target])
        done.add(path[-1])

    done = set()
    for name in modules:
        if name not in done:
            for cycle in search([name]):
                steps = [modules[a].at(lines[a][b]) for a, b in pairwise(cycle)]
                steps.append(modules[cycle[-1]].path)
                yield f"{steps[0]}: a cycle of imports: {' -> '.join(steps)}"


def private_names_of_other_folders(modules):
    """A private name is used in its own folder; what two folders need has a public name."""
    for module in modules.values():
        for found in module.imports:
            if not found.ours or found.name is None or found.module == "_sklearn_compat":
                continue
            if modules[found.module].folder != module.folder and is_private(found.name):
                yield (
                    f"{module.at(found.line)}: takes {found.name} from {found.module}; "
                    "only public names are taken from another folder"
                )


def private_attributes_of_libraries(modules):
    """A private attribute that no module of the package defines is a library's."""
    defined = PROTOCOL.union(*(definitions(module.tree) for module in modules.values()))
    places = sorted(set(PRIVATE_NAMES.values()))
    for module in modules.values():
        if is_within(module.name, places):
            continue
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Attribute) or not is_private(node.attr):
                continue
            if node.attr not in defined:
                yield (
                    f"{module.at(node.lineno)}: uses the attribute {node.attr} of a library; "
                    f"only {' and '.join(places)} may"
                )


def definitions(tree):
    """Yield every name that a file defines or assigns to, attributes of self included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value  # as in vars(self)["_name"]


def libraries_out_of_place(modules):
    """Keras, TensorFlow and SciKeras are imported in the modules that are for them."""
    for module in modules.values():
        for found in module.imports:
            places = MAY_IMPORT_LIBRARY.get(found.module.split(".")[0], [module.name])
            if not (found.ours or found.for_types or is_within(module.name, places)):
                yield (
                    f"{module.at(found.line)}: imports {found.module}; "
                    f"only {' and '.join(places)} may"
                )


def keras_folder_out_of_place(modules):
    """The folder that imports Keras is imported by those who train or export."""
    for module in modules.values():
        for found in module.imports:
            if (
                found.ours
                and is_within(found.module, [KERAS])
                and module.room not in MAY_IMPORT_KERAS_FOLDER
            ):
                yield (
                    f"{module.at(found.line)}: imports {found.module}; "
                    f"only {' and '.join(MAY_IMPORT_KERAS_FOLDER)} may"
                )


def early_imports_of_tensorflow(modules):
    """Importing the package does not import Keras, TensorFlow or SciKeras."""
    at_once = {
        name: [found for found in module.imports if not (found.in_function or found.for_types)]
        for name, module in modules.items()
    }
    heavy = set()

    def is_heavy(found):
        if found.ours:
            return found.module in heavy
        return found.module.split(".")[0] in MAY_IMPORT_LIBRARY

    grown = True
    while grown:
        found = {name for name in modules if any(map(is_heavy, at_once[name]))}
        grown = found > heavy
        heavy = found
    for name in sorted(heavy):
        if not is_within(name, MAY_IMPORT_AT_ONCE):
            for found in filter(is_heavy, at_once[name]):
                yield (
                    f"{modules[name].at(found.line)}: imports {found.module}, and so TensorFlow, "
                    f"at once; only {' and '.join(MAY_IMPORT_AT_ONCE)} may, others in functions"
                )


def private_names_of_libraries(modules):
    """The private names of a library come through one module or folder."""
    for module in modules.values():
        for found in module.imports:
            if found.ours:
                continue
            path = found.module.split(".") + ([] if found.name is None else [found.name])
            library = path[0]
            private = any(map(is_private, path[1:])) or path[:2] in (
                ["keras", "src"],
                ["tensorflow", "python"],
            )
            place = PRIVATE_NAMES.get(library)
            if private and (place is None or not is_within(module.name, [place])):
                yield (
                    f"{module.at(found.line)}: takes the private {'.'.join(path)}; "
                    f"only {place or 'no module'} may"
                )


def dynamic_imports(modules):
    """A module's name that is computed is hidden from these rules."""
    allowed = ("", "_sklearn_compat")  # both import names of a list when they are asked for
    for module in modules.values():
        for node in ast.walk(module.tree):
            if (
                is_dynamic_import(node)
                and not isinstance(node.args[0], ast.Constant)
                and module.name not in allowed
            ):
                yield (
                    f"{module.at(node.lineno)}: computes the name of a module to import; "
                    f"only {PACKAGE}/__init__.py and {PACKAGE}/_sklearn_compat.py may"
                )


RULES = [
    wrong_directions,
    cycles,
    private_names_of_other_folders,
    private_attributes_of_libraries,
    libraries_out_of_place,
    keras_folder_out_of_place,
    early_imports_of_tensorflow,
    private_names_of_libraries,
    dynamic_imports,
]


@pytest.fixture(scope="module")
def package():
    return read_package(SOURCE)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_layout_has_no(rule, package):
    violations = list(rule(package))
    assert not violations, "\n".join([rule.__doc__, *violations])


# Each rule, the files of a package that breaks it, and what is said of them.
BROKEN = [
    (
        wrong_directions,
        {
            "neural_network/_a.py": "x = 1\nfrom ..export import to_keras\n",
            "export/__init__.py": "",
        },
        "neural_network/_a.py:2: imports export; neural_network may import _deprecation, ",
    ),
    (
        wrong_directions,
        {
            "datasets/_a.py": "def f():\n    from sklearn_textnn import _pipelines\n",
            "_pipelines.py": "",
        },
        "datasets/_a.py:2: imports _pipelines; datasets may import _progress_bar, ",
    ),
    (
        wrong_directions,
        {"export/_a.py": "from .. import to_keras\n"},
        "export/_a.py:1: imports sklearn_textnn; export may import",
    ),
    (wrong_directions, {"extras/_a.py": ""}, "extras/_a.py:1: extras is new"),
    (
        cycles,
        {"export/_a.py": "from ._b import f\n", "export/_b.py": "def f():\n    from . import _a\n"},
        "export/_a.py:1 -> sklearn_textnn/export/_b.py:2 -> sklearn_textnn/export/_a.py",
    ),
    (
        cycles,
        {"export/__init__.py": "from ._a import f\n", "export/_a.py": "from . import f\n"},
        "a cycle of imports",
    ),
    (
        private_names_of_other_folders,
        {"export/_a.py": "from ..layers import _split\n", "layers.py": ""},
        "export/_a.py:1: takes _split from layers; only public names",
    ),
    (
        private_names_of_other_folders,
        {
            "neural_network/_a.py": "from ._keras._loop import _Network\n",
            "neural_network/_keras/_loop.py": "",
        },
        "neural_network/_a.py:1: takes _Network from neural_network._keras._loop",
    ),
    (
        private_attributes_of_libraries,
        {"export/_a.py": "def f(optimizer):\n    return optimizer._velocities\n"},
        "export/_a.py:2: uses the attribute _velocities of a library; only _sklearn_compat and",
    ),
    (
        libraries_out_of_place,
        {"neural_network/_a.py": "def f():\n    import keras.ops\n"},
        "neural_network/_a.py:2: imports keras.ops; only neural_network._keras and layers",
    ),
    (
        libraries_out_of_place,
        {"export/_to_keras.py": "from importlib import import_module\nimport_module('scikeras')\n"},
        "export/_to_keras.py:2: imports scikeras; only export._to_scikeras may",
    ),
    (
        early_imports_of_tensorflow,
        {
            "neural_network/_a.py": "from ._keras._loop import train\n",
            "neural_network/_keras/__init__.py": "",
            "neural_network/_keras/_loop.py": "import tensorflow as tf\n",
        },
        "neural_network/_a.py:1: imports neural_network._keras._loop, and so TensorFlow, at once",
    ),
    (
        early_imports_of_tensorflow,
        {"__init__.py": "from . import export\n", "export/__init__.py": "import scikeras\n"},
        "sklearn_textnn/__init__.py:1: imports export, and so TensorFlow, at once",
    ),
    (
        keras_folder_out_of_place,
        {
            "inspection/_a.py": "def f():\n    from ..neural_network import _keras\n",
            "neural_network/_keras/__init__.py": "",
        },
        "inspection/_a.py:2: imports neural_network._keras; only neural_network and export may",
    ),
    (
        private_names_of_libraries,
        {"export/_a.py": "from sklearn.utils._param_validation import Interval\n"},
        "takes the private sklearn.utils._param_validation.Interval; only _sklearn_compat may",
    ),
    (
        private_names_of_libraries,
        {"layers.py": "from keras.src import backend\n"},
        "layers.py:1: takes the private keras.src.backend; only neural_network._keras may",
    ),
    (
        private_names_of_libraries,
        {"export/_a.py": "from scipy.sparse._csr import csr_array\n"},
        "takes the private scipy.sparse._csr.csr_array; only no module may",
    ),
    (
        dynamic_imports,
        {"export/_a.py": "import importlib\nimportlib.import_module(NAME)\n"},
        "export/_a.py:2: computes the name of a module",
    ),
]


@pytest.mark.parametrize(("rule", "files", "message"), BROKEN)
def test_rule_finds(rule, files, message, tmp_path):
    root = tmp_path / PACKAGE
    for path, source in ({"__init__.py": ""} | files).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(source)
    assert message in "\n".join(rule(read_package(root)))
    assert {broken for broken, _, _ in BROKEN} == set(RULES)


def test_imports_of_type_checkers_may_be_heavy_and_others_may_not(tmp_path):
    root = tmp_path / PACKAGE
    (root / "neural_network").mkdir(parents=True)
    (root / "__init__.py").write_text("")
    lines = ["from typing import TYPE_CHECKING", "if TYPE_CHECKING:", "    import keras"]
    for module, more in {"_a": [], "_b": ["else:", "    import tensorflow"]}.items():
        source = "\n".join([*lines, *more, ""])
        (root / "neural_network" / f"{module}.py").write_text(source)
    modules = read_package(root)
    found = [*libraries_out_of_place(modules), *early_imports_of_tensorflow(modules)]
    assert [line.partition(": ")[0] for line in found] == [
        "sklearn_textnn/neural_network/_b.py:5",
        "sklearn_textnn/neural_network/_b.py:5",
    ]
