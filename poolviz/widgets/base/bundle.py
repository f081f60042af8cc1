"""The browser's half of the widgets: plain script files, put together to one ES module each.

No build step, and nothing that a front end would have to fetch.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_FOLDER = Path(__file__).parents[1]
_STYLES = ("explorer/viewer.css", "stack/stack.css", "exercise/card.css")
_SHARED = ("base/speech.js", "base/elements.js", "base/requests.js", "base/screen.js")
_PAGE = ("page/painter.js", "page/offline_model.js", "page/offline_cards.js", "page/page.js")
_EXPORT = "export default { render };"


def module(*names: str) -> str:
    """The named files as one module; the last one exports `render`.

    >>> module("explorer/words.js", "explorer/viewer.js").count("export default")
    1
    """
    return _joined((*_SHARED, *names))


def page_module(modules: Mapping[str, str]) -> str:
    """One module for a page without a kernel: name → module of each kind of widget on it.

    The parts that all modules have stand once, the rest of each in a scope of its own.

    >>> page_module({"chart": module("size_map/map.js")}).count("function pictureFrame")
    1
    """
    shared = _joined(_SHARED)
    scopes = ",\n".join(
        f"{name}: (() => {{{text.removeprefix(shared).replace(_EXPORT, 'return { render };')}}})()"
        for name, text in modules.items()
    )
    return f"{shared}\n{_joined(_PAGE)}\nopenPage({{\n{scopes}\n}});\n"


def styles() -> str:
    """The style sheet that all widgets share."""
    return _joined(_STYLES)


def page_styles() -> str:
    """What a page without a kernel adds to it."""
    return _joined(("page/page.css",))


def _joined(names: tuple[str, ...]) -> str:
    return "\n".join(_read(name) for name in names)


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
