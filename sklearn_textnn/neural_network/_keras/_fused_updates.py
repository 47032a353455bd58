"""Updates of Keras's optimizers by TensorFlow's own kernels of the same formulas.

Keras's own updates make several passes over arrays of the first kernel's size, these make one. Some
can also update the rows of the first kernel that a batch touches, and no other: where a column has
only zeros in a batch, the gradient of its row is zero. SGD then leaves the row as it is. So does
RMSprop, whose mean square of the row decays, by `rho` to the number of steps that were missed. That
is made up for when the row is next touched.
"""

from functools import partial

import keras
import tensorflow as tf

from ._optimizers import configuration, not_decayed, serialized


def fused_update(optimizer, variables):
    """Return the fused update of an optimizer; None if TensorFlow has no kernel of its formula.

    Parameters
    ----------
    optimizer : keras.optimizers.Optimizer
        Built for the variables.
    variables : list of keras.Variable

    Returns
    -------
    update : object or None
        Before a fit, `start` is called, then `apply` in each step.
    """
    for kind, (update, settings) in _UPDATES.items():
        if type(optimizer) is kind and not_decayed(optimizer) is None:
            plain = kind(**{name: getattr(optimizer, name) for name in settings})
            if configuration(serialized(plain)) == configuration(serialized(optimizer)):
                return update(optimizer, variables)
    return None


class _Update:
    """What the updates share. A subclass updates one variable, and maybe some of its rows.

    Attributes
    ----------
    by_rows : bool
        Whether `apply` can update some rows of the first variable alone.
    variables_of_rows : list of tf.Variable
        What that needs besides the optimizer's own variables: for each row of the first variable,
        the step before which it is as the optimizer says. Steps are counted by `iterations`.
    """

    by_rows = False
    variables_of_rows = ()

    def __init__(self, optimizer, variables):
        self.optimizer = optimizer
        self.variables = variables

    def start(self, steps_of_rows, by_rows):
        """Prepare a fit, after the optimizer's variables were set.

        Parameters
        ----------
        steps_of_rows : list of ndarray or None
            The values of `variables_of_rows` after a fit by rows. None after another one.
        by_rows : bool
            Whether this fit updates by rows.
        """

    def apply(self, gradients, some_rows=None):
        """Update all variables.

        Parameters
        ----------
        gradients : list of tensor
        some_rows : tuple of (tensor, tensor) or None
            The positions and the values of some rows of the first variable. The first gradient is
            that of these rows, and the other rows are not updated. None updates all rows.
        """
        rate = self.optimizer.learning_rate
        for i, (gradient, variable) in enumerate(zip(gradients, self.variables, strict=True)):
            constant = partial(tf.constant, dtype=gradient.dtype)
            settings = tf.cast(rate, gradient.dtype), constant
            if i == 0 and some_rows is not None:
                self.update_rows(*some_rows, variable.value, gradient, *settings)
            else:
                self.update(i, variable.value, gradient, *settings)
        self.optimizer.iterations.assign_add(1)


