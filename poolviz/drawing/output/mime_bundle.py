"""What a notebook stores of a picture: PNG, the same as HTML with alt text, and a sentence."""

from __future__ import annotations

import base64
from html import escape

from poolviz.i18n.catalogue import ENGLISH


def mime_bundle(png: bytes, alt: str, text: str, language: str = ENGLISH) -> dict[str, str]:
    """Readable everywhere: with or without a kernel, trusted or not, seen or read aloud.

    The alt text is in the HTML because viewers ignore it in the metadata of an image.
    """
    encoded = base64.b64encode(png).decode()
    source = f"data:image/png;base64,{encoded}"
    return {
        "text/plain": text,
        "text/html": f'<img{said_in(language)} alt="{escape(alt)}" src="{source}">',
        "image/png": encoded,
    }


def said_in(language: str) -> str:
    """The attribute of a tag that names a language where it is not that of the code around it.

    >>> said_in("de"), said_in("en")
    (' lang="de"', '')
    """
    return "" if language == ENGLISH else f' lang="{language}"'
