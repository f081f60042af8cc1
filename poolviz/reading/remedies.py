"""What would help, by kind of failure: at most four fixes, the most likely to help first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.network_layers import Linear
from poolviz.dialects.common.dialect import DIALECTS
from poolviz.i18n.phrase import counted, phrase
from poolviz.messages.legacy import messages as legacy
from poolviz.messages.message import (
    PICTURES,
    AxisReading,
    MessageKind,
    Reading,
    Remedy,
    Sizes,
    apart,
    narrow_axis,
)
from poolviz.messages.snippets import Snippets

MOST_FIXES = 4


def remedies_of(reading: Reading) -> tuple[Remedy, ...]:
    """Return the fixes: those of the message itself, then those of its kind."""
    code = code_of(reading)
    own = [one for one in reading.remedies if one.snippet != "adaptive_pool" or code.adaptive_pool]
    found = [] if reading.only_remedies else list(_OF_KIND[reading.kind](reading, code))
    is_second = reading.kind is MessageKind.LINEAR and bool(found)
    found = [_written(one, code) for one in (*found[:is_second], *own, *found[is_second:])]
    unique = {str(remedy.words): remedy for remedy in reversed(found)}
    return tuple(remedy for remedy in found if unique[str(remedy.words)] is remedy)[:MOST_FIXES]


def _written(remedy: Remedy, code: Snippets) -> Remedy:
    if not remedy.snippet:
        return remedy
    line: str = getattr(code, remedy.snippet)
    return replace(remedy, code=line.format(**dict(remedy.fields)) if remedy.fields else line)


def code_of(reading: Reading) -> Snippets:
    """Return the lines of code of the user's framework."""
    dialect = DIALECTS.get(reading.code_in or reading.framework)
    if dialect is None:
        return legacy.CODES.get(reading.framework, Snippets())
    return dialect.messages.code_for(reading.data_format)


def assumes_order(reading: Reading) -> bool:
    """Return whether a line of code holds for channels last only, and the text names no order."""
    dialect = DIALECTS.get(reading.code_in or reading.framework)
    takes_both = dialect is not None and dialect.messages.code_first is not None
    if reading.data_format is not None or not takes_both:
        return False
    turned = replace(reading, data_format="channels_first")
    return any(
        one.code != other.code
        for one, other in zip(remedies_of(reading), remedies_of(turned), strict=True)
    )


def failed(reading: Reading) -> tuple[AxisReading, ...]:
    """Return the axes that fail; where the text names none, all that it mentions."""
    named = tuple(axis for axis in reading.axes if axis.name in reading.failing_axes)
    return named or reading.axes


def _fix(key: str, code: str = "", /, **fields: object) -> Remedy:
    return Remedy(phrase(f"reading.fix.{key}", **fields), code)


# --- windows and maps ----------------------------------------------------------------------------


def _no_fit(reading: Reading, code: Snippets) -> Iterator[Remedy]:
    """Yield what helps a window that does not fit; nothing where its numbers would fit."""
    axes = failed(reading)
    axis = min(axes, key=lambda one: one.room or 0, default=AxisReading())
    if axis.span is not None and axis.room is not None and axis.span <= axis.room:
        return
    yield from other_order(reading, code)
    if axis.span is not None:
        yield _fix("input_of_at_least", least=axis.span)
    else:
        yield _fix("larger_input")
    yield _fix("fewer_layers")
    if _is_as_large_as_a_map(reading, axis):
        yield _fix("global_pooling_here", code.global_pool if reading.op == "avg" else "")
    if axis.room is None:
        yield _fix("smaller_kernel")
    elif axis.room > 1:
        yield _fix("kernel_of_at_most", most=axis.room)
    else:
        yield _fix("no_layer")
    if reading.op != "pool" or axis.span is not None:
        yield _fix("same_padding" if code.same_padding else "more_padding", code.same_padding)


