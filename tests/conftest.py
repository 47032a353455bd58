"""What every test gets: no network, no open figures, and a check of the global generators."""

import os
import socket
import sys
from collections import Counter, defaultdict
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import pytest
from global_generators import generator_states
from hypothesis import HealthCheck, settings

# TensorFlow reads this when it is first imported: errors only.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("MPLBACKEND", "Agg")

# "suite" draws the same examples each time; "fuzz" draws others, and many: see `make fuzz`.
settings.register_profile("suite", derandomize=True, deadline=None, database=None, max_examples=100)
settings.register_profile(
    "fuzz",
    deadline=None,
    database=None,
    max_examples=5_000,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("suite")

_PACKAGES = (
    *("tensorflow", "keras", "scikit-learn", "numpy", "scipy", "pandas", "matplotlib", "scikeras"),
    *("pytest", "hypothesis"),
)


def pytest_configure(config):
    """Leave out the doctest of a module that needs a package which is not installed."""
    if find_spec("skl2onnx") is None:
        module = Path(__file__).parents[1] / "sklearn_textnn" / "export" / "skl2onnx.py"
        config.option.ignore = [*(config.option.ignore or ()), str(module)]


def pytest_report_header():
    """Say which versions are tested."""
    return ", ".join(f"{package} {_version(package)}" for package in _PACKAGES)


def _version(package):
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:  # as of Keras, where its nightly build is installed
        return metadata.version(f"{package}-nightly")


def pytest_collection_modifyitems(items):
    """Put the files that take longest first, so that no worker is left alone with one at the end.

    These are the files with the most slow tests, and then those with the most tests.
    """
    slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
    tests = Counter(item.path for item in items)
    items.sort(key=lambda item: (-slow[item.path], -tests[item.path], item.path))


def pytest_terminal_summary(terminalreporter):
    """Say how long the tests of each file took, set-up and fixtures included."""
    seconds = defaultdict(float)
    for reports in terminalreporter.stats.values():
        for report in reports:
            if hasattr(report, "duration") and hasattr(report, "nodeid"):
                seconds[report.nodeid.partition("::")[0]] += report.duration
    if len(seconds) > 1:
        terminalreporter.section("seconds for each file")
        for path, duration in sorted(seconds.items(), key=lambda item: -item[1]):
            terminalreporter.write_line(f"{duration:7.1f}  {path}")


@pytest.fixture(autouse=True)
def _no_footprints(request):
    """Fail a test in which the code under test moved a global random generator."""
    before = generator_states()
    yield
    if request.node.get_closest_marker("moves_generators"):
        return
    after = generator_states()
    moved = [name for name in before if before[name] != after[name]]
    assert not moved, f"global random state moved: {moved}"


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    """Refuse connections to anything but this machine; worker processes talk over loopback."""
    connect = socket.socket.connect

    def guarded(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in (
            "127.0.0.1",
            "::1",
            "localhost",
        ):
            raise OSError(f"the tests may not reach the network: {address}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(params=[int(os.environ.get("SKLEARN_TESTS_GLOBAL_RANDOM_SEED", "42"))])
def global_random_seed(request):
    """Return the seed of a stochastic test, as in scikit-learn; the test must hold for any 0-99."""
    return request.param
