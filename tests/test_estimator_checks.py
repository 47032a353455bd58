"""scikit-learn's own checks: classifiers with their defaults and other settings, a transformer, a
search.

`checks_that_cannot_pass` lists the checks that a setting excludes, with the reason. All other
checks pass with all settings.
"""

import pytest
import sklearn
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks

from sklearn_textnn import (
    EpochGridSearchCV,
    KerasBinaryReviewClassifier,
    KerasTopicClassifier,
    LogCountRatioTransformer,
)

SAMPLE_WEIGHT = (
    "check_sample_weight_equivalence_on_dense_data",
    "check_sample_weight_equivalence_on_sparse_data",
)
PARTIAL_FIT = (
    "check_fit_score_takes_y",
    "check_n_features_in_after_fitting",
    "check_estimators_partial_fit_n_features",
)

# Few settings, which together have every parameter that changes how a network is trained.
SETTINGS = [
    KerasBinaryReviewClassifier(
        8, l2=1e-3, class_weight="balanced", stages="all", optimizer="adam", learning_rate=0.02
    ),
    KerasTopicClassifier(
        16, l2=1e-3, loss="sparse_categorical_crossentropy", activation="tanh", learning_rate=0.05
    ),
    KerasBinaryReviewClassifier(
        8, epochs=5, batch_size=1, dropout=0.5, warm_start=True, optimizer="sgd", learning_rate=0.05
    ),
    KerasBinaryReviewClassifier(
        8,
        validation_fraction=0.25,
        epoch_selection="val_accuracy",
        stages="all",
        learning_rate=0.02,
    ),
    KerasTopicClassifier(
        (),
        class_weight="balanced",
        early_stopping=True,
        monitor="loss",
        patience=5,
        learning_rate=0.1,
    ),
    KerasBinaryReviewClassifier(
        (), batch_size=32, validation_fraction=0.25, early_stopping=True, learning_rate=0.02
    ),
]

# The other optimizers of Keras, with learning rates of their scale.
OPTIMIZERS = {
    "adadelta": 1.0,
    "adafactor": 0.1,
    "adagrad": 0.1,
    "adamax": 0.01,
    "adamw": 0.01,
    "ftrl": 0.1,
    "lamb": 0.01,
    "lion": 0.01,
    "muon": 0.01,
    "nadam": 0.01,
    "schedulefreeadamw": 0.1,
}
# The checks that depend on the optimizer: float32 and float64 data, float64 weights, fitting again.
CHECKS_OF_OPTIMIZERS = (
    "check_estimators_dtypes",
    "check_sample_weight_equivalence_on_dense_data",
    "check_fit_idempotent",
)


def checks_that_cannot_pass(estimator):
    """Return the names of the checks that a setting excludes, and the reason for each."""
    expected = {}
    if isinstance(estimator, KerasBinaryReviewClassifier) and before_1_7():
        expected |= dict.fromkeys(
            SAMPLE_WEIGHT,
            "scikit-learn 1.6 names the two classes after the first row, but shuffles only one of"
            " the two data sets that it compares, so that it compares inverted labels",
        )
    if estimator.batch_size < 100:
        expected |= dict.fromkeys(
            SAMPLE_WEIGHT,
            "weights count relative to the other rows of a batch, and repeated rows come in other"
            " batches",
        )
    if estimator.batch_size == 1:
        expected["check_class_weight_classifiers"] = (
            "weights count relative to the other rows of a batch, and there are none"
        )
    if estimator.dropout:
        expected |= dict.fromkeys(SAMPLE_WEIGHT, "dropout differs between repeated rows")
    if estimator.validation_fraction is not None:
        expected |= dict.fromkeys(
            SAMPLE_WEIGHT, "of repeated rows, some are held out and others are not"
        )
        if estimator.epoch_selection is not None or estimator.early_stopping:
            expected["check_class_weight_classifiers"] = (
                "validation chooses the epoch without class weights"
            )
    if (
        estimator.validation_fraction is not None
        or estimator.early_stopping
        or estimator.class_weight == "balanced"
    ):
        expected |= dict.fromkeys(
            PARTIAL_FIT, "partial_fit refuses a parameter that needs all the rows at once"
        )
    return expected


def before_1_7():
    return tuple(map(int, sklearn.__version__.split(".")[:2])) < (1, 7)


def checks_of_optimizers():
    """Return an estimator and a check for each optimizer and each check that depends on it."""
    tests = []
    for optimizer, learning_rate in OPTIMIZERS.items():
        estimator = KerasBinaryReviewClassifier(
            4, epochs=3, optimizer=optimizer, learning_rate=learning_rate
        )
        for of_estimator, check in estimator_checks_generator(estimator):
            name = check.func.__name__
            if name in CHECKS_OF_OPTIMIZERS and name not in checks_that_cannot_pass(estimator):
                tests.append(pytest.param(of_estimator, check, id=f"{optimizer}-{name}"))
    return tests


@pytest.mark.moves_generators  # some checks fit with random_state=None
@pytest.mark.filterwarnings("ignore:a hidden layer of:UserWarning:sklearn_textnn")
@parametrize_with_checks(
    [KerasBinaryReviewClassifier(), KerasTopicClassifier()],
    expected_failed_checks=checks_that_cannot_pass,
)
def test_check_with_defaults(estimator, check):
    check(estimator)


# With warm_start=True, a check that fits twice asks for no more epochs the second time.
@pytest.mark.moves_generators
@pytest.mark.filterwarnings("ignore:a hidden layer of:UserWarning:sklearn_textnn")
@pytest.mark.filterwarnings("ignore:warm_start=True with epochs:UserWarning")
@parametrize_with_checks(SETTINGS, expected_failed_checks=checks_that_cannot_pass)
def test_check_with_other_settings(estimator, check):
    check(estimator)


@pytest.mark.moves_generators
@pytest.mark.parametrize(("estimator", "check"), checks_of_optimizers())
def test_check_with_every_optimizer(estimator, check):
    import keras

    if estimator.optimizer not in map(str.lower, vars(keras.optimizers)):
        pytest.skip(f"Keras {keras.__version__} has no optimizer {estimator.optimizer}")
    check(estimator)


@pytest.mark.moves_generators  # a check draws rows with the global generator
@parametrize_with_checks(
    [LogCountRatioTransformer(), LogCountRatioTransformer(norm=None, sublinear_tf=True, alpha=0.1)]
)
def test_check_of_a_transformer(estimator, check):
    check(estimator)


# A search warns of fits and scores that fail, and some checks use data for which they do.
@pytest.mark.moves_generators
@pytest.mark.filterwarnings("ignore:a hidden layer of:UserWarning:sklearn_textnn")
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning:sklearn")
@pytest.mark.filterwarnings("ignore:Scoring failed:UserWarning:sklearn")
@pytest.mark.filterwarnings("ignore:One or more of the test scores:UserWarning:sklearn")
@pytest.mark.filterwarnings("ignore:The least populated class:UserWarning:sklearn")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
@parametrize_with_checks(
    [
        EpochGridSearchCV(
            KerasTopicClassifier(16, learning_rate=0.05, random_state=0), {"epochs": [1, 10]}, cv=2
        )
    ]
)
def test_check_of_a_search(estimator, check):
    check(estimator)
