"""Messages of PyTorch about windows, padding, empty inputs and channels.

The wordings are those of PyTorch 0.2 to 2.13: older versions print THNN's messages, with blanks and
other separators, and name a file at the end.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.dialects.pytorch.axis_messages import FRAMEWORK, grouped
from poolviz.i18n.phrase import Phrase, phrase
from poolviz.messages.causes.axes import rank_of
from poolviz.messages.causes.channels import channels_of, explained
from poolviz.messages.causes.fixes import ADD_CHANNEL, because
from poolviz.messages.message import (
    PICTURES,
    UNNAMED_NOTE,
    AxisReading,
    Certainty,
    MessageKind,
    Reading,
    Reason,
    Remedy,
    Sizes,
    axes_of,
    failing,
    spans,
)
from poolviz.messages.pattern import CUT, Found, MessagePattern, whole

_CALL = re.compile(
    r"(max|avg|average)_?pool(?:ing)?_?([123])d|conv(?:olution)?(_?transpose)?_?([123])d"
)
_LETTERS = {"T": "depth", "D": "depth", "H": "height", "W": "width"}  # T, for time, in THNN
_LETTER_SIZES = re.compile(r"(pad|k|d)?([TDHW])\s{0,4}[=:]\s{0,4}(-?[0-9]{1,15})")

STRIP_NOTE = phrase("reading.note.strip")


def _call(found: Found) -> tuple[str | None, int | None]:
    """Operation and number of axes that the traceback names last, if any."""
    op, ndim = None, None
    for call in _CALL.finditer(found.before(1_500).lower()):
        if call[1] is None:
            op = "transposed" if call[3] else "conv"
        else:
            op = "max" if call[1] == "max" else "avg"
        ndim = int(call[2] or call[4])
    return op, ndim


def _read(found: Found, kind: MessageKind, axes: Sequence[AxisReading], **facts: object) -> Reading:
    said = {
        "data_format": "channels_first",
        "failing_axes": failing(axes),
        **{name: value for name, value in facts.items() if value is not None},
    }
    return Reading(kind=kind, framework=FRAMEWORK, axes=tuple(axes), **said)  # type: ignore[arg-type]


# --- no window fits ------------------------------------------------------------------------------


def _too_small(found: Found) -> Reading | None:
    before, after = found.sizes("before"), found.sizes("after")
    if len(before) != len(after):
        return None
    op, ndim = _call(found)
    channels = None
    if found["per"] and op in (None, "transposed"):
        return _padded_away(before, after, op)
    if not found["per"]:
        # Only a convolution changes the number of channels.
        op = "conv" if before[0] != after[0] else op or "pool"
        channels, before, after = before[0], before[1:], after[1:]
    certainty: Certainty = "certain"
    remarks: tuple[Phrase, ...] = ()
    if _is_strip(before, after, ndim):
        certainty, remarks = ("certain", ()) if ndim == 1 else ("likely", (STRIP_NOTE,))
        before, after = before[1:], after[1:]
    if len(before) not in AXIS_NAMES:
        return None
    axes = axes_of(len(before), input_size=before, output_size=after)
    if not failing(axes):
        certainty = "guess"
        remarks += (phrase("reading.note.no_size_below_one"),)
    op = op or "conv"
    return _read(
        found,
        MessageKind.NO_FIT,
        axes,
        op=op,
        channels=channels,
        certainty=certainty,
        remarks=remarks,
    )


def _padded_away(before: Sizes, after: Sizes, op: str | None) -> Reading | None:
    """A transposed convolution, of which padding removes cells: a convolution says it otherwise."""
    if len(before) not in AXIS_NAMES:
        return None
    axes = axes_of(len(before), input_size=before, output_size=after)
    least = min(size for size in after if size is not None)
    less, longer = -(-(1 - least) // 2), 1 - least
    sizes = tuple(size or 0 for size in after)
    return Reading(
        kind=MessageKind.NO_FIT,
        framework=FRAMEWORK,
        op="transposed",
        axes=axes,
        failing_axes=failing(axes),
        data_format="channels_first",
        certainty="certain" if op and failing(axes) else "likely" if failing(axes) else "guess",
        reasons=(Reason(phrase("reading.reason.padded_too_far", got=sizes), "certain"),),
        remedies=(
            Remedy(phrase("reading.fix.less_transposed_padding", less=less)),
            Remedy(phrase("reading.fix.larger_kernel", longer=longer)),
            Remedy(phrase("reading.fix.larger_input")),
        ),
        only_remedies=True,
    )


def _is_strip(before: Sizes, after: Sizes | None, ndim: int | None) -> bool:
    """Return whether a map with one row is the input of a 1-D layer."""
    if ndim not in (None, 1) or len(before) != 2 or before[0] != 1:
        return False
    return after is None or after[0] == 1


def _invalid_output(found: Found) -> Reading:
    axes = axes_of(1, output_size=[found.number("size")])
    return _read(found, MessageKind.NO_FIT, axes, op="max", failing_axes=("length",))


def _kernel_greater(found: Found) -> Reading | None:
    padded, kernel = found.sizes("padded"), found.sizes("kernel")
    if len(padded) != len(kernel) or len(padded) not in AXIS_NAMES:
        return None
    # PyTorch counts the dilation into the kernel that it prints.
    axes = axes_of(len(padded), padded_size=padded, effective_kernel_size=kernel)
    if failing(axes):
        return _read(found, MessageKind.NO_FIT, axes, op="conv")
    wrong = phrase("reading.note.each_kernel_fits")
    return _read(found, MessageKind.NO_FIT, axes, op="conv", certainty="guess", remarks=(wrong,))


def _smaller_image(found: Found) -> Reading | None:
    said = _by_letter(found.match[0])
    names = tuple(name for name in AXIS_NAMES[3] if name in said)
    axes = [
        AxisReading(
            name=name,
            input_size=said[name].get(""),
            kernel_size=said[name].get("k"),
            effective_kernel_size=said[name].get("k"),
            dilation=1,
        )
        for name in names
    ]
    return _read(found, MessageKind.NO_FIT, axes, op="avg") if failing(axes) else None


def _by_letter(text: str) -> dict[str, dict[str, int]]:
    """Parse "padW = 2, kH: 3, T: 12" into axis → quantity → number."""
    said: dict[str, dict[str, int]] = {}
    for quantity, letter, number in _LETTER_SIZES.findall(text):
        said.setdefault(_LETTERS[letter], {})[quantity] = whole(number)
    return said


def _sliding_blocks(found: Found) -> Reading | None:
    columns = {
        name: found.sizes(name)
        for name in ("input_size", "kernel_size", "dilation", "padding", "output_size")
    }
    if any(len(sizes) != 2 for sizes in columns.values()):
        return None
    span = spans(columns["kernel_size"], columns["dilation"])
    axes = axes_of(2, effective_kernel_size=span, **columns)
    return _read(found, MessageKind.NO_FIT, axes, remarks=(phrase("reading.note.unfold"),))


def _vague(found: Found) -> Reading | None:
    around = found.before(300) + found.after(300)
    calls = re.findall(r"(max|avg|average)_?pool|(conv)|pool", around, re.I)
    if not calls:
        return None
    op = calls[0][0].lower()[:3] or ("conv" if calls[0][1] else "pool")
    op = {"ave": "avg"}.get(op, op)
    note = phrase("reading.note.no_size")
    return _read(found, MessageKind.NO_FIT, (), op=op, certainty="guess", remarks=(note,))


# --- padding, empty inputs, channels, axes -------------------------------------------------------


def _pad_over_half(found: Found) -> Reading:
    pad, kernel, dilation = found.number("pad"), found.number("kernel"), found.optional("dilation")
    is_strip = found.before(20).rstrip().endswith("max_pool1d()")
    axis = AxisReading(
        name="length" if is_strip else None,
        kernel_size=kernel,
        padding=pad,
        dilation=dilation,
        effective_kernel_size=spans((kernel,), (dilation,))[0],
    )
    # Only max pooling has a dilation.
    op = "max" if is_strip or (dilation or 1) > 1 else _call(found)[0] or "pool"
    return _padding_limit(found, (axis,), op, () if is_strip else (UNNAMED_NOTE,))


def _pads_over_half(found: Found) -> Reading | None:
    said = _by_letter(found["sizes"])
    names = [name for name in AXIS_NAMES[3] if {"pad", "k"} <= set(said.get(name, ()))]
    kernel, pad = [said[name]["k"] for name in names], [said[name]["pad"] for name in names]
    op, ndim = _call(found)
    remarks: tuple[Phrase, ...] = ()
    # PyTorch runs avg_pool1d as a map with one row, and prints a kernel of 1 for its height.
    if len(names) == 2 and (kernel[0], pad[0]) == (1, 0) and ndim in (None, 1):
        names, kernel, pad = ["length"], kernel[1:], pad[1:]
        remarks = () if ndim == 1 else (STRIP_NOTE,)
    axes = tuple(
        AxisReading(name=name, kernel_size=k, padding=p)
        for name, k, p in zip(names, kernel, pad, strict=True)
    )
    return _padding_limit(found, axes, op or "pool", remarks) if axes else None


def _padding_limit(
    found: Found, axes: tuple[AxisReading, ...], op: str, remarks: tuple[Phrase, ...]
) -> Reading:
    too_much = tuple(
        axis.name for axis in axes if axis.name and _number(axis.padding) > _half(axis.kernel_size)
    )
    certainty: Certainty = "likely" if remarks else "certain"
    if all(_number(axis.padding) <= _half(axis.kernel_size) for axis in axes):
        certainty = "guess"
        remarks += (phrase("reading.note.no_padding_over_half"),)
    return _read(
        found,
        MessageKind.PADDING_LIMIT,
        axes,
        op=op,
        failing_axes=too_much,
        certainty=certainty,
        remarks=remarks,
    )


def _number(padding: int | tuple[int, int] | None) -> int:
    return padding if isinstance(padding, int) else 0


def _half(kernel: int | None) -> int:
    return (kernel or 0) // 2


def _other_shape(found: Found) -> Reading | None:
    """Read a shape that a pooling layer rejects: empty, or with another number of axes."""
    shape, said = found.sizes("shape"), found.match[0]
    called, ndim = _call(found)
    # Folding, unfolding and padding say "possibly 0 batch size", pooling "optional 0 dim".
    named = "max" if "max_pool" in said else "avg" if "avg" in said else "pool"
    op = None if "possibly 0" in said else called or named
    # "Expected 3D or 4D (batch mode)": a map without the batch has one axis less.
    batched = re.search(r"or (\d)D \(batch", said)
    lead = len(shape) - int(batched[1]) + 2 if batched else 2
    if lead not in (1, 2) and batched:
        high = int(batched[1])
        return rank_of(FRAMEWORK, op, (high - 1, high), shape, data_format="channels_first")
    if lead not in (1, 2) or 0 not in shape[lead - 1 :]:
        return _read(found, MessageKind.RANK, (), op=op, shapes=(shape,))
    spatial, channels = shape[lead:], shape[lead - 1]
    certainty: Certainty = "certain"
    remarks: tuple[Phrase, ...] = ()
    if _is_strip(spatial, None, ndim):
        certainty, remarks = ("certain", ()) if ndim == 1 else ("likely", (STRIP_NOTE,))
        spatial = spatial[1:]
    if len(spatial) not in AXIS_NAMES:
        return None
    axes = axes_of(len(spatial), input_size=spatial)
    return _read(
        found,
        MessageKind.EMPTY_INPUT,
        axes,
        op=op,
        channels=channels,
        failing_axes=tuple(axis.name for axis in axes if axis.input_size == 0 and axis.name),
        certainty=certainty,
        remarks=remarks,
        shapes=(shape,),
    )


def _other_channels(found: Found) -> Reading | None:
    weight, shape = found.sizes("weight"), found.sizes("input")
    ndim, has_batch = len(weight) - 2, len(shape) == len(weight)
    spatial = shape[2:] if has_batch else shape[1:]
    if ndim not in AXIS_NAMES or len(spatial) != ndim:
        return None
    expected, got = found.number("expected"), found.number("got")
    axes = axes_of(ndim, input_size=spatial, kernel_size=weight[2:])
    reasons, remedies = explained(expected, got, shape, "channels_first", has_batch)
    # (60, 28, 28) for a layer of one channel: grey pictures without a channel axis, read as one.
    if not reasons and expected == 1 and got > max(PICTURES) and (shape[0] == 1 or not has_batch):
        reasons, remedies = (because("grey_batch", got=got),), (ADD_CHANNEL,)
    op = "transposed" if "transposed" in found.match[0] else "conv"
    remedies = remedies or grouped(op, expected, got, weight)
    return _read(
        found,
        MessageKind.CHANNELS,
        axes,
        op=op,
        failing_axes=(),
        channels=got,
        expected=(expected,),
        got=(got,),
        shapes=(shape, weight),
        reasons=reasons,
        remedies=remedies,
        only_remedies=bool(remedies),
    )


def _cut_channels(found: Found) -> Reading:
    """Channels of an input whose shape a tool cut."""
    expected, got = found.number("expected"), found.number("got")
    return channels_of(FRAMEWORK, expected, got, data_format="channels_first")


_GIVEN = (
    r"Given input size(?P<per> per channel)?\s?:\s?[(\[]<before:shape>[)\]]\.? ?Calculated output "
    r"size(?: per channel)?\s?:\s?[(\[]<after:shape>[)\]](?:\.? ?Output size is too small)?"
)
_INVALID = r"max_pool1d\(\) Invalid computed output size: <size:int>"
_GREATER = (
    r"Call?culated (?:padded )?input size(?: per channel)?: \(<padded:shape>\)\.? "
    r"Kernel size: \(<kernel:shape>\)(?:\.? Kernel size can't (?:be )?greater than (?:the )?"
    r"actual input size)?"
)
_HALF = r"(?:at most|smaller than(?: or equal to)?) half of (?:effective )?kernel size, but got "
_LETTER = r"(?:pad|k)[TDHW]\s{0,2}[=:]\s{0,2}[0-9]{1,15}"
_SMALLER = r"input image \([^()]{1,80}\) smaller than kernel size \([^()]{1,80}\)"
_BLOCKS = (
    r"spa[tc]ial size \(<input_size:shape>\), kernel_size=\(<kernel_size:shape>\), dilation="
    r"\(<dilation:shape>\), padding=\(<padding:shape>\),[^<>]{0,40}? (?:the )?calculated shape of "
    r"the array of sliding blocks (?:as|is) \(<output_size:shape>\)"
)
_TENSOR = r"Expected [2-4]D or [3-5]D \(batch mode\) tensor[^\[\]]{0,120}\[<shape:shape>\]"
_LENGTH = (
    r"Expected input(?:'s non-batch dimensions)? to have "
    r"(?:positive length|non-zero size)[^\[\]]{0,120}\[<shape:shape>\]"
)
_WEIGHT = (
    r"Given (?:groups|transposed)=[0-9]{1,6}, weight(?: of size)? ?\[?<weight:shape>\]?, (?:so )?"
    r"expected input\[<input:shape>\] to have <expected:int> channels, but got <got:int> channels"
)
_CUT_WEIGHT = (
    rf"expected input(?: ?\[[^\[\]]{{0,80}}{CUT}[^\[\]]{{0,40}}\])? to have "
    r"<expected:int> channels, but got <got:int> channels"
)
CHANNELS = MessagePattern(("groups=", "transposed="), _WEIGHT, _other_channels)
FAILURES = (
    MessagePattern(("Calculated",), _GIVEN, _too_small),
    MessagePattern(("Invalid",), _INVALID, _invalid_output),
    MessagePattern(("Kernel",), _GREATER, _kernel_greater),
    MessagePattern(
        ("half",),
        (
            rf"pad(?:ding)? should be {_HALF}pad(?:ding)?=<pad:int>,? "
            r"(?:and )?kernel_size=<kernel:int>(?: and dilation=<dilation:int>)?"
        ),
        _pad_over_half,
    ),
    MessagePattern(
        ("half",),
        rf"pad should be {_HALF}(?P<sizes>(?:{_LETTER},?\s{{0,4}}){{2,6}})",
        _pads_over_half,
    ),
    MessagePattern(("smaller",), _SMALLER, _smaller_image),
    MessagePattern(("sliding",), _BLOCKS, _sliding_blocks),
    MessagePattern(("(batch",), _TENSOR, _other_shape),
    MessagePattern(
        ("non-empty",),
        r"non-empty [0-9]D or [0-9]D (?:\(batch mode\) )?(?:input )?tensor expected",
        lambda found: _read(found, MessageKind.RANK, (), op=_call(found)[0] or "pool"),
    ),
    MessagePattern(("non-batch",), _LENGTH, _other_shape),
    CHANNELS,
    MessagePattern(("to have",), _CUT_WEIGHT, _cut_channels),
)
VAGUE = (
    MessagePattern(("small",), r"Output size is too small", _vague),
    MessagePattern(("smaller",), r"input (?:image|data)(?: is)? smaller than kernel", _vague),
)
