"""LayerExplorer: a PoolExplorer for any layer with windows, convolutions above all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from poolviz.arithmetic.call import layer_first
from poolviz.arithmetic.convolution.trace import trace_convolution
from poolviz.arithmetic.layers.conv import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.foreign import own_weights
from poolviz.arithmetic.layers.network_layers import LayerLike
from poolviz.arithmetic.layers.pool import Sizes
from poolviz.arithmetic.layers.validation import whole_number
from poolviz.arithmetic.values import channels_first, checked_format, numbers_of
from poolviz.drawing.convolution.inputs import channels_and_sizes
from poolviz.drawing.scene.overlays import checked_overlays
from poolviz.exercises.task import Task, started
from poolviz.i18n.keywords import answers_keywords
from poolviz.widgets.explorer.spec.convolution_spec import first_convolution
from poolviz.widgets.explorer.spec.spec import Spec, first_spec
from poolviz.widgets.explorer.widget import PoolExplorer

_CONVOLUTIONS = (Conv, DepthwiseConv, ConvTranspose)


@answers_keywords()
class LayerExplorer(PoolExplorer):
    """Controls, picture and texts for one layer: its weights, and each window term by term.

    Parameters
    ----------
    layer
        A `Conv`, `DepthwiseConv` or `ConvTranspose`, or such a layer object of PyTorch or Keras; or
        a pooling layer, as for `PoolExplorer`. Its `framework` decides on the rules.
    input_size
        Spatial size in elements; an int stands for a square map. Not together with `input`.
    input
        An array of real numbers, (*spatial), (C, *spatial) or (N, C, *spatial); its first example
        is shown, one channel at a time.
    weight, bias
        As for `convolve`; left out, those of a layer object, else weights by `preset` and no bias.
    preset
        "random" (integers by seed), "blur", "edge" or "identity"; in place of a layer object's own.
    seed
        For the values of an input that is given by its size, and for random weights.
    channels
        Of an input that is given by its size, the layer's own if left out; with an `input`, its
        first axis has the channels.
    weight_seed
        For random weights; `seed` if left out.
    in_channel, out_channel, slice_index
        The channels, and of a 3-D input the depth slice, that are shown.
    show
        Overlays, as for `PoolExplorer`; a transposed convolution has "read counts": the number of
        products of each element.
    task
        A task to solve with the controls, see `poolviz.task`.
    language
        Language of all texts: "en" or "de"; the current one if left out.

    Raises
    ------
    TypeError, ValueError
        For wrong types, weights of another shape, and unknown names. Never for geometry.

    Examples
    --------
    >>> from poolviz import Conv, ConvTranspose
    >>> LayerExplorer(Conv(1, 7), 5)
    LayerExplorer(Conv 7×7, stride 1, no padding on 5 × 5: PyTorch raises \
RuntimeError; height ⌊(5 − 7) / 1⌋ + 1 = −1; width ⌊(5 − 7) / 1⌋ + 1 = −1)
    >>> LayerExplorer(ConvTranspose(1, 3, stride=2, padding=1), 4).trace.output_size
    (7, 7)
    """

    def __init__(
        self,
        layer: LayerLike | Sizes,
        input_size: Sizes | LayerLike | None = None,
        *,
        input: ArrayLike | None = None,
        weight: ArrayLike | None = None,
        bias: ArrayLike | None = None,
        preset: str | None = None,
        seed: int = 0,
        channels: int | None = None,
        weight_seed: int | None = None,
        in_channel: int = 0,
        out_channel: int = 0,
        slice_index: int = 0,
        show: str | Iterable[str] = (),
        task: Task | None = None,
        language: str | None = None,
    ) -> None:
        seed = whole_number("seed", seed, 0)
        given, size = layer_first(layer, input_size)
        if weight is None and preset is None and isinstance(given, _CONVOLUTIONS):
            weight, own_bias = own_weights((layer, input_size))
            bias = own_bias if bias is None else bias
        if not isinstance(given, _CONVOLUTIONS):
            for name, value in (("weights", weight), ("weights", bias), ("channels", channels)):
                if value is not None:
                    raise TypeError(f"a {type(given).__name__} has no {name}")
            spec = first_spec(size, None, given, input, seed, {})
        else:
            order = None if input is None else checked_format(None, layer, input)  # type: ignore[arg-type]
            x = None if input is None else channels_first(input, order)
            spec = _convolution(given, size, x, weight, bias, preset or "random", seed, channels)
            assert spec.convolution is not None
            convolution = replace(
                spec.convolution,
                seed=seed if weight_seed is None else whole_number("weight_seed", weight_seed, 0),
                in_channel=whole_number("in_channel", in_channel, 0),
                out_channel=whole_number("out_channel", out_channel, 0),
            )
            spec = replace(spec, convolution=convolution)
        spec = replace(spec, slice_index=whole_number("slice_index", slice_index, 0))
        self._task = started(task, spec.traced())
        self._feedback = None
        self._start(replace(spec, show=checked_overlays(show)), language)


def _convolution(
    layer: Any,
    size: Any,
    x: ArrayLike | None,
    weight: ArrayLike | None,
    bias: ArrayLike | None,
    preset: str,
    seed: int,
    channels: int | None,
) -> Spec:
    if x is not None and size is not None:
        raise TypeError("give input_size or input, not both")
    given = x if x is not None else 10 if size is None else size
    traced, own = channels_and_sizes(given, layer, weight)
    if channels is not None:
        sizes = traced.input_size
        if x is not None:
            own = np.array(numbers_of(x))
            sizes = own.shape[1:]
            if own.shape[:1] != (channels,):
                raise ValueError(f"the first axis of input must be {channels}, got {own.shape}")
        traced = trace_convolution(layer, sizes, channels)
    if own is not None:
        own.setflags(write=False)
    convolution = first_convolution(traced, weight, bias, preset, seed)
    return Spec(traced.layer, traced.input_size, seed, own, convolution=convolution)
