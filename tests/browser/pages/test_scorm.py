"""SCORM packages in a page that uses scorm-again, an independent run-time, as its platform."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import poolviz as pv
from tests.browser.conftest import PATIENCE
from tests.browser.support.pages import served
from tests.browser.support.saved_pages import Widget
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FrameLocator, Page

RUN_TIME = ROOT / "node_modules" / "scorm-again" / "dist"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not RUN_TIME.is_dir(), reason="scorm-again is not here: npm install"),
]
PLATFORM = """<!doctype html><meta charset="utf-8"><title>platform</title>
<script src="scorm12.min.js"></script><body><script>
function launch(name, kept, broken) {
  document.querySelector("iframe")?.remove();
  window.API = new Scorm12API({ autocommit: false, logLevel: 5 });
  if (kept) API.loadFromJSON(kept);
  if (broken) for (const call of ["LMSSetValue", "LMSCommit"]) {
    const works = API[call];
    API[call] = (...values) => (window.isBroken ? "false" : works.apply(API, values));
    window.isBroken = true;
  }
  const frame = document.createElement("iframe");
  Object.assign(frame, { src: `${name}.html`, width: 900, height: 700 });
  document.body.append(frame);
}
const results = () => JSON.parse(JSON.stringify(API.cmi));
</script>"""
# One exercise of each form, and an answer that is partly right, wrong, or merely works.
PARTLY: dict[str, Callable[[pv.Exercise], Any]] = {
    "size-two-axes": lambda one: f"{one.answer[0]}, {one.answer[1] + 40}",
    "who-raises": lambda one: [one.answer[0]],
    "unread-in-a-row": lambda one: list(one.answer[:-1]),
    "stride-over-the-input": lambda one: next(c for c in one.choices if c != one.answer),
    "smallest-padding": lambda one: str(one.answer + 1),
    "one-change": lambda one: "stride=17",
}
FEW: dict[str, Any] = {"framework": ["pytorch"], "op": ["max"], "ceil_mode": [False]}


def write(folder: Path, name: str, save: Callable[[Path], object]) -> None:
    save(folder / f"{name}.zip")
    with zipfile.ZipFile(folder / f"{name}.zip") as package:
        (folder / f"{name}.html").write_bytes(package.read("index.html"))


@pytest.fixture(scope="module")
def platform(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    folder = tmp_path_factory.mktemp("platform")
    shutil.copy(RUN_TIME / "scorm12.min.js", folder)
    (folder / "index.html").write_text(PLATFORM, encoding="utf-8")
    card = pv.ExerciseCard("effective-kernel", "largest-kernel")
    write(folder, "card", lambda path: card.save(path, package="scorm"))
    forms = pv.ExerciseCard(*PARTLY)
    write(folder, "forms", lambda path: forms.save(path, package="scorm"))
    explorer = pv.PoolExplorer(10, 4, stride=4)
    task = pv.task(output_size=3, keep=["kernel_size"])
    ranges = {**FEW, "kernel_size": [4], "stride": [3, 4], "padding": [0], "dilation": [1]}
    write(folder, "task", lambda path: explorer.save(path, package="scorm", task=task, **ranges))
    with served(folder) as address:
        page = browser.new_page()
        page.goto(address)
        yield page
        page.close()


def launch(platform: Page, name: str, kept: Any = None, *, broken: bool = False) -> FrameLocator:
    platform.evaluate("([name, kept, broken]) => launch(name, kept, broken)", [name, kept, broken])
    frame = platform.frame_locator("iframe")
    frame.locator("main[data-ready]").wait_for(timeout=PATIENCE)
    return frame


def results(platform: Page) -> dict[str, Any]:
    found: dict[str, Any] = platform.evaluate("results()")
    return found


def answer(frame: FrameLocator, text: str, sign: str) -> None:
    """Type an answer and check it; wait for feedback with this sign."""
    frame.locator("input[type=text]").fill(text)
    frame.get_by_role("button", name="check").click()
    frame.locator(".pv-feedback").filter(has_text=sign).wait_for(timeout=PATIENCE)


def go_on(frame: FrameLocator, place: int) -> None:
    """Open the next exercise; it is there once the line above it says so."""
    frame.get_by_role("button", name="next exercise").click()
    frame.get_by_text(f"exercise {place} of").wait_for(timeout=PATIENCE)


def until(platform: Page, raw: str) -> dict[str, Any]:
    platform.wait_for_function("raw => results().core.score.raw === raw", arg=raw, timeout=PATIENCE)
    return results(platform)


def test_a_visit_is_continued_and_completed(platform: Page) -> None:
    first, second = pv.exercise("effective-kernel"), pv.exercise("largest-kernel")
    frame = launch(platform, "card")
    answer(frame, "1", "✗")
    answer(frame, str(first.answer), "✓")
    found = until(platform, "50")
    assert found["core"]["lesson_status"] == "incomplete"
    assert [found["interactions"][i]["result"] for i in "01"] == ["wrong", "correct"]

    platform.evaluate("document.querySelector('iframe').remove()")  # the student leaves
    left = results(platform)
    assert left["core"]["exit"] == "suspend"
    assert left["core"]["session_time"].startswith("00:0")

    core = {"lesson_status": "incomplete", "score": {"raw": "50"}}
    frame = launch(platform, "card", {"suspend_data": left["suspend_data"], "core": core})
    frame.locator(".pv-feedback").filter(has_text="✓ Right").wait_for(timeout=PATIENCE)
    go_on(frame, 2)
    answer(frame, str(second.answer), "✓")
    assert until(platform, "100")["core"]["lesson_status"] == "completed"
    answer(frame, "1", "✗")  # once more, and wrong: the best of all tries stays
    assert results(platform)["core"]["score"]["raw"] == "100"


def test_a_new_attempt_begins_at_nothing(platform: Page) -> None:
    frame = launch(platform, "card")

    assert frame.locator(".pv-feedback").inner_text() == ""
    answer(frame, "1", "✗")
    assert until(platform, "0")["core"]["lesson_status"] == "incomplete"


def test_scores_are_those_of_python(platform: Page) -> None:
    frame = launch(platform, "forms")
    total = 0.0
    for place, (name, given) in enumerate(PARTLY.items(), start=1):
        one = pv.exercise(name)
        said = given(one)
        total += one.check(said).score
        if isinstance(said, list):
            kind = "button" if one.form == "cells" else "checkbox"
            for each in said:
                label = f"element {each}" if one.form == "cells" else each
                frame.get_by_role(kind, name=label, exact=True).click()
        elif one.form == "choice":
            frame.get_by_role("radio", name=said, exact=True).check()
        else:
            frame.locator("input[type=text]").fill(said)
        frame.get_by_role("button", name="check").click()
        frame.locator(".pv-feedback:not(:empty)").wait_for(timeout=PATIENCE)
        if place < len(PARTLY):
            go_on(frame, place + 1)
    expected = round(100 * total / len(PARTLY), 2)

    assert 20 < expected < 80
    until(platform, json.dumps(expected).removesuffix(".0"))


def test_a_platform_that_answers_with_errors_is_told_about_and_asked_again(platform: Page) -> None:
    frame = launch(platform, "card", broken=True)
    answer(frame, str(pv.exercise("effective-kernel").answer), "✓")

    problem = frame.get_by_role("alert").filter(has_text="did not accept your result")
    problem.wait_for(timeout=PATIENCE)
    platform.evaluate("window.isBroken = false")
    answer(frame, "1", "✗")
    problem.wait_for(state="hidden", timeout=PATIENCE)
    assert until(platform, "50")["interactions"]["0"]["result"] == "correct"


def test_a_task_is_scored(platform: Page) -> None:
    frame = launch(platform, "task")
    check = frame.locator(".pv-task").get_by_role("button", name="check")
    check.click()
    assert until(platform, "0")["core"]["lesson_status"] == "incomplete"
    widget = Widget(platform, frame)
    widget.press(widget.slider("stride"), "ArrowLeft")
    widget.title.filter(has_text="stride 3").wait_for(timeout=PATIENCE)
    check.click()

    assert until(platform, "100")["core"]["lesson_status"] == "completed"
    assert "✓ Right" in frame.locator(".pv-task").inner_text()


def test_without_a_platform_the_page_works(platform: Page) -> None:
    platform.evaluate("document.querySelector('iframe').remove(); delete window.API")
    platform.goto(f"{platform.url}card.html")
    platform.locator("main[data-ready]").wait_for(timeout=PATIENCE)
    platform.locator("input[type=text]").fill(str(pv.exercise("effective-kernel").answer))
    platform.get_by_role("button", name="check").click()

    platform.locator(".pv-right").wait_for(timeout=PATIENCE)
