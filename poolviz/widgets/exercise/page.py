"""An ExerciseCard without a kernel: a few variants of each exercise, with all feedback on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from poolviz.drawing.output.scene_json import paint_data
from poolviz.exercises.grading_table import answer_table
from poolviz.exercises.model import Exercise
from poolviz.i18n.catalogue import language, language_argument
from poolviz.widgets.exercise.session import line_of
from poolviz.widgets.exercise.state import picture_state, question_state, scene_of
from poolviz.widgets.page.columns import as_columns, digest, packed
from poolviz.widgets.page.phrases import cards_note, words
from poolviz.widgets.page.recording import shown

VARIANTS = 4  # of an exercise: the open one and the next ones
MOST_KEPT = 240  # variants of all exercises together; with many exercises each has fewer

Row = dict[str, object]


@dataclass(frozen=True)
class CardRecording:
    """The rows of all variants, and which of them belong to which exercise."""

    rows: tuple[Row, ...]
    exercises: tuple[tuple[int, ...], ...]
    start: int
    note: str
    kinds: tuple[str, ...] = ("card",)
    is_scored: bool = True

    @property
    def count(self) -> int:
        """Number of variants."""
        return len(self.rows)

    def stored(self, texts: Mapping[str, str], scorm: str | None = None) -> str:
        """Return the text of the page; `texts` are the browser's own words."""
        ids = [str(self.rows[places[0]]["id"]) for places in self.exercises]
        line = line_of(ids, [0], 0, language())
        end = "".join(f", {one}" for one in language_argument(language()))
        return packed(
            {
                "kind": "cards",
                "id": digest([self.exercises, [row["state"] for row in self.rows]]),
                **({"scorm": scorm} if scorm else {}),
                "paint": paint_data(),
                "texts": texts,
                "words": words(self.note),
                "start": self.start,
                "opens": {"start": line[:-1].removesuffix(end), "end": f"{end})"},
                "views": [{"kind": "card"}],
                "exercises": self.exercises,
                "table": as_columns(self.rows),
            }
        )


def record_card(exercises: Sequence[Exercise], start: int) -> CardRecording:
    """Record every exercise with its next variants; answers given so far are left out."""
    many = max(1, min(VARIANTS, MOST_KEPT // len(exercises)))
    rows: list[Row] = []
    places: list[tuple[int, ...]] = []
    for first in exercises:
        variants = _variants(first, many)
        places.append(tuple(range(len(rows), len(rows) + len(variants))))
        rows += map(_row, variants)
    return CardRecording(tuple(rows), tuple(places), start, cards_note(many))


def _variants(first: Exercise, many: int) -> list[Exercise]:
    found = [first]
    while len(found) < many:
        found.append(found[-1].next())
    return found


def _row(one: Exercise) -> Row:
    return {
        "id": one.id,
        "seed": one.seed,
        "state": question_state(one),
        "open": _show(one, is_over=False),
        "over": _show(one, is_over=True),
        "hint": one.hint,
        "solution": one.solution,
        "answers": answer_table(one),
    }


def _show(one: Exercise, *, is_over: bool) -> dict[str, object]:
    """Return the picture before or after the answer may be seen."""
    scene = scene_of(one, is_over)
    return shown(picture_state(one, scene), scene).plain()
