"""Messages of PyTorch that a browser or a colleague translated: the numbers and names are left.

Each wording needs identifiers that no translation changes (`mat1`, `groups=`, `batch_size`), or the
word for an output, a kernel or "invalid" in one of a few languages next to the numbers.
"""

from __future__ import annotations

from dataclasses import replace

from poolviz.dialects.pytorch.axis_messages import FRAMEWORK, OLD_RANK, SUMS, VIEW
from poolviz.dialects.pytorch.training_messages import BATCH
from poolviz.messages.causes.features import product
from poolviz.messages.message import MessageKind, Reading, axes_of, failing
from poolviz.messages.pattern import Found, MessagePattern

_OUTPUTS = ("输出", "輸出", "出力", "출력", "salida", "saída", "sortie", "Ausgabe", "вывод")
_KERNELS = ("内核", "卷积核", "核大小", "カーネル", "커널", "núcleo", "noyau", "Kernelgr", "ядра")
_INVALIDS = ("无效", "無效", "無効", "유효하지", "inv[áa]lid", "ungültig", "недопустим")
_OUTPUT, _KERNEL, _INVALID = (f"(?:{'|'.join(words)})" for words in (_OUTPUTS, _KERNELS, _INVALIDS))
_OTHER = r"[^\n()\[\]]"


def _too_small(found: Found) -> Reading | None:
    before, after = found.sizes("before"), found.sizes("after")
    if len(before) != len(after) or len(before) not in (2, 3, 4):
        return None
    axes = axes_of(len(before) - 1, input_size=before[1:], output_size=after[1:])
    if not failing(axes):
        return None
    return Reading(
        kind=MessageKind.NO_FIT,
        framework=FRAMEWORK,
        op="conv" if before[0] != after[0] else "pool",
        axes=axes,
        failing_axes=failing(axes),
        data_format="channels_first",
        channels=before[0],
        certainty="likely",
    )


def _kernel(found: Found) -> Reading | None:
    padded, kernel = found.sizes("padded"), found.sizes("kernel")
    if len(padded) != len(kernel) or len(padded) not in (1, 2, 3):
        return None
    axes = axes_of(len(padded), padded_size=padded, effective_kernel_size=kernel)
    if not failing(axes):
        return None
    return Reading(
        kind=MessageKind.NO_FIT,
        framework=FRAMEWORK,
        op="conv",
        axes=axes,
        failing_axes=failing(axes),
        data_format="channels_first",
        certainty="likely",
    )


def _likely(
    pattern: MessagePattern, words: tuple[str, ...], wording: str, unless: str = ""
) -> MessagePattern:
    """Read a translation as the pattern of the original does."""

    def read(found: Found) -> Reading | None:
        reading = pattern.read(found)
        return None if reading is None else replace(reading, certainty="likely")

    return MessagePattern(words, wording, read, unless=unless)


def downstream() -> tuple[MessagePattern, ...]:
    """Patterns of translated messages about dense layers, views and losses."""
    original = MessagePattern((), "", product(FRAMEWORK))
    return (
        _likely(
            original,
            ("mat1",),
            rf"mat1{_OTHER}{{1,60}}mat2{_OTHER}{{1,120}}\(<first:shape>[^\d()\n]{{1,16}}"
            r"<second:shape>\)",
        ),
        _likely(
            VIEW,
            ("'[",),
            rf"'\[<target:shape>\]'{_OTHER}{{1,60}}?<total:int>{_OTHER}{{0,40}}{_INVALID}",
            unless=VIEW.words[0],  # the original, which it has read
        ),
        _likely(
            VIEW,
            ("'[",),
            rf"'\[<target:shape>\]'{_OTHER}{{0,40}}{_INVALID}{_OTHER}{{1,60}}?<total:int>",
            unless=VIEW.words[0],  # the original, which it has read
        ),
        _likely(
            BATCH,
            ("batch_size",),
            rf"batch_size ?\(<outputs:int>\){_OTHER}{{1,60}}batch_size ?\(<targets:int>\)",
        ),
        _likely(
            SUMS[0],
            ("ensor b (",),
            r"ensor a \(<first:int>\)[^\n()]{1,60}ensor b \(<second:int>\)[^\d\n]{1,60}"
            r"<dimension:int>",
            unless=SUMS[0].words[0],  # the original, which it has read
        ),
    )


_AXES = r"[0-9] ?(?:维|維|次元|차원|D)"
FAILURES = (
    _likely(
        OLD_RANK,
        ("维", "維", "次元", "차원"),
        rf"{_AXES}{_OTHER}{{1,40}}{_AXES}{_OTHER}{{0,20}}\[<weight:shape>\]{_OTHER}{{1,40}}"
        r"\[<shape:shape>\]",
    ),
    MessagePattern(
        _OUTPUTS,
        rf"\(<before:shape>\){_OTHER}{{0,40}}{_OUTPUT}{_OTHER}{{0,40}}\(<after:shape>\)",
        _too_small,
    ),
    MessagePattern(
        _KERNELS,
        rf"\(<padded:shape>\){_OTHER}{{0,40}}{_KERNEL}{_OTHER}{{0,40}}\(<kernel:shape>\)",
        _kernel,
    ),
)


def channels(original: MessagePattern) -> MessagePattern:
    """Pattern of a translated message about the channels of a convolution."""
    return _likely(
        original,
        ("groups=", "transposed=", "组=", "組="),
        rf"(?:(?:groups|transposed|组|組)=[0-9]{{1,6}}{_OTHER}{{1,60}})"
        rf"\[<weight:shape>\]{_OTHER}{{1,60}}"
        r"\[<input:shape>\][^\d\n]{1,40}<expected:int>[^\d\n]{1,60}<got:int>",
    )
