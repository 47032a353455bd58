"""The IMDB and Reuters data sets of Keras: what the cache holds, and how it is encoded."""

import io
import json
import operator
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, pairwise
from numbers import Integral

import numpy as np
from sklearn.utils import Bunch

from sklearn_textnn.datasets._cache import CachedFile, DamagedFileError, download

from .._sklearn_compat import Interval, StrOptions, validate_params

_ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"

# Keras's own. The archives hold pickles, so theirs is SHA-256; the word indexes are JSON.
_CHECKSUMS = {
    "imdb.npz": ("sha256", "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"),
    "imdb_word_index.json": ("md5", "bfafd718b763782e994055a2d397834f"),
    "reuters.npz": ("sha256", "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916"),
    "reuters_word_index.json": ("md5", "4d44cc38712099c9e383dc6e5f11a921"),
}

# Of one array in the cache: the largest, the tokens of IMDB, take 24 MB.
_MAX_BYTES = 2**27
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

_SPLITS = ("train", "test")

_IMDB_DESCR = """\
IMDB movie reviews, as integer sequences
----------------------------------------

25,000 reviews for training and 25,000 for testing, half of each negative (0) and half positive
(1). No film has reviews in both. Reviews with a middling rating were left out by the authors of
the data, so what is here is easier to tell apart than reviews at large. A few hundred texts occur
more than once.

Every integer is the rank of a word, 1 for the most frequent, plus `index_from`; 88,584 words are
ranked, by and large by how often they occur in the training reviews. The text was lower-cased and
split at punctuation and white space, apostrophes stay, and `br` is left over from the HTML of the
reviews. Case, punctuation and line breaks cannot be recovered.

The data are those of `keras.datasets.imdb`, downloaded with Keras's checksums and shuffled with
Keras's seed, so the documents come in Keras's order. A cache that was rebuilt from the raw
reviews may hold them in another.

The reviews belong to their authors; the data set was published for research. Cite:

Andrew L. Maas, Raymond E. Daly, Peter T. Pham, Dan Huang, Andrew Y. Ng and Christopher Potts
(2011). Learning Word Vectors for Sentiment Analysis. Proceedings of the 49th Annual Meeting of
the Association for Computational Linguistics: Human Language Technologies, 142-150.
https://ai.stanford.edu/~amaas/data/sentiment/
"""

_REUTERS_DESCR = """\
Reuters newswires, as integer sequences
---------------------------------------

8,982 newswires for training and 2,246 for testing, from 1987, in 46 topics of very different
size: `earn` and `acq` are more than half, the smallest topics have fewer than twenty newswires.

Every integer is the rank of a word, 1 for the most frequent, plus `index_from`; about 31,000
words are ranked by how often they occur in all the newswires.

The labels are not clean. The newswires are those of Reuters-21578 that have a topic, labelled with
the first topic listed, for topics with 15 or more such newswires. 1,512 of them have two or more
of the 46 topics, and this data set keeps one. 990 have no body in the source, and the program that
made the data set took the body of the next newswire instead, so about 9 % of the texts belong to
another label, and hundreds occur twice with different labels. That is why small networks reach an
accuracy of about 0.80 here: with the right texts the same network reaches 0.877.

The split is not ModApte, the usual one of Reuters-21578, but Keras's: shuffled with seed 113, the
last fifth for testing. The data are those of `keras.datasets.reuters`, downloaded with Keras's
checksums, so the documents come in Keras's order. A cache that was rebuilt from the raw newswires
may hold them in another.

The copyright of the newswires is Reuters Ltd.'s; the collection is distributed for research only.
Cite:

David D. Lewis (1997). Reuters-21578, Distribution 1.0.
https://kdd.ics.uci.edu/databases/reuters21578/reuters21578.html
"""

_REUTERS_TOPICS = """
    cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade reserves
    ship cotton carcass crude nat-gas cpi money-fx interest gnp meal-feed alum oilseed gold tin
    strategic-metal livestock retail ipi iron-steel rubber heat jobs lei bop zinc orange pet-chem
    dlr gas silver wpi hog lead
"""


def _shuffled(documents, target, random_state):
    order = np.arange(len(documents))
    random_state.shuffle(order)
    return documents[order], target[order]


