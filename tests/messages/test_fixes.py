"""What is offered for a message: pictures of the model's size, global pooling, whole sentences."""

from __future__ import annotations

import pytest

from poolviz.reading.messages import Message, decode

GLOBAL = "global pooling in its place, which takes every size"
KERAS = 'Input 0 of layer "m" is incompatible with the layer: expected shape={}, found shape={}'
ONNX = (
    "Got invalid dimensions for input: images for the following indices\n index: 2 Got: 300 "
    "Expected: 512\n index: 3 Got: 400 Expected: 384\n Please fix either the inputs or the model."
)


def read(text: str) -> Message:
    said = decode(text)
    assert said is not None, text
    assert len(said.fixes) <= 4
    return said


@pytest.mark.parametrize(
    ("sizes", "is_offered"),
    [
        (("256x6x6", "256x0x0"), True),  # no window of at most 6 gives nothing
        (("256x6x5", "256x1x0"), True),
        (("256x3x3", "256x0x0"), False),
        (("256x1x1", "256x0x0"), False),
    ],
)
def test_a_window_longer_than_a_map_may_become_global(
    sizes: tuple[str, str], is_offered: bool
) -> None:
    said = read(
        f"Given input size: ({sizes[0]}). Calculated output size: ({sizes[1]}). Output size is "
        "too small"
    )

    assert (GLOBAL in [words for words, _ in said.fixes]) == is_offered


@pytest.mark.parametrize(
    ("text", "fixes"),
    [
        (
            KERAS.format("(None, 96, 80, 3)", "(None, 48, 40, 3)"),
            [
                ("pictures of 96 × 80", "x = layers.Resizing(96, 80)(x)"),
                (
                    "a model that is built for the shape of the data",
                    "keras.Input(shape=(48, 40, 3))",
                ),
            ],
        ),
        (
            ONNX,
            [
                ("pictures of 512 × 384", "image = image.resize((384, 512))"),
                ("a model that is built for the shape of the data", ""),
            ],
        ),
        (
            KERAS.format("(None, 96, 9, 1)", "(None, 48, 9, 1)"),  # a window of nine sensors
            [
                ("data of the shape that the model was built for", ""),
                (
                    "a model that is built for the shape of the data",
                    "keras.Input(shape=(48, 9, 1))",
                ),
            ],
        ),
    ],
)
def test_pictures_get_the_size_of_the_model(text: str, fixes: list[tuple[str, str]]) -> None:
    assert list(read(text).fixes) == fixes


def test_numbers_are_counted() -> None:
    said = read("Expected input batch_size (1) to match target batch_size (6).")

    assert "the output has 1 row and the target has 6" in str(said)


def test_a_product_is_not_called_a_sum() -> None:
    said = read(
        "The size of tensor a (20) must match the size of tensor b (80) at non-singleton "
        "dimension 3"
    )

    assert "element by element" in str(said)
    assert "added" not in str(said)


@pytest.mark.parametrize(
    "source",
    [
        'raise ValueError("Computed output size would be negative")',
        'return errors::InvalidArgument(\n    "Computed output size would be negative");',
        "raise RuntimeError(f'Computed output size would be negative: {size}')",
    ],
)
def test_source_code_is_no_message(source: str) -> None:
    assert decode(source) is None


@pytest.mark.parametrize(
    "text",
    [
        "A `Concatenate` layer requires inputs with matching shapes except for the concatenation "
        "axis. Received: input_shape=[(None, 70, 64), (None, 31, 64)]",
        "ConcatOp : Dimension 1 in both shapes must be equal: shape[0] = [2,70,64] vs. shape[1] = "
        "[2,31,64] [Op:ConcatV2]",
        "Cannot concatenate arrays with shapes that differ in dimensions other than the one being "
        "concatenated: concatenating along dimension 2 for shapes (2, 70, 64), (2, 31, 64).",
    ],
)
def test_shapes_to_print_have_their_line(text: str) -> None:
    printed = [code for words, code in read(text).fixes if words.startswith("print both")]

    assert printed == ["print(x.shape, skip.shape)"]
