"""What can go wrong with one layer of a stack, as a value."""

from __future__ import annotations

from dataclasses import dataclass

from poolviz.arithmetic.failure_kind import FailureKind as FailureKind
from poolviz.arithmetic.frameworks.refusals import Refusal
from poolviz.arithmetic.trace import Trace

GEOMETRIC = frozenset(
    {
        FailureKind.NO_WINDOW,
        FailureKind.TRUNCATED,
        FailureKind.EMPTY_INPUT,
        FailureKind.NOTHING_LEFT,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that went wrong: what was expected and what came.

    `expected` and `got` are counts of what `kind` names (channels, features, axes …). `axes` names
    the spatial axes at fault. `shapes` are those of the branches that do not match. `is_silent`:
    the framework says nothing and goes on. `error` is the class of the exception where it is not
    the usual one of this kind.
    """

    kind: FailureKind
    axes: tuple[str, ...] = ()
    expected: tuple[int, ...] = ()
    got: tuple[int, ...] = ()
    shapes: tuple[tuple[int, ...], ...] = ()
    refusals: tuple[Refusal, ...] = ()
    trace: Trace | None = None
    is_silent: bool = False
    error: str | None = None


class ForwardStopped(Exception):  # noqa: N818  # never leaves this floor: it carries a value upwards
    """Ends the walk through a stack at the layer with this problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem
