"""The viewer's overlays, its width, inputs of any size and convolutions, in a real JupyterLab."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

import poolviz as pv
from poolviz.browser.bundle import widget_module
from poolviz.drawing.output.geometry import geometry as drawing_geometry
from poolviz.drawing.scene.plane_views import View
from poolviz.drawing.scene.scene import build_scene
from tests.browser.conftest import Lab
from tests.browser.support.explorers import (
    PICTURE_WIDTH,
    Explorer,
    run_explorers,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
SHARES_LAB = True

FRESH = "pv.PoolExplorer(10, 3)"
# Name of the explorer → the cell that makes it.
EXPLORERS = {
    "narrow": FRESH,
    "narrow volume": "pv.PoolExplorer((3, 9, 9), 2, padding=1)",
    "million": "pv.PoolExplorer(1000, 3, stride=1)",
    "picture": "pv.PoolExplorer(224, 3, stride=2, padding=1)",
    "long strip": "pv.PoolExplorer((1, 100_000), (1, 3), stride=2)",
    "huge": "pv.PoolExplorer(10**9, 5 * 10**8, stride=1)",
    "slices": "pv.PoolExplorer((4, 9, 9), 2)",
    "layers": "pv.PoolExplorer(10, 3, stride=5)",
    "field": "pv.PoolExplorer(10, 3, stride=2, padding=1, dilation=2, show='receptive field')",
    "convolution": "pv.LayerExplorer(pv.Conv(1, 3), 6, preset='edge')",
    "negative size": "pv.LayerExplorer(pv.ConvTranspose(1, 2, padding=3), 4)",
}


@pytest.fixture(scope="module")
def explorer(page: Page, lab: Lab) -> Callable[[str], Explorer]:
    """Call it with a name of `EXPLORERS`."""
    return run_explorers(page, lab, "viewer_sizes.ipynb", EXPLORERS)


# --- overlays -----------------------------------------------------------------------------------


def insights(e: Explorer) -> list[str]:
    return e.root.locator(".pv-insights li").all_inner_texts()


def test_layers_are_ticked_and_outlast_changes(explorer: Callable[[str], Explorer]) -> None:
    e = explorer("layers")
    picture = e.fingerprint()
    e.root.get_by_text("also show").click()
    boxes = e.root.get_by_role("group", name="also show").get_by_role("checkbox")
    assert insights(e) == []
    assert [box.is_checked() for box in boxes.all()] == [False] * 4
    seen = [picture]
    for name in ("read counts", "gradient routing", "unread cells", "receptive field"):
        e.root.get_by_role("checkbox", name=name).check()
        e.wait("el.querySelector('.pv-insights').textContent.includes(args[0])", name[1:])
        seen.append(e.fingerprint())
    # The receptive field moves, so the browser draws it and the picture stays.
    assert [one == other for one, other in pairwise(seen)] == [False, False, False, True]
    assert insights(e)[2] == "Unread cells: 64 of 100 cells: rows 3–4, 8–9; columns 3–4, 8–9."
    assert len(e.marks("field")) == 1
    e.number("kernel").fill("15")
    e.wait_for_title("MaxPool 15×15")
    assert insights(e)[0] == "Read counts: none, because the call raises an error."
    e.number("kernel").fill("2")
    e.wait_for_title("MaxPool 2×2")
    assert insights(e)[2].startswith("Unread cells: 84 of 100 cells")
    for name in ("read counts", "gradient routing", "unread cells", "receptive field"):
        e.root.get_by_role("checkbox", name=name).uncheck()
    e.wait("el.querySelector('.pv-insights').childElementCount === 0")

    assert e.marks("field") == []


def test_the_receptive_field_moves_without_the_kernel(
    explorer: Callable[[str], Explorer],
) -> None:
    """It is what the window reads of the input, no padding; as Python draws it."""
    e = explorer("field")
    for keys, place in (((), (0, 0)), (("ArrowRight",), (0, 1)), (("End",), (4, 4))):
        e.press(*keys)
        view = View(PICTURE_WIDTH, position=place, show=("receptive field",))
        layer = pv.Pool(3, stride=2, padding=1, dilation=2)
        scene = build_scene(pv.trace(layer, 10), pv.PoolExplorer(10).input, view)
        (expected,) = (mark.rects[0] for mark in scene.marks if mark.role == "field")
        (found,) = e.marks("field")

        assert [found[side] for side in ("x", "y", "width", "height")] == pytest.approx(expected)
        assert e.ask("el.querySelectorAll('.pv-overlay line').length") > 3


# --- narrow --------------------------------------------------------------------------------------


def set_width(e: Explorer, width: int | None) -> None:
    e.ask("{ el.style.width = args[0]; }", f"{width}px" if width else "")


def wait_for_picture_width(e: Explorer, width: int) -> None:
    e.wait("el.querySelector('.pv-overlay').viewBox.baseVal.width === args[0]", width)


@pytest.mark.parametrize("name", ["narrow", "narrow volume"])
def test_the_picture_follows_the_width(explorer: Callable[[str], Explorer], name: str) -> None:
    """320 px: drawn for it, the output below the input, and hover finds its cells there."""
    e = explorer(name)
    wide = e.fingerprint()
    for width, drawn in ((320, 300), (420, 400), (600, 580)):
        set_width(e, width)
        wait_for_picture_width(e, drawn)
        box = e.stage.bounding_box()
        assert box is not None
        assert box["width"] == pytest.approx(drawn)
    set_width(e, 320)
    wait_for_picture_width(e, 300)
    told = e.ask(
        """[...['halo', 'kernel'].map((role) => el.querySelectorAll(`.pv-overlay .pv-${role}`)),]
        .map((found) => [...found].map((rect) => Number(rect.getAttribute('y'))))[1]"""
    )
    assert told[1] > 300  # the output cell
    set_width(e, None)
    wait_for_picture_width(e, PICTURE_WIDTH)
    e.wait("el.querySelector('.pv-stage').dataset.seq !== '0'")

    assert wide == e.fingerprint()


def test_a_dragged_window_does_not_flood_the_kernel(explorer: Callable[[str], Explorer]) -> None:
    """Forty widths in a second are one or two new pictures, and the last width is right."""
    e = explorer("narrow")
    before = e.seq
    rests: int = e.ask(
        """{
        let rests = 0; // of a busy machine, long enough for a picture
        for (let i = 0; i < 40; i += 1) {
          el.style.width = `${700 - 9 * i}px`;
          const before = performance.now();
          await new Promise(requestAnimationFrame);
          rests += performance.now() - before > 150;
        }
        return rests;
        }"""
    )
    wait_for_picture_width(e, 340)  # 700 − 9·39 = 349, of which 8 are margin

    assert e.seq - before <= 2 + rests
    set_width(e, None)
    wait_for_picture_width(e, PICTURE_WIDTH)


def test_at_200_percent_the_numbers_are_sharp(
    page: Page, explorer: Callable[[str], Explorer]
) -> None:
    """Twice the pixels a unit: the picture has them too."""
    e = explorer("narrow")
    session = page.context.new_cdp_session(page)
    size = page.viewport_size
    assert size is not None
    half = {"width": size["width"] // 2, "height": size["height"] // 2, "mobile": False}
    session.send("Emulation.setDeviceMetricsOverride", {**half, "deviceScaleFactor": 2})
    e.wait(
        """(() => {
          const units = el.querySelector('.pv-overlay').viewBox.baseVal.width;
          return el.querySelector('.pv-picture').naturalWidth === 2 * units;
        })()"""
    )
    assert e.ask("el.scrollWidth <= el.clientWidth + 1")
    session.send("Emulation.clearDeviceMetricsOverride")
    session.detach()
    wait_for_picture_width(e, PICTURE_WIDTH)


# --- any size ------------------------------------------------------------------------------------


def axes_of(call: pv.Pool, sizes: tuple[int, ...]) -> list[dict[str, Any]]:
    """As they travel to the browser, with the number of windows."""
    told: Any = drawing_geometry(build_scene(pv.trace(call, sizes)))
    return [{**told["down"], "count": told["output"]["rows"]}] if told["output"] else []


def test_places_in_the_browser_are_those_of_the_windows(page: Page) -> None:
    """Who reads an element, and what a window reads, counted one by one in Python."""
    rng = random.Random(0)
    axes: list[dict[str, Any]] = []
    while len(axes) < 300:
        layer = pv.Pool(
            rng.randint(1, 6),
            stride=rng.randint(1, 7),
            dilation=rng.randint(1, 5),
            padding=rng.choice([0, "same", ((rng.randint(0, 4), 0),) * 2]),
            framework="jax",
        )
        axes += axes_of(layer, (rng.randint(1, 24), 30))
    found = page.evaluate(
        """async ([source, axes]) => {
          const all = { first: 0, step: 1 };
          const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
          const { readers, tapsInside, listed, rangeRead } = (await import(url)).default;
          return axes.map((axis) => [
            listed({ ...all, count: axis.size }, Infinity)
              .map((element) => listed(readers(axis, element, axis.count), Infinity)),
            listed({ ...all, count: axis.count }, Infinity)
              .map((i) => [listed(tapsInside(axis, i), Infinity), rangeRead(axis, i)]),
          ]);
        }""",
        [widget_module("widgets/explorer/geometry.js"), axes],
    )
    for axis, (who_reads, what_is_read) in zip(axes, found, strict=True):
        windows = [
            [
                place
                for place in range(start, start + axis["span"], axis["dilation"])
                if 0 <= place < axis["size"]
            ]
            for start in (axis["first"] + i * axis["stride"] for i in range(axis["count"]))
        ]
        assert who_reads == [
            [i for i, taps in enumerate(windows) if element in taps]
            for element in range(axis["size"])
        ]
        assert what_is_read == [
            [taps, [taps[0], taps[-1] + 1] if taps else [0, 0]] for taps in windows
        ]


@pytest.mark.parametrize(
    ("name", "detail", "at_end", "reader"),
    [
        (
            "million",
            "No room for numbers and window outlines at this size.",
            "output row 997, column 997: the largest of rows 997–999, columns 997–999",
            "input row 999, column 999: 1 window reads it",
        ),
        (
            "picture",
            "No room for numbers and window outlines at this size.",
            "output row 111, column 111: the largest of rows 221–223, columns 221–223",
            "input row 223, column 223: 1 window reads it",
        ),
        (
            "long strip",
            "No room for numbers, dots on the unread cells and window outlines at this size.",
            "output row 0, column 49998: the largest of row 0, columns 99996–99998",
            "input row 0, column 99999: no window reads it",
        ),
        (
            "huge",
            "No room for values and window outlines at this size.",
            "output row 500000000, column 500000000: the largest of rows 500000000–999999999, "
            "columns 500000000–999999999",
            "input row 999999999, column 999999999: 1 window reads it",
        ),
    ],
)
def test_any_size_is_walked_at_once(
    explorer: Callable[[str], Explorer], name: str, detail: str, at_end: str, reader: str
) -> None:
    """Detail drops and says so; each key takes a frame, not the time to look at every cell."""
    e = explorer(name)
    assert detail in e.root.locator(".pv-findings").inner_text()
    e.press("End")
    assert e.window == at_end
    e.press("i", "End")
    assert e.window == reader
    e.press("i", "Home")
    # Marks, windows and texts in proportion to what is on the screen, not to the cells: what a key
    # writes into the page is counted, as no clock can on a busy machine.
    writes: int = e.ask(
        """{
        const stage = el.querySelector('.pv-stage');
        const watch = new MutationObserver(() => {});
        const all = { attributes: true, childList: true, characterData: true, subtree: true };
        watch.observe(el, all);
        const keys = ['ArrowRight', 'ArrowDown', 'i', 'ArrowRight', 'PageDown', 'i', 'End', 'Home'];
        let most = 0;
        for (const key of keys) {
          stage.dispatchEvent(new KeyboardEvent('keydown', { key }));
          const added = (record) => 1 + record.addedNodes.length + record.removedNodes.length;
          most = Math.max(most, watch.takeRecords().map(added).reduce((a, b) => a + b, 0));
        }
        watch.disconnect();
        return most;
        }"""
    )
    assert writes < 100


def test_huge_counts_are_whole(explorer: Callable[[str], Explorer]) -> None:
    """The middle of 10⁹ × 10⁹ is read by (5·10⁸)² windows, to the last digit."""
    e = explorer("huge")
    output = pv.PoolExplorer(10**9, 5 * 10**8, stride=1).state["geometry"]["input"]
    e.point_at(output, 499_999_999, 499_999_999)
    e.wait_for_window("input row ")
    windows = 1
    for part in e.window.split(":")[0].split(","):
        place = int(part.split(" ")[-1])
        windows *= min(place, 500_000_000) - max(0, place - 499_999_999) + 1

    assert e.window.endswith(f": {windows:,} windows read it")


def test_slices_are_chosen_by_keyboard(explorer: Callable[[str], Explorer]) -> None:
    e = explorer("slices")
    picture = e.fingerprint()
    e.slider("depth slice").focus()
    for key, chosen, output in (("ArrowRight", 1, 0), ("ArrowRight", 2, 1), ("End", 3, 1)):
        e.page.keyboard.press(key)
        e.wait_for_window(f"output slice {output}, row 0, column 0: ")
        e.wait("el.querySelector('.pv-slice output').textContent.trim() === args[0]", str(chosen))
        assert picture != e.fingerprint()
    e.page.keyboard.press("Home")
    e.wait("el.querySelector('.pv-slice output').textContent.trim() === '0'")

    assert picture == e.fingerprint()
    assert e.slider("depth slice").evaluate("slider => slider === document.activeElement")


# --- convolutions --------------------------------------------------------------------------------


def test_a_window_is_multiplied_term_by_term(explorer: Callable[[str], Explorer]) -> None:
    """The weights are in the cells of the window, and another preset changes the sum."""
    e = explorer("convolution")
    e.press("ArrowRight")
    e.wait_for_window("output row 0, column 1, rows 0–2, columns 1–3: (-1)·")
    assert e.window.count("·") == 9
    e.wait("el.querySelectorAll('.pv-weight').length === 9")
    e.root.locator("summary", has_text="weights").first.click()
    weights = e.root.get_by_role("combobox", name="weights")
    weights.select_option("identity")
    assert weights.input_value() == "identity"
    e.wait("el.querySelector('.pv-window').textContent.includes('0·')")
    assert e.window.count("0·") == 8


def test_nothing_is_left_of_a_transposed_convolution(explorer: Callable[[str], Explorer]) -> None:
    e = explorer("negative size")
    assert e.subtitle.startswith("input 4 × 4 → −1 × −1")
    assert e.marks("kernel") == []
    e.root.get_by_role("button", name="padding 2 gives 1 × 1").click()
    e.wait("el.querySelector('.pv-subtitle').textContent.includes('→ 1 × 1')")
    e.press("i")
    e.wait_for_window("output row 0, column 0: ")
    assert "·" in e.window


# --- and after all of it -------------------------------------------------------------------------


def test_no_error_reached_the_console(page: Page, explorer: Callable[[str], Explorer]) -> None:
    """The last test of this module."""
    problems: list[str] = page.problems  # type: ignore[attr-defined]

    assert problems == []
