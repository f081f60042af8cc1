"""Saved pages in a course site: a loopback server, a sandboxed iframe, a strict policy."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, NamedTuple

from tests.browser.conftest import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import FrameLocator, Locator, Page, Request

HOST = (
    '<!doctype html><html lang="en"><title>course</title><body style="margin: 0">'
    '<iframe title="exercise" sandbox="allow-scripts" src="/page" '
    'style="border: 0; width: 100%; height: 2400px"></iframe></body></html>'
)
# Chromium reports what the policy of a page forbids in its console.
WATCH = """document.addEventListener('securitypolicyviolation', (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
window.addEventListener('unhandledrejection', (event) =>
  console.error(`rejected: ${event.reason}`));
"""


class Course(NamedTuple):
    """A course site with one saved page in it."""

    address: str
    put: Callable[[str], None]


@contextmanager
def course() -> Iterator[Course]:
    """The site, on a loopback port; the page's own policy is sent as a header, too."""
    shown = {"page": ""}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_page = self.path == "/page"
            body = (shown["page"] if is_page else HOST).encode()
            self.send_response(200 if self.path in ("/", "/page") else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            if is_page:
                self.send_header("Content-Security-Policy", policy_of(shown["page"]))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing: the tests say what went wrong."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_port}"
        yield Course(address, lambda text: shown.update(page=text))
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def policy_of(page: str) -> str:
    """The policy that a page carries."""
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert found is not None
    return found[1]


class Visit:
    """One page, opened; everything that it does beside being read is written down."""

    def __init__(self, page: Page, site: Course) -> None:
        self.page, self.site = page, site
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on(
            "console", lambda message: self.complaints.append(f"{message.type}: {message.text}")
        )
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (self.complaints.append("dialog"), dialog.dismiss()))
        page.on("request", self._note)
        page.add_init_script(WATCH)
        page.route(
            lambda url: not url.startswith((site.address, "blob:", "data:", "file:")),
            lambda route: route.abort(),
        )

    def _note(self, request: Request) -> None:
        if request.url.startswith(("http:", "https:", "ws:", "wss:")):
            self.requests.append(request.url)

    def put(self, text: str) -> None:
        """Puts a page into the course and opens it in the sandbox."""
        self.site.put(text)
        self.complaints.clear()
        self.requests.clear()
        self.page.goto(f"{self.site.address}/")

    def open(self, text: str) -> Widget:
        """The same for a page that lives; it is there when the widget is."""
        self.put(text)
        self.widget.part("main[data-ready]").wait_for(timeout=PATIENCE)
        return self.widget

    @property
    def widget(self) -> Widget:
        """Return the widget on the open page."""
        return Widget(self.page, self.page.frame_locator("iframe"))

    def was_quiet(self) -> bool:
        """Check that there was no error, and no request except for the site and the page itself."""
        expected = [f"{self.site.address}/", f"{self.site.address}/page"]
        assert self.complaints == []
        assert [url for url in self.requests if not url.endswith("favicon.ico")] == expected
        return True


class Widget(NamedTuple):
    """What is on the page."""

    page: Page
    frame: FrameLocator

    def part(self, selector: str) -> Locator:
        return self.frame.locator(selector)

    def explorer(self, selector: str) -> Locator:
        """A part of the explorer, which comes last on every page that has one."""
        return self.frame.locator(".poolviz").last.locator(selector)

    @property
    def title(self) -> Locator:
        return self.explorer(".pv-title")

    @property
    def window(self) -> Locator:
        return self.explorer(".pv-window")

    @property
    def stage(self) -> Locator:
        return self.explorer(".pv-stage")

    @property
    def problem(self) -> Locator:
        return self.explorer(".pv-problem")

    def slider(self, name: str) -> Locator:
        return self.frame.get_by_role("slider", name=name, exact=True)

    def number(self, name: str) -> Locator:
        return self.frame.get_by_role("textbox", name=f"{name}, any number", exact=True)

    def select(self, name: str) -> Locator:
        return self.frame.get_by_role("combobox", name=name, exact=True)

    def press(self, place: Locator, *keys: str) -> None:
        """Gives the focus to a place and presses keys there, as a user without a mouse does."""
        place.focus()
        for key in keys:
            self.page.keyboard.press(key)

    def point_at(self, plane: dict[str, float], row: int, column: int) -> None:
        """Moves the mouse to a cell of the input or the output."""
        self.stage.scroll_into_view_if_needed()
        box = self.stage.bounding_box()
        assert box is not None
        scale = box["width"] / self.stage.locator("svg").evaluate("el => el.viewBox.baseVal.width")
        x = plane["left"] + (column + 0.5) * plane["cellWidth"]
        y = plane["top"] + (row + 0.5) * plane["cellHeight"]
        self.page.mouse.move(box["x"] + x * scale, box["y"] + y * scale)
