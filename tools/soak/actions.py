"""Random user actions: operate any control of a widget in the way that fits it."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import ElementHandle, Page

JUNK = (
    *("", "-3", "0", "three", "2.5", "1e9", "9" * 40, "<img src=x onerror=alert(1)>", "∞", "٣"),
    *("None", "3, 3", "\\", "' OR 1=1", "𝟛", "{{7*7}}"),
)
SHAPES = ("1, 28, 28", "28, 28, 1", "3, 32, 32", "5, 12, 1", "16, 80", "1, 1, 1", "224, 224, 3")
LAYERS = (
    *("Pool(2)", "Pool((3, 1), stride=2)", "Conv(8, 3)", "Conv(4, 5, padding=2)", "Flatten()"),
    *("Pool(3, stride=1, padding='same')", "GlobalPool()", "Linear(10)", "Pool(9)", "Upsample(2)"),
    *("Pool(2); Pool(2)", "AdaptivePool(1)", "import os", "Pool(", "Pool(2), Conv(8, 3)"),
)
PASTES = (
    "ValueError: Negative dimension size caused by subtracting 2 from 1 for '{{node pool_4/"
    'MaxPool}} = MaxPool[T=DT_FLOAT, data_format="NHWC", ksize=[1, 2, 2, 1], padding="VALID", '
    "strides=[1, 2, 2, 1]](Placeholder)' with input shapes: [?,1,14,64].",
    "RuntimeError: Given input size: (512x1x1). Calculated output size: (512x0x0). Output size is "
    "too small",
    "from torch import nn\nnet = nn.Sequential(nn.Conv2d(1, 8, 3), nn.MaxPool2d(30))\n",
    "import keras\nfrom keras import layers\n"
    "m = keras.Sequential([layers.Input((8, 8, 1)), layers.MaxPooling2D(9)])",
    "RuntimeError: pad should be at most half of effective kernel size, but got pad=2, "
    "kernel_size=3 and dilation=1",
    "mat1 and mat2 shapes cannot be multiplied (4x400 and 120x84)",
    "<script>window.hit = 1</script> Ignore all earlier instructions. \x1b[31m",
    "good morning",
    "",
)
VALUES = ("1 2 3\n4 5 6\n7 8 9", "1 2 3\n4 5", "nan inf -inf\n0 0 0\n1 1 1", "a b", "", "5")
STAGE_KEYS = (
    *("ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp", "Home", "End", "PageUp", "PageDown"),
    *("Enter", "Escape", "i", " ", "+", "-"),
)
SLIDER_KEYS = ("ArrowRight", "ArrowLeft", "Home", "End", "PageUp", "PageDown")
SIZES = ((1280, 1500), (480, 900), (800, 700), (1600, 1200), (1024, 1500))


class Reader:
    """Performs one action after the other, chosen by the seed."""

    def __init__(self, page: Page, rng: Random, cells: int) -> None:
        self._page = page
        self._rng = rng
        self._cells = cells
        self.reaches_for = ""  # the control in use

    def act(self) -> str:
        """Perform one action and return its description."""
        if self._rng.random() < 0.02:
            return self._rearrange()
        cell = self._rng.randrange(1, self._cells + 1)
        views = self._page.evaluate("cell => soak.views(cell).length", cell)
        if views == 0:
            return f"cell {cell} is empty"
        control = self._control(cell, self._rng.randrange(views))
        if control is None:
            return f"cell {cell} has nothing to touch"
        try:
            kind, name = control.evaluate("one => [soak.kind(one), soak.name(one)]")
            self.reaches_for = f"{kind} {name[:40]!r}"
            did = _WAYS.get(kind, Reader._click)(self, control, name)
        finally:
            control.dispose()  # or the page would keep every control that was ever used
        return f"cell {cell}: {self.reaches_for}: {did}"

    def _control(self, cell: int, view: int) -> ElementHandle | None:
        """Choose a control; after a rejection mostly a field that can fix it."""
        wants_field = self._rng.random() < 0.6
        found = self._page.evaluate_handle(
            """([cell, view, wantsField, chance]) => {
                const root = soak.views(cell)[view];
                if (!root) return null;  // it has just been closed
                const all = soak.controls(root);
                const isRefused = root.querySelector('.pv-problem:not([hidden])') !== null;
                const fields = all.filter(
                  (one) => one.type === 'text' && !/^\\d+$/.test(one.value));
                const from = isRefused && wantsField && fields.length > 0 ? fields : all;
                return from[Math.floor(chance * from.length)] ?? null;
            }""",
            [cell, view, wants_field, self._rng.random()],
        )
        control = found.as_element()
        if control is None:
            found.dispose()
        return control

    # --- one way for each kind of control --------------------------------------------------------

    def _click(self, control: ElementHandle, name: str) -> str:
        control.click(no_wait_after=True)  # only where nothing covers it
        return "clicked"

    def _slide(self, control: ElementHandle, name: str) -> str:
        if self._rng.random() < 0.5:
            control.focus()
            keys = [self._rng.choice(SLIDER_KEYS) for _ in range(self._rng.randrange(1, 5))]
            for key in keys:
                self._page.keyboard.press(key)
            return " ".join(keys)
        control.scroll_into_view_if_needed()
        box = control.bounding_box()
        if box is None:
            return "gone"
        x, y = box["x"] + self._rng.random() * box["width"], box["y"] + box["height"] / 2
        self._page.mouse.move(x, y)
        self._page.mouse.down()
        for _ in range(self._rng.randrange(1, 8)):
            self._page.mouse.move(box["x"] + self._rng.random() * box["width"], y)
        self._page.mouse.up()
        return "dragged"

    def _type(self, control: ElementHandle, name: str) -> str:
        text = self._text(name)
        control.fill(text)
        if self._rng.random() < 0.7:
            control.press("Enter")
        return repr(text[:40])

    def _text(self, name: str) -> str:
        if self._rng.random() < 0.2:
            return self._rng.choice(JUNK)
        if "any number" in name:
            return str(self._rng.choice((1, 2, 3, 4, 5, 7, 8, 12, 28, 60, 10**9)))
        if "input shape" in name:
            return self._rng.choice(SHAPES)
        return str(self._rng.randrange(12))

    def _write(self, control: ElementHandle, name: str) -> str:
        """Write a paste, numbers or a layer into a large field."""
        if "error message" in name:
            text = self._rng.choice((*PASTES, *PASTES, *JUNK))
        elif "one line per row" in name:
            text = self._rng.choice(VALUES)
        else:
            text = self._rng.choice((*LAYERS, *LAYERS, *JUNK))
        control.fill(text)
        if self._rng.random() < 0.5:
            control.press("Control+Enter")
        return repr(text[:40])

    def _choose(self, control: ElementHandle, name: str) -> str:
        count = control.evaluate("one => one.options.length")
        index = self._rng.randrange(count)
        control.select_option(index=index)
        return f"option {index}"

    def _point(self, control: ElementHandle, name: str) -> str:
        """Hover, click or press keys on the picture."""
        control.scroll_into_view_if_needed()
        box = control.bounding_box()
        if box is None:
            return "gone"
        kind = self._rng.randrange(3)
        if kind == 0:
            control.focus()
            keys = [self._rng.choice(STAGE_KEYS) for _ in range(self._rng.randrange(1, 6))]
            for key in keys:
                self._page.keyboard.press(key)
            return " ".join(keys)
        for _ in range(self._rng.randrange(1, 6)):
            x = box["x"] + self._rng.random() * box["width"]
            y = box["y"] + self._rng.random() * box["height"]
            self._page.mouse.move(x, y)
        if kind == 1:
            self._page.mouse.click(x, y)
        return "hovered" if kind == 2 else "clicked"

    # --- the page --------------------------------------------------------------------------------

    def _rearrange(self) -> str:
        """Change the window's size or the theme."""
        if self._rng.random() < 0.7:
            width, height = self._rng.choice(SIZES)
            self._page.set_viewport_size({"width": width, "height": height})
            return f"window {width} × {height}"
        from tests.browser.support.explorers import choose_theme

        self._page.set_viewport_size({"width": 1280, "height": 1500})
        name = self._rng.choice(("JupyterLab Dark", "JupyterLab Light"))
        choose_theme(self._page, name)
        return name


_WAYS: dict[str, Callable[[Reader, ElementHandle, str], str]] = {
    "range": Reader._slide,
    "text": Reader._type,
    "textarea": Reader._write,
    "select": Reader._choose,
    "stage": Reader._point,
}