def _imdb_splits(archive):
    """Keras's training and test reviews in Keras's order."""
    random_state = np.random.RandomState(113)
    return {
        split: _shuffled(archive[f"x_{split}"], archive[f"y_{split}"], random_state)
        for split in _SPLITS
    }


def _reuters_splits(archive):
    """Keras's newswires in Keras's order, the last fifth for testing."""
    documents, target = _shuffled(archive["x"], archive["y"], np.random.RandomState(113))
    n_train = int(len(documents) * (1 - 0.2))
    return {
        "train": (documents[:n_train], target[:n_train]),
        "test": (documents[n_train:], target[n_train:]),
    }


@dataclass(frozen=True)
class _Corpus:
    """What sets one of Keras's text data sets apart from the other."""

    name: str
    target_names: tuple[str, ...]
    splits: Callable
    instead: str
    descr: str

    @property
    def file(self):
        return f"{self.name}.npz"

    @property
    def word_index(self):
        return f"{self.name}_word_index.json"


_IMDB = _Corpus(
    name="imdb",
    target_names=("negative", "positive"),
    splits=_imdb_splits,
    instead="load_movie_reviews()",
    descr=_IMDB_DESCR,
)
_REUTERS = _Corpus(
    name="reuters",
    target_names=tuple(_REUTERS_TOPICS.split()),
    splits=_reuters_splits,
    instead="load_bbc_news()",
    descr=_REUTERS_DESCR,
)

_CONSTRAINTS = {
    "num_words": [Interval(Integral, 1, None, closed="left"), None],
    "subset": [StrOptions({"train", "test", "all"})],
    "skip_top": [Interval(Integral, 0, None, closed="left")],
    "start_char": [Interval(Integral, 0, None, closed="left"), None],
    "oov_char": [Interval(Integral, 0, None, closed="left"), None],
    "index_from": [Interval(Integral, 0, None, closed="left")],
    "data_home": [str, os.PathLike, None],
    "download_if_missing": ["boolean"],
    "return_X_y": ["boolean"],
}


@validate_params(_CONSTRAINTS, prefer_skip_nested_validation=True)
def fetch_imdb(
    *,
    num_words=10_000,
    subset="train",
    skip_top=0,
    start_char=1,
    oov_char=2,
    index_from=3,
    data_home=None,
    download_if_missing=True,
    return_X_y=False,
):
    """Fetch the IMDB movie reviews of Keras as integer sequences (binary classification).

    The content is that of `keras.datasets.imdb.load_data` for the same arguments. The files are
    downloaded once, 19 MB, and kept in the data home in a format without pickles; Keras is not
    needed.

    =================   ==============
    Classes                          2
    Samples                     50,000
    Words                       88,584
    =================   ==============

    Parameters
    ----------
    num_words : int or None, default=10_000
        Integers from `num_words` on become `oov_char`. The limit is for the integers in the
        sequences, so the words kept are the `num_words - index_from` most frequent ones. None
        sets no limit of its own; as in Keras, the one word that is ranked last is lost even so.

    subset : {"train", "test", "all"}, default="train"
        The reviews to return. "all" is the training reviews followed by the test reviews.

    skip_top : int, default=0
        Integers below `skip_top` become `oov_char`, `start_char` among them.

    start_char : int or None, default=1
        What every sequence starts with. None adds nothing.

    oov_char : int or None, default=2
        What stands for the words left out by `num_words` and `skip_top`. None drops them.

    index_from : int, default=3
        What is added to the rank of a word; the most frequent word is `index_from + 1`.

    data_home : str, path-like or None, default=None
        The folder that holds `sklearn_textnn/imdb.npz`. None is the data home of scikit-learn:
        the environment variable `SCIKIT_LEARN_DATA`, or `~/scikit_learn_data`.

    download_if_missing : bool, default=True
        If False, raise an OSError instead of downloading.

    return_X_y : bool, default=False
        If True, return `(data, target)` instead of a Bunch.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Dictionary-like object with the following attributes.

        data : ndarray of shape (n_documents,), dtype=object
            One list of int for each review.
        target : ndarray of shape (n_documents,), dtype=int64
            0 for a negative and 1 for a positive review.
        target_names : list of str
            `["negative", "positive"]`.
        vocabulary : list of str
            All ranked words, the most frequent first, whatever `num_words` is.
        decode : callable
            `decode(sequence)` is the text of one sequence, with `?` in the place of `start_char`,
            `oov_char` and whatever else is no word.
        DESCR : str
            Where the data come from, what is wrong with them and how to cite them.

    (data, target) : tuple if `return_X_y` is True
        The arrays of the same names.

    Raises
    ------
    OSError
        If the data are neither in the data home nor can be downloaded and stored there, or what
        is there is damaged and cannot be replaced. The message says what to do.

    See Also
    --------
    load_movie_reviews : The training reviews as text, without a download.
    fetch_reuters : Newswires in 46 topics.

    Notes
    -----
    Several processes may fetch at once. A file in the cache is complete or absent: it is written
    under another name first. A file that cannot be read is fetched again.

    Examples
    --------
    >>> from sklearn_textnn.datasets import fetch_imdb
    >>> imdb = fetch_imdb()  # doctest: +SKIP
    >>> imdb.data.shape  # doctest: +SKIP
    (25000,)
    >>> imdb.decode([1, 14, 22, 16, 43, 530, 973])  # doctest: +SKIP
    '? this film was just brilliant casting'
    """
    return _fetch(
        _IMDB,
        subset=subset,
        encoding=_Encoding(num_words, skip_top, start_char, oov_char, index_from),
        data_home=data_home,
        download_if_missing=download_if_missing,
        return_X_y=return_X_y,
    )


