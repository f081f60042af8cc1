"""Convolutions: their windows in each framework, and their channels."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from poolviz.arithmetic.failure_kind import FailureKind
from poolviz.arithmetic.framework_names import FORMULA
from poolviz.arithmetic.frameworks.refusals import Refusal
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.conv import Conv, ConvTranspose
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.network.failures import ForwardStopped, Problem
from poolviz.arithmetic.network.window_cache import WindowCalculator, causal, window_calculator
from poolviz.arithmetic.open_size import differ


class Plan(NamedTuple):
    """One convolution in one framework: its windows, and the arguments that are rejected."""

    windows: WindowCalculator
    refusals: tuple[Refusal, ...]


@lru_cache(maxsize=4096)
def convolution_plan(framework: str, window: Pool, is_causal: bool, ndim: int) -> Plan:
    """Return the part of a convolution that does not depend on its input."""
    rules = FRAMEWORKS[framework]
    refusals = tuple(rules.convolution_refusals(window, is_causal, ndim))
    return Plan(window_calculator(causal(window) if is_causal else window, FORMULA, ndim), refusals)


def _check_groups(layer: Conv | ConvTranspose, channels: int) -> None:
    for count in (channels, layer.out_channels):
        if count % layer.groups:
            problem = Problem(kind=FailureKind.GROUPS, expected=(layer.groups,), got=(count,))
            raise ForwardStopped(problem)


def check_channels(layer: Conv | ConvTranspose, channels: int) -> None:
    """Raise ForwardStopped when the channels are not those that the layer was built for.

    PyTorch and Keras check the groups when the layer is made, before any data comes.
    """
    built_for = layer.in_channels if layer.in_channels is not None else channels
    if layer.groups != 1:
        _check_groups(layer, built_for)
    if differ(channels, built_for):
        raise ForwardStopped(
            Problem(kind=FailureKind.CHANNELS, expected=(built_for,), got=(channels,))
        )
