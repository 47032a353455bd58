"""skore: a report on a fitted pipeline has the scores of scikit-learn."""

import pytest
from newswires import fit_pipeline, wires
from sklearn.metrics import log_loss

skore = pytest.importorskip("skore")


@pytest.mark.filterwarnings("ignore")  # of skore, about its own dependencies
def test_report_has_the_scores_of_the_pipeline():
    pipeline, (documents, topics) = fit_pipeline(), wires(60, 1)
    report = skore.EstimatorReport(pipeline, X_test=documents, y_test=topics)
    assert report.metrics.accuracy() == pytest.approx(pipeline.score(documents, topics))
    expected = log_loss(topics, pipeline.predict_proba(documents))
    assert report.metrics.log_loss() == pytest.approx(expected)
