"""A network, layer after layer: where it stops, who is guilty, and what would help."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.network_layers import Layer, as_layers
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.layers.reshape import MOST_ENTRIES
from poolviz.arithmetic.layers.validation import framework_name, one_of, whole_number
from poolviz.arithmetic.network.forward import ForwardPass, Network, Row
from poolviz.arithmetic.network.min_input import smallest_input
from poolviz.arithmetic.network.shape_rules import NetworkConfig
from poolviz.diagnosis.network.candidate_fixes import Proposal, bare
from poolviz.diagnosis.network.diagnosis import (
    ONE_ORDER,
    FirstFailure,
    StackDiagnosis,
    StackFix,
    order_word,
)
from poolviz.diagnosis.network.fixes import working_changes
from poolviz.diagnosis.network.layer_code import changed_code
from poolviz.diagnosis.network.source import NotRead, Source
from poolviz.diagnosis.network.table import MOST_LINES, as_html, as_text, lines
from poolviz.diagnosis.phrases import by
from poolviz.i18n.catalogue import say
from poolviz.i18n.html import bullets, paragraph

DATA_FORMATS = ("channels_first", "channels_last")
MOST_POOLINGS = 64  # a map of 2⁶⁴ elements is more than there is


@dataclass(frozen=True, repr=False)
class Stack:
    """Layers one after the other, on one input, in one framework.

    Parameters
    ----------
    layers
        `Pool`, `Conv`, `Linear` and the other layers, or (name, layer) pairs. The framework of
        the stack holds for all of them.
    input_shape
        Without the batch, in the order of the data: (H, W, C) or (C, H, W), likewise with one or
        three spatial axes; (features,) for a stack without any.
    data_format
        ``"channels_last"`` or ``"channels_first"``; None is the framework's own.
    framework
        One of ``"pytorch"``, ``"tensorflow"``, ``"keras"``, ``"jax"``, ``"onnxruntime"``; None
        is that of the first `Pool`, or ``"pytorch"``.
    source
        Where the stack was read from (`read_code`, `read_model`); equal stacks may come from
        different texts.

    Raises
    ------
    TypeError, ValueError
        For what is no layer, no shape, or an unknown name. Never for geometry.

    Examples
    --------
    >>> stack = Stack([Pool(2)] * 3, (5, 12, 1), framework="keras")
    >>> [row.output_shape for row in stack.rows], stack.first_failure.index
    ([(2, 6, 1), (1, 3, 1)], 2)
    >>> stack.minimum_input_size
    (8, 8)
    >>> print(stack.table())
       layer        output     sees  jump  unread
    0  MaxPool 2×2  2 × 6 × 1  2     2         12
    1  MaxPool 2×2  1 × 3 × 1  4     4
    2  MaxPool 2×2  ✗ Keras raises ValueError
    """

    layers: tuple[Layer, ...]
    input_shape: tuple[int, ...]
    data_format: str | None = None
    framework: str | None = None
    source: Source | None = field(default=None, compare=False)

    if TYPE_CHECKING:  # what may be given is more than what is kept

        def __init__(
            self,
            layers: Iterable[Layer | tuple[str, Layer]],
            input_shape: Sequence[int],
            data_format: str | None = None,
            framework: str | None = None,
            source: Source | None = None,
        ) -> None: ...

    def __post_init__(self) -> None:
        layers = as_layers("layers", self.layers)
        name = _framework_of(layers) if self.framework is None else framework_name(self.framework)
        order = self.data_format
        if order is None:
            order = ONE_ORDER.get(name, "channels_last")
        checked = {
            "layers": layers,
            "input_shape": _shape(self.input_shape),
            "data_format": one_of("data_format", order, DATA_FORMATS),
            "framework": name,
        }
        for word, value in checked.items():
            object.__setattr__(self, word, value)

    @cached_property
    def network(self) -> Network:
        """The same in the words of the arithmetic floor."""
        setting = NetworkConfig(str(self.framework), self.data_format == "channels_last")
        return Network(self.layers, self.input_shape, setting)

    @property
    def walk(self) -> ForwardPass:
        """What ran, and what failed first."""
        return self.network.done

    @property
    def rows(self) -> tuple[Row, ...]:
        """One row for each layer that runs, activations and normalisations too.

        They end before the first layer that raises. A layer that joins branches comes after the
        layers of its branches.
        """
        return self.walk.rows

    @cached_property
    def first_failure(self) -> FirstFailure | None:
        """The layer where the stack fails, None when every layer gives a map."""
        failure = self.walk.failure
        return None if failure is None else FirstFailure(self, failure)

    @property
    def ok(self) -> bool:
        """True when every layer gives a map with elements in it."""
        return self.walk.failure is None

    @property
    def output_shape(self) -> tuple[int, ...] | None:
        """What comes out, without the batch; None where a layer raises."""
        if not self.walk.is_complete:
            return None
        return self.rows[-1].output_shape if self.rows else self.input_shape

    @property
    def not_read(self) -> tuple[NotRead, ...]:
        """What was not understood where the stack was read; () when all was, or none was read."""
        return () if self.source is None else self.source.not_read

    @property
    def parameters(self) -> int:
        """Weights and biases of all layers that run."""
        return sum(row.parameters for row in self.rows)

    @cached_property
    def minimum_input_size(self) -> tuple[int, ...] | None:
        """The smallest input that runs, one entry per spatial axis; one less on any axis fails.

        None where no size helps: an argument is refused, the channels do not match, or there is
        no spatial axis.
        """
        return smallest_input(self.network)

    @cached_property
    def more_poolings(self) -> int:
        """How many more poolings like the last one fit after the last map (2 × 2 if there is none).

        0 where the stack fails, or where the map is flattened. Poolings that leave the size as it
        is (with "same" on a map of 1, say) do not count.
        """
        maps = [row.output_shape for row in self.rows] or [self.input_shape]
        shape = self.output_shape
        if not self.ok or shape is None or len(maps[-1]) < 2:
            return 0
        like = next(
            (row.layer for row in reversed(self.rows) if isinstance(row.layer, Pool)), Pool(2, 2)
        )
        for more in range(MOST_POOLINGS):
            done = Network((like,), shape, self.network.setting).done
            if done.failure is not None or done.rows[0].output_shape == shape:
                return more
            shape = done.rows[0].output_shape
        return MOST_POOLINGS

    @cached_property
    def diagnosis(self) -> StackDiagnosis:
        """Findings, guilty layers, doctors and fixes for the whole stack."""
        return StackDiagnosis(self)

    @cached_property
    def fixes(self) -> tuple[StackFix, ...]:
        """Changes that were run over the whole stack, the smallest first; () when all runs."""
        changes = working_changes(self.network)
        # The lines hold for the layers as they were read; what was not read stays so.
        source = None if self.source is None else replace(self.source, lines={})
        return tuple(_fix(self.network, change, source) for change in changes)

    def table(self, most: int = MOST_LINES) -> str:
        """One line per layer, down to the one that fails; of long stacks the two ends."""
        return as_text(lines(self.rows, self.walk.failure, self.layers_after, most))

    @property
    def layers_after(self) -> int:
        """Layers of the plain list after the one that fails."""
        failure = self.walk.failure
        return 0 if failure is None else len(self.layers) - failure.path[0] - 1

    @property
    def _title(self) -> str:
        rules = FRAMEWORKS[str(self.framework)]
        order = order_word(str(self.data_format))
        shape = by(self.input_shape)
        return say("stack.title", framework=rules.title, order=order, input=shape)

    def __str__(self) -> str:
        texts = [self._title, self.table(), str(self.diagnosis)]
        if self.not_read:
            texts += [say("stack.not_read"), *(f"  {each}" for each in self.not_read)]
        return "\n".join(texts)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        table = as_html(lines(self.rows, self.walk.failure, self.layers_after))
        said = self.diagnosis._repr_html_()
        items = bullets(map(str, self.not_read))
        left = paragraph(say("stack.not_read")) + items if items else ""
        return f"<div>{paragraph(self._title)}{table}{said}{left}</div>"


def _framework_of(layers: tuple[Layer, ...]) -> str:
    poolings = (layer for layer in map(bare, layers) if isinstance(layer, Pool))
    first = next(poolings, None)
    return "pytorch" if first is None else first.framework


def _shape(value: Any) -> tuple[int, ...]:
    allowed = "input_shape must have one int ≥ 0 per axis, without the batch"
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise TypeError(f"{allowed}, got {value!r} ({type(value).__name__})")
    shape = tuple(whole_number("input_shape", entry, least=0) for entry in value)
    if not 1 <= len(shape) <= MOST_ENTRIES:
        raise ValueError(f"{allowed} (1 to {MOST_ENTRIES} entries), got {shape}")
    return shape


def _fix(before: Network, proposal: Proposal, source: Source | None) -> StackFix:
    network = proposal.network
    setting = network.setting
    order = "channels_last" if setting.channels_last else "channels_first"
    stack = Stack(network.layers, network.input_shape, order, setting.framework, source)
    return StackFix(
        parameter=proposal.parameter,
        _change=proposal.change,
        _also=proposal.also,
        code=proposal.code or changed_code(before, network),
        layer=proposal.layer,
        stack=stack,
    )