@validate_params(_CONSTRAINTS, prefer_skip_nested_validation=True)
def fetch_reuters(
    *,
    num_words=10_000,
    subset="train",
    skip_top=0,
    start_char=1,
    oov_char=2,
    index_from=3,
    data_home=None,
    download_if_missing=True,
    return_X_y=False,
):
    """Fetch the Reuters newswires of Keras as integer sequences (46 topics).

    The content is that of `keras.datasets.reuters.load_data` for the same arguments, with its
    default split of four fifths for training. The files are downloaded once, 3 MB, and kept in
    the data home in a format without pickles; Keras is not needed. About 9 % of the texts belong
    to another label; `DESCR` says why.

    =================   ==============
    Classes                         46
    Samples                     11,228
    Words                 about 31,000
    =================   ==============

    Parameters
    ----------
    num_words : int or None, default=10_000
        Integers from `num_words` on become `oov_char`. The limit is for the integers in the
        sequences, so the words kept are the `num_words - index_from` most frequent ones. None
        sets no limit of its own; as in Keras, the one word that is ranked last is lost even so.

    subset : {"train", "test", "all"}, default="train"
        The newswires to return. "all" is the training newswires followed by the test newswires.

    skip_top : int, default=0
        Integers below `skip_top` become `oov_char`, `start_char` among them.

    start_char : int or None, default=1
        What every sequence starts with. None adds nothing.

    oov_char : int or None, default=2
        What stands for the words left out by `num_words` and `skip_top`. None drops them.

    index_from : int, default=3
        What is added to the rank of a word; the most frequent word is `index_from + 1`.

    data_home : str, path-like or None, default=None
        The folder that holds `sklearn_textnn/reuters.npz`. None is the data home of scikit-learn:
        the environment variable `SCIKIT_LEARN_DATA`, or `~/scikit_learn_data`.

    download_if_missing : bool, default=True
        If False, raise an OSError instead of downloading.

    return_X_y : bool, default=False
        If True, return `(data, target)` instead of a Bunch.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Dictionary-like object with the following attributes.

        data : ndarray of shape (n_documents,), dtype=object
            One list of int for each newswire.
        target : ndarray of shape (n_documents,), dtype=int64
            The topic, 0 to 45.
        target_names : list of str
            The 46 topics, in the order of `keras.datasets.reuters.get_label_names()`.
        vocabulary : list of str
            All ranked words, the most frequent first, whatever `num_words` is.
        decode : callable
            `decode(sequence)` is the text of one sequence, with `?` in the place of `start_char`,
            `oov_char` and whatever else is no word.
        DESCR : str
            Where the data come from, what is wrong with them and how to cite them.

    (data, target) : tuple if `return_X_y` is True
        The arrays of the same names.

    Raises
    ------
    OSError
        If the data are neither in the data home nor can be downloaded and stored there, or what
        is there is damaged and cannot be replaced. The message says what to do.

    See Also
    --------
    fetch_reuters21578 : Reuters-21578 as text, with all the topics of each newswire.
    load_bbc_news : News articles in 5 topics as text, without a download.
    fetch_imdb : Movie reviews, negative and positive.

    Notes
    -----
    Several processes may fetch at once. A file in the cache is complete or absent: it is written
    under another name first. A file that cannot be read is fetched again.

    Examples
    --------
    >>> from sklearn_textnn.datasets import fetch_reuters
    >>> reuters = fetch_reuters(subset="test")  # doctest: +SKIP
    >>> reuters.data.shape  # doctest: +SKIP
    (2246,)
    >>> reuters.target_names[:4]  # doctest: +SKIP
    ['cocoa', 'grain', 'veg-oil', 'earn']
    """
    return _fetch(
        _REUTERS,
        subset=subset,
        encoding=_Encoding(num_words, skip_top, start_char, oov_char, index_from),
        data_home=data_home,
        download_if_missing=download_if_missing,
        return_X_y=return_X_y,
    )


