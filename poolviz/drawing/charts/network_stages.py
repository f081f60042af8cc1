"""The stages of a network: consecutive layers whose feature maps have the same size."""

from __future__ import annotations

from dataclasses import dataclass, replace

from poolviz.arithmetic.network.forward import Row
from poolviz.diagnosis.network.phrases import operation_title
from poolviz.diagnosis.network.root_cause import way_to
from poolviz.diagnosis.network.stack import Stack
from poolviz.diagnosis.phrases import by, number
from poolviz.i18n.catalogue import say

MOST_STAGES = 14  # more would be too narrow to read; the middle is left out


@dataclass(frozen=True, slots=True)
class Stage:
    """Layers `first` to `last`, whose outputs have the same spatial `sizes`, () for vectors.

    `first` is None for the input. `skipped` stages between this one and the next are not drawn.
    """

    sizes: tuple[int, ...]
    channels: int
    made_by: str
    first: int | None
    last: int | None
    shrinks: bool = False
    skipped: int = 0
    channels_before: int = 0  # before the layers that change only these; 0 is "as `channels`"

    @property
    def caption(self) -> str:
        """The size of the map, or the length of the vector."""
        return by(self.sizes) if self.sizes else number(self.channels)


def stages(stack: Stack) -> list[Stage]:
    """Return the input and the stages of all layers that ran."""
    failure = stack.walk.failure
    end = (len(stack.layers),) if failure is None else failure.path
    start = stack.network.config.flow(stack.input_shape)
    found = [Stage(start.sizes, start.channels, say("diagram.input"), None, None)]
    for row in way_to(stack.walk, end):
        if failure is not None and row.index >= failure.index:
            break
        found = _with_row(stack, found, row)
    return _shortened(found)


def _with_row(stack: Stack, found: list[Stage], row: Row) -> list[Stage]:
    before = found[-1]
    channels = stack.network.config.flow(row.output_shape).channels
    is_same = row.output_size == before.sizes and (before.sizes or channels == before.channels)
    if is_same:
        first = before.channels_before or before.channels
        found[-1] = replace(before, channels=channels, last=row.index, channels_before=first)
        return found
    title = operation_title(row.layer, len(row.input_size)).partition(", ")[0]
    shrinks = bool(row.output_size) and _cells(row.output_size) < _cells(before.sizes)
    found.append(Stage(row.output_size, channels, title, row.index, row.index, shrinks))
    return found


def _cells(sizes: tuple[int, ...]) -> int:
    cells = 1
    for size in sizes:
        cells *= size
    return cells


def _shortened(found: list[Stage]) -> list[Stage]:
    if len(found) <= MOST_STAGES:
        return found
    head, tail = found[: MOST_STAGES // 2], found[-(MOST_STAGES // 2) :]
    skipped = len(found) - len(head) - len(tail)
    return [*head[:-1], replace(head[-1], skipped=skipped), *tail]
