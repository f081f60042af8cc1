"""The widgets' JavaScript in hosts other than Jupyter, which differ in what travels and in colours.

A page without a server stands for them: it gives a widget the traits that its Python side has.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import poolviz as pv
from poolviz.browser.bundle import styles, widget_module
from poolviz.widgets.base.language import browser_texts
from poolviz.widgets.base.widget import StateWidget

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.release]

_HOST = """async ([script, styles, texts, traits, picture]) => {
  document.body.innerHTML = '';
  const style = document.createElement('style');
  style.textContent = styles;
  document.body.append(style);
  const el = document.createElement('div');
  document.body.append(el);
  traits.picture = new DataView(Uint8Array.from(atob(picture), (c) => c.charCodeAt(0)).buffer);
  const model = {
    get: (name) => traits[name],
    set: (name, value) => { traits[name] = value; },
    save_changes() { window.sent = structuredClone(traits.asked ?? {}); },
    on() {},
    off() {},
  };
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  const { render } = (await import(url)).default;
  render({ model, el, texts });
}"""


def without_none(value: Any) -> Any:
    """As Pyodide's kernels send it: an entry of a mapping that is None is left out."""
    if isinstance(value, dict):
        return {key: without_none(one) for key, one in value.items() if one is not None}
    return [without_none(one) for one in value] if isinstance(value, list) else value


def parts(widget: Any) -> Iterator[StateWidget]:
    """The views of a widget, from the top."""
    if isinstance(widget, StateWidget):
        yield widget
    for child in getattr(widget, "children", ()):
        yield from parts(child)


def show(page: Page, widget: StateWidget) -> Locator:
    """The widget on the page of a host that leaves out None."""
    traits = {name: getattr(widget, name) for name in widget.keys if name.islower()}
    told: Any = {k: v for k, v in traits.items() if isinstance(v, dict | list | tuple | bool | str)}
    told = without_none(json.loads(json.dumps(told)))
    code = [widget_module(widget._entry), styles(), browser_texts(widget.language)]
    page.evaluate(_HOST, [*code, told, base64.b64encode(widget.picture).decode()])
    return page.locator(".poolviz")


WIDGETS = {
    "explorer": lambda: pv.PoolExplorer(10, 3),
    "average": lambda: pv.PoolExplorer(10, 3, stride=2, op="avg"),
    "adaptive": lambda: pv.PoolExplorer(layer=pv.AdaptivePool((None, 3)), input_size=(7, 7)),
    "volume": lambda: pv.PoolExplorer((4, 9, 9), 2),
    "broken": lambda: pv.PoolExplorer(10, 15),
    "empty": lambda: pv.PoolExplorer(10**9, 2),
    "convolution": lambda: pv.LayerExplorer(pv.Conv(1, 3), 4),
    "transposed": lambda: pv.LayerExplorer(pv.ConvTranspose(2, 3, stride=2), 4),
    "task": lambda: pv.PoolExplorer(10, 3, task=pv.task(output_size=5)),
    "stack": lambda: pv.StackExplorer(pv.Stack([pv.Pool(2)] * 3, (5, 12, 1), framework="keras")),
    "no rows": lambda: pv.StackExplorer(pv.Stack([], (5, 12, 1), framework="keras")),
    "map": lambda: pv.SizeMap(10, 3),
    "comparison": lambda: pv.FrameworkComparison(10, 3),
    "decoder": lambda: pv.ErrorDecoder(),
    "card": lambda: pv.ExerciseCard("largest-kernel"),
    "card without picture": lambda: pv.ExerciseCard("effective-kernel"),
}


@pytest.mark.parametrize("name", WIDGETS)
def test_a_missing_entry_is_none(page: Page, name: str) -> None:
    """JupyterLite drops entries that are None; each view is drawn and its controls are there."""
    from playwright.sync_api import expect

    problems: list[str] = page.problems  # type: ignore[attr-defined]
    del problems[:]
    for widget in parts(WIDGETS[name]()):
        root = show(page, widget)
        if "title" in widget.state:
            expect(root.locator(".pv-title")).to_have_text(widget.state["title"])
        assert root.locator("input, select, textarea, button").count() > 0
        assert problems == []


# As marimo's pages and Tailwind 4 state colours: not always three numbers up to 255.
LIGHT = (
    *("white", "color(srgb 1 1 1)", "color(display-p3 1 1 1 / 1)", "oklch(0.98 0.01 250)"),
    *("lab(95% 0 0)", "color-mix(in oklab, white 95%, black)", "rgb(0 0 0 / 0)"),
    "oklch(0.2 0.02 250 / 0.1)",
)
DARK = ("#111", "color(srgb 0.1 0.1 0.1)", "oklch(0.2 0.02 250)", "hsl(220 20% 12%)")


def test_the_theme_follows_any_kind_of_colour(page: Page) -> None:
    from playwright.sync_api import expect

    root = show(page, pv.PoolExplorer(10, 3))
    for light, dark in zip_longest(LIGHT, DARK, fillvalue=DARK[0]):
        for background, theme in ((dark, "dark"), (light, "light")):
            page.evaluate("color => { document.body.style.background = color; }", background)
            expect(root, background).to_have_attribute("data-theme", theme)


# --- a module of `save` ---------------------------------------------------------------------------

_EMBED = """async (source) => {
  document.body.style.background = '';
  document.body.innerHTML = '<div id="host"></div>';
  const el = document.createElement('div');
  document.getElementById('host').attachShadow({ mode: 'open' }).append(el);
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  window.leave = await (await import(url)).default.render({ el });
}"""


@pytest.mark.parametrize(
    "name", ["explorer", "convolution", *("stack", "map", "comparison", "decoder", "card")]
)
def test_a_module_is_alive_without_a_kernel(page: Page, tmp_path: Path, name: str) -> None:
    """As MyST's directive runs it: in a shadow root, with nothing but the module."""
    from playwright.sync_api import expect

    problems: list[str] = page.problems  # type: ignore[attr-defined]
    del problems[:]
    widget = WIDGETS[name]()
    module = widget.save(tmp_path / "widget.mjs")
    page.evaluate(_EMBED, module.read_text(encoding="utf-8"))
    root = page.locator(".poolviz").first
    expect(root).to_have_css("max-width", "930px")  # the styles came along
    if name == "explorer":
        kernel = root.get_by_role("slider", name="kernel", exact=True)
        kernel.press("ArrowLeft")
        expect(root.locator(".pv-title")).to_have_text("MaxPool 2×2, stride 2, no padding")
        page.get_by_role("button", name="start again").click()
        expect(root.locator(".pv-title")).to_have_text("MaxPool 3×3, stride 3, no padding")
    page.evaluate("() => window.leave()")
    assert problems == []


def test_a_module_is_a_script(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^\.mjs is a script: leave out script=False"):
        pv.PoolExplorer(10, 3).save(tmp_path / "widget.mjs", script=False)
