"""Saving and loading: other processes and threads, other formats, and incomplete states."""

import copy
import json
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import joblib
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.pipeline import make_pipeline

from sklearn_textnn import (
    KerasBinaryReviewClassifier,
    KerasTopicClassifier,
    MultiHotVectorizer,
    _persistence,
)

PINNED = sorted((Path(__file__).parent / "data").glob("fitted_format_*.pickle"))
WIRES = ["wheat crop up", "oil price up", "bank rate up", "wheat price", "oil rate", "bank"] * 5
TOPICS = ["grain", "crude", "money"] * 10


@pytest.fixture(scope="module", params=[KerasBinaryReviewClassifier, KerasTopicClassifier])
def pipeline(request):
    """Return a fitted pipeline whose Keras model was built, which must not be saved."""
    binary = request.param is KerasBinaryReviewClassifier
    labels = [topic == "grain" for topic in TOPICS] if binary else TOPICS
    classifier = request.param(
        4, epochs=3, batch_size=8, learning_rate=0.05, dropout=0.2, stages="all", random_state=0
    )
    fitted = make_pipeline(MultiHotVectorizer(ngram_range=(1, 2)), classifier).fit(WIRES, labels)
    assert fitted[-1].model_.built
    return fitted


class _Recording(pickle.Unpickler):
    """Record the module of everything that a pickle refers to."""

    def __init__(self, file):
        super().__init__(file)
        self.modules = set()

    def find_class(self, module, name):
        self.modules.add(module)
        return super().find_class(module, name)


def test_pickle_refers_to_no_module_of_keras(pipeline, tmp_path):
    (tmp_path / "pickle").write_bytes(pickle.dumps(pipeline))
    with open(tmp_path / "pickle", "rb") as file:
        unpickler = _Recording(file)
        unpickler.load()
    packages = {module.partition(".")[0] for module in unpickler.modules}
    assert packages == {"sklearn", "sklearn_textnn", "numpy"}


def test_fresh_process_loads_and_predicts_the_same_without_tensorflow(pipeline, tmp_path):
    (tmp_path / "model.pickle").write_bytes(pickle.dumps(pipeline))
    joblib.dump(pipeline, tmp_path / "model.joblib", compress=3)
    script = """if True:
        import pickle, sys
        import joblib, numpy as np
        wires = sys.argv[1:]
        with open("model.pickle", "rb") as file:
            copies = [pickle.load(file), joblib.load("model.joblib")]
        np.save("probabilities.npy", [copy.predict_proba(wires) for copy in copies])
        assert not {"keras", "tensorflow"} & set(sys.modules), "TensorFlow was imported"
    """
    subprocess.run([sys.executable, "-W", "error", "-c", script, *WIRES], cwd=tmp_path, check=True)
    expected = pipeline.predict_proba(WIRES)
    assert_array_equal(np.load(tmp_path / "probabilities.npy"), [expected, expected])


@pytest.mark.parametrize("protocol", [4, pickle.HIGHEST_PROTOCOL])
def test_training_continues_the_same_in_another_thread(pipeline, protocol):
    saved = pickle.dumps(pipeline, protocol=protocol)
    labels = pipeline.predict(WIRES)

    def train_further(load):
        vectorizer, classifier = (step for _, step in load().steps)
        X = vectorizer.transform(WIRES)
        before = classifier.predict_proba(X)
        return before, classifier.partial_fit(X, labels).predict_proba(X)

    with ThreadPoolExecutor(1) as other:
        loaded = other.submit(train_further, lambda: pickle.loads(saved)).result()
    assert_array_equal(loaded, train_further(lambda: copy.deepcopy(pipeline)))
    assert not np.array_equal(*loaded)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_training_a_copy_leaves_the_original(pipeline, copied):
    X = pipeline[0].transform(WIRES)
    twin = copied(pipeline[-1])
    before = pipeline[-1].predict_proba(X)
    assert_array_equal(twin.predict_proba(X), before)
    assert_array_equal([*twin.staged_predict(X)], [*pipeline[-1].staged_predict(X)])
    twin.partial_fit(X, pipeline.predict(WIRES))
    assert not np.array_equal(twin.predict_proba(X), before)
    assert_array_equal(pipeline[-1].predict_proba(X), before)
    assert twin.n_iter_ == pipeline[-1].n_iter_ + 1


# Formats


@pytest.fixture(params=PINNED, ids=lambda path: path.stem)
def pinned(request):
    """Return estimators that an earlier release saved, and what they predicted then."""
    return (
        pickle.loads(request.param.read_bytes()),
        json.loads(request.param.with_suffix(".json").read_text()),
    )


