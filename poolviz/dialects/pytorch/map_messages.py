"""Messages of PyTorch about feature maps outside of windows: padding, unpooling, adaptive pools."""

from __future__ import annotations

import re
from dataclasses import replace
from math import prod

from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.dialects.pytorch.axis_messages import FRAMEWORK
from poolviz.i18n.phrase import phrase
from poolviz.messages.causes.channels import undivided
from poolviz.messages.causes.fixes import because, fix
from poolviz.messages.causes.output_padding import out_of_range, too_much_added
from poolviz.messages.message import (
    AxisReading,
    MessageKind,
    Reading,
    Reason,
    Remedy,
    Sizes,
    axes_of,
)
from poolviz.messages.pattern import Found, MessagePattern, sizes_in

# --- padding -------------------------------------------------------------------------------------


def _reflection(found: Found) -> Reading | None:
    """One axis of the input is not longer than the padding; until 2.0 the text has its place."""
    shape, place = found.sizes("shape") if found.match["shape"] else (), found.number("place")
    before, after = found.number("low"), found.number("high")
    padding = before if before == after else (before, after)
    if not shape:
        return _reflection_at(place - found.number("rank"), found.number("rank"), padding)
    ndim = min(max(len(shape) - 2, 1), 3)
    spatial = shape[-ndim:]
    index = _padded_axis(spatial, max(before, after), place - len(shape))
    name = None if index is None else AXIS_NAMES[ndim][index]
    axes = list(axes_of(ndim, input_size=spatial))
    if index is not None:
        axes[index] = AxisReading(name=name, input_size=spatial[index], padding=padding)
    return _reflected(tuple(axes), name, shape, () if name else (max(before, after),))


def _reflection_at(place: int, rank: int, padding: int | tuple[int, int]) -> Reading:
    """Report the axis at a place from the end; with three axes, the layer may be one of a map."""
    names = AXIS_NAMES.get(rank - 2, ()) if rank > 3 else ()
    name = names[place] if -len(names) <= place < 0 else None
    return _reflected((AxisReading(name=name, padding=padding),), name, (), ())


def _reflected(
    axes: tuple[AxisReading, ...], name: str | None, shape: Sizes, expected: Sizes
) -> Reading:
    return Reading(
        kind=MessageKind.REFLECTION,
        framework=FRAMEWORK,
        op="padding",
        axes=axes,
        failing_axes=(name,) if name else (),
        data_format="channels_first",
        shapes=(shape,) if shape else (),
        expected=expected,
    )


def _padded_axis(spatial: Sizes, padding: int, place: int) -> int | None:
    """Return the index of the spatial axis that is too short for the padding."""
    short = [i for i, size in enumerate(spatial) if size is not None and size <= padding]
    if len(spatial) + place in short:
        return len(spatial) + place
    return short[0] if short else None


def _mps(found: Found) -> Reading:
    """The larger of the two sizes has to be a multiple of the other."""
    larger = found["larger"]
    return Reading(
        kind=MessageKind.DIVISIBLE,
        framework=FRAMEWORK,
        op="avg" if "avg" in found.before(1_000) else "pool",
        argument=larger,
        reasons=(Reason(phrase("reading.reason.mps_adaptive"), "certain"),),
        remedies=(
            Remedy(phrase("reading.fix.on_the_cpu"), 'x = pool(x.to("cpu")).to("mps")'),
            Remedy(phrase(f"reading.fix.multiple_of_{'output' if larger == 'input' else 'input'}")),
        ),
        only_remedies=True,
    )


# --- unpooling, fractional and transposed layers -------------------------------------------------

_UNPOOL_SIZE = Remedy(phrase("reading.fix.unpool_size"), "x = unpool(x, indices, output_size=size)")
_UNPOOL_ORDER = Remedy(phrase("reading.fix.unpool_order"))
_PASS_INDICES = Remedy(
    phrase("reading.fix.pass_indices"),
    "x, indices = nn.MaxPool2d(2, return_indices=True)(x)",
)


def _unpool(found: Found, *fixes: Remedy, **facts: object) -> Reading:
    return Reading(
        kind=MessageKind.UNPOOL,
        framework=FRAMEWORK,
        op="unpool",
        remedies=fixes,
        only_remedies=True,
        **facts,  # type: ignore[arg-type]
    )


