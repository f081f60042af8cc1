"""The JavaScript and CSS of a kind of widget, sent to the browser once per kernel.

Every widget instance carries a small loader as its module. The code itself is in a widget without
a view, which all instances of a kind refer to, as they refer to a `Layout`.
"""

from __future__ import annotations

import json
import zlib
from functools import cache
from hashlib import sha256

import ipywidgets
import traitlets

from poolviz.widgets.base.bundle import styles, widget_module


class SharedCode(ipywidgets.Widget):
    """Deflated code, and its digest, by which a page recognises code that it has loaded."""

    packed = traitlets.Bytes().tag(sync=True)
    digest = traitlets.Unicode().tag(sync=True)


_held: dict[str, SharedCode] = {}


def shared_code(entry: str) -> SharedCode:
    """Return the code of the widgets with this entry file; a new one if it has been closed."""
    held = _held.get(entry)
    if held is None or held.comm is None:
        packed = _packed(entry)
        held = _held[entry] = SharedCode(packed=packed, digest=sha256(packed).hexdigest()[:16])
    return held


@cache
def _packed(entry: str) -> bytes:
    code = {"script": widget_module(entry), "styles": styles()}
    return zlib.compress(json.dumps(code, ensure_ascii=False).encode(), 9)
