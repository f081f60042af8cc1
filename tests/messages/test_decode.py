"""`pv.decode`: texts of frameworks give back the numbers that went into them.

Recorded texts are compared with the parameters of their rows, generated ones with the trace that
they come from. Forms that were not recorded are in `FORMS`, in each framework's wording with
other numbers.
"""

from __future__ import annotations

import gzip
import html
import json
import pickle
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from poolviz.arithmetic.framework_names import FRAMEWORK_NAMES
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.trace import AxisTrace, Trace, trace
from poolviz.messages.message import MessageKind
from poolviz.reading.messages import Message, decode
from tests.messages.decode_cases import QUANTITIES, said_of
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


# --- comparing -----------------------------------------------------------------------------------


def true_of(axis: AxisTrace) -> dict[str, Any]:
    """Return the true values of the same quantities."""
    values: dict[str, Any] = {name: getattr(axis, name) for name in QUANTITIES}
    before, after = axis.padding
    values["padding"] = before if before == after else (before, after)
    return values


def differences(message: Message, traced: Trace, framework: str) -> list[str]:
    """Yield the quantities for which a message differs from the trace."""
    wrong = []
    axes = list(traced.axes)
    if len(message.axes) == 1 and len(axes) == 2 and axes[0].input_size == 1:
        # PyTorch says of a map with one row what it says of a sequence.
        axes = axes[1:]
        names: list[str | None] = ["length"]
    else:
        names = [axis.name for axis in axes]
    if message.framework != framework:
        wrong.append(f"framework {message.framework}")
    if len(message.axes) == 1 and message.axes[0].name is None:
        said = said_of(message.axes[0])
        if not any(said.items() <= true_of(axis).items() for axis in traced.axes):
            wrong.append(f"unnamed axis {said}")
        return wrong
    if message.axes and [axis.name for axis in message.axes] != names:
        return [*wrong, f"axes {[axis.name for axis in message.axes]}"]
    for axis, truth in zip(message.axes, axes, strict=False):
        said = said_of(axis)
        if not said.items() <= true_of(truth).items():
            wrong.append(f"{truth.name} {said}")
    return wrong


def resolved(row: Row, framework: str) -> Trace:
    run = run_of(row, framework)
    return trace(run.layer, run.input_size)


def error_rows(table: Table, *tags: str) -> Iterator[tuple[Row, str]]:
    """The recorded pooling layers that raised, of some calls, with their whole text."""
    for row in table.shape_rows:
        is_pooling = row["category"] not in NOT_POOLINGS
        if is_pooling and row["error"] is not None and tag_of(row) in tags:
            yield row, row["error"]["message"]


# --- recorded texts ------------------------------------------------------------------------------


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


# --- real messages, read where they lie ----------------------------------------------------------


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


# --- generated texts -----------------------------------------------------------------------------


NOISE = (
    "Traceback (most recent call last):",
    '  File "train.py", line 214, in <module>',
    "    main()",
    "2026-01-02 03:04:05.678901: I core/platform/cpu_feature_guard.cc:182] rebuild with AVX2 FMA",
    "Epoch 3/10  loss: 0.6931 - accuracy: 0.5000 [=====>....] 312/1250",
    "KeyError: 'image'",
    "During handling of the above exception, another exception occurred:",
    "\x1b[0;31m----> 1\x1b[0m model\x1b[0;34m(\x1b[0m1\x1b[0;34m)\x1b[0m",
    "WARNING:root:size mismatch for fc.weight: copying a param of shape (10, 512)",
    "Найдена ошибка: 画像が小さすぎます 🐛",
    "<div class='output'><pre>RuntimeError</pre></div>",
    "",
)


noise = st.lists(st.sampled_from(NOISE), max_size=12).map("\n".join)


sizes = st.integers(0, 12)


