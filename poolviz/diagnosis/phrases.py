"""Phrases for layers, sizes and outcomes that several modules use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.convolution.trace import ConvTrace
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.fitted import AdaptivePool, FittedPool
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.shapes import PaddingSplit
from poolviz.arithmetic.trace import Trace
from poolviz.arithmetic.versions import VersionResult, title_of
from poolviz.i18n.catalogue import say
from poolviz.i18n.phrase import axis_word as axis_word
from poolviz.i18n.phrase import axis_words as axis_words
from poolviz.i18n.phrase import by as by
from poolviz.i18n.phrase import count as count
from poolviz.i18n.phrase import joined as joined
from poolviz.i18n.phrase import noun as noun
from poolviz.i18n.phrase import number as number

OP_TITLES = {"max": "MaxPool", "avg": "AvgPool", "lp": "LPPool"}
# The elements of an axis, as a noun of the catalogue.
ELEMENTS = {"length": "element", "depth": "slice", "height": "row", "width": "column"}


def per_axis(values: Sequence[int]) -> str:
    """Write one number where all axes agree, else one per axis.

    >>> per_axis((2, 2)), per_axis((2, 3))
    ('2', '2×3')
    """
    return number(values[0]) if len(set(values)) == 1 else "×".join(map(number, values))


def runs(places: Sequence[int], most: int = 4) -> str:
    """Write positions as ranges, the first few of them.

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
    """Describe the padding, with its numbers where the name does not state them."""
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
    """Write padding numbers, both sides only where they differ.

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
    """Describe a layer in a headline.

    >>> from poolviz import Pool, trace
    >>> layer_title(trace(Pool(3, stride=2, padding=1), (6, 7)))
    'MaxPool 3×3, stride 2, padding 1'
    """
    if isinstance(trace, ConvTrace):
        return _convolution_title(trace)
    if not isinstance(trace.layer, Pool):
        return fitted_title(trace.layer, len(trace.axes))
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
    if trace.layer.divisor_override is not None:
        parts.append(f"divisor_override={trace.layer.divisor_override}")
    if trace.layer.op == "lp":
        parts.append(f"norm={trace.layer.norm}")
    return ", ".join(parts)


def _convolution_title(trace: ConvTrace) -> str:
    """Describe a convolution in a headline."""
    layer = trace.layer
    parts = [
        f"{type(layer).__name__} {'×'.join(number(axis.kernel_size) for axis in trace.axes)}",
        *_channels(trace),
        say("call.stride", stride=per_axis([axis.stride for axis in trace.axes])),
        f'padding="{layer.padding}"' if layer.padding == "causal" else padding_text(trace),
    ]
    if any(axis.dilation > 1 for axis in trace.axes):
        dilation = per_axis([axis.dilation for axis in trace.axes])
        parts.append(say("call.dilation", dilation=dilation))
    if getattr(layer, "output_padding", None) is not None:
        extra = layer.output_padding
        shown = per_axis(extra) if isinstance(extra, tuple) else number(extra)
        parts.append(f"output_padding {shown}")
    if getattr(layer, "groups", 1) > 1:
        parts.append(say("layer.groups", groups=number(layer.groups)))
    return ", ".join(parts)


def _channels(trace: ConvTrace) -> Iterator[str]:
    """Write the channels, unless there is one on both sides."""
    before, after = trace.channels, trace.out_channels
    if (before, after) != (1, 1):
        yield say("call.channels", before=number(before), after=number(after))


def fitted_title(layer: FittedPool, ndim: int) -> str:
    """Describe adaptive or global pooling on a number of axes.

    >>> from poolviz import AdaptivePool, GlobalPool
    >>> fitted_title(AdaptivePool((7, None)), 2), fitted_title(GlobalPool("max"), 2)
    ('AdaptiveAvgPool to 7×same', 'GlobalMaxPool')
    """
    if not isinstance(layer, AdaptivePool):
        return f"Global{OP_TITLES[layer.op]}"
    size = layer.output_size if isinstance(layer.output_size, tuple) else (layer.output_size,)
    entries = [say("layer.same") if entry is None else number(entry) for entry in size]
    shown = "×".join(entries * ndim if len(entries) == 1 else entries)
    return say("layer.to", layer=f"Adaptive{OP_TITLES[layer.op]}", size=shown)


def outcome_text(trace: Trace) -> str:
    """Outcome of the call in the framework, in a few words."""
    return say("outcome.of", framework=title_of(trace), does=_does(trace))


def version_outcome_text(other: VersionResult) -> str:
    """Outcome of the call in other versions, in a few words.

    >>> from poolviz import Pool, trace
    >>> from poolviz.arithmetic.versions import other_versions
    >>> version_outcome_text(*other_versions(trace(Pool(15, framework="keras"), 10)))
    'Keras 3.0–3.14 returns an empty array, 0 × 0, without an error'
    """
    return say("outcome.of", framework=other.title, does=_does(other.trace))


def _does(trace: Trace) -> str:
    if trace.outcome == "raises":
        if trace.refusals and trace.refusals[0].reason == "not offered":
            return refuses_text(trace)
        return say("outcome.raises", error=trace.error_name)
    if trace.returned_size == ():
        return say("outcome.no_axes")
    returned = by(trace.returned_size or ())
    if trace.outcome == "empty":
        return say("outcome.empty", size=returned)
    return say("outcome.silent" if trace.is_truncated else "outcome.returns", size=returned)


def refuses_text(trace: Trace) -> str:
    """Name the first rejected argument, like padding=(1, 1), and the exception."""
    parameter = trace.refusals[0].parameter
    value = getattr(trace.layer, parameter, getattr(trace, parameter, None))
    argument = f"{parameter}={value!r}".replace("'", '"')
    return say("outcome.refuses", argument=argument, error=trace.error_name)


def window_text(axis: AxisTrace, sizes: str = "{}") -> str:
    """Return the kernel, or the effective kernel of a dilated one; `sizes` is around its numbers.

    >>> from poolviz import Pool, trace
    >>> [axis] = trace(Pool((3,), dilation=2), 4).axes
    >>> window_text(axis), room_text(axis, "({})")
    ('the effective kernel 5 = 2·(3 − 1) + 1', 'the input (4)')
    """
    kernel = number(axis.kernel_size)
    if axis.dilation == 1:
        return say("overhang.kernel", size=sizes.format(kernel))
    size = f"{number(axis.effective_kernel_size)} = {axis.dilation}·({kernel} − 1) + 1"
    return say("overhang.effective_kernel", size=sizes.format(size))


def room_text(axis: AxisTrace, sizes: str = "{}") -> str:
    """Return the input, or the padded input with its sum; `sizes` is around its numbers."""
    given = number(axis.input_size)
    if axis.padding.total == 0:
        return say("overhang.input", size=sizes.format(given))
    before, after = axis.padding
    added = f"2·{before}" if before == after else f"{before} + {after}"
    size = f"{number(axis.padded_size)} = {given} + {added}"
    return say("overhang.padded_input", size=sizes.format(size))


def number_word(amount: int) -> str:
    """Write a number up to twenty as a word.

    >>> number_word(5)
    'five'
    """
    return say("answer.numbers").split(", ")[amount]


def capital(text: str) -> str:
    """Capitalise the first letter, except that of a framework written in lower case.

    >>> capital("no window fits"), capital("onnxruntime expects more")
    ('No window fits', 'onnxruntime expects more')
    """
    return text if text.startswith(_small_titles()) else text[:1].upper() + text[1:]


@lru_cache(maxsize=1)
def _small_titles() -> tuple[str, ...]:
    titles = (rules.title for rules in FRAMEWORKS.values())
    return tuple(title for title in titles if title[0].islower())
