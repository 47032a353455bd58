"""Test what each example computes, on the variables that it leaves when the build has run it."""

import contextlib
import io
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from packaged_data import in_place_of_missing_data
from sphinx.util import logging

TESTS = Path(__file__).parent.parent / "tests" / "examples"
logger = logging.getLogger(__name__)

# What sphinx-gallery knows of the example that it has run last, until that has been tested. An
# example that has not changed since the last build is not run, and then it is not tested either.
_last_run = {}
_data = contextlib.ExitStack()


def keep_variables(block, block_vars, gallery_conf):
    """Do as an image scraper does, after each block of code: return its images, here none."""
    _last_run["example"] = block_vars  # sphinx-gallery adds to it until the example ends
    return ""


def check_example(gallery_conf, fname, when):
    """Do as a reset function does, before and after each example."""
    _data.close()
    if when == "before":
        _data.enter_context(in_place_of_missing_data())
    example = _last_run.pop("example", {})
    if when != "after" or not example.get("passing"):
        return
    page = Path(example["target_file"]).with_suffix(".rst").read_text(encoding="utf-8")
    faults = re.findall(r"^.*\w+Warning: .*$", page, flags=re.MULTILINE)
    status, printed = _run_tests(fname, example["example_globals"])
    if status != pytest.ExitCode.OK:
        faults.append(f"its tests fail:\n{printed}")
    for fault in faults:
        logger.warning("%s: %s", fname, fault.strip())
    if faults:  # sphinx-gallery would not run the same script again
        Path(f"{example['target_file']}.md5").unlink()


def _run_tests(example, variables):
    """Run the tests of an example; tests/examples/conftest.py looks for the plugin by its name."""
    plugin = SimpleNamespace(__name__="example_checks", variables=variables)
    options = ["-q", "--no-header", f"--rootdir={TESTS.parents[1]}", "-p", "no:cacheprovider"]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        status = pytest.main([str(TESTS / f"test_{example}"), *options], plugins=[plugin])
    return status, printed.getvalue()