@st.composite
def failing_calls(draw: st.DrawFn) -> tuple[Trace, int]:
    """A pooling layer that raises, in one of the frameworks that do, and a number of channels."""
    ndim = draw(st.integers(1, 3))

    def per_axis(values: st.SearchStrategy[Any]) -> tuple[Any, ...]:
        return tuple(draw(values) for _ in range(ndim))

    pads = st.tuples(st.integers(0, 3), st.integers(0, 3))
    layer = Pool(
        per_axis(st.integers(1, 14)),
        draw(st.none() | st.just(per_axis(st.integers(1, 4)))),
        draw(st.sampled_from(["valid", 0, 1, per_axis(st.integers(0, 3)), per_axis(pads)])),
        draw(st.just(1) | st.just(per_axis(st.integers(1, 3)))),
        op=draw(st.sampled_from(["max", "avg"])),
        framework=draw(st.sampled_from([name for name in FRAMEWORK_NAMES if name != "jax"])),
    )
    traced = trace(layer, per_axis(sizes))
    assume(traced.outcome == "raises")
    return traced, draw(st.integers(1, 2048))


# TensorFlow and MLX refuse these with words that any function raises.
ANY_FUNCTION = ("got an unexpected keyword argument", "Unknown padding", "'<' not supported")


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(failing_calls(), noise, noise)
def test_what_a_framework_says_is_read_back(
    call: tuple[Trace, int], before: str, after: str
) -> None:
    traced, channels = call
    text = traced.says(channels=channels)
    assert text is not None
    assume(not text.startswith(ANY_FUNCTION))
    message = decode(f"{before}\n{traced.error_name}: {text}\n{after}")

    assert message is not None, text
    assert differences(message, traced, traced.layer.framework) == [], text
    assert message.channels in (None, channels)
    if message.layer is not None:
        assert traced.failing_axes[0].name == message.axis
        assert message.diagnosis is not None
    if not traced.refusals and traced.layer.framework in ("tensorflow", "keras"):
        assert message.layer is not None
    assert message.message.splitlines()[0] in re.sub(r"\x1b\[[0-9;]*m", "", text)


@settings(max_examples=60, deadline=None)
@given(failing_calls(), st.integers(20, 60))
def test_broken_lines_do_not_matter(call: tuple[Trace, int], width: int) -> None:
    """A terminal breaks a long line at blanks, a mail quotes it."""
    traced, channels = call
    text = traced.says(channels=channels) or ""
    assume(not text.startswith(ANY_FUNCTION))
    broken = re.sub(rf"(.{{{width},}}?) ", "\\1\n> ", text)
    whole, read = decode(text), decode(f"> {broken}")

    assert whole is not None
    assert read is not None
    assert whole.axes == read.axes


# --- one message at leisure ----------------------------------------------------------------------


KERAS = (
    "Exception encountered when calling MaxPooling2D.call().\n\n\x1b[1mComputed output size would "
    "be zero or negative. Received: `inputs.shape=[None 10 10  3]`, `pool_size=[15 15]`, "
    "`strides=(15, 15)`, `padding=valid`.\x1b[0m"
)


def test_message_in_words() -> None:
    message = decode(
        "Negative dimension size caused by subtracting 2 from 1 for '{{node pool1/MaxPool}} = "
        'MaxPool[T=DT_FLOAT, data_format="NHWC", explicit_paddings=[], ksize=[1, 2, 2, 1], '
        'padding="VALID", strides=[1, 2, 2, 1]](x)\' with input shapes: [?,1,6,28].'
    )
    assert message is not None
    words = str(message)
    assert words.startswith(
        'TensorFlow, max pooling, layer "pool1", height: no window fits. The window 2 is longer '
        "than the input 1. Any one of these gives valid shapes: "
    )
    assert "kernel height 2 → 1" not in words  # such a layer does nothing
    assert "input height 1 → 2 gives 1 × 3 (needs larger data, or fewer preceding layers)" in words
    assert "\n" not in words


