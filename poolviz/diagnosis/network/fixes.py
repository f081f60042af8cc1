"""Changes that make a whole stack run: proposed freely, run each, ranked by how little changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from poolviz.arithmetic.layers.conv import Conv, DepthwiseConv
from poolviz.arithmetic.layers.network_layers import Crop, Layer
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.network.failures import FailureKind
from poolviz.arithmetic.network.forward import Failure, Network, Row
from poolviz.arithmetic.network.min_input import nearest_input, smallest_input
from poolviz.diagnosis.network.candidate_fixes import (
    DATA,
    Proposal,
    bare,
    changed,
    changed_all,
    left_out,
    row_label,
)
from poolviz.diagnosis.network.known_causes import CHANNEL_ORDER, advice
from poolviz.diagnosis.network.local_fixes import half, victim_proposals
from poolviz.diagnosis.network.phrases import failure_label
from poolviz.diagnosis.network.root_cause import rows_before
from poolviz.i18n.phrase import counted, phrase

MOST_TRIED = 12  # layers before the victim that are changed one by one
SWAPS = (CHANNEL_ORDER, "data_format")
SIZE_PROBLEMS = (
    FailureKind.NO_WINDOW,
    FailureKind.NOTHING_LEFT,
    FailureKind.EMPTY_INPUT,
    FailureKind.TRUNCATED,
)


def working_changes(network: Network) -> tuple[Proposal, ...]:
    """The proposals that make every layer run, the smallest change first; () when all runs."""
    failure = network.done.failure
    if failure is None:
        return ()
    found: dict[Network, Proposal] = {}
    for proposal in _proposals(network, failure):
        if proposal.network not in found and proposal.network.done.failure is None:
            found[proposal.network] = proposal
    swapped = [one for one in found.values() if one.parameter in SWAPS]
    # With the data in the wrong order every other change only hides the mistake.
    return tuple(sorted(swapped or found.values(), key=partial(_cost, failure)))


def _cost(failure: Failure, proposal: Proposal) -> tuple[bool, int, int]:
    """How much changes: what a doctor found comes first, then what lies nearest to the victim."""
    upstream = max(0, failure.index - proposal.first)
    return (not proposal.is_cause, upstream, proposal.touched)


def _proposals(network: Network, failure: Failure) -> Iterator[Proposal]:
    for said in advice(network):
        yield from said.proposals
    yield from victim_proposals(network, failure)
    if failure.problem.kind in SIZE_PROBLEMS:
        yield from _victim_left_out(network, failure)
        yield from _upstream(network, failure)
    yield from _larger_input(network)


# --- the layers before ---------------------------------------------------------------------------


def _victim_left_out(network: Network, failure: Failure) -> Iterator[Proposal]:
    if isinstance(failure.layer, Pool | Crop) and len(network.layers) > 1:
        yield Proposal(
            parameter="layer",
            network=network.replaced(failure.path),
            change=phrase("change.left_out", layer=failure_label(failure)),
            first=failure.index,
        )


def _upstream(network: Network, failure: Failure) -> Iterator[Proposal]:
    """One layer before the victim changed, the nearest that helps; then several at once."""
    before = list(rows_before(network.done, failure.path))
    strided = [row for row in before if _stride_of(row) > 1][: -MOST_TRIED - 1 : -1]
    one_less = [left_out(network, row) for row in strided if isinstance(row.layer, Pool)]
    yield from _first_that_runs(_unstrided(network, row) for row in strided)
    yield from _first_that_runs(iter(one_less))
    if not any(_runs(proposal) for proposal in one_less) and not _runs_without(network, failure):
        yield from _first_that_runs(_last_poolings_left_out(network))
    yield from _padded_everywhere(network)


def _first_that_runs(proposals: Iterator[Proposal]) -> Iterator[Proposal]:
    first = next(filter(_runs, proposals), None)
    if first is not None:
        yield first


def _runs(proposal: Proposal) -> bool:
    return proposal.network.done.failure is None


def _runs_without(network: Network, failure: Failure) -> bool:
    return any(map(_runs, _victim_left_out(network, failure)))


def _unstrided(network: Network, row: Row) -> Proposal:
    return Proposal(
        parameter="stride",
        network=changed(network, row.path, stride=1),
        change=phrase("change.stride_one", layer=row_label(row)),
        first=row.index,
    )


def _stride_of(row: Row) -> int:
    if row.window is None or not row.input_size:
        return 1
    traced = row.trace
    return max(axis.stride for axis in traced.axes) if traced is not None else 1


def _padded_everywhere(network: Network) -> Iterator[Proposal]:
    rows = _all_rows(network)
    poolings = [row for row in rows if isinstance(row.layer, Pool)]
    convolutions = [
        row
        for row in rows
        if isinstance(row.layer, Conv | DepthwiseConv) and not _keeps_size(row.layer)
    ]
    for alike, noun in ((poolings, "pooling"), (convolutions, "convolution")):
        if len(alike) > 1:
            yield _padded(network, alike, noun)


def _last_poolings_left_out(network: Network) -> Iterator[Proposal]:
    rows = _all_rows(network)
    poolings = [row for row in rows if isinstance(row.layer, Pool) and len(row.path) == 1]
    most = min(len(poolings), MOST_TRIED, len(network.layers) - 1)
    for some in range(2, most + 1):
        fewer = network
        for row in reversed(poolings[-some:]):
            fewer = fewer.replaced(row.path)
        yield Proposal(
            parameter="layer",
            network=fewer,
            change=phrase("change.last_poolings_left_out", count=some),
            first=poolings[-some].index,
            touched=some,
        )


def _keeps_size(layer: Conv | DepthwiseConv) -> bool:
    return layer.padding in ("same", "causal") or layer.padding == half(layer)


def _all_rows(network: Network) -> list[Row]:
    """The layers that ran, and, at the top level, those that did not come to run."""
    done = list(network.done.rows)
    ran = {row.path for row in done}
    rest = [
        Row(max(i, len(done)), (i,), bare(layer), None, (), (), (), (), (), 0, None)
        for i, layer in enumerate(network.layers)
        if (i,) not in ran and not hasattr(bare(layer), "branches")
    ]
    return done + rest


def _padded(network: Network, rows: list[Row], noun: str) -> Proposal:
    is_torch = network.setting.framework == "pytorch"

    def padded(layer: Any) -> Layer:
        number = _pool_half(layer) if isinstance(layer, Pool) else half(layer)
        new: Layer = replace(layer, padding=number if is_torch else "same")
        return new

    key = "change.half_the_kernel_in_all" if is_torch else "change.same_in_all"
    return Proposal(
        parameter="padding",
        network=changed_all(network, rows, padded),
        change=phrase(key, layers=counted(len(rows), noun)),
        first=rows[0].index,
        touched=len(rows),
    )


def _pool_half(layer: Pool) -> int | tuple[int, ...]:
    """The most that PyTorch takes for a pooling."""
    size = layer.kernel_size
    return tuple(k // 2 for k in size) if isinstance(size, tuple) else size // 2


# --- the data ------------------------------------------------------------------------------------


def _larger_input(network: Network) -> Iterator[Proposal]:
    """The smallest input that runs and is no smaller than the given one; else the smallest."""
    least = smallest_input(network)
    if least is None:
        return
    grown = _resized(network, tuple(map(max, least, network.input_size)))
    above = nearest_input(grown, 1)
    fitting = [grown, *([_resized(network, above)] if above else []), _resized(network, least)]
    larger = next((one for one in fitting if one.done.failure is None), None)
    if larger is not None:
        yield Proposal(
            parameter="input_size",
            network=larger,
            change=phrase("change.input", before=network.input_size, after=larger.input_size),
            also=phrase("also.other_data"),
            first=DATA,
            touched=0,
        )


def _resized(network: Network, sizes: tuple[int, ...]) -> Network:
    flow = network.setting.flow(network.input_shape)._replace(sizes=sizes)
    return network.with_input(network.setting.shape(flow))
