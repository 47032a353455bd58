"""A terminal for progress bars, and what they have drawn in it."""

import io
import os
import re
from contextlib import contextmanager, redirect_stdout
from unittest import mock

from sklearn_textnn import _progress_bar

CURSOR_BACK = "\x1b[?25h"


class Terminal(io.StringIO):
    def isatty(self):
        return True


@contextmanager
def in_terminal():
    """Yield a terminal that is sys.stdout in the body, with rich set to its width."""
    import rich

    environment = {name: value for name, value in os.environ.items() if name != "TTY_COMPATIBLE"}
    with mock.patch.dict(os.environ, environment | {"TERM": "xterm"}, clear=True):
        rich.reconfigure(width=200)
        try:
            with redirect_stdout(Terminal()) as terminal:
                yield terminal
        finally:
            rich.reconfigure()


def bars(printed):
    """Return the last line of each bar, without the codes of colors and of the cursor."""
    plain = re.sub(r"\x1b\[[?\d;]*[a-zA-Z]", "", printed)
    return [line.rpartition("\r")[2] for line in plain.split("\n") if line]


@contextmanager
def recorded_updates():
    """Yield a list that gets what bars are told: completed, text, total."""
    updates = []
    update = _progress_bar.Bar.update

    def record(self, completed, text="", total=None):
        updates.append((completed, text, total))
        update(self, completed, text, total)

    with mock.patch.object(_progress_bar.Bar, "update", record):
        yield updates
