"""The feature map between two layers of a network, and how a layer ends."""

from __future__ import annotations

from typing import Any, NamedTuple

from poolviz.arithmetic.frameworks.base import Framework
from poolviz.arithmetic.frameworks.refusals import not_offered
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.fitted import PoolingLayer
from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.arithmetic.network.failures import FailureKind, ForwardStopped, Problem
from poolviz.arithmetic.network.receptive_field import FieldStep
from poolviz.i18n.phrase import phrase


class FeatureMap(NamedTuple):
    """Channels (or features, when no spatial axis is left) and spatial sizes."""

    channels: int
    sizes: tuple[int, ...]


class NetworkConfig(NamedTuple):
    """Settings of a whole network.

    The last three are for searches: `sizes_only` skips the checks of channels and features;
    `meets_any_size` lets branches of different sizes join, except along `strict_axis`.
    """

    framework: str
    channels_last: bool
    sizes_only: bool = False
    meets_any_size: bool = False
    strict_axis: int | None = None

    @property
    def rules(self) -> Framework:
        """The rules of the framework."""
        return FRAMEWORKS[self.framework]

    def shape(self, flow: FeatureMap) -> tuple[int, ...]:
        """Return the shape without the batch, in the order of the data."""
        return (*flow.sizes, flow.channels) if self.channels_last else (flow.channels, *flow.sizes)

    def flow(self, shape: tuple[int, ...]) -> FeatureMap:
        """Return the feature map of a shape without the batch."""
        return (
            FeatureMap(shape[-1], shape[:-1])
            if self.channels_last
            else FeatureMap(shape[0], shape[1:])
        )


class LayerResult(NamedTuple):
    """Result of one layer. `field_steps` None keeps the receptive field, () starts a new one."""

    flow: FeatureMap
    field_steps: tuple[FieldStep, ...] | None = None
    parameters: int = 0
    window: PoolingLayer | None = None
    problem: Problem | None = None


def stop(kind: FailureKind, **facts: Any) -> ForwardStopped:
    """Return the end of the forward pass with a problem of this kind."""
    return ForwardStopped(Problem(kind=kind, **facts))


def refused(
    key: str, instead: str, parameter: str, config: NetworkConfig, error: str = "TypeError"
) -> ForwardStopped:
    """Return the end of the forward pass at an argument that the framework does not take."""
    why = phrase(key, framework=config.rules.title)
    refusal = not_offered(why, instead, parameter, error)
    return stop(FailureKind.REFUSED, refusals=(refusal,), error=error)


def entries(value: object, flow: FeatureMap, error: str | None = None) -> tuple[Any, ...]:
    """Return one entry per axis of the map; a single entry applies to all."""
    count = len(flow.sizes)
    entries = value if isinstance(value, tuple) else (value,) * count
    if count == 0 or len(entries) not in (1, count):
        expected = len(entries) if isinstance(value, tuple) else 0
        raise stop(FailureKind.AXES, expected=(expected,), got=(count,), error=error)
    return entries if len(entries) == count else entries * count


def check_not_empty(flow: FeatureMap, config: NetworkConfig) -> None:
    """Stop where the framework takes no feature map without elements."""
    if 0 in flow.sizes and config.rules.stops_at_empty_maps:
        names = AXIS_NAMES[len(flow.sizes)]
        axes = tuple(names[i] for i, size in enumerate(flow.sizes) if size == 0)
        raise stop(FailureKind.EMPTY_INPUT, axes=axes, got=flow.sizes)


def lost(
    sizes: tuple[int, ...], flow: FeatureMap, config: NetworkConfig, stops: bool
) -> Problem | None:
    """Return the problem of a layer whose output is empty; None when it is not."""
    if min(sizes) > 0:
        return None
    names = AXIS_NAMES[len(sizes)]
    problem = Problem(
        kind=FailureKind.EMPTY_INPUT if 0 in flow.sizes else FailureKind.NOTHING_LEFT,
        axes=tuple(names[i] for i, size in enumerate(sizes) if size < 1),
        expected=flow.sizes,
        got=sizes,
        is_silent=not stops,
        error=config.rules.error_class(FailureKind.NOTHING_LEFT) if stops else None,
    )
    if stops:
        raise ForwardStopped(problem)
    return problem
