"""What an exercise teaches, by its kind: the unit of a tag and of a report."""

from __future__ import annotations

from poolviz.exercises.model import Exercise

OBJECTIVES: dict[str, tuple[str, ...]] = {
    "sizes": ("predict a size", "use the formula"),
    "windows": (
        "compute a window",
        "mark the unread cells",
        "fill in the padding split",
        "trace the gradient",
    ),
    "outcomes": ("predict an outcome", "predict an outcome per framework", "test a claim"),
    "messages": ("read a message", "read a shape"),
    "fixes": ("find the largest that fits", "find the minimum input", "find the smallest fix"),
    "networks": ("choose the failing layer", "choose the failing axis"),
}
OTHER = "rest"
_BY_KIND = {kind: name for name, kinds in OBJECTIVES.items() for kind in kinds}


def objective(one: Exercise) -> str:
    """Return the key of an exercise's objective; its words are under `bank.objective`.

    >>> from poolviz.exercises.library import exercise
    >>> objective(exercise("size-plain")), objective(exercise("gradient-through-max"))
    ('sizes', 'windows')
    """
    return _BY_KIND.get(one.kind, OTHER)
