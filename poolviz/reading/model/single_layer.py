"""One layer object of a framework as a layer of poolviz."""

from __future__ import annotations

import re
from dataclasses import replace

from poolviz.arithmetic.layers.conv import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.fitted import FittedPool
from poolviz.arithmetic.layers.foreign import Converted
from poolviz.arithmetic.layers.network_layers import bare
from poolviz.arithmetic.layers.pool import Pool
from poolviz.i18n.phrase import phrase
from poolviz.reading.model.read_model import read_model

_AXES = re.compile(r"([123])[dD]$")  # MaxPool2d, MaxPooling2D
_KNOWN_POOLING = re.compile("Max|Av|LP")  # others have the shapes of an average, not its values
_SIZE = 64  # of the map that the layer is read with; its numbers do not depend on it


def layer_of(module: object) -> Converted:
    """Return the layer that a module of PyTorch or a layer of Keras stands for.

    Raises
    ------
    TypeError
        For a model of several layers, and for one that is not understood.
    """
    kind = type(module).__name__
    axes = _AXES.search(kind)
    channels = getattr(module, "in_channels", None)
    # 0 in a lazy layer, which takes any number.
    count = channels if isinstance(channels, int) and channels > 0 else 1
    sizes = (_SIZE,) * int(axes[1]) if axes else ()
    is_last = getattr(module, "data_format", None) == "channels_last"
    stack = read_model(module, (*sizes, count) if is_last else (count, *sizes))
    is_pool = stack.layers and isinstance(bare(stack.layers[0]), Pool)
    is_other = is_pool and not _KNOWN_POOLING.search(kind)
    # What a hook does to the output is no part of the layer, which may be looked at inside of one.
    unread = [one for one in stack.not_read if one.reason != phrase("reading.unread.hook")]
    if len(stack.layers) != 1 or unread or is_other:
        raise TypeError(
            f"{kind} is not one layer that poolviz knows; "
            "a whole model is read by poolviz.read_model(model, input_shape)"
        )
    layer = stack.layers[0]
    plain = bare(layer)
    if isinstance(plain, FittedPool | Conv | DepthwiseConv | ConvTranspose):
        layer = replace(plain, framework=stack.framework)
    return Converted(layer, stack.framework, stack.data_format)
