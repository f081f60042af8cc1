"""Plain text as HTML: the few elements that static outputs need; arguments are escaped here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def paragraph(text: str) -> str:
    """Return one paragraph.

    >>> paragraph("3 < 5")
    '<p>3 &lt; 5</p>'
    """
    return f"<p>{escape(text)}</p>"


def bullets(texts: Iterable[str]) -> str:
    """Return a bullet list; "" for no texts.

    >>> bullets(["a", "b"])
    '<ul><li>a</li><li>b</li></ul>'
    """
    return _list(map(escape, texts))


def suggestions(title: str, items: Iterable[tuple[str, str]]) -> str:
    """Return a titled list of (text, line of code); "" for no items. The code may be ""."""
    found = _list(
        escape(text) + (f" <code>{escape(code)}</code>" if code else "") for text, code in items
    )
    return found and paragraph(title) + found


def _list(items: Iterable[str]) -> str:
    found = "".join(f"<li>{item}</li>" for item in items)
    return f"<ul>{found}</ul>" if found else ""


def quoted(title: str, text: str) -> str:
    """Return a titled text with its line breaks; "" for an empty text."""
    return f"{paragraph(title)}<pre>{escape(text)}</pre>" if text else ""


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table whose first column holds row headers; short rows are filled up."""
    titles = "".join(f'<th scope="col">{escape(title)}</th>' for title in head)
    full = ([*row, *[""] * (len(head) - len(row))] for row in rows)
    lines = "".join(
        f'<tr><th scope="row">{escape(first)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
        for first, *cells in full
    )
    return scrollable(
        caption,
        f"<table><caption>{escape(caption)}</caption>"
        f"<thead><tr>{titles}</tr></thead><tbody>{lines}</tbody></table>",
    )


def scrollable(label: str, content: str) -> str:
    """Return HTML `content` in a labelled box that scrolls sideways, also by keyboard."""
    name = escape(label)
    return f'<div class="pv-scroll" tabindex="0" role="group" aria-label="{name}">{content}</div>'


def for_xml(text: str) -> str:
    """Escape a text for XML; characters that XML forbids become U+FFFD.

    >>> for_xml("<a>") + str(len(for_xml(chr(0))))
    '&lt;a&gt;1'
    """
    return escape(_NOT_IN_XML.sub("\ufffd", text))
