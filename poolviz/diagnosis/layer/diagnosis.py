"""The verdict on one layer: findings, fixes, and the error that carries them."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from poolviz.arithmetic.layers.pool import Pool, Sizes, whole_numbers
from poolviz.arithmetic.trace import Trace, trace
from poolviz.diagnosis.fix_phrases import verdict_html
from poolviz.diagnosis.layer.findings import Finding, Severity, find
from poolviz.diagnosis.layer.fixes import Fix, repair
from poolviz.diagnosis.phrases import by, layer_title, outcome_text
from poolviz.i18n.catalogue import say


@dataclass(frozen=True)
class Diagnosis:
    """What is so, why, and what would help.

    Attributes
    ----------
    trace
        Every number of the call.
    findings
        What is so: errors first, then silent failures, then notes.
    fixes
        What would help; each was recomputed: `layer`, `input_size`, `output_size`, `text`.

    Examples
    --------
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
        texts = [*map(str, self.findings), *self.trace.formula.splitlines()]
        return verdict_html(self.headline, texts, self.fixes)


_NOT_OWN = (str(Path(__file__).parents[2]), "ipykernel", "IPython")  # frames of no use to a reader


class PoolShapeError(ValueError):
    """Raised where the framework raises; `diagnosis` says which axis, why, and what helps.

    Parameters
    ----------
    trace
        The call that raises.

    Examples
    --------
    >>> try:
    ...     output_size(10, kernel_size=15)
    ... except PoolShapeError as wrong:
    ...     print(wrong.diagnosis.headline)
    MaxPool 15×15, stride 15, no padding on 10 × 10: PyTorch raises RuntimeError
    """

    def __init__(self, trace: Trace) -> None:
        super().__init__(trace)
        self.trace = trace

    @cached_property
    def diagnosis(self) -> Diagnosis:
        """Findings and recomputed fixes."""
        return diagnosis_of(self.trace)

    def __str__(self) -> str:
        return str(self.diagnosis)

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: the reader's own lines and the message, not ours."""
        frames = traceback.extract_tb(self.__traceback__)
        own = [frame for frame in frames if not any(part in frame.filename for part in _NOT_OWN)]
        return [*traceback.format_list(own), f"{type(self).__name__}: {self}"]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.trace,)


def diagnose(layer: Pool, input_size: Sizes) -> Diagnosis:
    """Which axis, what, why, and fixes that were recomputed.

    Parameters
    ----------
    layer
        A `Pool`.
    input_size
        Spatial size in elements, one entry per axis; an int stands for a square map.

    Raises
    ------
    TypeError, ValueError
        As `trace`: for sizes that are no whole numbers ≥ 0. Never for geometry.

    Examples
    --------
    >>> diagnose(Pool(kernel_size=(5, 3), stride=2), (4, 6))
    MaxPool 5×3, stride 2, no padding on 4 × 6: PyTorch raises RuntimeError
      height: no window fits. The kernel 5 is longer than the input 4, by 1.
      height: ⌊(4 − 5) / 2⌋ + 1 = 0
      width: ⌊(6 − 3) / 2⌋ + 1 = 2
    Any one of these works:
      kernel height 5 → 4 gives 1 × 2
      padding 1 in height gives 1 × 2 (padding is −∞ and never wins)
      input height 4 → 5 gives 1 × 2 (needs larger data, or fewer layers before)
      adaptive pooling to 1 gives 1 × 1 (one number per channel, from an input of any size)
      leave this layer out gives 4 × 6 (the map keeps its size)
    """
    return diagnosis_of(trace(layer, input_size))


def diagnosis_of(traced: Trace) -> Diagnosis:
    """The diagnosis of a call that was traced already."""
    return Diagnosis(traced, find(traced), repair(traced))


def output_size(input_size: Sizes, kernel_size: Sizes, **parameters: Any) -> Sizes:
    """The spatial size that the framework returns, 0 where it returns an empty array.

    Parameters
    ----------
    input_size, kernel_size
        Elements, an int or one entry per axis.
    **parameters
        The other parameters of `Pool`: stride, padding, dilation, ceil_mode, op,
        count_include_pad, framework.

    Returns
    -------
    int or tuple
        An int for an int `input_size` and a layer without tuples, else one entry per axis.

    Raises
    ------
    PoolShapeError
        Where the framework raises; its `diagnosis` tells why.
    TypeError, ValueError
        For arguments that are no sizes at all.

    Examples
    --------
    >>> output_size(10, 3, stride=5)
    2
    >>> output_size((11, 11), 3, stride=2, padding="same", framework="keras")
    (6, 6)
    >>> output_size(10, 15, framework="jax")
    0
    """
    layer = Pool(kernel_size, **parameters)
    traced = trace(layer, input_size)
    returned = traced.returned_size
    if returned is None:
        raise PoolShapeError(traced)
    is_one_number = isinstance(whole_numbers("input_size", input_size, least=0), int)
    return returned[0] if is_one_number and layer.ndim in (None, 1) else returned
