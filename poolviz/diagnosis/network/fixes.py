"""Fixes of a stack: many candidates, each run over all layers, ranked by effect and size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from poolviz.arithmetic.layers.conv import Conv, DepthwiseConv
from poolviz.arithmetic.layers.network_layers import Crop, Layer, bare
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.network.failures import FailureKind
from poolviz.arithmetic.network.forward import Failure, Network, Row
from poolviz.arithmetic.network.min_input import nearest_input, smallest_input
from poolviz.diagnosis.network.candidate_fixes import (
    DATA,
    CandidateFix,
    changed,
    changed_all,
    everywhere,
    left_out,
    row_label,
    used_again,
)
from poolviz.diagnosis.network.effects import network_effect
from poolviz.diagnosis.network.known_causes import CHANNEL_ORDER, advice
from poolviz.diagnosis.network.local_fixes import half, local_fixes
from poolviz.diagnosis.network.phrases import failure_label
from poolviz.diagnosis.network.root_cause import rows_before
from poolviz.i18n.phrase import counted, listed, phrase

MOST_FIRST = 3  # changes that others are added to
MOST_TOGETHER = 3  # changes that work together
MOST_TRIED = 12  # layers before the failure that are changed one by one
SWAPS = (CHANNEL_ORDER, "data_format")
SIZE_PROBLEMS = (
    FailureKind.NO_WINDOW,
    FailureKind.NOTHING_LEFT,
    FailureKind.EMPTY_INPUT,
    FailureKind.TRUNCATED,
    FailureKind.TOO_FEW,
)


def working_changes(network: Network) -> tuple[CandidateFix, ...]:
    """Candidates with which every layer runs, the smallest change first; () without a failure."""
    failure = network.done.failure
    if failure is None:
        return ()
    found: dict[Network, CandidateFix] = {}
    uses = used_again(network.layers)
    for candidate in (everywhere(network, each, uses) for each in _candidates(network, failure)):
        # Equal networks are one fix: the first proposal has the more specific words.
        if candidate.network not in found and candidate.network.done.failure is None:
            found[candidate.network] = candidate
    if not found:
        # Combinations only where no single change is enough: one sentence, one change.
        found = {each.network: each for each in _several(network, failure, MOST_TOGETHER)}
    swapped = [one for one in found.values() if one.parameter in SWAPS]
    # With the data in the wrong order, every other change only hides the mistake.
    return tuple(sorted(swapped or found.values(), key=partial(_cost, network)))


def _several(network: Network, failure: Failure, most: int) -> Iterator[CandidateFix]:
    """Yield changes that work together, where every single one leads to a later failure."""
    firsts = []
    for one in _at_the_failure(network, failure):
        later = one.network.done.failure
        # Only what brings the data further can be the first half of a repair.
        if later is not None and later.index > failure.index:
            firsts.append((one, later))
    for one, later in firsts[:MOST_FIRST]:
        seconds = [
            other
            for other in _at_the_failure(one.network, later)
            if other.network.done.failure is None
        ]
        if not seconds and most > 2:
            seconds = list(_several(one.network, later, most - 1))
        if seconds:
            yield _together(network, one, min(seconds, key=partial(_cost, one.network)))


def _at_the_failure(network: Network, failure: Failure) -> Iterator[CandidateFix]:
    for said in advice(network):
        yield from (each for each in said.candidates if each.parameter not in SWAPS)
    yield from local_fixes(network, failure)


def _together(network: Network, one: CandidateFix, other: CandidateFix) -> CandidateFix:
    also = list(dict.fromkeys(each for each in (one.also, other.also) if each))
    return CandidateFix(
        parameter=one.parameter,
        network=other.network,
        change=phrase("change.together", one=one.change, other=other.change),
        also=listed(also) if also else "",
        first=one.first,
        touched=one.touched + other.touched,
        is_cause=one.is_cause,
        code="; ".join([one.code, other.code]) if one.code and other.code else "",
    )


def _cost(network: Network, candidate: CandidateFix) -> tuple[int, bool, int, int]:
    """Rank of a candidate: sound ones, known causes, then the distance from the failure."""
    failure = network.done.failure
    assert failure is not None
    effect = network_effect(network, candidate.network)
    upstream = max(0, failure.index - candidate.first)
    # A change far from the failure touches layers that a user has no reason to suspect.
    return (effect.rank, not candidate.is_cause, upstream, candidate.touched)


def _candidates(network: Network, failure: Failure) -> Iterator[CandidateFix]:
    for said in advice(network):
        yield from said.candidates
    yield from local_fixes(network, failure)
    # Layers before can only mend sizes, not a rejected argument or wrong channels.
    if failure.problem.kind in SIZE_PROBLEMS:
        yield from _failing_left_out(network, failure)
        yield from _upstream(network, failure)
    yield from _larger_input(network)


# --- the layers before ---------------------------------------------------------------------------


def _failing_left_out(network: Network, failure: Failure) -> Iterator[CandidateFix]:
    if isinstance(failure.layer, Pool | Crop) and len(network.layers) > 1:
        yield CandidateFix(
            parameter="layer",
            network=network.replaced(failure.path),
            change=phrase("change.left_out", layer=failure_label(failure)),
            first=failure.index,
        )


def _upstream(network: Network, failure: Failure) -> Iterator[CandidateFix]:
    """Change one layer before the failure, the nearest that helps; then several at once."""
    before = list(rows_before(network.done, failure.path))
    # From the failure backwards: the nearest change leaves most of the network as it is.
    strided = [row for row in before if _stride_of(row) > 1][: -MOST_TRIED - 1 : -1]
    one_less = [left_out(network, row) for row in strided if isinstance(row.layer, Pool)]
    yield from _first_that_runs(_unstrided(network, row) for row in strided)
    yield from _first_that_runs(iter(one_less))
    # Leaving out several is offered only where leaving out one is not enough.
    if not any(_runs(candidate) for candidate in one_less) and not _runs_without(network, failure):
        yield from _first_that_runs(_last_poolings_left_out(network))
    yield from _padded_everywhere(network)


def _first_that_runs(candidates: Iterator[CandidateFix]) -> Iterator[CandidateFix]:
    first = next(filter(_runs, candidates), None)
    if first is not None:
        yield first


def _runs(candidate: CandidateFix) -> bool:
    return candidate.network.done.failure is None


def _runs_without(network: Network, failure: Failure) -> bool:
    return any(map(_runs, _failing_left_out(network, failure)))


def _unstrided(network: Network, row: Row) -> CandidateFix:
    return CandidateFix(
        parameter="stride",
        network=changed(network, row.path, stride=1),
        change=phrase("change.stride_one", layer=row_label(row)),
        first=row.index,
    )


def _stride_of(row: Row) -> int:
    if row.window is None or not row.input_size:
        return 1
    traced = row.trace
    if traced is None or traced.is_fitted:  # windows that follow from the sizes have no stride
        return 1
    return max(axis.stride for axis in traced.axes)


def _padded_everywhere(network: Network) -> Iterator[CandidateFix]:
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


def _last_poolings_left_out(network: Network) -> Iterator[CandidateFix]:
    """Yield the network without its last pooling layers: two of them, three and so on."""
    rows = _all_rows(network)
    # In the main chain only: inside a branch it would change what joins.
    poolings = [row for row in rows if isinstance(row.layer, Pool) and len(row.path) == 1]
    most = min(len(poolings), MOST_TRIED, len(network.layers) - 1)
    for some in range(2, most + 1):
        fewer = network
        for row in reversed(poolings[-some:]):
            fewer = fewer.replaced(row.path)
        yield CandidateFix(
            parameter="layer",
            network=fewer,
            change=phrase("change.last_poolings_left_out", count=some),
            first=poolings[-some].index,
            touched=some,
        )


def _keeps_size(layer: Conv | DepthwiseConv) -> bool:
    return layer.padding in ("same", "causal") or layer.padding == half(layer)


def _all_rows(network: Network) -> list[Row]:
    """Rows of the layers that ran, and placeholders for top-level layers that did not."""
    done = list(network.done.rows)
    ran = {row.path for row in done}
    rest = [
        Row(max(i, len(done)), (i,), bare(layer), None, (), (), (), (), (), 0, None)
        for i, layer in enumerate(network.layers)
        if (i,) not in ran and not hasattr(bare(layer), "branches")
    ]
    return done + rest


def _padded(network: Network, rows: list[Row], noun: str) -> CandidateFix:
    """Return the network in which these layers keep the size, as far as their stride allows."""
    takes_same = network.config.rules.takes_same

    def padded(layer: Layer) -> Layer:
        assert isinstance(layer, Pool | Conv | DepthwiseConv)
        number = _pool_half(layer) if isinstance(layer, Pool) else half(layer)
        return replace(layer, padding="same" if takes_same else number)

    key = "change.same_in_all" if takes_same else "change.half_the_kernel_in_all"
    return CandidateFix(
        parameter="padding",
        network=changed_all(network, rows, padded),
        change=phrase(key, layers=counted(len(rows), noun)),
        first=rows[0].index,
        touched=len(rows),
    )


def _pool_half(layer: Pool) -> int | tuple[int, ...]:
    """Half of the kernel: the largest padding that PyTorch accepts."""
    size = layer.kernel_size
    return tuple(k // 2 for k in size) if isinstance(size, tuple) else size // 2


# --- the data ------------------------------------------------------------------------------------


def _larger_input(network: Network) -> Iterator[CandidateFix]:
    """Suggest the smallest input that runs, no smaller than the given one where possible."""
    least = smallest_input(network)
    if least is None:
        return
    # An axis that is long enough stays as long: the picture is only made larger where it must be.
    grown = _resized(network, tuple(map(max, least, network.input_size)))
    above = nearest_input(grown, 1)
    # A size above the least may fail where branches join (odd sizes), so three are tried.
    fitting = [grown, *([_resized(network, above)] if above else []), _resized(network, least)]
    larger = next((one for one in fitting if one.done.failure is None), None)
    if larger is not None:
        yield CandidateFix(
            parameter="input_size",
            network=larger,
            change=phrase("change.input", before=network.input_size, after=larger.input_size),
            also=phrase("also.other_data"),
            first=DATA,
            touched=0,
        )


def _resized(network: Network, sizes: tuple[int, ...]) -> Network:
    flow = network.config.flow(network.input_shape)._replace(sizes=sizes)
    return network.with_input(network.config.shape(flow))
