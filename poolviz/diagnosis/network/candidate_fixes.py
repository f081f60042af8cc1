"""A change to a stack that might help: what it is in words, and the changed stack, not yet run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from poolviz.arithmetic.layers.conv import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.network_layers import Layer, Named
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.network.forward import Failure, Network, Path, Row
from poolviz.diagnosis.network.phrases import StackFinding, failure_label, layer_label
from poolviz.dialects.common.dialect import DIALECTS
from poolviz.i18n.phrase import Phrase, Words, phrase

Windowed = Pool | Conv | DepthwiseConv | ConvTranspose
DATA = -1  # `first` of a change of the data: it comes before every layer


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """`change` says what is set, `also` what else changes; `first` is the first layer changed.

    `parameter` names what is changed. `touched`: how many layers. `is_cause`: a doctor has found
    that this is what is wrong, so it comes first. `code`: the line to write, where there is one.
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
    """What a doctor found, and what would help."""

    finding: StackFinding
    proposals: tuple[Proposal, ...] = ()


def bare(layer: Layer) -> Layer:
    """The layer without its name."""
    while isinstance(layer, Named):
        layer = layer.layer
    return layer


def row_label(row: Row) -> Words:
    """How a layer that ran is called in a sentence."""
    return Phrase(layer_label, (row.index, row.layer, row.name, len(row.input_size)))


def changed(network: Network, path: Path, **values: Any) -> Network:
    """The layer at `path` with other parameters."""
    layer: Any = bare(network.entry(path))
    return network.replaced(path, replace(layer, **values))


def changed_all(network: Network, rows: list[Row], change: Callable[[Any], Layer]) -> Network:
    """Each of these layers changed; none of them is added or taken out."""
    for row in rows:
        network = network.replaced(row.path, change(bare(network.entry(row.path))))
    return network


def left_out(network: Network, row: Row, also: Words = "") -> Proposal:
    """One layer that ran taken out."""
    return Proposal(
        parameter="layer",
        network=network.replaced(row.path),
        change=phrase("change.left_out", layer=row_label(row)),
        also=also,
        first=row.index,
    )


def global_in_place(
    network: Network, failure: Failure, layer: Pool, also: Words, is_cause: bool = False
) -> Proposal:
    """Global pooling in place of the pooling that fails, in the framework's words."""
    write = DIALECTS[network.setting.framework].write
    new = write.global_layer(layer.op)
    label = failure_label(failure)
    return Proposal(
        parameter="adaptive",
        network=network.replaced(failure.path, new),
        change=phrase("change.in_place_of", new=write.global_words(), layer=label),
        also=also,
        first=failure.index,
        is_cause=is_cause,
        layer=new,
    )
