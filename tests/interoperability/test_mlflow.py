"""mlflow: a pipeline is logged with skops, loaded, and predicts for a table of one column."""

import numpy as np
import pandas as pd
import pytest
from newswires import fit_pipeline, wires
from numpy.testing import assert_array_equal

from sklearn_textnn import TRUSTED_TYPES

mlflow = pytest.importorskip("mlflow")
pytest.importorskip("mlflow.sklearn")


@pytest.mark.moves_generators  # mlflow draws from that of Python
@pytest.mark.filterwarnings("ignore")  # of mlflow, about its own dependencies
def test_logged_pipeline_predicts_the_same_for_a_table_of_one_column(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")  # mlflow-skinny has no other store
    pipeline, (documents, _) = fit_pipeline(), wires(20, 1)
    mlflow.set_tracking_uri((tmp_path / "runs").as_uri())
    with mlflow.start_run():
        logged = mlflow.sklearn.log_model(
            pipeline,
            name="news",
            serialization_format="skops",
            skops_trusted_types=TRUSTED_TYPES,
            pip_requirements=[],
        )
    loaded = mlflow.pyfunc.load_model(logged.model_uri)
    predicted = loaded.predict(pd.DataFrame({"text": documents}))
    assert_array_equal(np.asarray(predicted), pipeline.predict(documents))