def _fetch(corpus, *, subset, encoding, data_home, download_if_missing, return_X_y):
    splits = _SPLITS if subset == "all" else (subset,)
    # Without a limit, Keras's default depends on the largest integer of both splits.
    needed = _SPLITS if encoding.num_words is None else splits
    cache = CachedFile(corpus.file, get=f"fetch_{corpus.name}()", instead=corpus.instead)
    vocabulary, cached = cache.read_or_fetch(
        lambda path: _read_cache(path, needed, len(corpus.target_names)),
        lambda stream: stream.write(_archive(_download_arrays(corpus))),
        data_home=data_home,
        download_if_missing=download_if_missing,
    )

    limit = encoding.limit(tokens for tokens, _, _ in cached.values())
    sequences = []
    for split in splits:
        tokens, offsets, _ = cached[split]
        sequences += encoding.sequences(tokens, offsets, len(vocabulary), limit)
    data = np.fromiter(sequences, dtype=object, count=len(sequences))
    target = np.concatenate([cached[split][2] for split in splits]).astype(np.int64)
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        target_names=list(corpus.target_names),
        vocabulary=vocabulary,
        decode=_Decoder(vocabulary, encoding),
        DESCR=corpus.descr,
    )


@dataclass(frozen=True)
class _Encoding:
    """How ranks become the integers of a sequence; the names are those of Keras."""

    num_words: int | None
    skip_top: int
    start_char: int | None
    oov_char: int | None
    index_from: int

    def limit(self, token_arrays):
        """Return the first integer that is out of range."""
        if self.num_words is not None:
            return self.num_words
        largest = [int(tokens.max()) + self.index_from for tokens in token_arrays if len(tokens)]
        return max([*largest, self.start_char or 0])

    def sequences(self, tokens, offsets, n_words, limit):
        """Return one list of int for each document.

        What becomes of a word depends on its rank alone, so it is worked out once for each word;
        the sequences share one int object for each word.
        """
        codes = np.arange(n_words + 1) + self.index_from
        kept = (codes >= self.skip_top) & (codes < limit)
        if self.oov_char is None:
            kept = kept[tokens]
            offsets = np.concatenate([[0], np.cumsum(kept)])[offsets]
            tokens = tokens[kept]
        else:
            codes[~kept] = self.oov_char
        flat = codes.astype(object)[tokens].tolist()

        start = [] if self.start_char is None else [self.start_char]
        if start and not self.skip_top <= self.start_char < limit:
            start = [] if self.oov_char is None else [self.oov_char]
        ends = offsets.tolist()
        return [start + flat[i:j] for i, j in pairwise(ends)]


class _Decoder:
    """Turns one integer sequence back into text."""

    def __init__(self, vocabulary, encoding):
        self._vocabulary = vocabulary
        self._encoding = encoding

    def __call__(self, sequence):
        """Return the words of `sequence`, `?` for what is no word, with blanks in between."""
        encoding, words = self._encoding, []
        for position, code in enumerate(map(operator.index, sequence)):
            rank = code - encoding.index_from
            is_mark = code == encoding.oov_char or (position == 0 and code == encoding.start_char)
            is_word = not is_mark and 1 <= rank <= len(self._vocabulary)
            words.append((self._vocabulary[rank - 1] if is_word else "") or "?")
        return " ".join(words)


