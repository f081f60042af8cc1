"""One call in five frameworks, side by side."""

from __future__ import annotations

from dataclasses import dataclass, replace

from poolviz.arithmetic.frameworks import FRAMEWORKS
from poolviz.arithmetic.layers import Pool
from poolviz.arithmetic.trace import Trace, trace
from poolviz.diagnosis.wording import by, call_code, refused_argument


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one framework does with the call: `trace` has the numbers, `text` the words."""

    trace: Trace
    text: str

    @property
    def code(self) -> str:
        """The call in the framework's own words."""
        return call_code(self.trace.layer, len(self.trace.axes))

    @property
    def title(self) -> str:
        """The framework's name as it is written."""
        return self.trace.framework.title


def compare(asked: Trace) -> tuple[Verdict, ...]:
    """The same geometry in every framework: the stride in force is written out for all.

    >>> from poolviz.arithmetic.trace import trace
    >>> for verdict in compare(trace(Pool(15), (10, 10))):
    ...     print(verdict.title, "-", verdict.text)
    PyTorch - raises RuntimeError
    TensorFlow - raises ValueError
    Keras - raises ValueError
    JAX - returns an empty array, 0 × 0, and says nothing
    onnxruntime - returns 1 × 1 from a window that is not full, and says nothing
    """
    stride = tuple(axis.stride for axis in asked.axes)
    same_geometry = replace(asked.layer, stride=stride)
    return tuple(
        _verdict(replace(same_geometry, framework=name), asked.input_size) for name in FRAMEWORKS
    )


def _verdict(layer: Pool, input_size: tuple[int, ...]) -> Verdict:
    traced = trace(layer, input_size)
    return Verdict(traced, text_of(traced))


def text_of(traced: Trace) -> str:
    """What a framework does with a call, without its name."""
    if traced.outcome == "raises":
        refusal = traced.refusals[0] if traced.refusals else None
        if refusal is None:
            return f"raises {traced.error_name}"
        if refusal.reason == "not offered":
            return f"refuses {refused_argument(traced)} ({traced.error_name})"
        return f"raises {traced.error_name}: {refusal.why}"
    size = by(traced.returned_size or ())
    if traced.outcome == "empty":
        return f"returns an empty array, {size}, and says nothing"
    if traced.is_truncated:
        return f"returns {size} from a window that is not full, and says nothing"
    return f"returns {size}"
