"""A fitted network in float64, with one logit for each class."""

from typing import NamedTuple

import numpy as np

from ..neural_network._architecture import Architecture
from ..neural_network._forward import after_first_product


class LogitNetwork(NamedTuple):
    """Dense layers whose last one gives logits.

    Attributes
    ----------
    coefs : list of ndarray of shape (fan_in, fan_out)
    intercepts : list of ndarray of shape (fan_out,)
    activation : str
        The activation of the hidden layers.
    """

    coefs: list
    intercepts: list
    activation: str

    @classmethod
    def from_classifier(cls, classifier):
        """Return the network of a fitted classifier, with an output for each class.

        The outputs are what `decision_function` returns. For two classes, which have one logit,
        the first output is the second one times -1.
        """
        architecture = Architecture.from_plain(classifier._architecture)
        coefs = [coef.astype(np.float64) for coef in classifier.coefs_]
        intercepts = [intercept.astype(np.float64) for intercept in classifier.intercepts_]
        for weights in coefs, intercepts:
            last = weights[-1]
            if architecture.n_outputs == 1:
                weights[-1] = np.concatenate([-last, last], axis=-1)
            elif architecture.n_outputs == 2 and not architecture.multilabel:
                weights[-1] = last - last[..., ::-1]
        return cls(coefs, intercepts, architecture.activation)

    def of_class(self, code):
        """Return the network with the output of one class only."""
        return self._replace(
            coefs=[*self.coefs[:-1], self.coefs[-1][:, [code]]],
            intercepts=[*self.intercepts[:-1], self.intercepts[-1][[code]]],
        )

    def logits(self, products):
        """Return the outputs, for products of documents and the first kernel.

        Parameters
        ----------
        products : ndarray of shape (n_documents, n_units)

        Returns
        -------
        ndarray of shape (n_documents, n_outputs)
        """
        products = products.copy()
        return after_first_product(products, self.coefs, self.intercepts, self.activation)

    def empty_logits(self):
        """Return the outputs for the empty document, as an ndarray of shape (n_outputs,)."""
        return self.logits(np.zeros((1, self.intercepts[0].size)))[0]
