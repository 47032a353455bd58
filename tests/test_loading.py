"""PersistentMixin: what is checked when the state of an estimator is saved and loaded."""

import copy
import pickle

import numpy as np
import pytest
import sklearn
from sklearn.base import BaseEstimator, TransformerMixin

from sklearn_textnn import MultiHotVectorizer, _persistence
from sklearn_textnn._persistence import FORMAT, PersistentMixin


class _Scaler(PersistentMixin, TransformerMixin, BaseEstimator):
    """An estimator as those of the package: it may hold only what it declares."""

    _parameter_constraints = {"factor": [float, int]}
    _learned_constraints = {"scale_": [float]}
    _not_saved = ("_cache",)

    def __init__(self, factor=1.0):
        self.factor = factor

    def fit(self, X, y=None):
        self.scale_ = float(self.factor)
        return self

    def transform(self, X):
        return X

    def get_feature_names_out(self, input_features=None):
        return input_features

    @property
    def width_(self):
        return 3

    def _check_loaded(self):
        if getattr(self, "scale_", 1.0) < 0:
            raise ValueError("the scale is negative")


_Scaler.__module__ = "sklearn_textnn.scaler"


class _OfAUser(_Scaler):
    """A subclass with attributes of its own, one of them with a default on the class."""

    note = None
    __module__ = "a_user.module"

    def shout(self):
        return "loud"


def _load(cls, state):
    loaded = cls.__new__(cls)
    loaded.__setstate__(state)
    return loaded


def _state(estimator, **changes):
    return estimator.__getstate__() | changes


def _assert_refused(cls, state, message):
    loaded = cls.__new__(cls)
    with pytest.raises(ValueError, match=message):
        loaded.__setstate__(state)
    assert not vars(loaded)


@pytest.mark.parametrize(
    "name",
    [
        *("fit", "transform", "get_params", "set_output"),  # methods
        *("width_", "__class__", "__dict__"),  # properties and descriptors
        *("_parameter_constraints", "_learned_constraints", "_not_saved", "__doc__"),  # data
        "__sklearn_is_fitted__",  # looked up by scikit-learn, on no class
        1,  # no name at all
    ],
)
@pytest.mark.parametrize("cls", [_Scaler, _OfAUser])
def test_attribute_in_the_place_of_one_of_the_class_is_refused(cls, name):
    state = cls().fit(None).__getstate__() | {name: {}}
    _assert_refused(cls, state, f"would hide .* {name}")


@pytest.mark.parametrize("cls", [MultiHotVectorizer, _Scaler])
def test_constraints_of_parameters_are_never_read_from_a_state(cls):
    _assert_refused(cls, _state(cls(), _parameter_constraints={}), "hide .*_parameter_constraints")


def test_class_of_the_package_holds_no_attributes_but_those_declared():
    for name in ("note", "_cache", "other_"):
        _assert_refused(
            _Scaler, _state(_Scaler(), **{name: 1}), f"no attributes {name}; .*subclass"
        )


def test_attribute_that_could_not_be_loaded_is_refused_when_it_is_saved():
    scaler = _Scaler()
    scaler.note = "mine"
    for save in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(ValueError, match=r"cannot be saved or copied.* no attributes note"):
            save(scaler)
    assert scaler.note == "mine"


def test_subclass_of_a_user_holds_attributes_of_its_own():
    user = _OfAUser(factor=2).fit(None)
    user.note, user.more_, user._private = "mine", [1], {}
    twin = copy.deepcopy(user)
    assert vars(twin) == vars(user)


@pytest.mark.parametrize("name", ["shout", "fit", "width_"])
def test_subclass_of_a_user_keeps_its_methods(name):
    _assert_refused(_OfAUser, _state(_OfAUser(), **{name: 1}), f"would hide .* {name}")


def test_attributes_that_are_made_again_are_not_saved():
    scaler = _Scaler()
    scaler._cache = object()
    assert "_cache" not in scaler.__getstate__()
    assert vars(copy.copy(scaler)) == {"factor": 1.0}


