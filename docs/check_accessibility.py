"""Check the built pages with axe in a browser: light and dark, wide and narrow.

python docs/check_accessibility.py build/docs

It needs Chromium, and says so where there is none. What axe calls serious or critical is an error.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
N_BROWSERS = min(4, os.cpu_count() or 1)
IMPACTS = ("serious", "critical")
# Width, theme and rules of each look at a page. The themes differ in their colors only, and the
# widths in all but the colors.
COLORS = {"runOnly": ["color-contrast"]}
ALL_BUT_COLORS = {"rules": {"color-contrast": {"enabled": False}}}
LOOKS = [(1280, "light", {}), (1280, "dark", COLORS), (375, "light", ALL_BUT_COLORS)]
# The page shows the theme at once, and axe looks at what is shown, without transitions under way.
SET_THEME = """
document.documentElement.dataset.theme = document.documentElement.dataset.mode = "{theme}";
document.head.insertAdjacentHTML("beforeend", "<style>* {{transition: none !important}}</style>");
"""
# The diagram of an estimator is scikit-learn's, which has links inside of what opens its parts.
RUN_AXE = """
axe.run({{exclude: [[".sk-top-container"]]}}, {options}).then(found => JSON.stringify(
    found.violations.flatMap(({{id, impact, help, nodes}}) => nodes.map(
        node => [impact, id, help, node.html.slice(0, 120)]
    ))
))
"""


class Browser:
    """A page of a Chromium without a window, driven through pipes by the DevTools protocol."""

    def __init__(self, executable):
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        commands, self._write = os.pipe()
        self._read, answers = os.pipe()
        self._process = subprocess.Popen(
            [
                executable,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--remote-debugging-pipe",
                f"--user-data-dir={self._folder.name}",
            ],
            pass_fds=(3, 4),
            preexec_fn=lambda: _as_3_and_4(commands, answers),
            stderr=subprocess.DEVNULL,
        )
        os.close(commands)
        os.close(answers)
        self._session, self._sent, self._received, self._events = None, 0, b"", []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        self.call("Page.enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """End the browser."""
        self._process.kill()
        self._process.wait()
        os.close(self._write)
        os.close(self._read)
        self._folder.cleanup()

    def call(self, method, **params):
        """Call a method of the protocol and return its result."""
        self._sent += 1
        message = {"id": self._sent, "method": method, "params": params}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._sent:
                break
            self._events.append(answer.get("method"))
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def open(self, page):
        """Go to a page, and return when it has loaded."""
        self._events.clear()
        self.call("Page.navigate", url=page.resolve().as_uri())
        while "Page.loadEventFired" not in self._events:
            self._events.append(self._next().get("method"))

    def resize(self, width):
        """Make the window as wide as some number of pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=False,
        )

    def evaluate(self, script):
        """Run a script in the page and return its value, awaited if it is a promise."""
        result = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in result:
            raise RuntimeError(str(result["exceptionDetails"]))
        return result["result"].get("value")

    def _next(self):
        """Return the next message of the browser."""
        while b"\0" not in self._received:
            received = os.read(self._read, 1 << 20)
            if not received:
                raise RuntimeError("the browser has ended")
            self._received += received
        message, _, self._received = self._received.partition(b"\0")
        return json.loads(message)


def _as_3_and_4(commands, answers):
    """Give the pipes the numbers where Chromium expects them, in the process that becomes it."""
    commands, answers = os.dup(commands), os.dup(answers)
    high = os.dup2(commands, 103), os.dup2(answers, 104)
    os.dup2(high[0], 3)
    os.dup2(high[1], 4)


def pages_of(folder):
    """Return the pages of a folder. Of the pages with source code, which are alike, only one."""
    pages = sorted(page for page in Path(folder).rglob("*.html") if "_static" not in page.parts)
    sources = [page for page in pages if "_modules" in page.parts]
    return [page for page in pages if page not in sources[1:]]


def problems(pages, browser, axe):
    """Yield a message for each serious problem of the pages."""
    for page in pages:
        browser.open(page)
        browser.evaluate(axe)
        for width, theme, options in LOOKS:
            browser.resize(width)
            browser.evaluate(SET_THEME.format(theme=theme))
            for impact, *found in json.loads(
                browser.evaluate(RUN_AXE.format(options=json.dumps(options)))
            ):
                if impact in IMPACTS:
                    yield f"{page} ({theme}, {width} px): " + " | ".join([impact, *found])


def main(folder):
    """Check the pages and return what was found, as `sys.exit` takes it."""
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        print("Chromium is not installed: the pages are not checked with axe")
        return 0
    pages = pages_of(folder)
    if not pages:
        return f"{folder}: no pages"
    axe = (files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8")
    with ExitStack() as browsers:
        opened = [browsers.enter_context(Browser(executable)) for _ in range(N_BROWSERS)]
        shares = [pages[start :: len(opened)] for start in range(len(opened))]
        with ThreadPoolExecutor(len(opened)) as pool:
            found = pool.map(lambda *share: list(problems(*share, axe)), shares, opened)
            return "\n".join(sorted(message for of_share in found for message in of_share)) or 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
