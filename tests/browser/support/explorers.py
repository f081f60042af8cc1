"""Explorers in a notebook in JupyterLab: opened, run, asked and moved as a user does it."""

from __future__ import annotations

import hashlib
import importlib.resources
import io
import json
import re
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import nbformat
import numpy as np
from PIL import Image

import poolviz as pv
from tests.browser.conftest import PATIENCE, Lab

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

PICTURE_WIDTH = 680  # beside the controls
_IS_SHOWN = "path => window.jupyterapp?.shell.currentWidget?.context?.path === path"
CELL_OF = "[...document.querySelectorAll('.jp-Cell')].indexOf(el.closest('.jp-Cell'))"


def api(lab: Lab, path: str, method: str = "GET") -> Any:
    """Return the answer of Jupyter's server."""
    from tests.browser.support.lab import TOKEN

    request = urllib.request.Request(f"{lab.address}/api/{path}?token={TOKEN}", method=method)
    with urllib.request.urlopen(request, timeout=PATIENCE / 1000) as answer:
        body = answer.read()
    return json.loads(body) if body else None


def open_fresh(page: Page, lab: Lab, name: str) -> None:
    """Opens a notebook alone, in a separate workspace, and waits until its kernel is ready."""
    from tests.browser.support.lab import TOKEN, wait_for_kernel

    if page.url.startswith(lab.address):
        put_away(page, lab)
        open_here(page, name)
    else:
        workspace = name.removesuffix(".ipynb")
        page.goto(f"{lab.address}/lab/workspaces/{workspace}/tree/{name}?token={TOKEN}")
    page.wait_for_function(_IS_SHOWN, arg=name)
    wait_for_kernel(page, PATIENCE)


def open_here(page: Page, name: str, mode: str = "tab-after") -> None:
    """Open a notebook in a JupyterLab that is there; once more where nothing comes of it."""
    from playwright.sync_api import TimeoutError

    options = f"{{ path, options: {{ mode: '{mode}' }} }}"
    opening = unawaited(f"path => jupyterapp.commands.execute('docmanager:open', {options})")
    for patience in (20_000, PATIENCE):
        page.evaluate(opening, name)
        with suppress(TimeoutError):
            page.wait_for_function(_IS_SHOWN, arg=name, timeout=patience)
            return


def unawaited(command: str) -> str:
    """The same JavaScript, its promise kept by the page.

    Chromium may collect the promise of a script that only the test waits for.
    """
    return f"(...given) => {{ window.promised = ({command})(...given); }}"


def put_away(page: Page, lab: Lab) -> bool:
    """Close all notebooks of a JupyterLab and end their kernels; False if one had ended before."""
    if not page.url.startswith(lab.address):
        return True
    running = {at["path"]: at["id"] for at in api(lab, "sessions")}
    closed = page.evaluate(
        """() => [...jupyterapp.shell.widgets('main')].filter((one) => one.context).map((one) => {
          const { path } = one.context;
          one.dispose(); // `close` would ask whether to save it
          return path;
        })"""
    )
    for path in closed:
        if path in running:
            api(lab, f"sessions/{running[path]}", "DELETE")
    page.evaluate(unawaited("() => jupyterapp.serviceManager.sessions.refreshRunning()"))
    return set(closed) <= {*running} and page.locator(".jp-Dialog").count() == 0


def shut_down(lab: Lab, name: str) -> str:
    """Ends the kernel of a notebook; its id."""
    (kernel,) = [at["kernel"]["id"] for at in api(lab, "sessions") if at["path"] == name]
    api(lab, f"kernels/{kernel}", "DELETE")
    return str(kernel)


