"""Joins the JavaScript files of a widget to one ES module.

The files import each other by relative paths. A bundle holds each file once, in a separate
function, in the order of the imports. There is no build step.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath
from posixpath import normpath

_PACKAGE = Path(__file__).parents[1]
_STYLES = (
    "drawing/output/theme.css",
    "browser/widgets.css",
    "widgets/explorer/viewer.css",
    "widgets/stack/stack.css",
    "widgets/exercise/card.css",
)
PAGE = "browser/page.js"
_IMPORT = re.compile(r"^import \{([\w\s,]+)\} from \"(\.[^\"]+\.js)\";\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:const|class|(?:async )?function) (\w+))", re.MULTILINE)
_LEFT = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)  # forms that these two do not rewrite
# Comments and indentation. The tests compare what is left with the source, token by token.
_TRIVIA = re.compile(
    r"^\s*(?:(?:/\*(?:(?!\*/)[\s\S])*\*/[ \t]*$|//.*)\s*)*"
    r"|/\*\* @type [^*\n]*\*/ ?"
    r"|(?<=[;,({]) // .*",
    re.MULTILINE,
)


@lru_cache(maxsize=8)
def widget_module(entry: str) -> str:
    """Return the module of a widget for anywidget; `entry` exports `render`.

    >>> widget_module("widgets/explorer/viewer.js").splitlines()[-1]
    'export default widgets_explorer_viewer;'
    """
    return f"{_joined(entry)}export default {_name(entry)};\n"


def page_module(entries: Mapping[str, str], *, reports: bool = False) -> str:
    """Return the module of a page without a kernel: kind of view → file that exports `render`.

    Only if it `reports` does it look for a learning platform in the windows around it.

    >>> page_module({"chart": "widgets/size_map/map.js"}).splitlines()[-1]
    'browser_page.openPage({ chart: widgets_size_map_map });'
    """
    scorm = ["browser/scorm.js"] if reports else []
    report = f", {_name(scorm[0])}.reportTo" if scorm else ""
    joined, kinds = _joined_page(entries, *scorm)
    return f"{joined}{_name(PAGE)}.openPage({kinds}{report});\n"


def embedded_module(entries: Mapping[str, str], stored: str) -> str:
    """Return a module for the hosts of anywidget that needs no kernel; `stored` is what it shows.

    >>> embedded_module({"chart": "widgets/size_map/map.js"}, "eNqr").splitlines()[-1][:68]
    'export default browser_page.embedded({ chart: widgets_size_map_map }'
    """
    joined, kinds = _joined_page(entries)
    texts = ", ".join(map(json.dumps, (stored, f"{styles()}\n{page_styles()}")))
    return f"{joined}export default {_name(PAGE)}.embedded({kinds}, {texts});\n"


def _joined_page(entries: Mapping[str, str], *more: str) -> tuple[str, str]:
    """Return the code of a page and the object that names its modules."""
    kinds = ", ".join(f"{kind}: {_name(entry)}" for kind, entry in entries.items())
    return _joined(PAGE, *more, *entries.values()), f"{{ {kinds} }}"


def loader() -> str:
    """Return the module of every widget instance, which loads the shared code."""
    return stripped(_read("browser/loader.js"))


def composition() -> str:
    """Return the module of a widget that is made of others."""
    return stripped(_read("browser/composition.js"))


def styles() -> str:
    """Return the style sheet that all widgets share."""
    return "\n".join(map(_read, _STYLES))


def page_styles() -> str:
    """Return the additional style sheet of a page without a kernel."""
    return _read("browser/page.css")


def _joined(*entries: str) -> str:
    done: dict[str, str] = {}
    for entry in entries:
        _add(entry, done, ())
    return "".join(done.values())


def _add(path: str, done: dict[str, str], importers: tuple[str, ...]) -> None:
    """Add a file after the files that it imports."""
    if path in importers:
        raise ImportError(f"files import each other: {' → '.join((*importers, path))}")
    if path in done:
        return
    source = _read(path)
    for _, target in _IMPORT.findall(source):
        _add(_resolved(path, target), done, (*importers, path))
    done[path] = _in_a_scope(path, source)


def _in_a_scope(path: str, source: str) -> str:
    """Return a file as a function whose result are its exports."""

    def bound(match: re.Match[str]) -> str:
        names = " ".join(match[1].split()).removesuffix(",")
        return f"const {{ {names} }} = {_name(_resolved(path, match[2]))};\n"

    exports = ", ".join(_EXPORT.findall(source))
    body = _EXPORT.sub("", _IMPORT.sub(bound, source))
    if left := _LEFT.search(body):
        raise ImportError(f"{path}: cannot bundle {left[0]!r}")
    return f"const {_name(path)} = (() => {{\n{stripped(body)}return {{ {exports} }};\n}})();\n"


def stripped(source: str) -> str:
    """Return a file without indentation and without most of its comments."""
    return _TRIVIA.sub("", source)


def _resolved(importer: str, target: str) -> str:
    return normpath(f"{PurePosixPath(importer).parent}/{target}")


def _name(path: str) -> str:
    return path.removesuffix(".js").replace("/", "_")


@lru_cache(maxsize=64)
def _read(path: str) -> str:
    return (_PACKAGE / path).read_text(encoding="utf-8")
