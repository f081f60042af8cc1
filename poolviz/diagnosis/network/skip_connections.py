"""Known cause: branches of a skip connection that join with different sizes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from poolviz.arithmetic.layers.conv import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.network_layers import Crop, Layer, Upsample, ZeroPad
from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.arithmetic.network.failures import FailureKind
from poolviz.arithmetic.network.forward import Failure, Network, Row
from poolviz.arithmetic.network.min_input import nearest_input
from poolviz.diagnosis.layer.findings import Severity
from poolviz.diagnosis.network.candidate_fixes import (
    DATA,
    Advice,
    CandidateFix,
    changed,
    changed_all,
    row_label,
)
from poolviz.diagnosis.network.phrases import Said, StackFinding, failure_label
from poolviz.diagnosis.phrases import ELEMENTS
from poolviz.dialects.common.dialect import DIALECTS
from poolviz.i18n.phrase import counted, listed, phrase

ODD_SIZE = "odd size"  # the cause of a finding
MOST_JOINS = 32  # joins that one candidate makes even


def odd_sizes(network: Network) -> Advice | None:
    """Recognise branches that join with different sizes, because one lost an odd element."""
    failure = network.done.failure
    if failure is None or failure.problem.kind is not FailureKind.BRANCH_SIZES:
        return None
    flows = [network.config.flow(shape) for shape in failure.problem.shapes]
    names = AXIS_NAMES[len(flows[0].sizes)]
    place = names.index(failure.problem.axes[0])
    what, why = _who_lost(network, failure, names[place], place)
    finding = StackFinding(ODD_SIZE, Severity.ERROR, (names[place],), what, why, failure.index)
    sizes = [flow.sizes for flow in flows]
    return Advice(finding, (*_even_branches(network, failure, sizes), *_even_inputs(network)))


def _who_lost(network: Network, failure: Failure, axis: str, place: int) -> Said:
    """Say which layer of a branch made it smaller than the other one, and what that means."""
    noun = ELEMENTS[axis]
    inside = _inside(network, failure)
    for row in inside:
        traced = row.trace
        unread = traced.axes[place].unread_count if traced is not None else 0
        # The first layer with unread elements lost the odd one; upsampling cannot bring it back.
        if traced is not None and unread:
            size = row.input_size[place]
            what = phrase(
                "known_cause.reads_fewer",
                layer=row_label(row),
                read=size - unread,
                cells=counted(size, noun),
            )
            is_enlarged = any(isinstance(one.layer, Upsample | ConvTranspose) for one in inside)
            return what, phrase("known_cause.do_not_meet") if is_enlarged else ""
    for row in inside:
        before, after = row.input_size, row.output_size
        if len(before) == len(after) > place and after[place] < before[place]:
            taken = counted(before[place] - after[place], noun)
            return phrase("known_cause.takes_more", layer=row_label(row), taken=taken), ""
    return phrase("known_cause.different_ways"), ""


def _even_branches(
    network: Network, failure: Failure, sizes: list[tuple[int, ...]]
) -> Iterator[CandidateFix]:
    """Yield changes after which the branches have one size: of layers first, then of the maps."""
    largest, least = tuple(map(max, *sizes)), tuple(map(min, *sizes))
    label = failure_label(failure)
    yield from _padded_convolutions(network, failure)
    yield from _exact_upsampling(network, failure, largest)
    ways = (
        (True, "change.smaller_map_padded", largest, phrase("also.zeros_at_the_end")),
        (False, "change.larger_map_cropped", least, ""),
    )
    for pads, key, size, also in ways:
        change = phrase(key, size=size, layer=label)
        even, joins = _evened(network, pads)
        if joins > 1:
            others = counted(joins - 1, "other_join")
            change = phrase("change.and_at_joins", change=change, joins=others)
        yield CandidateFix(
            parameter="branches",
            network=even,
            change=change,
            also=also,
            first=failure.index,
            touched=joins,
            is_cause=True,
        )


def _evened(network: Network, pads: bool) -> tuple[Network, int]:
    """Pad the smaller maps, or crop the larger ones, wherever branches join."""
    joins = 0
    # Evened one by one: what one join gives is the input of the next.
    while joins < MOST_JOINS:
        failure = network.done.failure
        if failure is None or failure.problem.kind is not FailureKind.BRANCH_SIZES:
            break
        joins += 1
        sizes = [network.config.flow(shape).sizes for shape in failure.problem.shapes]
        wanted = tuple(map(max if pads else min, *sizes))
        for branch, size in enumerate(sizes):
            # At the end, where the odd element was left over.
            gaps = tuple((0, abs(a - b)) for a, b in zip(wanted, size, strict=True))
            if any(gap for _, gap in gaps):
                layer = ZeroPad(gaps) if pads else Crop(gaps)
                network = network.with_branch_end(failure.path, branch, layer)
    return network, joins


def _padded_convolutions(network: Network, failure: Failure) -> Iterator[CandidateFix]:
    """Add padding to the convolutions of a branch that shrink the map."""
    short = [
        row
        for row in _inside(network, failure)
        if isinstance(row.layer, Conv | DepthwiseConv)
        and row.trace is not None
        and any(a.output_size < a.input_size and a.stride == 1 for a in row.trace.axes)
    ]
    if short:
        names = listed(row_label(row) for row in short[:3])
        layers = phrase("change.and_more", layers=names) if short[3:] else names
        yield CandidateFix(
            parameter="padding",
            network=changed_all(network, short, _same),
            change=phrase("change.in_layer", change='padding="same"', layer=layers),
            first=short[0].index,
            touched=len(short),
            is_cause=True,
        )


def _same(layer: Layer) -> Layer:
    assert isinstance(layer, Conv | DepthwiseConv)
    return replace(layer, padding="same")


def _inside(network: Network, failure: Failure) -> list[Row]:
    """Rows of the branches that join in the layer that fails."""
    return [row for row in network.done.rows if row.path[: len(failure.path)] == failure.path]


def _exact_upsampling(
    network: Network, failure: Failure, largest: tuple[int, ...]
) -> Iterator[CandidateFix]:
    """Set the target size of the last upsampling layer to that of the other branch."""
    write = DIALECTS[network.config.framework].write
    for row in reversed(_inside(network, failure)):
        if isinstance(row.layer, Upsample):
            yield CandidateFix(
                parameter="size",
                network=network.replaced(row.path, Upsample(size=largest, mode=row.layer.mode)),
                change=phrase("change.upsampling", size=largest, layer=row_label(row)),
                first=row.index,
                is_cause=True,
                code=write.resized(largest),
            )
            return
        if isinstance(row.layer, ConvTranspose) and write.enlarges_transposed:
            extra = tuple(most - n for most, n in zip(largest, row.output_size, strict=True))
            # Only the size is under control: whether the framework takes this much is tried by
            # running it.
            if min(extra) >= 0 and row.layer.output_padding is None:
                yield CandidateFix(
                    parameter="output_padding",
                    network=changed(network, row.path, output_padding=extra),
                    change=phrase(
                        "change.in_layer",
                        change=f"output_padding={extra}",
                        layer=row_label(row),
                    ),
                    first=row.index,
                    is_cause=True,
                )
            return


def _even_inputs(network: Network) -> Iterator[CandidateFix]:
    """Yield the nearest larger and the nearest smaller input with which the branches fit."""
    config = network.config
    for step in (1, -1):
        sizes = nearest_input(network, step)
        if sizes is None or sizes == network.input_size:
            continue
        shape = config.shape(config.flow(network.input_shape)._replace(sizes=sizes))
        key = "change.input_made_larger" if step == 1 else "change.input_made_smaller"
        yield CandidateFix(
            parameter="input_size",
            network=network.with_input(shape),
            change=phrase(key, before=network.input_size, after=sizes),
            first=DATA,
            touched=0,
        )
