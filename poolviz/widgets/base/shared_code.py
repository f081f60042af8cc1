"""The JavaScript, CSS and texts of a kind of widget, sent to the browser once per kernel.

Every widget instance carries a small loader as its module. The code itself is in a widget without
a view, which all instances of a kind refer to, as they refer to a `Layout`.
"""

from __future__ import annotations

import json
import zlib
from functools import lru_cache
from hashlib import sha256

import ipywidgets
import traitlets

from poolviz.browser.bundle import loader, styles, widget_module
from poolviz.drawing.output.scene_json import paint_data
from poolviz.widgets.base.language import browser_texts


class SharedCode(ipywidgets.Widget):
    """Deflated code, and its digest, by which a page recognises code that it has loaded."""

    packed = traitlets.Bytes().tag(sync=True)
    digest = traitlets.Unicode()  # each instance sends it


_held: dict[tuple[str, str], SharedCode] = {}


def shared_code(entry: str, language: str) -> SharedCode:
    """Return the code of the widgets with this entry file; a new one if it has been closed."""
    held = _held.get((entry, language))
    # `Widget.close_all()` closes this one as well, and a closed model cannot be found.
    if held is None or held.comm is None:
        packed = _packed(entry, language)
        held = SharedCode(packed=packed, digest=_digest(packed))
        _held[entry, language] = held
    return held


def _digest(packed: bytes) -> str:
    """Identify the code together with the loader, which may be another one on the same page."""
    return sha256(loader().encode() + packed).hexdigest()[:16]


@lru_cache(maxsize=16)
def _packed(entry: str, language: str) -> bytes:
    script = widget_module(entry)
    code = {
        "script": script,
        "styles": styles(),
        "texts": browser_texts(language),
        **({"paint": paint_data()} if "browser_painter" in script else {}),
    }
    return zlib.compress(json.dumps(code, ensure_ascii=False).encode(), 9)
