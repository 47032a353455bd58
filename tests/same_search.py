"""What "the same search" means, and searches to compare: one of ours and one of scikit-learn's."""

import numpy as np
from numpy.testing import assert_array_equal

from sklearn_textnn import KerasBinaryReviewClassifier


def binary(seed=0, **parameters):
    parameters = dict(units=4, batch_size=16, learning_rate=0.01, random_state=seed) | parameters
    return KerasBinaryReviewClassifier(**parameters)


def record_trainings(monkeypatch):
    """Return a list that gets the epochs of each training as it begins."""
    epochs = []
    base = next(cls for cls in KerasBinaryReviewClassifier.__mro__ if "fit" in vars(cls))
    fit = base.fit

    def recorded(self, *args, **kwargs):
        epochs.append(self.epochs)
        return fit(self, *args, **kwargs)

    monkeypatch.setattr(base, "fit", recorded)
    return epochs


def assert_same_search(ours, theirs):
    """Everything but the times is the same, to the last bit."""
    assert list(ours.cv_results_) == list(theirs.cv_results_)
    for key, expected in theirs.cv_results_.items():
        if key.endswith("_time"):
            assert ours.cv_results_[key].shape == expected.shape
            continue
        got = ours.cv_results_[key]
        if key == "params":
            assert got == expected
        elif isinstance(expected, np.ma.MaskedArray):
            assert_array_equal(got.mask, expected.mask)
            assert got.compressed().tolist() == expected.compressed().tolist()
        else:
            assert got.dtype == expected.dtype
            assert_array_equal(got, expected, err_msg=key)
    assert ours.multimetric_ == theirs.multimetric_
    assert ours.n_splits_ == theirs.n_splits_
    assert repr(ours.scorer_) == repr(theirs.scorer_)
    for name in ("best_index_", "best_score_", "best_params_", "feature_names_in_"):
        assert hasattr(ours, name) == hasattr(theirs, name)
        if hasattr(theirs, name):
            assert_array_equal(getattr(ours, name), getattr(theirs, name))
    assert hasattr(ours, "best_estimator_") == hasattr(theirs, "best_estimator_")
