"""`read_model` beside Keras: shapes, parameters and failures of a symbolic run."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

import numpy as np
import pytest

import poolviz as pv

os.environ.setdefault("KERAS_BACKEND", "torch")
keras = pytest.importorskip("keras")

from tools.record.networks.keras_examples import (  # noqa: E402
    GRAPHS,
    MODELS,
    Subclassed,
    mnist,
    nested,
    unet,
)

CASES = [(name, shape) for name, (_, shapes) in MODELS.items() for shape in shapes]


class Ran(NamedTuple):
    """What Keras did with a symbolic input."""

    model: Any
    output: tuple[int, ...] | None
    error: str | None


def run(name: str, shape: tuple[int, ...]) -> Ran:
    model = None
    try:
        model = MODELS[name][0](shape) if name in GRAPHS else MODELS[name][0]()
        found = model(keras.Input(shape))
    except Exception as raised:
        return Ran(model, None, type(raised).__name__)
    return Ran(model, tuple((found[0] if isinstance(found, list) else found).shape)[1:], None)


@pytest.mark.parametrize(("name", "shape"), CASES)
def test_like_keras(name: str, shape: tuple[int, ...]) -> None:
    model, output, error = run(name, shape)
    fresh = MODELS[name][0]()
    stack = pv.read_model(fresh, shape)

    assert not [each for each in stack.not_read if "the stack ends" in each.why]
    failing = stack.first_failure
    if name == "subclassed" and failing is not None and isinstance(failing.layer, pv.Pool):
        assert "backend" in stack.not_read[0].why  # on JAX it is no error: (None, 0, 6, 8)
        return
    if error is not None:
        assert failing.error_name == error, stack
        return
    assert stack.ok, stack
    assert stack.output_shape == output
    assert stack.parameters == model.count_params()
    assert pv.read_model(model, shape).output_shape == stack.output_shape


def test_there_are_many() -> None:
    errors = [run(name, shape).error for name, shape in CASES]

    assert len(CASES) >= 30
    assert sum(error is not None for error in errors) >= 12


@pytest.mark.parametrize("name", [name for name, _ in MODELS.items() if name != "subclassed"])
def test_every_layer(name: str) -> None:
    """The shapes that Keras keeps on its layers."""
    shape = MODELS[name][1][0]
    model = run(name, shape).model
    rows = {row.name: row.output_shape for row in pv.read_model(model, shape).rows}
    named = [layer for layer in model.layers if layer.name in rows]

    assert len(named) > len(model.layers) // 3
    for layer in named:
        known = tuple(layer.output.shape)[1:]
        assert None in known or rows[layer.name] == known


APPLICATIONS = (
    "VGG16 VGG19 ResNet50 ResNet50V2 ResNet101 InceptionV3 Xception MobileNet MobileNetV2 "
    "MobileNetV3Small DenseNet121 EfficientNetV2B0 InceptionResNetV2"
)


@pytest.mark.parametrize("name", APPLICATIONS.split())
def test_applications(name: str) -> None:
    model = getattr(keras.applications, name)(weights=None)
    shape = tuple(224 if size is None else size for size in model.input_shape[1:])
    stack = pv.read_model(model, shape)
    rows = {row.name: row.output_shape for row in stack.rows}

    assert stack.not_read == ()
    assert stack.output_shape == model.output_shape[1:]
    assert stack.parameters == model.count_params()
    for layer in model.layers:
        if layer.name in rows and None not in layer.output.shape[1:]:
            assert rows[layer.name] == tuple(layer.output.shape)[1:], layer.name


# --- nothing is changed --------------------------------------------------------------------------


def test_the_model_stays_as_it_is() -> None:
    model = Subclassed()
    before = {name: id(value) for name, value in vars(model).items()}
    usual, numbers = keras.layers.Layer.__call__, np.random.get_state()[1].copy()
    stack = pv.read_model(model, (20, 20, 3))

    assert stack.ok
    assert {name: id(value) for name, value in vars(model).items()} == before
    assert not model.built
    assert not model.stem.built
    assert model.calls == 0
    assert model.stem._inbound_nodes == []
    assert keras.layers.Layer.__call__ is usual
    assert np.array_equal(np.random.get_state()[1], numbers)


def test_names_that_keras_makes_up_go_on_as_before() -> None:
    keras.utils.clear_session()
    pv.read_model(unet(), (64, 64, 3))

    assert keras.layers.Conv2D(1, 1).name == "conv2d_8"


# --- special models ------------------------------------------------------------------------------


def test_the_input_shape_is_that_of_the_model() -> None:
    called = Subclassed()
    called(np.zeros((1, 20, 20, 3)))

    assert pv.read_model(nested()).input_shape == (28, 28, 1)
    assert pv.read_model(called).input_shape == (20, 20, 3)
    for model in (mnist(), unet(), Subclassed()):
        with pytest.raises(pv.InputShapeNeeded):
            pv.read_model(model)


def test_weights_were_made_for_their_channels() -> None:
    model = mnist()
    model.build((None, 28, 28, 1))
    stack = pv.read_model(model, (28, 28, 3))

    with pytest.raises(ValueError, match="expected axis -1"):
        model(np.zeros((1, 28, 28, 3)))
    assert stack.first_failure.error_name == "ValueError"
    assert stack.first_failure.index == 0


def test_several_inputs() -> None:
    one, two = keras.Input((8, 8, 3), name="left"), keras.Input((8, 8, 3), name="right")
    model = keras.Model([one, two], keras.layers.Add()([one, two]))
    assert pv.read_model(model).output_shape == (8, 8, 3)
    with pytest.raises(ValueError, match=r"takes 2 inputs \(left, right\)"):
        pv.read_model(model, (8, 8, 3))


def test_an_unknown_layer_ends_the_stack() -> None:
    model = keras.Sequential(
        [
            keras.layers.Conv1D(4, 3),
            keras.layers.Bidirectional(keras.layers.LSTM(8)),
            keras.layers.Dense(2),
        ]
    )
    stack = pv.read_model(model, (20, 3))

    assert len(stack.rows) == 1
    assert "poolviz does not know Bidirectional" in str(stack.not_read[0])


def test_what_depends_on_the_data_is_said_with_its_line() -> None:
    class Deciding(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.conv = keras.layers.Conv2D(4, 3)

        def call(self, x: Any) -> Any:
            x = self.conv(x)
            if keras.ops.mean(x) > 0:
                x = x * 2
            return x

    [what] = pv.read_model(Deciding(), (8, 8, 3)).not_read

    assert what.text == "if keras.ops.mean(x) > 0:"


def test_a_model_of_several_outputs() -> None:
    stack = pv.read_model(MODELS["gate"][0]())

    assert stack.output_shapes[0] == (12, 9, 8)
    assert len(stack.output_shapes) == 2


def test_lists_and_layers() -> None:
    layers = [keras.layers.Conv2D(4, 3), keras.layers.MaxPooling2D(2)]

    assert pv.read_model(layers, (9, 9, 1)).output_shape == (3, 3, 4)
    assert pv.read_model(layers[0], (9, 9, 1)).output_shape == (7, 7, 4)
    with pytest.raises(TypeError, match="of one kind"):
        pv.read_model([*layers, pv.Pool(2)], (9, 9, 1))


def test_layers_that_are_not_known_have_the_shape_they_were_built_with() -> None:
    inputs = keras.Input((4, 16, 16, 3))
    x = keras.layers.TimeDistributed(keras.layers.Conv2D(8, 3))(inputs)
    x = keras.layers.TimeDistributed(keras.layers.GlobalAveragePooling2D())(x)
    x = keras.layers.Bidirectional(keras.layers.LSTM(5, return_sequences=True))(x)
    model = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.MultiHeadAttention(2, 4)(x, x)))
    stack = pv.read_model(model)

    assert (stack.ok, stack.output_shape) == (True, tuple(model.output.shape[1:]))
    assert stack.parameters == model.count_params()
    assert pv.read_model(model, (4, 20, 20, 3)).ok is None
