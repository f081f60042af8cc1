"""Real front ends in a real headless Chromium, with separate settings."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

TOKEN = "poolviz-test"
_APPS = {"lab": "LabApp", "notebook": "JupyterNotebookApp"}
_VOILA = re.compile(r"running at:\s+(http://127\.0\.0\.1:\d+)")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


# Another picture in the tab whenever a kernel is busy or idle, fetched each time: a tenth of the
# time of all tests here.
_NO_FAVICON = "@jupyterlab/application-extension:faviconbusy"


def _isolated(folder: Path, without: Sequence[str]) -> dict[str, str]:
    """An environment in which the user's Jupyter settings play no part, without some extensions."""
    own = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "IPYTHONDIR": "ipython",
    }
    settings = {
        # A fresh settings folder would greet every test with a news popup.
        "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
        # Lab lays cells out only near the window, and what it lays out moves the others: a widget
        # that a test looks at leaves the window again, and is neither measured nor painted there.
        "notebook-extension/tracker": {"windowingMode": "none"},
    }
    for name, values in settings.items():
        path = folder / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(values))
    config = folder / "config" / "labconfig"
    config.mkdir(parents=True)
    off = {"disabledExtensions": dict.fromkeys(without, True)}
    (config / "page_config.json").write_text(json.dumps(off))
    return {**os.environ, **{name: str(folder / place) for name, place in own.items()}}


@contextmanager
def jupyterlab(
    notebooks: Path, scratch: Path, app: str = "lab", without: Sequence[str] = ()
) -> Iterator[str]:
    """A running JupyterLab (or "notebook") over a folder of notebooks; yields its address.

    `without` names extensions that are switched off.
    """
    command = [
        *(sys.executable, "-m", "jupyter", app, "--no-browser", "--allow-root"),
        *("--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", f"--IdentityProvider.token={TOKEN}"),
        f"--ServerApp.root_dir={notebooks}",
        f"--{_APPS[app]}.expose_app_in_browser=True",  # what it knows of its kernel can be asked
    ]
    runtime = scratch / "runtime"
    with _running(command, scratch, (_NO_FAVICON, *without)) as server:
        yield _once_it_answers(server, lambda: _announced(runtime), f"/api?token={TOKEN}")


@contextmanager
def voila(notebooks: Path, scratch: Path) -> Iterator[str]:
    """A running Voila over a folder of notebooks; yields its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "voila", str(notebooks), "--no-browser", f"--port={port}"),
        *("--Voila.ip=127.0.0.1", "--show_tracebacks=True"),
    ]
    log = scratch / "server.log"  # it names another port where this one was taken meanwhile
    with _running(command, scratch) as server:
        yield _once_it_answers(server, lambda: _VOILA.findall(log.read_text())[-1:], "/")


@contextmanager
def _running(
    command: list[str], scratch: Path, without: Sequence[str] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    environment = _isolated(scratch, without)
    with (scratch / "server.log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            yield server
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()


def _announced(runtime: Path) -> list[str]:
    """The addresses that Jupyter's servers wrote down."""
    return [json.loads(info.read_text())["url"] for info in runtime.glob("jpserver-*.json")]


def _once_it_answers(
    server: subprocess.Popen[bytes], addresses: Callable[[], list[str]], path: str
) -> str:
    for _ in range(3000):
        if server.poll() is not None:
            raise RuntimeError("the server did not start: see server.log")
        try:
            for address in addresses():
                with urllib.request.urlopen(address.rstrip("/") + path) as answer:
                    if answer.status == 200:
                        return address.rstrip("/")
        except (OSError, ValueError):
            pass  # not written to its end, or not listening yet
        time.sleep(0.1)
    raise RuntimeError("the server did not answer within five minutes: see server.log")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium. Playwright allows one at a time in a process."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_CHROMIUM_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def fresh_page(
    browser: Browser, width: int = 1280, height: int = 1500, **options: Any
) -> Iterator[Page]:
    """A page that shares nothing with others; its uncaught errors are in `page.problems`."""
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    try:
        with page_of(context) as page:
            yield page
    finally:
        context.close()


@contextmanager
def page_of(context: BrowserContext) -> Iterator[Page]:
    """A page that shares Chromium's caches with the others of its context."""
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.problems = problems  # type: ignore[attr-defined]
    try:
        yield page
    finally:
        page.close()


@contextmanager
def browser_page(width: int, height: int) -> Iterator[Page]:
    """Yield the only page of a separate Chromium."""
    with chromium() as browser, fresh_page(browser, width, height) as page:
        yield page


def wait_for_kernel(page: Page, patience: int) -> None:
    """Wait until the page itself is connected to the kernel of the notebook that it opens.

    The toolbar shows "idle" before there is a kernel, and the server reports it before the page is
    notified. Cells that are run in between open a dialog for a kernel and never finish.
    """
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    page.wait_for_function(
        """() => {
        const context = window.jupyterapp?.shell.currentWidget?.sessionContext;
        const kernel = context?.session?.kernel;
        return context?.isReady && kernel?.connectionStatus === "connected"
          && kernel.status === "idle";
        }""",
        timeout=patience,
    )


def run_all(page: Page) -> None:
    """Run ▸ Run All Cells, and wait until no cell is waiting."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.wait_for_function(
        "() => { const cells = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')];"
        " return cells.length > 0 && cells.every(p => /\\[\\d+\\]/.test(p.textContent)); }",
        timeout=120_000,
    )
