"""skops: files load without running code, and damaged files are refused."""

import io
import json
import zipfile

import numpy as np
import pytest
import skops.io
from numpy.testing import assert_allclose, assert_array_equal
from processes import run_python
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from skops.io.exceptions import UntrustedTypesFoundException
from skops_files import members, packed

import sklearn_textnn
from sklearn_textnn import (
    TRUSTED_TYPES,
    KerasBinaryReviewClassifier,
    KerasTopicClassifier,
    LogCountRatioTransformer,
    MultiHotVectorizer,
)
from sklearn_textnn._persistence import PersistentMixin

WIRES = ["wheat crop up", "oil price up", "bank rate up", "wheat price", "oil rate", "bank"] * 5
TOPICS = np.array(["grain", "crude", "money"] * 10)
SMALL = dict(units=4, epochs=2, batch_size=8, learning_rate=0.05, random_state=0)
SEQUENCES = [[1, 4], [2, 5], [3, 6], [1, 5, 4], [2, 6], [3]] * 5


def topic(**parameters):
    return KerasTopicClassifier(**SMALL | parameters)


def binary(**parameters):
    return KerasBinaryReviewClassifier(**SMALL | parameters)


def fitted(classifier, documents=WIRES, between=(), **parameters):
    """Return a fitted pipeline; its labels are topics or, for two classes, True and False."""
    labels = TOPICS if isinstance(classifier, KerasTopicClassifier) else TOPICS == "grain"
    pipeline = make_pipeline(MultiHotVectorizer(**parameters), *between, classifier)
    return pipeline.fit(documents, labels)


@pytest.fixture(scope="module")
def model():
    return fitted(topic(validation_fraction=0.2, epoch_selection="val_loss"))


@pytest.fixture(scope="module")
def saved(model):
    return skops.io.dumps(model)


def test_trusted_types_are_the_estimators_that_check_what_they_load():
    public = [getattr(sklearn_textnn, name) for name in sklearn_textnn.__all__]
    checking = [cls for cls in public if isinstance(cls, type) and issubclass(cls, PersistentMixin)]
    estimators = [name for name in TRUSTED_TYPES if name.startswith("sklearn_textnn.")]
    names = [f"{cls.__module__}.{cls.__name__}" for cls in checking]
    searches = [name for name in estimators if name.startswith("sklearn_textnn.model_selection.")]
    assert sorted(estimators) == sorted(names + searches)


@pytest.mark.parametrize(
    "make",
    [
        lambda: fitted(topic()),
        lambda: fitted(binary(optimizer="adam", stages="all", dropout=0.2)),
        lambda: fitted(topic(validation_fraction=0.2, epoch_selection="val_loss", l2=0.01)),
        lambda: fitted(binary(validation_fraction=0.2, early_stopping=True)),
        lambda: fitted(topic(units=np.array([4, 5]), epochs=np.int64(2)), dtype=np.float64),
        lambda: fitted(binary(units=(), random_state=np.random.RandomState(0))),
        lambda: fitted(topic(class_weight={"crude": 2.0, "grain": 1, "money": 1})),
        lambda: fitted(topic(stages=[1]), ngram_range=(1, 2), stop_words=["up"], min_df=2),
        lambda: fitted(topic(), vocabulary={"wheat": 1, "oil": 0, "bank": 2}),
        lambda: fitted(binary(class_weight={True: 2.0, False: 1.0}), SEQUENCES, num_words=7),
        lambda: fitted(topic(), [wire.split() for wire in WIRES], sparse_output=False),
        lambda: fitted(topic(stages="all"), between=[TfidfTransformer(sublinear_tf=True)]),
        lambda: fitted(binary(), between=[TfidfTransformer(norm="l1")], dtype=np.float64),
        lambda: fitted(topic(stages="all"), between=[LogCountRatioTransformer(sublinear_tf=True)]),
        lambda: fitted(binary(), between=[LogCountRatioTransformer(alpha=np.float32(0.5))]),
    ],
)
def test_only_our_own_estimators_need_trust(make):
    model = make()
    documents = WIRES
    if model[0].input_kind_ != "text":
        documents = SEQUENCES if model[0].vocabulary_ is None else [w.split() for w in WIRES]
    model[-1].model_  # noqa: B018 - a Keras model that was built must not be saved
    data = skops.io.dumps(model)
    assert set(skops.io.get_untrusted_types(data=data)) <= set(TRUSTED_TYPES)
    loaded = skops.io.loads(data, trusted=TRUSTED_TYPES)
    assert_array_equal(loaded.predict_proba(documents), model.predict_proba(documents))
    assert_array_equal(loaded.predict(documents), model.predict(documents))
    assert loaded[-1].history_ == model[-1].history_
    assert vars(loaded[-1]).keys() == vars(model[-1]).keys() - {"_model"}
    if model[-1].stages is not None:
        X = model[:-1].transform(documents)
        assert_array_equal([*loaded[-1].staged_predict(X)], [*model[-1].staged_predict(X)])


PREDICT_ELSEWHERE = """
import json, sys
import skops.io
from sklearn_textnn import TRUSTED_TYPES
pipeline = skops.io.load(sys.argv[1], trusted=TRUSTED_TYPES)
print(json.dumps(pipeline.predict_proba(sys.argv[2:]).tolist()))
assert not {"keras", "tensorflow"} & set(sys.modules), "TensorFlow was imported"
"""


