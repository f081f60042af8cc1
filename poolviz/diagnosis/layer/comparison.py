"""One call in several frameworks, side by side."""

from __future__ import annotations

from dataclasses import dataclass, replace

from poolviz.arithmetic.call import layer_first, trace
from poolviz.arithmetic.framework_names import COMPARED, family
from poolviz.arithmetic.layers.network_layers import LayerLike
from poolviz.arithmetic.layers.pool import Pool, Sizes
from poolviz.arithmetic.trace import Trace
from poolviz.arithmetic.versions import VersionResult, other_versions, title_of
from poolviz.diagnosis.layer.variants import VariantOutcome, variants
from poolviz.diagnosis.phrases import by, refuses_text
from poolviz.dialects.common.dialect import trace_code
from poolviz.i18n.catalogue import say
from poolviz.i18n.keywords import answers_keywords


@dataclass(frozen=True, slots=True)
class Verdict:
    """Result of the call in one framework: `trace` has the numbers, `text` the words."""

    trace: Trace

    @property
    def text(self) -> str:
        """Outcome, without the name of the framework."""
        return text_of(self.trace)

    @property
    def short(self) -> str:
        """Outcome as a sign and one or two words."""
        traced = self.trace
        if traced.outcome == "raises":
            if traced.refusals:
                return say("chip.refuses", parameter=traced.refusals[0].parameter)
            return say("chip.raises")
        if traced.outcome == "empty":
            return say("chip.empty")
        size = by(traced.returned_size or (1,))
        return say("chip.truncated" if traced.is_truncated else "chip.returns", size=size)

    @property
    def code(self) -> str:
        """Call as code of the framework."""
        return trace_code(self.trace)

    @property
    def title(self) -> str:
        """Name of the framework."""
        return self.trace.framework.title

    @property
    def versioned_title(self) -> str:
        """Name of the framework, with its versions where others give another result."""
        return title_of(self.trace)

    @property
    def variants(self) -> tuple[VariantOutcome, ...]:
        """Recorded results of other ways to run the call: eagerly, on another backend."""
        return variants(self.trace)

    @property
    def versions(self) -> tuple[VersionOutcome, ...]:
        """Results of other versions of the framework where they differ."""
        return tuple(map(VersionOutcome, other_versions(self.trace)))


@dataclass(frozen=True, slots=True)
class VersionOutcome:
    """Result of the call in other versions of a framework."""

    result: VersionResult

    @property
    def title(self) -> str:
        """Name of the framework with the versions."""
        return self.result.title

    @property
    def version(self) -> str:
        """The newest of these versions."""
        return self.result.trace.framework.version

    @property
    def text(self) -> str:
        """Outcome, without the name of the framework."""
        return text_of(self.result.trace)

    @property
    def reason(self) -> str:
        """Cause of the difference."""
        return say("variant.other_versions")


class Verdicts(tuple[Verdict, ...]):
    """Verdicts of several frameworks, shown as a table."""

    def __repr__(self) -> str:
        titles = [verdict.versioned_title for verdict in self]
        width = max(map(len, titles), default=0)
        rows = zip(titles, self, strict=True)
        return "\n".join(f"{title.ljust(width)}  {verdict.text}" for title, verdict in rows)


@answers_keywords()
def compare(asked: Trace | LayerLike, input_size: Sizes | None = None) -> Verdicts:
    """Run the same geometry in each framework, with the stride in force written out.

    Parameters
    ----------
    asked
        A `Pool`, or a `Trace`: layer, input and the framework that was asked.
    input_size
        The spatial size of the input of a `Pool`, as in `trace`.

    Raises
    ------
    TypeError
        For anything but a `Trace`, or a `Pool` with a size.

    Notes
    -----
    These are PyTorch, TensorFlow, Keras, JAX and onnxruntime, and the framework of the call if it
    is another one, in the newest version or the one that is asked. Each verdict has `trace`,
    `text`, `code` (the call in the framework's words), `versions` (results of other versions) and
    `variants`: recorded results of eager TensorFlow, Keras on other backends and ONNX shape
    inference, where they differ.

    Examples
    --------
    >>> compare(Pool(15), (10, 10))
    PyTorch                raises RuntimeError
    TensorFlow             raises ValueError
    Keras 3.15             raises ValueError
    JAX                    returns an empty array, 0 × 0, without an error
    onnxruntime 1.21–1.32  returns 1 × 1 from a partial window, without an error
    """
    if input_size is not None:
        asked = trace(*layer_first(asked, input_size))
    if not isinstance(asked, Trace):
        raise TypeError(
            f"asked must be a poolviz.Trace, got {type(asked).__name__}; "
            "for a layer, give the input size, too: compare(layer, input_size)"
        )
    same_geometry = asked.layer
    if isinstance(same_geometry, Pool):
        # Default strides differ (JAX and ONNX: 1), and would hide what else differs.
        stride = tuple(axis.stride for axis in asked.axes)
        same_geometry = replace(same_geometry, stride=stride)
    return Verdicts(
        Verdict(asked.again(replace(same_geometry, framework=name), asked.input_size))
        for name in compared_with(asked.layer.framework)
    )


def compared_with(framework: str) -> tuple[str, ...]:
    """Return the frameworks that are shown side by side, `framework` among them.

    >>> compared_with("keras")
    ('pytorch', 'tensorflow', 'keras', 'jax', 'onnxruntime')
    >>> compared_with("mlx")[-1], compared_with("keras==3.14")[2]
    ('mlx', 'keras==3.14')
    """
    own = family(framework)
    names = COMPARED if own in COMPARED else (*COMPARED, own)
    return tuple(framework if name == own else name for name in names)


def text_of(traced: Trace) -> str:
    """Outcome of a call, without the name of the framework."""
    refusal = traced.refusals[0] if traced.refusals else None
    if traced.outcome == "raises":
        if refusal is None:
            return say("outcome.raises", error=traced.error_name)
        if refusal.reason == "not offered":
            return refuses_text(traced)
        return say("outcome.raises_because", error=traced.error_name, why=refusal.why)
    if traced.returned_size == ():
        return say("outcome.no_axes")
    size = by(traced.returned_size or ())
    if traced.outcome == "empty":
        return say("outcome.empty", size=size)
    return say("outcome.truncated" if traced.is_truncated else "outcome.returns", size=size)