def test_every_format_has_a_pinned_pickle():
    assert [path.stem for path in PINNED] == [
        f"fitted_format_{number}" for number in range(1, _persistence.FORMAT + 1)
    ]


def test_pinned_pickle_predicts_the_same_as_when_it_was_saved(pinned):
    fitted, expected = pinned
    assert fitted["vectorizer"].get_feature_names_out().tolist() == expected["terms"]
    assert fitted["integers"].transform([[7, 1, 9]]).indices.tolist() == [1, 7]
    X = fitted["vectorizer"].transform(expected["wires"])
    if "counted" in fitted:  # from format 2 on
        counted = fitted["counted"].partial_fit(expected["wires"][:1])
        assert set(counted.vocabulary_) == set(expected["terms"])
        weighted = fitted["weights"].transform(X[:3]).toarray()
        assert_allclose(weighted, expected["weights"], rtol=1e-6)
    for name in ("topic", "binary"):
        classifier = fitted[name]
        assert classifier.classes_.tolist() == expected[name]["classes"]
        assert_allclose(
            classifier.predict_proba(X), expected[name]["probabilities"], rtol=1e-5, atol=1e-6
        )
        assert classifier.history_ == expected[name]["history"]
        assert classifier.best_epoch_ == expected[name]["best_epoch"]
    assert fitted["topic"].stages_.tolist() == [1, 3]
    stages = [probabilities[0] for probabilities in fitted["topic"].staged_predict_proba(X)]
    assert_allclose(stages, expected["stages"], rtol=1e-5, atol=1e-6)


def test_training_continues_from_a_pinned_pickle(pinned):
    fitted, expected = pinned
    X = fitted["vectorizer"].transform(expected["wires"])
    more = fitted["binary"].partial_fit(X, expected["grain"])
    assert more.n_iter_ == 4
    assert_allclose(more.history_["loss"][-1], expected["loss after one more epoch"], rtol=1e-4)


def test_newer_format_says_which_version_wrote_it(pipeline, monkeypatch):
    with monkeypatch.context() as later:
        later.setattr(_persistence, "FORMAT", _persistence.FORMAT + 1)
        later.setattr(_persistence, "__version__", "7.3")
        saved = [pickle.dumps(step) for _, step in pipeline.steps]
    for step in saved:
        with pytest.raises(ValueError, match=r"saved by sklearn_textnn 7\.3, in .* upgrade"):
            pickle.loads(step)


def test_parameter_that_an_older_format_lacks_gets_its_default(pipeline, monkeypatch):
    states = [step.__getstate__() for _, step in pipeline.steps]
    monkeypatch.setattr(_persistence, "FORMAT", _persistence.FORMAT + 1)
    for (_, step), state, parameter in zip(
        pipeline.steps, states, ("lowercase", "dropout"), strict=True
    ):
        del state[parameter]
        older = _bare(step)
        older.__setstate__(state)
        default = type(step)().get_params()[parameter]
        assert older.get_params() == step.get_params() | {parameter: default}
        assert vars(older).keys() == vars(step).keys() - {"_model"}


def test_number_of_the_format_is_not_an_attribute(pipeline):
    for _, step in pickle.loads(pickle.dumps(pipeline)).steps:
        assert not [name for name in vars(step) if name.startswith("_sklearn_textnn")]


# Complete or not at all


def _bare(estimator):
    """Return an object as pickle makes it, before its state is set."""
    return type(estimator).__new__(type(estimator))


def _learned(estimator):
    parameters = estimator.get_params()
    names = estimator.__getstate__().keys() - parameters.keys()
    return [name for name in names if not name.startswith("_sklearn_textnn")]


def test_state_without_one_of_its_parts_is_refused(pipeline):
    for _, step in pipeline.steps:
        whole = step.__getstate__()
        required = [*step.get_params(), *_learned(step)]
        assert len(required) > len(step.get_params()) + 2
        for name in required:
            loaded = _bare(step)
            part = {key: value for key, value in whole.items() if key != name}
            with pytest.raises(ValueError, match="cannot be loaded, because what was saved"):
                loaded.__setstate__(part)
            assert not vars(loaded), name


