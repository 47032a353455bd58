"""What every test gets: no network, no open figures, and a check of the global generators."""

import os
import socket
import sys
from importlib import metadata

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


def pytest_report_header():
    """Say which versions are tested."""
    return ", ".join(f"{package} {metadata.version(package)}" for package in _PACKAGES)


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
