"""`pv.decode` on recorded messages about shapes: the numbers are those of the recorded call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poolviz.messages.message import MessageKind
from poolviz.reading.messages import Message, decode
from tests.support.recorded_messages import Recorded, recorded_messages, recorded_texts

FILES = (
    *("keras2", "keras3", "tensorflow215", "tensorflow221", "jax", "onnx", "mxnet", "tfjs"),
    "tflite",
)
KERAS = ("keras2", "keras3")
TENSORFLOW = ("tensorflow215", "tensorflow221")


def rows(files: tuple[str, ...], *starts: str) -> Iterator[Recorded]:
    for name in files:
        for row in recorded_messages(name):
            if row.scenario.startswith(starts) and "tuple index" not in row.message:
                yield row


def read(row: Recorded) -> Message:
    message = decode(row.text)
    assert message is not None, row.text[-300:]
    return message


# --- the number of axes --------------------------------------------------------------------------


def test_axes_of_keras_layers() -> None:
    count = 0
    for row in rows(KERAS, "rank-symbolic", "rank-eager", "rank-sequential"):
        if "rank not supported" in row.message or "have rank 3" in row.message:
            continue
        message, asked = read(row), row.parameters
        batch = 0 if row.scenario != "rank-symbolic" else 1
        given = len(asked["shape"]) + batch
        is_inner = "Depthwise" in row.message or "Kernel shape" in row.message

        assert message.kind is MessageKind.RANK, row.text
        assert message.framework == "keras" or "node" in row.message
        assert message.expected == (asked["ndim"] + 2,) or is_inner or asked["op"] == "separable"
        assert message.got == (given,) or "Depthwise" in row.message
        count += 1
    assert count > 150


@pytest.mark.parametrize(
    ("shape", "missing", "fix"),
    [
        ("(None, 28, 28)", "channels", "x = x[..., np.newaxis]"),
        ("(None, 224, 3)", "batch", "x = x[np.newaxis]"),
        ("(32, 32, 3)", "batch", "x = x[np.newaxis]"),
        ("(None, 128)", "flat", ""),
        ("(None, 1, 28, 28, 1)", "surplus", "x = np.squeeze(x, axis=1)"),
        ("(None, None, 28, 28, 1)", "surplus", ""),
    ],
)
def test_which_axis_is_missing(shape: str, missing: str, fix: str) -> None:
    """Two colons, any layer name, and the model itself: the spellings of Keras 2.0 to 3.15."""
    given = shape.count(",") + 1
    for words in (
        f'Input 0 of layer "conv2d" is incompatible with the layer: expected min_ndim=4, found '
        f"ndim={given}. Full shape received: {shape}",
        f"Input 0 of layer sequential is incompatible with the layer: : expected min_ndim=4, found "
        f"ndim={given}. Full shape received: {shape.replace('(', '[').replace(')', ']')}",
        f"Input 0 with name 'None' of layer 'my_block' is incompatible with the layer: expected "
        f"ndim=4, found ndim={given}. Full shape received: {shape}",
    ):
        message = decode(words)

        assert message is not None
        assert (message.kind, message.missing) == (MessageKind.RANK, missing)
        assert message.fixes[0][1] == fix


def test_axes_in_tensorflow() -> None:
    count = 0
    for row in rows(TENSORFLOW, "conv-rank", "pool-rank", "norm-rank"):
        message = decode(row.text)
        if message is None or message.kind is MessageKind.ARGUMENT:
            assert "ksize" in row.message or "input.shape.rank" in row.message
            continue
        assert message.kind is MessageKind.RANK
        assert message.op in ("conv", "max", "avg", "pool", "norm")
        count += message.op == "norm"
    assert count >= 24


# --- the shape of a model ------------------------------------------------------------------------


def test_a_model_that_gets_another_shape() -> None:
    count = 0
    for row in rows(KERAS, "model-call", "model-predict", "model-fit"):
        expected, got = row.parameters["expected"], row.parameters["got"][1:]
        if max(len(expected), len(got)) < 3 and 784 not in (*expected, *got):
            continue
        if "expected shape" not in row.message and "Expected shape" not in row.message:
            continue
        message = read(row)
        if len(expected) != len(got):
            assert message.kind is MessageKind.RANK
        elif expected[:-1] == got[:-1]:
            assert message.kind is MessageKind.CHANNELS
            assert (message.expected, message.got) == ((expected[-1],), (got[-1],))
        else:
            assert message.kind is MessageKind.INPUT_SHAPE
            assert (list(message.expected), list(message.got)) == (expected, got)
            assert len(message.failing_axes) == sum(
                one != other for one, other in zip(expected[:-1], got[:-1], strict=True)
            )
        count += 1
    assert count > 40


FED = {
    (28, 28, 3): "x = x.mean(axis=-1, keepdims=True)",
    (32, 32, 4): 'image = image.convert("RGB")',
    (64, 48, 3): "",
    (3, 28, 28): "x = np.moveaxis(x, 1, -1)",
    (28, 28, 1): "x = x.reshape(len(x), -1)",
    (224, 3): "x = x[np.newaxis]",
    (28, 28): "x = x[..., np.newaxis]",
    (784,): "x = x.reshape(-1, 28, 28, 1)",
}


def test_a_placeholder_that_is_fed_another_shape() -> None:
    count = 0
    for row in rows(TENSORFLOW, "fed"):
        message, asked = read(row), row.parameters
        expected, got = tuple(asked["expected"]), tuple(asked["got"])

        assert (message.framework, message.layer_name) == ("tensorflow", "images")
        if got == (0,):
            assert "no file was found" in str(message)
        elif expected[1:] == got[1:]:
            assert (message.expected, message.got) == ((64,), (32,))
            assert "[None, 28, 28, 1]" in message.fixes[0][1]
        else:
            assert message.fixes[0][1] == FED[got[1:]], row.text
        count += 1
    assert count == 20


def test_channels_that_are_open() -> None:
    found = [read(row) for row in rows(KERAS, "open-channels") if "NoneType" not in row.message]

    assert {message.kind for message in found} == {MessageKind.OPEN_SIZE}
    assert {message.op for message in found} == {"conv", "transposed"}
    assert len(found) == 8
    assert all("number of channels is known" in str(message) for message in found)


def test_what_keras_1_and_2_check_before_they_run() -> None:
    for row in rows(("tensorflow215",), "first-"):
        message, asked = decode(row.text), row.parameters
        if message is None:
            assert asked["target"] != [10] or len(asked["shape"]) == 1
            continue
        kinds = {MessageKind.RANK, MessageKind.CHANNELS, MessageKind.INPUT_SHAPE}
        assert message.kind in kinds if "checking input" in row.message else True
        if "expected shape" in row.message or "array with shape" in row.message:
            assert message.framework == "keras"


def test_sizes_of_an_onnx_input() -> None:
    for row in rows(("onnx",), "input"):
        if row.framework != "onnxruntime":
            continue
        expected, got = row.parameters["expected"], row.parameters["got"]
        message = decode(row.text)
        if len(expected) == len(got) >= 4 and expected[1:] == got[1:]:
            assert message is not None
            assert (message.argument, message.expected, message.got) == ("batch", (1,), (got[0],))
            continue
        if max(len(expected), len(got)) < 4 and len(expected) != len(got):
            assert message is None
            continue
        assert message is not None
        assert message.layer_name == "images"
        assert message.data_format == "channels_first"
        if len(expected) == len(got):
            pairs = zip(expected[1:], got[1:], strict=True)
            assert list(zip(message.expected, message.got, strict=True)) == [
                pair for pair in pairs if pair[0] != pair[1]
            ]


# --- classes -------------------------------------------------------------------------------------


def test_classes_and_labels() -> None:
    """Losses of Keras and TensorFlow: as many outputs and labels as the call had."""
    counts = {"classes": 0, "label": 0}
    for row in rows((*KERAS, *TENSORFLOW), *counts):
        message, asked = read(row), row.parameters
        wrong = asked["labels"] if "labels" in asked else asked["label"]

        assert message.kind is MessageKind.CLASSES
        assert (message.expected, message.got) == ((asked["outputs"],), (wrong,)), row.text
        counts[row.scenario.split("-")[0]] += 1
    assert min(counts.values()) >= 40


# --- channels and features -----------------------------------------------------------------------

CHANNELS: list[tuple[str, str, Callable[[Recorded], tuple[int, int]]]] = [
    (name, "channels-", lambda row: (row.parameters["expected"], row.parameters["got"]))
    for name in KERAS
] + [
    (name, "channels-", lambda row: (row.parameters["filters"][-2], row.parameters["shape"][-1]))
    for name in TENSORFLOW
]


@pytest.mark.parametrize(("name", "start", "numbers"), CHANNELS)
def test_channels(name: str, start: str, numbers: Callable[[Recorded], tuple[int, int]]) -> None:
    count = 0
    for row in rows((name,), f"{start}symbolic", f"{start}e", f"{start}g", f"{start}t"):
        message = decode(row.text)
        if message is None:
            assert "number of groups" in row.message or "Kernel shape" in row.message
            continue
        if message.kind is MessageKind.RANK:  # SeparableConv2D in three dimensions
            continue
        expected, got = numbers(row)
        assert message.kind is MessageKind.CHANNELS, row.text
        assert (message.expected, message.got) == ((expected,), (got,)), row.text
        assert ("RGBA" in str(message)) == ((expected, got) in {(3, 4), (1, 4)})
        count += 1
    assert count > 20


def test_a_layer_of_keras_is_mended_in_its_words() -> None:
    for row in rows(KERAS, "window-", "channels-", "model-without-batch"):
        message = read(row)
        code = " ".join(code for _, code in message.fixes)
        assert "tf.nn" not in code
        assert message.framework == "keras" or message.code_in == "keras", row.text


def test_features_of_flax() -> None:
    for row in rows(("jax",), "linen-", "nnx-linear"):
        message, asked = decode(row.text), row.parameters
        if row.scenario == "linen-other-net":  # other outputs: another network's checkpoint
            same = (asked["outputs"], asked["features"], asked["kernel"])
            assert message is None or same != (5, 8, 3)
            continue
        assert message is not None
        assert message.kind in (MessageKind.LINEAR, MessageKind.CHANNELS)
        assert "missing" not in str(message)
        if "expected" in asked:
            assert (message.expected, message.got) == ((asked["expected"],), (asked["got"],))


@pytest.mark.parametrize(("name", "start"), [("onnx", "gemm"), ("mxnet", "fc")])
def test_weights_are_not_taken_for_an_input(name: str, start: str) -> None:
    for row in rows((name,), start):
        message = decode(row.text)
        if message is None or message.kind is MessageKind.OPEN_SIZE:
            continue
        assert message.kind is MessageKind.LINEAR
        assert "missing" not in str(message)


# --- sums and joins ------------------------------------------------------------------------------


def test_maps_that_are_added() -> None:
    count = 0
    for row in rows((*KERAS, *TENSORFLOW, "jax"), "merge-", "add", "multiply", "plus"):
        first, second = row.parameters["first"], row.parameters["second"]
        if row.parameters.get("layer") == "Concatenate":
            continue
        message = decode(row.text)
        if message is None:
            assert len(first) < 4
            continue
        pairs = list(zip(first, second, strict=True))
        assert message.kind is MessageKind.SUM
        assert list(zip(message.expected, message.got, strict=True)) == [
            pair for pair in pairs if pair[0] != pair[1]
        ]
        assert message.is_of_maps == (first[-1] == second[-1] and len(message.axes) > 1)
        count += 1
    assert count > 80


def test_maps_that_are_joined() -> None:
    """The sizes that are stated are never those of the axis along which they are joined."""
    count = 0
    for row in rows(TENSORFLOW, "concat-"):
        asked = row.parameters
        first, second, along = asked["first"], asked["second"], asked["axis"]
        differing = [i for i, size in enumerate(first) if size != second[i] and i != along]
        message = decode(row.text)
        if message is None:
            continue
        assert message.kind is MessageKind.CONCATENATE
        told = {first[i] for i in differing}
        assert {*message.expected} <= told or not message.is_of_maps, row.text
        count += 1
    assert count > 40


def test_the_old_wording_of_tensorflow_names_no_axis() -> None:
    message = decode(
        "ConcatOp : Dimensions of inputs should match: shape[0] = [4,32,20,24] vs. "
        "shape[1] = [4,64,20,23]"
    )

    assert message is not None
    assert (message.axis, message.expected, message.got) == ("width", (24,), (23,))
    assert message.data_format == "channels_first"


# --- reshapes and labels -------------------------------------------------------------------------


def test_numbers_that_are_reshaped() -> None:
    for row in rows(TENSORFLOW, "reshape-"):
        message, shape = decode(row.text), row.parameters["shape"]
        if message is None:
            assert len(shape) < 2 or "Dimension size" in row.message
            continue
        assert message.kind is MessageKind.RESHAPE
        assert message.got in ((prod(shape),), (prod(shape[1:]),))


def test_rows_of_the_labels() -> None:
    for row in rows(TENSORFLOW, "logits-", "sparse-logits-"):
        message, asked = decode(row.text), row.parameters
        if message is None:
            assert "None" in row.message
            continue
        assert message.kind is MessageKind.TARGET
        if len(asked["logits"]) == 2:
            assert message.expected == (asked["logits"][0],)
            assert message.got == (asked["labels"][0],)


def test_a_map_at_the_end_of_a_model() -> None:
    for row in rows(KERAS, "loss"):
        message = decode(row.text)
        if message is None or len(row.parameters.get("output", ())) < 3:
            continue
        assert message.kind is MessageKind.TARGET
        assert message.certainty == "likely"


# --- all -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
def test_words_have_the_numbers_and_no_names_of_ours(name: str) -> None:
    for row in recorded_messages(name):
        message = decode(row.text)
        if message is None:
            continue
        words = str(message)
        assert words.count("`") == 0 or row.framework == "deepmedic"
        assert "kernel 1 " not in words
        is_by_axes = message.kind is MessageKind.TARGET and None in message.expected
        for size in (*message.expected, *message.got):
            if is_by_axes or (message.kind is MessageKind.RANK and not message.got):
                continue
            told = ["" if size is None else f"{size:,}".replace("-", "−"), str(size)]
            assert any(number in words for number in told), words


def test_what_looks_alike_stays_unread() -> None:
    for row in rows(TENSORFLOW, "other-"):
        message = decode(row.text)
        assert message is None or message.kind is MessageKind.CONCATENATE
        assert message is None or "pooling" not in str(message)


sizes = st.integers(9, 400)


@settings(max_examples=60, deadline=None)
@given(st.lists(sizes, min_size=3, max_size=5), st.lists(sizes, min_size=3, max_size=5))
def test_shapes_are_read_back(expected: list[int], got: list[int]) -> None:
    """A model's shape and the given one, as in the messages of Keras 2 and 3."""
    message = decode(
        f'Input 0 of layer "model" is incompatible with the layer: expected shape='
        f"{(None, *expected)}, found shape={(None, *got)}"
    )
    if expected == got:
        assert message is None
        return
    assert message is not None
    if len(expected) != len(got):
        assert (message.kind, message.got) == (MessageKind.RANK, (len(got) + 1,))
    elif message.kind is MessageKind.CHANNELS:
        place = -1 if message.data_format == "channels_last" else 0
        assert (message.expected, message.got) == ((expected[place],), (got[place],))
        assert sum(one != other for one, other in zip(expected, got, strict=True)) == 1
    else:
        assert (list(message.expected), list(message.got)) == (expected, got)


def test_opencv_names_the_layer_where_it_states_no_numbers() -> None:
    kinds = {
        "src.dims == 3": (MessageKind.RANK, "pool", None),
        "handleNode": (MessageKind.RESHAPE, "reshape", "/features/0/Reshape"),
        "computeShapeByReshapeMask": (MessageKind.RESHAPE, "reshape", None),
    }
    for scenario, _, text in recorded_texts("onnx"):
        if not scenario.startswith(("pool-rank-", "reshape-")) or "OpenCV" not in text:
            continue
        told = [facts for words, facts in kinds.items() if words in text]
        message = decode(text)

        assert message is not None
        if "src.dims" in text or "maskTotal" in text:
            assert (message.kind, message.op, message.layer_name) == told[0]
            assert any("states no numbers" in note for note in message.notes)