class _RMSprop(_Update):
    by_rows = True

    def __init__(self, optimizer, variables):
        super().__init__(optimizer, variables)
        # The momentum that the kernel asks for, of which there is none. The first one is large.
        self._scratch = [None, *map(_zeros_like, variables[1:])]
        steps = tf.zeros(variables[0].shape[:1], tf.int32)
        self.variables_of_rows = [tf.Variable(steps, trainable=False)]

    def start(self, steps_of_rows, by_rows):
        (steps,) = self.variables_of_rows
        now = tf.cast(self.optimizer.iterations.value, tf.int32)
        if steps_of_rows is None or not by_rows:
            if steps_of_rows is not None:
                steps.assign(steps_of_rows[0])
                self._settle(now - steps)
            steps.assign(tf.fill(steps.shape, now))
        else:
            steps.assign(steps_of_rows[0])
        if not by_rows and self._scratch[0] is None:
            self._scratch[0] = _zeros_like(self.variables[0])
        for scratch in self._scratch:
            if scratch is not None:
                scratch.assign(tf.zeros_like(scratch))  # 0 times the NaN of a diverged fit is NaN

    def _settle(self, missed):
        """Make up for the steps that were missed by all rows."""
        mean_square = self.optimizer._velocities[0].value
        mean_square.assign(self._decayed(mean_square, missed))

    def _decayed(self, mean_square, missed):
        rho = tf.constant(self.optimizer.rho, mean_square.dtype)
        return mean_square * tf.pow(rho, tf.cast(missed, mean_square.dtype))[:, None]

    def update(self, i, variable, gradient, rate, constant):
        tf.raw_ops.ResourceApplyRMSProp(
            var=variable.handle,
            ms=self.optimizer._velocities[i].value.handle,
            mom=self._scratch[i].handle,
            lr=rate,
            rho=constant(self.optimizer.rho),
            momentum=constant(0),
            epsilon=constant(self.optimizer.epsilon),
            grad=gradient,
        )

    def update_rows(self, rows, values, variable, gradient, rate, constant):
        (steps,) = self.variables_of_rows
        mean_square, rho = self.optimizer._velocities[0].value, constant(self.optimizer.rho)
        now = tf.cast(self.optimizer.iterations.value, tf.int32)
        of_rows = self._decayed(tf.gather(mean_square, rows), now - tf.gather(steps, rows))
        of_rows = rho * of_rows + (1 - rho) * tf.square(gradient)
        mean_square.scatter_update(tf.IndexedSlices(of_rows, rows))
        steps.scatter_update(tf.IndexedSlices(tf.fill(tf.shape(rows), now + 1), rows))
        change = rate * gradient * tf.math.rsqrt(of_rows + constant(self.optimizer.epsilon))
        # Faster than `scatter_sub`: TensorFlow copies rows much faster than it adds to them.
        variable.scatter_update(tf.IndexedSlices(values - change, rows))


def _zeros_like(variable):
    return tf.Variable(tf.zeros_like(variable.value), trainable=False)


class _Adam(_Update):
    def update(self, i, variable, gradient, rate, constant):
        step = tf.cast(self.optimizer.iterations + 1, gradient.dtype)
        # Keras too rounds the two numbers to float32 here, and only here.
        powers = [
            tf.cast(beta, gradient.dtype) ** step
            for beta in (self.optimizer.beta_1, self.optimizer.beta_2)
        ]
        if self.optimizer.weight_decay:
            variable.assign_sub(
                variable * (tf.cast(self.optimizer.weight_decay, gradient.dtype) * rate)
            )
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self.optimizer._momentums[i].value.handle,
            v=self.optimizer._velocities[i].value.handle,
            beta1_power=powers[0],
            beta2_power=powers[1],
            lr=rate,
            beta1=constant(self.optimizer.beta_1),
            beta2=constant(self.optimizer.beta_2),
            epsilon=constant(self.optimizer.epsilon),
            grad=gradient,
        )


class _SGD(_Update):
    def __init__(self, optimizer, variables):
        super().__init__(optimizer, variables)
        self.by_rows = not optimizer.momentum

    def update_rows(self, rows, values, variable, gradient, rate, constant):
        variable.scatter_update(tf.IndexedSlices(values - rate * gradient, rows))

    def update(self, i, variable, gradient, rate, constant):
        if not self.optimizer.momentum:
            tf.raw_ops.ResourceApplyGradientDescent(var=variable.handle, alpha=rate, delta=gradient)
            return
        tf.raw_ops.ResourceApplyKerasMomentum(
            var=variable.handle,
            accum=self.optimizer.momentums[i].value.handle,
            lr=rate,
            grad=gradient,
            momentum=tf.cast(self.optimizer.momentum, gradient.dtype),  # rounded, as in Keras
            use_nesterov=self.optimizer.nesterov,
        )


# The update of each class, and the settings that it knows: with another one, Keras's own is used.
_BETAS = ("beta_1", "beta_2", "epsilon")
_UPDATES = {
    keras.optimizers.RMSprop: (_RMSprop, ("rho", "epsilon")),
    keras.optimizers.Adam: (_Adam, _BETAS),
    keras.optimizers.AdamW: (_Adam, (*_BETAS, "weight_decay")),
    keras.optimizers.SGD: (_SGD, ("momentum", "nesterov")),
}
