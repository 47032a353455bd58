"""SHAP and LIME: the word that decides the topic gets the most weight."""

import pytest
from newswires import fit_pipeline

PLANTED = {"crude": "barrel", "grain": "wheat", "money": "bank"}
FILLER = "The price of {} is up today."


@pytest.fixture(scope="module")
def pipeline():
    return fit_pipeline()


@pytest.mark.parametrize("topic", PLANTED)
def test_lime_names_the_planted_word(pipeline, topic):
    lime_text = pytest.importorskip("lime.lime_text")
    explainer = lime_text.LimeTextExplainer(class_names=pipeline.classes_, random_state=0)
    label = [*pipeline.classes_].index(topic)
    document = FILLER.format(PLANTED[topic])
    explanation = explainer.explain_instance(
        document, pipeline.predict_proba, labels=[label], num_samples=200
    )
    word, weight = explanation.as_list(label)[0]
    assert word == PLANTED[topic]
    assert weight > 0


@pytest.mark.moves_generators  # shap draws from that of NumPy
@pytest.mark.parametrize("topic", PLANTED)
def test_shap_names_the_planted_word(pipeline, topic):
    shap = pytest.importorskip("shap")
    explainer = shap.Explainer(
        lambda documents: pipeline.predict_proba(list(documents)),
        shap.maskers.Text(r"\W+"),
        output_names=[*pipeline.classes_],
    )
    explanation = explainer([FILLER.format(PLANTED[topic])])
    label = [*pipeline.classes_].index(topic)
    values = explanation.values[0][:, label]
    assert explanation.data[0][values.argmax()].strip() == PLANTED[topic]
