"""What the widgets' modules use of a browser: nothing that VS Code, Colab or a strict site lack."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

import poolviz.widgets
from poolviz.browser.bundle import (
    loader,
    page_module,
    page_styles,
    styles,
    widget_module,
)
from poolviz.widgets.base.live_page import MODULES
from poolviz.widgets.base.widget import StateWidget

for _found in pkgutil.walk_packages(poolviz.widgets.__path__, "poolviz.widgets."):
    importlib.import_module(_found.name)


def _kinds(base: type[StateWidget]) -> list[type[StateWidget]]:
    """Return the widgets that have a separate file of JavaScript."""
    found = [kind for one in base.__subclasses__() for kind in (one, *_kinds(one))]
    return [one for one in found if "_entry" in vars(one) and one.__module__.startswith("poolviz.")]


WIDGETS = _kinds(StateWidget)
NOT_AN_ADDRESS = "http://www.w3.org/2000/svg"  # the name of SVG, which nobody fetches
# What loads or runs something from elsewhere, or keeps something behind.
LEFT_ALONE = {
    "the network": r"\bfetch\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon",
    "an address": r"https?://|//cdn",
    "other modules": r"^\s*import\b|\bimport\(|\brequire\(",
    "code from text": r"\beval\(|new Function\(|setTimeout\(\s*[\"'`]",
    "workers": r"\bWorker\(|SharedWorker|serviceWorker",
    "storage": r"localStorage|sessionStorage|indexedDB|document\.cookie",
    # Messages besides the traits are sent only where the host has them: `model.send?.(`.
    "messages of its own": r"model\.send\(|postMessage|BroadcastChannel",
    "fonts and pictures by address": r"@import|@font-face|\burl\(",
}


def test_all_widgets_are_looked_at() -> None:
    names = {widget.__name__ for widget in WIDGETS}

    assert {"PoolExplorer", "StackView", "DecoderView", "ChartView"} <= names


def test_a_page_runs_the_same_modules() -> None:
    assert sorted(MODULES.values()) == sorted(widget._entry for widget in WIDGETS)


@pytest.mark.parametrize("what", LEFT_ALONE)
@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: widget.__name__)
def test_a_module_leaves_alone(widget: type[StateWidget], what: str) -> None:
    source = f"{widget_module(widget._entry)}\n{styles()}".replace(NOT_AN_ADDRESS, "")

    assert re.findall(LEFT_ALONE[what], source, re.MULTILINE) == []


@pytest.mark.parametrize("what", LEFT_ALONE)
def test_the_loader_leaves_alone(what: str) -> None:
    """It imports one thing: the code that Python sent, as anywidget imports the loader."""
    imports = ["import("] if what == "other modules" else []

    assert re.findall(LEFT_ALONE[what], loader(), re.MULTILINE) == imports
    assert "const url = URL.createObjectURL(new Blob([script]," in loader()
    assert "(await import(url))" in loader()


@pytest.mark.parametrize("what", LEFT_ALONE)
def test_a_saved_page_leaves_alone(what: str) -> None:
    source = f"{page_module(MODULES)}\n{page_styles()}".replace(NOT_AN_ADDRESS, "")

    assert re.findall(LEFT_ALONE[what], source, re.MULTILINE) == []


@pytest.mark.parametrize("what", LEFT_ALONE)
def test_the_look_would_find_it(what: str) -> None:
    """Or it would show nothing."""
    examples = {
        "the network": "await fetch(url)",
        "an address": "const base = 'https://example.org'",
        "other modules": 'import { x } from "y"',
        "code from text": "eval(text)",
        "workers": "new Worker(url)",
        "storage": "localStorage.setItem('a', 1)",
        "messages of its own": "model.send({})",
        "fonts and pictures by address": "background: url(x.png)",
    }

    assert re.search(LEFT_ALONE[what], examples[what], re.MULTILINE)
