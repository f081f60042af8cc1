"""A page that shows live widgets of this process: no kernel, no server, no timers."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets

from poolviz.browser.bundle import composition, styles
from poolviz.widgets.base.composite import Composite

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

SCRIPT = (Path(__file__).parent / "host.js").read_text(encoding="utf-8")
SENT = ("state", "picture", "children", "position")
FIRST = (*SENT, "asked", "screen", "position_is_watched", "computes_ahead", "_is_reactive")
COMPOSITE = "composition"
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>poolviz</title><style>
body { background: #fff; color: #111; font: 15px "DejaVu Sans", sans-serif; margin: 8px; }
@media (prefers-color-scheme: dark) { body { background: #14181c; color: #eee; } }
</style></head><body>
<button id="before" type="button">before</button><main></main>
<button id="after" type="button">after</button></body></html>"""


class HostPage:
    """A page of Chromium, and the widgets that it shows."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._widgets: dict[str, ipywidgets.Widget] = {}
        self._news: dict[str, dict[str, Any]] = {}
        self._codes: dict[str, dict[str, Any]] = {}
        self._known: set[str] = set()
        page.expose_function("toPython", self._from_page)

    def show(self, *parts: Any) -> list[Locator]:
        """Show widgets below each other on a fresh page; return their places."""
        self._widgets.clear()
        self._known.clear()
        self.page.goto("about:blank")
        self.page.set_content(PAGE)
        self.page.add_style_tag(content=styles())
        self.page.add_script_tag(content=SCRIPT, type="module")
        self.page.wait_for_function("() => globalThis.host")
        places = []
        for number, part in enumerate(parts):
            if isinstance(part, ipywidgets.HTML):
                self._append(number, part.value)
                continue
            self._add(part)
            self._append(number)
            told = [json.dumps(self._flushed()), part.model_id, f"part{number}"]
            self.page.evaluate(
                """async ([told, id, place]) => {
                host.take(JSON.parse(told));
                await host.shown(id, document.getElementById(place));
                }""",
                told,
            )
            places.append(self.page.locator(f"#part{number}"))
        return places

    def _append(self, number: int, html: str = "") -> None:
        self.page.evaluate(
            """([id, html]) => {
            const el = document.createElement('div');
            Object.assign(el, { id, innerHTML: html });
            document.querySelector('main').append(el);
            }""",
            [f"part{number}", html],
        )

    # --- from Python to the page -----------------------------------------------------------------

    def _add(self, widget: ipywidgets.Widget) -> None:
        if widget.model_id in self._widgets:
            return
        self._widgets[widget.model_id] = widget
        if hasattr(widget, "computes_ahead"):
            widget.computes_ahead = False
        is_composite = isinstance(widget, Composite)
        kind = COMPOSITE if is_composite else type(widget)._entry
        if kind not in self._known:
            self._known.add(kind)
            packed = None if is_composite else json.loads(zlib.decompress(widget._code.packed))
            self._codes[kind] = packed or {"script": composition()}
        self._news[widget.model_id] = {
            "kind": kind,
            **{name: self._plain(getattr(widget, name)) for name in FIRST if hasattr(widget, name)},
        }
        widget.observe(self._note, [name for name in SENT if widget.has_trait(name)])

    def _note(self, change: Mapping[str, Any]) -> None:
        news = self._news.setdefault(change["owner"].model_id, {})
        news[change["name"]] = self._plain(change["new"])

    def _plain(self, value: Any) -> Any:
        if isinstance(value, bytes | memoryview):
            return base64.b64encode(value).decode()
        if isinstance(value, tuple):
            for part in value:
                self._add(part)
            return [f"anywidget:{part.model_id}" for part in value]
        return value

    def _flushed(self) -> dict[str, Any]:
        told = {"codes": self._codes, "traits": self._news}
        self._codes, self._news = {}, {}
        return told

    # --- from the page to Python -----------------------------------------------------------------

    def _from_page(self, model_id: str, sent: str) -> str:
        widget = self._widgets.get(model_id)
        if widget is not None:
            widget.set_state(json.loads(sent))
        return json.dumps(self._flushed())
