"""What else runs the same call: eagerly, on another backend, or only on its shapes.

Each fact says on which calls a variant does something else than the framework it belongs to, and
how many recorded runs did so. A test compares every recorded run of every variant with this table,
also those where no fact applies: there the variant does what the framework does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from poolviz.arithmetic.axis import AxisTrace
from poolviz.arithmetic.shapes import truncate, window_count
from poolviz.arithmetic.trace import Trace
from poolviz.i18n.catalogue import say
from poolviz.i18n.phrase import by

Result = tuple[int, ...] | str  # the size that comes back, or the name of the exception

KILLED = "SIGFPE"  # the signal that ends the process: no exception comes


@dataclass(frozen=True, slots=True)
class Fact:
    """On which calls (`when`), what happens there, why, and how many recorded runs agree.

    `reason` is the key of the text that says why. `differs_in_numbers`: the size is the
    framework's own, the numbers are not. Where nothing was recorded, `runs` is 0: such a place
    is known, and nothing is told of it.
    """

    when: Callable[[Trace], bool]
    result: Callable[[Trace], Result]
    reason: str
    runs: int
    differs_in_numbers: bool = False

    @property
    def why(self) -> str:
        """Why the variant does so, in words."""
        return say(f"variant.why.{self.reason}")


@dataclass(frozen=True, slots=True)
class Variant:
    """Another way to run a framework's call; the first of its facts that applies is told."""

    framework: str
    name: str
    facts: tuple[Fact, ...]

    @property
    def title(self) -> str:
        """What runs the call, in words."""
        return say(f"variant.{self.name}.title")

    @property
    def version(self) -> str:
        """The versions that were run."""
        return say(f"variant.{self.name}.version")


@dataclass(frozen=True, slots=True)
class Told:
    """What one variant does with one call, and why."""

    variant: Variant
    fact: Fact
    result: Result

    @property
    def text(self) -> str:
        """What it does, without its name."""
        if self.result == KILLED:
            return say("variant.killed", signal=KILLED)
        if isinstance(self.result, str):
            return say("variant.raises", error=self.result)
        size = by(self.result)
        if self.variant.framework == "onnxruntime":
            return say("variant.infers", size=size)
        if self.fact.differs_in_numbers:
            return say("variant.edge", size=size)
        return say("variant.empty" if 0 in self.result else "variant.returns", size=size)


def variants(traced: Trace) -> tuple[Told, ...]:
    """What the variants of one framework do with a call where they differ from it.

    >>> from poolviz.arithmetic.layers.pool import Pool
    >>> from poolviz.arithmetic.trace import trace
    >>> for told in variants(trace(Pool(15, framework="keras"), (10, 10))):
    ...     print(told.variant.title, "-", told.text)
    Keras on TensorFlow, called on an array - raises AbortedError
    Keras on TensorFlow without oneDNN, called on an array - returns an empty array, 0 × 0
    Keras on PyTorch, called on an array - raises RuntimeError
    Keras on JAX or NumPy, called on an array - returns an empty array, 0 × 0
    """
    return tuple(_told(traced))


def variants_lines(found: Iterable[Told]) -> tuple[str, ...]:
    """A heading, then one line for all that do the same; () where there are none."""
    titles: dict[str, list[str]] = {}
    for told in found:
        titles.setdefault(told.text, []).append(told.variant.title)
    lines = [f"{'; '.join(who)}: {text}." for text, who in titles.items()]
    return (say("variant.heading"), *lines) if lines else ()


def _told(traced: Trace) -> Iterator[Told]:
    if any(refusal.reason == "not offered" for refusal in traced.refusals):
        return  # what a framework has no argument for, its variants have none for either
    for variant in VARIANTS:
        if variant.framework == traced.layer.framework:
            fact = next((fact for fact in variant.facts if fact.when(traced)), None)
            if fact is not None and fact.runs:
                yield Told(variant, fact, fact.result(traced))


# --- on which calls ------------------------------------------------------------------------------


def _room(axis: AxisTrace) -> int:
    """What TensorFlow's kernels divide by the stride: n + padding − k + s."""
    return axis.padded_size - axis.effective_kernel_size + axis.stride


def _truncated(axis: AxisTrace) -> int:
    return truncate(_room(axis), axis.stride)


def _is_same(traced: Trace) -> bool:
    return traced.axes[0].is_same


def _fails(traced: Trace) -> bool:
    return traced.outcome == "raises"


def _is_empty(traced: Trace) -> bool:
    return 0 in traced.input_size


def _fails_or_is_empty(traced: Trace) -> bool:
    return _fails(traced) or _is_empty(traced)


def _pads_a_kernel(traced: Trace) -> bool:
    """Is there explicit padding as wide as the kernel?"""
    has_numbers = traced.axes[0].padding_name is None
    return has_numbers and any(max(axis.padding) >= axis.kernel_size for axis in traced.axes)


def _below_zero(traced: Trace) -> bool:
    return _fails(traced) and min(map(_truncated, traced.axes)) < 0


def _uses_onednn(traced: Trace) -> bool:
    """Maximum, VALID, a kernel that does not fit: here oneDNN has no answer of its own."""
    is_plain = traced.layer.op == "max" and traced.layer.pads_nothing
    return is_plain and _fails(traced) and not _is_empty(traced)


def _leaves_a_part(traced: Trace) -> bool:
    return _uses_onednn(traced) and any(0 < _room(axis) < axis.stride for axis in traced.axes)


def _leaves_nothing_across(traced: Trace) -> bool:
    last = traced.axes[-1]
    return _uses_onednn(traced) and -last.stride < _room(last) <= 0


