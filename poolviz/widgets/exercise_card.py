"""ExerciseCard: a question with its picture, an answer, and feedback that names the wrong rule."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import traitlets

from poolviz.arithmetic.trace import trace
from poolviz.drawing.funnel import Funnel, build_funnel
from poolviz.drawing.parts import View
from poolviz.drawing.plain_paint import PlainPainter
from poolviz.drawing.question import Question, build_question
from poolviz.drawing.render import PngRenderer
from poolviz.drawing.scene import Scene, build_scene
from poolviz.exercises.model import Exercise, Feedback
from poolviz.texts.language import chosen
from poolviz.widgets.answering import AnsweringWidget, action_of, in_turn
from poolviz.widgets.esm import module, styles
from poolviz.widgets.sheet import Sheet, forget, sheet
from poolviz.widgets.speech import InWords
from poolviz.widgets.still_card import still_html, still_text


class ExerciseCard(InWords, AnsweringWidget):
    """One exercise, or a sheet of them: question, picture, answer, hint, feedback, next variant.

    Parameters
    ----------
    *ids
        Names of exercises, see `poolviz.exercises()`; none are all of them.
    seed
        Which variant: the same seed gives the same numbers.
    language
        Of the texts: "en" or "de"; left out, the one that is spoken.

    Raises
    ------
    ValueError
        For an exercise or a language that does not exist.

    Notes
    -----
    What was answered stays when the cell is run again, as long as the kernel lives. `check` takes
    an answer as `Exercise.check` does; `score` are the points of the sheet.

    Examples
    --------
    >>> card = ExerciseCard("size-plain")
    >>> card.check(card.exercise.answer).ok, card.score
    (True, 1.0)
    """

    _esm = module("card.js")
    _css = styles()

    place: int = traitlets.Int(0)  # type: ignore[assignment]

    def __init__(self, *ids: str, seed: int = 0, language: str | None = None) -> None:
        self.sheet: Sheet = sheet(ids, seed, chosen(language))
        self._render_plain = PngRenderer(PlainPainter)
        self._render_scene = PngRenderer()
        super().__init__(language, place=self.sheet.place)
        self._show()

    @property
    def exercise(self) -> Exercise:
        """The one that is open."""
        return self.sheet.item.exercise

    @property
    def score(self) -> float:
        """Points of the whole sheet."""
        return self.sheet.score

    @in_turn
    def check(self, answer: Any) -> Feedback:
        """Answer the open exercise."""
        self.sheet.item.take(answer)
        self._show()
        feedback = self.sheet.item.feedback
        assert feedback is not None
        return feedback

    @in_turn
    def start_again(self) -> None:
        """Forget all answers."""
        forget(self.sheet)
        ids, seed, _ = self.sheet.key
        self.sheet = sheet(ids, seed, self.language)
        self._show()

    # --- from the browser --------------------------------------------------------------------

    def _obey(self, asked: dict[str, Any]) -> None:
        name, value = action_of(asked, _ACTIONS)
        _ACTIONS[name](self, value)
        self._show()

    def _take(self, answer: Any) -> None:
        self.sheet.item.take(answer)

    def _hint(self, value: Any) -> None:
        self.sheet.item.asked_hint = True

    def _reveal(self, value: Any) -> None:
        self.sheet.item.revealed = True

    def _renew(self, value: Any) -> None:
        self.sheet.item.renew()

    def _go(self, place: Any) -> None:
        if type(place) is not int or not 0 <= place < len(self.sheet.items):
            raise ValueError(f"there is no exercise number {place}")
        self.sheet.place = self.place = place

    # --- to the browser ----------------------------------------------------------------------

    def _picture_and_words(self) -> tuple[bytes, dict[str, Any]]:
        item, kept = self.sheet.item, self.sheet
        picture, drawn = self._drawn()
        one = item.exercise
        state = {
            "id": one.id,
            "key": f"{one.id} {one.seed}",
            "kind": one.kind,
            "level": one.level,
            "question": one.question.removesuffix(f"\n\n{one.block}")
            if one.block
            else one.question,
            "block": one.block,
            "form": one.form,
            "choices": list(one.choices),
            "wanted": one.wanted,
            "answer": _as_json(item.answer),
            "feedback": "" if item.feedback is None else item.feedback.text,
            "ok": item.feedback is not None and item.feedback.ok,
            "hint": one.hint if item.asked_hint else "",
            "solution": one.solution if item.revealed else "",
            "place": kept.place,
            "of": len(kept.items),
            "solved": kept.solved,
            **drawn,
        }
        return picture, state

    @property
    def _is_over(self) -> bool:
        item = self.sheet.item
        return item.revealed or (item.feedback is not None and item.feedback.ok)

    def _scene(self) -> Scene | Question | Funnel | None:
        """The input alone; with the answer as soon as it may be seen."""
        one = self.exercise
        if one.stack is not None:
            return build_funnel(one.stack) if self._is_over else None
        if one.layer is None or one.input_size is None:
            return None
        if not self._is_over:
            question = build_question(one.layer, one.input_size, one.values)
            return None if one.drawn_later else question
        x = None if one.values is None else _array(one)
        return build_scene(trace(one.layer, one.input_size), x, View(fits=True, position=(0, 0)))

    def _drawn(self) -> tuple[bytes, dict[str, Any]]:
        scene = self._scene()
        if scene is None:
            return b"", {"alt": "", "width": 0, "height": 0, "plane": None}
        render = self._render_scene if isinstance(scene, Scene) else self._render_plain
        plane = None
        if isinstance(scene, Question) and self.exercise.form == "cells":
            where = scene.plane
            plane = {
                "left": where.left,
                "top": where.top,
                "side": where.cell_width,
                "rows": where.rows,
                "columns": where.columns,
                "axes": len(self.exercise.input_size or ()),
            }
        told = {"alt": scene.alt, "width": scene.width, "height": scene.height, "plane": plane}
        return render(scene, *self._theme_and_ratio()), told

    # --- without a browser -------------------------------------------------------------------

    @property
    def _exercises(self) -> list[Exercise]:
        return [item.exercise for item in self.sheet.items]

    def _sentence(self) -> str:
        return still_text(self._exercises)

    def _stored(self) -> dict[str, str]:
        """The questions in words. No `image/png`: a picture without its question says nothing."""
        return {"text/plain": repr(self), "text/html": still_html(self._exercises)}


_ACTIONS: dict[str, Callable[[ExerciseCard, Any], None]] = {
    "answer": ExerciseCard._take,
    "hint": ExerciseCard._hint,
    "reveal": ExerciseCard._reveal,
    "renew": ExerciseCard._renew,
    "go": ExerciseCard._go,
}


def _as_json(answer: Any) -> Any:
    """The answer as it can be sent; None for what only Python knows."""
    try:
        return json.loads(json.dumps(answer, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        return None


def _array(one: Exercise) -> Any:
    assert one.input_size is not None
    return np.array(one.values, dtype=float).reshape(one.input_size)
