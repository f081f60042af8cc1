"""An exercise: a question whose numbers, answer and texts are computed from a seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from poolviz.arithmetic.layers.conv import Conv
from poolviz.arithmetic.layers.in_use import BOTH, chosen_framework, using_framework
from poolviz.arithmetic.layers.pool import Pool
from poolviz.diagnosis.network.stack import Stack
from poolviz.exercises.answers.catalogue import Fields, catalogue
from poolviz.exercises.answers.choices import LETTERS, Options
from poolviz.exercises.case import Grid, Template
from poolviz.exercises.courses import belongs
from poolviz.exercises.grading import Feedback as Feedback
from poolviz.exercises.grading import Grading
from poolviz.i18n.catalogue import using_language
from poolviz.i18n.html import escape, marked_up
from poolviz.i18n.keywords import answers_keywords

MOST_SKIPPED = 100  # seeds that give the same numbers


@answers_keywords()
@dataclass(frozen=True, repr=False)
class Exercise:
    """A question whose numbers follow from a seed; everything about it is computed.

    `answer` is the right answer, `choices` are the options to choose from. `layer` on `input_size`
    is what a picture shows, `values` are the numbers in its cells, `stack` is the network; each is
    None if there is none. `form` is the kind of answer: "numbers", "choice", "several", "cells" or
    "change".

    In nbgrader and otter-grader a test cell is one line:
    ``assert pv.exercise("size-plain", seed=3).check(answer)``. It passes for full marks only; for
    points there is ``score``.

    Attributes
    ----------
    template
        Common to all exercises of an id. `exercise` looks it up by the id.
    seed
        Decides the numbers.
    language
        Of the texts, such as "en".
    framework
        The framework in use when the exercise was made: see `use`; None without a choice.

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
    framework: str | None = field(default_factory=chosen_framework)
    grading: Grading = field(init=False, compare=False)

    def __post_init__(self) -> None:
        # An exercise of another course stays as it is in a course without a choice.
        own = self.framework if belongs(self.id, self.framework) else None
        # A case contains words: layer names, enumerations.
        with using_language(self.language), using_framework(own or BOTH):
            case = self.template.case(self.seed)
        grading = Grading(self.id, case, catalogue(self.language))
        object.__setattr__(self, "grading", grading)

    @property
    def id(self) -> str:
        """The id that `exercise` takes."""
        return self.template.id

    @property
    def level(self) -> int:
        """1 for one step, 2 for two steps, 3 for questions that need a plan."""
        return self.template.level

    @property
    def notebook(self) -> str:
        """The number of the notebook that teaches it, such as "01"."""
        return self.template.notebook

    @property
    def kind(self) -> str:
        """The task: "predict a size", "read a message" and so on."""
        return self.template.kind

    @property
    def form(self) -> str:
        """The kind of answer."""
        return self.grading.case.form.name

    @property
    def layer(self) -> Pool | Conv | None:
        """The layer that a picture shows."""
        return self.grading.case.layer

    @property
    def input_size(self) -> tuple[int, ...] | None:
        """The input that a picture shows."""
        return self.grading.case.input_size

    @property
    def values(self) -> Grid | None:
        """The numbers in the cells of the input."""
        return self.grading.case.values

    @property
    def drawn_later(self) -> bool:
        """True if the picture would give the answer away and is shown afterwards."""
        return self.grading.case.drawn_later

    @property
    def stack(self) -> Stack | None:
        """The network in the question."""
        return self.grading.case.stack

    @property
    def block(self) -> str:
        """A message, a grid or a list of layers, shown verbatim below the question."""
        return self.grading.case.block

    @property
    def question(self) -> str:
        """The question with its message, grid or list of layers."""
        question = self.grading.question
        return f"{question}\n\n{self.block}" if self.block else question

    @property
    def hint(self) -> str:
        """A step towards the answer."""
        return self.grading.hint

    @property
    def solution(self) -> str:
        """The steps to the answer, with the numbers."""
        return self.grading.solution

    @property
    def answer(self) -> Any:
        """The right answer as a student would type it."""
        return self.grading.case.form.plain(self.grading.case.right, self.grading.texts)

    @property
    def choices(self) -> tuple[str, ...]:
        """The options to choose from; () if there are none."""
        form = self.grading.case.form
        return form.texts(self.grading.texts) if isinstance(form, Options) else ()

    @property
    def wanted(self) -> str:
        """Format of an answer, in a sentence."""
        return self.grading.wanted

    @property
    def misconceptions(self) -> tuple[str, ...]:
        """The wrong rules that this question distinguishes."""
        return tuple(dict.fromkeys(slip.name for slip in self.grading.case.listed))

    def next(self) -> Exercise:
        """Return the same question with the next seed that changes its numbers."""
        for seed in range(self.seed + 1, self.seed + MOST_SKIPPED):
            following = Exercise(self.template, seed, self.language, self.framework)
            if following.question != self.question:
                return following
        return Exercise(self.template, self.seed + 1, self.language, self.framework)

    def check(self, answer: object) -> Feedback:
        """Judge an answer, and name the wrong rule that gives it. Never raises.

        >>> from poolviz.exercises.library import exercise
        >>> print(exercise("size-plain").check("a lot"))
        This answer could not be read. Answer with two numbers: height and width, for example 4, 7.
        For a square, one number is enough.
        """
        return self.grading.check(answer)

    def __str__(self) -> str:
        lines = [self.question]
        lines += [f"{letter}) {text}" for letter, text in zip(LETTERS, self.choices, strict=False)]
        return "\n".join([*lines, self.wanted])

    def __repr__(self) -> str:
        fields: Fields = {"id": self.id, "seed": str(self.seed), "level": self.level}
        return f"{self.grading.texts.say('feedback.title', fields)}\n{self}"

    def _repr_html_(self) -> str:
        # Viewers restyle lists and blocks: the letters are text, and <code> keeps columns in line.
        block = f"<pre><code>{escape(self.block)}\n </code></pre>" if self.block else ""
        lines = (f"{letter}) {text}" for letter, text in zip(LETTERS, self.choices, strict=False))
        options = "<br>".join(map(marked_up, lines))
        parts = (marked_up(self.grading.question), options, marked_up(self.wanted))
        asked, *answers = (f"<p>{part}</p>" for part in parts if part)
        return f"<div>{asked}{block}{''.join(answers)}</div>"
