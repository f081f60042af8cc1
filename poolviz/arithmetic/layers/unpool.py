"""`Unpool`: the layer that puts maxima back at the places that they came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from poolviz.arithmetic.layers.axes import Axis as MapAxis
from poolviz.arithmetic.layers.axes import AxisMap
from poolviz.arithmetic.layers.pool import Pool, Sizes
from poolviz.arithmetic.layers.specification import Specification
from poolviz.arithmetic.layers.validation import NAME, by, optional, shown, whole_numbers

KIND = "MaxUnpool"


def _max_pool(name: str, value: object) -> Pool:
    if isinstance(value, Pool) and value.op == "max":
        return value
    raise TypeError(f'{name} must be a poolviz.Pool with op "max", got {shown(value)}')


@dataclass(frozen=True, slots=True, repr=False)
class Unpool(Specification):
    """MaxUnpool of PyTorch and ONNX, applied to the output of a `Pool`.

    Parameters
    ----------
    pool
        The max pooling whose indices it takes.
    output_size
        Spatial size of the result, elements, as for `unpool`; None is (n − 1)·s + k − padding.
    name
        Name of the layer in the source; None without one.

    Raises
    ------
    TypeError, ValueError
        For anything but a max pooling, and for sizes below 0.

    Examples
    --------
    >>> Unpool(Pool(2), output_size=(5, 5))
    Unpool(pool=Pool(kernel_size=2), output_size=(5, 5))
    """

    pool: Pool = field(metadata=by(_max_pool))
    output_size: Sizes | None = field(
        default=None, metadata=optional(partial(whole_numbers, least=0))
    )
    name: str | None = field(default=None, metadata=NAME)

    def in_network(self) -> AxisMap:
        """Return it as a layer of a network; a Pool without a number of axes has two there.

        >>> Unpool(Pool(3, 2, 1)).in_network().shape[1].of(4)
        7
        """
        ndim = self.pool.ndim or 2
        if self.output_size is not None:
            size = self.output_size
            entries = (size,) * ndim if isinstance(size, int) else size
            return AxisMap(KIND, ndim + 1, (MapAxis(1), *entries), name=self.name)
        shape = [MapAxis(1)]
        for i, axis in enumerate(self.pool.axes(ndim), 2):
            stride = axis.stride or axis.kernel_size
            pads = sum(axis.padding) if isinstance(axis.padding, tuple) else 0
            # (n − 1)·s + k − p = n·s + (k − s − p), which an `Axis` can say.
            shape.append(MapAxis(i, times=stride, plus=axis.kernel_size - stride - pads))
        return AxisMap(KIND, ndim + 1, tuple(shape), name=self.name)
