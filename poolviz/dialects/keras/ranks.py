"""How many axes each layer of Keras takes: `input_spec` of Keras 3.15.1, run on 1 to 4 axes."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

from poolviz.arithmetic.layers.network_layers import AxisMap
from poolviz.dialects.common.axis_maps import kept
from poolviz.dialects.common.vocabulary import CallArgs, LayerSpec
from poolviz.i18n.phrase import phrase

# A layer for two or three axes whose own rule compares them, as a convolution, is not among these.
_CHECKED = (
    r"(?:(?:Max|Average|Avg)Pool(?:ing)?|Conv|Convolution|ZeroPadding|UpSampling|Cropping)1D|"
    r"(?:Global(?:Max|Average|Avg)Pool(?:ing)?|SpatialDropout)\dD"
)
_TRANSPOSED = r"Conv(?:olution)?\dDTranspose|Deconv(?:olution)?\dD"
_OPEN = r"Adaptive(?:Max|Average)Pooling\dD|Resizing"  # their backends take other axes too


def checked(name: str, spec: LayerSpec) -> LayerSpec:
    """Return a class that checks the number of axes of its input first."""
    for pattern, error in ((_CHECKED, "ValueError"), (_TRANSPOSED, "IndexError"), (_OPEN, None)):
        if re.fullmatch(pattern, name):
            ndim = next((int(sign) for sign in name if sign.isdigit()), 2)
            return replace(spec, make=partial(_checked, name, spec, ndim + 1, error))
    return spec


def _checked(name: str, spec: LayerSpec, wanted: int, error: str | None, given: CallArgs) -> object:
    rank = wanted if given.shape is None else len(given.shape)
    if rank == wanted or (error == "IndexError" and rank < wanted):
        return spec.make(given)
    if error is None:
        raise ValueError(phrase("reading.unread.no_map", name=name, shape=str(given.shape)))
    return (AxisMap(name, wanted, tuple(kept(rank)), error=error),)
