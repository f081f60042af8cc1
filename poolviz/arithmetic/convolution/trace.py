"""All numbers of one convolution on one input: the `Trace` of a convolution."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.convolution.transposed_axis import TransposedAxis, transposed_axis
from poolviz.arithmetic.failure_kind import FailureKind
from poolviz.arithmetic.framework_names import FORMULA
from poolviz.arithmetic.frameworks.base import Framework
from poolviz.arithmetic.frameworks.refusals import Refusal
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.conv import Convolution, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.validation import Sizes, whole_number
from poolviz.arithmetic.network.failures import ForwardStopped, Problem
from poolviz.arithmetic.network.feature_map import FeatureMap, NetworkConfig, entries
from poolviz.arithmetic.network.window_cache import causal, window_calculator
from poolviz.arithmetic.network.window_rules import convolution, transposed
from poolviz.arithmetic.trace import Outcome, Trace, spatial_sizes
from poolviz.i18n.phrase import phrase


@dataclass(frozen=True, slots=True, repr=False)
class ConvTrace(Trace):
    """Result of a convolution on one input in one framework.

    Attributes
    ----------
    channels
        Channels of the input.
    problem
        Why the layer raises, or returns an empty map; None where it works.

    Examples
    --------
    >>> from poolviz import Conv
    >>> t = trace_convolution(Conv(8, 3, stride=2), 10)
    >>> t.outcome, t.output_size, t.formula.splitlines()[0]
    ('ok', (4, 4), 'height: ⌊(10 − 3) / 2⌋ + 1 = 4')
    """

    channels: int = 1
    problem: Problem | None = None

    @property
    def error_name(self) -> str | None:
        if self.outcome != "raises" or self.problem is None:
            return None
        return self.problem.error or self.framework.error_class(self.problem.kind)

    @property
    def returned_size(self) -> tuple[int, ...] | None:
        if self.outcome == "raises":
            return None
        return tuple(max(0, axis.output_size) for axis in self.axes)

    @property
    def is_convolution(self) -> bool:
        return True

    @property
    def is_transposed(self) -> bool:
        return isinstance(self.layer, ConvTranspose)

    @property
    def out_channels(self) -> int:
        """Channels of the output."""
        layer = self.layer
        if isinstance(layer, DepthwiseConv):
            return self.channels * layer.depth_multiplier
        found: int = layer.out_channels
        return found

    @property
    def groups(self) -> int:
        """Number of groups of channels; of a depthwise convolution one per channel."""
        layer = self.layer
        return self.channels if isinstance(layer, DepthwiseConv) else layer.groups

    @property
    def returns_empty_batches(self) -> bool:
        """Whether the framework raises for one sample only: several come back as an empty array."""
        return (
            self.outcome == "raises"
            and self.is_transposed
            and self.framework.returns_empty_transposed_batches
            and not self.refusals
            and min(axis.output_size for axis in self.axes) == 0
        )

    @property
    def as_windows(self) -> Trace:
        """The call with its windows on the side where they are drawn: the output, if transposed."""
        if not self.is_transposed:
            return self
        return _written(self.layer, self.axes, self.refusals, self.outcome)

    def says(self, channels: int = 1) -> str | None:
        """Return None: the texts of convolutions are those of a network's layers, in `dialects`."""
        return None

    def again(self, layer: Any, input_size: Sizes) -> Trace:
        return trace_convolution(layer, input_size, self.channels)


@lru_cache(maxsize=64)  # a picture needs the same several times
def _written(
    layer: object, axes: tuple[AxisTrace, ...], refusals: tuple[Refusal, ...], outcome: Outcome
) -> Trace:
    written = tuple(axis.as_written for axis in axes if isinstance(axis, TransposedAxis))
    sizes = tuple(axis.input_size for axis in written)
    return Trace(layer, sizes, written, refusals, outcome)


def default_channels(layer: Convolution) -> int:
    """Number of channels of an input that is given by its size alone.

    >>> from poolviz import Conv
    >>> default_channels(Conv(8, 3, in_channels=3)), default_channels(Conv(8, 3, groups=4))
    (3, 4)
    """
    if isinstance(layer, DepthwiseConv):
        return 1
    return layer.groups if layer.in_channels is None else layer.in_channels


def trace_convolution(
    layer: Convolution, input_size: Sizes, channels: int | None = None
) -> ConvTrace:
    """Compute every number of a convolution; never raises for geometry.

    Raises
    ------
    TypeError, ValueError
        For sizes that are not integers ≥ 0, or another number of axes than the layer has.
    """
    sizes = spatial_sizes(input_size, layer)
    layer = layer.with_axes(len(sizes))
    if channels is None:
        channels = default_channels(layer)
    return _traced(layer, sizes, whole_number("channels", channels, 1))


@lru_cache(maxsize=512)  # a comparison and the searches for fixes come back to the same
def _traced(layer: Convolution, sizes: tuple[int, ...], channels: int) -> ConvTrace:
    # The channels are given apart, so the order of the axes does not matter.
    config = NetworkConfig(layer.framework, channels_last=False)
    problem = _problem(layer, FeatureMap(channels, sizes), config)
    axes_ = _axes(config.rules, layer, sizes)
    outcome: Outcome = "ok"
    if problem is not None and not problem.is_silent:
        outcome = "raises"
    elif any(axis.output_size < 1 for axis in axes_):
        outcome = "empty"
    refusals = _refusals(layer, problem)
    return ConvTrace(layer, sizes, axes_, refusals, outcome, channels, problem)


def _problem(layer: Convolution, flow: FeatureMap, config: NetworkConfig) -> Problem | None:
    """Run the rules of a network's layer."""
    try:
        if isinstance(layer, ConvTranspose):
            return transposed(layer, flow, config).problem
        return convolution(layer, flow, config).problem
    except ForwardStopped as stopped:
        return stopped.problem


def _axes(rules: Framework, layer: Convolution, sizes: tuple[int, ...]) -> tuple[AxisTrace, ...]:
    if isinstance(layer, ConvTranspose):
        extras = entries(layer.output_padding, FeatureMap(1, sizes))
        return tuple(
            transposed_axis(rules, axis, size, extra)
            for axis, size, extra in zip(layer.axes(len(sizes)), sizes, extras, strict=True)
        )
    window = causal(layer.window) if layer.padding == "causal" else layer.window
    traced = window_calculator(window, FORMULA, len(sizes)).trace(sizes)
    axes = tuple(map(rules.convolution_axis, traced.axes))
    if layer.padding == "causal":
        # Pictures and sentences show the name; the numbers follow from the kernel.
        axes = tuple(replace(axis, padding_name="causal") for axis in axes)
    return axes


def _refusals(layer: Convolution, problem: Problem | None) -> tuple[Refusal, ...]:
    """The rejected arguments; channels that do not match are one, too."""
    if problem is None:
        return ()
    error = problem.error or FRAMEWORKS[layer.framework].error_class(problem.kind)
    if problem.kind is FailureKind.GROUPS and not isinstance(layer, DepthwiseConv):
        why = phrase("refusal.groups", channels=problem.got[0], groups=problem.expected[0])
        instead = phrase("instead.groups")
        return (Refusal("groups", "limit", why, instead, error),)
    if problem.kind is FailureKind.CHANNELS:
        expected, got = problem.expected[0], problem.got[0]
        why = phrase("refusal.channels", expected=expected, got=got)
        return (Refusal("in_channels", "limit", why, f"in_channels={got}", error),)
    return problem.refusals