def _read_cache(path, splits, n_classes):
    """Read the words and, for each split, (tokens, offsets, target); no byte is unpickled."""
    with open(path, "rb") as stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                words = _read_array(archive, "vocabulary", np.uint8)
                vocabulary = words.tobytes().decode("utf-8").split("\n")
                return vocabulary, {
                    split: _read_split(archive, split, n_classes, len(vocabulary))
                    for split in splits
                }
        except MemoryError:
            raise
        except Exception as error:  # damage has no type: zipfile, zlib and NumPy raise many
            what = str(error).partition("\n")[0]  # NumPy's further lines advise to trust the file
            raise DamagedFileError(f"{path} is damaged ({type(error).__name__}: {what})") from error


def _read_split(archive, split, n_classes, n_words):
    tokens = _read_array(archive, f"{split}_tokens", np.int32)
    offsets = _read_array(archive, f"{split}_offsets", np.int64)
    target = _read_array(archive, f"{split}_target", np.uint8)
    if len(tokens) and not 0 <= tokens.min() <= tokens.max() <= n_words:
        raise ValueError(f"{split}_tokens has ranks outside the vocabulary")
    if len(target) and target.max() >= n_classes:
        raise ValueError(f"{split}_target has labels that are no class")
    if len(offsets) != len(target) + 1:
        raise ValueError(f"{split}_offsets and {split}_target do not belong together")
    if offsets[0] != 0 or offsets[-1] != len(tokens) or (np.diff(offsets) < 0).any():
        raise ValueError(f"{split}_offsets does not cut up {split}_tokens")
    return tokens, offsets, target


def _read_array(archive, name, dtype):
    """Read one 1-D array of one type.

    The header is compared with what must be there before anything is made of it, so neither
    pickled objects nor a size that only the header claims get any further.
    """
    member = archive.getinfo(f"{name}.npy")
    if member.compress_type not in _COMPRESSIONS:  # others take memory as the damage bids them
        raise ValueError(f"{name} is compressed by another method than NumPy's")
    with archive.open(member) as stream:
        content = stream.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise ValueError(f"{name} is larger than any array of these data sets")
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    if version != (1, 0):
        raise ValueError(f"{name} is in version {version} of the npy format")
    shape, _, found = np.lib.format.read_array_header_1_0(stream)
    dtype = np.dtype(dtype).newbyteorder("<")
    if found != dtype or shape != ((len(content) - stream.tell()) // dtype.itemsize,):
        raise ValueError(f"{name} is {found} of shape {shape} in {len(content)} bytes")
    return np.frombuffer(content, dtype, offset=stream.tell())


def _download_arrays(corpus):
    """Download Keras's files and return what the cache holds."""
    word_index = json.loads(_download(corpus.word_index))
    # Pickles: safe because _download returns only bytes with Keras's checksum.
    with np.load(io.BytesIO(_download(corpus.file)), allow_pickle=True) as archive:
        splits = corpus.splits(archive)

    vocabulary = [""] * max(word_index.values())
    for word, rank in word_index.items():
        vocabulary[rank - 1] = word
    arrays = {"vocabulary": np.frombuffer("\n".join(vocabulary).encode(), dtype=np.uint8)}
    for split, (documents, target) in splits.items():
        offsets = np.zeros(len(documents) + 1, dtype="<i8")
        np.cumsum([len(document) for document in documents], out=offsets[1:])
        tokens = chain.from_iterable(documents)
        arrays[f"{split}_tokens"] = np.fromiter(tokens, dtype="<i4", count=offsets[-1])
        arrays[f"{split}_offsets"] = offsets
        arrays[f"{split}_target"] = np.asarray(target, dtype=np.uint8)
    return arrays


def _archive(arrays):
    """Return an archive of the arrays as bytes.

    NumPy before 2 leaves an archive open that it cannot write to a full disk, which then complains.
    """
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getbuffer()


def _download(file):
    return download(_ORIGIN + file, *_CHECKSUMS[file])
