"""`pv.decode` on recorded messages about axes and inputs: the shapes of the recorded call."""

from __future__ import annotations

import pytest

from poolviz.messages.message import MessageKind
from poolviz.reading.messages import decode
from tests.messages.recorded_rows import KERAS, TENSORFLOW, read, rows

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
