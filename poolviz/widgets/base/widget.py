"""What all widgets of the browser's half share: a question comes in, a picture with words goes out.

A control never changes what is shown by itself. It asks; the widget becomes what was asked for, or
says why not and stays as it is; the answer is one message, numbered, with everything in it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import wraps
from threading import RLock
from typing import Any, ClassVar, ParamSpec, TypeVar

import anywidget
import ipywidgets
import traitlets

from poolviz.drawing.scene.theme import LIGHT, THEMES, Theme
from poolviz.i18n.catalogue import chosen, say, using_language
from poolviz.i18n.phrase import Phrase
from poolviz.i18n.sanitize import writable
from poolviz.widgets.base.bundle import loader
from poolviz.widgets.base.language import LocalizedMixin
from poolviz.widgets.base.shared_code import SharedCode, shared_code

_LOG = logging.getLogger(__name__)
_RATIOS = (1.0, 3.0)  # pixels per unit that a screen may ask for
# One for all widgets: they change each other, and two locks could wait for each other.
_TURN = RLock()

Given = ParamSpec("Given")
Result = TypeVar("Result")


def in_turn(change: Callable[Given, Result]) -> Callable[Given, Result]:
    """A change that no other thread gets into: JupyterLab hands what the browser says to threads
    beside the one that runs the cells.
    """

    @wraps(change)
    def alone(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        with _TURN:
            return change(*args, **kwargs)

    return alone


@dataclass(frozen=True)
class _Guarded:
    """A reader's observer. What it raises is logged: it must not stop what is being shown."""

    handler: Callable[..., Any]

    def __call__(self, change: Any) -> None:
        try:
            self.handler(change)
        except Exception:
            name = getattr(self.handler, "__qualname__", repr(self.handler))
            _LOG.exception("%s, which observes %r, raised", name, change["name"])


def _guarded(handler: Callable[..., Any]) -> Callable[..., Any]:
    """A widget's own methods stay as they are: traitlets passes them through `observe` too."""
    is_own = isinstance(handler, traitlets.traitlets.EventHandler)
    return handler if is_own else _Guarded(handler)


class StateWidget(LocalizedMixin, anywidget.AnyWidget):
    """Traits that travel, and the order in which they do; all words in one language.

    Words are made in `_apply_request` and `_picture_and_words`: while these run, it is spoken.
    """

    _esm = loader()
    _entry: ClassVar[str]  # the JavaScript file that exports `render`

    _code = traitlets.Instance(SharedCode).tag(sync=True, **ipywidgets.widget_serialization)
    state = traitlets.Dict().tag(sync=True)  # all that is shown, but the picture
    picture = traitlets.Bytes().tag(sync=True)  # PNG, belongs to state["seq"]
    asked = traitlets.Dict().tag(sync=True)  # what the controls ask for, all of it
    screen = traitlets.Dict().tag(sync=True)  # the browser's theme and pixel ratio

    def __init__(self, language: str | None = None, **traits: Any) -> None:
        self._language = chosen(language)
        self._seq = 0
        self._answered: Any = None
        super().__init__(_code=shared_code(self._entry, self._language), **traits)

    # --- for readers and for other widgets ---------------------------------------------------

    def observe(
        self, handler: Callable[..., Any], names: Any = traitlets.All, type: Any = "change"
    ) -> None:
        """As in traitlets, but what the handler raises is logged and goes no further."""
        super().observe(_guarded(handler), names, type)

    def unobserve(
        self, handler: Callable[..., Any], names: Any = traitlets.All, type: Any = "change"
    ) -> None:
        """As in traitlets."""
        super().unobserve(_guarded(handler), names, type)

    def observe_internal(self, handler: Callable[..., Any], names: Any) -> None:
        """`observe` for the parts of a widget: if one cannot follow, the change is not made."""
        super().observe(handler, names)

    def unobserve_internal(self, handler: Callable[..., Any], names: Any) -> None:
        """Ends what `observe_internal` began."""
        super().unobserve(handler, names)

    # --- for the widgets to fill in ----------------------------------------------------------

    def _apply_request(self, asked: dict[str, Any]) -> None:
        """Become what a control asks for; raise TypeError or ValueError for what cannot be."""
        raise NotImplementedError

    def _picture_and_words(self) -> tuple[bytes, dict[str, Any]]:
        """All that is shown: a PNG, and what the browser has to know and to say."""
        raise NotImplementedError

    # --- from the browser --------------------------------------------------------------------

    @in_turn
    def set_state(self, sync_data: dict[str, Any]) -> None:
        """All that one message of the browser says."""
        super().set_state(sync_data)

    @traitlets.observe("asked")
    def _answer(self, change: dict[str, Any]) -> None:
        """A control moved: become what it asks for, or say why not and stay as we are."""
        asked = change["new"]
        if not asked:
            return
        self._answered = asked.get("n")
        with using_language(self.language):
            self._try(lambda: self._obey_or_complain(asked))

    def _obey_or_complain(self, asked: dict[str, Any]) -> None:
        try:
            self._apply_request(asked)
        except (TypeError, ValueError) as wrong:
            # Ours is in the reader's language; what an argument may be is said in English only.
            is_ours = any(isinstance(part, Phrase) for part in wrong.args)
            self._complain(str(wrong) if is_ours else say("control.refused", reason=wrong))

    def _try(self, change: Callable[[], None]) -> None:
        """What goes wrong after a message is shown: a frozen picture would tell nobody anything."""
        try:
            change()
        except Exception as unexpected:
            _LOG.exception("%s could not show what was asked for", type(self).__name__)
            error = f"{type(unexpected).__name__}: {unexpected}"
            with using_language(self.language):
                self._complain(say("control.fault", error=error))

    @traitlets.observe("screen")
    def _redraw(self, change: dict[str, Any]) -> None:
        self._try(lambda: self._show(self.state.get("problem", "")))

    # --- to the browser ----------------------------------------------------------------------

    def _show(self, problem: str = "") -> None:
        """Draw and say what is so; a problem stands above it."""
        with using_language(self.language):
            picture, state = self._picture_and_words()
        self._hand_over(picture, {**state, "problem": problem})

    def _complain(self, problem: str) -> None:
        self._tell({**self.state, "problem": writable(problem)})

    def _tell(self, state: dict[str, Any]) -> None:
        """Every message is numbered, and says which question of the browser it answers."""
        self._seq += 1
        self.state = {**state, "seq": self._seq, "answers": self._answered}

    def _hand_over(self, picture: bytes, state: dict[str, Any]) -> None:
        """Picture and words, sent together."""
        with self.hold_sync():
            self.picture = picture
            self._tell(state)

    def _theme_and_ratio(self) -> tuple[Theme, float]:
        """Of the screen; what makes no sense is left at the plain ones."""
        name, ratio = self.screen.get("theme"), self.screen.get("ratio")
        low, high = _RATIOS
        theme = THEMES[name] if isinstance(name, str) and name in THEMES else LIGHT
        if not isinstance(ratio, int | float) or ratio != ratio:
            ratio = low
        return theme, min(max(float(ratio), low), high)


def action_of(asked: dict[str, Any], known: Collection[str]) -> tuple[str, Any]:
    """The name and the value of the action that is asked for.

    >>> action_of({"action": {"name": "undo"}}, ("undo", "fix"))
    ('undo', None)
    """
    action = asked.get("action")
    name = action.get("name") if isinstance(action, dict) else None
    if not isinstance(action, dict) or not isinstance(name, str) or name not in known:
        raise ValueError(f"there is no such action: {name!r}")
    return name, action.get("value")
