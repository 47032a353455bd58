"""A progress bar, like that of scikit-learn's `ProgressBar`, in a terminal or a notebook."""

import sys
from contextlib import contextmanager
from importlib.util import find_spec
from multiprocessing import current_process
from threading import current_thread, main_thread


class Bar:
    """A bar that is drawn."""

    def __init__(self, progress, row):
        self._progress = progress
        self._row = row

    def update(self, completed, text="", total=None):
        """Draw how much is completed, and a text behind the bar. A new total may come."""
        self._progress.update(self._row, completed=completed, text=text, total=total)

    def fill(self):
        """Draw the bar as completed, however much that was."""
        completed = self._progress.tasks[0].completed
        self._progress.update(self._row, completed=max(completed, 1), total=max(completed, 1))


@contextmanager
def progress_bar(description, total):
    """Yield a Bar, or None where none can be drawn: in a file, in a worker, or without rich.

    If the body ends without an error, the bar is drawn full.

    Parameters
    ----------
    description : str
        What stands before the bar.
    total : float or None
        How much there is to complete. None draws a bar that only moves.
    """
    console = _console()
    if console is None:
        yield None
        return
    from rich.errors import LiveError
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    progress = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(elapsed_when_finished=True),
        TextColumn("{task.fields[text]}", markup=False),
        console=console,
    )
    try:
        progress.start()
    except LiveError:  # before rich 14.1, for a bar within another
        yield None
        return
    try:
        bar = Bar(progress, progress.add_task(description, total=total, text=""))
        yield bar
        bar.fill()
    finally:
        progress.stop()


def _console():
    """Return rich's console where a bar can be drawn, else None."""
    if current_thread() is not main_thread() or current_process().name != "MainProcess":
        return None  # bars of several workers would overwrite each other
    try:
        from rich import get_console
    except ImportError:
        return None
    console = get_console()
    if console.is_jupyter:
        return console if find_spec("ipywidgets") else None  # without which rich warns each time
    # Not `is_terminal`, which an environment variable for colors makes true in a file.
    is_terminal = getattr(sys.stdout, "isatty", bool)() and not console.is_dumb_terminal
    return console if is_terminal else None
