"""What a spec of a convolution has besides: channels and weights, read and written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from poolviz.arithmetic.convolution.trace import ConvTrace, default_channels, trace_convolution
from poolviz.arithmetic.convolution.weights import weight_shape
from poolviz.arithmetic.layers.conv import Conv, Convolution, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.validation import one_of, whole_number
from poolviz.arithmetic.values import Array
from poolviz.diagnosis.layer.convolved import bias_in_order, weight_in_order
from poolviz.drawing.convolution.inputs import example_input, operands_of
from poolviz.drawing.convolution.operands import PRESETS, Operands, connected, preset_weights
from poolviz.i18n.phrase import phrase
from poolviz.widgets.base.wire import ConvolutionSettings

OWN = "own"  # the preset of weights that were given or typed
KINDS: dict[str, type[Any]] = {
    "conv": Conv,
    "depthwise": DepthwiseConv,
    "transposed": ConvTranspose,
}
CONVOLUTIONS = tuple(KINDS.values())
MOST_TYPED = 4096  # weights of one kernel that can be edited as text


@dataclass(frozen=True, slots=True, eq=False)
class ConvolutionSpec:
    """Channels of the input, the weights by a preset or given, and the channels that are shown."""

    channels: int = 1
    preset: str = "random"
    seed: int = 0  # of random weights
    own_weight: Array | None = None  # (first, second / groups, *kernel)
    bias: Array | None = None
    in_channel: int = 0
    out_channel: int = 0

    def traced(self, layer: Convolution, sizes: tuple[int, ...]) -> ConvTrace:
        """Trace a layer on an input with these channels."""
        return trace_convolution(layer, sizes, self.channels)

    def operands(self, traced: ConvTrace, own_values: Array | None, seed: int) -> Operands | None:
        """Return what is multiplied; None for an input that is empty or very large."""
        x = own_values
        if x is None:
            x = example_input(traced.channels, traced.input_size, seed)
        found = None
        # Given values are kept while the channels change: with another number they are not
        # multiplied.
        if x is not None and x.shape[0] == traced.channels:
            found = operands_of(traced, x, preset=self._usable_preset, seed=self.seed)
        if found is None:
            return None
        weight = self.own_weight
        if weight is not None and weight.shape == found.weight.shape:
            found = replace(found, weight=weight)
        bias = (
            self.bias if self.bias is not None and len(self.bias) == traced.out_channels else None
        )
        shown = replace(found, bias=bias, in_channel=self.in_channel, out_channel=self.out_channel)
        return shown.within(traced)

    @property
    def _usable_preset(self) -> str:
        return "random" if self.preset == OWN else self.preset

    def shown_channels(self, traced: ConvTrace) -> tuple[int, int]:
        """Return the channels of input and output that are shown, within those of the layer."""
        last = traced.out_channels - 1
        inputs = connected(traced, min(self.out_channel, last))
        return min(max(self.in_channel, inputs.start), inputs.stop - 1), min(self.out_channel, last)

    def for_layer(self, layer: Convolution) -> ConvolutionSpec:
        """Return the same for a changed layer; weights of another shape are dropped."""
        if self.own_weight is None:
            return self
        shape = weight_shape(layer, self.channels).shape
        if shape == self.own_weight.shape:
            return self
        return replace(self, own_weight=None, preset="random")


def first_convolution(
    traced: ConvTrace, weight: ArrayLike | None, bias: ArrayLike | None, preset: str, seed: int
) -> ConvolutionSpec:
    """Return the spec of the arguments of a LayerExplorer."""
    one_of("preset", preset, PRESETS)
    own = None if weight is None else np.array(weight_in_order(weight, traced))
    return ConvolutionSpec(
        traced.channels,
        preset if own is None else OWN,
        seed,
        own,
        bias_in_order(bias, traced),
    )


def convolution_for(layer: object, present: ConvolutionSpec | None) -> ConvolutionSpec | None:
    """Return the spec that belongs to a layer; None for a pooling layer."""
    if not isinstance(layer, Conv | DepthwiseConv | ConvTranspose):
        return None
    if present is None:
        return ConvolutionSpec(default_channels(layer))
    return present.for_layer(layer)


# --- the settings of the controls ----------------------------------------------------------------


def convolution_settings(spec: ConvolutionSpec, traced: ConvTrace) -> ConvolutionSettings:
    """Return the values of the controls that only convolutions have."""
    layer = traced.layer
    kind = next(name for name, one in KINDS.items() if isinstance(layer, one))
    extra = getattr(layer, "output_padding", None)
    extras: list[int] = [*extra] if isinstance(extra, tuple) else [extra or 0] * len(traced.axes)
    out = traced.out_channels
    in_channel, out_channel = spec.shown_channels(traced)
    return {
        "kind": kind,
        "channels": traced.channels,
        "built_for": getattr(layer, "in_channels", None),
        "out_channels": getattr(layer, "depth_multiplier", out),
        "groups": getattr(layer, "groups", 1),
        "output_padding": None if extra is None else extras,
        "bias": layer.bias,
        "preset": spec.preset,
        "weight_seed": spec.seed,
        "weights": None,
        "in_channel": in_channel,
        "out_channel": out_channel,
    }


def read_convolution(
    settings: Mapping[str, Any], parameters: dict[str, Any], present: ConvolutionSpec | None
) -> tuple[Convolution, ConvolutionSpec]:
    """Return the layer and its spec that the controls request.

    `parameters` are those of pooling layers, too; the settings are those of the convolution.
    """
    kind = settings.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"there is no convolution of kind {kind!r}")
    extras = {"bias": bool(settings.get("bias", True))}
    out = settings.get("out_channels", 1)
    if kind == "depthwise":
        layer: Convolution = DepthwiseConv(depth_multiplier=out, **{**parameters, **extras})
    else:
        words = {"groups": settings.get("groups", 1), "in_channels": settings.get("built_for")}
        if kind == "transposed":
            given = settings.get("output_padding")
            if isinstance(given, list):
                given = given[0] if len(set(given)) == 1 else tuple(given)
            words["output_padding"] = given
        layer = KINDS[kind](out, **parameters, **words, **extras)
    channels = whole_number("channels", settings.get("channels", 1), 1)
    preset = str(settings.get("preset", "random"))
    one_of("preset", preset, (*PRESETS, OWN))
    before = present or ConvolutionSpec(channels)
    is_kept = before.channels == channels and preset == OWN
    found = ConvolutionSpec(
        channels,
        preset if preset != OWN or is_kept else "random",
        whole_number("weight_seed", settings.get("weight_seed", 0), 0),
        before.own_weight if is_kept else None,
        before.bias,
        whole_number("in_channel", settings.get("in_channel", 0), 0),
        whole_number("out_channel", settings.get("out_channel", 0), 0),
    )
    return layer, found


# --- weights as text -----------------------------------------------------------------------------


def shown_kernel(operands: Operands, traced: ConvTrace) -> Array:
    """Return the weights between the two channels, as they are stored."""
    first, second = operands.out_channel, operands.in_channel
    if traced.is_transposed:
        first, second = second, first
    found: Array = operands.weight[first, second % operands.weight.shape[1]]
    return found


def with_kernel(spec: ConvolutionSpec, traced: ConvTrace, rows: Array) -> ConvolutionSpec:
    """Return the spec with other weights between the two channels; `rows` are in order."""
    shape = weight_shape(traced.layer, traced.channels)
    if rows.size != int(np.prod(shape.kernel)):
        sizes = " × ".join(map(str, shape.kernel))
        raise ValueError(phrase("control.other_weights", size=sizes, numbers=rows.size))
    whole = spec.own_weight
    if whole is None or whole.shape != shape.shape:
        name = "random" if spec.preset == OWN else spec.preset
        whole = preset_weights(name, traced, spec.seed)
    whole = np.array(whole, dtype=float)
    first, second = spec.out_channel, spec.in_channel
    if traced.is_transposed:
        first, second = second, first
    whole[first, second % max(1, shape.second)] = rows.reshape(shape.kernel)
    return replace(spec, own_weight=whole, preset=OWN)
