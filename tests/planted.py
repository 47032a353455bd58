"""Small problems with a known answer: a planted column decides the class, others are noise."""

import numpy as np
import scipy.sparse as sp


def planted_classes(n_rows, n_classes, seed, n_noise=30):
    """Return CSR float32 of n_classes + n_noise 0/1 columns, and the column planted in each row."""
    rng = np.random.RandomState(seed)
    y = np.arange(n_rows) % n_classes
    rng.shuffle(y)
    noise = rng.random_sample((n_rows, n_noise)) < 0.2
    return sp.csr_matrix(np.hstack([np.eye(n_classes)[y], noise]), dtype=np.float32), y


def planted_topics(n_rows, n_topics, seed, n_noise=8):
    """Return CSR float32 of 0/1 columns, the first of which are the topics, and the topics."""
    rng = np.random.RandomState(seed)
    Y = (rng.random_sample((n_rows, n_topics)) < 0.4).astype(int)
    noise = rng.random_sample((n_rows, n_noise)) < 0.2
    return sp.csr_matrix(np.hstack([Y, noise]), dtype=np.float32), Y
