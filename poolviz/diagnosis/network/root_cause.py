"""Root causes of a failure: the layers before it that made the feature map small."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from poolviz.arithmetic.layers.network_layers import Input, Permute, Reshape, branches_of
from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.arithmetic.network.forward import SIDE, Failure, ForwardPass, Path, Row
from poolviz.diagnosis.network.candidate_fixes import row_label
from poolviz.diagnosis.phrases import ELEMENTS, axis_word, axis_words, count, joined, number
from poolviz.i18n.catalogue import say
from poolviz.i18n.phrase import Words

MOST_NAMED = 3  # root causes that a sentence names


@dataclass(frozen=True, slots=True)
class RootCause:
    """A layer that shrank the failing axis, with the elements before and after it."""

    index: int
    label_words: Words
    axis: str
    before: int
    after: int

    @property
    def label(self) -> str:
        """Name of the layer in a sentence."""
        return str(self.label_words)

    @property
    def taken(self) -> int:
        """Number of elements that the layer removed along the axis."""
        return self.before - self.after

    def __str__(self) -> str:
        return say(
            "root_cause.took",
            layer=self.label,
            taken=count(self.taken, ELEMENTS[self.axis]),
            before=number(self.before),
            after=number(self.after),
        )

    __repr__ = __str__


def root_causes(done: ForwardPass, failure: Failure) -> tuple[RootCause, ...]:
    """Return the layers that shrank the failing axes, axis by axis, the largest loss first.

    A layer inside a branch counts when the map that fails came through it.
    """
    names = AXIS_NAMES.get(len(failure.input_size), ())
    rows = [
        row
        for row in rows_before(done, failure.path)
        if len(row.input_size) == len(row.output_size) == len(names)
        and not isinstance(row.layer, Permute | Reshape | Input)  # they change which axis is which
    ]
    return tuple(
        one
        for axis in failure.problem.axes
        if axis in names
        for one in _causes_on(rows, axis, names.index(axis))
    )


def _causes_on(rows: list[Row], axis: str, place: int) -> list[RootCause]:
    found = [
        RootCause(row.index, row_label(row), axis, row.input_size[place], row.output_size[place])
        for row in rows
    ]
    shrunk = [one for one in found if one.taken > 0]  # upsampling and padding make a map larger
    # Of equal losses the earlier layer first, so that the order is always the same.
    return sorted(shrunk, key=lambda one: (-one.taken, one.index))


def rows_before(done: ForwardPass, path: Path) -> Iterator[Row]:
    """Yield the rows on the way to the layer at `path`, without the layers that join.

    Of branches that were joined earlier, only the first one with any layer counts.
    """
    for row in way_to(done, path):
        if not branches_of(row.layer):  # its branches count instead
            yield row


def way_to(done: ForwardPass, path: Path) -> Iterator[Row]:
    """Yield the same rows and the layers that join."""
    first_branch: dict[Path, int] = {}
    for row in done.rows:
        for depth in range(1, len(row.path), 2):
            # The first one with any layer: an empty branch (the identity of a residual) has no
            # rows.
            first_branch.setdefault(row.path[:depth], row.path[depth])
    for row in done.rows:
        if _is_on_the_way(row.path, path, first_branch):
            yield row


def _is_on_the_way(row: Path, failing: Path, first_branch: dict[Path, int]) -> bool:
    depth = next((i for i, (a, b) in enumerate(zip(row, failing, strict=False)) if a != b), None)
    if depth is None:  # inside one of the branches that the failing layer joins
        return len(row) > len(failing) and _is_first(row, len(failing), first_branch)
    if depth % 2:  # in another branch
        return False
    return row[depth] < failing[depth] and _is_first(row, depth + 1, first_branch)


def _is_first(row: Path, start: int, first_branch: dict[Path, int]) -> bool:
    """Return whether the row is in the first branch at every branching from this depth on.

    A further output leaves the way, so its layers are in none.
    """
    branches = [(first_branch[row[:depth]], row[depth]) for depth in range(start, len(row), 2)]
    return all(first == own != SIDE for first, own in branches)


def root_causes_text(causes: tuple[RootCause, ...], axes: tuple[str, ...]) -> str:
    """Describe the root causes, one sentence for axes with the same numbers.

    >>> print(root_causes_text((RootCause(0, "pool1", "height", 4, 2),), ("height",)))
    Along the height, pool1 removed 2 rows (4 → 2).
    """
    if not causes:
        return say("root_cause.none")
    said: dict[tuple[tuple[int, int, int], ...], list[str]] = {}
    for axis in axes:
        numbers = tuple((one.index, one.before, one.after) for one in causes if one.axis == axis)
        if numbers:
            said.setdefault(numbers, []).append(axis)
    return " ".join(_one_axis_text(causes, alike) for alike in said.values())


def _one_axis_text(causes: tuple[RootCause, ...], axes: list[str]) -> str:
    mine = [one for one in causes if one.axis == axes[0]]
    named = [str(one) for one in mine[:MOST_NAMED]]
    rest = mine[MOST_NAMED:]
    if rest:
        taken = count(sum(one.taken for one in rest), ELEMENTS[axes[0]])
        named.append(say("root_cause.others", layers=count(len(rest), "other_layer"), taken=taken))
    first, others = axis_word(axes[0]), axis_words(axes[1:])
    if others:
        return say("root_cause.alike", axis=first, others=others, layers=joined(named))
    return say("root_cause.text", axis=first, layers=joined(named))
