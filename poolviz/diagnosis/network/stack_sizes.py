"""Layers on an input: the row of each, the shapes, and the sizes that fit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.foreign import first_foreign
from poolviz.arithmetic.layers.in_use import framework_in_use
from poolviz.arithmetic.layers.network_layers import Layer, as_layers, bare, layer_count
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.layers.reshape import MOST_ENTRIES
from poolviz.arithmetic.layers.validation import framework_name, is_shape, one_of, whole_number
from poolviz.arithmetic.network.feature_map import NetworkConfig
from poolviz.arithmetic.network.forward import ForwardPass, Network, Row
from poolviz.arithmetic.network.min_input import smallest_input
from poolviz.diagnosis.network.findings import more_poolings
from poolviz.diagnosis.network.source import NotRead, Source, unchecked

DATA_FORMATS = ("channels_first", "channels_last")


@dataclass(frozen=True, repr=False)
class StackSizes:
    """The checked arguments of a `Stack`, and what follows from them without any text."""

    layers: tuple[Layer, ...]
    input_shape: tuple[int, ...]
    data_format: str = None  # type: ignore[assignment]  # `__post_init__` fills both in
    framework: str = None  # type: ignore[assignment]
    source: Source | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        entries: Any = self.layers
        shape: Any = self.input_shape
        if is_shape(entries) and not is_shape(shape):
            entries, shape = shape, entries  # in the other order
        if isinstance(entries, Iterable) and not isinstance(entries, str):
            entries = tuple(entries)
        layers = as_layers("layers", entries)
        # Equal where nothing was converted, which is quicker to see.
        foreign = None if layers == entries else first_foreign(entries)
        given: tuple[str | None, str | None] = (self.framework, self.data_format)
        own = _framework_of(layers) if foreign is None else foreign.framework
        name = own if given[0] is None else framework_name(given[0])
        order = given[1]
        if order is None:
            order = FRAMEWORKS[name].data_formats[0] if foreign is None else foreign.data_format
        checked = {
            "layers": layers,
            "input_shape": _shape(shape),
            "data_format": one_of("data_format", order, DATA_FORMATS),
            "framework": name,
        }
        for word, value in checked.items():
            object.__setattr__(self, word, value)

    @cached_property
    def network(self) -> Network:
        """The layers and their input, without texts."""
        config = NetworkConfig(self.framework, self.data_format == "channels_last")
        ends_early = self.source is not None and not self.source.is_whole
        is_for_one_size = self.source is not None and self.source.is_for_one_size
        return Network(self.layers, self.input_shape, config, ends_early, is_for_one_size)

    @property
    def walk(self) -> ForwardPass:
        """The layers that ran, and the first failure."""
        return self.network.done

    @property
    def rows(self) -> tuple[Row, ...]:
        """One row for each layer that ran, including activations and normalisations.

        They end before the first layer that raises. A layer that joins branches comes after the
        layers of its branches.
        """
        return self.walk.rows

    @property
    def ok(self) -> bool | None:
        """True when every layer gives a map with elements in it, False when one fails.

        None where no layer fails, but the stack is not the whole model (`source.is_whole`), or an
        unknown size (`?`) keeps a layer from being checked; `not_read` lists it.
        """
        if self.walk.failure is not None:
            return False
        is_open = any(each.keeps_unchecked for each in self.not_read)
        return None if self.network.ends_early or is_open else True

    @property
    def output_shape(self) -> tuple[int, ...] | None:
        """Output shape without the batch; None where a layer raises.

        Of several outputs it is the first. Where the stack ends before the model does, it is the
        shape after the last layer.
        """
        return self.walk.outputs[0] if self.walk.is_complete else None

    @property
    def output_shapes(self) -> tuple[tuple[int, ...], ...]:
        """Shapes of all outputs, without the batch; () where a layer raises."""
        return self.walk.outputs

    @property
    def not_read(self) -> tuple[NotRead, ...]:
        """Parts of the source that were not understood or checked; () without a source."""
        if self.source is None:
            return ()
        return tuple(dict.fromkeys([*self.source.not_read, *unchecked(self.source, self.walk)]))

    @property
    def parameters(self) -> int:
        """Weights and biases of all layers that run."""
        return sum(row.parameters for row in self.rows)

    @property
    def receptive_field(self) -> tuple[int, ...]:
        """Input elements that one element of the last map depends on, one entry per axis.

        It is that of the last layer that runs; () where none does, and after a reshape.
        """
        return tuple(self.rows[-1].receptive_field) if self.rows else ()

    @cached_property
    def minimum_input_size(self) -> tuple[int, ...] | None:
        """Smallest input that works, one entry per spatial axis; one less on any axis fails.

        None where no size helps: an argument is rejected, the channels do not match, or there is
        no spatial axis; and where the stack is not the whole model, or its code computes with the
        sizes of the maps (`source.is_for_one_size`).
        """
        return smallest_input(self.network)

    @cached_property
    def more_poolings(self) -> int:
        """Number of further pooling layers like the last one that fit (2 × 2 without any).

        0 where the stack fails or ends early, or where the map is flattened. Layers that leave the
        size as it is (with "same" on a map of 1, say) do not count.
        """
        return more_poolings(self.network)

    @property
    def layers_after(self) -> int:
        """Number of layers after the one that fails, counted as the rows are."""
        failure = self.walk.failure
        return 0 if failure is None else layer_count(self.layers) - failure.index - 1


def _framework_of(layers: tuple[Layer, ...]) -> str:
    poolings = (layer for layer in map(bare, layers) if isinstance(layer, Pool))
    first = next(poolings, None)
    return framework_in_use() if first is None else first.framework


def _shape(value: object) -> tuple[int, ...]:
    allowed = "input_shape must have one int ≥ 0 per axis, without the batch"
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise TypeError(f"{allowed}, got {value!r} ({type(value).__name__})")
    shape = tuple(whole_number("input_shape", entry, least=0) for entry in value)
    if not 1 <= len(shape) <= MOST_ENTRIES:
        raise ValueError(f"{allowed} (1 to {MOST_ENTRIES} entries), got {shape}")
    return shape
