"""Code run in a process of its own."""

import os
import subprocess
import sys


def run_python(code, *arguments, check=True, **environment):
    """Run code in a fresh process and return what it prints.

    An environment variable of None is left out.
    """
    environment = {**os.environ, **environment}
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={name: value for name, value in environment.items() if value is not None},
        check=check,
        capture_output=True,
        text=True,
    ).stdout