class Explorer(NamedTuple):
    """One explorer on the page, as a user sees and moves it."""

    page: Page
    root: Locator

    def wait(self, condition: str, *arguments: Any) -> None:
        """Wait until `condition`, JavaScript with `el` and `args`, is true."""
        script = f"([el, args]) => {{ return {condition}; }}"
        handle = self.root.element_handle()
        self.page.wait_for_function(script, arg=[handle, list(arguments)], timeout=PATIENCE)

    def ask(self, expression: str, *arguments: Any) -> Any:
        """The value of `expression`, JavaScript with `el` and `args`."""
        return self.root.evaluate(f"async (el, args) => {expression}", list(arguments))

    def wait_for_title(self, start: str) -> None:
        """Wait until the kernel shows it: what was computed ahead the kernel may not have yet."""
        self.wait(
            "el.querySelector('.pv-title').textContent.startsWith(args[0])"
            " && el.querySelector('.pv-painted').hidden",
            start,
        )

    def wait_for_window(self, start: str) -> None:
        self.wait("el.querySelector('.pv-window').textContent.startsWith(args[0])", start)

    def note_windows(self) -> None:
        """From now on, note every window that is shown: a walk does not wait to be looked at."""
        self.ask(
            """{
            const words = el.querySelector('.pv-window');
            el.windows = [];
            el.watch?.disconnect();
            el.watch = new MutationObserver(() => el.windows.push(words.textContent));
            el.watch.observe(words, { childList: true });
            }"""
        )

    def wait_for_noted(self, start: str) -> None:
        """Wait until a window was shown, now or at any time since `note_windows`."""
        self.wait("el.windows.some((text) => text.startsWith(args[0]))", start)

    def wait_for_answer_after(self, seq: int) -> None:
        """Wait until the picture of a later answer is there; a problem is shown before it."""
        self.wait("Number(el.querySelector('.pv-stage').dataset.seq) > args[0]", seq)

    def wait_for_problem(self, part: str) -> None:
        self.wait("el.querySelector('.pv-problem').textContent.includes(args[0])", part)

    def press(self, *keys: str) -> None:
        """Press keys on the picture."""
        self.stage.focus()
        for key in keys:
            self.page.keyboard.press(key)

    @property
    def stage(self) -> Locator:
        return self.root.locator(".pv-stage")

    @property
    def title(self) -> str:
        return self.root.locator(".pv-title").inner_text()

    @property
    def subtitle(self) -> str:
        return self.root.locator(".pv-subtitle").text_content() or ""

    @property
    def window(self) -> str:
        return self.root.locator(".pv-window").inner_text()

    @property
    def seq(self) -> int:
        return int(self.stage.get_attribute("data-seq") or 0)

    def slider(self, name: str) -> Locator:
        return self.root.get_by_role("slider", name=name, exact=True)

    def number(self, name: str) -> Locator:
        return self.root.get_by_role("textbox", name=f"{name}, any number", exact=True)

    def fingerprint(self) -> str:
        """Of the bytes of the kernel's own picture."""
        self.wait("el.querySelector('.pv-painted').hidden")
        return str(
            self.ask(
                """{
                const img = el.querySelector('.pv-picture');
                const bytes = await (await fetch(img.src)).arrayBuffer();
                const hash = await crypto.subtle.digest('SHA-256', bytes);
                return [...new Uint8Array(hash)].join();
                }"""
            )
        )

    def marks(self, role: str) -> list[dict[str, float]]:
        """The rectangles of one role that the browser drew over the picture."""
        found: list[dict[str, float]] = self.ask(
            """[...el.querySelectorAll(`.pv-overlay .pv-${args[0]}`)].map((rect) =>
            Object.fromEntries(['x', 'y', 'width', 'height'].map(
              (name) => [name, Number(rect.getAttribute(name))])))""",
            role,
        )
        return found

    def pixels(self) -> Any:
        """Return the pixels of the picture as they are on the screen."""
        return np.asarray(Image.open(io.BytesIO(self.stage.screenshot())).convert("RGB"))

    def point_at(self, plane: dict[str, float], row: int, column: int) -> None:
        """Moves the mouse to a cell of the input or the output."""
        self.stage.scroll_into_view_if_needed()
        box = self.stage.bounding_box()
        assert box is not None
        scale = box["width"] / self.ask("el.querySelector('.pv-overlay').viewBox.baseVal.width")
        x = plane["left"] + (column + 0.5) * plane["cellWidth"]
        y = plane["top"] + (row + 0.5) * plane["cellHeight"]
        self.page.mouse.move(box["x"] + x * scale, box["y"] + y * scale)


def geometry(**parameters: Any) -> dict[str, Any]:
    """Positions in the picture of a 10 × 10 input with kernel 3."""
    found: dict[str, Any] = pv.PoolExplorer(10, 3, **parameters).state["geometry"]
    return found


def picture_hash(picture: bytes) -> str:
    """As `Explorer.fingerprint`."""
    return ",".join(map(str, hashlib.sha256(picture).digest()))


def accessible(e: Explorer) -> list[tuple[str, str]]:
    """Role and name of what a screen reader finds in an explorer."""
    session = e.page.context.new_cdp_session(e.page)
    try:
        e.ask("{ window.asked = el; }")
        found = session.send("Runtime.evaluate", {"expression": "window.asked"})
        object_id = found["result"]["objectId"]
        nodes = session.send("Accessibility.queryAXTree", {"objectId": object_id})["nodes"]
    finally:
        session.detach()
    return [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in nodes
        if not node.get("ignored") and node.get("role")
    ]


def choose_theme(page: Page, name: str) -> None:
    page.get_by_role("menuitem", name="Settings", exact=True).click()
    page.locator(".lm-Menu-itemLabel").get_by_text("Theme", exact=True).hover()
    page.locator(".lm-Menu-itemLabel").get_by_text(name, exact=True).click()


def active_cell(page: Page) -> int:
    found: int = page.evaluate(
        "() => [...document.querySelectorAll('.jp-Notebook .jp-Cell')]"
        ".findIndex(cell => cell.classList.contains('jp-mod-active'))"
    )
    return found


