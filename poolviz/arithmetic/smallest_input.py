"""The smallest input that a whole stack takes, axis by axis, found by search and then run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from math import lcm, prod

from poolviz.arithmetic.convolutions import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layer_rules import Setting
from poolviz.arithmetic.layers import AxisParameters, Pool
from poolviz.arithmetic.operations import (
    AdaptivePool,
    Add,
    Concatenate,
    Crop,
    Flatten,
    GlobalPool,
    Layer,
    Linear,
    Named,
    Permute,
    Reshape,
    Same,
    Upsample,
    ZeroPad,
)
from poolviz.arithmetic.problems import Kind
from poolviz.arithmetic.stack import Walk, walk

LARGEST = 1 << 22  # no axis longer than this is tried
MOST_STEPS = 4096  # sizes tried one by one where only some of them fit a skip connection


def smallest_input(
    layers: tuple[Layer, ...], input_shape: tuple[int, ...], setting: Setting
) -> tuple[int, ...] | None:
    """The smallest spatial size, one entry per axis, that runs through the whole stack.

    One element less on any axis fails. None where no size was found: an argument is refused, the
    channels do not match, or the axes change places (`Permute`).

    A layer alone is monotone: what takes n takes n + 1. So is a chain; the size is found by
    bisection. Where branches meet, only sizes of some remainder fit; those are tried one by one,
    over one period. A dense layer with `in_features` asks for one size: that of its map.

    >>> stack = (Pool(2), Pool(2), Pool(2))
    >>> smallest_input(stack, (3, 5, 5), Setting("pytorch", channels_last=False))
    (8, 8)
    """
    ndim = len(setting.flow(input_shape).sizes)
    if ndim == 0 or _moves_axes(layers):
        return None
    alone = [_on_axis(layers, axis, ndim) for axis in range(ndim)]
    searched: dict[tuple[Layer, ...], int | None] = {}
    for chain in alone:
        if chain not in searched:
            searched[chain] = _smallest_on_one_axis(chain, setting)
    sizes = [searched[chain] for chain in alone]
    if None in sizes:
        return None
    found = tuple(size for size in sizes if size is not None)
    run = partial(_run, layers, input_shape, setting)
    return _verified(run, found) or _for_features(run, alone, found, setting)


def _run(
    layers: tuple[Layer, ...],
    input_shape: tuple[int, ...],
    setting: Setting,
    sizes: tuple[int, ...],
) -> Walk:
    flow = setting.flow(input_shape)._replace(sizes=sizes)
    return walk(layers, setting.shape(flow), setting)


def _verified(run: Callable[[tuple[int, ...]], Walk], sizes: tuple[int, ...]) -> tuple[int, ...] | None:
    """The sizes when they run; one more where a rule looks at several axes at once."""
    for _ in range(8):  # only PyTorch's avg_pool3d has such a rule
        failure = run(sizes).failure
        if failure is None:
            return sizes
        traced = failure.problem.trace
        if traced is None or failure.problem.kind not in (Kind.LIMIT, Kind.NO_WINDOW):
            return None
        names = [axis.name for axis in traced.axes]
        wrong = {names.index(name) for name in failure.problem.axes}
        sizes = tuple(size + (i in wrong) for i, size in enumerate(sizes))
    return None


# --- one axis ------------------------------------------------------------------------------------


def _smallest_on_one_axis(chain: tuple[Layer, ...], setting: Setting) -> int | None:
    strict = Setting(setting.framework, setting.channels_last, sizes_only=True)
    lenient = strict._replace(meets_any_size=True)

    def runs(size: int, rules: Setting) -> bool:
        return walk(chain, rules.shape(rules.flow((1, 1))._replace(sizes=(size,))), rules).failure is None

    least = _bisect(partial(runs, rules=lenient))
    if least is None or runs(least, strict):
        return least
    last = min(least + _period(chain), least + MOST_STEPS)
    return next((size for size in range(least + 1, last) if runs(size, strict)), None)


def _bisect(runs: Callable[[int], bool]) -> int | None:
    """The smallest size ≥ 1 that runs, None when not even `LARGEST` does."""
    high = 1
    while not runs(high):
        if high >= LARGEST:
            return None
        high *= 2
    low = high // 2  # does not run, or is 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if runs(middle) else (middle, high)
    return high


def _period(layers: tuple[Layer, ...]) -> int:
    """So many elements more, and every remainder along the way is the same again."""
    period = 1
    for layer in layers:
        if isinstance(layer, Named):
            layer = layer.layer
        if isinstance(layer, Concatenate | Add):
            period *= lcm(*map(_period, layer.branches))
        elif isinstance(layer, Pool | Conv | DepthwiseConv):
            window = layer if isinstance(layer, Pool) else layer.window
            axis = window.axes(1)[0]
            period *= axis.stride or axis.kernel_size
    return period


# --- a dense layer that wants a number of features -----------------------------------------------


def _for_features(
    run: Callable[[tuple[int, ...]], Walk],
    alone: list[tuple[Layer, ...]],
    least: tuple[int, ...],
    setting: Setting,
) -> tuple[int, ...] | None:
    done = run(least)
    failure = done.failure
    if failure is None or failure.problem.kind is not Kind.FEATURES:
        return None
    place = max((row.index for row in done.rows if isinstance(row.layer, Flatten)), default=None)
    if place is None:
        return None
    channels = setting.flow(done.rows[place].input_shape).channels
    for wanted in _maps_of(failure.problem.expected[0], channels, len(least)):
        sizes = [
            _smallest_giving(chain, target, place, start, setting)
            for chain, target, start in zip(alone, wanted, least, strict=True)
        ]
        known = tuple(size for size in sizes if size is not None)
        if len(known) == len(least) and run(known).failure is None:
            return known
    return None


def _maps_of(features: int, channels: int, ndim: int) -> Iterator[tuple[int, ...]]:
    """Maps with so many features, the squarest first.

    >>> list(_maps_of(12, 2, 2))
    [(2, 3), (3, 2), (1, 6), (6, 1)]
    """
    if channels == 0 or features % channels:
        return
    cells = features // channels
    divisors = [n for n in range(1, min(cells, MOST_STEPS) + 1) if cells % n == 0]
    if ndim == 1:
        yield (cells,)
    elif ndim == 2:
        pairs = [(n, cells // n) for n in divisors]
        yield from sorted(pairs, key=lambda pair: (abs(pair[0] - pair[1]), pair))
    else:
        yield from ((n,) * ndim for n in divisors if n**ndim == cells)


def _smallest_giving(
    chain: tuple[Layer, ...], target: int, place: int, start: int, setting: Setting
) -> int | None:
    """The smallest size for which the map before layer `place` has `target` elements."""
    rules = Setting(setting.framework, setting.channels_last, sizes_only=True)

    def size_before(size: int) -> int:
        done = walk(chain, rules.shape(rules.flow((1, 1))._replace(sizes=(size,))), rules)
        return prod(done.rows[place].input_size) if len(done.rows) > place else 0

    found = _bisect(lambda size: size_before(max(size, start)) >= target)
    if found is None:
        return None
    found = max(found, start)
    return found if size_before(found) == target else None


# --- a stack seen along one axis -----------------------------------------------------------------


def _moves_axes(layers: tuple[Layer, ...]) -> bool:
    for layer in layers:
        if isinstance(layer, Named):
            layer = layer.layer
        if isinstance(layer, Permute):
            return True
        if isinstance(layer, Concatenate | Add) and any(map(_moves_axes, layer.branches)):
            return True
    return False


def _on_axis(layers: tuple[Layer, ...], axis: int, ndim: int) -> tuple[Layer, ...]:
    """The same layers for a map with this axis only; what follows a `Reshape` is cut off."""
    chain: list[Layer] = []
    for layer in layers:
        if isinstance(layer, Named):
            layer = layer.layer
        if isinstance(layer, Reshape):
            break
        chain.append(_layer_on_axis(layer, axis, ndim))
    return tuple(chain)


def _layer_on_axis(layer: Layer, axis: int, ndim: int) -> Layer:
    if isinstance(layer, Concatenate | Add):
        return type(layer)(tuple(_on_axis(branch, axis, ndim) for branch in layer.branches))
    if isinstance(layer, Same | Linear | Flatten | GlobalPool):
        return _plain(layer)
    # A wrong number of axes is for the whole walk to say.
    windowed = isinstance(layer, Conv | DepthwiseConv | ConvTranspose)
    window = layer if isinstance(layer, Pool) else layer.window if windowed else None  # type: ignore[union-attr]
    if window is not None and window.ndim not in (None, 1, ndim):
        return layer
    if isinstance(layer, Pool):
        return _pool_on_axis(layer, layer.axes(ndim)[axis])
    return _other_on_axis(layer, axis, ndim)


def _plain(layer: Same | Linear | Flatten | GlobalPool) -> Layer:
    if isinstance(layer, GlobalPool):
        return GlobalPool(layer.op, layer.keepdims)
    return Linear(1) if isinstance(layer, Linear) else type(layer)()


def _padding_of(axis: AxisParameters) -> str | int | tuple[tuple[int, int]]:
    if isinstance(axis.padding, str):
        return axis.padding
    before, after = axis.padding
    return before if before == after else ((before, after),)


def _pool_on_axis(layer: Pool, axis: AxisParameters) -> Pool:
    return Pool(
        (axis.kernel_size,),
        axis.stride,
        _padding_of(axis),
        axis.dilation,
        layer.ceil_mode,
        layer.op,
        layer.count_include_pad,
        layer.framework,
    )
