"""The rule by which training stops early."""


def early_stopping_rule(classifier):
    """Return the arguments of `keras.callbacks.EarlyStopping`, or None.

    Parameters
    ----------
    classifier : BaseKerasTextClassifier

    Returns
    -------
    dict or None
    """
    if not classifier.early_stopping:
        return None
    return {
        "monitor": classifier.monitor,
        "patience": int(classifier.patience),
        "mode": "max" if classifier.monitor.endswith("accuracy") else "min",
        "restore_best_weights": True,
    }
