"""Candidates that change the layer that fails: one function per kind of problem."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import gcd

from poolviz.arithmetic.layers.conv import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.network_layers import (
    Add,
    Crop,
    Flatten,
    GlobalPool,
    Identity,
    Layer,
    Linear,
    Reshape,
    bare,
)
from poolviz.arithmetic.layers.pool import Pool, Sizes
from poolviz.arithmetic.network.failures import FailureKind
from poolviz.arithmetic.network.forward import Failure, Network
from poolviz.arithmetic.trace import trace
from poolviz.diagnosis.fix_phrases import changes
from poolviz.diagnosis.layer.fixes import as_fix, working_steps
from poolviz.diagnosis.network.candidate_fixes import (
    DATA,
    CandidateFix,
    Windowed,
    changed,
    global_in_place,
    left_out,
    row_label,
)
from poolviz.diagnosis.network.phrases import failure_label
from poolviz.diagnosis.phrases import number
from poolviz.i18n.phrase import Phrase, Words, phrase


def local_fixes(network: Network, failure: Failure) -> Iterator[CandidateFix]:
    """Yield changes of the layer that fails that might help; none has been run."""
    for propose in _BY_KIND.get(failure.problem.kind, ()):
        yield from propose(network, failure)


def _other_window(network: Network, failure: Failure) -> Iterator[CandidateFix]:
    """Suggest the fixes of the layer alone; here the whole stack is run with them."""
    layer, traced = failure.layer, failure.problem.trace
    if traced is None:
        return
    label, ndim = failure_label(failure), len(failure.input_size)
    for step in working_steps(traced):
        # The input of an inner layer is the output of another: it cannot be set here.
        if step.input_size != traced.input_size:
            continue
        if set(_entries(step.layer.kernel_size, ndim)) == {1}:
            continue  # a window of one element does nothing
        if isinstance(layer, Pool):
            fix = as_fix(traced, step)
            new: Layer = replace(step.layer, framework=layer.framework)
            change, code, also = fix.change_words, fix.code, fix.also_words
        # No code here: `changed_code` writes the whole convolution, with its channels.
        elif isinstance(layer, Conv | DepthwiseConv):
            new, code, also = _as_convolution(layer, step.layer, network), "", ""
            change = Phrase(changes, (traced, trace(new.window, traced.input_size)))
        else:
            continue
        yield CandidateFix(
            parameter=step.parameter,
            network=network.replaced(failure.path, new),
            change=phrase("change.in_layer", change=change, layer=label),
            also=also,
            first=failure.index,
            code=code,
            layer=new,
        )


def _entries(value: Sizes, ndim: int) -> tuple[int, ...]:
    return value if isinstance(value, tuple) else (value,) * ndim


def _as_convolution(
    layer: Conv | DepthwiseConv, window: Pool, network: Network
) -> Conv | DepthwiseConv:
    """Apply the numbers of a repaired window to the convolution."""
    padding = window.padding
    # The repaired window is nobody's pooling layer, so it may pad unevenly.
    if network.config.rules.pads_alike and isinstance(padding, tuple):
        pairs = [axis.padding for axis in window.axes(window.ndim or 1)]
        padding = tuple(max(pair) if isinstance(pair, tuple) else 0 for pair in pairs)
    # Numbers that stay keep their name: the window of a "causal" convolution is "valid".
    if padding == layer.window.padding:
        padding = layer.padding
    numbers = {"kernel_size": window.kernel_size, "dilation": window.dilation}
    return replace(layer, **numbers, padding=padding)  # type: ignore[arg-type]


_PLAIN: dict[str, tuple[str | int | None, ...]] = {
    "padding": ("same", 0),
    "stride": (1,),
    "dilation": (1,),
    "groups": (1,),
    "output_padding": (None,),
}


def _plain_values(network: Network, failure: Failure) -> Iterator[CandidateFix]:
    """Replace a rejected argument by plain values, one parameter at a time."""
    layer = bare(failure.layer)
    if not isinstance(layer, Conv | DepthwiseConv | ConvTranspose):
        return
    label = failure_label(failure)
    for parameter, values in _PLAIN.items():
        options = (*values, half(layer)) if parameter == "padding" else values
        for value in options:
            if not hasattr(layer, parameter) or getattr(layer, parameter) == value:
                continue
            shown = f'"{value}"' if isinstance(value, str) else str(value)
            yield CandidateFix(
                parameter=parameter,
                network=changed(network, failure.path, **{parameter: value}),
                change=phrase("change.in_layer", change=f"{parameter}={shown}", layer=label),
                first=failure.index,
            )


def half(layer: Windowed) -> int | tuple[int, ...]:
    """Half of the effective kernel: the padding that keeps the size at stride 1."""
    window = layer if isinstance(layer, Pool) else layer.window
    axes = window.axes(window.ndim or 1)
    halves = tuple(axis.dilation * (axis.kernel_size - 1) // 2 for axis in axes)
    return halves if window.ndim else halves[0]


def _other_channels(network: Network, failure: Failure) -> Iterator[CandidateFix]:
    """Build the layer for the channels that arrive, or repeat the one channel of the data."""
    layer, got = failure.layer, failure.problem.got[0]
    wanted = failure.problem.expected[0]
    word = "in_channels" if isinstance(layer, Conv | ConvTranspose) else "channels"
    if isinstance(layer, Conv | ConvTranspose | Identity):
        yield CandidateFix(
            parameter=word,
            network=changed(network, failure.path, **{word: got}),
            change=_number_in(failure_label(failure), word, wanted, got),
            also=phrase("also.new_weights"),
            first=failure.index,
        )
    # While no layer has changed the shape, it is the data that have one channel.
    if not any(row.input_shape != network.input_shape for row in network.done.rows) and got == 1:
        flow = network.config.flow(network.input_shape)._replace(channels=wanted)
        yield CandidateFix(
            parameter="input_channels",
            network=network.with_input(network.config.shape(flow)),
            change=phrase("change.channel_repeated", times=wanted),
            also=phrase("also.trained_layer_stays"),
            first=DATA,
            touched=0,
        )


def _number_in(label: Words, parameter: str, before: int, after: int) -> Words:
    return phrase("change.number_in", parameter=parameter, before=before, after=after, layer=label)


def _other_groups(network: Network, failure: Failure) -> Iterator[CandidateFix]:
    layer = failure.layer
    if not isinstance(layer, Conv | ConvTranspose):
        return
    channels = network.config.flow(failure.input_shape).channels
    # Groups must divide both numbers of channels; the largest common one changes least.
    groups = gcd(layer.groups, channels, layer.out_channels)
    yield CandidateFix(
        parameter="groups",
        network=changed(network, failure.path, groups=groups),
        change=_number_in(failure_label(failure), "groups", layer.groups, groups),
        first=failure.index,
    )


def _other_in_features(network: Network, failure: Failure) -> Iterator[CandidateFix]:
    if not isinstance(failure.layer, Linear):
        return
    wanted, got = failure.problem.expected[0], failure.problem.got[0]
    yield CandidateFix(
        parameter="in_features",
        network=changed(network, failure.path, in_features=got),
        change=_number_in(failure_label(failure), "in_features", wanted, got),
        also=phrase("also.new_weights"),
        first=failure.index,
        layer=replace(failure.layer, in_features=got),
    )


def _without_flatten(network: Network, failure: Failure) -> Iterator[CandidateFix]:
    for row in reversed(network.done.rows):
        if isinstance(row.layer, Flatten | GlobalPool):
            yield left_out(network, row, phrase("also.a_map_is_needed"))
            return


def _matching_channels(network: Network, failure: Failure) -> Iterator[CandidateFix]:
    """Add a 1×1 convolution to each branch whose channels differ from the first."""
    flows = [network.config.flow(shape) for shape in failure.problem.shapes]
    wanted = flows[0].channels
    changed_network, moved = network, []
    for branch, flow in enumerate(flows):
        if flow.channels != wanted and isinstance(failure.layer, Add):
            layer = Conv(wanted, 1)
            changed_network = changed_network.with_branch_end(failure.path, branch, layer)
            moved.append((flow.channels, wanted))
    yield CandidateFix(
        parameter="branches",
        network=changed_network,
        change=phrase(
            "change.convolution_before",
            channels=Phrase(_arrows, tuple(moved)),
            layer=failure_label(failure),
        ),
        first=failure.index,
    )


def _arrows(*moved: tuple[int, int]) -> str:
    return ", ".join(f"{number(before)} → {number(after)}" for before, after in moved)


def _fitting_linear(network: Network, failure: Failure) -> Iterator[CandidateFix]:
    """Set the output features of a dense layer to the size of the `Reshape` after it."""
    if not network.done.rows or not isinstance(network.done.rows[-1].layer, Linear):
        return
    row, wanted = network.done.rows[-1], failure.problem.expected[0]
    if wanted < 1:
        return  # a shape with a 0 holds nothing
    old = row.output_shape[-1]
    yield CandidateFix(
        parameter="out_features",
        network=changed(network, row.path, out_features=wanted),
        change=_number_in(row_label(row), "out_features", old, wanted),
        first=row.index,
    )


def _no_padding_there(network: Network, failure: Failure) -> Iterator[CandidateFix]:
    """Drop the padding or cropping that removes the whole map."""
    layer, label = failure.layer, failure_label(failure)
    if isinstance(layer, ConvTranspose | Crop):
        word = "padding" if isinstance(layer, ConvTranspose) else "cropping"
        yield CandidateFix(
            parameter=word,
            network=changed(network, failure.path, **{word: 0}),
            change=phrase("change.in_layer", change=f"{word}=0", layer=label),
            first=failure.index,
        )


def _global_in_place(network: Network, failure: Failure) -> Iterator[CandidateFix]:
    layer = failure.layer
    # Without elements there is no maximum and no average.
    if not isinstance(layer, Pool) or min(failure.input_size, default=0) < 1:
        return
    also = phrase("also.one_number_per_channel_of_a_map")
    yield global_in_place(network, failure, layer, also)


def _copied(network: Network, failure: Failure) -> Iterator[CandidateFix]:
    """Copy the elements into the order that the view needs."""
    shape = failure.layer.shape if isinstance(failure.layer, Reshape) else ()
    yield CandidateFix(
        parameter="layer",
        network=changed(network, failure.path, copies=True),
        change=phrase("change.copied", layer=failure_label(failure)),
        first=failure.index,
        code=f"x.reshape({', '.join(['x.size(0)', *map(str, shape)])})",
    )


Propose = Callable[[Network, Failure], Iterator[CandidateFix]]
_BY_KIND: dict[FailureKind, tuple[Propose, ...]] = {
    FailureKind.NO_WINDOW: (_other_window, _global_in_place),
    FailureKind.TRUNCATED: (_other_window, _global_in_place),
    FailureKind.LIMIT: (_other_window,),
    FailureKind.REFUSED: (_other_window, _plain_values),
    FailureKind.CHANNELS: (_other_channels,),
    FailureKind.GROUPS: (_other_groups,),
    FailureKind.FEATURES: (_other_in_features,),
    FailureKind.AXES: (_without_flatten,),
    FailureKind.BRANCH_CHANNELS: (_matching_channels,),
    FailureKind.NOTHING_LEFT: (_no_padding_there,),
    FailureKind.ELEMENTS: (_fitting_linear,),
    FailureKind.LAYOUT: (_copied,),
}
