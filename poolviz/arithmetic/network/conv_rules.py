"""Convolutions: their windows in each framework, and their channels."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from poolviz.arithmetic.failure_kind import FailureKind
from poolviz.arithmetic.framework_names import FORMULA
from poolviz.arithmetic.frameworks.refusals import Refusal
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.conv import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.network.failures import ForwardStopped, Problem
from poolviz.arithmetic.network.feature_map import NetworkConfig
from poolviz.arithmetic.network.window_cache import WindowCalculator, causal, window_calculator
from poolviz.arithmetic.open_size import differ


class Plan(NamedTuple):
    """One convolution in one framework: its windows, and the arguments that are rejected."""

    windows: WindowCalculator
    refusals: tuple[Refusal, ...]


@lru_cache(maxsize=4096)  # a search runs the same layers on many sizes
def convolution_plan(
    framework: str, window: Pool, is_causal: bool, ndim: int, *, is_depthwise: bool = False
) -> Plan:
    """Return the part of a convolution that does not depend on its input."""
    rules = FRAMEWORKS[framework]
    refusals = tuple(rules.convolution_refusals(window, is_causal, ndim))
    if is_depthwise and rules.strides_dilated_depthwise:
        refusals = tuple(one for one in refusals if one.parameter != "dilation")
    return Plan(window_calculator(causal(window) if is_causal else window, FORMULA, ndim), refusals)


def _check_groups(
    layer: Conv | ConvTranspose, channels: int, error: str | None, input_error: str | None
) -> None:
    if layer.groups == 1:
        return
    for count, name in ((channels, input_error or error), (layer.out_channels, error)):
        if count % layer.groups:
            raise ForwardStopped(
                Problem(kind=FailureKind.GROUPS, expected=(layer.groups,), got=(count,), error=name)
            )


def _is_certain(
    layer: Conv | ConvTranspose | DepthwiseConv, channels: int, config: NetworkConfig
) -> bool:
    """Return whether no check of the channels can fail, as for nearly all layers of a search."""
    if config.sizes_only or isinstance(layer, DepthwiseConv):
        return True
    return layer.groups == 1 and layer.in_channels in (None, channels)


def check_convolution(
    layer: Conv | ConvTranspose | DepthwiseConv,
    channels: int,
    refusals: tuple[Refusal, ...],
    config: NetworkConfig,
) -> None:
    """Raise ForwardStopped for what the framework rejects, in the order of its checks.

    PyTorch and Keras check the groups when the layer is made, before any data comes.
    """
    if not refusals and _is_certain(layer, channels, config):
        return
    for check in config.rules.convolution_checks:
        if check == "arguments" and refusals:
            problem = Problem(kind=FailureKind.REFUSED, refusals=refusals, error=refusals[0].error)
            raise ForwardStopped(problem)
        if config.sizes_only or isinstance(layer, DepthwiseConv):
            continue
        # A layer that does not state its input channels is built for those that come first.
        built_for = layer.in_channels if layer.in_channels is not None else channels
        error = config.rules.transposed_error if isinstance(layer, ConvTranspose) else None
        if check == "filters" and isinstance(layer, Conv):
            _check_groups(layer, layer.groups, error, None)
        if check in ("groups", "channels"):
            input_error = config.rules.input_groups_error
            _check_groups(layer, built_for, error, input_error)
            if input_error is not None:  # looked at before the weights
                _check_groups(layer, channels, error, layer.error or input_error)
        if check == "channels" and differ(channels, built_for):
            raise ForwardStopped(
                Problem(
                    kind=FailureKind.CHANNELS,
                    expected=(built_for,),
                    got=(channels,),
                    error=layer.error or error,
                )
            )