def test_attributes_of_scikit_learn_are_saved():
    with sklearn.config_context(enable_metadata_routing=True):
        scaler = _Scaler().fit(None).set_output(transform="default")
        scaler.n_features_in_, scaler.feature_names_in_ = 2, np.array(["a", "b"], dtype=object)
        scaler._metadata_request = scaler.get_metadata_routing()
        twin = pickle.loads(pickle.dumps(MultiHotVectorizer().set_output(transform="default")))
        assert twin._sklearn_output_config == {"transform": "default"}
        assert _load(_Scaler, scaler.__getstate__()).feature_names_in_.tolist() == ["a", "b"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (dict(scale_="wide"), "'scale_' parameter"),
        (dict(n_features_in_=0), "'n_features_in_' parameter"),
        (dict(n_features_in_=2.5), "'n_features_in_' parameter"),
        (dict(feature_names_in_=["a", "b"]), "'feature_names_in_' parameter"),
        (dict(feature_names_in_=np.array(["a"], dtype=object)), "one str for each feature"),
        (dict(feature_names_in_=np.array([1, 2], dtype=object)), "one str for each feature"),
        (dict(feature_names_in_=np.array(None)), "one str for each feature"),
        (dict(_metadata_request=len), "'_metadata_request' parameter"),
        (dict(_sklearn_output_config="pandas"), "'_sklearn_output_config' parameter"),
        (dict(scale_=-1.0), "the scale is negative"),
    ],
    ids=str,
)
def test_learned_attributes_of_other_types_are_refused(changes, message):
    state = _state(_Scaler().fit(None), **dict(n_features_in_=2) | changes)
    _assert_refused(_Scaler, state, message)


def test_parameters_of_a_fitted_estimator_are_checked_as_in_fit():
    state = _state(_Scaler().fit(None), factor="wide")
    _assert_refused(_Scaler, state, "'factor' parameter of _Scaler must be")
    with pytest.raises(ValueError, match=r"cannot be saved .*'factor' parameter"):
        copy.copy(_Scaler().fit(None).set_params(factor="wide"))


def test_parameters_of_an_estimator_that_is_not_fitted_are_left_to_fit():
    assert copy.copy(_Scaler(factor="wide")).factor == "wide"


def test_parameter_that_takes_no_default_is_not_made_up(monkeypatch):
    class NoDefault(_Scaler):
        def __init__(self, factor):
            self.factor = factor

    state = NoDefault(2.0).__getstate__()
    del state["factor"]
    monkeypatch.setattr(_persistence, "FORMAT", FORMAT + 1)
    _assert_refused(NoDefault, state, "parameters are missing, factor")


@pytest.mark.parametrize("state", [None, [], "state", ({}, {})], ids=str)
def test_state_that_is_no_dict_is_refused(state):
    _assert_refused(_Scaler, state, "where a dict of attributes is needed")


@pytest.mark.parametrize("number", [True, 1.0, np.int64(1), None, -1, "1", [1]], ids=repr)
def test_only_an_int_is_the_number_of_a_format(number):
    state = _state(_Scaler(), _sklearn_textnn_format=number)
    _assert_refused(_Scaler, state, "is not the number of a format")


def test_version_that_is_no_text_is_not_printed():
    state = _state(_Scaler(), _sklearn_textnn_format=99, _sklearn_textnn_version=[1, 2])
    _assert_refused(_Scaler, state, "saved by sklearn_textnn of an unknown version, in format 99")


def test_estimator_that_refuses_a_state_stays_as_it_was():
    scaler = _Scaler(factor=5).fit(None)
    before = vars(scaler).copy()
    for state in (_state(scaler, scale_="wide"), _state(scaler, note=1), {}, None):
        with pytest.raises(ValueError, match="cannot be loaded"):
            scaler.__setstate__(state)
        assert vars(scaler) == before


def test_nothing_of_before_is_left_beside_what_was_loaded():
    scaler = _Scaler().fit(None)
    scaler.__setstate__(_Scaler(factor=3).__getstate__())
    assert vars(scaler) == {"factor": 3}
