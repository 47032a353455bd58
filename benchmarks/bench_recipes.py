"""What does each part of the recipes add? One change at a time, on validation data.

The recipes are those of the user guide (`_contenders.recipe`). Each is trained on four fifths of
the training documents of a corpus, and scored on the last fifth, after each epoch. The page has the
best score over the epochs, of the mean over the seeds. Test documents are not used.

    python benchmarks/bench_recipes.py [number of seeds, default 5] [corpora, default all]
"""

import sys
import warnings

import numpy as np
from _contenders import recipe
from _corpora import CORPORA, DESCRIPTIONS, kind_of, validation_fold
from _report import Report, rounds_given
from sklearn.base import clone
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.metrics import f1_score

# Of IMDB, this many of the training reviews are used, so that the page takes less than an hour.
MOST_DOCUMENTS = 12_500


def optimizers(learning_rate, n_steps):
    """Return changes of the optimizer. They update every row of the first kernel in each step."""
    import keras

    decay = keras.optimizers.schedules.CosineDecay(2 * learning_rate, n_steps)
    return {
        "Adam": "adam",
        "AdamW, weight decay 0.004": keras.optimizers.AdamW(learning_rate, weight_decay=0.004),
        "average of the weights (`use_ema`)": keras.optimizers.RMSprop(learning_rate, use_ema=True),
        "cosine decay of the learning rate": keras.optimizers.RMSprop(decay),
    }


def variants(pipeline, n_rows, n_epochs):
    """Return changes of a recipe by name, each a dict of parameters of the pipeline."""
    params = pipeline.get_params()
    rate, units, batch_size = (
        params[f"classifier__{name}"] for name in ("learning_rate", "units", "batch_size")
    )
    other_norm = None if params["weights__norm"] else "l2"
    pairs, words = (1, 2), (1, 1)
    n_grams = words if params["vectorizer__ngram_range"] != words else pairs
    changes = {
        "the recipe": {},
        "weights: none": {"weights": "passthrough"},
        "weights: tf-idf": {"weights": TfidfTransformer(sublinear_tf=True)},
        f"weights: norm {other_norm}": {"weights__norm": other_norm},
        "weights: alpha 0.1": {"weights__alpha": 0.1},
        f"n-grams: {n_grams[0]} to {n_grams[1]}": {"vectorizer__ngram_range": n_grams},
        "units: 16": {"classifier__units": 16},
        "units: four times as many": {"classifier__units": 4 * units},
        "units: a second layer": {"classifier__units": (units, units)},
        "units: no hidden layer": {"classifier__units": ()},
        "dropout: none": {"classifier__dropout": 0.0},
        "dropout: 0.8": {"classifier__dropout": 0.8},
        "learning rate: a third": {"classifier__learning_rate": rate / 3},
        "learning rate: three times": {"classifier__learning_rate": rate * 3},
        "batches of 16": {"classifier__batch_size": 16},
        "batches of 512": {"classifier__batch_size": 512},
    }
    n_steps = n_epochs * -(-n_rows // batch_size)
    return changes | {
        f"optimizer: {name}": {"classifier__optimizer": optimizer}
        for name, optimizer in optimizers(rate, n_steps).items()
    }


def scores(pipeline, n_epochs, n_seeds, documents, y, held_out, y_held_out):
    """Return the score on the held-out documents, for each seed and epoch; also of their mean.

    The last row is for the mean of the probabilities of all seeds.
    """
    vectors = pipeline[:-1]
    X, X_held_out = vectors.fit_transform(documents, y), vectors.transform(held_out)
    found, probabilities = [], 0
    for seed in range(n_seeds):
        classifier = clone(pipeline[-1]).set_params(
            random_state=seed, epochs=n_epochs, stages="all"
        )
        classifier.fit(X, y)
        of_epochs = np.array([*classifier.staged_predict_proba(X_held_out)])
        found.append([score(classifier, y_held_out, P) for P in of_epochs])
        probabilities = probabilities + of_epochs / n_seeds
    return np.array([*found, [score(classifier, y_held_out, P) for P in probabilities]])


def score(classifier, y, probabilities):
    if y.ndim == 2:
        return f1_score(y, probabilities > 0.5, average="micro", zero_division=0)
    return np.mean(classifier.classes_[probabilities.argmax(axis=1)] == y)


def measure(corpus, n_seeds):
    """Return the best score of each variant on a corpus, and the best one of the mean of seeds."""
    documents, y, _, _ = CORPORA[corpus]()
    kind = kind_of(documents, y)
    chosen = np.random.RandomState(1).permutation(len(documents))[:MOST_DOCUMENTS]
    documents, y = [documents[i] for i in chosen], y[chosen]
    held_out = validation_fold(y).test_fold == 0
    parts = [d for d, out in zip(documents, held_out, strict=True) if not out], y[~held_out]
    parts += [d for d, out in zip(documents, held_out, strict=True) if out], y[held_out]
    pipeline, grid = recipe(kind, 0)
    n_epochs = max(grid["classifier__epochs"])
    results = {}
    for name, change in variants(pipeline, len(parts[0]), n_epochs).items():
        if kind == "reviews" and name.startswith("optimizer"):
            continue  # each step would update hundreds of thousands of rows
        of_seeds = scores(clone(pipeline).set_params(**change), n_epochs, n_seeds, *parts)
        means = of_seeds[:-1].mean(axis=0)
        best = means.argmax()
        results[name] = (means[best], of_seeds[:-1, best].std(), best + 1)
        if not change:
            best = of_seeds[-1].argmax()
            results["the mean of all seeds"] = (of_seeds[-1, best], 0, best + 1)
        print(corpus, name, *results[name], flush=True)
    return results


def main(n_seeds, corpora):
    report = Report(
        "Recipes", "scikit-learn", "tensorflow", "keras", data=[DESCRIPTIONS[c] for c in corpora]
    )
    results = {corpus: measure(corpus, n_seeds) for corpus in corpora}
    report.text(
        f"Accuracy, for Reuters with all its topics micro-averaged F1, on a fifth of the training "
        f"documents that was held out: the mean of {n_seeds} seeds after the epoch with the best "
        f"mean, and this epoch. Of IMDB, {MOST_DOCUMENTS:,} reviews are used. The standard "
        "deviation over the seeds is "
        + ", ".join(f"{found['the recipe'][1]:.3f} ({name})" for name, found in results.items())
        + "."
    )
    names = list(dict.fromkeys(name for found in results.values() for name in found))
    report.table(
        ("", *corpora),
        [(name, *(_cell(found.get(name)) for found in results.values())) for name in names],
    )
    report.write()


def _cell(found):
    return "" if found is None else f"{found[0]:.3f} ({found[2]})"


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(rounds_given(), sys.argv[2:] or list(CORPORA))
