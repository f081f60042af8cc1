"""A tensor without numbers: its shape and where it comes from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Shape = tuple[int, ...]


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
    """

    key: int
    root: int
    shape: Shape | None
    framework: str | None = None
    is_expanded: bool = False
    batch_axis: int = 0
    rows: int = 1

    @property
    def sizes(self) -> tuple[int, ...] | None:
        """The shape with the batch in its place."""
        if self.shape is None:
            return None
        return (*self.shape[: self.batch_axis], Batch(self.rows), *self.shape[self.batch_axis :])


def tensors_in(values: Iterable[object]) -> list[SymbolicTensor]:
    """Return the tensors among some values, also inside lists, tuples and dictionaries."""
    found: list[SymbolicTensor] = []
    for value in values:
        if isinstance(value, SymbolicTensor):
            found.append(value)
        elif isinstance(value, list | tuple | dict):
            found += tensors_in(value.values() if isinstance(value, dict) else value)
    return found
