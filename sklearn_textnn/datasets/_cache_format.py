"""The format of the cached IMDB and Reuters data: an npz archive of plain arrays, no pickles.

========================= ========= =================================================
`vocabulary`              uint8     the words by rank, in UTF-8, joined by line breaks
`{split}_tokens`          int32     the ranks of the words of all documents, end to end
`{split}_offsets`         int64     document i is `tokens[offsets[i]:offsets[i + 1]]`
`{split}_target`          uint8     the class of each document
========================= ========= =================================================
"""

import io
import zipfile
from itertools import chain

import numpy as np

from ._cache import DamagedFileError

SPLITS = ("train", "test")

_DTYPES = {"vocabulary": "|u1", "tokens": "<i4", "offsets": "<i8", "target": "|u1"}
# More than the largest data set has: 25,000 reviews in a split, with 5.9 million words, of which
# 88,584 are different ones and take 0.76 MB.
_MAX_LENGTHS = {"vocabulary": 2**20, "tokens": 2**23, "offsets": 25_001, "target": 25_000}
_MAX_HEADER = 2**10  # bytes before the values of an array; NumPy writes 128
_MAX_DIRECTORY = 2**12  # bytes; the directory of seven arrays has about 500
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def write_cache(stream, vocabulary, splits):
    """Write the words and, for each split, its documents as lists of ranks and its target."""
    arrays = {"vocabulary": np.frombuffer("\n".join(vocabulary).encode(), dtype=np.uint8)}
    for split, (documents, target) in splits.items():
        offsets = np.zeros(len(documents) + 1, dtype=_DTYPES["offsets"])
        np.cumsum([len(document) for document in documents], out=offsets[1:])
        tokens = chain.from_iterable(documents)
        arrays[f"{split}_tokens"] = np.fromiter(tokens, _DTYPES["tokens"], count=offsets[-1])
        arrays[f"{split}_offsets"] = offsets
        arrays[f"{split}_target"] = np.asarray(target, dtype=_DTYPES["target"])
    # NumPy before version 2 leaves an archive open if the disk is full, so write to memory first.
    archive = io.BytesIO()
    np.savez_compressed(archive, **arrays)
    stream.write(archive.getbuffer())


def read_cache(stream, splits, n_classes):
    """Return the words and, for each split, (tokens, offsets, target); nothing is unpickled."""
    try:
        _check_directory(stream)
        with zipfile.ZipFile(stream) as archive:
            words = _read_array(archive, "vocabulary")
            vocabulary = words.tobytes().decode("utf-8").split("\n")
            return vocabulary, {
                split: _read_split(archive, split, n_classes, len(vocabulary)) for split in splits
            }
    except MemoryError:
        raise
    except Exception as error:  # damage has no type: zipfile, zlib and NumPy raise many
        what = str(error).partition("\n")[0]  # NumPy's further lines advise to trust the file
        raise DamagedFileError(f"{type(error).__name__}: {what}") from error


def _check_directory(stream):
    """Refuse a directory that is larger than that of a cache: zipfile reads it as a whole.

    The record at the end of an archive has 22 bytes. The 20 bytes before it would lead to a second
    record, with larger numbers.
    """
    length = stream.seek(0, io.SEEK_END)
    stream.seek(max(length - 42, 0))
    tail = stream.read()
    before, end = tail[:-22], tail[-22:]
    if not end.startswith(b"PK\x05\x06") or before.startswith(b"PK\x06\x07"):
        raise zipfile.BadZipFile("File is not a zip file")
    size = int.from_bytes(end[12:16], "little")
    if size > _MAX_DIRECTORY:
        raise ValueError(f"the directory of the archive has {size} bytes")


def _read_split(archive, split, n_classes, n_words):
    tokens, offsets, target = (
        _read_array(archive, f"{split}_{part}") for part in ("tokens", "offsets", "target")
    )
    if len(tokens) and not 0 <= tokens.min() <= tokens.max() <= n_words:
        raise ValueError(f"{split}_tokens has ranks outside the vocabulary")
    if len(target) and target.max() >= n_classes:
        raise ValueError(f"{split}_target has labels that are no class")
    if len(offsets) != len(target) + 1:
        raise ValueError(f"{split}_offsets and {split}_target do not belong together")
    if offsets[0] != 0 or offsets[-1] != len(tokens) or (np.diff(offsets) < 0).any():
        raise ValueError(f"{split}_offsets does not cut up {split}_tokens")
    return tokens, offsets, target


def _read_array(archive, name):
    """Read one 1-D array of one type.

    The header is compared with what it must be before an array is made, so pickled objects and
    sizes that only the header claims are refused.
    """
    member = archive.getinfo(f"{name}.npy")
    if member.compress_type not in _COMPRESSIONS:  # others take as much memory as the file says
        raise ValueError(f"{name} is compressed by another method than NumPy's")
    part = name.rpartition("_")[2]
    dtype = np.dtype(_DTYPES[part])
    max_bytes = _MAX_LENGTHS[part] * dtype.itemsize + _MAX_HEADER
    with archive.open(member) as stream:
        content = stream.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise ValueError(f"{name} is larger than any array of these data sets")
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    if version != (1, 0):
        raise ValueError(f"{name} is in version {version} of the npy format")
    shape, _, found = np.lib.format.read_array_header_1_0(stream)
    if found != dtype or shape != ((len(content) - stream.tell()) // dtype.itemsize,):
        raise ValueError(f"{name} is {found} of shape {shape} in {len(content)} bytes")
    return np.frombuffer(content, dtype, offset=stream.tell())
