"""What PyTorch says of tensors that do not fit gives back the sizes that were passed."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from math import prod
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import poolviz as pv
from poolviz.messages.message import MessageKind
from poolviz.reading.messages import Message, decode
from tests.messages.unrelated import LOOKALIKES

TABLE = json.loads(
    gzip.decompress((Path(__file__).parents[1] / "data/torch_messages.json.gz").read_bytes())
)
Facts = dict[str, Any]


def conv_rank(said: Message, call: Facts) -> bool:
    ndim, shape = call["ndim"], tuple(call["shape"])
    wanted = (ndim + 1, ndim + 2)
    return (said.expected, said.got, said.shapes) == (wanted, (len(shape),), (shape,))


def view(said: Message, call: Facts) -> bool:
    wanted = prod(size for size in call["target"] if size > 0)
    return (said.expected, said.got) == ((wanted,), (prod(call["shape"]),))


def reflection(said: Message, call: Facts) -> bool:
    sizes, padding = call["shape"][2:], call["padding"]
    axis = next(axis for axis in said.axes if axis.name == said.axis)
    return (
        [one.input_size for one in said.axes] == sizes
        and axis.padding == padding
        and (axis.input_size or 0) <= padding
    )


def transposed(said: Message, call: Facts) -> bool:
    sizes = {(axis.input_size, axis.output_size) for axis in said.axes}
    text = str(said)
    return (
        said.op == "transposed"
        and sizes == {(call["size"], call["after"])}
        and "less padding" in text
        and "smaller kernel" not in text
    )


def linear(said: Message, call: Facts) -> bool:
    facts = ((call["features"],), (call["got"],), call["outputs"])
    is_missing_flatten = "flatten" in said.fixes[0][1]
    return (said.expected, said.got, said.outputs) == facts and not is_missing_flatten


def told_behind_a_convolution(said: Message, fix: str) -> Message | None:
    """Return what is said where a convolution is in sight; alone it is the same or nothing."""
    assert not said.causes or said.fixes[0][1] == fix
    behind = decode(f"    x = self.conv2(x)\n    x = self.fc(x)\nRuntimeError: {said.message}")
    return behind if behind and behind.fixes[0][1] == fix else None


def unflattened(said: Message, call: Facts) -> bool:
    behind = told_behind_a_convolution(said, "x = torch.flatten(x, 1)")
    return behind is not None and f"{call['batch']} × " in behind.causes[0]


def no_batch(said: Message, call: Facts) -> bool:
    behind = told_behind_a_convolution(said, "x = x.unsqueeze(0)")
    return behind is not None and behind.certainty == "likely"


def maps_sum(said: Message, call: Facts) -> bool:
    return (said.expected, said.got) == ((call["first"],), (call["second"],))


def maps(said: Message) -> tuple[int | None, ...]:
    return (*said.expected, *said.got)


def two(call: Facts) -> tuple[int, int]:
    return call["first"], call["second"]


def label(said: Message, call: Facts) -> bool:
    """Return whether a label that usually marks unlabelled pixels is to be left out."""
    is_ignored = "ignore_index" in said.fixes[0][1]
    return said.got == (call["label"],) and is_ignored == (call["label"] in (-1, 255))


def shapes(said: Message, call: Facts) -> bool:
    output = tuple(call["output"])
    if len(output) > len(call["target"]) and said.expected != output:
        output = (output[0], *output[2:])
    return (said.expected, said.got) == (output, tuple(call["target"]))


def padded(said: Message, call: Facts) -> bool:
    told = {(axis.kernel_size, axis.padding) for axis in said.axes}
    fix = f"at most padding={call['kernel'] // 2} "
    return told == {(call["kernel"], call["padding"])} and said.fixes[0][0].startswith(fix)


def emptied(said: Message, call: Facts) -> bool:
    axis = {2: "height", 3: "width"}[call["shape"].index(0)]
    return said.axis == axis and [one.input_size for one in said.axes] == call["shape"][2:]


CHECKS: dict[str, tuple[MessageKind, Callable[[Message, Facts], bool]]] = {
    "conv_rank": (MessageKind.RANK, conv_rank),
    "norm_rank": (MessageKind.RANK, lambda m, c: m.got == (c["rank"],)),
    "view": (MessageKind.RESHAPE, view),
    "target_batch": (
        MessageKind.TARGET,
        lambda m, c: (m.expected, m.got) == ((c["outputs"],), (c["targets"],)),
    ),
    "target_shape": (MessageKind.TARGET, shapes),
    "target_map": (MessageKind.TARGET, shapes),
    "maps_sum": (MessageKind.SUM, maps_sum),
    "maps_expand": (MessageKind.SUM, maps_sum),
    "reflection": (MessageKind.REFLECTION, reflection),
    "one_value": (MessageKind.ONE_VALUE, lambda m, c: m.shapes == (tuple(c["shape"]),)),
    "norm_channels": (
        MessageKind.CHANNELS,
        lambda m, c: (m.expected, m.got) == ((c["expected"],), (c["got"],)),
    ),
    "unpool_index": (
        MessageKind.UNPOOL,
        lambda m, c: [axis.output_size for axis in m.axes] == [c["size"] // 2 * 2] * c["ndim"],
    ),
    "unpool_shape": (MessageKind.UNPOOL, lambda m, c: list(map(list, m.shapes)) == c["shapes"]),
    "unpool_size": (MessageKind.UNPOOL, lambda m, c: m.got == (c["asked"], c["asked"])),
    "fractional": (
        MessageKind.ARGUMENT,
        lambda m, c: (m.axes[0].kernel_size, m.axes[0].input_size) == (c["kernel"], c["size"]),
    ),
    "transposed": (MessageKind.NO_FIT, transposed),
    "linear": (MessageKind.LINEAR, linear),
    "unflattened": (MessageKind.LINEAR, unflattened),
    "no_batch": (MessageKind.LINEAR, no_batch),
    "picture": (
        MessageKind.CHANNELS,
        lambda m, c: (
            (m.expected, m.got) == ((c["expected"],), (c["got"],)) and "axis" not in str(m)
        ),
    ),
    "turned": (
        MessageKind.CHANNELS,
        lambda m, c: c["expected"] == c["got"] or m.fixes[0][1] == "x = x.movedim(-1, 1)",
    ),
    "joined": (MessageKind.CONCATENATE, maps_sum),
    "classes": (
        MessageKind.CLASSES,
        lambda m, c: (m.expected, m.got) == ((c["outputs"],), (c["labels"],)),
    ),
    "label": (MessageKind.CLASSES, label),
    "class_axis": (
        MessageKind.TARGET,
        lambda m, c: (m.expected, m.got) == (tuple(c["wanted"]), tuple(c["got"])),
    ),
    "mask": (MessageKind.TARGET, lambda m, c: m.got == (len(c["shape"]),)),
    "class_weights": (
        MessageKind.CLASSES,
        lambda m, c: (m.expected, m.got) == ((c["classes"],), (c["weights"],)),
    ),
    "fake_sum": (MessageKind.SUM, lambda m, c: (m.axis, *maps(m)) == ("height", *two(c))),
    "fake_joined": (MessageKind.CONCATENATE, maps_sum),
    "fake_linear": (MessageKind.LINEAR, linear),
    "fake_transposed": (MessageKind.NO_FIT, transposed),
    "pad_limit": (MessageKind.PADDING_LIMIT, padded),
    "pad_limit_1d": (MessageKind.PADDING_LIMIT, padded),
    "empty_map": (MessageKind.EMPTY_INPUT, emptied),
    "empty_adaptive": (MessageKind.EMPTY_INPUT, emptied),
    "unshuffled": (MessageKind.DIVISIBLE, lambda m, c: maps(m) == (c["factor"], c["size"])),
    "shuffled": (MessageKind.DIVISIBLE, lambda m, c: maps(m) == (c["cells"], c["channels"])),
    "grouped_norm": (MessageKind.DIVISIBLE, lambda m, c: maps(m) == (c["groups"], c["channels"])),
    "grey_normalised": (
        MessageKind.SUM,
        lambda m, c: (*maps(m), m.shapes[0]) == (1, 3, tuple(c["shape"])) and "Normalize" in str(m),
    ),
    "interpolated": (MessageKind.RANK, lambda m, c: m.got == (c["rank"],)),
}


@pytest.mark.parametrize("kind", CHECKS)
def test_recorded_texts_give_the_sizes_back(kind: str) -> None:
    rows = [row for row in TABLE["rows"] if row["kind"] == kind]
    expected_kind, is_right = CHECKS[kind]

    assert len(rows) >= 2
    for row in rows:
        said = decode(row["text"])
        assert said is not None, row["text"]
        assert (said.framework, said.kind) == ("pytorch", expected_kind), row["text"]
        assert is_right(said, row["parameters"]), f"{row['text']}\n{said}"
        assert 1 <= len(said.fixes) <= 4


def test_every_recorded_kind_is_checked() -> None:
    assert {row["kind"] for row in TABLE["rows"]} == set(CHECKS)
    assert TABLE["version"] == "2.13.0"


@pytest.mark.parametrize("text", LOOKALIKES, ids=lambda text: text[:60])
def test_lookalikes_are_none(text: str) -> None:
    assert decode(text) is None


def test_lookalikes_are_many() -> None:
    assert len(LOOKALIKES) >= 40


# --- causes: known, computed, likely -------------------------------------------------------------


@given(
    st.integers(1, 64),
    st.sampled_from([4, 9, 16, 25, 49, 64]),
    st.sampled_from([16, 32, 64, 128, 512]),
    st.integers(2, 4),
)
def test_enlarged_maps_are_no_missing_flatten(
    batch: int, cells: int, channels: int, factor: int
) -> None:
    """A flat input from a larger picture: every side longer by a factor."""
    features = channels * cells
    said = decode(
        f"mat1 and mat2 shapes cannot be multiplied ({batch}x{features * factor**2} and "
        f"{features}x10)"
    )

    assert said is not None
    assert "Flatten is missing" not in str(said)
    assert said.fixes[0][1] == f"nn.Linear({features * factor**2}, 10)"


@given(st.integers(1, 16), st.integers(1, 40), st.integers(2, 12))
def test_rows_of_samples_give_their_parts(targets: int, parts: int, unused: int) -> None:
    said = decode(
        f"ValueError: Expected input batch_size ({targets * parts}) to match target batch_size "
        f"({targets})."
    )
    if parts == 1:
        assert said is None
        return
    assert said is not None
    if targets == 1:  # any number of rows is a multiple
        assert said.causes == ()
        return
    assert said.certainty == "likely"
    assert f"{parts} × {targets}" in said.causes[0]


@pytest.mark.parametrize(
    ("outputs", "targets", "may_be_cut"),
    [
        (36, 4, True),  # 3 × 3 places of a map
        (96, 32, True),  # a colour picture as three grey ones
        (320, 32, False),  # ten steps of a sequence, or ten of anything
        (65280, 2720, False),
        (9000, 1000, False),  # more than a batch has
    ],
)
def test_a_quotient_alone_is_no_likely_cause(outputs: int, targets: int, may_be_cut: bool) -> None:
    for text in (
        f"Expected input batch_size ({outputs}) to match target batch_size ({targets}).",
        f"logits and labels must be broadcastable: logits_size=[{outputs},64] "
        f"labels_size=[{targets},64]",
    ):
        said = decode(text)

        assert said is not None
        assert "most likely" not in said.causes[0]
        assert said.fixes[0][0].startswith("flatten" if may_be_cut else "print")


def test_doubled_sides_are_named_as_an_example() -> None:
    said = decode("mat1 and mat2 shapes cannot be multiplied (2x100352 and 25088x10)")

    assert said is not None
    assert said.certainty == "likely"
    assert "for example 14 × 14 × 512 instead of 7 × 7 × 512" in said.causes[0]
    assert ("pool adaptively to 7 × 7 before Flatten", "nn.AdaptiveAvgPool2d((7, 7))") in said.fixes


def test_a_table_beside_the_message_is_used() -> None:
    said = decode(
        "│    └─MaxPool2d: 2-5   [8, 512, 14, 14]   --\n│    └─Flatten: 2-6\n"
        "RuntimeError: mat1 and mat2 shapes cannot be multiplied (8x100352 and 25088x10)"
    )

    assert said is not None
    assert said.causes[0].startswith(
        "The table in the text lists a feature map of 512 × 14 × 14 as output of MaxPool2d: 2-5"
    )


# --- several errors in one text ------------------------------------------------------------------

FIRST = "RuntimeError: mat1 and mat2 shapes cannot be multiplied (4x256 and 400x10)"
SECOND = "RuntimeError: Given input size: (64x1x9). Calculated output size: (64x0x4). Output size"
CHAIN = "\n\nDuring handling of the above exception, another exception occurred:\n\n"


def test_the_last_error_is_read_and_the_others_are_counted() -> None:
    said = decode(f"{FIRST}\n\nThen I changed it:\n{SECOND}\n")

    assert said is not None
    assert (said.kind, said.others) == (MessageKind.NO_FIT, 1)


def test_a_chain_is_one_failure() -> None:
    said = decode(FIRST + CHAIN + SECOND)

    assert said is not None
    assert (said.kind, said.others) == (MessageKind.NO_FIT, 0)


def test_a_repeated_message_is_one_failure() -> None:
    said = decode("\n".join([FIRST] * 5))

    assert said is not None
    assert (said.kind, said.others) == (MessageKind.LINEAR, 0)


# --- what a person pastes ------------------------------------------------------------------------

PASTED = {
    "log prefix": "2026-01-02 10:11:12,345 - train - ERROR - mat1 and mat2 shapes cannot be\n"
    "2026-01-02 10:11:12,346 - train - ERROR - multiplied (4x256 and 400x10)",
    "rank prefix": "[rank0]: RuntimeError: mat1 and mat2 shapes\n[rank0]: cannot be multiplied "
    "(4x256\n[rank0]: and 400x10)",
    "pytest": "E       RuntimeError: mat1 and mat2 shapes cannot be\nE       multiplied (4x256 and "
    "400x10)",
    "quoted": "> RuntimeError: mat1 and mat2 shapes cannot\n> be multiplied (4x256 and\n> 400x10)",
    "json": '{"error": "mat1 and mat2 shapes cannot be multiplied\\n(4x256 and 400x10)"}',
    "ansi": "\x1b[31mmat1 and mat2 shapes cannot be multiplied\x1b[0m (4x256 and \x1b[1m400x10)",
    "full width": "mat1 and mat2 shapes cannot be multiplied （４x２５６ and 400x10）",
    "no blanks": "mat1 and mat2 shapes cannot be multiplied(4x256 and400x10)",
    "lower case": "runtimeerror: MAT1 AND mat2 shapes cannot be multiplied (4x256 and 400x10)",
    "typeset": "mat1 and mat2 shapes cannot be multiplied (4×256 and 400×10)",
    "Chinese": "运行时错误：mat1 和 mat2 形状无法相乘（4x256 和 400x10）",
    "Portuguese": "as formas mat1 e mat2 não podem ser multiplicadas (4x256 e 400x10)",
    "Japanese": "RuntimeError: mat1とmat2の形状を掛け合わせることができません（4x256と400x10）",
}


@pytest.mark.parametrize("text", PASTED.values(), ids=PASTED.keys())
def test_pasted_forms_are_read(text: str) -> None:
    said = decode(text)

    assert said is not None
    assert (said.kind, said.expected, said.got) == (MessageKind.LINEAR, (400,), (256,))


TRANSLATED = {
    "给定输入大小：（512x1x1）。计算出的输出大小：（512x0x0）。输出大小太小": ("height", "width"),
    "Tamanho de entrada: (64x1x9). Tamanho de saída calculado: (64x0x4).": ("height",),
    "计算的填充输入大小：(2 x 9)。内核大小：(3 x 3)。内核大小不能大于实际输入大小": ("height",),
}


@pytest.mark.parametrize("text", TRANSLATED)
def test_translated_windows_are_read(text: str) -> None:
    said = decode(text)

    assert said is not None
    assert (said.kind, said.certainty) == (MessageKind.NO_FIT, "likely")
    assert said.failing_axes == TRANSLATED[text]


def test_translated_channels_are_read() -> None:
    said = decode(
        "给定 groups=1，权重 [64, 3, 7, 7]，期望输入[1, 4, 224, 224] 有 3 个通道，但得到了 4 个"
    )

    assert said is not None
    assert (said.kind, said.expected, said.got) == (MessageKind.CHANNELS, (3,), (4,))


@pytest.mark.parametrize(
    "text",
    [
        "shape '[-1, 400]' 对于大小为 2304 的输入无效",
        "el tamaño '[-1, 400]' no es válido: inválido para una entrada de tamaño 2304",
    ],
)
def test_translated_views_are_read(text: str) -> None:
    said = decode(text)

    assert said is not None
    assert (said.kind, said.expected, said.got) == (MessageKind.RESHAPE, (400,), (2304,))


@pytest.mark.parametrize(
    ("shape", "axes"),
    [
        ("[3, 4, 0]", (4, 0)),
        ("[0, 0, 12]", (0, 12)),
        ("[2, 3, 0, 4]", (0, 4)),
        ("[2, 0, 4, 5]", (4, 5)),
    ],
)
def test_an_empty_map_with_and_without_the_batch(shape: str, axes: tuple[int, ...]) -> None:
    """As PyTorch 2.13.0 words it; no larger map helps one without channels."""
    text = (
        "RuntimeError: Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for "
        f"input, but got:{shape}"
    )
    message = pv.decode(text)

    assert message is not None
    assert tuple(axis.input_size for axis in message.axes) == axes
    assert len(message.fixes) == (1 if message.channels == 0 else 3)