def _changed(state, name, change):
    state = copy.deepcopy(state)
    value = change(state[name])
    return state if value is None else state | {name: value}


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("classes_", lambda classes: classes[:1], "at least 2 classes"),
        ("classes_", lambda classes: np.append(classes, classes), "classes|binary"),
        ("classes_", lambda classes: classes[::-1], "not sorted"),
        ("classes_", lambda classes: classes.tolist(), "damaged"),
        ("n_features_in_", lambda n: n + 1, "more or fewer features"),
        ("coefs_", lambda coefs: coefs[:-1], "damaged"),
        ("coefs_", lambda coefs: coefs[::-1], "not those of layers of"),
        ("coefs_", lambda coefs: [coef.astype(np.float64) for coef in coefs], "not all float32"),
        ("coefs_", lambda coefs: [coef * np.inf for coef in coefs], "not all finite"),
        ("coefs_", lambda coefs: [coef.tolist() for coef in coefs], "damaged"),
        ("intercepts_", lambda intercepts: intercepts[1:], "damaged"),
        ("stages_", lambda stages: stages[:-1], "the epochs in stages_"),
        ("_stage_weights", lambda kept: {1: [], 2: [], 3: []}, "not those of layers of"),
        ("_architecture", lambda parts: parts | {"activation": "eval"}, "no activation 'eval'"),
        ("_architecture", lambda parts: parts | {"units": (4, 4)}, "damaged"),
        ("_training_state", lambda state: state.pop("order_seed") and None, "lacks order_seed"),
        ("_sklearn_textnn_format", lambda number: "one", "'one' is not the number of a format"),
        ("_sklearn_textnn_format", lambda number: 0, "0 is not the number of a format"),
    ],
)
def test_classifier_whose_parts_do_not_fit_together_is_refused(pipeline, name, change, message):
    loaded = _bare(pipeline[-1])
    with pytest.raises(ValueError, match=message):
        loaded.__setstate__(_changed(pipeline[-1].__getstate__(), name, change))
    assert not vars(loaded)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("input_kind_", lambda kind: "integers", "do not fit together"),
        ("input_kind_", lambda kind: "speech", "speech"),
        ("vocabulary_", lambda vocabulary: vocabulary.update(wheat=0), "one column each"),
        ("vocabulary_", lambda vocabulary: [*vocabulary], "damaged"),
        ("_n_features_out", lambda n: n + 1, "one column each"),
    ],
)
def test_vectorizer_whose_parts_do_not_fit_together_is_refused(pipeline, name, change, message):
    loaded = _bare(pipeline[0])
    with pytest.raises(ValueError, match=message):
        loaded.__setstate__(_changed(pipeline[0].__getstate__(), name, change))
    assert not vars(loaded)


def test_state_with_an_attribute_that_hides_a_method_is_refused(pipeline):
    for _, step in pipeline.steps:
        loaded = _bare(step)
        with pytest.raises(ValueError, match=r"would hide .* get_params"):
            loaded.__setstate__(step.__getstate__() | {"get_params": len})
        assert not vars(loaded)


@pytest.mark.parametrize("estimator", [MultiHotVectorizer, KerasTopicClassifier])
def test_illegal_parameters_of_an_unfitted_estimator_are_kept(estimator):
    parameter = "min_df" if estimator is MultiHotVectorizer else "epochs"
    loaded = pickle.loads(pickle.dumps(estimator(**{parameter: -3})))
    assert loaded.get_params() == estimator(**{parameter: -3}).get_params()


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("_target_form", lambda form: form | {"container": "list"}, "no indicators like"),
        ("_target_form", lambda form: form | {"dtype": "object"}, "no indicators like"),
        ("_target_form", lambda form: {}, "damaged"),
        ("classes_", lambda classes: np.zeros_like(classes), "not distinct"),
        (
            "_architecture",
            lambda parts: parts | {"loss": "categorical_crossentropy"},
            "no sigmoid for each topic",
        ),
        ("_target_form", None, "the form of the topics is missing"),
    ],
)
def test_topics_whose_parts_do_not_fit_together_are_refused(name, change, message):
    classifier = KerasTopicClassifier(4, epochs=1, random_state=0)
    classifier.fit(np.eye(4), [[1, 0, 1], [0, 1, 1], [0, 0, 0], [1, 0, 0]])
    state = classifier.__getstate__()
    assert_array_equal(pickle.loads(pickle.dumps(classifier)).predict([[1, 0, 0, 0]]).shape, (1, 3))
    state = _changed(state, name, change) if change else state
    if change is None:
        del state[name]
    loaded = _bare(classifier)
    with pytest.raises(ValueError, match=message):
        loaded.__setstate__(state)
    assert not vars(loaded)
