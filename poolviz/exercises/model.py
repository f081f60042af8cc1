"""An exercise and the feedback on an answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from poolviz.arithmetic.layers.pool import Pool
from poolviz.diagnosis.network.stack import Stack
from poolviz.exercises.answers import Unreadable
from poolviz.exercises.case import Case, Grid, Slip, Template
from poolviz.exercises.catalogue import Catalogue, Fields, catalogue
from poolviz.exercises.choices import LETTERS, Choice
from poolviz.exercises.forms import Numbers
from poolviz.i18n.catalogue import using_language
from poolviz.i18n.html import escape, marked_up

MOST_SKIPPED = 100  # seeds that give the same numbers again


@dataclass(frozen=True, repr=False)
class Feedback:
    """What an answer is worth.

    True where a truth is asked for: ``assert pv.exercise("size-plain").check(answer)``.

    Attributes
    ----------
    ok
        Is the answer right? Also True for one that works where the best was asked for.
    misconception
        The name of the wrong rule that gives this answer, None where none is known.
    text
        What a student is told. Of a wrong answer it names the rule, and not the right answer.
    score
        From 0 to 1: the share of the answer that is right.

    Examples
    --------
    >>> bool(Feedback(ok=True, misconception=None, text="Right.", score=1.0))
    True
    """

    ok: bool
    misconception: str | None
    text: str
    score: float

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__

    def _repr_html_(self) -> str:
        mark = "✓" if self.ok else "✗"
        return f"<p>{mark} {marked_up(self.text)}</p>"


@dataclass(frozen=True, repr=False)
class Exercise:
    """A question with numbers that the seed decides; everything about it is computed.

    `answer` is the right one, `choices` are the options where one is to be chosen. `layer` on
    `input_size` is what a picture shows, `values` the numbers in its cells, `stack` the network,
    each None where there is none. `form` says what kind of answer is wanted: "numbers", "choice",
    "several", "cells" or "change".

    In nbgrader and otter-grader a test cell is one line:
    ``assert pv.exercise("size-plain", seed=3).check(answer)``; for points there is ``score``.

    Attributes
    ----------
    template
        What all exercises of this id have in common. `exercise` looks it up by the id.
    seed
        Decides the numbers.
    language
        Of the texts, such as "en".

    Examples
    --------
    >>> from poolviz.exercises.library import exercise
    >>> one = exercise("size-plain")
    >>> bool(one.check(one.answer)), one.check(one.answer).score
    (True, 1.0)
    """

    template: Template
    seed: int
    language: str = "en"
    _case: Case = field(init=False, compare=False)

    def __post_init__(self) -> None:
        with using_language(self.language):  # a case holds words: names of layers, lists
            object.__setattr__(self, "_case", self.template.case(self.seed))

    @property
    def id(self) -> str:
        """The name that `exercise` takes."""
        return self.template.id

    @property
    def level(self) -> int:
        """1 for one step, 2 for two, 3 for what needs a plan."""
        return self.template.level

    @property
    def notebook(self) -> str:
        """The number of the notebook that teaches it, such as "01"."""
        return self.template.notebook

    @property
    def kind(self) -> str:
        """What is to be done: "predict a size", "read a message" and so on."""
        return self.template.kind

    @property
    def form(self) -> str:
        """What an answer is made of."""
        return self._case.form.name

    @property
    def layer(self) -> Pool | None:
        """The layer that a picture shows."""
        return self._case.layer

    @property
    def input_size(self) -> tuple[int, ...] | None:
        """The input that a picture shows."""
        return self._case.input_size

    @property
    def values(self) -> Grid | None:
        """The numbers in the cells of the input."""
        return self._case.values

    @property
    def drawn_later(self) -> bool:
        """Is the picture to be shown after the answer only, because it would give it away?"""
        return self._case.drawn_later

    @property
    def stack(self) -> Stack | None:
        """The network that is asked about."""
        return self._case.stack

    @property
    def block(self) -> str:
        """A message, a grid or a list of layers, shown under the question as it is."""
        return self._case.block

    @property
    def question(self) -> str:
        """What is asked, with the grid or the message that belongs to it."""
        asked = self._say("question")
        return f"{asked}\n\n{self.block}" if self.block else asked

    @property
    def hint(self) -> str:
        """A step towards the answer."""
        return self._say("hint")

    @property
    def solution(self) -> str:
        """The way to the answer, with the numbers."""
        return self._say("solution")

    @property
    def answer(self) -> Any:
        """The right answer as a student would type it."""
        return self._case.form.plain(self._case.right, self._texts)

    @property
    def choices(self) -> tuple[str, ...]:
        """The options; () where nothing is to be chosen."""
        form = self._case.form
        return form.texts(self._texts) if isinstance(form, Choice) else ()

    @property
    def wanted(self) -> str:
        """How an answer looks."""
        return self._case.form.wanted(self._texts)

    @property
    def misconceptions(self) -> tuple[str, ...]:
        """The wrong rules that this question tells apart."""
        return tuple(dict.fromkeys(slip.name for slip in self._case.listed))

    @cached_property
    def _texts(self) -> Catalogue:
        return catalogue(self.language)

    def _say(self, part: str) -> str:
        return self._texts.say(f"exercise.{self.id}.{part}", self._case.fields)

    def next(self) -> Exercise:
        """The same question with the numbers of the next seed that gives other ones."""
        for seed in range(self.seed + 1, self.seed + MOST_SKIPPED):
            following = Exercise(self.template, seed, self.language)
            if following.question != self.question:
                return following
        return Exercise(self.template, self.seed + 1, self.language)

    def check(self, answer: Any) -> Feedback:
        """Is it right, and if not, which wrong rule gives it? Never raises.

        >>> from poolviz.exercises.library import exercise
        >>> print(exercise("size-plain").check("a lot"))
        This answer could not be read. Answer with two numbers: height and width, for example 4, 7.
        For a square, one number is enough.
        """
        try:
            value = self._case.form.read(answer, self._texts)
        except Unreadable as unread:
            return self._asked_again(unread)
        except Exception:  # an object of any kind may raise anything when it is looked at
            return self._asked_again(Unreadable("unreadable"))
        return self._judged(value)

    def _asked_again(self, unread: Unreadable) -> Feedback:
        said = self._texts.say(f"feedback.{unread.reason}", unread.fields)
        return Feedback(False, None, f"{said} {self.wanted}", 0.0)

    def _judged(self, value: Any) -> Feedback:
        case = self._case
        if case.is_right(value):
            text = self._texts.say("feedback.right", {"solution": self.solution})
            return Feedback(True, None, text, 1.0)
        slips = case.slips_giving(value)
        if case.works is not None and case.works(value):
            return self._working(slips)
        share = case.form.share(value, case.right)
        if slips:
            return Feedback(False, slips[0].name, self._named(slips), share)
        return Feedback(False, None, self._unnamed(value), share)

    def _working(self, slips: tuple[Slip, ...]) -> Feedback:
        """It works, though it is not the smallest or largest that was asked for."""
        texts = self._texts
        text = texts.say("feedback.works", {**self._case.fields, "hint": self.hint})
        if slips:
            text = f"{text} {self._sentence(slips[0])}"
        return Feedback(True, slips[0].name if slips else None, text, 0.5)

    def _sentence(self, slip: Slip) -> str:
        return self._texts.say(f"wrong.{slip.name}", {**self._case.fields, **slip.fields})

    def _named(self, slips: tuple[Slip, ...]) -> str:
        texts = self._texts
        sentences = [self._sentence(slip) for slip in slips]
        if len(sentences) == 1:
            return texts.say("feedback.wrong", {"sentence": sentences[0]})
        alternatives = " ".join(
            texts.say("feedback.either", {"sentence": sentence}) for sentence in sentences
        )
        return texts.say("feedback.several", {"sentences": alternatives})

    def _unnamed(self, value: Any) -> str:
        form, texts = self._case.form, self._texts
        fields = {"hint": self.hint, "answer": form.shown(value, texts)}
        parts = form.right_parts(value, self._case.right)
        if parts:
            names = texts.listed([texts.word(name) for name in parts])
            return texts.say("feedback.partly", {**fields, "names": names})
        marked = form.marked(value, self._case.right)
        if marked:
            return texts.say("feedback.marked", {**fields, **marked})
        if isinstance(form, Numbers) and form.whole and any(n.denominator != 1 for n in value):
            return texts.say("feedback.not_whole", fields)
        return texts.say("feedback.unknown", fields)

    def __reduce__(self) -> tuple[Any, ...]:
        # A case holds functions, which cannot be pickled; it is made again from the seed.
        from poolviz.exercises.library import exercise

        return exercise, (self.id, self.seed, self.language)

    def __str__(self) -> str:
        lines = [self.question]
        lines += [f"{letter}) {text}" for letter, text in zip(LETTERS, self.choices, strict=False)]
        return "\n".join([*lines, self.wanted])

    def __repr__(self) -> str:
        fields: Fields = {"id": self.id, "seed": str(self.seed), "level": self.level}
        return f"{self._texts.say('feedback.title', fields)}\n{self}"

    def _repr_html_(self) -> str:
        # Viewers restyle lists and blocks: the letters are text, and <code> keeps columns in line.
        block = f"<pre><code>{escape(self.block)}\n </code></pre>" if self.block else ""
        lines = (f"{letter}) {text}" for letter, text in zip(LETTERS, self.choices, strict=False))
        options = "<br>".join(map(marked_up, lines))
        parts = (marked_up(self._say("question")), options, marked_up(self.wanted))
        asked, *answers = (f"<p>{part}</p>" for part in parts if part)
        return f"<div>{asked}{block}{''.join(answers)}</div>"
