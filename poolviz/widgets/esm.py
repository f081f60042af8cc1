"""The browser's half of the widgets: plain script files, put together to one ES module each.

No build step, and nothing that a front end would have to fetch.
"""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent / "browser"
_STYLES = ("viewer.css", "stack.css", "card.css")
_SHARED = ("speech.js", "elements.js", "asking.js", "screen.js")


def module(*names: str) -> str:
    """The named files as one module; the last one exports `render`.

    >>> module("controls.js", "stage.js", "words.js", "viewer.js").count("export default")
    1
    """
    return "\n".join(_read(name) for name in (*_SHARED, *names))


def styles() -> str:
    """The style sheet that all widgets share."""
    return "\n".join(_read(name) for name in _STYLES)


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
