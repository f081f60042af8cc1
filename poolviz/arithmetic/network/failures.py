"""What can go wrong with one layer of a stack, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from poolviz.arithmetic.frameworks.base import Refusal
from poolviz.arithmetic.trace import Trace


class FailureKind(StrEnum):
    """Why a layer does not do what it should, in the field's words."""

    NO_WINDOW = "kernel does not fit"
    TRUNCATED = "rounded towards zero"
    REFUSED = "argument not offered"
    LIMIT = "limit of the framework"
    EMPTY_INPUT = "empty input"
    CHANNELS = "other number of channels"
    GROUPS = "channels do not divide into groups"
    FEATURES = "other number of features"
    AXES = "other number of axes"
    BRANCH_SIZES = "branches of different sizes"
    BRANCH_CHANNELS = "branches of different channels"
    NOTHING_LEFT = "nothing is left"
    ELEMENTS = "other number of elements"


GEOMETRIC = frozenset(
    {
        FailureKind.NO_WINDOW,
        FailureKind.TRUNCATED,
        FailureKind.EMPTY_INPUT,
        FailureKind.NOTHING_LEFT,
    }
)

_USUAL_ERRORS = {
    "pytorch": "RuntimeError",
    "tensorflow": "ValueError",
    "keras": "ValueError",
    "jax": "ValueError",
    "onnxruntime": "Fail",
}
_OTHER_ERRORS = {
    ("pytorch", FailureKind.GROUPS): "ValueError",
    ("jax", FailureKind.CHANNELS): "ScopeParamShapeError",
    ("jax", FailureKind.FEATURES): "ScopeParamShapeError",
    ("jax", FailureKind.BRANCH_SIZES): "TypeError",
    ("jax", FailureKind.BRANCH_CHANNELS): "TypeError",
    ("onnxruntime", FailureKind.NO_WINDOW): "InvalidArgument",
    ("onnxruntime", FailureKind.NOTHING_LEFT): "InvalidArgument",
    ("onnxruntime", FailureKind.FEATURES): "InvalidArgument",
}


def error_class(framework: str, kind: FailureKind) -> str:
    """The class of the exception, as it was seen in the versions that `layer_rules` names."""
    return _OTHER_ERRORS.get((framework, kind), _USUAL_ERRORS[framework])


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
