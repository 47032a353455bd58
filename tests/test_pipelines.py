"""The steps of a Pipeline of any depth: the last one, the path to it, and those before it."""

from sklearn.dummy import DummyClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler

from sklearn_textnn import _pipelines

X, Y = [[1.0], [3.0]], [0, 1]


def pipeline():
    """A Pipeline two deep: a step that does nothing, two that double, and a classifier."""
    double = FunctionTransformer(lambda rows: [[2 * value for value in row] for row in rows])
    inner = Pipeline([("double", double), ("last", DummyClassifier())])
    return Pipeline([("nothing", "passthrough"), ("double", double), ("inner", inner)])


def test_last_step_is_found_at_any_depth():
    path, last = _pipelines.last_step(pipeline())
    assert (path, type(last)) == ("inner__last__", DummyClassifier)
    assert _pipelines.last_step(last) == ("", last)


def test_another_last_step_leaves_the_pipeline_as_it_is():
    before, last = pipeline(), DummyClassifier()
    after = _pipelines.with_last_step(before, last)
    assert after[-1][-1] is last is not before[-1][-1]
    assert after[1] is before[1]
    assert after[-1][0] is before[-1][0]


def test_rows_reach_the_last_step_transformed():
    fitted = pipeline().fit(X, Y)
    assert _pipelines.transform_before_last_step(fitted, X) == [[4.0], [12.0]]
    assert _pipelines.transform_before_last_step(fitted[-1][-1], X) is X


def test_held_out_rows_are_transformed_and_not_fitted_on():
    scaled = Pipeline([("scale", MinMaxScaler()), ("last", DummyClassifier())])
    train, held_out = _pipelines.fit_transform_before_last_step(scaled, X, Y, [[5.0]])
    assert train.tolist() == [[0.0], [1.0]]
    assert held_out.tolist() == [[2.0]]
    assert not hasattr(scaled[-1], "classes_")


def test_active_steps_of_inner_pipelines_are_unfolded():
    names = [name for name, _ in _pipelines.active_steps(pipeline())]
    assert names == ["double", "inner__double", "inner__last"]
    last = DummyClassifier()
    assert _pipelines.active_steps(last) == [("", last)]
