"""The size that a layer returns, and the error where its framework raises.

A separate module, because the most frequent call must load neither findings nor fixes, nor the
rules of networks and convolutions.
"""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

from poolviz.arithmetic.layers.as_pooling import as_pooling
from poolviz.arithmetic.layers.fitted import PoolingLayer
from poolviz.arithmetic.layers.network_layers import LayerLike, is_layer
from poolviz.arithmetic.layers.pool import Pool, pool_keywords
from poolviz.arithmetic.layers.validation import Sizes, whole_numbers
from poolviz.arithmetic.trace import Trace, trace
from poolviz.diagnosis.shape_notes import image_in
from poolviz.i18n.keywords import answers_keywords

if TYPE_CHECKING:
    from poolviz.diagnosis.layer.diagnosis import Diagnosis

_PACKAGE = __file__.removesuffix("diagnosis/layer/output_size.py".replace("/", os.sep))
_NOT_OWN = (_PACKAGE, "ipykernel", "IPython")  # frames that do not help a user


class PoolShapeError(ValueError):
    """Raised where the framework raises; `diagnosis` says which axis, why, and what helps.

    Parameters
    ----------
    trace
        The call that raises.

    Examples
    --------
    >>> try:
    ...     output_size(10, kernel_size=15)
    ... except PoolShapeError as wrong:
    ...     print(wrong.diagnosis.headline)
    MaxPool 15×15, stride 15, no padding on 10 × 10: PyTorch raises RuntimeError
    """

    def __init__(self, trace: Trace) -> None:
        super().__init__(trace)
        self.trace = trace

    @cached_property
    def diagnosis(self) -> Diagnosis:
        """Findings and recomputed fixes."""
        from poolviz.diagnosis.layer.diagnosis import diagnosis_of  # not before it is read

        return diagnosis_of(self.trace)

    def __str__(self) -> str:
        return str(self.diagnosis)

    def _render_traceback_(self) -> list[str]:
        """Traceback that IPython shows: the user's own lines and the message, not ours."""
        import traceback  # loads tokenize and linecache, which no size needs

        frames = traceback.extract_tb(self.__traceback__)
        own = [frame for frame in frames if not any(part in frame.filename for part in _NOT_OWN)]
        return [*traceback.format_list(own), f"{type(self).__name__}: {self}"]

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.trace,)


@answers_keywords(more=pool_keywords)
def output_size(
    input_size: Sizes | LayerLike, kernel_size: Sizes | LayerLike, **parameters: object
) -> Sizes:
    """Return the spatial size that the framework returns, 0 where it returns an empty array.

    Parameters
    ----------
    input_size, kernel_size
        Elements, an int or one entry per axis. A pooling layer may be in place of `kernel_size`.
    **parameters
        The other parameters of `Pool`: stride, padding, dilation, ceil_mode, op,
        count_include_pad, framework.

    Returns
    -------
    int or tuple
        An int for an int `input_size` and a layer without tuples, else one entry per axis.

    Raises
    ------
    PoolShapeError
        Where the framework raises; its `diagnosis` has the reason.
    TypeError, ValueError
        For arguments that are not sizes.

    Warns
    -----
    UserWarning
        For three sizes like (3, 28, 28), which are read as three axes: 3 is no number of channels.

    Examples
    --------
    >>> output_size(10, 3, stride=5)
    2
    >>> output_size((11, 11), 3, stride=2, padding="same", framework="keras")
    (6, 6)
    >>> output_size(10, 15, framework="jax"), output_size(10, 15, framework="keras==3.14")
    (0, 0)
    """
    layer, input_size = _read(input_size, kernel_size, parameters)
    traced = trace(layer, input_size)
    returned = traced.returned_size
    if returned is None:
        raise PoolShapeError(traced)
    if layer.ndim is None and image_in(traced.input_size) is not None:
        _warn(traced)
    is_one_number = isinstance(whole_numbers("input_size", input_size, least=0), int)
    return returned[0] if is_one_number and layer.ndim in (None, 1) else returned


def _read(
    input_size: Any, kernel_size: Any, parameters: dict[str, Any]
) -> tuple[PoolingLayer, Sizes]:
    """Return the layer that is given, or one with the parameters, and the input size."""
    if not is_layer(input_size) and not is_layer(kernel_size):
        return Pool(kernel_size, **parameters), input_size
    if parameters:
        given = ", ".join(parameters)
        raise TypeError(f"give a layer or its parameters, not both: got a layer and {given}")
    if is_layer(input_size):
        return as_pooling(input_size), kernel_size
    return as_pooling(kernel_size), input_size


def _warn(traced: Trace) -> None:
    """Warn that channels seem to be among the sizes."""
    from warnings import warn

    from poolviz.diagnosis.layer.findings import channels_as_axis

    for finding in channels_as_axis(traced):
        warn(str(finding), stacklevel=4)  # through the decorator of the public function
