"""`read_model` beside Flax: shapes, parameters and failures of an abstract run."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

import poolviz as pv
from poolviz.reading.model.flax_model import MODEL, written_out

jax = pytest.importorskip("jax")
pytest.importorskip("flax")

from flax import linen, nnx  # noqa: E402

from tools.record.networks.flax_examples import CNN, MODELS  # noqa: E402

CASES = [(name, shape) for name, (_, shapes) in MODELS.items() for shape in shapes]


def run(model: Any, shape: tuple[int, ...]) -> tuple[tuple[int, ...], int, str | None]:
    """Return the output shape, the number of parameters, and the error."""
    whole = linen.Sequential(model) if isinstance(model, list) else model
    given = jax.ShapeDtypeStruct((1, *shape), "float32")
    try:
        made, variables = jax.eval_shape(whole.init_with_output, jax.random.PRNGKey(0), given)
    except Exception as raised:
        return (), 0, type(raised).__name__
    weights = jax.tree_util.tree_leaves(variables["params"])
    return made.shape[1:], sum(weight.size for weight in weights), None


@pytest.mark.parametrize(("name", "shape"), CASES)
def test_like_flax(name: str, shape: tuple[int, ...]) -> None:
    model = MODELS[name][0]()
    output, parameters, error = run(model, shape)
    stack = pv.read_model(model, shape)

    assert stack.not_read == ()
    if error is None:
        assert stack.output_shape == output
        assert stack.parameters == parameters
    else:
        # Where a map becomes empty, JAX raises no error; a later layer may raise.
        assert stack.output_shape is None
        assert stack.first_failure.error_name in (error, None)


def test_some_fail() -> None:
    errors = [run(MODELS[name][0](), shape)[2] for name, shape in CASES]

    assert {"ZeroDivisionError", "TypeError"} <= set(errors)


def test_source_is_written_out() -> None:
    text = written_out(CNN(classes=3))

    assert "WIDTH = 64" in text
    assert text.rstrip().endswith(f"{MODEL} = CNN(classes=3)")
    assert pv.read_model(CNN(), (28, 28, 1)).source.text == written_out(CNN())


def test_lines() -> None:
    stack = pv.read_model(CNN(), (28, 28, 1))
    text = stack.source.text.split("\n")
    found = [text[stack.source.lines[row.path] - 1].strip() for row in stack.rows]

    assert found[0] == "x = nn.Conv(features=32, kernel_size=(3, 3))(x)"
    assert found[2] == "x = nn.avg_pool(x, window_shape=(2, 2), strides=(2, 2))"


def test_a_function_without_a_name_is_said() -> None:
    model = linen.Sequential([linen.Conv(4, (3, 3)), lambda x: x[:, ::2], linen.Dense(2)])
    stack = pv.read_model(model, (8, 8, 1))

    assert len(stack.rows) == 1
    assert "something_else" in str(stack.not_read[0])


def test_a_class_without_source() -> None:
    namespace: dict[str, Any] = {"nn": linen}
    exec("class Net(nn.Module):\n    def __call__(self, x):\n        return x\n", namespace)
    with pytest.raises(pv.NoModel, match="the source of Net is not available"):
        pv.read_model(namespace["Net"](), (8, 8, 1))


class Block(nnx.Module):
    def __init__(self, channels: int, rngs: nnx.Rngs) -> None:
        self.conv = nnx.Conv(channels, channels, (3, 3), rngs=rngs)

    def __call__(self, x: Any) -> Any:
        return x + nnx.relu(self.conv(x))


class Residual(nnx.Module):
    def __init__(self, rngs: nnx.Rngs) -> None:
        self.stem = nnx.Conv(3, 8, (3, 3), rngs=rngs)
        self.blocks = nnx.List([Block(8, rngs) for _ in range(2)])
        self.drop = nnx.Dropout(0.5, deterministic=True, rngs=rngs)
        self.head = nnx.Linear(8, 5, rngs=rngs)

    def __call__(self, x: Any) -> Any:
        x = self.stem(x)
        for block in self.blocks:
            x = nnx.max_pool(block(x), (2, 2), strides=(2, 2))
        return self.head(self.drop(x.mean(axis=(1, 2))))


class Classifier(nnx.Module):
    def __init__(self, rngs: nnx.Rngs) -> None:
        self.conv1 = nnx.Conv(1, 32, kernel_size=(3, 3), rngs=rngs)
        self.norm = nnx.BatchNorm(32, rngs=rngs)
        self.conv2 = nnx.Conv(
            32, 64, (3, 3), padding="VALID", strides=(2, 2), use_bias=False, rngs=rngs
        )
        self.avg_pool = partial(nnx.avg_pool, window_shape=(2, 2), strides=(2, 2))
        self.linear = nnx.Linear(576, 10, rngs=rngs)

    def __call__(self, x: Any) -> Any:
        x = self.avg_pool(nnx.relu(self.norm(self.conv1(x))))
        x = self.avg_pool(nnx.relu(self.conv2(x)))
        return self.linear(x.reshape(x.shape[0], -1))


def in_a_row(rngs: nnx.Rngs) -> nnx.Sequential:
    conv = nnx.Conv(3, 4, (3, 3), padding="VALID", rngs=rngs)
    return nnx.Sequential(conv, nnx.relu, nnx.Conv(4, 2, (2, 2), strides=2, rngs=rngs))


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (Classifier, (28, 28, 1)),
        (Classifier, (32, 32, 1)),
        (Classifier, (40, 40, 1)),
        (Classifier, (28, 28, 3)),
        (Residual, (16, 16, 3)),
        (Residual, (16, 16, 4)),
        (in_a_row, (9, 9, 3)),
        (lambda rngs: nnx.Linear(3, 4, rngs=rngs), (3,)),
    ],
)
def test_like_nnx(make: Any, shape: tuple[int, ...]) -> None:
    model = make(nnx.Rngs(0))
    try:
        output = model(jax.numpy.ones((1, *shape))).shape[1:]
    except Exception:
        output = None
    stack = pv.read_model(model, shape)

    assert stack.output_shape == output
    if output is None:  # what comes after the failure has no shape to be read with
        assert stack.first_failure is not None
    else:
        assert stack.not_read == ()
        weights = jax.tree.leaves(nnx.state(model, nnx.Param))
        assert stack.parameters == sum(weight.size for weight in weights)


def test_some_of_nnx_fail() -> None:
    for make, shape in ((Classifier, (40, 40, 1)), (Residual, (16, 16, 4))):
        with pytest.raises((TypeError, ValueError)):
            make(nnx.Rngs(0))(jax.numpy.ones((1, *shape)))


def test_the_input_shape_is_needed() -> None:
    with pytest.raises(pv.InputShapeNeeded):
        pv.read_model(CNN())


def test_classes_are_no_models() -> None:
    with pytest.raises(TypeError, match="got the class CNN"):
        pv.read_model(CNN, (28, 28, 1))
