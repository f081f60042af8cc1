"""A message in one paragraph: where, what, why, and a remedy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.diagnosis.layer.diagnosis import Diagnosis
from poolviz.dialects.common.dialect import DIALECTS
from poolviz.dialects.common.message import AxisReading, MessageKind, Reading, Sizes
from poolviz.dialects.legacy import messages as legacy
from poolviz.i18n.catalogue import say
from poolviz.i18n.phrase import axis_word, axis_words, joined, noun, number

_MOST_FIXES = 3


def paragraph(reading: Reading, diagnosis: Diagnosis | None) -> str:
    """Return the whole message in words."""
    help_ = _fixes(diagnosis) or advice(reading)
    sentences = (headline(reading), help_, *reading.notes)
    return " ".join(sentence for sentence in sentences if sentence)


def headline(reading: Reading) -> str:
    """Place and kind of the failure."""
    return f"{where(reading)}: {what(reading)}"


def what(reading: Reading) -> str:
    """Describe the failure, with its numbers."""
    return _WHAT[reading.kind](reading)


def advice(reading: Reading) -> str:
    """Suggest a remedy, as far as is possible without the layer."""
    return _HELP[reading.kind](reading)


def where(reading: Reading) -> str:
    """Return the framework, the layer and the axis."""
    parts = [title_of(reading.framework)]
    if reading.op:
        parts.append(say(f"reading.op.{reading.op}"))
    if reading.layer_name:
        parts.append(say("reading.layer", name=reading.layer_name))
    if reading.failing_axes:
        parts.append(axis_words(reading.failing_axes))
    return ", ".join(parts)


def title_of(framework: str) -> str:
    """Return the name of a framework as it is written."""
    known = DIALECTS.get(framework)
    return legacy.TITLES[framework] if known is None else known.title


def _fixes(diagnosis: Diagnosis | None) -> str:
    if diagnosis is None or not diagnosis.fixes:
        return ""
    texts = [fix.text for fix in diagnosis.fixes[:_MOST_FIXES]]
    return say("reading.help.fixes", fixes="; ".join(texts))


def _failed(reading: Reading) -> Sequence[AxisReading]:
    """Return the axes that fail; where the text names none, all that it mentions."""
    return [axis for axis in reading.axes if axis.name in reading.failing_axes] or reading.axes


def _size(size: int | None) -> str:
    return "?" if size is None else number(size)


def _by(sizes: Sizes) -> str:
    return " × ".join(_size(size) for size in sizes)


def _each(axes: Sequence[AxisReading], tell: Callable[[AxisReading], str]) -> str:
    """Return the words for each axis; with its name if there are several."""
    told = [(axis.name, tell(axis)) for axis in axes]
    if len({words for _, words in told}) == 1:
        return told[0][1]
    return "; ".join(
        say("reading.what.each_axis", axis=axis_word(name), words=words) if name else words
        for name, words in told
        if words
    )


# --- what, why -----------------------------------------------------------------------------------


def _no_fit(reading: Reading) -> str:
    why = _each(_failed(reading), _overhang)
    if not why:
        return say("reading.what.no_fit")
    return say("reading.what.no_fit_because", why=f"{why[:1].upper()}{why[1:]}")


def _overhang(axis: AxisReading) -> str:
    room = "padded_input" if axis.padded_size not in (None, axis.input_size) else "input"
    parts = []
    if axis.span is not None and axis.room is not None:
        relation = "longer_than" if axis.span > axis.room else "not_longer_than"
        sizes = {"span": number(axis.span), "room": number(axis.room)}
        parts.append(say(f"reading.what.{relation}_{room}", **sizes))
    elif axis.room is not None:
        parts.append(say(f"reading.what.{room}", room=number(axis.room)))
    elif axis.span is not None:
        parts.append(say("reading.what.window", span=number(axis.span)))
    if axis.output_size is not None:
        parts.append(say("reading.what.output", size=number(axis.output_size)))
    return joined(parts)


def _padding(reading: Reading) -> str:
    def too_much(axis: AxisReading) -> str:
        if axis.padding is None or axis.kernel_size is None:
            return ""
        kernel = number(axis.kernel_size)
        return say("reading.what.padding_of_axis", padding=axis.padding, kernel=kernel)

    told = _each(_failed(reading), too_much) if reading.axes else ""
    if not told:
        return say("reading.what.padding")
    return say("reading.what.padding_told", told=told)


def _empty(reading: Reading) -> str:
    sizes = _by(tuple(axis.input_size for axis in reading.axes))
    return say("reading.what.empty_of", sizes=sizes) if sizes else say("reading.what.empty")


_TAKING_SIZES = ("kernel_size", "stride")


def _argument(reading: Reading) -> str:
    argument = reading.argument or "?"
    if argument == "padding" and reading.framework in DIALECTS:
        taken = say(f"reading.taken.padding_in_{reading.framework}")
    elif argument in _TAKING_SIZES:
        taken = say("reading.taken.sizes")
    else:
        return say("reading.what.argument", argument=argument)
    return say("reading.what.argument_taken", argument=argument, taken=taken)


def _not_whole(reading: Reading) -> str:
    def division(axis: AxisReading) -> str:
        return f"({_size(axis.padded_size)} − {_size(axis.span)}) / {_size(axis.stride)}"

    return say("reading.what.not_whole", division=_each(reading.axes, division))


def _things(sizes: Sizes, name: str) -> str:
    """Return a number of things with its noun; the number may be open."""
    return f"{_by(sizes)} {noun(name, sizes[0] or 0)}"


def _channels(reading: Reading) -> str:
    if not reading.expected:
        return say("reading.what.other_channels")
    wanted = _things(reading.expected, "channel")
    return say("reading.what.channels", wanted=wanted, given=_by(reading.got))


def _rank(reading: Reading) -> str:
    shapes = [f" ({', '.join(_size(size) for size in shape)})" for shape in reading.shapes]
    shape = shapes[0] if shapes else ""
    if not reading.expected:
        return say("reading.what.other_rank", shape=shape)
    wanted, given = _by(reading.expected), _by(reading.got)
    return say("reading.what.rank", wanted=wanted, given=given, shape=shape)


def _linear(reading: Reading) -> str:
    wanted = _things(reading.expected, "feature")
    return say("reading.what.linear", wanted=wanted, given=_by(reading.got))


def _concatenate(reading: Reading) -> str:
    if not reading.got:
        return say("reading.what.sizes_differ")
    pairs = zip(reading.expected, reading.got, strict=True)
    said = "; ".join(dict.fromkeys(joined([_size(one), _size(other)]) for one, other in pairs))
    return say("reading.what.these_sizes_differ", sizes=said)


def _minimum(reading: Reading) -> str:
    wanted, given = _by(reading.expected), _by(reading.got)
    return say("reading.what.minimum", wanted=wanted, given=given)


# --- what would help -----------------------------------------------------------------------------


def _help_no_fit(reading: Reading) -> str:
    axis = _failed(reading)[0] if reading.axes else AxisReading()
    if axis.span is not None and axis.room is not None and axis.span <= axis.room:
        return ""
    kernel, size = say("reading.help.smaller_kernel"), say("reading.help.larger_input")
    if axis.room is not None and axis.room > 0:
        kernel = say("reading.help.kernel_of_at_most", most=number(axis.room))
    if axis.span is not None:
        size = say("reading.help.input_of_at_least", least=number(axis.span))
    return say("reading.help.no_fit", kernel=kernel, size=size)


def _help_padding(reading: Reading) -> str:
    axis = _failed(reading)[0] if reading.axes else AxisReading()
    dialect = DIALECTS.get(reading.framework)
    if dialect is not None and axis.kernel_size is not None:
        most = FRAMEWORKS[dialect.name].padding_limit(axis.kernel_size)
        return say(dialect.messages.padding_help, kernel=axis.kernel_size, most=most)
    return say("reading.help.padding")


def _help_linear(reading: Reading) -> str:
    expected, got = reading.expected[0], reading.got[0]
    if expected and reading.shapes and None not in reading.shapes[0]:
        cells = prod(size for size in reading.shapes[0] if size is not None)
        batch = cells // expected
        if got != expected and cells % expected == 0 and batch:
            numbers = {"cells": cells, "batch": batch, "features": expected}
            return say("reading.help.flatten", **{k: number(n) for k, n in numbers.items()})
    return say("reading.help.linear", features=_things((got,), "feature"))


_HELP: dict[MessageKind, Callable[[Reading], str]] = {
    MessageKind.NO_FIT: _help_no_fit,
    MessageKind.PADDING_LIMIT: _help_padding,
    MessageKind.EMPTY_INPUT: lambda _: say("reading.help.empty"),
    MessageKind.ARGUMENT: lambda _: "",
    MessageKind.NOT_WHOLE: lambda _: say("reading.help.not_whole"),
    MessageKind.CHANNELS: lambda _: say("reading.help.channels"),
    MessageKind.RANK: lambda _: say("reading.help.rank"),
    MessageKind.LINEAR: _help_linear,
    MessageKind.CONCATENATE: lambda _: say("reading.help.concatenate"),
    MessageKind.MINIMUM: lambda _: say("reading.help.minimum"),
}
_WHAT: dict[MessageKind, Callable[[Reading], str]] = {
    MessageKind.NO_FIT: _no_fit,
    MessageKind.PADDING_LIMIT: _padding,
    MessageKind.EMPTY_INPUT: _empty,
    MessageKind.ARGUMENT: _argument,
    MessageKind.NOT_WHOLE: _not_whole,
    MessageKind.CHANNELS: _channels,
    MessageKind.RANK: _rank,
    MessageKind.LINEAR: _linear,
    MessageKind.CONCATENATE: _concatenate,
    MessageKind.MINIMUM: _minimum,
}
