"""What the benchmarks share: rounds, child processes, and pages with tables."""

import json
import os
import platform
import shlex
import statistics
import subprocess
import sys
from contextlib import suppress
from datetime import date
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

ROUNDS = 5
ROOT = Path(__file__).parent.parent
PAGES = ROOT / "docs" / "benchmarks"
SPREADS = []  # of every figure so far: its interquartile range, relative to its median


class Report:
    """Prints Markdown, and writes it to a page of the documentation once it is complete.

    The page starts with the command, the commit, the number of rounds and their spread, the data,
    the machine and the versions.
    """

    def __init__(self, title, *packages, rounds=None, data=()):
        script = Path(sys.argv[0]).stem
        self._page = PAGES / f"{script.removeprefix('bench_')}.md"
        self._lines = []
        self.text(f"# {title}")
        command = shlex.join(["python", f"benchmarks/{script}.py", *sys.argv[1:]])
        self._line(f"- Command: `{command}`, on {date.today().isoformat()}{_commit()}")
        self._rounds = rounds
        self._place_of_rounds = len(self._lines)
        for name in data:
            self._line(f"- Data: {name}")
        self._line(f"- Machine: {machine()}")
        versions = (f"{name} {version(name)}" for name in packages)
        self.text(f"- Versions: {', '.join([f'Python {platform.python_version()}', *versions])}")

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
        if self._rounds is not None:
            line = f"- Rounds: {self._rounds}. Times and memory are medians over the rounds."
            self._lines.insert(self._place_of_rounds, line + _spread())
        PAGES.mkdir(parents=True, exist_ok=True)
        self._page.write_text("\n".join(self._lines).rstrip() + "\n", encoding="utf-8")

    def _line(self, line):
        print(line, flush=True)
        self._lines.append(line)


def _commit():
    """Return the commit of the code in words; nothing where this is no clone."""
    try:
        commit, changes = (
            subprocess.run(
                ["git", *command], cwd=ROOT, check=True, capture_output=True, text=True
            ).stdout.strip()
            for command in (
                ("rev-parse", "--short", "HEAD"),
                ("status", "--porcelain", "--", "sklearn_textnn", "benchmarks"),
            )
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return f", commit {commit}{' with changes' if changes else ''}"


def _spread():
    """Return in words how far the rounds lay apart."""
    if not SPREADS:
        return ""
    return (
        " The range from the first to the third quartile is "
        f"{statistics.median(SPREADS):.0%} of the median for half of the figures, and "
        f"{max(SPREADS):.0%} at most."
    )


def machine():
    """Return the processor, the number of cores, the memory and the system in words."""
    parts = [_processor(), f"{os.cpu_count()} cores"]
    with suppress(AttributeError, ValueError, OSError):  # Windows has no sysconf
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        parts.append(f"{memory / 2**30:.0f} GiB of memory")
    return ", ".join([*parts, f"{platform.system()} {platform.machine()}"])


def _processor():
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    with suppress(OSError, subprocess.CalledProcessError):
        command = ["sysctl", "-n", "machdep.cpu.brand_string"]  # macOS
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    return platform.processor() or "unknown processor"


def rounds_given(position=1, default=ROUNDS):
    """Return the number of rounds from the command line, or the default."""
    return int(sys.argv[position]) if len(sys.argv) > position else default


def seconds(function, *arguments):
    """Return the time that one call takes."""
    start = perf_counter()
    function(*arguments)
    return perf_counter() - start


def median(values):
    """Return the median of a figure over its rounds, and note their spread for the page."""
    middle = statistics.median(values)
    if len(values) > 1 and middle > 0:
        lower, _, upper = statistics.quantiles(values, n=4, method="inclusive")
        SPREADS.append((upper - lower) / middle)
    return middle


def in_turns(contenders, n_rounds):
    """Return the median time of each contender, after one round that does not count."""
    times = {name: [] for name in contenders}
    for _ in range(n_rounds + 1):
        for name, function in contenders.items():
            times[name].append(seconds(function))
    return {name: median(values[1:]) for name, values in times.items()}


def children_in_turns(contenders, n_rounds):
    """Run this script in child processes, by turns; return what each round of each one printed.

    `contenders` has the arguments of the script for each name.
    """
    results = {name: [] for name in contenders}
    for _ in range(n_rounds):
        for name, arguments in contenders.items():
            results[name].append(in_child(*arguments))
    return results


def median_of(results, key):
    """Return the median of one number over the results of several rounds."""
    return median([result[key] for result in results])


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
    with suppress(OSError):  # on Linux, `resource` would count the process that started this one
        return _status()["VmHWM"]
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def resident_megabytes():
    """Return the resident size of this process, or its peak where the system has only that."""
    with suppress(OSError):
        return _status()["VmRSS"]
    return peak_megabytes()


def _status():
    """Return the sizes in /proc/self/status, in megabytes."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    fields = [line.split() for line in lines if line.endswith(" kB")]
    return {name.rstrip(":"): int(kilobytes) / 1e3 for name, kilobytes, _ in fields}
