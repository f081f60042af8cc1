"""The rules of one framework as an object: its names, limits, arithmetic and messages.

Every rule was derived from recorded runs of the versions named in each class; tests compare them
run by run.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Literal, Protocol, TypeVar

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.failure_kind import FailureKind
from poolviz.arithmetic.frameworks.array_rules import ArrayRule
from poolviz.arithmetic.frameworks.convolution_rules import ConvolutionRules
from poolviz.arithmetic.frameworks.refusals import Refusal, not_offered, refuse_empty_input
from poolviz.arithmetic.layers.fitted import AdaptivePool, GlobalPool, PoolingLayer
from poolviz.arithmetic.layers.pool import AxisParameters, Pool
from poolviz.arithmetic.shapes import (
    PaddingSplit,
    Rounding,
    effective_kernel_size,
    same_padding,
)
from poolviz.i18n.phrase import phrase

DataFormat = Literal["channels_first", "channels_last"]
# Who receives the gradient of a maximum: the first of equal elements, each of them in full, or all
# in equal parts, the padding taking its part.
TiesRule = Literal["first", "every", "shared"]


class TracedCall(Protocol):
    """The part of a `Trace` that error texts use."""

    @property
    def layer(self) -> Any:
        """The layer, one entry per axis."""

    @property
    def input_size(self) -> tuple[int, ...]:
        """Elements, one entry per axis."""

    @property
    def axes(self) -> tuple[AxisTrace, ...]:
        """Every number of each axis."""

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """The arguments that the framework rejects."""

    @property
    def failing_axes(self) -> tuple[AxisTrace, ...]:
        """The axes whose size makes the call raise."""


ANY_NORM: Container[float] = frozenset()  # every positive number, infinity included


class Framework(ConvolutionRules):
    """The rules of one framework; subclasses state only what differs from the plain case."""

    name: ClassVar[str]
    version: str
    source: ClassVar[str]
    vocabulary: ClassVar[Mapping[str, str]]  # our parameter → the framework's name, if any
    data_formats: ClassVar[tuple[DataFormat, ...]]  # accepted ones, the default first

    # Pooling
    default_stride_is_kernel: ClassVar[bool] = True
    drops_windows_in_padding: ClassVar[bool] = True  # with ceil_mode, at the end
    when_nothing_fits: ClassVar[Literal["raises", "empty", "truncates"]] = "raises"
    size_error: str = "ValueError"
    unknown_argument_error: ClassVar[str] = "TypeError"  # an argument that no layer has
    counts_padding_by_default: ClassVar[bool] = False
    takes_same: ClassVar[bool] = True
    takes_padding_in_numbers: ClassVar[bool] = True  # in every pooling layer
    pads_alike: ClassVar[bool] = False  # as many elements before an axis as after it

    # Values and gradients
    nan_wins_max: ClassVar[bool] = True
    last_nan_wins: ClassVar[bool] = False  # of several in a window, not the first
    zero_padded_maxima: ClassVar[frozenset[str]] = frozenset()  # dtypes; elsewhere their lowest
    nan_wins_global_max: ClassVar[bool] = True
    stays_on_first_nan: ClassVar[tuple[int, ...]] = ()  # in how many dimensions
    gradient_passes_nan: ClassVar[bool] = False  # to what follows the last one in the window
    global_pooling_is_adaptive: ClassVar[bool] = False  # a reduction elsewhere: ties share
    adaptive_maxima_go_down: ClassVar[bool] = False  # the first axis first, so of ties the leftmost
    unpools: ClassVar[bool] = False
    unpools_near_its_size: ClassVar[bool] = False  # by less than a stride
    norms: ClassVar[Container[float]] = ()  # of LP pooling
    largest_norm_is_maximum: bool = True  # or 1, whatever the window holds
    lp_is_scaled_average: ClassVar[bool] = False  # of signed powers; elsewhere a sum of |x|^p
    divisor_override_axes: ClassVar[tuple[int, ...]] = ()  # in how many dimensions it is taken
    divides_by_kernel: ClassVar[bool] = False  # where the padding counts, also past its end
    lowest_has_index: ClassVar[bool] = True  # or −1, where all elements are the lowest or NaN
    has_gradients: ClassVar[bool] = True

    # Layers of a network
    has_adaptive_pooling: ClassVar[bool] = False
    adaptive_maxima_may_end: ClassVar[bool] = False  # the process, on the default backend
    adaptive_since: ClassVar[str | None] = None  # the version, where earlier ones lack the layers
    global_pooling_keeps_axes: ClassVar[bool] = False
    channels_first_needs_a_backend: ClassVar[bool] = False  # TensorFlow on a CPU: with oneDNN only
    adds_across_ranks: ClassVar[bool] = False  # Add inserts missing axes after the batch
    takes_max_of_nothing: ClassVar[bool] = True  # global max pooling of an empty map
    least_after_cropping: ClassVar[int | None] = 0  # elements; None: whatever is cropped
    resizes_to_size: ClassVar[bool] = True  # upsampling to a size, not only by a factor
    too_small_words: ClassVar[str | None] = None  # of a size, in the error of a convolution
    no_features_error: ClassVar[str | None] = None  # of a dense layer on 0 features
    layer_errors: ClassVar[Mapping[FailureKind, str]] = MappingProxyType({})  # not `size_error`

    def __init__(self, version: str | None = None) -> None:
        """Rules of one version; without one, of the newest."""
        if version is not None:
            self.title, self.version = f"{self.title} {version}", version

    def __repr__(self) -> str:
        return f"{type(self).title} {self.version}"

    # --- pooling ---------------------------------------------------------------------------------

    def stride(self, axis: AxisParameters) -> int:
        """Return the stride in force when the call leaves it out."""
        if axis.stride is not None:
            return axis.stride
        return axis.kernel_size if self.default_stride_is_kernel else 1

    def padding(self, axis: AxisParameters, input_size: int) -> PaddingSplit:
        """Return the elements added before and after one axis."""
        if axis.padding == "valid":
            return PaddingSplit(0, 0)
        if isinstance(axis.padding, tuple):
            return PaddingSplit(*axis.padding)
        return self.same_split(axis, input_size, lower=axis.padding == "same_lower")

    def same_split(self, axis: AxisParameters, input_size: int, lower: bool) -> PaddingSplit:
        """Return the elements that "same" adds."""
        span = effective_kernel_size(axis.kernel_size, axis.dilation)
        return same_padding(input_size, span, self.stride(axis), lower)

    def padding_limit(self, kernel_size: int) -> int | None:
        """Return the largest padding that a pooling layer accepts; None without a limit."""
        return None

    def least_kernel_size(self, padding: int) -> int:
        """The smallest kernel for which `padding_limit` allows a padding."""
        return 1

    def rounding(self, layer: Pool) -> Rounding:
        """Rounding of the division in the size formula."""
        return "ceil" if layer.ceil_mode else "floor"

    def refusals(self, layer: Pool, sizes: Sequence[int]) -> Iterator[Refusal]:
        """Yield the arguments that the framework rejects, in the order in which it checks them."""
        if layer.op == "max" and layer.count_include_pad is not None:
            yield Refusal(
                "count_include_pad",
                "not offered",
                phrase("refusal.max_has_no_divisor"),
                phrase("instead.average_pooling"),
                self.unknown_argument_error,
            )
        yield from self._odd_kinds(layer, len(sizes))
        yield from self.own_refusals(layer, sizes)

    def _odd_kinds(self, layer: Pool, ndim: int) -> Iterator[Refusal]:
        """Yield LP pooling and a divisor where the framework has none, or not for this call."""
        if layer.op == "lp" and self.norms is not ANY_NORM and not self._takes_norm(layer.norm):
            has_none = self.norms == ()
            key = "refusal.no_lp_pooling" if has_none else "refusal.norm_is_whole"
            why = phrase(key, framework=self.title, got=str(layer.norm))
            instead = phrase("instead.lp_elsewhere" if has_none else "instead.whole_norm")
            error = "AttributeError" if has_none else self.unknown_argument_error
            yield not_offered(why, instead, "op" if has_none else "norm", error)
        divisor = layer.divisor_override
        if divisor is None:
            return
        if layer.op != "avg" or ndim not in self.divisor_override_axes:
            why = phrase("refusal.no_divisor_override", framework=self.title)
            instead = phrase("instead.scaled_average")
            yield not_offered(why, instead, "divisor_override", self.unknown_argument_error)
        elif divisor == 0:
            why, instead = phrase("refusal.divisor_of_zero"), phrase("instead.other_divisor")
            yield Refusal("divisor_override", "limit", why, instead, "RuntimeError")

    def _takes_norm(self, norm: float) -> bool:
        # `norm in range(…)` would compare a float with each of two billion integers.
        return float(norm).is_integer() and int(norm) in self.norms

    def own_refusals(self, layer: Pool, sizes: Sequence[int]) -> Iterator[Refusal]:
        """Return the part of `refusals` that differs between frameworks."""
        return iter(())

    def fitted_refusals(self, layer: PoolingLayer, sizes: Sequence[int]) -> Iterator[Refusal]:
        """Yield what the framework rejects of adaptive or global pooling."""
        if isinstance(layer, AdaptivePool) and not self.has_adaptive_pooling:
            fields = {"framework": self.title, "since": self.adaptive_since or ""}
            why = phrase(
                "refusal.no_adaptive_pooling_yet"
                if self.adaptive_since
                else "refusal.no_adaptive_pooling",
                **fields,
            )
            yield not_offered(why, "GlobalPool", "output_size", "AttributeError")
            return
        if not self.pools_nothing(layer):
            yield from refuse_empty_input(layer, sizes, self.title, self.size_error)

    def pools_nothing(self, layer: PoolingLayer) -> bool:
        """Whether adaptive or global pooling takes a map without elements."""
        is_max = isinstance(layer, GlobalPool) and layer.op == "max"
        return not self.stops_at_empty_maps and (self.takes_max_of_nothing or not is_max)

    def array_rule(self, kind: str, ndim: int) -> ArrayRule:
        """Return what happens to the dtype of an array, by the kind of `array_rules.kind_of`."""
        return ArrayRule()

    def fails(self, axis: AxisTrace, layer: Pool) -> bool:
        """Return whether the call raises because of the size of this axis."""
        return axis.output_size < 1

    def returned_size(self, axis: AxisTrace) -> int:
        """Return the size of the returned array when the call does not raise."""
        return max(0, axis.output_size)

    def error_text(self, call: TracedCall, channels: int) -> str | None:
        """Return the message of the exception for batch 1, verbatim; None where it never raises."""
        raise NotImplementedError

    def counted_ends(self, axes: Sequence[AxisTrace]) -> list[int]:
        """Padding after each axis that counts in an average, where the padding counts."""
        return [axis.padding.after for axis in axes]

    def ties_rule(self, ndim: int) -> TiesRule:
        """Return which of the equal maxima of a window receive its gradient."""
        return "first"

    # --- layers of a network ---------------------------------------------------------------------

    def error_class(self, kind: FailureKind) -> str:
        """Return the class of the exception when a layer of a network fails."""
        return self.layer_errors.get(kind, self.size_error)

    def axes_error(self, layer: PoolingLayer, got: int) -> str | None:
        """Return the class of the exception of a pooling layer on another number of spatial axes.

        None where it is the usual one.
        """
        return None


_Fact = TypeVar("_Fact")


def since(version: str, table: Mapping[tuple[int, int], _Fact]) -> _Fact:
    """Return the entry of a table by first version that holds for this one.

    >>> [since(version, {(2, 4): "new", (1, 13): "old"}) for version in ("2.10.1", "1")]
    ['new', 'old']
    """
    number = (*map(int, version.split(".")), 9999)  # "1" is the newest 1.x
    return table[max(first for first in table if first <= number)]


# --- for error texts -----------------------------------------------------------------------------


def joined(numbers: Iterable[int], between: str = "x") -> str:
    """Numbers in a row: 1x64x0x0."""
    return between.join(str(number) for number in numbers)


def by_op(call: TracedCall, of_max: str, of_avg: str) -> str:
    """Return the text for the operation of this call."""
    return of_max if call.layer.op == "max" else of_avg
