"""Error messages of Flax for convolutions, word for word (0.12.8 on JAX 0.10.2).

That of other channels is not here: it contains the names of the modules.
"""

from __future__ import annotations

from poolviz.arithmetic.layers.conv import Conv, ConvTranspose
from poolviz.arithmetic.network.failures import FailureKind
from poolviz.arithmetic.network.forward import Failure
from poolviz.dialects.common.network_errors import NetworkErrors


def _groups(failure: Failure, channels_last: bool) -> str | None:
    layer, count = failure.layer, failure.problem.got[0]
    if not isinstance(layer, Conv) or count != layer.out_channels or failure.problem.error:
        return None  # an assertion without a text
    return (
        "conv_general_dilated rhs output feature dimension size must be a multiple of "
        f"feature_group_count, but {count} is not a multiple of {layer.groups}."
    )


def _refused(failure: Failure, channels_last: bool) -> str | None:
    layer, refusal = failure.layer, failure.problem.refusals[0]
    if refusal.parameter == "groups" and isinstance(layer, ConvTranspose):
        word = "feature_group_count"
        return f"ConvTranspose.__init__() got an unexpected keyword argument '{word}'"
    if refusal.parameter == "output_padding":
        return "ConvTranspose.__init__() got an unexpected keyword argument 'output_padding'"
    if isinstance(layer, ConvTranspose) and refusal.parameter == "padding":
        if refusal.error == "ValueError":
            return (
                "String padding is not implemented for transposed convolution using this op. "
                "Please either exactly specify the required padding or use conv_transpose."
            )
        name = str(layer.padding).upper()
        return f"Unrecognized padding type: expected 'VALID', 'SAME', or 'SAME_LOWER', got {name}."
    if isinstance(layer, Conv) and layer.padding == "causal":
        return "Causal padding is only implemented for 1D convolutions."
    return None


ERRORS = NetworkErrors({FailureKind.GROUPS: _groups, FailureKind.REFUSED: _refused})
