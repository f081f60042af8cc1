"""Values of a layer; an error where the framework raises."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from poolviz.arithmetic import gradients, unpooling, values
from poolviz.arithmetic.call import layer_first
from poolviz.arithmetic.frameworks.array_rules import INDICES, refuse_array
from poolviz.arithmetic.layers.as_pooling import as_pool, as_pooling
from poolviz.arithmetic.layers.fitted import AdaptivePool as AdaptivePool
from poolviz.arithmetic.layers.fitted import PoolingLayer
from poolviz.arithmetic.layers.network_layers import LayerLike
from poolviz.arithmetic.layers.pool import Pool as Pool
from poolviz.arithmetic.layers.validation import Sizes
from poolviz.arithmetic.values import Array
from poolviz.diagnosis.layer.output_size import PoolShapeError
from poolviz.i18n.keywords import answers_keywords


class _Call(NamedTuple):
    """Array and layer of a call, which may be swapped; the array with its channels first."""

    array: Array
    layer: PoolingLayer
    data_format: str | None
    is_last: bool
    dtype: np.dtype[Any] | None  # that the framework returns; None for a list, which has none

    def back(self, found: Array) -> Array:
        """Return a result in the order of axes of the request."""
        return np.moveaxis(found, 1, -1) if self.is_last and found.ndim > 1 else found

    def like_input(self, array: Array) -> Array:
        """Return an array in the order of the output with its channels first."""
        return np.moveaxis(array, -1, 1) if self.is_last and array.ndim > 1 else array


def _checked(x: Any, layer: Any, data_format: str | None, wants_indices: bool = False) -> _Call:
    """Return a call that runs; PoolShapeError for a size, a dtype or a shape that is rejected."""
    data_format = values.checked_format(data_format, layer, x)
    layer, x = layer_first(layer, x)
    layer = as_pooling(layer)
    has_dtype = hasattr(x, "dtype")
    given = values.channels_first(x, data_format)
    is_last = data_format == "channels_last"
    array, ndim = values.as_input(given, layer, data_format)
    traced = values.trace_of(array, ndim, layer)
    if traced.outcome == "raises":
        raise PoolShapeError(traced)
    rules = traced.framework
    kind = INDICES if wants_indices and not traced.is_fitted else traced.kind
    if has_dtype:
        rule = rules.array_rule(kind, ndim)
        found = refuse_array(rule, kind, rules.title, given.dtype.name, array.shape, ndim)
        refusals = tuple(found)
        if refusals:
            raise PoolShapeError(replace(traced, refusals=refusals, outcome="raises"))
        returned = np.dtype(rule.returned(given.dtype.name))
        if given.dtype.kind == "b" and returned.kind == "f":
            array = array.astype(returned)  # is averaged as a fraction
        return _Call(array, layer, data_format, is_last, returned)
    return _Call(array, layer, data_format, is_last, None)


@answers_keywords()
def pool(x: ArrayLike, layer: LayerLike, *, data_format: str | None = None) -> Array:
    """Pooled values, as the layer's framework returns them.

    Padding is never the maximum. Whether NaN is the maximum depends on the framework (PyTorch
    2.13.0 and JAX 0.10.2: it is; TensorFlow 2.21.0 and Keras on it: it is not, and a window without
    any number gives the lowest one of the dtype). The divisor follows the framework and
    count_include_pad.

    The dtype is the one that the framework returns, and a dtype that it does not pool raises:
    PyTorch and TensorFlow average no int32, PyTorch averages int64 as integers, Keras returns
    floats as float32, JAX has 32 bits (`docs/arrays.md` has all of them). A list has no dtype and
    is never rejected for it.

    Parameters
    ----------
    x
        Real numbers, shape (*spatial), (C, *spatial) or (N, C, *spatial). Three axes are a map
        with channels for a layer with two axes, a volume for one with three.
    layer
        A `Pool`, `AdaptivePool` or `GlobalPool`, or a pooling layer object of PyTorch or Keras.
    data_format
        "channels_first" or "channels_last": `x` is a batch, (N, C, *spatial) or (N, *spatial, C).
        A layer object of Keras has its own.

    Raises
    ------
    PoolShapeError
        Where the framework raises.
    TypeError, ValueError
        For anything but an array of real numbers, the wrong number of axes, and three axes that
        may be a volume or channels.

    Examples
    --------
    >>> pool([[1, 2], [3, 4]], Pool(2))
    array([[4]])
    >>> pool([[1.0, 2.0], [3.0, 4.0]], Pool(2, op="avg"))
    array([[2.5]])
    >>> pool([0.0, 1, 2, 3, 4, 5, 6], AdaptivePool(3))
    array([1., 3., 5.])
    """
    call = _checked(x, layer, data_format)
    pooled = values.pool(call.array, call.layer, call.data_format)
    if call.dtype is not None:
        with np.errstate(over="ignore"):  # float64 beyond float32 is ∞
            pooled = pooled.astype(call.dtype, copy=False)
    return call.back(pooled)


@answers_keywords()
def pool_indices(
    x: ArrayLike, layer: LayerLike, *, data_format: str | None = None
) -> NDArray[np.int64]:
    """Position of each maximum: flat, row-major index into the unpadded spatial plane.

    Of equal maxima it is the first one (PyTorch 2.13.0, TensorFlow 2.21.0, onnxruntime 1.32.0);
    where NaN wins, the first NaN (in PyTorch the last one). −1 where a window holds no input
    element at all.

    onnxruntime 1.32.0 counts in the whole array, (N, C, *spatial), and with storage_order=1 down
    the columns of a plane: the 9 of [[1, 9, 2], [3, 4, 5]] has index 1, and 2 in that order.

    Parameters
    ----------
    x
        Real numbers, as for `pool`.
    layer
        A pooling layer with op "max".
    data_format
        As for `pool`.

    Raises
    ------
    PoolShapeError
        Where the framework raises.
    ValueError
        For average pooling, which has no maximum.

    Examples
    --------
    >>> pool_indices([[1, 9], [9, 4]], Pool(2))
    array([[1]])
    """
    call = _checked(x, layer, data_format, wants_indices=True)
    return call.back(values.pool_indices(call.array, call.layer, call.data_format))


@answers_keywords()
def unpool(
    values: ArrayLike, indices: ArrayLike, layer: Pool, output_size: Sizes | None = None
) -> Array:
    """Maxima back at their places, zeros elsewhere: MaxUnpool of PyTorch and ONNX.

    Parameters
    ----------
    values, indices
        What `pool` and `pool_indices` return, in one shape.
    layer
        The `Pool` that made them.
    output_size
        Spatial size of the result. None is (n − 1)·s + k − padding, which is less than the input
        of the pooling where its windows left elements over; PyTorch 2.13.0 takes sizes that differ
        from it by less than a stride.

    Raises
    ------
    ValueError
        For a framework without unpooling, shapes that differ, an index outside of the result, and
        a size that the framework rejects.

    Examples
    --------
    >>> x = [[1.0, 9.0], [3.0, 4.0]]
    >>> unpool(pool(x, Pool(2)), pool_indices(x, Pool(2)), Pool(2))
    array([[0., 9.],
           [0., 0.]])
    """
    return unpooling.unpool(values, indices, as_pool(layer), output_size)


@answers_keywords()
def pool_gradient(
    x: ArrayLike,
    layer: LayerLike,
    grad_output: ArrayLike,
    *,
    data_format: str | None = None,
) -> Array:
    """d sum(pool(x) · grad_output) / dx, shape of `x`.

    Max: each entry goes to the first maximum of its window; TensorFlow 2.21.0 and Keras on it
    give it to every tied maximum in 3-D, MLX 0.32.4 shares it among them, and JAX 0.10.2 gives it
    to the element behind a NaN. Average: each entry is divided by the divisor. The dtype is that of
    a float `x`; the gradient of integers is a float.

    Parameters
    ----------
    x
        Real numbers, shape (*spatial), (C, *spatial) or (N, C, *spatial). Three axes are a map
        with channels for a layer with two axes, a volume for one with three.
    layer
        A `Pool`, `AdaptivePool` or `GlobalPool`, or a pooling layer object of PyTorch or Keras.
    grad_output
        One number for each element of the output, in its shape.
    data_format
        As for `pool`.

    Raises
    ------
    PoolShapeError
        Where the framework raises.
    ValueError
        When `grad_output` does not have the shape of the output.

    Examples
    --------
    >>> pool_gradient([[1.0, 9.0], [9.0, 4.0]], Pool(2), [[1.0]])
    array([[0., 1.],
           [0., 0.]])
    """
    call = _checked(x, layer, data_format)
    grad = call.like_input(values.numbers_of(grad_output, "grad_output"))
    return call.back(gradients.pool_gradient(call.array, call.layer, grad, call.data_format))
