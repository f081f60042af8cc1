"""The apps of docs/hosts in Chromium: what they show is drawn, moved and followed.

Hosts and packages of npm are installed for it: `pytest -m slow tests/browser/hosts`. What a host
fetches from a CDN is served from these; no other address is reached.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tarfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import Lab
from tests.browser.support.every_widget import (
    CELLS,
    answer_is_judged,
    layer_moves,
    network_moves,
    others_move,
)
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 120_000  # ms
FOLDER = ROOT / "docs" / "hosts"
COMMANDS = {
    "marimo": "marimo run marimo_app.py --headless --no-token --host 127.0.0.1 --port {port}",
    "shiny": "shiny run shiny_app.py --port {port}",
    "panel": "panel serve panel_app.py --index panel_app --port {port} "
    "--allow-websocket-origin=127.0.0.1:{port}",
    "solara": "solara run solara_app.py --host 127.0.0.1 --port {port} --production --no-open",
    "streamlit": "streamlit run streamlit_app.py --server.address 127.0.0.1 --server.port {port} "
    "--server.headless true --browser.gatherUsageStats false",
}
NPM = (
    "@widgetti/solara-vuetify3-app@5.2.0",
    "requirejs@2.3.6",
    "@vscode/jupyter-ipywidgets8@1.0.9",
)
# Addresses of a CDN, and those of a server that fetches from one.
_FROM_CDN = re.compile(
    r"(?:/cdn/|unpkg\.com/|jsdelivr\.net/npm/)((?:@[^/@]+/)?[^/@]+)@[^/]*/([^?]*)"
)


def _run(*command: str | Path, cwd: Path) -> None:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, cwd=cwd)
    if done.returncode:
        pytest.skip(f"{command[0]} does not get {command[-1]} here: {done.stderr.strip()[-500:]}")


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python with all hosts; poolviz is this checkout."""
    folder = tmp_path_factory.mktemp("hosts") / "venv"
    _run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=ROOT)
    pip = ("python3", "-m", "pip", "--quiet", "--disable-pip-version-check", "--python")
    wanted = ("-r", FOLDER / "requirements.txt", "-e", ROOT)
    _run(*pip, folder / "bin" / "python", "install", *wanted, cwd=ROOT)
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def npm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packages of npm, as they are, without what they depend on."""
    if not shutil.which("npm"):
        pytest.skip("npm is missing")
    folder = tmp_path_factory.mktemp("npm")
    _run("npm", "pack", "--silent", *NPM, cwd=folder)
    for archive in folder.glob("*.tgz"):
        with tarfile.open(archive) as packed:
            name = json.load(packed.extractfile("package/package.json"))["name"]  # type: ignore[arg-type]
            packed.extractall(folder / name, filter="data")
    return folder


@contextmanager
def running(python: Path, host: str, log: Path) -> Iterator[str]:
    """The app of a host; its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    module, *rest = COMMANDS[host].format(port=port).split()
    environment = os.environ | {"HOME": str(log.parent), "PYTHONPATH": str(ROOT)}
    with log.open("w") as out:
        server = subprocess.Popen(
            [str(python), "-m", module, *rest], cwd=FOLDER, env=environment, stdout=out, stderr=out
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address, server, log)
        yield address
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=20).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"no answer from {address}: {log.read_text()[-2000:]}")


class Tab:
    """A page, and what it wants from elsewhere that is not there."""

    def __init__(self, page: Page, python: Path, npm: Path) -> None:
        self.page, self.missing = page, list[str]()
        (anywidget,) = python.parents[1].glob("lib/python3*/site-packages/anywidget/nbextension")
        self._anywidget, self._npm = anywidget / "index.js", npm
        page.context.route("**/*", self._answer)

    def _answer(self, route: Route) -> None:
        url = route.request.url
        found = _FROM_CDN.search(url)
        path = found and self._file(found[1], found[2])
        if path:
            kinds = {".js": "text/javascript", ".css": "text/css"}
            kind = kinds.get(path.suffix, "application/octet-stream")
            allowed = {"access-control-allow-origin": "*", "content-type": kind}
            route.fulfill(path=path, headers=allowed)
        elif url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            route.continue_()
        else:
            self.missing.append(url)
            route.abort()

    def _file(self, package: str, name: str) -> Path | None:
        if package == "anywidget":
            return self._anywidget
        at = self._npm / package / "package" / name
        return next((path for path in (at, at.with_name(f"{at.name}.js")) if path.is_file()), None)


@pytest.fixture
def tab(browser: Browser, python: Path, npm: Path) -> Iterator[Tab]:
    from tests.browser.support.lab import page_of

    context = browser.new_context(viewport={"width": 1200, "height": 3600})
    with page_of(context) as page:
        page.set_default_timeout(PATIENCE)
        yield Tab(page, python, npm)
    context.close()


