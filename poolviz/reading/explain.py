"""Any pasted text: a message, a log, or the code of the model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.conv import Conv
from poolviz.arithmetic.layers.pool import Pool
from poolviz.diagnosis.layer.diagnosis import Diagnosis
from poolviz.diagnosis.network.source import InputShapeNeeded, NoModel, words_of
from poolviz.diagnosis.network.stack import Stack
from poolviz.diagnosis.phrases import capital
from poolviz.i18n.catalogue import say
from poolviz.i18n.phrase import Words, counted, phrase
from poolviz.reading.message_summary import headline, what, where
from poolviz.reading.messages import Message, decode
from poolviz.reading.source.pasted.clean_paste import MOST_SIGNS
from poolviz.reading.source.read_code import read_code

HELP = phrase("reading.explanation.help")
PASTE = phrase("reading.explanation.paste")
SPAN_NOTE = phrase("reading.explanation.span")
_DRAWN = ("max", "avg", "pool", "conv")  # the windows that messages are about
_LOOKS_LIKE_CODE = re.compile(r"^\s*(import|from|class|def)\s|\bnn\.|\blayers\.|Sequential\(", re.M)


@dataclass(frozen=True)
class Explanation:
    """Meaning of a text: a message, a network, both or neither.

    `needs_input` is the error of the code reader where no input shape was found;
    `no_model` says why text that looks like code was not read.
    """

    message: Message | None
    stack: Stack | None
    needs_input: InputShapeNeeded | None
    no_model: Words

    @property
    def title(self) -> str:
        """Subject of the text, in one line."""
        if self.stack is not None:
            return self.stack.diagnosis.headline
        if self.message is not None:
            return capital(headline(self.message))
        if self.needs_input is not None:
            return say("reading.explanation.needs_input")
        return say("reading.explanation.unknown")

    @property
    def verdict(self) -> str:
        """The cause in one sentence: the heading of an answer."""
        if self.stack is not None:
            return self.stack.diagnosis.verdict
        if self.message is not None:
            return capital(what(self.message))
        return self.title

    @property
    def place(self) -> str:
        """Place of the cause: framework, layer and axis, or the network; "" if it is unknown."""
        if self.stack is not None:
            return f"{self.title}."
        return "" if self.message is None else f"{capital(where(self.message))}."

    @property
    def sentences(self) -> tuple[str, ...]:
        """Statements, one per line."""
        return tuple(self._sentences())

    def _sentences(self) -> Iterator[str]:
        """Yield what the text means; the findings of a network replace the causes of a message."""
        if self.message is not None:
            if self.stack is not None:
                yield headline(self.message)
            else:
                yield from self.message.causes
            yield from self.message.notes
            if self.message.others:
                errors = counted(self.message.others, "error")
                yield say("reading.explanation.others", errors=errors)
            if self.message.certainty == "guess":
                yield say("reading.explanation.guess")
        if self.stack is not None:
            yield from map(str, self.stack.diagnosis.findings)
            yield from self.stack.diagnosis.input_texts()
            yield from self.stack.source_texts()
            yield from (one.sentence for one in self.stack.not_read)
        elif self.needs_input is not None:
            yield str(self.needs_input)
        elif self.message is None:
            if self.no_model:
                yield str(self.no_model)
            yield str(HELP)
            yield str(PASTE)

    @property
    def fixes(self) -> tuple[tuple[str, str], ...]:
        """Fixes as (change and result, line of code or ""); those of a network are recomputed."""
        if self.stack is not None:
            return tuple((fix.text, fix.code) for fix in self.stack.fixes)
        return () if self.message is None else self.message.fixes

    @property
    def fixes_title(self) -> str:
        """Words before the fixes: whether they were recomputed."""
        is_sure = self.stack is not None or self.message is None or self.message.are_recomputed
        return say("browser.any_works" if is_sure else "reading.help.possible_fixes")

    @property
    def diagnosis(self) -> Diagnosis | None:
        """Diagnosis of the layer, where the message contains all its numbers."""
        return None if self.message is None else self.message.diagnosis

    @cached_property
    def drawable(self) -> tuple[Pool | Conv, tuple[int, ...], Words] | None:
        """A layer and its input that illustrate the message, and a remark on them.

        None for a network, which is drawn as a whole, and where the text has too few numbers or
        does not say whether the window is that of a pooling layer or a convolution.
        """
        message = self.message
        if self.stack is not None or message is None or message.op not in _DRAWN:
            return None
        if message.diagnosis is not None and message.layer is not None:
            sizes = message.diagnosis.trace.input_size
            return message.layer.with_axes(len(sizes)), sizes, ""
        pairs = [(axis.span, axis.room) for axis in message.axes]
        known = [(span, room) for span, room in pairs if span and room is not None and room >= 0]
        if not known or len(known) < len(pairs) or not any(span > room for span, room in known):
            return None
        spans, rooms = zip(*known, strict=True)
        window: Pool | Conv = Conv(1, spans)
        if message.op != "conv":
            op: Any = "avg" if message.op == "avg" else "max"
            window = Pool(spans, stride=(1,) * len(spans), op=op)
        if message.framework in FRAMEWORKS:  # of older frameworks there are messages only
            window = replace(window, framework=message.framework)
        return window, rooms, SPAN_NOTE


def explain(text: str, input_shape: tuple[int, ...] | None = None) -> Explanation:
    """Read a text as a message and as code.

    >>> print(explain("Negative dimension size caused by subtracting 3 from 2 for 'conv1'").title)
    TensorFlow, convolution, layer "conv1": no window fits. The window 3 is longer than the input 2.
    >>> explain("good morning").title
    'poolviz does not recognise this text.'
    """
    stack, needs = None, None
    no_model: Words = ""
    if len(text) > MOST_SIGNS:  # a log, because no model is that long
        return Explanation(decode(text), None, None, "")
    try:
        stack = read_code(text, input_shape)
    except InputShapeNeeded as needed:
        needs = needed
    except NoModel as why:
        no_model = words_of(why) if _LOOKS_LIKE_CODE.search(text) else ""
    return Explanation(decode(text), stack, needs, no_model)
