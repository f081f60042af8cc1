"""An exercise as a question of a bank, in no format yet: texts, picture, and judged answers.

Every mark and every feedback comes from the grading of the exercise, which `Exercise.check` uses.
A bank that judges an answer by its parts says what a joint answer means in the general feedback.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import chain, combinations, product
from typing import Any

from poolviz.exercises.answers.cells import Cells
from poolviz.exercises.answers.change import CHANGEABLE, Change
from poolviz.exercises.answers.choices import Choice, Options, Several
from poolviz.exercises.answers.forms import NEAR, RAISES, Form, Numbers
from poolviz.exercises.grading import Grading
from poolviz.exercises.grading_table import tried_numbers
from poolviz.exercises.model import Exercise
from poolviz.i18n.catalogue import say, using_language
from poolviz.teaching.objectives import objective
from poolviz.widgets.exercise.state import figure_of, scene_of

LISTED = 25  # integers above the right one that are separate answers
LARGEST_ANSWER = 10**6  # number of those that are judged together
MOST_CHANGE = 30  # the new value of a parameter
JUST_INSIDE = Fraction(49, 50)  # of the tolerance


@dataclass(frozen=True)
class Judged:
    """An answer, what it is worth from 0 to 1, and what `Exercise.check` says about it.

    Every number within `tolerance` of a number is judged alike.
    """

    value: Any
    score: float
    text: str
    misconception: str | None = None
    tolerance: Fraction = Fraction(0)


@dataclass(frozen=True)
class BankQuestion:
    """One exercise with one seed; `kind` decides which type of question a format uses.

    `kind` is "number", "numbers" (one field for each), "choice", "several", "cells" or "change".
    """

    one: Exercise

    @property
    def grading(self) -> Grading:
        """Judge of the answers."""
        return self.one.grading

    @property
    def form(self) -> Form[Any]:
        """The form of the answer."""
        return self.grading.case.form

    @property
    def id(self) -> str:
        """The same in every export: exercise, seed and language."""
        return f"poolviz-{self.one.id}-{self.one.seed}-{self.one.language}"

    @property
    def title(self) -> str:
        """Name in a list of questions."""
        return f"{self.one.id}, {self.one.seed}"

    @property
    def kind(self) -> str:
        """The type of question."""
        is_one = isinstance(self.form, Numbers) and len(self.fields) == 1
        return "number" if is_one else self.form.name

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The names of the numbers; a square has one, as `Exercise.check` takes one for both."""
        form, right = self.form, self.grading.case.right
        if not isinstance(form, Numbers):
            return ()
        is_square = form.one_for_all and len(set(right)) == 1
        return form.names[:1] if is_square else form.names

    @property
    def prompt(self) -> str:
        """Sentence about how to answer on a platform, which reads less than a card does."""
        with using_language(self.one.language):
            match self.form:
                case Numbers() as form if self.kind == "number":
                    if len(form.names) > 1:
                        return say("bank.square")
                    return say("bank.whole") if form.whole else say("bank.decimal")
                case Numbers():
                    return say("bank.fields")
                case Choice():
                    return say("bank.single")
                case Several():
                    return say("bank.several")
                case Cells(sizes=sizes):
                    return say("bank.row") if len(sizes) == 1 else say("bank.grid")
                case _:
                    return self.one.wanted

    @cached_property
    def picture(self) -> tuple[bytes, str] | None:
        """The picture of the question as a PNG file, and its alt text."""
        with using_language(self.one.language):
            scene = scene_of(self.one, is_over=False)
            figure = figure_of(self.one, scene)
            return None if scene is None or figure is None else (figure.png(), scene.alt)

    @property
    def tags(self) -> tuple[str, ...]:
        """Level, objective, notebook and exercise."""
        with using_language(self.one.language):
            return (
                say("bank.level", level=self.one.level),
                say(f"bank.objective.{objective(self.one)}"),
                say("bank.notebook", notebook=self.one.notebook),
                self.one.id,
            )

    @property
    def why_not(self) -> str:
        """Return why no format can ask this question; "" if they can."""
        with using_language(self.one.language):
            match self.form:
                case Several() | Cells() if not self.grading.case.right:
                    return say("bank.nothing_right")
                case Numbers() if self.grading.case.right == RAISES:
                    return say("bank.error_right")
                case Numbers() | Choice() | Several() | Cells() | Change():
                    return ""
                case form:
                    return say("bank.unknown_form", form=form.name)

    # --- judged answers ----------------------------------------------------------------------

    @cached_property
    def right(self) -> Judged:
        """The right answer."""
        return self.judged(self.grading.case.right)

    @property
    def tolerance(self) -> Fraction:
        """The largest distance from the right number that still counts as right."""
        return self.form.tolerance if isinstance(self.form, Numbers) else Fraction(0)

    def judged(self, value: object) -> Judged:
        """Judge one value of the form."""
        said = self.grading.judge(value)
        return Judged(value, said.score, said.reason, said.misconception)

    @cached_property
    def answers(self) -> tuple[Judged, ...]:
        """Return the answers to which more is said than "no known mistake", the right one first.

        Of several fields only what known mistakes give, jointly.
        """
        known = self.grading.case.known_values
        match self.form:
            case Numbers() as form if self.kind == "number":
                found = self._numbers(form)
            case Choice(options=options):
                found = [self.judged(option.key) for option in options]
            case Several() as several:
                found = [self.judged(keys) for keys in _subsets(several)]
            case Change() as change:
                found = self._changes(change)
            case Cells() as cells:  # counted from one, the last cell is beside the picture
                inside = frozenset(cells.places())
                found = [self.judged(value) for value in dict.fromkeys(known) if value <= inside]
            case _:
                found = [self.judged(value) for value in dict.fromkeys(known) if value != RAISES]
        return tuple(sorted(found, key=lambda judged: judged.score < 1))

    def _numbers(self, form: Numbers) -> list[Judged]:
        highest = max(self.grading.case.right) + LISTED
        known = set(self.grading.case.known_values)
        values = [
            value
            for value in tried_numbers(self.grading, form)
            if len(set(value)) == 1 and (value in known or value[0] <= highest)
        ]
        found = [self._with_tolerance(value) for value in values if self._says_more(value)]
        beyond = self.judged((Fraction(LARGEST_ANSWER),) * len(form.names))
        if beyond.score:  # every larger number works, too
            low = max(NEAR, int(highest)) + Fraction(1, 2)
            middle, half = (low + LARGEST_ANSWER) / 2, (LARGEST_ANSWER - low) / 2
            found.append(replace(beyond, value=(middle,), tolerance=half))
        return found

    def _with_tolerance(self, value: tuple[Fraction, ...]) -> Judged:
        """Judge a number, and all near it if the same is said about them."""
        judged = self.judged(value)
        tolerance = self.tolerance
        inside = JUST_INSIDE * tolerance
        around = [tuple(n + step for n in value) for step in (-inside, inside)]
        is_alike = all(self.judged(each).text == judged.text for each in around)
        return replace(judged, tolerance=tolerance if is_alike else Fraction(0))

    def _changes(self, form: Change) -> list[Judged]:
        tried = product(CHANGEABLE, range(MOST_CHANGE + 1))
        allowed = [(name, n) for name, n in tried if n or name == "padding"]
        return [self.judged(value) for value in allowed if self._says_more(value)]

    def _says_more(self, value: object) -> bool:
        return not self.grading.judge(value).hint

    def field_answers(self, i: int) -> Iterator[Judged]:
        """Yield wrong answers to one of several numbers; each is judged with the others right."""
        form, right = self.form, self.grading.case.right
        assert isinstance(form, Numbers)
        known = [value[i] for value in self.grading.case.known_values if value != RAISES]
        near = (value[i] for value in form.near(right))
        for number in dict.fromkeys(known + sorted(near)):
            if abs(number - right[i]) > self.tolerance:
                alone = (*right[:i], number, *right[i + 1 :])
                reason = self.grading.reason_for(alone)
                tolerance = Fraction(0) if number.denominator == 1 else self.tolerance
                yield Judged((number,), 0.0, reason, None, tolerance)

    def joint_answers(self, i: int, number: Fraction) -> list[Judged]:
        """Return what known mistakes give as a whole if this number is the first wrong one."""
        return [judged for judged in self.mistakes if self._first_wrong(judged) == (i, number)]

    def _first_wrong(self, judged: Judged) -> tuple[int, Fraction]:
        pairs = enumerate(zip(judged.value, self.grading.case.right, strict=True))
        return next((i, given) for i, (given, right) in pairs if given != right)

    @property
    def mistakes(self) -> list[Judged]:
        """The wrong answers that a known mistake gives."""
        return [judged for judged in self.answers if judged.misconception is not None]

    def if_answer(self, judged: Judged) -> str:
        """Return what is said about a whole answer, with the answer as the condition."""
        with using_language(self.one.language):
            causes = self.grading.causes(self.grading.case.slips_giving(judged.value))
            return say("bank.if_answer", answer=self.grading.shown(judged.value), said=causes)


def _subsets(form: Options[Any]) -> Iterator[frozenset[str]]:
    keys = [option.key for option in form.options]
    found = chain.from_iterable(combinations(keys, n) for n in range(len(keys) + 1))
    return map(frozenset, found)
