"""Updates of Keras's optimizers by TensorFlow's own kernels of the same formulas.

Keras's own updates make several passes over arrays of the first kernel's size, these make one.
"""

from functools import partial

import keras
import tensorflow as tf

from ._optimizers import configuration, serialized


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
        Its method `apply` takes the gradients. Its method `reset` is for before a fit.
    """
    for kind, (update, settings) in _UPDATES.items():
        if type(optimizer) is kind:
            plain = kind(**{name: getattr(optimizer, name) for name in settings})
            if configuration(serialized(plain)) == configuration(serialized(optimizer)):
                return update(optimizer, variables)
    return None


class _Update:
    """What the updates share. A subclass updates one variable."""

    def __init__(self, optimizer, variables):
        self.optimizer = optimizer
        self.variables = variables

    def reset(self):
        """Set what the kernels need besides the optimizer's variables to what it was at first."""

    def apply(self, gradients):
        """Update all variables."""
        rate = self.optimizer.learning_rate
        for i, (gradient, variable) in enumerate(zip(gradients, self.variables, strict=True)):
            constant = partial(tf.constant, dtype=gradient.dtype)
            of_dtype = tf.cast(rate, gradient.dtype)
            self.update(i, variable.value, gradient, of_dtype, constant)
        self.optimizer.iterations.assign_add(1)


class _RMSprop(_Update):
    def __init__(self, optimizer, variables):
        super().__init__(optimizer, variables)
        # The momentum that the kernel asks for, of which there is none.
        self._scratch = [tf.Variable(tf.zeros_like(variable.value)) for variable in variables]

    def reset(self):
        for scratch in self._scratch:
            scratch.assign(tf.zeros_like(scratch))  # 0 times the NaN of a diverged fit is NaN

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
