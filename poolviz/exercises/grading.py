"""Judges the answers to one question, and words the feedback."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from poolviz.exercises.answers.catalogue import Catalogue, Field
from poolviz.exercises.answers.forms import RAISES, Numbers
from poolviz.exercises.answers.notation import Unreadable
from poolviz.exercises.case import Case, Slip
from poolviz.exercises.reasons import is_rough
from poolviz.i18n.html import marked_up, shown_by_its_text
from poolviz.i18n.keywords import answers_keywords

_NAMED = re.compile(r"\s*([^\W\d]\w+)\s*=\s*([-−]?\d+)\s*")  # padding=3


@answers_keywords()
@shown_by_its_text
@dataclass(frozen=True, repr=False, kw_only=True)
class Feedback:
    """What an answer is worth.

    It is truthy for full marks only: ``assert pv.exercise("size-plain").check(answer)``.

    Attributes
    ----------
    text
        The text for the student. For a wrong answer it names the rule, not the right answer.
    score
        From 0 to 1: the share of the answer that is right.
    misconception
        The name of the wrong rule that gives this answer, None where none is known.
    works
        Whether the answer works: it is right, or a value that makes the call run although
        the question requires a smaller or larger one. Such a value scores 0.5.
    hint
        The hint of the exercise where the text ends with it, because no reason is known.

    Examples
    --------
    >>> half = Feedback(text="This works, but it is not the smallest.", score=0.5, works=True)
    >>> bool(half), half.works
    (False, True)
    """

    text: str
    score: float = 0.0
    misconception: str | None = None
    works: bool = False
    hint: str = ""

    @property
    def reason(self) -> str:
        """The text without the hint at its end."""
        return self.text.removesuffix(self.hint).strip()

    @property
    def ok(self) -> bool:
        """Whether the answer gets full marks, the same as ``bool(feedback)``."""
        return self.score == 1

    @property
    def mark(self) -> str:
        """``"✓"`` for full marks, ``"½"`` for a value that works, else ``"✗"``."""
        return "✓" if self.ok else "½" if self.works else "✗"

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<p>{self.mark} {marked_up(self.text)}</p>"


@dataclass(frozen=True)
class Grading:
    """A question with its numbers, in one language.

    A value is an answer in the type of the question's form, as `case.form.read` returns it.
    """

    id: str
    case: Case
    texts: Catalogue

    @property
    def question(self) -> str:
        """The question without the block below it."""
        return self._part("question")

    @cached_property
    def hint(self) -> str:
        """A step towards the answer."""
        return self._part("hint")

    @cached_property
    def solution(self) -> str:
        """The steps to the answer, with the numbers."""
        return self._part("solution")

    @property
    def wanted(self) -> str:
        """Format of an answer, in a sentence."""
        return self.case.form.wanted(self.texts)

    def _part(self, part: str) -> str:
        return self.texts.say(f"exercise.{self.id}.{part}", self.case.fields)

    def say(self, key: str, /, **fields: Field) -> str:
        """Return a text of the feedback; {hint} in it is this question's."""
        return self.texts.say(f"feedback.{key}", {"hint": self.hint, **fields})

    def shown(self, value: object) -> str:
        """Return an answer as a part of a sentence."""
        return self.case.form.shown(value, self.texts)

    def listed(self, names: Iterable[str]) -> str:
        """Return parts of an answer by their names as a part of a sentence."""
        return self.texts.listed([self.texts.word(name) for name in names])

    @cached_property
    def reading(self) -> Catalogue:
        """The texts for reading an answer: "at least 5" names no largest value."""
        return self.texts.with_bounds(*_open_bounds(self.case))

    # --- feedback ----------------------------------------------------------------------------

    def check(self, answer: object) -> Feedback:
        """Read and judge an answer; never raises."""
        try:
            value = self.case.form.read(self._without_name(answer), self.reading)
        except Unreadable as unread:
            return self.ask_again(unread)
        except Exception:  # objects of any type can raise anything when they are read
            return self.ask_again(Unreadable("unreadable"))
        return self.judge(value)

    def _without_name(self, answer: object) -> object:
        """Return the 3 of "padding=3" where the question is about the padding."""
        named = _NAMED.fullmatch(answer) if isinstance(answer, str) else None
        if named is None or not isinstance(self.case.form, Numbers):
            return answer
        name = named[1].replace("_", "[_ ]")
        words = "|".join(self.texts.word_list("answer.asks"))
        is_asked = re.search(rf"(?:{words})\s+`?{name}\b", self.question, re.IGNORECASE)
        return named[2] if is_asked else answer

    def ask_again(self, unread: Unreadable) -> Feedback:
        """Return the feedback on an answer that was not understood."""
        text = self.texts.say(f"feedback.{unread.reason}", unread.fields)
        return Feedback(text=f"{text} {self.wanted}")

    def judge(self, value: object) -> Feedback:
        """Return the feedback on a value."""
        case = self.case
        if case.is_right(value):
            text = self.say("right", solution=self.solution)
            return Feedback(text=text, score=1.0, works=True)
        slips = case.slips_giving(value)
        # Before the misconceptions: a value that works earns its half, whatever rule led to it.
        if case.works is not None and value != RAISES and case.works(value):
            return self._working(slips, self.reason_for(value))
        share = case.form.share(value, case.right)
        if slips:
            return Feedback(text=self._naming(slips), score=share, misconception=slips[0].name)
        return self._unnamed(value, share)

    def _working(self, slips: tuple[Slip, ...], reason: str) -> Feedback:
        """Return the feedback on a value that works, but is not the smallest or largest one."""
        text, name = self.say("works", **self.case.fields), None
        if slips:
            text, name = f"{text} {self._sentence(slips[0])}", slips[0].name
        else:
            text = _with(text, reason)
        return Feedback(text=text, score=0.5, misconception=name, works=True)

    def _sentence(self, slip: Slip) -> str:
        return self.texts.say(f"wrong.{slip.name}", {**self.case.fields, **slip.fields})

    def _naming(self, slips: tuple[Slip, ...]) -> str:
        key, name = ("wrong", "sentence") if len(slips) == 1 else ("several", "sentences")
        return self.say(key, **{name: self.causes(slips)})

    def causes(self, slips: Sequence[Slip]) -> str:
        """Return what the wrong rules got wrong."""
        sentences = [self._sentence(slip) for slip in slips]
        if len(sentences) == 1:
            return sentences[0]
        return " ".join(self.say("either", sentence=one) for one in sentences)

    def _unnamed(self, value: object, share: float) -> Feedback:
        """Return the feedback on an answer that no wrong rule gives."""
        text = self._known_part(value)
        if text is not None:
            return Feedback(text=text, score=share)
        text = f"{self.say('unknown', answer=self.shown(value))} {self.hinted}"
        return Feedback(text=text, score=share, hint=self.hinted)

    @property
    def hinted(self) -> str:
        """The hint after its name."""
        return self.say("hint")

    def _known_part(self, value: Any) -> str | None:
        """Return what follows from the answer itself, None if nothing does."""
        form, right = self.case.form, self.case.right
        if value == RAISES:
            return self.say("no_error")
        answer, reason = self.shown(value), self.reason_for(value)
        if parts := form.right_parts(value, right):
            return _with(self.say("partly", names=self.listed(parts)), reason)
        if marked := form.marked(value, right):
            return _with(self.say("marked", **marked), reason)
        if isinstance(form, Numbers) and form.whole and any(n.denominator != 1 for n in value):
            return self.say("not_whole", answer=answer)
        if isinstance(form, Numbers) and not form.whole and is_rough(value[0], right[0]):
            return self.say("rough", answer=answer)
        return self.say("wrong", sentence=reason) if reason else None

    def reason_for(self, value: Any) -> str:
        """Return the reason computed from a wrong answer, "" if there is none."""
        case, form = self.case, self.case.form
        # Far from the answer, a reason computed from it would be about absurd numbers.
        if isinstance(form, Numbers) and not form.is_near(value, case.right):
            return ""
        if case.why is None:
            return ""
        found = case.why(value)
        if found is None:
            return ""
        return self.texts.say(f"reason.{found.name}", {**case.fields, **found.fields})


def _with(text: str, reason: str) -> str:
    return f"{text} {reason}".strip()


def _open_bounds(case: Case) -> tuple[str, ...]:
    """Return the bounds that leave an answer open, all but that of the best value that works."""
    if not isinstance(case.form, Numbers):
        return ()
    if case.works is not None and len(set(case.right)) == 1:
        less, more = (tuple(one + step for one in case.right) for step in (-1, 1))
        if case.works(less) != case.works(more):
            return ("answer.lower",) if case.works(less) else ("answer.upper",)
    return "answer.lower", "answer.upper"
