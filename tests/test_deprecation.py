"""Parameters under a former name: they work for two minor versions, and warn."""

import numpy as np
import pytest
from same_network import assert_same_network
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from sklearn_textnn import KerasBinaryReviewClassifier
from sklearn_textnn._deprecation import removal_version, renamed_parameter
from sklearn_textnn._sklearn_compat import StrOptions

X, Y = np.eye(2)[[0, 1] * 20], [0, 1] * 20


class Renamed(KerasBinaryReviewClassifier):
    """A classifier whose `epochs` were called `passes`."""

    _parameter_constraints = {
        **KerasBinaryReviewClassifier._parameter_constraints,
        "passes": [
            *KerasBinaryReviewClassifier._parameter_constraints["epochs"],
            StrOptions({"deprecated"}),
        ],
    }

    def __init__(self, units=2, *, epochs=20, passes="deprecated", random_state=None):
        super().__init__(units, epochs=epochs, random_state=random_state)
        self.passes = passes

    def fit(self, X, y):
        epochs = renamed_parameter(self, "epochs", "passes", since="0.2")
        network = KerasBinaryReviewClassifier(
            self.units, epochs=epochs, random_state=self.random_state
        ).fit(X, y)
        vars(self).update({k: v for k, v in vars(network).items() if k not in self.get_params()})
        return self


def test_former_name_works_and_warns_with_the_new_name_and_the_version_of_its_end():
    expected = Renamed(epochs=3, random_state=0).fit(X, Y)
    former = clone(Renamed(passes=3, random_state=0))
    message = r"passes of Renamed is called epochs since version 0\.2, .* removed in version 0\.4"
    with pytest.warns(FutureWarning, match=message) as warned:
        former.fit(X, Y)
    assert warned[0].filename == __file__
    assert former.n_iter_ == 3
    assert_same_network(former, expected)
    assert former.get_params()["passes"] == 3
    assert former.get_params()["epochs"] == 20


@pytest.mark.filterwarnings("ignore:passes of Renamed:FutureWarning")
def test_former_name_can_be_searched():
    search = GridSearchCV(Renamed(random_state=0), {"passes": [1, 2]}, cv=2).fit(X, Y)
    assert search.best_estimator_.n_iter_ == search.best_params_["passes"]


def test_new_name_does_not_warn():
    assert Renamed(epochs=1, random_state=0).fit(X, Y).n_iter_ == 1


def test_both_names_are_refused_before_training():
    estimator = Renamed(epochs=2, passes=3)
    with pytest.raises(ValueError, match="both are set; set epochs only"):
        estimator.fit(X, Y)
    assert not hasattr(estimator, "coefs_")


@pytest.mark.parametrize(
    ("since", "end"), [("0.1", "0.3"), ("0.9.2", "0.11"), ("1.0", "1.2"), ("0.2.dev0", "0.4")]
)
def test_removal_comes_two_minor_versions_later(since, end):
    assert removal_version(since) == end
