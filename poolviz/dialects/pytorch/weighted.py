"""PyTorch: functions of `torch.nn.functional` that are given their weights → classes.

Read off torch 2.13.0, and run with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from poolviz.dialects.common.vocabulary import Settings
from poolviz.i18n.phrase import phrase

_CONV = "weight bias stride padding dilation groups"
_TRANSPOSED = "weight bias stride padding output_padding groups dilation"
WEIGHTED: Mapping[str, str] = {
    **{f"conv{n}d": _CONV for n in (1, 2, 3)},
    **{f"conv_transpose{n}d": _TRANSPOSED for n in (1, 2, 3)},
    "linear": "weight bias",
    "batch_norm": "running_mean running_var weight bias training momentum eps",
    "instance_norm": "running_mean running_var weight bias use_input_stats momentum eps",
    "layer_norm": "normalized_shape weight bias eps",
    "group_norm": "num_groups weight bias eps",
    "prelu": "weight",
}


def class_with_weights(
    name: str, weight: tuple[int, ...], given: Settings
) -> tuple[str, dict[str, Any]]:
    """Return the class that does the same, and its settings, from the shape of the weights.

    >>> class_with_weights("linear", (10, 64), {})
    ('Linear', {'in_features': 64, 'out_features': 10})
    """
    groups = given.get("groups", 1)
    if name.startswith("conv_transpose"):
        channels = {"in_channels": weight[0], "out_channels": weight[1] * groups}
        return f"ConvTranspose{name[-2:]}", channels | {"kernel_size": weight[2:]}
    if name.startswith("conv"):
        channels = {"in_channels": weight[1] * groups, "out_channels": weight[0]}
        return f"Conv{name[-2:]}", channels | {"kernel_size": weight[2:]}
    if name == "linear":
        return "Linear", {"in_features": weight[1], "out_features": weight[0]}
    if name == "prelu":
        return "PReLU", {"num_parameters": prod(weight)}
    if name == "layer_norm":
        return "LayerNorm", {"elementwise_affine": bool(weight)}
    channels = {"affine": bool(weight)} | ({"num_features": weight[0]} if weight else {})
    if name == "group_norm":
        if not weight:
            raise ValueError(phrase("reading.unread.group_norm"))
        return "GroupNorm", channels | {"num_channels": weight[0]}
    return {"batch_norm": "BatchNorm2d", "instance_norm": "InstanceNorm2d"}[name], channels
