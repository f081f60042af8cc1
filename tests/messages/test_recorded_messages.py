"""`pv.decode` on recorded messages about layers: the numbers are those of the recorded call."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poolviz.messages.message import MessageKind
from poolviz.reading.messages import decode
from tests.messages.recorded_rows import FILES, KERAS, TENSORFLOW, read, rows
from tests.support.recorded_messages import Recorded, recorded_messages, recorded_texts

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
