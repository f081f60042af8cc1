"""Layers of `keras.layers` as code, in Keras and in TensorFlow."""

from __future__ import annotations

from poolviz.arithmetic.convolution.trace import ConvTrace
from poolviz.arithmetic.layers.conv import DepthwiseConv
from poolviz.dialects.common.write import (
    convolution_arguments,
    has_padding,
    padding_numbers,
    pairs,
    short,
)


def keras_convolution(traced: ConvTrace) -> str:
    """Write a layer of `keras.layers`, without the module."""
    layer, ndim = traced.layer, len(traced.axes)
    name = f"Conv{ndim}DTranspose" if traced.is_transposed else f"Conv{ndim}D"
    words = [short(layer.kernel_size)]
    if isinstance(layer, DepthwiseConv):
        name = f"Depthwise{name}"
    else:
        words.insert(0, str(traced.out_channels))
    words += convolution_arguments(traced, {"stride": "strides"})
    if layer.has_named_padding:
        words += [f"padding={layer.padding!r}"] if layer.padding != "valid" else []
    elif has_padding(pairs(layer)):
        words.append(f"padding={padding_numbers(layer)}")
    rest = {"output_padding": "output_padding", "dilation": "dilation_rate", "groups": "groups"}
    if isinstance(layer, DepthwiseConv):
        rest = {"depth_multiplier": "depth_multiplier", "dilation": "dilation_rate"}
    words += convolution_arguments(traced, rest)
    bias = [] if layer.bias else ["use_bias=False"]
    return f"{name}({', '.join([*words, *bias])})"
