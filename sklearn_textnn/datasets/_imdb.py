"""The IMDB data set of Keras."""

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

_IMDB = SequenceCorpus(
    "imdb", target_names=("negative", "positive"), instead="load_movie_reviews()"
)


@overload
def fetch_imdb(
    *, return_X_y: Literal[False] = ..., **options: Unpack[SequenceOptions]
) -> Bunch: ...


@overload
def fetch_imdb(
    *, return_X_y: Literal[True], **options: Unpack[SequenceOptions]
) -> tuple[NDArray[Any], NDArray[Any]]: ...


@validate_params(SEQUENCE_CONSTRAINTS, prefer_skip_nested_validation=True)
def fetch_imdb(
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
    """Fetch the IMDB movie reviews of Keras as integer sequences (binary classification).

    The content is that of `keras.datasets.imdb.load_data` for the same arguments. The files, 19 MB,
    are downloaded once and kept in the data home in a format without pickles. Keras is not needed.

    =================   ==============
    Classes                          2
    Samples                     50,000
    Words                       88,584
    =================   ==============

    Parameters
    ----------
    num_words : int or None, default=10_000
        Integers equal to or above `num_words` become `oov_char`. The limit applies to the integers
        in the sequences, so the `num_words - index_from - 1` most frequent words are kept. With
        None, the limit is the largest integer in the data, which becomes `oov_char`, as in Keras.

    subset : {"train", "test", "all"}, default="train"
        The reviews to return. "all" is the training reviews followed by the test reviews.

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
    load_movie_reviews : The training reviews as text, from an installed package.
    fetch_reuters : Newswires in 46 topics.

    Notes
    -----
    Several processes can fetch at the same time. A file in the cache is complete or absent: it is
    written under another name and then renamed. A damaged file is fetched again.

    Examples
    --------
    >>> from sklearn_textnn.datasets import fetch_imdb
    >>> imdb = fetch_imdb()  # doctest: +SKIP
    >>> imdb.data.shape  # doctest: +SKIP
    (25000,)
    >>> imdb.decode([1, 14, 22, 16, 43, 530, 973])  # doctest: +SKIP
    '? this film was just brilliant casting'
    """
    return _IMDB.fetch(
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
