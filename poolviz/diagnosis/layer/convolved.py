"""Values and gradients of a convolution; an error where the framework raises."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from poolviz.arithmetic.call import windowed
from poolviz.arithmetic.convolution import values
from poolviz.arithmetic.convolution.trace import ConvTrace, trace_convolution
from poolviz.arithmetic.convolution.values import ConvolutionGradient
from poolviz.arithmetic.convolution.weights import (
    WeightShape,
    axes_in_framework,
    fitted_to_weights,
    order_in_framework,
    weight_shape,
)
from poolviz.arithmetic.layers.conv import Conv, Convolution, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.foreign import own_weights
from poolviz.arithmetic.layers.network_layers import LayerLike, is_layer
from poolviz.arithmetic.values import Array, checked_format, numbers_of
from poolviz.diagnosis.layer.output_size import PoolShapeError
from poolviz.i18n.keywords import answers_keywords


class _Call(NamedTuple):
    """A convolution on an array (N, C, *spatial), with weights in the order of PyTorch."""

    traced: ConvTrace
    x: Array
    weight: Array
    bias: Array | None
    weight_shape: tuple[int, ...]  # as given
    added: int  # axes that were put before x: the batch, the channels
    is_last: bool

    def back(self, found: Array) -> Array:
        """Return a result in the order of axes of the request."""
        if self.is_last:
            found = np.moveaxis(found, 1, -1)
        first: Array = found[(0,) * self.added]
        return first

    def like_input(self, given: Array) -> Array:
        """Return an array in the shape of the output as (N, C, *spatial)."""
        given = given[(None,) * self.added]
        return np.moveaxis(given, -1, 1) if self.is_last else given


@answers_keywords()
def convolve(
    x: ArrayLike,
    layer: LayerLike,
    weight: ArrayLike | None = None,
    bias: ArrayLike | None = None,
    *,
    data_format: str | None = None,
) -> Array:
    """Values of a convolution or a transposed convolution, as the layer's framework returns them.

    No framework flips the kernel in a convolution: it is a correlation. A transposed
    convolution adds x · weight to the window of each input element; Flax 0.12.8 flips the
    kernel there, along every axis.

    Parameters
    ----------
    x
        Real numbers, shape (C, *spatial) or (N, C, *spatial); (*spatial) where there is one
        channel on both sides.
    layer
        A `Conv`, `DepthwiseConv` or `ConvTranspose`, or such a layer object of PyTorch or Keras.
        x and layer may be swapped.
    weight
        The weights in the order of the framework's layer: (out, in / groups, *kernel) in PyTorch
        and ONNX, (*kernel, in / groups, out) in Keras, TensorFlow and Flax; transposed
        (in, out / groups, *kernel) in PyTorch and ONNX, (*kernel, out, in) in Keras,
        (*kernel, in, out) in Flax; depthwise (*kernel, in, depth_multiplier) in Keras. (*kernel)
        where there is one channel on both sides. Left out, they are those of the layer object.
    bias
        One number per output channel; None for none, or that of the layer object.
    data_format
        "channels_first" or "channels_last": `x` is a batch, (N, C, *spatial) or (N, *spatial, C).
        A layer object of Keras has its own.

    Raises
    ------
    PoolShapeError
        Where the framework raises: no window fits, other channels, an argument it does not take.
    TypeError, ValueError
        For anything but arrays of real numbers, and weights or a bias of another shape.

    Notes
    -----
    Integers give integers, also where the framework takes only floats: PyTorch 2.13.0 convolves
    integers of one type, Keras 3.15.1 on TensorFlow none.

    Examples
    --------
    >>> from poolviz import Conv, ConvTranspose
    >>> convolve([[1, 2, 0], [0, 1, 3]], Conv(1, 2), [[1, 0], [0, -1]])
    array([[ 0, -1]])
    >>> convolve([[1, 2]], ConvTranspose(1, 2, stride=2), [[1, 1], [1, 9]])
    array([[ 1,  1,  2,  2],
           [ 1,  9,  2, 18]])
    """
    call = _checked(x, layer, weight, bias, data_format)
    return call.back(values.convolved(call.x, call.traced, call.weight, call.bias))


@answers_keywords()
def convolve_gradient(
    x: ArrayLike,
    layer: LayerLike,
    grad_output: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    data_format: str | None = None,
) -> ConvolutionGradient:
    """Gradients of sum(convolve(x) · grad_output): of the input (`x`), the weights and the bias.

    Parameters
    ----------
    x, layer, weight, data_format
        As for `convolve`.
    grad_output
        One number for each element of the output, in its shape.

    Raises
    ------
    PoolShapeError, TypeError, ValueError
        As `convolve`; and when `grad_output` does not have the shape of the output.

    Examples
    --------
    >>> from poolviz import Conv
    >>> found = convolve_gradient([[1.0, 2.0, 3.0]], Conv(1, (1, 2)), [[1.0, 1.0]], [[5.0, 7.0]])
    >>> found.x, found.weight, found.bias
    (array([[ 5., 12.,  7.]]), array([[3., 5.]]), array([2.]))
    """
    call = _checked(x, layer, weight, None, data_format, has_bias=False)
    grad = numbers_of(grad_output)
    size = call.traced.returned_size or ()
    whole = (len(call.x), call.traced.out_channels, *size)
    wanted = call.back(np.empty(whole)).shape
    if grad.shape != wanted:
        raise ValueError(f"grad_output must have the output's shape {wanted}, got {grad.shape}")
    found = values.convolved_gradient(call.x, call.traced, call.weight, call.like_input(grad))
    order = order_in_framework(call.traced.layer, len(call.traced.axes))
    by_weight = np.transpose(found.weight, order).reshape(call.weight_shape)
    return ConvolutionGradient(call.back(found.x), by_weight, found.bias)


def _checked(
    x: Any, layer: Any, weight: Any, bias: Any, data_format: str | None, has_bias: bool = True
) -> _Call:
    """Return a call that runs, with its weights in the order of PyTorch."""
    if is_layer(x) and not is_layer(layer):
        layer, x = x, layer
    if weight is None:
        weight, own_bias = own_weights((layer,))
        bias = own_bias if bias is None and has_bias else bias
    data_format = checked_format(data_format, layer, x)
    if not is_layer(layer):
        kinds = "a poolviz.Conv, DepthwiseConv or ConvTranspose"
        raise TypeError(f"layer must be {kinds}, got {type(layer).__name__}")
    layer = windowed(layer)
    if not isinstance(layer, Conv | DepthwiseConv | ConvTranspose):
        raise TypeError(f"layer must be a convolution, got {type(layer).__name__}; see pool")
    array = _array("x", x)
    if weight is None:
        raise TypeError(f"convolve needs the weights: {_wanted(layer, None)}")
    given = _array("weight", weight)
    ndim = _spatial_axes(array, layer, given, data_format)
    is_last = data_format == "channels_last"
    added = ndim + 2 - array.ndim
    array = array[(None,) * added]
    if is_last:
        array = np.moveaxis(array, -1, 1)
    if not array.shape[1]:
        raise ValueError(f"x must have at least one channel, got the shape {np.shape(x)}")
    traced = trace_convolution(layer, array.shape[2:], array.shape[1])
    _check_order(array, given, traced, data_format)
    if traced.outcome == "raises" and not (len(array) > 1 and traced.returns_empty_batches):
        raise PoolShapeError(traced)
    if added == 2 and traced.out_channels != 1:
        raise ValueError(
            f"x has no channel axis, and the output {traced.out_channels} channels: give x[None]"
        )
    values.check_memory(traced, len(array))
    ordered, added_bias = weight_in_order(given, traced), bias_in_order(bias, traced)
    return _Call(traced, array, ordered, added_bias, given.shape, added, is_last)


def _check_order(x: Array, weight: Array, traced: ConvTrace, data_format: str | None) -> None:
    """Raise for data whose last axis has the channels of the weights, and its second axis not."""
    made_for = fitted_to_weights(traced.layer, weight.shape)[1]
    if data_format is None and made_for and x.shape[1] != made_for == x.shape[-1]:
        raise ValueError(
            f"x is read as (N, C, *spatial), {x.shape}, and the weights are for {made_for} "
            f'channels: give data_format="channels_last", or x with its channels in front'
        )


def _array(name: str, given: Any) -> Array:
    if getattr(given, "requires_grad", False):
        given = given.detach()  # a tensor of PyTorch
    return numbers_of(given, name)


def _spatial_axes(x: Array, layer: Convolution, weight: Array, data_format: str | None) -> int:
    """Return the number of spatial axes: that of the layer, and of the weights."""
    for ndim in (weight.ndim - 2, weight.ndim):  # with their channels, or a bare kernel
        fits = ndim in (1, 2, 3) and layer.ndim in (None, 1, ndim)
        least = ndim if data_format is None else ndim + 2
        if fits and least <= x.ndim <= ndim + 2:
            return ndim
    own = layer.ndim or max(1, weight.ndim - 2)
    axes = "1 axis" if own == 1 else f"{own} axes"
    raise ValueError(
        f"x has {x.ndim} axes, {x.shape}; a convolution over {axes} takes (C, *spatial) "
        f"or (N, C, *spatial), and {_wanted(layer, None)}, got {weight.shape}"
    )


def weight_in_order(given: ArrayLike, traced: ConvTrace) -> Array:
    """Return the weights in the order of PyTorch, after their shape is checked."""
    weight = _array("weight", given)
    shape = weight_shape(traced.layer, traced.channels)
    order = order_in_framework(traced.layer, len(traced.axes))
    in_framework = tuple(shape.shape[place] for place in order)
    # A bare kernel, as examples on paper have it.
    if weight.shape == shape.kernel and shape.first == shape.second == 1:
        return weight[None, None]
    if isinstance(traced.layer, DepthwiseConv) and order[0] == 2:  # the kernel first
        multiplier = traced.layer.depth_multiplier
        if weight.shape == (*shape.kernel, traced.channels, multiplier):  # as Keras has them
            weight = weight.reshape(in_framework)
    if weight.shape != in_framework:
        raise ValueError(f"{_wanted(traced.layer, shape)}, got {weight.shape}")
    # `argsort` of an order is the order that undoes it.
    return np.transpose(weight, np.argsort(order))


def weight_in_framework(weight: Array, traced: ConvTrace) -> Array:
    """Return weights in the order of PyTorch in that of the layer's framework."""
    return np.transpose(weight, order_in_framework(traced.layer, len(traced.axes)))


def _wanted(layer: Convolution, shape: WeightShape | None) -> str:
    """Return the shape of the weights in words, for an error."""
    second = "out" if isinstance(layer, ConvTranspose) else "in"
    divided = f"{second} / groups"
    names = ["*kernel" if n == "kernel" else n for n in axes_in_framework(layer)]
    words = ", ".join(divided if name == second else name for name in names)
    if shape is None:
        return f"weight, of the shape ({words})"
    order = order_in_framework(layer, len(shape.kernel))
    return f"weight must have the shape {tuple(shape.shape[i] for i in order)}, ({words})"


def bias_in_order(bias: object, traced: ConvTrace) -> Array | None:
    """Return the bias, after its shape is checked."""
    if bias is None:
        return None
    array = _array("bias", bias)
    if array.shape != (traced.out_channels,):
        raise ValueError(
            f"bias must have one number per output channel, {traced.out_channels}, "
            f"got the shape {array.shape}"
        )
    return array
