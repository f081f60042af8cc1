"""Code of a framework: the interface of each framework's `write.WRITER`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, TypeAlias

from poolviz.arithmetic.convolution.trace import ConvTrace
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.conv import Convolution, DepthwiseConv
from poolviz.arithmetic.layers.network_layers import GlobalPool, Layer
from poolviz.arithmetic.layers.pool import Pool
from poolviz.dialects.common.vocabulary import Op
from poolviz.i18n.phrase import Words, phrase

Pairs: TypeAlias = Sequence[tuple[int, int]]  # elements before and after; negative: to crop


class Writer(ABC):
    """Writes calls and layers of one framework; subclasses state what differs.

    The lines that pad an input are those of NumPy's descendants, channels last: `pad` is the
    function, `empty` the argument that fills with −∞, `ones` an array that counts elements.
    """

    pad: ClassVar[str] = ""
    empty: ClassVar[str] = 'constant_values=float("-inf")'
    ones: ClassVar[str] = ""
    global_pooling: ClassVar[str] = "change.global"  # the text that names it
    has_lp: ClassVar[bool] = False
    enlarges_transposed: ClassVar[bool] = False  # by output_padding, so that sizes match

    @abstractmethod
    def pool(self, layer: Pool, x: str = "x") -> str:
        """Write a pooling layer with an entry per axis; `x` is the input where a call names it."""

    @abstractmethod
    def global_pool(self, op: Op, ndim: int) -> str:
        """Write global pooling that keeps its axes."""

    def convolution(self, traced: ConvTrace) -> str:
        """Write a convolution of any kind, for the channels of its input; "" if impossible."""
        return ""

    def applied(self, layer: Pool, x: str) -> str:
        """Write a pooling layer applied to `x`; layer objects have to be called."""
        return self.pool(layer, x)

    def layer(self, layer: Layer, ndim: int, channels: int) -> str:
        """Write any layer for maps of `ndim` axes and a number of channels; "" if impossible."""
        if isinstance(layer, Pool):
            return self.pool(layer.with_axes(ndim))
        if isinstance(layer, GlobalPool) and layer.keepdims:
            return self.global_pool(layer.op, ndim)
        return ""

    def global_call(self, layer: GlobalPool, ndim: int) -> str:
        """Write global pooling with or without its axes; "" if impossible."""
        keeps = FRAMEWORKS[layer.framework].global_pooling_keeps_axes
        code = self.global_pool(layer.op, ndim)
        if layer.keepdims or (layer.keepdims is None and keeps):
            return code
        return "" if keeps else code.replace(", keepdims=True", "").replace("keepdims=True", "")

    # --- fixes ---

    def global_words(self) -> Words:
        """Name of global pooling in a sentence."""
        return phrase(self.global_pooling)

    def global_layer(self, op: Op) -> Layer:
        """Return global pooling that keeps its axes, as a layer of a network."""
        return GlobalPool(op, keepdims=True)

    def resized(self, size: tuple[int, ...]) -> str:
        """Write upsampling to a size; "" if there is no such layer."""
        return ""

    def transposed(self, axes: Sequence[int]) -> str:
        """Write a transposition of the data."""
        return f"x = np.transpose(x, {tuple(axes)})"

    def data_format(self, name: str) -> str:
        """Write the choice of a data format for all layers; "" where layers have a single one."""
        return ""

    # --- a conversion from another framework ---

    def converted(self, layer: Pool, padding: Pairs, divides: bool) -> list[str]:
        """Write lines that pad the input explicitly, then pool; [] where there are none.

        `divides`: an average does not count the padding, so it is divided by what ones give.
        """
        padded = self.padded("x", padding, plain_op(layer.op))
        if divides:
            counted = self.applied(layer, self.padded(self.ones, padding, plain_op(layer.op)))
            return [f"counted = {counted}", f"x = {self.applied(layer, padded)} / counted"]
        lines = [] if padded == "x" else [f"x = {padded}"]
        return [*lines, f"x = {self.applied(layer, 'x')}"]

    def padded(self, x: str, padding: Pairs, op: Op) -> str:
        """Write `x` padded or cropped before and after each axis."""
        crops = [(min(0, before), min(0, after)) for before, after in padding]
        adds = [(max(0, before), max(0, after)) for before, after in padding]
        if has_padding(crops):
            slices = ", ".join(f"{-before or ''}:{after or ''}" for before, after in crops)
            x = f"{x}[:, {slices}]"
        if has_padding(adds):
            pairs = ", ".join(map(str, [(0, 0), *adds, (0, 0)]))
            x = f"{self.pad}({x}, [{pairs}]{self.fill(op)})"
        return x

    def fill(self, op: Op) -> str:
        """Write the argument that keeps padding from winning a maximum; zeros are the default."""
        return f", {self.empty}" if op == "max" else ""


def short(value: object) -> str:
    """Write one number where all entries are equal, else the tuple.

    >>> short((2, 2)), short((2, 3)), short(4)
    ('2', '(2, 3)', '4')
    """
    each = value if isinstance(value, tuple) else (value,)
    return str(each[0]) if len(set(each)) == 1 else str(each)


def entries(layer: Pool | Convolution, name: str) -> tuple[int, ...]:
    """Return a parameter of a layer that has an entry per axis."""
    value = getattr(layer, name)
    assert isinstance(value, tuple)
    return value


def pairs(layer: Pool | Convolution) -> list[tuple[int, int]]:
    """Return the padding in numbers, per axis; [] where it is named."""
    axes = layer.axes(layer.ndim or 1)
    return [axis.padding for axis in axes if isinstance(axis.padding, tuple)]


def convolution_arguments(traced: ConvTrace, words: Mapping[str, str]) -> list[str]:
    """Write the arguments of a convolution that differ from 1, or from no output_padding.

    `words` are our names and those of the framework, in the order of the call.
    """
    layer, written = traced.layer, []
    for name, word in words.items():
        value = getattr(layer, name, None)
        if name == "groups" and isinstance(layer, DepthwiseConv):
            value = traced.channels
        if value is not None and (name == "output_padding" or short(value) != "1"):
            written.append(f"{word}={short(value)}")
    return written


def padding_numbers(layer: Convolution) -> str:
    """Write a padding in numbers, as a pair per axis where two sides differ; "0" for none.

    >>> from poolviz import Conv
    >>> [padding_numbers(Conv(8, 3, padding=p).with_axes(2)) for p in (1, (1, 2), ((0, 1), (1, 1)))]
    ['1', '(1, 2)', '[(0, 1), (1, 1)]']
    """
    given = pairs(layer)
    if all(before == after for before, after in given):
        return short(tuple(before for before, _ in given)) if given else "0"
    return str(given)


def has_padding(padding: Pairs) -> bool:
    """Return whether anything is added or cropped on any side."""
    return any(before or after for before, after in padding)


def arguments(layer: Pool, names: Iterable[str]) -> list[str]:
    """Write the arguments that differ from their default, under our names."""
    words = []
    for name in names:
        value = getattr(layer, name)
        if isinstance(value, tuple):
            if set(value) != {1}:
                words.append(f"{name}={short(value)}")
        elif value not in (None, False) or (name == "count_include_pad" and value is False):
            words.append(f"{name}={value}")
    return words


OP_NAMES: dict[str, str] = {"max": "Max", "avg": "Avg", "lp": "LP"}
INF = float("inf")


def plain_op(op: str) -> Op:
    """Return "max" or "avg": powers are padded with zeros and averaged, as averages are."""
    return "max" if op == "max" else "avg"


class LayerObjectWriter(Writer):
    """Classes such as `nn.MaxPool2d`; a padding is one number per axis, for both sides."""

    def pool(self, layer: Pool, x: str = "x") -> str:
        words = [short(entries(layer, "kernel_size"))]
        if layer.op == "lp":
            words.insert(0, str(layer.norm) if layer.norm < INF else 'float("inf")')
        if layer.stride is not None:
            words.append(f"stride={short(layer.stride)}")
        padding = pairs(layer)
        if layer.padding in ("same", "same_lower"):
            words.append(f"padding={layer.padding!r}")
        elif has_padding(padding):
            is_even = all(before == after for before, after in padding)
            shown = short(tuple(before for before, _ in padding)) if is_even else str(padding)
            words.append(f"padding={shown}")
        words += arguments(layer, ("dilation", "ceil_mode", "count_include_pad"))
        if layer.divisor_override is not None:
            words.append(f"divisor_override={layer.divisor_override}")
        return f"nn.{OP_NAMES[layer.op]}Pool{layer.ndim}d({', '.join(words)})"

    def convolution(self, traced: ConvTrace) -> str:
        layer, ndim = traced.layer, len(traced.axes)
        kind = "ConvTranspose" if traced.is_transposed else "Conv"
        built_for = getattr(layer, "in_channels", None) or traced.channels
        words = [str(built_for), str(traced.out_channels), short(layer.kernel_size)]
        words += convolution_arguments(traced, {"stride": "stride"})
        if layer.has_named_padding:
            words.append(f"padding={layer.padding!r}")
        elif (padding := padding_numbers(layer)) != "0":
            words.append(f"padding={padding}")
        same = ("output_padding", "dilation", "groups")
        words += convolution_arguments(traced, {name: name for name in same})
        bias = [] if layer.bias else ["bias=False"]
        return f"nn.{kind}{ndim}d({', '.join([*words, *bias])})"

    def applied(self, layer: Pool, x: str) -> str:
        return f"{self.pool(layer)}({x})"
