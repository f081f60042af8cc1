"""A tensor without numbers: its shape and where it comes from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from poolviz.arithmetic.network.broadcasting import Shape
from poolviz.arithmetic.open_size import differ

MOST_LEAVES = 20_000  # values that are looked at in nested lists
_HOLDING = frozenset({list, tuple, dict, set})


class Batch(int):
    """Size of the batch: one sample represents any number of them.

    An integer, because PyTorch's functions accept nothing else as a size: the number of entries
    that one sample has in the batch (`b * t` for t frames of a video).
    """

    def __repr__(self) -> str:
        return "the batch"

    __str__ = __repr__


BATCH = Batch(1)


@dataclass(frozen=True, slots=True)
class SymbolicTensor:
    """A tensor in a network: its shape and its place in the graph.

    Attributes
    ----------
    key
        Number of the step that makes it; later tensors have larger ones.
    root
        Key of the input that it is computed from.
    shape
        Without the batch; None where it is not known.
    framework
        None for data that no framework has taken yet.
    is_expanded
        Whether it is repeated along axes of one element, as a sum does by itself.
    batch_axis
        Where the batch is among the axes.
    rows
        Number of entries that one sample has in the batch.
    strides
        Where its elements lie in memory, with the batch first; () where that is unknown, None for
        a contiguous tensor (`memory_layout`).
    is_discrete
        Whether it holds truth values or integers, which most layers reject.
    """

    key: int
    root: int
    shape: Shape | None
    framework: str | None = None
    is_expanded: bool = False
    batch_axis: int = 0
    rows: int = 1
    strides: tuple[int, ...] | None = None
    is_discrete: bool = False

    @property
    def sizes(self) -> tuple[int, ...] | None:
        """The shape with the batch in its place."""
        if self.shape is None:
            return None
        return (*self.shape[: self.batch_axis], Batch(self.rows), *self.shape[self.batch_axis :])


_COMPARED = (
    "eq ne lt gt le ge equal not_equal less greater less_equal greater_equal isnan isinf isfinite "
    "logical_and logical_or logical_xor logical_not noteq lte gte bool long int argmax argmin"
)
COMPARING = frozenset(_COMPARED.split())
_TO_FLOAT = frozenset({"float", "double", "half", "bfloat16"})


def of_dtype(name: str, result: object, given: Iterable[object] = ()) -> Any:
    """Return the result of a function, marked by its dtype where the function decides that."""
    if not isinstance(result, SymbolicTensor):
        return result
    if name.lower() in COMPARING:
        return replace(result, is_discrete=True)
    words = " ".join(map(str, given)) if name in ("to", "type", "astype", "cast") else ""
    is_float = name in _TO_FLOAT or "float" in words
    return replace(result, is_discrete=False) if is_float else result


def squeezes(shape: Shape, wanted: Shape) -> bool:
    """Return whether a model of Keras drops, or adds, a last axis of 1 of its input.

    Keras 3.15.1 does so with data, while the output of the built model is that of the other shape.

    >>> squeezes((8, 1), (8,)), squeezes((8, 2), (8,)), squeezes((8,), (8, 1))
    (True, False, True)
    """
    short, long = sorted((shape, wanted), key=len)
    is_longer = len(long) == len(short) + 1 and not differ(long[-1], 1)
    return is_longer and not any(map(differ, short, long))


def in_place(result: Any, target: Any) -> Any:
    """Return the result of `target += …`, which lies in the memory of the target."""
    are_tensors = isinstance(result, SymbolicTensor) and isinstance(target, SymbolicTensor)
    return replace(result, strides=target.strides) if are_tensors else result


def leaves(values: Iterable[Any]) -> list[object]:
    """Return some values in order, and those inside lists, tuples and dictionaries in their place.

    The first `MOST_LEAVES` only: `[[0] * 1000] * 1000`, or a list that holds itself, never ends.

    >>> leaves([1, [2, {"a": 3}]])
    [1, 2, 3]
    """
    found: list[Any] = []
    open_values = [iter(values)]
    left = MOST_LEAVES
    while open_values and left > 0:
        for value in open_values[-1]:
            left -= 1
            if type(value) in _HOLDING:
                open_values.append(iter(value.values() if type(value) is dict else value))
                break
            found.append(value)
            if left <= 0:
                break
        else:
            open_values.pop()
    return found


def tensors_in(values: Iterable[object]) -> list[SymbolicTensor]:
    """Return the tensors among some values, also inside lists, tuples and dictionaries."""
    return [value for value in leaves(values) if isinstance(value, SymbolicTensor)]
