"""The most memory that this process has held, on every system, and that a call takes."""

import re
import sys
import tracemalloc
from pathlib import Path


def peak_memory():
    """Return the largest resident size of this process until now, in bytes."""
    if sys.platform == "linux":  # where `resource` also counts the process that started this one
        status = Path("/proc/self/status").read_text()
        return 1024 * int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])
    if sys.platform == "win32":
        import psutil

        return psutil.Process().memory_info().peak_wset
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak  # kilobytes on the BSDs


def peak_of(call, repeats=3):
    """Return the most bytes of Python that a call holds.

    It is the least of some calls, because other threads of the process may allocate too.
    """
    return min(_peak_of_one(call) for _ in range(repeats))


def _peak_of_one(call):
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