def _invalid_index(found: Found) -> Reading | None:
    sizes = found.sizes("sizes")
    index, cells = found.number("index"), prod(size or 0 for size in sizes)
    # An index that is in the output was not rejected: the text was put together.
    if len(sizes) not in AXIS_NAMES or index < cells:
        return None
    words = phrase("reading.reason.other_pooling", index=index, cells=cells)
    return _unpool(
        found,
        _UNPOOL_SIZE,
        _UNPOOL_ORDER,
        axes=axes_of(len(sizes), output_size=sizes),
        data_format="channels_first",
        reasons=(Reason(words, "certain"),),
    )


def _invalid_size(found: Found) -> Reading:
    return _unpool(found, _UNPOOL_SIZE, got=found.sizes("size"))


def _other_indices(found: Found) -> Reading | None:
    """An input and indices of other shapes; where they differ by one, a size was rounded."""
    said = found.match.groupdict()
    first, second = sizes_in(said["first"] or said.get("last")), found.sizes("second")
    if first == second or len(first) != len(second):
        return None
    apart = [abs((one or 0) - (other or 0)) for one, other in zip(first, second, strict=True)]
    words = phrase("reading.reason.indices_apart", input=first, indices=second)
    reasons = [Reason(words, "certain")]
    fixes = [_UNPOOL_ORDER, _UNPOOL_SIZE]
    if max(apart) == 1:
        reasons.append(because("indices_by_one"))
        fixes.reverse()
    return _unpool(found, *fixes, shapes=(first, second), reasons=tuple(reasons))


def _no_indices(found: Found) -> Reading:
    return _unpool(found, _PASS_INDICES, argument="indices")


def _fractional(found: Found) -> Reading:
    # The 3-D function calls the depth time.
    name = {"time": "depth"}.get(found["axis"], found["axis"])
    kernel, size = found.number("kernel"), found.number("size")
    ndim = 3 if "3d" in found.match[0] else 2
    one = AxisReading(name=name, input_size=size, kernel_size=kernel)
    words = phrase("reading.reason.fractional", kernel=kernel, size=size)
    fixes = [Remedy(phrase("reading.fix.larger_input"))]
    if size - kernel >= 0:
        most = phrase("reading.fix.smaller_output", most=size - kernel + 1)
        fixes.insert(0, Remedy(most, f"nn.FractionalMaxPool{ndim}d({kernel}, output_size=…)"))
    return Reading(
        kind=MessageKind.ARGUMENT,
        framework=FRAMEWORK,
        op="max",
        argument="output_size",
        axes=(one,),
        failing_axes=(name,),
        data_format="channels_first",
        reasons=(Reason(words, "certain"),),
        remedies=tuple(fixes),
        only_remedies=True,
    )


def _output_size(found: Found) -> Reading | None:
    wanted, low, high = (found.sizes(name) for name in ("wanted", "low", "high"))
    if len(wanted) not in AXIS_NAMES or not len(wanted) == len(low) == len(high):
        return None
    return out_of_range(FRAMEWORK, wanted, low, high)


def _output_padding(found: Found) -> Reading | None:
    """Find the first axis whose output_padding is not below its stride or its dilation."""
    numbers = {name: int(number) for name, number in _NUMBERED.findall(found["numbers"])}
    for name in AXIS_NAMES[3]:
        given = numbers.get(f"output_padding_{name}", 0)
        stride, dilation = (numbers.get(f"{word}_{name}", 1) for word in ("stride", "dilation"))
        if given >= max(stride, dilation):
            axis = AxisReading(name=name, stride=stride, dilation=dilation)
            return too_much_added(FRAMEWORK, axis, given, max(stride, dilation), "channels_first")
    return None


_NUMBERED = re.compile(r"([a-z_]{1,24}): ([0-9]{1,9})")


# --- sliding blocks ------------------------------------------------------------------------------


def _folded(found: Found) -> Reading:
    """Read `F.fold` on another number of blocks than fit into its output."""
    output, blocks = found.sizes("output"), found.sizes("blocks")
    words = phrase("reading.reason.blocks", output=output, blocks=blocks)
    return Reading(
        kind=MessageKind.INPUT_SHAPE,
        framework=FRAMEWORK,
        argument="blocks",
        expected=(found.number("wanted"),),
        got=(found.number("given"),),
        reasons=(Reason(words, "certain"),),
        remedies=(fix("as_unfolded"),),
        only_remedies=True,
    )


