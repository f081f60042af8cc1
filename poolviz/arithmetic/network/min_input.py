"""The smallest input that a whole network accepts, found by search and then run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from math import lcm

from poolviz.arithmetic.layers.conv import Conv, DepthwiseConv
from poolviz.arithmetic.layers.network_layers import (
    Flatten,
    Input,
    Layer,
    Reshape,
    bare,
    branches_of,
)
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.network.failures import FailureKind
from poolviz.arithmetic.network.forward import ForwardPass, Network
from poolviz.arithmetic.open_size import has_open

LONGEST_AXIS = 1 << 22  # no axis longer than this is tried
MOST_STEPS = 4096  # sizes tried one by one where only some of them fit a skip connection
LEAST_STEPS = 64  # but at least this many
MOST_WORK = 100_000  # layers that are run while sizes are tried one by one

Sizes = tuple[int, ...]


@lru_cache(maxsize=64)
def smallest_input(network: Network) -> Sizes | None:
    """Return the smallest spatial size that runs through the whole network, per axis.

    One element less on any axis fails. None where no size was found: an argument is rejected, the
    channels do not match, the network is not known to its end or for this size only, or another
    input has sizes too.

    A layer, and so a chain of layers, is monotone: if n runs, n + 1 runs. Its size is found by
    bisection, while the other axes are so long that they cannot fail. Where branches join, only
    sizes with some remainder fit; these are tried one by one, over one period. A dense layer with
    `in_features` requires one size, that of its feature map. The result is run before it is
    returned.

    >>> from poolviz.arithmetic.network.feature_map import NetworkConfig
    >>> config = NetworkConfig("pytorch", channels_last=False)
    >>> smallest_input(Network((Pool(2), Pool(2), Pool(2)), (3, 5, 5), config))
    (8, 8)
    """
    if network.ends_early or network.is_for_one_size or _has_more_maps(network.layers):
        return None
    if any(has_open(row.input_shape) and _checks(row.layer) for row in network.done.rows):
        return None
    search = _Search(network)
    found: list[int] = []
    for axis in range(search.ndim):
        size = search.smallest(axis, found[-1] if found else None)
        if size is None:
            return None
        found.append(size)
    if not found:
        return None
    return search.verified(tuple(found)) or search.for_features(tuple(found))


def _has_more_maps(layers: tuple[Layer, ...]) -> bool:
    """Return whether the network has another input with spatial axes."""
    return any(
        any(map(_has_more_maps, branches_of(layer)))
        or (isinstance(layer, Input) and layer.kind == "input" and len(layer.shape) > 1)
        for layer in map(bare, layers)
    )


def _checks(layer: Layer) -> bool:
    """Return whether a layer accepts one number of features only."""
    return isinstance(layer, Reshape) or getattr(layer, "in_features", None) is not None


def nearest_input(network: Network, step: int) -> Sizes | None:
    """Return a size near the given one, upwards (step 1) or downwards (−1), that runs, or None.

    For branches that join: only some sizes give them the same number of elements.
    """
    if network.is_for_one_size:
        return None
    search = _Search(network)
    sizes = [search.nearest(axis, size, step) for axis, size in enumerate(network.input_size)]
    found = tuple(size for size in sizes if size is not None)
    if not found or len(found) < search.ndim:
        return None
    return search.verified(found)


class _Search:
    """Runs one stack on inputs of many sizes."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.config = network.config
        self.ndim = len(network.input_size)
        self.period = _period(network.layers)
        # Number of sizes that are tried one by one: fewer for a deep network.
        rows = max(1, len(network.done.rows))
        self.most = min(self.period, MOST_STEPS, max(LEAST_STEPS, MOST_WORK // rows))
        # The search compares sizes only; channels and features are checked in the last run.
        lenient = self.config._replace(sizes_only=True, meets_any_size=True)
        self.sizes_only = Network(network.layers, network.input_shape, lenient)

    def run(self, sizes: Sizes, network: Network) -> ForwardPass:
        """The forward pass on an input of these sizes."""
        flow = self.config.flow(network.input_shape)
        return network.with_input(self.config.shape(flow._replace(sizes=sizes))).done

    def _with(self, axis: int, size: int, strict: bool = False) -> ForwardPass:
        sizes = tuple(size if i == axis else LONGEST_AXIS for i in range(self.ndim))
        if not strict:
            return self.run(sizes, self.sizes_only)
        # Along this axis alone: the others are too long to say anything about sizes that join.
        config = self.sizes_only.config._replace(strict_axis=axis)
        return self.run(sizes, replace(self.sizes_only, config=config))

    def _holds(self, axis: int, size: int) -> bool:
        """Return whether no layer runs out of elements."""
        return self._with(axis, size).failure is None

    def _fits(self, axis: int, size: int) -> bool:
        """Return whether also the branches that join have the same size."""
        return self._with(axis, size, strict=True).failure is None

    def smallest(self, axis: int, guess: int | None) -> int | None:
        """Return the smallest size of one axis, or None; axes often need the same."""
        if guess is not None and self._is_smallest(axis, guess):
            return guess
        least = _bisect(lambda size: self._holds(axis, size))
        if least is None:
            return None
        # One period has every remainder: where none of its sizes joins, no larger one does.
        sizes = range(least, least + self.most)
        return next((size for size in sizes if self._fits(axis, size)), None)

    def _is_smallest(self, axis: int, size: int) -> bool:
        return size > 1 and self._fits(axis, size) and not self._holds(axis, size - 1)

    def nearest(self, axis: int, size: int, step: int) -> int | None:
        """Return the first size of one axis that fits, from `size` on; a later one if it is far."""
        near = range(size, max(0, size + step * min(self.most, LEAST_STEPS)), step)
        found = next((size for size in near if self._fits(axis, size)), None)
        if found is not None:
            return found
        least = self.smallest(axis, None)
        apart = None if least is None else self._apart(axis, least)
        if least is None or apart is None:
            return None
        # Far from the given size: those that fit are `apart` elements from each other.
        count = (size - least) // apart + (1 if step > 0 else 0)
        far = least + max(0, count) * apart
        return far if self._fits(axis, far) and (far - size) * step >= 0 else None

    def _apart(self, axis: int, least: int) -> int | None:
        """Distance of two sizes that fit: a divisor of the period."""
        divisors = (n for n in range(1, MOST_STEPS + 1) if self.period % n == 0)
        return next((n for n in divisors if self._fits(axis, least + n)), None)

    def verified(self, sizes: Sizes) -> Sizes | None:
        """Return the sizes if they run; larger ones where a rule compares several axes."""
        for _ in range(8):  # enough: only PyTorch's avg_pool3d has such a rule
            failure = self.run(sizes, self.network).failure
            if failure is None:
                return sizes
            traced = failure.problem.trace
            if traced is None:
                return None
            names = [axis.name for axis in traced.axes]
            wrong = {names.index(name) for name in failure.problem.axes}
            sizes = tuple(size + (i in wrong) for i, size in enumerate(sizes))
        return None

    def for_features(self, least: Sizes) -> Sizes | None:
        """Sizes that give a dense layer the features that it was built for."""
        done = self.run(least, self.network)
        failure = done.failure
        flat = [row for row in done.rows if isinstance(row.layer, Flatten)]
        if failure is None or failure.problem.kind is not FailureKind.FEATURES or not flat:
            return None
        channels = self.config.flow(flat[-1].input_shape).channels
        for wanted in maps_of(failure.problem.expected[0], channels, len(flat[-1].input_size)):
            found = self._giving(wanted, flat[-1].index, least)
            if found is not None and self.run(found, self.network).failure is None:
                return found
        return None

    def _giving(self, wanted: Sizes, place: int, least: Sizes) -> Sizes | None:
        """Return the smallest sizes for which the input of layer `place` is `wanted`."""
        if len(wanted) != self.ndim:
            return None
        found = []
        for axis, target in enumerate(wanted):
            # The map grows with the input, but perhaps in steps that pass the target.
            size = _bisect(lambda size, a=axis, t=target: self._before(place, a, size) >= t)  # type: ignore[misc]
            size = None if size is None else max(size, least[axis])
            if size is None or self._before(place, axis, size) != target:
                return None
            found.append(size)
        return tuple(found)

    def _before(self, place: int, axis: int, size: int) -> int:
        rows = self._with(axis, size).rows
        return rows[place].input_size[axis] if len(rows) > place else 0


def _bisect(runs: Callable[[int], bool]) -> int | None:
    """Return the smallest size ≥ 1 that runs, None when not even `LONGEST_AXIS` does."""
    high = 1
    while not runs(high):
        if high >= LONGEST_AXIS:
            return None
        high *= 2
    low = high // 2  # does not run, or is 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if runs(middle) else (middle, high)
    return high


def _period(layers: tuple[Layer, ...]) -> int:
    """Number of input elements after which every remainder along the way repeats."""
    # Strides behind one another multiply, those of branches meet at their common multiple.
    period = 1
    for layer in map(bare, layers):
        if branches := branches_of(layer):
            period *= lcm(*map(_period, branches))
        elif isinstance(layer, Pool | Conv | DepthwiseConv):
            window = layer if isinstance(layer, Pool) else layer.window
            axes = window.axes(window.ndim or 1)
            period *= lcm(*(axis.stride or axis.kernel_size for axis in axes))
    return period


def maps_of(features: int, channels: int, ndim: int) -> Iterator[Sizes]:
    """Feature maps with this number of features, the squarest first.

    >>> list(maps_of(12, 2, 2))
    [(2, 3), (3, 2), (1, 6), (6, 1)]
    """
    if channels == 0 or has_open((features, channels)) or features % channels:
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
