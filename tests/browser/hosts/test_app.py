"""`python -m poolviz app` in Chromium: one page without code, in order, for this machine only."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import PATIENCE
from tests.browser.support.explorers import wait_for_rest
from tests.browser.support.trouble import Trouble
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

MESSAGE = "Negative dimension size caused by subtracting 2 from 1 for 'pool1/MaxPool'"
# Voila 0.5.13 logs this for a notebook without widgets, too.
USUAL = "RUNTIME-012"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address that the command prints, once it answers."""
    if importlib.util.find_spec("voila") is None:
        refuse = pytest.fail if os.environ.get("POOLVIZ_REQUIRE_BROWSER") == "1" else pytest.skip
        refuse("voila is not installed")
    log = tmp_path_factory.mktemp("app") / "log"
    command = [sys.executable, "-m", "poolviz", "app", "--no-browser", "--port=0"]
    path = f"{ROOT}{os.pathsep}{os.environ['PYTHONPATH']}"
    environment = {**os.environ, "PYTHONPATH": path, "JUPYTER_NO_CONFIG": "1"}
    with log.open("w") as file:
        app = subprocess.Popen(command, stderr=file, stdout=file, cwd=log.parent, env=environment)
        try:
            yield _once_it_answers(app, log)
        finally:
            # Not SIGINT: a shell that started the tests in the background has it ignored.
            app.terminate()
            app.wait(20)


def _once_it_answers(app: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(3000):
        assert app.poll() is None, log.read_text()
        if found := re.search(r"http://127\.0\.0\.1:\d+/\?token=\w{48}", log.read_text()):
            with suppress(OSError):
                urllib.request.urlopen(found[0].partition("?")[0], timeout=10).close()
                return found[0]
        with suppress(subprocess.TimeoutExpired):  # it runs on, as it should
            app.wait(0.1)
    raise AssertionError(f"the app did not answer within five minutes: {log.read_text()}")


@pytest.fixture(scope="module")
def trouble(page: Page, address: str) -> Trouble:
    """The page is open, with all its widgets; what went wrong on the way."""
    found = Trouble(page)
    page.goto(address)
    page.locator(".poolviz").nth(3).wait_for()
    page.locator(".poolviz .pv-picture").nth(2).wait_for()
    return found


def test_without_the_token_there_is_a_login_page(address: str) -> None:
    for url in (address.partition("?")[0], re.sub("token=.*", "token=wrong", address)):
        with urllib.request.urlopen(url, timeout=PATIENCE / 1000) as answer:
            assert "/login?" in answer.url
            assert b"poolviz.widgets" not in answer.read()


def test_headings_and_widgets_are_in_order(page: Page, trouble: Trouble) -> None:
    """Message, network (with its layer below), single layer."""
    found = page.evaluate(
        """() => [...document.querySelectorAll('h1, h2, .pv-paste, .poolviz .pv-title')]
        .map(element => element.matches('.pv-paste') ? 'paste' : element.textContent.trim())
        .filter(Boolean)"""
    )

    assert found == [
        "Pooling shapes",
        "What does the message mean?",
        "paste",
        "Which layer removes too much?",
        "10 layers on 1 × 28 × 28: stops at layer 9 (MaxPool 2×2), PyTorch raises RuntimeError.",
        "MaxPool 2×2, stride 2, no padding",
        "What does a single layer do?",
        "MaxPool 15×15, stride 15, no padding",
    ]


def test_no_code_is_shown(page: Page, trouble: Trouble) -> None:
    assert "Dashboard" not in page.locator("body").inner_text()
    assert page.locator(".jp-InputArea-editor").count() == 0


def test_the_box_and_what_is_wrong_are_on_the_first_screen(page: Page, trouble: Trouble) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    parts = ["h1", ".pv-paste", ".pv-stack .pv-verdict", ".pv-stack .pv-fixes li:nth-child(2)"]
    parts += [".pv-stack .pv-picture", ".pv-slot .pv-picture"]
    page.locator(parts[-1]).wait_for()
    wait_for_rest(page)
    for part in parts:
        assert page.locator(part).first.evaluate("el => el.getBoundingClientRect().bottom") < 768


def test_a_message_is_explained(page: Page, trouble: Trouble) -> None:
    page.locator(".pv-paste").fill(MESSAGE)
    title = page.locator(".pv-title").filter(has_text="TensorFlow, max pooling")
    title.first.wait_for()

    assert title.first.inner_text() == 'TensorFlow, max pooling, layer "pool1".'
    verdict = page.locator(".pv-decoder .pv-verdict")
    assert verdict.inner_text() == "No window fits. The window 2 is longer than the input 1."


def test_a_phone_shows_all_of_it(page: Page, trouble: Trouble) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    page.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth")


def test_nothing_went_wrong_and_nothing_was_fetched(page: Page, trouble: Trouble) -> None:
    """The last test of the page."""
    assert [error for error in trouble.errors if USUAL not in error] == []
    assert trouble.outside == []