def other_order(reading: Reading, code: Snippets) -> Iterator[Remedy]:
    """Offer another order of axes first, where a small axis is most likely the channels."""
    key, axis = narrow_axis(reading)
    if axis is None:
        return
    if key == "batch_may_be_missing":
        yield _fix("add_batch", code.add_batch)
    elif key == "channels_may_be_last":
        yield _fix("to_channels_first", code.channels_first)
    else:
        yield _fix("data_channels_last", code.channels_last.format(place=1))


_LONGEST_USUAL_POOL = 4


def _is_as_large_as_a_map(reading: Reading, axis: AxisReading) -> bool:
    """Return whether a pooling window was most likely meant for all of a feature map."""
    span = axis.span if axis.span is not None else (axis.room or 0) + 1  # at least
    return reading.op in ("max", "avg", "pool") and span > _LONGEST_USUAL_POOL


def _padding_limit(reading: Reading, code: Snippets) -> Iterator[Remedy]:
    axes = failed(reading)
    kernel = axes[0].kernel_size if axes else None
    dialect = DIALECTS.get(reading.framework)
    if dialect is not None and kernel is not None:
        most = FRAMEWORKS[dialect.name].padding_limit(kernel)
        yield Remedy(phrase(dialect.messages.padding_help, kernel=kernel, most=most))
    else:
        yield _fix("less_padding")


def _empty(reading: Reading, code: Snippets) -> Iterator[Remedy]:
    if reading.channels != 0:  # no larger map has channels
        yield _fix("larger_input")
        yield _fix("fewer_layers")
    yield _fix("print_shapes", code.print_shape)


def _not_whole(reading: Reading, code: Snippets) -> Iterator[Remedy]:
    yield _fix("other_input")
    yield _fix("rounding")


def _minimum(reading: Reading, code: Snippets) -> Iterator[Remedy]:
    yield _fix("larger_input")
    yield _fix("fewer_layers")


def _divisible(reading: Reading, code: Snippets) -> Iterator[Remedy]:
    yield _fix("other_input")


def _reflection(reading: Reading, code: Snippets) -> Iterator[Remedy]:
    axes = failed(reading)
    room = axes[0].input_size if axes else None
    if room is not None and room > 1:
        yield _fix("padding_of_at_most", most=room - 1)
    yield _fix("larger_input")
    yield _fix("fewer_layers")
    yield _fix("zero_padding")


def _one_value(reading: Reading, code: Snippets) -> Iterator[Remedy]:
    yield _fix("larger_batch", code.drop_last)
    yield _fix("evaluation", code.eval_mode)
    if reading.axes:
        yield _fix("other_norm")


# --- axes and channels ---------------------------------------------------------------------------


def _channels(reading: Reading, code: Snippets) -> Iterator[Remedy]:
    if not reading.got or not reading.got[0] or reading.expected[0] is None:
        yield _fix("print_shapes", code.print_shape)
        return
    got = reading.got[0]
    is_picture = reading.expected[0] in PICTURES and len(reading.axes) in (0, 2)
    line = code.input_channels if is_picture else ""
    line = (line or code.conv_channels) if reading.op == "conv" else ""
    first = line.format(channels=got, ndim=_spatial_axes(reading))
    yield _fix("layer_for_channels", first, channels=counted(got, "channel"))
    yield _fix("preceding_channels", channels=counted(reading.expected[0], "channel"))


def _spatial_axes(reading: Reading) -> int:
    """Return how many spatial axes the convolution has, two where the text has no shape."""
    return len(reading.axes) or (len(reading.shapes[0]) - 2 if reading.shapes else 2)


def _rank(reading: Reading, code: Snippets) -> Iterator[Remedy]:
    if reading.missing in ("batch", "batch_or_channels", None):
        yield _fix("add_batch", code.add_batch)
    if reading.missing in ("channels", "batch_or_channels", None):
        yield _fix("add_channel", code.add_channel)
    if reading.missing in ("surplus", None):
        yield _fix("remove_axis")


def _layout(reading: Reading, code: Snippets) -> Iterator[Remedy]:
    yield _fix("channels_last", code.channels_last)
    yield _fix("on_a_gpu")


