"""ExerciseCard: a question with its picture, an answer, and feedback that names the wrong rule."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from copy import copy
from typing import Any, ClassVar

import traitlets

from poolviz.drawing.mpl.figure import AccessibleFigure, PngRenderer
from poolviz.exercises.model import Exercise, Feedback
from poolviz.i18n.catalogue import chosen, say
from poolviz.i18n.keywords import answers_keywords
from poolviz.i18n.sanitize import writable
from poolviz.widgets.base.history import History, UndoableMixin
from poolviz.widgets.base.savable import Ranges, Savable
from poolviz.widgets.base.widget import StateWidget, action_of, synchronized
from poolviz.widgets.base.wire import CardState, Request
from poolviz.widgets.exercise.page import CardRecording, record_card
from poolviz.widgets.exercise.session import (
    ExerciseSession,
    SessionItem,
    forget,
    line_of,
    session_for,
)
from poolviz.widgets.exercise.state import (
    Picture,
    figure_of,
    picture_state,
    question_state,
    scene_of,
)
from poolviz.widgets.exercise.static_html import exercises_html, exercises_text, question_html

Moment = tuple[int, tuple[SessionItem, ...]]  # the place, and copies of all items


@answers_keywords()
class ExerciseCard(UndoableMixin[Moment], Savable, StateWidget):
    """One exercise, or several: question, picture, answer, hint, feedback, next variant.

    Parameters
    ----------
    *ids
        Ids of exercises, or lists of ids, see `poolviz.list_exercises`; all if left out.
    seed
        The variant: equal seeds give equal numbers. One for all exercises, or one for each.
    place
        The exercise that is open, counted from 0; that of the last time if left out.
    language
        Language of all texts: "en" or "de"; the current one if left out.

    Raises
    ------
    ValueError
        For an unknown exercise or language, and for a place or seeds that do not match the
        exercises.

    Notes
    -----
    The answers stay when the cell is run again, as long as the kernel lives. `check` takes an
    answer as `Exercise.check` does; `score` is the sum of the points.

    Examples
    --------
    >>> card = ExerciseCard("size-plain")
    >>> card.check(card.exercise.answer).ok, card.score
    (True, 1.0)
    """

    _entry = "widgets/exercise/card.js"

    place: int = traitlets.Int(0)  # type: ignore[assignment]

    def __init__(
        self,
        *ids: str | Iterable[str],
        seed: int | Sequence[int] = 0,
        place: int | None = None,
        language: str | None = None,
    ) -> None:
        names = tuple(
            name for given in ids for name in ([given] if isinstance(given, str) else given)
        )
        seeds: Any = tuple(seed) if isinstance(seed, list | tuple) else seed
        self.session: ExerciseSession = session_for(names, seeds, chosen(language))
        if place is not None:
            self.session.place = self._checked_place(place)
        self._render = PngRenderer()
        self._history = History()
        super().__init__(language, place=self.session.place)
        self._show()

    @property
    def exercise(self) -> Exercise:
        """The open exercise."""
        return self.session.item.exercise

    @property
    def score(self) -> float:
        """Points of all exercises together."""
        return self.session.score

    @synchronized
    def check(self, answer: object) -> Feedback:
        """Check an answer to the open exercise."""
        self._history.note(self._moment(), None)
        feedback = self.session.item.take(answer)
        self._show()
        return feedback

    @synchronized
    def start_again(self) -> None:
        """Forget all answers."""
        forget(self.session)
        self._history = History()
        ids, seed, _, _ = self.session.key
        self.session = session_for(ids, seed, self.language)
        self._show()

    # --- from the browser --------------------------------------------------------------------

    def _apply_request(self, request: Request) -> None:
        before, (name, _) = self._moment(), action_of(request, self._actions)
        super()._apply_request(request)
        if name not in self._undo_actions:
            self._history.note(before, None)
            self._show()

    # --- before and after --------------------------------------------------------------------

    def _moment(self) -> Moment:
        return self.session.place, tuple(map(copy, self.session.items))

    @synchronized
    def _return_to(self, moment: Moment) -> None:
        """Points stay, and what was looked up stays known."""
        place, items = moment
        for now, before in zip(self.session.items, items, strict=True):
            is_same = now.exercise == before.exercise
            now.exercise, now.answer, now.feedback = before.exercise, before.answer, before.feedback
            now.hint_shown = before.hint_shown or (is_same and now.hint_shown)
            now.solution_shown = before.solution_shown or (is_same and now.solution_shown)
        self.session.place = self.place = place
        self._show()

    @property
    def code(self) -> str:
        """The line of Python that opens the exercises with these numbers, without the answers."""
        session, ones = self.session, self._exercises
        seeds = [one.seed for one in ones]
        return line_of([one.id for one in ones], seeds, session.place, self.language)

    def _take(self, answer: object) -> None:
        self.session.item.take(answer)

    def _hint(self, value: object) -> None:
        self.session.item.hint_shown = True

    def _reveal(self, value: object) -> None:
        self.session.item.solution_shown = True

    def _renew(self, value: object) -> None:
        self.session.item.renew()

    def _go(self, place: object) -> None:
        self.session.place = self.place = self._checked_place(place)

    def _checked_place(self, place: object) -> int:
        if type(place) is not int or not 0 <= place < len(self.session.items):
            raise ValueError(f"there is no exercise number {place}")
        return place

    _actions: ClassVar = {
        **UndoableMixin._undo_actions,
        "answer": _take,
        "hint": _hint,
        "reveal": _reveal,
        "renew": _renew,
        "go": _go,
    }

    # --- to the browser ----------------------------------------------------------------------

    def _picture_and_state(self) -> tuple[bytes, CardState]:
        session, item = self.session, self.session.item
        one, scene = item.exercise, self._scene()
        state: CardState = {
            **question_state(one),
            **picture_state(one, scene),
            "answer": _as_json(item.answer),
            "feedback": "" if item.feedback is None else item.feedback.reason,
            "mark": "" if item.feedback is None else item.feedback.mark,
            "hint": one.hint if item.hint_shown else "",
            "solution": one.solution if item.solution_shown else "",
            "place": session.place,
            "of": len(session.items),
            "solved": session.solved,
        }
        return self._picture(scene), state

    def _scene(self) -> Picture | None:
        item = self.session.item
        return scene_of(item.exercise, item.solution_shown or item.is_right)

    def _picture(self, scene: Picture | None) -> bytes:
        """Return the PNG; empty if there is no picture."""
        return b"" if scene is None else self._render(scene, *self._theme_and_ratio())

    # --- without a browser -------------------------------------------------------------------

    @property
    def _exercises(self) -> list[Exercise]:
        return [item.exercise for item in self.session.items]

    def _sentence(self) -> str:
        return exercises_text(self._exercises)

    def _static_bundle(self) -> dict[str, str]:
        """Return the questions in words. No `image/png`: it means nothing without its question."""
        return {"text/plain": repr(self), "text/html": exercises_html(self._exercises)}

    def _static_figure(self) -> AccessibleFigure | None:
        return figure_of(self.exercise, self._scene())

    @property
    def headline(self) -> str:
        ids = [one.id for one in self._exercises]
        return ids[0] if len(ids) == 1 else say("page.exercises", count=len(ids))

    def _static_html(self) -> str:
        """Return all questions with their pictures, without answers."""
        return "\n<hr>\n".join(map(question_html, self._exercises))

    def _record(self, ranges: Ranges) -> CardRecording:
        return record_card(self._exercises, self.session.place)


def _as_json(answer: object) -> object:
    """Return an answer as plain values for JSON; None if it cannot be sent."""
    try:
        return json.loads(writable(json.dumps(answer, allow_nan=False, ensure_ascii=False)))
    except (TypeError, ValueError, RecursionError):
        return None