def run_explorers(
    page: Page, lab: Lab, name: str, cells: dict[str, str]
) -> Callable[[str], Explorer]:
    """Runs a notebook with one explorer a cell; the answer finds them by their names in `cells`."""
    from tests.browser.support.lab import run_all

    sources = ["import poolviz as pv", *cells.values()]
    lab.write(name, [nbformat.v4.new_code_cell(source) for source in sources])
    open_fresh(page, lab, name)
    run_all(page)
    page.wait_for_function(
        "count => document.querySelectorAll('.poolviz .pv-stage[data-seq]').length === count",
        arg=len(cells),
        timeout=PATIENCE,
    )
    names = list(cells)

    def get(name: str) -> Explorer:
        cell = page.locator(".jp-CodeCell").nth(names.index(name) + 1)
        found = Explorer(page, cell.locator(".poolviz"))
        _bring_into_view(found.root)
        return found

    return get


def _bring_into_view(root: Locator) -> None:
    """Scroll until its text is on the screen: Lab may lay the cell out, or rebuild it, only now."""
    from playwright.sync_api import expect

    root.scroll_into_view_if_needed()
    expect(root).to_have_text(re.compile(r"\S"), use_inner_text=True, timeout=PATIENCE)


# --- any widget ----------------------------------------------------------------------------------

Get = Callable[[str], "Locator"]


def run_widgets(page: Page, lab: Lab, name: str, cells: dict[str, str]) -> Get:
    """Runs a notebook with one widget a cell; the answer finds the cells by their names."""
    from tests.browser.support.lab import run_all

    sources = ["import poolviz as pv", *cells.values()]
    lab.write(name, [nbformat.v4.new_code_cell(source) for source in sources])
    open_fresh(page, lab, name)
    run_all(page)

    def find(name: str) -> Locator:
        cell = page.locator(".jp-CodeCell").nth(list(cells).index(name) + 1)
        _bring_into_view(cell.locator(".poolviz").first)
        return cell

    return find


def wait_for_rest(page: Page) -> None:
    """Wait until no picture has come for a while: a width is sent once it rests."""
    page.evaluate("() => { delete window.atRest; }")
    page.wait_for_function(
        """() => {
        const all = [...document.querySelectorAll('.poolviz .pv-picture')];
        const now = all.map((one) => `${one.src} ${one.width}`).join();
        if (window.atRest?.now !== now) window.atRest = { now, since: performance.now() };
        return performance.now() - window.atRest.since > 700;
        }""",
        timeout=PATIENCE,
    )


def sticking_out(root: Locator) -> list[str]:
    """The parts of a widget that are wider than their room; pictures and tables may be scrolled."""
    found: list[str] = root.evaluate(
        """el => [el, ...el.querySelectorAll('*')].filter((part) => {
          const style = getComputedStyle(part);
          if (part.closest('.pv-hidden, svg') || style.display === 'inline') return false;
          if (part.matches('.pv-scroll, .pv-table')) return false;
          return part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 0;
        }).map((part) =>
          `${part.tagName}.${part.className} ${part.scrollWidth} in ${part.clientWidth}`)"""
    )
    return found


# Lab's body has no height and hides its overflow, so axe takes everything for hidden and passes it;
# in a part that scrolls, all that is outside of the window. While the widget is judged, it lies in
# front of a page that is as high as the widget.
_JUDGE = """async (el) => {
    const home = document.createComment('');
    const front = document.createElement('div');
    front.style = 'position: absolute; inset: 0 0 auto; z-index: 9999;'
      + 'background: var(--jp-layout-color0)';
    document.body.append(front);
    el.replaceWith(home);
    front.append(el);
    const { height, overflow } = document.body.style;
    Object.assign(document.body.style, { height: `${front.offsetHeight}px`, overflow: 'visible' });
    const found = await axe.run(el, { resultTypes: ['violations'] });
    home.replaceWith(el);
    front.remove();
    Object.assign(document.body.style, { height, overflow });
    return found.violations;
}"""


def load_axe(page: Page) -> None:
    """Gives axe-core to a page."""
    code = importlib.resources.files("axe_playwright_python") / "axe.min.js"
    page.evaluate(code.read_text(encoding="utf-8"))


def judged(root: Locator) -> list[str]:
    """Return the serious findings of axe-core in one widget: impact, rule and element."""
    return [
        f"{violation['impact']} {violation['id']}: {node['html'][:200]}"
        for violation in root.evaluate(_JUDGE)
        for node in violation["nodes"]
        if violation["impact"] in ("serious", "critical")
    ]


def serious_faults(cell: Locator) -> list[str]:
    """The same for all widgets of a cell, with everything open that can be opened."""
    load_axe(cell.page)
    found = []
    for part in cell.locator(".poolviz").all():
        part.evaluate("el => el.querySelectorAll('details').forEach(part => { part.open = true; })")
        found += judged(part)
    return found
