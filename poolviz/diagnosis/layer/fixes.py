"""The smallest changes that make a layer work; each is recomputed before it is offered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.trace import Trace, trace
from poolviz.diagnosis.effects import Effect, effect_of
from poolviz.diagnosis.fix_phrases import Offer, changes
from poolviz.diagnosis.layer.steps import Step, next_steps
from poolviz.diagnosis.phrases import by, per_axis
from poolviz.dialects.common.dialect import DIALECTS, trace_code
from poolviz.i18n.phrase import Phrase, Words, phrase


@dataclass(frozen=True, slots=True, repr=False)
class Fix(Offer):
    """One change that works: `layer` on `input_size` gives `output_size`, recomputed.

    `layer` is None for "leave the layer out". `change` says what is set, `also` what else
    changes with it, `code` is the line in the framework's own words. `effect` is "sound", "changes
    the values" (an average counts added zeros), "does nothing on an axis" or "does nothing".
    """

    parameter: str
    layer: Any  # a layer of the same kind, or None
    input_size: tuple[int, ...]
    output_size: tuple[int, ...]
    change_words: Words
    also_words: Words
    code: str
    effect: Effect = Effect.SOUND

    @property
    def gives(self) -> str:
        """The recomputed output size."""
        return by(self.output_size)


def repair(broken: Trace) -> tuple[Fix, ...]:
    """Fixes for a layer that raises, returns an empty map or is truncated; () if it works.

    Sound ones come first, those after which a window reads one cell last. To leave the layer out is
    never better than another pooling of the same map.
    """
    is_of_the_array = bool(broken.refusals) and broken.refusals[0].reason == "array"
    if works(broken) or broken.is_fitted or is_of_the_array:
        return ()
    fixes = (as_fix(broken, step) for step in working_steps(broken))
    offered = (*fixes, *_global_pooling(broken), *_without_layer(broken))
    return tuple(sorted(offered, key=lambda fix: max(fix.effect.rank, fix.layer is None)))


def working_steps(broken: Trace) -> tuple[Step, ...]:
    """Return the changes after which the layer works, named after the first parameter changed."""
    found: dict[tuple[object, ...], Step] = {}
    for step in next_steps(broken):
        end = _follow(broken, step, _faults(broken) - 1)
        if end is not None:
            # Two ways to the same layer are one fix, named after the first.
            layer = end.layer.with_axes(len(broken.axes))
            key = (replace(layer, padding=0) if layer.pads_nothing else layer, end.input_size)
            found.setdefault(key, replace(end, parameter=step.parameter))
    return tuple(found.values())


def works(traced: Trace) -> bool:
    """Return whether a call gives a map in which no window is cut off."""
    return traced.outcome == "ok" and not traced.is_truncated


def _only_builds(traced: Trace) -> bool:
    """Whether a transposed convolution gets a size that no convolution maps to its input.

    Keras 3.15.1 builds it with "same" and an output_padding; TensorFlow 2.21.0 then aborts.
    """
    return (
        traced.is_transposed
        and traced.framework.transposed_is_a_gradient
        and any(
            axis.is_same and -(-axis.output_size // axis.stride) != axis.input_size
            for axis in traced.axes
        )
    )


def _faults(traced: Trace) -> int:
    """Number of faults, which is the number of changes that a fix may combine."""
    refused = {refusal.parameter for refusal in traced.refusals}
    return len(refused) + any(axis.missing or axis.output_size < 1 for axis in traced.axes)


def _follow(broken: Trace, step: Step, steps_left: int) -> Step | None:
    """Return the step if it works, else the smallest further step that does."""
    traced = broken.again(step.layer, step.input_size)
    if works(traced) and not _only_builds(traced):
        return step
    if steps_left <= 0:
        return None
    for further in next_steps(traced):
        if further.parameter == step.parameter:
            continue  # it would undo the first change
        end = _follow(traced, further, steps_left - 1)
        if end is not None:
            return replace(end, also=end.also or step.also)
    return None


def as_fix(broken: Trace, step: Step) -> Fix:
    """Return a step that works as a fix, with its words and its code."""
    fixed = broken.again(step.layer, step.input_size)
    return Fix(
        parameter=step.parameter,
        layer=step.layer,
        input_size=fixed.input_size,
        output_size=fixed.returned_size or (),
        change_words=Phrase(changes, (broken, fixed)),
        also_words=step.also or _stride_effect(broken, fixed),
        # Larger data needs no other call.
        code="" if step.layer == broken.layer else trace_code(fixed),
        effect=effect_of(broken, fixed),
    )


def _stride_effect(broken: Trace, fixed: Trace) -> Words:
    """Mention the stride where it follows the kernel, as most frameworks have it by default."""
    if broken.is_convolution:
        return ""
    strides = tuple(axis.stride for axis in fixed.axes)
    if strides == tuple(axis.stride for axis in broken.axes):
        return ""
    return phrase("also.stride_follows", stride=Phrase(per_axis, (strides,)))


def _global_pooling(broken: Trace) -> Iterator[Fix]:
    """Suggest one window over the whole map, whatever its size."""
    if min(broken.input_size) < 1 or not isinstance(broken.layer, Pool) or broken.layer.op == "lp":
        return
    layer: Any = replace(
        broken.layer,
        kernel_size=broken.input_size,
        padding=0,
        dilation=1,
        ceil_mode=False,
        count_include_pad=None,
    )
    traced = trace(layer, broken.input_size)
    ndim = len(traced.axes)
    if not works(traced):
        return
    write = DIALECTS[broken.layer.framework].write
    yield Fix(
        "adaptive",
        layer,
        traced.input_size,
        traced.returned_size or (),
        write.global_words(),
        phrase("also.one_number_per_channel"),
        write.global_pool(layer.op, ndim),
        effect_of(broken, traced),
    )


def _without_layer(broken: Trace) -> Iterator[Fix]:
    if min(broken.input_size) > 0 and not broken.is_convolution:  # it computes features
        yield Fix(
            "layer",
            None,
            broken.input_size,
            broken.input_size,
            phrase("change.leave_out"),
            phrase("also.map_keeps_its_size"),
            "",
        )
