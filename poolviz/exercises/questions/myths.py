"""Claims about pooling; every case of a small range is run and counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from poolviz.arithmetic.framework_names import COMPARED
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS, edition_title
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.trace import Trace, trace
from poolviz.dialects.common.dialect import call_code
from poolviz.exercises.answers.catalogue import Field, Word
from poolviz.exercises.answers.choices import Choice, Option
from poolviz.exercises.case import Case, Draw, Slip, template

VERDICTS = ("always", "sometimes", "never")
KIND = "test a claim"


@dataclass(frozen=True)
class Tally:
    """How often a claim holds: the number of cases, and an example for and against it."""

    holds: int
    fails: int
    example: Trace | None
    counterexample: Trace | None

    @property
    def verdict(self) -> str:
        """Return always, sometimes or never."""
        if not self.fails:
            return "always"
        return "sometimes" if self.holds else "never"


def tally(claim: Callable[[Trace], bool], cases: Iterable[Trace]) -> Tally:
    """Try a claim on every case."""
    holds: list[Trace] = []
    fails: list[Trace] = []
    for traced in cases:
        (holds if claim(traced) else fails).append(traced)
    first_hit, first_miss = next(iter(holds), None), next(iter(fails), None)
    return Tally(len(holds), len(fails), first_hit, first_miss)


def _claim_case(fields: dict[str, Field], counted: Tally) -> Case:
    right = counted.verdict
    texts = {**fields, **_shown_cases(counted), "verdict": Word(right)}
    wrong = {verdict: f"{verdict}_is_not_so" for verdict in VERDICTS if verdict != right}
    return Case(
        form=Choice(tuple(Option(verdict, Word(verdict)) for verdict in VERDICTS)),
        right=right,
        fields=texts,
        listed=tuple(Slip(name, verdict) for verdict, name in wrong.items()),
    )


def _shown_cases(counted: Tally) -> dict[str, Field]:
    either = counted.example or counted.counterexample
    other = counted.counterexample or counted.example
    assert either is not None
    assert other is not None
    return {
        "holds": counted.holds,
        "total": counted.holds + counted.fails,
        "example": _shown(either),
        "counterexample": _shown(other),
    }


def _shown(traced: Trace) -> str:
    return f"`{call_code(traced.layer, 1)}`, n = {traced.input_size[0]}"


# --- strides -------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _fitting(framework: str, kernel: int) -> tuple[Trace, ...]:
    """Return all calls of a small range whose kernel fits and whose stride exceeds the input."""
    return tuple(
        trace(Pool((kernel,), stride, framework=framework), size)
        for size in range(kernel, kernel + 8)
        for stride in range(size + 1, size + 12)
    )


@template("12", 1, KIND)
def claim_about_large_strides(draw: Draw) -> Case | None:
    """Claims about a stride larger than the input."""
    framework, kernel = draw.framework(COMPARED), draw.number(2, 5)
    claim, holds = draw.one_of(_STRIDE_CLAIMS.items())
    counted = tally(holds, _fitting(framework, kernel))
    return _claim_case(
        {"claim": Word(claim), "framework": FRAMEWORKS[framework].title, "k": kernel}, counted
    )


_STRIDE_CLAIMS: dict[str, Callable[[Trace], bool]] = {
    "claim_raises": lambda traced: traced.outcome == "raises",
    "claim_one_window": lambda traced: traced.returned_size == (1,),
    "claim_unread": lambda traced: traced.unread_count > 0,
}


# --- kernels that do not fit ---------------------------------------------------------------------


@template("12", 2, KIND)
def claim_about_large_kernels(draw: Draw) -> Case | None:
    """Claims about a kernel larger than the input: whether the framework raises an error."""
    framework, size = draw.framework(COMPARED), draw.number(2, 6)
    cases = (
        trace(Pool((kernel,), stride, framework=framework), size)
        for kernel in range(size + 1, size + 7)
        for stride in range(1, 9)
    )
    counted = tally(lambda traced: traced.outcome == "raises", cases)
    return _claim_case({"framework": edition_title(framework), "n": size}, counted)


@template("12", 2, KIND)
def claim_about_repairs(draw: Draw) -> Case | None:
    """Claims about a kernel that does not fit: less padding, another stride, or more padding."""
    name, change = draw.one_of(_REPAIRS.items())
    size = draw.number(3, 7)
    cases = (
        change(broken)
        for kernel in range(size + 1, size + 9)
        # Above 0 and below half of the kernel: both repairs of the padding change something.
        for padding in range(1, kernel // 2)
        if (broken := trace(Pool((kernel,), 2, padding), size)).outcome == "raises"
    )
    counted = tally(lambda traced: traced.outcome == "ok", cases)
    if not counted.holds + counted.fails:
        return None
    return _claim_case({"change": Word(name), "n": size}, counted)


def _with(traced: Trace, **changes: int) -> Trace:
    return trace(replace(traced.layer, **changes), traced.input_size)


_REPAIRS: dict[str, Callable[[Trace], Trace]] = {
    "repair_no_padding": lambda broken: _with(broken, padding=0),
    "repair_stride_one": lambda broken: _with(broken, stride=1),
    "repair_large_stride": lambda broken: _with(broken, stride=50),
    "repair_half_the_kernel": lambda broken: _with(broken, padding=broken.axes[0].kernel_size // 2),
    "repair_kernel_one": lambda broken: trace(Pool((1,), 2), broken.input_size),
}


# --- "same" --------------------------------------------------------------------------------------


def _same_calls(framework: str, padding: str, stride: int) -> Iterator[Trace]:
    for size in range(2, 14):
        for kernel in range(1, 7):
            yield trace(Pool((kernel,), stride, padding, framework=framework), size)


@template("12", 2, KIND)
def claim_about_same(draw: Draw) -> Case | None:
    """Claims about the size and the padding of "same"."""
    framework, stride = draw.framework(("keras", "tensorflow", "jax")), draw.number(1, 3)
    claim, holds = draw.one_of(_SAME_CLAIMS.items())
    counted = tally(holds, _same_calls(framework, "same", stride))
    fields: dict[str, Field] = {
        "claim": Word(claim),
        "framework": FRAMEWORKS[framework].title,
        "s": stride,
    }
    return _claim_case(fields, counted)


_SAME_CLAIMS: dict[str, Callable[[Trace], bool]] = {
    "claim_same_size": lambda traced: traced.returned_size == traced.input_size,
    "claim_even": lambda traced: traced.axes[0].padding.before == traced.axes[0].padding.after,
    "claim_more_before": lambda traced: (
        traced.axes[0].padding.before > traced.axes[0].padding.after
    ),
    "claim_rounded_up": lambda traced: (
        traced.returned_size == (-(-traced.input_size[0] // traced.axes[0].stride),)
    ),
}


TEMPLATES = (
    claim_about_large_strides,
    claim_about_large_kernels,
    claim_about_repairs,
    claim_about_same,
)
