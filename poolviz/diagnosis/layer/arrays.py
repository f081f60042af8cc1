"""Values of a layer; an error where the framework raises."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from poolviz.arithmetic import values
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.trace import layer_first
from poolviz.arithmetic.values import Array
from poolviz.diagnosis.layer.output_size import PoolShapeError


def _checked(x: Any, layer: Any) -> tuple[Array, Pool]:
    """Return the array and the layer, which may be swapped."""
    layer, x = layer_first(layer, x)
    if getattr(x, "requires_grad", False):
        x = x.detach()  # a tensor of PyTorch
    array, ndim = values.as_input(x, layer)
    traced = values.trace_of(array, ndim, layer)
    if traced.outcome == "raises":
        raise PoolShapeError(traced)
    return array, layer


def pool(x: ArrayLike, layer: Pool) -> Array:
    """Pooled values, as the layer's framework returns them.

    Max pooling keeps the dtype; padding is never the maximum. Whether NaN is the
    maximum depends on the framework (PyTorch 2.13.0 and JAX 0.10.2: it is; TensorFlow 2.21.0 and
    Keras on it: it is not, and a window without any number gives the lowest one of the dtype).
    Averages of integers are floats, in PyTorch truncated integers; the divisor follows the
    framework and count_include_pad.

    Parameters
    ----------
    x
        Real numbers, shape (*spatial) or (N, C, *spatial).
    layer
        A `Pool`.

    Raises
    ------
    PoolShapeError
        Where the framework raises.
    TypeError, ValueError
        For anything but an array of real numbers, or the wrong number of axes.

    Examples
    --------
    >>> pool([[1, 2], [3, 4]], Pool(2))
    array([[4]])
    >>> pool([[1.0, 2.0], [3.0, 4.0]], Pool(2, op="avg"))
    array([[2.5]])
    """
    return values.pool(*_checked(x, layer))


def pool_indices(x: ArrayLike, layer: Pool) -> NDArray[np.int64]:
    """Position of each maximum: flat, row-major index into the unpadded spatial plane.

    Of equal maxima it is the first one (PyTorch 2.13.0, TensorFlow 2.21.0, onnxruntime 1.32.0);
    where NaN wins, the first NaN (in PyTorch the last one). −1 where a window holds no input
    element at all.

    Parameters
    ----------
    x
        Real numbers, shape (*spatial) or (N, C, *spatial).
    layer
        A `Pool` with op "max".

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
    return values.pool_indices(*_checked(x, layer))


def pool_gradient(x: ArrayLike, layer: Pool, grad_output: ArrayLike) -> Array:
    """d sum(pool(x) · grad_output) / dx, shape of `x`.

    Max: each entry goes to the first maximum of its window; TensorFlow 2.21.0 and Keras on it
    give it to every tied maximum in 3-D, and MLX 0.32.4 shares it among them. Average: each entry
    is divided by the divisor.

    Parameters
    ----------
    x
        Real numbers, shape (*spatial) or (N, C, *spatial).
    layer
        A `Pool`.
    grad_output
        One number for each element of the output, in its shape.

    Raises
    ------
    PoolShapeError
        Where the framework raises.
    ValueError
        When `grad_output` has not the shape of the output.

    Examples
    --------
    >>> pool_gradient([[1.0, 9.0], [9.0, 4.0]], Pool(2), [[1.0]])
    array([[0., 1.],
           [0., 0.]])
    """
    return values.pool_gradient(*_checked(x, layer), grad_output)
