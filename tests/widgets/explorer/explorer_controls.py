"""The controls of a PoolExplorer, moved as viewer.js moves them: by `set_state`."""

from __future__ import annotations

import copy
import io
import itertools
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

import poolviz as pv

HOSTILE = "<img src=x onerror=alert(1)>\"'></script>"


_serial = itertools.count(1)


# --- pressing controls ---------------------------------------------------------------------------


def tell(w: pv.PoolExplorer, asked: Any) -> None:
    """Sends one message as `send` of requests.js does."""
    w.set_state({"asked": {**asked, "n": next(_serial)}})


def settings_of(w: pv.PoolExplorer) -> dict[str, Any]:
    """The controls as they stand, as the browser has them: through JSON."""
    settings: dict[str, Any] = json.loads(json.dumps(w.state["settings"]))
    return settings


def ask(w: pv.PoolExplorer, **changes: Any) -> None:
    """Moves controls: all settings travel, some of them changed."""
    tell(w, {"settings": {**settings_of(w), **changes}})


def act(w: pv.PoolExplorer, name: Any, value: Any) -> None:
    """Presses a fix button, or picks an example or a number of axes."""
    tell(w, {"action": {"name": name, "value": value}})


def numbers(told: Any) -> Any:
    """Numbers that a control sends; those beyond JavaScript may be sent as digits."""
    return [numbers(entry) for entry in told] if isinstance(told, list) else int(told)


def shown(w: pv.PoolExplorer) -> dict[str, Any]:
    """Return all that a user sees, except the error and the number of the message."""
    seen = {name: w.state[name] for name in w.state if name not in ("problem", "seq", "answers")}
    return {**copy.deepcopy(seen), "picture": w.picture, "repr": repr(w), "spec": w.spec}


def pixels(picture: bytes) -> Any:
    """A PNG as rows × columns × RGB."""
    return np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"))


class Sent(list[dict[str, Any]]):
    """What a widget sent to the browser, message by message: method and state."""

    @property
    def updates(self) -> list[dict[str, Any]]:
        """The states that change what is shown; ipywidgets' echoes do not."""
        return [message["state"] for message in self if message["method"] == "update"]


def listen(w: pv.PoolExplorer, monkeypatch: pytest.MonkeyPatch) -> Sent:
    """Records what `w` sends from now on."""
    sent = Sent()

    def publish(kind: str, data: Any = None, *_: Any, buffers: Any = None, **__: Any) -> None:
        if kind != "comm_msg":
            return
        apart = zip(data.get("buffer_paths", ()), buffers or (), strict=True)
        state = {**data.get("state", {}), **{path[0]: buffer for path, buffer in apart}}
        sent.append({"method": data["method"], "state": state})

    monkeypatch.setattr(w.comm, "publish_msg", publish, raising=False)
    return sent


# --- wrong input ---------------------------------------------------------------------------------


# --- fixes ---------------------------------------------------------------------------------------


BROKEN = [
    (pv.Pool(15), (10, 10)),
    (pv.Pool(15, framework="keras"), (10, 10)),
    (pv.Pool(2, framework="tensorflow"), (1, 28)),
    (pv.Pool((5, 3), stride=2), (4, 6)),
    (pv.Pool(3, dilation=4), (7, 7)),
    (pv.Pool(3, padding=2), (7, 7)),
    (pv.Pool(3, padding=2, dilation=5), (7, 7)),
    (pv.Pool(2, padding=1, framework="keras"), (6, 6)),
    (pv.Pool(3, dilation=2, framework="keras"), (6, 6)),
    (pv.Pool(3, ceil_mode=True, framework="keras"), (6, 6)),
    (pv.Pool(3, padding="same"), (6, 6)),
    (pv.Pool(3, padding=((0, 1), (0, 1))), (6, 6)),
    (pv.Pool(4, 4, framework="jax"), (3, 8)),
    (pv.Pool(4, 4, framework="onnxruntime"), (3, 8)),
    (pv.Pool(4, 2, framework="onnxruntime"), (3, 8)),
    (pv.Pool(3, padding=3, framework="onnxruntime"), (8, 8)),
    (pv.Pool(3, op="avg", dilation=2), (8, 8)),
    (pv.Pool(3, op="avg", padding=2), (8, 8)),
    (pv.Pool((9,)), (4,)),
    (pv.Pool((3, 3, 3)), (1, 8, 8)),
    (pv.Pool((3, 3, 3), padding=(2, 0, 0)), (1, 8, 8)),
    (pv.Pool(3), (0, 5)),
    (pv.Pool(10**9), (10, 10)),
]


# --- geometry ------------------------------------------------------------------------------------


DRAWN = [
    (pv.Pool(3), (10, 10)),
    (pv.Pool(3, stride=5), (10, 10)),
    (pv.Pool((2, 3), stride=(1, 2), padding=1), (5, 8)),
    (pv.Pool(3, stride=2, padding="same", framework="keras"), (10, 11)),
    (pv.Pool(3, stride=2, padding="same_lower", framework="jax"), (10, 11)),
    (pv.Pool(3, stride=1, padding=((0, 2), (1, 0)), framework="tensorflow"), (6, 6)),
    (pv.Pool(3, stride=2, dilation=2), (9, 10)),
    (pv.Pool(3, stride=2, ceil_mode=True), (10, 12)),
    (pv.Pool(2, padding=1, ceil_mode=True), (5, 5)),
    (pv.Pool(4, 4, framework="onnxruntime"), (3, 8)),
    (pv.Pool(3, padding=1, op="avg"), (7, 7)),
    (pv.Pool(3, padding=1, op="avg", count_include_pad=False), (7, 7)),
    (pv.Pool((3,), stride=2, padding=1), (12,)),
    (pv.Pool((3,), op="avg"), (12,)),
    (pv.Pool((2, 3, 3), stride=2), (4, 7, 7)),
    (pv.Pool((2, 2, 2), op="avg", dilation=1), (4, 4, 6)),
]


# --- in words, and without a browser -------------------------------------------------------------


def bundle_of(w: pv.PoolExplorer) -> dict[str, Any]:
    data, _ = w._repr_mimebundle_()
    return dict(data)
