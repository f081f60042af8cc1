"""Saved pages as a teacher uses them: in a sandboxed iframe, under a policy, without a network."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

import poolviz as pv
from poolviz.drawing.mpl.figure import PngRenderer
from poolviz.drawing.scene.plane_views import View
from poolviz.drawing.scene.scene import build_scene
from poolviz.drawing.scene.sentences import window_sentence
from tests.browser.conftest import PATIENCE
from tests.browser.support.explorers import PICTURE_WIDTH
from tests.browser.support.saved_pages import Course, Visit, Widget, course

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

MESSAGE = (
    "Negative dimension size caused by subtracting 2 from 1 for '{{node pool1/MaxPool}} = "
    'MaxPool[ksize=[1, 2, 2, 1], padding="VALID", strides=[1, 2, 2, 1]](conv)\' '
    "with input shapes: [?,1,28,28]."
)
RANGES: dict[str, Any] = {
    "kernel_size": range(1, 13),
    "stride": [None, 1, 2, 3],
    "padding": [0, 1, "same"],
    "dilation": [1, 2],
    "framework": ["pytorch", "keras"],
}


def network() -> pv.Stack:
    layers = [pv.Conv(8, 3), pv.Pool(2), pv.Conv(16, 3), pv.Pool(2), pv.Pool(2), pv.Pool(2)]
    return pv.Stack(layers, input_shape=(20, 28, 1), framework="keras")


MAKERS: dict[str, Callable[[], Any]] = {
    "explorer": lambda: pv.PoolExplorer(10, 3),
    "broken": lambda: pv.PoolExplorer(10, 15),
    "small": lambda: pv.PoolExplorer(6, 3),
    "far": lambda: pv.PoolExplorer(
        4,
        2,
        stride=60,
        padding="same",
        dilation=28,
        op="avg",
        ceil_mode=True,
        framework="onnxruntime",
    ),
    "map": lambda: pv.SizeMap(6, 3),
    "comparison": lambda: pv.FrameworkComparison(6, 3, stride=2, padding="same", framework="keras"),
    "stack": lambda: pv.StackExplorer(network()),
    "decoder": lambda: pv.ErrorDecoder(MESSAGE),
    "cards": lambda: pv.ExerciseCard("size-plain", "who-raises", "unread-in-a-row", "one-change"),
}
ASKED: dict[str, dict[str, Any]] = {
    "explorer": RANGES,
    "broken": {"stride": [None], "padding": [0, 3], "dilation": [1], "framework": ["pytorch"]},
    "far": {"kernel_size": [2], "stride": [60], "padding": ["same"], "dilation": [28]},
    "small": {"kernel_size": [3], "stride": [2, 3], "padding": [0], "dilation": [1]},
}


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """The text of a saved page, by its name in `MAKERS`; each is made once."""
    folder = tmp_path_factory.mktemp("pages")

    def get(name: str) -> str:
        path = folder / f"{name}.html"
        if not path.exists():
            MAKERS[name]().save(path, **ASKED.get(name, {}))
        return path.read_text(encoding="utf-8")

    return get


@pytest.fixture(scope="module")
def site() -> Iterator[Course]:
    with course() as opened:
        yield opened


@pytest.fixture(scope="module")
def visit(page: Page, site: Course) -> Visit:
    return Visit(page, site)


@pytest.fixture
def opened(visit: Visit, texts: Callable[[str], str]) -> Callable[[str], Widget]:
    """Call it with a name of `MAKERS`: the page in the sandbox, as large as on a desk."""
    visit.page.set_viewport_size({"width": 960, "height": 1000})
    visit.page.emulate_media(color_scheme="light")
    return lambda name: visit.open(texts(name))


def expect(place: Any) -> Any:
    from playwright.sync_api import expect as expected

    expected.set_options(timeout=PATIENCE)
    return expected(place)


def shows(widget: Widget, **parameters: Any) -> None:
    """Everything that is said is what Python says of the same setting."""
    python = pv.PoolExplorer(**parameters)
    state = python.state
    expect(widget.title).to_have_text(state["title"])
    expect(widget.explorer(".pv-verdict")).to_have_text(state["verdict"])
    expect(widget.explorer(".pv-subtitle")).to_have_text(state["subtitle"])
    expect(widget.explorer(".pv-call code")).to_have_text(state["code"])
    assert widget.explorer(".pv-picture").get_attribute("alt") == state["alt"]
    formulas = widget.explorer(".pv-formulas > div").all_inner_texts()
    for axis, text in zip(state["axes"], formulas, strict=True):
        assert axis["formula"] in text
        assert axis["dilation"] in text
    findings = widget.explorer(".pv-findings li").all_inner_texts()
    told = [one["text"] for one in state["findings"]]
    if state["findings"] and state["findings"][0]["severity"] != "note":  # that is the verdict
        told[:1] = filter(None, [state["because"]])
    assert findings[: len(told)] == told
    fixes = widget.explorer(".pv-fixes li").all_text_contents()
    for fix, text in zip(state["fixes"], fixes, strict=True):
        assert fix["text"] in text
        assert fix["code"] in text
    rows = widget.explorer("table.pv-frameworks tbody tr td").all_text_contents()
    assert rows == [entry["text"] for entry in state["frameworks"]]
    python.close()


# --- the explorer --------------------------------------------------------------------------------


def test_every_control_by_keyboard(opened: Callable[[str], Widget], visit: Visit) -> None:
    widget = opened("explorer")
    shows(widget, input_size=10, kernel_size=3)

    widget.press(widget.slider("kernel"), "ArrowRight", "ArrowRight")
    shows(widget, input_size=10, kernel_size=5)
    widget.press(widget.frame.get_by_role("checkbox", name="default stride"), "Space")
    widget.press(widget.slider("stride"), "Home", "ArrowRight")
    shows(widget, input_size=10, kernel_size=5, stride=2)
    widget.press(widget.slider("padding"), "ArrowRight")
    shows(widget, input_size=10, kernel_size=5, stride=2, padding=1)
    widget.press(widget.slider("dilation"), "ArrowRight")
    shows(widget, input_size=10, kernel_size=5, stride=2, padding=1, dilation=2)
    widget.press(widget.select("framework"), "K")
    keras = {"input_size": 10, "framework": "keras", "dilation": 2}
    shows(widget, kernel_size=5, stride=2, padding=1, **keras)
    widget.press(widget.select("padding"), "End")
    shows(widget, kernel_size=5, stride=2, padding="same", **keras)
    widget.press(widget.slider("kernel"), "End")
    shows(widget, kernel_size=12, stride=2, padding="same", **keras)
    assert visit.was_quiet()


def test_every_kernel_is_what_python_says(opened: Callable[[str], Widget]) -> None:
    widget = opened("explorer")
    for kernel in range(1, 13):
        widget.number("kernel").fill(str(kernel))
        shows(widget, input_size=10, kernel_size=kernel)


def sentence(
    i: int, j: int, *, input_size: int, kernel_size: int, stride: int | None = None
) -> str:
    traced = pv.trace(pv.Pool(kernel_size, stride=stride), input_size)
    scene = build_scene(traced, pv.PoolExplorer(input_size, kernel_size).input)
    return window_sentence(scene, i, j)


def test_hover_step_and_pin(opened: Callable[[str], Widget], visit: Visit) -> None:
    widget = opened("explorer")
    places = pv.PoolExplorer(10, 3).state["geometry"]
    expect(widget.window).to_have_text(sentence(0, 0, input_size=10, kernel_size=3))
    widget.point_at(places["output"], 2, 1)
    expect(widget.window).to_have_text(sentence(2, 1, input_size=10, kernel_size=3))
    widget.point_at(places["input"], 0, 0)
    expect(widget.window).to_have_text("input row 0, column 0: 1 window reads it")
    widget.page.mouse.move(0, 0)
    widget.press(widget.stage, "Home", "ArrowRight", "ArrowDown")
    expect(widget.window).to_have_text(sentence(1, 1, input_size=10, kernel_size=3))
    widget.press(widget.stage, "Enter")
    expect(widget.part(".pv-pin")).to_be_visible()
    widget.press(widget.stage, "Escape")
    widget.frame.get_by_role("button", name="next window").click()
    expect(widget.window).to_have_text(sentence(1, 2, input_size=10, kernel_size=3))
    assert visit.was_quiet()


def test_no_mark_lies_beside_the_picture(opened: Callable[[str], Widget], visit: Visit) -> None:
    """The window extends 27 cells beyond the input; the picture has room for a few of them."""
    widget = opened("far")
    widget.press(widget.stage, "End")
    overlay = widget.explorer(".pv-overlay")
    assert overlay.locator(".pv-tap").count() == 1
    beside = """svg => [...svg.querySelectorAll("rect")].filter((one) => {
        const box = one.getBBox(), { width, height } = svg.viewBox.baseVal;
        return box.x < 0 || box.y < 0 || box.x + box.width > width || box.y + box.height > height;
    }).length"""

    assert overlay.evaluate(beside) == 0
    assert visit.was_quiet()


def test_the_walk_ends_at_the_last_window(opened: Callable[[str], Widget], visit: Visit) -> None:
    widget = opened("small")
    widget.press(widget.stage, "Home", "+", "+", "+", "Space")
    expect(widget.window).to_have_text(sentence(1, 1, input_size=6, kernel_size=3))
    expect(widget.frame.get_by_role("button", name="play")).to_be_visible()
    assert visit.was_quiet()


def test_a_fix_is_applied_and_taken_back(opened: Callable[[str], Widget], visit: Visit) -> None:
    widget = opened("broken")
    shows(widget, input_size=10, kernel_size=15)
    for i, fix in enumerate(pv.PoolExplorer(10, 15).diagnosis.fixes):
        if fix.layer is None:
            continue
        widget.part(".pv-fixes details").evaluate("part => { part.open = true; }")
        widget.press(widget.part(".pv-fixes li").nth(i).locator("button"), "Enter")
        shows(widget, input_size=fix.input_size, layer=fix.layer)
        widget.press(widget.frame.get_by_role("button", name="start again"), "Enter")
        shows(widget, input_size=10, kernel_size=15)
    assert visit.was_quiet()


def test_what_was_not_computed_is_refused_in_words(
    opened: Callable[[str], Widget], visit: Visit
) -> None:
    widget = opened("explorer")
    before = widget.part(".pv-picture").get_attribute("alt")
    for typed in ("99", "0", "three", "-1"):
        widget.number("kernel").fill(typed)
        expect(widget.problem).to_contain_text("This page has no kernel")
        expect(widget.problem).to_contain_text("kernel_size 1 to 12")
        expect(widget.title).to_have_text("MaxPool 3×3, stride 3, no padding")
    assert widget.part(".pv-picture").get_attribute("alt") == before
    widget.number("kernel").fill("4")
    expect(widget.problem).to_be_hidden()
    shows(widget, input_size=10, kernel_size=4)
    for gone in ("examples", "edit the input values", "per axis", "ceil_mode"):
        assert not widget.frame.get_by_text(gone, exact=True).is_visible()
    assert widget.slider("input").is_disabled()
    assert visit.was_quiet()


def test_the_picture_is_the_one_that_python_paints(
    opened: Callable[[str], Widget], visit: Visit
) -> None:
    """Painted in the browser and by matplotlib: almost the same pixels, and not by chance."""
    widget = opened("explorer")
    widget.number("kernel").fill("4")
    shows(widget, input_size=10, kernel_size=4)
    widget.part(".pv-overlay").evaluate("el => el.style.visibility = 'hidden'")
    shot = widget.stage.screenshot()
    difference = {
        kernel: np.abs(coarse(shot) - coarse(matplotlib_picture(kernel))).mean()
        for kernel in (4, 5)
    }

    assert difference[4] < 1.5
    assert difference[4] < difference[5] / 2.5


def matplotlib_picture(kernel_size: int) -> bytes:
    traced = pv.trace(pv.Pool(kernel_size), 10)
    x = pv.PoolExplorer(10, kernel_size).input
    return PngRenderer()(build_scene(traced, x, View(PICTURE_WIDTH)))


def coarse(png: bytes) -> Any:
    """Without what differs from one painter to the other: the edges of letters and lines."""
    picture = Image.open(io.BytesIO(png)).convert("RGB").resize((180, 78), Image.Resampling.BOX)
    return np.asarray(picture, dtype=float)


# --- one screen ----------------------------------------------------------------------------------

FIRST_SCREEN = {
    "broken": (".pv-verdict", ".pv-controls", ".pv-stage", ".pv-fixes li:nth-child(2)"),
    "map": (".pv-title", ".pv-main .pv-stage", ".pv-main .pv-window", ".pv-controls"),
    "comparison": (".pv-title", ".pv-main .pv-picture", ".pv-table", ".pv-controls"),
    "stack": (".pv-verdict", ".pv-fixes li:nth-child(2)", "[aria-current]", ".pv-slot .pv-picture"),
    "decoder": (".pv-verdict", ".pv-paste", ".pv-picture", ".pv-fixes li:nth-child(2)"),
    "cards": (".pv-question", ".pv-picture", ".pv-answer"),
}


@pytest.mark.parametrize("name", FIRST_SCREEN)
def test_the_first_screen_of_a_laptop_holds_what_matters(
    opened: Callable[[str], Widget], visit: Visit, name: str
) -> None:
    widget = opened(name)
    visit.page.set_viewport_size({"width": 1366, "height": 768})
    box = "el => el.getBoundingClientRect().bottom + scrollY"
    for part in FIRST_SCREEN[name]:
        place = widget.part(part).first
        for _ in range(PATIENCE // 100):  # until it is drawn for this width
            if 0 < place.evaluate(box) < 700:  # the page's foot follows
                break
            visit.page.wait_for_timeout(100)
        else:
            pytest.fail(f"{part} ends at {place.evaluate(box)}")


# --- the other widgets ---------------------------------------------------------------------------


def test_a_map_and_its_explorer_move_together(
    opened: Callable[[str], Widget], visit: Visit
) -> None:
    widget = opened("map")
    chart = widget.part(".pv-main .pv-stage")
    said = pv.SizeMap(6, 3)
    row, column = said.view.state["here"]
    widget.press(chart, "ArrowRight", "ArrowUp")
    expected = said.view.chart.sentence(row - 1, column + 1)
    expect(widget.part(".pv-main .pv-window")).to_have_text(expected)
    shows(widget, input_size=6, kernel_size=4, stride=4)
    widget.press(widget.slider("kernel"), "ArrowLeft")
    shows(widget, input_size=6, kernel_size=3, stride=4)
    expect(widget.part(".pv-main .pv-window")).to_have_text(
        said.view.chart.sentence(row - 1, column)
    )
    assert visit.was_quiet()


def test_another_framework_becomes_the_reference(
    opened: Callable[[str], Widget], visit: Visit
) -> None:
    widget = opened("comparison")
    same = {"stride": 2, "padding": "same"}
    for name, title in (("jax", "JAX"), ("pytorch", "PyTorch"), ("keras", "Keras")):
        widget.press(
            widget.part(".pv-comparison").get_by_role("button", name=title, exact=True), "Enter"
        )
        python = pv.FrameworkComparison(6, 3, framework=name, **same)
        expect(widget.part(".pv-comparison h3.pv-title")).to_have_text(python.view.state["title"])
        assert widget.part(".pv-main .pv-picture").get_attribute("alt") == python.view.state["alt"]
        expect(widget.title).to_have_text(python.explorer.state["title"])
    assert visit.was_quiet()


def test_layers_of_a_network_are_chosen_and_its_fixes_tried(
    opened: Callable[[str], Widget], visit: Visit
) -> None:
    widget = opened("stack")
    python = pv.StackExplorer(network())
    assert python.explorer is not None
    heading = widget.part(".pv-stack p.pv-title")
    expect(heading).to_have_text(python.view.state["title"])
    expect(widget.title).to_have_text(python.explorer.state["title"])
    widget.press(widget.part(".pv-table button").nth(1), "Enter")
    python.chosen = 1
    expect(widget.title).to_have_text(python.explorer.state["title"])
    for i, fix in enumerate(python.stack.fixes):
        widget.part(".pv-stack details").evaluate_all(
            "all => all.forEach((one) => one.open = true)"
        )
        widget.press(widget.part(".pv-stack .pv-fixes li").nth(i).locator("button").first, "Enter")
        expect(heading).to_have_text(f"{fix.stack.diagnosis.headline}.")
        widget.press(widget.frame.get_by_role("button", name="undo").first, "Enter")
        expect(heading).to_have_text(python.view.state["title"])
    assert visit.was_quiet()


def test_a_decoded_message_opens_its_explorer(
    opened: Callable[[str], Widget], visit: Visit
) -> None:
    widget = opened("decoder")
    python = pv.ErrorDecoder(MESSAGE)
    box = widget.frame.get_by_role("textbox", name="An error message")
    assert box.input_value() == MESSAGE
    assert box.get_attribute("readonly") is not None
    expect(widget.part(".pv-decoder .pv-title")).to_have_text(python.view.state["title"])
    widget.press(widget.frame.get_by_role("button", name="open in explorer"), "Enter")
    explorer = python.open_explorer()
    assert isinstance(explorer, pv.PoolExplorer)
    expect(widget.title).to_have_text(explorer.state["title"])
    widget.press(widget.part(".pv-fixes").last.locator("button").first, "Enter")
    expect(widget.explorer(".pv-subtitle")).not_to_have_text(explorer.state["subtitle"])
    widget.press(widget.frame.get_by_role("button", name="close the explorer"), "Enter")
    expect(widget.explorer(".pv-subtitle")).to_be_hidden()
    assert visit.was_quiet()


def test_answers_get_the_feedback_of_python(opened: Callable[[str], Widget], visit: Visit) -> None:
    widget = opened("cards")
    feedback = widget.part(".pv-feedback")
    plain = pv.exercise("size-plain")
    field = widget.part(".pv-form input")
    for answer in ("", "a lot", "9 9", "4", "2, 9", "1 2 3", "5/2", "2 × 2"):
        field.fill(answer)
        widget.press(field, "Enter")
        said = plain.check(answer)
        expect(feedback).to_have_text(f"{said.mark} {said.reason}".replace("`", ""))
    expect(widget.part(".pv-top p")).to_contain_text("1 correct so far")
    widget.frame.get_by_role("button", name="hint").click()
    expect(widget.frame.get_by_text(plain.hint)).to_be_visible()
    widget.frame.get_by_role("button", name="new numbers").click()
    question = plain.next().question.replace("`", "")
    expect(widget.part(".pv-question")).to_have_text(question)

    widget.frame.get_by_role("button", name="next exercise").click()
    raising = pv.exercise("who-raises")
    widget.frame.get_by_label("JAX").check()
    widget.frame.get_by_role("button", name="check", exact=True).click()
    expect(feedback).to_have_text(f"✗ {raising.check(['JAX']).text}".replace("`", ""))

    widget.frame.get_by_role("button", name="next exercise").click()
    unread = pv.exercise("unread-in-a-row")
    for cells in ((0, 1), unread.answer):
        chosen = widget.part(".pv-cells button[aria-pressed=true]")
        while chosen.count():
            chosen.first.click()
        for cell in cells:
            widget.frame.get_by_role("button", name=f"element {cell}", exact=True).click()
        widget.frame.get_by_role("button", name="check", exact=True).click()
        said = unread.check(cells)
        expect(feedback).to_have_text(f"{said.mark} {said.reason}".replace("`", ""))
    assert visit.was_quiet()
