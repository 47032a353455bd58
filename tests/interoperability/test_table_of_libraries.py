"""The page on other libraries names each library that is tested here."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "interoperability.md").read_text(encoding="utf-8")
LIBRARIES = {
    "test_cleanlab.py": ["cleanlab"],
    "test_explanations.py": ["SHAP", "LIME"],
    "test_imbalanced_learn.py": ["imbalanced-learn"],
    "test_mlflow.py": ["mlflow"],
    "test_optuna.py": ["Optuna"],
    "test_skore.py": ["skore"],
    "test_skrub.py": ["skrub"],
}


def test_every_file_of_this_folder_is_listed():
    found = {path.name for path in HERE.glob("test_*.py")} - {Path(__file__).name}
    assert found == set(LIBRARIES)


@pytest.mark.parametrize("library", [name for names in LIBRARIES.values() for name in names])
def test_page_has_a_row_for_the_library(library):
    assert f"\n| {library}" in PAGE.replace("| [", "| ")
