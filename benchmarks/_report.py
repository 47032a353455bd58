"""What the benchmarks share: contenders in turns, child processes, tables on screen and in docs."""

import json
import os
import platform
import statistics
import subprocess
import sys
from contextlib import suppress
from datetime import date
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

PAGES = Path(__file__).parent.parent / "docs" / "benchmarks"


class Report:
    """Prints Markdown, and writes it to a page of the documentation when it is complete."""

    def __init__(self, title, *packages):
        self._page = PAGES / f"{Path(sys.argv[0]).stem.removeprefix('bench_')}.md"
        self._lines = []
        versions = ", ".join(f"{name} {version(name)}" for name in packages)
        self.text(f"# {title}")
        self.text(
            f"{date.today().isoformat()}; {os.cpu_count()} cores, {platform.machine()}; "
            f"Python {platform.python_version()}, {versions}."
        )

    def text(self, paragraph):
        self._line(paragraph)
        self._line("")

    def table(self, header, rows):
        self._line("| " + " | ".join(header) + " |")
        self._line("|" + " --- |" * len(header))
        for row in rows:
            self._line("| " + " | ".join(map(str, row)) + " |")
        self._line("")

    def figure(self, figure, name, alternative):
        PAGES.mkdir(parents=True, exist_ok=True)
        figure.savefig(PAGES / name, dpi=120, bbox_inches="tight")
        self.text(f"![{alternative}]({name})")

    def write(self):
        PAGES.mkdir(parents=True, exist_ok=True)
        self._page.write_text("\n".join(self._lines).rstrip() + "\n")

    def _line(self, line):
        print(line, flush=True)
        self._lines.append(line)


def seconds(function, *arguments):
    """Return the time that one call takes."""
    start = perf_counter()
    function(*arguments)
    return perf_counter() - start


def in_turns(contenders, n_runs):
    """Return the median time of each contender, after one round that does not count."""
    times = {name: [] for name in contenders}
    for _ in range(n_runs + 1):
        for name, function in contenders.items():
            times[name].append(seconds(function))
    return {name: statistics.median(values[1:]) for name, values in times.items()}


def in_child(*arguments):
    """Run this script once more with arguments, and return the JSON on the last line it prints."""
    output = subprocess.run(
        [sys.executable, sys.argv[0], *arguments],
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ).stdout
    return json.loads(output.splitlines()[-1])


def peak_megabytes():
    """Return the largest resident size that this process has had."""
    import resource

    with suppress(OSError):  # on Linux, `resource` would count the process that started this one
        return _status()["VmHWM"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def resident_megabytes():
    """Return the resident size of this process; where the system does not tell it, the largest."""
    with suppress(OSError):
        return _status()["VmRSS"]
    return peak_megabytes()


def _status():
    """Return the sizes in /proc/self/status, in megabytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    fields = [line.split() for line in lines if line.endswith(" kB")]
    return {name.rstrip(":"): int(kilobytes) / 1e3 for name, kilobytes, _ in fields}
