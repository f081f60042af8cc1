"""The verdict on a whole stack: the layer that fails, what is so, and what would help."""

from __future__ import annotations

from collections.abc import Iterable, Sized
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.network_layers import Layer
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.network.failures import GEOMETRIC
from poolviz.arithmetic.network.forward import Failure, ForwardPass
from poolviz.diagnosis.fix_phrases import Offer, offers_html
from poolviz.diagnosis.layer.diagnosis import Diagnosis, diagnosis_of
from poolviz.diagnosis.layer.findings import Severity
from poolviz.diagnosis.network.known_causes import CHANNEL_ORDER, advice
from poolviz.diagnosis.network.phrases import (
    StackFinding,
    failure_findings,
    failure_label,
    failure_outcome,
)
from poolviz.diagnosis.network.root_cause import RootCause, guilt_text, guilty_layers
from poolviz.diagnosis.phrases import by, capital, count
from poolviz.dialects.common.dialect import DIALECTS
from poolviz.i18n.catalogue import say
from poolviz.i18n.html import bullets, escape
from poolviz.i18n.phrase import Phrase, Words, phrase

if TYPE_CHECKING:
    from poolviz.diagnosis.network.stack import Stack

GUILTY, OTHER_ORDER = "guilty layers", "data format"  # causes of findings
ONE_ORDER = {"pytorch": "channels_first", "onnxruntime": "channels_first", "jax": "channels_last"}


