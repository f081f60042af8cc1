"""Pages without a kernel: the recipes of docs/pages.md carried out, and what their pages show."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from bs4 import BeautifulSoup

from tests.project.test_project import first_block
from tests.support.paths import ROOT

from .trouble import Trouble

if TYPE_CHECKING:
    from playwright.sync_api import Page

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NAMES = [path.stem for path in NOTEBOOKS]
DATA = "data:image/png;base64,"


class Shown(NamedTuple):
    """What a stored output has to show."""

    pictures: dict[str, str]  # base64 → alt text, as its HTML shows them
    heading: str  # how the words of its HTML begin, empty where it is a picture only
    png: str  # base64, empty where there is none beside the HTML
    text: str


def recipe(heading: str) -> list[str]:
    """The commands under a heading of docs/pages.md."""
    return first_block((ROOT / "docs" / "pages.md").read_text(encoding="utf-8"), heading)


def carry_out(commands: list[str], folder: Path) -> str:
    """Runs commands in a folder, with the Python that runs the tests; what they print."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{os.environ['PYTHONPATH']}",
        "JUPYTER_PATH": str(ROOT / "share" / "jupyter"),  # these templates, not installed ones
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(commands)],
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout + done.stderr


def stored(name: str) -> Iterator[Shown]:
    """Every output with HTML of a notebook, in order."""
    notebook = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            data = {kind: _joined(value) for kind, value in output.get("data", {}).items()}
            if html := data.get("text/html"):
                heading = words(html)[:40].rpartition(" ")[0]
                yield Shown(pictures(html), heading, data.get("image/png", ""), data["text/plain"])


def _joined(value: Any) -> str:
    return value if isinstance(value, str) else "".join(value)


def pictures(html: str) -> dict[str, str]:
    """Alt text of each picture on a page, by the picture."""
    images = BeautifulSoup(html, "html.parser").find_all("img")
    return {str(image["src"]).removeprefix(DATA): str(image.get("alt", "")) for image in images}


def words(html: str) -> str:
    """Return the visible text of a page, in one line."""
    return " ".join(BeautifulSoup(html, "html.parser").get_text(" ").split())


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A web server for a folder, on loopback; its address."""
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the tests look at the pages."""

    def do_GET(self) -> None:
        if self.path == "/favicon.ico":  # Chromium requests it; a page without one is correct
            self.send_response(204)
            self.end_headers()
        else:
            super().do_GET()


def opened(page: Page, address: str) -> Trouble:
    """Opens an address with the network cut; all its pictures are there when this returns."""
    trouble = Trouble(page)
    page.goto(address)
    page.evaluate("() => Promise.all([...document.images].map(image => image.decode()))")
    return trouble


def widths(page: Page) -> list[tuple[int, bool]]:
    """Width in pixels of each picture of poolviz on a page, and whether it can be read aloud."""
    found: list[list[Any]] = page.evaluate(
        """(data) => [...document.images].filter(image => image.src.startsWith(data))
        .map(image => [image.naturalWidth, Boolean(image.alt)])""",
        DATA,
    )
    return [(int(width), bool(alt)) for width, alt in found]
