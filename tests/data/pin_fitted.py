"""Write fitted estimators, and what they predict, for later releases to load.

To be run once for each number of the format, with the oldest packages that are supported:

    python tests/data/pin_fitted.py
"""

import copy
import json
import pickle
from pathlib import Path

from sklearn_textnn import (
    KerasBinaryReviewClassifier,
    KerasTopicClassifier,
    LogCountRatioTransformer,
    MultiHotVectorizer,
)
from sklearn_textnn._persistence import FORMAT

WIRES = ["wheat crop up", "oil price up", "bank rate up", "wheat price", "oil rate", "bank"] * 5
TOPICS = ["grain", "crude", "money"] * 10


def main():
    vectorizer = MultiHotVectorizer(ngram_range=(1, 2)).fit(WIRES)
    integers = MultiHotVectorizer(num_words=8).fit([[1, 2], [3, 7]])
    counted = MultiHotVectorizer(ngram_range=(1, 2)).partial_fit(WIRES[:3]).partial_fit(WIRES[3:])
    X = vectorizer.transform(WIRES)
    grain = [topic == "grain" for topic in TOPICS]
    shared = dict(epochs=3, batch_size=8, learning_rate=0.02, dropout=0.2, random_state=0)
    topic = KerasTopicClassifier(4, validation_fraction=0.2, stages=[1, 3], **shared)
    binary = KerasBinaryReviewClassifier((4, 3), optimizer="adam", **shared)
    fitted = {
        "vectorizer": vectorizer,
        "integers": integers,
        "counted": counted,
        "weights": LogCountRatioTransformer(alpha=0.5).fit(X, TOPICS),
        "topic": topic.fit(X, TOPICS),
        "binary": binary.fit(X.astype("float64"), grain),
    }
    expected = {"wires": WIRES, "grain": grain, "terms": [*vectorizer.get_feature_names_out()]}
    for name in ("topic", "binary"):
        expected[name] = {
            "classes": fitted[name].classes_.tolist(),
            "probabilities": fitted[name].predict_proba(X).tolist(),
            "history": fitted[name].history_,
            "best_epoch": fitted[name].best_epoch_,
        }
    expected["stages"] = [stage[0].tolist() for stage in topic.staged_predict_proba(X)]
    expected["weights"] = fitted["weights"].transform(X[:3]).toarray().tolist()
    more = copy.deepcopy(binary).partial_fit(X, grain)
    expected["loss after one more epoch"] = more.history_["loss"][-1]
    here = Path(__file__).parent / f"fitted_format_{FORMAT}"
    # NumPy 1 cannot read the arrays that NumPy 2 writes with protocol 5.
    here.with_suffix(".pickle").write_bytes(pickle.dumps(fitted, protocol=4))
    here.with_suffix(".json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