@pytest.mark.parametrize(
    "between",
    [[], [TfidfTransformer()], [LogCountRatioTransformer()]],
    ids=["alone", "tf-idf", "log-count ratios"],
)
def test_loaded_pipeline_predicts_without_tensorflow(between, tmp_path):
    model = fitted(topic(), between=between)
    skops.io.dump(model, tmp_path / "model.skops")
    probabilities = json.loads(run_python(PREDICT_ELSEWHERE, tmp_path / "model.skops", *WIRES))
    assert_allclose(probabilities, model.predict_proba(WIRES), rtol=0, atol=1e-6)


def test_training_continues_from_a_file():
    model = fitted(binary(optimizer="adam", dropout=0.3))
    loaded = skops.io.loads(skops.io.dumps(model), trusted=TRUSTED_TYPES)
    X, y = model[0].transform(WIRES), TOPICS == "grain"
    for classifier in (model[-1], loaded[-1]):
        classifier.partial_fit(X, y)
    assert_array_equal(loaded.predict_proba(WIRES), model.predict_proba(WIRES))
    assert loaded[-1].history_ == model[-1].history_


def test_nothing_of_ours_loads_unless_it_is_trusted(saved):
    with pytest.raises(UntrustedTypesFoundException, match="KerasTopicClassifier"):
        skops.io.loads(saved)


def test_trusting_our_types_trusts_nothing_else():
    ran = []

    def analyzer(document):
        ran.append(document)
        return document.split()

    data = skops.io.dumps(fitted(topic(), analyzer=analyzer))
    ran.clear()
    with pytest.raises(UntrustedTypesFoundException, match="analyzer"):
        skops.io.loads(data, trusted=TRUSTED_TYPES)

    contents = members(skops.io.dumps(topic()))
    optimizer = contents["schema.json"]["content"]["content"]["optimizer"]
    optimizer.clear()
    optimizer.update({"__class__": "system", "__module__": "os", "__loader__": "FunctionNode"})
    with pytest.raises(UntrustedTypesFoundException, match=r"os\.system"):
        skops.io.loads(packed(contents), trusted=TRUSTED_TYPES)
    assert not ran


# Damage


def test_truncated_file_is_refused(saved):
    for length in (0, 1, len(saved) // 3, len(saved) // 2, len(saved) - 30, len(saved) - 1):
        with pytest.raises((zipfile.BadZipFile, EOFError)):
            skops.io.loads(saved[:length], trusted=TRUSTED_TYPES)


def test_changed_byte_is_refused_or_changes_no_prediction(model, saved, global_random_seed):
    rng = np.random.default_rng(global_random_seed)
    expected, refused = model.predict_proba(WIRES), 0
    for position in rng.integers(len(saved), size=150):
        changed = bytearray(saved)
        changed[position] ^= 1 << rng.integers(8)
        try:
            loaded = skops.io.loads(bytes(changed), trusted=TRUSTED_TYPES)
        except Exception:
            refused += 1
        else:  # the byte was, for example, in the date of a file in the archive
            assert_array_equal(loaded.predict_proba(WIRES), expected)
    assert refused > 75


def test_file_without_one_of_its_parts_is_refused(saved):
    whole = members(saved)
    for name in whole.keys() - {"schema.json"}:
        part = packed({other: content for other, content in whole.items() if other != name})
        with pytest.raises(KeyError, match="There is no item named"):
            skops.io.loads(part, trusted=TRUSTED_TYPES)


@pytest.mark.parametrize("estimator", ["topic", "vectorizer"])
def test_estimator_without_one_of_its_attributes_is_refused(model, estimator):
    data = skops.io.dumps(model[-1] if estimator == "topic" else model[0])
    whole = members(data)
    assert skops.io.loads(packed(whole), trusted=TRUSTED_TYPES).get_params()
    optional = {"_sklearn_textnn_version", "_replaced_by"}
    names = whole["schema.json"]["content"]["content"].keys() - optional
    for name in names:
        damaged = members(data)
        attributes = damaged["schema.json"]["content"]
        position = list(attributes["content"]).index(name)
        del attributes["content"][name], attributes["key_types"]["content"][position]
        with pytest.raises(ValueError, match="cannot be loaded"):
            skops.io.loads(packed(damaged), trusted=TRUSTED_TYPES)


def test_arrays_of_other_shapes_are_refused(model):
    damaged = members(skops.io.dumps(model[-1]))
    coefs = damaged["schema.json"]["content"]["content"]["coefs_"]["content"]
    buffer = io.BytesIO()
    np.save(buffer, np.ones((2, 2), dtype=np.float32))
    damaged[coefs[0]["file"]] = buffer.getvalue()
    with pytest.raises(ValueError, match="the weights"):
        skops.io.loads(packed(damaged), trusted=TRUSTED_TYPES)


def test_estimator_under_the_name_of_another_class_is_refused(model):
    for estimator, other in ((model[-1], model[0]), (LogisticRegression(), model[-1])):
        damaged = members(skops.io.dumps(estimator))
        damaged["schema.json"]["__class__"] = type(other).__name__
        damaged["schema.json"]["__module__"] = type(other).__module__
        with pytest.raises(ValueError, match=r"None is not the number|parameters are missing"):
            skops.io.loads(packed(damaged), trusted=TRUSTED_TYPES)


def test_newer_format_says_which_version_wrote_it(model):
    newer = members(skops.io.dumps(model[-1]))
    attributes = newer["schema.json"]["content"]["content"]
    version = attributes["_sklearn_textnn_version"]
    version["content"] = '"7.3"'
    # A node of its own: skops stores equal small numbers only once.
    attributes["_sklearn_textnn_format"] = version | {
        "content": "99",
        "__class__": "int",
        "__id__": 0,
    }
    with pytest.raises(ValueError, match=r"saved by sklearn_textnn 7\.3, in format 99"):
        skops.io.loads(packed(newer), trusted=TRUSTED_TYPES)
