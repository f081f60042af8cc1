"""The size formula alone, without the limits that frameworks set for pooling layers."""

from __future__ import annotations

from types import MappingProxyType

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.framework_names import FORMULA
from poolviz.arithmetic.frameworks.base import Framework, TracedCall
from poolviz.arithmetic.layers.pool import Pool


class Formula(Framework):
    """Rules of the window of a convolution: any size is computed, and nothing raises.

    What a framework rejects in a convolution is in its own `convolution_refusals`.
    """

    name = title = source = FORMULA
    version = ""
    vocabulary = MappingProxyType({})
    data_formats = ("channels_first", "channels_last")
    default_stride_is_kernel = False
    when_nothing_fits = "empty"

    def fails(self, axis: AxisTrace, layer: Pool) -> bool:
        return False

    def error_text(self, call: TracedCall, channels: int) -> str | None:
        return None


RULES = Formula()
