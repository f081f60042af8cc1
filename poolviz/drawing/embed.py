"""What a notebook stores of a picture: PNG, the same as HTML with alt text, and a sentence."""

from __future__ import annotations

import base64
from html import escape

from poolviz.texts.language import ENGLISH


def mime_bundle(png: bytes, alt: str, text: str, language: str = ENGLISH) -> dict[str, str]:
    """Readable everywhere: with or without a kernel, trusted or not, seen or read aloud.

    The alt text is in the HTML because viewers ignore it in the metadata of an image. Its language
    is said where it is not that of the code around it.
    """
    spoken = "" if language == ENGLISH else f' lang="{language}"'
    encoded = base64.b64encode(png).decode()
    return {
        "text/plain": text,
        "text/html": f'<img{spoken} alt="{escape(alt)}" src="data:image/png;base64,{encoded}">',
        "image/png": encoded,
    }
