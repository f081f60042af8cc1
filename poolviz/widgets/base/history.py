"""Undo and redo of a widget, and the line of code that opens what it shows."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from copy import copy
from typing import Any, ClassVar, Generic, TypeVar

from poolviz.i18n.phrase import phrase

MOST_UNDONE = 100  # steps
MOST_CHARACTERS = 20_000  # of a line of code

Moment = TypeVar("Moment")  # everything that a widget shows, as one frozen value


class History(Generic[Moment]):
    """What was shown before, and what was undone.

    >>> history = History()
    >>> history.note("a", None)
    >>> history.back("b"), history.forth("a")
    ('a', 'b')
    """

    def __init__(self) -> None:
        self.past: list[Moment] = []
        self.future: list[Moment] = []
        self._gesture: Hashable = None

    def note(self, before: Moment, gesture: Hashable) -> None:
        """Note a change; those of one gesture, such as a dragged slider, are undone together."""
        if gesture is None or gesture != self._gesture:
            self.past = [*self.past, before][-MOST_UNDONE:]
        self.future = []
        self._gesture = gesture

    def back(self, now: Moment) -> Moment:
        """Return what was shown before `now`."""
        return self._moved(self.past, self.future, now)

    def forth(self, now: Moment) -> Moment:
        """Return what was shown before it was undone."""
        return self._moved(self.future, self.past, now)

    def _moved(self, source: list[Moment], target: list[Moment], now: Moment) -> Moment:
        if not source:
            raise ValueError(phrase("control.nothing_to_undo"))
        self._gesture = None
        target.append(now)
        return source.pop()

    def change(self, moment: Callable[[Moment], Moment]) -> None:
        """Replace each moment."""
        self.past, self.future = [*map(moment, self.past)], [*map(moment, self.future)]

    def __copy__(self) -> History[Moment]:
        other: History[Moment] = History()
        other.past, other.future, other._gesture = [*self.past], [*self.future], self._gesture
        return other


class UndoableMixin(Generic[Moment]):
    """A widget whose changes can be taken back; `_moment` and `_return_to` say what changes."""

    _history: History[Moment]

    def _moment(self) -> Moment:
        """Return everything that is shown."""
        raise NotImplementedError

    def _return_to(self, moment: Moment) -> None:
        """Show it again, without a note in the history."""
        raise NotImplementedError

    @property
    def code(self) -> str:
        """The line of Python that opens what is shown."""
        raise NotImplementedError

    def undo(self) -> None:
        """Undo the last change.

        Raises
        ------
        ValueError
            If there is nothing to take back.
        """
        self._move(self._history.back)

    def redo(self) -> None:
        """Redo the change that was undone last.

        Raises
        ------
        ValueError
            If there is nothing to make again.
        """
        self._move(self._history.forth)

    def _move(self, way: Callable[[Moment], Moment]) -> None:
        # `way` has already moved a step when the widget rejects what it gives back.
        before = copy(self._history)
        try:
            self._return_to(way(self._moment()))
        except Exception:
            self._history = before
            raise

    def _tools(self) -> dict[str, object]:
        """Return what the buttons of the browser need."""
        history, code = self._history, self.code
        if len(code) > MOST_CHARACTERS:  # nobody pastes it
            code = ""
        return {"canUndo": bool(history.past), "canRedo": bool(history.future), "opens": code}

    _undo_actions: ClassVar[dict[str, Callable[[Any, Any], None]]] = {
        "undo": lambda self, value: self.undo(),
        "redo": lambda self, value: self.redo(),
    }