def _input_shape(reading: Reading, code: Snippets) -> Iterator[Remedy]:
    if reading.remedies:
        return
    sides = _sides_wanted(reading)
    if sides and code.resize_to:
        resized = code.resize_to.format(height=sides[0], width=sides[1])
        yield _fix("resize_to", resized, sides=sides)
    else:
        yield _fix("data_of_model")
    is_whole = len(reading.got) == 3 and None not in reading.got
    model = code.model_input.format(shape=reading.got) if is_whole else ""
    yield _fix("model_of_data", model)


_SHORTEST_SIDE = 16  # of a picture


def _sides_wanted(reading: Reading) -> Sizes:
    """Return the height and width of the pictures that a model takes, () if it takes no others."""
    if not {"height", "width"} & set(reading.failing_axes) or reading.reasons:
        return ()
    if reading.channels is not None and reading.channels not in PICTURES:
        return ()
    sides = reading.expected
    if len(sides) == 3 and reading.data_format:
        sides = apart(sides, reading.data_format, has_batch=False)[0]
    return sides if len(sides) == 2 and min(side or 0 for side in sides) >= _SHORTEST_SIDE else ()


# --- behind the maps -----------------------------------------------------------------------------


def _linear(reading: Reading, code: Snippets) -> Iterator[Remedy]:
    got = reading.got[0] if reading.got else None
    if got is None or any(one.snippet == "flatten" for one in reading.remedies):
        return
    yield _fix("layer_for", _linear_code(reading, got), features=counted(got, "feature"))
    if code.open_linear:
        outputs = reading.outputs if (reading.outputs or 0) > 0 else "…"
        yield _fix("open_layer", code.open_linear.format(outputs=outputs))
    if not reading.reasons:
        yield _fix("print_shapes", code.print_shape)


def _linear_code(reading: Reading, features: int) -> str:
    """Write the layer with its outputs, which are the columns of the weights."""
    dialect = DIALECTS.get(reading.code_in or reading.framework)
    outputs = reading.outputs
    sizes = (outputs or 0, features)
    if dialect is None or outputs is None or min(sizes) < 1 or max(sizes) > 10**9:
        return ""
    return dialect.write.layer(Linear(outputs), 1, features)


def _join(reading: Reading, code: Snippets) -> Iterator[Remedy]:
    if reading.is_of_maps:
        yield _fix("resize", code.resize)
        yield _fix("crop", code.crop)
        yield _fix("divisible_input")
    elif not reading.remedies:
        yield _fix("print_both", code.print_both)


def _reshape(reading: Reading, code: Snippets) -> Iterator[Remedy]:
    yield _fix("print_shapes", code.print_shape)


def _target(reading: Reading, code: Snippets) -> Iterator[Remedy]:
    yield _fix("print_both_ends", code.print_output)


def _open_size(reading: Reading, code: Snippets) -> Iterator[Remedy]:
    yield _fix("fixed_input")
    yield _fix("global_pooling", code.global_pool)


_OF_KIND: dict[MessageKind, Callable[[Reading, Snippets], Iterator[Remedy]]] = {
    MessageKind.NO_FIT: _no_fit,
    MessageKind.PADDING_LIMIT: _padding_limit,
    MessageKind.EMPTY_INPUT: _empty,
    MessageKind.ARGUMENT: lambda *_: iter(()),
    MessageKind.NOT_WHOLE: _not_whole,
    MessageKind.CHANNELS: _channels,
    MessageKind.RANK: _rank,
    MessageKind.LINEAR: _linear,
    MessageKind.CONCATENATE: _join,
    MessageKind.MINIMUM: _minimum,
    MessageKind.INPUT_SHAPE: _input_shape,
    MessageKind.OPEN_SIZE: _open_size,
    MessageKind.RESHAPE: _reshape,
    MessageKind.TARGET: _target,
    MessageKind.CLASSES: _target,
    MessageKind.SUM: _join,
    MessageKind.LAYOUT: _layout,
    MessageKind.ONE_VALUE: _one_value,
    MessageKind.REFLECTION: _reflection,
    MessageKind.DIVISIBLE: _divisible,
    MessageKind.UNPOOL: lambda *_: iter(()),
}
