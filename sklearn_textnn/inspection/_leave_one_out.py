"""What the logits lose if a word is left out, exactly, by subtraction in the first layer."""


def leave_one_out(network, products, rows, columns, values, growth):
    """Return for each word the logits of its document minus the logits without the word.

    Parameters
    ----------
    network : LogitNetwork
    products : ndarray of shape (n_documents, n_units)
        The documents times the first kernel.
    rows, columns, values : ndarray of shape (n_words,)
        The words of the documents, as entries of a sparse matrix.
    growth : ndarray of shape (n_words,) or None
        The factor of the other words of the document if the word is left out. None stands for 1.

    Returns
    -------
    ndarray of shape (n_words, n_outputs)
    """
    without = products[rows]
    without -= values[:, None] * network.coefs[0].take(columns, axis=0)
    if growth is not None:
        without *= growth[:, None]
    return network.logits(products)[rows] - network.logits(without)
