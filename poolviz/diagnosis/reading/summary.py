"""A message in one paragraph: where, what, why, what would help."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

from poolviz.diagnosis.diagnose import Diagnosis
from poolviz.diagnosis.reading.facts import AxisReading, Kind, Reading, Sizes
from poolviz.diagnosis.wording import joined, number

TITLES = {
    "pytorch": "PyTorch",
    "tensorflow": "TensorFlow",
    "keras": "Keras",
    "jax": "JAX",
    "onnxruntime": "onnxruntime",
    "theano": "Theano",
    "mxnet": "MXNet",
    "dl4j": "DL4J",
    "caffe": "Caffe",
    "paddle": "Paddle",
    "chainer": "Chainer",
}
_OPERATIONS = {
    "max": "max pooling",
    "avg": "average pooling",
    "pool": "pooling",
    "conv": "convolution",
    "linear": "linear layer",
    "concatenate": "concatenation",
}
_MOST_FIXES = 3


def paragraph(reading: Reading, diagnosis: Diagnosis | None) -> str:
    """The whole message in words."""
    help_ = _fixes(diagnosis) or advice(reading)
    sentences = (f"{where(reading)}: {what(reading)}", help_, *reading.notes)
    return " ".join(sentence for sentence in sentences if sentence)


def what(reading: Reading) -> str:
    """What went wrong, with the numbers."""
    return _WHAT[reading.kind](reading)


def advice(reading: Reading) -> str:
    """What would help, as far as it can be told without the layer."""
    return _HELP[reading.kind](reading)


def where(reading: Reading) -> str:
    """The framework, the layer and the axis."""
    parts = [TITLES[reading.framework]]
    if reading.op:
        parts.append(_OPERATIONS[reading.op])
    if reading.layer_name:
        parts.append(f'layer "{reading.layer_name}"')
    if reading.failing_axes:
        parts.append(joined(reading.failing_axes))
    return ", ".join(parts)


def _fixes(diagnosis: Diagnosis | None) -> str:
    if diagnosis is None or not diagnosis.fixes:
        return ""
    texts = [fix.text for fix in diagnosis.fixes[:_MOST_FIXES]]
    return f"Any one of these works: {'; '.join(texts)}."


def _failed(reading: Reading) -> Sequence[AxisReading]:
    """The axes that fail; where the text names none, the ones that it speaks of."""
    return [axis for axis in reading.axes if axis.name in reading.failing_axes] or reading.axes


def _size(size: int | None) -> str:
    return "?" if size is None else number(size)


def _by(sizes: Sizes) -> str:
    return " × ".join(_size(size) for size in sizes)


def _each(axes: Sequence[AxisReading], say: Callable[[AxisReading], str]) -> str:
    """What there is to say of each axis; of several axes, with their names."""
    said = [(axis.name, say(axis)) for axis in axes]
    if len({words for _, words in said}) == 1:
        return said[0][1]
    return "; ".join(f"{name}, {words}" if name else words for name, words in said if words)


# --- what, why -----------------------------------------------------------------------------------


def _no_fit(reading: Reading) -> str:
    why = _each(_failed(reading), _overhang)
    return f"no window fits. {why[:1].upper()}{why[1:]}." if why else "no window fits."


def _overhang(axis: AxisReading) -> str:
    is_padded = axis.padded_size not in (None, axis.input_size)
    room = "the padded input" if is_padded else "the input"
    parts = []
    if axis.span is not None and axis.room is not None:
        relation = "is longer than" if axis.span > axis.room else "is not longer than"
        parts.append(f"the window {number(axis.span)} {relation} {room} {number(axis.room)}")
    elif axis.room is not None:
        parts.append(f"{room} is {number(axis.room)}")
    elif axis.span is not None:
        parts.append(f"the window is {number(axis.span)}")
    if axis.output_size is not None:
        parts.append(f"the size that comes out is {number(axis.output_size)}")
    return " and ".join(parts)


def _padding(reading: Reading) -> str:
    def too_much(axis: AxisReading) -> str:
        if axis.padding is None or axis.kernel_size is None:
            return ""
        return f"{axis.padding} for a kernel of {number(axis.kernel_size)}"

    said = _each(_failed(reading), too_much) if reading.axes else ""
    return f"the padding is more than the framework allows{': ' + said if said else ''}."


def _empty(reading: Reading) -> str:
    sizes = _by(tuple(axis.input_size for axis in reading.axes))
    return f"the input is empty, {sizes}." if sizes else "the input is empty."


_SIZES = "whole numbers from 1, one for all axes or one per axis"
_PADDING = {
    "pytorch": "whole numbers from 0, at most half of the kernel",
    "keras": '"valid" or "same"',
    "tensorflow": '"VALID" or "SAME"; numbers only for max pooling in one or two axes',
    "jax": '"VALID", "SAME", "SAME_LOWER" or one pair of numbers per axis',
    "onnxruntime": "whole numbers from 0 below the kernel, first all beginnings, then all ends",
}


def _argument(reading: Reading) -> str:
    argument = reading.argument or "argument"
    said = f"the framework does not take this {argument}."
    if argument == "padding" and reading.framework in _PADDING:
        return f"{said} It takes {_PADDING[reading.framework]}."
    return f"{said} It takes {_SIZES}." if argument in ("kernel_size", "stride") else said


def _not_whole(reading: Reading) -> str:
    def division(axis: AxisReading) -> str:
        return f"({_size(axis.padded_size)} − {_size(axis.span)}) / {_size(axis.stride)}"

    return f"the windows leave a remainder: {_each(reading.axes, division)} is not whole."


def _channels(reading: Reading) -> str:
    if not reading.expected:
        return "the input has another number of channels than the weights."
    wanted, given = _by(reading.expected), _by(reading.got)
    return f"the weights take {wanted} channels, and the input has {given}."


def _rank(reading: Reading) -> str:
    said = [f"({', '.join(_size(size) for size in shape)})" for shape in reading.shapes]
    shape = f" {said[0]}" if said else ""
    if reading.expected:
        wanted, given = _by(reading.expected), _by(reading.got)
        return f"the layer takes {wanted} axes with the batch, and the input{shape} has {given}."
    return f"the input{shape} has another number of axes than the layer takes."


def _linear(reading: Reading) -> str:
    wanted, given = _by(reading.expected), _by(reading.got)
    return f"the layer was built for {wanted} features, and the input has {given}."


def _concatenate(reading: Reading) -> str:
    if not reading.got:
        return "the inputs have different sizes."
    pairs = zip(reading.expected, reading.got, strict=True)
    said = "; ".join(dict.fromkeys(f"{_size(one)} and {_size(other)}" for one, other in pairs))
    return f"the inputs have different sizes, {said}."


def _minimum(reading: Reading) -> str:
    wanted, given = _by(reading.expected), _by(reading.got)
    return f"the model takes at least {wanted}, and the input is {given}."


# --- what would help -----------------------------------------------------------------------------


def _help_no_fit(reading: Reading) -> str:
    axis = _failed(reading)[0] if reading.axes else AxisReading()
    if axis.span is not None and axis.room is not None and axis.span <= axis.room:
        return ""
    kernel = "a smaller kernel"
    if axis.room is not None and axis.room > 0:
        kernel = f"a kernel of at most {number(axis.room)}"
    size = "a larger input"
    if axis.span is not None:
        size = f"an input of at least {number(axis.span)} there"
    return f"What would help: {kernel}, more padding, or {size}, so fewer strides before the layer."


def _help_padding(reading: Reading) -> str:
    axis = _failed(reading)[0] if reading.axes else AxisReading()
    if reading.framework == "pytorch" and axis.kernel_size is not None:
        most = axis.kernel_size // 2
        return (
            f"PyTorch allows half of the kernel, {axis.kernel_size}//2 = {most}, whatever the "
            f"dilation: padding={most} at most, or F.pad before the layer."
        )
    return "What would help: less padding, or a padding layer before."


def _help_linear(reading: Reading) -> str:
    expected, got = reading.expected[0], reading.got[0]
    if expected and reading.shapes and None not in reading.shapes[0]:
        cells = prod(size for size in reading.shapes[0] if size is not None)
        batch = cells // expected
        if got != expected and cells % expected == 0 and batch:
            return (
                f"The {number(cells)} numbers of the input are {number(batch)} × "
                f"{number(expected)}: a Flatten seems to be missing before the layer."
            )
    return (
        f"What would help: a layer built for {_size(got)} features, the input size that it was "
        "built for, or an adaptive or global pooling before it."
    )


_HELP: dict[Kind, Callable[[Reading], str]] = {
    Kind.NO_FIT: _help_no_fit,
    Kind.PADDING_LIMIT: _help_padding,
    Kind.EMPTY_INPUT: lambda _: "Look at the layer before: that is where the map was lost.",
    Kind.ARGUMENT: lambda _: "",
    Kind.NOT_WHOLE: lambda _: "What would help: another input size, or a mode that rounds.",
    Kind.CHANNELS: lambda _: "Check the order of the axes first, then the layer before.",
    Kind.RANK: lambda _: "Check whether the batch or the channel axis is missing, or one too many.",
    Kind.LINEAR: _help_linear,
    Kind.CONCATENATE: lambda _: (
        "What would help: an input size that every stride on the way divides, or cropping or "
        "padding one of the inputs."
    ),
    Kind.MINIMUM: lambda _: "What would help: a larger input, or fewer layers.",
}
_WHAT: dict[Kind, Callable[[Reading], str]] = {
    Kind.NO_FIT: _no_fit,
    Kind.PADDING_LIMIT: _padding,
    Kind.EMPTY_INPUT: _empty,
    Kind.ARGUMENT: _argument,
    Kind.NOT_WHOLE: _not_whole,
    Kind.CHANNELS: _channels,
    Kind.RANK: _rank,
    Kind.LINEAR: _linear,
    Kind.CONCATENATE: _concatenate,
    Kind.MINIMUM: _minimum,
}
