"""One history for an explorer and for what is chosen in the pictures beside it."""

from __future__ import annotations

from collections.abc import Hashable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from poolviz.widgets.base.history import History, UndoableMixin
from poolviz.widgets.explorer.spec.spec import Spec


class Companion(Protocol):
    """A picture beside an explorer; `chosen` is what it shows besides the setting."""

    @property
    def chosen(self) -> object:
        """Choice that was shown last."""

    def choose(self, chosen: object) -> None:
        """Show it, without a note in the history."""


Choices = tuple[tuple[Companion, object], ...]
Moment = tuple[Spec, Choices]


class CompanionsMixin(UndoableMixin[Moment]):
    """The part of an explorer that undoes and redoes."""

    spec: Spec
    state: Any
    _show: Any
    _report: Any
    _kept_if_shown: Any
    _companions: tuple[Companion, ...] = ()

    def _accompany(self, companion: Companion) -> None:
        self._companions = (*self._companions, companion)

    def _leave(self, companion: Companion) -> None:
        """Forget a companion, what was chosen in it too: the history would keep it alive."""

        def others(moment: Moment) -> Moment:
            return moment[0], tuple(pair for pair in moment[1] if pair[0] is not companion)

        self._companions = tuple(one for one in self._companions if one is not companion)
        self._history.change(others)

    def forget_changes(self) -> None:
        """Clear the history of changes, because another layer is shown."""
        self._history = History()
        self._report(self.state["problem"])

    def _note_choice(self) -> None:
        """Note what was shown before a companion has changed what is `chosen`."""
        self._history.note(self._moment(), None)
        self._report(self.state["problem"])  # with the buttons that can be pressed now

    def _moment(self) -> Moment:
        return self.spec, tuple((one, one.chosen) for one in self._companions)

    def _return_to(self, moment: Moment) -> None:
        spec, choices = moment
        kept: AbstractContextManager[None] = self._kept_if_shown(spec)
        with kept:
            self._show()
        for companion, chosen in choices:
            companion.choose(chosen)

    def _has_become(self, before: Spec, gesture: Hashable) -> None:
        self._history.note((before, self._moment()[1]), gesture)
