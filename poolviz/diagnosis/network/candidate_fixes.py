"""Candidate fixes: a change in words and the changed network, not yet run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from poolviz.arithmetic.layers.conv import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.network_layers import (
    Layer,
    Named,
    Output,
    branches_of,
    layer_count,
)
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.network.forward import SIDE, Failure, Network, Path, Row
from poolviz.diagnosis.network.phrases import StackFinding, failure_label, layer_label
from poolviz.dialects.common.dialect import DIALECTS
from poolviz.dialects.common.write import plain_op
from poolviz.i18n.phrase import Phrase, Words, phrase

Windowed = Pool | Conv | DepthwiseConv | ConvTranspose
DATA = -1  # `first` of a change of the data: it comes before every layer


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateFix:
    """A change of a network that might help.

    `change` and `also` are its words; `first` is the index of the first layer that changes.
    `parameter` names the parameter, `touched` counts the layers that change. `is_cause`: the change
    removes a known cause, so it ranks first. `code`: the line of code, if there is one.
    """

    parameter: str
    network: Network
    change: Words
    first: int
    also: Words = ""
    touched: int = 1
    is_cause: bool = False
    code: str = ""
    layer: Layer | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """A known cause, and the changes that help."""

    finding: StackFinding
    candidates: tuple[CandidateFix, ...] = ()


def row_label(row: Row) -> Words:
    """Name a layer that ran, for a sentence."""
    return Phrase(layer_label, (row.index, row.layer, row.name, len(row.input_size)))


def changed(network: Network, path: Path, **values: object) -> Network:
    """Return the network with other parameters for the layer at `path`."""
    layer: Any = network.layer_at(path)
    return network.replaced(path, replace(layer, **values))


def used_again(layers: tuple[Layer, ...]) -> dict[Path, list[Path]]:
    """Return all places of each layer that is used more than once, by each of its places."""
    # Equal layers may be several objects; with one name they are one.
    found: dict[Named, list[Path]] = {}
    open_chains: list[tuple[Path, tuple[Layer, ...]]] = [((), layers)]
    while open_chains:
        prefix, chain = open_chains.pop()
        for place, entry in enumerate(chain):
            path = (*prefix, place)
            if isinstance(entry, Named):
                found.setdefault(entry, []).append(path)
            is_side = isinstance(entry, Output)
            for at, branch in enumerate(branches_of(entry)):
                open_chains.append(((*path, SIDE if is_side else at), branch))
    return {path: paths for paths in found.values() if len(paths) > 1 for path in paths}


def everywhere(
    network: Network, candidate: CandidateFix, uses: dict[Path, list[Path]]
) -> CandidateFix:
    """Change a layer at each of its uses: it is one object of the user's code."""
    after = candidate.network
    # After a layer was added or removed, paths lead to other layers.
    if not uses or layer_count(after.layers) != layer_count(network.layers):
        return candidate
    for path, paths in uses.items():
        old, new = network.layer_at(path), after.layer_at(path)
        if new != old:
            for other in paths:
                after = after.replaced(other, new)
    return candidate if after is candidate.network else replace(candidate, network=after)


def changed_all(network: Network, rows: list[Row], change: Callable[[Layer], Layer]) -> Network:
    """Change each of these layers in place."""
    for row in rows:
        network = network.replaced(row.path, change(network.layer_at(row.path)))
    return network


def left_out(network: Network, row: Row, also: Words = "") -> CandidateFix:
    """Suggest leaving out one layer that ran."""
    return CandidateFix(
        parameter="layer",
        network=network.replaced(row.path),
        change=phrase("change.left_out", layer=row_label(row)),
        also=also,
        first=row.index,
    )


def global_in_place(
    network: Network, failure: Failure, layer: Pool, also: Words, is_cause: bool = False
) -> CandidateFix:
    """Suggest global pooling in place of the pooling layer that fails."""
    write = DIALECTS[network.config.framework].write
    new = write.global_layer(plain_op(layer.op))
    label = failure_label(failure)
    return CandidateFix(
        parameter="adaptive",
        network=network.replaced(failure.path, new),
        change=phrase("change.in_place_of", new=write.global_words(), layer=label),
        also=also,
        first=failure.index,
        is_cause=is_cause,
        layer=new,
    )
