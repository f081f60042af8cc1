"""How layers, sizes and outcomes are said: one place for every phrase that is used twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.shapes import PaddingSplit
from poolviz.arithmetic.trace import Trace
from poolviz.i18n.catalogue import say
from poolviz.i18n.phrase import axis_word as axis_word
from poolviz.i18n.phrase import axis_words as axis_words
from poolviz.i18n.phrase import by as by
from poolviz.i18n.phrase import count as count
from poolviz.i18n.phrase import joined as joined
from poolviz.i18n.phrase import noun as noun
from poolviz.i18n.phrase import number as number

OP_TITLES = {"max": "MaxPool", "avg": "AvgPool"}
# The cells of an axis, as a noun of the catalogue.
ELEMENTS = {"length": "element", "depth": "slice", "height": "row", "width": "column"}


def per_axis(values: Sequence[int]) -> str:
    """One number where all axes agree, else one per axis.

    >>> per_axis((2, 2)), per_axis((2, 3))
    ('2', '2×3')
    """
    return number(values[0]) if len(set(values)) == 1 else "×".join(map(number, values))


def runs(places: Sequence[int], most: int = 4) -> str:
    """Neighbouring places as ranges, the first few of them.

    >>> runs((3, 4, 8, 9, 12))
    '3–4, 8–9, 12'
    """
    found: list[list[int]] = []
    for place in places:
        if found and place == found[-1][1] + 1:
            found[-1][1] = place
        else:
            found.append([place, place])
    shown = [str(a) if a == b else f"{a}–{b}" for a, b in found[:most]]
    return ", ".join(shown) + (", …" if len(found) > most else "")


def padding_text(trace: Trace) -> str:
    """The padding as it was asked for, with its numbers where they are not said already."""
    splits = [axis.padding for axis in trace.axes]
    numbers = splits_text(splits)
    if trace.layer.padding in ("same", "same_lower"):
        even = all(split.before == split.after for split in splits)
        key = "call.same_padding_on_every_side" if even else "call.same_padding"
        return say(key, name=trace.layer.padding, numbers=numbers)
    if not any(split.before or split.after for split in splits):
        return say("call.no_padding")
    return say("call.padding", numbers=numbers)


def splits_text(splits: Sequence[PaddingSplit]) -> str:
    """Padding numbers, both sides apart only where they differ.

    >>> splits_text([PaddingSplit(1, 1), PaddingSplit(1, 1)])
    '1'
    >>> splits_text([PaddingSplit(0, 1), PaddingSplit(0, 1)])
    '0 before, 1 after'
    """
    before = per_axis([split.before for split in splits])
    if all(split.before == split.after for split in splits):
        return before
    after = per_axis([split.after for split in splits])
    return say("call.split", before=before, after=after)


def layer_title(trace: Trace) -> str:
    """What was asked for, in a headline.

    >>> from poolviz.arithmetic.trace import trace as traced
    >>> layer_title(traced(Pool(3, stride=2, padding=1), (6, 7)))
    'MaxPool 3×3, stride 2, padding 1'
    """
    kernel = "×".join(number(axis.kernel_size) for axis in trace.axes)
    parts = [
        f"{OP_TITLES[trace.layer.op]} {kernel}",
        say("call.stride", stride=per_axis([axis.stride for axis in trace.axes])),
        padding_text(trace),
    ]
    if any(axis.dilation > 1 for axis in trace.axes):
        dilation = per_axis([axis.dilation for axis in trace.axes])
        parts.append(say("call.dilation", dilation=dilation))
    if trace.layer.ceil_mode:
        parts.append("ceil_mode")
    if trace.layer.count_include_pad is not None:
        parts.append(f"count_include_pad={trace.layer.count_include_pad}")
    return ", ".join(parts)


def outcome_text(trace: Trace) -> str:
    """What the framework does with this call, in a few words."""
    return say("outcome.of", framework=trace.framework.title, does=_does(trace))


def _does(trace: Trace) -> str:
    if trace.outcome == "raises":
        if trace.refusals and trace.refusals[0].reason == "not offered":
            return refuses_text(trace)
        return say("outcome.raises", error=trace.error_name)
    returned = by(trace.returned_size or ())
    if trace.outcome == "empty":
        return say("outcome.empty", size=returned)
    return say("outcome.silent" if trace.is_truncated else "outcome.returns", size=returned)


def refuses_text(trace: Trace) -> str:
    """The first argument that is not taken, like padding=(1, 1), and how that is said."""
    parameter = trace.refusals[0].parameter
    value = getattr(trace.layer, parameter)
    argument = f"{parameter}={value!r}".replace("'", '"')
    return say("outcome.refuses", argument=argument, error=trace.error_name)


def window_text(axis: AxisTrace) -> str:
    """What is laid over the input: the kernel, or the longer span of a dilated one."""
    kernel = number(axis.kernel_size)
    if axis.dilation == 1:
        return say("overhang.kernel", kernel=kernel)
    span = number(axis.effective_kernel_size)
    return say("overhang.effective_kernel", span=span, dilation=axis.dilation, kernel=kernel)


def room_text(axis: AxisTrace) -> str:
    """What it is laid on: the input, or the padded input with its sum."""
    size = number(axis.input_size)
    if axis.padding.total == 0:
        return say("overhang.input", size=size)
    before, after = axis.padding
    added = f"2·{before}" if before == after else f"{before} + {after}"
    return say("overhang.padded_input", padded=number(axis.padded_size), size=size, added=added)


def capital(text: str) -> str:
    """The first letter in upper case, the rest as it is; a name keeps its small letter.

    >>> capital("no window fits"), capital("onnxruntime wants more")
    ('No window fits', 'onnxruntime wants more')
    """
    return text if text.startswith("onnxruntime") else text[:1].upper() + text[1:]


# --- the call in each framework's own words ------------------------------------------------------


def call_code(layer: Pool, ndim: int) -> str:
    """The layer as a line of its framework's code.

    >>> call_code(Pool(3, stride=2, padding=1), 2)
    'nn.MaxPool2d(3, stride=2, padding=1)'
    >>> call_code(Pool(3, padding="same", framework="keras"), 2)
    "layers.MaxPooling2D(3, padding='same')"
    """
    return _CALLS[layer.framework](layer.with_axes(ndim), ndim)


def _short(values: Sequence[int]) -> str:
    return str(values[0]) if len(set(values)) == 1 else str(tuple(values))


def _tuple(layer: Pool, name: str) -> tuple[int, ...]:
    value = getattr(layer, name)
    assert isinstance(value, tuple)
    return value


def _pairs(layer: Pool, ndim: int) -> list[tuple[int, int]]:
    return [axis.padding for axis in layer.axes(ndim) if isinstance(axis.padding, tuple)]


def _has_padding(layer: Pool, ndim: int) -> bool:
    return any(before or after for before, after in _pairs(layer, ndim))


def _pytorch_call(layer: Pool, ndim: int) -> str:
    words = [_short(_tuple(layer, "kernel_size"))]
    if layer.stride is not None:
        words.append(f"stride={_short(_tuple(layer, 'stride'))}")
    if layer.padding in ("same", "same_lower"):
        words.append(f"padding={layer.padding!r}")
    elif _has_padding(layer, ndim):
        pairs = _pairs(layer, ndim)
        is_even = all(before == after for before, after in pairs)
        words.append(f"padding={_short([pair[0] for pair in pairs]) if is_even else pairs}")
    words += _set_words(layer, ("dilation", "ceil_mode", "count_include_pad"))
    return f"nn.{OP_TITLES[layer.op]}{ndim}d({', '.join(words)})"


def _set_words(layer: Pool, names: Iterable[str]) -> list[str]:
    words = []
    for name in names:
        value = getattr(layer, name)
        if isinstance(value, tuple):
            if set(value) != {1}:
                words.append(f"{name}={_short(value)}")
        elif value not in (None, False) or (name == "count_include_pad" and value is False):
            words.append(f"{name}={value}")
    return words


def _named_padding(layer: Pool, ndim: int) -> str | None:
    if isinstance(layer.padding, str):
        return None if layer.padding == "valid" else layer.padding
    return str(_pairs(layer, ndim)) if _has_padding(layer, ndim) else None


def _keras_call(layer: Pool, ndim: int) -> str:
    words = [_short(_tuple(layer, "kernel_size"))]
    if layer.stride is not None:
        words.append(f"strides={_short(_tuple(layer, 'stride'))}")
    padding = _named_padding(layer, ndim)
    if padding:
        words.append(f"padding={padding!r}" if layer.has_named_padding else f"padding={padding}")
    words += _set_words(layer, ("dilation", "ceil_mode", "count_include_pad"))
    name = "MaxPooling" if layer.op == "max" else "AveragePooling"
    return f"layers.{name}{ndim}D({', '.join(words)})"


def _tensorflow_call(layer: Pool, ndim: int) -> str:
    kernel = _tuple(layer, "kernel_size")
    stride = kernel if layer.stride is None else _tuple(layer, "stride")
    padding = _named_padding(layer, ndim) or "valid"
    if layer.has_named_padding or padding == "valid":
        shown = repr(padding.upper())
    else:
        shown = str([[0, 0], *([a, b] for a, b in _pairs(layer, ndim)), [0, 0]])
    words = ["x", f"ksize={_short(kernel)}", f"strides={_short(stride)}", f"padding={shown}"]
    words += _set_words(layer, ("dilation", "ceil_mode", "count_include_pad"))
    return f"tf.nn.{layer.op}_pool{ndim}d({', '.join(words)})"


def _jax_call(layer: Pool, ndim: int) -> str:
    padding = _named_padding(layer, ndim) or "valid"
    shown = repr(padding.upper()) if layer.has_named_padding or padding == "valid" else padding
    if set(_tuple(layer, "dilation")) != {1}:
        return _lax_call(layer, shown)
    words = ["x", str(_tuple(layer, "kernel_size"))]
    if layer.stride is not None:
        words.append(f"strides={_tuple(layer, 'stride')}")
    if shown != "'VALID'":
        words.append(f"padding={shown}")
    words += _set_words(layer, ("ceil_mode", "count_include_pad"))
    return f"nn.{layer.op}_pool({', '.join(words)})"


def _lax_call(layer: Pool, padding: str) -> str:
    start, reducer = ("-jnp.inf", "lax.max") if layer.op == "max" else ("0.0", "lax.add")
    kernel, dilation = _tuple(layer, "kernel_size"), _tuple(layer, "dilation")
    stride = (1,) * len(kernel) if layer.stride is None else _tuple(layer, "stride")
    return (
        f"lax.reduce_window(x, {start}, {reducer}, {(1, *kernel, 1)}, {(1, *stride, 1)}, "
        f"{padding if padding[0] != '[' else f'[(0, 0), {padding[1:-1]}, (0, 0)]'}, "
        f"window_dilation={(1, *dilation, 1)})"
    )


def _onnx_call(layer: Pool, ndim: int) -> str:
    words = [f"kernel_shape={list(_tuple(layer, 'kernel_size'))}"]
    if layer.stride is not None:
        words.append(f"strides={list(_tuple(layer, 'stride'))}")
    if layer.padding in ("same", "same_lower"):
        name = "SAME_UPPER" if layer.padding == "same" else "SAME_LOWER"
        words.append(f"auto_pad='{name}'")
    elif _has_padding(layer, ndim):
        pairs = _pairs(layer, ndim)
        words.append(f"pads={[a for a, _ in pairs] + [b for _, b in pairs]}")
    if set(_tuple(layer, "dilation")) != {1}:
        words.append(f"dilations={list(_tuple(layer, 'dilation'))}")
    words += [f"{name}=1" for name in ("ceil_mode", "count_include_pad") if getattr(layer, name)]
    name = "MaxPool" if layer.op == "max" else "AveragePool"
    return f"helper.make_node('{name}', ['x'], ['y'], {', '.join(words)})"


_CALLS: dict[str, Callable[[Pool, int], str]] = {
    "pytorch": _pytorch_call,
    "tensorflow": _tensorflow_call,
    "keras": _keras_call,
    "jax": _jax_call,
    "onnxruntime": _onnx_call,
}
