"""`class_report`: what a class learned between two tests, without anybody's name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from poolviz.drawing.mpl.class_figure import ClassFigure, class_figure
from poolviz.i18n.catalogue import chosen, say, using_language
from poolviz.i18n.html import paragraph, shown_by_its_text, table
from poolviz.i18n.keywords import answers_keywords
from poolviz.teaching.concept.items import FORMS, ITEMS, MISCONCEPTIONS, form_of
from poolviz.teaching.concept.read_answers import Answers, Attempt, Source, Unread, read_answers
from poolviz.teaching.concept.statistics import ItemStatistics, gain, statistics_of
from poolviz.teaching.objectives import OBJECTIVES, objective

Means = tuple[float | None, float | None]  # before and after


@shown_by_its_text
@dataclass(frozen=True, repr=False)
class ClassReport:
    """Summary of the answers of a class; it keeps no names and no single answers.

    Attributes
    ----------
    students
        How many answered: form → number.
    pairs
        How many answered both forms; means and gains are theirs, unless there are none.
    total
        The mean score before and after, None for a form that nobody answered.
    objectives
        The mean score of each objective before and after. Empty if only totals are known.
    misconceptions
        How many students showed each misconception, before and after: the twenty, and other wrong
        rules that were named. Only the responses of Moodle state them.
    items
        Statistics of the items: form → one for each item.
    unread
        Rows that do not count, and why: form → rows. Together with the students they are all rows
        of the file.
    doubtful
        Rows that count although a response in them cannot be read; it scores 0.
    language
        Of the report.

    Examples
    --------
    >>> from poolviz.teaching.concept.class_report import class_report
    >>> report = class_report(before="student_id,score,max_score\\nada,6,12\\nbob,,12\\n")
    >>> report.total, report.unread["before"][0].row
    ((0.5, None), 3)
    """

    students: Mapping[str, int]
    pairs: int
    total: Means
    objectives: Mapping[str, Means]
    misconceptions: Mapping[str, tuple[int, int]]
    items: Mapping[str, Sequence[ItemStatistics]]
    unread: Mapping[str, Sequence[Unread]]
    doubtful: Mapping[str, Sequence[Unread]]
    language: str = field(default="en", compare=False)

    @property
    def gain(self) -> float | None:
        """The normalised gain of the class, None if it is not known."""
        return _gain(self.total)

    def gain_of(self, objective: str) -> float | None:
        """Return the normalised gain of an objective, None if it is not known."""
        return _gain(self.objectives.get(objective, (None, None)))

    def plot(self) -> ClassFigure:
        """Return a matplotlib figure: objectives before and after, and misconceptions."""
        with using_language(self.language):
            return class_figure(
                say("concept.report"),
                [(_objective(name), means) for name, means in self.objectives.items()],
                [(_thought(name), counts) for name, counts in self._found()],
                str(self),
            )

    def _found(self) -> list[tuple[str, tuple[int, int]]]:
        all_ = ((name, self.misconceptions.get(name, (0, 0))) for name in MISCONCEPTIONS)
        found = [(name, counts) for name, counts in all_ if any(counts)]
        return sorted(found, key=lambda pair: -sum(pair[1]))

    def _tables(self) -> Iterator[tuple[str, list[str], list[list[str]]]]:
        """Yield caption, heads and rows of each table that is not empty."""
        before, after, gained = (say(f"concept.{key}") for key in ("before", "after", "gain"))
        rows = [[say("concept.total"), *map(_percent, self.total), _percent(self.gain)]]
        for name, means in self.objectives.items():
            rows.append([_objective(name), *map(_percent, means), _percent(_gain(means))])
        yield say("concept.by_objective"), [say("concept.objective"), before, after, gained], rows
        rows = [[_thought(name), *map(str, counts)] for name, counts in self._found()]
        yield say("concept.by_misconception"), [say("concept.thought"), before, after], rows
        for when, items in self.items.items():
            rows = [
                [one.item, _percent(one.mean), _decimal(one.discrimination), _note(one.note)]
                for one in items
            ]
            heads = [say(f"concept.{key}") for key in ("item", "mean", "discrimination", "note")]
            yield f"{say('concept.by_item')}: {say(f'concept.{when}')}", heads, rows
        for key, listed in (("not_counted", self.unread), ("doubtful", self.doubtful)):
            rows = [
                [say(f"concept.{when}"), str(one.row), one.why]
                for when, all_ in listed.items()
                for one in all_
            ]
            heads = [say(f"concept.{head}") for head in ("form", "row", "why")]
            yield say(f"concept.{key}"), heads, rows

    def _head(self) -> str:
        counts = {when: self.students.get(when, 0) for when in FORMS}
        return say("concept.students", pairs=self.pairs, **counts)

    def __str__(self) -> str:
        with using_language(self.language):
            blocks = [self._head()]
            for caption, heads, rows in self._tables():
                if rows:
                    lines = [" | ".join(line) for line in [heads, *rows]]
                    blocks.append("\n".join([caption, *lines]))
            return "\n\n".join(blocks)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        with using_language(self.language):
            shown = (table(*parts) for parts in self._tables() if parts[2])
            return paragraph(self._head()) + "".join(shown)


@answers_keywords()
def class_report(
    before: Source | None = None,
    after: Source | None = None,
    *,
    seed: int = 0,
    language: str | None = None,
) -> ClassReport:
    """Summarise the answers of a class to the concept test, before and after a course.

    Everything is computed here; nothing is sent anywhere, and the report has no names.

    Parameters
    ----------
    before, after
        A CSV file, or its text: the responses or the grades of a Moodle quiz with the twelve items
        in their order, or what `nbgrader export` writes (totals only).
    seed
        That of `concept_test`.
    language
        Of the questions and of the report.

    Raises
    ------
    ValueError
        If there is no file, or one with other columns. Rows that cannot be read are listed in
        `unread`.
    OSError
        If a file cannot be read.

    Examples
    --------
    >>> report = class_report(before="student_id,score,max_score\\nada,6,12\\n",
    ...                       after="student_id,score,max_score\\nada,9,12\\n")
    >>> report.total, report.gain
    ((0.5, 0.75), 0.5)
    """
    given = {when: source for when, source in zip(FORMS, (before, after), strict=True) if source}
    if not given:
        raise ValueError("class_report needs the answers before, after, or both")
    spoken = chosen(language)
    with using_language(spoken):
        read = {
            when: read_answers(s, form_of(when, seed, spoken), when) for when, s in given.items()
        }
    return _summed_up(read, spoken)


def _summed_up(read: Mapping[str, Answers], language: str) -> ClassReport:
    """Return the report; means are those of students who answered both forms, if any did."""
    found = [read[when].attempts if when in read else {} for when in FORMS]
    both = found[0].keys() & found[1].keys()
    compared = [
        [attempts[name] for name in both] if both else list(attempts.values()) for attempts in found
    ]
    with_items = [[one for one in attempts if one.items] for attempts in compared]
    groups: dict[str, list[int]] = {name: [] for name in OBJECTIVES}
    for place, one in enumerate(form_of("before", 0, "en")):
        groups.setdefault(objective(one), []).append(place)
    groups = {name: places for name, places in groups.items() if places}
    return ClassReport(
        students={when: len(answers.attempts) for when, answers in read.items()},
        pairs=len(both),
        total=_means(compared, lambda one: one.total),
        objectives={name: _means(with_items, _mean_at(places)) for name, places in groups.items()}
        if any(with_items)
        else {},
        misconceptions=_counted(compared),
        items={
            when: statistics_of(list(ITEMS), rows)
            for when, answers in read.items()
            if (rows := [one.items for one in answers.attempts.values() if one.items])
        },
        unread={when: tuple(answers.unread) for when, answers in read.items()},
        doubtful={when: tuple(answers.doubtful) for when, answers in read.items()},
        language=language,
    )


def _mean_at(places: Sequence[int]) -> Callable[[Attempt], float]:
    return lambda one: sum(one.items[place] for place in places) / len(places)


def _means(groups: Sequence[Sequence[Attempt]], value: Callable[[Attempt], float]) -> Means:
    first, second = (sum(map(value, group)) / len(group) if group else None for group in groups)
    return first, second


def _counted(groups: Sequence[Iterable[Attempt]]) -> dict[str, tuple[int, int]]:
    """Count students, not answers."""
    first, second = (
        Counter(name for one in group for name in {*one.named} if name) for group in groups
    )
    names = [*MISCONCEPTIONS, *sorted((first.keys() | second.keys()) - {*MISCONCEPTIONS})]
    return {name: (first[name], second[name]) for name in names} if first or second else {}


def _gain(means: Means) -> float | None:
    before, after = means
    return None if before is None or after is None else gain(before, after)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %".replace("-", "−")


def _decimal(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}".replace("-", "−")


def _objective(name: str) -> str:
    return say(f"bank.objective.{name}")


def _thought(name: str) -> str:
    return say(f"concept.thinks.{name}")


def _note(note: str) -> str:
    return say(f"concept.notes.{note}") if note else ""
