"""State and requests of all widgets with a browser view.

Controls never update the view themselves. They send a request; Python applies it, or rejects it
with a reason and stays as it is. The answer is one numbered message with the whole state.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from threading import RLock
from typing import Any, ClassVar, ParamSpec, TypeVar

import anywidget
import ipywidgets
import traitlets

from poolviz.browser.bundle import loader
from poolviz.drawing.scene.theme import LIGHT, THEMES, Theme
from poolviz.i18n.catalogue import chosen, say, using_language
from poolviz.i18n.phrase import Phrase
from poolviz.i18n.sanitize import writable
from poolviz.widgets.base.language import LocalizedMixin
from poolviz.widgets.base.shared_code import SharedCode, shared_code
from poolviz.widgets.base.wire import Request, State

_LOG = logging.getLogger(__name__)
REMEMBERED = 64  # requests and settings that were sent lately: they may still be on their way
_RATIOS = (1.0, 3.0)  # least and most pixels per unit that a screen can request

# One lock for all widgets, not one each: users link any two widgets in both directions (an
# observer of each sets the other), and two threads that each hold one lock would wait for each
# other forever.
_LOCK = RLock()

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def synchronized(change: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Serialise a state change.

    JupyterLab may deliver browser messages on another thread than the one running cells.
    """

    @wraps(change)
    def alone(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        with _LOCK:
            return change(*args, **kwargs)

    return alone


@dataclass(frozen=True)
class _LoggingObserver:
    """A user's observer; what it raises is logged and does not interrupt the widget."""

    handler: Callable[..., object]

    def __call__(self, change: Mapping[str, object]) -> None:
        try:
            self.handler(change)
        except Exception:
            name = getattr(self.handler, "__qualname__", repr(self.handler))
            _LOG.exception("%s, which observes %r, raised", name, change["name"])


def _logging(handler: Callable[..., object]) -> Callable[..., object]:
    """Wrap a user's handler, but not the widget's methods, which traitlets also registers."""
    is_own = isinstance(handler, traitlets.traitlets.EventHandler)
    return handler if is_own else _LoggingObserver(handler)


class StateWidget(LocalizedMixin, anywidget.AnyWidget):
    """Synchronised traits and the order in which they are sent; all texts in one language.

    While `_apply_request` and `_picture_and_state` run, this language is the current one.
    """

    _esm = loader()
    _entry: ClassVar[str]  # the JavaScript file that exports `render`

    _code = traitlets.Instance(SharedCode).tag(sync=True, **ipywidgets.widget_serialization)
    _digest = traitlets.Unicode().tag(sync=True)
    # For browsers that do not find the model of `_code`, as in marimo.
    _needs_code = traitlets.Bool(False).tag(sync=True)
    _packed = traitlets.Bytes().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)  # everything that is shown, except the picture
    picture = traitlets.Bytes().tag(sync=True)  # PNG; belongs to state["seq"]
    asked = traitlets.Dict().tag(sync=True)  # the last request of the controls
    screen = traitlets.Dict().tag(sync=True)  # theme, pixel ratio and width of the browser

    # Name of an action → the method that takes its value. A method raises TypeError or ValueError
    # to reject the request.
    _actions: ClassVar[Mapping[str, Callable[[Any, Any], None]]] = {}

    def __init__(self, language: str | None = None, **traits: object) -> None:
        self._language = chosen(language)
        self._seq = 0
        self._answered: object = None
        self._taken: dict[str, object] = {}  # the tries of each request, by its number
        code = shared_code(self._entry, self._language)
        super().__init__(_code=code, _digest=code.digest, **traits)
        self.on_msg(self._take_message)

    # --- observers ---------------------------------------------------------------------------

    def observe(
        self, handler: Callable[..., object], names: object = traitlets.All, type: object = "change"
    ) -> None:
        """Observe as in traitlets, except that errors of the handler are logged and not raised."""
        super().observe(_logging(handler), names, type)

    def unobserve(
        self, handler: Callable[..., object], names: Any = traitlets.All, type: Any = "change"
    ) -> None:
        """Stop observing, as in traitlets."""
        super().unobserve(_logging(handler), names, type)

    def observe_internal(self, handler: Callable[..., object], names: str | list[str]) -> None:
        """Observe for a part of the same widget: an error of the handler undoes the change."""
        super().observe(handler, names)

    def unobserve_internal(self, handler: Callable[..., object], names: str | list[str]) -> None:
        """Remove an observer that `observe_internal` added."""
        super().unobserve(handler, names)

    # --- for the widgets to implement --------------------------------------------------------

    def _apply_request(self, request: Request) -> None:
        """Apply the request of a control; raise TypeError or ValueError to reject it."""
        name, value = action_of(request, self._actions)
        self._actions[name](self, value)

    def _picture_and_state(self) -> tuple[bytes, State]:
        """Return everything that is shown: a PNG and the state."""
        raise NotImplementedError

    def _tools(self) -> dict[str, object]:
        """Return what the browser's buttons for undo, redo and code need."""
        return {"canUndo": False, "canRedo": False, "opens": ""}

    # --- from the browser --------------------------------------------------------------------

    @synchronized
    def set_state(self, sync_data: dict[str, object]) -> None:
        """Take one message of the browser."""
        super().set_state(sync_data)

    @traitlets.observe("_needs_code")
    def _send_code(self, change: Mapping[str, object]) -> None:
        self._packed = self._code.packed if change["new"] else b""

    @traitlets.observe("asked")
    def _answer(self, change: Mapping[str, Any]) -> None:
        self._take_request(change["new"])

    @synchronized
    def _take_message(self, widget: object, content: object, buffers: object) -> None:
        """Take a request that was sent besides: what the browser saves may never arrive."""
        request = content.get("asked") if isinstance(content, dict) else None
        if isinstance(request, dict):
            self._take_request(request)

    def _take_request(self, request: Request) -> None:
        """Apply a request, once: the browser sends one again that seems to be lost."""
        if not request:
            return
        number, tries = request.get("n"), request.get("tries", 0)
        tried = self._taken.get(number) if isinstance(number, str) else None
        if isinstance(number, str):
            self._taken[number] = tries
        if tried is not None:
            if tried != tries:
                self.send_state({"picture", "state"})  # the answer may be lost, too
            return
        while len(self._taken) > REMEMBERED:
            del self._taken[next(iter(self._taken))]
        self._answered = number
        with using_language(self.language):
            self._try(lambda: self._apply_or_reject(request))

    def _apply_or_reject(self, request: Request) -> None:
        try:
            self._apply_request(request)
        except (TypeError, ValueError) as wrong:
            # Phrases are in the widget's language; the errors about arguments are English only.
            is_localized = any(isinstance(part, Phrase) for part in wrong.args)
            self._report(str(wrong) if is_localized else say("control.refused", reason=wrong))

    def _try(self, change: Callable[[], None]) -> None:
        """Show an unexpected error: an unchanged picture would hide it."""
        try:
            change()
        except Exception as unexpected:
            _LOG.exception("%s could not show what was asked for", type(self).__name__)
            error = f"{type(unexpected).__name__}: {unexpected}"
            with using_language(self.language):
                self._report(say("control.fault", error=error))

    @traitlets.observe("screen")
    def _redraw(self, change: Mapping[str, object]) -> None:
        self._try(lambda: self._show(self.state.get("problem", "")))

    # --- to the browser ----------------------------------------------------------------------

    def _show(self, problem: str = "") -> None:
        """Draw and send everything; a problem is shown above the picture."""
        with using_language(self.language):
            picture, state = self._picture_and_state()
        with self.hold_sync():  # one message for both
            self.picture = picture
            self._publish({**state, "problem": problem})

    def _report(self, problem: str) -> None:
        """Send a problem; everything else stays as it is."""
        self._publish({**self.state, "problem": writable(problem)})

    def _publish(self, state: State) -> None:
        """Number a state, and say which request it answers."""
        self._seq += 1
        self.state = {**state, **self._tools(), "seq": self._seq, "answers": self._answered}

    def _theme_and_ratio(self) -> tuple[Theme, float]:
        """Theme and pixel ratio of the screen; the defaults for invalid values."""
        name, ratio = self.screen.get("theme"), self.screen.get("ratio")
        low, high = _RATIOS
        theme = THEMES[name] if isinstance(name, str) and name in THEMES else LIGHT
        # NaN is a number, too, and would pass through min and max.
        if not isinstance(ratio, int | float) or ratio != ratio:
            ratio = low
        return theme, min(max(float(ratio), low), high)


def action_of(request: Request, known: Mapping[str, object]) -> tuple[str, object]:
    """Return the name and the value of the requested action.

    >>> action_of({"action": {"name": "undo"}}, {"undo": ..., "fix": ...})
    ('undo', None)
    """
    action = request.get("action")
    name = action.get("name") if isinstance(action, dict) else None
    if not isinstance(action, dict) or not isinstance(name, str) or name not in known:
        raise ValueError(f"there is no such action: {name!r}")
    return name, action.get("value")
