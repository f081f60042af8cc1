"""Results of a call in the variants of a framework: eager, on another backend, or inferred."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from poolviz.arithmetic.framework_names import version_of
from poolviz.arithmetic.trace import Trace
from poolviz.diagnosis.phrases import capital, count
from poolviz.dialects.common.dialect import DIALECTS
from poolviz.dialects.common.variants import KILLED, Fact, Result, Variant
from poolviz.i18n.catalogue import say
from poolviz.i18n.phrase import by


@dataclass(frozen=True, slots=True)
class VariantOutcome:
    """Result of one call in one variant, and the reason."""

    variant: Variant
    fact: Fact
    result: Result

    @property
    def title(self) -> str:
        """Name of the variant."""
        return self.variant.title

    @property
    def version(self) -> str:
        """The versions that were run."""
        return self.variant.version

    @property
    def reason(self) -> str:
        """Cause of the difference, and the number of runs that show it."""
        runs = count(self.fact.runs, "recorded_run")
        return say("variant.reason", why=capital(self.fact.why), runs=runs)

    @property
    def text(self) -> str:
        """Result, without the name of the variant."""
        if self.result == KILLED:
            return say("variant.killed", signal=KILLED)
        if isinstance(self.result, str):
            return say("variant.raises", error=self.result)
        size = by(self.result)
        if self.variant.only_infers:
            return say("variant.infers", size=size)
        if self.fact.differs_in_numbers:
            return say("variant.edge", size=size)
        return say("variant.empty" if 0 in self.result else "variant.returns", size=size)


def variants(traced: Trace) -> tuple[VariantOutcome, ...]:
    """Results of the variants of a framework where they differ from it.

    >>> from poolviz.arithmetic.layers.pool import Pool
    >>> from poolviz.arithmetic.trace import trace
    >>> for outcome in variants(trace(Pool(15, framework="keras"), (10, 10))):
    ...     print(outcome.variant.title, "-", outcome.text)
    Keras on TensorFlow, called on an array - raises AbortedError
    Keras on TensorFlow without oneDNN, called on an array - returns an empty array, 0 × 0
    Keras on PyTorch, called on an array - raises RuntimeError
    Keras on JAX or NumPy, called on an array - returns an empty array, 0 × 0
    """
    return tuple(_outcomes(traced))


class Outcome(Protocol):
    """Result of another way to run a call, or of other versions."""

    @property
    def title(self) -> str:
        """Name of what ran the call."""

    @property
    def version(self) -> str:
        """Its version."""

    @property
    def text(self) -> str:
        """The result."""

    @property
    def reason(self) -> str:
        """Cause of the difference."""


def variants_lines(found: Iterable[Outcome]) -> tuple[str, ...]:
    """Return a heading and one line for all variants with the same result; () without any."""
    titles: dict[str, list[str]] = {}
    for outcome in found:
        titles.setdefault(outcome.text, []).append(outcome.title)
    lines = [f"{'; '.join(who)}: {text}." for text, who in titles.items()]
    return (say("variant.heading"), *lines) if lines else ()


def _outcomes(traced: Trace) -> Iterator[VariantOutcome]:
    if any(refusal.reason == "not offered" for refusal in traced.refusals):
        return  # an argument that the framework lacks is lacking in its variants too
    if version_of(traced.layer.framework) is not None:
        return  # variants were recorded with the newest version
    if traced.is_convolution:
        return  # only pooling was recorded in them
    for variant in DIALECTS[traced.layer.framework].variants:
        # Facts are ordered; the first that applies is the one that was recorded for this case.
        fact = next((fact for fact in variant.facts if fact.when(traced)), None)
        if fact is not None and fact.runs:
            yield VariantOutcome(variant, fact, fact.result(traced))
