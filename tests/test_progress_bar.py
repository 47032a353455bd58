"""The progress bar: what it shows in a terminal, and where there is none."""

import re
import sys
import threading
from contextlib import redirect_stdout

import pytest
from planted import planted_classes
from terminal import CURSOR_BACK, Terminal, bars

from sklearn_textnn import KerasBinaryReviewClassifier
from sklearn_textnn._progress_bar import progress_bar

rich = pytest.importorskip("rich")


@pytest.fixture
def in_terminal(monkeypatch):
    """Run functions with a terminal as sys.stdout, and return what they have printed so far."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("TTY_COMPATIBLE", raising=False)
    rich.reconfigure(width=200)
    terminal = Terminal()

    def run(function, *arguments, **parameters):
        with redirect_stdout(terminal):
            run.returned = function(*arguments, **parameters)
        return terminal.getvalue()

    yield run
    rich.reconfigure()


def fit(**parameters):
    settings = dict(verbose=1, epochs=3, learning_rate=0.05, random_state=0)
    return KerasBinaryReviewClassifier(4, **settings | parameters).fit(*planted_classes(60, 2, 0))


def test_one_bar_shows_the_epochs_and_the_last_values(in_terminal):
    printed = in_terminal(fit)
    (line,) = bars(printed)
    history = in_terminal.returned.history_
    values = f"loss {history['loss'][-1]:.3f} accuracy {history['accuracy'][-1]:.3f}"
    assert re.fullmatch(rf"KerasBinaryReviewClassifier - fit ━+ 100% \d:\d\d:\d\d {values} *", line)


def test_values_are_those_of_validation_if_there_are_any(in_terminal):
    printed = in_terminal(fit, validation_fraction=0.3, early_stopping=True, epochs=50)
    (line,) = bars(printed)
    history = in_terminal.returned.history_
    val_loss, val_accuracy = history["val_loss"][-1], history["val_accuracy"][-1]
    assert " 100% " in line
    assert line.rstrip().endswith(f"val_loss {val_loss:.3f} val_accuracy {val_accuracy:.3f}")


def test_each_training_of_epoch_selection_has_a_bar(in_terminal):
    first, second = bars(in_terminal(fit, validation_fraction=0.3, epoch_selection="val_loss"))
    assert first.startswith("KerasBinaryReviewClassifier - find-best-epoch ━")
    assert second.startswith("KerasBinaryReviewClassifier - retrain-on-all-rows ━")


@pytest.mark.parametrize("verbose", [0, 2])
def test_only_verbose_1_draws_a_bar(verbose, in_terminal):
    printed = in_terminal(fit, verbose=verbose)
    assert printed == "" if verbose == 0 else lines_of_keras(printed)


def test_bar_shows_how_much_is_done_and_gives_the_terminal_back_after_an_error(in_terminal):
    def fails():
        with progress_bar("title [1]", 4) as bar:
            bar.update(2, "text [2]")
            raise KeyError

    with pytest.raises(KeyError):
        in_terminal(fails)
    printed = in_terminal(str)
    (line,) = bars(printed)
    assert line.startswith("title [1] ")
    assert "  50% " in line
    assert line.rstrip().endswith("text [2]")
    assert printed.rstrip().endswith(CURSOR_BACK)


def lines_of_keras(printed):
    return "Epoch 3/3" in printed and "- fit" not in printed


def test_file_gets_the_lines_of_keras(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    fit()
    assert lines_of_keras(capsys.readouterr().out)


def test_terminal_without_rich_gets_the_lines_of_keras(in_terminal, monkeypatch):
    monkeypatch.setitem(sys.modules, "rich", None)
    assert lines_of_keras(in_terminal(fit))


def test_terminal_that_cannot_move_its_cursor_gets_the_lines_of_keras(in_terminal, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    assert lines_of_keras(in_terminal(fit))


def test_another_thread_gets_the_lines_of_keras(in_terminal):
    def in_thread():
        thread = threading.Thread(target=fit)
        thread.start()
        thread.join()

    assert lines_of_keras(in_terminal(in_thread))


def test_bar_within_another_is_left_to_rich(in_terminal):
    def nested():
        with progress_bar("outer", 2) as outer, progress_bar("inner", 2) as inner:
            return outer, inner

    printed = in_terminal(nested)
    outer, inner = in_terminal.returned
    assert outer is not None
    assert inner is None or "inner" in printed  # before version 14.1, rich draws one at a time


def test_notebook_without_ipywidgets_gets_the_lines_of_keras(in_terminal, monkeypatch):
    monkeypatch.setattr("sklearn_textnn._progress_bar.find_spec", lambda name: None)
    rich.reconfigure(force_jupyter=True)
    assert lines_of_keras(in_terminal(fit))


def test_callbacks_of_scikit_learn_have_the_terminal_for_themselves(in_terminal):
    callback = pytest.importorskip("sklearn.callback", reason="needs scikit-learn 1.9")
    monitor = callback.ScoringMonitor(scoring="accuracy")
    classifier = KerasBinaryReviewClassifier(4, epochs=3, verbose=1, random_state=0)
    classifier.set_callbacks(monitor)
    assert lines_of_keras(in_terminal(classifier.fit, *planted_classes(60, 2, 0)))
