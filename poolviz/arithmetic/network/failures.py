"""Failures of one layer of a network, as values."""

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
        FailureKind.TOO_FEW,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a layer fails: what was expected and what was given.

    `expected` and `got` count what `kind` names (channels, features, axes …). `axes` are the
    spatial axes at fault, `shapes` those of the branches that do not match. `is_silent` is True
    where the framework continues without an error. `error` is the class of the exception where it
    is not the usual one of this kind.
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


class ForwardStopped(Exception):  # noqa: N818  # control flow inside `arithmetic`, not an error for users
    """Ends the forward pass at the layer with this problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem
