"""PyTorch: functions and methods that take, drop, cut or repeat axes → layers.

Read off torch 2.13.0, and run with it. The tensor itself is not an argument here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from math import prod

from poolviz.arithmetic.layers.axes import Axis
from poolviz.arithmetic.layers.network_layers import Identity
from poolviz.dialects.common.axis_maps import (
    axis_map,
    equal_counts,
    expanded,
    in_parts,
    kept,
    known,
    repeated,
    sample_axis,
    taken_apart,
    without_axes,
)
from poolviz.dialects.common.vocabulary import (
    CallArgs,
    Layers,
    LayerSpec,
    Part,
    Parts,
    each,
    place,
    word,
)
from poolviz.i18n.phrase import phrase


def _reduced(name: str, given: CallArgs) -> Layers:
    return without_axes(name, given.get("dim"), bool(given.get("keepdim")), given.shape, False)


def _with_indices(name: str, given: CallArgs) -> Parts:
    """Values and indices; along one axis."""
    if not isinstance(given.get("dim"), int):
        raise ValueError(phrase("reading.unread.over_batch", name=name))
    return Parts(_reduced(name, given), (Part(), Part()))


def _smallest(given: CallArgs) -> Parts:
    """The k-th smallest along one axis, which has to be so long."""
    sizes, axis = known(given.shape), given.get("dim", -1)
    if not 1 <= given["k"] <= sizes[sample_axis(axis, sizes) - 1]:
        raise ValueError(phrase("reading.unread.no_size"))
    return _with_indices("kthvalue", given)


def _top(given: CallArgs) -> Parts:
    sizes, count = known(given.shape), given["k"]
    axis = sample_axis(given.get("dim", -1), sizes)
    if not 0 <= count <= sizes[axis - 1]:
        raise ValueError(phrase("reading.unread.no_size"))
    entries = kept(len(sizes))
    entries[axis - 1] = count
    return Parts(axis_map("topk", sizes, entries), (Part(), Part()))


def _sorted(given: CallArgs) -> Parts:
    sample_axis(given.get("dim", -1), known(given.shape))
    return Parts((), (Part(), Part()))


def _chunk(given: CallArgs) -> Parts:
    sizes, axis = known(given.shape), given.get("dim", 0)
    size = sizes[sample_axis(axis, sizes) - 1]
    # torch.chunk makes parts of ⌈n/chunks⌉ elements, so there can be fewer than `chunks`.
    each_ = -(-size // max(1, given["chunks"]))
    return in_parts("chunk", axis, equal_counts(size, each_), sizes)


def _split(given: CallArgs) -> Parts:
    sizes, axis = known(given.shape), given.get("dim", 0)
    counts = given["split_size_or_sections"]
    if isinstance(counts, int):
        counts = equal_counts(sizes[sample_axis(axis, sizes) - 1], counts)
    return in_parts("split", axis, counts, sizes)


def _unbind(given: CallArgs) -> Parts:
    return taken_apart("unbind", given.get("dim", 0), given.shape)


def _selected(given: CallArgs) -> Layers:
    sizes = known(given.shape)
    axis = sample_axis(given["dim"], sizes)
    place(given["index"], sizes[axis - 1])
    return axis_map("select", sizes, [e for e in kept(len(sizes)) if e != Axis(axis)])


def _narrowed(given: CallArgs) -> Layers:
    sizes, start, length = known(given.shape), given["start"], given["length"]
    axis = sample_axis(given["dim"], sizes)
    if not 0 <= start <= start + length <= sizes[axis - 1]:
        raise ValueError(phrase("reading.unread.no_size"))
    entries = kept(len(sizes))
    entries[axis - 1] = length
    return axis_map("narrow", sizes, entries, only=((axis, sizes[axis - 1]),))


def _repeat(name: str, given: CallArgs) -> Layers:
    return repeated(name, given["sizes"], given.shape)


def _tile(given: CallArgs) -> Layers:
    sizes, times = known(given.shape), tuple(given["dims"])
    return repeated("tile", (1,) * (len(sizes) + 1 - len(times)) + times, sizes)


def _interleaved(given: CallArgs) -> Layers:
    sizes, times = known(given.shape), given["repeats"]
    if not isinstance(times, int) or given.get("dim") is None:
        raise ValueError(phrase("reading.unread.repeats_batch", name="repeat_interleave"))
    axis = sample_axis(given["dim"], sizes)
    return repeated(
        "repeat_interleave",
        [1, *(times if i == axis else 1 for i in range(1, len(sizes) + 1))],
        sizes,
    )


def _expand(given: CallArgs) -> Layers:
    return expanded("expand", given["sizes"][1:], given.shape)


def _kept_along(name: str, given: CallArgs) -> Layers:
    """Keep the shape; the axis has to exist."""
    if given.shape is not None and given.get("dim") is not None:
        place(given["dim"], len(given.shape) + 1)
    return (Identity(name),)


def _glu(given: CallArgs) -> Layers:
    sizes = known(given.shape)
    axis = sample_axis(given.get("dim", -1), sizes)
    entries = kept(len(sizes))
    entries[axis - 1] = Axis(axis, over=2)
    return axis_map("GLU", sizes, entries)


def shuffled(factor_name: str, given: CallArgs) -> Layers:
    """PixelShuffle: C·r² × H × W → C × H·r × W·r."""
    factor = given[factor_name]
    sizes = known(given.shape)
    if len(sizes) < 3 or factor < 1:
        raise ValueError(phrase("reading.unread.no_map", name="PixelShuffle", shape=str(sizes)))
    front, rank = kept(len(sizes))[:-3], len(sizes)
    return axis_map(
        "PixelShuffle",
        sizes,
        [
            *front,
            Axis(rank - 2, over=factor**2),
            Axis(rank - 1, times=factor),
            Axis(rank, times=factor),
        ],
    )


def unshuffled(given: CallArgs) -> Layers:
    """PixelUnshuffle: C × H·r × W·r → C·r² × H × W."""
    factor = given["downscale_factor"]
    sizes = known(given.shape)
    if len(sizes) < 3 or factor < 1:
        raise ValueError(phrase("reading.unread.no_map", name="PixelUnshuffle", shape=str(sizes)))
    rank = len(sizes)
    return axis_map(
        "PixelUnshuffle",
        sizes,
        [
            *kept(rank)[:-3],
            Axis(rank - 2, times=factor**2),
            Axis(rank - 1, over=factor),
            Axis(rank, over=factor),
        ],
    )


def channel_shuffled(given: CallArgs) -> Layers:
    """ChannelShuffle keeps the shape; the groups have to divide the channels."""
    sizes, groups = known(given.shape), given["groups"]
    if groups < 1 or sizes[0] % groups or len(sizes) < 2:
        raise ValueError(phrase("reading.unread.groups", channels=sizes[0], groups=groups))
    return (Identity("ChannelShuffle"),)


def _window_counts(sizes: Sequence[int], given: CallArgs) -> list[int]:
    numbers = [
        each(given.get(name, default), 2)
        for name, default in (("kernel_size", None), ("dilation", 1), ("padding", 0), ("stride", 1))
    ]
    counts = [
        (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
        for size, kernel, dilation, padding, stride in zip(sizes, *numbers, strict=True)
    ]
    if min(counts) < 1:
        raise ValueError(phrase("reading.unread.no_window"))
    return counts


def unfolded(given: CallArgs) -> Layers:
    """Windows as columns: C × H × W → C·k·k × windows."""
    sizes = known(given.shape)
    if len(sizes) != 3:
        raise ValueError(phrase("reading.unread.no_map", name="unfold", shape=str(sizes)))
    kernel = each(given["kernel_size"], 2)
    # A plain number: with other sizes it is another one, so `only` holds these.
    windows = prod(_window_counts(sizes[1:], given))
    only = ((2, sizes[1]), (3, sizes[2]))
    return axis_map("unfold", sizes, [Axis(1, times=prod(kernel)), windows], only=only)


def folded(given: CallArgs) -> Layers:
    """Sum columns into a map: C·k·k × windows → C × H × W."""
    sizes, out = known(given.shape), each(given["output_size"], 2)
    kernel = each(given["kernel_size"], 2)
    windows = prod(_window_counts(out, given))
    if len(sizes) != 2 or sizes[1] != windows or sizes[0] % prod(kernel):
        raise ValueError(phrase("reading.unread.no_map", name="fold", shape=str(sizes)))
    return axis_map("fold", sizes, [Axis(1, over=prod(kernel)), *out], only=((2, windows),))


def unpooled(ndim: int, given: CallArgs) -> Layers:
    """MaxUnpool: (n − 1)·stride − 2·padding + kernel elements per axis, or the given size."""
    sizes = known(given.shape)
    if len(sizes) != ndim + 1:
        raise ValueError(phrase("reading.unread.no_map", name="MaxUnpool", shape=str(sizes)))
    kernel = each(given["kernel_size"], ndim)
    stride = kernel if given.get("stride") is None else each(given["stride"], ndim)
    padding = each(given.get("padding", 0), ndim)
    numbers = list(zip(kernel, stride, padding, strict=True))
    usual = [Axis(axis, times=s, plus=k - s - 2 * p) for axis, (k, s, p) in enumerate(numbers, 2)]
    wanted = given.get("output_size")
    if wanted is None:
        return axis_map("MaxUnpool", sizes, [Axis(1), *usual])
    size = tuple(wanted)[-ndim:]
    for axis, (entry, (_, s, _p)) in enumerate(zip(usual, numbers, strict=True), 1):
        # Several input sizes pool to this one; they differ by less than a stride.
        if not abs(size[axis - 1] - entry.of(sizes[axis])) < s:
            raise ValueError(phrase("reading.unread.no_size"))
    return axis_map("MaxUnpool", sizes, [Axis(1), *size], only=tuple(enumerate(sizes, 1))[1:])


def _unflattened(given: CallArgs) -> Layers:
    sizes = known(given.shape)
    axis = sample_axis(given["dim"], sizes)
    parts = list(given["sizes"])
    free, count = prod(n for n in parts if n != -1), sizes[axis - 1]
    if free < 1 or count % free or (-1 not in parts and free != count):
        raise ValueError(phrase("reading.unread.view_elements", shape=str(tuple(parts))))
    parts = [count // free if n == -1 else n for n in parts]
    entries = kept(len(sizes))
    return axis_map(
        "unflatten", sizes, [*entries[: axis - 1], *parts, *entries[axis:]], only=((axis, count),)
    )


def _identity(name: str, given: CallArgs) -> Layers:
    return (Identity(name),)


_OVER_AXES = "mean amax amin sum nansum nanmean prod std var logsumexp all any norm count_nonzero"
_ALONG = {
    "cumsum": "dim dtype",
    "cumprod": "dim dtype",
    "logcumsumexp": "dim",
    "softmin": "dim _stacklevel dtype",
    "flip": "*dims",
    "roll": "shifts dims",
}
_ONE_AXIS = "max min median mode"
_SAME = (
    "abs exp log log2 log1p sqrt rsqrt square clamp clip round floor ceil sin cos erf sign neg "
    "reciprocal expm1 nan_to_num masked_fill tril triu logical_not bool long int clamp_min "
    "clamp_max exp_ clamp_ requires_grad_ type_as zero_ fill_ normal_ uniform_ tan atan sinh cosh "
    "asinh acosh atanh isnan isfinite isinf threshold hardshrink softshrink tanhshrink bernoulli "
    "feature_alpha_dropout rrelu logit positive absolute zeros_like ones_like randn_like rand_like "
    "empty_like full_like eq ne lt gt le ge alias detach_ bfloat16 retain_grad masked_fill_ "
    "stochastic_depth numpy"
)


_REDUCING = {"norm": "p dim keepdim", "std": "dim unbiased keepdim", "var": "dim unbiased keepdim"}


def axis_functions() -> Iterator[tuple[str, LayerSpec]]:
    """Yield the functions, with their names."""
    for name in _OVER_AXES.split():
        words = _REDUCING.get(name, "dim keepdim dtype")
        yield name, word(words, partial(_reduced, name))
    for name in _ONE_AXIS.split():
        yield name, word("dim keepdim", partial(_with_indices, name))
    for name in ("argmax", "argmin"):
        yield name, word("dim keepdim", partial(_reduced, name))
    for name, words in _ALONG.items():
        yield name, word(words, partial(_identity, name))
    for name in _SAME.split():
        yield name, word("*ignored", lambda given: ())
    yield "topk", word("k dim largest sorted", _top)
    yield "sort", word("dim descending stable", _sorted)
    yield "argsort", word("dim descending stable", partial(_kept_along, "argsort"))
    yield "chunk", word("chunks dim", _chunk)
    yield "split", word("split_size_or_sections dim", _split)
    yield "unbind", word("dim", _unbind)
    yield "select", word("dim index", _selected)
    yield "narrow", word("dim start length", _narrowed)
    yield "repeat", word("*sizes", partial(_repeat, "repeat"))
    yield "tile", word("*dims", _tile)
    yield "repeat_interleave", word("repeats dim output_size", _interleaved)
    yield "expand", word("*sizes", _expand)
    yield "glu", word("dim", _glu)
    yield "unflatten", word("dim sizes", _unflattened)
    yield "pixel_shuffle", word("upscale_factor", partial(shuffled, "upscale_factor"))
    yield "pixel_unshuffle", word("downscale_factor", unshuffled)
    yield "channel_shuffle", word("groups", channel_shuffled)
    yield "unfold", word("kernel_size dilation padding stride", unfolded)
    yield "fold", word("output_size kernel_size dilation padding stride", folded)
    yield "kthvalue", word("k dim keepdim", _smallest)


def axis_classes() -> Iterator[tuple[str, LayerSpec]]:
    """Yield the classes of `torch.nn` that do the same."""
    yield "PixelShuffle", word("upscale_factor", partial(shuffled, "upscale_factor"))
    yield "PixelUnshuffle", word("downscale_factor", unshuffled)
    yield "ChannelShuffle", word("groups", channel_shuffled)
    yield "GLU", word("dim", _glu)
    yield "Unfold", word("kernel_size dilation padding stride", unfolded)
    yield "Fold", word("output_size kernel_size dilation padding stride", folded)
    for ndim in (1, 2, 3):
        words = "kernel_size stride padding"
        yield f"MaxUnpool{ndim}d", word(words, partial(unpooled, ndim))


AXIS_FUNCTIONS: Mapping[str, LayerSpec] = dict(axis_functions())
AXIS_CLASSES: Mapping[str, LayerSpec] = dict(axis_classes())
