"""Reading words as bytes: what separates them, and the numbers that they get."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_textnn import MultiHotVectorizer
from sklearn_textnn.feature_extraction import _distinct, _words
from sklearn_textnn.feature_extraction._tokenization import make_analyzer

EVERY_CHARACTER = [chr(i) for i in range(sys.maxunicode + 1)]


@pytest.mark.parametrize("lowercase", [False, True])
@pytest.mark.parametrize("analyzer", ["keras", "word"])
def test_every_character_is_read_as_the_analyzer_of_one_document_reads_it(analyzer, lowercase):
    between_words = [f"ab{character}cd{character} " for character in EVERY_CHARACTER]
    documents = ["".join(between_words[i : i + 256]) for i in range(0, len(between_words), 256)]
    found = _words.read_words(documents, analyzer, lowercase)
    analyze = make_analyzer("text", analyzer, lowercase, (1, 1), None)
    expected = [analyze(document) for document in documents]
    assert found.indptr.tolist() == np.cumsum([0, *map(len, expected)]).tolist()
    words = [word for document in expected for word in document]
    assert [found.words[i] for i in found.ids] == words
    assert found.words == list(dict.fromkeys(words))


@pytest.mark.parametrize("few", [0, 10**6])
@given(st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 3), max_size=20))
def test_numbers_get_ids_in_the_order_of_their_first_appearance(few, numbers):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_distinct, "_FEW", few)
        ids, distinct = _distinct.factorize(np.array(numbers, dtype=np.uint64))
    assert distinct.tolist() == list(dict.fromkeys(numbers))
    assert distinct[ids].tolist() == numbers


@pytest.mark.parametrize("few", [0, 10**6])
@given(st.lists(st.integers(0, 9), unique=True), st.lists(st.integers(0, 12), max_size=20))
def test_numbers_are_found_where_they_are(few, known, numbers):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_distinct, "_FEW", few)
        find = _distinct.finder(np.array(known, dtype=np.int64))
    expected = [known.index(number) if number in known else -1 for number in numbers]
    assert find(np.array(numbers, dtype=np.int64)).tolist() == expected


def test_many_documents_are_encoded_without_pandas():
    program = (
        "import sys; sys.modules['pandas'] = None\n"
        "from sklearn_textnn import MultiHotVectorizer\n"
        "documents = [f'word{i % 5_000} word{i % 7} film' for i in range(20_000)]\n"
        "vectorizer = MultiHotVectorizer(None, ngram_range=(1, 2)).fit(documents)\n"
        "print(vectorizer.transform(documents).sum(), *list(vectorizer.vocabulary_)[:3])\n"
    )
    alone = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    documents = [f"word{i % 5_000} word{i % 7} film" for i in range(20_000)]
    vectorizer = MultiHotVectorizer(None, ngram_range=(1, 2)).fit(documents)
    total = vectorizer.transform(documents).sum()
    assert alone.stdout.split() == [str(total), *list(vectorizer.vocabulary_)[:3]]
