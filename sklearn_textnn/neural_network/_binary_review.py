"""KerasBinaryReviewClassifier: two classes, one sigmoid."""

import numpy as np
from sklearn.utils.multiclass import type_of_target

from . import _forward
from ._base import BaseKerasTextClassifier


class KerasBinaryReviewClassifier(BaseKerasTextClassifier):
    """Two classes from multi-hot vectors, by a small dense Keras network with one sigmoid.

    The documented network for the polarity of movie reviews [1]_: two hidden layers of 16 relu
    units, one sigmoid, binary cross-entropy, RMSprop.

    :class:`~sklearn.linear_model.LogisticRegression` on the same vectors is as accurate on a few
    thousand reviews, trains faster, and has one coefficient a word to look at: start with it.

    Parameters
    ----------
    units : int or sequence of int, default=(16, 16)
        Width of each hidden layer. An int is one layer, `()` none. Wider or more layers fit the
        training rows sooner, and overfit them sooner.
    epochs : int, default=20
        Passes over the training rows. With `epoch_selection` or `early_stopping`, the most there
        may be. The order of the rows in an epoch depends on `random_state` and on the epoch alone,
        so that stopping a longer training after n epochs gives the weights of training n.
    batch_size : int, default=512
        Rows of one update of the weights; the last batch of an epoch holds what is left. Fewer rows
        make more and noisier updates, and an epoch slower; 512 suits thousands of rows.
    optimizer : str or keras.optimizers.Optimizer, default="rmsprop"
        A Keras optimizer by name, or an instance, which is copied and not changed.
    learning_rate : float, default=1e-3
        Step size of an optimizer given by name. An instance brings its own.
    activation : {"elu", "gelu", "leaky_relu", "linear", "relu", "selu", "sigmoid", "silu", \
            "softplus", "softsign", "tanh"}, default="relu"
        Activation of the hidden layers, as Keras defines it.
    dropout : float in [0, 1), default=0.0
        Fraction of each hidden layer's outputs that is set to zero, at random, while training [3]_.
    l2 : float, default=0.0
        Weight of the sum of the squares of every kernel, the output layer's included, in the loss,
        which is reported with it. Biases are left out.
    class_weight : dict or "balanced", default=None
        Weights of the classes in training, by label; "balanced" makes them inversely proportional
        to the classes' frequencies. They multiply `sample_weight`. Validation does not use them.
    validation_fraction : float in (0, 1), default=None
        Fraction of the rows of `fit` to hold out, stratified by class, for validation after each
        epoch. None holds nothing out, and `X_val`, `y_val` of `fit` go before it.
    early_stopping : bool, default=False
        Whether to stop when `monitor` has not improved for `patience` epochs, and to go back to the
        weights of its best epoch, as `keras.callbacks.EarlyStopping` does with
        `restore_best_weights=True`.
    patience : int, default=2
        Epochs without improvement after which `early_stopping` stops: the first one at which that
        many have passed. 0 stops at the first without improvement, as 1 does.
    monitor : {"val_loss", "val_accuracy", "loss", "accuracy"}, default="val_loss"
        What `early_stopping` watches, and what `best_epoch_` is the best epoch of.
    epoch_selection : {"val_loss", "val_accuracy"}, default=None
        With a metric, `fit` does the documents' whole procedure: it trains for `epochs` on the rows
        that are not held out, finds the epoch at which the metric on the held-out rows was best,
        the earliest of equals, and then trains from scratch for that many epochs on every row,
        those held out included. That costs up to twice the time of one training. None keeps the
        network of the last epoch.
    callbacks : list of keras.callbacks.Callback, default=None
        Keras callbacks. Training gets shallow copies, so that their attributes stay as they are.
        With `epoch_selection` they take part in both trainings, but for those whose `monitor`
        begins with `"val_"`, in the first one only. Hooks of validation batches are not called.
    warm_start : bool, default=False
        Whether `fit` goes on from the network, the optimizer's state and the epoch of the fit
        before, up to `epochs` in all. On the same rows that equals one longer fit exactly, where no
        callback has changed the learning rate. It does not go with `epoch_selection` or
        `early_stopping`.
    stages : "all" or array-like of int, default=None
        Epochs, counted from 1, after which to keep the weights, for `staged_predict_proba`,
        `staged_predict` and `staged_score`. Each one costs the size of the weights; those that
        training does not reach are not kept. With `epoch_selection`, of the training on all rows.
    verbose : int, default=0
        As in `keras.Model.fit`: 0 is silent, 1 draws Keras's progress bar, 2 prints a line an
        epoch.
    random_state : int, RandomState instance or None, default=None
        Decides on the initial weights, the order of the rows, the hold-out and dropout. With an
        int, `fit` gives the same network in every process and thread, whatever else they have
        drawn. None takes its seeds from NumPy's global generator, as everywhere in scikit-learn.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    n_features_in_ : int
        Number of features seen by `fit`.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, where `X` had names that are all strings.
    history_ : dict of list of float
        "loss" and "accuracy" of each epoch and, where rows were held out, "val_loss" and
        "val_accuracy", as in `keras.Model.fit`: the first two are means over the batches while they
        are trained on. With `epoch_selection`, the history of the first training.
    n_iter_ : int
        Epochs that the network was trained; with `epoch_selection`, those of the training on all
        rows; with `early_stopping`, those until it stopped.
    best_epoch_ : int or None
        The best epoch, counted from 1, by `epoch_selection` or else by `monitor`; the earliest of
        equals. None where no rows were held out.
    stages_ : ndarray of int of shape (n_stages,)
        The epochs whose weights were kept, in their order. Only with `stages`.
    coefs_ : list of ndarray of shape (fan_in, fan_out)
        Kernel of each layer.
    intercepts_ : list of ndarray of shape (fan_out,)
        Bias of each layer.
    model_ : keras.Model
        The network as a compiled Keras model, built when it is first asked for.

    See Also
    --------
    KerasTopicClassifier : Two classes or more, with a softmax.
    MultiHotVectorizer : Turns documents into the vectors.
    TrainingCurveDisplay : Draws `history_`.

    Notes
    -----
    The network is a plain Keras model, compiled with Keras's loss and optimizer and trained on the
    CPU batch by batch from CSR: no dense (n_samples, n_features) array is made. Initial weights
    are Glorot-uniform [2]_, biases zero. The numbers are float32, unless `X` is float64, which is
    then kept, as in :class:`~sklearn.neural_network.MLPClassifier`, and takes about twice the
    time.

    Rows are weighted within their batch: the loss of a batch is the weighted mean of its rows'
    losses. Doubling a weight is thus the same as repeating the row where one batch holds all rows.

    Predicting takes NumPy and SciPy only. A pickle holds arrays (the weights and the optimizer's
    state) and plain Python, and loads and predicts without importing TensorFlow, unless parameters
    hold objects of Keras: an optimizer instance or callbacks. `model_` is built when asked for.

    References
    ----------
    .. [1] F. Chollet, "Deep Learning with Python", 2nd edition, Manning, 2021, chapter 4: the
       network, its training and its defaults.
    .. [2] X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward
       neural networks", AISTATS 2010: the initial weights.
    .. [3] N. Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from
       Overfitting", JMLR 15, 2014.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_textnn import KerasBinaryReviewClassifier, MultiHotVectorizer
    >>> reviews = ["a fine film", "a dull film", "fine acting", "dull acting"] * 5
    >>> classifier = KerasBinaryReviewClassifier(epochs=30, learning_rate=0.05, random_state=0)
    >>> pipeline = make_pipeline(MultiHotVectorizer(), classifier)
    >>> pipeline.fit(reviews, ["good", "bad", "good", "bad"] * 5).predict(["fine", "dull"])
    array(['good', 'bad'], dtype='<U4')
    """

    def __init__(
        self,
        units=(16, 16),
        *,
        epochs=20,
        batch_size=512,
        optimizer="rmsprop",
        learning_rate=1e-3,
        activation="relu",
        dropout=0.0,
        l2=0.0,
        class_weight=None,
        validation_fraction=None,
        early_stopping=False,
        patience=2,
        monitor="val_loss",
        epoch_selection=None,
        callbacks=None,
        warm_start=False,
        stages=None,
        verbose=0,
        random_state=None,
    ):
        super().__init__(
            units,
            epochs=epochs,
            batch_size=batch_size,
            optimizer=optimizer,
            learning_rate=learning_rate,
            activation=activation,
            dropout=dropout,
            l2=l2,
            class_weight=class_weight,
            validation_fraction=validation_fraction,
            early_stopping=early_stopping,
            patience=patience,
            monitor=monitor,
            epoch_selection=epoch_selection,
            callbacks=callbacks,
            warm_start=warm_start,
            stages=stages,
            verbose=verbose,
            random_state=random_state,
        )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    def _check_form(self, y):
        form = super()._check_form(y)
        if form.n_columns is not None:
            raise ValueError(
                f"KerasBinaryReviewClassifier takes one label for each row, and y has "
                f"{form.n_columns} columns; KerasTopicClassifier learns an indicator matrix with "
                "one network, MultiOutputClassifier(KerasBinaryReviewClassifier()) with one for "
                "each column"
            )
        return form

    def _check_classes(self, targets):
        super()._check_classes(targets)
        if targets.classes.size > 2:
            raise ValueError(
                "Only binary classification is supported. The type of the target is "
                f"{type_of_target(targets.classes, input_name='y')}."
            )

    def _loss(self, targets):
        return "binary_crossentropy"

    def _n_outputs(self, targets):
        return 1

    def _probabilities(self, logits):
        return np.hstack([_forward.sigmoid(-logits), _forward.sigmoid(logits)])

    def _log_probabilities(self, logits):
        return np.hstack([_forward.log_sigmoid(-logits), _forward.log_sigmoid(logits)])
