"""How tensors join: by broadcasting in a sum or product, with equal sizes in a concatenation.

Run with batches of 1, 2 and 8 in PyTorch 2.13.0 (`+`), Keras 3.15.1 (Add, Multiply, Subtract,
Average and Maximum, symbolic and eager, on JAX and on TensorFlow 2.21.0), TensorFlow 2.21.0 (`+`,
eager and in a graph) and JAX 0.10.2 (`+`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.axes import Axis, Combination
from poolviz.arithmetic.layers.network_layers import Add, Concatenate
from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.arithmetic.network.failures import FailureKind, ForwardStopped, Problem
from poolviz.arithmetic.network.feature_map import FeatureMap, NetworkConfig
from poolviz.arithmetic.open_size import OpenSize, differ, has_open

Shape = tuple[int, ...]


def broadcast_size(sizes: Iterable[int]) -> int | None:
    """Common size along one axis, a size of 1 being stretched; None if they do not match.

    >>> broadcast_size([8, 1]), broadcast_size([0, 1]), broadcast_size([8, 4])
    (8, 0, None)
    """
    given = list(sizes)
    # Not by the largest size: a 0 beside a 1 gives 0, in NumPy and in every framework.
    stretched = set(given) - {1}
    if has_open(given):  # it may be 1, or the size of the others
        known = {size for size in stretched if type(size) is not OpenSize}
        return None if len(known) > 1 else next(iter(known), OpenSize())
    return None if len(stretched) > 1 else next(iter(stretched), 1)


def broadcast_shapes(shapes: Sequence[Shape], framework: str) -> Shape | None:
    """Shape of the sum of tensors, without the batch; None if the framework raises an error.

    NumPy aligns shapes at their last axis, so in a sum of tensors of different rank the batch of
    one is aligned with an axis of another, which fits only for some batch sizes: an error here.
    The merging layers of Keras, also those of tf.keras, insert the missing axes after the batch
    instead.

    >>> broadcast_shapes([(3, 8, 1), (3, 1, 8)], "pytorch")
    (3, 8, 8)
    >>> [broadcast_shapes([(8, 8, 3), (3,)], name) for name in ("keras", "jax")]
    [(8, 8, 3), None]
    """
    rank = max(map(len, shapes))
    if min(map(len, shapes)) < rank and not FRAMEWORKS[framework].adds_across_ranks:
        return None
    # The batch is no part of these shapes, so what is missing is inserted behind it, as Keras does.
    aligned = ((1,) * (rank - len(shape)) + tuple(shape) for shape in shapes)
    found = tuple(
        size for axis in zip(*aligned, strict=True) if (size := broadcast_size(axis)) is not None
    )
    return found if len(found) == rank else None


def joined(
    kind: type[Add] | type[Concatenate] | Combination,
    maps: Sequence[FeatureMap],
    config: NetworkConfig,
) -> FeatureMap:
    """Return the output of a layer that joins branches.

    Raises ForwardStopped where the branches do not match.
    """
    shapes = tuple(map(config.shape, maps))
    if isinstance(kind, Combination):
        return config.flow(_combined(kind, shapes))
    if len({len(shape) for shape in shapes}) > 1:
        return _across_ranks(kind, shapes, config)
    sizes = _sizes(kind, maps, shapes, config)
    channels = [each.channels for each in maps]
    if kind is Concatenate:
        return FeatureMap(sum(channels), sizes)
    common = broadcast_size(channels)
    if common is None and not config.sizes_only:
        raise ForwardStopped(Problem(kind=FailureKind.BRANCH_CHANNELS, shapes=shapes))
    return FeatureMap(max(channels) if common is None else common, sizes)


def _combined(how: Combination, shapes: tuple[Shape, ...]) -> Shape:
    """Return the shape of a combination; stops where axes that have to be equal differ."""

    def size(axis: Axis) -> int:
        if axis.branch >= len(shapes) or axis.axis > len(shapes[axis.branch]):
            counts = tuple(len(each) - 1 for each in shapes)
            raise ForwardStopped(
                Problem(kind=FailureKind.AXES, shapes=shapes, expected=counts[:1], got=counts[1:])
            )
        return axis.of(shapes[axis.branch][axis.axis - 1])

    if any(differ(size(one), size(other)) for one, other in how.equal):
        raise ForwardStopped(Problem(kind=FailureKind.FACTORS, shapes=shapes))
    return tuple(
        entry
        if isinstance(entry, int)
        else size(entry)
        if isinstance(entry, Axis)
        else sum(map(size, entry))
        for entry in how.shape
    )


def _sizes(
    kind: type[Add] | type[Concatenate],
    maps: Sequence[FeatureMap],
    shapes: tuple[Shape, ...],
    config: NetworkConfig,
) -> Shape:
    """Return the sizes that branches share; stops where they differ."""
    columns = list(zip(*(each.sizes for each in maps), strict=True))
    # A sum stretches a size of 1; a concatenation never does, on any axis but its own.
    common = [broadcast_size(column) if kind is Add else _equal(column) for column in columns]
    wrong = [axis for axis, size in enumerate(common) if size is None]
    if not wrong:
        return tuple(size for size in common if size is not None)
    # A search for the size at which branches match goes on past those that do not match yet.
    if config.meets_any_size and config.strict_axis not in wrong:
        return tuple(map(min, columns))
    axes = tuple(AXIS_NAMES[len(columns)][axis] for axis in wrong)
    raise ForwardStopped(Problem(kind=FailureKind.BRANCH_SIZES, shapes=shapes, axes=axes))


def _equal(sizes: Sequence[int]) -> int | None:
    known = {size for size in sizes if type(size) is not OpenSize}
    return None if len(known) > 1 else next(iter(known), sizes[0])


def _across_ranks(
    kind: type[Add] | type[Concatenate], shapes: tuple[Shape, ...], config: NetworkConfig
) -> FeatureMap:
    """Return the sum of tensors with different numbers of axes, where the framework has one."""
    shape = broadcast_shapes(shapes, config.framework) if kind is Add else None
    if shape is None:
        counts = tuple(len(each) - 1 for each in shapes)
        raise ForwardStopped(
            Problem(kind=FailureKind.AXES, shapes=shapes, expected=counts[:1], got=counts[1:])
        )
    return config.flow(shape)
