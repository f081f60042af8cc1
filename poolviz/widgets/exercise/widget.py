"""ExerciseCard: a question with its picture, an answer, and feedback that names the wrong rule."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import traitlets

from poolviz.arithmetic.trace import trace
from poolviz.drawing.charts.network_diagram import NetworkDiagram, build_network_diagram
from poolviz.drawing.charts.question import Question, build_question
from poolviz.drawing.mpl.figure import AccessibleFigure, PngRenderer
from poolviz.drawing.output.html_page import picture
from poolviz.drawing.scene.plane_views import View
from poolviz.drawing.scene.scene import Scene, build_scene
from poolviz.exercises.model import Exercise, Feedback
from poolviz.i18n.catalogue import chosen, say
from poolviz.i18n.sanitize import writable
from poolviz.widgets.base.savable import Savable
from poolviz.widgets.base.widget import StateWidget, action_of, in_turn
from poolviz.widgets.exercise.session import ExerciseSession, forget, sheet
from poolviz.widgets.exercise.static_html import still_html, still_text

Picture = Scene | Question | NetworkDiagram


class ExerciseCard(Savable, StateWidget):
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

    _entry = "exercise/card.js"

    place: int = traitlets.Int(0)  # type: ignore[assignment]

    def __init__(self, *ids: str, seed: int = 0, language: str | None = None) -> None:
        self.sheet: ExerciseSession = sheet(ids, seed, chosen(language))
        self._render = PngRenderer()
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

    def _apply_request(self, asked: dict[str, Any]) -> None:
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
        one, scene = item.exercise, self._scene()
        state = {
            **asked_of(one),
            **drawn_of(one, scene),
            "answer": _as_json(item.answer),
            "feedback": "" if item.feedback is None else item.feedback.text,
            "ok": item.feedback is not None and item.feedback.ok,
            "hint": one.hint if item.asked_hint else "",
            "solution": one.solution if item.revealed else "",
            "place": kept.place,
            "of": len(kept.items),
            "solved": kept.solved,
        }
        return self._picture(scene), state

    def _scene(self) -> Picture | None:
        item = self.sheet.item
        is_right = item.feedback is not None and item.feedback.ok
        return scene_of(item.exercise, item.revealed or is_right)

    def _picture(self, scene: Picture | None) -> bytes:
        """Empty where there is none."""
        return b"" if scene is None else self._render(scene, *self._theme_and_ratio())

    # --- without a browser -------------------------------------------------------------------

    @property
    def _exercises(self) -> list[Exercise]:
        return [item.exercise for item in self.sheet.items]

    def _sentence(self) -> str:
        return still_text(self._exercises)

    def _stored(self) -> dict[str, str]:
        """The questions in words. No `image/png`: a picture without its question says nothing."""
        return {"text/plain": repr(self), "text/html": still_html(self._exercises)}

    def _still(self) -> AccessibleFigure | None:
        return figure_of(self.exercise, self._scene())

    def _headline(self) -> str:
        ids = [one.id for one in self._exercises]
        return ids[0] if len(ids) == 1 else say("page.exercises", count=len(ids))

    def _still_body(self) -> str:
        """All questions with their pictures; no answers."""
        return "\n<hr>\n".join(map(question_words, self._exercises))


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
        return json.loads(writable(json.dumps(answer, allow_nan=False, ensure_ascii=False)))
    except (TypeError, ValueError, RecursionError):
        return None


def asked_of(one: Exercise) -> dict[str, Any]:
    """What the browser says of a question, whatever was answered."""
    block = one.block
    return {
        "id": one.id,
        "key": f"{one.id} {one.seed}",
        "kind": one.kind,
        "level": one.level,
        "question": one.question.removesuffix(f"\n\n{block}") if block else one.question,
        "block": block,
        "form": one.form,
        "choices": list(one.choices),
        "wanted": one.wanted,
    }


def scene_of(one: Exercise, is_over: bool) -> Picture | None:
    """The input alone; with the answer as soon as it may be seen."""
    if one.stack is not None:
        return build_network_diagram(one.stack) if is_over else None
    if one.layer is None or one.input_size is None:
        return None
    if not is_over:
        return None if one.drawn_later else build_question(one.layer, one.input_size, one.values)
    x = None if one.values is None else np.array(one.values, dtype=float).reshape(one.input_size)
    return build_scene(trace(one.layer, one.input_size), x, View(fits=True, position=(0, 0)))


def drawn_of(one: Exercise, scene: Picture | None) -> dict[str, Any]:
    """Its size, its words, and the cells to click on."""
    if scene is None:
        return {"alt": "", "width": 0, "height": 0, "plane": None}
    plane = None
    if isinstance(scene, Question) and one.form == "cells":
        where = scene.plane
        plane = {
            "left": where.left,
            "top": where.top,
            "side": where.cell_width,
            "rows": where.rows,
            "columns": where.columns,
            "axes": len(one.input_size or ()),
        }
    return {"alt": scene.alt, "width": scene.width, "height": scene.height, "plane": plane}


def figure_of(one: Exercise, scene: Picture | None) -> AccessibleFigure | None:
    """The question's picture; None where there is none, or one that shows the answer."""
    if scene is None or isinstance(scene, Scene):
        return None
    return AccessibleFigure(scene, f"{one} {scene.alt}", one.id)


def question_words(one: Exercise) -> str:
    """A question with its picture as HTML."""
    figure = figure_of(one, scene_of(one, is_over=False))
    image = "" if figure is None else picture(figure.png(), figure.alt)
    return f"{one._repr_html_()}\n{image}"
