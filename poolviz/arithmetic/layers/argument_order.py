"""Arguments without names whose order in PyTorch is another one than here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from warnings import warn

from poolviz.arithmetic.layers.validation import shown
from poolviz.i18n.catalogue import say

# The order in PyTorch 2.13.0. `Conv(16, 3)` is the order of Keras: filters, kernel_size, strides.
_IN_PYTORCH = {
    "Linear": ("in_features", "out_features", "bias"),
    "Conv": (
        *("in_channels", "out_channels", "kernel_size", "stride", "padding"),
        *("dilation", "groups", "bias"),
    ),
    "ConvTranspose": (
        *("in_channels", "out_channels", "kernel_size", "stride", "padding"),
        *("output_padding", "groups", "bias", "dilation"),
    ),
}
_LEADING = {"Linear": 1, "Conv": 2, "ConvTranspose": 2}  # which we write without names
_USUAL_KERNELS = {1, 2, 3, 4, 5, 7, 9, 11}


def check_order(
    layer: str, names: Sequence[str], args: Sequence[object], given: Mapping[str, object]
) -> None:
    """Warn where a call may be in PyTorch's order; raise a TypeError for a value given twice.

    >>> check_order("Linear", ("out_features", "in_features"), (128,), {"out_features": 10})
    Traceback (most recent call last):
    TypeError: Linear(128, out_features=10) gives out_features twice. In PyTorch's order it is ...
    """
    twice = [name for name in names[: len(args)] if name in given]
    if not twice and not _may_be_pytorch(layer, args):
        return
    call = _call(layer, args, given)
    theirs = dict(zip(_IN_PYTORCH.get(layer, ()), args, strict=False))
    as_meant = _rewritten(layer, names, {**theirs, **given}) if not theirs.keys() & given else ""
    if twice:
        instead = f". In PyTorch's order it is {as_meant}" if as_meant else ""
        raise TypeError(f"{call} gives {twice[0]} twice{instead}")
    if as_meant:
        ours = _call(layer, (), {**dict(zip(names, args, strict=False)), **given})
        warn(say("note.argument_order", call=call, ours=ours, theirs=as_meant), stacklevel=3)


def _may_be_pytorch(layer: str, args: Sequence[Any]) -> bool:
    """Whether the numbers without names make no usual layer in our order, or one in both."""
    if layer not in _IN_PYTORCH or len(args) <= _LEADING[layer]:
        return False
    if any(isinstance(one, str) for one in args[:4]):  # Conv(8, 3, 2, "same"): only here
        return False
    try:
        first, second, *others = (max(one) if isinstance(one, tuple) else int(one) for one in args)
    except (TypeError, ValueError):
        return False  # the checks of each parameter say what is wrong
    if others[1:2] == [0]:
        return False  # a stride of 0 in PyTorch's order
    if layer == "Linear":
        return second < first  # 128 → 10 features: networks end with fewer
    if layer == "ConvTranspose":
        return True
    out, kernel, stride = first, second, others[0]
    # Patches of a transformer, `Conv(192, 16, 16)`. Nobody writes a stride of 1, the default: a
    # third number of 1 is PyTorch's kernel of a 1 × 1 convolution.
    is_patch = kernel == stride > 2 and out >= 4 * kernel and kernel % 2 == 0
    is_usual = kernel in _USUAL_KERNELS and stride <= kernel and stride in (2, 4)
    return not (is_usual or is_patch)


def _rewritten(layer: str, names: Sequence[str], given: Mapping[str, object]) -> str:
    """Return the call in our order."""
    leading = names[: _LEADING.get(layer, 0)]
    if not leading or any(name not in given for name in leading):
        return ""
    rest = {name: value for name, value in given.items() if name not in leading}
    return _call(layer, [given[name] for name in leading], rest)


def _call(layer: str, args: Sequence[object], given: Mapping[str, object]) -> str:
    words = [*map(shown, args), *(f"{name}={shown(value)}" for name, value in given.items())]
    return f"{layer}({', '.join(words)})"
