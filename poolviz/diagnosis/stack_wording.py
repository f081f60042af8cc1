"""How layers of a stack, and what goes wrong with them, are said."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeGuard

from poolviz.arithmetic.convolutions import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.frameworks import FRAMEWORKS
from poolviz.arithmetic.layers import Pool
from poolviz.arithmetic.operations import (
    AdaptivePool,
    Add,
    Concatenate,
    Crop,
    Flatten,
    GlobalPool,
    Layer,
    Linear,
    Named,
    Permute,
    Reshape,
    Same,
    Upsample,
    ZeroPad,
)
from poolviz.arithmetic.problems import Kind, Problem
from poolviz.arithmetic.stack import Failure
from poolviz.diagnosis.findings import Severity, find
from poolviz.diagnosis.wording import OP_TITLES, by, capital, count, joined, number


@dataclass(frozen=True, slots=True)
class StackFinding:
    """One thing that is so, like `Finding`, about a stack: `layer` is the row it speaks of."""

    cause: Kind | str
    severity: Severity
    axes: tuple[str, ...]
    what: str
    why: str
    layer: int | None = None

    def __str__(self) -> str:
        what = f"{joined(self.axes)}: {self.what}" if self.axes else capital(self.what)
        return f"{what} {self.why}".strip()


# --- layers --------------------------------------------------------------------------------------


def _times(value: Any) -> str:
    entries = value if isinstance(value, tuple) else (value,)
    return "×".join(number(entry) for entry in entries)


def _square(value: Any, ndim: int) -> str:
    """A kernel with all its sides, also when one number stands for all."""
    entries = value if isinstance(value, tuple) else (value,)
    return _times(entries * ndim if len(entries) == 1 else entries)


def _short(value: Any) -> str:
    """One number where all are alike."""
    if isinstance(value, tuple) and len(set(value)) == 1:
        value = value[0]
    return number(value) if isinstance(value, int) else str(value)


def _window_words(layer: Any) -> Iterator[str]:
    usual = None if isinstance(layer, Pool) else "1"
    if layer.stride is not None and _short(layer.stride) != usual:
        yield f"stride {_short(layer.stride)}"
    if isinstance(layer.padding, str):
        if layer.padding != "valid":
            yield f'"{layer.padding}"'
    elif _short(layer.padding) not in ("0", "(0, 0)"):
        yield f"padding {_short(layer.padding)}"
    if _short(layer.dilation) != "1":
        yield f"dilation {_short(layer.dilation)}"


def _pool_title(layer: Pool, ndim: int) -> str:
    words = [f"{OP_TITLES[layer.op]} {_square(layer.kernel_size, ndim)}", *_window_words(layer)]
    return ", ".join([*words, *(["ceil_mode"] if layer.ceil_mode else [])])


def _conv_title(layer: Conv | ConvTranspose | DepthwiseConv, ndim: int) -> str:
    words = [f"{type(layer).__name__} {_square(layer.kernel_size, ndim)}", *_window_words(layer)]
    groups = getattr(layer, "groups", 1)
    return ", ".join([*words, *([f"{groups} groups"] if groups > 1 else [])])


def _adaptive_title(layer: AdaptivePool, ndim: int) -> str:
    size = layer.output_size if isinstance(layer.output_size, tuple) else (layer.output_size,)
    shown = "×".join("same" if entry is None else number(entry) for entry in size)
    shown = "×".join([shown] * ndim) if len(size) == 1 else shown
    return f"Adaptive{OP_TITLES[layer.op]} to {shown}"


def _upsample_title(layer: Upsample, ndim: int) -> str:
    if layer.size is not None:
        return f"Upsample to {_square(layer.size, ndim)}"
    return f"Upsample by {_short(layer.scale_factor)}"


_TITLES: dict[type, Callable[[Any, int], str]] = {
    Pool: _pool_title,
    Conv: _conv_title,
    ConvTranspose: _conv_title,
    DepthwiseConv: _conv_title,
    AdaptivePool: _adaptive_title,
    GlobalPool: lambda layer, ndim: f"Global{OP_TITLES[layer.op]}",
    Flatten: lambda layer, ndim: "Flatten",
    Linear: lambda layer, ndim: f"Linear to {number(layer.out_features)}",
    ZeroPad: lambda layer, ndim: f"ZeroPad {_short(layer.padding)}",
    Crop: lambda layer, ndim: f"Crop {_short(layer.cropping)}",
    Upsample: _upsample_title,
    Concatenate: lambda layer, ndim: f"Concatenate, {len(layer.branches)} branches",
    Add: lambda layer, ndim: f"Add, {len(layer.branches)} branches",
    Same: lambda layer, ndim: layer.name or "Same",
    Reshape: lambda layer, ndim: f"Reshape to {_times(layer.shape)}",
    Permute: lambda layer, ndim: f"Permute {layer.dims}",
}


def operation_title(layer: Layer, ndim: int) -> str:
    """A layer with the numbers that matter, in a few words.

    >>> operation_title(Conv(64, 3, padding=1), 2), operation_title(Pool(2), 2)
    ('Conv 3×3, padding 1', 'MaxPool 2×2')
    """
    while isinstance(layer, Named):
        layer = layer.layer
    return _TITLES[type(layer)](layer, max(ndim, 1))


def is_telling(name: str | None) -> TypeGuard[str]:
    """False for the bare numbers that PyTorch gives the layers of a Sequential.

    >>> is_telling("pool2"), is_telling("3")
    (True, False)
    """
    return name is not None and not name.isdigit()


def layer_label(index: int, layer: Layer, name: str | None, ndim: int) -> str:
    """How a layer is called in a sentence: its name, or its place and what it is.

    >>> layer_label(4, Pool(2, 2), None, 2), layer_label(4, Pool(2, 2), "pool2", 2)
    ('layer 4 (MaxPool 2×2)', 'pool2')
    """
    if is_telling(name) and not isinstance(layer, Same):
        return name
    head = re.split(r", (?![^(]*\))", operation_title(layer, ndim))[0]  # up to the first comma
    return f"layer {index} ({head})"


# --- problems ------------------------------------------------------------------------------------


def failure_label(failure: Failure) -> str:
    """The layer that fails, as a sentence calls it."""
    return layer_label(failure.index, failure.layer, failure.name, len(failure.input_size))


def failure_outcome(failure: Failure) -> str:
    """What the framework does there, in a few words."""
    title = FRAMEWORKS[failure.framework].title
    if failure.error is not None:
        return f"{title} raises {failure.error}"
    if failure.problem.kind is Kind.TRUNCATED:
        return f"{title} reads only the cells that there are, and says nothing"
    return f"{title} returns an empty map, and says nothing"


def failure_findings(failure: Failure) -> tuple[StackFinding, ...]:
    """What went wrong in the first layer that fails, with its numbers."""
    problem = failure.problem
    severity = Severity.SILENT if problem.is_silent else Severity.ERROR
    traced = problem.trace
    if traced is not None and (isinstance(failure.layer, Pool) or problem.kind is Kind.NO_WINDOW):
        found = [one for one in find(traced) if one.severity is not Severity.NOTE]
        return tuple(
            StackFinding(problem.kind, severity, one.axes, one.what, one.why, failure.index)
            for one in found
        )
    what, why = _WORDS.get(problem.kind, _plain_words)(failure, problem)
    return (StackFinding(problem.kind, severity, problem.axes, what, why, failure.index),)


def _plain_words(failure: Failure, problem: Problem) -> tuple[str, str]:
    return f"{problem.kind}.", ""


def _refused(failure: Failure, problem: Problem) -> tuple[str, str]:
    refusal = problem.refusals[0]
    return f"{capital(refusal.why)}.", f"Instead: {refusal.instead}."


def _channels(failure: Failure, problem: Problem) -> tuple[str, str]:
    wanted, got = problem.expected[0], problem.got[0]
    return f"built for {count(wanted, 'channel')}, {number(got)} arrive.", ""


def _groups(failure: Failure, problem: Problem) -> tuple[str, str]:
    groups, got = problem.expected[0], problem.got[0]
    return f"{count(got, 'channel')} cannot be split into {groups} equal groups.", ""


def _features(failure: Failure, problem: Problem) -> tuple[str, str]:
    wanted, got = problem.expected[0], problem.got[0]
    return f"built for {count(wanted, 'feature')}, {number(got)} arrive.", ""


def _axes(failure: Failure, problem: Problem) -> tuple[str, str]:
    if problem.shapes:
        return f"the branches have {by_and(problem.shapes)}.", "They differ in the number of axes."
    wanted, got = problem.expected[0], problem.got[0]
    need = f"{wanted} spatial {'axis' if wanted == 1 else 'axes'}" if wanted else "a spatial axis"
    if got == 0:
        return f"the layer needs {need}, but none is left.", "The map was flattened before."
    return f"the layer needs {need}, the map has {number(got)}.", ""


def by_and(shapes: tuple[tuple[int, ...], ...]) -> str:
    """Shapes in a sentence.

    >>> by_and(((27, 27, 8), (28, 28, 8)))
    '27 × 27 × 8 and 28 × 28 × 8'
    """
    return joined([by(shape) for shape in shapes])


def _branch_sizes(failure: Failure, problem: Problem) -> tuple[str, str]:
    kind = "added" if isinstance(failure.layer, Add) else "joined"
    return f"maps of {by_and(problem.shapes)} cannot be {kind}.", ""


def _branch_channels(failure: Failure, problem: Problem) -> tuple[str, str]:
    shapes = by_and(problem.shapes)
    return f"maps of {shapes} cannot be added.", "Their channels differ."


def _nothing_left(failure: Failure, problem: Problem) -> tuple[str, str]:
    before, after = by(problem.expected), by(problem.got)
    return f"nothing is left of the map {before}.", f"The formula gives {after}."


def _empty_input(failure: Failure, problem: Problem) -> tuple[str, str]:
    return "the map is empty.", "Look at the layers before: that is where it was lost."


def _elements(failure: Failure, problem: Problem) -> tuple[str, str]:
    wanted, got = problem.expected[0], problem.got[0]
    what = f"{count(got, 'element')} ({by(failure.input_shape)}) do not fill this shape."
    return what, f"It holds {number(wanted)}."


_WORDS: dict[Kind, Callable[[Failure, Problem], tuple[str, str]]] = {
    Kind.REFUSED: _refused,
    Kind.CHANNELS: _channels,
    Kind.GROUPS: _groups,
    Kind.FEATURES: _features,
    Kind.AXES: _axes,
    Kind.BRANCH_SIZES: _branch_sizes,
    Kind.BRANCH_CHANNELS: _branch_channels,
    Kind.NOTHING_LEFT: _nothing_left,
    Kind.EMPTY_INPUT: _empty_input,
    Kind.ELEMENTS: _elements,
}
