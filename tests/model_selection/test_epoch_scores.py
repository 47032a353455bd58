"""The scores of a search as a table, and searches saved and loaded."""

import pickle
import subprocess
import sys
from copy import copy

import pandas as pd
import pytest
import skops.io
from numpy.testing import assert_array_equal
from planted import planted_classes
from same_search import binary
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline

from sklearn_textnn import (
    TRUSTED_TYPES,
    EpochGridSearchCV,
    EpochRandomizedSearchCV,
    KerasTopicClassifier,
    MultiHotVectorizer,
)

REVIEWS, LABELS = ["a fine film", "a dull film", "fine acting", "dull plot"] * 5, [1, 0, 1, 0] * 5


@pytest.fixture(scope="module")
def search():
    """A fitted search over a Pipeline."""
    pipeline = make_pipeline(MultiHotVectorizer(), binary())
    grid = {"kerasbinaryreviewclassifier__epochs": range(1, 4)}
    return EpochGridSearchCV(pipeline, grid, cv=2).fit(REVIEWS, LABELS)


def test_epoch_scores_are_those_of_the_results(global_random_seed):
    X, y = planted_classes(60, 2, global_random_seed)
    search = EpochGridSearchCV(
        binary(global_random_seed),
        [{"units": [2, (3, 3)], "epochs": [3, 1]}, {"epochs": [2], "l2": [0.1]}],
        cv=3,
        scoring=["accuracy", "neg_log_loss"],
        refit=False,
        return_train_score=True,
    ).fit(X, y)
    table, results = search.epoch_scores_, search.cv_results_
    names = ["param_units", "param_l2", "candidate", "split", "epoch", "metric", "subset", "score"]
    assert table.columns.tolist() == names
    assert len(table) == 5 * 3 * 2 * 2
    for row in table.itertuples():
        params = results["params"][row.candidate]
        assert row.epoch == params["epochs"]
        assert row.score == results[f"split{row.split}_{row.subset}_{row.metric}"][row.candidate]
        assert params.get("units", "none") == (
            "none" if isinstance(row.param_units, float) else row.param_units
        )


def test_epoch_scores_are_made_when_asked_for(search):
    assert "epoch_scores_" not in vars(search)
    pd.testing.assert_frame_equal(search.epoch_scores_, search.epoch_scores_)
    assert search.epoch_scores_ is not search.epoch_scores_
    assert "epoch_scores_" in dir(search)


def test_search_that_is_not_fitted_has_no_epoch_scores(search):
    unfitted = clone(search)
    assert not hasattr(unfitted, "epoch_scores_")
    with pytest.raises(NotFittedError, match="EpochGridSearchCV"):
        _ = unfitted.epoch_scores_


def test_scores_without_a_metric_are_an_empty_table():
    X, y = planted_classes(40, 2, 0)
    search = EpochGridSearchCV(
        binary(), {"epochs": [1, 2]}, scoring=lambda *_: {}, refit=False, cv=2
    ).fit(X, y)
    assert len(search.cv_results_["params"]) == 2
    assert search.epoch_scores_.empty
    columns = ["candidate", "split", "epoch", "metric", "subset", "score"]
    assert search.epoch_scores_.columns.tolist() == columns


@pytest.mark.parametrize("save_and_load", [copy, lambda s: pickle.loads(pickle.dumps(s))])
def test_copied_search_has_the_same_epoch_scores(search, save_and_load):
    loaded = save_and_load(search)
    pd.testing.assert_frame_equal(loaded.epoch_scores_, search.epoch_scores_)


@pytest.mark.parametrize("scoring", [None, "accuracy", ["accuracy", "neg_log_loss"]])
@pytest.mark.parametrize("kind", [EpochGridSearchCV, EpochRandomizedSearchCV])
def test_skops_saves_and_loads_a_fitted_search(kind, scoring):
    pipeline = make_pipeline(MultiHotVectorizer(), binary())
    settings = {"n_iter": 2, "random_state": 0} if kind is EpochRandomizedSearchCV else {}
    search = kind(
        pipeline,
        {"kerasbinaryreviewclassifier__epochs": range(1, 4)},
        scoring=scoring,
        refit="accuracy" if isinstance(scoring, list) else True,
        cv=2,
        **settings,
    ).fit(REVIEWS, LABELS)
    saved = skops.io.dumps(search)
    others = set(skops.io.get_untrusted_types(data=saved)) - set(TRUSTED_TYPES)
    # A user looks at the metrics of a file that comes from somebody else.
    assert all(name.startswith("sklearn.metrics.") for name in others)
    assert (others == set()) == (scoring is None)
    loaded = skops.io.loads(saved, trusted=[*TRUSTED_TYPES, *others])
    best = loaded.best_estimator_
    assert_array_equal(best.predict_proba(REVIEWS), search.best_estimator_.predict_proba(REVIEWS))
    assert_array_equal(loaded.predict(REVIEWS), search.predict(REVIEWS))
    pd.testing.assert_frame_equal(loaded.epoch_scores_, search.epoch_scores_)


@pytest.mark.parametrize("cv", [2, [([*range(10)], [*range(10, 20)])]], ids=["folds", "splits"])
def test_skops_loads_a_search_over_topics_that_only_our_types_are_trusted_in(cv):
    topics = [[label, 1] for label in LABELS]
    topics[0] = [0, 0]
    pipeline = make_pipeline(MultiHotVectorizer(), KerasTopicClassifier(4, random_state=0))
    grid = {"kerastopicclassifier__epochs": range(1, 4)}
    search = EpochGridSearchCV(pipeline, grid, cv=cv).fit(REVIEWS, topics)
    loaded = skops.io.loads(skops.io.dumps(search), trusted=TRUSTED_TYPES)
    assert_array_equal(loaded.predict(REVIEWS), search.predict(REVIEWS))


WITHOUT_PANDAS = """
import pickle, sys

class NoPandas:
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] == "pandas":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, NoPandas)
with open(sys.argv[1], "rb") as file:
    search, documents, expected = pickle.load(file)
assert search.predict(documents).tolist() == expected
assert not hasattr(search, "epoch_scores_")
assert "EpochGridSearchCV" in search._repr_html_()
try:
    search.epoch_scores_
except AttributeError as error:
    assert "install pandas" in str(error), error
assert "pandas" not in sys.modules
assert "tensorflow" not in sys.modules
"""


def test_pickled_search_predicts_where_pandas_is_missing(search, tmp_path):
    path = tmp_path / "search.pickle"
    path.write_bytes(pickle.dumps((search, REVIEWS, search.predict(REVIEWS).tolist())))
    subprocess.run([sys.executable, "-c", WITHOUT_PANDAS, path], check=True, timeout=300)
