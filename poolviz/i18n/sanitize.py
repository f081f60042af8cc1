"""Texts of unknown origin: make them safe to store, to send and to print in a terminal."""

from __future__ import annotations

import re

# Control characters, and those that change the direction of a line: a terminal interprets them.
_ORDERS = "[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"


def writable(text: str) -> str:
    """Return `text` with "?" for a lone surrogate, which cannot be written to a notebook.

    >>> writable("pool\\udcd2")
    'pool?'
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text


def in_one_line(text: str) -> str:
    """Return `text` with the terminal's control characters escaped, as in a file name.

    >>> print(in_one_line("lesson\\x1b[31m\\n.ipynb"))
    lesson\\x1b[31m\\n.ipynb
    """
    return re.sub(_ORDERS, lambda found: found[0].encode("unicode_escape").decode(), text)


def in_lines(text: str) -> str:
    """Return a message with control characters escaped, except for line breaks."""
    return "\n".join(map(in_one_line, text.split("\n")))
