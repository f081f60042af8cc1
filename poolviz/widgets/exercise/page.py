"""An ExerciseCard without a kernel: a few variants of each exercise, with all feedback on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from poolviz.drawing.output.scene_json import paint_data
from poolviz.exercises.grading_table import answer_table
from poolviz.exercises.model import Exercise
from poolviz.i18n.catalogue import say
from poolviz.widgets.exercise.widget import ExerciseCard, asked_of, drawn_of, scene_of
from poolviz.widgets.page.columns import as_columns, packed
from poolviz.widgets.page.phrases import cards_note
from poolviz.widgets.page.recording import shown

VARIANTS = 4  # of an exercise: the one that is open and the next ones
MOST_KEPT = 240  # variants of all exercises together; of a long sheet each has fewer


@dataclass(frozen=True)
class CardRecording:
    """The rows of all variants, and which of them belong to which exercise."""

    rows: tuple[dict[str, Any], ...]
    exercises: tuple[tuple[int, ...], ...]
    start: int
    note: str
    kinds: tuple[str, ...] = ("card",)

    @property
    def nodes(self) -> tuple[dict[str, Any], ...]:
        """What is stored, one by one."""
        return self.rows

    def stored(self, texts: Mapping[str, str]) -> str:
        """As text for a page; `texts` are what the browser says by itself."""
        return packed(
            {
                "kind": "cards",
                "paint": paint_data(),
                "texts": texts,
                "words": {"note": self.note, "again": say("page.again")},
                "start": self.start,
                "views": [{"kind": "card"}],
                "exercises": self.exercises,
                "table": as_columns(self.rows),
            }
        )


def record_card(card: ExerciseCard, asked: Mapping[str, Any]) -> CardRecording:
    """Every exercise of the sheet with its next variants; what was answered so far is left out."""
    items = [item.exercise for item in card.sheet.items]
    many = max(1, min(VARIANTS, MOST_KEPT // len(items)))
    rows: list[dict[str, Any]] = []
    places: list[tuple[int, ...]] = []
    for first in items:
        variants = _variants(first, many)
        places.append(tuple(range(len(rows), len(rows) + len(variants))))
        rows += map(_row, variants)
    return CardRecording(tuple(rows), tuple(places), card.sheet.place, cards_note(many))


def _variants(first: Exercise, many: int) -> list[Exercise]:
    found = [first]
    while len(found) < many:
        found.append(found[-1].next())
    return found


def _row(one: Exercise) -> dict[str, Any]:
    return {
        "state": asked_of(one),
        "open": _shown(one, is_over=False),
        "over": _shown(one, is_over=True),
        "hint": one.hint,
        "solution": one.solution,
        "answers": {**answer_table(one), "axes": len(one.input_size or ()) or 1},
    }


def _shown(one: Exercise, *, is_over: bool) -> dict[str, Any]:
    """The picture before or after the answer may be seen."""
    scene = scene_of(one, is_over)
    state, drawn = shown(drawn_of(one, scene), scene)
    return {"state": state, "drawn": drawn}
