"""A killed fit leaves no half-written files, and the next run gives what it would give alone."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import joblib
import pytest
from same_network import assert_same_network
from sklearn.pipeline import make_pipeline

from sklearn_textnn import KerasBinaryReviewClassifier, MultiHotVectorizer

DOCUMENTS = [f"word{i} word{i % 7} {'good' if i % 2 else 'bad'}" for i in range(40)]

# What a user would run: a pipeline with a cache, saved after its fit.
SCRIPT = """
import os, signal, sys
import joblib, keras
from sklearn.pipeline import make_pipeline
from sklearn_textnn import KerasBinaryReviewClassifier, MultiHotVectorizer

class Kill(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch == 2:
            os.kill(os.getpid(), signal.SIGKILL)

pipeline = make_pipeline(
    MultiHotVectorizer(),
    KerasBinaryReviewClassifier(epochs=5, batch_size=8, callbacks=[Kill()], random_state=0),
    memory="memory",
)
if sys.argv[1] == "finish":
    pipeline[-1].callbacks = None
pipeline.fit(DOCUMENTS, [i % 2 for i in range(40)])
joblib.dump(pipeline, "pipeline.joblib")
"""


def run(folder, how):
    """Run the script in a folder that is also its place for temporary files."""
    environment = os.environ | {"TMPDIR": str(folder / "temporary")}
    paths = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    script = SCRIPT.replace("DOCUMENTS", repr(DOCUMENTS))
    command = [sys.executable, "-c", script, how]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)


def files(folder):
    """Return the files below a folder: the paths outside the cache, and joblib's cached results."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    own = [
        path.relative_to(folder).as_posix()
        for path in paths
        if folder / "memory" not in path.parents
    ]
    return own, [path for path in paths if path.name == "output.pkl"]


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_killed_fit_leaves_nothing_half_written_and_the_next_one_works(tmp_path):
    (tmp_path / "temporary").mkdir()
    killed = run(tmp_path, "kill")
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    own, (cached,) = files(tmp_path)
    assert own == []
    X, vectorizer = joblib.load(cached)
    assert X.shape == (40, len(vectorizer.vocabulary_))
    written = cached.stat().st_mtime_ns

    done = run(tmp_path, "finish")
    assert done.returncode == 0, done.stderr.decode()
    assert files(tmp_path) == (["pipeline.joblib"], [cached])
    assert cached.stat().st_mtime_ns == written, "the second run made the vectors again"
    alone = make_pipeline(
        MultiHotVectorizer(),
        KerasBinaryReviewClassifier(epochs=5, batch_size=8, random_state=0),
    ).fit(DOCUMENTS, [i % 2 for i in range(40)])
    assert_same_network(joblib.load(tmp_path / "pipeline.joblib")[-1], alone[-1])
