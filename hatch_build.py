"""Give the built package the README with absolute links, for the page of a package index."""

import re
from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

LINK = re.compile(r"(?P<image>!?)\[(?P<text>[^\]]*)\]\((?P<target>[^)\s]+)\)")


def with_absolute_links(readme, repository):
    """Return the text with links to files of the repository in the place of relative ones."""

    def absolute(link):
        if re.match(r"https?:|mailto:|#", link["target"]):
            return link[0]
        view = "raw" if link["image"] else "blob"
        address = f"{repository.rstrip('/')}/{view}/HEAD/{link['target']}"
        return f"{link['image']}[{link['text']}]({address})"

    return LINK.sub(absolute, readme)


class ReadmeHook(MetadataHookInterface):
    """Make the field `readme` from README.md and the address in `[project.urls]`."""

    def update(self, metadata):
        """Set the field."""
        readme = Path(self.root, "README.md").read_text(encoding="utf-8")
        text = with_absolute_links(readme, metadata["urls"]["Source"])
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
