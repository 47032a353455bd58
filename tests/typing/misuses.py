"""What a type checker must refuse, one mistake a line. Nothing runs it."""

import numpy as np

import sklearn_textnn
from sklearn_textnn import (
    EpochGridSearchCV,
    KerasBinaryReviewClassifier,
    MultiHotVectorizer,
    TrainingCurveDisplay,
    training_curve,
)
from sklearn_textnn.datasets import load_bbc_news


def misuses() -> None:
    MultiHotVectorizer(num_words="many")
    MultiHotVectorizer(analyzer="words")
    MultiHotVectorizer(ngram_range=2)
    MultiHotVectorizer(handle_unknown="drop")
    MultiHotVectorizer(numwords=10)
    MultiHotVectorizer().fit(3)
    MultiHotVectorizer().vocabulary_["film"]
    KerasBinaryReviewClassifier(epochs="20")
    KerasBinaryReviewClassifier(16, 16)
    KerasBinaryReviewClassifier(activation="RELU")
    KerasBinaryReviewClassifier(monitor="loss_val")
    KerasBinaryReviewClassifier(callbacks=["stop"])
    KerasBinaryReviewClassifier(random_state=np.random.default_rng(0))
    KerasBinaryReviewClassifier().fit(np.eye(2))
    KerasBinaryReviewClassifier().history_["loss"].lower()
    EpochGridSearchCV(KerasBinaryReviewClassifier())
    EpochGridSearchCV(KerasBinaryReviewClassifier(), {"epochs": [1, 2]}, error_score="warn")
    TrainingCurveDisplay([1, 2], [0.5, 0.4])
    training_curve(KerasBinaryReviewClassifier(), np.eye(2))
    load_bbc_news(return_X_y=True).target
    sklearn_textnn.KerasTopicClasifier
