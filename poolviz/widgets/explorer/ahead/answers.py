"""Answers computed before they are needed, and pictures drawn once the controls rest.

The page paints a picture from plain values, as a page without a kernel does. While a control, a fix
or an example has the focus or the pointer, the kernel computes the settings that it can reach,
nearest first, and sends their words and pictures in this form. The page then shows such a setting
in the next frame and sends the request too: the widget takes the setting over at once, but draws
and publishes it only when the controls rest.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager, suppress
from copy import copy
from functools import partial
from typing import Any, ClassVar

import traitlets

from poolviz.drawing.output.scene_json import picture_data
from poolviz.drawing.scene.scene import Scene
from poolviz.i18n.catalogue import using_language
from poolviz.widgets.base.widget import REMEMBERED, StateWidget, action_of, synchronized
from poolviz.widgets.base.wire import Request, Settings, State
from poolviz.widgets.explorer.ahead.idle import Delayed, IdleWork
from poolviz.widgets.explorer.settings import read_settings, settings_dict
from poolviz.widgets.explorer.spec.spec import Spec
from poolviz.widgets.explorer.state import state_of

SWITCH = "POOLVIZ_COMPUTE_AHEAD"  # "0" switches it off for a whole server
SHARE = 0.3  # of one core
REST = 0.4  # seconds without a change after which the picture is drawn; keys follow faster
MOST_WISHES = 64  # settings that are computed for one wish
MOST_BYTES = 64_000  # of one answer; one of a larger picture is computed on request
MOST_AT_ONCE = 200_000  # bytes for one wish, the nearest settings first: links may be slow

# Jupyter's kernels deliver what answers no message of the page. Elsewhere a picture that is drawn
# when the controls rest is kept back (shinywidgets 0.8.2), lost (Solara 1.64.1), or comes after the
# cells that use the widget ran (marimo 0.25.2).
_DELIVERING = ("ipykernel", "pyodide_kernel", "comm")  # packages of comms


class AnswersAhead(StateWidget):
    """The part of an explorer that computes ahead.

    `computes_ahead` can be assigned: False switches it off.
    """

    # Name of an action that only shows another spec → the method that returns it. It raises
    # TypeError or ValueError to reject the value.
    _targets: ClassVar[Mapping[str, Callable[[Any, Any], Spec]]] = {}

    computes_ahead = traitlets.Bool().tag(sync=True)
    spec: Any
    _history: Any
    _scene_on_screen: Callable[[Any], Scene]

    @traitlets.default("computes_ahead")
    def _is_switched_on(self) -> bool:
        return os.environ.get(SWITCH, "1") != "0"

    def __init__(self, *args: Any, **traits: Any) -> None:
        self._idle_work = IdleWork(SHARE)
        self._drawing = Delayed(REST, self._draw_if_due)
        self._is_due = False  # the spec is newer than picture and state
        self._left = 0  # bytes for the present wish
        self._sent: dict[str, None] = {}
        self._context_number = 0
        self._context: tuple[object, ...] = ()
        super().__init__(*args, **traits)

    # --- what answers depend on besides the settings ---------------------------------------------

    def _context_of(self, spec: Spec) -> tuple[object, ...]:
        """Return what else decides on an answer: arrays of the user, the task, the width."""
        own = spec.convolution and (spec.convolution.own_weight, spec.convolution.bias)
        return (spec.own_values, *(own or ()), self._task, self._width())

    def _is_in_context(self, spec: Spec) -> bool:
        found = self._context_of(spec)
        return len(found) == len(self._context) and all(
            # By identity: to compare large arrays takes longer than the answer that it would save.
            one is other or (isinstance(one, float) and one == other)
            for one, other in zip(found, self._context, strict=True)
        )

    def _publish(self, state: State) -> None:
        if not self._is_in_context(self.spec):
            self._context = self._context_of(self.spec)
            self._context_number += 1
            self._sent.clear()
        super()._publish({**state, "context": self._context_number})

    # --- from the browser ------------------------------------------------------------------------

    def _take_message(self, widget: object, content: object, buffers: object) -> None:
        super()._take_message(widget, content, buffers)
        wish = content.get("ahead") if isinstance(content, dict) else None
        if isinstance(wish, dict):
            self._wish(wish)

    @synchronized
    def _wish(self, wish: Mapping[str, object]) -> None:
        name = {key: wish.get(key) for key in ("view", "wish")}
        base, changes = wish.get("base"), wish.get("changes")
        is_possible = self.computes_ahead and self._can_speak_first()
        if not (is_possible and isinstance(base, dict) and isinstance(changes, list)):
            self._idle_work.replace(())
            return
        self._left = MOST_AT_ONCE
        self._idle_work.replace(
            partial(self._answer_ahead, {**name, "index": i}, base, change)
            for i, change in enumerate(changes[:MOST_WISHES])
            if isinstance(change, dict)
        )

    def _can_speak_first(self) -> bool:
        return type(self.comm).__module__.partition(".")[0] in _DELIVERING

    def _apply_request(self, request: Request) -> None:
        self._idle_work.replace(())  # a request comes first
        spec = self._target(request)
        if spec is None:
            super()._apply_request(request)
            return
        is_action = request.get("action") is not None
        gesture = None if is_action else self._names_that_differ(spec)
        is_shown = request.get("shown") is True and self.computes_ahead
        if is_shown and self._is_in_context(spec) and self._drawing.request():
            self._try(partial(self._take_over, spec, gesture))
        else:
            self._try(partial(self._become, spec, gesture))

    def _target(self, request: Request) -> Spec | None:
        """Return the spec that a request shows; None for actions that do something else."""
        if request.get("action") is None:
            return read_settings(request.get("settings"), self.spec)
        name, value = action_of(request, {**self._actions, **self._targets})
        return self._targets[name](self, value) if name in self._targets else None

    def _names_that_differ(self, spec: Spec) -> tuple[str, ...]:
        before, after = _settings_of(self.spec), _settings_of(spec)
        return tuple(name for name in after if after[name] != before.get(name))  # type: ignore[literal-required]

    # --- to the browser --------------------------------------------------------------------------

    @synchronized
    def _answer_ahead(
        self, head: dict[str, object], base: Mapping[str, object], change: Mapping[str, Any]
    ) -> None:
        """Send the answer to what may be requested next: other settings, or an action on `base`.

        Once to each view: a page that was loaded anew has none of the answers.
        """
        is_action = "action" in change
        request: Any = change if is_action else {"settings": {**base, **change}}
        key = json.dumps([head["view"], base if is_action else None, request])
        if key in self._sent or self.comm is None:  # which a closed widget has not
            return
        # Through JSON, as the page has them: tuples are lists there.
        if is_action and base != json.loads(json.dumps(_settings_of(self.spec))):
            return  # the action would start from another setting
        try:
            spec = self._target(request)
        except (TypeError, ValueError):
            return
        if spec is None or not self._is_in_context(spec):
            return
        with using_language(self.language):
            scene = self._scene_on_screen(spec)
            answer = {"state": state_of(spec, scene, self._task), "picture": picture_data(scene)}
        # Texts of the user may hold a lone surrogate, which UTF-8 does not encode.
        packed = zlib.compress(json.dumps(answer, ensure_ascii=False).encode(errors="replace"))
        self._left -= len(packed)
        if len(packed) > MOST_BYTES or self._left < 0:
            self._idle_work.replace(())  # further ones are as large
            return
        self._sent[key] = None
        while len(self._sent) > REMEMBERED:
            del self._sent[next(iter(self._sent))]
        self.send({"ahead": {**head, "context": self._context_number}}, [packed])

    @synchronized
    def _become(self, spec: Spec, gesture: Hashable = None) -> None:
        """Show another spec, the only way to change it; one that cannot be drawn is not kept.

        Changes of one gesture, such as a dragged slider, are undone together.
        """
        before = self.spec
        with self._kept_if_shown(spec):
            self._has_become(before, gesture)
            self._show()

    def _take_over(self, spec: Spec, gesture: Hashable) -> None:
        """Become a spec that the page shows already; it is drawn when the controls rest."""
        before = self.spec
        with self._kept_if_shown(spec):
            self._has_become(before, gesture)
            self._is_due = True
            self.send({"heard": self._answered})

    @contextmanager
    def _kept_if_shown(self, spec: Spec) -> Iterator[None]:
        before, history = self.spec, copy(self._history)
        try:
            with self.hold_sync():  # what follows from the spec travels with it
                self.spec = spec  # an observer may raise
                yield
                self._spec_is_kept()
        except Exception:
            self._history = history
            with suppress(Exception):  # of the same observer: only the first error is reported
                self.spec = before
            raise

    def _has_become(self, before: Spec, gesture: Hashable) -> None:
        """Note what was shown before."""
        raise NotImplementedError

    def _spec_is_kept(self) -> None:
        """Set what follows from the spec besides picture and state."""
        raise NotImplementedError

    def _report(self, problem: str) -> None:
        if self._is_due:
            self._show(problem)
        else:
            super()._report(problem)

    def _show(self, problem: str = "") -> None:
        self._is_due = False
        super()._show(problem)

    @synchronized
    def _draw_if_due(self) -> None:
        """Draw and publish what was taken over."""
        if self._is_due and self.comm is not None:
            self._try(self._show)


def _settings_of(spec: Spec) -> Settings:
    return settings_dict(spec, spec.traced())