def test_channels_that_may_be_first_are_the_first_fix() -> None:
    message = decode(
        "Negative dimension size caused by subtracting 2 from 1 for '{{node pool1/MaxPool}} = "
        'MaxPool[T=DT_FLOAT, data_format="NHWC", explicit_paddings=[], ksize=[1, 2, 2, 1], '
        'padding="VALID", strides=[1, 2, 2, 1]](x)\' with input shapes: [?,1,28,28].'
    )
    assert message is not None
    assert message.fixes[0] == (
        "put the channels of the data last, if they are first",
        "x = tf.experimental.numpy.moveaxis(x, 1, -1)",
    )
    cause, _, fixes = str(message).partition(" Possible fixes:")
    assert fixes
    assert cause.endswith(
        "A height of 1 next to a long axis is often the number of channels: check whether the data "
        "is channels first while the model expects channels last. If not, the preceding layers "
        "reduced the height."
    )


def test_keras_message_opens_as_a_layer() -> None:
    message = decode(KERAS)

    assert message is not None
    assert Pool((15, 15), (15, 15), "valid", framework="keras") == message.layer
    assert (message.axis, message.failing_axes) == ("height", ("height", "width"))
    assert "\x1b" not in message.message


def test_frozen_and_picklable() -> None:
    message = decode(KERAS)
    assert message is not None
    str(message)

    assert message == pickle.loads(pickle.dumps(message))
    with pytest.raises(AttributeError):
        message.op = "avg"  # type: ignore[misc]


@pytest.mark.parametrize("height", [1, 3])
def test_few_rows_beside_a_wide_axis_may_be_channels(height: int) -> None:
    message = decode(
        f"Negative dimension size caused by subtracting 5 from {height} for 'c/Conv2D' "
        f"(op: 'Conv2D') with input shapes: [?,{height},64,64], [5,5,64,8]."
    )

    assert message is not None
    assert any("channels" in note for note in message.notes)


def test_a_small_map_is_not_taken_for_channels() -> None:
    message = decode(
        "Negative dimension size caused by subtracting 5 from 3 for 'c/Conv2D' (op: 'Conv2D') "
        "with input shapes: [?,3,4,64], [5,5,64,8]."
    )

    assert message is not None
    assert not any("channels" in note for note in message.notes)


def test_missing_flatten_is_told() -> None:
    message = decode(
        "x = self.conv2(x)\nmat1 and mat2 shapes cannot be multiplied (320x7 and 560x10)"
    )

    assert message is not None
    assert message.certainty == "likely"
    assert "the 2240 numbers of the input are 4 × 560" in str(message)
    assert message.fixes[0] == (
        "flatten the feature map before the layer",
        "x = torch.flatten(x, 1)",
    )


def test_source_lines_do_not_hide_the_message() -> None:
    """IPython shows the line that raises, with the same words and no numbers."""
    message = decode(
        'raise ValueError(\n  "Computed output size would be negative. Received "\n'
        '  f"`inputs shape={shape}`, "\n\nValueError: Computed output size would be negative. '
        "Received `inputs shape=(None, 2, 6, 8)`, `kernel shape=(3, 3, 8, 4)`, "
        "`dilation_rate=[1 1]`."
    )

    assert message is not None
    assert (message.framework, message.op, message.axis) == ("keras", "conv", "height")


def test_escaped_and_quoted_texts_are_read() -> None:
    """A repr, a web page, a mail."""
    text = (
        "Negative dimension size caused by subtracting 4 from 2 for '{{node p/MaxPool}} = "
        'MaxPool[data_format="NHWC", explicit_paddings=[], ksize=[1, 4, 4, 1], padding="VALID", '
        "strides=[1, 2, 2, 1]](x)' with input shapes: [?,2,9,5]."
    )
    plain = decode(text)
    pasted = [
        json.dumps(text),
        html.escape(text),
        text.replace(" ", "\n> "),
        "\0".join(text),
        re.sub(r"(\d)", "\x1b[31m\\1\x1b[0m", text),
    ]

    assert plain is not None
    for other in pasted:
        message = decode(other)
        assert message is not None, other
        assert (plain.axes, plain.layer) == (message.axes, message.layer), other
