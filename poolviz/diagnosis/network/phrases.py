"""Phrases for the layers of a stack and their failures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import gcd
from typing import Any, TypeGuard

from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.conv import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.network_layers import (
    AdaptivePool,
    Add,
    AxisMap,
    Combine,
    Concatenate,
    Crop,
    Flatten,
    GlobalPool,
    Identity,
    Input,
    Layer,
    Linear,
    Output,
    Permute,
    Reshape,
    Upsample,
    ZeroPad,
    bare,
)
from poolviz.arithmetic.layers.pool import Pool, Sizes
from poolviz.arithmetic.network.failures import FailureKind, Problem
from poolviz.arithmetic.network.forward import Failure
from poolviz.arithmetic.network.layer_versions import (
    LayerResult,
    other_versions,
    versioned_title,
)
from poolviz.diagnosis.layer.findings import Cause, Finding, Severity, find, truncated_text
from poolviz.diagnosis.phrases import OP_TITLES, by, fitted_title, number
from poolviz.i18n.catalogue import say
from poolviz.i18n.phrase import Phrase, Words, counted, listed, phrase


@dataclass(frozen=True, slots=True, repr=False)
class StackFinding(Finding):
    """Finding on a stack; `layer` is the index of the row that it is about."""

    layer: int | None = None


# --- layers --------------------------------------------------------------------------------------


def _times(value: Sizes) -> str:
    entries = value if isinstance(value, tuple) else (value,)
    return "×".join(number(entry) for entry in entries)


def _square(value: Sizes, ndim: int) -> str:
    """Write a kernel with all its sides, also where one number stands for all."""
    entries = value if isinstance(value, tuple) else (value,)
    return _times(entries * ndim if len(entries) == 1 else entries)


def _short(value: object) -> str:
    """Write one number where all are equal."""
    if isinstance(value, tuple) and len(set(value)) == 1:
        value = value[0]
    return number(value) if isinstance(value, int) else str(value)


def _window_words(layer: Pool | Conv | ConvTranspose | DepthwiseConv) -> Iterator[str]:
    # The default of a convolution; that of a pooling layer is its kernel, or 1 by framework.
    usual = None if isinstance(layer, Pool) else "1"
    if layer.stride is not None and _short(layer.stride) != usual:
        yield say("call.stride", stride=_short(layer.stride))
    if isinstance(layer.padding, str):
        if layer.padding != "valid":
            yield f'"{layer.padding}"'
    elif _short(layer.padding) not in ("0", "(0, 0)"):
        yield say("call.padding", numbers=_short(layer.padding))
    if _short(layer.dilation) != "1":
        yield say("call.dilation", dilation=_short(layer.dilation))


def _pool_title(layer: Pool, ndim: int) -> str:
    words = [f"{OP_TITLES[layer.op]} {_square(layer.kernel_size, ndim)}", *_window_words(layer)]
    return ", ".join([*words, *(["ceil_mode"] if layer.ceil_mode else [])])


def _conv_title(layer: Conv | ConvTranspose | DepthwiseConv, ndim: int) -> str:
    words = [f"{type(layer).__name__} {_square(layer.kernel_size, ndim)}", *_window_words(layer)]
    groups = getattr(layer, "groups", 1)
    return ", ".join([*words, *([say("layer.groups", groups=groups)] if groups > 1 else [])])


def _upsample_title(layer: Upsample, ndim: int) -> str:
    if layer.size is not None:
        return say("layer.to", layer="Upsample", size=_square(layer.size, ndim))
    return say("layer.upsample_by", factor=_short(layer.scale_factor))


def _input_title(layer: Input, ndim: int) -> str:
    return say(f"layer.{layer.kind}", size=_times(layer.shape))


def _join_title(layer: Add | Concatenate, ndim: int) -> str:
    return say("layer.join", layer=type(layer).__name__, branches=len(layer.branches))


_TITLES: dict[type, Callable[[Any, int], str]] = {
    Pool: _pool_title,
    Conv: _conv_title,
    ConvTranspose: _conv_title,
    DepthwiseConv: _conv_title,
    AdaptivePool: fitted_title,
    GlobalPool: fitted_title,
    Flatten: lambda layer, ndim: "Flatten",
    Linear: lambda layer, ndim: say("layer.to", layer="Linear", size=number(layer.out_features)),
    ZeroPad: lambda layer, ndim: f"ZeroPad {_short(layer.padding)}",
    Crop: lambda layer, ndim: f"Crop {_short(layer.cropping)}",
    Upsample: _upsample_title,
    Concatenate: _join_title,
    Add: _join_title,
    Identity: lambda layer, ndim: layer.name or "Identity",
    Input: _input_title,
    Output: lambda layer, ndim: say("layer.output", place=layer.place + 1),
    Reshape: lambda layer, ndim: say("layer.to", layer="Reshape", size=_times(layer.shape)),
    Permute: lambda layer, ndim: f"Permute {layer.dims}",
    AxisMap: lambda layer, ndim: layer.kind,
    Combine: lambda layer, ndim: layer.how.kind,
}


def operation_title(layer: Layer, ndim: int) -> str:
    """Describe a layer by its main numbers.

    >>> operation_title(Conv(64, 3, padding=1), 2), operation_title(Pool(2), 2)
    ('Conv 3×3, padding 1', 'MaxPool 2×2')
    """
    layer = bare(layer)
    return _TITLES[type(layer)](layer, max(ndim, 1))


def is_telling(name: str | None) -> TypeGuard[str]:
    """False for the bare numbers that PyTorch gives the layers of a Sequential.

    >>> is_telling("pool2"), is_telling("3")
    (True, False)
    """
    return name is not None and not name.isdigit()


def layer_label(index: int, layer: Layer, name: str | None, ndim: int) -> str:
    """Name a layer in a sentence: its name, or its index and its kind.

    >>> layer_label(4, Pool(2, 2), None, 2), layer_label(4, Pool(2, 2), "pool2", 2)
    ('layer 4 (MaxPool 2×2)', 'pool2')
    """
    if is_telling(name) and not isinstance(layer, Identity):
        return name
    head = re.split(r", (?![^(]*\))", operation_title(layer, ndim))[0]  # up to the first comma
    return say("layer.label", index=index, title=head)


# --- problems ------------------------------------------------------------------------------------


def failure_label(failure: Failure) -> Words:
    """Name the layer that fails, for a sentence."""
    ndim = len(failure.input_size)
    return Phrase(layer_label, (failure.index, failure.layer, failure.name, ndim))


def failure_outcome(failure: Failure) -> str:
    """Outcome of the layer that fails, in a few words."""
    title = versioned_title(failure)
    if failure.error is not None:
        does = say("outcome.raises", error=failure.error)
        return say("outcome.of", framework=title, does=does)
    if failure.problem.kind is not FailureKind.TRUNCATED:
        return say("failure.empty_map", framework=title)
    is_pool = isinstance(failure.layer, Pool)
    return say("failure.reads_few_cells" if is_pool else "failure.reads_outside", framework=title)


def failure_findings(failure: Failure) -> tuple[StackFinding, ...]:
    """Findings on the first layer that fails, with its numbers."""
    problem = failure.problem
    severity = Severity.SILENT if problem.is_silent else Severity.ERROR
    traced = problem.trace
    if traced is not None and (
        isinstance(failure.layer, Pool) or problem.kind is FailureKind.NO_WINDOW
    ):
        return tuple(
            StackFinding(
                problem.kind, severity, one.axes, one.what_words, one.why_words, failure.index
            )
            for one in find(traced)
            # Notes are about layers that run.
            if one.severity is not Severity.NOTE
        )
    what, why = _WORDS[problem.kind](failure, problem)
    return (StackFinding(problem.kind, severity, problem.axes, what, why, failure.index),)


def version_findings(failure: Failure) -> tuple[StackFinding, ...]:
    """Notes on what the failing layer does in other versions of the framework."""
    return tuple(
        StackFinding(
            Cause.OTHER_VERSION,
            Severity.NOTE,
            (),
            phrase("finding.outcome", outcome=Phrase(_version_text, (other,))),
            "",
            failure.index,
        )
        for other in other_versions(failure)
    )


def _version_text(other: LayerResult) -> str:
    if other.error is not None:
        does = say("outcome.raises", error=other.error)
    elif 0 in (other.output_shape or ()):
        return say("failure.empty_map", framework=other.title)
    else:
        does = say("outcome.returns", size=by(other.output_shape or ()))
    return say("outcome.of", framework=other.title, does=does)


Said = tuple[Words, Words]  # the observation and its reason


def _refused(failure: Failure, problem: Problem) -> Said:
    refusal = problem.refusals[0]
    what = phrase("finding.refused", why=refusal.why_words)
    return what, phrase("finding.instead", instead=refusal.instead_words)


def _channels(failure: Failure, problem: Problem) -> Said:
    return _built_for("channel", problem)


def _features(failure: Failure, problem: Problem) -> Said:
    return _built_for("feature", problem)


def _built_for(noun: str, problem: Problem) -> Said:
    wanted, got = problem.expected[0], problem.got[0]
    return phrase("failure.built_for", wanted=counted(wanted, noun), got=got), ""


def _groups(failure: Failure, problem: Problem) -> Said:
    groups, got = problem.expected[0], problem.got[0]
    return phrase("failure.groups", channels=counted(got, "channel"), groups=str(groups)), ""


def _axes(failure: Failure, problem: Problem) -> Said:
    if problem.shapes:
        what = phrase("failure.branch_axes", shapes=shapes_words(problem.shapes))
        return what, phrase("failure.axes_differ")
    wanted, got = problem.expected[0], problem.got[0]
    needed = counted(wanted, "spatial_axis") if wanted else phrase("failure.an_axis")
    if got == 0 and failure.index == 0:
        return phrase("failure.no_axis_given", needed=needed), ""
    if got == 0:
        return phrase("failure.no_axis", needed=needed), phrase("failure.flattened")
    return phrase("failure.other_axes", needed=needed, got=got), ""


def shapes_words(shapes: tuple[tuple[int, ...], ...]) -> Words:
    """List shapes in a sentence.

    >>> print(shapes_words(((27, 27, 8), (28, 28, 8))))
    27 × 27 × 8 and 28 × 28 × 8
    """
    return listed(Phrase(by, (shape,)) for shape in shapes)


def _branch_sizes(failure: Failure, problem: Problem) -> Said:
    is_sum = isinstance(failure.layer, Add)
    key = "failure.cannot_be_added" if is_sum else "failure.cannot_be_joined"
    return phrase(key, shapes=shapes_words(problem.shapes)), ""


def _branch_channels(failure: Failure, problem: Problem) -> Said:
    what = phrase("failure.cannot_be_added", shapes=shapes_words(problem.shapes))
    return what, phrase("failure.channels_differ")


def _nothing_left(failure: Failure, problem: Problem) -> Said:
    what = phrase("failure.nothing_left", size=problem.expected)
    rules = FRAMEWORKS[failure.framework]
    is_of_one = rules.returns_empty_transposed_batches and not problem.is_silent
    key = "formula_gives_one" if is_of_one and min(problem.got) == 0 else "formula_gives"
    return what, phrase(f"failure.{key}", size=problem.got)


def _empty_input(failure: Failure, problem: Problem) -> Said:
    return phrase("failure.empty_input"), phrase("failure.lost_before")


def _truncated(failure: Failure, problem: Problem) -> Said:
    """A convolution; the findings on a pooling layer say more."""
    assert problem.trace is not None
    axis = next(axis for axis in problem.trace.axes if axis.is_truncated)
    title = FRAMEWORKS[failure.framework].title
    return Phrase(truncated_text, (axis,)), phrase("failure.value_unknown", framework=title)


def _elements(failure: Failure, problem: Problem) -> Said:
    elements = counted(problem.got[0], "element")
    what = phrase("failure.elements", elements=elements, shape=failure.input_shape)
    wanted, there = problem.expected[0], problem.got[0]
    if isinstance(failure.layer, Reshape) and failure.layer.axis == -1 and wanted > 0 < there:
        multiple = wanted // gcd(wanted, there)
        return what, phrase("failure.rows_hold", wanted=wanted, multiple=multiple)
    return what, phrase("failure.shape_holds", wanted=wanted)


def _parts(failure: Failure, problem: Problem) -> Said:
    elements = counted(problem.got[0], "element")
    return phrase("failure.parts", elements=elements, parts=problem.expected[0]), ""


def _factors(failure: Failure, problem: Problem) -> Said:
    adds_up = isinstance(failure.layer, Combine) and failure.layer.how.adds_up
    key = "failure.cannot_be_joined" if adds_up else "failure.cannot_be_multiplied"
    return phrase(key, shapes=shapes_words(problem.shapes)), ""


def _too_few(failure: Failure, problem: Problem) -> Said:
    wanted, got = counted(problem.expected[0], "element"), problem.got[0]
    if isinstance(failure.layer, ZeroPad):
        return phrase("failure.edge_is_longer", wanted=wanted, got=got), ""
    return phrase("failure.too_few", wanted=wanted, got=got), phrase("failure.one_element")


def _layout(failure: Failure, problem: Problem) -> Said:
    return phrase("failure.layout"), phrase("failure.layout_before")


_WORDS: dict[FailureKind, Callable[[Failure, Problem], Said]] = {
    FailureKind.REFUSED: _refused,
    FailureKind.CHANNELS: _channels,
    FailureKind.GROUPS: _groups,
    FailureKind.FEATURES: _features,
    FailureKind.AXES: _axes,
    FailureKind.BRANCH_SIZES: _branch_sizes,
    FailureKind.BRANCH_CHANNELS: _branch_channels,
    FailureKind.NOTHING_LEFT: _nothing_left,
    FailureKind.EMPTY_INPUT: _empty_input,
    FailureKind.ELEMENTS: _elements,
    FailureKind.TRUNCATED: _truncated,
    FailureKind.PARTS: _parts,
    FailureKind.FACTORS: _factors,
    FailureKind.TOO_FEW: _too_few,
    FailureKind.LAYOUT: _layout,
}
