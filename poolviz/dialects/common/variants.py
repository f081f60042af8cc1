"""Variants of a framework: other ways to run its calls, eagerly or on another backend.

A framework states in `variants.VARIANTS` on which calls a variant differs from it, and how many
recorded runs show that. A test compares every recorded run of every variant with these tables, also
where no fact applies: there the variant does what the framework does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from poolviz.arithmetic.trace import Trace
from poolviz.i18n.catalogue import say

Result: TypeAlias = tuple[int, ...] | str  # the returned size, or the name of the exception

KILLED = "SIGFPE"  # the signal that ends the process, without an exception


@dataclass(frozen=True, slots=True)
class Fact:
    """One difference of a variant: on which calls (`when`), its result, and the recorded runs.

    `reason` is the last part of the key of a text. `differs_in_numbers`: the size is that of the
    framework, the values are not. `runs` is 0 for calls that were never recorded: nothing is
    said about them.
    """

    when: Callable[[Trace], bool]
    result: Callable[[Trace], Result]
    reason: str
    runs: int
    differs_in_numbers: bool = False

    @property
    def why(self) -> str:
        """The reason in words."""
        return say(f"variant.why.{self.reason}")


@dataclass(frozen=True, slots=True)
class Variant:
    """Another way to run the calls of a framework; the first fact that applies counts."""

    framework: str
    name: str
    facts: tuple[Fact, ...]
    only_infers: bool = False  # a size, without running anything

    @property
    def title(self) -> str:
        """Name of the variant: what runs the call."""
        return say(f"variant.{self.name}.title")

    @property
    def version(self) -> str:
        """The versions that were run."""
        return say(f"variant.{self.name}.version")


def unseen(when: Callable[[Trace], bool]) -> Fact:
    """Make a fact for calls that were never recorded."""
    return Fact(when, lambda traced: "", "unseen", 0)


def raises(name: str) -> Callable[[Trace], Result]:
    """Make a result that is an exception, whatever the call."""
    return lambda traced: name


# --- which calls ---------------------------------------------------------------------------------


def is_same(traced: Trace) -> bool:
    """Return whether the padding is "same" or "same_lower"."""
    return traced.axes[0].is_same


def fails(traced: Trace) -> bool:
    """Return whether the framework raises."""
    return traced.outcome == "raises"


def is_empty(traced: Trace) -> bool:
    """Return whether the input is an empty map."""
    return 0 in traced.input_size


def is_volume(traced: Trace) -> bool:
    """Return whether the map has three axes."""
    return len(traced.axes) == 3


def pads_a_kernel(traced: Trace) -> bool:
    """Return whether an explicit padding is as wide as the kernel."""
    has_numbers = traced.axes[0].padding_name is None
    return has_numbers and any(max(axis.padding) >= axis.kernel_size for axis in traced.axes)
