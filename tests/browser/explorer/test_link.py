"""PoolExplorer over a link with 160 ms there and back: what moves is instant, the last state wins.

No time is asserted: a busy machine must not turn a build red. What is in place at the end of the
event's own task needed no message, however slow the link is; and messages are counted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

import poolviz as pv
from tests.browser.conftest import Lab
from tests.browser.support.delay import slow_link
from tests.browser.support.explorers import Explorer, geometry, run_explorers

if TYPE_CHECKING:
    from playwright.sync_api import Page, WebSocket

pytestmark = pytest.mark.browser

ONE_WAY = 0.08
FRESH = "pv.PoolExplorer(10, 3)"
WATCHED = """
heard = []
w = pv.PoolExplorer(10, 3, stride=1)
def follow(change):
    heard.append(change["new"])
    if change["new"] == [7, 7]:
        w.input_size = 10 + len(heard)
w.observe(follow, "position")
w"""
# Name of the explorer → the cell that makes it.
EXPLORERS = {
    "hover": FRESH,
    "walk": FRESH,
    "drag": FRESH,
    "typing": FRESH,
    "repair": "pv.PoolExplorer(10, 15)",
    "watched": WATCHED,
}


@pytest.fixture(scope="module")
def far_lab(lab: Lab) -> Iterator[Lab]:
    """The same JupyterLab, far away."""
    host, port = lab.address.rsplit(":", 1)
    with slow_link(int(port), ONE_WAY) as far:
        yield Lab(f"{host}:{far}", lab.folder)


@pytest.fixture(scope="module")
def messages(page: Page) -> list[str]:
    """Return the messages between page and kernels, in order."""
    passed: list[str] = []

    def follow(socket: WebSocket) -> None:
        if "/channels" in socket.url:
            socket.on("framesent", lambda payload: passed.append(f"> {payload!r:.200}"))
            socket.on("framereceived", lambda payload: passed.append(f"< {payload!r:.200}"))

    page.on("websocket", follow)
    return passed


@pytest.fixture(scope="module")
def explorer(page: Page, far_lab: Lab, messages: list[str]) -> Callable[[str], Explorer]:
    """Call it with a name of `EXPLORERS`."""
    return run_explorers(page, far_lab, "far_away.ipynb", EXPLORERS)


@pytest.fixture
def silent(page: Page, messages: list[str]) -> Callable[[], bool]:
    """Has no message passed since the test began, nor does one follow within a round trip?"""
    before = -1
    while before < len(messages):  # what the test before requested, and the width of a picture
        before = len(messages)
        page.wait_for_timeout(5000 * ONE_WAY)

    def is_silent() -> bool:
        page.wait_for_timeout(3000 * ONE_WAY)  # an answer would take 2000 ms · ONE_WAY
        return messages[before:] == []

    return is_silent


def shown_by_the_end_of(e: Explorer, event: str, *arguments: Any) -> tuple[str, list[float]]:
    """The sentence and the marked output cell when the task of an event is over.

    `event` is JavaScript with `stage` and `args`. Nothing can have arrived in between: a message
    would be another task.
    """
    sentence, cell = e.ask(
        f"""{{
        const stage = el.querySelector('.pv-stage');
        {event};
        const marked = el.querySelectorAll('.pv-overlay .pv-kernel')[1];
        const cell = ['x', 'y'].map((side) => Number(marked.getAttribute(side)));
        return [el.querySelector('.pv-window').textContent, cell];
        }}""",
        *arguments,
    )
    return str(sentence), list(cell)


HOVER = """
const units = el.querySelector('.pv-overlay').viewBox.baseVal.width;
const box = el.querySelector('.pv-overlay').getBoundingClientRect();
const [clientX, clientY] = [0, 1].map((i) => [box.left, box.top][i] + args[i] * box.width / units);
stage.dispatchEvent(new PointerEvent('pointermove', { clientX, clientY, bubbles: true }))"""
PRESS = "stage.dispatchEvent(new KeyboardEvent('keydown', { key: args[0], bubbles: true }))"
CLICK = "el.querySelector(args[0]).click()"


def test_the_link_is_slow(explorer: Callable[[str], Explorer], far_lab: Lab) -> None:
    """Or the other tests would show nothing."""
    took = explorer("hover").ask(
        """{
        const start = performance.now();
        await (await fetch(args[0])).text();
        return performance.now() - start;
        }""",
        f"{far_lab.address}/api",
    )

    assert took >= 2000 * ONE_WAY - 2  # the event loop's clock is that coarse


def test_hover_lights_up_at_once(
    explorer: Callable[[str], Explorer], silent: Callable[[], bool]
) -> None:
    e = explorer("hover")
    plane = geometry()["output"]
    for row in range(plane["rows"]):
        for column in range(plane["columns"]):
            x = plane["left"] + (column + 0.5) * plane["cellWidth"]
            y = plane["top"] + (row + 0.5) * plane["cellHeight"]
            sentence, cell = shown_by_the_end_of(e, HOVER, x, y)

            assert sentence.startswith(f"output row {row}, column {column}: the largest of")
            assert cell == pytest.approx(
                [
                    plane["left"] + column * plane["cellWidth"],
                    plane["top"] + row * plane["cellHeight"],
                ]
            )
    assert silent()


def test_steps_and_keys_move_at_once(
    explorer: Callable[[str], Explorer], silent: Callable[[], bool]
) -> None:
    e = explorer("walk")
    for event, given, expected in (
        (PRESS, "Home", "row 0, column 0:"),
        (PRESS, "ArrowRight", "row 0, column 1:"),
        (PRESS, "PageDown", "row 1, column 1:"),
        (CLICK, "[aria-label='next window']", "row 1, column 2:"),
        (CLICK, "[aria-label='next window']", "row 2, column 0:"),
        (CLICK, "[aria-label='previous window']", "row 1, column 2:"),
        (PRESS, "End", "row 2, column 2:"),
    ):
        sentence, _ = shown_by_the_end_of(e, event, given)

        assert sentence.startswith(f"output {expected}"), (given, sentence)
    assert silent()


def test_the_walk_needs_nobody(
    explorer: Callable[[str], Explorer], silent: Callable[[], bool]
) -> None:
    """Its first step is there at once, the others follow, every window in its turn."""
    e = explorer("walk")
    shown_by_the_end_of(e, PRESS, "Home")
    e.root.get_by_role("combobox", name="playback speed").select_option("8")
    e.ask(
        """{
        el.seen = [];
        const words = el.querySelector('.pv-window');
        new MutationObserver(() => el.seen.push(words.textContent))
          .observe(words, { childList: true });
        }"""
    )
    sentence, _ = shown_by_the_end_of(e, PRESS, " ")
    assert sentence.startswith("output row 0, column 1:")
    e.wait_for_window("output row 2, column 2:")
    e.wait("el.querySelector('.pv-player [aria-pressed]').getAttribute('aria-pressed') === 'false'")

    seen = list(dict.fromkeys(text.split(":")[0] for text in e.ask("el.seen")))
    assert seen == [f"output row {n // 3}, column {n % 3}" for n in range(1, 9)]
    assert silent()


RECORD = """{
  // What stands on the page at every change: number, title, and where the slider is.
  el.record = [];
  const [stage, title] = ['.pv-stage', '.pv-title'].map((part) => el.querySelector(part));
  const slider = el.querySelector('input[type=range][aria-label=kernel]');
  const note = () => el.record.push([Number(stage.dataset.seq), title.textContent, slider.value]);
  new MutationObserver(note).observe(title, { childList: true });
}"""
DRAG = """{
  // Forty steps in about half a second, up and down, as a hand drags; the ms that it took.
  const start = performance.now();
  const slider = el.querySelector('input[type=range][aria-label=kernel]');
  for (let i = 0; i < 40; i += 1) {
    slider.value = args[0][i];
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise(requestAnimationFrame);
  }
  el.record.push('released');
  return performance.now() - start;
}"""


def test_forty_fast_steps_end_right(
    explorer: Callable[[str], Explorer], messages: list[str]
) -> None:
    """Pictures come in their order, the hand is not taken back, and the last one is the right one.

    With one question on its way at a time there are fewer answers than steps.
    """
    e = explorer("drag")
    steps = [4 + abs(i % 16 - 8) for i in range(39)] + [2]  # seen at the end only
    e.ask(RECORD)
    before = len(messages)
    took: float = e.ask(DRAG, steps)
    e.wait_for_title("MaxPool 2×2")
    record = e.ask("el.record")
    released = record.index("released")
    numbers = [entry[0] for entry in record if entry != "released"]
    expected = pv.PoolExplorer(10, 2)

    assert numbers == sorted(set(numbers))
    assert [entry[2] for entry in record[released + 1 :]] == ["2"] * (len(record) - released - 1)
    # One for each way there and back; on a busy machine the steps are not that fast.
    most = max(39, 3 + took / (2000 * ONE_WAY))
    assert len(numbers) <= most
    asked = [message for message in messages[before:] if message.startswith(">")]
    assert 1 <= len(asked) <= most
    assert e.title == expected.state["title"]
    assert e.number("kernel").input_value() == "2"
    assert e.fingerprint() == ",".join(map(str, hashlib.sha256(expected.picture).digest()))


def test_what_is_typed_is_not_overtaken(explorer: Callable[[str], Explorer]) -> None:
    """Each digit is a question; the answer to the first one must not undo the second."""
    e = explorer("typing")
    field = e.number("kernel")
    field.click()
    e.page.keyboard.press("Control+A")
    e.page.keyboard.type("12")
    assert field.input_value() == "12"
    e.wait_for_title("MaxPool 12×12")
    assert field.input_value() == "12"
    e.page.keyboard.press("Control+A")
    e.page.keyboard.type("3x")
    e.wait_for_problem("'3x'")

    assert field.input_value() == "3x"
    e.wait_for_title("MaxPool 3×3")
    field.fill("2")
    e.wait("el.querySelector('.pv-problem').hidden")
    e.wait_for_title("MaxPool 2×2")


def test_a_fix_that_is_clicked_twice_is_applied_once(explorer: Callable[[str], Explorer]) -> None:
    """The second click finds the fix no longer offered; the controls show what it did."""
    e = explorer("repair")
    e.root.locator(".pv-fixes button").first.dblclick()
    e.wait_for_title("MaxPool 10×10")
    e.wait_for_problem("no fix")

    assert e.number("kernel").input_value() == "10"


def test_the_last_position_wins(explorer: Callable[[str], Explorer]) -> None:
    """Python watches: sixty-four windows in a second are a few messages, and the last one comes."""
    e = explorer("watched")
    took: float = e.ask(
        """{
        const start = performance.now();
        const stage = el.querySelector('.pv-stage');
        const press = (key) =>
          stage.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
        press('Home');
        for (let row = 0; row < 7; row += 1) {
          for (let column = 0; column < 7; column += 1) {
            press(row % 2 ? 'ArrowLeft' : 'ArrowRight');
            await new Promise(requestAnimationFrame);
          }
          press('PageDown');
        }
        press('End');
        return performance.now() - start;
        }"""
    )
    size = "el.querySelector('input[aria-label=\"input, any number\"]').value"
    e.wait(f"{size} !== '10'")
    heard = int(e.ask(size)) - 10

    assert 1 <= heard <= max(39, 3 + took / (2000 * ONE_WAY))
    assert e.window.startswith("output row 7, column 7:")


def test_no_error_reached_the_console(page: Page, explorer: Callable[[str], Explorer]) -> None:
    """The last test of this module."""
    problems: list[str] = page.problems  # type: ignore[attr-defined]

    assert problems == []