def _fold_channels(found: Found) -> Reading | None:
    """Read channels that are no whole blocks: each has one number for each cell of the kernel."""
    kernel = found.sizes("kernel")
    cells = prod(size or 0 for size in kernel)
    read = undivided(FRAMEWORK, found.number("channels"), cells, layer="")
    words = phrase("reading.reason.block", kernel=kernel, cells=cells)
    return read and replace(read, reasons=(Reason(words, "certain"),))


FAILURES = (
    MessagePattern(
        ("number of sliding blocks",),
        (
            r"Given output_size=\(<output:shape>\), kernel_size=[^<>]{1,160}?expected size of "
            r"input's dimension [12] to match the calculated number of sliding blocks "
            r"(?P<blocks>[0-9]{1,9} \* [0-9]{1,9}) = <wanted:int>, but got "
            r"input\.size\([12]\)=<given:int>"
        ),
        _folded,
    ),
    MessagePattern(
        ("product of kernel_size",),
        (
            r"Expected size of input's dimension [01] to be divisible by the product of "
            r"kernel_size, but got input\.size\([01]\)=<channels:int> and "
            r"kernel_size=\(<kernel:shape>\)"
        ),
        _fold_channels,
    ),
    MessagePattern(
        ("Padding size should be less",),
        (
            r"Padding size should be less than the corresponding "
            r"input dimension, but got: padding \(<low:int>, <high:int>\) at dimension "
            r"<place:int> of input (?:(?:torch\.Size\()?\[<shape:shape>\]|(?P<rank>[0-9]))"
        ),
        _reflection,
    ),
    MessagePattern(
        ("invalid max index",),
        r"[Ff]ound an invalid max index:? <index:int> \(output volumes are of size <sizes:shape>",
        _invalid_index,
    ),
    MessagePattern(
        ("invalid output_size",),
        (
            r"invalid output_size \"?(?:torch\.Size\()?[(\[]<size:shape>[)\]]\)?\"? \(dim [0-9] "
            r"must be between <low:int> and <high:int>\)"
        ),
        _invalid_size,
    ),
    MessagePattern(
        ("shape of indices",),
        (
            r"Expected shape of indices to be same as that of the input tensor "
            r"\(\[<first:shape>\]\) but got indices tensor with shape: \[<second:shape>\]"
        ),
        _other_indices,
    ),
    MessagePattern(
        ("shapes do not match",),
        (
            r"(?:input and )?indices (?:and input )?shapes do not match:(?: input "
            r"\[<first:shape>\],)? indices \[<second:shape>\]"
            r"(?:, input \[(?P<last>[^\[\]]{1,80})\])?"
        ),
        _other_indices,
    ),
    MessagePattern(
        ("npool",),
        (
            r"MaxUnpool[123]d\.forward\(\) missing 1 required positional argument: "
            r"['\"]indices['\"]"
        ),
        _no_indices,
    ),
    MessagePattern(
        ("fractional_max_pool",),
        (
            r"fractional_max_pool[23]d(?:_out)?\(\): pool (?P<axis>time|height|width) "
            r"<kernel:int> too large relative to input (?:time|height|width) <size:int>"
        ),
        _fractional,
    ),
    MessagePattern(
        ("requested an output size",),
        (
            r"requested an output size of [(\[]<wanted:shape>[)\]], but valid sizes range from "
            r"[(\[]<low:shape>[)\]] to [(\[]<high:shape>[)\]]"
        ),
        _output_size,
    ),
    MessagePattern(
        ("output padding must be",),
        (
            r"output padding must be smaller than either stride or dilation, but got "
            r"(?P<numbers>output_padding(?:\S{1,40} ?){1,20})"
        ),
        _output_padding,
    ),
    MessagePattern(
        ("Adaptive pool MPS",),
        (
            r"Adaptive pool MPS: (?P<larger>input|output) sizes must be divisible by "
            r"(?:in|out)put sizes"
        ),
        _mps,
    ),
)
