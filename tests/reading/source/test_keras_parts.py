"""Models of Keras that are made of parts of others: `base.layers[-2].output` and the like."""

from __future__ import annotations

import pytest

import poolviz as pv

BASE = """
inputs = keras.Input((28, 28, 1))
x = layers.Conv2D(8, 3, name="conv")(inputs)
x = layers.MaxPooling2D(2)(x)
base = keras.Model(inputs, layers.Flatten()(x))
"""
SEQUENTIAL = """
base = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Conv2D(8, 3, name="conv"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
    ]
)
"""
UNKNOWN = "base = keras.applications.NotThere(include_top=False, input_shape=(64, 64, 3))\n"


@pytest.mark.parametrize("base", [BASE, SEQUENTIAL])
@pytest.mark.parametrize(
    ("part", "output"),
    [
        ("base.output", (1352,)),
        ("base.layers[-1].output", (1352,)),
        ("base.layers[-2].output", (13, 13, 8)),
        ('base.get_layer("conv").output', (26, 26, 8)),
    ],
)
def test_the_output_of_a_layer(base: str, part: str, output: tuple[int, ...]) -> None:
    text = f"{base}model = keras.Model(base.input, {part})\n"

    assert pv.read_code(text, name="model").output_shapes == (output,)


@pytest.mark.parametrize(
    ("part", "line"),
    [("base.output", 1), ("base.layers[-3].output", 2), ('base.get_layer("a").output', 2)],
)
def test_a_base_that_is_not_known_says_what_to_give(part: str, line: int) -> None:
    text = f"{UNKNOWN}x = layers.Flatten()({part})\nmodel = keras.Model(base.input, x)\n"
    stack = pv.read_code(text)
    given = pv.read_code(text, assume={f"line {line}": (2, 2, 16)})

    assert (stack.ok, stack.input_shape) == (None, (64, 64, 3))
    assert f'assume={{"line {line}": (…)}}' in str(stack)
    assert (given.ok, given.output_shape) == (True, (64,))


def test_conv_lstm_with_all_its_words() -> None:
    """Keras 3.15.1 gives (4, 16, 16, 8), then (14, 14, 6)."""
    text = (
        "inputs = keras.Input((4, 16, 16, 3))\n"
        "x = layers.ConvLSTM2D(8, 3, return_sequences=True, padding='same', dropout=0.1)(inputs)\n"
        "model = keras.Model(inputs, layers.ConvLSTM2D(6, 3, return_sequences=False)(x))\n"
    )
    shapes = [row.output_shape for row in pv.read_code(text).rows]

    assert shapes == [(4, 16, 16, 8), (14, 14, 6)]
