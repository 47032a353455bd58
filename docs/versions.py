"""The versions of these pages, for the menu that leads from one to another.

The pages of each minor version are published in a folder of its name, and those of the development
version in `dev`. All of them read the list of `dev`, so that old pages know new versions.
"""

import json
import re
from pathlib import Path
from urllib.parse import urljoin

CHANGELOG = Path(__file__).parent.parent / "CHANGELOG.md"
RELEASED = re.compile(r"^## \[?(\d+\.\d+)\.\d+", re.MULTILINE)
DEVELOPMENT = "dev"
# Where the menu finds the list, from the folder of a version.
LIST = f"../{DEVELOPMENT}/versions.json"


def folder_of(release):
    """Return the folder of the pages of a release."""
    return DEVELOPMENT if "dev" in release else ".".join(release.split(".")[:2])


def versions(changelog, address):
    """Return the entries of the menu, the newest version first.

    `address` is that of one version's pages, such as `https://example.org/dev/`.
    """
    root = urljoin(address, "../")
    entries = [{"name": "development", "version": DEVELOPMENT, "url": f"{root}{DEVELOPMENT}/"}]
    for number, version in enumerate(dict.fromkeys(RELEASED.findall(changelog))):
        entries.append(
            {
                "name": version if number else f"{version} (stable)",
                "version": version,
                "url": f"{root}{version}/",
                "preferred": number == 0,
            }
        )
    return entries


def write_versions(app, exception):
    """Write the list of versions beside the pages."""
    if exception is None and app.config.html_baseurl:
        entries = versions(CHANGELOG.read_text(encoding="utf-8"), app.config.html_baseurl)
        path = Path(app.outdir) / Path(LIST).name
        path.write_text(json.dumps(entries, indent=1), encoding="utf-8")
