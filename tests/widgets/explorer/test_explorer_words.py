"""PoolExplorer in words and as a picture, where no browser or no anywidget is."""

from __future__ import annotations

import base64
from collections.abc import Callable
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import poolviz as pv
from poolviz.diagnosis.layer.examples import EXAMPLES
from poolviz.drawing.scene.layout import FULL_WIDTH
from poolviz.widgets.explorer import widget as explorer_module
from tests.widgets.explorer.explorer_controls import (
    BROKEN,
    DRAWN,
    HOSTILE,
    act,
    ask,
    bundle_of,
    pixels,
)

VIEWER = Path(explorer_module.__file__).parents[1]


WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.mark.parametrize(("layer", "sizes"), [*DRAWN[:6], *BROKEN[:10]], ids=str)
def test_repr_tells_settings_outcome_and_sizes(layer: pv.Pool, sizes: tuple[int, ...]) -> None:
    """nbval compares it, so it is the same each time."""
    text = repr(pv.PoolExplorer(sizes, layer=layer))
    traced = pv.trace(layer, sizes)

    assert text == repr(pv.PoolExplorer(sizes, layer=layer, seed=9))
    assert "0x" not in text
    assert "\n" not in text
    assert pv.diagnose(layer, sizes).headline in text
    for axis in traced.axes:
        assert f"{axis.name} {axis.formula}" in text


def test_repr_of_the_textbook_example() -> None:
    expected = (
        "PoolExplorer(MaxPool 15×15, stride 15, no padding on 10 × 10: PyTorch raises "
        "RuntimeError; height ⌊(10 − 15) / 15⌋ + 1 = 0; width ⌊(10 − 15) / 15⌋ + 1 = 0)"
    )
    actual = repr(pv.PoolExplorer(input_size=10, kernel_size=15))

    assert expected == actual


class Images(HTMLParser):
    """The tags of an HTML text, and what an `<img>` says."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "img":
            self.attributes = dict(attrs)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_mime_bundle_has_something_for_every_viewer(name: str) -> None:
    """A live view; a picture with its words; a picture; a sentence."""
    w = pv.PoolExplorer(EXAMPLES[name].input_size, layer=EXAMPLES[name].layer)
    bundle = bundle_of(w)
    image = Images(bundle["text/html"])

    assert bundle[WIDGET_VIEW]["model_id"] == w.model_id
    assert bundle["text/plain"] == repr(w)
    assert "img" in image.tags
    assert image.attributes["alt"] == w.state["alt"]
    assert escape(w.state["alt"]) in bundle["text/html"]
    assert image.attributes["src"] == f"data:image/png;base64,{bundle['image/png']}"


def test_static_picture_is_a_png_that_needs_no_room_for_controls() -> None:
    w = pv.PoolExplorer(10, 15)
    picture = pixels(base64.b64decode(bundle_of(w)["image/png"]))

    assert picture.shape[1] == FULL_WIDTH > w.state["geometry"]["width"]
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 20


def test_alt_text_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quotes of a padding name, and whatever else a scene may say one day."""
    w = pv.PoolExplorer(10, 3, padding="same", framework="keras")

    assert '"same"' in w.state["alt"]
    assert "&quot;same&quot;" in bundle_of(w)["text/html"]
    scene = type(w._scene)
    monkeypatch.setattr(scene, "alt", property(lambda self: HOSTILE))
    image = Images(bundle_of(w)["text/html"])

    assert image.attributes["alt"] == HOSTILE
    assert "script" not in image.tags
    assert "onerror" not in image.attributes


@pytest.mark.parametrize("name", ["kernel_size", "values", "framework", "op", "padding", "seed"])
def test_hostile_text_is_nowhere_markup(name: str) -> None:
    w = pv.PoolExplorer(10, 3)
    value = [HOSTILE, HOSTILE] if name == "kernel_size" else HOSTILE
    ask(w, **{name: value})
    bundle = bundle_of(w)

    assert w.state["problem"]
    assert "onerror" not in bundle["text/html"]
    assert "onerror" not in bundle["text/plain"]
    assert "<img" not in "".join(str(w.state[key]) for key in w.state if key != "problem")


def test_the_viewer_sets_text_as_text() -> None:
    """Texts that Python sends, including an error with the user's words, are never HTML."""
    source = "".join(file.read_text(encoding="utf-8") for file in VIEWER.rglob("*.js"))

    assert "textContent" in source
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert way not in source


@pytest.mark.parametrize("position", [[99, 99], [0, 3], [-5, -5], [10**9, 0]], ids=str)
def test_static_picture_of_a_position_that_is_gone(position: list[int]) -> None:
    """The browser sent a cell of a larger output, then the kernel grew."""
    w = pv.PoolExplorer(10, 3)
    w.position = position

    assert bundle_of(w)["image/png"]


def test_a_closed_explorer_still_says_what_it_was() -> None:
    w = pv.PoolExplorer(10, 15)
    expected = repr(w)
    w.close()

    assert expected == repr(w)


# --- where anywidget does not load ---------------------------------------------------------------


@pytest.mark.long
def test_image_and_words_follow_every_change() -> None:
    """The static picture of the notebook, and the alt text as text, never as markup."""
    w = pv.PoolExplorer(10, 3)
    image, words = w.image(), w.words()

    def stored() -> bytes:
        return base64.b64decode(bundle_of(w)["image/png"])

    seen = [image.value]
    changes: list[Callable[[], Any]] = [
        lambda: ask(w, kernel_size=[15, 15]),
        lambda: act(w, "fix", 0),
        lambda: setattr(w, "layer", pv.Pool(2)),
        lambda: setattr(w, "position", [1, 2]),
        lambda: setattr(w, "show", "unread cells"),
        lambda: setattr(w, "input", np.ones((4, 4))),
    ]
    for change in changes:
        change()
        assert image.value == stored() != seen[-1]
        assert words.value == f"<p>{escape(w.state['alt'])}</p>"
        seen.append(image.value)
    assert (image.format, pixels(image.value).shape[1]) == ("png", 900)
    assert image.tooltip is None  # it would break the view of ipywidgets 8.1.9


def test_an_image_does_not_make_the_browser_tell_its_moves() -> None:
    w = pv.PoolExplorer(10, 3)
    w.image()
    w.words()

    assert not w.position_is_watched


def test_every_image_follows_and_a_complaint_leaves_it() -> None:
    w = pv.PoolExplorer(10, 3)
    one, other = w.image(), w.image()
    before = one.value
    ask(w, kernel_size=["x", "x"])
    assert one.value == other.value == before
    one.close()
    w.layer = pv.Pool(4)

    assert other.value != before
