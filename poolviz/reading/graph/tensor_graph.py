"""The graph of tensors: the steps that compute them, and what is known of each.

The readers of source text and of live models share it. It is independent of the framework.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple

from poolviz.arithmetic.failure_kind import FailureKind
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.network_layers import Layer, bare
from poolviz.arithmetic.network.broadcasting import Shape
from poolviz.arithmetic.network.failures import ForwardStopped
from poolviz.arithmetic.network.feature_map import FeatureMap, NetworkConfig
from poolviz.arithmetic.network.forward import Network
from poolviz.arithmetic.network.shape_rules import result_of
from poolviz.diagnosis.network.source import NotRead
from poolviz.i18n.phrase import Words
from poolviz.reading.graph.joins import is_channel_axis
from poolviz.reading.graph.nesting import Node
from poolviz.reading.graph.symbolic_tensor import SymbolicTensor

LARGEST_FACTOR = 1024  # enlargement of an input, to find the axes after a layer that fails


class Constant(NamedTuple):
    """Whole shape of a tensor that the model creates, and whether it is a parameter."""

    shape: Shape
    is_parameter: bool = False


class TensorGraph:
    """The steps that compute tensors, and what is known of each tensor.

    Parameters
    ----------
    lines
        The source text, to quote lines that are not understood.
    looks_past_failures
        A layer that fails gives the shape that it has on a larger input, and channels are not
        compared. Only the number of axes counts then: a view or a mean that follows has to be
        read too, because a fix may make it run. Code that computes with the sizes does not use
        it.
    """

    def __init__(self, lines: Sequence[str] = (), looks_past_failures: bool = False) -> None:
        self.lines = lines
        self.looks_past_failures = looks_past_failures
        self.nodes: dict[int, Node] = {}
        self.tensors: dict[Hashable, SymbolicTensor] = {}
        self.batches: dict[int, int | None] = {}  # size of the batch of an input, by its key
        self.orders: dict[int, bool] = {}  # are the channels of an input last?
        self.constants: dict[Hashable, Constant] = {}
        self.names: dict[Hashable, str] = {}  # of inputs
        self.wanted: dict[int, Shape] = {}  # what an input of Keras states, with open sizes
        self.assume: Mapping[int | str, tuple[int, ...] | str] = {}  # what the user states, by line
        self.failed: list[int] = []  # tensors that no framework makes, in order
        self.is_for_one_size = False  # whether the model computes with the sizes of its maps
        self._unread: dict[Hashable, NotRead | None] = {}  # None: computed from one that is unread
        self._notes: dict[int, list[NotRead]] = {}

    # --- what was not understood -----------------------------------------------------------------

    def not_read(self, line: int | None, why: Words, text: str = "") -> NotRead:
        """Return a record of a step that was not understood, with its source line."""
        if line is not None and 0 < line <= len(self.lines):
            text = self.lines[line - 1].strip()
        return NotRead(line, text, why)

    def is_unread(self, tensor: SymbolicTensor) -> bool:
        """Return whether a tensor, or one that it is computed from, was not understood."""
        return tensor.key in self._unread

    def unread(self, key: int) -> NotRead | None:
        """Return why the step that makes a tensor was not understood; None if it was."""
        return self._unread.get(key)

    def notes(self, keys: Iterable[int]) -> list[NotRead]:
        """Return what was noted about tensors."""
        return [note for key in keys for note in self._notes.get(key, ())]

    @property
    def first_unread(self) -> NotRead | None:
        """The first step that was not understood."""
        return next((what for what in self._unread.values() if what is not None), None)

    @property
    def last(self) -> SymbolicTensor:
        """The last tensor."""
        return self.tensors[len(self.tensors)]

    def latest(self, start: SymbolicTensor) -> SymbolicTensor:
        """Return the last understood tensor that was computed from the same input as `start`."""
        made = (self.tensors[key] for key in reversed(self.nodes) if key > start.key)
        read = (each for each in made if each.root == start.root and not self.is_unread(each))
        return next(read, start)

    # --- ways between tensors --------------------------------------------------------------------

    def between(self, starts: Collection[Hashable], outputs: Iterable[int]) -> list[int]:
        """Return the tensors from which the outputs are computed, in order, without `starts`."""
        wanted: set[int] = set()
        open_keys: list[int] = list(outputs)
        while open_keys:
            key = open_keys.pop()
            if key not in wanted and key not in starts:
                wanted.add(key)
                open_keys += self.inputs_of(key)
        return sorted(wanted)

    def inputs_of(self, key: int) -> Sequence[int]:
        """Return the tensors from which one is made; () for one that is not computed."""
        node = self.nodes.get(key)
        return () if node is None else [each for each in node.inputs if isinstance(each, int)]

    def computed(self, tensors: Sequence[SymbolicTensor]) -> Sequence[SymbolicTensor]:
        """Return the tensors that are computed from an input; all of them if none is.

        In a constructor, numbers that the model creates stand for an input, beside its parameters.
        """
        if not self.constants:
            return tensors
        found = [each for each in tensors if each.root not in self.constants]
        if found:
            return found
        return [each for each in tensors if not self.constants[each.root].is_parameter] or tensors

    # --- shapes ----------------------------------------------------------------------------------

    def channels_last(self, tensor: SymbolicTensor) -> bool:
        """Return whether the channels are the last axis of the input that a tensor comes from."""
        if tensor.root in self.orders:
            return self.orders[tensor.root]
        # Data of NumPy that no layer has taken yet.
        if tensor.framework is None:
            return True
        return FRAMEWORKS[tensor.framework].data_formats[0] == "channels_last"

    def config(self, tensor: SymbolicTensor) -> NetworkConfig:
        """Return the network settings for a tensor."""
        framework = tensor.framework or "pytorch"
        return NetworkConfig(framework, self.channels_last(tensor), self.looks_past_failures)

    def is_channel_axis(self, axis: int, tensors: Sequence[SymbolicTensor]) -> bool:
        """Return whether an axis of concatenation is the channel axis."""
        shapes = [tensor.shape for tensor in tensors]
        return is_channel_axis(axis, shapes, self.channels_last(tensors[0]))

    def error_at(self, key: int) -> str | None:
        """Return the class of the error at which a tensor is not made, None for an unknown one."""
        node = self.nodes[key]
        given = self.tensors[node.inputs[0]]
        if node.join is not None or given.shape is None:
            return FRAMEWORKS[given.framework or "pytorch"].error_class(FailureKind.BRANCH_SIZES)
        failure = Network(node.layers, given.shape, self.config(given)).done.failure
        return None if failure is None else failure.error


def shape_after(
    layers: tuple[Layer, ...], shape: Shape, config: NetworkConfig, largest_factor: int = 1
) -> Shape | None:
    """Return the shape after layers, on an input enlarged by a power of two if necessary.

    >>> from poolviz.arithmetic.layers.pool import Pool
    >>> config = NetworkConfig("pytorch", channels_last=False)
    >>> shape_after((Pool(8),), (3, 6, 6), config, 2), shape_after((Pool(8),), (3, 6, 6), config)
    ((3, 1, 1), None)
    """
    channels, sizes = config.flow(shape)
    factor = 1
    while factor <= largest_factor:
        # First the input as it is, then larger and larger ones until every window fits.
        larger = tuple(max(1, size) * factor if factor > 1 else size for size in sizes)
        flow = FeatureMap(channels, larger)
        try:
            for layer in map(bare, layers):
                flow = result_of(layer, flow, config).flow
            return config.shape(flow)
        except ForwardStopped:
            factor *= 2
    return None
