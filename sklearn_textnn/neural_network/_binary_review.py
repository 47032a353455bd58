"""KerasBinaryReviewClassifier: two classes, one sigmoid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.utils.multiclass import type_of_target

from . import _forward
from ._base import BaseKerasTextClassifier

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Literal

    from keras.callbacks import Callback
    from keras.optimizers import Optimizer

    from .._typing import Activation, EpochSelection, Monitor, RandomState, Stages, Units


class KerasBinaryReviewClassifier(BaseKerasTextClassifier):
    """Two classes from multi-hot vectors, by a small dense Keras network with one sigmoid.

    The default is the network of the Keras tutorial [1]_ for the polarity of movie reviews: two
    hidden layers of 16 relu units, one sigmoid output, binary cross-entropy and RMSprop.

    On a few thousand reviews, :class:`~sklearn.linear_model.LogisticRegression` on the same vectors
    is as accurate, trains faster and has one coefficient for each word. Start with it.

    Parameters
    ----------
    units : int or sequence of int, default=(16, 16)
        Width of each hidden layer. An int means one layer, `()` none. Wider or more layers fit the
        training rows sooner, and overfit them sooner.
    epochs : int, default=20
        Passes over the training rows. With `epoch_selection` or `early_stopping` this is the upper
        limit. The order of the rows in an epoch depends only on `random_state` and the epoch.
        Training for n epochs therefore gives the same weights as the first n epochs of a longer
        training.
    batch_size : int, default=512
        Rows for one update of the weights. The last batch of an epoch holds the rest. Smaller
        batches make more and noisier updates, and an epoch takes longer. 512 suits tens of
        thousands of rows. With fewer, try 32 to 128.
    optimizer : str or keras.optimizers.Optimizer, default="rmsprop"
        The name of a Keras optimizer, or an instance, which is copied and not changed.
    learning_rate : float, default=1e-3
        Step size of an optimizer given by name. An instance has its own.
    activation : {"elu", "gelu", "leaky_relu", "linear", "relu", "selu", "sigmoid", "silu", \
            "softplus", "softsign", "tanh"}, default="relu"
        Activation of the hidden layers, as Keras defines it.
    dropout : float in [0, 1), default=0.0
        Fraction of each hidden layer's outputs that are set to zero, at random, in training [3]_.
    l2 : float, default=0.0
        Factor of the penalty in the loss, which is the sum of the squares of all kernels, including
        the output layer's. Biases are not penalized. The loss in `history_` includes the penalty.
    class_weight : dict or "balanced", default=None
        Weights of the classes in training, by label. A class that is not in the dict has weight 1,
        and rows of a class of weight 0 are not trained on. "balanced" makes the weights inversely
        proportional to the total `sample_weight` of each class. The weight of a row is its
        `sample_weight` times the weight of its class. Validation does not use class weights.
    validation_fraction : float in (0, 1), default=None
        Fraction of the rows of `fit` to hold out for validation after each epoch, stratified by
        class. A class with a single row stays in training, with a warning. None holds out nothing.
        `X_val` and `y_val` of `fit`, if given, take precedence.
    early_stopping : bool, default=False
        Whether to stop when `monitor` has not improved for `patience` epochs, and to restore the
        weights of its best epoch, like `keras.callbacks.EarlyStopping` with
        `restore_best_weights=True`.
    patience : int, default=2
        Number of epochs without improvement after which `early_stopping` stops. 0 stops after the
        first one, as 1 does.
    monitor : {"val_loss", "val_accuracy", "loss", "accuracy"}, default="val_loss"
        The metric that `early_stopping` and `best_epoch_` go by.
    epoch_selection : {"val_loss", "val_accuracy"}, default=None
        If a metric is given, `fit` follows the whole procedure of the Keras tutorial. It trains for
        `epochs` on the rows that are not held out, finds the first epoch with the best value of the
        metric on the held-out rows, and trains from scratch for that many epochs on all rows. This
        takes up to twice as long as one training. None keeps the network of the last epoch.
    callbacks : list of keras.callbacks.Callback, default=None
        Keras callbacks; `set_callbacks` is for those of scikit-learn. Training uses shallow copies,
        so the attributes of the originals do not change. With `epoch_selection` they take part in
        both trainings, except those whose `monitor` begins with `"val_"`, which take part in the
        first one only. Hooks of validation batches are not called, and
        ``BackupAndRestore`` is refused.
    warm_start : bool, default=False
        Whether `fit` continues from the network, the optimizer's state and the epoch of the
        previous fit, up to `epochs` in total. On the same rows the result is exactly that of one
        longer fit with the same callbacks, unless one changed the learning rate. `units`,
        `activation`, `dropout` and the optimizer must stay the same. Cannot be used with
        `epoch_selection` or `early_stopping`, or after a fit in which one of them or a callback
        replaced the weights of the last epoch.
    stages : "all" or array-like of int, default=None
        Epochs, counted from 1, after which to keep the weights, for `staged_predict_proba`,
        `staged_predict` and `staged_score`. Each stage takes the memory of the weights. Epochs that
        training does not reach are left out. With `epoch_selection`, stages are kept in the
        training on all rows.
    verbose : int, default=0
        0 is silent. 1 shows one progress bar for a training in a terminal or in a notebook with
        `ipywidgets`, and prints Keras's lines anywhere else or if scikit-learn's callbacks are set.
        2 prints a line for each epoch, as `keras.Model.fit` does.
    random_state : int, RandomState instance or None, default=None
        Determines the initial weights, the order of the rows, the hold-out and dropout. With an
        int, `fit` gives the same weights and biases in every process and thread. None takes the
        seeds from NumPy's global generator, as in the rest of scikit-learn.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    n_features_in_ : int
        Number of features seen by `fit`.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if `X` had names that are all strings.
    history_ : dict of list of float
        "loss" and "accuracy" of each epoch and, if rows were held out, "val_loss" and
        "val_accuracy". As in `keras.Model.fit`, the first two are means over the batches during
        training. With `epoch_selection`, the history of the first training.
    n_iter_ : int
        Number of epochs that the network was trained for. With `epoch_selection`, those of the
        training on all rows; with `early_stopping`, those until it stopped.
    best_epoch_ : int or None
        The first epoch, counted from 1, with the best value of `epoch_selection` or else of
        `monitor`. None if no rows were held out, or if the metric was never a number.
    stages_ : ndarray of int of shape (n_stages,)
        The epochs whose weights were kept, in order. Only if `stages` is not None.
    coefs_ : list of ndarray of shape (fan_in, fan_out)
        Kernel of each layer.
    intercepts_ : list of ndarray of shape (fan_out,)
        Bias of each layer.
    model_ : keras.Model
        The network as a compiled Keras model. It is built when first asked for.

    See Also
    --------
    KerasTopicClassifier : Two or more classes, with a softmax.
    MultiHotVectorizer : Turns documents into vectors.
    TrainingCurveDisplay : Draws `history_`.

    Notes
    -----
    The network is a plain Keras model, compiled with Keras's loss and optimizer. It is trained on
    the CPU, batch by batch, from a CSR matrix. No dense array of shape (n_samples, n_features) is
    made. The initial weights are Glorot-uniform [2]_ and the initial biases zero. The network is
    float32, unless `X` is float64, which is kept, as in
    :class:`~sklearn.neural_network.MLPClassifier`, and takes about twice as long.

    The loss of a batch is the weighted mean of its rows' losses. If one batch holds all rows,
    doubling a weight is therefore the same as repeating the row. In smaller batches a weight counts
    relative to those in the same batch; with ``batch_size=1`` weights other than 0 have no effect.

    `fit` gives a :class:`~sklearn.exceptions.ConvergenceWarning` if one of the two classes is
    predicted for none of the training rows. A network learns the larger class first, so it was most
    likely trained too little: set more `epochs`, a smaller `batch_size` or a larger
    `learning_rate`. There is no warning if a class has fewer than ten training rows, or `X` fewer
    than 100 columns, because rows of both classes can then be alike. `partial_fit` does not warn,
    nor a fit that Ctrl-C ended, nor the fits on the folds of :class:`EpochGridSearchCV` and
    the other searches over epochs.

    With scikit-learn 1.9 or later, `set_callbacks` sets callbacks that are told of each epoch, such
    as :class:`~sklearn.callback.ProgressBar` and :class:`~sklearn.callback.ScoringMonitor`. The
    chapter on callbacks in the guide says what they are told.

    Predicting needs NumPy, SciPy and scikit-learn, but not TensorFlow. A pickle holds arrays (the
    weights and the optimizer's state) and plain Python objects. It can be loaded without
    TensorFlow, unless parameters are Keras objects: an optimizer instance or callbacks.

    When the first training starts in a process, TensorFlow's numbers of threads are set to the
    environment variable `OMP_NUM_THREADS`, if there is one and TensorFlow has not started its
    threads yet. joblib sets this variable to a worker's share of the cores. A process that was
    forked from one that has trained can predict but not train.

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
        units: Units = (16, 16),
        *,
        epochs: int = 20,
        batch_size: int = 512,
        optimizer: str | Optimizer = "rmsprop",
        learning_rate: float = 1e-3,
        activation: Activation = "relu",
        dropout: float = 0.0,
        l2: float = 0.0,
        class_weight: dict[Any, Any] | Literal["balanced"] | None = None,
        validation_fraction: float | None = None,
        early_stopping: bool = False,
        patience: int = 2,
        monitor: Monitor = "val_loss",
        epoch_selection: EpochSelection = None,
        callbacks: Sequence[Callback] | None = None,
        warm_start: bool = False,
        stages: Stages = None,
        verbose: int = 0,
        random_state: RandomState = None,
    ) -> None:
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
