"""The output that a notebook stores: a PNG, the PNG as HTML with alt text, and plain text."""

from __future__ import annotations

import base64

from poolviz.i18n.catalogue import ENGLISH
from poolviz.i18n.html import image, lang


def mime_bundle(png: bytes, alt: str, text: str, language: str = ENGLISH) -> dict[str, str]:
    """Readable everywhere: with or without a kernel, trusted or not, seen or read aloud.

    The alt text is in the HTML because viewers ignore it in the metadata of an image.
    """
    return {
        "text/plain": text,
        "text/html": image(png, alt, lang(language)),
        "image/png": base64.b64encode(png).decode(),
    }
