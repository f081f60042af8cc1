"""`pv.decode` on recorded texts about pooling: the parameters of the call come back."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from poolviz.arithmetic.trace import AxisTrace, Trace, trace
from poolviz.messages.message import MessageKind
from poolviz.reading.messages import Message, decode
from tests.messages.decode_cases import differences, said_of
from tests.support.recordings import (
    NOT_POOLINGS,
    TABLES,
    WHOLE,
    WHOLE_FOLDER,
    Row,
    Table,
    run_of,
    tag_of,
)

CHANNELS = 2  # of every recorded input


each_table = pytest.mark.parametrize("table", TABLES, ids=str)


needs_whole = pytest.mark.skipif(WHOLE is None, reason="the whole recording is not here")


def resolved(row: Row, framework: str) -> Trace:
    run = run_of(row, framework)
    return trace(run.layer, run.input_size)


def error_rows(table: Table, *tags: str) -> Iterator[tuple[Row, str]]:
    """The recorded pooling layers that raised, of some calls, with their whole text."""
    for row in table.shape_rows:
        is_pooling = row["category"] not in NOT_POOLINGS
        if is_pooling and row["error"] is not None and tag_of(row) in tags:
            yield row, row["error"]["message"]


STATIC_TAGS = {"tf221.nn-graph": "tensorflow", "tf215.nn-graph": "tensorflow"} | {
    f"{tag}.keras-sym": "keras" for tag in ("tf221", "k3torch", "k3jax")
}


@each_table
@pytest.mark.parametrize("tag", STATIC_TAGS)
def test_static_texts_give_the_whole_layer_back(table: Table, tag: str) -> None:
    """TensorFlow's graphs and Keras 3 say everything: the layer is rebuilt and traces alike."""
    compared = 0
    for row, text in error_rows(table, tag):
        if not ("Negative dimension" in text or "Computed output" in text):
            continue
        traced = resolved(row, STATIC_TAGS[tag])
        message = decode(text)

        assert message is not None, text
        assert differences(message, traced, STATIC_TAGS[tag]) == [], row["id"]
        assert message.layer is not None
        assert trace(message.layer, traced.input_size).axes == tuple(
            _with_padding_name(axis, rebuilt)
            for axis, rebuilt in zip(
                traced.axes, trace(message.layer, traced.input_size).axes, strict=True
            )
        )
        assert traced.failing_axes[0].name == message.axis
        assert (row["op"], CHANNELS, MessageKind.NO_FIT) == (
            message.op,
            message.channels,
            message.kind,
        )
        assert message.diagnosis is not None
        assert not message.diagnosis.ok
        compared += 1

    assert compared > 3


def _with_padding_name(axis: AxisTrace, like: AxisTrace) -> AxisTrace:
    """No padding may be written as "valid" or as 0."""
    return replace(axis, padding_name=like.padding_name)


@each_table
def test_keras_2_texts_give_the_numbers_back(table: Table) -> None:
    compared = 0
    for row, text in error_rows(table, "tf215.keras-sym"):
        if "Negative dimension" not in text:
            continue
        traced = resolved(row, "tensorflow")
        message = decode(text)

        assert message is not None, text
        assert differences(message, traced, "tensorflow") == [], row["id"]
        assert message.layer_name is not None
        assert traced.failing_axes[0].name == message.axis
        compared += 1

    assert compared > 3 or table.name == "compact"


TORCH_TAGS = ("torch.F", "torch.F-indices", "torch.F-grad")


@each_table
def test_pytorch_sizes_are_given_back(table: Table) -> None:
    compared = 0
    for row, text in error_rows(table, *TORCH_TAGS):
        if "Calculated output" not in text and "Invalid computed" not in text:
            continue
        traced = resolved(row, "pytorch")
        message = decode(text)

        assert message is not None, text
        assert differences(message, traced, "pytorch") == [], row["id"]
        assert all(axis.output_size is not None for axis in message.axes)
        assert "Invalid" in text or all(axis.input_size is not None for axis in message.axes)
        # A map with one row is described as if it had one axis.
        if len(message.axes) == len(traced.axes):
            failing = {axis.name for axis in traced.failing_axes}
            assert set(message.failing_axes) >= failing, row["id"]
        compared += 1

    assert compared > 30


