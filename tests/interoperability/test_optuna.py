"""Optuna: a search over the parameters of a pipeline, and pruning after each epoch."""

import keras
import pytest
from newswires import wires
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from sklearn_textnn import KerasTopicClassifier, MultiHotVectorizer

optuna = pytest.importorskip("optuna")

DOCUMENTS, TOPICS = wires(90, 0)


@pytest.fixture(autouse=True)
def _quiet():
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    yield
    optuna.logging.set_verbosity(verbosity)


def test_search_finds_the_learning_rate_that_learns():
    def objective(trial):
        rate = trial.suggest_categorical("learning_rate", [1e-6, 1e-2])
        classifier = KerasTopicClassifier(8, epochs=20, learning_rate=rate, random_state=0)
        pipeline = make_pipeline(MultiHotVectorizer(), classifier)
        return cross_val_score(pipeline, DOCUMENTS, TOPICS, cv=2).mean()

    study = optuna.create_study(
        direction="maximize", sampler=optuna.samplers.GridSampler({"learning_rate": [1e-6, 1e-2]})
    )
    study.optimize(objective, n_trials=2)
    assert study.best_params == {"learning_rate": 1e-2}
    assert study.best_value > 0.9


class Prune(keras.callbacks.Callback):
    """Report the validation loss after each epoch, and end a trial that is not promising."""

    def __init__(self, trial):
        super().__init__()
        self.trial = trial

    def on_epoch_end(self, epoch, logs=None):
        self.trial.report(logs["val_loss"], epoch)
        if self.trial.should_prune():
            raise optuna.TrialPruned


def test_callback_prunes_a_training_and_leaves_the_classifier_as_it_was():
    X = MultiHotVectorizer().fit_transform(DOCUMENTS)
    tried = []

    def objective(trial):
        classifier = KerasTopicClassifier(
            8,
            epochs=10,
            learning_rate=[1e-2, 1e-6][trial.number],
            validation_fraction=0.3,
            callbacks=[Prune(trial)],
            random_state=0,
        )
        tried.append(classifier)
        return classifier.fit(X, TOPICS).history_["val_loss"][-1]

    pruner = optuna.pruners.MedianPruner(n_startup_trials=1, n_warmup_steps=4)
    study = optuna.create_study(direction="minimize", pruner=pruner)
    study.optimize(objective, n_trials=2)
    assert [trial.state.name for trial in study.trials] == ["COMPLETE", "PRUNED"]
    assert len(study.trials[1].intermediate_values) == 5
    assert not hasattr(tried[1], "coefs_")


def test_trial_is_pruned_between_calls_of_partial_fit():
    X = MultiHotVectorizer().fit_transform(DOCUMENTS)
    reached = []

    def objective(trial):
        rate = [1e-2, 1e-6][trial.number]
        classifier = KerasTopicClassifier(8, learning_rate=rate, random_state=0)
        for epoch in range(10):
            classifier.partial_fit(X, TOPICS, classes=sorted(set(TOPICS)))
            trial.report(classifier.history_["loss"][-1], epoch)
            if trial.should_prune():
                reached.append(classifier.n_iter_)
                raise optuna.TrialPruned
        reached.append(classifier.n_iter_)
        return classifier.history_["loss"][-1]

    pruner = optuna.pruners.MedianPruner(n_startup_trials=1, n_warmup_steps=4)
    study = optuna.create_study(direction="minimize", pruner=pruner)
    study.optimize(objective, n_trials=2)
    assert reached == [10, 5]
