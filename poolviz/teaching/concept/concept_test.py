"""`concept_test`: twelve items before a course and twelve parallel ones after it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from poolviz.drawing.output.atomic_write import Target, at_home, target_of, write_whole
from poolviz.exercises.model import Exercise
from poolviz.i18n.catalogue import chosen
from poolviz.i18n.keywords import answers_keywords
from poolviz.teaching.banks.moodle import moodle_xml
from poolviz.teaching.banks.qti_package import qti_package
from poolviz.teaching.banks.question import BankQuestion
from poolviz.teaching.concept.assignment import assignment
from poolviz.teaching.concept.items import ITEMS, form_of, seed_of
from poolviz.widgets.exercise.widget import ExerciseCard

SUFFIXES = (".html", ".ipynb", ".xml", ".zip")


@dataclass(frozen=True)
class ConceptTest:
    """One form of the concept test; `concept_test` makes it.

    Attributes
    ----------
    when
        "before" or "after".
    seed
        The pair of forms: another seed gives other numbers to both.
    language
        Of the texts.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> concept_test("before").save(f"{mkdtemp()}/before.xml").name
    'before.xml'
    """

    when: str
    seed: int = 0
    language: str = "en"

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        """The twelve items, in their order."""
        return form_of(self.when, self.seed, self.language)

    def card(self) -> ExerciseCard:
        """Return the test as a card; it gives feedback, so use it for practice."""
        seed = seed_of(self.when, self.seed)
        return ExerciseCard(list(ITEMS), seed=seed, language=self.language)

    def save(self, path: Target, *, package: str | None = None) -> Path:
        """Write the test to a file; its suffix decides what is written.

        Parameters
        ----------
        path
            ".html": a page with feedback. ".xml": a Moodle bank. ".zip": a QTI 2.1 package.
            ".ipynb": an assignment for nbgrader.
        package
            "scorm" or "scorm2004", with ".zip": a page that reports to a learning platform.

        Raises
        ------
        ValueError
            For another suffix.
        OSError
            If the file cannot be written.
        """
        suffix = at_home(path).suffix.lower()
        if package is not None or suffix == ".html":
            card = self.card()
            try:
                return card.save(path, package=package)
            finally:
                card.close()
        target = target_of(path, SUFFIXES)
        if suffix == ".ipynb":
            write_whole(target, assignment(self.exercises, self.when))
            return target
        questions = [[BankQuestion(one)] for one in self.exercises]
        content = moodle_xml(questions) if suffix == ".xml" else qti_package(questions, "2.1")
        write_whole(target, content)
        return target


@answers_keywords()
def concept_test(when: str, *, seed: int = 0, language: str | None = None) -> ConceptTest:
    """Return one of two parallel forms of a test of twelve items.

    Together the items of a form cover every objective and the twenty misconceptions of the
    instructor guide. `class_report` compares what a class answered to both.

    Parameters
    ----------
    when
        "before" or "after".
    seed
        Another pair of forms.
    language
        "en" or "de"; the current one if left out.

    Raises
    ------
    ValueError
        For another form, and for an unknown language.

    Examples
    --------
    >>> before, after = concept_test("before"), concept_test("after")
    >>> len(before.exercises), len(after.exercises)
    (12, 12)
    >>> before.exercises[1].id == after.exercises[1].id
    True
    """
    seed_of(when, seed)  # raises for another form
    return ConceptTest(when, seed, chosen(language))
