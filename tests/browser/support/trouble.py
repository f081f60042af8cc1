"""What goes wrong on a page, and what it wants from other machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page, Request, Route


class Trouble:
    """What went wrong on a page: errors, and requests that were to leave this machine."""

    def __init__(self, page: Page) -> None:
        self.errors: list[str] = []
        self.outside: list[str] = []

        def note(message: ConsoleMessage) -> None:
            if message.type == "error":
                self.errors.append(message.text)

        page.on("console", note)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.route("**/*", self.keep_inside)

    def keep_inside(self, route: Route, request: Request) -> None:
        """Let through what stays on this machine, and note the rest."""
        if request.url.startswith(("http://127.0.0.1:", "blob:", "data:", "file:")):
            route.continue_()
        else:
            self.outside.append(request.url)
            route.abort()
