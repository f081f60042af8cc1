"""Messages of Theano."""

from __future__ import annotations

import re
from dataclasses import replace

from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.i18n.phrase import phrase
from poolviz.messages.causes.channels import channels_of
from poolviz.messages.causes.features import linear
from poolviz.messages.causes.fixes import PRINT_SHAPE, because
from poolviz.messages.causes.two_sizes import summed
from poolviz.messages.message import (
    DataFormat,
    MessageKind,
    Reading,
    Reason,
    Sizes,
    axes_of,
    failing,
    no_fit,
)
from poolviz.messages.pattern import Found, MessagePattern, Messages, sizes_in

_LARGEST_KERNEL = 11
_FIRST: DataFormat = "channels_first"
_INPUT_SHAPES = re.compile(r"Inputs shapes: \[([^\[\]]{1,400})\]")
_TUPLE = re.compile(r"\(([^()]{1,120})\)")


def _output(found: Found) -> Reading | None:
    output = found.sizes("output")
    spatial_output = output[2:]
    if len(spatial_output) not in AXIS_NAMES or None in output:
        return None
    shapes = [shape for shape in _listed(found) if len(shape) == len(output)]
    is_pool = "ool" in found["call"]
    kernel = shapes[1][2:] if len(shapes) > 1 and not is_pool else None
    axes = axes_of(
        len(spatial_output),
        input_size=shapes[0][2:] if shapes else None,
        kernel_size=kernel,
        output_size=spatial_output,
    )
    if not failing(axes):
        return None  # out of memory: the sizes are fine
    channels = shapes[0][1] if shapes else None
    return no_fit("theano", axes, "pool" if is_pool else "conv", channels=channels)


def _listed(found: Found) -> list[Sizes]:
    """Shapes of all inputs, which Theano lists below its message."""
    listed = _INPUT_SHAPES.search(found.after(2_000))
    return [sizes_in(shape) for shape in _TUPLE.findall(listed[1])] if listed else []


def _kernel(found: Found) -> Reading | None:
    size, kernel = found.sizes("input")[-2:], found.sizes("kernel")[-2:]
    if len(size) != 2 or len(kernel) != 2:
        return None
    axes = axes_of(2, input_size=size, kernel_size=kernel)
    return no_fit("theano", axes, "conv")


def _features(found: Found) -> Reading | None:
    """Read a product: the columns of the input, the rows of the weights."""
    return linear("theano", (), found.number("expected"), found.number("got"))


def _mismatch(found: Found) -> Reading | None:
    """Read one axis of two inputs; of four, axis 2 is the height and 3 the width."""
    place, other_place = found.number("place"), found.number("other_place")
    first, second = found.number("first"), found.number("second")
    if place != other_place or place < 2 or first == second:
        return None
    return summed("theano", found, first, second, place)


def _negative(found: Found) -> Reading | None:
    """Read the weights that Keras 1 makes for a number of features below one."""
    shape = found.sizes("shape")
    if len(shape) != 2 or (shape[0] or 0) > 0:
        return None
    words = phrase("reading.reason.negative_features", shape=shape)
    return Reading(
        kind=MessageKind.NO_FIT,
        framework="theano",
        argument="negative",
        reasons=(Reason(words, "likely"),),
        remarks=(phrase("reading.note.look_up_window"),),
    )


def _weights_last(kernel: Sizes) -> tuple[Reason, ...]:
    """Return a cause where the first two sizes of a kernel are those of its window."""
    window, others = kernel[:2], kernel[2:]
    is_small = None not in kernel and max(size or 0 for size in window) <= _LARGEST_KERNEL
    if not is_small or window[0] != window[1] or min(size or 0 for size in others) < 16:
        return ()
    return (because("kernel_of_tensorflow", sizes=kernel),)


def _channels(found: Found) -> Reading:
    """Read the stacks of the image and of the kernel, where the shapes are listed below."""
    shapes = [shape for shape in _listed(found) if len(shape) > 3]
    if len(shapes) > 1 and None not in (got := shapes[0][1], expected := shapes[1][1]):
        read = channels_of("theano", expected or 0, got or 0, shapes[0], "conv", None, _FIRST)
        if reasons := _weights_last(shapes[1]):
            return replace(read, reasons=reasons, remedies=(PRINT_SHAPE,), only_remedies=True)
        return read
    note = phrase("reading.note.stack_of_theano")
    return Reading(
        kind=MessageKind.CHANNELS,
        framework="theano",
        op="conv",
        certainty="certain",
        remarks=(note,),
    )


MESSAGES = Messages(
    failures=(
        MessagePattern(
            ("allocate",),
            (
                r"(?P<call>Pool|BaseCorrMM|CorrMM|GpuCorrMM|BaseGpuCorrMM|BaseCorr3dMM|"
                r"BaseGpuCorr3dMM)"
                r": [Ff]ailed to allocate output of <output:shape>"
            ),
            _output,
        ),
        MessagePattern(
            ("post-supersampling",),
            (
                r"Bad size for the output shape\. Verify that \[?post-supersampling\]? input "
                r"shape ?"
                r"\({1,2}<input:shape>\){1,2} ?and kern shape ?\({1,2}<kernel:shape>\){1,2}"
            ),
            _kernel,
        ),
        MessagePattern(
            ("cols",),
            r"Shape mismatch: x has <got:int> cols(?: \(and [0-9]{1,12} rows\))? but y has "
            r"<expected:int> rows",
            _features,
        ),
        MessagePattern(
            ("args to gemm",),
            r"dimension mismatch in args to gemm \([0-9]{1,12},<got:int>\)x\(<expected:int>,",
            _features,
        ),
        MessagePattern(
            ("mis-match",),
            r"Input dimension mis-match\. \(input\[[0-9]\]\.shape\[<place:int>\] = <first:int>, "
            r"input\[[0-9]\]\.shape\[<other_place:int>\] = <second:int>\)",
            _mismatch,
        ),
        MessagePattern(
            ("value <= 0",),
            r"specified size contains a dimension with value <= 0'?, \(<shape:shape>\)",
            _negative,
        ),
        MessagePattern(
            ("stack",),
            r"images and kernel must have the same stack size",
            _channels,
        ),
    ),
)
