"""News in which one word decides the topic, hostile text, and pipelines fitted on them."""

import numpy as np
from sklearn.pipeline import make_pipeline

from sklearn_textnn import KerasTopicClassifier, MultiHotVectorizer

TOPICS = ["grain", "crude", "money"]

# Characters that are special to lower-casing and splitting: capital sigmas and their neighbours,
# letters of two code points, all kinds of white space, joiners, marks, other planes.
HOSTILE = [
    *"aBéÉİ\u0131IßẞΣΣΣς\u03c3Ω\u2126ǅʰ",
    *"'\u2019\u00ad\u0301\u0307\u200d\u20dd·",
    *" \t\n\v\f\r\x1c\x1d\x1f\x85\xa0\u1680\u2003\u2028\u202f\u205f\u3000\u200b\ufeff",
    *"\0\x7f\ufffd\ue000",
    *'._-+/\\[]^&|{}"$%*,:;<=>?@`~!#()',
    *"09²½Ⅷⅻ_ⓐⒶ字😀𐐀𝒜ꟐⱯ",
]


def wires(n, seed):
    """Return news in which one word decides the topic, and the topics."""
    rng = np.random.RandomState(seed)
    filler = ["The", "the", "of", "a", "isn't", "OIL's", "up", "naïve", "İstanbul", "ΔΣ", "3.5%"]
    words = ["wheat", "barrel", "bank"]
    codes = np.arange(n) % 3
    rng.shuffle(codes)
    documents = [
        " ".join(rng.permutation([words[code], *rng.choice(filler, 6)])) + "." for code in codes
    ]
    return documents, np.array(TOPICS)[codes]


def hostile_documents(n, seed):
    """Return texts of characters that are special to lower-casing and splitting."""
    rng = np.random.RandomState(seed)
    return ["".join(rng.choice(HOSTILE, rng.randint(40))) for _ in range(n)]


def string_tensor(documents):
    """Return a tensor of documents; NumPy would cut zeros off their ends."""
    import tensorflow as tf

    return tf.stack([tf.constant(document.encode()) for document in documents])


def fit_pipeline(classifier=None, between=(), **settings):
    """Return a fitted pipeline of a vectorizer with these settings and a topic classifier.

    `between` are the steps between the two.
    """
    documents, topics = wires(45, 0)
    if classifier is None:
        classifier = KerasTopicClassifier(units=8, epochs=20, learning_rate=0.05, random_state=0)
    pipeline = make_pipeline(MultiHotVectorizer(**settings), *between, classifier)
    return pipeline.fit(documents, topics)
