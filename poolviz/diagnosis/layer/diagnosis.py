"""The diagnosis of one layer: findings and fixes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, overload

from poolviz.arithmetic.call import trace
from poolviz.arithmetic.layers.network_layers import LayerLike
from poolviz.arithmetic.layers.pool import Sizes
from poolviz.arithmetic.trace import Trace
from poolviz.diagnosis.fix_phrases import offers_html
from poolviz.diagnosis.layer.findings import Finding, Severity, find
from poolviz.diagnosis.layer.fixes import Fix, repair
from poolviz.diagnosis.phrases import by, layer_title, outcome_text
from poolviz.i18n.catalogue import say
from poolviz.i18n.html import bullets, escape, shown_by_its_text
from poolviz.i18n.keywords import answers_keywords

_Answer = TypeVar("_Answer", covariant=True)


@answers_keywords()
@shown_by_its_text
@dataclass(frozen=True)
class Diagnosis:
    """Findings and fixes for one call.

    Attributes
    ----------
    trace
        Every number of the call.
    findings
        Observations: errors first, then silent failures, then notes.
    fixes
        Changes that help, each recomputed: `layer`, `input_size`, `output_size`, `text`.

    Examples
    --------
    >>> from poolviz import Pool
    >>> found = diagnose(Pool(15), 10)
    >>> found.ok, len(found.findings), found.fixes[0].layer.kernel_size
    (False, 1, (10, 10))
    """

    trace: Trace
    findings: tuple[Finding, ...]
    fixes: tuple[Fix, ...]

    @property
    def ok(self) -> bool:
        """True when the call returns windows that all fit."""
        return all(finding.severity is Severity.NOTE for finding in self.findings)

    @property
    def headline(self) -> str:
        """The call and its outcome in one line."""
        return say(
            "diagnosis.headline",
            layer=layer_title(self.trace),
            input=by(self.trace.input_size),
            outcome=outcome_text(self.trace),
        )

    def __str__(self) -> str:
        lines = [self.headline]
        lines += [f"  {finding}" for finding in self.findings]
        lines += [f"  {line}" for line in self.trace.formula.splitlines()]
        if self.fixes:
            lines.append(say("diagnosis.fixes"))
            lines += [f"  {fix.text}" for fix in self.fixes]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        listed = bullets([*map(str, self.findings), *self.trace.formula.splitlines()])
        headline = f"<p><strong>{escape(self.headline)}</strong></p>"
        return f"<div>{headline}{listed}{offers_html(self.fixes)}</div>"


class _Diagnosed(Protocol[_Answer]):
    """An object with a diagnosis, such as a `Stack`."""

    @property
    def diagnosis(self) -> _Answer: ...


@overload
def diagnose(layer: LayerLike, input_size: Sizes) -> Diagnosis: ...


@overload
def diagnose(layer: _Diagnosed[_Answer]) -> _Answer: ...


@answers_keywords()
def diagnose(layer: Any, input_size: Any = None) -> object:
    """Diagnose a call: findings per axis and recomputed fixes.

    Parameters
    ----------
    layer
        As for `trace`; or a `Stack`, whose `diagnosis` is returned.
    input_size
        Spatial size in elements, one entry per axis; an int stands for a square map. A `Stack`
        has its own.

    Raises
    ------
    TypeError, ValueError
        As `trace`: for sizes that are not integers ≥ 0. Never for geometry.

    Examples
    --------
    >>> from poolviz import Pool
    >>> diagnose(Pool(kernel_size=(5, 3), stride=2), (4, 6))
    MaxPool 5×3, stride 2, no padding on 4 × 6: PyTorch raises RuntimeError
      height: no window fits. The kernel 5 is longer than the input 4, by 1.
      height: ⌊(4 − 5) / 2⌋ + 1 = 0
      width: ⌊(6 − 3) / 2⌋ + 1 = 2
    Any one of these gives valid shapes:
      kernel height 5 → 4 gives 1 × 2
      padding 1 for the height gives 1 × 2 (padding is −∞ and never the maximum)
      input height 4 → 5 gives 1 × 2 (needs larger data, or fewer preceding layers)
      adaptive pooling to 1 gives 1 × 1 (one number per channel, for any input size)
      removing this layer gives 4 × 6 (the feature map keeps its size)
    """
    if input_size is None:
        if hasattr(layer, "diagnosis"):
            return layer.diagnosis
        raise TypeError("a Pool needs the size of its input: diagnose(layer, input_size)")
    return diagnosis_of(trace(layer, input_size))


def diagnosis_of(traced: Trace) -> Diagnosis:
    """Diagnose a call that has been traced."""
    return Diagnosis(traced, find(traced), repair(traced))
