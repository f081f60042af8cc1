"""Texts as HTML; every text is escaped here."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from html import escape as escape
from typing import TypeVar

from poolviz.i18n.catalogue import ENGLISH, say

Shown = TypeVar("Shown", bound=type)
LEAST_WIDE = 560  # pixels; a wider picture would be unreadable if scaled down to a phone


def shown_by_its_text(kind: Shown) -> Shown:
    """Make a dataclass one that hosts show by its text, as any other object.

    Streamlit 1.67 shows the documentation of a dataclass in place of its text or HTML. Functions of
    `dataclasses`, such as `replace`, do not take such an object.
    """
    del kind.__dataclass_fields__  # type: ignore[attr-defined]
    return kind


def paragraph(text: str) -> str:
    """Return a text as a paragraph.

    >>> paragraph("3 < 5")
    '<p>3 &lt; 5</p>'
    """
    return f"<p>{escape(text)}</p>"


def bullets(texts: Iterable[str]) -> str:
    """Return texts as a list; "" for none."""
    items = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f"<ul>{items}</ul>" if items else ""


def fix_list(title: str, fixes: Iterable[tuple[str, str]]) -> str:
    """Return fixes, each with its line of code or "", as a list below a title; "" for none."""
    items = "".join(
        f"<li>{escape(text)}{f' <code>{escape(code)}</code>' if code else ''}</li>"
        for text, code in fixes
    )
    return f"{paragraph(title)}<ul>{items}</ul>" if items else ""


def quoted(title: str, text: str) -> str:
    """Return a text verbatim below a title; "" for an empty text."""
    return f"{paragraph(title)}<pre>{escape(text)}</pre>" if text else ""


def marked_up(text: str) -> str:
    """Return a text with the parts between backticks as code.

    >>> marked_up("`x < 1`")
    '<code>x &lt; 1</code>'
    """
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(text))


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return texts as a table; the first cell of each row is its heading."""
    titles = "".join(f'<th scope="col">{escape(title)}</th>' for title in head)
    full = ([*row, *[""] * (len(head) - len(row))] for row in rows)
    lines = "".join(
        f'<tr><th scope="row">{escape(first)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
        for first, *cells in full
    )
    return _scrolled(
        caption,
        f"<table><caption>{escape(caption)}</caption>"
        f"<thead><tr>{titles}</tr></thead><tbody>{lines}</tbody></table>",
    )


def picture(png: bytes, alt: str) -> str:
    """Return a PNG picture with its alt text; on a narrow screen a wide one can be scrolled."""
    width = int.from_bytes(png[16:20], "big")  # of the header, which comes first
    attributes = ' class="pv-wide"' if width > LEAST_WIDE else ""
    return _scrolled(say("browser.picture"), image(png, alt, attributes))


def image(png: bytes, alt: str, attributes: str = "") -> str:
    """Return the tag of a PNG picture; `attributes` are HTML, with a space in front."""
    encoded = base64.b64encode(png).decode()
    return f'<img{attributes} alt="{escape(alt)}" src="data:image/png;base64,{encoded}">'


def _scrolled(label: str, content: str) -> str:
    """Let wide content scroll by itself, also with the keyboard."""
    name = escape(label)
    return f'<div class="pv-scroll" tabindex="0" role="group" aria-label="{name}">{content}</div>'


def lang(language: str) -> str:
    """Return the attribute that names a language; "" for English, which is the default.

    >>> lang("de"), lang("en")
    (' lang="de"', '')
    """
    return "" if language == ENGLISH else f' lang="{language}"'
