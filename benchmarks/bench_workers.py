"""Threads or processes for the workers of a search?

The same search runs twice in a new process: with one worker in that process, with two threads, and
with two processes (loky, which n_jobs=2 starts). The first search imports TensorFlow and traces the
networks, in each process that trains. Memory is the largest sum of the resident sizes of the
process and its children, so pages that they share count more than once. Linux only.

    python benchmarks/bench_workers.py [number of rounds, default 5]
"""

import json
import sys
import warnings
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

import _data
from _report import Report, children_in_turns, median_of, rounds_given, seconds
from joblib import parallel_config

UNITS = [16, 64]
EPOCHS = range(1, 11)
FOLDS = 3
INTERVAL = 0.05  # seconds between two looks at the processes
PROC = Path("/proc")

WORKERS = {  # name on the page: backend of joblib, number of workers
    "one, in the process itself": ("threading", 1),
    "two threads": ("threading", 2),
    "two processes": ("loky", 2),
}


class ProcessWatch:
    """Watches this process and its children in the body of a `with` statement.

    Attributes
    ----------
    peak : float
        The largest sum of their resident sizes, in megabytes.
    peak_of_child : float
        The largest resident size of a child, 0 without one.
    importers : set of int
        The processes that have loaded TensorFlow.
    """

    def __init__(self):
        self.peak = self.peak_of_child = 0.0
        self.importers = set()

    def __enter__(self):
        self._end = Event()
        self._thread = Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *error):
        self._end.set()
        self._thread.join()

    def _watch(self):
        while not self._end.wait(INTERVAL):
            self._look()
        self._look()

    def _look(self):
        children = []
        for path in PROC.glob("self/task/*/children"):
            with suppress(OSError):  # the thread has ended
                children += path.read_text().split()
        sizes = {process: resident(process) for process in ("self", *children)}
        self.peak = max(self.peak, sum(sizes.values()))
        self.peak_of_child = max(self.peak_of_child, *(sizes[child] for child in children), 0.0)
        self.importers |= {
            process
            for process in sizes.keys() - self.importers
            if sizes[process] > 100 and has_tensorflow(process)
        }


def resident(process):
    """Return the resident size of a process in megabytes, 0 if it has ended."""
    with suppress(OSError):
        for line in (PROC / process / "status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1e3
    return 0.0


def has_tensorflow(process):
    with suppress(OSError):
        return "/tensorflow/" in (PROC / process / "maps").read_text()
    return False


def child(backend, n_workers):
    from sklearn_textnn import EpochGridSearchCV, KerasBinaryReviewClassifier

    warnings.simplefilter("ignore")
    X, y, _, _ = _data.imdb()
    classifier = KerasBinaryReviewClassifier(random_state=0)
    search = EpochGridSearchCV(classifier, {"epochs": EPOCHS, "units": UNITS}, cv=FOLDS)
    with ProcessWatch() as watch, parallel_config(backend, n_jobs=n_workers):
        first, later = (seconds(search.fit, X, y) for _ in range(2))
    return {
        "first": first,
        "later": later,
        "imports": len(watch.importers),
        "peak": watch.peak,
        "peak of child": watch.peak_of_child,
        "scores": search.cv_results_["mean_test_score"].tolist(),
    }


def main(n_rounds):
    report = Report(
        "Workers of a search",
        *("tensorflow", "keras", "scikit-learn", "joblib"),
        rounds=n_rounds,
        data=[_data.imdb_source()],
    )
    report.text(
        f"15,000 reviews in {FOLDS} folds, epochs 1 to {EPOCHS[-1]} and units "
        f"{' and '.join(map(str, UNITS))}: {len(UNITS) * FOLDS} trainings and the refit. The first "
        "search in a process imports TensorFlow, and a later one does not."
    )
    found = children_in_turns(
        {name: [backend, str(n)] for name, (backend, n) in WORKERS.items()}, n_rounds
    )
    alone = next(iter(found.values()))
    report.table(
        (
            "workers",
            "imports of TensorFlow",
            "first search",
            "later search",
            "peak memory, all processes",
            "more than one worker",
            "peak memory of a worker process",
        ),
        [
            (
                name,
                f"{median_of(results, 'imports'):.0f}",
                f"{median_of(results, 'first'):.1f} s",
                f"{median_of(results, 'later'):.1f} s",
                f"{median_of(results, 'peak'):,.0f} MB",
                f"{median_of(results, 'peak') - median_of(alone, 'peak'):,.0f} MB",
                f"{median_of(results, 'peak of child'):,.0f} MB" if "processes" in name else "",
            )
            for name, results in found.items()
        ],
    )
    scores = [result["scores"] for results in found.values() for result in results]
    same = all(of_search == scores[0] for of_search in scores)
    report.text(
        f"The mean scores of all {len(scores[0])} candidates are "
        f"{'the same' if same else '**different**'} in all searches. The process itself trains "
        "the refit, so it imports TensorFlow too. Pages that several processes share count in each "
        "of them."
    )
    report.write()


if __name__ == "__main__":
    if len(sys.argv) > 2:
        print(json.dumps(child(sys.argv[1], int(sys.argv[2]))))
    else:
        main(rounds_given())
