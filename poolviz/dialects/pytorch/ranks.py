"""How many axes each layer and function of PyTorch takes, and what else it does.

Run with torch 2.13.0, on every number of axes from one to five. Shapes here are without the batch.
A layer that also takes one map without a batch reads the batch of such a tensor as its channels.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from poolviz.arithmetic.layers.network_layers import AxisMap
from poolviz.arithmetic.network.feature_map import NetworkConfig
from poolviz.arithmetic.network.forward import forward
from poolviz.dialects.common.axis_maps import kept
from poolviz.dialects.common.vocabulary import CallArgs, Layers, LayerSpec
from poolviz.i18n.phrase import phrase

_CONFIG = NetworkConfig("pytorch", channels_last=False)
_LINEAR = {"linear": 2, "bilinear": 3, "bicubic": 3, "trilinear": 4}


@dataclass(frozen=True, slots=True)
class _Takes:
    """The numbers of axes that a layer takes; of `whole` axes, the batch is read as channels.

    None stands for any number. `error` is raised for another one.
    """

    usual: Collection[int] | None
    error: str = "ValueError"
    whole: int | None = None


def _pooling(ndim: int) -> _Takes:
    return _Takes((ndim + 1,), "RuntimeError", ndim)


def _average(ndim: int) -> _Takes:
    # The 2d average looks for the third axis from behind before it counts them.
    return _Takes((ndim + 1,), "IndexError" if ndim == 2 else "RuntimeError", ndim)


_MAPS: dict[str, Callable[[int], _Takes]] = {
    r"(?:max_pool|MaxPool|adaptive_\w+_pool|Adaptive\w+Pool)(\d)d": _pooling,
    r"(?:avg_pool|AvgPool|lp_pool|LPPool)(\d)d": _average,
    r"(?:Reflection|Replication)Pad(\d)d": lambda n: _Takes((n + 1,), "NotImplementedError", n),
    r"CircularPad(\d)d": lambda n: _Takes((n + 1,), whole=n),
    r"(?:Lazy)?BatchNorm(\d)d": lambda n: _Takes((1, 2) if n == 1 else (n + 1,)),
    r"(?:Lazy)?InstanceNorm(\d)d": lambda n: _Takes((n, n + 1)),
    r"(?:Lazy)?Conv(?:Transpose)?(1)d": lambda n: _Takes((1, 2), "RuntimeError"),
    r"(?:Dropout|dropout)(1)d": lambda n: _Takes((1, 2), "RuntimeError"),
    r"Softmax(2)d": lambda n: _Takes((n, n + 1)),
    r"CrossMapLRN(2)d": lambda n: _Takes((n + 1,)),
}
_OTHERS = {
    "LocalResponseNorm": _Takes(range(2, 9)),
    "local_response_norm": _Takes(range(2, 9)),
}
_ALONG = ("softmax", "log_softmax", "softmin", "flip", "roll", "cumsum", "cumprod", "logcumsumexp")


def checked(name: str, spec: LayerSpec) -> LayerSpec:
    """Return a class or function that checks the number of axes of its input first."""
    if name.lower() in _ALONG or name in ("Softmin", "LogSoftmax"):
        return replace(spec, make=partial(_along, name, spec))
    if name in ("Upsample", "interpolate", "upsample") or name.startswith("Upsampling"):
        return replace(spec, make=partial(_resized, name, spec))
    if constant := re.fullmatch(r"(?:Zero|Constant)Pad(\d)d", name):
        return replace(spec, make=partial(_padded, spec, int(constant[1])))
    found = (
        takes(int(hit[1])) for each, takes in _MAPS.items() if (hit := re.fullmatch(each, name))
    )
    takes = next(found, _OTHERS.get(name))
    return spec if takes is None else replace(spec, make=partial(_checked, name, spec, takes))


def _checked(name: str, spec: LayerSpec, takes: _Takes, given: CallArgs) -> object:
    """Make the layer for a number of axes that it takes; else what PyTorch does instead."""
    rank = None if given.shape is None else len(given.shape)
    if rank is None or takes.usual is None or rank in takes.usual:
        return spec.make(given)
    if _is_mean(name, given):
        return _mean(name, int(name[-2]), rank)
    if rank == takes.whole:
        return _as_one_map(name, spec, given)
    size = given.get("output_size")
    error = takes.error
    if isinstance(size, tuple | list) and rank < len(size):
        error = "ValueError"  # of the sizes, which are completed first
    if error == "IndexError" and rank > max(takes.usual):
        error = "RuntimeError"
    if error == "NotImplementedError" and rank < max(takes.usual) - 2:
        error = "RuntimeError"  # of the padding, which is longer than twice the axes
    return _fails(name, max(takes.usual), rank, error)


def _fails(name: str, wanted: int, rank: int, error: str) -> Layers:
    """Return a layer that takes `wanted` axes, in place of one that gets another number."""
    return (AxisMap(name, wanted, tuple(kept(rank)), error=error),)


def _as_one_map(name: str, spec: LayerSpec, given: CallArgs) -> Layers:
    """Return the sizes that a layer gives, if the batch is the channels of a single map."""
    assert given.shape is not None
    whole = (1, *given.shape)
    layers = spec.make(replace(given, shape=whole))
    done = forward(layers, whole, _CONFIG) if isinstance(layers, tuple) else None
    if done is None or done.failure is not None or not done.outputs:
        raise ValueError(phrase("reading.unread.no_window"))
    only = tuple(enumerate(given.shape, 1))
    return (AxisMap(name, len(given.shape), done.outputs[0][1:], only=only),)


def _is_mean(name: str, given: CallArgs) -> bool:
    """Return whether it averages whole maps, which PyTorch does with as many axes as there are."""
    size = given.get("output_size")
    sizes = size if isinstance(size, tuple | list) else (size,)
    return bool(re.fullmatch("(?i)adaptive_?avg_?pool[23]d", name)) and set(sizes) == {1}


def _mean(name: str, ndim: int, rank: int) -> Layers:
    if rank < ndim:
        raise ValueError(phrase("reading.unread.over_batch", name=name))
    return (AxisMap(name, rank, (*kept(rank - ndim), *(1,) * ndim)),)


def _padded(spec: LayerSpec, ndim: int, given: CallArgs) -> object:
    """Pad the last axes with constants, however many there are before them."""
    rank = ndim + 1 if given.shape is None else len(given.shape)
    if rank == ndim:
        return _as_one_map("pad", spec, given)
    if rank < ndim:
        raise ValueError(phrase("reading.unread.padded_channels", sides=str(given["padding"])))
    layers = spec.make(given)
    more = ((0, 0),) * (rank - 1 - ndim)
    words = ("padding", "cropping")
    return tuple(
        replace(layer, **{word: (*more, *getattr(layer, word))})
        for layer in layers
        for word in words
        if hasattr(layer, word)
    )


def _resized(name: str, spec: LayerSpec, given: CallArgs) -> Any:
    rank = None if given.shape is None else len(given.shape)
    mode = "bilinear" if name == "UpsamplingBilinear2d" else given.get("mode", "nearest")
    wanted = _LINEAR.get(mode)
    sizes = [given.get(word) for word in ("size", "scale_factor")]
    counts = {len(entries) for entries in sizes if isinstance(entries, tuple | list)}
    if rank is not None and counts - {rank - 1}:
        return _fails(name, counts.pop() + 1, rank, "ValueError")
    is_wrong = rank is not None and (rank not in (2, 3, 4) or wanted not in (None, rank))
    if rank is None or not is_wrong or sizes == [None, None]:  # which raises before
        return spec.make(given)
    return _fails(name, wanted or 3, rank, "NotImplementedError")


def _along(name: str, spec: LayerSpec, given: CallArgs) -> object:
    """Apply a function along an axis, which has to exist."""
    axes = given.get("dim", given.get("dims"))
    axes = axes if isinstance(axes, tuple | list) else (axes,)
    count = None if given.shape is None else len(given.shape) + 1
    numbers = [axis for axis in axes if isinstance(axis, int)]
    wrong = [axis for axis in numbers if count is not None and not -count <= axis < count]
    if not wrong or given.shape is None:
        return spec.make(given)
    least = max(wrong[0] + 1, -wrong[0]) - 1
    return _fails(name, least, len(given.shape), "IndexError")
