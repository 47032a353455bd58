"""Marks that scikit-learn's own tests use."""


def pytest_configure(config):
    config.addinivalue_line("markers", "thread_unsafe: scikit-learn's mark for one thread")