@each_table
def test_pytorch_padding_limits_are_given_back(table: Table) -> None:
    compared = 0
    for row, text in error_rows(table, *TORCH_TAGS):
        if "half of" not in text:
            continue
        message = decode(text)

        assert message is not None, text
        assert message.kind == MessageKind.PADDING_LIMIT
        pairs = [(axis.kernel_size, axis.padding) for axis in message.axes]
        asked = list(zip(row["kernel"], [before for before, _ in row["padding"]], strict=True))
        # max_pool1d with indices mentions a map with one row.
        assert set(pairs) <= set(asked) | {(1, 0)}, row["id"]
        assert any(pad > kernel // 2 for kernel, pad in pairs if isinstance(pad, int))
        compared += 1

    assert compared > 20


@each_table
def test_empty_inputs_are_told(table: Table) -> None:
    for row, text in error_rows(table, *TORCH_TAGS, "onnx.ort-op22"):
        if 0 not in row["input"] or "must be tuple of ints" in text or "half" in text:
            continue
        message = decode(text)
        if message is None or message.kind is MessageKind.PADDING_LIMIT:
            assert "adding" in text or "Pad" in text
            continue
        sizes = [axis.input_size for axis in message.axes]

        assert message.kind == MessageKind.EMPTY_INPUT or "smaller than kernel" in text
        assert sizes in (row["input"], row["input"][1:])


@each_table
def test_every_recorded_pooling_error_is_known(table: Table) -> None:
    """But for texts that any program may raise, each error of the five frameworks is decoded."""
    tags = (*STATIC_TAGS, *TORCH_TAGS, "onnx.ort-op22", "jax.lax", "jax.flax", "tf215.keras-sym")
    unknown = [text for _, text in error_rows(table, *tags) if decode(text) is None]

    assert unknown == []


# Texts among the recorded scenarios without pooling layers, or that any program may raise.
NOT_OURS = (
    "'<=' not supported",
    "'int' object",
    "object of type",
    "can only concatenate",
    "division by zero",
    "ropping",
    "is not available with Keras 3",
    "the Python process died",
    "Trying to create tensor with negative dimension",
    "index can't contain negative values",
    "index 8 is out of bounds",
    "list index out of range",
    "tuple index out of range",
    "negative dimensions are not allowed",
    "operands could not be broadcast",
    "range() arg 3",
    "zero-size array to reduction",
    "cannot convert float infinity",
    "ceil_mode is not supported with auto_pad",
    "Issues with types",
)


@needs_whole
def test_recorded_scenarios_are_known() -> None:
    unknown = [
        row["error"]["message"]
        for row in _scenarios()
        if decode(row["error"]["message"]) is None
        and not any(part in row["error"]["message"] for part in NOT_OURS)
    ]

    assert unknown == []


@needs_whole
def test_recorded_scenarios_give_the_map_before_the_layer() -> None:
    """Some scenarios noted the shape that the failing layer got."""
    compared = 0
    for row in _scenarios():
        shape = row.get("shape_before_failing_layer")
        message = decode(row["error"]["message"])
        if not shape or message is None or len(shape) != len(message.axes) + 2:
            continue
        is_first = row["fw"] == "torch"
        spatial = shape[2:] if is_first else shape[1:-1]
        sizes = [
            axis.padded_size if axis.input_size is None else axis.input_size
            for axis in message.axes
        ]

        if None in (*spatial, *sizes):  # the model was built without its sizes
            continue
        assert spatial == sizes, row["id"]
        compared += 1

    assert compared > 10


@needs_whole
def test_channels_first_layer_is_told_from_its_text() -> None:
    """28 × 28 × 1 under a channels-first layer: only that order leaves a window without room."""
    texts = [
        row["error"]["message"]
        for row in _scenarios()
        if row["scenario"] == "channels_first-layer-on-channels_last-data"
        and ("pool_size" in row["error"]["message"] or "NCHW" in row["error"]["message"])
    ]
    read = [decode(text) for text in texts]

    assert len(read) > 2
    assert all(
        message is not None
        and (message.data_format, message.axis, message.channels) == ("channels_first", "width", 28)
        for message in read
    )


@cache
def _scenarios() -> list[Row]:
    with gzip.open(WHOLE_FOLDER / "messages.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [row for row in rows if row["error"] is not None]


REAL_MESSAGES = WHOLE_FOLDER / "real_messages.jsonl"


# Texts that are not error messages: no sizes, or the words of a person.
REAL_WITHOUT_SIZES = ("meta data must be valid", "screenshot", "void arm_compute")


@pytest.mark.skipif(not REAL_MESSAGES.exists(), reason="the real messages are not here")
def test_real_messages_are_decoded() -> None:
    """Of the errors that state sizes, at least 97 % are known, and no number is invented."""
    rows = [json.loads(line) for line in REAL_MESSAGES.read_text(encoding="utf-8").splitlines()]
    stating = [
        row["message"]
        for row in rows
        if row["kind"] == "error"
        and re.search(r"\d", row["message"])
        and not any(part in row["message"] for part in REAL_WITHOUT_SIZES)
    ]
    read = {text: decode(text) for text in stating}
    known = {text: message for text, message in read.items() if message is not None}

    assert len(stating) > 40
    assert len(known) >= 0.97 * len(stating)
    for text, message in known.items():
        stated = {int(number) for number in re.findall(r"-?\d+", text)}
        assert _numbers(message) <= stated | {0, 1}, text


def _numbers(message: Message) -> set[int]:
    """Every number that a message claims to be in its text."""
    numbers = {
        value
        for axis in message.axes
        for name, value in said_of(axis).items()
        if name not in ("padded_size", "padding") and isinstance(value, int)
    }
    for sizes in (message.expected, message.got, *message.shapes):
        numbers |= {size for size in sizes if size is not None}
    return numbers
