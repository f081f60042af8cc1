"""A message in one paragraph: where, what, why, and a remedy."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.dialects.common.dialect import DIALECTS
from poolviz.i18n.catalogue import say
from poolviz.i18n.phrase import axis_word, axis_words, joined, noun, number
from poolviz.messages.legacy import messages as legacy
from poolviz.messages.message import AxisReading, MessageKind, Reading, Sizes, order_tell
from poolviz.reading.remedies import failed

Fixes = tuple[tuple[str, str], ...]  # words and code


def paragraph(reading: Reading, fixes: Fixes, are_recomputed: bool) -> str:
    """Return the whole message in words: what, why, what helps, and what the text leaves open.

    A hint at another order of axes explains the first of the fixes, so it is before them.
    """
    listed = fixes_sentence(fixes, are_recomputed)
    order = [note for note in map(str, order_tell(reading)) if note in reading.notes]
    others = [note for note in reading.notes if note not in order]
    sentences = (headline(reading), *reading.causes, *order, listed, *others)
    return " ".join(sentence for sentence in sentences if sentence)


def fixes_sentence(fixes: Fixes, are_recomputed: bool) -> str:
    """Return all fixes in one sentence; "" without any."""
    if not fixes:
        return ""
    key = "reading.help.fixes" if are_recomputed else "reading.help.possible"
    return say(key, fixes="; ".join(text for text, _ in fixes))


def headline(reading: Reading) -> str:
    """Place and kind of the failure."""
    return f"{where(reading)}: {what(reading)}"


def what(reading: Reading) -> str:
    """Describe the failure, with its numbers."""
    return _WHAT[reading.kind](reading)


def where(reading: Reading) -> str:
    """Return the framework, the layer and the axis."""
    parts = [title_of(reading.framework)]
    if reading.op == "input":
        parts.append(say("reading.model_input", name=reading.layer_name or ""))
    elif reading.op:
        parts.append(say(f"reading.op.{reading.op}"))
    if reading.layer_name and reading.op != "input":
        parts.append(say("reading.layer", name=reading.layer_name))
    if reading.failing_axes:
        parts.append(axis_words(reading.failing_axes))
    return ", ".join(parts)


def title_of(framework: str) -> str:
    """Return the name of a framework as it is written."""
    known = DIALECTS.get(framework)
    return legacy.TITLES[framework] if known is None else known.title


def either(words: Sequence[str]) -> str:
    """Return alternatives in a sentence."""
    if len(words) < 2:
        return "".join(words)
    return say("reading.reason.either", first=", ".join(words[:-1]), second=words[-1])


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
    if reading.argument == "negative":
        return say("reading.what.negative_size")
    why = _each(failed(reading), _overhang)
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

    told = _each(failed(reading), too_much) if reading.axes else ""
    if not told:
        return say("reading.what.padding")
    return say("reading.what.padding_told", told=told)


def _empty(reading: Reading) -> str:
    inputs = _by(tuple(axis.input_size for axis in reading.axes))
    if reading.argument == "resized":
        output = _by(tuple(axis.output_size for axis in reading.axes))
        return say("reading.what.resized", sizes=inputs, output=output)
    if any(axis.output_size is not None for axis in reading.axes):
        return say("reading.what.cropped", sizes=inputs)
    has_channels = reading.channels != 0
    sizes = inputs if has_channels else ""
    return say("reading.what.empty_of", sizes=sizes) if sizes else say("reading.what.empty")


_TAKING_SIZES = ("kernel_size", "stride")


def _argument(reading: Reading) -> str:
    argument = reading.argument or "?"
    if "," in argument:
        return say("reading.what.together", arguments=joined(argument.split(", ")))
    words = FRAMEWORKS[reading.framework].vocabulary if reading.framework in FRAMEWORKS else {}
    own = words.get(argument, argument) if reading.op != "conv" else argument
    if len(reading.expected) == 1 and not reading.axes:  # how many numbers it has
        wanted, given = _by(reading.expected), _by(reading.got)
        return say("reading.what.argument_sizes", argument=own, wanted=wanted, given=given)
    if argument == "padding" and reading.framework in DIALECTS:
        taken = say(f"reading.taken.padding_in_{reading.framework}")
    elif argument in _TAKING_SIZES:
        taken = say("reading.taken.sizes")
    else:
        return say("reading.what.argument", argument=own)
    return say("reading.what.argument_taken", argument=own, taken=taken)


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
    if reading.argument == "last":
        wanted, given = _by(reading.expected), _by(reading.got)
        return say("reading.what.last_axis", wanted=wanted, given=given)
    wanted = _things(reading.expected, "channel")
    return say("reading.what.channels", wanted=wanted, given=_by(reading.got))


def _rank(reading: Reading) -> str:
    shapes = [f" ({', '.join(_size(size) for size in shape)})" for shape in reading.shapes]
    shape = shapes[0] if shapes else ""
    if not reading.expected:
        return say("reading.what.other_rank", shape=shape)
    given = _by(reading.got)
    if not given:
        return say("reading.what.other_rank", shape=shape)
    wanted = either([_size(size) for size in reading.expected])
    if reading.argument == "permute":
        return say("reading.what.permute", wanted=wanted, given=given)
    if reading.argument == "least":
        return say("reading.what.least_rank", wanted=wanted, given=given, shape=shape)
    if len(reading.expected) > 1:
        key = "either_rank" if reading.argument == "either" else "ranks"
        return say(f"reading.what.{key}", wanted=wanted, given=given, shape=shape)
    return say("reading.what.rank", wanted=wanted, given=given, shape=shape)


def _linear(reading: Reading) -> str:
    if not reading.expected:
        return say("reading.what.features_differ")
    wanted = _things(reading.expected, "feature")
    return say("reading.what.linear", wanted=wanted, given=_by(reading.got))


def _pairs(reading: Reading, key: str) -> str:
    """Say which sizes differ, each pair once."""
    if not reading.got:
        return say("reading.what.sizes_differ")
    pairs = zip(reading.expected, reading.got, strict=True)
    said = "; ".join(dict.fromkeys(joined([_size(one), _size(other)]) for one, other in pairs))
    return say(key, sizes=said)


def _concatenate(reading: Reading) -> str:
    if reading.argument == "axes":
        one, other = _by(reading.expected), _by(reading.got)
        return say("reading.what.joined_axes", one=one, other=other)
    return _pairs(reading, "reading.what.these_sizes_differ")


def _minimum(reading: Reading) -> str:
    wanted, given = _by(reading.expected), _by(reading.got)
    return say("reading.what.minimum", wanted=wanted, given=given)


def _input_shape(reading: Reading) -> str:
    wanted, given = _by(reading.expected), _by(reading.got)
    if reading.argument == "node":
        return say("reading.what.node")
    if reading.op == "norm":
        return say("reading.what.norm_shape", wanted=wanted, given=given)
    if reading.argument == "squeeze":
        return say("reading.what.squeeze", given=given)
    if reading.argument == "blocks":
        return say("reading.what.blocks", wanted=wanted, given=given)
    if reading.argument == "batch":
        return say("reading.what.first_axis", wanted=wanted, given=given)
    return say("reading.what.input_shape", wanted=wanted, given=given)


def _open_size(reading: Reading) -> str:
    return say("reading.what.open_size")


def _reshape(reading: Reading) -> str:
    if not reading.got:
        return say("reading.what.reshape_alone")
    wanted, given = _by(reading.expected), _by(reading.got)
    if reading.shapes and not {-1, None} & set(reading.shapes[0]):
        if len(reading.shapes[0]) == 1:
            return say("reading.what.reshape_of", wanted=wanted, given=given)
        shape = _shape(reading.shapes[0])
        return say("reading.what.reshape_to", wanted=wanted, given=given, shape=shape)
    total, rows = reading.got[0] or 0, reading.expected[0] or 1
    parts = reading.shapes[0][1:] if reading.shapes else ()
    if len(parts) > 1 and -1 not in parts and total > rows:
        return say("reading.what.reshape_parts", parts=_by(parts), wanted=wanted, given=given)
    if total < rows or total % rows == 0:
        return say("reading.what.refill", wanted=wanted, given=given)
    return say("reading.what.reshape", wanted=wanted, given=given)


def _shape(sizes: Sizes) -> str:
    return f"({', '.join(_size(size) for size in sizes)})"


def _target(reading: Reading) -> str:
    if not reading.expected:
        return _alone(reading.got)
    if reading.argument == "target":
        wanted, given = _shape(reading.expected), _shape(reading.got)
        return say("reading.what.target_wanted", wanted=wanted, given=given)
    if len(reading.expected) > 1 and set(reading.expected) == {None}:
        axes = {"wanted": len(reading.expected) + 1, "given": len(reading.got) + 1}
        return say("reading.what.target_axes", **axes)
    if len(reading.expected) != 1 or len(reading.got) != 1:
        output, target = _shape(reading.expected), _shape(reading.got)
        return say("reading.what.target_shapes", output=output, target=target)
    wanted, given = _things(reading.expected, "row"), _by(reading.got)
    return say("reading.what.target", wanted=wanted, given=given)


def _alone(target: Sizes) -> str:
    """Describe a target, where the text does not state the output."""
    if not target:
        return say("reading.what.target_differs")
    if len(target) == 1:
        return say("reading.what.target_of_axes", axes=_by(target))
    return say("reading.what.target_of_shape", shape=_shape(target))


def _classes(reading: Reading) -> str:
    wanted, given = _by(reading.expected), _by(reading.got)
    if reading.argument == "weight":
        return say("reading.what.class_weights", wanted=wanted, given=given)
    if reading.argument != "label":
        return say("reading.what.classes", one=wanted, other=given)
    if not reading.got:
        return say("reading.what.label_unknown")
    if not reading.expected:
        return say("reading.what.label_alone", label=given)
    last = number((reading.expected[0] or 1) - 1)
    return say("reading.what.label", label=given, last=last, classes=wanted)


def _sum(reading: Reading) -> str:
    return _pairs(reading, "reading.what.sum")


def _divisible(reading: Reading) -> str:
    if not reading.expected:
        return say(f"reading.what.divisible_{reading.argument or 'patch'}")
    wanted, given = _by(reading.expected), _by(reading.got)
    key = "channels_divisible" if reading.argument == "channels" else "divisible"
    return say(f"reading.what.{key}", wanted=wanted, given=given)


def _reflection(reading: Reading) -> str:
    if all(axis.padding is None for axis in reading.axes):
        return say("reading.what.reflection_alone")

    def too_much(axis: AxisReading) -> str:
        sizes = {"padding": axis.padding, "room": _size(axis.input_size)}
        return say("reading.what.reflection_of_axis", **sizes)

    return say("reading.what.reflection", told=_each(failed(reading), too_much))


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
    MessageKind.INPUT_SHAPE: _input_shape,
    MessageKind.OPEN_SIZE: _open_size,
    MessageKind.RESHAPE: _reshape,
    MessageKind.TARGET: _target,
    MessageKind.CLASSES: _classes,
    MessageKind.SUM: _sum,
    MessageKind.LAYOUT: lambda _: say("reading.what.layout"),
    MessageKind.ONE_VALUE: lambda _: say("reading.what.one_value"),
    MessageKind.REFLECTION: _reflection,
    MessageKind.DIVISIBLE: _divisible,
    MessageKind.UNPOOL: lambda _: say("reading.what.unpool"),
}