@dataclass(frozen=True, repr=False)
class StackFix(Offer):
    """One change after which every layer of the stack runs: `stack` is the repaired one, run.

    `parameter` names what is changed, `layer` is the new layer where it is one (else None).
    """

    parameter: str
    _change: Words
    _also: Words
    code: str
    layer: Layer | None
    stack: Stack

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The input of the repaired stack, without the batch."""
        return self.stack.input_shape

    @property
    def output_shape(self) -> tuple[int, ...]:
        """What comes out of the repaired stack, without the batch."""
        rows = self.stack.rows
        return rows[-1].output_shape if rows else self.stack.input_shape

    @property
    def gives(self) -> str:
        """The final shape, and the last map where the output has no axes any more."""
        shape = by(self.output_shape)
        maps = [row.output_shape for row in self.stack.rows if len(row.output_shape) > 1]
        if maps and len(self.output_shape) == 1:
            return say("fix.from_a_map", shape=shape, size=by(maps[-1]))
        return shape


@dataclass(frozen=True)
class StackDiagnosis:
    """What is so, why, and what would help. `ok` is False for errors and silent failures."""

    stack: Stack

    @property
    def ok(self) -> bool:
        """True when every layer gives a map with elements in it."""
        return self.stack.first_failure is None

    @property
    def headline(self) -> str:
        """The stack and its outcome in one line."""
        stack, failure = self.stack, self.stack.walk.failure
        shape = by(stack.input_shape)
        if failure is None:
            out = stack.rows[-1].output_shape if stack.rows else stack.input_shape
            return say("stack.works", layers=_layers(stack.rows), input=shape, output=by(out))
        return say(
            "stack.goes_wrong" if failure.problem.is_silent else "stack.stops",
            layers=_layers(stack.layers),
            input=shape,
            layer=failure_label(failure),
            outcome=failure_outcome(failure),
        )

    @cached_property
    def findings(self) -> tuple[StackFinding, ...]:
        """What goes wrong and who is guilty, then what the doctors say."""
        found: list[StackFinding] = []
        said = [each.finding for each in advice(self.stack.network)]
        failure = self.stack.walk.failure
        if failure is not None:
            found += failure_findings(failure)
            if not _is_swapped(said):
                found += _guilt(self.stack.walk, failure)
        return (*found, *said, *_order_notes(self.stack))

    @cached_property
    def fixes(self) -> tuple[StackFix, ...]:
        """Changes that were run over the whole stack, the smallest first."""
        return self.stack.fixes

    def input_texts(self) -> list[str]:
        """How small the input may be, and how many more poolings would fit."""
        texts, stack = [], self.stack
        least = stack.minimum_input_size
        if least is not None and not (_is_swapped(self.findings) and not stack.ok):
            texts.append(say("stack.smallest_input", size=by(least)))
        if stack.ok and stack.more_poolings:
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
        headline = f"<p><strong>{escape(self.headline)}</strong></p>"
        return f"<div>{headline}{findings}{offers_html(self.fixes)}</div>"


@dataclass(frozen=True)
class FirstFailure:
    """The victim: the first layer that raises, or gives an empty map and says nothing.

    `index` counts the layers as the rows do: in a plain stack it is the place in `layers`.
    `guilty` are the layers before it that shrank the failing axes, most first.
    """

    stack: Stack
    failure: Failure

    @property
    def index(self) -> int:
        """The place of the layer; the layers inside branches count too."""
        return self.failure.index

    @property
    def layer(self) -> Layer:
        """The layer that fails."""
        return self.failure.layer

    @property
    def name(self) -> str | None:
        """Its name, where it has one."""
        return self.failure.name

    @property
    def input_shape(self) -> tuple[int, ...]:
        """What arrives there, without the batch."""
        return self.failure.input_shape

    @property
    def axes(self) -> tuple[str, ...]:
        """The axes at fault, by name; () where it is not about sizes."""
        return self.failure.problem.axes

    @property
    def is_silent(self) -> bool:
        """True when the framework says nothing and goes on."""
        return self.failure.problem.is_silent

    @property
    def error_name(self) -> str | None:
        """The class of the exception, None where it says nothing."""
        return self.failure.error

    @property
    def says(self) -> str | None:
        """The framework's own text where it is known word for word."""
        return DIALECTS[self.failure.framework].network_error(
            self.failure, self.stack.network.setting.channels_last
        )

    @cached_property
    def guilty(self) -> tuple[RootCause, ...]:
        """The layers before that shrank the failing axes, with how much each took."""
        if self.failure.problem.kind not in GEOMETRIC:
            return ()
        return guilty_layers(self.stack.walk, self.failure)

    @cached_property
    def diagnosis(self) -> Diagnosis | StackDiagnosis:
        """Of a pooling: the diagnosis of that layer alone. Else that of the stack."""
        traced = self.failure.problem.trace
        if isinstance(self.layer, Pool) and traced is not None:
            return diagnosis_of(traced)
        return self.stack.diagnosis

    def __str__(self) -> str:
        label = str(failure_label(self.failure))
        start = label if label == self.name else capital(label)  # a name keeps its small letter
        return f"{start}: {failure_outcome(self.failure)}"

    __repr__ = __str__


def _layers(layers: Sized) -> str:
    return count(len(layers), "layer")


def _is_swapped(findings: Iterable[StackFinding]) -> bool:
    """Was the data found to be in the other channel order? Then sizes are not what is wrong."""
    return any(finding.cause == CHANNEL_ORDER for finding in findings)


def _guilt(done: ForwardPass, failure: Failure) -> list[StackFinding]:
    if failure.problem.kind not in GEOMETRIC:
        return []
    guilty = guilty_layers(done, failure)
    text = Phrase(guilt_text, (guilty, failure.problem.axes))
    place = guilty[0].index if guilty else None
    return [StackFinding(GUILTY, Severity.NOTE, (), text, layer=place)]


def _order_notes(stack: Stack) -> list[StackFinding]:
    """A data format that the framework's layers do not have."""
    known = ONE_ORDER.get(str(stack.framework))
    if known is None or known == stack.data_format:
        return []
    title = FRAMEWORKS[str(stack.framework)].title
    what = phrase("stack.layers_read", framework=title, order=Phrase(order_word, (known,)))
    return [StackFinding(OTHER_ORDER, Severity.NOTE, (), what, phrase("stack.other_order"))]


def order_word(data_format: str) -> str:
    """The order of the data in words.

    >>> order_word("channels_last")
    'channels last'
    """
    return say(f"word.{data_format}")
