"""Virtual environments outside the checkout, made without a network."""

import os
import subprocess
import sys
import venv
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


class Environment:
    """A virtual environment that holds links to packages of this one.

    Parameters
    ----------
    folder : path-like
        Where it is made.
    packages : list of str or None
        The packages that it gets, with all that they require. None gives it all packages of this
        environment.
    """

    def __init__(self, folder, packages=None):
        venv.create(folder, with_pip=False)
        scripts = "Scripts" if sys.platform == "win32" else "bin"
        self.python = Path(folder) / scripts / "python"
        site = Path(self.run("import sysconfig; print(sysconfig.get_path('purelib'))").strip())
        if packages is None:
            folders = [path for path in sys.path if Path(path).name == "site-packages"]
            (site / "packages.pth").write_text("\n".join(folders))
        else:
            for name in with_requirements(packages):
                link(name, site)

    def install(self, wheel):
        """Install a wheel without its dependencies."""
        self._pip("install", "--quiet", "--no-deps", "--no-index", str(wheel))

    def check(self):
        """Return what `pip check` says of this package."""
        done = self._pip("check", check=False)
        return [line for line in done.splitlines() if line.startswith("sklearn-textnn ")]

    def run(self, code, *arguments, cwd=None):
        """Run code and return what it prints."""
        return self._done([str(self.python), "-c", code, *map(str, arguments)], cwd=cwd)

    def module(self, *arguments, cwd):
        """Run a module and return what it prints."""
        return self._done([str(self.python), "-m", *map(str, arguments)], cwd=cwd)

    def _pip(self, *arguments, check=True):
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
        return self._done([*command, "--python", str(self.python), *arguments], check=check)

    def _done(self, command, cwd=None, check=True):
        left_out = ("PYTHONPATH", "PYTHONHOME")  # nothing of the checkout
        environment = {key: value for key, value in os.environ.items() if key not in left_out}
        done = subprocess.run(
            command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
        )
        assert not check or done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout


def with_requirements(names):
    """Return the names of these installed packages and of all packages that they require."""
    found, todo = set(), [canonicalize_name(name) for name in names]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            for line in distribution(name).requires or ():
                requirement = Requirement(line)
                if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                    todo.append(canonicalize_name(requirement.name))
    return sorted(found)


def link(name, site):
    """Link what an installed package consists of into the folder of another environment."""
    installed = distribution(name)
    root = Path(installed.locate_file(""))
    tops = {file.parts[0] for file in installed.files if file.parts[0] not in ("..", "__pycache__")}
    for top in tops:
        if not (site / top).exists():
            (site / top).symlink_to(root / top, target_is_directory=(root / top).is_dir())
