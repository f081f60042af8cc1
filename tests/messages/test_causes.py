"""A cause is stated where something shows it, and a line of code follows the order of the axes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from poolviz.messages.message import MessageKind
from poolviz.reading.messages import Message, decode

MATRICES = "RuntimeError: mat1 and mat2 shapes cannot be multiplied ({} and {})"
ABOUT_MAPS = re.compile(r"flatten|feature map|pool|height|picture|channel|sides", re.I)


def read(text: str) -> Message:
    message = decode(text)
    assert message is not None, text
    return message


# --- dense layers --------------------------------------------------------------------------------

# Rows × columns of the input and of the weights: tokens of transformers, hidden layers, tables.
NO_MAPS = [
    ("77x1024", "4096x10"), ("77x768", "1024x768"), ("154x768", "1024x4096"),
    ("197x768", "1024x3072"), ("197x192", "768x192"), ("50x512", "768x512"),
    ("257x1024", "1280x1024"), ("577x1024", "4096x1024"), ("512x768", "3072x768"),
    ("512x1024", "4096x1024"), ("2048x4096", "1024x4096"), ("128x2048", "8192x2048"),
    ("4096x320", "1280x320"), ("16384x640", "2560x640"), ("49x1152", "4608x1152"),
    ("1024x1600", "6400x1600"), ("8x4096", "1024x10"), ("32x2304", "9216x2304"),
    ("64x784", "128x10"), ("64x784", "3136x10"), ("64x576", "784x10"), ("32x64", "256x2"),
    ("256x8", "64x2"), ("512x16", "1024x10"), ("512x8", "512x256"), ("100x10", "500x10"),
    ("64x16", "64x4"), ("128x4", "64x2"), ("256x17", "23x256"), ("64x400", "256x10"),
    ("64x100", "64x10"), ("32x200", "800x10"), ("1000x13", "26x1"), ("16x25", "50x10"),
    ("3x3", "9x1"), ("1x12", "48x4"), ("64x64", "4096x10"), ("32x256", "8192x10"),
    ("2048x32", "1024x10"), ("120x10", "600x10"),
    ("160x10", "1600x100"), ("1000x10", "100x1"), ("1200x20", "1200x10"),
]  # fmt: skip


def test_there_are_many_networks_without_maps() -> None:
    assert len(NO_MAPS) >= 30


@pytest.mark.parametrize(("given", "weights"), NO_MAPS)
def test_numbers_alone_do_not_show_feature_maps(given: str, weights: str) -> None:
    message = read(MATRICES.format(given, weights))

    assert message.kind is MessageKind.LINEAR
    assert message.causes == ()
    assert not ABOUT_MAPS.search(str(message))


MAPS = [
    ("2x100352", "25088x10", "14 × 14 × 512 instead of 7 × 7 × 512"),
    ("1x512", "25088x4096", "1 × 1 × 512 instead of 7 × 7 × 512"),
    ("4x256", "400x120", "4 × 4 × 16 instead of 5 × 5 × 16"),
    ("64x2304", "9216x4096", "3 × 3 × 256 instead of 6 × 6 × 256"),
    ("8x2704", "400x84", "13 × 13 × 16 instead of 5 × 5 × 16"),
    ("8x2304", "1600x10", "6 × 6 × 64 instead of 5 × 5 × 64"),
    ("32x4608", "6272x10", "6 × 6 × 128 instead of 7 × 7 × 128"),
    ("320x5", "400x120", "Flatten is missing"),
    ("1792x28", "784x128", "Flatten is missing"),
    ("57344x7", "25088x4096", "Flatten is missing"),
    ("28672x7", "25088x10", "Flatten is missing"),
    ("32768x8", "4096x10", "Flatten is missing"),
    ("16x25", "400x120", "batch axis is missing"),
    ("512x49", "25088x4096", "batch axis is missing"),
    ("3x1024", "3072x10", "batch axis is missing"),
]


@pytest.mark.parametrize(("given", "weights", "cause"), MAPS)
def test_numbers_that_only_maps_have_are_explained(given: str, weights: str, cause: str) -> None:
    message = read(MATRICES.format(given, weights))

    assert cause in message.causes[0]
    assert message.certainty == "likely"


@pytest.mark.parametrize(("given", "weights"), [("8x4096", "1024x10"), ("64x400", "256x10")])
def test_a_convolution_beside_the_numbers_is_evidence(given: str, weights: str) -> None:
    line = MATRICES.format(given, weights)

    assert "sides" in read(f"    x = self.pool(self.conv2(x))\n{line}").causes[0]
    assert read(f"    x = self.self_attn(x)\n{line}").causes == ()


def test_a_pretrained_layer_is_not_to_be_rebuilt() -> None:
    message = read("  x = self.attention(q, k)\n" + MATRICES.format("77x1024", "768x768"))

    assert [code for _, code in message.fixes] == ["print(x.shape)"]


# --- targets, patches, views --------------------------------------------------------------------

TARGET = "Target size (torch.Size([4, {}, 56, {}])) must be the same as input size "
TARGET += "(torch.Size([4, 1, 28, 28]))"
ROWS = "ValueError: Expected input batch_size ({}) to match target batch_size ({})."
TOKENS = (
    "The size of tensor a ({}) must match the size of tensor b ({}) at non-singleton dimension 1"
)
STATED = [
    (TARGET.format(1, 56), "The target is 2 × as high and as wide as the output"),
    (TARGET.format(3, 56), "The target is 2 × as high and as wide as the output"),
    (TARGET.format(1, 57), "The output has another size than the target"),
    (ROWS.format(0, 4), "The output is empty."),
    (ROWS.format(4, 0), "The target is empty."),
    (TOKENS.format(50, 65), "50 = 7 × 7 + 1 and 65 = 8 × 8 + 1"),
]


@pytest.mark.parametrize(("text", "cause"), STATED)
def test_a_cause_in_the_numbers_is_stated(text: str, cause: str) -> None:
    assert cause in read(text).causes[0]


# --- classes -------------------------------------------------------------------------------------

# As TensorFlow 2.21, Keras 3.15.1 and PyTorch 2.13 say it.
CLASSES = [
    ("logits and labels must be broadcastable: logits_size=[32,5] labels_size=[32,4]", 5, 4),
    ("logits and labels must be broadcastable: logits [32,5] vs. labels [32,4]", 5, 4),
    ("`logits` and `labels` must have the same shape, received ((None, 5) vs (None, 4)).", 5, 4),
    (
        "Arguments `target` and `output` must have the same shape. Received: "
        "target.shape=(32, 4), output.shape=(32, 5)",
        5,
        4,
    ),
    (
        "Arguments `target` and `output` must have the same shape. Received: "
        "target.shape=torch.Size([32, 4]), output.shape=torch.Size([32, 5])",
        5,
        4,
    ),
    ("ValueError: Shapes (None, 4) and (None, 5) are incompatible", 5, 4),
    (
        "Dimensions must be equal, but are 4 and 5 for '{{node compile_loss/mse/sub}} = "
        "Sub[T=DT_FLOAT](data_1, sequential_2_1/dense_2_1/Softmax)' with input shapes: [32,4], "
        "[32,5].",
        5,
        4,
    ),
    (
        "Target size (torch.Size([32, 4])) must be the same as input size (torch.Size([32, 5]))",
        5,
        4,
    ),
    (
        "Error when checking target: expected dense_2 to have shape (5,) but got array with "
        "shape (4,)",
        5,
        4,
    ),
]


@pytest.mark.parametrize(("text", "outputs", "labels"), CLASSES)
def test_another_number_of_classes(text: str, outputs: int, labels: int) -> None:
    message = read(text)

    assert message.kind is MessageKind.CLASSES
    assert (message.expected, message.got) == ((outputs,), (labels,))
    assert message.fixes[0][0] == f"a last layer with {labels} outputs"


LABELS = [
    (
        "Received a label value of 10 which is outside the valid range of [0, 10).",
        "y - 1|labels - 1",
    ),
    ("Received a label value of -1 which is outside the valid range of [0, 10).", ""),
    ("IndexError: Target 255 is out of bounds.", "ignore_index=255"),
    ("Expected target size [4, 10], got [4, 7]", "transpose"),
    ("0D or 1D target tensor expected, multi-target not supported", "squeeze"),
    (
        "`labels.shape.rank` must equal `logits.shape.rank - 1`. Received: labels.shape=(128, 10) "
        "of rank 2 and logits.shape=(128, 10) of rank 2",
        "argmax",
    ),
    (
        "logits and labels must have the same first dimension, got logits shape [32,10] and labels "
        "shape [320]",
        "argmax",
    ),
    (
        "Arguments `target` and `output` must have the same shape. Received: target.shape=(32, 1), "
        "output.shape=(32, 5)",
        "sparse_categorical",
    ),
]


@pytest.mark.parametrize(("text", "code"), LABELS)
def test_labels_of_another_form(text: str, code: str) -> None:
    message = read(text)

    assert message.certainty == "likely"
    assert re.search(code, message.fixes[0][1])


# --- the order of the axes -----------------------------------------------------------------------

FIRST = "Inputs have incompatible shapes. Received shapes (8, 15, 15) and (8, 16, 16)"
LAST = "Inputs have incompatible shapes. Received shapes (15, 15, 8) and (16, 16, 8)"
UNKNOWN = "Inputs have incompatible shapes. Received shapes (15, 20, 8) and (16, 20, 8)"


def code_of(text: str) -> str:
    return " ".join(code for _, code in read(text).fixes)


def test_code_follows_the_order_of_the_axes() -> None:
    assert "skip[:, :, : x.shape[2], : x.shape[3]]" in code_of(FIRST)
    assert 'data_format="channels_first"' in code_of(FIRST)
    assert "skip[:, : x.shape[1], : x.shape[2], :]" in code_of(LAST)
    assert "channels_first" not in code_of(LAST)


def test_an_assumed_order_is_said() -> None:
    assert any("assumed" in note for note in read(UNKNOWN).notes)
    assert not any("assumed" in note for note in read(LAST).notes + read(FIRST).notes)


def test_an_axis_of_channels_that_the_text_names_shows_the_order() -> None:
    text = (
        "Input 0 of layer 'conv2d_2' is incompatible with the layer: expected axis {} of input "
        "shape to have value 3, but received input with shape {}"
    )

    assert "shape=(4, height, width)" in code_of(text.format(1, (None, 4, 28, 28)))
    assert "shape=(height, width, 4)" in code_of(text.format(-1, (None, 28, 28, 4)))


# --- a table beside the message -----------------------------------------------------------------

KERAS_TABLE = """
│ conv2d (Conv2D)                 │ (None, 26, 26, 16)     │           160 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ max_pooling2d (MaxPooling2D)    │ (None, 13, 13, 16)     │             0 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ flatten (Flatten)               │ (None, 2704)           │             0 │
"""
TORCH_TABLE = """
Layer (type (var_name))     Input Shape         Output Shape        Kernel Shape   Param #
├─Conv2d (conv1)            [4, 1, 28, 28]      [4, 16, 26, 26]     [3, 3]         160
├─MaxPool2d (pool)          [4, 16, 26, 26]     [4, 16, 13, 13]     2              --
├─Conv2d (conv2)            [4, 16, 13, 13]     [4, 32, 11, 11]     [3, 3]         4,640
"""
BESIDE = [
    (TORCH_TABLE, MATRICES.format("4x3872", "512x10"), "32 × 11 × 11 as output of Conv2d (conv2)"),
    (TORCH_TABLE, "shape '[-1, 512]' is invalid for input of size 15488", "Conv2d (conv2)"),
    (
        TORCH_TABLE,
        "Given groups=1, weight of size [64, 16, 3, 3], expected input[4, 32, 11, 11] to have 16 "
        "channels, but got 32 channels instead",
        "32 × 11 × 11 as output of Conv2d (conv2)",
    ),
    (
        TORCH_TABLE,
        "The size of tensor a (11) must match the size of tensor b (13) at non-singleton dimension "
        "3",
        "32 × 11 × 11 as output of Conv2d (conv2), and 16 × 13 × 13 as output of MaxPool2d (pool)",
    ),
    (
        TORCH_TABLE,
        "Calculated padded input size per channel: (13 x 13). Kernel size: (15 x 15). Kernel size "
        "can't be greater than actual input size",
        "16 × 13 × 13 as output of MaxPool2d (pool)",
    ),
    (
        KERAS_TABLE,
        'Input 0 of layer "conv2d_9" is incompatible with the layer: expected min_ndim=4, found '
        "ndim=2. Full shape received: (None, 2704)",
        "2704 as output of flatten (Flatten)",
    ),
    (
        KERAS_TABLE,
        "Arguments `target` and `output` must have the same shape. Received: target.shape=(32, 4), "
        "output.shape=(32, 2704)",
        "The last layer in the table is flatten (Flatten)",
    ),
]


@pytest.mark.parametrize(("table", "line", "told"), BESIDE)
def test_a_table_of_layers_is_used_for_every_kind(table: str, line: str, told: str) -> None:
    assert told in " ".join(read(table + line).causes)
    assert told not in " ".join(read(line).causes)


def test_a_printed_shape_is_no_table() -> None:
    line = "Given groups=1, weight of size [64, 3, 3, 3], expected input[4, 32, 11, 11] to have 3 "
    line += "channels, but got 32 channels instead"

    assert read(f"x  [4, 32, 11, 11]\n{line}").causes == ()
    assert read(f"Input [4, 32, 11, 11]\nOutput [4, 32, 11, 11]\n{line}").causes == ()


# --- pictures of another size --------------------------------------------------------------------

PICTURES = [
    ("AssertionError: Input height (225) doesn't match model (224).", (224,), (225,)),
    ("Input image size (200*200) doesn't match model (224*224).", (224, 224), (200, 200)),
    ("Wrong image width! Expected 224 but got 225!", (224,), (225,)),
    ("Input height (230) should be divisible by patch size (16).", (16,), (230,)),
    ("height (50) must be divisible by window (7)", (7,), (50,)),
    ("Image size 500 must be divisible by patch size 16", (16,), (500,)),
    (
        "input image H and W should be divisible by 8, instead got 130 (h) and 136 (w)",
        (8,),
        (130, 136),
    ),
    (
        "spatial dimensions [2] of input image (spatial shape: torch.Size([65, 64, 64])) must be "
        "divisible by 2**5.",
        (32,),
        (65, 64, 64),
    ),
    ("`height` and `width` have to be divisible by 8 but are 100 and 200.", (8,), (100, 200)),
    ("Shape mismatch, can't divide axis of length 250 in chunks of 32", (32,), (250,)),
]


@pytest.mark.parametrize(("text", "expected", "got"), PICTURES)
def test_libraries_name_the_size_of_a_picture(
    text: str, expected: tuple[int, ...], got: tuple[int, ...]
) -> None:
    message = read(text)

    assert (message.expected, message.got) == (expected, got)


@pytest.mark.parametrize(
    "text",
    [
        "hidden size (768) must be divisible by 7",
        "batch size (10) must be divisible by 4",
        "Target 3 is out of bounds for the drone",
        "embed_dim must be divisible by num_heads (got `embed_dim`: 768 and `num_heads`: 5).",
        "Input height (224) should be divisible by patch size (16).",
    ],
)
def test_texts_about_something_else_are_none(text: str) -> None:
    assert decode(text) is None


@pytest.mark.parametrize(
    ("sizes", "dimension", "told"),
    [((577, 197), 1, "24 × 24 + 1"), ((144, 196), 3, "12 × 12"), ((64, 256), 3, "")],
)
def test_numbers_of_patches_are_no_width(sizes: tuple[int, int], dimension: int, told: str) -> None:
    message = read(
        f"The size of tensor a ({sizes[0]}) must match the size of tensor b ({sizes[1]}) at "
        f"non-singleton dimension {dimension}"
    )

    assert message.failing_axes == ()
    assert told in " ".join(message.causes)


# --- earlier versions of PyTorch -----------------------------------------------------------------

# Run with PyTorch 1.13.1 and 2.0.1; the last is in the binary of 1.4.0.
EARLIER = [
    (
        "Argument #6: Padding size should be less than the corresponding input dimension, but got: "
        "padding (3, 3) at dimension 2 of input 4",
        MessageKind.REFLECTION,
        "height",
    ),
    (
        "Found an invalid max index: 99 (output volumes are of size 6x6",
        MessageKind.UNPOOL,
        None,
    ),
    (
        "Expected weight to be a vector of size equal to the number of channels in input, but got "
        "weight of shape [8] and input of shape [2, 12, 3, 3]",
        MessageKind.CHANNELS,
        None,
    ),
    (
        "Sizes of tensors must match except in dimension 2. Got 70 and 71 (The offending index is "
        "0)",
        MessageKind.CONCATENATE,
        None,
    ),
    ("Assertion `cur_target >= 0 && cur_target < n_classes' failed.", MessageKind.CLASSES, None),
]


@pytest.mark.parametrize(("text", "kind", "axis"), EARLIER)
def test_earlier_versions_are_read(text: str, kind: MessageKind, axis: str | None) -> None:
    message = read(text)

    assert (message.framework, message.kind, message.axis) == ("pytorch", kind, axis)
    assert message.fixes


# --- texts without numbers -----------------------------------------------------------------------


def test_a_text_without_numbers_says_which_to_look_up() -> None:
    message = read(
        "Fail: [ONNXRuntimeError] : 1 : FAIL : Node (/features/0/Add) Op (Add) "
        "[ShapeInferenceError] Incompatible dimensions"
    )

    assert (message.kind, message.layer_name) == (MessageKind.SUM, "/features/0/Add")
    assert message.notes[-1].startswith("To look up: the shapes of both inputs")


def test_attention_without_numbers_is_none() -> None:
    assert (
        decode("Node (/encoder/attn/Add) Op (Add) [ShapeInferenceError] Incompatible dimensions")
        is None
    )


def test_modules_of_messages_are_short() -> None:
    folder = Path(__file__).parents[2] / "poolviz"
    files = [*folder.glob("messages/**/*.py"), *folder.glob("dialects/*/*messages.py")]

    assert [file.name for file in files if len(file.read_text("utf-8").splitlines()) > 400] == []
