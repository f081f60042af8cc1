"""What is said of a network: where it fails, its root causes, and its fixes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.network_layers import Layer
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.network.failures import GEOMETRIC
from poolviz.arithmetic.network.forward import Failure, Network
from poolviz.diagnosis.effects import Effect
from poolviz.diagnosis.fix_phrases import Offer, offers_html
from poolviz.diagnosis.layer.diagnosis import Diagnosis, diagnosis_of
from poolviz.diagnosis.network.candidate_fixes import CandidateFix
from poolviz.diagnosis.network.effects import network_effect
from poolviz.diagnosis.network.findings import (
    data_format,
    find,
    headline,
    is_swapped,
    order_word,
    verdict,
)
from poolviz.diagnosis.network.fixes import working_changes
from poolviz.diagnosis.network.layer_code import changed_code
from poolviz.diagnosis.network.phrases import StackFinding, failure_label, failure_outcome
from poolviz.diagnosis.network.root_cause import RootCause, root_causes
from poolviz.diagnosis.network.source import Source
from poolviz.diagnosis.network.stack_sizes import StackSizes
from poolviz.diagnosis.network.table import MOST_LINES, as_html, as_text, lines
from poolviz.diagnosis.phrases import by, capital, count, joined
from poolviz.dialects.common.dialect import DIALECTS
from poolviz.i18n.catalogue import say
from poolviz.i18n.html import bullets, escape, paragraph, shown_by_its_text
from poolviz.i18n.keywords import answers_keywords
from poolviz.i18n.phrase import Words

MOST_NAMED = 5  # other models of the source


@answers_keywords()
@dataclass(frozen=True, repr=False)
class Stack(StackSizes):
    """Layers one after the other, on one input, in one framework.

    Parameters
    ----------
    layers
        `Pool`, `Conv`, `Linear` and the other layers, or (name, layer) pairs; also layer objects of
        PyTorch and Keras. The framework of the stack holds for all of them.
    input_shape
        Without the batch, in the order of the data: (H, W, C) or (C, H, W), likewise with one or
        three spatial axes; (features,) for a stack without any.
    data_format
        ``"channels_last"`` or ``"channels_first"``; None is the framework's own.
    framework
        One of ``"pytorch"``, ``"tensorflow"``, ``"keras"``, ``"jax"``, ``"onnxruntime"``,
        ``"mlx"``, with or without a version (``"keras==3.14"``); None is that of the first
        layer object of a framework, else of the first `Pool`, or the one in use: see `use`.
    source
        Where the stack was read from (`read_code`, `read_model`); equal stacks may come from
        different texts.

    Raises
    ------
    TypeError, ValueError
        For anything but layers and a shape, or an unknown name. Never for geometry.

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
    2  MaxPool 2×2  ✗ Keras 3.15 raises ValueError
    """

    if TYPE_CHECKING:  # accepts more than the fields hold

        def __init__(
            self,
            layers: Iterable[Layer | tuple[str, Layer]],
            input_shape: Sequence[int],
            data_format: str | None = None,
            framework: str | None = None,
            source: Source | None = None,
        ) -> None: ...

    @cached_property
    def first_failure(self) -> FirstFailure | None:
        """Layer where the stack fails; None when every layer works."""
        failure = self.walk.failure
        return None if failure is None else FirstFailure(self, failure)

    @cached_property
    def diagnosis(self) -> StackDiagnosis:
        """Findings, root causes, known causes and fixes for the whole stack."""
        return StackDiagnosis(self)

    @cached_property
    def fixes(self) -> tuple[StackFix, ...]:
        """Fixes, each recomputed over the whole stack; () without a failure.

        Sound ones come first, the smallest change before others.
        """
        changes = working_changes(self.network)
        # Line numbers are those of the layers as they were read; `not_read` still holds.
        source = None if self.source is None else replace(self.source, lines={})
        return tuple(_fix(self.network, change, source) for change in changes)

    def table(self, most: int = MOST_LINES) -> str:
        """Table with one line per layer up to the failure; the middle of long ones is left out."""
        return as_text(lines(self.rows, self.walk.failure, self.layers_after, most))

    def source_texts(self) -> list[str]:
        """Say which of several models of the source this is; [] where there is one."""
        if self.source is None or not self.source.candidates:
            return []
        names = list(self.source.candidates[:MOST_NAMED])
        left = len(self.source.candidates) - len(names)
        others = joined([*names, count(left, "other_model")] if left else names)
        key = "stack.script_of" if self.source.model is None else "stack.model_of"
        return [say(key, model=self.source.model or "", others=others)]

    @property
    def _title(self) -> str:
        rules = FRAMEWORKS[self.framework]
        order = order_word(self.data_format)
        shape = by(self.input_shape)
        return say("stack.title", framework=rules.title, order=order, input=shape)

    def __str__(self) -> str:
        texts = [self._title, self.table(), str(self.diagnosis), *self.source_texts()]
        if self.not_read:
            texts += [say("stack.not_read"), *(f"  {each}" for each in self.not_read)]
        return "\n".join(texts)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        table = as_html(lines(self.rows, self.walk.failure, self.layers_after))
        said = self.diagnosis._repr_html_()
        items = bullets(map(str, self.not_read))
        left = paragraph(say("stack.not_read")) + items if items else ""
        left = "".join(map(paragraph, self.source_texts())) + left
        return f"<div>{paragraph(self._title)}{table}{said}{left}</div>"


@shown_by_its_text
@dataclass(frozen=True)
class StackDiagnosis:
    """Findings and fixes for a stack. `ok` is False for errors and silent failures."""

    stack: Stack

    @property
    def ok(self) -> bool | None:
        """As `Stack.ok`: True, False, or None where the stack is not the whole model."""
        return self.stack.ok

    @property
    def headline(self) -> str:
        """The stack and its outcome in one line."""
        return headline(self.stack.network, is_open=self.stack.ok is None)

    @property
    def verdict(self) -> str:
        """The cause first where a layer fails, otherwise the sizes."""
        return verdict(self.stack.network, self.findings)

    @cached_property
    def findings(self) -> tuple[StackFinding, ...]:
        """Failure and root causes, then the known causes."""
        return find(self.stack.network)

    @cached_property
    def fixes(self) -> tuple[StackFix, ...]:
        """Fixes that were recomputed over the whole stack, the smallest change first."""
        return self.stack.fixes

    def input_texts(self) -> list[str]:
        """Describe the smallest input, and how many more pooling layers would fit."""
        texts, stack = [], self.stack
        least = stack.minimum_input_size
        if least is not None and (stack.first_failure is None or not is_swapped(self.findings)):
            texts.append(say("stack.smallest_input", size=by(least)))
        if stack.more_poolings:
            poolings = count(stack.more_poolings, "more_pooling")
            texts.append(say("stack.more_poolings_fit", poolings=poolings))
        return texts

    def __str__(self) -> str:
        texts = [self.headline, *(f"  {finding}" for finding in self.findings)]
        texts += [f"  {text}" for text in self.input_texts()]
        if self.fixes:
            texts.append(say("diagnosis.fixes"))
            texts += [f"  {fix.text}" for fix in self.fixes]
        return "\n".join(texts)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        findings = bullets([*map(str, self.findings), *self.input_texts()])
        title = f"<p><strong>{escape(self.headline)}</strong></p>"
        return f"<div>{title}{findings}{offers_html(self.fixes)}</div>"


@dataclass(frozen=True, repr=False)
class StackFix(Offer):
    """One change with which every layer of the stack works: `stack` is the repaired stack.

    `parameter` names what is changed, `layer` is the new layer where it is one (else None).
    `effect` is "sound", "changes the values" (an average counts added zeros), "does nothing on an
    axis" or "does nothing" (each window of the layer reads one cell).
    """

    parameter: str
    change_words: Words
    also_words: Words
    code: str
    layer: Layer | None
    stack: Stack
    effect: Effect = Effect.SOUND

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The input of the repaired stack, without the batch."""
        return self.stack.input_shape

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Output shape of the repaired stack, without the batch."""
        shape = self.stack.output_shape
        return self.stack.input_shape if shape is None else shape

    @property
    def gives(self) -> str:
        """Output shape, with the last feature map where the output has no spatial axes."""
        if self.stack.network.ends_early:
            return say("fix.so_far", shape=by(self.output_shape))
        shape = by(self.output_shape)
        maps = [row.output_shape for row in self.stack.rows if len(row.output_shape) > 1]
        if maps and len(self.output_shape) == 1:
            return say("fix.from_a_map", shape=shape, size=by(maps[-1]))
        return shape


@dataclass(frozen=True)
class FirstFailure:
    """The first layer that raises, or that returns an empty map without an error.

    `index` counts the layers as the rows do: in a plain stack it is the place in `layers`.
    `root_causes` are the layers before it that shrank the failing axes, most first.
    """

    stack: Stack
    failure: Failure

    @property
    def index(self) -> int:
        """Index of the layer, counting the layers inside branches."""
        return self.failure.index

    @property
    def layer(self) -> Layer:
        """The layer that fails."""
        return self.failure.layer

    @property
    def name(self) -> str | None:
        """Name of the layer; None without one."""
        return self.failure.name

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of its input, without the batch."""
        return self.failure.input_shape

    @property
    def axes(self) -> tuple[str, ...]:
        """Names of the failing axes; () where sizes are not the problem."""
        return self.failure.problem.axes

    @property
    def is_silent(self) -> bool:
        """True when the framework continues without an error."""
        return self.failure.problem.is_silent

    @property
    def error_name(self) -> str | None:
        """Class of the exception; None without an exception."""
        return self.failure.error

    @property
    def says(self) -> str | None:
        """Error message of the framework where it is known word for word."""
        return DIALECTS[self.failure.framework].network_error(
            self.failure, self.stack.network.config.channels_last
        )

    @cached_property
    def root_causes(self) -> tuple[RootCause, ...]:
        """The earlier layers that shrank the failing axes, with what each removed."""
        if self.failure.problem.kind not in GEOMETRIC:
            return ()
        return root_causes(self.stack.walk, self.failure)

    @property
    def guilty(self) -> tuple[RootCause, ...]:
        """Former name of `root_causes`."""
        return self.root_causes

    @cached_property
    def diagnosis(self) -> Diagnosis | StackDiagnosis:
        """Diagnosis of a pooling layer alone; for other layers that of the stack."""
        traced = self.failure.problem.trace
        if isinstance(self.layer, Pool) and traced is not None:
            return diagnosis_of(traced)
        return self.stack.diagnosis

    def __str__(self) -> str:
        label = str(failure_label(self.failure))
        start = label if label == self.name else capital(label)  # a name keeps its small letter
        return f"{start}: {failure_outcome(self.failure)}"

    __repr__ = __str__


def _fix(before: Network, candidate: CandidateFix, source: Source | None) -> StackFix:
    network = candidate.network
    config = network.config
    order = data_format(config)
    stack = Stack(network.layers, network.input_shape, order, config.framework, source)
    return StackFix(
        parameter=candidate.parameter,
        change_words=candidate.change,
        also_words=candidate.also,
        code=changed_code(
            before, network, candidate.code, () if source is None else source.variables
        ),
        layer=candidate.layer,
        stack=stack,
        effect=network_effect(before, network),
    )