def look(page: Page, host: str) -> None:
    """Keep what the page looks like, where POOLVIZ_SHOTS names a folder."""
    if folder := os.environ.get("POOLVIZ_SHOTS"):
        page.screenshot(path=f"{folder}/{host}.png", full_page=True)


@pytest.mark.parametrize("host", ["marimo", "shiny", "panel", "solara"])
def test_layer_and_network_are_alive(host: str, python: Path, tab: Tab, tmp_path: Path) -> None:
    from playwright.sync_api import expect

    page = tab.page
    with running(python, host, tmp_path / "log") as address:
        page.goto(address)
        layer_moves(page, page.get_by_text("The layer above:").last)
        network_moves(page)
        others_move(page)
        if host == "marimo":  # other cells see what the inner explorer changes
            said = page.get_by_text("The network above:").last
            expect(said).to_contain_text("stops at layer 6 (Conv 2×2)", timeout=PATIENCE)
        diagnosis = page.get_by_text("MaxPool 5×3, stride 2, no padding on 4 × 6: PyTorch raises")
        expect(diagnosis.first).to_be_visible(timeout=PATIENCE)
        look(page, host)
    assert [url for url in tab.missing if not url.endswith(".css")] == []  # Panel's icons


def test_streamlit_shows_a_page_and_a_diagnosis(python: Path, tab: Tab, tmp_path: Path) -> None:
    from playwright.sync_api import expect

    page = tab.page
    with running(python, "streamlit", tmp_path / "log") as address:
        page.goto(address)
        layer_moves(page.frame_locator("iframe[title='Pooling explorer']"))
        expect(page.locator("code").filter(has_text="no window fits").first).to_be_visible(
            timeout=PATIENCE
        )
        for name in ("Network", "Convolution", "Size map", "Frameworks", "Message", "Exercise"):
            page.get_by_role("tab", name=name).click()
            shown = page.frame_locator(f"iframe[title='{name}']")
            shown.locator(
                ".poolviz :is(.pv-title, .pv-verdict, .pv-question):visible"
            ).first.wait_for()
        answer_is_judged(shown)
        look(page, "streamlit")


# --- VS Code --------------------------------------------------------------------------------------

# Its widget manager, with a kernel of JupyterLab's page in place of the editor's.
_MANAGER = """async ([script, code]) => {
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  (await import(url)).activate();
  window.vscIPyWidgets8.load();
  document.body.innerHTML = '<div id="shown"></div>';
  document.body.style = 'overflow: auto; background: white';
  const el = document.getElementById('shown');
  const kernel = await jupyterapp.serviceManager.kernels.startNew({ name: 'python3' });
  const log = window.log = [];
  const manager = new window.vscIPyWidgets.WidgetManager(kernel, el, {
    widgetsRegisteredInRequireJs: new Set(['anywidget']),
    errorHandler: (...told) => log.push(String(told.slice(0, 4))),
    loadWidgetScript: async (name) => log.push(name),
    successHandler: () => {},
  }, () => {});
  const future = kernel.requestExecute({ code });
  future.onIOPub = async ({ content }) => {
    if (content.evalue) log.push(content.evalue);
    const view = content.data?.['application/vnd.jupyter.widget-view+json'];
    if (!view) return;
    const shown = await manager.create_view(await manager.get_model(view.model_id), { el });
    const node = el.appendChild(document.createElement('div'));
    await manager.display_view(null, shown, { node });
  };
  await future.done;
}"""


def test_the_widget_manager_of_vs_code_shows_them(lab: Lab, tab: Tab, npm: Path) -> None:
    """The manager is the editor's, from npm; the editor itself is not tried."""
    from tests.browser.support.lab import TOKEN

    page = tab.page
    page.goto(f"{lab.address}/lab?token={TOKEN}")
    page.wait_for_function("() => globalThis.jupyterapp?.serviceManager.isReady")
    require, manager = npm / "requirejs" / "package", npm / "@vscode" / "jupyter-ipywidgets8"
    page.add_script_tag(path=require / "require.js")
    page.evaluate(
        "requirejs.config({ paths: { anywidget: 'https://unpkg.com/anywidget@0/index' } })"
    )
    script = (manager / "package" / "dist" / "ipywidgets.js").read_text(encoding="utf-8")
    cells = "\n".join(f"display({cell})" for cell in CELLS)
    page.evaluate(_MANAGER, [script, f"import poolviz as pv\n{cells}"])
    layer_moves(page)
    network_moves(page)
    others_move(page)
    look(page, "vscode")
    assert page.evaluate("log") == []