def _is_a_volume(traced: Trace) -> bool:
    return len(traced.axes) == 3


def _leaves_no_column_of_a_volume(traced: Trace) -> bool:
    return _is_a_volume(traced) and _leaves_nothing_across(traced) and not _leaves_a_part(traced)


def _is_unseen_in_keras(traced: Trace) -> bool:
    """Keras on TensorFlow was not run on volumes, nor on sequences that are much too short."""
    is_short = len(traced.axes) == 1 and _below_zero(traced)
    return _is_a_volume(traced) or is_short


def _is_average_below_zero(traced: Trace) -> bool:
    return traced.layer.op == "avg" and _below_zero(traced)


def _leaves_a_part_of_a_sequence(traced: Trace) -> bool:
    return len(traced.axes) == 1 and _leaves_a_part(traced)


def _replicates(traced: Trace) -> bool:
    is_average = traced.layer.op == "avg" and _is_same(traced)
    return is_average and any(axis.padding.total % 2 for axis in traced.axes)


def _is_bare_average(traced: Trace) -> bool:
    """A 3-D average whose "same" is even: PyTorch compares the kernel with the bare input."""
    is_average = traced.layer.op == "avg" and _is_same(traced) and len(traced.axes) == 3
    is_longer = any(axis.kernel_size > axis.input_size for axis in traced.axes)
    return is_average and is_longer and not _replicates(traced)


def _infers_otherwise(traced: Trace) -> bool:
    """Never told of a map that is empty already: there the runs follow no single rule."""
    if _is_empty(traced):
        return False
    return _fails(traced) or _inferred(traced) != traced.returned_size


def _infers_same_otherwise(traced: Trace) -> bool:
    return _is_same(traced) and _infers_otherwise(traced)


def _infers_wide_pads(traced: Trace) -> bool:
    return _pads_a_kernel(traced) and _infers_otherwise(traced)


def _infers_a_failure(traced: Trace) -> bool:
    return _fails(traced) and _infers_otherwise(traced)


def _unseen(when: Callable[[Trace], bool]) -> Fact:
    return Fact(when, lambda traced: "", "unseen", 0)


# --- what happens there --------------------------------------------------------------------------


def _raises(name: str) -> Callable[[Trace], Result]:
    return lambda traced: name


def _dies(traced: Trace) -> Result:
    return KILLED


def _truncated_size(traced: Trace) -> Result:
    return tuple(map(_truncated, traced.axes))


def _clamped_size(traced: Trace) -> Result:
    return tuple(max(0, axis.output_size) for axis in traced.axes)


def _inferred(traced: Trace) -> tuple[int, ...]:
    return tuple(_inferred_size(traced, axis) for axis in traced.axes)


def _inferred_size(traced: Trace, axis: AxisTrace) -> int:
    if axis.is_same:
        return -(-axis.input_size // axis.stride)
    room = axis.padded_size - axis.effective_kernel_size
    if not traced.layer.ceil_mode:
        return window_count(room, axis.stride, "trunc")
    size = truncate(room + axis.stride - 1, axis.stride) + 1
    starts_too_late = (size - 1) * axis.stride >= axis.input_size + axis.padding.before
    return size - starts_too_late


# --- the table -----------------------------------------------------------------------------------

_INVALID = _raises("InvalidArgumentError")
_ABORTED = _raises("AbortedError")


VARIANTS = (
    Variant(
        "tensorflow",
        "eager",
        (
            _unseen(_leaves_no_column_of_a_volume),
            Fact(_pads_a_kernel, _INVALID, "pads", 30),
            Fact(_below_zero, _INVALID, "below_zero", 114),
            Fact(_leaves_a_part, _ABORTED, "part", 138),
            Fact(_leaves_nothing_across, _dies, "killed", 38),
            Fact(_fails, _truncated_size, "zero", 264),
        ),
    ),
    Variant(
        "tensorflow",
        "eager_plain",
        (
            Fact(_pads_a_kernel, _INVALID, "pads", 82),
            Fact(_below_zero, _INVALID, "below_zero", 214),
            Fact(_fails, _truncated_size, "zero", 858),
        ),
    ),
    Variant(
        "keras",
        "keras",
        (
            _unseen(_is_unseen_in_keras),
            _unseen(_is_average_below_zero),
            _unseen(_leaves_a_part_of_a_sequence),
            Fact(_below_zero, _INVALID, "below_zero", 4),
            Fact(_leaves_a_part, _ABORTED, "part", 6),
            _unseen(_leaves_nothing_across),
            Fact(_fails, _truncated_size, "zero", 26),
        ),
    ),
    Variant(
        "keras",
        "keras_plain",
        (
            _unseen(_is_unseen_in_keras),
            Fact(_below_zero, _INVALID, "below_zero", 20),
            Fact(_fails, _truncated_size, "zero", 110),
        ),
    ),
    Variant(
        "keras",
        "keras_torch",
        (
            Fact(_fails_or_is_empty, _raises("RuntimeError"), "torch", 281),
            Fact(_is_bare_average, _raises("RuntimeError"), "bare_input", 1),
            Fact(_replicates, _clamped_size, "edge", 18, differs_in_numbers=True),
        ),
    ),
    Variant(
        "keras",
        "keras_jax",
        (Fact(_fails, _clamped_size, "clamped", 464),),
    ),
    Variant(
        "onnxruntime",
        "inference",
        (
            Fact(_infers_same_otherwise, _inferred, "same", 145),
            Fact(_infers_wide_pads, _inferred, "wide_pads", 59),
            Fact(_infers_a_failure, _inferred, "rounding", 72),
            Fact(_infers_otherwise, _inferred, "ceil", 14),
        ),
    ),
)
