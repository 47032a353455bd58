"""Code run in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parent


def run_python(code, *arguments, check=True, **environment):
    """Run code in a fresh process and return what it prints; with `check`, it must succeed.

    The process can import the modules beside this one. An environment variable of None is left out.
    """
    paths = [str(TESTS), os.environ.get("PYTHONPATH", "")]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        **environment,
    }
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={name: value for name, value in environment.items() if value is not None},
        check=False,
        capture_output=True,
        text=True,
    )
    assert not check or done.returncode == 0, f"exit status {done.returncode}\n{done.stderr}"
    return done.stdout
