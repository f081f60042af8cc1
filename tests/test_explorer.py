"""PoolExplorer without a browser: controls are moved as viewer.js moves them, by `set_state`."""

from __future__ import annotations

import copy
import gc
import io
import itertools
import logging
import random
import tracemalloc
from collections.abc import Iterator
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import comm
import ipywidgets
import numpy as np
import pytest
import traitlets
from matplotlib.figure import Figure
from PIL import Image

import poolviz as pv
from poolviz.diagnosis.examples import EXAMPLES
from poolviz.drawing.numerals import format_value
from poolviz.drawing.parts import View
from poolviz.drawing.scene import build_scene
from poolviz.drawing.theme import THEMES
from poolviz.widgets import explorer as explorer_module

Settings = dict[str, Any]

VIEWER = Path(explorer_module.__file__).with_name("viewer.js")
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
_serial = itertools.count(1)


# --- pressing controls ---------------------------------------------------------------------------


def tell(w: pv.PoolExplorer, asked: dict[str, Any]) -> None:
    """Sends one message as `controlPanel.send` of viewer.js does."""
    w.set_state({"asked": {**asked, "n": next(_serial)}})


def ask(w: pv.PoolExplorer, **changes: Any) -> None:
    """Moves controls: all settings travel, some of them changed."""
    tell(w, {"settings": {**copy.deepcopy(w.state["settings"]), **changes}})


def act(w: pv.PoolExplorer, name: str, value: Any) -> None:
    """Presses a fix button, or picks an example or a number of axes."""
    tell(w, {"action": {"name": name, "value": value}})


def problem(w: pv.PoolExplorer) -> str:
    text: str = w.state["problem"]
    return text


def shown(w: pv.PoolExplorer) -> dict[str, Any]:
    """All that a reader sees, but the complaint and the number of the message."""
    state = {name: w.state[name] for name in w.state if name not in ("problem", "seq", "answers")}
    return {**state, "picture": w.picture, "repr": repr(w)}


def pixels(picture: bytes) -> Any:
    return np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"))


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Widgets live until they are closed: no test leaves its own behind."""
    before = set(ipywidgets.Widget._instances if hasattr(ipywidgets.Widget, "_instances") else ())
    yield
    for model_id, widget in list(_instances().items()):
        if model_id not in before and isinstance(widget, pv.PoolExplorer):
            widget.close()


def _instances() -> dict[str, Any]:
    from ipywidgets.widgets import widget

    return widget._instances


class Sent(list[dict[str, Any]]):
    """What a widget sent to the browser, message by message: names and values."""

    @property
    def updates(self) -> list[dict[str, Any]]:
        """The messages that change what is shown; ipywidgets' own echoes do not."""
        return [data for data in self if data["method"] == "update"]


def listen(w: pv.PoolExplorer, monkeypatch: pytest.MonkeyPatch) -> Sent:
    """Records what `w` sends from now on."""
    sent = Sent()

    def publish(kind: str, data: Any = None, *args: Any, buffers: Any = None, **more: Any) -> None:
        paths = [path[0] for path in data.get("buffer_paths", ())]
        state = {**data.get("state", {}), **dict(zip(paths, buffers or (), strict=True))}
        sent.append({"method": data["method"], "state": state})

    monkeypatch.setattr(w.comm, "publish_msg", publish, raising=False)
    return sent
