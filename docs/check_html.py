"""Check the built pages: internal links have a target, and nothing is loaded from other sites.

python docs/check_html.py build/docs
"""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# What a browser loads to show a page. A link in <a> is only followed when clicked.
LOADED = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "object": "data",
    "embed": "src",
}
LOADED_BY_STYLE = re.compile(r"""(?:url\(|@import)\s*["']?((?:https?:)?//[^"')]+)""")
LOADING_RELATIONS = {"stylesheet", "preload", "icon", "modulepreload", "preconnect"}


class Page(HTMLParser):
    """The addresses that a page loads, those that it links to, and its anchors."""

    def __init__(self, text):
        super().__init__()
        self.loads, self.links, self.anchors = [], [], {"", "top"}
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        """Store the addresses and anchors of a tag."""
        attributes = dict(attributes)
        self.anchors |= {attributes[key] for key in ("id", "name") if attributes.get(key)}
        if tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])
        if attributes.get(LOADED.get(tag)):
            self.loads.append(attributes[LOADED[tag]])
        for candidate in filter(None, (attributes.get("srcset") or "").split(",")):
            self.loads.append(candidate.split()[0])
        relations = set((attributes.get("rel") or "").split())
        if tag == "link" and relations & LOADING_RELATIONS and attributes.get("href"):
            self.loads.append(attributes["href"])


def problems(folder):
    """Yield a message for each problem in the pages of a folder."""
    pages = {
        path.resolve(): Page(path.read_text(encoding="utf-8"))
        for path in sorted(Path(folder).rglob("*.html"))
        if "_static" not in path.parts
    }
    if not pages:
        yield f"{folder}: no pages"
    for style in sorted(Path(folder).rglob("*.css")):
        for target in LOADED_BY_STYLE.findall(style.read_text(encoding="utf-8")):
            yield f"{style}: loads {target}"
    for path, page in pages.items():
        for target in page.loads:
            if urlsplit(target).scheme in ("http", "https") or target.startswith("//"):
                yield f"{path}: loads {target}"
        for target in page.loads + page.links:
            address = urlsplit(target)
            if address.scheme or address.netloc:
                continue
            file = (path.parent / unquote(address.path)).resolve() if address.path else path
            if not file.exists():
                yield f"{path}: {target} does not exist"
            elif file in pages and unquote(address.fragment) not in pages[file].anchors:
                yield f"{path}: {target} has no such anchor"


if __name__ == "__main__":
    found = list(problems(sys.argv[1]))
    sys.exit("\n".join(found) or 0)
