"""The Reuters data set of Keras."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from .._sklearn_compat import validate_params
from ._sequences import SEQUENCE_CONSTRAINTS, SequenceCorpus

if TYPE_CHECKING:
    from os import PathLike
    from typing import Any, Literal

    from numpy.typing import NDArray
    from sklearn.utils import Bunch
    from typing_extensions import Unpack

    from ._sequences import SequenceOptions

_TOPICS = """
    cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade reserves
    ship cotton carcass crude nat-gas cpi money-fx interest gnp meal-feed alum oilseed gold tin
    strategic-metal livestock retail ipi iron-steel rubber heat jobs lei bop zinc orange pet-chem
    dlr gas silver wpi hog lead
"""
_REUTERS = SequenceCorpus("reuters", target_names=tuple(_TOPICS.split()), instead="load_bbc_news()")


@overload
def fetch_reuters(
    *, return_X_y: Literal[False] = ..., **options: Unpack[SequenceOptions]
) -> Bunch: ...


@overload
def fetch_reuters(
    *, return_X_y: Literal[True], **options: Unpack[SequenceOptions]
) -> tuple[NDArray[Any], NDArray[Any]]: ...


@validate_params(SEQUENCE_CONSTRAINTS, prefer_skip_nested_validation=True)
def fetch_reuters(
    *,
    num_words: int | None = 10_000,
    subset: Literal["train", "test", "all"] = "train",
    skip_top: int = 0,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
    data_home: str | PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
) -> Bunch | tuple[NDArray[Any], NDArray[Any]]:
    """Fetch the Reuters newswires of Keras as integer sequences (46 topics).

    The content is that of `keras.datasets.reuters.load_data` for the same arguments, with its
    default split of four fifths for training. The files, 3 MB, are downloaded once and kept in the
    data home in a format without pickles. Keras is not needed. About 9 % of the texts have the
    label of another newswire; `DESCR` says why.

    =================   ==============
    Classes                         46
    Samples                     11,228
    Words                 about 31,000
    =================   ==============

    Parameters
    ----------
    num_words : int or None, default=10_000
        Integers equal to or above `num_words` become `oov_char`. The limit applies to the integers
        in the sequences, so the `num_words - index_from - 1` most frequent words are kept. With
        None, the limit is the largest integer in the data, which becomes `oov_char`, as in Keras.

    subset : {"train", "test", "all"}, default="train"
        The newswires to return. "all" is the training newswires followed by the test newswires.

    skip_top : int, default=0
        Integers below `skip_top` become `oov_char`. This includes `start_char`.

    start_char : int or None, default=1
        The integer that every sequence starts with. None adds nothing.

    oov_char : int or None, default=2
        The integer that replaces the words left out by `num_words` and `skip_top`. None removes
        these words.

    index_from : int, default=3
        The integer added to the rank of a word. The most frequent word is `index_from + 1`. At most
        2**31 - 1; the other integers can be at most 2**63 - 1.

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
            All ranked words, the most frequent first. It does not depend on `num_words`.
        decode : callable
            `decode(sequence)` returns the text of one sequence, with `?` for `start_char`,
            `oov_char` and every other integer that is no word.
        DESCR : str
            The origin of the data, their known faults and how to cite them.

    (data, target) : tuple if `return_X_y` is True
        The arrays of the same names.

    Raises
    ------
    ValueError
        If a parameter has a value that is not listed above.
    OSError
        If the data are not in the data home, or are damaged there, and cannot be downloaded and
        stored. The message says what to do.

    See Also
    --------
    fetch_reuters21578 : Reuters-21578 as text, with all the topics of each newswire.
    load_bbc_news : News articles in 5 topics as text, from an installed package.
    fetch_imdb : Movie reviews, negative and positive.

    Notes
    -----
    Several processes can fetch at the same time. A file in the cache is complete or absent: it is
    written under another name and then renamed. A damaged file is fetched again.

    Examples
    --------
    >>> from sklearn_textnn.datasets import fetch_reuters
    >>> reuters = fetch_reuters(subset="test")  # doctest: +SKIP
    >>> reuters.data.shape  # doctest: +SKIP
    (2246,)
    >>> reuters.target_names[:4]  # doctest: +SKIP
    ['cocoa', 'grain', 'veg-oil', 'earn']
    """
    return _REUTERS.fetch(
        num_words=num_words,
        subset=subset,
        skip_top=skip_top,
        start_char=start_char,
        oov_char=oov_char,
        index_from=index_from,
        data_home=data_home,
        download_if_missing=download_if_missing,
        return_X_y=return_X_y,
    )
