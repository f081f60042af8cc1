"""Self-contained HTML files with a content security policy for their own content only."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from poolviz.i18n.catalogue import language as spoken
from poolviz.i18n.html import escape

_FOLDER = Path(__file__).parent
STYLE = "\n".join(
    (_FOLDER / name).read_text(encoding="utf-8") for name in ("theme.css", "page.css")
)
TEMPLATE = (_FOLDER / "page.html").read_text(encoding="utf-8")


def html_page(
    title: str,
    body: str,
    *,
    language: str | None = None,
    styles: Sequence[str] = (),
    script: str = "",
    stored: str = "",
) -> bytes:
    """Return the file of a page, in the current language unless another is named.

    `body` is HTML already, `script` a module, `stored` text that it reads.

    The policy lets no address be reached and nothing run that is not part of this text; a server
    may send the same one as a header.
    """
    style = "\n".join((STYLE, *styles))
    data = f'<script type="text/plain" id="pv-stored">{stored}</script>\n' if stored else ""
    module = f'<script type="module">{script}</script>\n' if script else ""
    page = TEMPLATE.format(
        language=escape(language or spoken()),
        policy=policy(style, script),
        title=escape(title),
        style=style,
        body=body,
        scripts=data + module,
    )
    return page.encode(errors="replace")  # half a pair of surrogates is not text


def policy(style: str, script: str = "") -> str:
    """Return the content security policy of a page with these two and no other.

    >>> policy("", "")
    "default-src 'none'; style-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; \
img-src data: blob:; base-uri 'none'; form-action 'none'"
    """
    runs = f"script-src {_hash(script)}; " if script else ""
    return (
        f"default-src 'none'; {runs}style-src {_hash(style)}; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


# What XML 1.0 excludes, also as an escape.
_NOT_FOR_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def for_xml(text: str) -> str:
    """Return a text for XML; what XML has no place for becomes a replacement sign.

    >>> for_xml("<a>") + str(len(for_xml(chr(0))))
    '&lt;a&gt;1'
    """
    return escape(without_controls(text))


def without_controls(text: str) -> str:
    """Return a text with a replacement sign for each character that XML has no place for."""
    return _NOT_FOR_XML.sub("\ufffd", text)
